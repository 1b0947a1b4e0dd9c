"""Evaluations that give details: an object of which code reads the value, or the name of the variant."""

from __future__ import annotations

from dataclasses import dataclass

import libcst as cst

from flagctl.removal.parents import Parents, function_around
from flagctl.removal.propagate.variables import reads_behind
from flagctl.removal.refusal import Refused
from flagctl.removal.scoping import scopes_of
from flagctl.scan.python.nodes import string_value


@dataclass(frozen=True, slots=True)
class Parts:
    """What is read of details: expressions and the names of the parts, and the line that only kept the details."""

    reads: tuple[tuple[cst.BaseExpression, str], ...]
    line: cst.CSTNode | None = None


def parts_read(node: cst.BaseExpression, tree: cst.Module, parents: Parents) -> Parts:
    """What is read of the details that an evaluation gives.

    Either of the evaluation itself, `get_details("k").value`, or of a variable of a function that holds nothing else.

    Raises:
        Refused: something else is done with them.
    """
    above = parents[node]
    whole = above if isinstance(above, cst.Await) else node
    if (part := _part(whole, parents)) is not None:
        return Parts((part,))
    parts = _parts_of_variable(whole, tree, parents)
    if parts is None:
        raise Refused("it gives details, and more is done with them than to read a value")
    return parts


def _parts_of_variable(whole: cst.BaseExpression, tree: cst.Module, parents: Parents) -> Parts | None:
    """What is read of details that a variable of a function holds."""
    function = function_around(whole, parents)
    match parents[whole]:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]) as binding if function is not None:
            line = cst.ensure_type(parents[binding], cst.SimpleStatementLine)
            scopes = scopes_of(tree)
            reads = reads_behind(name, whole, function.body, parents, scopes)
            is_only = len(scopes[function.body].bindings.get(name, ())) == 1 == len(line.body)
            found = tuple(part for each in reads or () if (part := _part(each, parents)))
            return Parts(found, line) if reads and is_only and len(found) == len(reads) else None
    return None


def _part(whole: cst.CSTNode, parents: Parents) -> tuple[cst.BaseExpression, str] | None:
    match parents[whole]:
        case cst.Attribute(attr=cst.Name(value=name)) as part:
            return part, name
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=cst.SimpleString() as key))]) as part if (
            part.value is whole
        ):
            return part, string_value(key) or ""
    return None
