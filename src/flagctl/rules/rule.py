"""What a rule is: one class with its verdict, its documentation and its two examples side by side.

The class's docstring is the rule's page: what it does, then `Why:` and `What to do:`. Its examples are small projects,
as files and their text; the tests run them and the documentation shows them.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from textwrap import dedent
from typing import ClassVar

from flagctl.model import Edit, Finding, Flag, Location, Severity, Snapshot

EXAMPLE_TODAY = date(2026, 6, 15)
"""The day on which every example is judged."""

Files = Mapping[str, str]
"""A small project: paths to texts, indented as it suits the rule's file."""


@dataclass(frozen=True, slots=True)
class ExampleCommit:
    """A commit to it: the day in ISO form, `Ann Lee <ann@example.com>`, the message and the files that change."""

    day: str
    author: str
    message: str
    files: Files


Example = Files | tuple[ExampleCommit, ...]
"""A small project, or how it came about."""


class Rule(ABC):
    """A rule. Adding one takes a subclass with these attributes in a module of this package, and nothing else."""

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    is_default: ClassVar[bool] = True
    """Acted on nine times in ten, as measured; the others are opt-in."""
    reads_code: ClassVar[bool] = False
    """Needs the references, not only the definitions."""
    reads_history: ClassVar[bool] = False
    """Needs what git knows of the definitions."""
    fires: ClassVar[Example]
    silent: ClassVar[Example]

    @abstractmethod
    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        """The rule's findings, at its own severity."""

    def finding(self, flag: str | None, location: Location, message: str, hint: str | None = None) -> Finding:
        """A finding of this rule. The message is a sentence whose subject, the flag, is put before it."""
        return Finding(self.code, self.name, self.severity, flag, message, hint, location)

    @classmethod
    def docs(cls) -> str:
        """The docstring as paragraphs."""
        return inspect.cleandoc(cls.__doc__ or "")

    @classmethod
    def files(cls, example: Example) -> dict[str, str]:
        """An example's files with their texts as they are written to disk in the end."""
        every = [each.files for each in example] if isinstance(example, tuple) else [example]
        return {path: dedent(text).lstrip("\n") for files in every for path, text in files.items()}


def missing_field(rule: Rule, flag: Flag, message: str, line: str) -> Finding:
    """A finding about a field that a definition lacks; `line` is what to add to it."""
    return rule.finding(flag.key, flag.first, message, f"add to {flag.first.path}: {line}")


_USUAL_ORDER = [each.name for each in fields(Flag)]


def added_field(flag: Flag, name: str, value: str) -> Edit | None:
    """The edit that gives a definition one more field, on a line of its own behind those that usually stand before it.

    `None` where fields do not stand on lines of their own, but in braces.
    """
    everything, first = flag.at(""), flag.first
    if (everything.line, everything.column) != (first.line, first.column):
        return None
    before = [each for each in _USUAL_ORDER[: _USUAL_ORDER.index(name)] if _is_own(flag, each)]
    if not before:
        return None
    line = max(flag.places[before[-1]].end_line, flag.places[f"@{before[-1]}"].end_line) + 1
    return Edit(Location(first.path, line, 1, line, 1), f"{' ' * (first.column - 1)}{name}: {value}\n")


def _is_own(flag: Flag, name: str) -> bool:
    """Whether a field is written among those of the definition, rather than merged from elsewhere."""
    key = flag.places.get(f"@{name}")
    return key is not None and key.column == flag.first.column


def days(count: int) -> str:
    """`1 day`, `2 days`."""
    return "1 day" if count == 1 else f"{count} days"
