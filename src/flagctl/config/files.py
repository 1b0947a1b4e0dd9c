"""Which files there are: what git tracks or does not ignore; outside git, every file that is not a tool's own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

_TOOLS_OWN = {
    ".bzr", ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache",
    ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__", "node_modules", "site-packages", "venv",
}  # fmt: skip


def files_named(name: str, root: Path) -> set[str]:
    """The files of this name in a folder and below it, by their POSIX paths relative to it."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", f":(glob)**/{name}")
    if listed is None:
        return {file for file in walk(root) if file.rpartition("/")[2] == name}
    return set(names(listed))


def names(listing: bytes | None) -> Iterator[str]:
    """The files that git lists with `-z`."""
    return map(os.fsdecode, filter(None, (listing or b"").split(b"\0")))


def git(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """What git answers, `None` outside a work tree or without git.

    A repository's own configuration may name a program as file system monitor: it must not run.
    """
    try:
        command = ["git", "-C", str(root), "-c", "core.fsmonitor=false", *arguments]
        return subprocess.run(command, capture_output=True, check=True, input=given).stdout  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None


def walk(root: Path) -> Iterator[str]:
    """Every file in a folder and below it that is not a tool's own."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _TOOLS_OWN]
        for name in files:
            yield (Path(folder) / name).relative_to(root).as_posix()
