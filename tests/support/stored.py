"""An artifact that counts how often it is made, and what lies in a bucket."""

from pathlib import Path
from urllib.parse import quote

from support.s3_server import SECRET, S3Server

from core.store import MANIFEST, Store, object_store


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


def manifests(s3: S3Server, bucket: str) -> dict[str, int]:
    """Return name -> time of writing of each artifact in a bucket."""
    return {path.parent.name: path.stat().st_mtime_ns for path in s3.objects(bucket).glob(f"*/{MANIFEST}")}


def shows_credentials(text: str) -> bool:
    return any(secret in text for secret in (SECRET, quote(SECRET, safe=""), "s3cr3t", "of+them", "gu/ess"))
