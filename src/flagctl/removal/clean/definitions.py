"""Constants, functions and classes that a module and its classes define, and who may ask for them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

import libcst as cst

from flagctl.removal.clean.uses import Use
from flagctl.removal.file import PythonFile
from flagctl.removal.values import Values, is_pure
from flagctl.scan.python.nodes import last_name, string_value


@dataclass(frozen=True, slots=True)
class Definition:
    """A statement in which a module, or a class of it, defines a name."""

    name: str
    node: cst.CSTNode
    owner: str | None
    """The class of which it is a member."""
    is_ours: bool
    """Whether it is the flag's: made of its key, or called like it."""

    def is_asked_for_by(self, use: Use, module: str, answers: Collection[str], *, is_own: bool) -> bool:
        """Whether a use, in the definition's own module or another, may be one of this definition in `module`.

        Whatever it is, it is if this is one of the functions that gave `answers`.
        """
        if use.name != self.name or self.name in answers:
            return use.name == self.name
        if self.owner is not None:
            return use.of in (self.owner, "self", "cls") if is_own else use.of == self.owner
        return use.of is None if is_own else use.of == module


def definitions_of(
    file: PythonFile, names: Collection[str], keys: Collection[str], helpers: Collection[str]
) -> list[Definition]:
    """The statements in which a module or its classes define some names, as far as they may go.

    What is made of one of the flag's `keys`, or called like it, may go whatever it is. What a framework may ask for by
    its name or its class stays, and so does what a package offers; of the members of a class, only `helpers` that asked
    for nothing but the flag and what is private may go.
    """
    is_public = is_offered(file.path)
    spellings = spelled_like(keys)
    found: list[Definition] = []
    for node, owner in _defining(file.tree.body):
        name, value = _defined(node)
        if name is None or name not in names:
            continue
        # A member that is only called like the flag may be anything: a value in a database, a path.
        is_ours = (owner is None and name in spellings) or (
            value is not None and _is_made_of(value, keys, is_member=owner is not None)
        )
        is_hidden = name.startswith("_") and not name.startswith("__") and not name.endswith("_")  # `_missing_`
        is_plain = is_pure(value, Values()) if value is not None else _has_no_effect(node)
        may_be_asked_for = is_public or (name not in helpers and (owner is not None or is_hook(name, value)))
        if is_ours or (is_plain and (is_hidden or not may_be_asked_for) and not _is_shape(node, owner, keys)):
            found.append(Definition(name, node, owner.name.value if owner else None, is_ours))
    return found


def is_offered(path: str) -> bool:
    """Whether what a module defines is there for others: that of a package, and settings."""
    parts = PurePosixPath(path).with_suffix("").parts
    return parts[-1] == "__init__" or any("settings" in part or part in _CONFIGURATION for part in parts)


_CONFIGURATION = frozenset(
    {"conf", "config", "configuration", "celeryconfig", "conftest", "fabfile", "dodo", "noxfile", "tasks", "locustfile"}
)


def _has_no_effect(node: cst.CSTNode) -> bool:
    """Whether nothing is done where a function or class is defined."""
    return not isinstance(node, cst.FunctionDef) or has_plain_defaults(node)


def has_plain_defaults(function: cst.FunctionDef) -> bool:
    """Whether the defaults of the parameters do nothing where the function is defined."""
    params = function.params
    defaults = (each.default for each in (*params.posonly_params, *params.params, *params.kwonly_params))
    return all(each is None or is_pure(each, Values()) for each in defaults)


def _is_shape(node: cst.CSTNode, owner: cst.ClassDef | None, keys: Collection[str]) -> bool:
    """Whether it says what objects of a class are made of: a field; or is an enumeration with other members."""
    if owner is not None:
        return not isinstance(node, cst.FunctionDef)
    if isinstance(node, cst.ClassDef) and any(_ENUM.fullmatch(last_name(each.value) or "") for each in node.bases):
        values = [value for _, value in map(_defined, node.body.body) if value is not None]
        return not all(_is_made_of(value, keys, is_member=True) for value in values)
    return False


