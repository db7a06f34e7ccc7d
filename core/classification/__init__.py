"""Labelled reviews -> a classifier of factors, its predictions, and how good they are (article, steps 8 to 13).

labels       reviews with their films' top factors, and which of them are held out
head         trains the classifier's head on the frozen encoder
classifier   trains encoder and head together, and writes the whole classifier
predictor    reads texts with a whole classifier
attribution  the words that moved a prediction
calibration  probabilities and thresholds by reviews held out
frequencies  predictions counted by film and factor
readers/     the classifier and its baselines, each trained on the films of other folds
evaluation/  how well predictions rank and how reliable they are, beside the baselines
"""
