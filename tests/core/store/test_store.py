"""The store: artifacts found again, damaged ones made again, and nothing ever unpickled."""

import errno
import os
import pickle
import random
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest

from core.errors import StorageError
from core.store import Store, digest_of, put, read_json, write_json
from tests.support.flushes import noted_flushes, outlives_a_power_loss


class Builder:
    """Writes one file and counts how often it was asked to."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "value.txt").write_text("kept")


def test_an_artifact_is_built_once_for_equal_inputs(store: Store) -> None:
    build = Builder()
    first = store.artifact("stage", "1", {"a": 1, "b": [2]}, build)
    again = Store(store.root).artifact("stage", "1", {"b": [2], "a": 1}, build)
    assert first == again and build.calls == 1


def test_an_artifact_is_on_the_disk_before_it_has_its_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = noted_flushes(monkeypatch)
    home = store.artifact("stage", "1", {}, Builder())
    assert outlives_a_power_loss(home, events)


def test_other_inputs_or_another_version_are_another_artifact(store: Store) -> None:
    build = Builder()
    folders = {
        store.artifact("stage", "1", {"a": 1}, build),
        store.artifact("stage", "1", {"a": 2}, build),
        store.artifact("stage", "2", {"a": 1}, build),
        store.artifact("other", "1", {"a": 1}, build),
    }
    assert len(folders) == 4 and build.calls == 4


@pytest.mark.parametrize("harm", ["changed", "missing", "folder", "a file in its place"])
def test_a_damaged_artifact_is_built_again(store: Store, harm: str) -> None:
    build = Builder()
    folder = store.artifact("stage", "1", {}, build)
    if harm == "changed":
        (folder / "value.txt").write_text("keqt")
    elif harm == "missing":
        (folder / "value.txt").unlink()
    else:
        shutil.rmtree(folder)
    if harm == "a file in its place":
        folder.write_text("")
    again = store.artifact("stage", "1", {}, build)
    assert (again / "value.txt").read_text() == "kept" and build.calls == 2


def test_two_builders_of_one_artifact_end_with_one_that_is_whole(store: Store) -> None:
    """The second begins and ends while the first is at work, as a run beside the dashboard may."""

    def build(folder: Path) -> None:
        (folder / "value.txt").write_text("of the second")
        calls.append(folder)
        if len(calls) == 1:
            inner.append(Store(store.root).artifact("stage", "1", {}, build))
            (folder / "value.txt").write_text("of the first")

    calls: list[Path] = []
    inner: list[Path] = []
    assert store.artifact("stage", "1", {}, build) == inner[0]
    again = Builder()
    assert (store.artifact("stage", "1", {}, again) / "value.txt").read_text() == "of the second"
    assert again.calls == 0


def test_a_build_that_fails_leaves_nothing(store: Store) -> None:
    def build(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise ValueError("stopped")

    with pytest.raises(ValueError, match="stopped"):
        store.artifact("stage", "1", {}, build)
    assert list((store.root / "artifacts").iterdir()) == []


def test_a_full_disk_is_said_so(store: Store) -> None:
    def build(folder: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(StorageError, match="disk of .* is full; free some space"):
        store.artifact("stage", "1", {}, build)


def test_a_pickle_in_the_index_is_never_loaded(store: Store, tmp_path: Path) -> None:
    mark = tmp_path / "loaded"

    class Harm:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (mark,)

    store.put("key", "value")
    database = sqlite3.connect(store.root / "index" / "cache.db")
    with database:
        database.execute("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Harm()),))
    database.close()
    assert Store(store.root).get("key") is None
    assert not mark.exists()


def test_an_entry_that_points_to_a_file_outside_is_refused(store: Store, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text('"secret"')
    store.put("key", "value")
    database = sqlite3.connect(store.root / "index" / "cache.db")
    with database:
        database.execute("UPDATE Cache SET mode = 3, value = NULL, filename = ?", (f"../../{secret.name}",))
    database.close()
    assert Store(store.root).get("key") is None
    assert secret.exists()


def test_a_damaged_index_is_put_aside(store: Store) -> None:
    build = Builder()
    store.artifact("stage", "1", {}, build)
    for file in (store.root / "index").iterdir():
        file.write_bytes(b"this is not a database" * 400)
    again = Store(store.root)
    assert (again.artifact("stage", "1", {}, build) / "value.txt").read_text() == "kept"


def test_an_index_with_any_damage_is_used_or_put_aside(store: Store, tmp_path: Path) -> None:
    store.put("before", "value")
    for seed in range(40):
        rng = random.Random(seed)
        shutil.copytree(store.root, tmp_path / "damaged")
        path = tmp_path / "damaged" / "index" / "cache.db"
        content = bytearray(path.read_bytes())
        at = rng.randrange(len(content))
        match seed % 4:
            case 0:
                content[at] ^= 1 << rng.randrange(8)
            case 1:
                content[at : at + 4096] = rng.randbytes(4096)
            case 2:
                content[at : at + 4096] = bytes(4096)
            case 3:
                del content[at:]
        path.write_bytes(content)
        damaged = Store(tmp_path / "damaged")
        assert damaged.get("before") in (None, "value"), seed
        damaged.put("after", "another")
        assert damaged.get("after") == "another", seed
        shutil.rmtree(tmp_path / "damaged")


def test_a_folder_where_the_index_belongs_is_put_aside(store: Store) -> None:
    (store.root / "index" / "cache.db").unlink()
    (store.root / "index" / "cache.db").mkdir()
    Store(store.root).put("key", "value")
    assert Store(store.root).get("key") == "value"


def test_a_full_disk_puts_no_index_aside(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    store.put("key", "value")
    with monkeypatch.context() as patch:
        patch.setattr("diskcache.Cache", full)
        with pytest.raises(StorageError, match="is full"):
            Store(store.root)
    assert Store(store.root).get("key") == "value" and not list(store.root.glob("index-damaged-*"))


@pytest.mark.parametrize("there", ["nothing", "file", "folder", "link"])
@pytest.mark.parametrize("new", ["file", "folder"])
def test_a_name_is_given_in_place_of_whatever_has_it(tmp_path: Path, new: str, there: str) -> None:
    name, path = tmp_path / "name", tmp_path / "new"
    match there:
        case "file":
            name.write_text("old")
        case "folder":
            (name / "deep").mkdir(parents=True)
        case "link":
            name.symlink_to(name.name)
    if new == "file":
        path.write_text("new")
    else:
        path.mkdir()
        (path / "x").write_text("new")
    put(path, name)
    assert (name if new == "file" else name / "x").read_text() == "new" and not path.exists()


def test_what_is_nested_too_deep_is_no_json(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(ValueError, match="nested too deep"):
        read_json(tmp_path / "deep.json")


@pytest.mark.parametrize("content", ["{}", "[]", "[" * 100_000, '{"value.txt": 1}'])
def test_an_artifact_without_the_digests_of_its_files_is_made_again(store: Store, content: str) -> None:
    build = Builder()
    folder = store.artifact("stage", "1", {}, build)
    (folder / "manifest.json").write_text(content)
    (folder / "value.txt").write_text("damaged")
    assert (store.artifact("stage", "1", {}, build) / "value.txt").read_text() == "kept"


def test_prune_keeps_what_fits_and_deletes_the_longest_unused(store: Store) -> None:
    old = store.artifact("stage", "1", {"n": 1}, Builder())
    new = store.artifact("stage", "1", {"n": 2}, Builder())
    ended = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    left, at_work = (store.root / "artifacts" / f".{pid}-stage-x" for pid in (ended, os.getpid()))
    for folder, age in ((left, 9000), (at_work, 9000), (old, 9000), (new, 8000)):
        folder.mkdir(exist_ok=True)
        time = folder.stat().st_mtime - age
        os.utime(folder, (time, time))
    size = sum(path.stat().st_size for path in new.iterdir())
    assert store.prune(max_bytes=size) == 2
    assert not old.exists() and not left.exists() and new.exists() and at_work.exists()


def test_prune_touches_and_counts_nothing_but_our_own(store: Store) -> None:
    ours = store.artifact("stage", "1", {"n": 1}, Builder())
    artifacts = store.root / "artifacts"
    for name in (".DS_Store", ".nfs000000000012", "Thumbs.db", ".99999-", "stage-notes"):
        (artifacts / name).write_bytes(b"x" * 10_000)
    for name in (".Trash-1000", "lost+found", "@eaDir", ".snapshot"):
        (artifacts / name).mkdir()
    (store.root / "unfinished").mkdir()
    (store.root / "unfinished" / ".DS_Store").write_text("")
    for path in store.root.rglob("*"):
        os.utime(path, (0, 0))
    # The foreign files are larger than the limit, and do not cost us our artifact.
    assert store.prune(max_bytes=5_000) == 0 and ours.exists()
    assert store.prune(max_bytes=0) == 1 and not ours.exists()
    assert len(list(artifacts.iterdir())) == 9 and (store.root / "unfinished" / ".DS_Store").exists()


def test_the_digest_of_a_file_follows_its_content(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "data"
    file.write_bytes(b"one")
    first = store.file_digest(file)
    file.write_bytes(b"three")
    assert first != store.file_digest(file) and len(first) == 64


def test_the_cache_folder_is_the_users_alone(store: Store) -> None:
    assert store.root.stat().st_mode & 0o777 == 0o700


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})


def test_json_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", {"a": 1})
    with pytest.raises(TypeError):
        write_json(tmp_path / "a.json", {"a": object()})
    assert (tmp_path / "a.json").read_text() == '{\n  "a": 1\n}\n'


def test_an_artifact_is_found_by_its_name_alone(store: Store) -> None:
    folder = store.artifact("squares", "1", {"of": 3}, lambda to: (to / "n.txt").write_text("9"))
    os.utime(folder, (0, 0))
    assert store.existing(folder.name) == folder and folder.stat().st_mtime > 0
    for name in ("squares-0", "", ".", "..", f"../artifacts/{folder.name}"):
        assert store.existing(name) is None
