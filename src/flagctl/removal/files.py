"""The Python files that a removal changes: before, and now."""

from __future__ import annotations

from collections.abc import Collection

from flagctl.removal.file import PYTHON, PythonFile
from flagctl.removal.repository import Repository
from flagctl.scan.source import Unparsable


class Files(dict[str, tuple[PythonFile, PythonFile]]):
    """The files that change, by their paths, of a repository that learns what becomes of them."""

    def __init__(self, repository: Repository, left: Collection[str] = ()) -> None:
        super().__init__()
        self.repository = repository
        self.left = frozenset(left)
        """The files that are left as they are, as something in them is left to a human."""
        self._unchanged: dict[str, PythonFile] = {}
        """Files that were looked at: their nodes are known by identity."""

    def of(self, path: str) -> tuple[PythonFile, PythonFile] | None:
        """A file before and now; `None` for what cannot be read as Python."""
        if path in self:
            return self[path]
        if path not in self._unchanged:
            try:
                if not path.endswith(PYTHON):
                    return None
                self._unchanged[path] = PythonFile.of(path, self.repository.read(path))
            except (Unparsable, OSError):
                return None
        return (self._unchanged[path],) * 2

    def note(self, before: PythonFile, now: PythonFile) -> None:
        """Takes down what becomes of a file."""
        self[before.path] = (before, now)
        self.repository.changes[before.path] = now.data

    @property
    def changed(self) -> list[tuple[PythonFile, PythonFile]]:
        return [(before, now) for before, now in self.values() if now.tree is not before.tree]
