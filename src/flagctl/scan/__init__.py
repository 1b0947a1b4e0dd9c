"""Source to references: which files there are, which may name a flag, and what they say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from pathspec import GitIgnoreSpec

from flagctl.config import Config
from flagctl.model import Reference, Suppression, Unread
from flagctl.scan.conventions import Matcher
from flagctl.scan.discover import discover
from flagctl.scan.mentions import Terms, find_in_text
from flagctl.scan.prefilter import Sieve
from flagctl.scan.presets import chosen_presets
from flagctl.scan.python import Project, Resolver, scan_python
from flagctl.scan.python.trace import Tracer
from flagctl.scan.text import Spellings, respellings

Progress = Callable[[int, int], None]
"""Told how many steps are done, of how many."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What the sources hold; references in the order of files and lines."""

    references: tuple[Reference, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    unread: tuple[Unread, ...] = ()
    searched: int = 0
    parsed: int = 0


def scan(config: Config, flags: Mapping[str, str], leave_out: Iterable[str], progress: Progress) -> Scan:
    """Finds every reference to a flag under the configured sources.

    `flags` maps each declared name, aliases too, to its flag's key; `leave_out` are files and folders that are no
    sources, such as the definitions themselves.

    Raises:
        InputError: the configuration names an SDK that there is no preset for.
    """
    left_out = tuple(f"{entry}/" for entry in leave_out)
    paths = [path for path in discover(config) if not f"{path}/".startswith(left_out)]
    keys = Spellings({name: [key] for name, key in flags.items()})
    spellings = _spellings(flags)
    sieve = Sieve(chosen_presets(config), config.conventions, flags, spellings)
    for done, path in enumerate(paths):
        sieve.add(config.root, path)
        progress(done, len(paths))

    conventions = [*sieve.presets_in_use(named=config.sdks is not None), config.conventions]
    matcher = Matcher(conventions)
    project = Project(sieve.python, lambda path: (config.root / path).read_bytes(), matcher.roots)
    resolver = Resolver(matcher, Tracer(project, matcher.types), flags)
    registries = config.conventions.registries
    candidates = sieve.candidates(conventions, [registry.file for registry in registries])
    total = len(paths) + len(candidates)
    python = scan_python(
        candidates, project, resolver, registries, keys, lambda done: progress(len(paths) + done, total)
    )

    terms = Terms(conventions, flags)
    references = [*python.references]
    for path, text in sieve.texts.items():
        references += find_in_text(path, text, spellings, terms)
    for path in (*python.unparsable, *sieve.only_text):
        references += find_in_text(path, (config.root / path).read_bytes().decode("utf-8", "replace"), keys, terms)
    unread = [*sieve.unread, *(Unread(path, reason) for path, reason in python.unparsable.items())]
    return Scan(
        references=_finished(references, config.tests),
        suppressions=python.suppressions,
        unread=tuple(sorted(unread, key=lambda each: each.path)),
        searched=len(paths),
        parsed=python.parsed,
    )


def _spellings(flags: Mapping[str, str]) -> Spellings:
    """The flags' names as other languages write them."""
    spellings: dict[str, set[str]] = {}
    for name, key in flags.items():
        for spelling in respellings(name):
            spellings.setdefault(spelling, set()).add(key)
    # Where a respelling of one flag is the very name of another, it means the other.
    return Spellings({each: [flags[each]] if each in flags else sorted(keys) for each, keys in spellings.items()})


def _finished(references: Iterable[Reference], tests: Iterable[str]) -> tuple[Reference, ...]:
    """Sorted, each once, and marked where they stand in tests."""
    is_test = GitIgnoreSpec.from_lines(tests).match_file
    ordered = sorted(dict.fromkeys(references), key=lambda each: (each.location, each.role, each.flag or ""))
    in_tests = {path: is_test(path) for path in {each.location.path for each in ordered}}
    return tuple(replace(each, in_tests=True) if in_tests[each.location.path] else each for each in ordered)
