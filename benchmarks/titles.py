"""Matching of MovieLens 100K's films with IMDb's titles, and its time on a title.basics of full size.

    python benchmarks/titles.py [--json] [--only films|scale] [--rows N]

Prints Markdown tables, or one JSON document. Reads MovieLens 100K and title.basics (from the folder that
FACTORSCOPE_DATA names, the cache, or downloaded). The file of full size is made up of words from its titles,
has the kinds of titles in IMDb's shares, and contains the real films. Takes some minutes and 1 GB of disk.
"""

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from parts.machine import machine, peak_gb

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from core.data.datasets.find import find  # noqa: E402
from core.data.ratings.dataset import Ratings  # noqa: E402
from core.data.ratings.read import read_ratings  # noqa: E402
from core.data.reviews.matching.cinemagoer import version  # noqa: E402
from core.data.reviews.matching.imdb_ids import film_ids  # noqa: E402
from core.errors import FactorscopeError  # noqa: E402
from core.paths import cache_dir  # noqa: E402
from core.progress import silent  # noqa: E402
from core.store import Store  # noqa: E402

ROWS = 11_000_000
CHUNK = 500_000
SEED = 42
KINDS = {
    "tvEpisode": 0.765,
    "short": 0.092,
    "movie": 0.063,
    "video": 0.027,
    "tvSeries": 0.025,
    "tvMovie": 0.013,
    "tvMiniSeries": 0.005,
    "tvSpecial": 0.005,
    "videoGame": 0.004,
    "tvShort": 0.001,
}
"""Approximate shares of IMDb's kinds of titles in 2025."""
HEADER = "tconst titleType primaryTitle originalTitle isAdult startYear endYear runtimeMinutes genres".split()
GENRES = ("Drama", "Comedy", "Documentary", "Talk-Show", "Drama,Romance", "Action,Adventure,Comedy", "\\N")


