"""The conventions in force for one run, made ready for matching call sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache

from flagctl.config.conventions import Client, Conventions, Evaluation, FlagObject, Override

Convention = Evaluation | Override | FlagObject


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern on dotted names, and what it is a pattern of."""

    glob: str
    convention: Convention
    sdk: str | None
    hints: frozenset[str] = frozenset()
    """What variables are called whose methods this pattern may mean, where nothing else is known of them."""
    packages: frozenset[str] = frozenset()
    """Top-level packages of the SDK; without any, the pattern is one on names as they are written, too."""

    @property
    def last(self) -> str:
        return self.glob.rpartition(".")[2]

    def matches(self, names: Iterable[str]) -> bool:
        return any(fnmatchcase(name, self.glob) for name in names)


class Matcher:
    """All conventions of a run by what has to be looked at: the last part of a name comes first, as it is cheap."""

    def __init__(self, conventions: Iterable[Conventions]) -> None:
        self.types: dict[str, str] = {}
        self.roots: set[str] = set()
        """Top-level packages of the SDKs that cannot be the project's own."""
        self.attributes: list[tuple[re.Pattern[str], Evaluation, str | None]] = []
        self._calls: list[Pattern] = []
        self.constructors: list[Pattern] = []
        self.mappings: list[Pattern] = []
        self.class_attributes: list[Pattern] = []
        for each in conventions:
            self._add(each)
        self.calls = cache(self._calls_named)
        self.methods = frozenset(
            method
            for pattern in self.constructors
            if isinstance(pattern.convention, FlagObject)
            for method in pattern.convention.evaluations
        )

    def _add(self, conventions: Conventions) -> None:
        if not conventions.may_be_own:
            self.roots |= _packages(conventions)
        for client in conventions.clients:
            self.types |= dict.fromkeys((*client.types, *client.factories), client.types[0])
        for each in conventions.evaluations:
            self._calls += _patterns(each.call, each, conventions)
            if each.mapping:
                self.mappings += _patterns([each.mapping], each, conventions)
            if each.class_attribute:
                self.class_attributes += _patterns([each.class_attribute], each, conventions)
            if each.attribute:
                self.attributes.append((_attribute_pattern(each.attribute), each, conventions.id))
        for override in conventions.overrides:
            self._calls += _patterns(override.call, override, conventions)
        for flag_object in conventions.flag_objects:
            self.constructors += _patterns(flag_object.constructor, flag_object, conventions)

    def _calls_named(self, name: str) -> tuple[Pattern, ...]:
        """The patterns that a call of something with this last name may match."""
        return tuple(pattern for pattern in (*self._calls, *self.constructors) if fnmatchcase(name, pattern.last))

    def words(self) -> set[str]:
        """Words of which a Python file must have one to hold any reference but to a declared key."""
        patterns = (*self._calls, *self.constructors, *self.class_attributes, *self.mappings)
        words = {word for pattern in patterns for word in self._words_of(pattern)}
        allowed = {each for _, evaluation, _ in self.attributes for each in evaluation.key_pattern}
        attributes = {_longest_literal(each) for each in allowed if not each.startswith("!")}
        return (words | attributes | self.methods) - {""}

    def _words_of(self, pattern: Pattern) -> Iterable[str]:
        """The last part of a name, which is how a call is met; that of `get` or `read` is too common to select by.

        Of an SDK, the file has the SDK's own name then, and of your own, the part before.
        """
        last, before = _longest_literal(pattern.last.removesuffix("()")), pattern.glob.rpartition(".")[0]
        if not _COMMON.fullmatch(last) or not before:
            return [last]
        return pattern.packages or [_longest_literal(before.removesuffix("()").rpartition(".")[2]) or last]


_COMMON = re.compile("[a-z]{1,5}|Feature|active|boolean|config|create|disable|enable|feature|switches|variant")
"""Names that say nothing by themselves: what is called so is everywhere."""


def _patterns(globs: Iterable[str], convention: Convention, conventions: Conventions) -> Iterator[Pattern]:
    for glob in globs:
        hints = _hints(conventions.clients, glob.rpartition(".")[0])
        yield Pattern(glob, convention, conventions.id, hints, _packages(conventions))


def _packages(conventions: Conventions) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in conventions.imports)


def _hints(clients: Iterable[Client], owner: str) -> frozenset[str]:
    return frozenset(hint for client in clients if owner in client.types for hint in client.hints)


def _attribute_pattern(glob: str) -> re.Pattern[str]:
    """`*settings.{key}` as an expression whose group `key` is the key."""
    before, after = (translate(part).removeprefix("(?s:").rpartition(")")[0] for part in glob.split("{key}", 1))
    return re.compile(rf"{before}(?P<key>[^.()]+){after}")


def _longest_literal(glob: str) -> str:
    return max(re.split(r"[*?\[\]]+", glob), key=len)
