"""Shards on one node of Ray and on two, each with one core; and what it costs to cut the heads of folds into shards.

    python benchmarks/ray_shards.py [--json] [--only PART] [--reviews 8192] [--runs 1]

Prints Markdown tables, or one JSON document. Needs two cores, six minutes, requirements-cluster.txt, and nothing else
running. Parts:

    features  made-up reviews, as long as those of the Large Movie Review Dataset, read by the bundled encoder
    folds     heads of 5 folds for 8 labels and for shuffled ones, on made-up features of as many reviews
    cut       processor seconds of these 10 heads here, so many in a fit, without Ray

Each part starts a cluster of its own on this machine, of one node and of two in turns; each node is kept on a core of
its own. Starting Ray is not measured; connecting to it is, and the import of torch by each node.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
# The nodes of this machine find the project here.
os.environ["PYTHONPATH"] = str(ROOT)
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

from parts.machine import machine  # noqa: E402

from core.classification.fold_shards import Folding, logits_of_tables  # noqa: E402
from core.classification.head import train_heads  # noqa: E402
from core.classification.readers.heads import HeadReader  # noqa: E402
from core.language_model.encoder import Encoder  # noqa: E402
from core.language_model.feature_shards import Reading, reading_work, write_features  # noqa: E402
from core.language_model.pooling import CHUNK, LONGEST  # noqa: E402
from core.language_model.precision import reading_precision  # noqa: E402
from core.language_model.tokens import Tokens  # noqa: E402
from core.pipeline.language_model import BUNDLED_ENCODER  # noqa: E402
from core.progress import silent  # noqa: E402
from core.settings import ClassifierSettings  # noqa: E402
from core.shards.shard_store import ShardStore  # noqa: E402
from core.shards.shards import VARIABLE  # noqa: E402
from core.store import Store  # noqa: E402
from core.training.fit import FitContext  # noqa: E402

NODES = (1, 2)
FOLDS, LABELS, WIDTH = 5, 8, 1200
"""Folds, labels, and features of a review, as many as those of the bundled encoder."""
IN_A_FIT = (10, 5, 2, 1)


def made_up(reviews: int, encoder: Encoder) -> Tokens:
    """Return reviews of 290 words on average, as those of the Large Movie Review Dataset."""
    draws = np.random.default_rng(1)
    lengths = np.clip(draws.lognormal(5.45, 0.65, reviews).astype(np.int64), 10, 3000)
    numbers = draws.integers(0, len(encoder.vocabulary), lengths.sum()).astype(np.int32)
    return Tokens(numbers, np.concatenate([[0], np.cumsum(lengths)]), encoder.vocabulary)


@contextmanager
def cluster(nodes: int) -> Iterator[None]:
    """Run a head without cores, and nodes that are kept on one each."""
    from ray.cluster_utils import Cluster

    started = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    all_cores = os.sched_getaffinity(0)
    try:
        for _, core in zip(range(nodes), sorted(all_cores), strict=False):
            # The node's processes inherit it.
            os.sched_setaffinity(0, {core})
            started.add_node(num_cpus=1)
        os.sched_setaffinity(0, all_cores)
        os.environ[VARIABLE] = started.address
        yield
    finally:
        started.shutdown()


def measured(work: Callable[[Path], bytes], runs: int) -> dict[str, Any]:
    """Return the medians of the seconds of some work by number of nodes, and their ratio; its bytes are the same."""
    seconds: dict[int, list[float]] = {nodes: [] for nodes in NODES}
    found = set()
    for run in range(runs):
        for nodes in NODES:
            with cluster(nodes), tempfile.TemporaryDirectory() as folder:
                began = time.perf_counter()
                found.add(work(Path(folder)))
                seconds[nodes].append(time.perf_counter() - began)
            print(f"run {run + 1}, {nodes} nodes: {seconds[nodes][-1]:.1f} s", file=sys.stderr, flush=True)
    assert len(found) == 1, "the bytes differ"
    one, two = (median(seconds[nodes]) for nodes in NODES)
    return {"seconds": {"1": one, "2": two}, "ratio": one / two}


def features(reviews: int, runs: int) -> dict[str, Any]:
    """Return what `measured` does for reading reviews, and how much is read."""
    with tempfile.TemporaryDirectory() as folder:
        precision = reading_precision(Store(Path(folder)))
    encoder = Encoder(BUNDLED_ENCODER, precision=precision)
    tokens = made_up(reviews, encoder)
    reading = Reading(encoder, reading_work(BUNDLED_ENCODER, tokens), LONGEST, CHUNK)

    def read(folder: Path) -> bytes:
        shard_store, path = (
            ShardStore(Store(folder / "cache"), "features", "benchmark", {}),
            folder / "features.npy",
        )
        write_features(reading, tokens, shard_store, silent, path)
        return path.read_bytes()

    return measured(read, runs) | {"words": len(tokens.numbers), "precision": precision}


def made_up_folds(reviews: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return features of reviews, their labels, and their folds."""
    draws = np.random.default_rng(2)
    rows = draws.normal(size=(reviews, WIDTH)).astype(np.float32)
    return (
        rows,
        rows[:, :LABELS] + draws.normal(size=(reviews, LABELS)) > 1,
        draws.integers(0, FOLDS, reviews),
    )


