"""Which files hold definitions."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path, PurePosixPath

from flagctl.config import Config
from flagctl.definitions.source import MAX_BYTES

suffixes = (".yaml", ".yml")
metric_trees = ("metrics.yaml", "metrics.yml")
archive = "archive"
"""Where tombstones lie: definitions of flags that are gone."""


def definition_files(config: Config) -> list[Path]:
    """The files that the `definitions` of the configuration and its parts name, sorted, each once.

    A folder among them is one that cannot be listed or has a file's name; to read it fails, which says so.

    Raises:
        InputError: an entry is not a glob.
    """
    found = {path for each in config.everywhere for entry in each.definitions for path in _entry(each, entry)}
    found -= {config.root / each.owners for each in config.everywhere if each.owners}
    return _each_once(config.root, found)


def metric_tree_files(config: Config, definitions: Iterable[str]) -> list[Path]:
    """The files of the metric tree: beside definitions and in the folders that the configuration names for them.

    `definitions` are the files that hold some: deeper down, one of them may have a metric tree's name.
    """
    folders = {PurePosixPath(file).parent for file in definitions}
    folders |= {PurePosixPath(entry) for each in config.everywhere for entry in each.definitions}
    found = {config.root / folder / name for folder in folders for name in metric_trees}
    found -= {config.root / file for file in definitions}
    return _each_once(config.root, {path for path in found if os.path.lexists(path)})


def _each_once(root: Path, found: Iterable[Path]) -> list[Path]:
    """Files sorted, without those outside of a root, and without links to others among them."""
    real_root = Path(os.path.realpath(root))
    by_target: dict[Path, Path] = {}
    for path in sorted(found, key=Path.as_posix):
        target = Path(os.path.realpath(path))
        # Of a file and the links to it, the file itself is the one to name.
        is_itself = target == real_root / path.relative_to(root)
        if target.is_relative_to(real_root) and (target not in by_target or is_itself):
            by_target[target] = path
    return sorted(by_target.values(), key=Path.as_posix)


def fixed_part(entry: str) -> str:
    """The folder or file that an entry of the configuration names, as far as it is no glob."""
    parts: list[str] = []
    for part in PurePosixPath(entry).parts:
        if any(character in part for character in "*?["):
            break
        parts.append(part)
    return "/".join(parts)


def is_in(path: str, folders: Collection[str]) -> bool:
    """Whether a path is one of some folders or in one; the empty one is the root."""
    return "" in folders or path in folders or any(path[:at] in folders for at, each in enumerate(path) if each == "/")


class UnreadableError(Exception):
    """A file of the definitions that cannot be read; the message says why."""


def read_bytes(path: Path) -> bytes:
    """What a file holds, up to a little more than what is read of one.

    Raises:
        UnreadableError: it is no file, or may not be read.
    """
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode) and not path.name.endswith(suffixes):
            raise UnreadableError("the folder cannot be listed; check its permissions")
        # Asked before opening: to open a pipe waits for its writer.
        if not stat.S_ISREG(mode):
            raise UnreadableError("this is not a file; rename it or move it out of the definitions")
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableError(f"the file cannot be read: {error.strerror or error}") from None


def _entry(config: Config, entry: str) -> Iterator[Path]:
    path = config.root / entry
    if path.is_dir():
        yield from _below(path)
    elif path.is_file():
        yield path
    else:
        yield from _glob(config, entry)


def _glob(config: Config, pattern: str) -> Iterator[Path]:
    try:
        matches = list((config.root / config.folder).glob(pattern.removeprefix(config.folder)))
    except (ValueError, NotImplementedError) as error:
        raise config.error("definitions", f'"definitions" holds no folder or glob: {error}') from None
    for path in matches:
        if archive in path.relative_to(config.root).parts[:-1]:
            continue
        if path.suffix in suffixes:
            if path.name not in metric_trees:
                yield path
        elif path.is_dir() and path.name != archive:
            yield from _below(path)


def _below(folder: Path) -> Iterator[Path]:
    """The YAML files in a folder and the folders inside it; links to folders are not followed."""
    unlisted: list[OSError] = []
    for parent, folders, names in os.walk(folder, onerror=unlisted.append):
        folders[:] = [name for name in folders if name != archive]
        for name in names + folders:
            is_metric_tree = Path(parent) == folder and name in metric_trees
            if name.endswith(suffixes) and not is_metric_tree:
                yield Path(parent, name)
    yield from (Path(error.filename) for error in unlisted)
