"""Variants and how many users get which: one percentage, as definitions have it, or weights, as most tools do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from flagctl.model import Flag

_WORDS = {"true": "on", "True": "on", "TRUE": "on", "false": "off", "False": "off", "FALSE": "off"}
_DIGITS = 6
"""After the point of a percentage; more than anybody rolls out by."""


def variant_name(text: str) -> str:
    """A variant's name as a definition has it, where `true` and `false` stand for `on` and `off`."""
    return _WORDS.get(text, text)


def off_variant(variants: Mapping[str, Any], others: Iterable[str | None] = ()) -> str | None:
    """The variant of users that do not have the flag, if there is no doubt; `others` are further candidates."""
    if "off" in variants:
        return "off"
    negative = [name for name, value in variants.items() if value is False]
    if len(negative) == 1:
        return negative[0]
    return next((name for name in others if name in variants and name is not None), None)


def off_of(flag: Flag) -> str | None:
    """The variant that users of a flag get who do not have it."""
    return off_variant(flag.variants, [flag.experiment.control if flag.experiment else None])


def to_all(name: str, variants: Mapping[str, Any]) -> dict[str, Any]:
    """What an environment serves where everybody gets one variant."""
    if name == "off" and set(variants) == {"on", "off"}:
        return {"percent": 0, "serve": "on"}
    return {"percent": 100, "serve": name}


def one_percentage(
    weights: Mapping[str, float], variants: Mapping[str, Any], rest: str | None
) -> dict[str, Any] | None:
    """What an environment serves by weights, if one percentage says it; `rest` is the variant of everybody else."""
    given = {name: weight for name, weight in weights.items() if weight > 0}
    if len(given) == 1:
        return to_all(next(iter(given)), variants)
    off = next((name for name in (rest, off_variant(variants)) if name in given), None)
    if len(given) != 2 or off is None:
        return None
    [served] = given.keys() - {off}
    return {"percent": tidy(100 * given[served] / sum(given.values())), "serve": served}


def tidy(percent: float) -> float | int:
    """`50` rather than `50.0`, and no digits that only arithmetic has left."""
    rounded = round(percent, _DIGITS)
    return int(rounded) if rounded == int(rounded) else rounded


def weights(percent: float) -> tuple[int, int]:
    """A percentage, and what is left to a hundred, as whole numbers."""
    exact = Decimal(repr(round(percent, _DIGITS)))
    scale = 10 ** max(0, -int(exact.normalize().as_tuple().exponent))
    served = int(exact * scale)
    return served, 100 * scale - served


def shares(weights: Mapping[str, float]) -> str:
    """`blue 50%, red 25%`."""
    total = sum(weights.values())
    return ", ".join(f"{name} {tidy(100 * weight / total)}%" for name, weight in weights.items() if weight > 0)
