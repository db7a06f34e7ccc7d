"""What reading a table merged, left out or assumed: counted and named, so that nothing is done silently."""

from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Merged:
    """Ids that were read as one film."""

    kept: str
    """The id that stays."""
    others: tuple[str, ...]
    why: str


@dataclass(frozen=True)
class LeftOut:
    """Rows of the table that were left out for one reason."""

    why: str
    """As it reads behind "12 rows left out: "."""
    rows: int


@dataclass(frozen=True)
class ReadingNotes:
    """What was done to the rows of a table on the way to what is used."""

    rows: int = 0
    """Rows of the table, before anything was left out."""
    merged: tuple[Merged, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    warnings: tuple[str, ...] = ()
    """Sentences on what was assumed or could not be used."""

    def added(
        self, merged: Sequence[Merged] = (), left_out: Sequence[LeftOut] = (), warnings: Sequence[str] = ()
    ) -> "ReadingNotes":
        """Return these notes with more of them; of `left_out` only those with rows.

        >>> ReadingNotes(9).added(left_out=[LeftOut("no rating", 2), LeftOut("no user", 0)]).left_out
        (LeftOut(why='no rating', rows=2),)
        """
        return replace(
            self,
            merged=(*self.merged, *merged),
            left_out=(*self.left_out, *(some for some in left_out if some.rows)),
            warnings=(*self.warnings, *warnings),
        )
