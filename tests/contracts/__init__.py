"""Contracts of sources of reviews, fitting methods and readers of labels, from which their tests inherit.

A subclass named Test… defines the fixtures or attributes that its contract lists; pytest runs the inherited
tests.
"""
