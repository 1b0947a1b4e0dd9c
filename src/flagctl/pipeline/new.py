"""A definition that is yet to be written, judged by the rules as though it were there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from flagctl.config import Config
from flagctl.definitions import Definitions, load_definitions, read_definitions
from flagctl.definitions.archive import tombstones
from flagctl.definitions.codeowners import read_code_owners
from flagctl.definitions.metrics import Metrics, load_metrics
from flagctl.definitions.new import definition_path, definition_text
from flagctl.lines import source_lines
from flagctl.model import Finding, InputError, Metric
from flagctl.pipeline.judge import judge
from flagctl.pipeline.project import Project, read_project
from flagctl.pipeline.request import Request, Rules, rules_by_part
from flagctl.rules import CATALOGUE, Rule
from flagctl.rules.definition import only_owner, unlike_pattern

_RULES = ("FLG0", "FLG1", "FLG4", "FLG5", "FLG6")


@dataclass(frozen=True)
class Place:
    """Where a new definition goes, and what is there already."""

    config: Config
    key: str
    today: date

    @property
    def part(self) -> Config:
        return self.config.at(self.config.here)

    @cached_property
    def path(self) -> str:
        return definition_path(self.part, self.key)

    @cached_property
    def definitions(self) -> Definitions:
        return load_definitions(self.config)

    @cached_property
    def owners(self) -> frozenset[str] | None:
        """Everybody who may own a flag; `None` where nothing says who there is."""
        return self._project(self.definitions).snapshot.owners

    @cached_property
    def owner(self) -> str | None:
        """Whom CODEOWNERS gives the definition to, if it is exactly one."""
        code_owners = read_code_owners(self.config.root)
        return only_owner(code_owners.of(self.path)) if code_owners else None

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """The metrics of the tree; none where there is no tree, or one with a problem."""
        return self._metrics.tree.metrics if self._metrics.tree else {}

    @cached_property
    def _metrics(self) -> Metrics:
        return load_metrics(self.config, self.definitions.files)

    def check_key(self) -> None:
        """Looks whether the key is free.

        Raises:
            InputError: it is not, or it is none.
        """
        key, definitions = self.key, self.definitions
        if problems := read_definitions("", definition_text({"key": key}).encode()).problems:
            raise InputError(problems[0].message)
        keys = [key, *(flag.key for flag in definitions.flags)]
        if key in unlike_pattern(keys, self.part.key_pattern):
            raise InputError(f'"{key}" does not match the key pattern {self.part.key_pattern}')
        for flag in definitions.flags:
            if key in flag.names:
                raise InputError(f'"{key}" is taken: see {flag.first.path}:{flag.first.line}')
        if key in definitions.invalid_names:
            raise InputError(f'"{key}" is taken by a definition that is not valid; see `flagctl validate`')
        if (tombstone := tombstones(self.config).get(key)) is not None:
            hint = "choose another: old clients may still ask for it"
            raise InputError(f'"{key}" is the key of a flag that is gone: see {tombstone}; {hint}')

    def findings(self, text: str) -> tuple[Finding, ...]:
        """What the rules that need neither code nor history will say once the definition is there.

        Raises:
            InputError: it is not valid.
        """
        new = read_definitions(self.path, text.encode())
        if new.problems:
            raise InputError(f"the definition would not be valid: {new.problems[0].message}")
        with_it = replace(
            self.definitions,
            flags=(*self.definitions.flags, *new.flags),
            files=(*self.definitions.files, self.path),
            suppressions=(*self.definitions.suppressions, *new.suppressions),
        )
        before = {(each.code, each.flag, each.message) for each in self._judged(self.definitions)}
        found = self._judged(with_it)
        return tuple(each for each in found if (each.code, each.flag, each.message) not in before)

    def checks(self, code: str) -> bool:
        """Whether a rule is followed here: all are that the configuration does not ignore."""
        return any(rule.code == code for rule in self._rules[self.part.folder])

    @cached_property
    def _rules(self) -> Rules:
        available = [rule for rule in CATALOGUE.values() if _can_judge(rule)]
        return rules_by_part(self.config, Request(self.today, ("ALL",)), available)

    def _project(self, definitions: Definitions) -> Project:
        return read_project(self.config, Request(self.today), definitions, self._metrics)

    def _judged(self, definitions: Definitions) -> list[Finding]:
        lines = source_lines(self.config.root)
        return judge(self.config, Request(self.today), self._rules, self._project(definitions), lines).kept


def _can_judge(rule: Rule) -> bool:
    """Whether a rule needs nothing but definitions."""
    return rule.code.startswith(_RULES) and not rule.reads_code and not rule.reads_history
