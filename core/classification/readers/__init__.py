"""Readers of labels: the classifier and its baselines behind one protocol, and sentence vectors.

base              the protocol, and predictions for films that a reader was not trained on
heads             the classifier's head on the frozen encoder
counted_words     TF-IDF with logistic regression
sentence_vectors  texts as vectors by MiniLM, an extra, from which films are placed
"""
