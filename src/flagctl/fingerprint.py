"""What a finding is known by from one run to the next: what it is about, not where that stands.

A fingerprint is made of the rule, the flag, the function around the place and the text at the place without its white
space. It has no line number and no path in it, so it outlives lines added above it, a formatter and a renamed file.
Findings that agree in all of this are numbered in file order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from flagctl.lines import Lines
from flagctl.model import Finding, Location, Reference

_LAYOUT = re.compile(r"\s+|,(?=\s*[)\]}])")
"""What a formatter changes: white space, and the comma behind the last of several arguments."""


def fingerprints(findings: Iterable[Finding], references: Iterable[Reference], lines: Lines) -> dict[Finding, str]:
    """A fingerprint of 32 hexadecimal digits for every finding, no two alike; `references` tell of the functions."""
    functions = {each.location: each.site.function for each in references}
    seen: Counter[tuple[object, ...]] = Counter()
    found = {}
    for each in sorted(findings, key=lambda each: (each.location, each.code, each.flag or "", each.message)):
        subject = (each.code, each.flag, functions.get(each.location), _text(each.location, lines))
        seen[subject] += 1
        found[each] = sha256(repr((*subject, seen[subject])).encode("utf-8", "replace")).hexdigest()[:32]
    return found


def _text(location: Location, lines: Lines) -> str:
    """What stands at a place, whatever its layout."""
    numbers = range(location.line, location.end_line + 1)
    text = [lines(location.path, number) or "" for number in numbers]
    text[-1] = text[-1][: location.end_column - 1]
    text[0] = text[0][location.column - 1 :]
    return _LAYOUT.sub("", "\n".join(text))
