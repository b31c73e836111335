"""`zoo sweep`: trains an entry with many settings and compares them on the validation set."""
