"""A value of a foreign document that knows where it stands, so that a wrong shape can be named."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


class ShapeError(Exception):
    """A document that is not what its format says; the message says where."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value, and the path that leads to it. What is `null` is not there."""

    value: Any
    path: str = ""

    def __getitem__(self, name: str) -> Node:
        """A member of an object; one that is not there is `null`."""
        return Node(self.mapping().get(name), f"{self.path}.{name}" if self.path else name)

    def __contains__(self, name: str) -> bool:
        return self.mapping().get(name) is not None

    def mapping(self) -> dict[str, Any]:
        """The members of an object, none where it is not there."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict):
            raise self.error("an object")
        return self.value

    def members(self) -> dict[str, Node]:
        """The members of an object as nodes."""
        return {name: self[name] for name in self.mapping()}

    def items(self) -> list[Node]:
        """The items of an array, none where it is not there."""
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            raise self.error("an array")
        return [Node(item, f"{self.path}[{index}]") for index, item in enumerate(self.value)]

    def text(self) -> str | None:
        """A text without the white space around it, `None` where there is nothing else."""
        if self.value is None:
            return None
        if not isinstance(self.value, str):
            raise self.error("a string")
        return self.value.replace("\r\n", "\n").strip() or None

    def key(self) -> str:
        """A name, which has to be there; it is what code asks for, so it is taken as it is."""
        if not isinstance(self.value, str) or not self.value:
            raise self.error("the name of a flag")
        return self.value

    def boolean(self, default: bool = False) -> bool:
        if self.value is None:
            return default
        if not isinstance(self.value, bool):
            raise self.error("true or false")
        return self.value

    def number(self) -> float | None:
        """A number; Unleash writes them as strings."""
        try:
            number = None if self.value is None or isinstance(self.value, bool) else float(self.value)
        except (TypeError, ValueError, OverflowError):
            raise self.error("a number") from None
        if isinstance(self.value, bool) or (number is not None and not math.isfinite(number)):
            raise self.error("a number")
        return number

    def error(self, expected: str) -> ShapeError:
        """What is wrong with it."""
        where = f'"{self.path}"' if self.path else "the document"
        return ShapeError(f"{where} must be {expected}, not {_shown(self.value)}")


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        return f'"{value}"' if len(value) <= _SHOWN else f'"{value[: _SHOWN - 1]}…"'
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a number"


_SHOWN = 40
