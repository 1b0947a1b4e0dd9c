"""Mocks of a function that a module no longer calls: they go, as overrides do.

Known are `patch` and `patch.object` of `unittest.mock`, as decorators of functions and in `with`, `mocker.patch` and
`monkeypatch.setattr`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TypeGuard

import libcst as cst

from flagctl.model import Location
from flagctl.removal.overrides import Override, is_whole, owner_of, qualified_name
from flagctl.removal.overrides.fixtures import fixture_name, is_shared, requests_of
from flagctl.removal.parents import Parents, class_around
from flagctl.removal.repository import is_module, means_another
from flagctl.scan.python.nodes import argument, descendants, dotted_text, last_name, string_value


def mocks_of(tree: cst.Module, own: str, path: str, name: str, parents: Parents) -> list[Override] | None:
    """The mocks of a function in the module at `path`, in the one at `own`; `None` if some cannot be taken apart."""
    found: list[Override] = []
    is_another = means_another(tree.bytes, path)
    for node in descendants(tree):
        if isinstance(node, cst.Call) and _target(node, path, is_another=is_another) == name:
            mock = _mock(node, parents, is_local=not is_shared(own))
            if mock is None:
                return None
            found.append(mock)
    return found


def tests_mocking(tree: cst.Module, path: str, name: str, parents: Parents) -> Iterator[str]:
    """The functions and classes in which a function of the module at `path` is replaced."""
    is_another = means_another(tree.bytes, path)
    for node in descendants(tree):
        if isinstance(node, cst.Call) and _target(node, path, is_another=is_another) == name:
            owner = owner_of(node, parents)
            if isinstance(owner, cst.FunctionDef | cst.ClassDef):
                yield qualified_name(owner, parents)


def target_pattern(path: str, name: str) -> re.Pattern[bytes]:
    """How a module names a function of another one to replace it.

    `"checkout.views.is_on"`, `"checkout.views.flags.is_on"`, `views, "is_on"`.
    """
    stem, word = re.escape(PurePosixPath(path).stem), re.escape(name)
    return re.compile(rf"""\b{stem}(?:\.(?:\w+\.)?|\s*,\s*["']){word}\b""".encode())


def _target(call: cst.Call, path: str, *, is_another: bool) -> str | None:
    """The name that a call replaces in the module at `path`, unless what is called like that `is_another`."""
    stem = PurePosixPath(path).stem
    text = argument(call, (0, "target"))
    match last_name(call.func):
        case "patch" | "setattr" if isinstance(text, cst.SimpleString):
            module, _, name = (string_value(text) or "").rpartition(".")
            is_there = is_module(module, path) or is_module(module.rpartition(".")[0], path)
            return name if is_there else None
        case "object" | "setattr" if not is_another:
            attribute = argument(call, (1, "attribute"))
            if (dotted_text(text) or "").rpartition(".")[2] == stem and isinstance(attribute, cst.SimpleString):
                return string_value(attribute)
    return None


def _mock(call: cst.Call, parents: Parents, *, is_local: bool) -> Override | None:
    """A mock, with what else is there for its sake; `None` where more is done with it."""
    parent = parents[call]
    returns = _returns(call)
    fixture = owner_of(call, parents)
    if _is_made_of(fixture, call):
        return _fixture(fixture, returns, parents) if is_local else None
    match parent:
        case cst.Decorator() if isinstance(function := parents[parent], cst.FunctionDef):
            param = _param(parent, function) if _gives_mock(call) else None
            if param is None:
                return None if _gives_mock(call) else _override((parent,), function, returns, whole=True)
            return _with_uses(param.name.value, (parent, param), function, function, returns, whole=True)
        case cst.WithItem(asname=None):
            block = parents[parent]
            return _override((parent,), owner_of(call, parents), returns, whole=is_whole(block, parents))
        case cst.WithItem(asname=cst.AsName(name=cst.Name(value=name))):
            block = parents[parent]
            owner = owner_of(call, parents)
            if isinstance(owner, cst.FunctionDef):
                return _with_uses(name, (parent,), owner, block, returns, whole=is_whole(block, parents))
        case cst.Expr() if isinstance(line := parents[parent], cst.SimpleStatementLine) and len(line.body) == 1:
            return _override((line,), owner_of(call, parents), returns, whole=is_whole(line, parents))
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            line = parents[parent]
            owner = owner_of(call, parents)
            if isinstance(owner, cst.FunctionDef) and isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1:
                return _with_uses(name, (line,), owner, owner, returns, whole=is_whole(line, parents))
    return None


def _fixture(fixture: cst.FunctionDef, returns: cst.BaseExpression | None, parents: Parents) -> Override | None:
    """A fixture that is a mock and nothing else, and what asks for it; `None` where something may read it."""
    around = class_around(fixture, parents)
    requests = requests_of(fixture_name(fixture) or "", parents)
    if requests is None or (around and any(class_around(each, parents) is not around for each in requests)):
        return None
    return _override((fixture, *requests), fixture, returns, whole=True)


def _is_made_of(owner: cst.CSTNode | None, call: cst.Call) -> TypeGuard[cst.FunctionDef]:
    """Whether a mock is all that there is to a fixture, which gives it to tests."""
    if not isinstance(owner, cst.FunctionDef) or fixture_name(owner) is None:
        return False
    body = owner.body.body[1:] if owner.get_docstring(clean=False) is not None else owner.body.body
    match [*body]:
        case [cst.SimpleStatementLine(body=[cst.Return(value=value)])]:
            return value is call
        case [
            cst.With(
                items=[cst.WithItem(item=item, asname=cst.AsName(name=cst.Name(value=name)))],
                body=cst.IndentedBlock(
                    body=[cst.SimpleStatementLine(body=[cst.Expr(value=cst.Yield(value=cst.Name(value=given)))])]
                ),
            )
        ]:
            return item is call and name == given
    return False


def _override(
    parts: tuple[cst.CSTNode, ...], owner: cst.CSTNode | None, returns: cst.BaseExpression | None, *, whole: bool
) -> Override:
    return Override(Location(""), parts, owner, whole, returns)


def _with_uses(
    name: str,
    parts: tuple[cst.CSTNode, ...],
    owner: cst.FunctionDef,
    within: cst.CSTNode,
    returns: cst.BaseExpression | None,
    *,
    whole: bool,
) -> Override | None:
    """A mock that has a name, by which nothing is done but to say what it returns: `mock.return_value = True`."""
    says: list[cst.CSTNode] = []
    for line in descendants(within):
        match line:
            case cst.SimpleStatementLine(
                body=[
                    cst.Assign(
                        targets=[
                            cst.AssignTarget(
                                target=cst.Attribute(value=cst.Name(value=own), attr=cst.Name("return_value"))
                            )
                        ],
                        value=value,
                    )
                ]
            ) if own == name:
                if says:
                    return None
                says.append(line)
                returns = value
    known = {node for part in (*parts, *says) for node in descendants(part)}
    known |= {node for block in _blocks(owner, name) if block is not within for node in descendants(block)}
    others = (node for node in descendants(owner) if isinstance(node, cst.Name) and node.value == name)
    if any(node not in known for node in others):
        return None
    return _override((*parts, *says), owner, returns, whole=whole)


def _blocks(owner: cst.FunctionDef, name: str) -> Iterator[cst.With]:
    """The blocks in a function that have something of their own by a name."""
    for node in descendants(owner):
        if isinstance(node, cst.With):
            names = (item.asname.name for item in node.items if item.asname is not None)
            if any(isinstance(each, cst.Name) and each.value == name for each in names):
                yield node


def _returns(call: cst.Call) -> cst.BaseExpression | None:
    """What the function gives instead; a mock of which nothing is said is true."""
    for each in call.args:
        if each.keyword is not None and each.keyword.value == "return_value":
            return each.value
        if isinstance(each.value, cst.Lambda) and each.keyword is None:
            return each.value.body
    plain = {"target", "attribute", "autospec", "spec", "name"}
    has_more = len(call.args) > _positions(call) or any(
        each.keyword is not None and each.keyword.value not in plain for each in call.args
    )
    return None if has_more else cst.Name("True")


def _positions(call: cst.Call) -> int:
    """How many arguments say what is replaced."""
    target = argument(call, (0, "target"))
    plain = sum(each.keyword is not None for each in call.args)
    return plain + (1 if isinstance(target, cst.SimpleString) else 2)


def _gives_mock(call: cst.Call) -> bool:
    """Whether the decorated function is given the mock: not where the call says what to put in its place."""
    is_positional = [each for each in call.args if each.keyword is None]
    place = 1 if isinstance(argument(call, (0, "target")), cst.SimpleString) else 2
    return len(is_positional) <= place and not any(
        each.keyword is not None and each.keyword.value == "new" for each in call.args
    )


def _param(decorator: cst.Decorator, function: cst.FunctionDef) -> cst.Param | None:
    """The parameter that a mock is given to: the lowest decorator gives the first, behind what others give."""
    giving = [
        each
        for each in reversed(function.decorators)
        if isinstance(each.decorator, cst.Call)
        and last_name(each.decorator.func) in ("patch", "object")
        and _gives_mock(each.decorator)
    ]
    params = [*function.params.params]
    if params and params[0].name.value in ("self", "cls"):
        del params[0]
    if isinstance(function.params.star_arg, cst.Param) or function.params.posonly_params or len(params) < len(giving):
        return None
    names = {last_name(each.decorator) for each in function.decorators}
    is_first = not names & {"data", "unpack", "expand", "file_data"}
    mocks = params[: len(giving)] if is_first else params[len(params) - len(giving) :]
    return mocks[giving.index(decorator)]
