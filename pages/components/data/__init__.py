"""Picking and checking ratings and reviews."""
