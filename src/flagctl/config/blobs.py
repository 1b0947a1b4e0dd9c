"""The contents that git keeps, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from flagctl.config.files import git, git_must

_AT_ONCE = 2_000
"""Contents that are in memory together."""


def blobs(root: Path, names: Iterable[str], most: int | None = None) -> Iterator[tuple[str, bytes | None]]:
    """The contents of some names, `None` for one that is not at hand; without those of more than `most` bytes."""
    every = list(dict.fromkeys(names))
    for start in range(0, len(every), _AT_ONCE):
        some = every[start : start + _AT_ONCE]
        asked = "".join(f"{name}\n" for name in some).encode("ascii")
        told = git(root, "cat-file", "--batch-check", "--buffer", given=asked)
        if told is None:  # a partial clone, which would have to fetch some of them
            told = _at_hand(root, some)
        small = []
        for name, line in zip(some, told.decode("ascii", "replace").splitlines(), strict=True):
            *_, kind, size = line.split(" ")
            if kind != "blob":
                yield name, None
            elif most is None or int(size) <= most:
                small.append(name)
        yield from _read(root, small)


def _at_hand(root: Path, names: Iterable[str]) -> bytes:
    """What `--batch-check` says of contents, told of all that are at hand."""
    listed = git_must(root, "cat-file", "--batch-all-objects", "--batch-check", "--buffer", "--unordered")
    lines = {line[: line.index(b" ")]: line for line in listed.splitlines()}
    return b"\n".join(lines.get(name.encode("ascii"), b"missing 0") for name in names)


def _read(root: Path, names: list[str]) -> Iterator[tuple[str, bytes]]:
    told = git_must(root, "cat-file", "--batch", "--buffer", given="".join(f"{name}\n" for name in names).encode())
    at = 0
    for name in names:
        end = told.index(b"\n", at)
        size = int(told[at:end].rpartition(b" ")[2])
        yield name, told[end + 1 : end + 1 + size]
        at = end + 1 + size + 1
