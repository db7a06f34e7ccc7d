"""Texts with the places marked that speak of a factor or hold a word."""
