"""`zoo verify`: check that models still give their golden answers, on every engine and surface."""
