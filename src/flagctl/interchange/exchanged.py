"""What goes out and what comes in, in the terms of a definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flagctl.model import Flag


@dataclass(frozen=True, slots=True)
class Given:
    """A flag that is written: itself, its definition as plain data, and the environment whose rollout counts."""

    flag: Flag
    definition: Mapping[str, Any]
    environment: str


@dataclass(frozen=True, slots=True)
class Written:
    """A document as plain data, and for each flag what it does not say of it."""

    document: dict[str, Any]
    lost: tuple[tuple[str, str], ...] = ()
    """Keys, each with a sentence; a key may have several."""
    left_out: tuple[tuple[str, str], ...] = ()
    """Flags that are not in it at all, each with the reason."""


@dataclass(slots=True)
class Foreign:
    """A flag of another tool: the fields of its definition as far as they are known, and what else there was."""

    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    """What was guessed, with the reason, and what could not be carried over: one clause each."""
    is_whole: bool = False
    """A definition of ours, to which nothing is added."""

    def set(self, name: str, value: Any) -> None:
        """Sets a field, if anything is known of it."""
        if value not in (None, "", (), [], {}):
            self.fields[name] = value

    def serve(self, environment: str, served: Mapping[str, Any]) -> None:
        """Sets what an environment serves."""
        rollout = self.fields.setdefault("rollout", {"environments": {}})
        rollout["environments"][environment] = dict(served)


@dataclass(slots=True)
class Read:
    """The flags of a document."""

    flags: list[Foreign] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    """Keys of flags that are not taken over, each with the reason."""
    notes: list[str] = field(default_factory=list)
    """What the document says of no single flag, and is not carried over."""


def counted(number: int, noun: str) -> str:
    """`1 rule`, `2 rules`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
