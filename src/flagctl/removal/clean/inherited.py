"""Methods that came to do what they would do without being there: hand everything on to the one that they override."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from flagctl.removal.files import Files
from flagctl.removal.fold.rewrite import rewritten
from flagctl.scan.python.nodes import descendants, last_name

_IGNORED = frozenset({"__init__", "setUp", "tearDown", "setUpClass", "tearDownClass", "setUpTestData"})
"""Methods of which nobody asks for what they return."""


def drop_inherited(files: Files) -> bool:
    """Drops the methods that came to do nothing but to call the method of the same name above; whether any."""
    is_changed = False
    for before, now in files.changed:
        was = {name for name, method in _methods(before.tree) if _is_handed_on(method)}
        gone = {
            method
            for name, method in _methods(now.tree)
            if name not in was and _is_handed_on(method) and not _is_abstract(files, method.name.value)
        }
        if gone:
            files.note(before, now.changed(rewritten(now.tree, {}, gone).tree))
            is_changed = True
    return is_changed


def _methods(tree: cst.Module) -> Iterator[tuple[str, cst.FunctionDef]]:
    """The methods of classes that have a base, with the names of both."""
    for owner in descendants(tree):
        if isinstance(owner, cst.ClassDef) and owner.bases:
            for each in owner.body.body:
                if isinstance(each, cst.FunctionDef):
                    yield f"{owner.name.value}.{each.name.value}", each


def _is_handed_on(method: cst.FunctionDef) -> bool:
    """Whether a method returns what the one that it overrides returns, given the same."""
    if any(last_name(each.decorator) != "override" for each in method.decorators):
        return False
    body = method.body.body[1:] if method.get_docstring(clean=False) is not None else method.body.body
    match [*body]:
        case [cst.SimpleStatementLine(body=[cst.Return(value=cst.BaseExpression() as value)])]:
            pass
        case [cst.SimpleStatementLine(body=[cst.Expr(value=value)])] if method.name.value in _IGNORED:
            pass
        case [
            cst.SimpleStatementLine(
                body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
            ),
            cst.SimpleStatementLine(body=[cst.Return(value=cst.Name(value=given))]),
        ] if name == given:
            pass
        case _:
            return False
    if isinstance(value, cst.Await) is not (method.asynchronous is not None):
        return False
    call = value.expression if isinstance(value, cst.Await) else value
    match call:
        case cst.Call(func=cst.Attribute(value=cst.Call(func=cst.Name("super"), args=[]), attr=cst.Name(value=own))):
            return own == method.name.value and _gives_all(method.params, call)
    return False


def _gives_all(params: cst.Parameters, call: cst.Call) -> bool:
    """Whether a call is given what a method was given, each as it was."""
    if params.posonly_params or not params.params:
        return False
    taken = [*params.params[1:], *params.kwonly_params]
    if any(each.default is not None for each in taken):
        return False  # the method above may have another default
    expected = [("", each.name.value) for each in params.params[1:]]
    expected += [("*", params.star_arg.name.value)] if isinstance(params.star_arg, cst.Param) else []
    expected += [("=", each.name.value) for each in params.kwonly_params]
    expected += [("**", params.star_kwarg.name.value)] if params.star_kwarg is not None else []
    return [_given(each) for each in call.args] == expected


def _given(argument: cst.Arg) -> tuple[str, str] | None:
    if not isinstance(argument.value, cst.Name):
        return None
    if argument.keyword is not None:
        return ("=", argument.value.value) if argument.keyword.value == argument.value.value else None
    return argument.star, argument.value.value


def _is_abstract(files: Files, name: str) -> bool:
    """Whether some class demands the method of those below it."""
    pattern = rf"abstractmethod\b[^\n]*\n(?:\s*@[^\n]*\n)*\s*(?:async\s+)?def\s+{re.escape(name)}\b"
    return bool(files.repository.matching(re.compile(pattern.encode()), name))
