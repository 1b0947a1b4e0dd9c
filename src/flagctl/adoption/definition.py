"""The definition that is written for a flag that code has: what is known, and what is a guess, with its reason."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flagctl.adoption.births import Birth
from flagctl.adoption.words import word_set, words_of
from flagctl.definitions.codeowners import CodeOwners
from flagctl.definitions.new import definition_text
from flagctl.model import Kind, Lifetime, Reference, Role


@dataclass(frozen=True, slots=True)
class Seen:
    """What code says of one key that has no definition."""

    key: str
    references: tuple[Reference, ...]
    description: str | None = None
    """What the registry says of it."""
    aliases: tuple[str, ...] = ()

    @property
    def uses(self) -> list[Reference]:
        """Where it is asked for, tests left out."""
        return [each for each in self.references if each.role is Role.EVALUATION and not each.in_tests]

    @property
    def declarations(self) -> list[Reference]:
        return [each for each in self.references if each.role is Role.DECLARATION and not each.in_tests]

    @property
    def is_name(self) -> bool:
        """Whether code has the key as a name, and not as a text."""
        return bool(self.uses) and all(each.kind is Kind.ATTRIBUTE for each in self.uses)

    @property
    def file(self) -> str:
        """The file that speaks for it most: where it is first asked for, or else declared."""
        return (self.uses or self.declarations)[0].location.path


@dataclass(frozen=True, slots=True)
class Origin:
    """What git and CODEOWNERS say of a flag."""

    birth: Birth | None = None
    owner: str | None = None
    owner_from: str = ""
    """Where the owner is from, if a person has to confirm it."""


_DECLARED = frozenset((Kind.REGISTRY, Kind.FLAG_OBJECT, Kind.ENUM))


def flags_seen(
    references: Iterable[Reference], declared: frozenset[str], said: Mapping[str, str], is_history: re.Pattern[str]
) -> list[Seen]:
    """The flags that code has and nobody declared, by key.

    A key is one if it is asked for outside of tests, or listed where code lists its flags. What only tests made up is
    none, nor is what only migrations (`is_history`) still name.
    """
    by_key: dict[str, list[Reference]] = {}
    for each in references:
        if each.flag is not None and each.flag not in declared:
            by_key.setdefault(each.flag, []).append(each)
    return [
        Seen(key, tuple(found), said.get(key))
        for key, found in sorted(by_key.items())
        if any(_speaks_for_a_flag(each) and not is_history.search(each.location.path) for each in found)
    ]


def _speaks_for_a_flag(reference: Reference) -> bool:
    if reference.in_tests:
        return False
    is_declared = reference.role is Role.DECLARATION and reference.kind in _DECLARED
    return reference.role is Role.EVALUATION or is_declared


def owner_of(seen: Seen, code_owners: CodeOwners | None, authors: Mapping[str, Counter[str]]) -> tuple[str | None, str]:
    """Whom CODEOWNERS gives the file to, or who changed the code that asks most of late; and where that is from."""
    if code_owners is not None and (owners := code_owners.of(seen.file)):
        return owners[0], "" if len(owners) == 1 else f"the first of {len(owners)} in CODEOWNERS: please confirm"
    commits: Counter[str] = Counter()
    for path in {each.location.path for each in seen.uses or seen.declarations}:
        commits += authors.get(path, Counter())
    if not commits:
        return None, ""
    return min(commits, key=lambda name: (-commits[name], name)), "from git: please confirm"


# --- what kind of flag it is ------------------------------------------------------------------------------------------

_STANDING = ("ops", "permission")

_TYPES = (
    ("experiment", word_set("ab abtest experiment experiments holdout treatment variant variants")),
    (
        "ops",
        word_set(
            "bypass circuit debug disable disabled disallow emergency fallback kill killswitch limit limiting limits "
            "logging maintenance max min pause paused pool readonly retries retry sample sampling threads throttle "
            "throttling timeout timeouts"
        ),
    ),
    ("permission", word_set("access admin admins beta entitlement permission permissions premium staff")),
)
_READ_ONLY = re.compile(r"read[._-]?only", re.I)


@dataclass(frozen=True, slots=True)
class Guess:
    """A type of flag, and what speaks for it."""

    type: str
    why: str


def guess(seen: Seen) -> Guess:
    """What a flag may be for, by the words of its key and what code falls back on."""
    if compared_values(seen):
        return Guess("experiment", "a guess: code asks which variant it is")
    value = _fallback(seen)
    words = words_of(seen.key)
    for kind, speaking in _TYPES:
        if word := next((each for each in words if each in speaking), None):
            return Guess(kind, f'a guess: its key says "{word}"')
    if _READ_ONLY.search(seen.key):
        return Guess("ops", 'a guess: its key says "read only"')
    if value is not None and not isinstance(value, bool):
        return Guess("ops", "a guess: it has a number" if isinstance(value, int | float) else "a guess: it has a text")
    return Guess("release", "a guess: nothing says that it is to stay")


def compared_values(seen: Seen) -> bool:
    """Whether code asks for a variant by name."""
    return any(each.returns == "variant" for each in seen.uses)


def _fallback(seen: Seen) -> bool | int | float | str | None:
    """What code falls back on wherever it says so, if that is written out and of one kind."""
    values: list[bool | int | float | str] = []
    for each in seen.uses:
        try:
            value = ast.literal_eval(each.default) if each.default is not None else None
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, bool | int | float | str):
            values.append(value)
    return values[0] if values and len({type(each) for each in values}) == 1 else None


def written(seen: Seen, origin: Origin, today: date, lifetime: Lifetime, *, is_cut: bool) -> str:
    """The definition as YAML. What only a person can know is not in it: the baseline has the findings that say so."""
    kind = guess(seen)
    days = getattr(lifetime, kind.type)
    fallback = _fallback(seen)
    lines: list[tuple[str, object, str]] = [("key", seen.key, "")]
    description = " ".join((seen.description or "").split())[:200]
    if description.isprintable() and description:
        lines.append(("description", description, ""))
    lines.append(("type", kind.type, kind.why))
    if origin.owner:
        lines.append(("owner", origin.owner, origin.owner_from))
    if origin.birth:
        lines.append(("created", origin.birth.day, f"{origin.birth.commit[:10]} first has the key"))
    text = "".join(_line(*each) for each in lines)
    if origin.birth is None and is_cut:
        text += "# created: before this shallow clone begins; `git fetch --unshallow` brings the rest\n"
    rest: list[tuple[str, object, str]] = [("adopted", today, "")]
    if kind.type in _STANDING:
        rest.append(("review_by", today + timedelta(days), ""))
        rest.append(("expected_end_state", "keep", ""))
    else:
        rest.append(("expires", today + timedelta(days), f"{days} days from its adoption: please decide"))
        rest.append(("expected_end_state", "remove", ""))
    if fallback is not None and not isinstance(fallback, bool) and not compared_values(seen):
        rest.append(("variants", {"default": fallback}, ""))
    if seen.aliases:
        rest.append(("aliases", list(seen.aliases), ""))
    return text + "".join(_line(*each) for each in rest)


def _line(name: str, value: object, comment: str) -> str:
    text = definition_text({name: value})
    return f"{text.rstrip()}  # {comment}\n" if comment and text.count("\n") == 1 else text


def file_names(paths: Sequence[str], taken: Iterable[str]) -> list[str]:
    """Paths of which no two are one file, whatever the file system thinks of capitals: `-2` is put behind a name."""
    used = {each.casefold() for each in taken}
    found = []
    for path in paths:
        stem, number, name = path.removesuffix(".yaml"), 1, path
        while name.casefold() in used:
            number += 1
            name = f"{stem}-{number}.yaml"
        used.add(name.casefold())
        found.append(name)
    return found
