"""The file systems of fsspec that hold artifacts, and how long a request to one of S3 lasts at most."""

from typing import Any

from core.errors import BadInput

INSTALL = ".venv/bin/pip install --constraint constraints.txt --requirement requirements-cluster.txt"
NO_STORES = ("data", "ftp", "http", "https")
"""Nothing can be written there; or, with ftp, a connection that fails at once prints a traceback."""
ATTEMPTS = 1
"""How often s3fs asks in each of two loops, one in the other: `patiently` asks again."""
S3_CONFIG = {
    # Seconds until a connection stands, and between two answers: how long a page waits for a silent store.
    "connect_timeout": 5,
    "read_timeout": 10,
    # Digests are checked here, and some servers send the checksum of a whole file with a part of it.
    "response_checksum_validation": "when_required",
    # The first request is one of them.
    "retries": {"mode": "standard", "total_max_attempts": 1},
}
"""What botocore is told, unless the user's configuration of fsspec says otherwise."""


def file_system(address: str) -> Any:
    """Return the file system of fsspec that reads an address. Raise BadInput where there is none."""
    import fsspec  # Only where it is asked for: it takes a tenth of a second.

    scheme = address.partition("://")[0] if "://" in address else "file"
    if scheme in NO_STORES:
        raise _no_store(scheme, address)
    options: dict[str, Any] = {}
    if scheme in ("file", "local"):
        options["auto_mkdir"] = True
    elif scheme in ("s3", "s3a"):
        options["config_kwargs"] = S3_CONFIG | fsspec.config.conf.get(scheme, {}).get("config_kwargs", {})
    try:
        # Listings that fsspec remembers would hide what other machines write, and it keeps a file system a thread.
        files = fsspec.filesystem(scheme, use_listings_cache=False, skip_instance_cache=True, **options)
        files._strip_protocol(address)
    except ImportError as error:
        needed = f"s3fs; run {INSTALL}" if scheme in ("s3", "s3a") else f"another library ({error})"
        raise BadInput(f"FACTORSCOPE_STORE={address} needs {needed}") from error
    except (AttributeError, OSError, RuntimeError, TypeError, ValueError) as error:
        # Some want what an address has no place for, such as an archive or an account.
        raise _no_store(scheme, address) from error
    if hasattr(files, "retries"):
        files.retries = ATTEMPTS
    return files


def _no_store(scheme: str, address: str) -> BadInput:
    return BadInput(
        f"nothing here can keep artifacts at {scheme}://, as in FACTORSCOPE_STORE={address}; give a folder or s3://bucket/prefix"
    )
