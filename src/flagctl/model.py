"""The nouns of the program: what every stage hands to the next.

Everything here is frozen and plain, so that it can be cached, compared and sent between processes. Lines and
columns count from 1, columns in characters; an end column is the one after the last character. Paths are POSIX and
relative to the root of the project.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import Any

from flagctl.past import FlagHistory, History


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A span of text in one file."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 1
    end_column: int = 1


# --- definitions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class KillSwitch:
    """How a flag shuts something off: the value that kills, what to read meanwhile, when it was last rehearsed."""

    kills_when: str | None = None
    runbook: str | None = None
    exercised: date | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """Who may switch the flag, and who must agree."""

    toggle: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """What one environment serves: `percent` (0 to 100) of its users get the variant `serve`."""

    percent: float | None = None
    serve: str | None = None


@dataclass(frozen=True, slots=True)
class Rollout:
    """The planned stages in percent, the metrics that must stay healthy, and where each environment stands."""

    plan: tuple[float, ...] = ()
    gates: tuple[str, ...] = ()
    environments: Mapping[str, Environment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Segment:
    """A group of users that is treated apart, and the question this is meant to answer."""

    segment: str
    question: str | None = None
    review_by: date | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """The days on which an experiment runs, both included."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is expected to happen, how it is measured and when it stops.

    `minimum_detectable_effect` is relative to control (0.02 for two percent); `arms` maps a variant to its weight.
    """

    hypothesis: str | None = None
    kpi: str | None = None
    kpis: tuple[str, ...] = ()
    guardrails: tuple[str, ...] = ()
    unit: str | None = None
    arms: Mapping[str, float] = field(default_factory=dict)
    control: str | None = None
    minimum_detectable_effect: float | None = None
    alpha: float | None = None
    power: float | None = None
    window: Window | None = None
    stop_rule: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided about a flag, by whom and on what evidence."""

    outcome: str | None = None
    keep: str | None = None
    date: date | None = None
    by: str | None = None
    rationale: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Extension:
    """One postponement of the expiry, from one promised day to another."""

    from_: date | None = None
    to: date | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """One definition. `None` means that the document does not say.

    `first` is the document's first key, where a missing field is reported. `places` maps a dotted field path
    (`rollout.environments.production.percent`, `depends_on.0`) to the span of its value, the path with an `@` before it
    to that of its key, and the empty path to that of all fields.
    """

    key: str
    first: Location
    places: Mapping[str, Location] = field(default_factory=dict)
    description: str | None = None
    type: str | None = None
    owner: str | None = None
    reason: str | None = None
    created: date | None = None
    adopted: date | None = None
    expires: date | None = None
    review_by: date | None = None
    justification: str | None = None
    expected_end_state: str | None = None
    removal_criterion: str | None = None
    tracking: str | None = None
    variants: Mapping[str, Any] = field(default_factory=lambda: {"on": True, "off": False})
    on_removal: str | None = None
    aliases: tuple[str, ...] = ()
    layer: str | None = None
    depends_on: tuple[str, ...] = ()
    impact: str | None = None
    consistency: str | None = None
    refresh: str | None = None
    on_failure: str | None = None
    kill_switch: KillSwitch | None = None
    access: Access | None = None
    rollout: Rollout | None = None
    targeting: tuple[Segment, ...] = ()
    experiment: Experiment | None = None
    decision: Decision | None = None
    extensions: tuple[Extension, ...] = ()

    def at(self, path: str) -> Location:
        """Where a field's value stands; the document's first key if the document does not have the field."""
        return self.places.get(path, self.first)

    @property
    def names(self) -> tuple[str, ...]:
        """Every spelling that code may use for this flag: its key, then its aliases."""
        return (self.key, *self.aliases)

    @property
    def is_standing(self) -> bool:
        """Meant to stay: reviewed from time to time rather than removed."""
        return self.expected_end_state == "keep"


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of the metric tree. `None` means that the tree does not say.

    `first` is the metric's name in the tree. `places` maps a field (`unit`) to the span of its value. `margin` is
    relative to control (0.05 for five percent); `drives` is the metric above this one.
    """

    name: str
    first: Location
    role: str
    event: str
    aggregate: str
    unit: str
    goal: str
    places: Mapping[str, Location] = field(default_factory=dict)
    owner: str | None = None
    description: str | None = None
    denominator: str | None = None
    window: timedelta | None = None
    margin: float | None = None
    drives: str | None = None

    def at(self, field: str) -> Location:
        """Where a field's value stands; the metric's name if the tree does not have the field."""
        return self.places.get(field, self.first)


@dataclass(frozen=True, slots=True)
class MetricTree:
    """All metrics by their names, and which of them is the north star."""

    north_star: str
    metrics: Mapping[str, Metric]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the shape of a definition file or of the metric tree: what FLG001 reports."""

    location: Location
    message: str
    hint: str | None = None
    flag: str | None = None


