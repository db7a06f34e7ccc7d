"""Colours, sizes and text that all figures share."""

import html
import textwrap

import plotly.graph_objects as go

OWN, OTHER, ACCENT = "#0072B2", "#8C8C8C", "#D55E00"
"""Blue, grey and vermilion of Okabe and Ito: told apart by colour-blind readers too."""
FACTOR_COLOURS = ("#3D51F3", "#F9610C", "#AC19BA", "#8D9969", "#C5173D", "#6190F9", "#6B6578", "#C879B6")
"""Found by search: any two differ by 0.09 in OKLab or more, also to people who are colour-blind in any of the three
ways (Machado et al. 2009), and each has a contrast of 3 to 1 on the light page and on the dark one."""
PALE, FAINT = 0.5, 0.25
"""Opacity of bars below intervals, and of those that may be nothing; these are hatched besides, so that colour
alone says nothing."""
TITLE_WIDTH = 30
"""Characters of a film's title in a panel."""
LINE = 46
"""Characters of a chart's title that a telephone shows on one line."""


def finished(figure: go.Figure, title: str, height: int = 360) -> go.Figure:
    """Return the figure with its title (escaped by the caller; a long one in lines), height and margins."""
    lines = textwrap.wrap(title, LINE, break_long_words=False)
    above = 30 + 20 * len(lines)
    figure.update_layout(
        height=height + max(0, above - 50), margin={"l": 10, "r": 10, "t": above, "b": 10}, bargap=0.15
    )
    if title:
        figure.update_layout(title={"text": "<br>".join(lines), "font_size": 15})
    return figure


def short(title: str, width: int = TITLE_WIDTH) -> str:
    """Return a title that fits, escaped.

    >>> short("<b>Alien</b> (1979)")
    '&lt;b&gt;Alien&lt;/b&gt; (1979)'
    """
    return html.escape(textwrap.shorten(title, width, placeholder="…"), quote=False)


def factor_colour(factor: int) -> str:
    """Return a factor's colour, the same wherever it is drawn. Colours repeat, so its number stands beside.

    >>> factor_colour(1) == factor_colour(9)
    True
    """
    return FACTOR_COLOURS[factor % len(FACTOR_COLOURS)]


def titled(factor: int, name: str = "", width: int = 40) -> str:
    """Return a factor's number and name, escaped.

    >>> titled(3, "dark <i>thrillers</i>"), titled(3)
    ('factor 3 · dark &lt;i&gt;thrillers&lt;/i&gt;', 'factor 3')
    """
    return f"factor {factor}" + (f" · {short(name, width)}" if name else "")
