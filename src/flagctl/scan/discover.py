"""Which files are read: what git tracks or does not ignore; outside git, every file that is not a tool's own."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha1, sha256
from pathlib import Path

from flagctl.config import Config
from flagctl.config.files import git, names, walk
from flagctl.config.tree import Tree


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read; `content` names what is in it (see `_content_name`), where git knows that without reading it."""

    path: str
    content: str | None = None
    blob: str | None = None
    """What git keeps for it as it is now, where that is known: it may be something else than what is in it."""
    data: bytes | None = None
    """What is in it, where that does not lie in the work tree."""


def discover(config: Config) -> list[Source]:
    """The files under the configured sources that are not excluded, sorted, POSIX and relative to the root.

    Symbolic links are not followed: what they lead to is read where it is, or is none of ours.
    """
    listed = sorted(_listed(config.root), key=lambda file: file.path)
    return [file for file in listed if config.at(file.path).reads(file.path)]


def before(config: Config, tree: Tree, now: Iterable[Source], contents: Mapping[str, str]) -> list[Source]:
    """The sources as they are in a tree; `contents` names what is in those of `now` that were read.

    A file that is the same now is read where it is. One that is not here because the checkout is sparse is in neither.
    """
    known = {source.path: (source, contents.get(source.path) or source.content) for source in now}
    found, other = [], []
    for path, blob in tree.files.items():
        source, content = known.get(path, (None, None))
        if source is None and not config.at(path).reads(path):
            continue
        if source and (blob == source.blob or (content and blob == content.partition("-")[0])):
            found.append(replace(source, content=content))
        else:
            other.append(path)
    if any(not os.path.lexists(f"{config.root}/{path}") for path in other):
        sparse = _not_checked_out(config.root)
        other = [path for path in other if path not in sparse]
    found += (Source(path, f"{tree.files[path]}-{len(data)}", data=data) for path, data in tree.read(other).items())
    return sorted(found, key=lambda file: file.path)


def _not_checked_out(root: Path) -> set[str]:
    """The files that git keeps out of a sparse checkout."""
    listed = git(root, "ls-files", "-z", "-t", "--cached") or b""
    return {os.fsdecode(each[2:]) for each in listed.split(b"\0") if each.startswith(b"S ")}


def project_files(root: Path) -> list[str]:
    """All plain files of a project, sources or not, sorted, POSIX and relative to the root."""
    return sorted(file.path for file in _listed(root))


def read(root: Path, file: Source) -> tuple[bytes, str]:
    """What is in a file, and the name of that content.

    Git's name for it is taken only where it is true, but for line ends, which git may have changed.

    Raises:
        OSError: it cannot be read.
    """
    if file.data is not None and file.content:
        return file.data, file.content
    with open(f"{root}/{file.path}", "rb") as opened:  # noqa: PTH123 - pathlib is ten times as slow, for every file
        data = opened.read()
    known = file.content
    name = _content_name(data, len(data), known)
    if known and known != name and known == _content_name(data.replace(b"\r\n", b"\n"), len(data), known):
        return data, known
    return data, name


def _content_name(data: bytes, size: int, like: str | None) -> str:
    """A content's name: that of a git blob, so that what git tells and what was read are comparable, and its size.

    The size is that in the work tree, where the same lines may end in another way.
    """
    make = sha256 if like and len(like.partition("-")[0]) == 64 else sha1
    name = make(b"blob %d\0" % len(data), usedforsecurity=False)
    name.update(data)
    return f"{name.hexdigest()}-{size}"


def _listed(root: Path) -> Iterator[Source]:
    """What git lists, or else what is in the folder; plain files only."""
    tracked = git(root, "ls-files", "-z", "--cached", "--stage", "--debug")
    if tracked is None:
        others: Iterable[str] = walk(root)
    else:
        others = names(git(root, "ls-files", "-z", "--others", "--exclude-standard"))
        entries = list(_ENTRY.finditer(tracked))
        if len(entries) == tracked.count(b"\0"):
            yield from _tracked(root, entries)
        else:  # a git that says it in another way
            others = {*others, *names(git(root, "ls-files", "-z", "--cached"))}
    for name in others:
        if _plain_status(root, name) is not None:
            yield Source(name)


def _tracked(root: Path, entries: Iterable[re.Match[bytes]]) -> Iterator[Source]:
    index = git(root, "rev-parse", "--git-path", "index")
    try:
        written = (root / os.fsdecode((index or b"").strip())).stat().st_mtime_ns
    except OSError:
        written = 0
    by_path = {os.fsdecode(entry["path"]): entry for entry in entries}
    filtered = _filtered(root, by_path)
    for path, entry in by_path.items():
        status = _plain_status(root, path)
        if status is None:
            continue
        blob = entry["id"].decode() if _is_unchanged(entry, status, written) else None
        yield Source(path, f"{blob}-{status.st_size}" if blob and path not in filtered else None, blob)


def _filtered(root: Path, paths: Iterable[str]) -> set[str]:
    """The files of which git keeps something else than what is in the work tree, besides other line ends."""
    attributes = git(root, "config", "--get-regexp", r"^(core\.attributesfile$|filter\.)") or b""
    if not attributes and not any(path.endswith(".gitattributes") for path in paths):
        return set()
    asked = b"\0".join(map(os.fsencode, paths))
    told = git(root, "check-attr", "-z", "--stdin", *_CHANGING, given=asked) or b""
    fields = told.split(b"\0")
    return {
        os.fsdecode(path)
        for path, value in zip(fields[::3], fields[2::3], strict=False)
        if value not in (b"unspecified", b"unset")
    }


_CHANGING = ("filter", "ident", "working-tree-encoding")

_ENTRY = re.compile(
    rb"\d{6} (?P<id>[0-9a-f]{40,64}) \d\t(?P<path>[^\0]+)\0"
    rb"  ctime: (?P<ctime>\d+:\d+)\n  mtime: (?P<mtime>\d+:\d+)\n"
    rb"  dev: \d+\tino: \d+\n  uid: \d+\tgid: \d+\n  size: (?P<size>\d+)\tflags: \w+\n"
)
"""An entry of git's index with what git noted of the file when it last looked at it."""


def _is_unchanged(entry: re.Match[bytes], status: os.stat_result, written: int) -> bool:
    """Whether a file is as git has noted it, by its size and times.

    A file that changed after git looked at it, in the same tick of the clock, would look the same: so what is no older
    than the index itself is not believed (git's own "racy" entries).
    """
    noted, changed = _nanoseconds(entry["mtime"]), _nanoseconds(entry["ctime"])
    is_same = status.st_size == int(entry["size"]) and (status.st_mtime_ns, status.st_ctime_ns) == (noted, changed)
    return is_same and noted < written


def _nanoseconds(time: bytes) -> int:
    seconds, _, nanoseconds = time.partition(b":")
    return int(seconds) * 1_000_000_000 + int(nanoseconds)


def _plain_status(root: Path, path: str) -> os.stat_result | None:
    """When and how large a file is; `None` if it is no plain file."""
    try:
        status = os.lstat(f"{root}/{path}")  # pathlib is ten times as slow, and this is done for every file
    except OSError:
        return None
    return status if stat.S_ISREG(status.st_mode) else None
