"""Weights of the films on a factor -> a small histogram as SVG, for cards, where a chart would be too much."""

from urllib.parse import quote

import numpy as np

from core.figures.style import factor_colour

BINS = 24
HEIGHT = 44
"""Height of the tallest bar, in pixels."""
END_SHARE = 0.1
"""Share of the films at either end whose bars have the full colour."""
PALE = 0.35
"""Opacity of the other bars."""
BAR = 0.94
"""Width of a bar, as a share of its place."""


def small_histogram(weights: np.ndarray, factor: int) -> str:
    """Return a histogram of the films' weights on a factor, the high end on the left, as its name is read.

    A film far out at one end stands in the last bar there.

    >>> small_histogram(np.arange(48.0), 0).count("M")
    24
    """
    low, high = np.quantile(weights, [0.005, 0.995])
    if low == high:
        low, high = low - 1, high + 1
    counts, edges = np.histogram(np.clip(weights, low, high), BINS, (low, high))
    ends = np.quantile(weights, [END_SHARE, 1 - END_SHARE])
    # One element, since each costs the browser time.
    full: list[str] = []
    pale: list[str] = []
    for at, (count, left, right) in enumerate(zip(counts[::-1], edges[-2::-1], edges[:0:-1], strict=True)):
        height = max(count / counts.max(), 0.02 if count else 0) * HEIGHT
        bars = full if right <= ends[0] or left >= ends[1] else pale
        bars.append(f"M{at} {HEIGHT}v-{height:.1f}h{BAR}V{HEIGHT}z")
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {BINS} {HEIGHT}" preserveAspectRatio="none" '
        f'fill="{factor_colour(factor)}"><path d="{"".join(full)}"/>'
        f'<path d="{"".join(pale)}" opacity="{PALE}"/></svg>'
    )
    return (
        f'<img class="small-histogram" src="data:image/svg+xml,{quote(picture)}" alt="Histogram of the weights of '
        f'{len(weights):,} films on factor {factor}, the high end on the left">'
    )
