"""Artifacts in a bucket of a server that speaks S3: shared, checked, and made once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from faults.forks import forks
from faults.small import COMMAND, differences, figures
from support.command_line import ROOT
from support.s3_faults import Proxy
from support.s3_server import KEY, S3Server
from support.stored import Builder, harm, made, manifests, shows_credentials

from core.store import MANIFEST, Store, object_store, read_json

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

LIBRARIES = "core.pipeline.libraries:load_libraries"


def test_a_second_cache_finds_what_the_first_made(s3: S3Server, bucket: str, tmp_path: Path) -> None:
    build = Builder()
    one, two = (made(Store(tmp_path / name), build) for name in ("one", "two"))
    assert build.calls == 1 and (two / "value.txt").read_text() == "kept"
    assert (one / MANIFEST).read_bytes() == (two / MANIFEST).read_bytes()
    files = read_json(one / MANIFEST)
    there = s3.objects(bucket) / one.name
    assert sorted(path.name for path in there.iterdir()) == sorted({MANIFEST, *files.values()})
    assert object_store.shared_store().names() == [one.name]


def test_a_large_file_comes_back_whole(bucket: str, tmp_path: Path) -> None:
    """It is read in parts of 50 MB."""
    content = os.urandom(60_000_000)

    def build(folder: Path) -> None:
        (folder / "large").write_bytes(content)

    for name in ("one", "two"):
        home = Store(tmp_path / name).artifact("large file", "1", {}, build)
        assert (home / "large").read_bytes() == content
        build = None  # type: ignore[assignment]


@pytest.mark.parametrize("damage", ["changed", "cut", "missing", "manifest cut", "manifest empty"])
def test_a_damaged_object_is_made_anew_and_mended(
    s3: S3Server, bucket: str, tmp_path: Path, damage: str
) -> None:
    build = Builder()
    home = made(Store(tmp_path / "one"), build)
    digest = read_json(home / MANIFEST)["value.txt"]
    target = s3.objects(bucket) / home.name / (MANIFEST if "manifest" in damage else digest)
    harm(target, damage.split()[-1])
    s3.notice()
    assert (made(Store(tmp_path / "two"), build) / "value.txt").read_text() == "kept" and build.calls == 2
    made(Store(tmp_path / "three"), build)
    assert build.calls == 2


def test_what_is_evicted_here_stays_there(s3: S3Server, bucket: str, tmp_path: Path) -> None:
    store, build = Store(tmp_path / "one"), Builder()
    home = made(store, build)
    before = sorted(str(path) for path in s3.objects(bucket).rglob("*"))
    os.utime(home, (0, 0))
    assert store.prune(0) == 1 and not home.exists()
    assert sorted(str(path) for path in s3.objects(bucket).rglob("*")) == before
    assert made(store, build) == home and build.calls == 1


CHILD = """
import sys
from pathlib import Path
from core.store import Store
def build(folder):
    (folder / "value.txt").write_text("kept")
    (folder / "by").write_text(sys.argv[2])
    print("built", flush=True)
    if sys.argv[3] == "wait":
        sys.stdin.readline()
print(Store(Path(sys.argv[1])).artifact("squares", "1", {"of": 3}, build))
"""


def child(cache: Path, name: str, pause: str = "") -> "subprocess.Popen[str]":
    pipe = subprocess.PIPE
    words = [sys.executable, "-c", CHILD, str(cache), name, pause]
    return subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe, text=True)


def test_a_kill_between_data_and_manifest_leaves_no_artifact(
    s3: S3Server, bucket: str, proxy: Proxy, tmp_path: Path
) -> None:
    process = child(tmp_path / "one", "one")

    def kill(method: str, path: str) -> tuple[int, str] | None:
        if method == "PUT" and path.endswith(MANIFEST):
            process.kill()
            return 0, ""
        return None

    proxy.fault = kill
    process.communicate(timeout=120)
    assert process.returncode == -9
    (there,) = (path for path in s3.objects(bucket).iterdir() if path.is_dir())
    assert len(list(there.iterdir())) == 2 and not (there / MANIFEST).exists()
    proxy.fault = lambda method, path: None
    build = Builder()
    made(Store(tmp_path / "two"), build)
    made(Store(tmp_path / "three"), build)
    assert build.calls == 1
    # The killed one had finished its artifact, so it makes nothing again, and finds that of the others there.
    again = Store(tmp_path / "one")
    assert made(again, build).name == there.name and build.calls == 1


def test_two_writers_at_once_end_with_one_that_is_whole(bucket: str, tmp_path: Path) -> None:
    writers = [child(tmp_path / name, name, "wait") for name in ("one", "other")]
    for writer in writers:
        assert writer.stdout is not None and writer.stdout.readline() == "built\n"
    ended = [writer.communicate("\n", timeout=120) for writer in writers]
    assert [writer.returncode for writer in writers] == [0, 0], ended
    build = Builder()
    home = made(Store(tmp_path / "third"), build)
    assert build.calls == 0 and (home / "by").read_text() in ("one", "other")


def test_a_run_is_shared_and_has_the_numbers_of_one_without_a_store(s3: S3Server, tmp_path: Path) -> None:
    name = s3.bucket()
    with forks(tmp_path / "told", LIBRARIES) as processes:
        for out in ("local", "first", "second"):
            before = manifests(s3, name)
            environment = {"FACTORSCOPE_CACHE": str(tmp_path / out)}
            environment |= s3.environment(name) if out != "local" else {}
            ended = processes.call(COMMAND, str(tmp_path / f"out-{out}"), **environment)
            assert ended.code == 0, ended.err
            assert not shows_credentials(ended.out + ended.err) and KEY + ":" not in ended.out + ended.err
            if out == "second":
                assert manifests(s3, name) == before
    expected = figures(tmp_path / "out-local")
    for out in ("first", "second"):
        assert differences(expected, figures(tmp_path / f"out-{out}")) == []
    # The second made nothing: each artifact is that of the first, seconds in its records and all.
    made_by = {
        out: {
            path.parent.name: path.read_bytes() for path in (tmp_path / out).glob(f"artifacts/*/{MANIFEST}")
        }
        for out in ("local", "first", "second")
    }
    assert made_by["local"].keys() == made_by["first"].keys() == set(manifests(s3, name))
    assert made_by["second"].items() <= made_by["first"].items() and made_by["second"]
    files = [path for path in tmp_path.rglob("*") if path.is_file()] + list(s3.objects(name).rglob("*"))
    for path in files:
        assert path.is_dir() or not shows_credentials(path.read_bytes().decode("latin-1")), path
