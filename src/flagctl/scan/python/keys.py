"""What key an expression holds, where the source tells."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from glob import escape
from itertools import islice, product
from math import prod

import libcst as cst

from flagctl.config.conventions import KeyForm
from flagctl.model import ResolvedBy
from flagctl.scan.python.nodes import last_name, string_value
from flagctl.scan.python.origins import Code, Each, Origin, Value
from flagctl.scan.python.scopes import Assigned, Scope
from flagctl.scan.python.trace import Tracer

_DISPLAYS = cst.List | cst.Tuple | cst.Set | cst.Dict

_MAX_STEPS = 64
_MAX_KEYS = 1000
_MAX_LENGTH = 1000
_MAX_PARTS = 100

_LEAST_KNOWN = 4
"""Characters of a dynamic key that must be known before it says anything."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key, how it was found, and the expression that spells it, with the scope that this stands in."""

    value: str
    by: ResolvedBy
    node: cst.BaseExpression
    scope: Scope


Entry = tuple[list[Key] | None, cst.BaseExpression | None]
"""The keys that an item of a collection may be, and what stands beside it in a dictionary."""


class Keys:
    """Evaluates key expressions: `None` where a key cannot be known, several keys where it may be any of them."""

    def __init__(self, tracer: Tracer) -> None:
        self._tracer = tracer
        self._found: dict[Origin, list[Key] | None] = {}

    def of(self, node: cst.BaseExpression, scope: Scope, steps: int = 0) -> list[Key] | None:
        """The keys that an expression may hold."""
        if steps > _MAX_STEPS:
            return None
        match node:
            case cst.SimpleString():
                value = string_value(node)
                return [Key(value, ResolvedBy.LITERAL, node, scope)] if value is not None else None
            case (
                cst.ConcatenatedString(left=left, right=right)
                | cst.BinaryOperation(left=left, operator=cst.Add(), right=right)
            ):
                return self._joined([left, right], node, scope, steps)
            case cst.FormattedString(parts=parts):
                return self._formatted(parts, node, scope, steps)
            case cst.IfExp(body=body, orelse=orelse):
                return _all([self.of(body, scope, steps + 1), self.of(orelse, scope, steps + 1)])
            case cst.NamedExpr(value=value):
                return self.of(value, scope, steps + 1)
            case cst.Call(func=cst.Name(value="str"), args=[cst.Arg(value=value)]):
                return self.of(value, scope, steps + 1)
            case cst.Name() | cst.Attribute() | cst.Subscript():
                return self._named(node, scope, steps)
        return None

    def elements(self, node: cst.BaseExpression, scope: Scope, form: KeyForm) -> list[list[Key] | None]:
        """The keys in a list, or those of a dictionary; one unknown key where the collection itself is not known."""
        return [keys for keys, _ in self.entries(node, scope, form)]

    def entries(self, node: cst.BaseExpression, scope: Scope, form: KeyForm) -> list[Entry]:
        """The keys in a list, or those of a dictionary with what stands beside them."""
        match node:
            case cst.Call(func=cst.Name(value=name), args=[cst.Arg(value=inner)]) if name in _COLLECTIONS:
                return self.entries(inner, scope, form)
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="keys")), args=[]):
                return self.entries(inner, scope, KeyForm.DICT)
            case cst.Call(func=cst.Attribute(value=inner, attr=cst.Name(value="values")), args=[]):
                return self._values(inner, scope)
        found: list[Entry] = []
        for origin in self._tracer.trace(node, scope):
            if isinstance(origin, Value) and isinstance(origin.node, _DISPLAYS):
                found += [(self.of(item, origin.scope), value) for item, value in _items(origin.node, form)]
            elif isinstance(origin, Value) and isinstance(origin.node, cst.Call) and origin.node is not node:
                found += self.entries(origin.node, origin.scope, form)
            elif isinstance(origin, Code) and self._tracer.is_enum(origin.scope):
                found += self._members(origin.scope)
            else:
                found.append((None, None))
        return found

    def _values(self, node: cst.BaseExpression, scope: Scope) -> list[Entry]:
        """The keys that are values of a dictionary."""
        found: list[Entry] = []
        for origin in self._tracer.trace(node, scope):
            elements = origin.node.elements if isinstance(origin, Value) and isinstance(origin.node, cst.Dict) else None
            if elements is None:
                return [(None, None)]
            found += [(self.of(each.value, scope), None) for each in elements]
        return found

    def _members(self, scope: Scope) -> list[Entry]:
        """The keys of all members of an enumeration."""
        scope.read_all()
        return [
            (self.of_member(each.value, scope), None)
            for name, bindings in scope.bindings.items()
            for each in bindings
            if isinstance(each, Assigned) and each.value is not None and not name.startswith("_")
        ]

    def of_member(self, value: cst.BaseExpression, scope: Scope) -> list[Key] | None:
        """The keys of a class's attribute."""
        return self._of_origin(Value(value, scope, scope), 0)

    def form_of(self, node: cst.BaseExpression, scope: Scope) -> KeyForm:
        """Which form an argument has that may be one key, a list or a dictionary of them."""
        values = [origin.node for origin in self._tracer.trace(node, scope) if isinstance(origin, Value)]
        if any(isinstance(each, cst.Dict) for each in values):
            return KeyForm.DICT
        return KeyForm.LIST if any(isinstance(each, _DISPLAYS) for each in values) else KeyForm.ONE

    def glob(self, node: cst.BaseExpression, scope: Scope, until: str = "") -> str | None:
        """A pattern of a dynamic key, with a star for each part that is not known; `None` if too little is.

        `until` ends the key.
        """
        parts = list(islice(self._pattern(node, scope, 0), _MAX_PARTS + 1))
        if len(parts) > _MAX_PARTS:  # a name that is joined to itself over and over
            parts[_MAX_PARTS:] = "*"
        pattern = re.sub(r"\*+", "*", "".join(parts))
        pattern = pattern.partition(until)[0] if until else pattern
        return pattern if len(pattern.replace("*", "")) >= _LEAST_KNOWN else None

    def _pattern(self, node: cst.BaseExpression, scope: Scope, steps: int) -> Iterator[str]:
        keys = self.of(node, scope)
        if keys is not None and len(keys) == 1:
            yield escape(keys[0].value)
        elif steps > _MAX_STEPS:
            yield "*"
        elif isinstance(node, cst.FormattedString):
            for part in node.parts:
                if isinstance(part, cst.FormattedStringExpression):
                    yield from self._pattern(part.expression, scope, steps + 1)
                elif isinstance(part, cst.FormattedStringText):
                    yield escape(part.value)
        elif isinstance(node, cst.BinaryOperation) and isinstance(node.operator, cst.Add):
            yield from self._pattern(node.left, scope, steps + 1)
            yield from self._pattern(node.right, scope, steps + 1)
        elif (template := _template(node)) is not None:
            known = self.of(template[0], scope, steps + 1) or ()
            yield template[1].sub("*", escape(known[0].value)) if len(known) == 1 else "*"
        else:
            yield from self._pattern_of_name(node, scope, steps)

    def _pattern_of_name(self, node: cst.BaseExpression, scope: Scope, steps: int) -> Iterator[str]:
        origins = self._tracer.trace(node, scope) if isinstance(node, cst.Name | cst.Attribute) else []
        if len(origins) == 1 and isinstance(origins[0], Value) and origins[0].node is not node:
            yield from self._pattern(origins[0].node, origins[0].scope, steps + 1)
        else:
            yield "*"

    def _joined(
        self, parts: Iterable[cst.BaseExpression], whole: cst.BaseExpression, scope: Scope, steps: int
    ) -> list[Key] | None:
        known = [self.of(part, scope, steps + 1) for part in parts]
        if any(keys is None for keys in known):
            return None
        return _combined([[key.value for key in keys] for keys in known if keys is not None], whole, scope)

    def _formatted(
        self,
        parts: Iterable[cst.BaseFormattedStringContent],
        whole: cst.BaseExpression,
        scope: Scope,
        steps: int,
    ) -> list[Key] | None:
        known: list[list[str]] = []
        for part in parts:
            if isinstance(part, cst.FormattedStringText):
                raw = isinstance(whole, cst.FormattedString) and "r" in whole.prefix.lower()
                text = _text_of(part.value, raw=raw)
                if text is None:
                    return None
                known.append([text])
                continue
            plain = isinstance(part, cst.FormattedStringExpression) and not (
                part.conversion or part.format_spec or part.equal
            )
            keys = self.of(part.expression, scope, steps + 1) if plain else None  # type: ignore[attr-defined]
            if keys is None:
                return None
            known.append([key.value for key in keys])
        return _combined(known, whole, scope)

    def _named(self, node: cst.Name | cst.Attribute | cst.Subscript, scope: Scope, steps: int) -> list[Key] | None:
        if isinstance(node, cst.Attribute) and (keys := self._of_member(node, scope, steps)) is not None:
            return keys
        return _all([self._of_origin(origin, steps) for origin in self._tracer.trace(node, scope)])

    def _of_origin(self, origin: Origin, steps: int) -> list[Key] | None:
        """The keys of what a name stands for; of what leads back to itself, none can be known."""
        if origin not in self._found:
            self._found[origin] = None
            self._found[origin] = self._find(origin, steps)
        return self._found[origin]

    def _find(self, origin: Origin, steps: int) -> list[Key] | None:
        if isinstance(origin, Each):
            elements = self.elements(origin.iterable, origin.scope, KeyForm.LIST)
            return _all(elements) if elements else None
        if not isinstance(origin, Value):
            return None
        is_member = origin.owner is not None and self._tracer.is_enum(origin.owner)
        if is_member and (name := self._automatic(origin)) is not None:
            return [Key(name, ResolvedBy.ENUM, origin.node, origin.scope)]
        value = first_of(origin.node) if is_member else origin.node
        keys = self.of(value, origin.scope, steps + 1)
        if keys is None:
            return None
        return [_through(key, ResolvedBy.ENUM if is_member else ResolvedBy.CONSTANT) for key in keys]

    def _automatic(self, member: Value) -> str | None:
        """What `auto()` makes of a `StrEnum`'s member: its name in small letters, unless the class says otherwise."""
        owner = member.owner
        if owner is None or not self._tracer.is_enum(owner, "StrEnum") or owner.bound("_generate_next_value_"):
            return None
        match member.node:
            case cst.Call(func=function, args=[]) if last_name(function) == "auto":
                names = (
                    name
                    for name, bindings in owner.bindings.items()
                    for each in bindings
                    if isinstance(each, Assigned) and each.value is member.node
                )
                return next(names, "").lower() or None
        return None

    def _of_member(self, node: cst.Attribute, scope: Scope, steps: int) -> list[Key] | None:
        """`Flags.X.value`, or a field of an enumeration whose members are made of fields: `Flags.X.slug`."""
        found: list[list[Key] | None] = []
        for origin in self._tracer.trace(node.value, scope):
            if not isinstance(origin, Value) or origin.owner is None or not self._tracer.is_enum(origin.owner):
                return None
            value = self._field(origin, node.attr.value)
            if value is None:
                found.append(None)
            else:
                is_whole = value is origin.node
                found.append(self._of_origin(origin, steps) if is_whole else self.of(value, origin.scope, steps + 1))
        every = _all(found)
        return [_through(key, ResolvedBy.ENUM) for key in every] if every is not None else None

    def _field(self, member: Value, name: str) -> cst.BaseExpression | None:
        if name in ("value", "_value_"):
            return first_of(member.node)
        if not isinstance(member.node, cst.Tuple) or member.owner is None:
            return None
        fields = self._fields(member.owner)
        values = [element.value for element in member.node.elements]
        return values[fields.index(name)] if name in fields and fields.index(name) < len(values) else None

    def _fields(self, scope: Scope) -> list[str]:
        """The fields of the dataclass that an enumeration's members are, or the parameters of its `__init__`."""
        initialisers = [each.scope for each in scope.bound("__init__") if hasattr(each, "scope")]
        if initialisers:
            return list(initialisers[-1].bindings)[1:]
        for base in self._tracer.bases(scope):
            if isinstance(base, Code):
                return self._tracer.fields(base.scope)
        return []


