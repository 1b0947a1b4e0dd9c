"""What projects made at random do is what they did, through helpers and constants of another module."""

from __future__ import annotations

import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from projects import projects, trace_project
from removal_cases import after

CONFIG = '[[evaluation]]\ncall = "support.is_on"\nkey = 0\n'


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(projects, st.booleans())
def test_a_project_does_what_it_did(files: dict[str, str], kept: bool) -> None:
    assume(all(map(compiles, files.values())))
    with TemporaryDirectory() as root:
        now = after(Path(root), {"flagctl.toml": CONFIG, **files}, "on" if kept else "off")
    assert all(compiles(text) for path, text in now.items() if path.endswith(".py")), now
    assert trace_project(now, kept) == trace_project(files, kept), now


def compiles(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "program", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
