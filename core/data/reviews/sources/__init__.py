"""Sources of reviews, a file or a folder each; `base` defines the protocol."""
