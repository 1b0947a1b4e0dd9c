"""Everything that rules may look at, put together: it is read here, as they read nothing themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flagctl.config import Config
from flagctl.definitions import Definitions
from flagctl.definitions.archive import tombstones
from flagctl.definitions.codeowners import CodeOwners, read_code_owners
from flagctl.definitions.metrics import Metrics
from flagctl.definitions.owners import read_owners
from flagctl.model import Snapshot
from flagctl.pipeline.request import Request

if TYPE_CHECKING:
    from flagctl.scan import Scan


def snapshot_of(
    config: Config, request: Request, definitions: Definitions, metrics: Metrics, found: Scan | None
) -> Snapshot:
    """The snapshot of a run; `found` is `None` for one that reads definitions only."""
    code_owners = read_code_owners(config.root)
    return Snapshot(
        today=request.today,
        flags=definitions.flags,
        problems=(*definitions.problems, *metrics.problems),
        invalid_names=definitions.invalid_names,
        references=found.references if found else (),
        metrics=metrics.tree,
        archived=tombstones(config),
        missing_files=_missing_files(config, definitions),
        owners=known_owners(config),
        code_owners=code_owners.path if code_owners else None,
        protected=_protected(definitions, code_owners),
    )


def known_owners(config: Config) -> frozenset[str] | None:
    """Everybody who may own a flag; `None` where nothing says who there is."""
    code_owners, teams = read_code_owners(config.root), read_owners(config)
    if code_owners is None and teams is None:
        return None
    people = (name for team, people in (teams or {}).items() for name in (team, *people))
    return frozenset(people) | (code_owners.names if code_owners else frozenset())


def _missing_files(config: Config, definitions: Definitions) -> frozenset[str]:
    """The runbooks that are to be files of the project and are none."""
    named = {flag.kill_switch.runbook for flag in definitions.flags if flag.kill_switch and flag.kill_switch.runbook}
    return frozenset(
        each for each in named if "://" not in each and not (config.root / each.partition("#")[0]).is_file()
    )


def _protected(definitions: Definitions, code_owners: CodeOwners | None) -> Mapping[str, tuple[str, ...]]:
    """The definition files that somebody owns, with their owners."""
    if code_owners is None:
        return {}
    return {path: owners for path in definitions.files if (owners := code_owners.of(path))}
