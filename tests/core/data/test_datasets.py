"""Finding and downloading, against a server on this machine that misbehaves on demand."""

import hashlib
import io
import stat
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from core.data.datasets import find as datasets
from core.data.datasets import mirror
from core.data.datasets.archive import check_archive
from core.data.datasets.find import DATASETS, find
from core.errors import BadInput, Cancelled, DataNotFound
from core.progress import silent
from core.store import Store
from tests.support.flushes import noted_flushes, outlives_a_power_loss


def zip_of(**members: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as file:
        for name, text in members.items():
            file.writestr(f"ml-100k/{name.replace('_', '.')}", text)
    return content.getvalue()


GOOD = zip_of(u_data="1\t1\t5\t0\n" * 1000, u_item="1|A (1990)|\n")


class Server(ThreadingHTTPServer):
    """Serves `content`; what it does wrong is set by the test."""

    content = GOOD
    etag = '"one"'
    ranges = True
    breaks_after: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/ml-100k.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if not self.server.ranges or self.headers.get("If-Range") != self.server.etag:
            start = 0
        body = self.server.content[start:]
        if wanted and start >= len(self.server.content):
            self.send_response(416)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        if start:
            end = len(self.server.content)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{end}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", self.server.etag)
        self.end_headers()
        self.wfile.write(body if self.server.breaks_after is None else body[: self.server.breaks_after])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.delenv("FACTORSCOPE_DATA", raising=False)
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        serve(monkeypatch, server.address)
        yield server
        server.shutdown()
        thread.join()


def serve(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setitem(
        datasets.DATASETS, "ml-100k", replace(DATASETS["ml-100k"], address=address, mirror=None)
    )


def leftovers(store: Store) -> set[str]:
    return {path.name for path in (store.root / "datasets").iterdir() if not path.name.endswith(".lock")}


def test_downloads_once(server: Server, store: Store) -> None:
    heard: list[float] = []
    path = find("ml-100k", store, lambda stage, done, message, values=None: heard.append(done))
    assert path.read_bytes() == GOOD
    assert find("ml-100k", store, silent) == path
    assert server.asked == [None]
    assert heard[-1] == 1.0
    assert leftovers(store) == {"ml-100k.zip"}


def test_a_download_outlives_a_power_loss(
    server: Server, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = noted_flushes(monkeypatch)
    assert outlives_a_power_loss(find("ml-100k", store, silent), events)


def test_the_users_folder_comes_first(server: Server, store: Store, tmp_path: Path) -> None:
    (tmp_path / "mine" / "ml-100k").mkdir(parents=True)
    assert find("ml-100k", store, silent, tmp_path / "mine") == tmp_path / "mine" / "ml-100k"
    (tmp_path / "mine" / "ml-100k.zip").touch()
    assert find("ml-100k", store, silent, tmp_path / "mine").name == "ml-100k.zip"
    assert server.asked == []


def test_resumes_where_it_broke_off(server: Server, store: Store) -> None:
    server.breaks_after = 100
    with pytest.raises(DataNotFound, match="failed"):
        find("ml-100k", store, silent)
    assert leftovers(store) == {"ml-100k.zip.part", "ml-100k.zip.part.version"}
    server.breaks_after = None
    assert find("ml-100k", store, silent).read_bytes() == GOOD
    assert server.asked == [None, "bytes=100-"]


def test_a_cancelled_download_can_be_resumed(server: Server, store: Store) -> None:
    def cancel(stage: str, done: float, message: str, values: object = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find("ml-100k", store, cancel)
    assert "ml-100k.zip.part" in leftovers(store)
    # All had come, but unchecked: the server has nothing to add, so it begins anew.
    assert find("ml-100k", store, silent).read_bytes() == GOOD
    assert server.asked == [None, f"bytes={len(GOOD)}-", None]


@pytest.mark.parametrize("fault", ["ignores ranges", "changed meanwhile"])
def test_never_splices(server: Server, store: Store, fault: str) -> None:
    server.breaks_after = 100
    with pytest.raises(DataNotFound):
        find("ml-100k", store, silent)
    server.breaks_after = None
    if fault == "ignores ranges":
        server.ranges = False
    else:
        server.content, server.etag = zip_of(u_data="2\t2\t4\t0\n", u_item="2|B (1991)|\n"), '"two"'
    assert find("ml-100k", store, silent).read_bytes() == server.content


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (GOOD[:-30], "ml-100k.zip is not a whole zip archive"),
        (b"<html>log in first</html>", "ml-100k.zip is not a whole zip archive"),
        (zip_of(u_data="1\t1\t5\t0\n"), "it lacks 'ml-100k/u.item'"),
    ],
)
def test_refuses_and_forgets_what_is_not_the_archive(
    server: Server, store: Store, content: bytes, words: str
) -> None:
    server.content = content
    with pytest.raises(DataNotFound, match=words):
        find("ml-100k", store, silent)
    assert leftovers(store) == set()


def test_says_all_that_was_tried_and_what_to_do(
    monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path
) -> None:
    monkeypatch.setenv("FACTORSCOPE_DATA", str(tmp_path))
    serve(monkeypatch, "http://127.0.0.1:9/ml-100k.zip")
    with pytest.raises(DataNotFound) as caught:
        find("ml-100k", store, silent)
    message = str(caught.value)
    assert f"the folder {tmp_path} has no ml-100k.zip; the cache has none" in message
    assert "http://127.0.0.1:9/ml-100k.zip failed" in message
    assert message.endswith("into a folder and set FACTORSCOPE_DATA to it.")
    assert "\n" not in message


def test_unknown_name(store: Store) -> None:
    with pytest.raises(DataNotFound, match="no data set called 'ml-1k'; choose one of ml-100k, "):
        find("ml-1k", store, silent)


def test_archives_of_other_kinds(tmp_path: Path) -> None:
    path = tmp_path / "aclImdb_v1.tar.gz"
    with tarfile.open(path, "w:gz") as file:
        for number in range(50):
            entry = tarfile.TarInfo(f"aclImdb/train/pos/{number}_9.txt")
            entry.size = 1000
            file.addfile(entry, io.BytesIO(bytes(range(250)) * 4))
    check_archive(path, DATASETS["lmrd"].archive)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match="aclImdb_v1.tar.gz is not a whole tar.gz archive"):
        check_archive(path, DATASETS["lmrd"].archive)


# --- the package index ---

MEMBERS = {"ml-100k.inter": "user_id:token\n", "ml-100k.item": "item_id:token\n"}


def play_pip(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Put a script in the place of this Python, which `pip download` would be asked of."""
    python = tmp_path / "python"
    python.write_text(
        f"#!{sys.executable}\nimport sys\nto = sys.argv[sys.argv.index('--dest') + 1]\n{script}\n"
    )
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(mirror.sys, "executable", str(python))
    monkeypatch.delenv("FACTORSCOPE_DATA", raising=False)


def wheel(tmp_path: Path) -> tuple[Path, str]:
    path = tmp_path / "recbole-1.2.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as file:
        for name, text in MEMBERS.items():
            file.writestr(f"recbole/dataset_example/ml-100k/{name}", text)
        file.writestr("recbole/model.py", "")
    return path, hashlib.sha256(path.read_bytes()).hexdigest()


def test_mirror_keeps_two_members(monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path) -> None:
    path, sha256 = wheel(tmp_path)
    play_pip(monkeypatch, tmp_path, f"import shutil; shutil.copy({str(path)!r}, to)")
    ours = replace(
        DATASETS["ml-100k"], address="http://127.0.0.1:9/", mirror=replace(mirror.RECBOLE, sha256=sha256)
    )
    monkeypatch.setitem(datasets.DATASETS, "ml-100k", ours)
    found = find("ml-100k", store, silent)
    with zipfile.ZipFile(found) as file:
        assert {name: file.read(name).decode() for name in file.namelist()} == MEMBERS
    assert leftovers(store) == {"ml-100k-recbole.zip"}
    assert find("ml-100k", store, silent) == found


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("sys.exit('ERROR: No matching distribution')", "(ERROR: No matching distribution)"),
        (
            "open(to + '/recbole-1.2.1-py3-none-any.whl', 'w').write('else')",
            "another recbole==1.2.1 than the known",
        ),
    ],
)
def test_mirror_fails(
    monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path, script: str, words: str
) -> None:
    play_pip(monkeypatch, tmp_path, script)
    monkeypatch.setitem(
        datasets.DATASETS, "ml-100k", replace(DATASETS["ml-100k"], address="http://127.0.0.1:9/")
    )
    with pytest.raises(DataNotFound) as caught:
        find("ml-100k", store, silent)
    assert words in str(caught.value)
    assert leftovers(store) == set()


def test_cancelling_ends_pip(monkeypatch: pytest.MonkeyPatch, store: Store, tmp_path: Path) -> None:
    play_pip(monkeypatch, tmp_path, "import time; time.sleep(60)")

    def cancel(stage: str, done: float, message: str, values: object = None) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        mirror.from_mirror(mirror.RECBOLE, store.root / "datasets", cancel)
    assert leftovers(store) == set()
