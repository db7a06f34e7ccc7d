"""The command line: `python -m core VERB [options] [--json]`, by typer.

    output    doing a verb's work and printing its document, as JSON or in words
    options   options that several verbs share, and those made from the settings
    runs      run, evaluate, train-language-model
    predict   predict
    data      fetch, sources, coverage, keep, correct
    app       all verbs, what a terminal has to do with them, and the exit status

A verb is a function whose parameters are its options, so it may have more than five; typer reads them from the
signature. Verbs import what they need when they run, since pandas and more take longer than a line of help may.
"""

from core.cli.app import main

__all__ = ["main"]
