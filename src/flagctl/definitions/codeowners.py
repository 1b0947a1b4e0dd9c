"""CODEOWNERS, as GitHub and GitLab read it: whose review a change to a file needs."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

places = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
"""Where it is looked for; the first that is there counts."""

_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>.*)")
_WORD = re.compile(r"(?:\\.|[^\s\\])+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: which files, and who owns them."""

    pattern: re.Pattern[str]
    owners: tuple[str, ...]
    section: str = ""
    """GitLab's: each section says on its own who owns a file."""


@dataclass(frozen=True, slots=True)
class CodeOwners:
    """The owners of files. Of the lines of a section that fit a file the last one wins; one may give it to nobody."""

    path: str
    entries: tuple[Entry, ...] = ()
    folder: str = ""
    """Where the project lies for it, `services/shop/`: it may be that of a repository around the project."""

    @property
    def names(self) -> frozenset[str]:
        """Everybody who owns something."""
        return frozenset(name for entry in self.entries for name in entry.owners)

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a file, by its POSIX path from the root."""
        last = {entry.section: entry.owners for entry in self.entries if entry.pattern.fullmatch(self.folder + path)}
        return tuple(dict.fromkeys(name for owners in last.values() for name in owners))


def read_code_owners(root: Path, around: Path | None = None) -> CodeOwners | None:
    """What the CODEOWNERS of a project says, or else that of the git repository around it; `None` without either.

    `around` is where the project lies, if what is read has been laid out elsewhere.
    """
    if (own := _read(root)) is not None:
        return CodeOwners(*own)
    root = around or root
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    if top == root or (outer := _read(top)) is None:
        return None
    place, entries = outer
    return CodeOwners(os.path.relpath(top / place, root), entries, f"{root.relative_to(top).as_posix()}/")


def _read(folder: Path) -> tuple[str, tuple[Entry, ...]] | None:
    for place in places:
        try:
            text = (folder / place).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        return place, tuple(_entries(text))
    return None


def _entries(text: str) -> Iterator[Entry]:
    section, inherited = "", tuple[str, ...]()
    for line in text.splitlines():
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        if (found := _SECTION.fullmatch(words)) is not None:
            section, inherited = found["name"].lower(), _owners(_WORD.findall(found["owners"]))
            continue
        if not (found_words := _WORD.findall(words)):
            continue  # a lone backslash
        first, *rest = found_words
        yield Entry(_pattern(re.sub(r"\\(.)", r"\1", first)), _owners(rest) or inherited, section)


def _owners(words: list[str]) -> tuple[str, ...]:
    """The names on a line, up to a comment."""
    found: list[str] = []
    for word in words:
        if word.startswith("#"):
            break
        found.append(word)
    return tuple(found)


def _pattern(glob: str) -> re.Pattern[str]:
    """The paths that a pattern means.

    It is read as in a `.gitignore`, but that `docs/*` means the files of a folder, and not those in folders below it.
    """
    is_anchored = "/" in glob.rstrip("/")
    body = re.sub(r"(?:\*\*/)+", "**/", re.sub(r"\*{3,}", "**", glob.strip("/")))  # or matching could take for ever
    regex = "" if is_anchored else "(?:.*/)?"
    at = 0
    while at < len(body):
        if body.startswith("**/", at):
            regex, at = f"{regex}(?:.*/)?", at + 3
        elif body.startswith("**", at):
            regex, at = f"{regex}.*", at + 2
        else:
            regex += {"*": "[^/]*", "?": "[^/]"}.get(body[at], re.escape(body[at]))
            at += 1
    below = "/.*" if glob.endswith("/") else "" if body.endswith("/*") else "(?:/.*)?"
    return re.compile(regex + below)
