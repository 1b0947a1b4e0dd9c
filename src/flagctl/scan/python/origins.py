"""Where a value comes from: what the tracer answers with."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from flagctl.scan.python.module import Module
from flagctl.scan.python.scopes import Scope


@dataclass(frozen=True, slots=True)
class External:
    """A dotted name outside the project."""

    name: str


@dataclass(frozen=True, slots=True)
class Value:
    """An expression that is not a name: a literal, a call, a display. `owner` is the class that it is a member of."""

    node: cst.BaseExpression
    scope: Scope
    owner: Scope | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of this project."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class Code:
    """A function or a class of this project."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class File:
    """A module of this project."""

    module: Module


@dataclass(frozen=True, slots=True)
class Each:
    """One element, not known which, of an iterable."""

    iterable: cst.BaseExpression
    scope: Scope


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing can be said."""


Origin = External | Value | Instance | Code | File | Each | Unknown
