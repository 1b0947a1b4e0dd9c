"""Suggestions, and words that are one edit apart."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagctl.spelling import closest, did_you_mean, edit, misspelt, one_edit_apart


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("definitons", ["definitions", "sources"], "definitions"),
        ("new-chekout", ["old-search", "new-checkout"], "new-checkout"),
        ("openfeatures", ["openfeature", "unleash"], "openfeature"),
        ("zzz", ["definitions", "sources"], None),
        ("", ["definitions"], None),
        ("a", [], None),
    ],
)
def test_the_closest_word(word: str, known: list[str], meant: str | None) -> None:
    assert closest(word, known) == meant
    assert did_you_mean(word, iter(known)) == (f'; did you mean "{meant}"?' if meant else "")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("new-chekcout", "new-checkout"),
        ("new-checkouts", "new-checkout"),
        ("newCheckout", "new-checkout"),
        ("NEW_CHECKOUT", "new-checkout"),
        ("search-v3", None),
        ("new-checkout-for-teams", None),
        ("old-checkout", None),
        ("chekcuot", None),
        ("", None),
    ],
)
def test_what_is_misspelt(word: str, meant: str | None) -> None:
    assert misspelt(word, ["search-v2", "new-checkout"]) == meant


@pytest.mark.parametrize(
    ("one", "other", "parts"),
    [
        ("new-checkout", "new-chekout", ("c", "")),
        ("new-checkout", "new-checkouts", ("", "s")),
        ("new-checkout", "mew-checkout", ("n", "m")),
        ("new-checkout", "nwe-checkout", ("ew", "we")),
        ("v1", "v2", ("1", "2")),
        ("", "a", ("", "a")),
        ("aa", "aaa", ("", "a")),
        ("new-checkout", "new-checkout", None),
        ("new-checkout", "new-cehckuot", None),
        ("ab", "cd", None),
        ("abc", "cba", None),
        ("a", "", ("a", "")),
        ("", "", None),
        ("a", "abc", None),
    ],
)
def test_edits(one: str, other: str, parts: tuple[str, str] | None) -> None:
    assert edit(one, other) == parts


def one_edit_from(word: str, letters: str) -> set[str]:
    """By definition: every word that one edit makes of this one."""
    cuts = [(word[:index], word[index:]) for index in range(len(word) + 1)]
    removed = {before + after[1:] for before, after in cuts if after}
    replaced = {before + letter + after[1:] for before, after in cuts if after for letter in letters}
    inserted = {before + letter + after for before, after in cuts for letter in letters}
    swapped = {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    return (removed | replaced | inserted | swapped) - {word}


WORDS = st.lists(st.text("ab-1", max_size=5), max_size=12)


@settings(max_examples=200, deadline=None)
@given(WORDS)
def test_pairs_are_those_of_the_definition(words: list[str]) -> None:
    pairs = (pair for pair in combinations(sorted(set(words)), 2) if pair[1] in one_edit_from(pair[0], "ab-1"))
    expected = {pair for pair in pairs if "1" not in "".join(edit(*pair) or ())}
    found = list(one_edit_apart(words))
    assert set(found) == expected
    assert len(found) == len(expected)


@settings(max_examples=200, deadline=None)
@given(st.text("ab1", max_size=6), st.text("ab1", max_size=6))
def test_an_edit_is_one_of_the_definition_and_says_what_differs(one: str, other: str) -> None:
    parts = edit(one, other)
    assert (parts is not None) == (other in one_edit_from(one, "ab1"))
    if parts is not None:
        assert any(
            one[:index] + parts[1] + one[index + len(parts[0]) :] == other and one[index:].startswith(parts[0])
            for index in range(len(one) + 1)
        )
