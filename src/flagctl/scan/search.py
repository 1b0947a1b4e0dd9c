"""A run over all files: every file is looked at once, those that may hold a reference are analysed, nothing twice.

What is known of a file from an earlier run is not found out again (see `cache`). A file's analysis may rest on other
files, to which its names were followed; so each module's questions are kept, and a file is analysed again if any
question on the way is now answered differently (see `provenance`).

Two trees of one project have most of their files in common. The search of the second is given the `record` of that of
the first, its twin, and looks at the files that differ, and at what rests on these.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from flagctl.cache import Cache, Entry, run_id
from flagctl.config.conventions import Conventions, Evaluation, Override, Registry
from flagctl.scan.batches import Files, Read, analysing, identifying, naming, sifting
from flagctl.scan.conventions import Matcher
from flagctl.scan.discover import Source
from flagctl.scan.facts import Analysis, Question, Sifted, load_analysis, load_sifted
from flagctl.scan.ground import Ground
from flagctl.scan.prefilter import Words
from flagctl.scan.provenance import Provenance
from flagctl.scan.python.layout import Layout
from flagctl.scan.record import Analysed, Record
from flagctl.scan.workers import Crew, Task
from flagctl.suppression import MARKER

_SIFTED_PER_WORKER = 400
_ANALYSED_PER_WORKER = 24
"""How many files are worth a process of their own."""

_MAX_ROUNDS = 5
"""How deep helpers of helpers of helpers are followed."""


class Search:
    """The files of one run."""

    def __init__(
        self,
        crew: Crew[Files],
        flags: Mapping[str, str],
        sources: Sequence[Source],
        cache: Cache,
        progress: Callable[[int, int], None],
        twin: Record | None = None,
    ) -> None:
        """`twin` is what was found in another tree of the same project."""
        self._cache = cache
        self._twin = twin
        self.record = Record(flags)
        self._crew = crew
        self._flags = flags
        self._sources = {source.path: source for source in sources}
        self.contents = self.record.contents
        self._progress = progress
        self._sifted: dict[str, Sifted] = {}
        self._done = 0
        self._is_unchanged = True
        """Whether nobody, as far as was seen, wrote to a file since it was first looked at."""

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
        looked_for = (sorted(words.names - flags.keys()), sorted(words.exact), sorted(words.parts), imports, terms)
        alike, run = run_id("sift", *looked_for), run_id("sift", *looked_for, sorted(flags.items()))
        found = self._shared(alike, sources)
        left = [source for source in sources if source.path not in found]
        looked = self._look(run, Task(sifting, (words, imports, conventions, dict(flags))), left)
        found |= {path: load_sifted(value) for path, value in looked.items()}
        self.record.seen.setdefault(alike, {}).update(found)
        return {source.path: found[source.path] for source in sources}

    def _shared(self, alike: str, sources: Iterable[Source]) -> dict[str, Sifted]:
        """What the twin saw when it looked for the same in files that are the same."""
        theirs = self._twin.seen.get(alike, {}) if self._twin else {}
        if self._twin is None or not theirs:
            return {}
        same = [each for each in sources if self._twin.has(each) and each.path not in self._apart]
        self.contents |= {each.path: each.content for each in same if each.content}
        return {each.path: theirs[each.path] for each in same if each.path in theirs}

    @cached_property
    def _apart(self) -> frozenset[str]:
        """The files that may name a flag that only we declare, or only the twin."""
        spellings = self._twin.spellings_apart(self._flags) if self._twin else []
        if self._twin is None or not spellings:
            return frozenset()
        same = [each for each in self._sources.values() if self._twin.has(each)]
        looked = self._look(run_id("naming", spellings), Task(naming, (spellings,)), same)
        return frozenset(path for path, value in looked.items() if value)

    def _look(self, run: str, task: Task[Source, list[Read]], sources: Sequence[Source]) -> dict[str, str]:
        """Looks into files in one way, but for those that are known from an earlier run."""
        known = self._cache.read(run) if sources else {}
        if known:
            self._identify(sources)
        found: dict[str, str] = {}
        todo: list[Source] = []
        for source in sources:
            content = self.contents.get(source.path) or source.content
            value = known.get((source.path, content)) if content else None
            if content is None or value is None:
                todo.append(source)
            else:
                self.contents[source.path] = content
                found[source.path] = value
        new: dict[Entry, str] = {}
        for batch, results in self._crew.over(task, todo, _SIFTED_PER_WORKER):
            for path, content, value in results:
                found[path] = value
                self.contents[path] = content
                if content:
                    new[path, content] = value
            self._advance(len(batch), len(sources))
        self._cache.write({run: new})
        return found

    def _identify(self, sources: Iterable[Source]) -> None:
        """Reads the files that git knows nothing of, to see whether they are known from an earlier run."""
        unknown = [source for source in sources if source.content is None and source.path not in self.contents]
        for _, contents in self._crew.over(Task(identifying), unknown, _SIFTED_PER_WORKER):
            self.contents |= {path: content for path, content in contents if content}

    def _analyse(
        self, paths: Sequence[str], conventions: Sequence[Conventions], new: Sequence[Conventions] | None
    ) -> dict[str, Analysis]:
        """Analyses files by all conventions, or by those that are new since they were analysed before."""
        registries = _registries(conventions)
        alike = run_id("analyse", conventions, new, registries)
        facts_run = run_id("facts", alike, sorted(self._flags.items()))
        asked_run = run_id("ask", facts_run)
        theirs = self._twin.analysed_like(alike, self.contents) if self._twin else Analysed()
        python = frozenset(self._python(self._sources.values()))
        is_alike = python == theirs.layout.paths
        layout = theirs.layout if is_alike else Layout(python, Matcher(conventions).roots)
        asked = {**_loaded(self._cache.read(asked_run), self.contents), **theirs.asked}
        before = Provenance(asked, layout, self.contents, theirs.provenance if is_alike else None)
        shared = [path for path in paths if path in theirs.found]
        if self._apart:
            shared = [path for path in shared if before.reached(path).isdisjoint(self._apart)]
        found = {path: theirs.found[path] for path in shared if theirs.provenance.name(path) == before.name(path)}
        known = self._cache.read(facts_run) if len(found) < len(paths) else {}
        left = [path for path in paths if path not in found]
        values = {path: value for path in left if (value := known.get((path, before.name(path)))) is not None}
        found |= {path: load_analysis(value) for path, value in values.items()}
        todo = [path for path in left if path not in values]
        task = Task(analysing, (layout, conventions, self._flags, registries, new))
        asking: set[str] = set()
        for batch, (found_now, asked_now, seen_now) in self._crew.over(task, todo, _ANALYSED_PER_WORKER):
            for path, value in found_now:
                found[path] = load_analysis(value)
                values[path] = value
            for path, questions in asked_now.items():
                asked.setdefault(path, set()).update(questions)
            asking |= asked_now.keys()
            self._is_unchanged &= all(self.contents.get(path) == content for path, content in seen_now)
            self._advance(len(batch), len(todo))
        after = Provenance(asked, layout, self.contents) if todo else before
        others = self.record.analysed.get(alike, Analysed()).found  # on another ground
        self.record.analysed[alike] = Analysed({**others, **found}, asked, layout, after)
        if todo and self._is_unchanged:
            results = {(path, after.name(path)): value for path, value in values.items() if self.contents[path]}
            self._cache.write(
                {
                    facts_run: {entry: value for entry, value in results.items() if entry not in known},
                    asked_run: {(path, self.contents[path]): json.dumps(sorted(asked[path])) for path in asking},
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


def _loaded(rows: Mapping[Entry, str], contents: Mapping[str, str]) -> dict[str, set[Question]]:
    """The questions of the modules as they are now."""
    return {
        path: {(dotted, level) for dotted, level in json.loads(value)}
        for (path, content), value in rows.items()
        if contents.get(path) == content
    }
