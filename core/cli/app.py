"""All verbs, terminal output, and the exit status.

With --json, standard output is one JSON document. Logs and progress go to standard error. The exit status is
0 on success, 2 with one line on an error that the user can fix, and 1 with one line on a bug.
"""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import typer

from core.cli import data, predict, runs
from core.cli.check import check
from core.cli.options import Json
from core.cli.worker import worker
from core.errors import BadSettings, Cancelled, UserError
from core.paths import cache_dir
from core.training.processes import launched
from core.training.processor import refuse_odd_threads

PROGRAM = "python -m core"
MANY_VALUES = "--exclude-factor"
"""The option that takes any number of values, which typer does not support."""
SHARED = "train-language-model"
"""The verb that several processes can do together."""

app = typer.Typer(
    help="What the factors of a recommender mean, by reviews of the films.",
    subcommand_metavar="VERB",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    # Help as wide as the terminal.
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 10_000},
)


@app.callback(invoke_without_command=True)
def no_verb(context: typer.Context) -> None:
    """Raise a usage error if no verb is given, BadSettings for odd threads, or several processes for one's work."""
    refuse_odd_threads()
    if context.invoked_subcommand is None:
        context.fail("a VERB is required")
    if context.invoked_subcommand != SHARED and launched().processes > 1:
        raise BadSettings(
            f"accelerate can launch {SHARED} alone; start {context.invoked_subcommand} by itself"
        )


def serve(as_json: Json = False) -> NoReturn:
    """Replace this process by the dashboard's server."""
    dashboard = Path(__file__).parents[2] / "app.py"
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(dashboard)])


for name, verb, text in (
    ("run", runs.run, "run the whole chain and write its files into a folder"),
    ("evaluate", runs.evaluate, "say how well a run's classifier reads held-out reviews"),
    ("describe", runs.describe, "say what each factor of a run means: name, verdict, films, words, genres"),
    (SHARED, runs.train_language_model, "fine-tune an encoder on reviews alone"),
    ("predict", predict.predict, "read factors from a text with a run's classifier"),
    ("fetch", data.fetch, "find or download data sets"),
    ("sources", data.sources, "show where each source of reviews stands, and the files that are kept"),
    ("check", check, "say what a run would read of a file of ratings or reviews, without running"),
    ("coverage", data.coverage, "say of which films a source has reviews, and why not of the others"),
    ("keep", data.keep, "keep a file whose columns have other names; prints the path that run takes"),
    ("correct", data.correct, "say which of IMDb's titles a film is, where it was found wrongly or not"),
    ("serve", serve, "open the dashboard"),
    ("worker", worker, "work for several machines: take runs from the queue of FACTORSCOPE_DATABASE"),
):
    app.command(name, help=text, short_help=text)(verb)
COMMAND = typer.main.get_command(app)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and return the exit status."""
    # A terminal that cannot show a character gets its escape, not an error.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    words = one_value_each(sys.argv[1:] if arguments is None else arguments)
    try:
        # Not typer's main, which ends the process with its own messages.
        with COMMAND.make_context(PROGRAM, words) as context:
            COMMAND.invoke(context)
    except typer.Exit as end:
        return end.exit_code
    except SystemExit as ended:
        # Of several processes another says what was wrong.
        return ended.code if isinstance(ended.code, int) else 1
    except typer.TyperException as error:
        verbs = [word for word in words[:1] if word in [each.name for each in app.registered_commands]]
        path = " ".join([PROGRAM, *verbs])
        message = error.format_message().replace("Value error, ", "").rstrip(".")
        return _fail(path, f"{message}; see {path} --help", 2)
    except UserError as error:
        return _fail("factorscope", str(error), 2)
    except (KeyboardInterrupt, Cancelled):
        return _fail(
            "factorscope", "stopped; what was finished is kept, the same command goes on from there", 2
        )
    except BrokenPipeError:
        # The reader of our output closed the pipe.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost boundary: one line to the user, the rest to a file
        log = cache_dir() / "error.log"
        try:
            log.write_text(traceback.format_exc(), encoding="utf-8")
        except OSError:
            return _fail("factorscope", f"a fault of ours: {type(error).__name__}: {error}", 1)
        return _fail("factorscope", f"a fault of ours: {type(error).__name__}; details in {log}", 1)
    return 0


def one_value_each(words: Sequence[str]) -> list[str]:
    """Return the arguments with MANY_VALUES repeated before each of its values.

    >>> one_value_each(["run", "--exclude-factor", "0", "3", "--out", "DIR"])
    ['run', '--exclude-factor', '0', '--exclude-factor', '3', '--out', 'DIR']
    """
    repeated: list[str] = []
    open_list = False
    for word in words:
        number = word.removeprefix("-").isdecimal()
        if open_list and number and repeated[-1] != MANY_VALUES:
            repeated.append(MANY_VALUES)
        repeated.append(word)
        open_list = word.startswith(MANY_VALUES) or (open_list and number)
    return repeated


def _fail(who: str, message: str, code: int) -> int:
    print(f"{who}: {' '.join(message.split())}", file=sys.stderr)
    return code
