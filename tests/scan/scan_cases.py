"""A project written to a folder and scanned, with what is to be found said in the sources themselves.

A line that ends in `#> evaluation new-checkout` is written without that mark, and is where the reference must be found.
Marks are complete: a line without one holds nothing. A mark is a role, or the kind of a mention, and the flag (`?` for
a key that cannot be known); several are separated by commas. Names that stand for a flag (`name`) and definitions of
helpers (`helper`) count only in cases that mark some.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from flagctl.cache import Cache
from flagctl.config import find_config
from flagctl.model import Kind, Reference, Role
from flagctl.scan import Scan, scan

Row = tuple[str, str, str]
Flags = Iterable[str] | Mapping[str, str]

FLAGS = ("new-checkout", "old-search")
"""What the cases declare unless they say otherwise."""

_NAMES = ("name", "helper")

_MARK = re.compile(r"[ \t]*#>(?P<marks>[^\n]*)")


def write_files(root: Path, files: Mapping[str, str | bytes], config: str = "") -> None:
    """Writes files (text is dedented) and a `flagctl.toml`."""
    for name, content in {**files, "flagctl.toml": config}.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(textwrap.dedent(content).lstrip("\n").encode() if isinstance(content, str) else content)


def scan_folder(root: Path, flags: Flags = FLAGS) -> Scan:
    """Scans what is in a folder, by its `flagctl.toml`."""
    declared = dict(flags) if isinstance(flags, Mapping) else {name: name for name in flags}
    return scan(find_config(root), declared, ["flagctl.toml"], lambda done, total: None, Cache(None))


def scan_files(root: Path, files: Mapping[str, str | bytes], config: str = "", flags: Flags = FLAGS) -> Scan:
    write_files(root, files, config)
    return scan_folder(root, flags)


def row(reference: Reference) -> Row:
    """`("app.py:3:8", "evaluation", "new-checkout")`."""
    at = reference.location
    by_kind = reference.role is Role.MENTION or reference.kind is Kind.HELPER
    word = str(reference.kind if by_kind else reference.role)
    return (f"{at.path}:{at.line}:{at.column}", word, reference.flag or "?")


def rows(found: Scan) -> list[Row]:
    return [row(each) for each in found.references]


def check(root: Path, files: Mapping[str, str], config: str = "", flags: Flags = FLAGS) -> Scan:
    """Scans files with marks: exactly what is marked must be found."""
    expected: Counter[Row] = Counter()
    clean: dict[str, str] = {}
    for name, content in files.items():
        source = textwrap.dedent(content).lstrip("\n")
        for number, line in enumerate(source.splitlines(), 1):
            if match := _MARK.search(line):
                for mark in match["marks"].split(","):
                    word, flag = mark.split()
                    expected[(f"{name}:{number}", word, flag)] += 1
        clean[name] = _MARK.sub("", source)
    found = scan_files(root, clean, config, flags)
    assert found.unread == ()
    actual = Counter(map(_by_line, found.references))
    if not any(word in _NAMES for _, word, _ in expected):
        actual = Counter({each: count for each, count in actual.items() if each[1] not in _NAMES})
    assert actual == expected, f"missed {dict(expected - actual)}, found {dict(actual - expected)}"
    return found


def _by_line(reference: Reference) -> Row:
    place, word, flag = row(reference)
    return (place.rpartition(":")[0], word, flag)


def evaluations(found: Scan) -> list[Reference]:
    return [each for each in found.references if each.role is Role.EVALUATION]


def only(found: Scan) -> Reference:
    """The one evaluation that there is."""
    [evaluation] = evaluations(found)
    return evaluation
