"""Functions and constants that came to have one value: what asks for them, in any module, has it too.

`def is_new(user): return flag(...) and user.is_staff` asked for more than the flag; once that is off, it says `False`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import libcst as cst

from flagctl.removal.clean.definitions import has_plain_defaults, is_hook, is_offered
from flagctl.removal.files import Files
from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.openness import is_open
from flagctl.removal.overrides.mocks import mocks_of
from flagctl.removal.parents import Parents, function_around, parents_in
from flagctl.removal.propagate import propagated
from flagctl.removal.repository import Repository
from flagctl.removal.scoping import (
    is_set,
    may_be_unset_anywhere,
    scopes_of,
    shows_its_source,
    unset_somewhere,
    variables_in,
)
from flagctl.removal.values import NOT_LITERAL, Value, Values, is_pure, literal_value
from flagctl.scan.python.nodes import descendants, dotted_text, last_name
from flagctl.scan.python.scopes import Binding, Imported, Scope

Uses = dict[cst.CSTNode, Value]
"""The expressions that have a value."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What says the same whoever asks: a function, a property or a constant."""

    name: str
    node: cst.FunctionDef | cst.SimpleStatementLine
    owner: cst.ClassDef | None
    value: Value

    @property
    def is_called(self) -> bool:
        return isinstance(self.node, cst.FunctionDef) and not _is_property(self.node)


def replace_known(files: Files) -> dict[str, Value]:
    """Puts the value in place of what asks for something that came to have one; their names, and what they say.

    Only where all that names it is seen to ask for it, and nothing but code does.
    """
    found: dict[str, Value] = {}
    for before, now in files.changed:
        if is_offered(now.path) or files.repository.is_test(now.path):
            continue
        for each in _answers(before.tree, now.tree):
            uses = (_member_uses if each.owner else _uses)(files, now.path, each)
            if not uses or not any(uses.values()) or not files.left.isdisjoint(uses):
                continue
            if not is_open(files.repository, now.path):
                _replace(files, uses)
                found[each.name] = each.value
                break  # the nodes of this file are new ones now
    return found


def _replace(files: Files, uses: Mapping[str, Uses]) -> None:
    for path, sites in uses.items():
        file = files.of(path)
        if file is not None and sites:
            before, now = file
            tree = propagated(
                now.tree, rewritten(now.tree, sites), files.repository.is_only_in(path), constants=not is_offered(path)
            )
            files.note(before, now.changed(tree))


def _answers(before: cst.Module, now: cst.Module) -> Iterator[_Answer]:
    """What a module and its classes define, and came to have one value."""
    said = [(node, owner, *_said(node)) for node, owner in _defining(now)]
    found = [
        _Answer(name, node, owner, value)
        for node, owner, name, value in said
        if value is not NOT_LITERAL and (owner is None or (name.startswith("_") and not name.startswith("__")))
    ]
    was = {_text(each) for each, _ in _defining(before)} if found else set()
    yield from (each for each in found if _text(each.node) not in was)


def _text(node: cst.FunctionDef | cst.SimpleStatementLine) -> str:
    return cst.Module([]).code_for_node(node.with_changes(leading_lines=()))


def _defining(tree: cst.Module) -> Iterator[tuple[cst.FunctionDef | cst.SimpleStatementLine, cst.ClassDef | None]]:
    for statement in tree.body:
        if isinstance(statement, cst.FunctionDef | cst.SimpleStatementLine):
            yield statement, None
        elif isinstance(statement, cst.ClassDef):
            yield from ((each, statement) for each in statement.body.body if isinstance(each, cst.FunctionDef))


def _said(node: cst.FunctionDef | cst.SimpleStatementLine) -> tuple[str, Any]:
    """The name of what a statement defines, and its value if that is always the same; else `NOT_LITERAL`."""
    match node:
        case cst.FunctionDef(name=cst.Name(value=name), asynchronous=None, body=cst.IndentedBlock(body=body)):
            rest = body[1:] if node.get_docstring(clean=False) is not None else body
            is_plain = all(last_name(each.decorator) in _PLAIN for each in node.decorators) and has_plain_defaults(node)
            match [*rest]:
                case [cst.SimpleStatementLine(body=[cst.Return(value=cst.BaseExpression() as value)])] if is_plain:
                    return (name, _plain(value)) if not is_hook(name) else ("", NOT_LITERAL)
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
        ) if name.isupper() or name.startswith("_"):
            return name, _plain(value)
    return "", NOT_LITERAL


