"""The command line: `python -m core VERB [options] [--json]`, by typer.

    output    runs a verb and prints its document, as JSON or text
    options   options that several verbs share, and those derived from the settings
    runs      run, evaluate, describe, train-language-model
    predict   predict
    data      fetch, sources, coverage, keep, correct
    worker    worker
    app       all verbs, terminal output, and the exit status
    own_process  a process for the command, whose end is told in a sentence however it comes

A verb is a function whose parameters are its options, which typer reads from the signature; so it may have
more than five. Verbs import the heavy modules when they run, so that the help appears without the time to
import pandas.
"""

from core.cli.app import main

__all__ = ["main"]
