"""What the hub's pages are put together from: one noun a file, words and drawing only."""
