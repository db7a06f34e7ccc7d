"""The run and the pasted reviews of `dashboard.py`, and the memory of its processes."""

import sys
import time
from pathlib import Path

import pandas as pd

from core import jobs
from core.data.ratings.synthetic import synthetic_world
from core.jobs import lock
from core.settings import preset
from core.store import Store

NAME = "300 films for the benchmark"
FILMS, REVIEWS, PANELS, WORDS = 300, 17, 24, 200
"""Films of the run, reviews of each, panels on a page of the grid, and words of a pasted review."""
READINGS, OPENINGS, FLIPS, ROUNDS, PICKS = 20, 5, 8, 3, 5
"""Repetitions: pasted reviews, openings and pages of the grid, rounds of each interaction, other labels."""


def memory(server: int, cache: Path) -> dict[str, float]:
    """Return the megabytes of the server, the worker and the reader process, as far as they are alive."""
    processes = {"server": server, "worker": lock.holder(cache)}
    children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
    readers = [
        pid for pid in map(int, children) if "core.inference" in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    processes["reader"] = next(iter(readers), None)
    return {
        name: int(Path(f"/proc/{pid}/smaps_rollup").read_text().split("Pss:")[1].split()[0]) / 1024
        for name, pid in processes.items()
        if pid
    }


def made_run(cache: Path) -> str:
    """Return the id of a finished run on FILMS made-up films; make one if the cache has none."""
    store = Store(cache)
    for job in jobs.runs(store):
        if job.name == NAME and job.state == "done":
            return job.run_id
    world = synthetic_world(
        factors=8, films=400, users=1200, ratings_per_user=60, reviews_per_film=REVIEWS, seed=3
    )
    films, ratings = world.ratings.films, world.ratings.table
    folder = store.root / "uploads" / "benchmark"
    folder.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(
        {
            "user": ratings.user,
            "film": films.film_id.to_numpy()[ratings.film],
            "rating": ratings.rating,
            "title": films.title.to_numpy()[ratings.film],
        }
    ).to_csv(folder / "ratings.csv", index=False)
    titled = world.reviews.merge(films[["film_id", "title"]], on="film_id")
    titled[["title", "review"]].to_csv(folder / "reviews.csv", index=False)
    settings = preset(
        "quick",
        ratings=str(folder / "ratings.csv"),
        reviews=str(folder / "reviews.csv"),
        films=FILMS,
        factors=50,
    )
    run_id = jobs.start(settings, store, NAME)
    while (job := jobs.status(run_id, store)).state in ("waiting", "running"):
        print(job.message, file=sys.stderr)
        time.sleep(5)
    if job.state != "done":
        sys.exit(f"the run {job.state}: {job.error}")
    return run_id


def pasted() -> list[str]:
    """Return made-up reviews of 200 words, two more than are measured."""
    words = " ".join(synthetic_world(factors=8, films=200, reviews_per_film=8, seed=4).reviews.review).split()
    return [" ".join(words[i * WORDS : (i + 1) * WORDS]) for i in range(READINGS + 2)]
