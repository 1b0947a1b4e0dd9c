"""What one search found, for the search of another tree of the same project: most of their files are the same.

What was found in a file holds for the same file in the other tree, if it was looked for in the same way, and if all
that it rests on is the same there (see `provenance`). The flags that are declared may differ: what was found in a file
that names none of those that only one tree declares, in no spelling, does not depend on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from flagctl.scan.discover import Source
from flagctl.scan.facts import Analysis, Question, Sifted
from flagctl.scan.provenance import Provenance
from flagctl.scan.python.layout import Layout
from flagctl.scan.text import respellings


@dataclass(frozen=True, slots=True)
class Analysed:
    """What one round of analyses found, and what that rests on."""

    found: Mapping[str, Analysis] = field(default_factory=dict)
    asked: Mapping[str, set[Question]] = field(default_factory=dict)
    layout: Layout = field(default_factory=lambda: Layout(()))
    provenance: Provenance = field(default_factory=lambda: Provenance({}, Layout(()), {}))


@dataclass(frozen=True, slots=True)
class Record:
    """What a search has found so far; `seen` and `analysed` by what was looked for, but for the flags."""

    flags: Mapping[str, str]
    contents: dict[str, str] = field(default_factory=dict)
    """What was in each file when it was read."""
    seen: dict[str, dict[str, Sifted]] = field(default_factory=dict)
    analysed: dict[str, Analysed] = field(default_factory=dict)

    def has(self, source: Source) -> bool:
        """Whether a file is the same here."""
        return source.content is not None and self.contents.get(source.path) == source.content

    def analysed_like(self, looked_for: str, contents: Mapping[str, str]) -> Analysed:
        """A round of analyses, with the questions of the modules that are the same in another tree."""
        found = self.analysed.get(looked_for, Analysed())
        same = (path for path in found.asked if self.contents.get(path) == contents.get(path))
        return replace(found, asked={path: {*found.asked[path]} for path in same})

    def spellings_apart(self, flags: Mapping[str, str]) -> list[str]:
        """All that may stand in a file for a flag that is declared in one tree only, or as another flag."""
        names = {name for name in {*self.flags, *flags} if self.flags.get(name) != flags.get(name)}
        # In code, a name may stand without the namespace that it is declared in.
        return sorted({each for name in names for each in _spellings(name)} - {""})


def _spellings(name: str) -> Iterable[str]:
    return (name, name.rpartition(":")[2], *respellings(name))
