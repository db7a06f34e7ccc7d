"""Errors of an object store for people: what is wrong and what to do, without any credential.

Libraries of object stores raise errors of their own, and S3's carry a code. Their texts are never shown, since nobody
promises what is in them.
"""

import contextlib
import errno
import os
import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from core.errors import StorageError

KEPT = "What was finished is kept, and the run goes on from there"
CREDENTIALS = "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
REGION = "check AWS_DEFAULT_REGION and AWS_ENDPOINT_URL"
SENTENCES = {
    ("NoSuchBucket",): "does not exist; create the bucket, or check FACTORSCOPE_STORE",
    (
        "InvalidBucketName",
        "ParamValidationError",
    ): "has a bucket's name that S3 does not allow; check FACTORSCOPE_STORE",
    ("SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "InvalidSecurity"): (
        f"refuses the credentials; {CREDENTIALS}"
    ),
    ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"): (
        f"needs credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE. {KEPT}"
    ),
    ("AccessDenied", "AllAccessDisabled", "AccountProblem", "403", "MethodNotAllowed"): (
        "gives no right to do this; let these credentials list, read, write and delete there"
    ),
    ("RequestTimeTooSkewed", "RequestExpired"): (
        "refuses this machine's clock; set it right, by NTP for example, and start again"
    ),
    (
        "AuthorizationHeaderMalformed",
        "PermanentRedirect",
        "IllegalLocationConstraintException",
        "301",
        "307",
    ): (f"is in another region or elsewhere; {REGION}"),
    ("QuotaExceeded", "StorageFull", "XMinioStorageFull", "InsufficientStorage", "507", "ENOSPC", "EDQUOT"): (
        f"is full; free some space there and start again. {KEPT}"
    ),
}
"""Codes of S3, names of errors of botocore and of the operating system -> what is said of the store."""
AWAY = {
    *("500", "502", "503", "504", "InternalError", "ServiceUnavailable", "SlowDown", "RequestTimeout"),
    *("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError"),
    *("HTTPClientError", "ResponseStreamingError", "ProxyConnectionError", "SSLError", "IncompleteReadError"),
    *("ClientConnectorError", "ServerDisconnectedError", "ClientPayloadError", "ClientOSError"),
    *("TimeoutError", "FSTimeoutError", "ConnectionRefusedError", "ConnectionResetError", "ECONNREFUSED"),
    *("ECONNRESET", "ENETUNREACH", "EHOSTUNREACH", "ETIMEDOUT", "EPIPE", "ConnectionError"),
}
"""What a store that does not answer leads to: perhaps it will soon."""


class Away(StorageError):
    """The store does not answer now."""


MOST_SKEW_SECONDS = 900
"""S3 refuses a request whose time is further from its own."""


def storage_error(address: str, error: BaseException) -> StorageError:
    """Return the error that says what is wrong with a store."""
    signs = list(_signs(error))
    if _refused_at(error):
        signs.insert(0, "RequestTimeTooSkewed")
    for sign in signs:
        for codes, sentence in SENTENCES.items():
            if sign in codes:
                return StorageError(f"the store {address} {sentence} ({sign})")
        if sign in AWAY:
            return Away(
                f"the store {address}{_endpoint(address)} does not answer ({sign}); start again once it does. {KEPT}"
            )
    if isinstance(error, PermissionError) or "EROFS" in signs:
        return StorageError(
            f"the store {address} cannot be written; give this user the right, or set FACTORSCOPE_STORE"
        )
    named = next((sign for sign in signs if re.fullmatch(r"[A-Za-z]\w{2,60}", sign)), type(error).__name__)
    where = "FACTORSCOPE_STORE and AWS_ENDPOINT_URL" if _is_s3(address) else "FACTORSCOPE_STORE"
    return StorageError(f"the store {address} cannot be used ({named}); check {where}")


def is_missing(error: Exception) -> bool:
    """Return whether an object alone is missing or empty, and not all of the store."""
    signs = set(_signs(error))
    return "NoSuchBucket" not in signs and bool(signs & {"FileNotFoundError", "InvalidRange", "416"})


def _refused_at(error: BaseException | None) -> bool:
    """Return whether a server refused a request, and has a time far from ours, which not every server says."""
    while error is not None:
        answer = getattr(error, "response", None)
        about = answer.get("ResponseMetadata", {}) if isinstance(answer, dict) else {}
        if about.get("HTTPStatusCode") in (400, 403):
            with contextlib.suppress(KeyError, ValueError, TypeError):
                theirs = parsedate_to_datetime(about["HTTPHeaders"]["date"]).timestamp()
                return abs(theirs - time.time()) > MOST_SKEW_SECONDS
        error = error.__cause__ or error.__context__
    return False


def _signs(error: BaseException | None) -> Iterator[str]:
    """Yield what tells an error, its causes first: codes of S3 and HTTP, then names of errors."""
    if error is None:
        return
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        yield str(response.get("Error", {}).get("Code", ""))
        yield str(response.get("ResponseMetadata", {}).get("HTTPStatusCode", ""))
    yield from _signs(error.__cause__ or error.__context__)
    if isinstance(error, OSError) and error.errno is not None and error.errno in errno.errorcode:
        yield errno.errorcode[error.errno]
    yield type(error).__name__


def _is_s3(address: str) -> bool:
    return address.startswith(("s3://", "s3a://"))


def _endpoint(address: str) -> str:
    """Return where S3 is looked for, if not at Amazon's."""
    named = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    where = urlsplit(named).netloc.rpartition("@")[2]
    return f" at {where}" if where and _is_s3(address) else ""
