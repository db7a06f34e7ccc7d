"""Start the worker of a cache folder: `python -m core.jobs --cache DIR`."""

import argparse
import sys
from functools import partial
from pathlib import Path

from core.errors import UserError
from core.jobs.worker import Chain, main
from core.store import Store


def load(store: Store) -> tuple[Chain, tuple[str, ...]]:
    """Return the chain and its stages; import the training libraries before a run, and note the device.

    Data that TMDB's terms no longer allow to be stored are deleted first.
    """
    from core.data.reviews.sources.tmdb.expiry import forget_at_start
    from core.pipeline.chain import STAGES, run
    from core.pipeline.libraries import load_libraries
    from core.training.device import note_device

    load_libraries()
    forget_at_start(store.root)
    note_device(store)
    return partial(run, as_found=True), STAGES


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m core.jobs", description=__doc__)
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", required=True, help="the cache folder to work for"
    )
    try:
        main(parser.parse_args().cache, load)
    except UserError as error:
        # The pages show the last line; see worker_starts.
        sys.exit(str(error))
