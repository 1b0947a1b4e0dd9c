"""What programs made at random do is what they did: the same steps, results and exceptions."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from programs import programs, trace
from removal_cases import without_flag


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs, st.sampled_from([True, False, "on", "b"]))
def test_a_program_does_what_it_did(source: str, kept: bool | str) -> None:
    assume("flag()" in source and compiles(source))
    now = without_flag(source, kept)
    assert compiles(now), now
    assert "flag()" not in now
    assert trace(now, kept) == trace(source, kept), now
    assert without_flag(now, kept) == now


def compiles(source: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "program", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True
