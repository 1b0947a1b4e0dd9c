"""The configuration: `flagctl.toml`, or `[tool.flagctl]` in `pyproject.toml`, found upwards from a folder.

A `flagctl.toml` further down makes its folder a part: what it sets holds there, the rest is as around it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TypeVar

from flagctl.config.conventions import Conventions
from flagctl.config.files import files_named
from flagctl.config.tables import read_conventions
from flagctl.config.toml import Document, Table
from flagctl.model import InputError, Lifetime, Severity, Thresholds

Days = TypeVar("Days", Lifetime, Thresholds)

DEFAULT_KEY_PATTERN = "^[a-z][a-z0-9.-]*$"

_NAME = "flagctl.toml"


@dataclass(frozen=True)
class RuleSettings:
    """Which rules run, how severe they are, and from which severity on a run fails."""

    select: tuple[str, ...] = ("DEFAULT",)
    ignore: tuple[str, ...] = ()
    fail_on: Severity = Severity.ERROR
    severity: Mapping[str, Severity] = field(default_factory=dict)
    per_path_ignores: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Config:
    """The whole configuration, or that of a part; every field has a default. Paths in it are relative to `root`."""

    root: Path
    document: Document | None = None
    folder: str = ""
    """Where it holds: `services/shop/`; empty for the whole."""
    parts: tuple[Config, ...] = ()
    """Of the whole: those of its parts, the outer before the inner."""
    here: str = ""
    """The folder of the part that was asked from."""
    definitions: tuple[str, ...] = ("flags",)
    sources: tuple[str, ...] = (".",)
    exclude: tuple[str, ...] = ()
    tests: tuple[str, ...] = ("tests", "**/test_*.py")
    environment: str = "production"
    sdks: tuple[str, ...] | None = None
    """Presets by id; `None` stands for `"auto"`."""
    owners: str | None = None
    baseline: str | None = None
    """Of the whole only: the file of findings that are not reported again."""
    key_pattern: str = DEFAULT_KEY_PATTERN
    conventions: Conventions = Conventions()
    lifetime: Lifetime = Lifetime()
    thresholds: Thresholds = Thresholds()
    rules: RuleSettings = RuleSettings()

    @property
    def everywhere(self) -> tuple[Config, ...]:
        """The whole and its parts."""
        return (self, *self.parts)

    def at(self, path: str) -> Config:
        """The innermost part that a file or folder belongs to."""
        folder = path if not path or path.endswith("/") else f"{path}/"
        while self.parts and folder:
            if folder in self._by_folder:
                return self._by_folder[folder]
            folder = folder[: folder.rfind("/", 0, -1) + 1]
        return self

    def reads(self, path: str) -> bool:
        """Whether a file is among the sources and not excluded."""
        inside = not all(self._folders) or any(path == each or path.startswith(f"{each}/") for each in self._folders)
        return inside and not self._is_excluded(path)

    @cached_property
    def _by_folder(self) -> Mapping[str, Config]:
        return {part.folder: part for part in self.parts}

    @cached_property
    def _folders(self) -> tuple[str, ...]:
        folders = (source.strip("/").removeprefix("./") for source in self.sources)
        return tuple("" if folder == "." else folder for folder in folders)

    @cached_property
    def _is_excluded(self) -> Callable[[str], bool]:
        if not self.exclude:
            return lambda path: False
        from pathspec import GitIgnoreSpec  # slow to import, and definitions alone do not need it

        return GitIgnoreSpec.from_lines(self.exclude).match_file

    def error(self, key: str, message: str) -> InputError:
        """An error about a dotted key of the configuration, at its line where it is set."""
        if self.document is None:
            return InputError(message)
        prefix = ("tool", "flagctl") if self.document.path.name == "pyproject.toml" else ()
        return self.document.error((*prefix, *key.split(".")), message)


def find_config(start: Path) -> Config:
    """Reads the configuration for a run that is started in a folder: the nearest at or above it.

    Where that is one of the parts of a configuration further up in the same git repository, it is the outer one, with
    the part's folder as `here`. Without any, the root is the nearest folder with a `.git`, or `start` itself, and
    everything has its default.

    Raises:
        InputError: the configuration cannot be read or understood.
    """
    start = start.resolve()
    folders = (start, *start.parents)
    repository = next((folder for folder in folders if (folder / ".git").exists()), None)
    nearest: tuple[Table, Path] | None = None
    outer: list[tuple[Table, Path]] = []
    for folder in folders:
        if nearest is None:
            table = _table_in(folder)
            nearest = (table, folder) if table else None
        elif not _may_be_outside(nearest, folder, repository):
            break
        elif table := _table_in(folder):
            outer.append((table, folder))
    if nearest is None:
        return _with_parts(Config(repository or start))
    for table, folder in reversed(outer):
        config = _with_parts(_read(table, folder))
        here = f"{nearest[1].relative_to(folder).as_posix()}/"
        if config.at(here).folder == here:
            return replace(config, here=here)
    return _with_parts(_read(*nearest))


def read_config(file: Path) -> Config:
    """Reads one named configuration file.

    Raises:
        InputError: the file cannot be read or understood.
    """
    if file.name == "pyproject.toml":
        table = _tool_table(file)
        if table is None:
            raise InputError(f"{file}: has no [tool.flagctl]")
    else:
        document = Document.read(file)
        table = Table(document, document.data)
    return _with_parts(_read(table, file.resolve().parent))


def definitions_named(root: Path, files: Collection[str]) -> tuple[str, ...]:
    """Where the configuration `files` of a project say that its definitions lie, as far as they can be read.

    They need not be those of the run: this is for what a project looked like before.
    """
    found = [] if {_NAME, "pyproject.toml"}.intersection(files) else [*Config.definitions]
    for folder in sorted({file.rpartition("/")[0] for file in files}):
        try:
            table = _table_in(root / folder)
            if table is not None:
                found += _paths(table, "definitions", Config.definitions, folder)
            elif not folder:
                found += Config.definitions
        except InputError:
            continue
    return tuple(dict.fromkeys(found))


def _table_in(folder: Path) -> Table | None:
    """The configuration in a folder, if there is one."""
    if (file := folder / _NAME).is_file():
        document = Document.read(file)
        return Table(document, document.data)
    return _tool_table(file) if (file := folder / "pyproject.toml").is_file() else None


def _may_be_outside(nearest: tuple[Table, Path], folder: Path, repository: Path | None) -> bool:
    """Whether a folder may hold the configuration around the nearest one."""
    table, inner = nearest
    return (
        table.document.path.name == _NAME
        and repository is not None
        and repository != inner
        and folder.is_relative_to(repository)
    )


def _with_parts(config: Config) -> Config:
    """A configuration with its parts: the nested files that are inside the sources and not excluded."""
    folders = sorted(file.removesuffix(_NAME) for file in files_named(_NAME, config.root))
    for folder in folders:
        around = config.at(folder)
        if folder and around.reads(f"{folder}{_NAME}") and (table := _table_in(config.root / folder)):
            config = replace(config, parts=(*config.parts, _read(table, config.root, folder, around)))
    return config


def _tool_table(file: Path) -> Table | None:
    """The `[tool.flagctl]` of a `pyproject.toml`; a file that never names it is not even parsed."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return None
    if "flagctl" not in text:
        return None
    document = Document.read(file, text)
    tool = document.data.get("tool")
    if not isinstance(tool, dict) or "flagctl" not in tool:
        return None
    return Table(document, tool, ("tool",)).table("flagctl")


