"""The verb that reads texts: predict."""

import argparse
from pathlib import Path
from typing import Any

from core.cli.verb import Document, Verb
from core.errors import BadInput
from core.formatting import counted
from core.progress import Lines
from core.results.caveats import expected_line
from core.store import Store


def add_reading_verb(verb: Verb) -> None:
    """Add the verb that reads texts."""
    predict = verb("predict", _predict, _say_predicted, "read factors from a text with a run's classifier")
    predict.add_argument("--run", dest="run_folder", required=True, metavar="DIR", help="folder of a run")
    what = predict.add_mutually_exclusive_group(required=True)
    what.add_argument("--text", help="the review")
    what.add_argument(
        "--file",
        metavar="PATH",
        help="reviews of one film: a text with one a line, or CSV, TSV, JSONL or Parquet with a column review",
    )
    predict.add_argument("--film", metavar="TITLE", help="of a table, the film whose reviews are read")
    what.add_argument(
        "--critics",
        metavar="TITLE",
        help="a film in the cinemas of 2002: what its critics wrote, fetched if need be",
    )


def _predict(options: argparse.Namespace, store: Store) -> Document:
    from core.data.reviews.sources.critics.source import Critics
    from core.inference.predict import read_run
    from core.inference.texts import read_texts

    if options.film is not None and options.file is None:
        raise BadInput("--film picks a film of a --file; give one, or leave --film out")
    films = 1
    if options.critics is not None:
        texts = Critics.open(store, Lines()).of(options.critics)
    elif options.text is not None:
        texts = [options.text]
    else:
        texts, films = read_texts(Path(options.file), options.film)
    found = read_run(Path(options.run_folder), texts)
    if films > 1:
        found["film"]["thin"].insert(
            0,
            f"The file names {films:,} films; its reviews are read as if they were of one. --film picks one.",
        )
    return found


def _say_predicted(document: Document) -> str:
    lines, count = [], len(document["answers"])
    for number, answer in enumerate(document["answers"], 1):
        which = f"Review {number} of {count}: " if count > 1 else ""
        cut = " (the text is longer: only its beginning was read)" if answer["cut"] else ""
        lines.append(f"{which}{answer['words']} words, {answer['unknown_share']:.0%} unknown{cut}")
        lines += [
            f"  factor {row['factor']:>3}  {row['probability']:6.1%}   base rate {row['base_rate']:6.1%}   "
            f"{row['stability']}"
            for row in answer["factors"][:10]
        ]
    return "\n".join([*lines, *_say_place(document["film"])])


def _say_place(film: dict[str, Any]) -> list[str]:
    count, lines = film["reviews"], []
    if film["again"]:
        lines.append(f"{counted(film['again'], 'review')} repeat others; each counts once for the film")
    if film["left_out"]:
        lines.append(f"Left out, without words: {', '.join(map(str, film['left_out']))} (counted from 1)")
    if count > 1:
        lines.append(f"All {count} reviews together (mean probability, 95 % interval over reviews):")
        lines += [
            f"  factor {row['factor']:>3}  {row['probability']:6.1%}  ({row['low']:.1%} to {row['high']:.1%})   "
            f"base rate {row['base_rate']:6.1%}   predicted in {row['predicted']} of {count}"
            for row in film["reading"][:10]
        ]
    if "unmeasured" in film:
        return [
            *lines,
            f"Where a film of these reviews stands is not told: {film['unmeasured']}",
            *film["thin"],
        ]
    numbers = [("bias", film["bias"])] + [(f"factor {row['factor']}", row) for row in film["factors"][:10]]
    return [
        *lines,
        f"A film with {'this review' if count == 1 else f'these {count} reviews'} alone would stand here "
        "(95 % interval; told: share of the variance that reviews tell of rated films left out):",
        *(
            f"  {name:<10} {row['value']:+z6.2f}  ({row['low']:+z.2f} to {row['high']:+z.2f})  "
            f"told {row['told']:4.0%}"
            for name, row in numbers
        ),
        _say_expected(film["expected"]),
        "Nearest rated films by reviews: " + "; ".join(row["title"] for row in film["nearest"][:5]),
        *film["thin"],
    ]


def _say_expected(found: dict[str, Any]) -> str:
    if "unmeasured" in found:
        return f"The rating to expect is not told: {found['unmeasured']}"
    return f"Expected rating by the average user: {found['rating']:.1f}; {expected_line(found)}"
