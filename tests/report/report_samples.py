"""What the tests of the reports draw: builders with defaults, and text that means harm."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

from flagctl.model import (
    Edit,
    Environment,
    Extension,
    Finding,
    Flag,
    Kind,
    Location,
    Reference,
    ResolvedBy,
    Role,
    Rollout,
    RuleHelp,
    Severity,
    Site,
    Unread,
)
from flagctl.report import Report

NASTY = {
    "colour": "a\x1b[31mb",
    "title": "a\x1b]0;owned\x07b",
    "newline": "a\nb",
    "command": "a\n::error::owned",
    "return": "a\rb",
    "tab": "a\tb",
    "line separator": "a\u2028b",
    "bidi override": "a\u202eb",
    "isolate": "a\u2066b",
    "C1 control": "a\x9b31mb",
    "delete": "a\x7fb",
    "zero width": "a\u200bb",
    "stray joiner": "a\u200db",
    "byte order mark": "a\ufeffb",
    "language tag": "a\U000e0041b",
    "filler": "a\u3164b",
    "surrogate": "a\udc80b",
    "nul": "a\0b",
}


def span(path: str = "flags/new-checkout.yaml", line: int = 8, column: int = 10, length: int = 10) -> Location:
    return Location(path, line, column, line, column + length)


def finding(
    message: str = "expired on 2026-05-01 (174 days ago)",
    *,
    code: str = "FLG101",
    name: str = "expired",
    severity: Severity = Severity.ERROR,
    flag: str | None = "new-checkout",
    hint: str | None = None,
    location: Location | None = None,
    fix: Edit | None = None,
) -> Finding:
    return Finding(code, name, severity, flag, message, hint, location or span(), fix)


def poisoned(text: str) -> Report:
    """A report with the text wherever text from outside can be."""
    place = span(f"src/{text}.py")
    return Report(
        findings=(
            finding(text, flag=text, hint=text, location=place),
            finding(text, flag=None, hint=text, location=place),
        ),
        references=(Reference(text, Role.EVALUATION, Kind.CALL, place, sdk=text, default=text, returns=text),),
        flags=(Flag(text, place, owner=text, description=text, rollout=Rollout(environments={text: Environment(5)})),),
        unread=(Unread(place.path, text),),
    )


def is_harmless(output: str) -> bool:
    """No character but the ends of lines acts on whoever shows it, and all can be encoded."""
    acting = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return not any(unicodedata.category(char) in acting or char == "\u3164" for char in output.replace("\n", ""))


FLAG = Flag(
    "new-checkout",
    span(line=1, column=1, length=3),
    type="experiment",
    owner="@acme/payments",
    created=date(2026, 3, 2),
    expires=date(2026, 5, 1),
    expected_end_state="remove",
    aliases=("newCheckout",),
    rollout=Rollout((0, 50, 100), (), {"production": Environment(50.0, "on"), "staging": Environment(12.5)}),
    extensions=(Extension(date(2026, 4, 11), date(2026, 5, 1), "@acme/payments", "Tax rules"),),
)
STANDING = Flag(
    "archive-search",
    span("flags/archive-search.yaml", 1, 1, 3),
    review_by=date(2027, 1, 1),
    expected_end_state="keep",
    variants={"small": 1, "endless": float("inf")},
)
EVALUATION = Reference(
    "new-checkout",
    Role.EVALUATION,
    Kind.CALL,
    span("src/shop/pricing.py", 7, 15, 40),
    sdk="openfeature",
    default="False",
    resolved_by=ResolvedBy.CONSTANT,
    returns="bool",
    site=Site("price", import_time=True),
)
MENTION = Reference("newCheckout", Role.MENTION, Kind.CODE, span("frontend/checkout.ts", 3, 1, 11))
OVERRIDE = Reference("new-checkout", Role.OVERRIDE, Kind.CALL, span("tests/test_checkout.py", 12, 5, 11), in_tests=True)
DYNAMIC = Reference(None, Role.EVALUATION, Kind.CALL, span("src/shop/dynamic.py", 33, 12, 9))

REPORT = Report(
    findings=(
        finding("falls back to [True]", code="FLG301", severity=Severity.WARNING, location=span("src/b.py", 7, 15)),
        finding(hint="run `flagctl remove new-checkout --keep on`"),
        finding(
            "has no owner", code="FLG003", name="missing-owner", flag="zeta", location=span("flags/z.yaml", 1, 1, 3)
        ),
        finding("cannot be read", code="FLG204", severity=Severity.INFO, flag=None, location=span("src/a.py", 2, 1)),
    ),
    references=(OVERRIDE, EVALUATION, DYNAMIC, MENTION),
    flags=(FLAG, STANDING),
    unread=(Unread("src/z.py", "does not parse"), Unread("src/a.py", "is not UTF-8")),
    searched=12,
    parsed=4,
    suppressed=2,
    passed_over=1,
)

RULES = tuple(
    RuleHelp(
        code, name, severity, f"{what}.", f"{what}.\n\nWhy: it rots.", f"## {code} {name}\n\n{what}.\n", is_default
    )
    for code, name, severity, what, is_default in (
        ("FLG003", "missing-owner", Severity.ERROR, "A flag without an owner", True),
        ("FLG101", "expired", Severity.ERROR, "A flag whose `expires` has come", True),
        ("FLG204", "dynamic-key", Severity.INFO, "A key that cannot be known", False),
        ("FLG901", "unused-suppression", Severity.WARNING, "An ignore comment that hides nothing", True),
    )
)
MENDABLE = finding(
    "has an owner whom nobody knows: @acme/paymets",
    code="FLG004",
    name="unknown-owner",
    severity=Severity.WARNING,
    hint="did you mean @acme/payments?",
    location=span("flags/ñ (1).yaml", 5, 10, 13),
    fix=Edit(span("flags/ñ (1).yaml", 5, 10, 13), "@acme/payments"),
)
WHOLE = replace(
    REPORT,
    findings=(*REPORT.findings, MENDABLE),
    rules=RULES,
    lines=lambda path, line: 'owner: "ñ@acme/paymets"' if path == MENDABLE.location.path else "expires: 2026-05-01",
    notices=("the cache cannot be written",),
)
"""Something of everything that a format can say."""


def many(count: int, message: str = "expired", **changes: object) -> Report:
    """A report with findings of all severities, the least important first."""
    found = (
        finding(f"{message} {number}", severity=Severity(1 + 3 * number // count), location=span(line=number + 1))
        for number in range(count)
    )
    return Report(tuple(found), flags=(FLAG,), rules=RULES, **changes)  # type: ignore[arg-type]
