"""Evaluations in Django and Jinja templates: tags, and the calls, filters, tests and attributes of expressions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from itertools import count
from typing import NamedTuple

from flagctl.config.conventions import Argument, Template
from flagctl.scan.text import Span, enclosed

Found = tuple[Template, Span, str | None]
"""What asks, where, and for which flag; `None` where the key cannot be known."""

_STRING = r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])*'"
_WORD = re.compile(rf"{_STRING}|\.?[A-Za-z_]\w*(?:\.\w+)*|\d+|\S", re.S)
_TAG_WORD = re.compile(rf"(?:{_STRING}|[^\s\"'])+", re.S)
_TOKEN = re.compile(
    r"""
    (?P<note>\{\#)
    |(?P<comment>\{%[-+]?\s*comment\b[^%]*%\})
    |(?P<raw>\{%[-+]?\s*raw\b[^%]*%\})
    |(?P<verbatim>\{%\s*verbatim\b[^%]*%\})
    |\{%[-+]?(?P<tag>(?:[^%{]|%(?!\})|\{(?!%))*+)%\}
    |\{\{(?P<expression>(?:[^{}]|\{(?!\{)|\}(?!\}))*+)\}\}
    """,
    re.X,
)
_ENDS = {
    "note": r"\#\}",
    "comment": r"\{%[-+]?\s*endcomment\s*[-+]?%\}",
    "raw": r"\{%[-+]?\s*endraw\s*[-+]?%\}",
    "verbatim": r"\{%\s*endverbatim\b[^%]*%\}",
}
"""What a template engine passes over: comments, and blocks to be shown as they are."""


class Word(NamedTuple):
    """A word of a tag or an expression: a string, a dotted name, a number or a sign."""

    text: str
    start: int
    end: int

    @property
    def literal(self) -> str | None:
        """What is between the quotes, if that is all there is."""
        return self.text[1:-1] if re.fullmatch(_STRING, self.text, re.S) else None


class _Argument(NamedTuple):
    keyword: str | None
    words: Sequence[Word]


def find_in_template(text: str, terms: Sequence[Template], flags: Mapping[str, str]) -> Iterator[Found]:
    """The evaluations in a template; `flags` maps each declared name, aliases too, to its flag's key."""
    reader = _Reader(terms, flags)
    for token, _ in tokens_in(text):
        if token.lastgroup == "tag":
            start, end = token.span("tag")
            yield from reader.tag(_words(_TAG_WORD, text, start, end), token.span())
            yield from reader.expression(words_in(text, start, end))
        elif token.lastgroup == "expression":
            yield from reader.expression(words_in(text, *token.span("expression")))


def tokens_in(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """What a template engine reads (groups `tag` and `expression`) or passes over (by its opening), and its end."""
    return ((token, end) for token, _, end in enclosed(text, _TOKEN, _ENDS))


def words_in(text: str, start: int, end: int) -> list[Word]:
    """The words of an expression."""
    return _words(_WORD, text, start, end)


def _words(pattern: re.Pattern[str], text: str, start: int, end: int) -> list[Word]:
    return [Word(match[0], *match.span()) for match in pattern.finditer(text, start, end)]


class _Reader:
    def __init__(self, terms: Sequence[Template], flags: Mapping[str, str]) -> None:
        self._terms = terms
        self._flags = flags

    def tag(self, words: Sequence[Word], span: Span) -> Iterator[Found]:
        name = words[0].text if words else ""
        for term in self._terms:
            if any(fnmatchcase(name, glob) for glob in term.tag):
                key = _chosen(term.key, _tag_arguments(words[1:]))
                if key:
                    [word] = key
                    # Where a word is no variable, a tag of Django's takes it as it stands.
                    yield term, span, self._flags.get(word.text) or self._key(key)
                return

    def expression(self, words: Sequence[Word]) -> Iterator[Found]:
        for index, word in enumerate(words):
            if re.match(r"\.?[A-Za-z_]", word.text):
                found = (self._call(term, words, index) or self._attribute(term, words, index) for term in self._terms)
                yield from [each for each in found if each is not None][:1]

    def _call(self, term: Template, words: Sequence[Word], index: int) -> Found | None:
        """A call, a filter or a test; what is filtered or tested is the first argument."""
        if not any(fnmatchcase(words[index].text, glob) for glob in term.call):
            return None
        subject = _subject(words, index)
        arguments = [] if subject is None else [_Argument(None, subject)]
        start, end = (subject or words[index:])[0].start, words[index].end
        behind = words[index + 1 : index + 3]
        if _texts(behind[:1]) == ["("]:
            given, end = _arguments(words, index + 1)
            arguments += given
        elif subject is None:
            return None
        elif _texts(behind[:1]) == [":"] and len(behind) == 2:
            arguments.append(_Argument(None, behind[1:]))
            end = behind[1].end
        key = _chosen(term.key, arguments)
        return (term, (start, end), self._key(key)) if key else None

    def _attribute(self, term: Template, words: Sequence[Word], index: int) -> Found | None:
        """`flags.x`, `flags["x"]` or `flags.get("x")`."""
        if term.attribute is None:
            return None
        owner = term.attribute.removesuffix("{key}")
        name, start, _ = words[index]
        behind = _texts(words[index + 1 : index + 2])
        asked = {"[": f"{name}.", "(": name.removesuffix("get") if name.endswith(".get") else ""}
        if behind and behind[0] in asked:
            if not owner or not fnmatchcase(asked[behind[0]], owner):
                return None
            arguments, end = _arguments(words, index + 1)
            return (term, (start, end), self._key(arguments[0].words)) if arguments else None
        for part in re.finditer(r"\w+", name):
            if fnmatchcase(name[: part.start()], owner) and self._is_key(part[0], term):
                return term, (start, start + part.end()), self._flags.get(part[0], part[0])
        return None

    def _is_key(self, name: str, term: Template) -> bool:
        return name in self._flags or (term.key_pattern is not None and fnmatchcase(name, term.key_pattern))

    def _key(self, words: Sequence[Word]) -> str | None:
        literal = words[0].literal if len(words) == 1 else None
        return self._flags.get(literal, literal) if literal else None


def _texts(words: Sequence[Word]) -> list[str]:
    return [word.text for word in words]


def _subject(words: Sequence[Word], index: int) -> Sequence[Word] | None:
    """What is filtered (`"x"|on`) or tested (`"x" is on`, `"x" is not on`) by the name at this index."""
    before = _texts(words[max(0, index - 2) : index])
    operator = index - 1 if before[-1:] in (["|"], ["is"]) else index - 2 if before == ["is", "not"] else -1
    if operator < 1:
        return None
    # The result of another filter is not known, whatever it was made of.
    first = operator - 3 if operator > 2 and words[operator - 2].text in ("|", ":") else operator - 1
    return words[first:operator]


def _tag_arguments(words: Sequence[Word]) -> Iterator[_Argument]:
    """The words of a tag behind its name; what follows `as` is where the result goes."""
    for word in words:
        if word.text in ("as", "-", "+"):
            return
        keyword = re.match(r"(\w+)=(?!=)", word.text)
        skipped = keyword.end() if keyword else 0
        yield _Argument(keyword and keyword[1], [Word(word.text[skipped:], word.start + skipped, word.end)])


def _arguments(words: Sequence[Word], opening: int) -> tuple[list[_Argument], int]:
    """What stands between the bracket at this index and the one that closes it, and where that ends."""
    found: list[list[Word]] = [[]]
    depth = 0
    for word in words[opening:]:
        depth += (word.text in "([{") - (word.text in ")]}")
        if depth == 0:
            break
        if word.text == "," and depth == 1:
            found.append([])
        elif word is not words[opening]:
            found[-1].append(word)
    arguments = [
        _Argument(each[0].text, each[2:]) if _texts(each[1:2]) == ["="] else _Argument(None, each)
        for each in found
        if each
    ]
    return arguments, word.end


def _chosen(key: Argument, arguments: Iterable[_Argument]) -> Sequence[Word]:
    """The argument that holds the key, by its keyword or else by its position; nothing where it is not given."""
    positions = count()
    given = {next(positions) if keyword is None else keyword: words for keyword, words in arguments}
    places = sorted(key, key=lambda place: isinstance(place, int))
    return next((given[place] for place in places if place in given), [])
