"""The sources by what holds where they are: parts of a repository may have SDKs and conventions of their own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache

from pathspec import GitIgnoreSpec

from flagctl.config import Config
from flagctl.config.conventions import Conventions
from flagctl.scan.discover import Source
from flagctl.scan.presets import chosen_presets


@dataclass(frozen=True, slots=True)
class Ground:
    """Files that are read by the same conventions: those of SDKs and the project's own."""

    presets: tuple[Conventions, ...]
    own: Conventions
    sources: tuple[Source, ...]
    is_auto: bool = True
    """Of the presets only those are in force whose SDK is imported somewhere in the repository."""

    @property
    def conventions(self) -> tuple[Conventions, ...]:
        return (*self.presets, self.own)

    def where(self, imported: Collection[str]) -> Ground:
        """The ground with the presets that are in force where these packages are imported."""
        if not self.is_auto:
            return self
        return replace(self, presets=tuple(each for each in self.presets if not set(imported).isdisjoint(each.imports)))


def grounds(config: Config, sources: Iterable[Source]) -> list[Ground]:
    """One ground for all parts that have the same conventions.

    Raises:
        InputError: the configuration of a part names an SDK that there is no preset for.
    """
    found: dict[tuple[tuple[str, ...] | None, Conventions], list[Source]] = {}
    by_folder = {each.folder: found.setdefault((each.sdks, each.conventions), []) for each in config.everywhere}
    for source in sources:
        by_folder[config.at(source.path).folder].append(source)
    presets: dict[tuple[str, ...] | None, tuple[Conventions, ...]] = {}
    for each in config.everywhere:
        if each.sdks not in presets:  # the outer part comes first: a mistake is named where it stands
            presets[each.sdks] = tuple(chosen_presets(each))
    return [Ground(presets[sdks], own, tuple(files), sdks is None) for (sdks, own), files in found.items()]


def in_tests(config: Config) -> Callable[[str], bool]:
    """Tells of a file whether it belongs to the tests of its part."""

    @cache
    def matcher(tests: tuple[str, ...]) -> Callable[[str], bool]:
        return GitIgnoreSpec.from_lines(tests).match_file

    return lambda path: matcher(config.at(path).tests)(path)
