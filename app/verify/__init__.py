"""`zoo verify`: check that models still give their expected answers, on every engine and surface."""
