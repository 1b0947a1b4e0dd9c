"""What becomes of each evaluation of a flag: the value in its place, or the reason why it is left to a human."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import libcst as cst

from flagctl.model import Flag, Kind, Reference, Role
from flagctl.removal.file import PythonFile
from flagctl.removal.overrides import inside, overrides_in
from flagctl.removal.refusal import Refusal, Refused
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import children, descendants


@dataclass(frozen=True, slots=True)
class Sites:
    """What is to be done to one file: values in place of nodes, nodes that go, and what is left to a human."""

    values: Mapping[cst.CSTNode, Value]
    gone: frozenset[cst.CSTNode]
    tests: tuple[str, ...]
    """The tests of the value that is gone."""
    refusals: tuple[Refusal, ...]


def sites_in(
    file: PythonFile, references: Iterable[Reference], flag: Flag, kept: str, *, keep_tests: bool = False
) -> Sites:
    """What becomes of the evaluations and overrides in a file."""
    references = list(references)
    nodes = file.expressions_at(each.location for each in references)
    parents = {child: node for node in descendants(file.tree) for child in children(node)}
    values: dict[cst.CSTNode, Value] = {}
    refusals: list[Refusal] = []
    for each in references:
        if each.role is not Role.EVALUATION:
            continue
        try:
            node = nodes.get(each.location)
            if node is None:
                raise Refused("nothing that could be replaced stands there")
            value = value_of(each, flag, kept)
            values[_whole(node, each, value, parents)] = value
        except Refused as refused:
            refusals.append(Refusal(each.location, str(refused)))
    overrides = [each for each in references if each.role is Role.OVERRIDE]
    forced = overrides_in(overrides, nodes, parents, flag.variants[kept], keep_tests=keep_tests)
    dropped = inside(forced.gone)
    return Sites(
        {node: value for node, value in values.items() if node not in dropped},
        frozenset(forced.gone),
        tuple(forced.tests),
        tuple(sorted([*refusals, *forced.refusals])),
    )


def value_of(reference: Reference, flag: Flag, kept: str) -> Value:
    """What an evaluation gives when the flag has the kept value.

    Raises:
        Refused: nobody says what that is.
    """
    variant = flag.variants[kept]
    match reference.returns or "bool":
        case "bool" if isinstance(variant, bool):
            return variant is not reference.negated
        case "int" if isinstance(variant, int):
            return int(variant)
        case "float" if isinstance(variant, int | float) and not isinstance(variant, bool):
            return float(variant)
        case "str" if isinstance(variant, str):
            return variant
        case "variant":
            return kept
    raise Refused(f"it returns {reference.returns or 'bool'}, and nobody says what that is where the flag is {kept}")


def _whole(
    node: cst.BaseExpression, reference: Reference, value: Value, parents: Mapping[cst.CSTNode, cst.CSTNode]
) -> cst.BaseExpression:
    """The expression that goes: an evaluation with what waits for it."""
    parent = parents[node]
    if reference.kind in (Kind.CLASS_ATTRIBUTE, Kind.FLAG_OBJECT):
        raise Refused("what the class does with it cannot be seen here")
    if isinstance(parent, cst.Decorator):
        if not value:
            raise Refused(f"with the flag {'off' if value is False else value!r}, what it decorates is never run")
        return node
    if reference.kind is Kind.DECORATOR:
        raise Refused("it decorates something that is not defined here")
    if (
        isinstance(parent, cst.AssignTarget | cst.Del | cst.AugAssign | cst.AnnAssign)
        and getattr(parent, "target", None) is node
    ):
        raise Refused("it is set here, not read")
    if any(isinstance(each, cst.Await | cst.Yield | cst.NamedExpr) for each in descendants(node)):
        raise Refused("its arguments do more than say whom to ask for")
    if isinstance(parent, cst.Comparison) and not all(map(_is_plain, _operands(parent, node))):
        raise Refused("its value is compared with something that is not written out here")
    if not isinstance(parent, cst.Await):
        return node
    if _is_in_generator(parent, parents):
        raise Refused("it makes the generator expression around it an asynchronous one")
    return parent


def _is_in_generator(node: cst.CSTNode, parents: Mapping[cst.CSTNode, cst.CSTNode]) -> bool:
    above = parents.get(node)
    while above is not None and not isinstance(above, cst.BaseStatement | cst.Lambda):
        if isinstance(above, cst.GeneratorExp):
            return True
        above = parents.get(above)
    return False


def _operands(comparison: cst.Comparison, but: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    for each in (comparison.left, *(target.comparator for target in comparison.comparisons)):
        if each is not but:
            yield each


def _is_plain(node: cst.BaseExpression) -> bool:
    """Whether an expression is written out, all of it."""
    return all(
        isinstance(each, cst.SimpleString | cst.BaseNumber | cst.Tuple | cst.List | cst.Set | cst.BaseElement)
        or (isinstance(each, cst.Name) and each.value in ("True", "False", "None"))
        for each in descendants(node)
    )
