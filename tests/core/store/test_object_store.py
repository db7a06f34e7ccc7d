"""Artifacts that several cache folders share, by fsspec's own folders and memory; S3 is in tests/cluster."""

import errno
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.stored import Builder, harm, made

from core.errors import BadInput, Cancelled, StorageError, UserError
from core.store import MANIFEST, Store, read_json, write_json, write_manifest
from core.store.file_systems import S3_CONFIG
from core.store.object_store import RIGHTS_CHECK, shared_store
from core.store.store_errors import Away

INPUTS = {"of": 3}


@pytest.fixture(params=["folder", "file", "memory"])
def shared(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty store."""
    address = {
        "folder": str(tmp_path / "shared"),
        "file": f"file://{tmp_path}/shared",
        "memory": f"memory://{tmp_path.name}/shared",
    }[request.param]
    monkeypatch.setenv("FACTORSCOPE_STORE", address)
    return address


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in which artifacts are shared."""
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
    return tmp_path / "shared"


def test_a_second_cache_finds_what_the_first_made(shared: str, tmp_path: Path) -> None:
    build = Builder()
    one, two = (made(Store(tmp_path / name), build) for name in ("one", "two"))
    assert build.calls == 1 and one != two
    files = sorted(str(path.relative_to(one)) for path in one.rglob("*"))
    assert files == ["inner", "inner/empty", MANIFEST, "value.txt"]
    assert files == sorted(str(path.relative_to(two)) for path in two.rglob("*"))
    for path in one.rglob("*"):
        assert path.is_dir() or path.read_bytes() == (two / path.relative_to(one)).read_bytes()


def test_without_a_store_nothing_but_the_cache_is_written(store: Store) -> None:
    home = made(store, Builder())
    assert shared_store() is None and [path.name for path in store.root.parent.iterdir()] == [store.root.name]
    assert sorted(path.name for path in home.parent.iterdir()) == [home.name]


def test_the_name_of_an_artifact_is_the_same_in_every_store(shared: str, store: Store) -> None:
    home = made(store, Builder())
    here = shared_store()
    assert (
        here is not None
        and here.names() == [home.name]
        and here.files(home.name) == read_json(home / MANIFEST)
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FACTORSCOPE_STORE")
        assert made(store, Builder()) == home


def test_what_was_evicted_from_the_cache_comes_back(shared: str, store: Store) -> None:
    build = Builder()
    home = made(store, build)
    os.utime(home, (0, 0))
    assert store.prune(0) == 1 and not home.exists()
    assert store.existing(home.name) == home and (home / "value.txt").read_text() == "kept"
    shutil.rmtree(home)
    assert made(store, build) == home and build.calls == 1


def test_what_was_made_before_the_store_was_named_is_shared_when_it_is_used(tmp_path: Path) -> None:
    build = Builder()
    made(Store(tmp_path / "one"), build)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACTORSCOPE_STORE", str(tmp_path / "shared"))
        made(Store(tmp_path / "one"), build)
        made(Store(tmp_path / "two"), build)
    assert build.calls == 1


def test_without_its_manifest_there_is_no_artifact(folder: Path, tmp_path: Path) -> None:
    """As after a kill between the data and the manifest."""
    build = Builder()
    home = made(Store(tmp_path / "one"), build)
    (folder / home.name / MANIFEST).unlink()
    assert Store(tmp_path / "two").existing(home.name) is None
    made(Store(tmp_path / "two"), build)
    made(Store(tmp_path / "three"), build)
    assert build.calls == 2


@pytest.mark.parametrize(
    "damage", ["changed", "cut", "missing", "manifest cut", "manifest empty", "no manifest"]
)
def test_a_damaged_object_is_made_anew_and_mended(folder: Path, tmp_path: Path, damage: str) -> None:
    build = Builder()
    home = made(Store(tmp_path / "one"), build)
    digest = read_json(home / MANIFEST)["value.txt"]
    target = folder / home.name / (MANIFEST if "manifest" in damage else digest)
    harm(target, damage.split()[-1])
    again = made(Store(tmp_path / "two"), build)
    assert (again / "value.txt").read_text() == "kept" and build.calls == 2
    assert sorted(path.name for path in again.parent.iterdir()) == [again.name]
    made(Store(tmp_path / "three"), build)
    assert build.calls == 2


@pytest.mark.parametrize(
    "path", ["../evil", "/tmp/evil", "a/../../../evil", "manifest.json", "", "a\0b", "../../index/cache.db"]
)
def test_a_manifest_leads_to_no_file_outside(folder: Path, tmp_path: Path, path: str) -> None:
    build = Builder()
    home = made(Store(tmp_path / "one"), build)
    files = read_json(home / MANIFEST)
    write_json(folder / home.name / MANIFEST, {**files, path: files["value.txt"]})
    made(Store(tmp_path / "two"), build)
    assert build.calls == 2 and not list(tmp_path.rglob("evil"))


def test_two_writers_at_once_end_with_one_that_is_whole(folder: Path, tmp_path: Path) -> None:
    """They make files that differ, as seconds in a record do, and write them by turns."""
    both = threading.Barrier(2)

    class AtOnce(Builder):
        def __call__(self, folder: Path) -> None:
            super().__call__(folder)
            both.wait(20)

    builders = [AtOnce("of one"), AtOnce("of the other")]
    threads = [
        threading.Thread(target=made, args=(Store(tmp_path / builder.text), builder)) for builder in builders
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    third = Builder()
    text = (made(Store(tmp_path / "third"), third) / "value.txt").read_text()
    assert third.calls == 0 and text in ("of one", "of the other")


def test_the_store_is_tried_before_the_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FACTORSCOPE_STORE", str(tmp_path / "file" / "shared"))
    build = Builder()
    with pytest.raises(StorageError, match="the store .*/file/shared cannot be used"):
        made(Store(tmp_path / "one"), build)
    assert build.calls == 0


def test_a_store_that_cannot_be_made_a_folder_is_said_so(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", "/proc/nothing")
    with pytest.raises(StorageError, match="the store /proc/nothing cannot be made a folder"):
        made(store, Builder())


def test_a_full_store_is_said_so_and_what_was_made_is_kept(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Builder()
    opened = shared_store()
    assert opened is not None
    files = type(opened._files)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(files, "put_file", full)
        with pytest.raises(StorageError, match=f"the store {folder} is full; free some space there"):
            made(store, build)
    with monkeypatch.context() as patch:
        patch.setattr(files, "get_file", full)
        made(store, build)
        with pytest.raises(StorageError, match="the disk of .*another.* is full"):
            made(Store(store.root.parent / "another"), build)
    assert build.calls == 1


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("s4://bucket/x", "nothing here can keep artifacts at s4://"),
        ("s3://", "names no bucket"),
        ("s3://key:guess@bucket/x", "pass credentials by the environment"),
        ("s3://bucket/x?secret=guess", "pass credentials by the environment"),
        ("simplecache::s3://bucket/x", "pass credentials by the environment"),
        ("s3:/bucket/x", "is no address; write a folder, or s3://bucket/prefix"),
        ("://", "is no address"),
        ("nonsense://x", "nothing here can keep artifacts at nonsense://"),
        ("zip::nonsense://x", "pass credentials by the environment"),
        ("ftp://x/y", "nothing here can keep artifacts at ftp://"),
        ("http://x/y", "nothing here can keep artifacts at http://"),
        ("zip://x", "nothing here can keep artifacts at zip://"),
        ("reference://x", "nothing here can keep artifacts at reference://"),
        ("dir://x", "nothing here can keep artifacts at dir://"),
        ("generic://x", "nothing here can keep artifacts at generic://"),
        ("~nobody-of-this-name/x", "begins with a user who is not here"),
    ],
)
def test_an_address_that_is_none_is_refused(
    store: Store, monkeypatch: pytest.MonkeyPatch, address: str, sentence: str
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", address)
    with pytest.raises(BadInput, match=sentence) as refused:
        made(store, Builder())
    assert "guess" not in str(refused.value)


EVERY_PROTOCOL = """
import fsspec
from core.errors import BadInput
from core.store.object_store import ObjectStore

for protocol in fsspec.available_protocols():
    try:
        ObjectStore(f"{protocol}://127.0.0.1:1/x")
    except BadInput as refused:
        print(refused)
"""


def test_no_protocol_of_fsspec_prints_a_traceback(tmp_path: Path) -> None:
    # In a process of its own, since a library may print when it is collected.
    tried = subprocess.run(
        [sys.executable, "-c", EVERY_PROTOCOL],
        cwd=Path(__file__).parents[3],
        env=os.environ | {"FACTORSCOPE_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode == 0 and "Traceback" not in tried.stderr, tried.stderr
    refused = tried.stdout.splitlines()
    assert len(refused) > 10 and all("FACTORSCOPE_STORE=" in sentence for sentence in refused)


def test_a_missing_s3fs_is_named_with_the_command_that_installs_it(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FACTORSCOPE_STORE", "s3://bucket/x")
    monkeypatch.setitem(sys.modules, "s3fs", None)
    registry = pytest.importorskip("fsspec.registry")
    # Another test may have loaded it.
    monkeypatch.delitem(registry._registry, "s3", raising=False)
    monkeypatch.setattr("core.store.object_store._opened", {})
    with pytest.raises(
        UserError, match="needs s3fs; run .*pip install .*--requirement requirements-cluster.txt"
    ):
        made(store, Builder())


def test_the_check_of_the_store_is_no_artifact(folder: Path, store: Store) -> None:
    made(store, Builder())
    opened = shared_store()
    assert (folder / RIGHTS_CHECK).is_file() and opened is not None and RIGHTS_CHECK not in opened.names()
    opened.remove(opened.names()[0])
    assert opened.names() == []


@pytest.mark.parametrize("moment", ["store asked", "work"])
def test_what_another_finishes_meanwhile_is_not_deleted(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Two workers share a cache folder; the second completes the artifact while the first asks or works."""
    home, build, inodes = store.home("squares", "1", INPUTS), Builder(), []
    opened = shared_store()
    assert opened is not None
    check = opened.check_rights

    def other_finishes() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(opened, "check_rights", check)
            made(Store(store.root), Builder("of the other"))
        inodes.append(home.stat().st_ino)

    def work(folder: Path) -> None:
        if moment == "work":
            other_finishes()
        build(folder)

    if moment == "store asked":
        monkeypatch.setattr(opened, "check_rights", other_finishes)
    made(store, work)
    assert [home.stat().st_ino] == inodes and (home / "value.txt").read_text() == "of the other"
    assert build.calls == (moment == "work") and opened.files(home.name) == read_json(home / MANIFEST)
    assert [path.name for path in home.parent.iterdir()] == [home.name]


@pytest.mark.parametrize("whole", [True, False])
def test_a_page_deletes_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    """While it fetches an artifact, a worker completes it, or has written part of it."""
    name = made(Store(tmp_path / "one"), Builder()).name
    opened, pages = shared_store(), Store(tmp_path / "two")
    assert opened is not None
    fetch, home = opened.fetch, pages.root / "artifacts" / name

    def fetch_slowly(name: str, to: Path) -> bool:
        home.mkdir()
        (home / "value.txt").write_text("of a worker")
        if whole:
            write_manifest(home)
        return fetch(name, to)

    monkeypatch.setattr(opened, "fetch", fetch_slowly)
    assert pages.existing(name) == (home if whole else None)
    assert (home / "value.txt").read_text() == "of a worker"


def test_what_is_deleted_meanwhile_is_no_fault(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a shard that another run of the stage clears."""
    home = made(store, Builder())
    opened = shared_store()
    assert opened is not None
    utime = os.utime

    def deleted(path: Path) -> None:
        shutil.rmtree(path)
        utime(path)

    with monkeypatch.context() as patch:
        patch.setattr("core.store.artifacts.os.utime", deleted)
        assert store.existing(home.name) is None
    opened.push(home)


def test_the_wait_for_a_store_counts_from_its_first_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, tries = [0.0], []

    def pass_time(seconds: float) -> None:
        clock[0] += seconds

    def silent_for_half_a_minute() -> None:
        tries.append(clock[0])
        pass_time(30)
        raise Away("it does not answer")

    monkeypatch.setattr("core.store.object_store.time.monotonic", lambda: clock[0])
    monkeypatch.setattr("core.store.object_store.time.sleep", pass_time)
    opened = shared_store()
    assert opened is not None
    with pytest.raises(Away):
        opened.patiently(silent_for_half_a_minute)
    assert tries == [0, 31]

    def check() -> None:
        if clock[0] >= tries[0] + 30.5:
            raise Cancelled("enough")

    tries.clear()
    with pytest.raises(Cancelled):
        opened.patiently(silent_for_half_a_minute, check)
    assert len(tries) == 1


@pytest.fixture
def silent_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store that accepts connections and never answers; a request to it lasts a tenth of a second."""
    pytest.importorskip("s3fs", reason="s3fs is not installed (requirements-cluster.txt)")
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("FACTORSCOPE_STORE", "s3://bucket/x")
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{server.getsockname()[1]}")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "any")
        monkeypatch.setattr("core.store.object_store._opened", {})
        short = {"connect_timeout": 0.1, "read_timeout": 0.1}
        monkeypatch.setattr("core.store.file_systems.S3_CONFIG", S3_CONFIG | short)
        yield


def test_a_silent_store_is_asked_once_by_who_waits_for_an_answer(silent_s3: None, store: Store) -> None:
    opened = shared_store()
    assert opened is not None
    requests: list[str] = []
    opened._files.connect()
    opened._files._s3.meta.events.register("before-send.s3", lambda **about: requests.append("sent"))
    assert store.existing("squares-" + 32 * "0") is None and requests == ["sent"]
    assert store.existing("squares-" + 32 * "1") is None and requests == ["sent"]


def test_a_silent_store_ends_the_work(silent_s3: None, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.object_store.WAIT_SECONDS", 0.1)
    build = Builder()
    with pytest.raises(Away, match="does not answer"):
        made(store, build)
    assert build.calls == 0


def test_a_request_to_a_silent_store_lasts_seconds() -> None:
    """A page waits for it; the user's configuration may say otherwise."""
    assert 0 < S3_CONFIG["connect_timeout"] + S3_CONFIG["read_timeout"] <= 15
