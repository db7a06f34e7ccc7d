"""The benchmark of a GPU, tried on the processor with sizes that say nothing."""

import json
import runpy
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "gpu.py"
ON_PROCESSOR = ("--device", "cpu", "--small")


def document(*words: str) -> dict[str, Any]:
    done = subprocess.run([sys.executable, SCRIPT, *ON_PROCESSOR, *words], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


@pytest.mark.slow
def test_every_part_gives_its_figures() -> None:
    parts = ["start", "resume", "same_seed_ratings", "same_seed_texts", "lm_full"]
    # The other sizes of models and ratings are the same work.
    parts += ["features", "products", "ratings_100k", "run"]
    measured = document("--only", *parts)
    assert measured["card"] == "processor" and list(measured["parts"]) == parts
    assert [part for part, figures in measured["parts"].items() if "failed" in figures] == []
    of = measured["parts"]
    assert of["resume"]["largest_difference"] == 0 and of["resume"]["epochs"] == 3
    assert [each["twice"] for each in of["same_seed_ratings"].values() if isinstance(each, dict)] == [0, 0]
    assert of["run"]["devices"] and of["features"]["bfloat16"]["reviews_per_s"] > 0


@pytest.mark.slow
def test_a_part_that_fails_or_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path])
    script = runpy.run_path(str(SCRIPT), run_name="gpu")
    bench = script["Bench"]("cpu", True)
    script["PARTS"] |= {"endless": (1, lambda bench: time.sleep(60)), "wrong": (1, lambda bench: 1 / 0)}
    assert script["measured"]("endless", bench, 0.5) == {"failed": "took more than 0 s"}
    assert script["measured"]("wrong", bench, 30)["failed"] == "ZeroDivisionError: division by zero"
