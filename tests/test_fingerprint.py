"""What findings are known by: the same after what does not concern them, another for each of two."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from flagctl.fingerprint import fingerprints
from flagctl.model import Finding, Kind, Location, Reference, Role, Severity, Site

CALL = 'is_on("a-b", False)'


def known(
    text: str, *finds: str, path: str = "shop.py", code: str = "FLG301", flag: str | None = "a-b", function: str = "f"
) -> list[str]:
    """The fingerprints of findings at some parts of a text, in the order of these; a part may be there again."""
    findings: list[Finding] = []
    start = 0
    for part in finds:
        start = text.index(part, start)
        place = span(path, text, start, start + len(part))
        findings.append(Finding(code, "name", Severity.WARNING, flag, "message", None, place))
        start += len(part)
    references = [Reference("a-b", Role.EVALUATION, Kind.CALL, each.location, site=Site(function)) for each in findings]
    found = fingerprints(findings, references, lambda file, line: [*text.split("\n"), None][line - 1])
    return [found[each] for each in findings]


def span(path: str, text: str, start: int, end: int) -> Location:
    def position(offset: int) -> tuple[int, int]:
        return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)

    return Location(path, *position(start), *position(end))


ONE = f"def f():\n    return {CALL}\n"


@pytest.mark.parametrize(
    "text",
    [
        "# more\n" * 20 + ONE,
        ONE + "# more\n",
        f"def f():\n    if x:\n        y = {CALL}  # a comment\n",
        f"def f():\n\tif {CALL}:\n\t\tpass\n",
    ],
)
def test_the_same(text: str) -> None:
    assert known(text, CALL) == known(ONE, CALL)


@pytest.mark.parametrize(
    "layout", ['is_on(\n    "a-b",\n    False,\n)', 'is_on( "a-b" , False )', 'is_on("a-b",\tFalse,)']
)
def test_the_layout_does_not_count(layout: str) -> None:
    assert known(layout, layout) == known(ONE, CALL)


def test_a_renamed_file_does_not_count() -> None:
    assert known(ONE, CALL, path="cart/shop.py") == known(ONE, CALL)


@pytest.mark.parametrize(
    "other", [{"code": "FLG302"}, {"flag": "c-d"}, {"flag": None}, {"function": "g"}], ids=lambda each: str(each)
)
def test_others(other: dict[str, str]) -> None:
    assert known(ONE, CALL, **other) != known(ONE, CALL)


def test_another_text() -> None:
    assert known(ONE.replace("False", "True"), CALL.replace("False", "True")) != known(ONE, CALL)


@pytest.mark.parametrize("calls", [(CALL, CALL), (CALL, CALL.replace("False", "True")), (CALL,) * 9])
def test_no_two_in_one_function_are_alike(calls: Sequence[str]) -> None:
    text = "def f():\n" + "".join(f"    {call}\n" for call in calls)
    assert len(set(known(text, *calls))) == len(calls)


def test_two_rules_at_one_place_and_two_messages_of_one() -> None:
    place = span("shop.py", ONE, 0, 3)
    findings = [Finding("FLG301", "name", Severity.WARNING, "a-b", message, None, place) for message in ("x", "y")]
    assert len(set(fingerprints(findings, (), lambda *_: "def f():").values())) == 2


def test_a_file_that_is_gone() -> None:
    gone = Finding("FLG301", "name", Severity.WARNING, "a-b", "message", None, Location("gone.py", 7, 1, 9, 2))
    assert len(fingerprints([gone], (), lambda *_: None)[gone]) == 32
