"""Command line: `python -m core VERB [options] [--json]`.

With --json, standard output is one JSON document. Logs and progress go to standard error. Exit 0 when
all went well, 2 with one line for what the user can mend, 1 with one line for a fault of ours.
"""

import argparse
import contextlib
import json
import os
import sys
import traceback
from pathlib import Path
from typing import Any, NoReturn

from core.child_process import end
from core.cli import add_data_verbs, add_reading_verb, add_run_verbs
from core.errors import Cancelled, UserError
from core.paths import cache_dir
from core.store import Store


class Parser(argparse.ArgumentParser):
    """Says what was wrong in one line, and where help is."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}; see {self.prog} --help", file=sys.stderr)
        raise SystemExit(2)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb and give the exit status."""
    options = _parser().parse_args(arguments)
    # A terminal that cannot show a letter gets its escape, not an error.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        # Libraries print to standard output as they like; it is kept for the document.
        with contextlib.redirect_stdout(sys.stderr):
            document = options.run(options, Store(cache_dir()))
        said = json.dumps(document, ensure_ascii=False, indent=2) if options.json else options.say(document)
        print(said, flush=True)
    except UserError as error:
        return _fail(str(error), 2)
    except (KeyboardInterrupt, Cancelled):
        return _fail("stopped; what was finished is kept, the same command goes on from there", 2)
    except BrokenPipeError:
        # Whoever read our output stopped reading; nothing more can be said to them.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost boundary: one line for people, the rest in a file
        log = cache_dir() / "error.log"
        try:
            log.write_text(traceback.format_exc(), encoding="utf-8")
        except OSError:
            return _fail(f"a fault of ours: {type(error).__name__}: {error}", 1)
        return _fail(f"a fault of ours: {type(error).__name__}; details in {log}", 1)
    return 0


def _fail(message: str, code: int) -> int:
    print(f"factorscope: {' '.join(message.split())}", file=sys.stderr)
    return code


def _serve(options: argparse.Namespace, store: Store) -> NoReturn:
    app = Path(__file__).parents[1] / "app.py"
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(app)])


def _parser() -> Parser:
    parser = Parser(
        prog="python -m core", description="What the factors of a recommender mean, by reviews of the films."
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB", parser_class=Parser)

    def verb(name: str, run: Any, say: Any, text: str) -> Parser:
        sub: Parser = verbs.add_parser(name, help=text, description=text)
        sub.set_defaults(run=run, say=say)
        sub.add_argument("--json", action="store_true", help="print one JSON document")
        return sub

    add_run_verbs(verb)
    add_reading_verb(verb)
    add_data_verbs(verb)
    verb("serve", _serve, None, "open the dashboard")
    return parser


if __name__ == "__main__":
    end(main())
