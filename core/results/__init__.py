"""A finished run -> its record, tables, sentences and report."""
