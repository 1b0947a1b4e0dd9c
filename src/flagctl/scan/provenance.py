"""What the analysis of a file rests on, as a name: the file, and every file that a name was followed to on the way.

A module's questions (see `facts.Question`) are answered anew in every run. As long as all of them, and those of the
modules that were the answers, have the same answers with the same content, the analysis is what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from flagctl.scan.facts import Question
from flagctl.scan.python.layout import Layout

Asked = Mapping[str, Iterable[Question]]
"""By the path of a module, the dotted names that it asked for, each with the level of a relative import."""


class Provenance:
    """What the analyses of one run rest on."""

    def __init__(
        self, asked: Asked, layout: Layout, contents: Mapping[str, str], like: Provenance | None = None
    ) -> None:
        """`contents` names what is in each file now; `like` has the same layout, and most of the same files."""
        self._like = like
        self._asked = asked
        self._layout = layout
        self._contents = contents
        self._own: dict[str, tuple[str, frozenset[str]]] = {}
        self._names: dict[str, str] = {}

    def name(self, path: str) -> str:
        """Names a file with all that its analysis rests on, for `Cache`: whatever of it changes, the name does."""
        if path not in self._names:
            self._names[path] = self._name(path)
        return self._names[path]

    def _name(self, path: str) -> str:
        reached = self.reached(path)
        if len(reached) == 1:
            return self._answers(path)[0]
        return _hash(sorted(self._answers(each)[0] for each in reached))

    def reached(self, path: str) -> set[str]:
        """The file, and every file that its analysis rests on."""
        reached, todo = {path}, [path]
        while todo:
            more = self._answers(todo.pop())[1] - reached
            reached |= more
            todo += more
        return reached

    def _answers(self, path: str) -> tuple[str, frozenset[str]]:
        """Names a module with its content, what importers may call it, what it asked for and which files that is; and
        these files."""
        if path not in self._own and self._like is not None and self._like._has(path, self):
            self._own[path] = self._like._answers(path)
        elif path not in self._own:
            answers = [
                (each, self._layout.locate(each[0], path, each[1])) for each in sorted(self._asked.get(path, ()))
            ]
            name = _hash((path, self._contents.get(path, ""), self._layout.dotted_names(path), answers))
            self._own[path] = (name, frozenset(file for _, files in answers for file in files))
        return self._own[path]

    def _has(self, path: str, other: Provenance) -> bool:
        """Whether another one has the same module with the same questions."""
        return (self._contents.get(path), self._asked.get(path)) == (
            other._contents.get(path),
            other._asked.get(path),
        )


def _hash(thing: object) -> str:
    return sha256(repr(thing).encode("utf-8", "replace")).hexdigest()[:32]
