"""The version of the project on this machine: by its code and the libraries that decide results.

Workers of different versions could make different results under one key, so they do not work on one queue.
"""

import functools
import hashlib
from importlib import metadata
from pathlib import Path

LIBRARIES = ("dbos", "fastai", "numpy", "pandas", "scikit-learn", "torch")


@functools.cache
def version() -> str:
    """Return ten letters that are the same on two machines only where code and libraries are."""
    digest = hashlib.sha256()
    core = Path(__file__).parent
    for path in sorted(core.rglob("*.py")):
        digest.update(f"{path.relative_to(core).as_posix()}\0".encode() + path.read_bytes() + b"\0")
    for name in LIBRARIES:
        # torch for a GPU and torch for a processor are one version: 2.14.0+cu130 and 2.14.0.
        digest.update(f"{name} {metadata.version(name).partition('+')[0]}\0".encode())
    return digest.hexdigest()[:10]
