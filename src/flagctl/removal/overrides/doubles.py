"""What stands in for all flags in tests: `request.feature.flags["new-checkout"] = True` forces one of them.

Nothing says so but the names: an item of what is called flags, features, switches or toggles is set, in a test, by the
flag's key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

import libcst as cst

from flagctl.model import Location, Reference
from flagctl.removal.overrides import Override, is_whole, owner_of
from flagctl.removal.parents import Parents, around
from flagctl.scan.python.nodes import last_name

_FLAGS = re.compile(r"(?:\w+_)?(?:flags?|features?|switch(?:es)?|toggles?)", re.I)


def set_in_doubles(
    mentions: Iterable[Reference], nodes: Mapping[Location, cst.BaseExpression], parents: Parents
) -> Iterator[Override]:
    """The statements of tests that set a flag by its key, among the places where that is mentioned."""
    for each in mentions:
        node = nodes.get(each.location)
        found = _set(node, parents) if node is not None else None
        if found is None:
            continue
        part, value = found
        line = next(above for above in around(part, parents) if isinstance(above, cst.SimpleStatementLine))
        yield Override(each.location, (part,), owner_of(part, parents), is_whole(line, parents), value)


def _set(key: cst.BaseExpression, parents: Parents) -> tuple[cst.CSTNode, cst.BaseExpression] | None:
    """What goes with an item that is set by a key, and what it is set to."""
    match above := parents[key]:
        case cst.Index() if isinstance(item := parents[parents[above]], cst.Subscript) and len(item.slice) == 1:
            line = _assignment(parents[item], parents)
            return (line, _value_of(line)) if line is not None and _is_flags(item.value) else None
        case cst.DictElement(key=own, value=value) if own is key:
            items = cst.ensure_type(parents[above], cst.Dict)
            assign = parents[items]
            match assign:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute() as target)]) if _is_flags(target):
                    line = _assignment(assign.targets[0], parents)
                    if line is not None:
                        return (line if len(items.elements) == 1 else above), value
    return None


def _assignment(target: cst.CSTNode, parents: Parents) -> cst.SimpleStatementLine | None:
    """The line that does nothing but set one target."""
    line = parents[parents[target]] if isinstance(target, cst.AssignTarget) else None
    match line:
        case cst.SimpleStatementLine(body=[cst.Assign(targets=[_])]):
            return line
    return None


def _value_of(line: cst.SimpleStatementLine) -> cst.BaseExpression:
    return cst.ensure_type(line.body[0], cst.Assign).value


def _is_flags(node: cst.BaseExpression) -> bool:
    return _FLAGS.fullmatch(last_name(node) or "") is not None
