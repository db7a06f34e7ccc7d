"""How files of ratings and reviews are laid out: known layouts as data, and roles of columns by name and content.

layout           what a known layout says
known            the known layouts; one more is a few lines here
known_movielens  those of MovieLens and RecBole
recognition      a table -> its known layout
values           texts -> ratings, times, years
content          what the first rows say of a column
aliases          names of columns, whatever the data set
roles            a table -> which of its columns has which meaning
positions        the same without a header, by position
files            a file, folder or archive -> its table of ratings or reviews, and the tables of films beside it
"""
