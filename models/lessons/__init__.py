"""The arithmetic of the lessons, in NumPy alone: what `app/hub/lessons/` shows."""
