"""Data from outside: ratings and reviews, found, read and checked once."""
