"""All rules there are, and which of them a run was asked for."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Mapping

from flagctl.rules.rule import Rule
from flagctl.spelling import closest


def _every_rule() -> dict[str, Rule]:
    """The rules of every module of this package, by code."""
    package = __name__.rpartition(".")[0]
    rules: list[Rule] = []
    for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module.name in ("catalogue", "page", "rule"):
            continue
        members = vars(importlib.import_module(f"{package}.{module.name}")).values()
        rules += (each() for each in members if isinstance(each, type) and issubclass(each, Rule) and each is not Rule)
    return {rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)}


CATALOGUE: Mapping[str, Rule] = _every_rule()
"""Every rule by its code."""

Selection = tuple[Rule, ...]


class UnknownRuleError(ValueError):
    """Something that names no rule; the message says so and offers the closest name."""


def select(chosen: Iterable[str], ignored: Iterable[str] = ()) -> Selection:
    """The rules that some codes, prefixes (`FLG3`), names, `DEFAULT` or `ALL` choose, less those that others ignore.

    Raises:
        UnknownRuleError: one of them chooses no rule.
    """
    codes = {code for word in chosen for code in codes_named(word)}
    codes -= {code for word in ignored for code in codes_named(word)}
    return tuple(rule for code, rule in CATALOGUE.items() if code in codes)


def codes_named(word: str) -> list[str]:
    """The codes of the rules that one word chooses.

    Raises:
        UnknownRuleError: it chooses none.
    """
    if word == "ALL":
        return list(CATALOGUE)
    if word == "DEFAULT":
        return [code for code, rule in CATALOGUE.items() if rule.is_default]
    found = [code for code, rule in CATALOGUE.items() if word == rule.name or (word and code.startswith(word))]
    if found and (word in CATALOGUE or word.startswith("FLG") or not word.isupper()):
        return found
    near = closest(word, ["ALL", "DEFAULT", *CATALOGUE, *(rule.name for rule in CATALOGUE.values())])
    raise UnknownRuleError(f'unknown rule "{word}"' + (f"; did you mean {near}?" if near else "; see `flagctl rule`"))
