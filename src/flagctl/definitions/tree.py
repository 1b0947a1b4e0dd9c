"""What a metric tree has to be as a whole: one north star, and metrics that drive one another without a circle.

A file may be wrong in places and is looked at all the same, so that all problems are reported in one run. What was said
about its shape is not said again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flagctl.definitions.source import Fault, Source, Span, quoted
from flagctl.definitions.values import Reading
from flagctl.model import Location, Problem, Suppression
from flagctl.spelling import closest

MAX_SUGGESTIONS = 20
"""To compare every wrong name with every right one takes time that grows with the square of their number."""


@dataclass(frozen=True)
class Branch:
    """What one file says of the metric tree, and what is wrong with the shape of that."""

    source: Source
    reading: Reading
    faults: tuple[Fault, ...] = ()
    is_whole: bool = True
    """All of it could be read: what is not there is missing."""
    suppressions: tuple[Suppression, ...] = ()

    @property
    def problems(self) -> list[Problem]:
        return [self.problem(fault.span, fault.message, fault.hint) for fault in self.faults]

    @property
    def fields(self) -> dict[str, Any]:
        """The fields at the top."""
        return self.reading.data if isinstance(self.reading.data, dict) else {}

    @property
    def has_metrics(self) -> bool:
        """It says which metrics there are, if only that there is none."""
        return isinstance(self.fields.get("metrics"), dict)

    @property
    def metrics(self) -> list[Stated]:
        """The metrics in the order of their lines."""
        metrics = self.fields["metrics"] if self.has_metrics else {}
        return [Stated(self, name, fields) for name, fields in metrics.items()]

    @property
    def north_star(self) -> Span:
        """Where the name of the north star stands, in a file that has one."""
        return self.reading.places["north_star",].value

    def problem(self, span: Span, message: str, hint: str | None = None) -> Problem:
        return Problem(self.source.location(span), message, hint)


class Stated(NamedTuple):
    """A metric as a file states it."""

    branch: Branch
    name: str
    fields: Any
    """A mapping, unless it has the wrong shape."""

    def text(self, field: str) -> str | None:
        """A field's value, if it is a text."""
        value = self.fields.get(field) if isinstance(self.fields, dict) else None
        return _text(value)

    @property
    def place(self) -> Location:
        """Where its name stands."""
        return self.branch.source.location(self.branch.reading.places["metrics", self.name].key)

    def problem(self, field: str, message: str, hint: str | None = None) -> Problem:
        """A problem with the value of a field."""
        return self.branch.problem(self.branch.reading.places["metrics", self.name, field].value, message, hint)


def tree_problems(branches: Sequence[Branch]) -> Iterator[Problem]:
    """What is wrong with the tree that some files make up."""
    stated: dict[str, Stated] = {}
    for metric in (metric for branch in branches for metric in branch.metrics):
        first = stated.setdefault(metric.name, metric)
        if first is not metric:
            message = f"the metric {quoted(metric.name)} is there twice, first in {first.place.path}:{first.place.line}"
            yield Problem(metric.place, message)
    # Of what could not be read nobody knows which metrics it names.
    is_whole = all(branch.is_whole and (branch.has_metrics or not branch.fields) for branch in branches)
    yield from _about_the_north_star(branches, stated, is_whole)
    yield from _about_what_drives_what(stated, is_whole)


def _about_the_north_star(
    branches: Sequence[Branch], stated: Mapping[str, Stated], is_whole: bool
) -> Iterator[Problem]:
    naming = [branch for branch in branches if _text(branch.fields.get("north_star"))]
    name = naming[0].fields["north_star"] if naming else ""
    stars = [metric for metric in stated.values() if metric.text("role") == "north_star"]
    if naming:
        yield from _about_its_name(naming[0], name, stars, stated, is_whole)
    elif is_whole and stated and not any(branch.fields.keys() - {"metrics"} for branch in branches):
        # Another field may be this one, misspelt.
        top = next(branch for branch in branches if branch.metrics)
        hint = f"write north_star: {stars[0].name}" if len(stars) == 1 else None
        yield top.problem(top.reading.first(()), '"north_star" is missing: write the name of a metric', hint)
    for other in naming[1:]:
        if other.fields["north_star"] != name:
            place = naming[0].source.location(naming[0].north_star)
            message = f"a tree has one north star, and {place.path}:{place.line} names it"
            yield other.problem(other.north_star, message)
    stars.sort(key=lambda metric: metric.name != name)
    for metric in stars[1:]:
        yield metric.problem("role", f"a tree has one north star, and it is {quoted(stars[0].name)}")


def _about_its_name(
    branch: Branch, name: str, stars: Sequence[Stated], stated: Mapping[str, Stated], is_whole: bool
) -> Iterator[Problem]:
    """What is wrong with the metric that is named as north star."""
    role = stated[name].text("role") if name in stated else None
    only = f"did you mean {quoted(stars[0].name)}?" if len(stars) == 1 else None
    if name not in stated and is_whole:
        hint = _did_you_mean(name, stated) or only
        yield branch.problem(branch.north_star, f'"north_star" names no metric: {quoted(name)}', hint)
    elif role in ("supporting", "guardrail"):
        hint = only or "its role has to be north_star"
        yield branch.problem(branch.north_star, f'"north_star" names {quoted(name)}, whose role is {role}', hint)


def _about_what_drives_what(stated: Mapping[str, Stated], is_whole: bool) -> Iterator[Problem]:
    above = {name: target for name, metric in stated.items() if (target := metric.text("drives"))}
    astray = [name for name, target in above.items() if target not in stated and is_whole]
    for number, name in enumerate(astray):
        message = f"{quoted(f'metrics.{name}.drives')} names no metric: {quoted(above[name])}"
        hint = _did_you_mean(above[name], stated) if number < MAX_SUGGESTIONS else None
        yield stated[name].problem("drives", message, hint)
    seen: set[str] = set()
    for name in above:
        path: list[str] = []
        while name in above and name not in seen:
            seen.add(name)
            path.append(name)
            name = above[name]
        if name in path:
            circle = path[path.index(name) :]
            shown = " -> ".join(map(quoted, [*circle, circle[0]]))
            yield stated[circle[-1]].problem("drives", f"this metric drives itself: {shown}", "drop one of these")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _did_you_mean(name: str, known: Mapping[str, Stated]) -> str | None:
    # Cut, because the time also grows with the square of the length.
    close = closest(name[:100], known)
    return f"did you mean {quoted(close)}?" if close else None
