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
from flagctl.removal.parents import Parents, around, function_around
from flagctl.scan.python.nodes import descendants, dotted_text, last_name

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
        part, value, target = found
        line = next(above for above in around(part, parents) if isinstance(above, cst.SimpleStatementLine))
        if _is_given(target, line, parents):
            yield Override(each.location, (part,), owner_of(part, parents), is_whole(line, parents), value)


def _is_given(flags: cst.BaseExpression, line: cst.CSTNode, parents: Parents) -> bool:
    """Whether what is called flags belongs to something that a test was given, and the test does not look at it.

    A test that makes it, or asks what is in it, may be about that itself.
    """
    function = function_around(line, parents)
    text = dotted_text(flags)
    if function is None or text is None or "." not in text:
        return False
    params = {each.name.value for each in function.params.params}
    others = (
        each
        for each in descendants(function)
        if isinstance(each, cst.Attribute) and each is not flags and dotted_text(each) == text
    )
    return text.partition(".")[0] in params and all(_is_set_item(each, parents) for each in others)


def _is_set_item(node: cst.CSTNode, parents: Parents) -> bool:
    """Whether an item of what is called flags is set."""
    above = parents[node]
    return isinstance(above, cst.Subscript) and isinstance(parents[above], cst.AssignTarget)


def _set(
    key: cst.BaseExpression, parents: Parents
) -> tuple[cst.CSTNode, cst.BaseExpression, cst.BaseExpression] | None:
    """What goes with an item that is set by a key, what it is set to, and of what it is an item."""
    match above := parents[key]:
        case cst.Index() if isinstance(item := parents[parents[above]], cst.Subscript) and len(item.slice) == 1:
            line = _assignment(parents[item], parents)
            return (line, _value_of(line), item.value) if line is not None and _is_flags(item.value) else None
        case cst.DictElement(key=own, value=value) if own is key:
            items = cst.ensure_type(parents[above], cst.Dict)
            assign = parents[items]
            match assign:
                case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute() as target)]) if _is_flags(target):
                    line = _assignment(assign.targets[0], parents)
                    if line is not None:
                        return (line if len(items.elements) == 1 else above), value, target
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
