"""The answers on a task page, and what belongs to them."""
