"""The story of `audit --fix`: find what can be mended for certain, edit definition files, write them all or none."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flagctl.baseline import Baseline
from flagctl.config import Config
from flagctl.definitions.fix import LeftAloneError, edited, first_line, names_schema
from flagctl.definitions.new import schema_line
from flagctl.model import Edit, InputError
from flagctl.pipeline import Progress, Request, audit
from flagctl.pipeline.request import is_among
from flagctl.removal.patch import write


@dataclass(frozen=True)
class Fixes:
    """What was added to which files, and why others were left alone."""

    added: Mapping[str, tuple[str, ...]]
    left_alone: Mapping[str, str]


def fix(config: Config, request: Request, progress: Progress) -> Fixes:
    """Edits the definition files among the paths of the request; what is in a baseline is mended as well.

    Raises:
        InputError: nothing to read, or a file cannot be written; then none is.
    """
    report = audit(config, replace(request, baseline=Baseline()), progress)
    edits: dict[str, list[Edit]] = {
        path: [] for path in sorted({flag.first.path for flag in report.flags}) if is_among(path, request.paths)
    }
    for finding in report.findings:
        if finding.fix is not None:
            edits[finding.fix.location.path].append(finding.fix)
    added: dict[str, tuple[str, ...]] = {}
    left_alone: dict[str, str] = {}
    changes: dict[str, tuple[bytes | None, bytes | None]] = {}
    for path, wanted in edits.items():
        file = (config.root / path).resolve()  # so that a link stays one
        data = _read(file, path)
        if (line := schema_line(config.root, path)) and not names_schema(data):
            wanted.append(first_line(path, line))
        try:
            after = edited(path, data, wanted)
        except LeftAloneError as error:
            left_alone |= {path: str(error)} if wanted else {}
            continue
        if after != data:
            changes[file.relative_to(config.root).as_posix()] = data, after
            added[path] = tuple(edit.text.strip() for edit in wanted)
    _refuse_read_only(config.root, changes)
    write(config.root, changes)
    return Fixes(added, left_alone)


def _read(file: Path, path: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None


def _refuse_read_only(root: Path, paths: Mapping[str, object]) -> None:
    """Looks for files that nobody is to write to, which could be replaced all the same.

    Raises:
        InputError: there is one.
    """
    for path in paths:
        if not (root / path).stat().st_mode & stat.S_IWUSR:
            raise InputError(f"{path}: is read-only; nothing was written")
