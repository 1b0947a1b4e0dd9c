"""The data of a valid definition to a `Flag`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flagctl.model import (
    Access,
    Decision,
    Environment,
    Experiment,
    Extension,
    Flag,
    KillSwitch,
    Location,
    Rollout,
    Segment,
    Window,
)

Data = Mapping[str, Any]

texts = (
    "description",
    "type",
    "owner",
    "reason",
    "justification",
    "expected_end_state",
    "removal_criterion",
    "tracking",
    "on_removal",
    "layer",
    "impact",
    "consistency",
    "refresh",
    "on_failure",
)
days = ("created", "adopted", "expires", "review_by")
experiment_values = ("hypothesis", "kpi", "unit", "control", "alpha", "power", "stop_rule")


def build_flag(data: Data, first: Location, places: Mapping[str, Location]) -> Flag:
    """The flag that a definition declares; `data` has passed the schema."""
    given: dict[str, Any] = {name: data[name] for name in (*texts, "variants") if name in data}
    given |= {name: _day(data, name) for name in days}
    given |= {name: read(data[name]) for name, read in parts.items() if name in data}
    return Flag(
        data["key"], first, places, aliases=_names(data, "aliases"), depends_on=_names(data, "depends_on"), **given
    )


def _day(data: Data, name: str) -> date | None:
    return date.fromisoformat(data[name]) if name in data else None


def _names(data: Data, name: str) -> tuple[str, ...]:
    return tuple(data.get(name, ()))


def _kill_switch(data: Data) -> KillSwitch:
    return KillSwitch(data.get("kills_when"), data.get("runbook"), _day(data, "exercised"))


def _access(data: Data) -> Access:
    return Access(_names(data, "toggle"), _names(data, "approve"))


def _rollout(data: Data) -> Rollout:
    return Rollout(
        plan=tuple(map(float, data.get("plan", ()))),
        gates=_names(data, "gates"),
        environments={name: _environment(each) for name, each in data.get("environments", {}).items()},
    )


def _environment(data: Data) -> Environment:
    return Environment(float(data["percent"]) if "percent" in data else None, data.get("serve"))


def _targeting(items: list[Data]) -> tuple[Segment, ...]:
    return tuple(Segment(item["segment"], item.get("question"), _day(item, "review_by")) for item in items)


def _experiment(data: Data) -> Experiment:
    window = data.get("window")
    return Experiment(
        **{name: data[name] for name in experiment_values if name in data},
        kpis=_names(data, "kpis"),
        guardrails=_names(data, "guardrails"),
        arms={name: float(weight) for name, weight in data.get("arms", {}).items()},
        minimum_detectable_effect=share(data.get("minimum_detectable_effect")),
        window=None if window is None else Window(_day(window, "start"), _day(window, "end")),
    )


def share(effect: float | str | None) -> float | None:
    """`2%` as 0.02: shifted rather than divided, so that it is the float that 0.02 is."""
    return float(effect.strip().rstrip("%") + "e-2") if isinstance(effect, str) else effect


def _decision(data: Data) -> Decision:
    return Decision(
        outcome=data.get("outcome"),
        keep=data.get("keep"),
        date=_day(data, "date"),
        by=data.get("by"),
        rationale=data.get("rationale"),
        evidence=data.get("evidence"),
    )


def _extensions(items: list[Data]) -> tuple[Extension, ...]:
    return tuple(Extension(_day(item, "from"), _day(item, "to"), item.get("by"), item.get("reason")) for item in items)


parts: dict[str, Callable[[Any], object]] = {
    "kill_switch": _kill_switch,
    "access": _access,
    "rollout": _rollout,
    "targeting": _targeting,
    "experiment": _experiment,
    "decision": _decision,
    "extensions": _extensions,
}
