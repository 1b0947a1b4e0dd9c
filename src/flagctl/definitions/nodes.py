"""YAML documents as trees of nodes that know where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from flagctl.definitions.source import Fault, Span


@dataclass(slots=True)
class Scalar:
    """A single value as written. `tag` is the type it claims; a plain scalar may claim none."""

    span: Span
    text: str
    tag: str | None


@dataclass(slots=True)
class Sequence:
    """A list."""

    span: Span
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """Fields by name, those of a merge key (`<<`) included. `first` is the first key as written."""

    span: Span
    first: Span
    entries: dict[str, Entry] = field(default_factory=dict)


@dataclass(slots=True)
class Unknown:
    """Stands for a value that could not be composed, and about which all has been said."""

    span: Span


Node = Scalar | Sequence | Mapping | Unknown


class Entry(NamedTuple):
    """A field of a mapping: where its key stands, and its value."""

    key: Span
    value: Node


@dataclass(slots=True)
class Document:
    """One YAML document. Where a syntax error broke it off, `root` is what was read before it, if anything was."""

    root: Node | None = None
    is_whole: bool = True
    faults: list[Fault] = field(default_factory=list)

    def break_off(self, fault: Fault, offset: int) -> None:
        """Ends the document at a syntax error, which may have been taken for a part of the last value before it."""
        self.is_whole = False
        self.faults.append(fault)
        if isinstance(self.root, Mapping):
            entries = self.root.entries.items()
            self.root.entries = {name: entry for name, entry in entries if entry.value.span[1] < offset}

    def root_faults(self, expected: str) -> list[Fault]:
        """What is wrong with a document that is no mapping; `expected` says what it must be."""
        if not isinstance(self.root, Scalar | Sequence):
            return []
        what = "a list" if isinstance(self.root, Sequence) else "a single value"
        start = self.root.span[0]
        return [Fault((start, start + 1), f"{expected}, not {what}")]

    @property
    def is_empty(self) -> bool:
        """Nothing but comments between two `---`."""
        root = self.root
        return not self.faults and (root is None or (isinstance(root, Scalar) and root.tag is None and not root.text))
