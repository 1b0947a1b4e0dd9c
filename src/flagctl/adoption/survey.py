"""What a Python file has that looks like asking for flags, by the names in it: a look before the scanner's exact one.

It is read with `ast`, as nothing here need keep its layout. It says what there is, not what it means: that is for
`proposals` to judge, and for the scanner.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from flagctl.adoption.syntax import (
    assigned_name,
    constant_of,
    dotted_item,
    dotted_name,
    imported_names,
    is_condition,
    kind_of,
    listed_keys,
    member_keys,
    module_name,
    text_of,
)
from flagctl.adoption.words import (
    KEY,
    Voice,
    forces_flag,
    names_flags,
    requires_flag,
    voice_of_call,
    word_set,
    words_of,
)


class Shape(StrEnum):
    """How a flag is asked for."""

    CALL = "call"
    DECORATOR = "decorator"
    OVERRIDE = "override"
    ATTRIBUTE = "attribute"
    MAPPING = "mapping"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class Ask:
    """A place that may ask for a flag whose key is written there, or is a constant."""

    shape: Shape
    name: str
    """What is called, read or indexed, as it is written: `self.request.feature`."""
    key: str
    """The text, or the name of the constant."""
    path: str
    line: int
    column: int
    where: int | str = 0
    """Where among the arguments the key stands."""
    origin: str | None = None
    """The dotted name as the imports have it, if it begins with something that is imported or defined at the top."""
    voice: Voice = Voice.SILENT
    is_tested: bool = False
    """Decides about something right there: the test of an `if`, a side of `and`."""
    default: str | None = None
    """The kind of what stands behind the key, if it is written out: bool, number or text."""
    is_literal: bool = True
    made: str | None = None
    """Of an object: the name that it is given."""


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the project that is called as if it asked for flags."""

    name: str
    owner: str | None
    """The class that it is a method of."""
    path: str
    line: int
    parameters: tuple[str, ...]
    """Without `self`."""
    is_truth: bool
    """It is declared to return a bool, or returns one that is written out."""
    is_fixed: bool
    """It reads settings of the program, which stay as they are while it runs."""
    hands_on: frozenset[str]
    """What it calls with one of its own parameters."""


@dataclass(frozen=True, slots=True)
class Listing:
    """An object whose items are texts that may be the keys of flags."""

    path: str
    name: str
    line: int
    entries: tuple[tuple[str, str | None], ...]
    """The keys, each with what the code says of it, if that is written beside it."""


