"""A project as it is at one time: everything that rules may look at is read here, as they read nothing themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from flagctl.config import Config
from flagctl.definitions import Definitions
from flagctl.definitions.archive import tombstones
from flagctl.definitions.codeowners import CodeOwners, read_code_owners
from flagctl.definitions.metrics import Metrics
from flagctl.definitions.owners import read_owners
from flagctl.model import Snapshot, Suppression
from flagctl.past import History
from flagctl.pipeline.request import Request

if TYPE_CHECKING:
    from flagctl.scan import Scan


@dataclass(frozen=True)
class Project:
    """What is read of a project as it is at one time, and what rules may look at of that.

    `found` is `None` where only definitions are read; `data` has the text of what does not lie in the work tree.
    """

    definitions: Definitions
    metrics: Metrics
    snapshot: Snapshot
    found: Scan | None = None
    data: Mapping[str, bytes] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    """What the user should know of how it was read."""

    def scanned(self, found: Scan, data: Mapping[str, bytes] = MappingProxyType({})) -> Project:
        """The same, and what the sources say."""
        snapshot = replace(self.snapshot, references=found.references)
        return replace(self, found=found, snapshot=snapshot, data={**self.data, **data})

    def remembered(
        self, history: History | None, judged: frozenset[str] | None, notices: Iterable[str] = ()
    ) -> Project:
        """The same, and what git knows of it; `judged` are the commits whose changes count, `None` for the latest."""
        snapshot = replace(self.snapshot, history=history, judged_commits=judged)
        return replace(self, snapshot=snapshot, notices=(*self.notices, *notices))

    @property
    def suppressions(self) -> tuple[Suppression, ...]:
        """The ignore comments."""
        of_sources = self.found.suppressions if self.found else ()
        return (*self.definitions.suppressions, *self.metrics.suppressions, *of_sources)

    @property
    def unread(self) -> set[str]:
        """The sources that could not be read: nobody knows what became of findings there."""
        return {each.path for each in self.found.unread} if self.found else set()


def read_project(
    config: Config,
    request: Request,
    definitions: Definitions,
    metrics: Metrics,
    is_file: Callable[[str], bool] | None = None,
    around: Path | None = None,
) -> Project:
    """Reads what lies beside the definitions; `is_file` tells which files there are, where that is not below the root.

    `around` is where the project lies, if it has been laid out elsewhere: what is outside it is that of now.

    Raises:
        InputError: the owners file cannot be read.
    """
    code_owners, teams = read_code_owners(config.root, around), read_owners(config)
    snapshot = Snapshot(
        today=request.today,
        flags=definitions.flags,
        problems=(*definitions.problems, *metrics.problems),
        invalid_names=definitions.invalid_names,
        metrics=metrics.tree,
        archived=tombstones(config),
        missing_files=_missing_files(definitions, is_file or (lambda path: (config.root / path).is_file())),
        owners=_known_owners(code_owners, teams),
        code_owners=code_owners.path if code_owners else None,
        code_owners_folder=code_owners.folder if code_owners else "",
        protected=_protected(definitions, code_owners),
        people=teams,
    )
    return Project(definitions, metrics, snapshot)


def _known_owners(code_owners: CodeOwners | None, teams: Mapping[str, Sequence[str]] | None) -> frozenset[str] | None:
    """Everybody who may own a flag; `None` where nothing says who there is."""
    if code_owners is None and teams is None:
        return None
    people = (name for team, people in (teams or {}).items() for name in (team, *people))
    return frozenset(people) | (code_owners.names if code_owners else frozenset())


def _missing_files(definitions: Definitions, is_file: Callable[[str], bool]) -> frozenset[str]:
    """The runbooks that are to be files of the project and are none."""
    named = {flag.kill_switch.runbook for flag in definitions.flags if flag.kill_switch and flag.kill_switch.runbook}
    return frozenset(each for each in named if "://" not in each and not is_file(each.partition("#")[0]))


def _protected(definitions: Definitions, code_owners: CodeOwners | None) -> Mapping[str, tuple[str, ...]]:
    """The definition files that somebody owns, with their owners."""
    if code_owners is None:
        return {}
    return {path: owners for path in definitions.files if (owners := code_owners.of(path))}
