"""What is known along the paths of a function: at a place, on the way to it, and of each evaluation in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import overload

import libcst as cst

from flagctl.scan.python.flow.decisions import Answer, Guard
from flagctl.scan.python.flow.questions import Question
from flagctl.scan.python.flow.sides import Decision


@dataclass(slots=True)
class Facts:
    """What is known of one evaluation."""

    in_loop: bool = False
    """Asked on every turn of a loop, and the same each time."""
    under: tuple[str, ...] = ()
    """The flags that decide whether it is asked at all."""
    earlier: cst.CSTNode | None = None
    """The evaluation before it on one path that asks the same."""
    decisions: list[Decision] = field(default_factory=list)
    """The branches that depend on it."""


@dataclass(frozen=True, eq=False, slots=True)
class Read:
    """A question that may have been asked on the way, in which order, and under which conditions."""

    question: Question
    number: int
    guards: frozenset[Guard]


@dataclass(frozen=True, eq=False, slots=True)
class Path:
    """What has happened on the ways to a place."""

    reads: frozenset[Read] = frozenset()
    carried: Mapping[str, Answer] = field(default_factory=dict)


Onward = Path | None
"""What has happened when a block is through; `None` if that is never reached."""


@dataclass(eq=False, slots=True)
class Exits:
    """What has happened on the ways that leave a block before its end."""

    broken: Onward = None
    """On those that leave the innermost loop."""
    turned: Onward = None
    """On those that go on with its next turn."""
    left: Onward = None
    """On all."""


@dataclass(frozen=True, eq=False, slots=True)
class Loop:
    """A loop around a place, and what is another thing on each of its turns."""

    changes: tuple[str, ...]
    is_endless: bool = False
    """Runs as long as the program does, or until a flag is switched: it has to ask again."""
    tested: frozenset[str] = frozenset()
    """The variables that say whether it goes on."""


@dataclass(frozen=True, eq=False, slots=True)
class Place:
    """What holds where the walk stands, by the blocks around it."""

    guards: frozenset[Guard] = frozenset()
    under: tuple[str, ...] = ()
    loops: tuple[Loop, ...] = ()


def joined(one: Onward, other: Onward) -> Onward:
    """What may have happened where two ways meet; one that never gets there counts for nothing."""
    if one is None or other is None:
        return other if one is None else one
    return both(one, other)


@overload
def renewed(path: Path) -> Path: ...
@overload
def renewed(path: None) -> None: ...
def renewed(path: Onward) -> Onward:
    """What was asked may be asked again."""
    return None if path is None else replace(path, reads=frozenset())


def both(one: Path, other: Path) -> Path:
    """What may have happened on either of two ways; a variable holds an answer if it does so on both."""
    if one is other:
        return one
    carried = {name: each for name, each in one.carried.items() if other.carried.get(name) is each}
    return Path(one.reads | other.reads, carried)


MOST_QUESTIONS = 200
"""Evaluations that are remembered on one path."""
_MOST_READS = 20
"""Evaluations that are remembered of one question: only a place that excludes all of them is taken for the first."""


def forgotten(same: Sequence[Read], read: Read) -> Iterable[Read]:
    """The earlier reads that a new one of the same question makes superfluous: it is found wherever they would be."""
    covered = [each for each in same if each.guards >= read.guards]
    rest = [each for each in same if not each.guards >= read.guards]
    if len(rest) < _MOST_READS:
        return covered
    return [*covered, max(rest, key=lambda each: (len(each.guards), -each.number))]
