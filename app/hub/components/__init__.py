"""Web components, one folder each; what they share lies beside them."""
