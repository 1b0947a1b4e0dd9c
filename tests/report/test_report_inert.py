"""Text from outside acts on nobody, in any format, and ordinary text is left alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from io import StringIO

import pytest
from report_samples import NASTY, is_harmless, poisoned
from rich.console import Console

from flagctl.report import FORMATS, LIST_FORMATS, REFS_FORMATS, SHOW_FORMATS, Report, inert, terminal

HOSTILE = [pytest.param(text, id=name) for name, text in NASTY.items()]

PLAIN: dict[str, Callable[[Report], str]] = {
    **{f"audit {name}": draw for name, draw in FORMATS.items()},
    **{f"refs {name}": draw for name, draw in REFS_FORMATS.items()},
    **{f"list {name}": draw for name, draw in LIST_FORMATS.items()},
    "show text": lambda report: SHOW_FORMATS["text"](report, report.flags[0]),
    "show json": lambda report: SHOW_FORMATS["json"](report, report.flags[0]),
}

DRAWN: dict[str, Callable[[Report, Console, str], None]] = {
    "audit": lambda report, console, line: terminal.print_findings(_with(line, report), console),
    "refs": lambda report, console, _: terminal.print_references(report, console),
    "list": lambda report, console, _: terminal.print_flags(report, console),
    "show": lambda report, console, line: terminal.print_page(_with(line, report), console, report.flags[0]),
}


def _with(line: str, report: Report) -> Report:
    return replace(report, lines=lambda _path, _line: line)


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_acts_is_left(text: str) -> None:
    assert is_harmless(inert(text))
    assert "\n" not in inert(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("a\r\nb\tc", r"a\r\nb\tc"),
        ("\u202e", r"\u202e"),
        ("\x9b", r"\x9b"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_acts_is_spelled_out(text: str, shown: str) -> None:
    assert inert(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain [bold]text[/bold] %0A",
        r"a \n in source",
        "Žluťoučký",
        "cafe\u0301",
        "新しい　決済",
        "שלום",
        "🎉👩🏽\u200d💻❤️\u200d🔥",
        "\xa0",
    ],
)
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert inert(text) == text


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("draw", [pytest.param(draw, id=name) for name, draw in PLAIN.items()])
def test_plain_formats_are_harmless(draw: Callable[[Report], str], text: str) -> None:
    output = draw(poisoned(text))
    assert is_harmless(output)
    assert output.count("\n") == draw(poisoned("text")).count("\n")
    assert output.endswith("\n")
    output.encode("utf-8")


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("draw", [pytest.param(draw, id=name) for name, draw in DRAWN.items()])
def test_terminal_is_harmless(draw: Callable[[Report, Console, str], None], text: str) -> None:
    console = Console(file=StringIO(), width=160, force_terminal=False)
    with console.capture() as capture:
        draw(poisoned(text), console, f"flag({text})")
    assert is_harmless(capture.get())


@pytest.mark.parametrize("draw", [pytest.param(draw, id=name) for name, draw in {**PLAIN, **DRAWN}.items()])
def test_brackets_and_escapes_of_others_are_only_text(draw: Callable[..., str | None]) -> None:
    report = poisoned("[bold]x[/bold] :smile: [/]")
    console = Console(file=StringIO(), width=160)
    with console.capture() as capture:
        output = draw(report, console, "[red]") if draw in DRAWN.values() else draw(report)
    # GitHub's properties, and only they, must not hold a colon.
    assert "[bold]x[/bold] " in (output or capture.get())


def test_json_gives_back_what_it_was_given() -> None:
    text = "a\x1b\x7f\x9b\u202e\u2028\u200b\U000e0041 é 新 🎉"
    output = FORMATS["json"](poisoned(text))
    assert json.loads(output)["findings"][0]["message"] == text
    assert "é 新 🎉" in output


def test_json_spells_out_half_a_pair_because_parsers_refuse_it() -> None:
    output = FORMATS["json"](poisoned("\udc80"))
    assert json.loads(output)["findings"][0]["path"] == r"src/\udc80.py"
