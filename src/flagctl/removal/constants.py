"""Attributes and constants of modules that hold nothing but a known value: what reads them reads the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

import libcst as cst

from flagctl.removal.scoping import scopes_of, variables_in
from flagctl.removal.values import Known, Values
from flagctl.removal.variables import SEEN_BY_NAME, Constants
from flagctl.scan.python.nodes import children, descendants
from flagctl.scan.python.scopes import Assigned

IsOwn = Callable[[str], bool]
"""Whether no other file has a word in it."""

Parents = Mapping[cst.CSTNode, cst.CSTNode]


def constants_of_module(tree: cst.Module, values: Values, is_own: IsOwn) -> Constants:
    """The constants of a module, bound once and named nowhere else, that have a known value."""
    found = Constants()
    scopes = scopes_of(tree)
    parents = _parents(tree)
    for name, bindings in scopes[tree].bindings.items():
        match bindings:
            case [Assigned(value=cst.BaseExpression() as value)] if name.isupper() or name.startswith("_"):
                known, line = values.of(value), _line(value, parents)
                if known is None or line is None or parents[line] is not tree:
                    continue
                is_shadowed = any(
                    name in scope.bindings or name in scope.globals
                    for suite, scope in scopes.items()
                    if suite is not tree
                )
                reads = _reads_of_variable(name, tree, parents)
                if reads and not is_shadowed and _is_named_only_here(name, tree, is_own):
                    _note(found, reads, known, line)
    return found


def _reads_of_variable(name: str, tree: cst.Module, parents: Parents) -> list[cst.CSTNode] | None:
    """Where a variable is read, but for where it is set; `None` where something of its own has the name."""
    names = [each for each in variables_in(tree) if each.value == name]
    reads = [each for each in names if not isinstance(parents[each], cst.AssignTarget | cst.AnnAssign)]
    is_other = any(isinstance(parents[each], cst.Param | cst.CompFor | cst.Del | cst.AsName) for each in reads)
    return None if is_other else [*reads]


def constant_attributes(tree: cst.Module, values: Values, is_own: IsOwn) -> Constants:
    """The attributes that a class sets once, in `__init__`, to a known value, and that only it reads."""
    found = Constants()
    parents = _parents(tree)
    variables = {each.value for each in variables_in(tree)}
    if variables & {*SEEN_BY_NAME, "getattr", "setattr", "asdict"} or _attributes(tree, "__dict__"):
        return found
    for value in parents:
        known, line = values.of(value), _line(value, parents)
        if known is None or line is None or not _is_in_init(line, parents):
            continue
        match parents[value]:
            case cst.Assign(targets=[cst.AssignTarget(target=cst.Attribute(attr=cst.Name(value=name)) as own)]):
                reads = [each for each in _attributes(tree, name) if each is not own]
                owner = _class_around(line, parents)
                is_plain = all(_class_around(each, parents) is owner and _is_read(each, parents) for each in reads)
                if reads and is_plain and name not in variables and _is_named_only_here(name, tree, is_own):
                    _note(found, reads, known, line)
    return found


def _note(found: Constants, reads: list[cst.CSTNode], known: Known, line: cst.CSTNode) -> None:
    found.reads.update(dict.fromkeys(reads, known.value))
    found.lines.add(line)


def _parents(tree: cst.Module) -> dict[cst.CSTNode, cst.CSTNode]:
    return {child: node for node in descendants(tree) for child in children(node)}


def _line(value: cst.CSTNode, parents: Parents) -> cst.SimpleStatementLine | None:
    """The line that does nothing but set a variable or attribute to a value."""
    match parents.get(value):
        case cst.Assign(targets=[_]) | cst.AnnAssign() as binding:
            line = parents[binding]
            return line if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    return None


def _is_in_init(line: cst.CSTNode, parents: Parents) -> bool:
    """Whether a line stands in `__init__`, where it is always run."""
    suite = parents[line]
    function = parents.get(suite)
    return isinstance(function, cst.FunctionDef) and function.name.value == "__init__"


def _class_around(node: cst.CSTNode, parents: Parents) -> cst.ClassDef | None:
    above: cst.CSTNode | None = node
    while above is not None and not isinstance(above, cst.ClassDef):
        above = parents.get(above)
    return above


def _attributes(tree: cst.Module, name: str) -> list[cst.CSTNode]:
    return [node for node in descendants(tree) if isinstance(node, cst.Attribute) and node.attr.value == name]


def _is_read(node: cst.CSTNode, parents: Parents) -> bool:
    is_self = isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self"
    is_set = isinstance(parents[node], cst.AssignTarget | cst.AnnAssign | cst.Del) or (
        isinstance(target := parents[node], cst.AugAssign) and target.target is node
    )
    return is_self and not is_set


def _is_named_only_here(name: str, tree: cst.Module, is_own: IsOwn) -> bool:
    """Whether no other file names it, and no text of this one."""
    if not is_own(name):
        return False
    word = re.compile(rf"\b{re.escape(name)}\b")
    return not any(word.search(text) for text in _texts(tree))


def _texts(tree: cst.Module) -> Iterator[str]:
    for node in descendants(tree):
        match node:
            case cst.SimpleString(value=text) | cst.FormattedStringText(value=text):
                yield text