@dataclass(slots=True)
class Survey:
    """What was seen in some files."""

    asks: list[Ask] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    methods: list[tuple[str, str, bool]] = field(default_factory=list)
    """Of constants: the name, the method that is called, whether its answer decides something right there."""
    unread: list[str] = field(default_factory=list)

    def add(self, path: str, data: bytes) -> None:
        """Looks at one more file."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(data)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.unread.append(path)
            return
        try:
            _Reader(path, self).read(tree)
        except RecursionError:
            self.unread.append(path)


_MAY_SPEAK = re.compile(
    rb"(?i)experiment|feature|flag|rollout|switch|toggle|waffle|option|config|setting|\bconf\b|enabled|is_?active|is_?on\b"
)


def may_speak(data: bytes) -> bool:
    """Whether a file has any of the words that are looked for."""
    return _MAY_SPEAK.search(data) is not None


_SETTING = re.compile(
    r"(?:FEATURE|FEATURES|FEATURE_FLAG|FF|FLAG|TOGGLE|EXPERIMENT)_[A-Z0-9_]+|(?:ENABLE|USE|DISABLE)_[A-Z0-9_]+"
)
_SETTINGS_OBJECT = word_set("settings config conf")
_FIXED = word_set("settings environ getenv configparser ConfigParser")
_NOT_OURS = word_set("absl argparse cirq cv2 gflags keras mlflow numpy pandas pyspark qiskit sklearn tensorflow torch")
"""Libraries that speak of features, flags, switches and experiments and mean something else."""


class _Reader:
    """Walks one file."""

    def __init__(self, path: str, survey: Survey) -> None:
        self._path = path
        self._survey = survey
        self._origins: dict[str, str] = {}
        self._texts: dict[str, list[str]] = {}

    def read(self, tree: ast.Module) -> None:
        module = module_name(self._path)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                self._origins |= dict(imported_names(node, module))
        for statement in tree.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                self._origins.setdefault(statement.name, f"{module}.{statement.name}")
        self._block(tree.body, None, is_function=False)

    # --- statements ---------------------------------------------------------------------------------------------------

    def _block(self, body: Iterable[ast.stmt], owner: str | None, *, is_function: bool) -> None:
        for statement in body:
            self._statement(statement, owner, is_function=is_function)

    def _statement(self, node: ast.stmt, owner: str | None, *, is_function: bool) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._function(node, owner)
            case ast.ClassDef():
                self._class(node)
            case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=ast.expr() as value):
                if not is_function:
                    self._assigned(target, value, owner)
                self._expressions(target, tested=False)
                self._expressions(value, tested=False, made=None if is_function else assigned_name(target))
            case _:
                for child in ast.iter_child_nodes(node):
                    if isinstance(child, ast.stmt):
                        self._statement(child, owner, is_function=is_function)
                    elif isinstance(child, ast.ExceptHandler | ast.match_case):
                        self._part(child, owner, is_function=is_function)
                    elif isinstance(child, ast.expr):
                        tested = isinstance(node, ast.If | ast.While | ast.Assert) and child is node.test
                        self._expressions(child, tested=tested)
                    elif isinstance(child, ast.withitem):
                        self._expressions(child.context_expr, tested=False)

    def _part(self, node: ast.ExceptHandler | ast.match_case, owner: str | None, *, is_function: bool) -> None:
        if isinstance(node, ast.match_case) and node.guard is not None:
            self._expressions(node.guard, tested=True)
        self._block(node.body, owner, is_function=is_function)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None) -> None:
        for decorator in node.decorator_list:
            self._decorator(decorator)
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self._expressions(default, tested=False)
        if voice_of_call(node.name, owner or "", PurePosixPath(self._path).stem):
            self._survey.functions.append(_described(node, owner, self._path))
        self._block(node.body, None, is_function=True)

    def _class(self, node: ast.ClassDef) -> None:
        for decorator in node.decorator_list:
            self._decorator(decorator)
        bases = [dotted_name(base) or "" for base in node.bases]
        if names_flags(node.name) and not any(base.endswith(("IntFlag", "Model")) or base == "Flag" for base in bases):
            members = [
                (target.id, statement.value)
                for statement in node.body
                if isinstance(statement, ast.Assign)
                for target in statement.targets
                if isinstance(target, ast.Name) and target.id.isupper()
            ]
            self._listing(node.name, node.lineno, [entry for _, value in members for entry in member_keys(value)])
        self._block(node.body, node.name, is_function=False)

    def _assigned(self, target: ast.expr, value: ast.expr, owner: str | None) -> None:
        name = assigned_name(target)
        if name is not None and owner is None and names_flags(name):
            self._listing(name, target.lineno, list(listed_keys(value)))

    def _listing(self, name: str, line: int, entries: list[tuple[str, str | None]]) -> None:
        keys = [(key, text) for key, text in entries if KEY.fullmatch(key)]
        if keys and len(keys) >= len(entries) * 0.9:
            self._survey.listings.append(Listing(self._path, name, line, tuple(keys)))

    def _decorator(self, node: ast.expr) -> None:
        if isinstance(node, ast.Call):
            name = dotted_name(node.func)
            last = (name or "").rpartition(".")[2]
            if name and (requires_flag(last) or forces_flag(last)):
                shape = (
                    Shape.OVERRIDE
                    if words_of(last)[0] in ("override", "force", "with", "mock", "patch")
                    else Shape.DECORATOR
                )
                self._arguments(node, shape, name, Voice.CLEAR, tested=True)
                for argument in (*node.args, *(each.value for each in node.keywords)):
                    self._expressions(argument, tested=False)
                return
        self._expressions(node, tested=False)

    # --- expressions --------------------------------------------------------------------------------------------------

    def _expressions(self, node: ast.expr, *, tested: bool, made: str | None = None) -> None:
        stack: list[tuple[ast.AST, bool]] = [(node, tested)]
        while stack:
            each, is_tested = stack.pop()
            match each:
                case ast.Call():
                    self._call(each, tested=is_tested, made=made if each is node else None)
                    stack += self._parts_of_call(each)
                    continue
                case ast.Subscript(value=value, slice=ast.Constant(value=str(key))) if isinstance(each.ctx, ast.Load):
                    self._item(value, key, each, tested=is_tested)
                case ast.Compare(left=ast.Constant(value=str(key)), ops=[ast.In() | ast.NotIn()], comparators=[value]):
                    self._item(value, key, each, tested=True)
                case ast.Attribute() if isinstance(each.ctx, ast.Load):
                    self._attribute(each, tested=is_tested)
            stack += [(child, is_condition(each, child, is_tested)) for child in ast.iter_child_nodes(each)]

    def _parts_of_call(self, node: ast.Call) -> Iterator[tuple[ast.AST, bool]]:
        """What is inside a call; the method's name is no attribute that is read."""
        yield (node.func.value if isinstance(node.func, ast.Attribute) else node.func), False
        is_bool = isinstance(node.func, ast.Name) and node.func.id in ("bool", "any", "all")
        yield from ((argument, is_bool) for argument in node.args)
        yield from ((each.value, False) for each in node.keywords)

    def _call(self, node: ast.Call, *, tested: bool, made: str | None) -> None:
        name = dotted_name(node.func)
        if name is None or not (node.args or node.keywords):
            if name is not None:
                self._method(name, tested=tested)
            return
        receiver, _, last = name.rpartition(".")
        self._method(name, tested=tested)
        owner = receiver.rpartition(".")[2]
        if last == "get" and isinstance(node.func, ast.Attribute) and node.args:
            if owner[:1].isupper() and not owner.isupper() and names_flags(owner):  # a class: Flag.get("key")
                self._arguments(node, Shape.CALL, name, Voice.FAINT, tested=tested)
            elif (key := text_of(node.args[0])) is not None:
                default = kind_of(node.args[1]) if len(node.args) > 1 else None
                self._item(node.func.value, key, node, tested=tested, default=default)
        elif (
            last == "getattr"
            and len(node.args) > 1
            and (key := text_of(node.args[1]))
            and (base := dotted_name(node.args[0]))
        ):
            self._setting(base, key, node, tested=tested, default=kind_of(node.args[2]) if len(node.args) > 2 else None)
        elif last[0].isupper() and names_flags(last) and made:
            self._arguments(node, Shape.OBJECT, name, Voice.FAINT, tested=tested, made=made)
        elif forces_flag(last) and not (voice_of_call(last) and words_of(last)[0] not in ("use", "with", "toggle")):
            self._arguments(node, Shape.OVERRIDE, name, Voice.CLEAR, tested=tested)
        else:
            origin = self._origin(name)
            module = (origin or "").rpartition(".")[0].rpartition(".")[2] if "." not in name else ""
            voice = voice_of_call(last, receiver.rpartition(".")[2].removesuffix("()"), module)
            if voice:
                self._arguments(node, Shape.CALL, name, voice, tested=tested)

    def _method(self, name: str, *, tested: bool) -> None:
        receiver, _, last = name.rpartition(".")
        owner = receiver.rpartition(".")[2]
        if owner.isupper():
            self._survey.methods.append((owner, last, tested))

    def _arguments(
        self, node: ast.Call, shape: Shape, name: str, voice: Voice, *, tested: bool, made: str | None = None
    ) -> None:
        """One place for the argument that may be the key: the first that is a text or a constant."""
        origin = self._origin(name)
        if origin is not None and origin.partition(".")[0] in _NOT_OURS:
            return
        arguments: list[tuple[int | str, ast.expr]] = [*enumerate(node.args)]
        arguments += [(each.arg, each.value) for each in node.keywords if each.arg in _KEY_KEYWORDS]
        for index, (where, value) in enumerate(arguments):
            if where not in (0, 1) and not isinstance(where, str):
                break
            key, is_literal = constant_of(value)
            if key is None or not KEY.fullmatch(key):
                continue
            rest = [each for _, each in arguments[index + 1 :]]
            rest += [each.value for each in node.keywords if each.arg in ("default", "fallback", "default_value")]
            default = next((kind for each in rest if (kind := kind_of(each)) is not None), None)
            self._note(shape, name, key, node, where, origin, voice, tested, default, is_literal, made)
            return

    def _item(self, mapping: ast.expr, key: str, at: ast.expr, *, tested: bool, default: str | None = None) -> None:
        name = dotted_item(mapping)
        if name is None or not KEY.fullmatch(key):
            return
        last = name.rpartition(".")[2]
        if names_flags(last):
            origin = self._origin(name)
            if origin is None or origin.partition(".")[0] not in _NOT_OURS:
                voice = Voice.CLEAR if last.isupper() else Voice.FAINT
                self._note(Shape.MAPPING, name, key, at, 0, origin, voice, tested, default, True, None)
        elif last in _SETTINGS_OBJECT and _SETTING.fullmatch(key):
            self._setting(name, key, at, tested=tested, default=default, shape=Shape.MAPPING)

    def _attribute(self, node: ast.Attribute, *, tested: bool) -> None:
        base = dotted_name(node.value)
        if base is None:
            return
        last = base.rpartition(".")[2]
        if last in _SETTINGS_OBJECT:
            self._setting(base, node.attr, node, tested=tested)
        elif tested and names_flags(last) and not last[0].isupper() and not node.attr.startswith("_"):
            origin = self._origin(base)
            if origin is None or origin.partition(".")[0] not in _NOT_OURS:
                self._note(Shape.ATTRIBUTE, base, node.attr, node, 0, origin, Voice.FAINT, tested, None, True, None)

    def _setting(
        self,
        base: str,
        key: str,
        at: ast.expr,
        *,
        tested: bool,
        default: str | None = None,
        shape: Shape = Shape.ATTRIBUTE,
    ) -> None:
        if base.rpartition(".")[2] in _SETTINGS_OBJECT and _SETTING.fullmatch(key):
            self._note(shape, base, key, at, 0, self._origin(base), Voice.SETTING, tested, default, True, None)

    def _note(
        self,
        shape: Shape,
        name: str,
        key: str,
        at: ast.expr,
        where: int | str,
        origin: str | None,
        voice: Voice,
        tested: bool,
        default: str | None,
        is_literal: bool,
        made: str | None,
    ) -> None:
        ask = Ask(
            shape,
            name,
            key,
            self._path,
            at.lineno,
            at.col_offset + 1,
            where,
            origin,
            voice,
            tested,
            default,
            is_literal,
            made,
        )
        self._survey.asks.append(ask)

    def _origin(self, name: str) -> str | None:
        first, dot, rest = name.partition(".")
        known = self._origins.get(first.removesuffix("()"))
        return f"{known}{dot}{rest}" if known else None


