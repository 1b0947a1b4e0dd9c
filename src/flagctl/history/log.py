"""Git's log as data: the commits that touched some files, with the contents that they replaced."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from flagctl.config.files import git_must
from flagctl.past import Commit, Person

_FIELDS = ("%H", "%P", "%an", "%ae", "%at", "%ct", "%B")
_FORMAT = "%x00".join(_FIELDS)
_RAW = (
    "--raw", "-z", "--no-abbrev", "--no-renames", "--relative", "--no-color", "--no-ext-diff", "--no-textconv",
    f"--format={_FORMAT}", "--encoding=UTF-8",
)  # fmt: skip
_PLAIN = ("--root", "--no-follow")
"""What a repository may configure otherwise (see `config.files`)."""
_COMMIT = re.compile("[0-9a-f]{40,64}")
_NO_FILE = re.compile("0+")

_TRAILER = re.compile(
    r"^(?P<margin>[ \t]*)(?P<name>Flag-Reason|Reviewed-by|Approved-by):"
    r"[ \t]*(?P<text>.*(?:\n(?P=margin)[ \t]+\S.*)*)",
    re.I | re.M,
)
"""Anywhere in a message: a squashed pull request has those of its commits in the middle, `git merge --squash` with a
margin. Lines may be folded: then they are set in further."""
_PERSON = re.compile(r"(?P<name>.*?)\s*<(?P<email>[^<>]*)>.*", re.S)


@dataclass(frozen=True, slots=True)
class Touched:
    """What a commit did to one file: the names of its content before and after, `None` where there was no file."""

    path: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A commit of the log with its parents, and the files among those that were asked for that it touched."""

    commit: Commit
    parents: tuple[str, ...]
    files: tuple[Touched, ...]


def mainline(root: Path, head: str, since: str | None, files: Sequence[str]) -> list[Entry]:
    """The first parents of a commit, oldest first, down to one that is left out; a merge is compared with its first.

    `files` are pathspecs.
    """
    listed = git_must(root, "log", *_PLAIN, "--first-parent", "-m", *_RAW, *_range(head, since), "--", *files)
    return list(_entries(listed))[::-1]


def touching(root: Path, commits: Sequence[str], files: Sequence[str]) -> list[Entry]:
    """Those of some commits that touched the files, in their order; of a merge only what no parent has."""
    if not commits:
        return []
    asked = "".join(f"{each}\n" for each in commits).encode("ascii")
    listed = git_must(root, "diff-tree", "--stdin", "--root", "-c", "-r", *_RAW, "--", *files, given=asked)
    return list(_entries(listed))


def graph(root: Path, head: str, since: str | None) -> dict[str, tuple[str, ...]]:
    """The parents of every commit, children before parents, as far as the clone has them."""
    listed = git_must(root, "rev-list", "--topo-order", "--parents", *_range(head, since)).decode("ascii").splitlines()
    return {commit: tuple(parents) for commit, *parents in map(str.split, listed)}


def everything_touched(root: Path, entries: Iterable[Entry]) -> dict[str, tuple[Touched, ...]]:
    """Every file that some commits touched, compared with their first parents, wherever it lies."""
    asked = "".join(f"{each.commit.id} {each.parents[0]}\n" for each in entries if each.parents).encode("ascii")
    if not asked:
        return {}
    options = ("-r", "--raw", "-z", "--no-abbrev", "--no-renames", "--relative", "--stdin")
    tokens = git_must(root, "diff-tree", *options, given=asked).decode(errors="surrogateescape").split("\0")
    found: dict[str, list[Touched]] = {}
    files: list[Touched] = []
    at = 0
    while at < len(tokens) - 1:
        if tokens[at].startswith(":"):
            files.append(_touched(tokens[at], tokens[at + 1]))
            at += 2
        else:
            files = found.setdefault(tokens[at].strip().partition(" ")[0], [])
            at += 1
    return {commit: tuple(each) for commit, each in found.items()}


def brought_by(commit: Commit, merge: Commit) -> Commit:
    """A commit as it reached a branch by a merge, whose message may say what its own does not."""
    return replace(
        commit,
        landed=merge.landed,
        reason=commit.reason or merge.reason,
        reviewers=tuple(dict.fromkeys((*commit.reviewers, *merge.reviewers))),
        approvers=tuple(dict.fromkeys((*commit.approvers, *merge.approvers))),
    )


def _range(head: str, since: str | None) -> list[str]:
    return ["--end-of-options", head, *([f"^{since}"] if since else [])]


def _entries(listed: bytes) -> Iterator[Entry]:
    tokens = listed.decode(errors="surrogateescape").split("\0")
    at = 0
    while at + len(_FIELDS) < len(tokens):
        fields = dict(zip(_FIELDS, tokens[at : at + len(_FIELDS)], strict=True))
        at += len(_FIELDS)
        files = []
        while at < len(tokens) and not _COMMIT.fullmatch(tokens[at]):
            if tokens[at].lstrip("\n").startswith(":"):
                files.append(_touched(tokens[at], tokens[at + 1]))
                at += 1
            at += 1  # a path, or what git puts between a message and the files
        yield Entry(_commit(fields), tuple(fields["%P"].split()), tuple(files))


def _touched(raw: str, path: str) -> Touched:
    """`:MODE MODE ID ID STATUS`, and with a colon, a mode and an id more for every further parent."""
    words = raw.strip().lstrip(":").split(" ")
    parents = (len(words) - 3) // 2
    modes, ids = words[: parents + 1], words[parents + 1 : -1]
    before, after = (
        None if _NO_FILE.fullmatch(name) or not mode.startswith("100") else name
        for mode, name in ((modes[0], ids[0]), (modes[-1], ids[-1]))
    )
    return Touched(os.fsdecode(path.encode(errors="surrogateescape")), before, after)


def _commit(fields: Mapping[str, str]) -> Commit:
    message = fields["%B"]
    said: dict[str, list[str]] = {}
    for trailer in _TRAILER.finditer(message):
        if words := " ".join(trailer["text"].split()):
            said.setdefault(trailer["name"].lower(), []).append(words)
    reasons = said.get("flag-reason", [])
    return Commit(
        id=fields["%H"],
        author=Person(fields["%an"], fields["%ae"]),
        written=_day(fields["%at"]),
        landed=_day(fields["%ct"]),
        subject=message.strip().partition("\n")[0].strip(),
        reason="; ".join(dict.fromkeys(reasons)) or None,
        reviewers=tuple(map(_person, said.get("reviewed-by", ()))),
        approvers=tuple(map(_person, said.get("approved-by", ()))),
    )


def _person(text: str) -> Person:
    """`Ann Lee <ann@example.com>`, an address alone, or a handle."""
    if found := _PERSON.fullmatch(text):
        return Person(found["name"].strip('" '), found["email"].strip())
    return Person("", text) if "@" in text[1:] else Person(text, "")


def _day(seconds: str) -> date:
    """A day in UTC; what no calendar has is the last one that it has, or the first."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC).date()
    except (ValueError, OverflowError, OSError):
        return date.min if seconds.startswith("-") else date.max
