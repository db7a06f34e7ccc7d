"""The errors that a user may see, each with one sentence that says what was wrong and what to do.

    FactorscopeError
    ├── UserError              the user can mend it; the command line exits with 2
    │   ├── BadInput           a file or a text is not what it should be
    │   ├── BadSettings        a setting is out of range or contradicts another
    │   ├── DataNotFound       a data set is nowhere to be had
    │   ├── StorageError       the disk is full or the cache cannot be written
    │   ├── DegenerateResult   training gave nothing that can be trusted (NaN, constant, empty)
    │   └── CannotAnswer       a child process fails or takes too long
    └── Cancelled              the user stopped the work

Only the pages, the jobs and the command line catch them. Anything else is a fault of ours.
"""


class FactorscopeError(Exception):
    """Base of all errors of this package."""


class UserError(FactorscopeError):
    """Base of the errors that the user can mend."""


class BadInput(UserError):
    """A file or a text is not what it should be; names the file, the line or column, and the remedy."""


class BadSettings(UserError):
    """A setting is out of range, or contradicts another one or the data."""


class DataNotFound(UserError):
    """A data set is nowhere to be had; says what was tried."""


class StorageError(UserError):
    """The disk is full, or the cache folder cannot be read or written."""


class DegenerateResult(UserError):
    """A stage ended with something that would only look like a result."""


class CannotAnswer(UserError):
    """A process of ours, which reads texts or inspects a file, ended before it had answered, or took too long."""


class Cancelled(FactorscopeError):
    """The user stopped the work."""
