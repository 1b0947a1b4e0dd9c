"""What git knows of keys in code: the commit that first wrote each, and who works on the files that ask for it.

The whole history is read once, oldest commit first, whatever the number of keys: a `git log -S` for each would take a
hundred times as long.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path, PurePosixPath

from ahocorasick_rs import BytesAhoCorasick

from flagctl.adoption.words import words_of
from flagctl.config.files import git, git_stream, shallow_commits

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A key to look for, with what tells it from the same word elsewhere."""

    key: str
    paths: frozenset[str] = frozenset()
    """The files that declare it now."""
    is_name: bool = False
    """Code has it as a name, not as a text: `settings.FEATURE_X`."""


@dataclass(frozen=True, slots=True)
class Birth:
    """The first commit that has a key, and the day that its author wrote it."""

    day: date
    commit: str


@dataclass(frozen=True)
class Births:
    """What is known; `is_cut` where the clone is shallow, so that the day of what was there before is not known."""

    by_key: Mapping[str, Birth] = field(default_factory=dict)
    is_cut: bool = False
    has_commits: bool = False


def read_births(root: Path, wanted: Iterable[Wanted], suffixes: Collection[str], progress: Progress) -> Births:
    """Finds the first commit of every key, as far as the history goes.

    A key counts where it is a text of its own in added lines of files of these suffixes; one of few words first of all
    where what is around it speaks of flags, as it may have been something else before.
    """
    keys = list(wanted)
    total = _number(git(root, "rev-list", "--count", "--no-merges", "HEAD", "--"))
    if not total or not keys:
        return Births(has_commits=bool(total))
    cut = shallow_commits(root)
    finder = _Finder(keys, cut)
    for done, commit in enumerate(_commits(root, suffixes), 1):
        finder.read(*commit)
        progress(min(done, total), total)
        if finder.is_done:
            break
    progress(total, total)
    return Births(finder.births, bool(cut), has_commits=True)


def main_authors(root: Path, paths: Collection[str], years: int = 2) -> Mapping[str, Counter[str]]:
    """By file, how many commits of the last years of the project each author has made to it; robots do not count.

    An author is a handle, where the address of a commit is one that a forge hides the real one behind, and a name else.
    """
    newest = git(root, "log", "-1", "--format=%cs", "HEAD", "--")
    try:
        since = date.fromisoformat((newest or b"").decode().strip()) - timedelta(days=365 * years)
    except ValueError:
        return {}
    authors = _authors(root, paths, f"--since={since}")
    late = {path for path in paths if not authors.get(path)}
    return {**authors, **(_authors(root, late) if late else {})}


def _authors(root: Path, paths: Collection[str], *limits: str) -> dict[str, Counter[str]]:
    names = [f":(literal){path}" for path in sorted(paths)]
    command = ("log", *limits, "--no-merges", "-z", "--name-only", "--no-renames", "--relative", *_PLAIN)
    told = git(root, *command, "--format=%x01%aN%x02%aE", "HEAD", "--", *names)
    found: dict[str, Counter[str]] = defaultdict(Counter)
    author = ""
    for word in (told or b"").replace(b"\n", b"\0").split(b"\0"):
        text = word.decode(errors="replace")
        if text.startswith("\x01"):
            name, _, address = text[1:].partition("\x02")
            author = "" if _ROBOT.search(f"{name} {address}") else _author(name, address)
        elif text in paths and author:
            found[text][author] += 1
    return found


def _author(name: str, address: str) -> str:
    handle = _HIDDEN.fullmatch(address)
    written = " ".join(name.split())
    return f"@{handle[1]}" if handle else written if written.isprintable() else ""


_HIDDEN = re.compile(r"(?:\d+\+)?([A-Za-z0-9-]+)@users\.noreply\.github\.com")
_ROBOT = re.compile(
    r"\[bot\]|\bbot\b|-bot\b|dependabot|renovate|github-actions|pyup|greenkeeper|pre-commit-ci|noreply@github\.com",
    re.I,
)

