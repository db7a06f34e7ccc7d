"""How light a colour is, and how far two stand out from each other, by the rules for web pages (WCAG 2)."""

from collections.abc import Sequence

import numpy as np


def linear(rgb: Sequence[int]) -> np.ndarray:
    """Return a colour in linear RGB."""
    value = np.array(rgb) / 255
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def of_hex(colour: str) -> list[int]:
    """Return a colour's red, green and blue.

    >>> of_hex("#FF0080")
    [255, 0, 128]
    """
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    dark, light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)
