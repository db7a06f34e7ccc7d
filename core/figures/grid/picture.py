"""The histograms as a picture file: a PNG or SVG of the same panels as in `grid`.

Drawn by matplotlib without pyplot, which has global state. Matplotlib reads no HTML, so titles are not
escaped.
"""

import io
import math
import textwrap
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from core.figures.grid.histograms import DIM
from core.figures.grid.legend import Entry, legend_entries
from core.figures.grid.panels import OTHER, Histograms, Panel, panels
from core.figures.style import GREY, PALE, TITLE_WIDTH, factor_colour, shortened

WIDTH, ROW, ABOVE, BELOW = 3.0, 1.9, 0.5, 0.8
"""Inches: width of a panel, height of a row of panels, and height of the margins above and below all rows."""
LINE, AXIS = 0.16, 0.32
"""Inches: height of a line of the legend, and of the axis between it and the panels."""
NAME_WIDTH = 44
"""Most characters of a factor's name in the legend."""
DOTS = 150
"""Dots per inch of a PNG."""


def grid_picture(
    histograms: Histograms, kind: Literal["png", "svg"], caption: str, columns: int = 4
) -> bytes:
    """Draw the histograms with a legend and a caption below; return the content of the file.

    The legend has the names of factors, where they have any. See `histogram_grid`.
    """
    page = panels(histograms)
    drawn, top = page.panels, page.top
    columns = min(columns, max(1, len(drawn)))
    rows = max(1, math.ceil(len(drawn) / columns))
    entries, _ = legend_entries(page.factors, histograms.names, histograms.verdicts)
    named = [entry for entry in entries if entry.name]
    below = BELOW + LINE * math.ceil(len(named) / columns)
    figure = Figure((WIDTH * columns, ABOVE + ROW * rows + below - 0.4))
    # In fractions of the picture, since matplotlib's automatic layouts draw it several times.
    wide, high = figure.get_size_inches()
    figure.subplots_adjust(
        left=0.45 / wide,
        right=1 - 0.1 / wide,
        bottom=below / high,
        top=1 - ABOVE / high,
        wspace=0.08,
        hspace=0.75,
    )
    axes = figure.subplots(rows, columns, sharey=True, squeeze=False).ravel()
    for place, panel in zip(axes, drawn, strict=False):
        _draw(place, panel, page.places)
    for unused in axes[len(drawn) :]:
        unused.set_axis_off()
    axes[0].set_ylim(0, top)
    if histograms.shares:
        axes[0].set_yticks([0, 50, 100])
    else:
        axes[0].yaxis.get_major_locator().set_params(nbins=4, integer=True)
    for first in axes[::columns]:
        first.set_ylabel("% of reviews" if histograms.shares else "reviews", fontsize=7)
    _name(figure, named, columns, below - AXIS)
    caption = textwrap.fill(caption, 48 * columns)
    figure.text(0.5, 0.1 / high, caption, fontsize=8, ha="center", va="bottom", parse_math=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format=kind, dpi=DOTS)
    return buffer.getvalue()


def _name(figure: Figure, entries: list[Entry], columns: int, top: float) -> None:
    """Draw the legend in columns, from `top` inches above the lower edge downwards."""
    lines = math.ceil(len(entries) / columns)
    wide, high = figure.get_size_inches()
    for at, entry in enumerate(entries):
        x = 0.3 + (wide - 0.3) / columns * (at // lines)
        y = (top - LINE * (at % lines + 1)) / high
        text = f"{entry.factor}  {shortened(entry.name, NAME_WIDTH)}" + (
            f" · {entry.verdict}" if entry.verdict else ""
        )
        figure.text(x / wide, y, "■", color=factor_colour(entry.factor), fontsize=8)
        figure.text((x + 0.14) / wide, y, text, fontsize=7, parse_math=False)


def _draw(axes: Axes, panel: Panel, places: float) -> None:
    dim = DIM if panel.has_few_reviews else 1
    for bar in panel.bars:
        axes.bar(
            bar.at,
            bar.height,
            width=0.9,
            color=GREY if bar.factor == OTHER else factor_colour(bar.factor),
            alpha=(1 if bar.is_top else PALE) * dim,
            hatch=None if bar.is_top else "/////",
            edgecolor="white",
            linewidth=0,
        )
        if not bar.height:
            axes.plot([bar.at - 0.4, bar.at + 0.4], [0, 0], linewidth=2, color=factor_colour(bar.factor))
    title = textwrap.shorten(panel.title, TITLE_WIDTH, placeholder="…")
    colour = GREY if panel.has_few_reviews else "black"
    axes.set_title(f"{title}\n{panel.subtitle}", fontsize=8, parse_math=False, color=colour)
    axes.set_xticks([tick.at for tick in panel.ticks], [tick.text for tick in panel.ticks])
    for tick, label in zip(panel.ticks, axes.get_xticklabels(), strict=True):
        label.set_fontweight("bold" if tick.is_top else "normal")
    axes.set_xlim(-0.6, places - 0.4)
    axes.set_xlabel("factor", fontsize=7, labelpad=1)
    axes.tick_params(labelsize=6, length=2)
    axes.spines[["top", "right"]].set_visible(False)
