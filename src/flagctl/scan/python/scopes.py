"""The scopes of a module and what each name in them is bound to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

import libcst as cst

if TYPE_CHECKING:
    from flagctl.scan.python.module import Module
    from flagctl.scan.python.outline import Part


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """A suite of statements; whether it runs again and again."""

    is_loop: bool = False


Blocks = tuple[Block, ...]
"""The suites around a statement, outermost first."""


class ScopeKind(Enum):
    MODULE = auto()
    CLASS = auto()
    FUNCTION = auto()


@dataclass(frozen=True, slots=True, eq=False)
class Imported:
    """`import a.b as x` binds x to module a.b; `from ..m import n as x` has module `m`, name `n`, level 2."""

    module: str
    name: str | None = None
    level: int = 0
    node: cst.Name | None = None
    """The name where it is bound."""


@dataclass(frozen=True, slots=True, eq=False)
class Assigned:
    """A name given the value of an expression, or only declared with a type."""

    value: cst.BaseExpression | None
    scope: Scope
    annotation: cst.BaseExpression | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A name that takes each element of an iterable in turn: the target of a `for`."""

    iterable: cst.BaseExpression
    scope: Scope


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """A parameter; `owner` is the class of a method's first parameter."""

    annotation: cst.BaseExpression | None
    scope: Scope
    owner: Scope | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Defined:
    """A function or class; its own scope has its statements."""

    scope: Scope


@dataclass(frozen=True, slots=True, eq=False)
class Opaque:
    """Bound in a way that is not followed: `except ... as`, `with ... as`, `del`, `x += 1`, parts of a tuple."""


Binding = Imported | Assigned | Element | Parameter | Defined | Opaque


@dataclass(slots=True, eq=False)
class Scope:
    """A namespace: a module, a class or a function (a lambda or comprehension is a function without a name)."""

    kind: ScopeKind
    module: Module
    node: cst.CSTNode | None = None
    name: str | None = None
    parent: Scope | None = None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    attributes: dict[str, list[Binding]] = field(default_factory=dict)
    """Of a class: what methods assign to `self.name`."""
    returns: list[cst.BaseExpression] = field(default_factory=list)
    star_imports: list[Imported] = field(default_factory=list)
    blocks: dict[Binding, Blocks] = field(default_factory=dict)
    """Where in the scope each binding was made."""
    globals: set[str] = field(default_factory=set)
    """Names that a `global` statement of this function gives to the module."""
    nonlocals: set[str] = field(default_factory=set)
    """Names that a `nonlocal` statement of this function gives to a function around it."""
    parts: tuple[Part, ...] = ()
    """Of a module or class: its statements, of which some may not be read yet."""

    def bound(self, name: str) -> list[Binding]:
        """Everything that a name is bound to in this scope; reads the statements that may do so."""
        for part in self.parts:
            if part.read is not None and part.may_bind(name):
                part.read()
        return self.bindings.get(name, [])

    def assigned(self, name: str) -> list[Binding]:
        """Of a class: everything that its methods assign to `self.name`."""
        for part in self.parts:
            if part.read is not None and part.may_set(name):
                part.read()
        return self.attributes.get(name, [])

    def stars(self) -> list[Imported]:
        """Of a module: what it imports everything from."""
        for part in self.parts:
            if part.read is not None and part.is_star_import:
                part.read()
        return self.star_imports

    def read_all(self, *, functions: bool = False) -> None:
        """Reads the statements that were not read yet; definitions of functions only if told to."""
        for part in self.parts:
            if part.read is not None and (functions or not part.is_function):
                part.read()

    def bind(self, name: str, binding: Binding, blocks: Blocks = ()) -> None:
        self.blocks[binding] = blocks
        scope = self
        if name in self.globals:
            *_, scope = self.ancestry()
        elif name in self.nonlocals:
            outer = (each for each in self.ancestry() if each is not self and name in each.bindings)
            scope = next(outer, self)
        scope.bindings.setdefault(name, []).append(binding)

    def reaching(self, name: str, blocks: Blocks) -> list[Binding] | None:
        """Of the bindings made so far, those that a name read in this block may have: back to the last sure one.

        A binding is sure where its block is the reader's or one around it, with no loop in between: a loop may come
        back with what is bound further down. `None` if no binding is sure.
        """
        found: list[Binding] = []
        for binding in reversed(self.bindings.get(name, ())):
            found.append(binding)
            own = self.blocks.get(binding, ())
            if own and blocks[: len(own)] == own:
                in_loop = any(block.is_loop for block in blocks[len(own) :])
                return None if in_loop else found
        return None

    def lookup(self, name: str) -> list[Binding]:
        """What a name used in this scope may be bound to, by Python's scoping: class bodies hide from functions."""
        is_global = False
        for scope in self.ancestry():
            if scope is not self and scope.kind is ScopeKind.CLASS:
                continue
            is_global = is_global or name in scope.globals
            if is_global and scope.parent is not None:
                continue
            if bindings := scope.bound(name):
                return bindings
        return []

    def ancestry(self) -> Iterator[Scope]:
        """This scope and the ones around it, innermost first."""
        scope: Scope | None = self
        while scope is not None:
            yield scope
            scope = scope.parent

    @property
    def qualified_name(self) -> str | None:
        """Dotted path of the enclosing named definitions, `None` at module level."""
        names = [scope.name for scope in self.ancestry() if scope.name]
        return ".".join(reversed(names)) or None

    @property
    def function(self) -> str | None:
        """Qualified name of the closest function with a name."""
        for scope in self.ancestry():
            if scope.kind is ScopeKind.FUNCTION and scope.name:
                return scope.qualified_name
        return None
