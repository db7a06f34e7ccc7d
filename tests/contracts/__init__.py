"""What every source of reviews, fitting method and reader of labels must satisfy; tests of one inherit from these.

A subclass named Test… gives the fixtures or attributes that its contract lists; pytest runs the inherited tests.
"""
