"""An artifact that counts how often it is made, and what lies in a bucket."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from support.s3_server import SECRET, S3Server

from core.store import MANIFEST, Store, object_store


class Builder:
    """Writes two files and counts how often it was asked to."""

    def __init__(self, text: str = "kept") -> None:
        self.calls, self.text = 0, text

    def __call__(self, folder: Path) -> None:
        self.calls += 1
        (folder / "value.txt").write_text(self.text)
        (folder / "inner").mkdir()
        (folder / "inner" / "empty").write_text("")


def made(store: Store, build: Callable[[Path], None], of: int = 3) -> Path:
    return store.artifact("squares", "1", {"of": of}, build)


def harm(path: Path, how: str) -> None:
    """Damage a file: `changed`, `cut` and `empty` leave it, anything else deletes it."""
    match how:
        case "changed":
            path.write_text("keqt")
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "empty":
            path.write_bytes(b"")
        case _:
            path.unlink()


def forget_connections() -> None:
    """Let what is asked next see the environment of now."""
    object_store._opened.clear()


def manifests(s3: S3Server, bucket: str) -> dict[str, int]:
    """Return name -> time of writing of each artifact in a bucket."""
    return {path.parent.name: path.stat().st_mtime_ns for path in s3.objects(bucket).glob(f"*/{MANIFEST}")}


def shows_credentials(text: str) -> bool:
    return any(secret in text for secret in (SECRET, quote(SECRET, safe=""), "s3cr3t", "of+them", "gu/ess"))
