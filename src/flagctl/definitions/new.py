"""Writing a definition for a flag that has none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import yaml

from flagctl.config import Config


def definition_path(config: Config, key: str) -> str:
    """Where the definition of a new flag belongs: a file of its own in the first definitions folder."""
    own = (entry for entry in config.definitions if not re.search(r"[*?\[]", entry.removeprefix(config.folder)))
    folder = next(own, f"{config.folder}flags")
    return str(PurePosixPath(folder) / f"{re.sub(r'[^A-Za-z0-9._-]+', '-', key)}.yaml")


def definition_text(fields: Mapping[str, object]) -> str:
    """A definition as YAML, its fields in this order; values that YAML could misread are quoted."""
    return yaml.safe_dump(dict(fields), sort_keys=False, allow_unicode=True, width=100)
