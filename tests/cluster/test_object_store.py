"""Artifacts in a bucket of a server that speaks S3: shared, checked, and every fault in one sentence."""

import datetime
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from faults.small import SETTINGS, differences, figures
from support.command_line import ROOT, forked
from support.s3_faults import Proxy, answering, proxy_before
from support.s3_server import KEY, SECRET, S3Server

from core.errors import StorageError
from core.progress import silent
from core.store import MANIFEST, Store, object_store, read_json

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

RUN = ("run", "--preset", "quick", "--ratings", "planted", "--reviews", "planted", "--factors", "4")
RUN = (*RUN, "--top", "1", "--films", "30")


class Builder:
    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "value.txt").write_text("kept")
        (folder / "inner").mkdir()
        (folder / "inner" / "empty").write_text("")


def made(store: Store, build: Builder, of: int = 3) -> Path:
    return store.artifact("squares", "1", {"of": of}, build)


def forget_connections() -> None:
    """Let what is asked next see the environment of now."""
    object_store._opened.clear()


@pytest.fixture
def bucket(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A bucket in which this process shares its artifacts."""
    name = s3.bucket()
    for key, value in s3.environment(name).items():
        monkeypatch.setenv(key, value)
    forget_connections()
    yield name
    forget_connections()


@pytest.fixture
def proxy(s3: S3Server, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """What stands between this process and the bucket."""
    with proxy_before(s3) as before:
        monkeypatch.setenv("AWS_ENDPOINT_URL", before.environment(bucket)["AWS_ENDPOINT_URL"])
        forget_connections()
        yield before


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


@pytest.mark.parametrize("harm", ["changed", "cut", "missing", "manifest cut", "manifest empty"])
def test_a_damaged_object_is_made_anew_and_mended(
    s3: S3Server, bucket: str, tmp_path: Path, harm: str
) -> None:
    build = Builder()
    home = made(Store(tmp_path / "one"), build)
    digest = read_json(home / MANIFEST)["value.txt"]
    target = s3.objects(bucket) / home.name / (MANIFEST if "manifest" in harm else digest)
    match harm.split()[-1]:
        case "changed":
            target.write_text("keqt")
        case "cut":
            target.write_bytes(target.read_bytes()[: target.stat().st_size // 2])
        case "empty":
            target.write_bytes(b"")
        case _:
            target.unlink()
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


def test_a_short_silence_is_waited_out(proxy: Proxy, tmp_path: Path) -> None:
    begun = time.monotonic()
    proxy.fault = lambda method, path: (0, "") if time.monotonic() < begun + 3 else None
    build = Builder()
    home = made(Store(tmp_path / "one"), build)
    made(Store(tmp_path / "two"), build)
    assert build.calls == 1 and object_store.shared_store().names() == [home.name]


def test_a_long_silence_ends_the_work_and_loses_nothing(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_store, "WAIT_SECONDS", 2)
    proxy.fault = lambda method, path: (0, "") if method == "PUT" and "squares" in path else None
    store, build = Store(tmp_path / "one"), Builder()
    with pytest.raises(
        StorageError, match=r"at 127\.0\.0\.1:\d+ does not answer .*what was finished is kept"
    ):
        made(store, build)
    proxy.fault = lambda method, path: None
    home = made(store, build)
    assert build.calls == 1 and object_store.shared_store().files(home.name) == read_json(home / MANIFEST)
    made(Store(tmp_path / "two"), build)
    assert build.calls == 1


def test_who_waits_for_an_answer_does_not_wait_for_a_store(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = made(Store(tmp_path / "one"), Builder())
    proxy.fault = answering(0, "")
    other = Store(tmp_path / "two")
    assert other.existing(home.name) is None
    asked = len(proxy.seen)
    assert other.existing(home.name) is None and len(proxy.seen) == asked
    monkeypatch.setattr(object_store.shared_store(), "_ask_again", 0.0)
    proxy.fault = lambda method, path: None
    assert other.existing(home.name) == other.root / "artifacts" / home.name


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (
            403,
            "AccessDenied",
            "gives no right to do this; let these credentials list, read, write and delete",
        ),
        (403, "RequestTimeTooSkewed", "refuses this machine's clock; set it right"),
        (403, "ExpiredToken", "refuses the credentials; check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"),
        (301, "PermanentRedirect", "is in another region or elsewhere; check AWS_DEFAULT_REGION"),
        (507, "XMinioStorageFull", "is full; free some space there"),
        (403, "QuotaExceeded", "is full; free some space there"),
        (418, "Teapot", "cannot be used"),
    ],
)
@pytest.mark.parametrize("methods", ["GET", "PUT"])
def test_what_a_store_refuses_is_told_before_the_work(
    proxy: Proxy, tmp_path: Path, status: int, code: str, sentence: str, methods: str
) -> None:
    proxy.fault = answering(status, code, methods)
    build = Builder()
    with pytest.raises(StorageError, match=sentence) as told:
        made(Store(tmp_path / "one"), build)
    assert build.calls == 0 and code in str(told.value) and not shows_credentials(str(told.value))


def test_a_store_that_is_full_in_the_midst_loses_nothing(proxy: Proxy, tmp_path: Path) -> None:
    proxy.fault = answering(507, "XMinioStorageFull", "PUT", MANIFEST)
    store, build = Store(tmp_path / "one"), Builder()
    with pytest.raises(
        StorageError, match="is full; free some space there and start again; what was finished is"
    ):
        made(store, build)
    proxy.fault = lambda method, path: None
    made(store, build)
    made(Store(tmp_path / "two"), build)
    assert build.calls == 1


@pytest.mark.parametrize("minutes", [-60, 60])
def test_a_wrong_clock_is_named(
    bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    """By the server's own check; a clock behind it is refused without S3's code for that."""
    import botocore.auth

    real = botocore.auth.get_current_datetime
    wrong = datetime.timedelta(minutes=minutes)
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *a, **k: real(*a, **k) + wrong)
    if minutes < 0:
        # The answer's date is compared with the clock, which here is right.
        now = time.time()
        monkeypatch.setattr("core.store.store_errors.time.time", lambda: now + minutes * 60)
    with pytest.raises(StorageError, match=r"refuses this machine's clock; .* \(RequestTimeTooSkewed\)"):
        made(Store(tmp_path / "one"), Builder())


def shows_credentials(text: str) -> bool:
    return any(secret in text for secret in (SECRET, quote(SECRET, safe=""), "s3cr3t", "of+them", "gu/ess"))


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        (
            {"AWS_SECRET_ACCESS_KEY": "gu/ess"},
            "refuses the credentials; check AWS_ACCESS_KEY_ID and AWS_SECRET",
        ),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "refuses the credentials; check AWS_ACCESS_KEY_ID and AWS_SECRET"),
        (
            {"FACTORSCOPE_STORE": "s3://nothing/x"},
            "the store s3://nothing/x does not exist; create the bucket",
        ),
        ({"FACTORSCOPE_STORE": "s3://key:gu%2Fess@nothing/x"}, "pass credentials by the environment"),
        ({"FACTORSCOPE_STORE": "s4://nothing/x"}, "nothing here can read s4://"),
        ({"AWS_ENDPOINT_URL": "nowhere"}, "cannot be used"),
        (
            {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_EC2_METADATA_DISABLED": "true"},
            "needs credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
        ),
    ],
)
def test_the_command_line_says_it_in_one_line(
    s3: S3Server, tmp_path: Path, environment: dict[str, str], sentence: str
) -> None:
    own = {"FACTORSCOPE_CACHE": str(tmp_path / "cache")} | s3.environment(s3.bucket())
    ended = forked(os.environ | own | environment, *RUN, "--out", str(tmp_path / "out"))
    assert ended.returncode == 2 and ended.stdout == "", ended.stderr
    assert sentence in ended.stderr.splitlines()[-1] and "Traceback" not in ended.stderr
    files = [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(shows_credentials(text) for text in (ended.stderr, *files))


def test_a_run_is_shared_and_has_the_numbers_of_one_without_a_store(s3: S3Server, tmp_path: Path) -> None:
    name = s3.bucket()
    local = os.environ | {"FACTORSCOPE_CACHE": str(tmp_path / "local")}
    shared = os.environ | s3.environment(name)
    calls = {
        "local": local,
        "first": shared | {"FACTORSCOPE_CACHE": str(tmp_path / "first")},
        "second": shared | {"FACTORSCOPE_CACHE": str(tmp_path / "second")},
    }
    told = ""
    for out, environment in calls.items():
        before = manifests(s3, name)
        ended = forked(environment, *RUN, "--out", str(tmp_path / f"out-{out}"))
        assert ended.returncode == 0, ended.stderr
        told += ended.stdout + ended.stderr
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
    assert not shows_credentials(told) and KEY + ":" not in told


def test_a_run_whose_store_goes_away_loses_nothing(
    s3: S3Server, bucket: str, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.pipeline.chain import run

    monkeypatch.setattr(object_store, "WAIT_SECONDS", 1)
    store = Store(tmp_path / "cache")

    def fault(method: str, path: str) -> tuple[int, str] | None:
        # From the fourth artifact on, in the midst of its files.
        return (503, "SlowDown") if method == "PUT" and len(manifests(s3, bucket)) >= 3 else None

    proxy.fault = fault
    with pytest.raises(StorageError, match="does not answer"):
        run(SETTINGS, store, silent, tmp_path / "out")
    proxy.fault = lambda method, path: None
    made_before = {path: path.stat().st_mtime_ns for path in store.root.glob(f"artifacts/[!.]*/{MANIFEST}")}
    assert len(manifests(s3, bucket)) == 3 and len(made_before) == 4
    run(SETTINGS, store, silent, tmp_path / "out")
    assert {path: path.stat().st_mtime_ns for path in made_before} == made_before
    kept = {path.parent.name for path in store.root.glob(f"artifacts/[!.]*/{MANIFEST}")}
    assert kept == set(manifests(s3, bucket))


def manifests(s3: S3Server, bucket: str) -> dict[str, int]:
    """Return name -> time of writing of each artifact in a bucket."""
    return {path.parent.name: path.stat().st_mtime_ns for path in s3.objects(bucket).glob(f"*/{MANIFEST}")}
