"""The configuration that is written: a new `flagctl.toml`, or more in the one that there is, whose every byte stays."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence

from flagctl.adoption.proposals import Field, Proposal, toml
from flagctl.config import DEFAULT_KEY_PATTERN
from flagctl.model import InputError

_TESTS = {
    "tests": re.compile(r"(?:^|/)tests/"),
    "test": re.compile(r"(?:^|/)test/"),
    "testing": re.compile(r"(?:^|/)testing/"),
    "e2e": re.compile(r"(?:^|/)e2e/"),
    "e2e-tests": re.compile(r"(?:^|/)e2e-tests/"),
    "functests": re.compile(r"(?:^|/)functests/"),
    "integration_tests": re.compile(r"(?:^|/)integration_tests/"),
    "__tests__": re.compile(r"(?:^|/)__tests__/"),
    "cypress": re.compile(r"(?:^|/)cypress/"),
    "*.test.[jt]s*": re.compile(r"\.test\.[jt]sx?$"),
    "*.spec.[jt]s*": re.compile(r"\.spec\.[jt]sx?$"),
    "**/test_*.py": re.compile(r"(?:^|/)test_[^/]*\.py$"),
    "**/*_test.py": re.compile(r"_test\.py$"),
    "**/*_tests.py": re.compile(r"_tests\.py$"),
    "**/tests.py": re.compile(r"(?:^|/)tests\.py$"),
    "**/conftest.py": re.compile(r"(?:^|/)conftest\.py$"),
}
_USUAL = ("tests", "**/test_*.py")

_KEY_PATTERNS = (
    DEFAULT_KEY_PATTERN,
    "^[a-z][a-z0-9_]*$",
    "^[a-z][a-z0-9_.]*$",
    "^[a-z][a-z0-9_.-]*$",
    "^[A-Z][A-Z0-9_]*$",
    "^[a-z][A-Za-z0-9]*$",
)

_HABIT = 0.75
"""Of the keys, how many make a habit; the rest is for the baseline."""


def test_patterns(paths: Iterable[str]) -> tuple[str, ...]:
    """What tells the tests of a project from the rest: the usual patterns, and others where a source fits them."""
    code = [path for path in paths if path.endswith((".py", ".js", ".jsx", ".ts", ".tsx"))]
    rest = [path for path in code if not any(_TESTS[each].search(path) for each in _USUAL)]
    more = [name for name, pattern in _TESTS.items() if name not in _USUAL and any(map(pattern.search, rest))]
    return (*_USUAL, *more)


def key_pattern(keys: Sequence[str]) -> str | None:
    """How most keys of a project are written; `None` where that is the usual way, or there is no habit."""
    fitting = {pattern: sum(1 for key in keys if re.search(pattern, key)) for pattern in _KEY_PATTERNS}
    best = max(fitting, key=lambda pattern: fitting[pattern])  # of those that fit alike, the narrowest
    return best if fitting[best] >= max(1, len(keys) * _HABIT) and best != DEFAULT_KEY_PATTERN else None


def new_configuration(settings: Mapping[str, Field], entries: str) -> str:
    """A `flagctl.toml` of one's own."""
    lines = ["# How flagctl reads this repository. `flagctl init` wrote it; it is yours to change."]
    lines += [f"{name} = {toml(value)}" for name, value in settings.items()]
    return "\n".join(lines) + "\n" + entries


def extended(file: str, text: str, settings: Mapping[str, Field], entries: str, table: str = "") -> str:
    """A configuration with more settings and entries; `table` is `tool.flagctl` in a `pyproject.toml`.

    Raises:
        InputError: it is written in a way to which nothing can be added.
    """
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [f"{name} = {toml(value)}" for name, value in settings.items()]
    mark = "\ufeff" if text.startswith("\ufeff") else ""
    after = mark + _with_settings(text.removeprefix(mark), lines, table, newline)
    if entries:
        after = after.rstrip("\r\n") + newline * 2 + entries.strip("\n").replace("\n", newline) + newline
    if not _has_grown(text, after, table):
        where = f"[{table}] and [[{table}.evaluation]]" if table else "[[evaluation]]"
        raise InputError(f"{file}: nothing can be added to it the way it is written; use tables like {where}")
    return after


def _has_grown(before: str, after: str, table: str) -> bool:
    """Whether a configuration says all that it said before, and more."""
    try:
        old, new = (tomllib.loads(each.removeprefix("\ufeff")) for each in (before, after))
    except tomllib.TOMLDecodeError:
        return False
    inner = old
    for name in filter(None, table.split(".")):
        inner, new_inner = inner.setdefault(name, {}), new[name]
        rest = {key: value for key, value in new.items() if key != name}
        if rest != {key: value for key, value in old.items() if key != name}:
            return False
        old, new = inner, new_inner
    return all(_is_part(value, new.get(key)) for key, value in old.items())


def _is_part(value: object, new: object) -> bool:
    return value == new or (isinstance(value, list) and isinstance(new, list) and new[: len(value)] == value)


def _with_settings(text: str, lines: Sequence[str], table: str, newline: str) -> str:
    if not lines:
        return text
    added = "".join(f"{line}{newline}" for line in lines)
    if table:
        header = re.search(rf"^[ \t]*\[\s*{re.escape(table)}\s*\][^\n]*(?:\n|\Z)", text, re.M)
        if header is None:
            return f"{text.rstrip()}{newline * 2}[{table}]{newline}{added}"
        at = header.end()
        return f"{text[:at]}{'' if text[:at].endswith(chr(10)) else newline}{added}{text[at:]}"
    first = re.search(r"^[ \t]*\[", text, re.M)
    at = _before_comments(text, first.start()) if first else len(text)
    head = text[:at]
    if head.strip():
        head = head.rstrip("\r\n") + newline
    return f"{head}{added}" + (f"{newline}{text[at:]}" if first else "")


def _before_comments(text: str, at: int) -> int:
    """Where the comments right above a table begin, and the blank lines above these."""
    while at:
        start = text.rfind("\n", 0, at - 1) + 1
        if not text[start:at].lstrip(" \t").startswith("#"):
            break
        at = start
    return at


def taken_entries(taken: Iterable[Proposal], prefix: str = "") -> str:
    """The entries that hold, each below its evidence."""
    return "".join(f"\n{each.text(prefix)}" for each in taken)


def open_entries(left: Iterable[Proposal], prefix: str = "") -> str:
    """The entries that were not taken, as comments: to be made true by taking the marks away, or to be deleted."""
    left = list(left)
    if not left:
        return ""
    head = (
        "\n# Perhaps these ask for flags, too: uncomment what does. `flagctl init` asks no more about what is here.\n"
    )
    return head + "".join(_commented(each.text(prefix)) for each in left)


def _commented(text: str) -> str:
    return "#\n" + "".join(line if line.startswith("#") else f"#   {line}" for line in text.splitlines(keepends=True))


def is_known(proposal_signature: str, text: str) -> bool:
    """Whether a configuration has an entry already, taken or commented out."""
    lines = {line.strip(" \t#\r") for line in text.split("\n")}
    return all(line in lines for line in proposal_signature.split("\n"))
