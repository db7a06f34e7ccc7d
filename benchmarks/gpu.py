"""What a GPU gains and whether it computes right: one JSON document in at most eight minutes.

    python benchmarks/gpu.py [--only PART ...] [--device cuda|cpu] [--small] [--seconds 480]

Needs no data and no network. Each part runs in a process of its own with a time-out, the most important first; one
that fails or takes too long says so in its place, and the others go on. `--device cpu --small` tries the script on a
processor in seconds, with sizes that say nothing. The document holds the card's name, the machine, and by part:

    start          seconds until the device has computed its first product
    resume         a fit that was cut against one in one go: the largest difference of a weight
    same_seed_ratings, same_seed_texts   each model twice from one seed, factor models against the processor too: the
                   largest difference of a weight
    lm_small, lm_full   words/s, busy share of the GPU and perplexity after equal words, by streams
    features       reviews/s of the bundled encoder, by precision
    products       sums over ratings: torch's sparse product and ours
    ratings_100k, ratings_1m   seconds a pass and a sweep, on the device and on the processor
    run            a whole run that reads 100,000 reviews
    ratings_25m    seconds a pass and a sweep on the device

The figures of the rule that chooses the device (`core/training/device_rule.py`) are those of start and ratings_….
"""

import argparse
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from parts import gpu_ratings, gpu_texts  # noqa: E402
from parts.gpu_work import Bench  # noqa: E402
from parts.machine import machine, peak_gb  # noqa: E402

PARTS: dict[str, tuple[int, Callable[[Bench], dict[str, Any]]]] = {
    "start": (40, gpu_ratings.start),
    "resume": (60, gpu_texts.resume),
    "same_seed_ratings": (60, gpu_ratings.same_seed_ratings),
    "same_seed_texts": (60, gpu_texts.same_seed_texts),
    "lm_full": (100, partial(gpu_texts.language_model, size="full")),
    "lm_small": (80, partial(gpu_texts.language_model, size="small")),
    "features": (60, gpu_texts.features),
    "products": (60, gpu_ratings.products),
    "ratings_100k": (60, partial(gpu_ratings.factor_models, count=100_000, processor=True)),
    "ratings_1m": (90, partial(gpu_ratings.factor_models, count=1_000_000, processor=True)),
    "run": (120, gpu_texts.whole_run),
    "ratings_25m": (120, partial(gpu_ratings.factor_models, count=25_000_000, processor=False)),
}
"""By part, its most seconds and its function; the most important first, since all have one limit too."""


def measured(name: str, bench: Bench, limit: float) -> dict[str, Any]:
    """Return the figures of a part, measured in a process of its own, or why there are none."""
    # A fork has the libraries at once; each starts CUDA for itself, which this process must not have done.
    processes = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder) / "answer.json"
        began = time.monotonic()
        process = processes.Process(target=_answer, args=(name, bench, answer))
        process.start()
        process.join(limit)
        if process.is_alive() and process.pid:
            # With the processes that it started.
            os.killpg(process.pid, signal.SIGKILL)
            process.join()
            return {"failed": f"took more than {limit:.0f} s"}
        if not answer.exists():
            return {"failed": f"ended with status {process.exitcode}"}
        figures: dict[str, Any] = json.loads(answer.read_text())
        return figures | {"wall_s": time.monotonic() - began}


def _answer(name: str, bench: Bench, answer: Path) -> None:
    """Write the figures of a part, or its error."""
    os.setsid()
    warnings.simplefilter("ignore")
    from core.training.device import using

    try:
        with using(bench.device):
            figures = PARTS[name][1](bench)
        figures["peak_gb"] = peak_gb()
        if bench.device == "cuda":
            import torch

            figures["peak_gpu_gb"] = torch.cuda.max_memory_allocated() / 1e9
    except Exception as error:  # noqa: BLE001 - the part's place tells it, and the other parts go on
        traceback.print_exc()
        figures = {"failed": f"{type(error).__name__}: {error}"[:500]}
    answer.write_text(json.dumps(figures))


def card(device: str) -> str:
    """Return the card's name, or that of the processor."""
    import torch

    if device == "cuda":
        return str(torch.cuda.get_device_properties(0).name) if torch.cuda.is_available() else "no GPU"
    return "processor"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS), metavar="PART")
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--seconds", type=float, default=480.0, help="limit of all parts together (480)")
    parser.add_argument(
        "--json", action="store_true", help="for likeness with the other scripts: it is always JSON"
    )
    args = parser.parse_args()
    began, parts = time.monotonic(), {}
    for name in PARTS:
        if name not in args.only:
            continue
        left = args.seconds - (time.monotonic() - began)
        print(f"{name}, {left:.0f} s left", file=sys.stderr, flush=True)
        if left < 5:
            parts[name] = {"failed": "no time was left"}
            continue
        parts[name] = measured(name, Bench(args.device, args.small), min(left, PARTS[name][0]))
    document = {
        "card": card(args.device),
        "machine": machine("torch", "fastai"),
        "date": date.today().isoformat(),
        "small": args.small,
        "seconds": time.monotonic() - began,
        "parts": parts,
    }
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