def folds(reviews: int, runs: int) -> dict[str, Any]:
    """Return what `measured` does for the heads of folds."""
    rows, labels, fold = made_up_folds(reviews)
    folding = Folding(HeadReader(rows, ClassifierSettings(), 1), fold)
    tables = {"logits": labels, "shuffled": labels[::-1]}

    def read(folder: Path) -> bytes:
        shard_store = ShardStore(Store(folder / "cache"), "readings", "benchmark", {})
        return b"".join(
            logits_of_tables(folding, tables, shard_store, silent)[name].tobytes() for name in tables
        )

    return measured(read, runs)


def cut(reviews: int, runs: int) -> dict[str, float]:
    """Return the medians of the processor seconds of all heads, by how many are trained in a fit."""
    rows, labels, fold = made_up_folds(reviews)
    trains = np.tile(fold != np.arange(FOLDS)[:, None], (2, 1))
    seconds: dict[int, list[float]] = {heads: [] for heads in IN_A_FIT}
    for _ in range(runs):
        for heads in IN_A_FIT:
            began = time.process_time()
            for first in range(0, len(trains), heads):
                train_heads(
                    rows, labels, trains[first : first + heads], ClassifierSettings(), FitContext(1, silent)
                )
            seconds[heads].append(time.process_time() - began)
    return {str(heads): median(taken) for heads, taken in seconds.items()}


PARTS: dict[str, Callable[[int, int], dict[str, Any]]] = {"features": features, "folds": folds, "cut": cut}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=PARTS)
    parser.add_argument("--reviews", type=int, default=8192)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    about = {"reviews": args.reviews, "runs": args.runs, "date": date.today().isoformat()}
    about["machine"] = machine("torch", "ray")
    parts = {
        name: measure(args.reviews, args.runs) for name, measure in PARTS.items() if args.only in (None, name)
    }
    if args.json:
        print(json.dumps(about | parts))
        return
    print(
        f"{args.reviews:,} reviews, median of {args.runs} runs in turns; {about['machine']}, {about['date']}."
    )
    for name, part in parts.items():
        if name == "cut":
            print("\n| heads in a fit | processor s of ten |\n| ---: | ---: |")
            for heads, seconds in part.items():
                print(f"| {heads} | {seconds:.1f} |")
            continue
        print(f"\n| {name}: nodes, a core each | s | times as fast |\n| ---: | ---: | ---: |")
        print(
            f"| 1 | {part['seconds']['1']:.1f} | |\n| 2 | {part['seconds']['2']:.1f} | {part['ratio']:.2f} |"
        )


if __name__ == "__main__":
    main()
