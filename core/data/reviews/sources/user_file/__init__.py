"""A user's file as a source of reviews."""
