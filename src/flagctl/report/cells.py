"""How much room text takes where every character stands in a grid of cells."""

from __future__ import annotations

import unicodedata


def cell_width(text: str) -> int:
    """The columns that inert text fills: two for a wide East Asian character, none for a combining mark."""
    if text.isascii():
        return len(text)
    return sum(_cells(char) for char in text)


def _cells(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1
