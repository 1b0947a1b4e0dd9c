"""Whether code of another language that names a flag uses it.

A key such as `new-checkout` is not written by chance. One such as `retention_days` is, and so are the respellings of
every key: they are names of columns, fields and variables, too. A name like that counts where it is a string of its
own or where something around it speaks of flags.
"""

from __future__ import annotations

import re

from flagctl.scan.languages import Source, has_bare_words, has_symbols, is_code, is_markup
from flagctl.scan.text import FLAGS, Span, is_member_of_flags, is_quoted

_NAME = re.compile(r"[^\W\d]\w*")
_STYLE = re.compile(
    r"(?:\b(?:class|className|id|for|htmlFor|href|src|data-test(?:-?id)?|testID)\s*=\s*\{?|ById\()[\"'`]$|[\"'`][.#]$"
)
"""Before the name of a style, an element or a file."""
_PATH_OF_FLAGS = re.compile(rf"{FLAGS}/$")
_FLAGS = re.compile(FLAGS)
_ASKS = re.compile(
    rf"{FLAGS}|(?i:flag|feature|experiment|variation)(?![a-z])"
    r"|(?i:variants?|treatments?|enabled|disabled|active)\b|(?<![a-z])[gG]ate\b|(?<![A-Za-z])is_?[oO](?:n|ff)\b"
)
"""The name of a function that asks for a flag."""
_CALLEE = re.compile(r"(?P<declared>\b(?:function|func|fun|fn|def)\s+)?(?P<name>[\w$.!?:]+)(?:<[^<>()]*>)?$")
_STATEMENTS = frozenset(["catch", "elsif", "for", "if", "match", "return", "switch", "unless", "when", "while"])
_ARGUMENT_BEFORE, _ARGUMENT_AFTER = re.compile(r"[(,.=:&*!]\s*$"), re.compile(r"\s*[,).\[?!]")
_IS_ON = re.compile(r"(?:\(\))?(?:\?\.|\.|::)(?i:is_?)?(?i:enabled|disabled|active|on|off)\b")
_BRACKET = re.compile(r"[(){}\[\]]")
_BLOCK = re.compile(r"(?:\)|=>|->|\b(?:else|do|try|finally))\s*$")
_UNPACKED = re.compile(r"\s*(?::[^=;{}\r\n]*)?=(?![=>])(?P<source>[^;\r\n]*)")
_FAR = 4000
"""How many characters from a name its brackets are looked for."""


class Evidence:
    """What speaks for it in one file."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def is_use(self, span: Span) -> bool:
        """Whether a key's spelling at this place is a use of the flag and not only its name."""
        text, (start, end) = self._source.text, span
        if not is_code(self._source.path) and not self._source.holds_code(span):
            return False
        if self._source.comments.contain(span) or _STYLE.search(text, max(0, start - 30), start):
            return False
        if is_member_of_flags(text, start) or self._is_symbol(start):
            return True
        if _NAME.fullmatch(text, start, end):
            is_string = is_quoted(text, start, end) and not self._source.is_inside_string((start - 1, end + 1))
            return is_string or _IS_ON.match(text, end) is not None or self._is_among_flags(start, end)
        return is_quoted(text, start, end) or self._is_word(start, end)

    def _is_word(self, start: int, end: int) -> bool:
        """Whether a key that is no name, and no string of its own, is more than part of a sentence or a path."""
        text = self._source.text
        if has_bare_words(self._source.path):
            return True
        around = text[start - 1 : start] + text[end : end + 1]
        if "/" in around:
            return _PATH_OF_FLAGS.search(text, max(0, start - 30), start) is not None
        in_string = self._source.code[start:end].isspace()
        if is_markup(self._source.path):
            return self._source.holds_code((start, end))
        return in_string and not any(map(str.isspace, around))

    def _is_symbol(self, start: int) -> bool:
        before = self._source.text[max(0, start - 2) : start]
        return has_symbols(self._source.path) and before[-1:] == ":" and not re.match(r"[\w:]", before)

    def _is_among_flags(self, start: int, end: int) -> bool:
        """Whether a name is an argument of what asks for flags, or inside what is called flags."""
        code = self._source.code
        opening = _opening(code, start)
        if opening is None or code[start:end].isspace():
            return False
        if code[opening] == "(":
            callee = _CALLEE.search(code, max(0, opening - 100), opening)
            is_argument = _ARGUMENT_BEFORE.search(code, opening, start) and _ARGUMENT_AFTER.match(code, end)
            if callee is None or callee["declared"] or callee["name"] in _STATEMENTS or not is_argument:
                return False
            return _ASKS.search(callee["name"]) is not None
        return self._is_called_flags(opening) or _is_unpacked_flags(code, end)

    def _is_called_flags(self, opening: int) -> bool:
        """Whether an object, a list or a type has such a name: `features: {`, `const FLAGS = [`, `enum Feature {`."""
        before = re.split(r"[;{}\r\n]", self._source.text[max(0, opening - 200) : opening])[-1]
        return _BLOCK.search(before) is None and _FLAGS.search(before) is not None


def _opening(code: str, start: int) -> int | None:
    """The bracket that is open where a name stands."""
    depth = 0
    for bracket in reversed(list(_BRACKET.finditer(code, max(0, start - _FAR), start))):
        depth += 1 if bracket[0] in ")}]" else -1
        if depth < 0:
            return bracket.start()
    return None


def _is_unpacked_flags(code: str, end: int) -> bool:
    """Whether a name is taken out of what is called flags: `const { newCheckout } = useFlags()`."""
    depth = 0
    for bracket in _BRACKET.finditer(code, end, end + _FAR):
        depth += 1 if bracket[0] in "({[" else -1
        if depth < 0:
            unpacked = _UNPACKED.match(code, bracket.end()) if bracket[0] == "}" else None
            return unpacked is not None and _FLAGS.search(unpacked["source"]) is not None
    return False
