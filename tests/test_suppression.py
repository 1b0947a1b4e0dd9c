"""Ignore comments: what is one, what it says, and which line it speaks for."""

from __future__ import annotations

import pytest

from flagctl.model import Location, Suppression
from flagctl.suppression import covered_lines, suppression

AT = Location("app.py", 3, 5, 3, 40)


def parsed(comment: str) -> Suppression | None:
    return suppression(comment, AT, lambda at: range(at.line, at.line + 1))


@pytest.mark.parametrize(
    ("comment", "codes", "reason"),
    [
        ("# flagctl: ignore[FLG301] the default is meant", ("FLG301",), "the default is meant"),
        ("#flagctl: ignore[FLG301] reason", ("FLG301",), "reason"),
        ("#   flagctl: ignore [ FLG301 ]   reason  ", ("FLG301",), "reason"),
        ("## flagctl: ignore[FLG301] reason", ("FLG301",), "reason"),
        ("# flagctl: ignore[FLG301,FLG302] two", ("FLG301", "FLG302"), "two"),
        ("# flagctl: ignore[FLG301, FLG302 FLG303,] three", ("FLG301", "FLG302", "FLG303"), "three"),
        ("# flagctl: ignore[inconsistent-default] by name", ("inconsistent-default",), "by name"),
        ("# flagctl: ignore[FLG301]: because # and so on", ("FLG301",), ": because # and so on"),
        ("# flagctl: ignore[FLG301] ünïcode [brackets]", ("FLG301",), "ünïcode [brackets]"),
        ("# flagctl: ignore[FLG301]", ("FLG301",), ""),
        ("# flagctl: ignore[] reason", (), "reason"),
        ("# flagctl: ignore reason", (), "reason"),
        ("# flagctl: ignore", (), ""),
    ],
)
def test_comments_that_ignore(comment: str, codes: tuple[str, ...], reason: str) -> None:
    assert parsed(comment) == Suppression(AT, codes, reason, range(3, 4))


@pytest.mark.parametrize(
    "comment",
    [
        "# a comment",
        "# see flagctl: ignore[FLG301] in the docs",
        "# noqa: E501",
        "# flagctl ignore[FLG301] reason",
        "# flagctl: skip[FLG301] reason",
        "flagctl: ignore[FLG301] reason",
        "#",
        "",
    ],
)
def test_comments_that_do_not(comment: str) -> None:
    assert parsed(comment) is None


@pytest.mark.parametrize(
    ("source", "covered"),
    [
        ("call()  # here", 1),
        ("# here\ncall()", 2),
        ("    # here\n    call()", 2),
        ("# here\n\n  \n# another\n\t# third\ncall()", 6),
        ("# here", 1),
        ("# here\n# and that is all\n\n", 1),
        ("\n\n# here\nfirst()\nsecond()", 4),
        ("x = [  # here\n  1,\n]", 1),
    ],
)
def test_the_line_that_a_comment_speaks_for(source: str, covered: int) -> None:
    lines = source.split("\n")
    [(line, column)] = [(number, text.index("# here") + 1) for number, text in enumerate(lines, 1) if "# here" in text]
    assert covered_lines(lines, Location("app.py", line, column, line, column + 6)) == range(covered, covered + 1)


@pytest.mark.parametrize(
    ("comment", "is_one"),
    [
        ("# type: ignore  # flagctl: ignore[FLG301] reason", True),
        ("# noqa: E501 # flagctl: ignore[FLG301] reason", True),
        ("# flagctl: ignored in tests", False),
        ("# flagctl: ignores[FLG301] what it is told", False),
    ],
)
def test_a_comment_behind_another_and_longer_words(comment: str, is_one: bool) -> None:
    assert (parsed(comment) is not None) is is_one
