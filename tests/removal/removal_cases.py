"""Small modules that ask for a flag by `flag()`, and small projects that ask for one by django-waffle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from textwrap import dedent

import libcst as cst

from flagctl.config import find_config
from flagctl.definitions import load_definitions
from flagctl.pipeline import Request
from flagctl.pipeline.removal import read_project, remove, wanted
from flagctl.removal import Removal
from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.propagate import propagated
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import descendants

CONFIG = """\
[[evaluation]]
call = ["flags.is_on", "flags.aio_is_on"]
key = 0

[[evaluation]]
call = "flags.variant"
key = 0
returns = "str"

[[override]]
call = "flags.forced"
key = 0
value = 1
"""
DEFINITION = """\
key: new-checkout
type: release
owner: "@acme/payments"
reason: fewer clicks
created: 2026-01-01
expires: 2026-06-01
expected_end_state: remove
"""


def without_flag(source: str, value: Value) -> str:
    """A module with every `flag()`, awaited or not, and every `details().value` replaced by a value, and folded."""
    tree = cst.parse_module(source)
    sites: dict[cst.CSTNode, Value] = {}
    inside: set[cst.CSTNode] = set()
    for node in descendants(tree):
        whole = node.expression if isinstance(node, cst.Await) else node
        match whole:
            case cst.Call(func=cst.Name(value="flag")) if whole not in inside:
                sites[node] = value
                inside.add(whole)
            case cst.Attribute(value=cst.Call(func=cst.Name(value="details")), attr=cst.Name("value")):
                sites[node] = value
    return propagated(tree, rewritten(tree, sites), lambda word: False, constants=False).code


def cases(name: str) -> Iterator[tuple[str, str, str, str]]:
    """The cases of a file: the name, the module before, and after the flag was kept on and off."""
    text = (Path(__file__).parent / "cases" / f"{name}.txt").read_text(encoding="utf-8")
    for case in text.split("### ")[1:]:
        title, _, rest = case.partition("\n")
        before, _, rest = rest.partition("--- on\n")
        on, _, off = rest.partition("--- off\n")
        yield title, before, on, off


def project(root: Path, files: Mapping[str, str]) -> None:
    """Writes a project with the flag `new-checkout`."""
    for path, text in {"flagctl.toml": CONFIG, "flags/new-checkout.yaml": DEFINITION, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(dedent(text).lstrip("\n").encode())


def removal(root: Path, files: Mapping[str, str], keep: str = "on") -> Removal:
    """What removes the flag from a project."""
    project(root, files)
    config = find_config(root)
    definitions = load_definitions(config)
    kept = wanted(definitions.flags, ["new-checkout"], keep)
    found = read_project(config, definitions, Request(date(2026, 6, 15)), lambda done, total: None)
    return remove(found, kept).removal


def after(root: Path, files: Mapping[str, str], keep: str = "on") -> dict[str, str]:
    """The files of a project once the flag is gone, besides its definition."""
    changes = removal(root, files, keep).changes
    now = {path: dedent(text).lstrip("\n") for path, text in files.items()}
    now |= {path: data.decode() for path, data in changes.items() if data is not None and not path.startswith("flags/")}
    return {path: text for path, text in now.items() if changes.get(path, b"") is not None}