_BRACES = re.compile(r"\{[^{}]*\}")
_PERCENTS = re.compile(r"%(?:\(\w*\))?[-+ #0-9.]*[a-z%]", re.IGNORECASE)


def _template(node: cst.BaseExpression) -> tuple[cst.BaseExpression, re.Pattern[str]] | None:
    """A text with holes that is filled in here, and what its holes look like."""
    match node:
        case cst.Call(func=cst.Attribute(value=text, attr=cst.Name(value="format"))):
            return text, _BRACES
        case cst.BinaryOperation(left=text, operator=cst.Modulo()):
            return text, _PERCENTS
    return None


_COLLECTIONS = {"frozenset", "list", "set", "sorted", "tuple"}


def is_false(node: cst.BaseExpression | None) -> bool:
    return isinstance(node, cst.Name) and node.value == "False"


def _items(node: cst.BaseExpression, form: KeyForm) -> Iterator[tuple[cst.BaseExpression, cst.BaseExpression | None]]:
    if form is KeyForm.DICT and isinstance(node, cst.Dict):
        yield from ((each.key, each.value) for each in node.elements if isinstance(each, cst.DictElement))
    elif form is KeyForm.LIST and isinstance(node, cst.List | cst.Tuple | cst.Set):
        yield from ((first_of(each.value), None) for each in node.elements)


