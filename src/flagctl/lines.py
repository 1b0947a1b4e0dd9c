"""Single lines of the project's files, for showing them and for knowing a place again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

Lines = Callable[[str, int], str | None]
"""Gives one line of a file, by path and number, without its end; `None` where there is no such line."""


def source_lines(root: Path, given: Mapping[str, bytes] = MappingProxyType({})) -> Lines:
    """Reads the files under `root`, each once, but for those of which it is `given` what is in them."""

    @cache
    def lines(path: str) -> list[str]:
        try:
            data = given[path] if path in given else (root / path).read_bytes()
        except OSError:
            return []
        text = data.decode("utf-8-sig", "replace")
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    return lambda path, line: lines(path)[line - 1] if 0 < line <= len(lines(path)) else None
