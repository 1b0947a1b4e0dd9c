"""The story of `init`: look, propose, let somebody choose, find the flags, write all that is missing or nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePosixPath

from flagctl.adoption import configuration, gates
from flagctl.adoption.births import Births, Wanted, main_authors, read_births
from flagctl.adoption.definition import Origin, Seen, file_names, flags_seen, owner_of, written
from flagctl.adoption.pages import asks_in_script, asks_in_template, page_candidates
from flagctl.adoption.proposals import Candidate, Field, Proposal, are_inferred, candidates, proposals
from flagctl.adoption.references import joined, keys_asked, keys_found, place_of
from flagctl.adoption.survey import Ask, Survey, may_speak
from flagctl.baseline import USUAL_NAME, Baseline, Entry, baseline_text, read_baseline
from flagctl.cache import Cache
from flagctl.config import Config, find_config, read_config
from flagctl.config.conventions import Conventions
from flagctl.config.files import git
from flagctl.config.tables import read_conventions
from flagctl.config.toml import Document, Table
from flagctl.definitions import Definitions, load_definitions, read_definitions
from flagctl.definitions.archive import tombstones
from flagctl.definitions.codeowners import read_code_owners
from flagctl.definitions.new import definition_path, schema_line
from flagctl.lines import source_lines
from flagctl.model import InputError, Role
from flagctl.pipeline import Progress, Request, audit, audit_of, not_sources, scan_sources
from flagctl.removal.patch import Changes, unified_diff, with_originals, write
from flagctl.report import Report
from flagctl.scan import Scan
from flagctl.scan.discover import Source, discover
from flagctl.scan.discover import read as read_source
from flagctl.scan.ground import in_tests
from flagctl.scan.languages import is_script, is_template


@dataclass(frozen=True)
class Looked:
    """What a code base says of itself before anything is decided."""

    sdks: Mapping[str, int]
    """The SDKs that are asked, and at how many places."""
    proposals: Sequence[Proposal]
    unread: Sequence[str]
    """Files that could not be read as Python, so that they were looked at as text only."""


@dataclass(frozen=True)
class Plan:
    """What is to be written, and what there is to say about it."""

    changes: Changes
    flags: Sequence[Seen]
    taken: Sequence[Proposal]
    left: Sequence[Proposal]
    births: Births = Births()
    unowned: int = 0
    confirmed_by_nobody: int = 0
    """Definitions whose owner is a guess from git."""
    baselined: int = 0
    notices: Sequence[str] = ()
    is_adopted: bool = False
    """The project used flagctl before."""
    has_hook: bool = False
    has_job: bool = False
    """Whether pre-commit and a forge run flagctl, or will when all is written."""

    @property
    def diff_of_existing(self) -> bytes:
        """What changes in files that are there already, but for the baseline."""
        return unified_diff({path: change for path, change in self.changes.items() if change[0] is not None})

    @property
    def diff(self) -> bytes:
        return unified_diff(self.changes)

    @property
    def new_files(self) -> list[str]:
        return [path for path, (before, _) in self.changes.items() if before is None]


@dataclass
class Adopter:
    """Takes a code base over."""

    config: Config
    request: Request
    progress: Progress
    read_history: Callable[[int, int], None]
    """Told how many commits are read, of how many."""
    _scans: dict[str, Scan] = field(default_factory=dict)
    _said: dict[str, str] = field(default_factory=dict)
    """What lists of flags say of these."""

    # --- look ---------------------------------------------------------------------------------------------------------

    def look(self) -> Looked:
        """Finds what asks for flags, and what might."""
        survey, pages, scripts = self._survey()
        known = self._scan([])
        covered = {place_of(each) for each in known.references if each.role is not Role.MENTION}
        found = [
            *candidates(survey, in_tests(self._settled), covered),
            *page_candidates((each for each in pages if (each.path, each.line, 0) not in covered), "template"),
            *page_candidates((each for each in scripts if (each.path, each.line, 0) not in covered), "script"),
        ]
        found = [each for each in found if not configuration.is_known(each.signature, self._text)]
        alone, inner = are_inferred(found)
        chosen = alone + self._not_inferred(alone, inner)
        sdks: dict[str, int] = {}
        for each in known.references:
            if each.sdk and each.role is Role.EVALUATION and not each.in_tests:
                sdks[each.sdk] = sdks.get(each.sdk, 0) + 1
        verdicts = proposals(
            chosen, keys_found(self._scan(chosen).references), keys_asked(known.references) | self._declared
        )
        self._said = {key: text for each in survey.listings for key, text in each.entries if text}
        return Looked(sdks, verdicts, survey.unread)

    def _survey(self) -> tuple[Survey, list[Ask], list[Ask]]:
        survey, pages, scripts = Survey(), list[Ask](), list[Ask]()
        sources = self._sources
        for done, source in enumerate(sources, 1):
            self.progress(done, len(sources))
            is_python = source.path.endswith(".py")
            if not (is_python or is_template(source.path) or is_script(source.path)):
                continue
            try:
                data, _ = read_source(self.config.root, source)
            except OSError:
                continue  # the scan says so
            if is_python and may_speak(data):
                survey.add(source.path, data)
            elif not is_python and len(data) < _LARGE:
                text = data.decode("utf-8", "replace")
                pages += asks_in_template(source.path, text) if is_template(source.path) else ()
                scripts += asks_in_script(source.path, text) if not is_template(source.path) else ()
        return survey, pages, scripts

    @cached_property
    def _sources(self) -> list[Source]:
        left_out = tuple(f"{entry}/" for entry in not_sources(self.config, self._definitions))
        return [each for each in discover(self.config) if not f"{each.path}/".startswith(left_out)]

    def _not_inferred(self, alone: Sequence[Candidate], inner: Sequence[Candidate]) -> list[Candidate]:
        """Of those that hand their key on, the ones that the scanner does not see through."""
        if not inner:
            return []
        seen = keys_found(self._scan(alone).references)
        return [each for each in inner if not all((ask.path, ask.line, ask.column) in seen for ask in each.asks)]

    # --- find ---------------------------------------------------------------------------------------------------------

    def plan(self, taken: Sequence[Proposal], left: Sequence[Proposal]) -> Plan:
        """Finds every flag by the conventions that hold, and works out what is missing."""
        found = self._scan([each.candidate for each in taken])
        gone = tombstones(self.config)
        declared = self._declared | self._definitions.invalid_names
        seen = joined(flags_seen(found.references, frozenset({*declared, *gone}), self._said, _MIGRATIONS))
        notices = [
            f"{key} is a flag that is gone ({gone[key]}), and code still asks for it"
            for key in keys_asked(found.references) & gone.keys()
        ]
        if not seen and not taken and not self._definitions.files:
            return Plan({}, (), taken, left, notices=notices)
        births = self._births(seen)
        texts, owners = self._definition_texts(seen, births)
        notices += _of_history(births, seen)
        texts, refused = _valid(texts)
        contents: dict[str, bytes | None] = {path: text.encode() for path, text in texts.items()}
        notices += [f"no definition is written for {key}: {why}" for key, why in refused]
        if not self._is_adopted and (texts or taken):
            contents |= self._gates(notices)
        baseline, count = self._baseline(taken, texts, {each.key for each in seen})
        if baseline is not None:
            contents[self._baseline_path] = baseline
        settings = self._configuration(taken, left, [each.key for each in seen], has_baseline=baseline is not None)
        if settings is not None:
            contents[self._file] = settings.encode()
        _refuse_links(self.config.root, contents)
        changes = with_originals(self.config.root, contents)
        changes = {path: change for path, change in changes.items() if change[0] != change[1]}
        guessed = sum(1 for _, why in owners.values() if why)
        unowned = sum(1 for name, _ in owners.values() if name is None)
        return Plan(
            changes,
            seen,
            taken,
            left,
            births,
            unowned,
            guessed,
            count,
            [*notices, *self._ignored(texts)],
            self._is_adopted,
            has_hook=gates.PRE_COMMIT in contents or gates.has_hook(self.config.root),
            has_job=bool({gates.GITHUB, gates.GITLAB} & contents.keys()) or gates.has_job(self.config.root),
        )

    def _births(self, seen: Sequence[Seen]) -> Births:
        wanted = [
            Wanted(each.key, frozenset(one.location.path for one in each.declarations), each.is_name) for each in seen
        ]
        paths = {one.location.path for each in seen for one in each.references if not one.in_tests}
        suffixes = {PurePosixPath(path).suffix for path in paths} - {""} | {".py"}
        code = {
            each for each in suffixes if each in (".py", ".pyi") or is_template(f"x{each}") or is_script(f"x{each}")
        }
        return read_births(self.config.root, wanted, code, self.read_history)

    def _definition_texts(
        self, seen: Sequence[Seen], births: Births
    ) -> tuple[dict[str, str], dict[str, tuple[str | None, str]]]:
        code_owners = read_code_owners(self.config.root)
        files = {one.location.path for each in seen for one in (*each.uses, *each.declarations)}
        authors = main_authors(self.config.root, files) if files else {}
        parts = [self._settled.at(each.file) for each in seen]
        paths = [definition_path(part, each.key) for part, each in zip(parts, seen, strict=True)]
        texts: dict[str, str] = {}
        owners: dict[str, tuple[str | None, str]] = {}
        for each, part, path in zip(seen, parts, file_names(paths, self._taken_names(paths)), strict=True):
            owner, source = owners[each.key] = owner_of(each, code_owners, authors)
            birth = births.by_key.get(each.key)
            birth = birth if birth and birth.day <= self.request.today else None
            text = written(each, Origin(birth, owner, source), self.request.today, part.lifetime, is_cut=births.is_cut)
            line = schema_line(self.config.root, path)
            texts[path] = f"{line}\n{text}" if line else text
        return texts, owners

    def _taken_names(self, paths: Iterable[str]) -> set[str]:
        """The files that are in the folders of some paths."""
        folders = {str(PurePosixPath(path).parent) for path in paths}
        there = {f"{folder}/{each.name}" for folder in folders for each in (self.config.root / folder).glob("*")}
        return {*self._definitions.files, *there}

    def _ignored(self, texts: Collection[str]) -> list[str]:
        """Whether git would leave out what is written."""
        for path in texts:
            if git(self.config.root, "check-ignore", "--", path) is not None:
                return [f"git ignores {path}: change .gitignore, or nobody else will have the definitions"]
        return []

    # --- the files that are written -----------------------------------------------------------------------------------

    @cached_property
    def _definitions(self) -> Definitions:
        return load_definitions(self.config)

    @property
    def _declared(self) -> set[str]:
        return {name for flag in self._definitions.flags for name in flag.names}

    @property
    def _is_adopted(self) -> bool:
        """Whether the project uses flagctl already, so that it has the gates that it wants."""
        return bool(self._definitions.files or self.config.baseline)

    @cached_property
    def _settled(self) -> Config:
        """The configuration with what is to be set in it."""
        settings = self._new_settings
        config = self.config
        if "tests" in settings:
            tests = configuration.test_patterns(each.path for each in self._sources)
            parts = tuple(replace(each, tests=tests) if each.tests == config.tests else each for each in config.parts)
            config = replace(config, tests=tests, parts=parts)
        if settings.get("definitions") == [_OTHER_FOLDER]:
            config = replace(config, definitions=(_OTHER_FOLDER,))
        return replace(config, baseline=self._baseline_path)

    @cached_property
    def _new_settings(self) -> dict[str, Field]:
        data = self._data
        settings: dict[str, Field] = {}
        if self.config.document is None:
            settings["definitions"] = [_OTHER_FOLDER if _is_taken(self.config) else Config.definitions[0]]
        if "tests" not in data and self.config.document is None:
            settings["tests"] = list(configuration.test_patterns(each.path for each in self._sources))
        if "baseline" not in data:
            settings["baseline"] = USUAL_NAME
        return settings

    @property
    def _baseline_path(self) -> str:
        return self.config.baseline or USUAL_NAME

    @property
    def _file(self) -> str:
        document = self.config.document
        return document.path.name if document is not None else "flagctl.toml"

    @property
    def _prefix(self) -> str:
        return "tool.flagctl." if self._file == "pyproject.toml" else ""

    @cached_property
    def _text(self) -> str:
        """The configuration as it is; empty where there is none."""
        if self.config.document is None:
            return ""
        return (self.config.root / self._file).read_bytes().decode("utf-8")

    @property
    def _data(self) -> Mapping[str, object]:
        document = self.config.document
        if document is None:
            return {}
        return document.data.get("tool", {}).get("flagctl", {}) if self._prefix else document.data

    def _configuration(
        self, taken: Sequence[Proposal], left: Sequence[Proposal], keys: Sequence[str], *, has_baseline: bool
    ) -> str | None:
        """The configuration as it is to be; `None` where it can stay as it is."""
        settings = dict(self._new_settings)
        if not (has_baseline or self._has_baseline):  # to name one that is not there would stop every audit
            settings.pop("baseline", None)
        if (pattern := self._key_pattern(keys)) is not None:
            settings["key_pattern"] = pattern
        entries = configuration.taken_entries(taken, self._prefix) + configuration.open_entries(left, self._prefix)
        if not entries and (not settings or (self._is_adopted and not keys)):
            return None
        if self.config.document is None:
            return configuration.new_configuration(settings, entries)
        return configuration.extended(self._file, self._text, settings, entries, self._prefix.rstrip("."))

    def _key_pattern(self, keys: Iterable[str]) -> str | None:
        """What keys are to look like; `None` where that is not for us to say."""
        everywhere = [*keys, *(flag.key for flag in self._definitions.flags)]
        return configuration.key_pattern(everywhere) if self.config.document is None else None

    def _gates(self, notices: list[str]) -> dict[str, bytes | None]:
        root = self.config.root
        if not (root / ".git").exists():
            notices.append(
                "this is no git repository of its own, so that no hook and no CI job is written: see the README"
            )
            return {}
        contents: dict[str, bytes | None] = {}
        file = root / gates.PRE_COMMIT
        before = file.read_bytes().decode("utf-8", "surrogateescape") if file.is_file() else None
        folders = [entry for each in self._settled.everywhere for entry in each.definitions]
        hook = gates.with_hook(before, folders)
        if hook is not None and not file.is_symlink():
            contents[gates.PRE_COMMIT] = hook.encode("utf-8", "surrogateescape")
        elif before is not None and "flagctl" not in before:
            notices.append(f"{gates.PRE_COMMIT}: cannot be added to safely; add the hook by hand, see the README")
        forges = gates.forges(root) if not gates.has_job(root) else set()
        if "github" in forges and not (root / gates.GITHUB).exists():
            contents[gates.GITHUB] = gates.GITHUB_JOB.encode()
        if "gitlab" in forges and not (root / gates.GITLAB).exists():
            contents[gates.GITLAB] = gates.GITLAB_JOB.encode()
            notices.append(f"to run it, add to .gitlab-ci.yml: include: [{{local: {gates.GITLAB}}}]")
        return contents

    def _baseline(
        self,
        taken: Sequence[Proposal],
        texts: Mapping[str, str],
        keys: Collection[str],
    ) -> tuple[bytes | None, int]:
        """The baseline by which an audit passes, and how many findings are new in it.

        At first it takes in all there is. Later only what is about the flags that were found now: the rest is of
        somebody who may not want it hidden.
        """
        is_first = not self._is_adopted
        if not texts and not (is_first and taken):
            return None, 0
        new = [read_definitions(path, text.encode()) for path, text in texts.items()]
        definitions = _with(self._definitions, new)
        config = _with_conventions(self._settled, [each.candidate for each in taken])
        if (pattern := self._key_pattern(keys)) is not None:
            inheriting = {each.folder for each in config.parts if each.key_pattern == config.key_pattern}
            parts = (replace(each, key_pattern=pattern) if each.folder in inheriting else each for each in config.parts)
            config = replace(config, key_pattern=pattern, parts=tuple(parts))
        found = scan_sources(config, definitions, self.progress, Cache(self.request.cache_file))
        old = read_baseline(self.config.root, self._baseline_path) if self._has_baseline else Baseline()
        request = replace(self.request, baseline=old, renews_baseline=True)
        report = audit_of(config, request, definitions, found, _lines(self.config, texts))
        now = {report.fingerprints[each]: each for each in report.findings}
        kept = {entry for entry, _ in old.entries.values() if entry.fingerprint in now or entry.flag not in keys}
        added = {
            Entry.of(each, name)
            for name, each in now.items()
            if name not in old.entries and (is_first or each.flag in keys)
        }
        return baseline_text({*kept, *added}).encode(), len(added)

    @property
    def _has_baseline(self) -> bool:
        return (self.config.root / self._baseline_path).is_file()

    # --- scans --------------------------------------------------------------------------------------------------------

    def _scan(self, chosen: Sequence[Candidate]) -> Scan:
        """What the scanner finds with some more conventions."""
        name = _entries(chosen)
        if name not in self._scans:
            config = _with_conventions(self._settled, chosen)
            self._scans[name] = scan_sources(config, self._definitions, self.progress, Cache(self.request.cache_file))
        return self._scans[name]


def write_all(config: Config, plan: Plan) -> None:
    """Writes all files of a plan, or none.

    Raises:
        InputError: a file cannot be written; everything is as it was.
    """
    write(config.root, plan.changes)


def audit_again(config: Config, request: Request, progress: Progress) -> Report:
    """The audit as `flagctl audit` does it, of what was written."""
    config = read_config(config.document.path) if config.document else find_config(config.root)
    baseline = read_baseline(config.root, config.baseline) if config.baseline else Baseline()
    return audit(config, replace(request, baseline=baseline), progress)


_MIGRATIONS = re.compile(r"(?:^|/)migrations/")
"""What only these still name was a flag once."""

_LARGE = 1_000_000
"""Bytes of a page that nobody wrote by hand."""

_OTHER_FOLDER = "feature-flags"
"""For definitions, where `flags` is something else."""


def _is_taken(config: Config) -> bool:
    """Whether the folder that definitions usually lie in is something else."""
    folder = config.root / Config.definitions[0]
    if not folder.exists():
        return False
    return not folder.is_dir() or any(
        each.suffix not in (".yaml", ".yml") for each in folder.rglob("*") if each.is_file()
    )


def _entries(chosen: Iterable[Candidate]) -> str:
    return "\n".join(sorted(Proposal(each, (), frozenset(), is_clear=True).text() for each in chosen))


def _with_conventions(config: Config, chosen: Sequence[Candidate]) -> Config:
    """A configuration as it would be with some more entries in it."""
    if not chosen:
        return config
    document = Document.read(config.root / "flagctl.toml", _entries(chosen))
    more: Conventions = read_conventions(Table(document, document.data))
    parts = tuple(replace(each, conventions=each.conventions | more) for each in config.parts)
    return replace(config, conventions=config.conventions | more, parts=parts)


def _of_history(births: Births, seen: Sequence[Seen]) -> list[str]:
    """What git does not know."""
    unknown = [each.key for each in seen if each.key not in births.by_key]
    if not unknown:
        return []
    flags = unknown[0] if len(seen) == 1 else f"{len(unknown)} of {len(seen)} flags"
    if not births.has_commits:
        return [f"there is no git history, so the first day of {flags} is not known"]
    if births.is_cut:
        return [f"this clone is shallow: the first day of {flags} is not known here; try `git fetch --unshallow`"]
    example = "" if len(seen) == 1 else f", such as {unknown[0]}"
    return [f"git does not tell the first day of {flags}{example}: is it committed yet?"]


def _refuse_links(root: Path, paths: Iterable[str]) -> None:
    """Looks for links that would lead elsewhere what is written.

    Raises:
        InputError: there is one.
    """
    for path in paths:
        if (root / path).is_symlink():
            raise InputError(f"{path}: is a link, which flagctl does not write to; nothing was written")
        if not (root / path).parent.resolve().is_relative_to(root.resolve()):
            raise InputError(f"{path}: leads out of the project; nothing was written")


def _valid(texts: Mapping[str, str]) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The definitions that can be read back; of the others what they are of, and why they cannot."""
    problems = {path: read_definitions(path, text.encode()).problems for path, text in texts.items()}
    refused = [(path, problems[path][0].message) for path in texts if problems[path]]
    return {path: text for path, text in texts.items() if not problems[path]}, refused


def _with(definitions: Definitions, more: Sequence[Definitions]) -> Definitions:
    """Definitions with new ones, in the order of their files."""
    flags = sorted((flag for each in (definitions, *more) for flag in each.flags), key=lambda flag: flag.first)
    files = sorted(file for each in (definitions, *more) for file in each.files)
    return replace(definitions, flags=tuple(flags), files=tuple(files))


def _lines(config: Config, texts: Mapping[str, str]) -> Callable[[str, int], str | None]:
    """The lines of the project's files as they will be."""
    on_disk = source_lines(config.root)
    new = {path: text.split("\n") for path, text in texts.items()}

    def line(path: str, number: int) -> str | None:
        if path not in new:
            return on_disk(path, number)
        return new[path][number - 1] if 0 < number <= len(new[path]) else None

    return line
