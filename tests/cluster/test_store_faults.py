"""What goes wrong with a bucket of a server that speaks S3 is told in one sentence, and loses nothing."""

import datetime
import os
import time
from pathlib import Path

import pytest
from faults.small import SETTINGS
from support.command_line import forked
from support.s3_faults import Proxy, answering
from support.s3_server import S3Server
from support.stored import Builder, made, manifests, shows_credentials

from core.errors import StorageError
from core.progress import silent
from core.store import MANIFEST, Store, object_store, read_json

pytestmark = [pytest.mark.slow, pytest.mark.cluster]

RUN = ("run", "--preset", "quick", "--ratings", "planted", "--reviews", "planted", "--factors", "4")
RUN = (*RUN, "--top", "1", "--films", "30")


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
        StorageError, match=r"at 127\.0\.0\.1:\d+ does not answer .*What was finished is kept"
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
        StorageError, match="is full; free some space there and start again. What was finished is"
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
        ({"FACTORSCOPE_STORE": "s4://nothing/x"}, "nothing here can keep artifacts at s4://"),
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
