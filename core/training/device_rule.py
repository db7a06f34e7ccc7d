"""Which device is faster for a piece of work, by its size and by what was measured; loads no torch.

A GPU starts slowly and small steps leave it idle, so it gains only from some size on. That size follows from
FIGURES: seconds on either device, taken as straight lines between the sizes that were measured. `benchmarks/gpu.py`
measures them anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["dot-bias", "gibbs", "head", "text training", "text reading"]
START = 5.0
"""Seconds until a GPU computes: its libraries load once a process. Estimated; no run has measured it yet."""


@dataclass(frozen=True)
class Figures:
    """What was measured of one kind of work."""

    unit: str
    """What its size is counted in."""
    seconds: tuple[tuple[float, float, float], ...] = ()
    """Sizes, ascending, each with the seconds on two cores and on a GPU; none where no GPU was ever faster."""

    @property
    def gains_from(self) -> float | None:
        """The size from which the GPU is faster, None where that was never seen.

        >>> Figures("ratings", ((0, 0.0, 1.0), (100, 3.0, 2.0))).gains_from
        50.0
        """
        slower = [(size, gpu - processor) for size, processor, gpu in self.seconds]
        for (size, more), (larger, less) in pairwise(slower):
            if more >= 0 > less:
                return size + (larger - size) * more / (more - less)
        return None


FIGURES: Mapping[Kind, Figures] = {
    # Six passes. Two EPYC cores (factor_model.md, from before large models moved only the rows of a batch), and an
    # H100 of 80 GB: 0.334 and 8.5 s a pass.
    "dot-bias": Figures(
        "ratings",
        (
            (100_000, 1.5, START + 2.0),
            (1_000_000, 15.6, START + 3.8),
            (10_000_000, 111.0, START + 21.5),
            (25_000_000, 300.0, START + 51.0),
        ),
    ),
    # 220 sweeps, 10 factors: 0.0095 and 0.051 s a sweep of one EPYC core's time. On the same H100 0.0065 s,
    # and 0.4 s over 25 million, taken as a line; those sweeps were of sparse products, which are no longer used.
    "gibbs": Figures("ratings", ((100_000, 2.1, START + 1.4), (1_000_000, 11.2, START + 4.6))),
    # A head takes seconds on a processor, and its steps are the smallest of all.
    "head": Figures("reviews"),
    # The small language model: 32,700 words/s on two cores (text_model.md), 206,000 on the H100, and 2.2 million
    # multiplications a word. Of the full one a processor gives less, and the GPU ten times as much.
    "text training": Figures("multiplications", ((0, 0.0, START), (1e12, 13.9, START + 2.2))),
    # The small encoder: 68,000 words/s on two cores, 1.4 million multiplications a word. No GPU was measured; to
    # read is a third of the arithmetic of training.
    "text reading": Figures("multiplications", ((0, 0.0, START), (1e12, 10.5, START + 0.8))),
}
"""By kind of work. What lies between measured sizes of the GPU is interpolated."""


@dataclass(frozen=True)
class Work:
    """A piece of work and its size."""

    name: str
    """What is done, for people: "factor model"."""
    kind: Kind
    amount: float
    """Ratings of all models that train together, reviews of a head, words that are read or trained on in all."""
    unit: str = "ratings"
    each: float = 1.0
    """Multiplications a word, for texts."""

    @property
    def gains_from(self) -> float | None:
        """The amount from which a GPU is faster, None where none is, or none was measured."""
        figures = FIGURES.get(self.kind)
        size = figures.gains_from if figures else None
        return None if size is None else size / self.each


@dataclass(frozen=True)
class Choice:
    """Where a piece of work is done, and why."""

    work: str
    device: str
    """"cpu", "cuda" or "mps"."""
    reason: str

    @property
    def sentence(self) -> str:
        """The choice for people.

        >>> Choice("factor model", "cpu", "this machine has no GPU").sentence
        'Factor model on the processor: this machine has no GPU.'
        """
        place = "processor" if self.device == "cpu" else "GPU"
        return f"{self.work.capitalize()} on the {place}: {self.reason}."


def choose(work: Work, asked: str, gpu: str | None) -> Choice:
    """Return where to do a piece of work; `asked` is "auto" or a device, `gpu` the kind of the GPU here, or None.

    >>> choose(Work("factor model", "dot-bias", 80_000), "auto", "cuda").sentence
    'Factor model on the processor: a GPU gains only from about 500,000 ratings, and here are 80,000.'
    >>> choose(Work("factor model", "gibbs", 800_000), "auto", "cuda").sentence
    'Factor model on the GPU: it gains from about 760,000 ratings, and here are 800,000.'
    """
    if asked != "auto":
        return Choice(work.name, asked, "you asked for it")
    if gpu is None:
        return Choice(work.name, "cpu", "this machine has no GPU")
    least = work.gains_from
    if least is None:
        return Choice(work.name, "cpu", "a GPU gains nothing here")
    if gpu != "cuda" and work.unit == "ratings":
        return Choice(work.name, "cpu", "factor models were tried on no GPU but those of CUDA")
    here = f"and here are {round_number(work.amount)}"
    if work.amount < least:
        return Choice(
            work.name, "cpu", f"a GPU gains only from about {round_number(least)} {work.unit}, {here}"
        )
    return Choice(work.name, gpu, f"it gains from about {round_number(least)} {work.unit}, {here}")


def round_number(number: float) -> str:
    """Return a number with its two first digits, for people.

    >>> round_number(461_234), round_number(80_000), round_number(7)
    ('460,000', '80,000', '7')
    """
    return f"{int(float(f'{number:.2g}')):,}"
