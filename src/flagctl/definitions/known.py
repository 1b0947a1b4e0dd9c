"""Which files are known to fit their schema: jsonschema takes longer to import than all else here."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from flagctl.cache import Cache, Entry, run_id


class Known:
    """The files that earlier runs found to be valid by one schema; without a cache there are none."""

    def __init__(self, cache: Cache | None, schema: dict[str, Any]) -> None:
        self._cache = cache
        self._run = run_id("valid definitions", schema) if cache else ""
        self._entries = cache.read(self._run) if cache else {}
        self._new: dict[Entry, str] = {}

    def is_valid(self, path: str, data: bytes) -> bool:
        return bool(self._entries) and _entry(path, data) in self._entries

    def add(self, path: str, data: bytes) -> None:
        """Remembers that a file is valid."""
        if self._cache and not self.is_valid(path, data):
            self._new[_entry(path, data)] = ""

    def keep(self) -> None:
        """Hands what was added to the runs after this one."""
        if self._cache:
            self._cache.write({self._run: self._new})


def _entry(path: str, data: bytes) -> Entry:
    return path, sha256(data).hexdigest()
