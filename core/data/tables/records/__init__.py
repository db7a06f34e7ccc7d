"""Files of records, each with its own names -> tables. In reading order:

table       records of any kind -> a UserTable
nesting     a nested record -> flat columns
json_files  JSON: an object a line, an array, an object around one
loose       the Python literals of the older Amazon data
key_values  "key: value" lines, as SNAP has them
"""
