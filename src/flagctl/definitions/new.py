"""Writing a definition for a flag that has none."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

import yaml

from flagctl.config import Config
from flagctl.definitions.files import metric_trees
from flagctl.definitions.values import core_types

_SCHEMA = "schemas/flag.v1.schema.json"


def definition_path(config: Config, key: str) -> str:
    """Where the definition of a new flag belongs: a file of its own in the first definitions folder."""
    own = (entry for entry in config.definitions if not re.search(r"[*?\[]", entry.removeprefix(config.folder)))
    folder = next(own, f"{config.folder}flags")
    return str(PurePosixPath(folder) / file_name(key))


def file_name(key: str) -> str:
    """The file of a definition; a metric tree's name would make it one."""
    name = f"{re.sub(r'[^A-Za-z0-9._-]+', '-', key)}.yaml"
    return f"flag-{name}" if name in metric_trees else name


def definition_text(fields: Mapping[str, object]) -> str:
    """A definition as YAML, its fields in this order; values that YAML could misread are quoted."""
    return yaml.dump(dict(fields), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


class _Dumper(yaml.SafeDumper):
    """Writes what is read as the same, by others as well; but `on` and `off`, which are words here, are not quoted."""

    def ignore_aliases(self, data: object) -> bool:
        return True  # what is there twice is written twice


_TAG = "tag:yaml.org,2002:"
_Dumper.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != f"{_TAG}bool"]
    for first, resolvers in yaml.SafeDumper.yaml_implicit_resolvers.items()
}
# The booleans of YAML 1.1, less on and off, and the numbers that only YAML 1.2 knows.
_Dumper.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE)$"), list("yYnNtTfF")
)
for _kind in ("int", "float"):
    _number = re.compile(f"^(?:{core_types[_kind].pattern})$")
    _Dumper.add_implicit_resolver(f"{_TAG}{_kind}", _number, list("-+.0123456789"))


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
