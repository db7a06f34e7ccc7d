"""Seconds of each stage of a run from an empty cache, and of a change of FACTORS or top N, everything graded again.

    python benchmarks/chain.py [--before COMMIT] [--only first|lmrd] [--json]

Prints Markdown tables, or one JSON document; with --before each also of an older commit's chain, which git checks out
beside this one, in turns. Reads MovieLens 100K, and for `lmrd` the Large Movie Review Dataset, in the folder that
FACTORSCOPE_DATA names. Takes some two minutes a part, with an older commit twice that; nothing else may run then.
The table of each run is also printed on standard error as soon as it is made, so a measurement that is cut off leaves
what it had.

The runs, each with the seconds of the processor and of the clock by stage:

    first                  the first run: `starter`, the sample's 100 films, from an empty cache, imports counted
    first, 3 top factors   then three top factors a film in place of two, in the same process, as a worker does
    first, 60 films        then 60 films, in a process of its own, imports counted
    lmrd                   eight Bayesian factors and all films with reviews in LMRD, from an empty cache
    lmrd, 3 top factors    then three top factors a film in place of two, in the same process
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from parts.machine import machine  # noqa: E402

PROCESSES = {
    "first": (("first", "first, 3 top factors"), ("first, 60 films",)),
    "lmrd": (("lmrd", "lmrd, 3 top factors"),),
}
"""The runs of each process, in turn; those of a group share a cache that is empty at first."""
NOW, BEFORE = "now", "before"


@contextmanager
def checked_out(commit: str | None) -> Iterator[dict[str, Path]]:
    """Yield the folder of each side: this one, and that of a commit where there is one."""
    if commit is None:
        yield {NOW: ROOT}
        return
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", str(tree), commit], check=True, stdout=sys.stderr)
        try:
            yield {BEFORE: tree, NOW: ROOT}
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True, stdout=sys.stderr)


def measured(side: Path, cache: Path, runs: tuple[str, ...]) -> dict[str, Any]:
    """Return what the chain of one side did in a process of its own, by run."""
    script = ROOT / "benchmarks" / "parts" / "chain_in_turns.py"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", str(script), str(cache), *runs],
        cwd=side,
        env=os.environ | {"PYTHONPATH": str(side)},
        stdout=subprocess.PIPE,
        check=True,
    )
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def total(run: dict[str, Any]) -> tuple[float, float]:
    """Return the seconds of the processor and of the clock of a whole run."""
    processor, clock = (sum(seconds) for seconds in zip(*run["stages"].values(), strict=True))
    return processor, clock


def table(name: str, sides: dict[str, dict[str, Any]]) -> str:
    """Return the table of one run, a pair of columns a side."""
    head = " | ".join(f"{side}, processor s | {side}, clock s" for side in sides)
    stages = dict.fromkeys(stage for run in sides.values() for stage in run["stages"])
    rows = [f"| {name} | {head} |", "| --- |" + " ---: | ---: |" * len(sides)]
    rows.append(
        "| **all** | " + " | ".join("{:.1f} | {:.1f}".format(*total(run)) for run in sides.values()) + " |"
    )
    for stage in stages:
        of_sides = [run["stages"].get(stage, (0.0, 0.0)) for run in sides.values()]
        if any(max(seconds) >= 0.05 for seconds in of_sides):
            rows.append(
                f"| {stage} | " + " | ".join("{:.1f} | {:.1f}".format(*pair) for pair in of_sides) + " |"
            )
    said = "; ".join(
        f"{side}: RMSE {run['rmse']:.4f}, LRAP {run['lrap']:.4f}, counted words {run['tfidf']:.4f}, peak "
        f"{run['peak_gb']:.2f} GB"
        for side, run in sides.items()
    )
    return "\n".join([*rows, "", said])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--before", metavar="COMMIT")
    parser.add_argument("--only", choices=tuple(PROCESSES))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    runs: dict[str, dict[str, dict[str, Any]]] = {}
    with checked_out(args.before) as sides, tempfile.TemporaryDirectory() as caches:
        for group, processes in PROCESSES.items():
            for process in processes if args.only in (None, group) else ():
                for side, folder in sides.items():
                    done = measured(folder, Path(caches) / f"{group} {side}", process)
                    for name, run in done.items():
                        runs.setdefault(name, {})[side] = run
                        print(table(name, {side: run}), file=sys.stderr, flush=True)
    result = {"machine": machine("torch", "fastai"), "date": date.today().isoformat(), "runs": runs}
    if args.json:
        print(json.dumps(result))
        return
    print(f"{result['machine']}, {result['date']}\n")
    print("\n\n".join(table(name, of_sides) for name, of_sides in runs.items()))


if __name__ == "__main__":
    main()
