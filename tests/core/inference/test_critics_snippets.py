"""The critics' snippets, read by a child process."""

import bz2
import os
import zipfile
from pathlib import Path

import pytest

from core.data.reviews.sources.critics.snippets import MEMBER
from core.errors import BadInput
from core.inference.critics_snippets import critics_snippets

ROWS = b"category,text,movie_name\nfresh,A charming film.,about_a_boy\nplot,A man meets a boy.,about_a_boy\n"


def zipped(folder: Path, content: bytes) -> Path:
    path = folder / "critics-2002.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(MEMBER, content)
    return path


def test_another_process_reads_the_snippets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bz2, "open", lambda _: os.abort())
    snippets = critics_snippets(zipped(tmp_path, bz2.compress(ROWS)), tmp_path)
    assert snippets.to_dict("records") == [{"title": "About a Boy", "review": "A charming film."}]


def test_what_is_no_file_of_snippets_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not the file of snippets"):
        critics_snippets(zipped(tmp_path, b"noise"), tmp_path)


def test_gigabytes_in_a_small_file_are_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path, bz2.compress(bytes(10**8)) * 60)
    with pytest.raises(BadInput, match=r"is not the file of snippets \(too large\)"):
        critics_snippets(path, tmp_path)
