"""`zoo verify`: whether models still give their golden answers, on every engine and surface."""
