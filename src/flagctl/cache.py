"""What earlier runs found, kept in one SQLite file in the user's cache folder.

An entry is the facts of one file's content in one kind of run; `run` names everything else that the facts depend on,
down to the code that found them. Nothing here is ever the only copy: whatever goes wrong with the file, the run goes
on without it.
"""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from zlib import crc32

from platformdirs import user_cache_path

_FORMAT = 3
_KEPT_DAYS = 30
_PATIENCE = 5
"""Seconds to wait for another run that writes."""

_TABLES = """
CREATE TABLE IF NOT EXISTS runs (run TEXT PRIMARY KEY, day INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (
    run TEXT, path BLOB, content TEXT, value TEXT NOT NULL, check_sum INTEGER NOT NULL,
    PRIMARY KEY (run, path, content)
) WITHOUT ROWID;
"""

Entry = tuple[str, str]
"""The path of a file and the name of its content."""


def cache_file() -> Path:
    """Where the cache is."""
    return user_cache_path("flagctl") / "scan.sqlite"


class Cache:
    """The cache as a run sees it; `notices` are what went wrong with it, one line each."""

    def __init__(self, file: Path | None) -> None:
        """`file` is `None` for a run that neither reads nor writes one."""
        self._file = file
        self._read: dict[str, dict[Entry, str]] = {}
        self.notices: list[str] = []

    def read(self, run: str) -> dict[Entry, str]:
        """Every entry of a kind of run, as it was when it was first asked for or written."""
        if run not in self._read:
            self._read[run] = self._stored(run)
        return self._read[run]

    def _stored(self, run: str) -> dict[Entry, str]:
        if self._file is None:
            return {}
        try:
            if not self._file.exists():
                return {}
            with closing(self._connect()) as database:
                rows = database.execute("SELECT path, content, value, check_sum FROM facts WHERE run = ?", (run,))
                found = {}
                for path, content, value, check_sum in rows:
                    if check_sum != _check_sum(run, path, content, value):
                        raise sqlite3.DatabaseError("an entry is not what was written")
                    found[(os.fsdecode(path), content)] = value
                return found
        except (sqlite3.Error, OSError, AttributeError, TypeError, ValueError) as error:
            self._complain(error)
        return {}

    def write(self, runs: Mapping[str, Mapping[Entry, str]]) -> None:
        """Adds entries to kinds of runs, all or none, and forgets the runs to which none were added for long."""
        if self._file is None or not any(runs.values()):
            return
        today = int(time.time()) // 86_400
        rows = (
            (run, name, content, value, _check_sum(run, name, content, value))
            for run, entries in runs.items()
            for (path, content), value in entries.items()
            for name in [os.fsencode(path)]
        )
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with closing(self._connect()) as database, database:
                database.executescript(_TABLES)
                database.execute("BEGIN IMMEDIATE")
                old = "SELECT run FROM runs WHERE day < ?"
                database.execute(f"DELETE FROM facts WHERE run IN ({old})", (today - _KEPT_DAYS,))  # noqa: S608
                database.execute("DELETE FROM runs WHERE day < ?", (today - _KEPT_DAYS,))
                database.executemany("INSERT OR REPLACE INTO runs VALUES (?, ?)", ((run, today) for run in runs))
                database.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?, ?)", rows)
        except (sqlite3.Error, OSError) as error:
            self._complain(error)

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(str(self._file), timeout=_PATIENCE)

    def _complain(self, error: Exception) -> None:
        """Goes on without a cache that cannot be used, and makes one anew that is damaged; says so once."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if code == sqlite3.SQLITE_ERROR and "no such table" in str(error):  # a file that holds nothing yet
            return
        problem = f"the cache is damaged ({error}); it is made anew"
        if isinstance(error, OSError) or (code & 0xFF in _NOT_OURS_TO_MEND and code != sqlite3.SQLITE_IOERR_SHORT_READ):
            problem = f"the cache cannot be used: {error}"
            file = None
        else:
            file = None if self.notices else self._file
            try:
                clear(self._file or cache_file())
            except OSError as reason:
                problem, file = f"the cache is damaged, and cannot be removed: {reason}", None
        if not self.notices:
            self.notices.append(f"{self._file}: {problem}")
        self._file = file


_NOT_OURS_TO_MEND = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""A disk or a folder that does not take it, another run that does not end. The low byte of a code is its kind."""


def clear(file: Path) -> bool:
    """Removes a cache; whether there was one.

    Raises:
        OSError: it cannot be removed.
    """
    existed = file.exists()
    for each in (file, *(file.with_name(file.name + suffix) for suffix in ("-journal", "-wal", "-shm"))):
        each.unlink(missing_ok=True)
    return existed


def run_id(*depends_on: object) -> str:
    """Names a kind of run by everything that its facts depend on, besides the files."""
    facts_depend_on = (_FORMAT, _code(), os.environ.get("FLAGCTL_EXPERIMENTAL", ""), *depends_on)
    return sha256("\0".join(map(repr, facts_depend_on)).encode("utf-8", "replace")).hexdigest()[:32]


@cache
def _code() -> tuple[str, ...]:
    """The code that finds the facts: this very text of it, what it reads with, and Python."""
    files = sorted(Path(__file__).parent.rglob("*.py"))
    text = sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
    return (text, sys.version, *map(version, ("libcst", "ahocorasick-rs", "jsonschema", "pyyaml")))


def _check_sum(run: str, path: bytes, content: str, value: str) -> int:
    return crc32(value.encode(), crc32(path, crc32(f"{run}{content}".encode())))
