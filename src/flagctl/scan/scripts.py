"""Evaluations in JavaScript and TypeScript: calls of what the conventions name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from flagctl.config.conventions import Script
from flagctl.scan.text import Span

Found = tuple[Script, Span, str | None]
"""What asks, where, and for which flag; `None` where the key cannot be known."""

_CALL = re.compile(r"(?<![\w$])(?P<name>\.?[\w$]+(?:\??\.[\w$]+)*)[ \t]*(?:<[^<>()]*>)?(?:\?\.)?\(")
_LITERAL = re.compile(r"(?P<quote>['\"`])(?P<value>(?:(?!(?P=quote))[^\\$\r\n])+)(?P=quote)")


def find_in_script(text: str, code: str, terms: Sequence[Script], flags: Mapping[str, str]) -> Iterator[Found]:
    """The evaluations in a script; `code` is the text with blanks for what is a string or no code at all."""
    for call in _CALL.finditer(code):
        name = call["name"].replace("?.", ".")
        term = next((term for term in terms if any(fnmatchcase(name, glob) for glob in term.call)), None)
        if term is None:
            continue
        arguments, end = _arguments(code, call.end())
        argument = text[slice(*arguments[term.key])].strip() if term.key < len(arguments) else ""
        if argument and not _declares(code, call.start(), end):
            literal = _LITERAL.fullmatch(argument)
            flag = flags.get(literal["value"], literal["value"]) if literal else None
            yield term, (call.start(), end), flag


def _arguments(code: str, start: int) -> tuple[list[Span], int]:
    """The arguments of a call, from behind its bracket, and where it ends."""
    arguments: list[Span] = []
    depth, end = 1, start
    for mark in re.compile(r"[(){}\[\],]").finditer(code, start):
        depth += (mark[0] in "([{") - (mark[0] in ")]}")
        if depth == 0 or (mark[0] == "," and depth == 1):
            arguments.append((end if not arguments else arguments[-1][1] + 1, mark.start()))
        if depth == 0:
            return arguments, mark.end()
    return [], len(code)


def _declares(code: str, start: int, end: int) -> bool:
    """Whether this is where the function itself is written: `function flag(key) {`."""
    return bool(re.search(r"\bfunction\s*\*?\s*$", code[max(0, start - 20) : start])) or bool(
        re.compile(r"\s*(?::[^{};=()]*)?\{").match(code, end)
    )
