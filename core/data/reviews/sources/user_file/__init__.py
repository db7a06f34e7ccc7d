"""The user's own file, as a source of reviews."""
