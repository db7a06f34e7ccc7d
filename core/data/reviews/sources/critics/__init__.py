"""Critics of 2002, as a source of reviews."""
