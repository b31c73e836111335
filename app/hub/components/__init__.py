"""Web components, one folder each, and the files that they share."""
