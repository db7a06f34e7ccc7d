"""Seconds of the quick preset by number of threads, on an idle machine and with one busy process.

    python benchmarks/threads.py [--json]

Prints a Markdown table, or one JSON document. Takes about five minutes on two cores; nothing else may run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
LIMIT = 180
"""Time limit of a run in seconds."""


def seconds(threads: int, busy: bool) -> float | None:
    """Return the seconds of a run on an empty cache with so many threads; None if it exceeds LIMIT."""
    spinner = subprocess.Popen([sys.executable, "-c", "while True: pass"]) if busy else None
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        try:
            subprocess.run(
                [sys.executable, "-W", "ignore", "-m", "core", "run", "--ratings", "planted"]
                + ["--reviews", "planted", "--out", f"{folder}/run"],
                cwd=ROOT,
                env=os.environ | {"FACTORSCOPE_CACHE": f"{folder}/cache", "OMP_NUM_THREADS": str(threads)},
                check=True,
                capture_output=True,
                timeout=LIMIT,
            )
        except subprocess.TimeoutExpired:
            return None
        finally:
            if spinner:
                spinner.kill()
                spinner.wait()
        return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    cores = os.cpu_count() or 1
    rows = [
        {"threads": threads, "idle_s": seconds(threads, False), "busy_s": seconds(threads, True)}
        for threads in sorted({1, max(1, cores - 1), cores})
    ]
    if as_json:
        print(json.dumps({"cores": cores, "limit_s": LIMIT, "threads": rows}))
        return
    print(f"Quick preset on the planted world, empty cache, {cores} cores\n")
    print("| threads | idle machine, s | beside one busy process, s |\n|---|---|---|")
    for row in rows:
        cells = [f"{row[k]:.1f}" if row[k] else f"more than {LIMIT}" for k in ("idle_s", "busy_s")]
        print(f"| {row['threads']} | {cells[0]} | {cells[1]} |")


if __name__ == "__main__":
    main()
