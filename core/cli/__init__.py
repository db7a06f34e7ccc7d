"""The verbs of the command line: each takes the parsed options and the store, and gives a JSON document.

    verb     what a verb is made of
    data     fetch, sources, coverage, keep, correct
    runs     run, evaluate, train-language-model
    reading  predict

Beside each stands how its document is said for people. What a terminal has to do with it is left to `__main__`.
"""

from core.cli.data import add_data_verbs
from core.cli.predict import add_reading_verb
from core.cli.runs import add_run_verbs

__all__ = ["add_data_verbs", "add_reading_verb", "add_run_verbs"]
