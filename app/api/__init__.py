"""REST, under /api/."""
