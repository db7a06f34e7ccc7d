"""The verb worker: take runs from the queue of several machines."""

from core.cli.options import Json
from core.paths import cache_dir


def worker(as_json: Json = False) -> None:
    """Work for the cache folder until the process is ended."""
    # Imported here, as in all verbs, so that the help appears without the time to import pandas.
    from core.jobs.__main__ import load
    from core.jobs.cluster.worker import main

    main(cache_dir(), load)