def _read(table: Table, root: Path, folder: str = "", around: Config | None = None) -> Config:
    """A configuration, or that of a part: `around` has what it does not set."""
    default = around or Config(root)
    conventions = read_conventions(table, folder=folder)
    exclude = _file_patterns(table, "exclude", folder) or ()
    tests = _file_patterns(table, "tests", folder)
    owners = table.text("owners")
    config = Config(
        root=root,
        document=table.document,
        folder=folder,
        definitions=_paths(table, "definitions", Config.definitions, folder),
        sources=_paths(table, "sources", Config.sources, folder),
        exclude=(*default.exclude, *exclude),
        tests=default.tests if tests is None else tests,
        environment=table.text("environment") or default.environment,
        sdks=_sdks(table, default.sdks),
        owners=default.owners if owners is None else f"{folder}{owners}",
        baseline=_baseline(table, folder),
        key_pattern=_pattern(table, "key_pattern", default.key_pattern),
        conventions=conventions | default.conventions,
        lifetime=_days(table.table("lifetime"), default.lifetime),
        thresholds=_days(table.table("thresholds"), default.thresholds),
        rules=_rules(table.table("rules"), folder, default.rules),
    )
    table.finish()
    return config


def _paths(table: Table, key: str, default: tuple[str, ...], folder: str) -> tuple[str, ...]:
    paths = table.strings(key, default)
    for path in paths:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            whose = "its folder" if folder else "the project"
            raise table.error(f'"{key}" must stay inside {whose}: "{path}" does not', key)
    return tuple(str(PurePosixPath(folder, path)) for path in paths) if folder else paths


