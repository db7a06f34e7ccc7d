"""Errors shown to users, each with a message that states what is wrong and what to do, in short sentences.

    FactorscopeError
    ├── UserError              the user can fix it; the command line exits with 2
    │   ├── BadInput           a file or a text is invalid
    │   │   └── DamagedRun     a file of a run is missing or damaged
    │   ├── BadSettings        a setting is out of range or contradicts another
    │   ├── DataNotFound       a data set cannot be found or downloaded
    │   ├── StorageError       the disk is full or the cache cannot be written
    │   ├── QueueError         the database of the queue cannot be used
    │   ├── ClusterError       the cluster that does shards cannot be used
    │   ├── DegenerateResult   a stage gave no meaningful result (NaN, constant, empty)
    │   └── CannotAnswer       a child process fails or takes too long
    └── Cancelled              the user stopped the work

Only the pages, the jobs and the command line catch them. Any other exception is a bug.
"""

from pathlib import Path


class FactorscopeError(Exception):
    """Base of all errors of this package."""


class UserError(FactorscopeError):
    """Base of the errors that the user can fix."""


class BadInput(UserError):
    """A file or a text is invalid. The message names the file, the line or column, and the remedy."""


class DamagedRun(BadInput):
    """A file of a run is missing or damaged; making the run again mends it."""

    def __init__(self, message: str, folder: Path | None = None) -> None:
        super().__init__(message)
        self.folder = folder
        """Folder of the run's files; None where the error comes from another process."""


class BadSettings(UserError):
    """A setting is out of range, or contradicts another one or the data."""


class DataNotFound(UserError):
    """A data set cannot be found or downloaded. The message states what was tried."""


class StorageError(UserError):
    """The disk is full, or the cache folder cannot be read or written."""


class QueueError(UserError):
    """The database of the queue of runs cannot be reached or used. The message never holds its password."""


class ClusterError(UserError):
    """The cluster of Ray cannot be reached, or one of its nodes cannot do its shard."""


class DegenerateResult(UserError):
    """A stage ended with a meaningless result (NaN, constant or empty)."""


class CannotAnswer(UserError):
    """A child process, which reads texts or inspects a file, exited without an answer or took too long."""


class Cancelled(FactorscopeError):
    """The user stopped the work."""
