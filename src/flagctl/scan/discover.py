"""Which files are read: what git tracks or does not ignore; outside git, every file that is not a tool's own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from git import Git, GitCommandError, GitCommandNotFound
from pathspec import GitIgnoreSpec

from flagctl.config import Config

_TOOLS_OWN = {
    ".bzr", ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache",
    ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__", "node_modules", "site-packages", "venv",
}  # fmt: skip


def discover(config: Config) -> list[str]:
    """The files under the configured sources that are not excluded, sorted, POSIX and relative to the root.

    Symbolic links are not followed: what they lead to is read where it is, or is none of ours.
    """
    excluded = GitIgnoreSpec.from_lines(config.exclude)
    sources = [source.strip("/").removeprefix("./") for source in config.sources]
    return sorted(
        path
        for path in _listed(config.root)
        if any(source in ("", ".") or path == source or path.startswith(f"{source}/") for source in sources)
        and not excluded.match_file(path)
        and _is_plain_file(config.root / path)
    )


def _listed(root: Path) -> Iterator[str]:
    """What git lists, or else what is in the folder."""
    try:
        # A repository's own configuration may name a program as file system monitor: it must not run.
        command = ["git", "-c", "core.fsmonitor=false", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        listing = Git(root).execute(command, stdout_as_string=False, strip_newline_in_stdout=False)
    except (GitCommandError, GitCommandNotFound):
        return _walk(root)
    names = listing.split(b"\0") if isinstance(listing, bytes) else ()
    return (name for name in dict.fromkeys(os.fsdecode(each) for each in names) if name)


def _walk(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _TOOLS_OWN]
        for name in files:
            yield (Path(folder) / name).relative_to(root).as_posix()


def _is_plain_file(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()
