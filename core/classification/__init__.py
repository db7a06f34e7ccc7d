"""Labelled reviews -> a classifier that reads factors, its probabilities, and its grades."""
