"""Writing a definition for a flag that has none."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import yaml

from flagctl.config import Config

_SCHEMA = "schemas/flag.v1.schema.json"


def definition_path(config: Config, key: str) -> str:
    """Where the definition of a new flag belongs: a file of its own in the first definitions folder."""
    own = (entry for entry in config.definitions if not re.search(r"[*?\[]", entry.removeprefix(config.folder)))
    folder = next(own, f"{config.folder}flags")
    return str(PurePosixPath(folder) / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', key)}.yaml")


def definition_text(fields: Mapping[str, object]) -> str:
    """A definition as YAML, its fields in this order; values that YAML could misread are quoted."""
    return yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True, width=100)


def schema_line(root: Path, path: str) -> str | None:
    """The comment that tells editors what may stand in a definition file; `None` where the project has no schema.

    It is looked for at the root, and above it as far as the git repository goes.
    """
    folders = (root, *root.parents)
    top = next((index for index, folder in enumerate(folders) if (folder / ".git").exists()), 0)
    for folder in folders[: top + 1]:
        if (folder / _SCHEMA).is_file():
            relative = Path(os.path.relpath(folder / _SCHEMA, (root / path).parent))
            return f"# yaml-language-server: $schema={relative.as_posix()}"
    return None
