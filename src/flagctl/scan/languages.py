"""What is comment, what is string and what is code in a file that is not Python.

No grammar, only what decides where a string or a comment begins and ends: quotes, interpolation, nesting, and the few
places where a quote or a slash is none.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from flagctl.scan.text import Span, Spans, enclosed


@dataclass(frozen=True)
class Interpolated:
    """A string that has code in it: how it opens and closes, and how the code does."""

    opener: str
    closer: str
    code: str

    @cached_property
    def stops(self) -> re.Pattern[str]:
        """What may end the string or begin code in it; on one line only, unless its quote is one for many lines."""
        newline = r"|(?P<newline>[\r\n])" if self.closer == '"' else ""
        return re.compile(rf"(?P<code>{self.code})|\\.|(?P<closer>{self.closer}){newline}", re.S)


@dataclass(frozen=True)
class Syntax:
    """The comments and strings of a language, as patterns; the first that fits counts."""

    comments: str
    strings: str = ""
    interpolated: tuple[Interpolated, ...] = ()
    nests: bool = False
    """Whether a `/* comment /* in a comment */ */` goes on to the second end."""
    symbols: bool = False
    """Whether `:name` is a value, as a string is."""
    tokens: re.Pattern[str] = field(init=False)
    code: re.Pattern[str] = field(init=False)
    """As `tokens`, with the brackets that code inside a string may end by."""

    def __post_init__(self) -> None:
        parts = [f"(?P<comment>{self.comments})"]
        parts += [r"(?P<nested>/\*)"] if self.nests else []
        parts += [f"(?P<string>{self.strings})"] if self.strings else []
        parts += [f"(?P<open{index}>{each.opener})" for index, each in enumerate(self.interpolated)]
        object.__setattr__(self, "tokens", re.compile("|".join(parts), re.S | re.M))
        object.__setattr__(self, "code", re.compile("|".join([*parts, r"(?P<bracket>[(){}])"]), re.S | re.M))


_LINE = r"(?<!:)//[^\r\n]*"
"""`//` after a colon is the middle of an address, as it stands in the text between two tags."""
_BLOCK = r"/\*.*?(?:\*/|\Z)"
_HASH = r"(?<!\S)#[^\r\n]*"
"""`$#` and `x#y` are no comments; those that are have a space before them."""
_MARK = re.compile(r"/\*|\*/")
_MARKUP = re.compile(
    r"(?P<page><!--)|(?P<jinja>\{#)|(?P<django>\{%[-+]?\s*comment\b)|(?P<erb><%#)|(?P<handlebars>\{\{!--)"
)
_ENDS_OF_MARKUP = {
    "page": "-->",
    "jinja": r"#\}",
    "django": r"endcomment\s*[-+]?%\}",
    "erb": "%>",
    "handlebars": r"--\}\}",
}

_DOUBLE = r'"(?:\\.|[^"\\\r\n])*+"'
_SINGLE = r"(?<![A-Za-z0-9])'(?:\\.|[^'\\\r\n])*+'"
"""A quote after a letter is an apostrophe, in the text between two tags or in a comment of some dialect."""
_CHARACTER = r"'(?:\\[^\r\n']{1,9}|\\'|[^'\\\r\n])'"
_TRIPLE = r'"""(?:\\.|.)*?"""'
_REGEX = (
    r"(?:(?<=[(,=:\[!&|?;~])|(?<=[(,=:\[!&|?;~] )|(?<=\breturn ))"
    r"/(?![/*])(?:\\[^\r\n]|\[(?:\\[^\r\n]|[^\]\\\r\n])*+\]|[^/\\\[\r\n])++/"
)
"""Where a value may begin, a slash is no division."""
_HEREDOC = r"<<<?[~-]?(?P<quote>[\"'`]?)(?P<word>[A-Z_]\w*)(?P=quote)[^\n]*\n(?:[^\n]*\n){0,500}?[ \t]*(?P=word)\b"


def _plain(quote: str, code: str) -> str:
    """A string on one line that has no code in it, though its quotes allow some."""
    return rf"{quote}(?!{quote}{quote})(?:\\.|[^{quote}\\{code}\r\n])*+{quote}"


def _either(*patterns: str) -> str:
    return "|".join(patterns)


_C = Syntax(_either(_LINE, _BLOCK), _either(_TRIPLE, _DOUBLE, _CHARACTER))
_JAVASCRIPT = Syntax(
    _either(_LINE, _BLOCK), _either(_DOUBLE, _SINGLE, _REGEX), (Interpolated("`(?=[^`]*`)", "`", r"\$\{"),)
)
_PAGE = Syntax(_MARKUP.pattern)
_LANGUAGES = {
    "c cc cpp h m mm proto": Syntax(
        _C.comments, _either(r'R"(?P<raw>\w*)\((?:.*?\)(?P=raw)"|.*\Z)', _DOUBLE, _CHARACTER)
    ),
    "java": _C,
    "cs": Syntax(_C.comments, _either(_TRIPLE, r'\$?@\$?"(?:""|[^"])*+"', _DOUBLE, _CHARACTER)),
    "go": Syntax(_C.comments, _either(r"`[^`]*`", _DOUBLE, _CHARACTER)),
    "rs": Syntax(
        _LINE, _either(r'\br(?P<hashes>#*)"(?:.*?"(?P=hashes)|.*\Z)', r'"(?:\\.|[^"\\])*+"', _CHARACTER), nests=True
    ),
    "kt kts scala": Syntax(
        _LINE,
        _either(_plain('"', "$"), _CHARACTER),
        (Interpolated('"""', '"""', r"\$\{"), Interpolated('"', '"', r"\$\{")),
        nests=True,
    ),
    "swift": Syntax(
        _LINE,
        _either(r'(?P<pounds>#+)".*?"(?P=pounds)', r'"(?!"")(?:\\(?!\().|[^"\\\r\n])*+"'),
        (Interpolated('"""', '"""', r"\\\("), Interpolated('"', '"', r"\\\(")),
        nests=True,
    ),
    "dart": Syntax(
        _LINE,
        _either(_TRIPLE, _plain('"', "$"), _SINGLE),
        (Interpolated('"', '"', r"\$\{"),),
        nests=True,
    ),
    "cjs cts js jsx mjs mts ts tsx": _JAVASCRIPT,
    "groovy": Syntax(_C.comments, _either(_TRIPLE, _DOUBLE, _SINGLE)),
    "graphql": Syntax(_HASH, _either(_TRIPLE, _DOUBLE)),
    "hcl php tf": Syntax(_either(_HASH, _LINE, _BLOCK), _either(_HEREDOC, _DOUBLE, _SINGLE)),
    "rb": Syntax(
        _either(r"^=begin\b.*?(?:^=end\b[^\r\n]*|\Z)", _HASH),
        _either(_HEREDOC, _plain('"', "#"), _SINGLE, _REGEX),
        (Interpolated('"', '"', r"#\{"),),
        symbols=True,
    ),
    "ex exs": Syntax(_HASH, _either(_TRIPLE, _plain('"', "#")), (Interpolated('"', '"', r"#\{"),), symbols=True),
    "pl": Syntax(_either(r"^=\w+.*?(?:^=cut\b[^\r\n]*|\Z)", _HASH), _either(_HEREDOC, _DOUBLE, _SINGLE)),
    "sh": Syntax(_HASH, _either(_HEREDOC, _DOUBLE, _SINGLE)),
    "astro django djhtml ejs erb haml hbs htm html j2 jinja jinja2 liquid mako mustache njk svelte twig vue": _PAGE,
}
_SYNTAX = {suffix: syntax for suffixes, syntax in _LANGUAGES.items() for suffix in suffixes.split()}
_TEMPLATES = frozenset(["django", "djhtml", "htm", "html", "j2", "jinja", "jinja2", "liquid", "njk", "twig"])
_FOLDERS_OF_TEMPLATES = frozenset(["templates", "jinja2"])
_TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|<%.*?%>", re.S)
_SCRIPT = re.compile(r"(?P<script><script\b[^>]{0,500}>)|(?P<style><style\b[^>]{0,500}>)|(?P<front>\A---\r?\n)", re.I)
_ENDS_OF_SCRIPTS = {"script": r"(?i:</script\s*>)", "style": r"(?i:</style\s*>)", "front": "(?m:^---)"}


def is_code(path: str) -> bool:
    """Whether a file is source of another language or a template, by its name."""
    return _suffix(path) in _SYNTAX


def is_markup(path: str) -> bool:
    """Whether a file is text with code in it, rather than code."""
    return _SYNTAX.get(_suffix(path)) is _PAGE


def is_template(path: str) -> bool:
    """Whether Django or Jinja may render a file: by its suffix, or for mail and the like by its folder."""
    if _suffix(path) in _TEMPLATES:
        return True
    is_python = _suffix(path) in ("py", "pyi", "pyw")
    return not is_python and not _FOLDERS_OF_TEMPLATES.isdisjoint(path.split("/")[:-1])


def is_script(path: str) -> bool:
    """Whether a file is JavaScript or has some in it."""
    return is_markup(path) or _SYNTAX.get(_suffix(path)) is _JAVASCRIPT


def has_symbols(path: str) -> bool:
    """Whether `:name` is a value in this language, as a string is."""
    return is_code(path) and _SYNTAX[_suffix(path)].symbols


def has_bare_words(path: str) -> bool:
    """Whether a word needs no quotes in this language, as in a shell."""
    return _suffix(path) in ("hcl", "sh", "tf")


class Source:
    """One file, and what in it is comment, string and code."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    @cached_property
    def comments(self) -> Spans:
        return Spans(self._read.comments)

    @cached_property
    def code(self) -> str:
        """The text with blanks for comments and strings."""
        return _blanked(self.text, [*self._read.comments, *self._read.strings])

    @cached_property
    def script(self) -> str:
        """Of a page that a server renders, only its scripts are such; anything else is one as a whole."""
        if not is_template(self.path) or not is_markup(self.path):
            return self.code
        starts, ends = zip(*_scripts(self.text), strict=True) if _scripts(self.text) else ((), ())
        return _blanked(self.code, zip((0, *ends), (*starts, len(self.text)), strict=True))

    def is_inside_string(self, span: Span) -> bool:
        """Whether a span is part of a longer string, as JSON in a test is."""
        index = bisect_left(self._strings, span) - 1
        return index >= 0 and self._strings[index][1] > span[1]

    def holds_code(self, span: Span) -> bool:
        """Whether a span is code, or of a page the inside of a tag or a script."""
        return (is_code(self.path) and not is_markup(self.path)) or self._tags.contain(span)

    @cached_property
    def _strings(self) -> list[Span]:
        return sorted(self._read.strings)

    @cached_property
    def _tags(self) -> Spans:
        return Spans([*(match.span() for match in _TAG.finditer(self.text)), *_scripts(self.text)])

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader(self.text)
        if is_markup(self.path) or (is_template(self.path) and not is_code(self.path)):
            found = enclosed(self.text, _MARKUP, _ENDS_OF_MARKUP)
            reader.comments += ((opener.start(), end) for opener, _, end in found)
            for start, end in _scripts(self.text):
                reader.read(_JAVASCRIPT, start, end)
        elif is_code(self.path):
            reader.read(_SYNTAX[_suffix(self.path)], 0, len(self.text))
        return reader


