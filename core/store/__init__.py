"""The cache: costly artifacts as files in folders, and small values in an index. Nothing is ever pickled.

files      a file or a folder is whole or not there
index      small JSON values in diskcache
artifacts  class Store: folders of files by the key of what they were made from
"""

from core.store.artifacts import UNUSED_SECONDS, Store
from core.store.files import (
    MANIFEST,
    as_written,
    copy_folder,
    digest_of,
    disk_errors,
    flush,
    is_damaged,
    put,
    read_json,
    remove,
    write_json,
    write_manifest,
)

__all__ = [
    "MANIFEST",
    "UNUSED_SECONDS",
    "Store",
    "as_written",
    "copy_folder",
    "digest_of",
    "disk_errors",
    "flush",
    "is_damaged",
    "put",
    "read_json",
    "remove",
    "write_json",
    "write_manifest",
]
