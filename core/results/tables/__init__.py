"""A run -> its tables: factors, films, words, scores, runs side by side, and the files that hold them."""
