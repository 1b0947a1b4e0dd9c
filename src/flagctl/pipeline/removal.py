"""The story of a removal: find the references, rewrite the code, set the definitions aside."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.config.files import git
from flagctl.definitions import Definitions, read_definitions
from flagctl.definitions.archive import archived
from flagctl.model import Flag, InputError, Kind, Reference, Role
from flagctl.pipeline import Progress, Request, not_sources, scan_sources
from flagctl.removal import Kept, Removal, remove_from_code
from flagctl.removal.clean.dropped import Dropped, dropped
from flagctl.removal.file import PYTHON
from flagctl.removal.patch import Changes, with_originals
from flagctl.scan.discover import project_files
from flagctl.scan.ground import in_tests


@dataclass(frozen=True)
class Project:
    """A project that flags are removed from: what names them, and all its text files."""

    config: Config
    references: tuple[Reference, ...]
    paths: tuple[str, ...]
    today: date


@dataclass(frozen=True)
class Patch:
    """What removes some flags from a project."""

    kept: tuple[Kept, ...]
    removal: Removal
    changes: Changes
    dropped: Mapping[str, Dropped]
    """What goes as nothing uses it any more, by file."""
    archived: tuple[str, ...]
    """The keys whose definitions are set aside."""

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(each.flag.key for each in self.kept)

    @property
    def edited(self) -> int:
        """How many files are still there, but not as they were."""
        return len(self._edited)

    @property
    def lines_fewer(self) -> int:
        return sum(before.count(b"\n") - after.count(b"\n") for before, after in self._edited)

    @property
    def _edited(self) -> list[tuple[bytes, bytes]]:
        pairs = self.changes.values()
        return [(before, after) for before, after in pairs if before is not None and after is not None]


def read_project(config: Config, definitions: Definitions, request: Request, progress: Progress) -> Project:
    """Reads a project, whatever is to be removed from it.

    Raises:
        InputError: there is nothing to read.
    """
    cache = Cache(request.cache_file)
    found = scan_sources(config, definitions, progress, cache)
    left_out = tuple(f"{entry}/" for entry in not_sources(config, definitions))
    paths = tuple(path for path in project_files(config.root) if not f"{path}/".startswith(left_out))
    return Project(config, found.references, paths, request.today)


def wanted(flags: Sequence[Flag], keys: Sequence[str], asked: str | None, *, force: bool = False) -> list[Kept]:
    """The flags that are to go, and what stays of each: the variant that is asked for, or what the definition says.

    Raises:
        InputError: there is no such flag, it has no such variant, or its definition says that another one stays.
    """
    by_name = {name: flag for flag in reversed(flags) for name in flag.names}
    if unknown := [key for key in keys if key not in by_name]:
        raise InputError(f"{', '.join(unknown)}: no definition has this key")
    chosen = {by_name[key].key: by_name[key] for key in keys}
    return [Kept(flag, _variant(flag, asked, force=force)) for flag in chosen.values()]


def ready(flags: Iterable[Flag]) -> list[Flag]:
    """The flags of which it is decided what stays."""
    decided = [flag for flag in flags if flag.decision and flag.decision.keep and not flag.is_standing]
    return [flag for flag in decided if flag.decision and flag.decision.outcome != "extend"]


def _variant(flag: Flag, asked: str | None, *, force: bool) -> str:
    """The variant that stays.

    Raises:
        InputError: nobody says which, or several say different things.
    """
    decided = flag.decision.keep if flag.decision else None
    planned = decided or flag.on_removal
    kept = asked or planned
    if kept is None:
        raise InputError(f"{flag.key}: what stays? its definition does not say; add --keep {'|'.join(flag.variants)}")
    if kept not in flag.variants:
        raise InputError(f"{flag.key}: it has no variant {kept}; it has {', '.join(flag.variants)}")
    said = {each for each in (decided, flag.on_removal) if each is not None}
    if asked and said - {asked} and not force:
        where = "decision" if decided and decided != asked else "on_removal"
        raise InputError(
            f"{flag.key}: its {where} says that {', '.join(sorted(said - {asked}))} stays; --force overrules it"
        )
    return kept


def remove(project: Project, kept: Sequence[Kept], tests: Collection[str] | None = None) -> Patch:
    """What removes flags from a project: from its code, and their definitions, of which tombstones are left.

    `tests` are those that go; without it, all tests of what is gone do.

    Raises:
        InputError: a tombstone is in the way.
    """
    root = project.config.root
    keys = {each.flag.key for each in kept}
    references = [each for each in project.references if each.flag in keys]
    removal = remove_from_code(root, project.paths, references, kept, tests, is_test=in_tests(project.config))
    changes = removal.changes
    names = {
        path: _dropped(removal, path, (root / path).read_bytes(), data)
        for path, data in changes.items()
        if data is not None and path.endswith(PYTHON)
    }
    blocked = {each.location.path for each in removal.refusals}
    asked = {each.flag for each in references if each.location.path in blocked and _asks(each)}
    gone = [each for each in kept if each.flag.key not in asked | removal.asked_otherwise]
    for each in gone:
        _archive(project, each, changes)
    return Patch(
        tuple(kept),
        removal,
        with_originals(root, changes),
        {path: each for path, each in names.items() if each != Dropped()},
        tuple(each.flag.key for each in gone),
    )


def _asks(reference: Reference) -> bool:
    return reference.role in (Role.EVALUATION, Role.OVERRIDE) or reference.kind is Kind.CODE


def _dropped(removal: Removal, path: str, before: bytes, after: bytes) -> Dropped:
    """What goes with the flags besides tests of what is gone, which are told apart."""
    own = [test.removeprefix(f"{path}::").replace("::", ".") for test in removal.tests]
    found = dropped(before, after)
    names = (name for name in found.definitions if not any(f"{test}.".startswith(f"{name}.") for test in own))
    return Dropped(tuple(names), found.imports)


def _archive(project: Project, kept: Kept, changes: dict[str, bytes | None]) -> None:
    """Sets a definition aside, as nothing asks for the flag any more.

    Another one of the same file may have been set aside already, so that it is read again.

    Raises:
        InputError: there is a tombstone already.
    """
    root = project.config.root
    path = kept.flag.first.path
    data = changes.get(path) or (root / path).read_bytes()
    flag = next(flag for flag in read_definitions(path, data).flags if flag.key == kept.flag.key)
    head = git(root, "rev-parse", "HEAD")
    set_aside = archived(flag, data, kept.variant, project.today, head.decode().strip() if head else None)
    if (root / set_aside.path).exists() or set_aside.path in changes:
        raise InputError(f"{set_aside.path}: there is a tombstone of this key already; was it used again (FLG010)?")
    changes[path] = set_aside.rest
    changes[set_aside.path] = set_aside.tombstone