_KEY_KEYWORDS = ("key", "name", "flag", "flag_name", "feature", "feature_name", "switch", "switch_name", "slug", "code")


def _described(node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None, path: str) -> Function:
    arguments = [each.arg for each in (*node.args.posonlyargs, *node.args.args)]
    is_static = any(dotted_name(each) == "staticmethod" for each in node.decorator_list)
    if owner is not None and not is_static:
        arguments = arguments[1:]
    names = {
        each.id if isinstance(each, ast.Name) else each.attr
        for each in ast.walk(node)
        if isinstance(each, ast.Name | ast.Attribute)
    }
    returns = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
    is_truth = (
        dotted_name(node.returns) == "bool"
        if node.returns is not None
        else any(kind_of(each) == "bool" for each in returns)
    )
    parameters = (*arguments, *(each.arg for each in node.args.kwonlyargs))
    return Function(
        node.name,
        owner,
        path,
        node.lineno,
        parameters,
        is_truth,
        is_fixed=not _FIXED.isdisjoint(names),
        hands_on=frozenset(_handed_on(node, parameters)),
    )


def _handed_on(node: ast.AST, parameters: tuple[str, ...]) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and (name := dotted_name(each.func)):
            given = (*each.args, *(keyword.value for keyword in each.keywords))
            if any(isinstance(value, ast.Name) and value.id in parameters for value in given):
                yield name.rpartition(".")[2]
