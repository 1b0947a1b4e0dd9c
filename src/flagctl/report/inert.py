"""Makes text from outside harmless to whatever shows it: a terminal, a log, a reviewer's eye."""

from __future__ import annotations

import unicodedata

_ACTING = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories that steer a terminal, hide, reorder their neighbours, break a line or cannot be encoded."""

_BLANK = frozenset("\u034f\u115f\u1160\u3164\uffa0")
"""Letters and marks by category, and yet nothing is drawn for them."""

_JOINER = "\u200d"


def is_inert(char: str) -> bool:
    """Whether one character, looked at alone, shows as itself and does nothing else."""
    return char not in _BLANK and unicodedata.category(char) not in _ACTING


def inert_characters(text: str) -> list[str]:
    """For every character, in order, what to show: itself, or a spelling such as `\\x1b`, `\\n` or `\\u202e`."""
    return [
        char if is_inert(char) or _joins_emoji(text, index) else char.encode("unicode_escape").decode("ascii")
        for index, char in enumerate(text)
    ]


def inert(text: str) -> str:
    """The text with everything that acts or hides spelled out; ordinary Unicode is left alone."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(inert_characters(text))


def _joins_emoji(text: str, index: int) -> bool:
    """A joiner between two pictures makes one picture; anywhere else it is an invisible difference."""
    if text[index] != _JOINER or not 0 < index < len(text) - 1:
        return False
    before, after = text[index - 1], text[index + 1]
    is_picture = before == "\ufe0f" or unicodedata.category(before) in {"So", "Sk"}
    return is_picture and unicodedata.category(after) == "So"
