"""What a finding is known by from one run to the next: what it is about, not where that stands.

A fingerprint is made of the rule, the flag, the function around the place and the text at the place without its layout.
It has no line number and no path in it, so it outlives lines added above it, a formatter and a renamed file. Findings
that agree in all of this are numbered in file order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from flagctl.lines import Lines
from flagctl.model import Finding, Location, Reference

_LAYOUT = re.compile(r"(?:^|(?<=\s))#.*$|\s+|['\"]", re.M)
"""What may change without changing what is meant: comments, white space, quotes."""
_LAST_COMMA = re.compile(r",(?=[)\]}])")
_KEY_OF_YAML = re.compile(r"\s*['\"]?[\w-]+['\"]?\s*:(?:\s|$)")
_PLACES_AND_NUMBERS = re.compile(r"\S+:\d+|\d+")
_SUBJECT = 26
"""Digits of a fingerprint that tell what the finding is about; the rest numbers those that are alike."""


def fingerprints(findings: Iterable[Finding], references: Iterable[Reference], lines: Lines) -> dict[Finding, str]:
    """A fingerprint of 32 hexadecimal digits for every finding, no two alike; `references` tell of the functions."""
    functions = {each.location: each.site.function for each in references}
    seen: Counter[str] = Counter()
    found = {}
    for each in sorted(findings, key=lambda each: (each.location, each.code, each.flag or "", each.message)):
        about = (each.code, each.flag, functions.get(each.location), _text(each.location, lines), _problem(each))
        name = sha256(repr(about).encode("utf-8", "replace")).hexdigest()[:_SUBJECT]
        seen[name] += 1
        found[each] = f"{name}{seen[name]:06x}"
    return found


def subject(fingerprint: str) -> str:
    """What findings that are alike have in common."""
    return fingerprint[:_SUBJECT]


def _text(location: Location, lines: Lines) -> str:
    """What stands at a place, whatever its layout; nothing where a definition lacks a field, which is told anywhere."""
    numbers = range(location.line, location.end_line + 1)
    text = [lines(location.path, number) or "" for number in numbers]
    if location.path.endswith((".yaml", ".yml")) and _KEY_OF_YAML.match(text[0][location.column - 1 :]):
        return ""
    text[-1] = text[-1][: location.end_column - 1]
    text[0] = text[0][location.column - 1 :]
    return _LAST_COMMA.sub("", _LAYOUT.sub("", "\n".join(text)))


def _problem(finding: Finding) -> str | None:
    """What is wrong with the shape of a file: there may be many such problems at one place."""
    return _PLACES_AND_NUMBERS.sub("", finding.message) if finding.code == "FLG001" else None