def make(path: Path, rows: int, basics: Path) -> float:
    """Write a title.basics of so many rows, which contains the real films; return its uncompressed GB."""
    with gzip.open(basics) as file:
        real = file.read().split(b"\n")[1:-1]
    words = pa.array(
        sorted({word for line in real for word in re.findall(r"\w+", line.split(b"\t")[2].decode())})
    )
    random = np.random.default_rng(SEED)
    size = 0
    with gzip.open(path, "wb", compresslevel=1) as file:
        size += file.write("\t".join(HEADER).encode() + b"\n")
        for start in range(0, rows - len(real), CHUNK):
            count = min(CHUNK, rows - len(real) - start)
            table = _made_up(10_000_000 + start, count, words, random)
            sink = pa.BufferOutputStream()
            options = pa.csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
            pa.csv.write_csv(table, sink, options)
            size += file.write(sink.getvalue())
            ours = real[start * len(real) // rows : (start + CHUNK) * len(real) // rows]
            size += file.write(b"".join(line + b"\n" for line in ours))
    return size / 1e9


def _made_up(first: int, count: int, words: pa.Array, random: np.random.Generator) -> pa.Table:
    """Return `count` titles of one to five words; a fifth of them have a different original title."""

    def titles() -> pa.Array:
        length = random.integers(1, 6, count)
        parts = [
            pc.if_else(
                pa.array(length > place), words.take(pa.array(random.integers(0, len(words), count))), None
            )
            for place in range(5)
        ]
        return pc.binary_join_element_wise(*parts, " ", null_handling="skip")

    kind = pa.array(list(KINDS)).take(pa.array(random.choice(len(KINDS), count, p=list(KINDS.values()))))
    primary = titles()
    year = 2026 - random.exponential(18, count).astype(int).clip(0, 130)
    columns = {
        "tconst": pc.binary_join_element_wise(
            "tt", pc.cast(pa.array(np.arange(first, first + count)), pa.string()), ""
        ),
        "titleType": kind,
        "primaryTitle": primary,
        "originalTitle": pc.if_else(pa.array(random.random(count) < 0.2), titles(), primary),
        "isAdult": pa.array(["0"]).take(pa.array(np.zeros(count, int))),
        "startYear": pc.if_else(
            pa.array(random.random(count) < 0.1), "\\N", pc.cast(pa.array(year), pa.string())
        ),
        "endYear": pa.array(["\\N"]).take(pa.array(np.zeros(count, int))),
        "runtimeMinutes": pc.cast(pa.array(random.integers(5, 200, count)), pa.string()),
        "genres": pa.array(GENRES).take(pa.array(random.integers(0, len(GENRES), count))),
    }
    return pa.table(columns)


def scale(rows: int, store: Store) -> list[dict[str, Any]]:
    """Return the measurements of matching with a file of full size, the first time and for other films later.

    Each is measured in its own process.
    """
    basics = find("title-basics", store, silent)
    ratings = str(find("ml-100k", store, silent))
    with tempfile.TemporaryDirectory() as folder:
        size = make(Path(folder) / "title.basics.tsv.gz", rows, basics)
        measured = []
        for turn in ("first", "others"):
            env = os.environ | {"FACTORSCOPE_DATA": folder, "FACTORSCOPE_CACHE": f"{folder}/cache"}
            command = [sys.executable, "-W", "ignore", __file__, "--one", turn, ratings]
            done = subprocess.run(command, env=env, stdout=subprocess.PIPE, text=True, check=True)
            measured.append({"what": turn, "rows": rows, "unpacked_gb": size} | json.loads(done.stdout))
    return measured


def one(turn: str, ratings: str) -> dict[str, float]:
    """Match all films, or every second one; return the seconds and this process's peak memory."""
    store = Store(cache_dir())
    films = read_ratings(ratings, store, silent).films
    began, worked = time.perf_counter(), time.process_time()
    matches = film_ids(films if turn == "first" else films.iloc[::2], store, silent)
    seconds, processor = time.perf_counter() - began, time.process_time() - worked
    return {
        "seconds": seconds,
        "processor_s": processor,
        "peak_gb": peak_gb(),
        "films": len(matches),
        "found": int(matches["how"].ne("").sum()),
    }


def matched(ratings: Ratings, store: Store) -> dict[str, Any]:
    """Return the numbers of films by method of matching, and the titles of unmatched films."""
    matches = film_ids(ratings.films, store, silent)
    methods = matches["how"].where(matches["how"] != "", matches["reason"])
    unmatched = ratings.films.loc[matches["imdb_id"].isna().to_numpy(), "title"]
    return {
        "films": len(matches),
        "cinemagoer": version(),
        "by": methods.value_counts().to_dict(),
        "not_found": unmatched.tolist(),
    }


def markdown(result: dict[str, Any]) -> str:
    """Return the tables of the measured parts."""
    lines = []
    if films := result.get("films"):
        lines += [
            f"MovieLens 100K by how its films are found, cinemagoer {films['cinemagoer'] or 'absent'}\n",
            "| | films | share |\n|---|---|---|",
            *(
                f"| {method} | {count:,} | {count / films['films']:.1%} |"
                for method, count in films["by"].items()
            ),
            "",
            "Not found: " + "; ".join(films["not_found"]),
            "",
        ]
    if rows := result.get("scale"):
        lines += [
            "A made-up title.basics of full size, each time in a process of its own, SHA-256 included\n",
            "| | million rows | unpacked, GB | seconds | of a processor | peak, GB | films | found |\n"
            "|---|---|---|---|---|---|---|---|",
        ]
        words = {"first": "films, the first time", "others": "other films, later"}
        lines += [
            f"| {words[row['what']]} | {row['rows'] / 1e6:.1f} | {row['unpacked_gb']:.2f} | {row['seconds']:.1f} | "
            f"{row['processor_s']:.1f} | {row['peak_gb']:.2f} | {row['films']:,} | {row['found']:,} |"
            for row in rows
        ]
        lines.append("")
    return "\n".join([*lines, f"Measured on {result['date']}: {result['machine']}."])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=("films", "scale"))
    parser.add_argument("--rows", type=int, default=ROWS, help="titles of the made-up file (11 million)")
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(*args.one)))
        return
    store = Store(cache_dir())
    result: dict[str, Any] = {"machine": machine("pandas", "pyarrow"), "date": date.today().isoformat()}
    try:
        if args.only != "scale":
            result["films"] = matched(read_ratings("ml-100k", store, silent), store)
        if args.only != "films":
            result["scale"] = scale(args.rows, store)
    except FactorscopeError as error:
        sys.exit(str(error))
    print(json.dumps(result) if args.json else markdown(result))


if __name__ == "__main__":
    main()
