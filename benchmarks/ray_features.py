"""Features of reviews on one node of Ray and on two, each with one core.

    python benchmarks/ray_features.py [--json] [--reviews 8192] [--runs 1]

Prints a Markdown table, or one JSON document. Starts a cluster of its own on this machine, of one node and of two in
turns, and reads made-up reviews by the bundled encoder, as long as those of the Large Movie Review Dataset. Each node
is kept on a core of its own. Needs two cores, three minutes, requirements-cluster.txt, and nothing else running.
Starting Ray is not measured; connecting to it is, and the import of torch by each node.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
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

from core.language_model.encoder import Encoder  # noqa: E402
from core.language_model.feature_shards import Reading, reading_work, write_features  # noqa: E402
from core.language_model.pooling import CHUNK, LONGEST  # noqa: E402
from core.language_model.precision import reading_precision  # noqa: E402
from core.language_model.tokens import Tokens  # noqa: E402
from core.pipeline.language_model import BUNDLED_ENCODER  # noqa: E402
from core.progress import silent  # noqa: E402
from core.shards.shard_store import ShardStore  # noqa: E402
from core.shards.shards import VARIABLE  # noqa: E402
from core.store import Store  # noqa: E402

NODES = (1, 2)


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


def read(tokens: Tokens, encoder: Encoder, folder: Path) -> tuple[float, bytes]:
    """Return the seconds of reading all reviews in the cluster, and the features."""
    shard_store = ShardStore(Store(folder / "cache"), "features", "benchmark", {})
    path, began = folder / "features.npy", time.perf_counter()
    write_features(
        Reading(encoder, reading_work(BUNDLED_ENCODER, tokens), LONGEST, CHUNK),
        tokens,
        shard_store,
        silent,
        path,
    )
    return time.perf_counter() - began, path.read_bytes()


def measure(reviews: int, runs: int) -> dict[str, Any]:
    """Return the medians of the seconds by number of nodes, and their ratio."""
    with tempfile.TemporaryDirectory() as folder:
        precision = reading_precision(Store(Path(folder)))
    encoder = Encoder(BUNDLED_ENCODER, precision=precision)
    tokens = made_up(reviews, encoder)
    seconds: dict[int, list[float]] = {nodes: [] for nodes in NODES}
    found = set()
    for run in range(runs):
        for nodes in NODES:
            with cluster(nodes), tempfile.TemporaryDirectory() as folder:
                took, features = read(tokens, encoder, Path(folder))
            seconds[nodes].append(took)
            found.add(features)
            print(f"run {run + 1}, {nodes} nodes: {took:.1f} s", file=sys.stderr, flush=True)
    assert len(found) == 1, "the features differ"
    one, two = (median(seconds[nodes]) for nodes in NODES)
    return {
        "reviews": reviews,
        "words": len(tokens.numbers),
        "precision": precision,
        "seconds": {"1": one, "2": two},
        "ratio": one / two,
        "runs": runs,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--reviews", type=int, default=8192)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    result = measure(args.reviews, args.runs)
    result |= {"machine": machine("torch", "ray"), "date": date.today().isoformat()}
    if args.json:
        print(json.dumps(result))
        return
    print(
        f"Features of {result['reviews']:,} reviews ({result['words']:,} words, {result['precision']}), median of "
        f"{result['runs']} runs in turns; {result['machine']}, {result['date']}. The bytes are the same.\n\n"
        "| nodes, a core each | s | times as fast |\n| ---: | ---: | ---: |\n"
        f"| 1 | {result['seconds']['1']:.1f} | |\n"
        f"| 2 | {result['seconds']['2']:.1f} | {result['ratio']:.2f} |"
    )


if __name__ == "__main__":
    main()
