"""Folders of runs in the format of the jobs, written without running anything."""

import json
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
from support.run_records import changed, plain_record

from core.pipeline import chain as pipeline
from core.results.run_record import RunRecord
from core.settings import RunSettings
from core.store import Store

RUN = "20261124-120000-abcd"
HOSTILE = "<b>Bold</b> *Film* <img src=x onerror=alert(1)> (1999)"
"""A title with effects if it were read as HTML or Markdown."""
LONG_NAME = f"{HOSTILE} [x](http://x) " + "long " * 2000
"""A hostile name that is also too long."""


def add_run(
    store: Store, run_id: str = RUN, state: str = "done", out: Path | None = None, **changes: Any
) -> Path:
    """Write a run in this state, with a copy of `out` as its results, and return its folder.

    `changes` replace values in its two files: `name`, `settings`, `error` and so on.
    """
    folder = store.root / "runs" / run_id
    folder.mkdir(parents=True)
    # Ids with a later time are newer runs.
    when = 1.7e9 + int(run_id[9:15])
    job = {"name": "a run", "created": when, "attempt": 1, "settings": {}}
    stage = {"done": 1.0, "message": "stage *done*", "seconds": 0.5}
    progress = {"attempt": 1, "state": state, "worker": 1, "starts": 1, "current": "report", "error": None}
    progress |= {"stages": [stage | {"name": name} for name in pipeline.STAGES]}
    progress |= {"started": when, "finished": when}
    for name, content in {"job.json": job, "progress.json": progress}.items():
        content |= {key: value for key, value in changes.items() if key in content}
        (folder / name).write_text(json.dumps(content))
    if out is not None:
        shutil.copytree(out, folder / "out")
    return folder


def add_recorded_run(
    store: Store, run_id: str, settings: RunSettings, state: str = "done", name: str = "a run", **changes: Any
) -> None:
    """Write an ended run without tables; if it is done, with the record of a small run."""
    out = add_run(store, run_id, state, name=name, settings=settings.model_dump()) / "out"
    out.mkdir()
    if state == "done":
        (out / "run.json").write_text(json.dumps(run_record(settings, **changes).plain()))


def run_record(settings: RunSettings, **changes: Any) -> RunRecord:
    """Return the record of a small run of two factors, with changes by key of `run.json`."""
    evaluation = {"lrap": 0.5, "lrap_baseline": 0.4, "lrap_interval": [0.45, 0.55]}
    evaluation |= {"lrap_gain": 0.1, "lrap_gain_interval": [0.05, 0.15], "per_label": []}
    record = plain_record(
        ratings={"name": "planted", "users": 400, "films": 120, "ratings": 20_000},
        reviews={"source": "planted", "title": "Planted", "reviews": 960, "films_with_reviews": 120},
        factor_model={
            "factors": 2,
            "rmse_valid": 0.5,
            "rmse_means": 0.6,
            "seconds": 1.0,
            "losses": [{"epoch": 1, "train": 0.4, "valid": 0.3}, {"epoch": 2, "train": 0.2, "valid": 0.25}],
        },
        stability={"factors": [{"factor": 0, "verdict": "stable"}, {"factor": 1, "verdict": "noise"}]},
        readability={"per_label": [{"factor": 0, "readable": True}]},
        classifier=evaluation
        | {"labels": [0, 1], "films_held_out": 120, "reviews_held_out": 960, "split": "films", "losses": []},
        dominating_factor=0,
        predictions={"predicted": 100, "of_dominating": 60, "share": 0.6},
        settings=settings.model_dump(),
        seed=settings.seed,
        seconds=10.0,
        device=None,
        devices=(),
    )
    return RunRecord.model_validate(changed(record, changes))


def change_record(store: Store, run_id: str, **parts: Any) -> None:
    """Change parts of a run's record; parts that are None are removed."""
    path = store.root / "runs" / run_id / "out" / "run.json"
    record = json.loads(path.read_text()) | parts
    path.write_text(json.dumps({key: value for key, value in record.items() if value is not None}))


def set_verdicts(store: Store, stability_class: str, readable: bool | None, run: str = RUN) -> None:
    """Give all factors of a run this stability class, and all its labels this readability."""
    record = json.loads((store.root / "runs" / run / "out" / "run.json").read_text())
    for row in record["stability"]["factors"]:
        row["verdict"] = stability_class
    for row in record["readability"]["per_label"]:
        row["readable"] = readable
        # A label whose readability was measured has all numbers.
        row |= {key: [0.0, 1.0] for key, value in row.items() if value is None and key.endswith("interval")}
        row |= {key: 0.5 for key, value in row.items() if value is None and key != "readable"}
    change_record(store, run, **{part: record[part] for part in ("stability", "readability")})


def set_words(
    store: Store,
    rows: list[tuple[int, str, str, bool, float, bool]],
    suggested: list[str],
    has_words: bool = True,
    run: str = RUN,
) -> None:
    """Give a run these words and suggested names, one a factor.

    A row is factor, end, word, whether it is a name, effect, and whether it is certain.
    """
    out = store.root / "runs" / run / "out"
    table = pd.DataFrame(rows, columns=["factor", "end", "word", "is_name", "effect", "certain"])
    table = table.assign(low=table.effect - 0.1, high=table.effect + 0.1, films=20, share=0.1)
    table.to_parquet(out / "words.parquet", index=False)
    of_factors = []
    for factor in range(len(suggested)):
        words = table[(table.factor == factor) & ~table.is_name]
        ends = {end: words[words.end == end].to_dict("records") for end in ("high", "low")}
        known = {
            "chance": 0.005 if has_words else 0.4,
            "bound": 0.3,
            "confirmed": 0.75,
            "confirmed_effect": 0.1,
        }
        certain = int(words.certain.sum())
        of_factors.append(known | ends | {"factor": factor, "has_words": has_words, "certain": certain})
    counts = {"reviews": 960, "other_languages": 0, "films": 120, "least_ratings": 20, "terms": 300}
    record = {"language": "en", "permutations": 200, "factors": of_factors} | counts
    change_record(store, run, words=record, suggested_names=suggested)


def with_title(out: Path, to: Path, title: str, review: str | None = None) -> Path:
    """Copy a run's results to a new folder, in which a film has this title, and its reviews this text."""
    shutil.copytree(out, to)
    film = pd.read_parquet(to / "chosen_films.parquet").film_id.iloc[0]
    for path in to.glob("*.parquet"):
        table = pd.read_parquet(path)
        if "title" not in table or "film_id" not in table:
            continue
        table.loc[table.film_id == film, "title"] = title
        if "review" in table and review is not None:
            table.loc[table.film_id == film, "review"] = review
        table.to_parquet(path)
    return to
