"""Delimited texts, whatever their separator, quoting and preamble -> tables. In reading order:

dialect    what may be known of a text beforehand
text       a text: how it is written, its header, and its records one by one
rewriting  a text that Arrow cannot read as it is written -> one that it can
detection  preamble, separator and header, from the beginning of a text
quoting    what its quotation marks mean, from the whole text
options    how Arrow is to read it
reading    a text -> a table
faults     the first faulty line of one that cannot be read
"""
