"""FLG901: what the rule makes of idle comments and stale entries; which are, see test_pipeline and test_baseline."""

from __future__ import annotations

import pytest
from rule_cases import check, place, whole

from flagctl.model import Location, Suppression


@pytest.mark.parametrize("complaints", [[], ["this entry hides nothing: FLG101 expired of a-b is mended"], ["a", "b"]])
def test_every_stale_entry_is_a_finding(complaints: list[str]) -> None:
    stale = tuple((Location("old.json", n, 5, n, 90), text) for n, text in enumerate(complaints, 4))
    found = check("FLG901", whole("key: new-checkout\n", stale_entries=stale))
    assert [(each.flag, each.message, each.location) for each in found] == [(None, text, at) for at, text in stale]
    assert all("--write-baseline" in (each.hint or "") for each in found)


def comment(path: str, line: int) -> Suppression:
    return Suppression(Location(path, line, 5, line, 40), ("FLG101",), "because", range(line, line + 1))


@pytest.mark.parametrize("complaints", [[], ["this comment hides nothing: FLG101 does not fire here"], ["a", "b"]])
def test_every_idle_comment_is_a_finding(complaints: list[str]) -> None:
    idle = tuple((comment(f"flags/{index}.yaml", index), text) for index, text in enumerate(complaints, 1))
    found = check("FLG901", whole("key: new-checkout\n", idle_suppressions=idle))
    assert [(each.flag, each.message, each.location) for each in found] == [
        (None, text, suppression.location) for suppression, text in idle
    ]
    assert [place(each) for each in found] == [f"flags/{n}.yaml:{n}:5" for n in range(1, len(complaints) + 1)]
    assert all(each.hint for each in found)
