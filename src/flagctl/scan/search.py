"""A run over all files: every file is looked at once, those that may hold a reference are analysed, nothing twice.

What is known of a file from an earlier run is not found out again (see `cache`). A file's analysis may rest on other
files, to which its names were followed; so each module's questions are kept, and a file is analysed again if any
question on the way is now answered differently (see `provenance`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from flagctl.config.conventions import Conventions, Evaluation, Override, Registry
from flagctl.scan.cache import Cache, Entry, run_id
from flagctl.scan.conventions import Matcher
from flagctl.scan.discover import Source, read
from flagctl.scan.facts import Analysis, Question, Sifted, dump, load_analysis, load_sifted
from flagctl.scan.ground import Ground
from flagctl.scan.prefilter import Sieve, Words
from flagctl.scan.provenance import Provenance
from flagctl.scan.python.layout import Layout
from flagctl.scan.workers import Task
from flagctl.suppression import MARKER

if TYPE_CHECKING:
    from flagctl.scan.python.analysis import Analyst

_SIFTED_PER_WORKER = 400
_ANALYSED_PER_WORKER = 24
"""How many files are worth a process of their own."""

_MAX_ROUNDS = 5
"""How deep helpers of helpers of helpers are followed."""


class Search:
    """The files of one run."""

    def __init__(
        self,
        root: Path,
        flags: Mapping[str, str],
        sources: Sequence[Source],
        cache: Cache,
        progress: Callable[[int, int], None],
    ) -> None:
        self.cache = cache
        self._root = root
        self._flags = flags
        self._sources = {source.path: source for source in sources}
        self._contents: dict[str, str] = {}
        """What was in each file when it was read."""
        self._progress = progress
        self._sifted: dict[str, Sifted] = {}
        self._done = 0

    def sift(self, grounds: Iterable[Ground]) -> dict[str, Sifted]:
        """Looks at every file for what might be a reference by the conventions of its ground."""
        for ground in grounds:
            words = Matcher(ground.conventions).words() | self._names
            imports = tuple(sorted({root for each in ground.conventions for root in each.imports}))
            self._sifted |= self._sift(ground.sources, words, imports, ground.conventions, self._flags)
        return self._sifted

    def analyse(self, grounds: Sequence[Ground]) -> dict[str, Analysis]:
        """Analyses every file that may hold a reference by the conventions of its ground.

        Functions that turn out to ask for a flag are conventions, too, on every ground: what calls them is analysed
        with them.
        """
        known = [list(ground.conventions) for ground in grounds]
        todo = [self._candidates(ground) for ground in grounds]
        new: list[list[Conventions] | None] = [None for _ in grounds]
        found: dict[str, Analysis] = {}
        for _ in range(_MAX_ROUNDS):
            more: dict[str, Analysis] = {}
            for paths, conventions, latest in zip(todo, known, new, strict=True):
                more |= self._analyse(paths, conventions, latest) if paths else {}
            found |= {path: found[path] | facts if path in found else facts for path, facts in more.items()}
            learned = [_learned(more.values(), conventions) for conventions in known]
            if not any(learned):
                break
            todo = [self._callers(ground, each) for ground, each in zip(grounds, learned, strict=True)]
            known = [conventions + each for conventions, each in zip(known, learned, strict=True)]
            new = [*learned]
        return found

    def _candidates(self, ground: Ground) -> list[str]:
        words = (Matcher(ground.conventions).words() | self._names).all()
        always = {registry.file for registry in _registries(ground.conventions)}
        python = self._python(ground.sources)
        return [path for path in python if path in always or not words.isdisjoint(self._sifted[path].words)]

    def _callers(self, ground: Ground, learned: Sequence[Conventions]) -> list[str]:
        """The files that may call a helper or use a name that was learned."""
        if not learned:
            return []
        python = [self._sources[path] for path in self._python(ground.sources)]
        calls = self._sift(python, Matcher(learned).words())
        return [path for path, facts in calls.items() if facts.words]

    def _python(self, sources: Iterable[Source]) -> list[str]:
        return [source.path for source in sources if self._sifted[source.path].is_python]

    @cached_property
    def _names(self) -> Words:
        return Words(names=frozenset({*self._flags, MARKER}))

    def _sift(
        self,
        sources: Sequence[Source],
        words: Words,
        imports: tuple[str, ...] = (),
        conventions: Sequence[Conventions] = (),
        flags: Mapping[str, str] = MappingProxyType({}),
    ) -> dict[str, Sifted]:
        terms = [(each.id, each.templates, each.scripts) for each in conventions if each.templates or each.scripts]
        looked_for = (*map(sorted, (words.names, words.exact, words.parts)), imports, terms, sorted(flags.items()))
        run = run_id("sift", *looked_for)
        known = self.cache.read(run)
        if known:
            self._identify(sources)
        found: dict[str, Sifted] = {}
        todo: list[Source] = []
        for source in sources:
            content = self._contents.get(source.path) or source.content
            value = known.get((source.path, content)) if content else None
            if content is None or value is None:
                todo.append(source)
            else:
                self._contents[source.path] = content
                found[source.path] = load_sifted(value)
        new: dict[Entry, str] = {}
        task = Task(_sifting, self._root, words, imports, conventions, flags)
        for batch, results in task.over(todo, _SIFTED_PER_WORKER):
            for path, content, value in results:
                found[path] = load_sifted(value)
                self._contents[path] = content
                if content:
                    new[path, content] = value
            self._advance(len(batch), len(sources))
        self.cache.write({run: new})
        return {source.path: found[source.path] for source in sources}

    def _identify(self, sources: Iterable[Source]) -> None:
        """Reads the files that git knows nothing of, to see whether they are known from an earlier run."""
        unknown = [source for source in sources if source.content is None and source.path not in self._contents]
        for _, contents in Task(_identifying, self._root).over(unknown, _SIFTED_PER_WORKER):
            self._contents |= {path: content for path, content in contents if content}

    def _analyse(
        self, paths: Sequence[str], conventions: Sequence[Conventions], new: Sequence[Conventions] | None
    ) -> dict[str, Analysis]:
        """Analyses files by all conventions, or by those that are new since they were analysed before."""
        layout = Layout(self._python(self._sources.values()), Matcher(conventions).roots)
        registries = _registries(conventions)
        facts_run = run_id(
            "analyse", conventions, new, sorted(self._flags.items()), registries, sorted(layout.packages)
        )
        asked_run = run_id("ask", facts_run)
        known, asked = self.cache.read(facts_run), _loaded(self.cache.read(asked_run), self._contents)
        before = Provenance(asked, layout, self._contents)
        values = {path: value for path in paths if (value := known.get((path, before.name(path)))) is not None}
        found = {path: load_analysis(value) for path, value in values.items()}
        todo = [path for path in paths if path not in values]
        if todo:
            _analyst()  # once, for all processes
        task = Task(_analysing, self._root, self._sources, layout, conventions, self._flags, registries, new)
        seen: set[Entry] = set()
        asking: set[str] = set()
        for batch, (found_now, asked_now, seen_now) in task.over(todo, _ANALYSED_PER_WORKER):
            for path, value in found_now:
                found[path] = load_analysis(value)
                values[path] = value
            for path, questions in asked_now.items():
                asked.setdefault(path, set()).update(questions)
            asking |= asked_now.keys()
            seen |= seen_now
            self._advance(len(batch), len(todo))
        unchanged = all(self._contents.get(path) == content for path, content in seen)
        if todo and unchanged:  # else somebody wrote to a file meanwhile
            after = Provenance(asked, layout, self._contents)
            results = {(path, after.name(path)): value for path, value in values.items() if self._contents[path]}
            self.cache.write(
                {
                    facts_run: {entry: value for entry, value in results.items() if entry not in known},
                    asked_run: {(path, self._contents[path]): json.dumps(sorted(asked[path])) for path in asking},
                }
            )
        return found

    def _advance(self, count: int, total: int) -> None:
        self._done += count
        self._progress(self._done, max(self._done, len(self._sources) + total))


def _registries(conventions: Iterable[Conventions]) -> tuple[Registry, ...]:
    return tuple(registry for each in conventions for registry in each.registries)


def _learned(found: Iterable[Analysis], known: Iterable[Conventions]) -> list[Conventions]:
    """The project's own functions that ask for a flag and its names for flags, as far as they are not known yet."""
    known, found = list(known), list(found)
    old = {(each, entry.id) for entry in known for each in (*entry.evaluations, *entry.overrides)}
    new = {(helper.convention, helper.sdk) for facts in found for helper in facts.helpers} - old
    by_sdk: dict[str | None, list[Evaluation | Override]] = {}
    for convention, sdk in sorted(new, key=repr):
        by_sdk.setdefault(sdk, []).append(convention)
    learned = [
        Conventions(
            id=sdk,
            evaluations=tuple(each for each in helpers if isinstance(each, Evaluation)),
            overrides=tuple(each for each in helpers if isinstance(each, Override)),
            is_inferred=True,
        )
        for sdk, helpers in by_sdk.items()
    ]
    names = {name for facts in found for name in facts.names} - {name for entry in known for name in entry.names}
    return [*learned, Conventions(is_inferred=True, names=tuple(sorted(names)))] if names else learned


