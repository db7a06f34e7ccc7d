"""Ratings and films: found, read and checked once; later stages trust them."""
