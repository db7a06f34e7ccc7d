"""The verb that reads texts: predict."""

from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.options import Json, RunFolder, exactly_one, option
from core.cli.output import Document, show_of_run
from core.errors import BadInput
from core.formatting import above_chance, counted
from core.paths import cache_dir
from core.progress import Lines
from core.store import Store

FILE = "reviews of one film: a text with one a line, or CSV, TSV, JSONL or Parquet with a column review"
CRITICS = "a film in the cinemas of 2002: what its critics wrote, fetched if need be"


def predict(
    context: typer.Context,
    run_folder: RunFolder,
    text: Annotated[str | None, option("--text", "TEXT", help="the review")] = None,
    file: Annotated[str | None, option("--file", "PATH", help=FILE)] = None,
    film: Annotated[
        str | None, option("--film", "TITLE", help="of a table, the film whose reviews are read")
    ] = None,
    critics: Annotated[str | None, option("--critics", "TITLE", help=CRITICS)] = None,
    as_json: Json = False,
) -> None:
    """Predict factors from texts with a run's classifier, and print them; one parameter per option."""
    exactly_one(context, text=text, file=file, critics=critics)
    if film is not None and file is None:
        raise BadInput("--film picks a film of a --file; give one, or leave --film out")

    def work() -> Document:
        from core.data.reviews.sources.critics.source import Critics
        from core.inference.predict import read_run
        from core.inference.texts import read_texts

        films = 1
        if critics is not None:
            texts = Critics.open(Store(cache_dir()), Lines()).of(critics)
        elif file is not None:
            texts, films = read_texts(Path(file), film)
        else:
            texts = [text or ""]
        document = read_run(Path(run_folder), texts)
        if films > 1:
            document["film"]["thin"].insert(
                0,
                f"The file names {films:,} films; its reviews are read as if they were of one. --film picks one.",
            )
        return document

    show_of_run(work, _prediction_lines, as_json)


def _prediction_lines(document: Document) -> str:
    lines, count = [], len(document["answers"])
    for number, answer in enumerate(document["answers"], 1):
        which = f"Review {number} of {count}: " if count > 1 else ""
        cut = " (the text is longer: only its beginning was read)" if answer["cut"] else ""
        lines.append(f"{which}{answer['words']} words, {answer['unknown_share']:.0%} unknown{cut}")
        lines += [
            f"  factor {row['factor']:>3}  {row['probability']:6.1%}   base rate {row['base_rate']:6.1%}   "
            + " · ".join(filter(None, (row["verdict"], row["name"])))
            for row in answer["factors"][:10]
        ]
    return "\n".join([*lines, *_place_lines(document["film"])])


def _place_lines(film: dict[str, Any]) -> list[str]:
    count, lines = film["reviews"], []
    if film["again"]:
        lines.append(f"{counted(film['again'], 'review')} repeat others; each counts once for the film")
    if film["left_out"]:
        lines.append(f"Left out, without words: {', '.join(map(str, film['left_out']))} (counted from 1)")
    if count > 1:
        lines.append(f"All {count} reviews together (mean probability, 95% interval over reviews):")
        lines += [
            f"  factor {row['factor']:>3}  {row['probability']:6.1%}  ({row['low']:.1%} to {row['high']:.1%})   "
            f"base rate {row['base_rate']:6.1%}   predicted in {row['predicted']} of {count}"
            for row in film["reading"][:10]
        ]
    if "unmeasured" in film:
        return [
            *lines,
            f"This run cannot say where a film of these reviews stands: {film['unmeasured']}",
            *film["thin"],
        ]
    of_reviews = "this review" if count == 1 else f"these {count} reviews"
    numbers = [("bias", film["bias"])] + [(f"factor {row['factor']}", row) for row in film["factors"][:10]]
    return [
        *lines,
        f"A film with {of_reviews} alone would stand here, with 95% intervals.",
        "Explained is the share of the variance that reviews explain, of rated films left out:",
        *(
            f"  {name:<10} {row['value']:+z6.2f}  ({row['low']:+z.2f} to {row['high']:+z.2f})  "
            f"explained: {above_chance(row['told'])}"
            for name, row in numbers
        ),
        _expected_line(film["expected"]),
        "Nearest rated films by reviews: " + "; ".join(row["title"] for row in film["nearest"][:5]),
        *film["thin"],
    ]


def _expected_line(rating: dict[str, Any]) -> str:
    from core.results.caveats import expected_line

    if "unmeasured" in rating:
        return f"This run cannot say which rating to expect: {rating['unmeasured']}"
    return f"Expected rating by the average user: {rating['rating']:.1f}. {expected_line(rating)}."
