"""The fixtures of pytest: which functions are, what asks for them, and rows of values that they are given."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

import libcst as cst

from flagctl.removal.fold.blocks import is_nothing, is_pass
from flagctl.removal.overrides.rows import Rows, items_of, written_out
from flagctl.removal.parents import Parents, around
from flagctl.scan.python.nodes import argument, descendants, last_name, string_value

_MAKERS = frozenset({"fixture", "yield_fixture"})


def fixture_name(node: cst.CSTNode | None) -> str | None:
    """The name by which tests ask for a fixture; `None` of what is none."""
    if isinstance(node, cst.FunctionDef) and (decorator := _decorator(node)) is not None:
        name = _option(decorator, "name")
        return string_value(name) if isinstance(name, cst.SimpleString) else node.name.value
    return None


def is_shared(path: str) -> bool:
    """Whether tests of other modules may get the fixtures of a module: it is no module of tests itself."""
    return re.fullmatch(r"test_.*|.*_tests?|tests?", PurePosixPath(path).stem) is None


def is_autouse(fixture: cst.FunctionDef) -> bool:
    """Whether tests get a fixture that they do not ask for."""
    decorator = _decorator(fixture)
    return decorator is not None and _option(decorator, "autouse") is not None


def does_nothing(function: cst.FunctionDef) -> bool:
    """Whether nothing is left in a function but documentation, `pass` and a `yield` of nothing."""
    if any(each.name.value not in ("self", "request") for each in function.params.params):
        return False  # it asks for other fixtures, for what they do
    decorator = _decorator(function)
    if decorator is not None and _option(decorator, "params") is not None:
        return False  # it makes tests run more than once
    if is_nothing(function.body):
        return True
    docstring = function.get_docstring(clean=False)
    body = function.body.body[1:] if docstring is not None else function.body.body
    return all(is_pass(each) or _is_empty_yield(each) for each in body if isinstance(each, cst.BaseStatement))


def _is_empty_yield(statement: cst.BaseStatement) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Expr(value=cst.Yield(value=None))], leading_lines=lines):
            return all(line.comment is None for line in lines)
    return False


def requests_of(name: str, parents: Parents) -> list[cst.CSTNode] | None:
    """What asks for a fixture in a module, and goes with it: parameters, and arguments or decorators of `usefixtures`.

    `None` where something reads what it gives, or asks for it in another way.
    """
    found: list[cst.CSTNode] = []
    for node in parents:
        match node:
            case cst.Param(name=cst.Name(value=own)) if own == name:
                function = parents[parents[node]]
                if not isinstance(function, cst.FunctionDef) or not _is_given(function) or _is_read(function, name):
                    return None
                if node not in function.params.params:
                    return None
                found.append(node)
            case cst.SimpleString() if string_value(node) == name:
                argument_of = parents[node]
                call = parents[argument_of]
                if isinstance(call, cst.Call) and last_name(call.func) in _MAKERS:
                    continue  # what it is called
                if not isinstance(call, cst.Call) or last_name(call.func) != "usefixtures":
                    return None
                decorator = parents[call]
                is_only = len(call.args) == 1
                if is_only and not isinstance(decorator, cst.Decorator):
                    return None
                found.append(decorator if is_only else argument_of)
    return found


def functions_asking(name: str, parents: Parents) -> Iterator[cst.CSTNode]:
    """The functions and classes of a module that ask for a fixture."""
    for node in parents:
        match node:
            case cst.Param(name=cst.Name(value=own)) if own == name:
                yield parents[parents[node]]
            case cst.SimpleString() if string_value(node) == name:
                call = parents[parents[node]]
                above = parents.get(call)
                if not isinstance(call, cst.Call) or last_name(call.func) not in _MAKERS:
                    yield parents[above] if isinstance(above, cst.Decorator) else node


def _is_given(function: cst.FunctionDef) -> bool:
    """Whether pytest calls a function, and gives it what it asks for."""
    return function.name.value.startswith("test") or fixture_name(function) is not None


def _is_read(function: cst.FunctionDef, name: str) -> bool:
    nodes = [node for part in (function.body, *function.decorators) for node in descendants(part)]
    word = re.compile(rf"\b{re.escape(name)}\b")
    is_given_otherwise = any(
        isinstance(node, cst.SimpleString) and word.search(node.value) and string_value(node) != name
        for part in function.decorators
        for node in descendants(part)
    )
    return is_given_otherwise or any(isinstance(node, cst.Name) and node.value == name for node in nodes)


def rows_of_fixture(
    fixture: cst.FunctionDef,
    forced: cst.BaseExpression | None,
    is_kept: Callable[[object], bool | None],
    parents: Parents,
) -> Rows | None:
    """What becomes of a fixture that runs once for each of its `params`, and forces the flag to it.

    `None` where that is not what is `forced`, or it is unsure.
    """
    decorator = _decorator(fixture)
    params = _option(decorator, "params") if decorator is not None else None
    items = items_of(params)
    if not isinstance(decorator, cst.Call) or items is None or not _is_param(forced):
        return None
    strings = (each for each in parents if isinstance(each, cst.SimpleString))
    if any(string_value(each) == fixture_name(fixture) and _is_in_decorator(each, parents) for each in strings):
        return None  # perhaps a test gives it a parameter of its own
    cells = [written_out(each.value) for each in items]
    verdicts = [is_kept(cell) for cell in cells]
    kept = {repr(cell): cell for cell, verdict in zip(cells, verdicts, strict=True) if verdict}
    if None in verdicts or len(kept) > 1:
        return None
    if not kept:
        return Rows(is_empty=True)
    value = next(iter(kept.values()))
    found = Rows()
    rows = {each for each in decorator.args if each.keyword is not None and each.keyword.value in ("params", "ids")}
    if len(rows) == len(decorator.args):
        found.replaced[decorator] = decorator.func
    else:
        found.gone |= rows
    reads = [node for node in descendants(fixture.body) if _is_param(node)]
    if isinstance(value, bool | int | float | str):
        found.values.update(dict.fromkeys(reads, value))
    asked = [node for node in descendants(fixture.body) if isinstance(node, cst.Name) and node.value == "request"]
    if len(asked) == len(reads):
        found.gone |= {each for each in fixture.params.params if each.name.value == "request"}
    return found


def _is_in_decorator(node: cst.CSTNode, parents: Parents) -> bool:
    above = next((each for each in around(node, parents) if isinstance(each, cst.Decorator | cst.BaseStatement)), None)
    return isinstance(above, cst.Decorator)


def _is_param(node: cst.CSTNode | None) -> bool:
    match node:
        case cst.Attribute(value=cst.Name("request"), attr=cst.Name("param")):
            return True
    return False


def _decorator(function: cst.FunctionDef) -> cst.BaseExpression | None:
    """What makes a function a fixture."""
    for each in function.decorators:
        made = each.decorator.func if isinstance(each.decorator, cst.Call) else each.decorator
        if last_name(made) in _MAKERS:
            return each.decorator
    return None


def _option(decorator: cst.BaseExpression, name: str) -> cst.BaseExpression | None:
    return argument(decorator, (name,)) if isinstance(decorator, cst.Call) else None
