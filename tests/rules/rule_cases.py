"""Snapshots made from definitions as they are written, and what a rule has to say of them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from flagctl.config import DEFAULT_KEY_PATTERN
from flagctl.definitions import read_definitions
from flagctl.definitions.metrics import read_metrics
from flagctl.model import Finding, Flag, Kind, Location, MetricTree, Problem, Reference, Role, Site, Snapshot
from flagctl.rules import CATALOGUE, EXAMPLE_TODAY

TODAY = EXAMPLE_TODAY


def snapshot(
    *files: str,
    references: Iterable[Reference] = (),
    today: date | str = TODAY,
    key_pattern: str | None = None,
    **more: Any,
) -> Snapshot:
    """What a rule sees of some definition files, called `flags/1.yaml`, `flags/2.yaml` and so on."""
    flags: list[Flag] = []
    problems: list[Problem] = []
    invalid: set[str] = set()
    for number, text in enumerate(files, 1):
        found = read_definitions(f"flags/{number}.yaml", textwrap.dedent(text).lstrip("\n").encode())
        flags += found.flags
        problems += found.problems
        invalid |= found.invalid_names
    return Snapshot(
        today=date.fromisoformat(today) if isinstance(today, str) else today,
        flags=tuple(flags),
        problems=tuple(problems),
        invalid_names=frozenset(invalid),
        references=tuple(references),
        key_pattern=DEFAULT_KEY_PATTERN if key_pattern is None else key_pattern,
        **more,
    )


def whole(*files: str, **more: Any) -> Snapshot:
    """The same, of definitions that must all be valid: a case with a slip in it would prove nothing."""
    made = snapshot(*files, **more)
    assert not made.problems, made.problems
    return made


def metric_tree(**units: str) -> MetricTree:
    """A tree of metrics by their names, each with its unit; the first is the north star."""
    star, *others = units
    lines = [f"north_star: {star}", "metrics:"]
    for name, unit in units.items():
        role = "supporting" if name in others else "north_star"
        lines.append(f"  {name}: {{role: {role}, event: e, aggregate: count, unit: {unit}, goal: increase}}")
    found = read_metrics("flags/metrics.yaml", "\n".join(lines).encode())
    assert found.tree is not None, found.problems
    return found.tree


def check(code: str, made: Snapshot) -> list[Finding]:
    """What one rule finds."""
    findings = list(CATALOGUE[code].check(made))
    assert all(finding.code == code and finding.name == CATALOGUE[code].name for finding in findings)
    return findings


def verdicts(code: str, made: Snapshot) -> list[tuple[str | None, str]]:
    """Flag and message of what one rule finds."""
    return [(finding.flag, finding.message) for finding in check(code, made)]


def place(finding: Finding) -> str:
    """`flags/1.yaml:2:6`."""
    return f"{finding.location.path}:{finding.location.line}:{finding.location.column}"


def reference(
    flag: str | None,
    role: Role = Role.EVALUATION,
    kind: Kind = Kind.CALL,
    path: str = "shop/page.py",
    line: int = 1,
    *,
    in_tests: bool = False,
    site: Site | None = None,
) -> Reference:
    """A reference as the scanner hands it over."""
    return Reference(flag, role, kind, Location(path, line, 1, line, 9), in_tests=in_tests, site=site or Site())


def mention(flag: str, kind: Kind, path: str, line: int = 1, **more: Any) -> Reference:
    return reference(flag, Role.MENTION, kind, path, line, **more)


def codes_that_fire(made: Snapshot, codes: Sequence[str]) -> list[str]:
    return [code for code in codes if check(code, made)]
