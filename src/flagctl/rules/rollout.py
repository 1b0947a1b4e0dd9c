"""FLG106 and FLG107: how does the rollout go? And what other rules ask of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from flagctl.model import Environment, Finding, Flag, Location, Severity, Snapshot
from flagctl.past import ChangeKind, Step
from flagctl.rules.rule import ExampleCommit, Rule, days

_PARTIAL = """
    key: new-checkout
    rollout:
      plan: [0, 2, 10, 50, 100]
      environments:
        production: {percent: %s, serve: on}
"""


class RolloutStalled(Rule):
    """A rollout that has stood at the same percentage, neither 0 nor 100, for `thresholds.stalled` days.

    It counts from the commit that set it, on the day on which that reached this branch. A flag that is meant to stay,
    one that is decided, and an experiment whose window has not ended are left alone.

    Why: nobody watches a rollout that does not move. Half of the users live in a product that the other half, support
    and tests do not see.

    What to do: go on to the next stage, go back, or decide.
    """

    code = "FLG106"
    name = "rollout-stalled"
    severity = Severity.WARNING
    reads_history = True
    fires = (
        ExampleCommit("2026-05-01", "Ann <ann@example.com>", "Add a flag", {"flags/new-checkout.yaml": _PARTIAL % 0}),
        ExampleCommit("2026-05-16", "Ann <ann@example.com>", "Begin", {"flags/new-checkout.yaml": _PARTIAL % 2}),
    )
    silent = (
        ExampleCommit("2026-05-01", "Ann <ann@example.com>", "Begin", {"flags/new-checkout.yaml": _PARTIAL % 2}),
        ExampleCommit("2026-05-17", "Ann <ann@example.com>", "Go on", {"flags/new-checkout.yaml": _PARTIAL % 10}),
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            stands = standing(flag, snapshot)
            if stands is None or not 0 < stands.percent < 100 or flag.is_standing or flag.decision is not None:
                continue
            span = (snapshot.today - stands.since).days
            if span >= snapshot.thresholds.stalled and not is_running(flag, snapshot.today):
                message = f"has stood at {stands.percent:g}% of {snapshot.environment} for {_lasting(stands, span)}"
                hint = f"go on{_next_stage(flag, stands.percent)}, go back to 0%, or write down a `decision`"
                yield self.finding(flag.key, percent_of(flag, snapshot), message, hint)


class RolloutJumped(Rule):
    """A rollout whose latest change went up and left out a stage of its plan.

    With `--new-from` every change of the branch is judged. What is not committed yet is judged as well, and going back
    is always right.

    Why: the stages are there to find out on few users what would hurt many.

    What to do: go back to the stage that was left out, or take it out of the plan.
    """

    code = "FLG107"
    name = "rollout-jumped"
    severity = Severity.WARNING
    reads_history = True
    fires = (
        ExampleCommit("2026-06-01", "Ann <ann@example.com>", "Begin", {"flags/new-checkout.yaml": _PARTIAL % 2}),
        ExampleCommit("2026-06-05", "Bob <bob@example.com>", "Hurry", {"flags/new-checkout.yaml": _PARTIAL % 50}),
    )
    silent = (
        ExampleCommit("2026-06-01", "Ann <ann@example.com>", "Begin", {"flags/new-checkout.yaml": _PARTIAL % 2}),
        ExampleCommit("2026-06-05", "Bob <bob@example.com>", "Go on", {"flags/new-checkout.yaml": _PARTIAL % 10}),
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            for before, after, plan, who in _moves(flag, snapshot):
                skipped = [f"{stage:g}%" for stage in plan if before < stage < after]
                if skipped:
                    where = f"from {before:g}% to {after:g}% of {snapshot.environment}"
                    message = f"went {where}, past {_and(skipped)}: {who}"
                    hint = f"go back to {skipped[0]}, or take it out of `rollout.plan`"
                    yield self.finding(flag.key, percent_of(flag, snapshot), message, hint)


@dataclass(frozen=True, slots=True)
class Standing:
    """What an environment serves, and since when; `is_exact` is false where it may have been so for longer."""

    percent: float
    serve: str | None
    since: date
    is_exact: bool


def standing(flag: Flag, snapshot: Snapshot) -> Standing | None:
    """What the environment that counts serves of a flag; `None` where git does not say so, or not yet."""
    history, served = snapshot.history_of(flag), _served(flag, snapshot)
    if history is None or served is None or served.percent is None:
        return None
    *_, last = (None, *history.steps(snapshot.environment))
    if last is None or (last.to_percent, last.to_serve) != (served.percent, served.serve):
        return None
    is_exact = last.change.kind is not ChangeKind.KNOWN
    return Standing(served.percent, served.serve, last.change.commit.landed, is_exact)


def judged_steps(flag: Flag, snapshot: Snapshot) -> list[Step]:
    """The changes of what the environment that counts serves: those of the commits in question, or the latest."""
    history = snapshot.history_of(flag)
    steps = list(history.steps(snapshot.environment)) if history else []
    chosen = (
        steps[-1:]
        if snapshot.judged_commits is None
        else [step for step in steps if step.change.commit.id in snapshot.judged_commits]
    )
    return [step for step in chosen if step.change.kind is not ChangeKind.KNOWN]


def percent_of(flag: Flag, snapshot: Snapshot) -> Location:
    """Where the percentage stands that counts, or else what is around it."""
    path = f"rollout.environments.{snapshot.environment}.percent"
    while path and path not in flag.places:
        path = path.rpartition(".")[0]
    return flag.at(path) if path else flag.first


def is_running(flag: Flag, today: date) -> bool:
    """Whether a flag is an experiment whose time is not over."""
    window = flag.experiment.window if flag.experiment else None
    return flag.experiment is not None and (window is None or window.end is None or today <= window.end)


def who_and_when(step: Step) -> str:
    """`Ann Lee <ann@example.com> on 2026-06-05 (1a2b3c4)`."""
    commit = step.change.commit
    return f"{commit.author} on {commit.written} ({commit.id[:7]})"


def _served(flag: Flag, snapshot: Snapshot) -> Environment | None:
    return flag.rollout.environments.get(snapshot.environment) if flag.rollout else None


def _moves(flag: Flag, snapshot: Snapshot) -> Iterator[tuple[float, float, tuple[float, ...], str]]:
    """How far the rollout moved, by which plan, and who moved it."""
    history, served = snapshot.history_of(flag), _served(flag, snapshot)
    if history is None:
        return
    *_, last = (None, *history.steps(snapshot.environment))
    is_open = last is not None and served is not None and served.percent not in (None, last.to_percent)
    steps = judged_steps(flag, snapshot)
    if is_open and snapshot.judged_commits is None:
        steps = []  # the latest change is the one that is yet to be committed
    for step in steps:
        if step.from_percent is not None and step.to_percent is not None:
            yield step.from_percent, step.to_percent, step.plan, who_and_when(step)
    if is_open and last and last.to_percent is not None and served and served.percent is not None and flag.rollout:
        yield last.to_percent, served.percent, flag.rollout.plan, "not committed yet"


def _next_stage(flag: Flag, percent: float) -> str:
    later = [stage for stage in (flag.rollout.plan if flag.rollout else ()) if stage > percent]
    return f" to {min(later):g}%" if later else ""


def _lasting(stands: Standing, span: int) -> str:
    return f"{days(span)}, since {stands.since}" if stands.is_exact else f"at least {days(span)}"


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))
