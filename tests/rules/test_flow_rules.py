"""FLG303 to FLG308, on code that is really scanned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from textwrap import dedent

import pytest
from flow_cases import CASES

from flagctl import pipeline
from flagctl.config import find_config
from flagctl.model import Finding

Write = Callable[[Mapping[str, str]], Path]

MARK = "#>"

DEFINITIONS = """
    key: a-b
    ---
    key: c-d
    depends_on: [needed]
    ---
    key: needed
    ---
    key: kill
    kill_switch: {kills_when: off}
    """

CONFIGURATION = """
    [[evaluation]]
    call = ["is_on", "*.is_on", "ask"]
    key = 0
    default = "default"

    [[evaluation]]
    call = "setting"
    key = 0
    refreshes = false

    [[evaluation]]
    mapping = "os.environ"
    """


def findings(write: Write, code: str, source: str, **files: str) -> tuple[Finding, ...]:
    """What one rule says of a module."""
    text = dedent(source).lstrip("\n").replace(MARK, "")
    root = write({"flags/all.yaml": DEFINITIONS, "flagctl.toml": CONFIGURATION, "shop/page.py": text, **files})
    request = pipeline.Request(date(2026, 6, 15), select=(code,))
    return pipeline.audit(find_config(root), request, lambda done, total: None).findings


@pytest.mark.parametrize(
    ("code", "source"),
    [
        pytest.param(code, source, id=f"{code} {name}")
        for code, cases in CASES.items()
        for name, source in cases.items()
    ],
)
def test_cases(code: str, source: str, write: Write) -> None:
    lines = dedent(source).lstrip("\n").splitlines()
    marked = [number for number, line in enumerate(lines, 1) if line.endswith(MARK)]
    assert [each.location.line for each in findings(write, code, source)] == marked


@pytest.mark.parametrize("code", CASES)
def test_each_rule_is_seen_to_be_silent(code: str) -> None:
    """The design asks for fifteen cases of each that must not fire, from real idioms."""
    silent = [source for source in CASES[code].values() if MARK not in source]
    assert len(silent) >= 15
    assert len(silent) < len(CASES[code])
    assert all(any(f'"{key}"' in source for key in ("a-b", "c-d", "kill", "needed")) for source in silent)


@pytest.mark.parametrize("code", CASES)
def test_tests_may_do_as_they_like(code: str, write: Write) -> None:
    source = next(source for source in CASES[code].values() if MARK in source)
    text = dedent(source).lstrip("\n").replace(MARK, "")
    assert findings(write, code, source)
    assert not findings(write, code, "", **{"shop/page.py": "", "tests/test_page.py": text})


def test_a_flag_that_stays_cannot_be_finished_first(write: Write) -> None:
    source = """
        def page(user):
            if is_on("stays", user):
                return is_on("a-b", user)
        """
    standing = "key: stays\nexpected_end_state: keep\n"
    (found,) = findings(write, "FLG306", source, **{"flags/stays.yaml": standing})
    assert found.hint == "write `depends_on: [stays]`"
