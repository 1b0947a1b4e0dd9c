"""Text from outside in Markdown: shown as it is, and it calls nobody."""

from __future__ import annotations

import re
from html import escape

_WORD = r"[\w./:#@%?&=+~-]{0,99}"
_TOKEN = re.compile(rf"`([^`]+)`|{_WORD}(?:@|#\d|://|www\.|\bGH-\d|:[\w+-]+:)(?:{_WORD}[\w/#@%&=+~-])?")
"""What is code already, and words that a platform makes links or pictures of: no backslash keeps it from that."""
_MARK = re.compile(r"[\\`*_~|\[\]#]")
_TICKS = re.compile(r"`+")


def code(text: str) -> str:
    """Inert text as code, fenced by more backticks than it holds in a row."""
    fence = "`" * (1 + max((len(ticks) for ticks in _TICKS.findall(text)), default=0))
    edge = " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    return f"{fence}{edge}{text}{edge}{fence}" if text else ""


def prose(text: str) -> str:
    """Inert text as text; what stands between backticks stays code."""
    plain, pieces = 0, []
    for match in _TOKEN.finditer(text):
        pieces += [_plain(text[plain : match.start()]), code(match[1] or match[0])]
        plain = match.end()
    return "".join([*pieces, _plain(text[plain:])])


def without_mentions(text: str) -> str:
    """Text that is read by people as well as by a platform: only what would call somebody becomes code."""
    if "@" not in text:
        return text
    return _TOKEN.sub(lambda match: code(match[1] or match[0]) if "@" in match[0] else match[0], text)


def _plain(text: str) -> str:
    return _MARK.sub(r"\\\g<0>", escape(text, quote=False))
