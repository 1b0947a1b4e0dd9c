"""The story of a removal: find the references, rewrite the code, set the definition aside."""

from __future__ import annotations

from datetime import date

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.config.files import git
from flagctl.definitions import load_definitions
from flagctl.definitions.archive import archived
from flagctl.model import Flag, InputError
from flagctl.pipeline import Progress, Request, not_sources, scan_sources
from flagctl.removal import Removal, remove_from_code
from flagctl.scan.discover import project_files


def remove(
    config: Config,
    key: str,
    kept: str | None,
    request: Request,
    progress: Progress,
    *,
    force: bool = False,
    keep_tests: bool = False,
) -> Removal:
    """What removes a flag from a project: from its code, and its definition, of which a tombstone is left.

    `kept` is the variant that stays; without it, what the definition says.

    Raises:
        InputError: there is no such flag, it has no such variant, or its definition says that another one stays.
    """
    cache = Cache(request.cache_file)
    definitions = load_definitions(config, cache)
    flag = next((flag for flag in definitions.flags if key in flag.names), None)
    if flag is None:
        raise InputError(f"{key}: no definition has this key")
    variant = _kept(flag, kept, force=force)
    found = scan_sources(config, definitions, progress, cache)
    references = [each for each in found.references if each.flag == flag.key]
    left_out = tuple(f"{entry}/" for entry in not_sources(config, definitions))
    paths = [path for path in project_files(config.root) if not f"{path}/".startswith(left_out)]
    removal = remove_from_code(config.root, paths, references, flag, variant, keep_tests=keep_tests)
    _archive(config, flag, variant, request.today, removal)
    return removal


def _kept(flag: Flag, asked: str | None, *, force: bool) -> str:
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


def _archive(config: Config, flag: Flag, kept: str, day: date, removal: Removal) -> None:
    """Sets the definition aside, once nothing asks for the flag any more."""
    if removal.refusals:
        return
    path = flag.first.path
    head = git(config.root, "rev-parse", "HEAD")
    set_aside = archived(flag, (config.root / path).read_bytes(), kept, day, head.decode().strip() if head else None)
    if (config.root / set_aside.path).exists():
        raise InputError(f"{set_aside.path}: there is a tombstone of this key already; was it used again (FLG010)?")
    removal.changes[path] = set_aside.rest
    removal.changes[set_aside.path] = set_aside.tombstone
