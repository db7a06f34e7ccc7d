"""Ratings and films: read and validated once; later stages trust them."""
