"""flagd's flag definitions: variants, which of them is the default, and by which rule others are served."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flagctl.interchange.exchanged import Foreign, Given, Read, Written
from flagctl.interchange.node import Node, ShapeError
from flagctl.interchange.serving import off_of, one_percentage, shares, to_all, variant_name, weights
from flagctl.model import Flag

_SCHEMA = "https://flagd.dev/schema/v0/flags.json"
_TEXTS = (
    "description",
    "type",
    "owner",
    "reason",
    "created",
    "adopted",
    "expires",
    "review_by",
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
_NAMES = ("aliases", "depends_on")
"""Metadata has no lists, and names have no spaces."""

_IN_PARTS = {"key", "variants", "rollout", *_TEXTS, *_NAMES}
_TYPES: tuple[tuple[type, ...], ...] = ((bool,), (int, float), (str,), (dict,))


# --- writing ----------------------------------------------------------------------------------------------------------


def write(flags: Sequence[Given]) -> Written:
    """A document that a provider can read: each flag as its environment serves it."""
    entries: dict[str, Any] = {}
    lost: list[tuple[str, str]] = []
    left_out: list[tuple[str, str]] = []
    for given in flags:
        if not _is_of_one_type(given.flag.variants):
            left_out.append((given.flag.key, "the values of its variants are not all of one type that flagd has"))
            continue
        serving, metadata = _serving(given), _metadata(given)
        entries[given.flag.key] = serving.members(given.flag.variants) | ({"metadata": metadata} if metadata else {})
        lost += [(given.flag.key, line) for line in (*serving.doubts, *_lost(given))]
    return Written({"$schema": _SCHEMA, "flags": entries}, tuple(lost), tuple(left_out))


def _is_of_one_type(variants: Mapping[str, Any]) -> bool:
    values = list(variants.values())
    return any(
        all(isinstance(value, kind) and (bool in kind or not isinstance(value, bool)) for value in values)
        for kind in _TYPES
    )


@dataclass(frozen=True, slots=True)
class _Serving:
    """How a flag is served: a default, or by weights; where neither is known, code gets its own default."""

    default: str | None = None
    split: tuple[tuple[str, int], ...] = ()
    doubts: tuple[str, ...] = ()

    def members(self, variants: Mapping[str, Any]) -> dict[str, Any]:
        members: dict[str, Any] = {"state": "ENABLED" if self.default else "DISABLED", "variants": dict(variants)}
        if self.default:
            members["defaultVariant"] = self.default
        if self.split:
            # Without an expression before the weights, flagd puts users into buckets by their targeting key.
            members["targeting"] = {"fractional": [list(each) for each in self.split]}
        return members


def _serving(given: Given) -> _Serving:
    flag, name = given.flag, given.environment
    environment = flag.rollout.environments.get(name) if flag.rollout else None
    if environment is None or environment.percent is None:
        return _unknown(f"the definition does not say what {name} serves")
    serve = environment.serve or ("on" if "on" in flag.variants else None)
    if serve is None or serve not in flag.variants:
        return _unknown(f"the definition does not say which of its variants {name} serves")
    if environment.percent >= 100:
        return _Serving(serve)
    rest = _rest(flag, serve)
    if rest is None or (environment.percent == 0 and serve == "off"):
        return _unknown(f"the definition does not say what those get in {name} who do not get {serve}")
    if environment.percent == 0:
        return _Serving(rest)
    served, left = weights(environment.percent)
    return _Serving(rest, ((serve, served), (rest, left)))


def _unknown(why: str) -> _Serving:
    return _Serving(doubts=(f"{why}: it is DISABLED, so that code gets its own default",))


def _rest(flag: Flag, serve: str) -> str | None:
    """What users get who do not get a variant."""
    if len(flag.variants) == 2:
        return next(name for name in flag.variants if name != serve)
    off = off_of(flag)
    return off if off != serve else None


def _metadata(given: Given) -> dict[str, str]:
    values = {name: str(given.definition[name]) for name in _TEXTS if name in given.definition}
    return values | {name: " ".join(given.definition[name]) for name in _NAMES if name in given.definition}


def _lost(given: Given) -> list[str]:
    names = sorted(given.definition.keys() - _IN_PARTS)
    rollout = given.flag.rollout
    if rollout is not None:
        names += [f"rollout.{name}" for name in ("plan", "gates") if getattr(rollout, name)]
        names += [f"rollout in {name}" for name in rollout.environments if name != given.environment]
    return [f"not carried over: {', '.join(names)}"] if names else []


# --- reading ----------------------------------------------------------------------------------------------------------


def read(document: Node, environment: str) -> Read:
    """The flags of a document, as the environment that it is for serves them; flags may be an object or an array."""
    flags = document["flags"]
    if flags.value is None:
        raise ShapeError('"flags" is missing: this is no document of flagd')
    shared = document["metadata"].mapping()
    found = Read()
    if "$evaluators" in document:
        found.notes.append("shared targeting rules ($evaluators) are not carried over")
    if own := [name for name in shared if name in ("flagSetId", "version")]:
        found.notes.append(f"metadata of the set is not carried over: {', '.join(own)}")
    common = {name: value for name, value in shared.items() if name not in ("flagSetId", "version")}
    if isinstance(flags.value, list):
        members = [(item["key"].key(), item) for item in flags.items()]
    else:
        members = list(flags.members().items())
    for key, item in members:
        names = [variant_name(name) for name in item["variants"].mapping()]
        if len(names) > len({*names}):
            found.left_out.append((key, "two of its variants have one name: true and false stand for on and off"))
        else:
            found.flags.append(_flag(key, item, common, environment))
    return found


def _flag(key: str, item: Node, common: Mapping[str, Any], environment: str) -> Foreign:
    flag = Foreign(key)
    variants = {variant_name(name): value for name, value in item["variants"].mapping().items()}
    if not variants:
        raise item["variants"].error("an object with variants")
    if variants != {"on": True, "off": False}:
        flag.fields["variants"] = variants
    _read_metadata(flag, {**common, **item["metadata"].mapping()})
    state = item["state"].text()
    if state not in ("ENABLED", "DISABLED"):
        raise item["state"].error("ENABLED or DISABLED")
    if state == "DISABLED":
        flag.notes.append("is DISABLED: what is served is not known, and code gets its own default")
    else:
        _read_serving(flag, item, variants, environment)
    return flag


def _read_metadata(flag: Foreign, metadata: Mapping[str, Any]) -> None:
    others = []
    for name, value in metadata.items():
        if name in _TEXTS and isinstance(value, str):
            flag.set(name, Node(value).text())
        elif name in _NAMES and isinstance(value, str):
            flag.set(name, list(dict.fromkeys(value.split())))
        else:
            others.append(name)
    if others:
        flag.notes.append(f"metadata is not carried over: {', '.join(others)}")


def _read_serving(flag: Foreign, item: Node, variants: Mapping[str, Any], environment: str) -> None:
    default_name = item["defaultVariant"].text()
    default = None if default_name is None else variant_name(default_name)
    if default is not None and default not in variants:
        raise item["defaultVariant"].error("one of its variants")
    targeting = item["targeting"].mapping()
    if not targeting:
        if default is None:
            flag.notes.append("has no default variant: code gets its own default")
        else:
            flag.serve(environment, to_all(default, variants))
        return
    split = _split(item["targeting"], default, variants) if targeting.keys() == {"fractional"} else None
    if split is None:
        flag.notes.append("targeting rules are not carried over, and so nothing says what is served")
        return
    found, bucketing = split
    served = one_percentage(found, variants, default)
    if served is None:
        flag.notes.append(f"is served by weights, which are not one percentage: {shares(found)}")
    else:
        flag.serve(environment, served)
        if bucketing:
            flag.notes.append("how users are put into buckets is not carried over")


def _split(targeting: Node, default: str | None, variants: Mapping[str, Any]) -> tuple[dict[str, float], bool] | None:
    """The weight of each variant, and whether something else than the targeting key decides; `None` if it is a rule."""
    items = targeting["fractional"].items()
    is_bucketed = bool(items) and isinstance(items[0].value, dict)
    found: dict[str, float] = {}
    for entry in items[is_bucketed:]:
        parts = entry.items()
        if not parts or len(parts) > 2 or any(isinstance(part.value, dict | list) for part in parts):
            return None
        name = default if parts[0].value is None else variant_name(str(parts[0].value))
        weight = parts[1].number() if len(parts) == 2 else 1
        if name not in variants or name is None or weight is None or weight < 0:
            return None
        found[name] = found.get(name, 0) + weight
    return (found, is_bucketed) if sum(found.values()) > 0 else None
