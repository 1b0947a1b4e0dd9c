"""Words that are nearly another word: suggestions for what was mistyped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches


def closest(word: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The known word that is most like this one, if one is at least so like it (0 to 1)."""
    close = get_close_matches(word, list(known), n=3, cutoff=likeness)
    # What has the same characters in other places is as like to it, and less likely to be meant.
    near = [other for other in close if edit(word, other) is not None]
    return (near or close)[0] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to end a sentence with, or nothing."""
    close = closest(word, known)
    return f'; did you mean "{close}"?' if close else ""


def misspelt(word: str, known: Iterable[str]) -> str | None:
    """The known word that this one is, but for capitals, separators and one edit, which is not in a number."""
    plain = _plain(word)
    return next((other for other in known if _is_nearly(plain, _plain(other))), None)


def _is_nearly(one: str, other: str) -> bool:
    return one == other or _is_slip(edit(one, other))


def _is_slip(parts: tuple[str, str] | None) -> bool:
    return parts is not None and not any(character.isdigit() for part in parts for character in part)


def _plain(word: str) -> str:
    return "".join(filter(str.isalnum, word)).casefold()


def one_edit_apart(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each pair of words that differ by one character inserted, left out or replaced, or by two neighbours swapped.

    Digits do not count: `v1` and `v2` are two of a series. Words that are one edit apart have a spelling in common once
    each has lost at most one character, so the pairs are found by looking those up (the deletion neighbourhoods of Mor
    and Fraenkel, 1982), not by comparing all with all.
    """
    seen: dict[str, list[str]] = {}
    for word in sorted(set(words)):
        shortened = {word, *(word[:at] + word[at + 1 :] for at, each in enumerate(word) if not each.isdigit())}
        others = {other for short in shortened for other in seen.get(short, ())}
        yield from ((other, word) for other in sorted(others) if _is_slip(edit(other, word)))
        for short in shortened:
            seen.setdefault(short, []).append(word)


def edit(one: str, other: str) -> tuple[str, str] | None:
    """The parts in which two words differ, if one edit makes them the same."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    parts = one[start : len(one) - end], other[start : len(other) - end]
    swapped = len(parts[0]) == 2 and parts[0] == parts[1][::-1]
    return parts if swapped or max(map(len, parts)) == 1 else None
