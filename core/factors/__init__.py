"""Factors: trained, rotated, tested for stability, and read off as top factors and associations."""