def _baseline(table: Table, folder: str) -> str | None:
    if folder and table.has("baseline"):
        raise table.error('"baseline" is of the whole: set it in the configuration at the root', "baseline")
    path = table.text("baseline")
    if path is not None and (Path(path).is_absolute() or ".." in Path(path).parts):
        raise table.error(f'"baseline" must stay inside the project: "{path}" does not', "baseline")
    return path and str(PurePosixPath(path))


def _file_patterns(table: Table, key: str, folder: str) -> tuple[str, ...] | None:
    """Patterns on files, as in a `.gitignore` of the folder; `None` where there is no such key."""
    if not table.has(key):
        table.taken.add(key)
        return None
    patterns = table.strings(key)
    for pattern in patterns:
        _check_file_pattern(table, key, pattern)
    return tuple(_below(folder, pattern) for pattern in patterns)


def _check_file_pattern(table: Table, key: str, pattern: str) -> None:
    from pathspec import GitIgnoreSpec  # slow to import, and most configurations need it only when sources are read

    try:
        GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error):
        raise table.error(f'"{pattern}" is not a pattern on files, as in .gitignore', key) from None


def _below(folder: str, pattern: str) -> str:
    """A pattern of a `.gitignore` in a folder, as one further up would have it."""
    if not folder or not pattern.strip() or pattern.startswith("#"):
        return pattern
    negation, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    anywhere = "" if "/" in pattern.rstrip().rstrip("/") else "**/"
    escaped = re.sub(r"([\\*?\[])", r"\\\1", folder)
    return f"{negation}/{escaped}{anywhere}{pattern.removeprefix('/')}"


def _sdks(table: Table, default: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if not table.has("sdks"):
        table.taken.add("sdks")
        return default
    if table.data["sdks"] == "auto":
        table.taken.add("sdks")
        return None
    return table.strings("sdks")


def _pattern(table: Table, key: str, default: str) -> str:
    pattern = table.take(key, str, default)
    try:
        re.compile(pattern)
    except re.error as error:
        raise table.error(f'"{key}" is not a regular expression: {error}', key) from None
    return pattern


def _days(table: Table, default: Days) -> Days:
    numbers = {each.name: table.days(each.name, getattr(default, each.name)) for each in fields(default)}
    table.finish()
    return replace(default, **numbers)


def _rules(table: Table, folder: str, default: RuleSettings) -> RuleSettings:
    severities = tuple(str(severity) for severity in Severity)
    levels = table.table("severity")
    ignores = table.table("per_path_ignores")
    for pattern in ignores.data:
        _check_file_pattern(ignores, pattern, pattern)
    settings = RuleSettings(
        select=table.strings("select", default.select),
        ignore=table.strings("ignore", default.ignore),
        fail_on=Severity[table.choice("fail_on", severities, str(default.fail_on)).upper()],
        severity={
            **default.severity,
            **{code: Severity[levels.choice(code, severities, "error").upper()] for code in levels.data},
        },
        per_path_ignores={
            **default.per_path_ignores,
            **{_below(folder, path): ignores.strings(path) for path in ignores.data},
        },
    )
    table.finish()
    return settings
