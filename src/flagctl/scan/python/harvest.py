"""What a walk over a tree brings home: expressions that may turn out to be references, each with where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from flagctl.scan.python.scopes import Binding, Blocks, Scope

String = cst.SimpleString | cst.ConcatenatedString | cst.FormattedString


@dataclass(frozen=True, slots=True)
class Context:
    """Where the walk stands."""

    scope: Scope
    import_time: bool = True
    is_decorator: bool = False
    is_target: bool = False
    """On the left of an assignment, or deleted: written, not read."""
    argument_of: cst.Call | None = None
    blocks: Blocks = ()

    @property
    def inside(self) -> Context:
        """The context of a part of an expression: the whole may be a decorator or a target, its parts are not."""
        return Context(self.scope, self.import_time, blocks=self.blocks)


@dataclass(frozen=True, slots=True, eq=False)
class Occurrence:
    """An expression and where it was met."""

    node: Any
    context: Context


@dataclass(slots=True)
class Harvest:
    """What one walk brings home, in source order."""

    decorators: list[Occurrence] = field(default_factory=list)
    """Decorators without parentheses."""
    calls: list[Occurrence] = field(default_factory=list)
    attributes: list[Occurrence] = field(default_factory=list)
    names: list[Occurrence] = field(default_factory=list)
    """Names that are read or imported."""
    assignments: list[Occurrence] = field(default_factory=list)
    subscripts: list[Occurrence] = field(default_factory=list)
    comparisons: list[Occurrence] = field(default_factory=list)
    scopes: list[Scope] = field(default_factory=list)
    strings: list[Occurrence] = field(default_factory=list)
    reaching: dict[cst.Name, list[Binding]] = field(default_factory=dict)
    """What local variables may be bound to where they are read, if that is less than all they are ever bound to."""
    docstrings: set[cst.CSTNode] = field(default_factory=set)
