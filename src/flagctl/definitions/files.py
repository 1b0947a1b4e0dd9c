"""Which files hold definitions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from flagctl.config import Config

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
    root = Path(os.path.realpath(config.root))
    by_target: dict[Path, Path] = {}
    for path in sorted(found, key=Path.as_posix):
        target = Path(os.path.realpath(path))
        # Of a file and the links to it, the file itself is the one to name.
        if target.is_relative_to(root) and (target not in by_target or target == root / path.relative_to(config.root)):
            by_target[target] = path
    return sorted(by_target.values(), key=Path.as_posix)


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
