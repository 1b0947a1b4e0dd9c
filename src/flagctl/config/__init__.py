"""The configuration: `flagctl.toml`, or `[tool.flagctl]` in `pyproject.toml`, found upwards from a folder."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TypeVar

from flagctl.config.conventions import Conventions, read_conventions
from flagctl.config.toml import Document, Table
from flagctl.model import InputError, Lifetime, Severity, Thresholds

Days = TypeVar("Days", Lifetime, Thresholds)

DEFAULT_KEY_PATTERN = "^[a-z][a-z0-9.-]*$"


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
    """The whole configuration; every field has a default. Paths in it are relative to `root`."""

    root: Path
    document: Document | None = None
    definitions: tuple[str, ...] = ("flags",)
    sources: tuple[str, ...] = (".",)
    exclude: tuple[str, ...] = ()
    tests: tuple[str, ...] = ("tests", "**/test_*.py")
    environment: str = "production"
    sdks: tuple[str, ...] | None = None
    """Presets by id; `None` stands for `"auto"`."""
    owners: str | None = None
    key_pattern: str = DEFAULT_KEY_PATTERN
    conventions: Conventions = Conventions()
    lifetime: Lifetime = Lifetime()
    thresholds: Thresholds = Thresholds()
    rules: RuleSettings = RuleSettings()

    def error(self, key: str, message: str) -> InputError:
        """An error about a dotted key of the configuration, at its line where it is set."""
        if self.document is None:
            return InputError(message)
        prefix = ("tool", "flagctl") if self.document.path.name == "pyproject.toml" else ()
        return self.document.error((*prefix, *key.split(".")), message)


def find_config(start: Path) -> Config:
    """Reads the nearest configuration at or above `start`.

    Without one, the root is the nearest folder with a `.git`, or `start` itself, and everything has its default.

    Raises:
        InputError: the configuration cannot be read or understood.
    """
    start = start.resolve()
    for folder in (start, *start.parents):
        if (file := folder / "flagctl.toml").is_file():
            document = Document.read(file)
            return _read(Table(document, document.data), folder)
        if (file := folder / "pyproject.toml").is_file() and (table := _tool_table(file)) is not None:
            return _read(table, folder)
    return Config(next((folder for folder in (start, *start.parents) if (folder / ".git").exists()), start))


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
    return _read(table, file.resolve().parent)


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


def _read(table: Table, root: Path) -> Config:
    config = Config(
        root=root,
        document=table.document,
        definitions=_paths(table, "definitions", Config.definitions),
        sources=_paths(table, "sources", Config.sources),
        exclude=_file_patterns(table, "exclude", Config.exclude),
        tests=_file_patterns(table, "tests", Config.tests),
        environment=table.text("environment") or Config.environment,
        sdks=_sdks(table),
        owners=table.text("owners"),
        key_pattern=_pattern(table, "key_pattern", DEFAULT_KEY_PATTERN),
        conventions=read_conventions(table),
        lifetime=_days(table.table("lifetime"), Lifetime),
        thresholds=_days(table.table("thresholds"), Thresholds),
        rules=_rules(table.table("rules")),
    )
    table.finish()
    return config


def _paths(table: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    paths = table.strings(key, default)
    for path in paths:
        if Path(path).is_absolute() or ".." in Path(path).parts:
            raise table.error(f'"{key}" must stay inside the project: "{path}" does not', key)
    return paths


def _file_patterns(table: Table, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
    if not table.has(key):
        table.taken.add(key)
        return default
    patterns = table.strings(key)
    for pattern in patterns:
        _check_file_pattern(table, key, pattern)
    return patterns


def _check_file_pattern(table: Table, key: str, pattern: str) -> None:
    from pathspec import GitIgnoreSpec  # slow to import, and most configurations need it only when sources are read

    try:
        GitIgnoreSpec.from_lines([pattern])
    except (ValueError, re.error):
        raise table.error(f'"{pattern}" is not a pattern on files, as in .gitignore', key) from None


def _sdks(table: Table) -> tuple[str, ...] | None:
    if table.data.get("sdks", "auto") == "auto":
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


def _days(table: Table, kind: type[Days]) -> Days:
    numbers = {each.name: table.days(each.name, getattr(kind(), each.name)) for each in fields(kind)}
    table.finish()
    return kind(**numbers)


def _rules(table: Table) -> RuleSettings:
    severities = tuple(str(severity) for severity in Severity)
    levels = table.table("severity")
    ignores = table.table("per_path_ignores")
    for pattern in ignores.data:
        _check_file_pattern(ignores, pattern, pattern)
    settings = RuleSettings(
        select=table.strings("select", RuleSettings.select),
        ignore=table.strings("ignore"),
        fail_on=Severity[table.choice("fail_on", severities, "error").upper()],
        severity={code: Severity[levels.choice(code, severities, "error").upper()] for code in levels.data},
        per_path_ignores={path: ignores.strings(path) for path in ignores.data},
    )
    table.finish()
    return settings
