"""The rules: a snapshot in, findings out. One file per family; a rule is a class in one of them, and nothing else."""

from __future__ import annotations

from flagctl.rules.catalogue import CATALOGUE, Selection, UnknownRuleError, codes_named, select
from flagctl.rules.page import rule_help, rule_page, rules_page
from flagctl.rules.rule import EXAMPLE_TODAY, Example, Rule

__all__ = [
    "CATALOGUE",
    "EXAMPLE_TODAY",
    "Example",
    "Rule",
    "Selection",
    "UnknownRuleError",
    "codes_named",
    "rule_help",
    "rule_page",
    "rules_page",
    "select",
]