_PLAIN = ("--no-color", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--ignore-submodules")
"""What a repository configures may not run, nor change what is read."""


def _number(told: bytes | None) -> int:
    text = (told or b"").strip()
    return int(text) if text.isdigit() else 0


_MARK = b"\0\1"
_HEAD = re.compile(rb"([0-9a-f]{40,64}) (\d{4}-\d\d-\d\d)\n")


def _commits(root: Path, suffixes: Collection[str]) -> Iterator[tuple[str, date, bytes]]:
    """Every commit, oldest first: its name, its author's day, and what it changed."""
    paths = [f":(glob)**/*{suffix}" for suffix in sorted(suffixes)]
    command = ("log", "--reverse", "--no-merges", "--no-renames", "-p", "-U0", "--relative", *_PLAIN)
    rest = b""
    prefixes = ("--src-prefix=a/", "--dst-prefix=b/", "--format=%x00%x01%H %as")
    for piece in git_stream(root, *command, *prefixes, "HEAD", "--", *paths):
        *whole, rest = (rest + piece).split(_MARK)
        yield from filter(None, map(_commit, whole))
    if last := _commit(rest):
        yield last


def _commit(text: bytes) -> tuple[str, date, bytes] | None:
    head = _HEAD.match(text)
    if head is None:
        return None
    try:
        return head[1].decode(), date.fromisoformat(head[2].decode()), text[head.end() :]
    except ValueError:
        return None


class _Finder:
    """Looks for keys in one commit after the other."""

    def __init__(self, keys: Iterable[Wanted], cut: frozenset[str]) -> None:
        self._cut = cut
        self._sure: dict[str, Birth | None] = {}
        self._possible: dict[str, Birth | None] = {}
        """Of keys by their names: the first text that is the same, whether or not it is about flags."""
        self._wanted = [(each, name, _pattern(name, each)) for each in keys for name in _names(each.key)]
        self._prepare()

    def _prepare(self) -> None:
        self._left = [each for each in self._wanted if each[1] not in self._sure]
        self._search = BytesAhoCorasick([name.encode() for _, name, _ in self._left]) if self._left else None

    @property
    def is_done(self) -> bool:
        """Whether nothing that is still to come can tell more."""
        return self._search is None

    @property
    def births(self) -> dict[str, Birth]:
        """The first commit of every key; of one that is put together from a namespace and a name, that of the name."""
        found: dict[str, Birth] = {}
        for key in dict.fromkeys(each.key for each, _, _ in self._wanted):
            ways = (known[name] for known in (self._sure, self._possible) for name in _names(key) if name in known)
            if (birth := next(ways, None)) is not None:
                found[key] = birth
        return found

    def read(self, commit: str, day: date, changes: bytes) -> None:
        """Notes which of the keys that are still missing a commit brings."""
        if self._search is None:
            return
        birth = Birth(day, commit) if commit not in self._cut else None
        known = len(self._sure)
        for index, start, _ in self._search.find_matches_as_indexes(changes, overlapping=True):
            wanted, name, pattern = self._left[index]
            if name in self._sure or not _is_added(changes, start, pattern):
                continue
            if wanted.is_name or _is_nothing_else(name) or _is_about_flags(changes, start, wanted):
                self._sure[name] = birth
            else:
                self._possible.setdefault(name, birth)
        if len(self._sure) > known:
            self._prepare()


def _names(key: str) -> list[str]:
    """How code may write a key: as a whole, or what is behind its namespace."""
    return list(dict.fromkeys([key, re.split("[.:/]", key)[-1] or key]))


def _is_added(changes: bytes, start: int, pattern: re.Pattern[bytes]) -> bool:
    """Whether a key stands by itself in an added line."""
    begin = changes.rfind(b"\n", 0, start) + 1
    if changes[begin : begin + 1] != b"+" or changes.startswith(b"+++ ", begin):
        return False
    end = changes.find(b"\n", start)
    return pattern.search(changes[begin + 1 : end if end >= 0 else len(changes)]) is not None


def _is_nothing_else(name: str) -> bool:
    """Whether a text is hardly the name of something else: `group_type` may be a column, `use_new_group_page` not."""
    return len(words_of(name)) > _FEW


_FEW = 2
"""Words that a name has without saying much."""


def _is_about_flags(changes: bytes, start: int, wanted: Wanted) -> bool:
    """Whether a key is given to what asks for flags or is called like one, or is in a file that is about flags."""
    begin = start
    for _ in range(_BEFORE + 1):
        begin = changes.rfind(b"\n", 0, begin)
        if begin < 0 or changes[begin + 1 : begin + 2] != b"+":
            break
    if _ASKING.search(changes[max(begin, 0) : start]):
        return True
    head = changes.rfind(b"\n+++ b/", 0, start)
    path = PurePosixPath(changes[head + 7 : changes.find(b"\n", head + 7)].decode(errors="replace").rstrip("\t"))
    declared = {PurePosixPath(each).name for each in wanted.paths} - {"__init__.py"}
    return head >= 0 and (path.name in declared or _ABOUT.search(path.stem) is not None)


_BEFORE = 3
"""Added lines before a key in which the call that it is given to may begin."""

_ASKING = re.compile(
    rb"(?i)\w*(?:flag|feature|switch|toggle|waffle|experiment|sample|enabled|is_active|(?<=get_)\w*(?:config|option))\w*"
    rb"(?:(?:\.get)?\s*[(\[][^()\[\]]*|(?:\s*:[^=\n]*)?\s*=\s*[(]?\s*|\s+)[\"'`]?!?\Z"
)
_ABOUT = re.compile("(?i)flag|feature|switch|toggle|waffle|experiment")


def _pattern(name: str, wanted: Wanted) -> re.Pattern[bytes]:
    """A key where it stands by itself: as a text of its own, or, for a name, as a word."""
    word = re.escape(name.encode())
    if wanted.is_name:
        return re.compile(rb"(?<!\w)" + word + rb"(?!\w)")
    return re.compile(rb"[\"']!?" + word + rb"[\"']|\{%\s*\w+\s+" + word + rb"\s")
