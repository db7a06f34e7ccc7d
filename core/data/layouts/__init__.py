"""How files of ratings and reviews are laid out: known layouts as data, and roles of columns by name and content.

layout   what a known layout says
known    the known layouts; one more is a few lines here
aliases  names of columns, whatever the data set
roles    a table -> which of its columns has which meaning
"""