_PLAIN = frozenset({"staticmethod", "classmethod", "property", "cached_property"})


def _plain(node: cst.BaseExpression) -> Any:
    """The value of a truth, or of a text or number that may be written out anywhere."""
    value = literal_value(node, Values())
    match value:
        case None | bool():
            return value
        case int() if isinstance(node, cst.Integer) and node.value == str(value):
            return value
        case str() if isinstance(node, cst.SimpleString) and _PLAIN_TEXT.fullmatch(value):
            return value
    return NOT_LITERAL


_PLAIN_TEXT = re.compile(r"[\w .:/-]*")


def _is_property(function: cst.FunctionDef) -> bool:
    return any(last_name(each.decorator) in ("property", "cached_property") for each in function.decorators)


# --- what asks ---


def _uses(files: Files, path: str, answer: _Answer) -> dict[str, Uses] | None:
    """What asks for something of the module at `path`, by file; `None` where something else may be meant or done."""
    found: dict[str, Uses] = {}
    counts = files.repository.count({answer.name})[answer.name]
    asking = [each for each in counts if not files.repository.is_test(each)]
    for other, count in counts.items():
        if (file := files.of(other)) is None:
            return None
        tree = file[1].tree
        if other in asking:
            module = _Module(files.repository, other, path)
            uses = _own_uses(tree, answer) if other == path else _imported_uses(tree, module, answer)
        else:
            uses = _mocks(tree, other, asking, answer.name)
        if uses is None or uses[1] != count:
            return None
        found[other] = uses[0]
    return found


def _mocks(tree: cst.Module, own: str, asking: Iterable[str], name: str) -> tuple[Uses, int] | None:
    """How often tests put something else in the place of a name in modules; they do not ask for it otherwise."""
    parents = parents_in(tree)
    mocks = [mocks_of(tree, own, path, name, parents) for path in asking]
    return ({}, sum(len(each) for each in mocks if each)) if None not in mocks else None


def _own_uses(tree: cst.Module, answer: _Answer) -> tuple[Uses, int] | None:
    """What asks in the defining module itself, and how many names that is, with the definition."""
    scopes = scopes_of(tree)
    if len(scopes[tree].bindings.get(answer.name, ())) != 1:
        return None
    parents = parents_in(tree)
    reads = [each for each in variables_in(tree) if each.value == answer.name and not _defines(each, answer, parents)]
    before = {node for each in tree.body[: tree.body.index(answer.node)] for node in descendants(each)}
    is_early = any(each in before and not (answer.is_called and function_around(each, parents)) for each in reads)
    if is_early or not _is_unshadowed(scopes, tree, answer.name):
        return None
    return _asking(reads, answer, tree, parents, 1)


@dataclass(frozen=True, slots=True)
class _Module:
    """The module that defines something, as another one at `own` sees it."""

    repository: Repository
    own: str
    path: str


def _imported_uses(tree: cst.Module, module: _Module, answer: _Answer) -> tuple[Uses, int] | None:
    """What asks in another module, and how many names that is, with the import."""
    scopes = scopes_of(tree)
    bindings = scopes[tree].bindings.get(answer.name, [])
    parents = parents_in(tree)
    match bindings:
        case [Imported(name=name) as imported] if name == answer.name and _is_from(imported, module):
            known = 1
        case []:
            known = 0
        case _:
            return None
    names = [each for each in variables_in(tree) if each.value == answer.name]
    reads: list[cst.CSTNode] = [each for each in names if not isinstance(parents[each], cst.ImportAlias)]
    if reads and not known:
        return None  # a builtin, or of a star import
    members = [
        each
        for each in parents
        if isinstance(each, cst.Attribute)
        and each.attr.value == answer.name
        and _is_of(each, scopes[tree].bindings, module)
    ]
    roots = {(dotted_text(each.value) or "").partition(".")[0] for each in members}
    if not all(_is_unshadowed(scopes, tree, name) for name in {answer.name, *roots}):
        return None
    return _asking([*reads, *members], answer, tree, parents, known)


