"""What an experiment has to say of itself before it starts, for `flagctl new`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from flagctl.cli.asking import Check, ask, day, one_of
from flagctl.model import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flagctl.model import Metric
    from flagctl.pipeline.new import Place


class Unit(StrEnum):
    USER = "user"
    ACCOUNT = "account"
    WORKSPACE = "workspace"
    ORGANIZATION = "organization"
    DEVICE = "device"
    SESSION = "session"


@dataclass(frozen=True, slots=True)
class Given:
    """The options about the experiment, as they were given."""

    hypothesis: str | None = None
    kpi: str | None = None
    guardrails: tuple[str, ...] = ()
    unit: str | None = None
    arms: str | None = None
    control: str | None = None
    effect: str | None = None
    start: str | None = None
    end: str | None = None
    stop_rule: str | None = None

    def first(self) -> str | None:
        """An option that was given, to be named where none of them belongs."""
        names = {"effect": "minimum-detectable-effect", "guardrails": "guardrail", "stop_rule": "stop-rule"}
        names |= {"start": "window-start", "end": "window-end"}
        given = [name for name in self.__slots__ if getattr(self, name)]
        return f"--{names.get(given[0], given[0])}" if given else None


def experiment_fields(given: Given, place: Place, expires: date) -> dict[str, object]:
    """What a definition that ends on some day says of its experiment, asking for what is missing.

    Raises:
        InputError: something is wrong, or missing and nobody can be asked.
    """
    metrics = place.metrics
    kpis = [name for name, metric in metrics.items() if metric.role != "guardrail"]
    block: dict[str, object] = {}
    block["hypothesis"] = ask("hypothesis", given.hypothesis, "what do you expect to happen?")
    kpi = ask("kpi", given.kpi, _offered("which metric decides?", kpis), _known(metrics))
    block["kpi"] = kpi
    unit = str(metrics[kpi].unit) if kpi in metrics else None
    guardrails = _guardrails(given, metrics, kpi, unit)
    block["guardrails"] = guardrails
    fits = _fits(metrics, [kpi, *guardrails])
    block["unit"] = ask("unit", given.unit, f"who is counted once: {', '.join(Unit)}?", fits, unit)
    arms = _arms(ask("arms", given.arms, "the weight of each variant", _arms_complaint, "off=50,on=50"))
    block["arms"] = arms
    control = "off" if "off" in arms else next(iter(arms))
    block["control"] = ask("control", given.control, "the variant to compare with", one_of(arms), control)
    question = "the smallest relative change that would matter, such as 2%"
    block["minimum_detectable_effect"] = ask("minimum-detectable-effect", given.effect, question, _effect_complaint)
    start = ask("window-start", given.start, "its first day", day, place.today.isoformat())
    end = ask("window-end", given.end, "its last day", day, _last_day(start, expires, place).isoformat())
    if end < start:
        raise InputError(f"--window-end must not be before {start}, the first day of the window")
    block["window"] = {"start": date.fromisoformat(start), "end": date.fromisoformat(end)}
    block["stop_rule"] = ask("stop-rule", given.stop_rule, "what ends it before?")
    own = {} if arms.keys() <= {"on", "off"} else {"variants": {name: name for name in arms}}
    return {**own, "experiment": block}


def _last_day(start: str, expires: date, place: Place) -> date:
    """The last day after which there is time to decide and to remove the flag before it expires."""
    latest = expires - timedelta(place.part.thresholds.removal)
    first = date.fromisoformat(start)
    return latest if latest > first else max(first, expires - timedelta(1))


# --- metrics ----------------------------------------------------------------------------------------------------------


def _guardrails(given: Given, metrics: Mapping[str, Metric], kpi: str, unit: str | None) -> list[str]:
    """The metrics that must not get worse, which stand in one answer with commas."""
    known = [name for name, metric in metrics.items() if name != kpi and unit in (None, metric.unit)]
    known.sort(key=lambda name: metrics[name].role != "guardrail")
    is_known = _known(metrics)

    def complaint(answer: str) -> str | None:
        for name in _words(answer):
            if (why := is_known(name)) is not None:
                return why
            if name in metrics and unit not in (None, metrics[name].unit):
                return f"is keyed by {metrics[name].unit}, and {kpi} by {unit}: {name}"
        return None if _words(answer) else "needs an answer"

    question = _offered("which metrics must not get worse?", known)
    return _words(ask("guardrail", ",".join(given.guardrails) or None, question, complaint))


def _words(answer: str) -> list[str]:
    return list(dict.fromkeys(word.strip() for word in answer.split(",") if word.strip()))


def _offered(question: str, names: list[str]) -> str:
    return f"{question} there are {', '.join(names)}" if names else question


def _known(metrics: Mapping[str, Metric]) -> Check:
    """Whether a metric is in the tree, where there is one."""
    from flagctl.spelling import did_you_mean

    def complaint(name: str) -> str | None:
        if not metrics or name in metrics:
            return None
        others = f"; there are {', '.join(metrics)}"
        return f'names no metric of the tree: "{name}"{did_you_mean(name, metrics) or others}'

    return complaint


def _fits(metrics: Mapping[str, Metric], names: list[str]) -> Check:
    """Whether a unit is one, and that of the metrics."""
    is_unit = one_of(Unit)

    def complaint(unit: str) -> str | None:
        other = next((metrics[name] for name in names if name in metrics and metrics[name].unit != unit), None)
        if is_unit(unit) or other is None:
            return is_unit(unit)
        return f"must be that of the metrics: {other.name} is keyed by {other.unit}"

    return complaint


# --- arms and effect --------------------------------------------------------------------------------------------------


def _arms(answer: str) -> dict[str, float]:
    pairs = [word.partition("=") for word in _words(answer)]
    return {name.strip(): float(weight) if "." in weight else int(weight) for name, _, weight in pairs}


_ARM = re.compile(r"\s*[^\s=,][^=,]*=\s*\d{1,6}(\.\d{1,6})?\s*")


def _arms_complaint(answer: str) -> str | None:
    words = [word for word in answer.split(",") if word.strip()]
    names = {word.partition("=")[0].strip() for word in words}
    if not all(map(_ARM.fullmatch, words)) or len(names) < max(2, len(words)):
        return f'must be the weights of two variants or more, such as off=50,on=50, not "{answer}"'
    return None


def _effect_complaint(answer: str) -> str | None:
    from flagctl.definitions import read_definitions
    from flagctl.definitions.new import definition_text

    text = definition_text({"key": "x", "experiment": {"minimum_detectable_effect": answer}})
    is_percentage = answer.endswith("%") and not read_definitions("", text.encode()).problems
    return None if is_percentage else f'must be a percentage such as 2%, not "{answer}"'
