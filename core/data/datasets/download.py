"""An official address -> a checked archive in the cache, resumed where an earlier try broke off.

A download grows in `NAME.part`; beside it, `NAME.part.version` keeps what the server calls this
version of the file (ETag or date), so that two versions are never spliced. The final name appears
only once the archive is whole and checked.
"""

from contextlib import AbstractContextManager
from pathlib import Path

import httpx

from core.data.datasets.archive import Archive, check_archive
from core.errors import BadInput
from core.locks import exclusive
from core.progress import Report
from core.store import disk_errors

TIMEOUT = httpx.Timeout(30, connect=5)
"""Seconds without an answer before a server counts as out of reach."""


class Unavailable(Exception):
    """One place cannot give the data; `find` goes on to the next and tells the user in the end."""


def download(address: str, archive: Archive, cache: Path, report: Report) -> Path:
    """Return the path of the archive in the cache folder, downloaded now or by another process meanwhile.

    Raises Unavailable where the server cannot be reached or breaks off (what came stays for the next
    try), BadInput where it sent something else (nothing stays), StorageError where the disk is full.
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
                _forget(part)
                raise
            part.replace(final)
            _forget(part)
    return final


def fetching(lock: Path, name: str, report: Report) -> AbstractContextManager[None]:
    """Hold the lock file for fetching `name`; report, and stop if the report raises, while another has it."""
    return exclusive(lock, lambda: report("fetch", 0.0, f"another process is fetching {name}"))


def _fetch(address: str, part: Path, report: Report) -> None:
    """Fill the part file to its end, from where it is if the server still has the same version."""
    version = part.with_name(part.name + ".version")
    have = part.stat().st_size if part.exists() and version.exists() else 0
    # Unpacked in transit, the bytes would not add up to Content-Length.
    headers = {"Accept-Encoding": "identity"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": version.read_text(encoding="utf-8")}
    with httpx.stream("GET", address, headers=headers, timeout=TIMEOUT, follow_redirects=True) as answer:
        nothing_left = answer.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE
        if not nothing_left:
            answer.raise_for_status()
            _receive(answer, have, part, version, report)
    if nothing_left:
        # The part is as long as the file or longer, and nobody has checked it: begin anew.
        _forget(part)
        _fetch(address, part, report)


def _receive(answer: httpx.Response, have: int, part: Path, version: Path, report: Report) -> None:
    start = have if _continues(answer, have) else 0
    size = start + int(answer.headers.get("Content-Length", 0))
    # Opening empties the file before the new version is noted, so a kill in between splices nothing.
    with part.open("r+b" if start else "wb") as file:
        _remember_version(version, answer)
        file.seek(start)
        # As the blocks come: gathered into larger ones, the last would be lost where it breaks off.
        for block in answer.iter_raw():
            file.write(block)
            start += len(block)
            share = min(1.0, start / size) if size else 0.0
            report("fetch", share, f"{part.stem}: {start / 1e6:.1f} of {size / 1e6:.1f} MB")


def _continues(answer: httpx.Response, have: int) -> bool:
    """Return whether the answer goes on where the part file ends, rather than beginning anew."""
    return answer.status_code == httpx.codes.PARTIAL_CONTENT and answer.headers.get(
        "Content-Range", ""
    ).startswith(f"bytes {have}-")


def _remember_version(version: Path, answer: httpx.Response) -> None:
    """Keep what identifies this version; a weak ETag does not vouch for the bytes, so it does not count."""
    tag = answer.headers.get("ETag", "")
    known = tag if tag and not tag.startswith("W/") else answer.headers.get("Last-Modified", "")
    if known:
        version.write_text(known, encoding="utf-8")
    else:
        version.unlink(missing_ok=True)


def _forget(part: Path) -> None:
    part.unlink(missing_ok=True)
    part.with_name(part.name + ".version").unlink(missing_ok=True)