def _scripts(text: str) -> list[Span]:
    """Where the scripts and style sheets of a page stand."""
    found = enclosed(text, _SCRIPT, _ENDS_OF_SCRIPTS)
    return [(opener.end(), inner_end) for opener, inner_end, _ in found]


def _blanked(text: str, spans: Iterable[Span]) -> str:
    """The text with blanks in some parts; what is left keeps its place."""
    kept, last = [], 0
    for start, end in Spans(spans):
        kept += [text[last:start], " " * (end - start)]
        last = end
    return "".join([*kept, text[last:]])


class _Reader:
    """Goes through code from one string or comment to the next."""

    def __init__(self, text: str) -> None:
        self.comments: list[Span] = []
        self.strings: list[Span] = []
        self._text = text
        self._inside: list[tuple[Interpolated, int]] = []
        """The strings whose code this is, the innermost last, each with how many brackets are open in that code."""

    def read(self, syntax: Syntax, at: int, end: int) -> None:
        self._inside.clear()
        while match := (syntax.code if self._inside else syntax.tokens).search(self._text, at, end):
            start, at = match.span()
            kind = match.lastgroup or ""
            if kind == "comment":
                self.comments.append((start, at))
            elif kind == "nested":
                at = self._end_of_nested(at, end)
                self.comments.append((start, at))
            elif kind == "bracket":
                at = self._bracket(match[0], at, end)
            elif kind == "string":
                self.strings.append((start, at))
            else:
                at = self._string(syntax.interpolated[int(kind.removeprefix("open"))], start, at, end)

    def _string(self, string: Interpolated, start: int, at: int, end: int) -> int:
        """Reads a string up to its end, or up to code in it; returns where to go on."""
        for stop in string.stops.finditer(self._text, at, end):
            if stop.lastgroup is None:  # an escaped character
                continue
            if stop.lastgroup == "code":
                self._inside.append((string, 0))
            self.strings.append((start, stop.end()))
            return stop.end()
        self.strings.append((start, end))
        return end

    def _bracket(self, bracket: str, at: int, end: int) -> int:
        """Counts a bracket in code that is inside a string; by the last one the string goes on."""
        string, depth = self._inside.pop()
        opens, closes = "()" if string.code.endswith("(") else "{}"
        if bracket == closes and depth == 0:
            return self._string(string, at - 1, at, end)
        self._inside.append((string, depth + (bracket == opens) - (bracket == closes)))
        return at

    def _end_of_nested(self, at: int, end: int) -> int:
        """Where a comment ends that has others in it, from behind its first mark."""
        depth = 1
        for mark in _MARK.finditer(self._text, at, end):
            depth += 1 if mark[0] == "/*" else -1
            if depth == 0:
                return mark.end()
        return end


def _suffix(path: str) -> str:
    name, dot, suffix = path[path.rfind("/") + 1 :].rpartition(".")
    return suffix.lower() if name and dot else ""
