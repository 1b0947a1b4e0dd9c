"""Which file an import means: the project's Python files by their dotted names."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache, cached_property

SETTINGS = "(settings)"
"""What is asked for when code reads Django's settings."""

_SUFFIXES = (".py", ".pyi", ".pyw")


class Layout:
    """All Python files of a project.

    A dotted name does not say under which folder it starts (`src/`, a service's own root), so a module is found by the
    end of its path below a folder that is no package itself, and the one closest to the file that imports it wins.
    """

    def __init__(self, paths: Iterable[str], outside: Collection[str] = ()) -> None:
        """`outside` are top-level packages that are not this project's, even if it has a folder of that name."""
        self.paths = frozenset(paths)
        self._outside = frozenset(outside)
        self.packages = {path.rpartition("/")[0] for path in self.paths if path.endswith("__init__.py")}
        self._by_name: dict[str, list[str]] = {}
        for path in sorted(self.paths):
            self._by_name.setdefault(_parts(path)[-1], []).append(path)

    def locate(self, dotted: str, importer: str, level: int = 0) -> tuple[str, ...]:
        """The file that an import means, if it is one of this project's; for `SETTINGS`, every settings module.

        A relative import begins `level` dots up from the importing file.
        """
        if dotted == SETTINGS:
            return self._settings
        if level:
            return self._locate_relative(dotted, level, importer)
        parts = dotted.split(".")
        if parts[0] in self._outside:
            return ()
        paths = [path for path in self._by_name.get(parts[-1], ()) if self._is_named(path, parts)]
        here = importer.split("/")
        return (max(paths, key=lambda path: (_shared(path.split("/"), here), -len(path))),) if paths else ()

    def dotted_names(self, path: str) -> list[str]:
        """What importers may call the module in a file: counted from its outermost package, then from the root."""
        parts = _parts(path)
        folders = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
        top = next((depth for depth, folder in enumerate(folders) if folder in self.packages), None)
        if top is None:
            top = 1 if parts[0] in ("src", "lib") and len(parts) > 1 else 0
        return list(dict.fromkeys([".".join(parts[top:]), ".".join(parts)]))

    @cached_property
    def _settings(self) -> tuple[str, ...]:
        return tuple(path for path in sorted(self.paths) if "settings" in _parts(path))

    def _is_named(self, path: str, parts: list[str]) -> bool:
        own = _parts(path)
        return own[-len(parts) :] == parts and "/".join(own[: -len(parts)]) not in self.packages

    def _locate_relative(self, dotted: str, level: int, importer: str) -> tuple[str, ...]:
        folders = importer.split("/")[:-level]
        target = "/".join([*folders, *dotted.split(".")] if dotted else folders)
        paths = (f"{target}.py", f"{target}/__init__.py".lstrip("/"), f"{target}.pyi")
        return tuple(path for path in paths if path in self.paths)[:1]


@cache
def _parts(path: str) -> list[str]:
    """The parts of the dotted name of the module in a file."""
    *folders, name = path.split("/")
    stem = name.rpartition(".")[0] if name.endswith(_SUFFIXES) else name
    return folders or [stem] if stem == "__init__" else [*folders, stem]


def _shared(one: list[str], other: list[str]) -> int:
    """How many leading folders two paths share."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
