"""What may be known of a delimited text beforehand; the rest is detected from its content."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Dialect:
    """How a delimited text is written, as far as it is known."""

    separator: str = ""
    """As in "::"; "" is to be detected."""
    encoding: str = ""
    """Python's name of it; "" is to be detected."""
    header: bool | None = None
    """Whether the first line names the columns; None is to be detected."""
    quoted: bool | None = None
    """Whether quotation marks enclose fields, else they are plain letters; None is to be detected."""
    rest_in_last: int = 0
    """Number of columns, where the last one may hold the separator: "1,2003,Title, with comma" has 3."""


UNKNOWN = Dialect()
"""All is to be detected."""
