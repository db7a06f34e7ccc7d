"""Words of a run's record -> what is known of a factor's words, in a sentence."""

from core.formatting import counted
from core.results.run_record import Unmeasured, WordsRecord


def words_line(words: WordsRecord | Unmeasured) -> str:
    """Return of how many factors reviews speak.

    >>> words_line(Unmeasured(unmeasured="not enough films to say"))
    'not enough films to say'
    """
    if isinstance(words, Unmeasured):
        return words.unmeasured
    others = f"; {words.other_languages:,} in other languages are left out" if words.other_languages else ""
    speaking = sum(row.has_words for row in words.factors)
    return (
        f"{speaking:,} of {counted(len(words.factors), 'factor')} {'has' if speaking == 1 else 'have'} words "
        f"beyond luck, in {words.reviews:,} reviews of {counted(words.films, 'film')}{others}"
    )


def words_of(words: WordsRecord | Unmeasured, factor: int) -> str:
    """Return what is known of one factor's words.

    >>> words_of(Unmeasured(unmeasured="not enough films to say"), 0)
    "This run did not look for this factor's words: not enough films to say."
    """
    if isinstance(words, Unmeasured):
        return f"This run did not look for this factor's words: {words.unmeasured}."
    row = words.factors[factor]
    if row.confirmed is None:
        elsewhere = ""
    else:
        elsewhere = (
            f" Its strongest words were found on half of the films. On the other half, {row.confirmed:.0%} of them "
            f"keep their end (chance: 50%). Their mean correlation there is {row.confirmed_effect or 0:+z.2f}."
        )
    if not row.has_words:
        return (
            f"No words beyond luck. In {row.chance:.0%} of {words.permutations:,} shuffles of the films, some factor "
            f"has words as strong.{elsewhere}"
        )
    certain = counted(row.certain, "word") if row.certain else "no single word"
    verb = "exceed" if row.certain > 1 else "exceeds"
    return (
        f"{certain[:1].upper()}{certain[1:]} {verb} the bound of luck, a correlation of {row.bound:.2f}. Its "
        f"strongest words together exceed luck.{elsewhere}"
    )


def high_words(words: WordsRecord | Unmeasured, factor: int, many: int) -> list[str]:
    """Return the strongest words of a factor's high end; none where it has no words of its own.

    >>> high_words(Unmeasured(unmeasured="not enough films to say"), 0, 3)
    []
    """
    if isinstance(words, Unmeasured) or not words.factors[factor].has_words:
        return []
    return [word.word for word in words.factors[factor].high[:many]]