def defined_as(file: PythonFile, definition: Definition) -> cst.CSTNode | None:
    """The only statement of a file that defines what a definition of another version of it does."""
    found = [
        node
        for node, owner in _defining(file.tree.body)
        if _defined(node)[0] == definition.name and (owner.name.value if owner else None) == definition.owner
    ]
    return found[0] if len(found) == 1 else None


def names_made_of(file: PythonFile, keys: Collection[str]) -> set[str]:
    """The names of what a module or its classes make of one of the flag's `keys`."""
    found: set[str] = set()
    for node, owner in _defining(file.tree.body):
        name, value = _defined(node)
        if name is not None and value is not None and _is_made_of(value, keys, is_member=owner is not None):
            found.add(name)
    return found


def spelled_like(keys: Iterable[str]) -> set[str]:
    """What constants and settings of a flag are called: its key, or `NEW_CHECKOUT` for `new-checkout`."""
    return {name for key in keys for name in (key, re.sub(r"\W+", "_", key).upper())}


def _defining(
    body: Iterable[cst.CSTNode], owner: cst.ClassDef | None = None
) -> Iterator[tuple[cst.CSTNode, cst.ClassDef | None]]:
    """The statements of a module and of its classes that stand alone, and the class that each is a member of."""
    for statement in body:
        if not isinstance(statement, cst.ClassDef):
            yield statement, owner
        elif all(_stands_alone(each.value) for each in statement.bases) and not statement.keywords:
            yield statement, owner
            yield from _defining(statement.body.body, statement)
        elif any(_ENUM.fullmatch(last_name(each.value) or "") for each in statement.bases):
            yield from _defining(statement.body.body, statement)


def _stands_alone(base: cst.BaseExpression) -> bool:
    """Whether nobody asks a class with this base for its members, or finds it by its base."""
    return _PLAIN_BASE.fullmatch(last_name(base) or "") is not None


_PLAIN_BASE = re.compile(r"object|str|int|\w*(?:Enum|Choices|Error|Exception)|NamedTuple|TypedDict")

_ENUM = re.compile(r"\w*(?:Enum|Choices)")

_HOOK = re.compile(
    r"test\w*|pytest_\w+|setup\w*|teardown\w*|setUp\w*|tearDown\w*|main|upgrade|downgrade|load_tests|on_\w+|task_\w+"
    r"|handler\d+"
)


def is_hook(name: str, value: cst.BaseExpression | None = None) -> bool:
    """Whether a module's function or variable may be asked for by its name: `pytest_configure`, `urlpatterns`."""
    return _HOOK.fullmatch(name) is not None if value is None else not name.isupper()


def _defined(node: cst.CSTNode) -> tuple[str | None, cst.BaseExpression | None]:
    """The name that a statement defines, and the value of a variable."""
    match node:
        case cst.FunctionDef(name=cst.Name(value=name), decorators=decorators) if not name.startswith("__"):
            return (name, None) if all(map(_is_plain_decorator, decorators)) else (None, None)
        case cst.ClassDef(name=cst.Name(value=name), decorators=[]):
            return name, None
        case cst.SimpleStatementLine(
            body=[cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))], value=value)]
        ):
            return name, value
        case cst.SimpleStatementLine(body=[cst.AnnAssign(target=cst.Name(value=name), value=value)]) if value:
            return name, value
    return None, None


def _is_plain_decorator(decorator: cst.Decorator) -> bool:
    """Whether a decorator tells nobody of what it decorates."""
    made = decorator.decorator
    return last_name(made.func if isinstance(made, cst.Call) else made) in _PLAIN_DECORATORS


_PLAIN_DECORATORS = frozenset(
    {"property", "cached_property", "staticmethod", "classmethod", "cache", "lru_cache", "contextmanager",
     "asynccontextmanager", "override", "wraps"}
)  # fmt: skip


def _is_made_of(value: cst.BaseExpression, keys: Collection[str], *, is_member: bool) -> bool:
    """Whether a value is the key, a member's row that begins with it, or a flag object: a call that is given it."""
    match value:
        case cst.SimpleString():
            return string_value(value) in keys
        case cst.Tuple(elements=[cst.Element(value=cst.SimpleString() as first), *_]) if is_member:
            return string_value(first) in keys
        case cst.Call(args=args):
            return any(isinstance(each.value, cst.SimpleString) and string_value(each.value) in keys for each in args)
    return False