# --- references -------------------------------------------------------------------------------------------------------


class Role(StrEnum):
    """What a reference does with the flag."""

    EVALUATION = "evaluation"
    OVERRIDE = "override"
    DECLARATION = "declaration"
    MENTION = "mention"


class Kind(StrEnum):
    """The shape of a reference; the four kinds of mention come first."""

    CODE = "code"
    LITERAL = "literal"
    NAME = "name"
    TEXT = "text"
    CALL = "call"
    DECORATOR = "decorator"
    ATTRIBUTE = "attribute"
    MAPPING = "mapping"
    CLASS_ATTRIBUTE = "class_attribute"
    CONSTANT = "constant"
    ENUM = "enum"
    REGISTRY = "registry"
    FLAG_OBJECT = "flag_object"
    TEMPLATE = "template"
    HELPER = "helper"


class ResolvedBy(StrEnum):
    """How a reference's key became known."""

    LITERAL = "literal"
    CONCATENATION = "concatenation"
    CONSTANT = "constant"
    ENUM = "enum"
    FLAG_OBJECT = "flag_object"
    CONFIGURATION = "configuration"
    HELPER = "helper"


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch that depends on a flag and whose sides have something in common."""

    line: int
    is_same: bool
    """Both sides are the same code."""
    on_calls: tuple[str, ...] = ()
    off_calls: tuple[str, ...] = ()
    """The calls on the side that is taken where the flag is off, as they are written, without white space."""
    on_always: tuple[str, ...] = ()
    off_always: tuple[str, ...] = ()
    """Of these, the ones that no further condition guards."""
    is_sure_on: bool = False
    is_sure_off: bool = False
    """That side is taken whenever the flag is off, whatever else the test asks."""


@dataclass(frozen=True, slots=True)
class Site:
    """What rules must know of the code around a reference, computed while its tree is at hand."""

    function: str | None = None
    """Qualified name of the enclosing function, `None` outside of any."""
    import_time: bool = False
    """Runs once, when the module is imported: at module level, in a class body, as a default argument."""
    key_glob: str | None = None
    """Of a dynamic key: a pattern of the parts that are known, `log_in_with_*`."""
    in_helper: bool = False
    """Inside a function that the configuration names as an evaluation: a dynamic key is what it was given."""
    makes_decorator: bool = False
    """Gives a decorator, but decorates nothing where it stands: what it gives is no value of the flag."""
    asked_elsewhere: bool = False
    """Of a registry's entry: its flags are handed to clients in other repositories."""
    passed_to: str | None = None
    """For a string: the call that it is an argument of, as a dotted name."""
    position: int | str | None = None
    """Where among that call's arguments it stands."""
    is_fixed: bool = False
    """What it asks gives the same answer as long as the program runs, like a setting."""
    in_loop: bool = False
    """Asks the same on every turn of a loop that ends."""
    under: tuple[str, ...] = ()
    """The flags that decide whether it is asked at all, outermost first."""
    repeats: int | None = None
    """The line of the evaluation before it, on one path through the function, that asks the same."""
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """One place that names a flag, or asks for one whose key cannot be known (`flag` is `None`)."""

    flag: str | None
    role: Role
    kind: Kind
    location: Location
    sdk: str | None = None
    """The preset's id; `None` for the user's own entries and for what is not a call."""
    default: str | None = None
    """The fallback as it stands in the source."""
    value: str | None = None
    """What an override forces, as it stands in the source."""
    resolved_by: ResolvedBy | None = None
    in_tests: bool = False
    returns: str | None = None
    negated: bool = False
    site: Site = Site()
    chain: tuple[Location, ...] = ()
    """The imports and assignments that led from a key that is not written out to where it is, nearest first."""

    @property
    def is_use(self) -> bool:
        """Keeps a flag alive: an evaluation outside tests, or another language's code."""
        if self.in_tests:
            return False
        return self.role is Role.EVALUATION or (self.role is Role.MENTION and self.kind is Kind.CODE)


