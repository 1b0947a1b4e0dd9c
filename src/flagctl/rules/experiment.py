"""FLG5xx: will the experiment answer its question?"""

from __future__ import annotations

from collections.abc import Iterator

from flagctl.model import Experiment, Finding, Flag, Severity, Snapshot
from flagctl.rules.rule import Rule, days, missing_field
from flagctl.spelling import closest

_COMPLETE = """
    key: new-checkout
    type: experiment
    experiment:
      hypothesis: One page raises completed checkouts
      kpi: checkout_completion
      guardrails: [error_rate]
      unit: account
      arms: {off: 50, on: 50}
      control: off
      minimum_detectable_effect: 2%
      window: {start: 2026-06-01, end: 2026-07-01}
      stop_rule: Stop when a guardrail is breached
"""


def _without(line: str) -> dict[str, str]:
    """The example of a complete experiment, without one of its fields."""
    kept = [each for each in _COMPLETE.splitlines() if not each.strip().startswith(f"{line}:")]
    return {"flags/new-checkout.yaml": "\n".join(kept) + "\n"}


_SILENT = {"flags/new-checkout.yaml": _COMPLETE}

_TREE = """
    north_star: checkout_completion
    metrics:
      checkout_completion:
        role: north_star
        event: order_completed
        aggregate: conversion
        unit: account
        goal: increase
      error_rate:
        role: guardrail
        event: request_failed
        aggregate: count
        unit: account
        goal: decrease
        margin: 5%
        drives: checkout_completion
"""


class ExperimentWithoutHypothesis(Rule):
    """A flag of type experiment, or one with an experiment, that says nothing of what is expected.

    Why: without a hypothesis every result is a success: some metric always moved.

    What to do: write what you expect to happen, before you look: "One page raises completed checkouts".
    """

    code = "FLG501"
    name = "experiment-without-hypothesis"
    severity = Severity.ERROR
    fires = _without("hypothesis")
    silent = _SILENT

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.experiment is None and flag.type == "experiment":
                line = "experiment: {hypothesis: what you expect to happen, kpi: ..., guardrails: [...]}"
                yield missing_field(self, flag, "is an experiment without a hypothesis", line)
            elif flag.experiment is not None and flag.experiment.hypothesis is None:
                hint = "add `hypothesis`: what you expect to happen"
                yield self.finding(flag.key, flag.at("experiment"), "is an experiment without a hypothesis", hint)


class UnknownMetric(Rule):
    """A KPI, a guardrail or a gate of a rollout that is not in the metric tree.

    Silent where there is no metric tree: write `flags/metrics.yaml` first.

    Why: a name that stands for nothing is measured by nobody. A gate of that name never closes, and a guardrail never
    breaks.

    What to do: correct the name, or describe the metric in the metric tree.
    """

    code = "FLG502"
    name = "unknown-metric"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": _COMPLETE.replace("[error_rate]", "[error_rates]"), "flags/metrics.yaml": _TREE}
    silent = {"flags/new-checkout.yaml": _COMPLETE, "flags/metrics.yaml": _TREE}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        if (tree := snapshot.metrics) is None:
            return
        near: dict[str, str | None] = {}
        for flag in snapshot.flags:
            for place, name in _named_metrics(flag):
                if name in tree.metrics:
                    continue
                if name not in near:
                    near[name] = closest(name, tree.metrics)
                what = _METRIC_FIELDS[place.split(".")[1]]
                hint = f"did you mean {near[name]}?" if near[name] else "describe it there, or name one that is there"
                message = f"has a {what} that is not in the metric tree: {name}"
                yield self.finding(flag.key, flag.at(place), message, hint)


_METRIC_FIELDS = {"kpi": "KPI", "kpis": "KPI", "guardrails": "guardrail", "gates": "gate"}
"""What definitions name metrics as."""


def _named_metrics(flag: Flag) -> Iterator[tuple[str, str]]:
    """Every metric that a definition names, each with its field."""
    if flag.experiment is not None:
        yield from _measured_metrics(flag.experiment)
    for index, name in enumerate(flag.rollout.gates if flag.rollout else ()):
        yield f"rollout.gates.{index}", name


def _measured_metrics(experiment: Experiment) -> Iterator[tuple[str, str]]:
    """The metrics that decide about an experiment, each with its field."""
    if experiment.kpi is not None:
        yield "experiment.kpi", experiment.kpi
    for index, name in enumerate(experiment.kpis):
        yield f"experiment.kpis.{index}", name
    for index, name in enumerate(experiment.guardrails):
        yield f"experiment.guardrails.{index}", name


class ExperimentWithoutGuardrails(Rule):
    """An experiment that watches no metric besides the one that it wants to move.

    Why: most of what raises a number lowers another one. Without a guardrail nobody sees which.

    What to do: name under `guardrails` what must not get worse: errors, latency, refunds, support tickets.
    """

    code = "FLG503"
    name = "experiment-without-guardrails"
    severity = Severity.WARNING
    fires = _without("guardrails")
    silent = _SILENT

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, experiment in _experiments(snapshot):
            if not experiment.guardrails:
                hint = "add `guardrails`: metrics that must not get worse"
                yield self.finding(flag.key, flag.at("experiment"), "is an experiment without a guardrail", hint)


class ExperimentWithoutStop(Rule):
    """An experiment without a window or without a stop rule.

    Why: an experiment that nothing ends is looked at until it shows what somebody wants to see.

    What to do: set `window` to the days that the sample takes, and write the `stop_rule`: what ends it before.
    """

    code = "FLG504"
    name = "experiment-without-stop"
    severity = Severity.ERROR
    fires = _without("stop_rule")
    silent = _SILENT

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, experiment in _experiments(snapshot):
            window = experiment.window
            lacking = ["a window with an end"] if window is None or window.end is None else []
            lacking += ["a stop rule"] if experiment.stop_rule is None else []
            if lacking:
                message = f"is an experiment without {' and '.join(lacking)}"
                hint = "say when it ends (`window.end`), and what ends it before (`stop_rule`)"
                yield self.finding(flag.key, flag.at("experiment"), message, hint)


