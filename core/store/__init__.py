"""The cache: costly artifacts as files in folders, and small values in an index. Nothing is ever pickled.

files      a file or a folder is whole or not there
leftovers  names of what is not whole yet, and what killed processes left
index      small JSON values in diskcache
artifacts  class Store: folders of files by the key of what they were made from
file_systems  what fsspec reads, and how long a request lasts
object_store  where caches share their artifacts: another folder, or an object store by fsspec
"""

from core.store.artifacts import UNUSED_SECONDS, Store
from core.store.files import (
    MANIFEST,
    as_written,
    content_of,
    copy_folder,
    digest_of,
    disk_errors,
    flush,
    is_damaged,
    put,
    read_json,
    recorded_digest,
    remove,
    sha256,
    write_json,
    write_manifest,
)
from core.store.leftovers import OLD_SECONDS, beside, is_old, left_in
from core.store.object_store import shared_store

__all__ = [
    "MANIFEST",
    "OLD_SECONDS",
    "UNUSED_SECONDS",
    "Store",
    "as_written",
    "beside",
    "content_of",
    "copy_folder",
    "digest_of",
    "disk_errors",
    "flush",
    "is_damaged",
    "is_old",
    "left_in",
    "put",
    "read_json",
    "recorded_digest",
    "remove",
    "sha256",
    "shared_store",
    "write_json",
    "write_manifest",
]
