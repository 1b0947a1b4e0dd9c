"""The Python files of a project: dotted module names to files, read and parsed when asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from pathlib import PurePosixPath

from flagctl.scan.python.module import Module, Unparsable


class Project:
    """All Python files of a project, of which few are ever parsed.

    A dotted name does not say under which folder it starts (`src/`, a service's own root), so a module is found by the
    end of its path below a folder that is no package itself, and the one closest to the file that imports it wins.
    """

    def __init__(self, paths: Iterable[str], read: Callable[[str], bytes], outside: Collection[str] = ()) -> None:
        """`outside` are top-level packages that are not this project's, even if it has a folder of that name."""
        self._read = read
        self._outside = outside
        self._by_name: dict[str, list[str]] = {}
        self._paths = set(paths)
        self._modules: dict[str, Module | None] = {}
        self._packages = {path.rpartition("/")[0] for path in self._paths if path.endswith("__init__.py")}
        for path in sorted(self._paths):
            self._by_name.setdefault(_parts(path)[-1], []).append(path)

    def load(self, path: str) -> Module:
        """The module in a file.

        Raises:
            Unparsable: the file is not valid Python.
        """
        module = self._modules.get(path)
        if module is None:
            module = self._modules[path] = Module(path, self._read(path))
        return module

    def loaded(self) -> list[Module]:
        """The modules that were asked for so far."""
        return [module for module in self._modules.values() if module is not None]

    def find(self, dotted: str, importer: str) -> Module | None:
        """The module that an absolute import names, `None` if it is not this project's or is not valid Python."""
        parts = tuple(dotted.split("."))
        if parts[0] in self._outside:
            return None
        candidates = self._by_name.get(parts[-1], ())
        return self._closest([path for path in candidates if self._is_named(path, parts)], importer)

    def settings_with(self, name: str) -> list[Module]:
        """The project's settings modules, by their path, that have a name in them."""
        found: list[Module] = []
        for path in sorted(self._paths):
            if "settings" in _parts(path) and name.encode() in self._read(path):
                module = self._closest([path], path)
                found += [module] if module else []
        return found

    def dotted_names(self, path: str) -> list[str]:
        """What importers may call the module in a file: counted from its outermost package, then from the root."""
        parts = _parts(path)
        folders = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        top = next((depth for depth, folder in enumerate(folders) if folder in self._packages), None)
        if top is None:
            top = 1 if parts[0] in ("src", "lib") and len(parts) > 1 else 0
        return list(dict.fromkeys([".".join(parts[top:]), ".".join(parts)]))

    def _is_named(self, path: str, parts: tuple[str, ...]) -> bool:
        own = _parts(path)
        return own[-len(parts) :] == parts and "/".join(own[: -len(parts)]) not in self._packages

    def find_relative(self, dotted: str, level: int, importer: str) -> Module | None:
        """The module that a relative import names, `level` dots up from the importing file."""
        folder = PurePosixPath(importer).parent
        for _ in range(level - 1):
            folder = folder.parent
        target = folder.joinpath(*dotted.split(".")) if dotted else folder
        for path in (f"{target}.py", f"{target}/__init__.py", f"{target}.pyi"):
            if path.removeprefix("./") in self._paths:
                return self._closest([path.removeprefix("./")], importer)
        return None

    def _closest(self, paths: list[str], importer: str) -> Module | None:
        if not paths:
            return None
        here = PurePosixPath(importer).parts
        best = max(paths, key=lambda path: (_shared(PurePosixPath(path).parts, here), -len(path)))
        try:
            module = self.load(best)
            module.harvest  # noqa: B018 - parses, so that whoever gets a module can use it
        except (Unparsable, OSError):
            return None
        return module


def _parts(path: str) -> tuple[str, ...]:
    """The parts of the dotted name of the module in a file."""
    pure = PurePosixPath(path)
    return pure.parent.parts or (pure.stem,) if pure.stem == "__init__" else (*pure.parent.parts, pure.stem)


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    """How many leading folders two paths share."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
