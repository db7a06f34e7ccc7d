"""Readers that the classifier is compared to."""
