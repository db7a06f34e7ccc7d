"""What was merged, left out or assumed while the ratings were read -> a sentence."""

from core.formatting import counted
from core.results.run_record import RatingsRecord


def ratings_line(ratings: RatingsRecord) -> str:
    """Return the numbers of rows left out, of ids merged, and of warnings; "" where all rows were read as they are.

    >>> from core.data.reading_notes import LeftOut
    >>> known = {"name": "mine.csv", "users": 2, "films": 3, "ratings": 4, "licence": "", "instead_of": None}
    >>> ratings_line(RatingsRecord(**known, left_out=(LeftOut("no user", 2), LeftOut("no film", 1))))
    'How the ratings were read: 3 rows left out.'
    """
    parts = [
        counted(count, noun) + what
        for count, noun, what in (
            (sum(some.rows for some in ratings.left_out), "row", " left out"),
            (sum(len(one.others) for one in ratings.merged), "film id", " merged with another"),
            (len(ratings.warnings), "remark", ""),
        )
        if count
    ]
    return f"How the ratings were read: {', '.join(parts)}." if parts else ""