def _text_of(written: str, *, raw: bool) -> str | None:
    """The text that a part of an f-string stands for; `None` for an escape that could mean several things."""
    plain = written.replace("{{", "{").replace("}}", "}")
    if raw or "\\" not in plain:
        return plain
    try:
        return str(literal_eval('"' + plain.replace('"', '\\"') + '"')) if not re.search(r'\\["\n\r]', plain) else None
    except (SyntaxError, ValueError):
        return None


def first_of(node: cst.BaseExpression) -> cst.BaseExpression:
    """The part of an entry that is the key: the first of a tuple's elements or of a call's arguments, or all of it."""
    match node:
        case cst.Tuple(elements=[first, *_]):
            return first.value
        case cst.Call(args=[cst.Arg(value=value), *_]):
            return value
    return node


def _combined(parts: list[list[str]], whole: cst.BaseExpression, scope: Scope) -> list[Key] | None:
    """The keys that some parts, each of which may be several, make up; nothing if these are too many to mean them."""
    if prod(map(len, parts)) > _MAX_KEYS or sum(max(map(len, part), default=0) for part in parts) > _MAX_LENGTH:
        return None
    return [Key("".join(values), ResolvedBy.CONCATENATION, whole, scope) for values in product(*parts)]


def _through(key: Key, by: ResolvedBy) -> Key:
    return key if key.by is ResolvedBy.ENUM else replace(key, by=by)


def _all(found: Iterable[list[Key] | None]) -> list[Key] | None:
    """Every key there may be; nothing if one of them cannot be known."""
    every: list[Key] = []
    for keys in found:
        if keys is None:
            return None
        every += keys
    return list(dict.fromkeys(every))
