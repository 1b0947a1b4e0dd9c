"""Attributes and constants of modules that hold nothing but a known value: what reads them reads the value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import libcst as cst

from flagctl.removal.parents import Parents, class_around, function_around, parents_in
from flagctl.removal.propagate.variables import Constants
from flagctl.removal.scoping import SEEN_BY_NAME, is_set, scopes_of, shows_its_source, variables_in
from flagctl.removal.values import Values
from flagctl.scan.python.nodes import descendants, last_name
from flagctl.scan.python.scopes import Assigned

IsOwn = Callable[[str], bool]
"""Whether no other file has a word in it."""


def constants_of_module(tree: cst.Module, values: Values, is_own: IsOwn) -> Constants:
    """The constants of a module, bound once and named nowhere else, that have a known value."""
    found = Constants()
    scopes = scopes_of(tree)
    parents = parents_in(tree)
    if any(each.value in SEEN_BY_NAME for each in variables_in(tree)):
        return found
    for name, bindings in scopes[tree].bindings.items():
        match bindings:
            case [Assigned(value=cst.BaseExpression() as value)] if name.isupper() or name.startswith("_"):
                known, line = values.of(value), _line(value, parents)
                if known is None or line is None or parents[line] is not tree:
                    continue
                inner = (scope for suite, scope in scopes.items() if suite is not tree)
                is_shadowed = any(name in scope.bindings or name in scope.globals for scope in inner)
                reads = _reads_behind(name, line, tree, parents)
                if reads and not is_shadowed and is_named_only_here(name, tree, is_own):
                    found.reads.update(dict.fromkeys(reads, known.value))
                    found.lines.add(line)
    return found


def _reads_behind(name: str, line: cst.CSTNode, tree: cst.Module, parents: Parents) -> list[cst.CSTNode]:
    """Where a constant is read, if that is all that is done with it, and nothing may do so before it is set."""
    names = [each for each in variables_in(tree) if each.value == name]
    reads = [each for each in names if not is_set(each, parents)]
    before = {node for each in tree.body[: tree.body.index(line)] for node in descendants(each)}
    is_sure = len(names) == len(reads) + 1 and not any(
        each in before or shows_its_source(each, parents) for each in reads
    )
    return [*reads] if is_sure else []


def constant_attributes(tree: cst.Module, values: Values, is_own: IsOwn) -> Constants:
    """The attributes that a class sets once, in `__init__`, to a known value, and that only it reads.

    The class has no base that might read them too, and nothing looks at all the attributes of objects.
    """
    found = Constants()
    parents = parents_in(tree)
    names = {each.value for each in variables_in(tree)}
    if names & _SEE_ALL or _attributes(tree, "__dict__") or not all(map(is_own, _SEE_ALL_ELSEWHERE)):
        return found
    for value in parents:
        known, line = values.of(value), _line(value, parents)
        if known is None or line is None or not _is_always_run(line, parents):
            continue
        match parents[value]:
            case cst.Assign(
                targets=[
                    cst.AssignTarget(target=cst.Attribute(value=cst.Name("self"), attr=cst.Name(value=name)) as own)
                ]
            ):
                reads = [each for each in _attributes(tree, name) if each is not own]
                owner = class_around(line, parents)
                is_plain = all(class_around(each, parents) is owner and _is_read(each, parents) for each in reads)
                if reads and is_plain and name not in names and is_named_only_here(name, tree, is_own):
                    found.reads.update(dict.fromkeys(reads, known.value))
                    found.lines.add(line)
    return found


_SEE_ALL = frozenset({*SEEN_BY_NAME, "getattr", "setattr", "asdict"})
_SEE_ALL_ELSEWHERE = ("vars", "__dict__", "asdict")


def _line(value: cst.CSTNode, parents: Parents) -> cst.SimpleStatementLine | None:
    """The line that does nothing but set a variable or attribute to a value."""
    match parents.get(value):
        case cst.Assign(targets=[_]) | cst.AnnAssign() as binding:
            line = parents[binding]
            return line if isinstance(line, cst.SimpleStatementLine) and len(line.body) == 1 else None
    return None


def _is_always_run(line: cst.CSTNode, parents: Parents) -> bool:
    """Whether a line of `__init__` is run before anything reads what it sets, in a class of which all can be seen.

    Before it, variables and attributes are set, and nothing else is done with `self`.
    """
    suite = parents[line]
    function = parents.get(suite)
    owner = class_around(line, parents)
    if not isinstance(function, cst.FunctionDef) or function.name.value != "__init__" or owner is None:
        return False
    if any(last_name(each.value) != "object" for each in owner.bases) or owner.keywords or owner.decorators:
        return False
    before = function.body.body[: function.body.body.index(line)]
    return all(_only_sets(each, parents) for each in before)


def _only_sets(statement: cst.CSTNode, parents: Parents) -> bool:
    match statement:
        case cst.SimpleStatementLine(body=[cst.Assign() | cst.AnnAssign() | cst.Expr(value=cst.BaseString())]):
            selves = [each for each in descendants(statement) if isinstance(each, cst.Name) and each.value == "self"]
            return all(isinstance(parents[each], cst.Attribute) and is_set(parents[each], parents) for each in selves)
    return False


def _attributes(tree: cst.Module, name: str) -> list[cst.CSTNode]:
    return [node for node in descendants(tree) if isinstance(node, cst.Attribute) and node.attr.value == name]


def _is_read(node: cst.CSTNode, parents: Parents) -> bool:
    """Whether an attribute of `self`, the parameter, is read."""
    is_self = isinstance(node, cst.Attribute) and isinstance(node.value, cst.Name) and node.value.value == "self"
    above = function_around(node, parents)
    selves = (
        [each for each in descendants(above) if isinstance(each, cst.Name) and each.value == "self"] if above else []
    )
    is_rebound = any(is_set(each, parents) for each in selves if not isinstance(parents[each], cst.Param))
    return is_self and not is_rebound and not is_set(node, parents) and not shows_its_source(node, parents)


def is_named_only_here(name: str, tree: cst.Module, is_own: IsOwn) -> bool:
    """Whether no other file names something, and no text of this one."""
    if not is_own(name):
        return False
    word = re.compile(rf"\b{re.escape(name)}\b")
    return not any(word.search(text) for text in _texts(tree))


def _texts(tree: cst.Module) -> Iterator[str]:
    for node in descendants(tree):
        match node:
            case cst.SimpleString(value=text) | cst.FormattedStringText(value=text):
                yield text
