"""How good predictions of labels are, for films that the classifier was not trained on.

evaluate     ranking measures of the classifier beside its baselines, over all labels and a label at a time
measures     average precision and LRAP, for the films as they are and for bootstrap samples of them
reliability  whether a predicted probability of 30% comes true in 30 of 100 cases
"""
