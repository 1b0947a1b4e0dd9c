"""The modules of a project, read when asked for."""

from __future__ import annotations

from collections.abc import Callable

from flagctl.scan.facts import Question
from flagctl.scan.python.layout import SETTINGS, Layout
from flagctl.scan.python.module import Module
from flagctl.scan.source import Unparsable


class Modules:
    """The modules that were read, by their paths."""

    def __init__(self, read: Callable[[str], bytes]) -> None:
        """`read` gives a file's bytes."""
        self.read = read
        self._kept: dict[str, Module] = {}
        self.size = 0
        """Characters of source whose modules are kept."""

    def load(self, path: str) -> Module:
        """The module in a file.

        Raises:
            Unparsable: the file is not valid Python.
            OSError: it cannot be read.
        """
        module = self._kept.get(path)
        if module is None:
            module = self._kept[path] = Module(path, self.read(path))
            self.size += len(module.text)
        return module

    def forget(self) -> None:
        """Lets go of the modules that were loaded."""
        self._kept.clear()
        self.size = 0


class Project:
    """All modules of a project, of which few are ever read."""

    def __init__(self, layout: Layout, modules: Modules) -> None:
        self.layout = layout
        self.modules = modules
        self.questions: dict[str, set[Question]] = {}
        """What each module asked for."""

    def find(self, dotted: str, importer: str, level: int = 0) -> Module | None:
        """The module that an import names, `None` if it is not this project's or is not valid Python."""
        paths = self._ask(dotted, importer, level)
        return self._valid(paths[0]) if paths else None

    def settings_with(self, name: str, importer: str) -> list[Module]:
        """The project's settings modules, by their path, that have a name in them."""
        found = (self._valid(path) for path in self._ask(SETTINGS, importer, 0))
        return [module for module in found if module and name in module.text]

    def _ask(self, dotted: str, importer: str, level: int) -> tuple[str, ...]:
        self.questions.setdefault(importer, set()).add((dotted, level))
        return self.layout.locate(dotted, importer, level)

    def _valid(self, path: str) -> Module | None:
        try:
            module = self.modules.load(path)
            module.root  # noqa: B018 - reads its outline, so that whoever gets a module can use it
        except (Unparsable, OSError):
            return None
        return module