@dataclass(frozen=True, slots=True)
class Unread:
    """A source that could not be read as what it claims to be, and what was done instead."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suppression:
    """An ignore comment: the codes it names, why, and the lines whose findings it hides."""

    location: Location
    codes: tuple[str, ...]
    reason: str
    lines: range


# --- verdicts ---------------------------------------------------------------------------------------------------------


class Severity(IntEnum):
    """How bad a finding is; ordered, so that thresholds compare."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Edit:
    """A text to put in the place of what stands at a location; before it where that is an empty span."""

    location: Location
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule's verdict about one flag at one place."""

    code: str
    name: str
    severity: Severity
    flag: str | None
    message: str
    hint: str | None
    location: Location
    fix: Edit | None = None
    """What mends it, where that is certain."""


@dataclass(frozen=True, slots=True)
class RuleHelp:
    """What a report says about one rule."""

    code: str
    name: str
    severity: Severity
    summary: str
    """What it finds, in a sentence or two."""
    text: str
    """That, why it is bad and what to do about it, in paragraphs of plain text."""
    page: str
    """All of it with examples, in Markdown."""
    is_default: bool = True
    """Acted on nine times in ten, as measured."""


# --- what rules see ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lifetime:
    """Longest days from creation to expiry for each type of flag; for standing types, between reviews."""

    release: int = 40
    experiment: int = 40
    ops: int = 180
    permission: int = 365


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When rules begin to speak; in days unless the name says otherwise."""

    expires_soon: int = 14
    grace: int = 0
    ready: int = 30
    stalled: int = 30
    removal: int = 14
    drill: int = 180
    max_extensions: int = 2
    max_segments: int = 4
    max_metrics: int = 8


@dataclass(frozen=True)
class Snapshot:
    """Everything a rule may look at, at one moment. Rules read nothing else."""

    today: date
    flags: tuple[Flag, ...] = ()
    problems: tuple[Problem, ...] = ()
    invalid_names: frozenset[str] = frozenset()
    """Keys and aliases of definitions that were passed over: declared, though nothing else is known of them."""
    references: tuple[Reference, ...] = ()
    idle_suppressions: tuple[tuple[Suppression, str], ...] = ()
    """Ignore comments that hide nothing, each with what is wrong with it."""
    metrics: MetricTree | None = None
    """`None` where there is no metric tree, or one with a problem."""
    stale_entries: tuple[tuple[Location, str], ...] = ()
    """Entries of the baseline that hide nothing, each with what became of what it hid."""
    archived: Mapping[str, str] = field(default_factory=dict)
    """The keys and aliases of flags that are gone, with the files of their tombstones."""
    missing_files: frozenset[str] = frozenset()
    """What definitions name as a file of the project and is none."""
    owners: frozenset[str] | None = None
    """Everybody whom CODEOWNERS or the owners file names; `None` where there is neither."""
    code_owners: str | None = None
    """The file that says who owns which files."""
    code_owners_folder: str = ""
    """Where the project lies for it: it may be that of a repository around the project."""
    protected: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The definition files that it gives to somebody, and to whom."""
    history: History | None = None
    """`None` where there is no git history, or no rule asks for it."""
    judged_commits: frozenset[str] | None = None
    """The commits whose changes are judged; `None` stands for the latest change of each flag."""
    people: Mapping[str, tuple[str, ...]] | None = None
    """The people of each team, by commit email or handle; `None` where no owners file says."""
    environment: str = "production"
    """The one whose rollout counts."""
    lifetime: Lifetime = Lifetime()
    thresholds: Thresholds = Thresholds()
    key_pattern: str = ""

    @cached_property
    def references_by_flag(self) -> Mapping[str, tuple[Reference, ...]]:
        """The references of every flag that has some, in file order."""
        found: dict[str, list[Reference]] = {}
        for reference in self.references:
            if reference.flag is not None:
                found.setdefault(reference.flag, []).append(reference)
        return {key: tuple(references) for key, references in found.items()}

    def history_of(self, flag: Flag) -> FlagHistory | None:
        """What became of a flag so far, if that is known."""
        return self.history.flags.get(flag.key) if self.history else None


class InputError(Exception):
    """Input that stops the run (exit code 2): the message is one line that says what, where and how to mend it."""
