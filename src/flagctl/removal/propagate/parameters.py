"""Parameters of private functions that are always given the same known value: they go, with the arguments."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import libcst as cst

from flagctl.removal.parents import Parents, parents_in, scope_around
from flagctl.removal.propagate.constants import is_named_only_here
from flagctl.removal.scoping import is_simple, reads_of
from flagctl.removal.values import Known, Value, Values


@dataclass(slots=True)
class Parameters:
    """What reads parameters with a known value, and what goes: the parameters and the arguments."""

    reads: dict[cst.CSTNode, Value] = field(default_factory=dict)
    gone: set[cst.CSTNode] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.gone)


def constant_parameters(tree: cst.Module, values: Values, is_own: Callable[[str], bool]) -> Parameters:
    """The parameters of private functions, called by nobody else, that only ever have one known value."""
    parents = parents_in(tree)
    for function in parents:
        if not isinstance(function, cst.FunctionDef) or not _is_private(function):
            continue
        name = function.name.value
        owner = scope_around(function, parents)
        is_method = isinstance(owner, cst.ClassDef)
        calls = _calls(name, function, parents)
        if not calls or not is_simple(function.params) or not is_named_only_here(name, tree, is_own):
            continue
        if isinstance(owner, cst.ClassDef) and (owner.bases or owner.keywords):
            continue  # a base may call it, too
        for index, param in enumerate(function.params.params[is_method:]):
            if (found := _constant(function, param, index, calls, values)) is not None:
                return found
    return Parameters()


def _is_private(function: cst.FunctionDef) -> bool:
    name = function.name.value
    return not function.decorators and name.startswith("_") and not name.startswith("__")


def _calls(name: str, function: cst.FunctionDef, parents: Parents) -> list[cst.Call]:
    """The calls of a function; none, if it is named for anything else."""
    found: list[cst.Call] = []
    for node in parents:
        if not isinstance(node, cst.Name) or node.value != name or node is function.name:
            continue
        callee: cst.CSTNode = node
        parent = parents[node]
        if isinstance(parent, cst.Attribute):
            is_own = isinstance(parent.value, cst.Name) and parent.value.value == "self"
            if parent.attr is not node or not is_own:
                return []
            callee = parent
        call = parents[callee]
        if not isinstance(call, cst.Call) or call.func is not callee or any(each.star for each in call.args):
            return []
        found.append(call)
    return found


def _constant(
    function: cst.FunctionDef, param: cst.Param, index: int, calls: list[cst.Call], values: Values
) -> Parameters | None:
    """What goes with a parameter, if all calls give it the same value, and one of them the flag's."""
    arguments = [_argument(call, index, param.name.value) for call in calls]
    known = [_known(each, param, values) for each in arguments]
    given = {repr(each.value): each.value for each in known if each is not None}
    is_ours = any(each is not None and values.of(each.value) is not None for each in arguments)
    reads = reads_of(function, param.name.value)
    if None in known or len(given) != 1 or not is_ours or reads is None:
        return None
    value = next(iter(given.values()))
    return Parameters(dict.fromkeys(reads, value), {param, *(each for each in arguments if each is not None)})


def _argument(call: cst.Call, index: int, name: str) -> cst.Arg | None:
    for position, each in enumerate(call.args):
        if (each.keyword is None and position == index) or (each.keyword is not None and each.keyword.value == name):
            return each
    return None


def _known(argument: cst.Arg | None, param: cst.Param, values: Values) -> Known | None:
    node = argument.value if argument is not None else param.default
    if node is None:
        return None
    known = values.of(node)
    if known is not None:
        return known
    match node:
        case cst.Name(value="True" | "False" | "None" as text):
            return Known({"True": True, "False": False, "None": None}[text])
    return None
