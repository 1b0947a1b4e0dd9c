"""What Unleash exports: `/api/admin/features-batch/export`, and the state of older versions.

A flag of Unleash is on or off; its variants are an answer of their own. In an environment any strategy that holds turns
it on, so a percentage is known where one strategy asks for it and for nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flagctl.interchange.exchanged import Foreign, Read, counted
from flagctl.interchange.node import Node, ShapeError
from flagctl.interchange.serving import shares, tidy, variant_name

_TYPES = {
    "release": ("release", "remove"),
    "experiment": ("experiment", "remove"),
    "operational": ("ops", "remove"),  # Unleash gives it seven days
    "kill-switch": ("ops", "keep"),
    "permission": ("permission", "keep"),
}
_PERCENT = {
    "flexibleRollout": "rollout",
    "gradualRolloutRandom": "percentage",
    "gradualRolloutSessionId": "percentage",
    "gradualRolloutUserId": "percentage",
}
"""Strategies that ask for a share of users, and the parameter that says how large it is."""

_GLOBAL = ":global:"
"""What stood for all environments in the first exports that had some."""

_Grouped = Mapping[str, Sequence[Node]]


@dataclass(slots=True)
class _Served:
    """A flag in one environment."""

    is_enabled: bool
    strategies: list[Node] = field(default_factory=list)
    variants: list[Node] = field(default_factory=list)


def read(document: Node, environment: str) -> Read:
    """The flags of an export; where it knows no environments, what it says holds in the one named."""
    if not isinstance(document["features"].value, list):
        raise ShapeError('"features" is missing: this is no export of Unleash')
    about = {
        name: _grouped(document[name].items(), "feature" if name in ("dependencies", "links") else "featureName")
        for name in ("featureEnvironments", "featureStrategies", "featureTags", "dependencies", "links")
    }
    in_segments = {str(each["featureStrategyId"].value) for each in document["featureStrategySegments"].items()}
    found = Read()
    for item in document["features"].items():
        key = item["name"].key()
        if item["archived"].boolean() or "archivedAt" in item:
            found.left_out.append((key, "is archived"))
            continue
        found.flags.append(_flag(key, item, about, environment, in_segments))
    if found.flags:
        dated = any("created" in flag.fields for flag in found.flags)
        found.notes.append(f"{'owners' if dated else 'owners and dates'} are not in the export")
    return found


def _grouped(items: Iterable[Node], by: str) -> _Grouped:
    groups: dict[str, list[Node]] = {}
    for item in items:
        groups.setdefault(str(item[by].text()), []).append(item)
    return groups


def _flag(key: str, item: Node, about: Mapping[str, _Grouped], environment: str, in_segments: set[str]) -> Foreign:
    flag = Foreign(key)
    flag.set("description", item["description"].text())
    _read_type(flag, item["type"].text())
    flag.set("created", _day(flag, item["createdAt"].text()))
    served = _environments(flag, item, about)
    _read_variants(flag, [item["variants"], *(each for one in served.values() for each in one.variants)])
    for name, one in served.items():
        _read_environment(flag, name, one, environment, in_segments)
    dependencies = [*item["dependencies"].items()]
    for each in about["dependencies"].get(key, ()):
        dependencies += each["dependencies"].items()
    flag.set("depends_on", list(dict.fromkeys(_plain_dependencies(flag, dependencies))))
    _read_links(flag, about["links"].get(key, ()))
    _note_the_rest(flag, item, about["featureTags"].get(key, ()))
    return flag


def _read_type(flag: Foreign, kind: str | None) -> None:
    if kind in _TYPES:
        flag.fields["type"], flag.fields["expected_end_state"] = _TYPES[kind]
        end = "is to stay" if _TYPES[kind][1] == "keep" else "is to go"
        flag.notes.append(f"type {_TYPES[kind][0]}, and {end}: its type in Unleash is {kind}")
    elif kind is not None:
        flag.notes.append(f"its type is not carried over: {kind}")


def _day(flag: Foreign, text: str | None) -> str | None:
    try:
        return None if text is None else datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        flag.notes.append(f"the day of its creation is not carried over: {text}")
        return None


# --- what is served ---------------------------------------------------------------------------------------------------


def _environments(flag: Foreign, item: Node, about: Mapping[str, _Grouped]) -> dict[str, _Served]:
    """A flag in each environment, from whichever place the version of the export has for it."""
    key = flag.key
    found: dict[str, _Served] = {}
    for each in item["environments"].items():
        name = each["name"].text() or str(each["environment"].text())
        found[name] = _Served(each["enabled"].boolean(), each["strategies"].items(), [each["variants"]])
    for each in about["featureEnvironments"].get(key, ()):
        found[str(each["environment"].text())] = _Served(each["enabled"].boolean(), [], [each["variants"]])
    if "enabled" in item and not found:
        found[_GLOBAL] = _Served(item["enabled"].boolean(), item["strategies"].items())
    for strategy in about["featureStrategies"].get(key, ()):
        where = strategy["environment"].text()
        if where is None and len(found) == 1:  # an export of one environment does not repeat which
            where = next(iter(found))
        if where in found:
            found[where].strategies.append(strategy)
        else:
            flag.notes.append(f"whether {where or 'an environment'} has it is not known: {_described(strategy)}")
    for one in found.values():
        one.variants += [strategy["variants"] for strategy in one.strategies]
    return found


def _read_environment(flag: Foreign, name: str, served: _Served, environment: str, in_segments: set[str]) -> None:
    if name == _GLOBAL:
        flag.notes.append(f"the export knows no environments: what it says is taken for {environment}")
        name = environment
    active = [each for each in served.strategies if not each["disabled"].boolean()]
    percents = [_percent(each, in_segments) for each in active]
    serve = {} if "variants" in flag.fields else {"serve": "on"}  # which variant those get is another matter
    if not served.is_enabled:
        flag.serve(name, {"percent": 0, **serve})
    elif 100 in percents or not served.strategies:
        flag.serve(name, {"percent": 100, **serve})
    elif len(percents) == 1 and percents[0] is not None:
        flag.serve(name, {"percent": percents[0], **serve})
        flag.notes += _bucketing(flag.key, active[0])
    else:
        what = "; ".join(map(_described, active)) or "only disabled strategies"
        flag.notes.append(f"{name} is not one percentage, and is not carried over: {what}")


def _percent(strategy: Node, in_segments: set[str]) -> float | int | None:
    """How many users a strategy holds for, if it asks for nothing else."""
    if strategy["constraints"].items() or strategy["segments"].items() or str(strategy["id"].value) in in_segments:
        return None
    name = _name(strategy)
    if name == "default":
        return 100
    percent = strategy["parameters"][_PERCENT[name]].number() if name in _PERCENT else None
    return tidy(percent) if percent is not None and 0 <= percent <= 100 else None


def _name(strategy: Node) -> str:
    return strategy["strategyName"].text() or strategy["name"].text() or "unnamed"


def _bucketing(key: str, strategy: Node) -> Iterator[str]:
    parameters = strategy["parameters"]
    stickiness, group = parameters["stickiness"].text(), parameters["groupId"].text()
    if stickiness not in (None, "default"):
        yield f"who gets it is not carried over: by {stickiness}"
    if group not in (None, key):
        yield f"who gets it is not carried over: group {group}"


def _described(strategy: Node) -> str:
    constraints, segments = len(strategy["constraints"].items()), len(strategy["segments"].items())
    more = [counted(constraints, "constraint")] if constraints else []
    more += [counted(segments, "segment")] if segments else []
    return f"strategy {_name(strategy)}" + (f" with {' and '.join(more)}" if more else "")


# --- variants ---------------------------------------------------------------------------------------------------------


def _read_variants(flag: Foreign, lists: Iterable[Node]) -> None:
    """The variants by name, with what code gets for each: its payload, or else its name."""
    values: dict[str, Any] = {}
    weights: dict[str, float] = {}
    for each in (each for one in lists for each in one.items()):
        name = variant_name(each["name"].text() or "")
        value = _payload(each["payload"], name)
        if name and name in values and values[name] != value:
            flag.notes.append(f"variant {name} has several values, of which the first is taken")
        if name:
            values.setdefault(name, value)
            weights.setdefault(name, each["weight"].number() or 0)
        if each["overrides"].items():
            flag.notes.append(f"users who always get variant {name} are not carried over")
    if values:
        flag.fields["variants"] = values
        by_weight = f" ({shares(weights)})" if sum(weights.values()) > 0 else ""
        flag.notes.append(f"how variants are shared out is not carried over{by_weight}")


def _payload(payload: Node, name: str) -> Any:
    text = payload["value"].value
    if text is None:
        return name
    if payload["type"].text() in ("json", "number"):
        try:
            return json.loads(str(text), parse_constant=_refuse)
        except (ValueError, RecursionError):
            return text
    return text


def _refuse(constant: str) -> None:
    raise ValueError(constant)


# --- the rest ---------------------------------------------------------------------------------------------------------


def _plain_dependencies(flag: Foreign, dependencies: Iterable[Node]) -> Iterator[str]:
    for each in dependencies:
        parent = each["feature"].text() or ""
        if each["enabled"].boolean(default=True) and not each["variants"].items():
            yield parent
        else:
            what = "is off" if not each["enabled"].boolean(default=True) else "has a certain variant"
            flag.notes.append(f"that it needs {parent} where that {what} is not carried over")


def _read_links(flag: Foreign, groups: Iterable[Node]) -> None:
    links = [link["url"].text() for group in groups for link in group["links"].items()]
    if len(links) == 1:
        flag.set("tracking", links[0])
    elif links:
        flag.notes.append(f"links are not carried over: {', '.join(map(str, links))}")


def _note_the_rest(flag: Foreign, item: Node, tags: Iterable[Node]) -> None:
    names = [f"{tag['tagType'].text()}:{tag['tagValue'].text()}" for tag in tags]
    names += [f"{tag['type'].text()}:{tag['value'].text()}" for tag in item["tags"].items()]
    if names:
        flag.notes.append(f"tags are not carried over: {', '.join(names)}")
    if item["stale"].boolean():
        flag.notes.append("is marked stale")
    if item["project"].text() not in (None, "default"):
        flag.notes.append(f"its project is not carried over: {item['project'].text()}")
    if item["impressionData"].boolean():
        flag.notes.append("that impressions are recorded is not carried over")