def _is_unshadowed(scopes: Mapping[cst.CSTNode, Scope], tree: cst.Module, name: str) -> bool:
    """Whether nothing in a module but the module itself binds a name."""
    inner = (scope for suite, scope in scopes.items() if suite is not tree)
    return not any(name in scope.bindings or name in scope.globals for scope in inner)


def _asking(
    reads: Sequence[cst.CSTNode], answer: _Answer, tree: cst.Module, parents: Parents, others: int
) -> tuple[Uses, int] | None:
    """The expressions that have the value where something is read, and how often it is named with `others`."""
    sites: Uses = {}
    values = Values()
    values.unsure = unset_somewhere(tree) | may_be_unset_anywhere(scopes_of(tree).values())
    for each in reads:
        site = _site(each, answer, parents, values)
        if site is None:
            return None
        sites[site] = answer.value
    return sites, others + len(reads)


def _site(node: cst.CSTNode, answer: _Answer, parents: Parents, values: Values) -> cst.CSTNode | None:
    """The expression that has the value; `None` where more is done with what is asked."""
    if is_set(node, parents) or isinstance(parents[node], cst.MatchValue):
        return None
    if not answer.is_called:
        return None if shows_its_source(node, parents) or _is_callee(node, parents) else node
    call = parents[node]
    if not isinstance(call, cst.Call) or call.func is not node or shows_its_source(call, parents):
        return None
    is_plain = all(not each.star and is_pure(each.value, values) for each in call.args)
    return call if is_plain and not isinstance(parents[call], cst.Decorator) and not _is_callee(call, parents) else None


def _is_callee(node: cst.CSTNode, parents: Parents) -> bool:
    above = parents[node]
    return isinstance(above, cst.Call) and above.func is node


def _defines(node: cst.CSTNode, answer: _Answer, parents: Parents) -> bool:
    above = parents[node]
    return above is answer.node or isinstance(above, cst.AssignTarget)


def _is_from(imported: Imported, module: _Module) -> bool:
    """Whether a name is surely imported from a module."""
    if not imported.level:
        return module.repository.is_module(imported.module, module.path)
    folder = PurePosixPath(module.own)
    for _ in range(imported.level):
        folder = folder.parent
    return f"{folder / imported.module.replace('.', '/')}.py" == module.path


def _is_of(attribute: cst.Attribute, bindings: Mapping[str, list[Binding]], module: _Module) -> bool:
    """Whether an attribute is one of a module, by the only import of what it is taken from."""
    dotted = dotted_text(attribute.value) or ""
    match bindings.get(dotted.partition(".")[0]):
        case [Imported(name=None) as imported] if f"{dotted}.".startswith(f"{imported.module}."):
            return module.repository.is_module(dotted, module.path)
        case [Imported(name=str() as name) as imported] if "." not in dotted and dotted == name:
            whole = ".".join(filter(None, (imported.module, name)))
            return _is_from(Imported(whole, None, imported.level), module)
    return False


def _member_uses(files: Files, path: str, answer: _Answer) -> dict[str, Uses] | None:
    """What asks for a private method or property of a class, which only that class names, and by `self`."""
    counts = files.repository.count({answer.name})[answer.name]
    file = files.of(path)
    if file is None or counts.keys() != {path}:
        return None
    tree = file[1].tree
    parents = parents_in(tree)
    asked = [each for each in parents if isinstance(each, cst.Attribute) and each.attr.value == answer.name]
    if not all(_is_own(each, answer, parents) for each in asked):
        return None
    found = _asking(asked, answer, tree, parents, 1)
    return {path: found[0]} if found is not None and found[1] == counts[path] else None


def _is_own(attribute: cst.Attribute, answer: _Answer, parents: Parents) -> bool:
    """Whether an attribute is one of the object that a method of the class is called on."""
    method = function_around(attribute, parents)
    if method is None or answer.owner is None or parents[parents[method]] is not answer.owner:
        return False
    first = method.params.params[0].name if method.params.params else None
    if first is None or not isinstance(attribute.value, cst.Name) or attribute.value.value != first.value:
        return False
    named = [each for each in descendants(method) if isinstance(each, cst.Name) and each.value == first.value]
    return not any(is_set(each, parents) for each in named if each is not first)
