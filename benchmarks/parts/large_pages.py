"""Every view of the pages on a finished run: python large_pages.py CACHE RUN

CACHE is the cache of the run, RUN the folder of its files, which is linked into the cache as a run of the dashboard.
Prints one JSON document: a row a view, with the processor seconds of its first and its third opening, and the
kilobytes of the messages to the browser. The pages run as Streamlit's AppTest runs them, without server or browser,
and start no process.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

RUN_ID = "20260101-000000-1a29"
VIEWS: tuple[tuple[str, dict[str, str]], ...] = (
    ("app.py", {}),
    ("pages/1_Train.py", {}),
    ("pages/1_Train.py", {"part": "Runs"}),
    *(
        ("pages/2_Factors.py", {"view": view})
        for view in ("Factor", "All factors", "Film", "Map", "Model", "Names and downloads")
    ),
    ("pages/2_Factors.py", {"view": "Map", "least": "0"}),
    ("pages/2_Factors.py", {"view": "Film", "least": "0"}),
    *(("pages/3_Reviews.py", {"show": show}) for show in ("Read and search", "Coverage", "New run", "Files")),
    ("pages/3_Reviews.py", {"show": "Read and search", "words": "story"}),
    ("pages/3_Reviews.py", {"show": "New run", "by": "search"}),
    ("pages/4_Predictions.py", {}),
    ("pages/5_Try_a_review.py", {}),
)
"""Page, and the query that leads to the view."""
OPENINGS = 3


def linked(cache: Path, run: Path) -> None:
    """Put a run that the command line made into the cache, as if the dashboard had made it."""
    from core.results.run_record import read_record

    folder, record = cache / "runs" / RUN_ID, read_record(run)
    folder.mkdir(parents=True, exist_ok=True)
    when = run.stat().st_mtime
    job = {"name": "large run", "created": when, "attempt": 1, "settings": record.settings}
    progress = {"attempt": 1, "state": "done", "worker": 1, "starts": 1, "current": "report", "error": None}
    progress |= {"stages": [], "started": when - record.seconds, "finished": when}
    for name, content in {"job.json": job, "progress.json": progress}.items():
        (folder / name).write_text(json.dumps(content))
    if not (folder / "out").exists():
        (folder / "out").symlink_to(run.resolve(), target_is_directory=True)


def opened(page: str, query: dict[str, str]) -> tuple[float, int]:
    """Return the processor seconds of opening a view, and the bytes of its messages."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
    if page != "app.py":
        app.switch_page(page)
    for key, value in {"run": RUN_ID, **query}.items():
        app.query_params[key] = value
    SENT.clear()
    began = time.process_time()
    app.run()
    seconds = time.process_time() - began
    if app.exception:
        sys.exit(f"{page} {query}: {app.exception[0].message}")
    return seconds, sum(SENT)


SENT: list[int] = []
"""Bytes of each message of the view that is being opened."""


def count_messages() -> None:
    """Count the bytes of the messages that AppTest gets in place of a browser."""
    messages_of = LocalScriptRunner.forward_msgs

    def counted(runner: LocalScriptRunner) -> list[ForwardMsg]:
        messages = messages_of(runner)
        SENT[:] = [message.ByteSize() for message in messages]
        return messages

    LocalScriptRunner.forward_msgs = counted  # type: ignore[method-assign]


def main(cache: Path, run: Path) -> list[dict[str, Any]]:
    os.environ["FACTORSCOPE_CACHE"] = str(cache)
    linked(cache, run)
    from core import jobs

    jobs.ensure_worker = lambda store: None
    jobs.start_once = lambda settings, store: ""
    # Where pages take it from is not `jobs`.
    from pages.components.shared import reader

    reader.warm_reader = lambda run: None
    count_messages()
    rows = []
    for page, query in VIEWS:
        openings = [opened(page, query) for _ in range(OPENINGS)]
        rows.append(
            {
                "page": page,
                "query": query,
                "first_s": openings[0][0],
                "again_s": openings[-1][0],
                "kb": openings[-1][1] / 1000,
            }
        )
        print(rows[-1], file=sys.stderr)
    return rows


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), Path(sys.argv[2]))))
