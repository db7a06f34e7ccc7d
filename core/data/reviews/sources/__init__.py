"""Sources of reviews: a file or a folder each; `base` holds the protocol."""
