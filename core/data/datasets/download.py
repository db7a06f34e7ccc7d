"""An official address -> a validated archive in the cache; an interrupted download is resumed.

A download grows in `NAME.part`. Beside it, `NAME.part.version` holds the server's ETag or date of the file, so that
two versions are never spliced. The final name appears only once the archive is complete and valid.
"""

from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from core.data.datasets.archive import Archive, check_archive
from core.errors import BadInput
from core.locks import exclusive
from core.progress import Report
from core.store import disk_errors, flush

TIMEOUT = httpx.Timeout(30, connect=5)
"""Seconds without a response before a server counts as unreachable."""


class Unavailable(Exception):
    """One place cannot provide the data; `find` tries the next one, and lists all in its error."""


def download(address: str, archive: Archive, cache: Path, report: Report) -> Path:
    """Return the path of the archive in the cache folder, downloaded now or by another process meanwhile.

    Raises Unavailable where the server cannot be reached or breaks off (the part stays for the next attempt),
    BadInput where it sent another file (nothing stays), StorageError where the disk is full.
    """
    final = cache / archive.name
    part = cache / f"{archive.name}.part"
    with disk_errors(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with fetching(cache / f"{archive.name}.lock", archive.name, report):
            if final.exists():
                return final
            try:
                _fetch(address, part, report)
            except httpx.HTTPStatusError as error:
                raise Unavailable(f"{address} answered {error.response.status_code}") from error
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise Unavailable(f"{address} failed ({error or type(error).__name__})") from error
            report("fetch", 1.0, f"checking {archive.name}")
            try:
                check_archive(part, archive)
            except BadInput:
                _discard(part)
                raise
            flush(part)
            part.replace(final)
            flush(cache, deep=False)
            _discard(part)
    return final


def fetching(lock: Path, name: str, report: Report) -> AbstractContextManager[None]:
    """Hold the lock file while fetching `name`; while another process holds it, call the report, which may raise."""
    return exclusive(lock, lambda: report("fetch", 0.0, f"another process is fetching {name}"))


def _fetch(address: str, part: Path, report: Report) -> None:
    """Complete the part file, from its end where the server still has the same version."""
    version = part.with_name(part.name + ".version")
    received = part.stat().st_size if part.exists() and version.exists() else 0
    # With transfer compression, the bytes would not add up to Content-Length.
    headers = {"Accept-Encoding": "identity"}
    if received:
        headers |= {"Range": f"bytes={received}-", "If-Range": version.read_text(encoding="utf-8")}
    with httpx.stream("GET", address, headers=headers, timeout=TIMEOUT, follow_redirects=True) as response:
        complete = response.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE
        if not complete:
            response.raise_for_status()
            _receive(response, received, part, version, report)
    if complete:
        # The part is as long as the file or longer, but was never validated: start over.
        _discard(part)
        _fetch(address, part, report)


def _receive(response: httpx.Response, received: int, part: Path, version: Path, report: Report) -> None:
    start = received if _continues(response, received) else 0
    size = start + int(response.headers.get("Content-Length", 0))
    # Opening empties the file before the new version is written, so a kill in between splices nothing.
    with part.open("r+b" if start else "wb") as file:
        _write_version(version, response)
        file.seek(start)
        # As the blocks arrive: buffered into larger ones, the last would be lost at an interruption.
        for block in response.iter_raw():
            file.write(block)
            start += len(block)
            share = min(1.0, start / size) if size else 0.0
            report("fetch", share, f"{part.stem}: {start / 1e6:.1f} of {size / 1e6:.1f} MB")


def _continues(response: httpx.Response, received: int) -> bool:
    """Return whether the response continues where the part file ends."""
    return response.status_code == httpx.codes.PARTIAL_CONTENT and response.headers.get(
        "Content-Range", ""
    ).startswith(f"bytes {received}-")


def _write_version(version: Path, response: httpx.Response) -> None:
    """Write the strong ETag or the date; a weak ETag does not identify the exact bytes."""
    tag = response.headers.get("ETag", "")
    identifier = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")
    if identifier:
        version.write_text(identifier, encoding="utf-8")
    else:
        version.unlink(missing_ok=True)


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".version").unlink(missing_ok=True)
