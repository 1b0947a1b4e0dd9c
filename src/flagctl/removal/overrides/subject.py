"""What a test is about: the flag that it forces, or something else for which the flag only had to be set."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import libcst as cst

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_OF_FLAGS = re.compile(r"flags?|switch(?:es)?|waffle|toggled?s?|features?|gated?|rollout|experiment|enabled|disabled")
"""Words of tests that are about a flag, whichever it is."""
_OF_SIDES = re.compile(r"on|off|old|new|legacy|former|previous|beta|(?:in)?active")
"""Words that are so in a name which says little else: `test_off`, `test_old_checkout`; not `test_create_new_user`."""
_SPEAKS_OF_FLAGS = re.compile(r"\b(?:flag|waffle|feature (?:switch|toggle))\b")
_PLAIN = re.compile(r"tests?|case|uses?|has|have|does|the|and|for|with|when|that|not|all|any")
"""Words that are about nothing."""


def each_word(name: str) -> Iterator[str]:
    """The words that a name is made of, in lower case."""
    return (match[0].lower() for match in _WORD.finditer(name))


def words_of(names: Iterable[str]) -> frozenset[str]:
    """The words of some names that say something: `use_new_checkout` has `new` and `checkout`."""
    words = (word for name in names for word in each_word(name))
    return frozenset(word for word in words if len(word) > 2 and not _PLAIN.fullmatch(word))


def is_about_flag(
    test: cst.FunctionDef | cst.ClassDef, names: Collection[str], within: cst.FunctionDef | cst.ClassDef | None = None
) -> bool:
    """Whether a test is about one of some flags, or may be as far as its name says.

    It is if its name has a word of a flag's or one that flags are spoken of with, or none that says anything, and if
    its documentation names the flag. A word that what it stands `within` has in its name is about that.
    """
    own = {*each_word(test.name.value)}
    around = words_of([within.name.value] if within is not None else [])
    telling = words_of([test.name.value]) - around
    says_little = len({word for word in telling if not _OF_SIDES.fullmatch(word)}) <= 1
    if any(map(_OF_FLAGS.fullmatch, own)) or (says_little and any(map(_OF_SIDES.fullmatch, own))) or not telling:
        return True
    words = {word for word in words_of(names) - around if not _OF_SIDES.fullmatch(word)}
    if any(word.startswith(other) for word in own - around for other in words):
        return True
    text = test.get_docstring() or ""
    return any(name in text for name in names) or _SPEAKS_OF_FLAGS.search(text) is not None