class DecisionOverdue(Rule):
    """An experiment whose window has ended, and of which nothing was decided.

    Why: the data are there and get no better. Until somebody decides, half of the users have the worse variant.

    What to do: decide, and write it under `decision`: also that the experiment goes on (`extend`, with a new window).
    """

    code = "FLG506"
    name = "decision-overdue"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": _COMPLETE.replace("2026-07-01", "2026-06-14")}
    silent = _SILENT

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, experiment in _experiments(snapshot):
            end = experiment.window.end if experiment.window else None
            if end is None or end >= snapshot.today or _is_decided_since(flag, experiment):
                continue
            message = (
                f"is an experiment that ended on {end} ({days((snapshot.today - end).days)} ago) without a decision"
            )
            hint = "write `decision`: ship, rollback, keep-control or extend, with the rationale"
            yield self.finding(flag.key, flag.at("experiment.window.end"), message, hint)


def _is_decided_since(flag: Flag, experiment: Experiment) -> bool:
    """Whether a decision ends the experiment: one to extend it is over with the window that it gave."""
    decision, window = flag.decision, experiment.window
    if decision is None or decision.outcome is None:
        return False
    is_old = decision.date is not None and window is not None and window.end is not None and decision.date <= window.end
    return not (decision.outcome == "extend" and is_old)


class UnitMismatch(Rule):
    """An experiment that assigns another unit to its variants than the one that a metric of it is keyed by.

    Why: an event counts for the variant that its unit was assigned. Where accounts are assigned and events carry a
    session, an event belongs to no variant, or one account counts as many.

    What to do: assign the unit that the metric is keyed by, or name a metric that is keyed by the unit assigned.
    """

    code = "FLG507"
    name = "unit-mismatch"
    severity = Severity.ERROR
    fires = {
        "flags/new-checkout.yaml": _COMPLETE.replace("unit: account", "unit: session"),
        "flags/metrics.yaml": _TREE,
    }
    silent = {"flags/new-checkout.yaml": _COMPLETE, "flags/metrics.yaml": _TREE}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        metrics = snapshot.metrics.metrics if snapshot.metrics else {}
        for flag, experiment in _experiments(snapshot):
            for place, name in _measured_metrics(experiment):
                metric = metrics.get(name)
                if metric is None or experiment.unit is None or metric.unit == experiment.unit:
                    continue
                message = f"assigns variants by {experiment.unit}, and {name} is keyed by {metric.unit}"
                unit = metric.at("unit")
                hint = f"assign by {metric.unit}, or name a metric by {experiment.unit}; see {unit.path}:{unit.line}"
                yield self.finding(flag.key, flag.at(place), message, hint)


class ExperimentWithoutKpi(Rule):
    """An experiment that lacks its KPI, its unit or the effect that is worth to know.

    Why: without these nobody can say how many users it takes, or when it has failed.

    What to do: name the metric (`kpi`), who is counted (`unit`) and the smallest relative change that would matter
    (`minimum_detectable_effect`).
    """

    code = "FLG508"
    name = "experiment-without-kpi"
    severity = Severity.ERROR
    fires = _without("kpi")
    silent = _SILENT

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, experiment in _experiments(snapshot):
            fields = {
                "kpi": experiment.kpi or (experiment.kpis[0] if experiment.kpis else None),
                "unit": experiment.unit,
                "minimum_detectable_effect": experiment.minimum_detectable_effect,
            }
            if lacking := [name for name, value in fields.items() if value is None]:
                message = f"is an experiment without {', '.join(lacking)}"
                hint = f"add {', '.join(f'`{name}`' for name in lacking)} to `experiment`"
                yield self.finding(flag.key, flag.at("experiment"), message, hint)


class TooMuchMeasured(Rule):
    """An experiment with more metrics than `thresholds.max_metrics`, or more segments than `thresholds.max_segments`.

    Why: among twenty comparisons one is significant by chance, and to correct for that takes a larger sample.

    What to do: keep the metrics that would change the decision. Look at the others, but do not test them.
    """

    code = "FLG509"
    name = "too-much-measured"
    severity = Severity.INFO
    fires = {
        "flags/new-checkout.yaml": _COMPLETE.replace(
            "[error_rate]", "[errors, latency, refunds, tickets, churn, bounces, returns, chargebacks]"
        )
    }
    silent = _SILENT

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        limits = snapshot.thresholds
        for flag, experiment in _experiments(snapshot):
            kpis = [experiment.kpi] if experiment.kpi else []
            metrics = {*kpis, *experiment.kpis, *experiment.guardrails}
            if len(metrics) > limits.max_metrics:
                message = f"is an experiment with {len(metrics)} metrics; {limits.max_metrics} are allowed"
                hint = "keep those that would change the decision"
                yield self.finding(flag.key, flag.at("experiment"), message, hint)
            if len(flag.targeting) > limits.max_segments:
                message = f"is an experiment with {len(flag.targeting)} segments; {limits.max_segments} are allowed"
                yield self.finding(flag.key, flag.at("targeting"), message, "drop those whose question is answered")


def _experiments(snapshot: Snapshot) -> Iterator[tuple[Flag, Experiment]]:
    for flag in snapshot.flags:
        if flag.experiment is not None:
            yield flag, flag.experiment
