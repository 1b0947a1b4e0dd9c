"""Decorators that skip a test under a condition."""

from __future__ import annotations

from collections.abc import Mapping

import libcst as cst

from flagctl.removal.values import Known, Values, is_pure
from flagctl.scan.python.nodes import dotted_text

_SKIPS = {
    "unittest.skipIf": True,
    "unittest.skipUnless": False,
    "unittest.case.skipIf": True,
    "unittest.case.skipUnless": False,
    "pytest.mark.skipif": True,
}
"""Decorators by their name, and the condition under which each skips."""


def never_skips(decorator: cst.BaseExpression, imported: Mapping[str, str], values: Values) -> bool:
    """`@skipIf(False, "why")` and its like, of which the condition is known."""
    if not isinstance(decorator, cst.Call):
        return False
    name, dot, rest = (dotted_text(decorator.func) or "").partition(".")
    skips_when = _SKIPS.get(f"{imported.get(name, '')}{dot}{rest}")
    known = _condition(decorator, values)
    if skips_when is None or known is None:
        return False
    return bool(known.value) is not skips_when and all(is_pure(each.value, values) for each in decorator.args)


def _condition(call: cst.Call, values: Values) -> Known | None:
    match call.args:
        case [cst.Arg(keyword=None | cst.Name("condition"), star="", value=value), *rest] if all(
            each.keyword is not None or not each.star for each in rest
        ):
            return values.of(value)
    return None
