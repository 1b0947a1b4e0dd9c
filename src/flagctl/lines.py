"""Single lines of the project's files, for showing them and for knowing a place again."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

Lines = Callable[[str, int], str | None]
"""Gives one line of a file, by path and number, without its end; `None` where there is no such line."""


def source_lines(root: Path) -> Lines:
    """Reads the files under `root`, each once."""

    @cache
    def lines(path: str) -> list[str]:
        try:
            text = (root / path).read_bytes().decode("utf-8-sig", "replace")
        except OSError:
            return []
        return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    return lambda path, line: lines(path)[line - 1] if 0 < line <= len(lines(path)) else None
