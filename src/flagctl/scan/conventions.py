"""The conventions in force for one run, made ready for matching call sites."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate
from functools import cache

from flagctl.config.conventions import Client, Conventions, Evaluation, FlagObject, Override
from flagctl.model import ResolvedBy
from flagctl.scan.prefilter import Words

Convention = Evaluation | Override | FlagObject


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern on dotted names, and what it is a pattern of."""

    glob: str
    convention: Convention
    sdk: str | None
    is_inferred: bool = False
    is_own: bool = False
    """No SDK's, so that it also matches a name as it is written, where no import says otherwise."""
    hints: frozenset[str] = frozenset()
    """What variables are called whose methods this pattern may mean, where nothing else is known of them."""
    near: frozenset[str] = frozenset()
    """Where the last part of the name is too common to select by: what a file that means this one has, too."""

    @property
    def resolves_by(self) -> ResolvedBy:
        """How the flag of a convention that always asks for the same one became known."""
        return ResolvedBy.HELPER if self.is_inferred else ResolvedBy.CONFIGURATION

    @property
    def last(self) -> str:
        return self.glob.rpartition(".")[2]

    def matches(self, names: Iterable[str]) -> bool:
        return any(fnmatchcase(name, self.glob) for name in names)

    def may_be_in(self, text: str) -> bool:
        """Whether a file may mean this by the last part of its name."""
        return not self.near or any(word in text for word in self.near)


class Matcher:
    """All conventions of a run by what has to be looked at: the last part of a name comes first, as it is cheap."""

    def __init__(self, conventions: Sequence[Conventions], new: Sequence[Conventions] | None = None) -> None:
        """Where only some of the conventions are `new`, the others only tell what things are."""
        self.types: dict[str, str] = {}
        self.roots: set[str] = set()
        """Top-level packages of the SDKs that cannot be the project's own."""
        self.attributes: list[tuple[re.Pattern[str], Evaluation, str | None]] = []
        self._calls: list[Pattern] = []
        self.constructors: list[Pattern] = []
        self.mappings: list[Pattern] = []
        self.class_attributes: list[Pattern] = []
        self.properties: list[Pattern] = []
        for each in conventions:
            self._add_types(each)
        for each in conventions if new is None else new:
            self._add_places(each)
        self.names = frozenset(name for each in (conventions if new is None else new) for name in each.names)
        self.calls = cache(self._calls_named)
        self.methods = frozenset(
            method
            for pattern in self.constructors
            if isinstance(pattern.convention, FlagObject) and new is None
            for method in pattern.convention.evaluations
        )

    def _add_types(self, conventions: Conventions) -> None:
        if not conventions.may_be_own:
            self.roots |= _packages(conventions)
        for client in conventions.clients:
            self.types |= dict.fromkeys((*client.types, *client.factories), client.types[0])
        for flag_object in conventions.flag_objects:
            self.constructors += _patterns(flag_object.constructor, flag_object, conventions)

    def _add_places(self, conventions: Conventions) -> None:
        for flag_object in conventions.flag_objects:
            self._calls += _patterns(flag_object.constructor, flag_object, conventions)
        for each in conventions.evaluations:
            self._calls += _patterns(each.call, each, conventions)
            if each.mapping:
                self.mappings += _patterns([each.mapping], each, conventions)
            if each.class_attribute:
                self.class_attributes += _patterns([each.class_attribute], each, conventions)
            if each.attribute and each.flag:
                self.properties += _patterns([each.attribute], each, conventions)
            elif each.attribute:
                self.attributes.append((_attribute_pattern(each.attribute), each, conventions.id))
        for override in conventions.overrides:
            self._calls += _patterns(override.call, override, conventions)

    def _calls_named(self, name: str) -> tuple[Pattern, ...]:
        """The patterns that a call of something with this last name may match; the user's own come first."""
        found = (pattern for pattern in self._calls if fnmatchcase(name, pattern.last))
        return tuple(sorted(found, key=lambda pattern: not pattern.is_own))

    def _patterns(self) -> Iterator[Pattern]:
        yield from (*self._calls, *self.class_attributes, *self.mappings, *self.properties)

    def words(self) -> Words:
        """Words of which a Python file must have one to hold any reference but to a declared key."""
        words = Words(exact=self.methods | self.names)
        for pattern in self._patterns():
            words |= Words(exact=pattern.near) if pattern.near else _word(pattern.last)
        for _, evaluation, _ in self.attributes:
            for each in evaluation.key_pattern:
                if not each.startswith("!"):
                    words |= _word(each) or _word(
                        (evaluation.attribute or "").partition(".{key}")[0].rpartition(".")[2]
                    )
        return words

    def common_words(self, text: str) -> Words:
        """The last parts of names that are too common to select by, of those that this file may mean."""
        words = Words()
        for pattern in self._patterns():
            if pattern.near and pattern.may_be_in(text):
                words |= _word(pattern.last)
        return words


_COMMON = re.compile("[a-z]{1,5}|Feature|active|boolean|config|create|disable|enable|feature|switches|variant")
"""Names that say nothing by themselves: what is called so is everywhere."""


def _near(glob: str, packages: frozenset[str]) -> frozenset[str]:
    """The last part of a name is how a call is met, but that of `get` or `read` is met everywhere.

    Of an SDK, the file has the function before it, too, or at least the SDK's own name; of your own, the part before.
    """
    before, _, last = glob.rpartition(".")
    if not _COMMON.fullmatch(max(_word(last).all(), default="")) or not before:
        return frozenset()
    part = _word(before.removesuffix("()").rpartition(".")[2]).all()
    if part and not packages:  # where it is not imported from elsewhere, the file defines it
        return part | {f"def {last}"}
    return part if part and before.endswith("()") else packages


def _patterns(globs: Iterable[str], convention: Convention, conventions: Conventions) -> Iterator[Pattern]:
    packages = _packages(conventions)
    is_own = not packages and not conventions.is_inferred
    for glob in globs:
        hints = _hints(conventions.clients, glob.rpartition(".")[0])
        near = _near(glob, packages)
        yield Pattern(glob, convention, conventions.id, conventions.is_inferred, is_own, hints, near)


def _packages(conventions: Conventions) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in conventions.imports)


def _hints(clients: Iterable[Client], owner: str) -> frozenset[str]:
    return frozenset(hint for client in clients if owner in client.types for hint in client.hints)


def _attribute_pattern(glob: str) -> re.Pattern[str]:
    """`*settings.{key}` as an expression whose group `key` is the key."""
    before, after = (translate(part).removeprefix("(?s:").rpartition(")")[0] for part in glob.split("{key}", 1))
    return re.compile(rf"{before}(?P<key>[^.()]+){after}")


def _word(glob: str) -> Words:
    """The longest text that whatever matches has in it; where that is all of it, it stands by itself."""
    glob = glob.removesuffix("()")
    literal = max(re.split(r"\[[^\]]+\]|[*?]", glob), key=len)
    words = frozenset({literal} - {""})
    return Words(exact=words) if literal == glob else Words(parts=words)
