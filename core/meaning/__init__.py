"""Films' reviews and weights -> what each factor goes with, in words, and a suggested name.

vocabulary       tokens of reviews -> the share of each film's reviews that hold each word
words            shares and weights -> words of both ends of each factor, with the bound of luck
suggested_names  words, genres and years -> a name for both ends
"""