Analysed = tuple[list[tuple[str, str]], dict[str, set[Question]], set[Entry]]
"""The facts about some files, what modules asked for on the way (see `facts.Question`), and what was in all of them."""

Read = tuple[str, str, str]
"""A file, what was in it, and the facts about that."""


def _loaded(rows: Mapping[Entry, str], contents: Mapping[str, str]) -> dict[str, set[Question]]:
    """The questions of the modules as they are now."""
    return {
        path: {(dotted, level) for dotted, level in json.loads(value)}
        for (path, content), value in rows.items()
        if contents.get(path) == content
    }


def _sifting(
    root: Path,
    words: Words,
    imports: tuple[str, ...],
    conventions: Sequence[Conventions],
    flags: Mapping[str, str],
) -> Callable[[Sequence[Source]], list[Read]]:
    sieve = Sieve(words, imports, conventions, flags)

    def sift(batch: Sequence[Source]) -> list[Read]:
        found = []
        for source in batch:
            try:
                data, content = read(root, source)
            except OSError as error:
                found.append((source.path, "", dump(Sifted(unread=f"cannot be read: {error.strerror}"))))
            else:
                found.append((source.path, content, dump(sieve.sift(source.path, data))))
        return found

    return sift


def _identifying(root: Path) -> Callable[[Sequence[Source]], list[Entry]]:
    def identify(batch: Sequence[Source]) -> list[Entry]:
        found = []
        for source in batch:
            with suppress(OSError):
                found.append((source.path, read(root, source)[1]))
        return found

    return identify


def _analyst() -> type[Analyst]:
    from flagctl.scan.python.analysis import Analyst  # LibCST is slow to import, and a warm run does without it

    return Analyst


def _analysing(
    root: Path,
    sources: Mapping[str, Source],
    layout: Layout,
    conventions: Sequence[Conventions],
    flags: Mapping[str, str],
    registries: Sequence[Registry],
    new: Sequence[Conventions] | None,
) -> Callable[[Sequence[str]], Analysed]:
    seen: set[Entry] = set()

    def read_bytes(path: str) -> bytes:
        content = ""
        try:
            data, content = read(root, sources[path])
        finally:
            seen.add((path, content))
        return data

    analyst = _analyst()(layout, read_bytes, conventions, flags, registries, new)

    def analyse(batch: Sequence[str]) -> Analysed:
        found = []
        for path in batch:
            try:
                found.append((path, dump(analyst.analyse(path))))
            except OSError as error:
                found.append((path, dump(Analysis(unread=f"cannot be read: {error.strerror}"))))
        return found, analyst.questions(), seen

    return analyse
