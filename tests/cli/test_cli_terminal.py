"""What an engineer sees at a terminal, and what hostile text can do to anybody's: nothing."""

from __future__ import annotations

import io
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, COMPLETE, HELPER, TODAY, Ran, run, run_in_terminal

from flagctl.cli import output

Write = Callable[[Mapping[str, str | bytes]], Path]

ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7]|38;[0-9;]*)(?:;\d+)*m")
EXPIRED = {
    **CLEAN,
    "flags/old.yaml": COMPLETE.replace("new-checkout", "old-search").replace("2026-07-10", "2026-06-12"),
}


def plain(text: str) -> str:
    return ESCAPE.sub("", text)


# --- on a terminal ----------------------------------------------------------------------------------------------------


def test_findings_are_grouped_and_coloured(write: Write) -> None:
    root = write({**EXPIRED, "shop/nope.py": 'def page(request):\n    return request.feature("nope")\n'})
    ran = run_in_terminal(root, "audit", *TODAY)
    assert (ran.code, ran.err) == (1, "")
    assert COLOUR.search(ran.out)
    shown = plain(ran.out)
    headings = [line for line in shown.splitlines() if line and not line.startswith(" ")]
    assert headings == ["nope", "old-search  @acme/payments", "3 findings: 2 errors, 1 warning in 2 flags"]
    assert "flags/old.yaml:7:10" in shown
    assert "7 │ expires: 2026-06-12" in shown
    assert "^^^^^^^^^^" in shown


def test_no_colour(write: Write) -> None:
    ran = run_in_terminal(write(EXPIRED), "audit", *TODAY, env={"NO_COLOR": "1"})
    assert not COLOUR.search(ran.out)
    assert "old-search  @acme/payments" in plain(ran.out)


def test_dumb_terminal(write: Write) -> None:
    ran = run_in_terminal(write(EXPIRED), "audit", *TODAY, env={"TERM": "dumb"})
    assert "\x1b" not in ran.out


def test_machine_formats_are_the_same_on_a_terminal(write: Write) -> None:
    root = write(EXPIRED)
    for output_format in ("json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown"):
        args = ["audit", *TODAY, "--output-format", output_format]
        assert run_in_terminal(root, *args).out == run(root, *args).out


def test_file_is_plain_although_there_is_a_terminal(write: Write) -> None:
    root = write(EXPIRED)
    piped = run(root, "audit", *TODAY).out
    assert run_in_terminal(root, "audit", *TODAY, "--output", "report.txt").out == ""
    assert (root / "report.txt").read_text() == piped


@pytest.mark.parametrize("args", [["refs"], ["list"], ["show", "new-checkout", *TODAY], ["rule", "FLG101"], ["rule"]])
def test_every_command_draws(write: Write, args: list[str]) -> None:
    ran = run_in_terminal(write(CLEAN), *args)
    assert (ran.code, ran.err) == (0, "")
    assert ("\x1b[" in ran.out) is (args != ["rule"])
    assert ("expired" if args[0] == "rule" else "new-checkout") in plain(ran.out)


def test_narrow_terminal_never_cuts_a_path(write: Write) -> None:
    path = "shop/" + "a-long-folder/" * 5 + "page.py"
    root = write({**CLEAN, path: 'def page(request):\n    return request.feature("nope")\n'})
    ran = run_in_terminal(root, "audit", *TODAY, columns=40)
    assert f"{path}:2:12" in plain(ran.out)


# --- hostile text -----------------------------------------------------------------------------------------------------

RED, BELL, TITLE, HIDDEN, MIRROR = "\x1b[31m", "\x07", "\x1b]0;owned\x07", "\u200b", "\u202e"
NASTY = f"x{RED}{BELL}{TITLE}{HIDDEN}{MIRROR}y\r\n::error ::z%0A::error ::w"
MARKUP = "[red]x[/red][/][link=https://evil.example]"

HOSTILE: dict[str, str | bytes] = {
    "flagctl.toml": HELPER,
    "flags/clean.yaml": COMPLETE,
    "flags/markup.yaml": f'key: "a{MARKUP}"\nowner: "{MARKUP}"\ndescription: "{MARKUP}"\n',
    "flags/escape.yaml": 'key: "b\\e[31m\\a\\n::error ::c"\nowner: me\n',
    "flags/description.yaml": 'key: d-d\ndescription: "one\\e[31m\\ntwo\\u202e\\u200b"\nexpries: "\\e[31m"\n',
    "flags/unicode.yaml": f'key: e-e\nowner: "{HIDDEN}{MIRROR}o"\nreason: "\u2028 \u00a0 {HIDDEN}"\n',
    f"flags/{RED}red\n::error ::path {MIRROR}.yaml": "key: f-f\n",
    f"shop/{RED}red\n::error ::path.py": f"def page(request):\n    return request.feature({NASTY!r}, {MARKUP!r})\n",
    "shop/[bold]page[/bold].py": f"def page(request):\n    return request.feature({MARKUP!r}, {RED!r})\n",
    "shop/line.py": f'def page(request):\n    return request.feature("new-checkout" "{MIRROR}"), "{HIDDEN}{BELL}"\n',
    "shop/broken\n\x1b[31m.py": "def (:\n",
}
COMMANDS = [
    ["audit"],
    ["audit", "--output-format", "json"],
    ["audit", "--output-format", "github"],
    ["audit", "--output-format", "sarif"],
    ["audit", "--output-format", "gitlab"],
    ["audit", "--output-format", "junit"],
    ["audit", "--output-format", "rdjson"],
    ["audit", "--output-format", "markdown"],
    ["validate"],
    ["validate", "--output-format", "json"],
    ["validate", "--output-format", "github"],
    ["refs"],
    ["refs", "--output-format", "json"],
    ["refs", NASTY],
    ["list"],
    ["list", "--output-format", "json"],
    ["show", "e-e"],
    ["show", "e-e", "--output-format", "json"],
    ["show", f"a{MARKUP}"],
    ["show", NASTY],
    ["rule", NASTY],
    ["audit", "--select", NASTY],
    ["audit", "--today", NASTY],
    ["audit", "--config", NASTY],
    ["audit", NASTY],
    ["new", NASTY],
    ["export", "flagd"],
    ["export", "openfeature"],
    ["import", "flagd", NASTY],
]


def acting(text: str) -> set[str]:
    """The characters that steer, hide, reorder or break; line ends aside."""
    return {
        repr(char) for char in text if char != "\n" and unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    }


@pytest.mark.parametrize("args", COMMANDS, ids=lambda args: " ".join(args)[:30].encode("unicode_escape").decode())
def test_piped_text_is_inert(write: Write, args: list[str]) -> None:
    ran = run(write(HOSTILE), *args)
    assert acting(ran.out) == acting(ran.err) == set()
    assert ran.code in (0, 1, 2)
    assert "internal error" not in ran.err
    assert all(line.startswith("flagctl: ") for line in ran.err.splitlines())


@pytest.mark.parametrize("args", [["audit"], ["validate"], ["refs"], ["list"], ["show", "e-e"], ["show", f"a{MARKUP}"]])
def test_text_on_a_terminal_is_inert(write: Write, args: list[str]) -> None:
    ran = run_in_terminal(write(HOSTILE), *args)
    assert acting(plain(ran.out)) == acting(ran.err) == set()
    assert RED not in ran.out
    assert "internal error" not in ran.err


def test_lines_cannot_be_forged(write: Write) -> None:
    """Each line is ours: a finding, its hint, a workflow command."""
    root = write(HOSTILE)
    findings = run(root, "audit", *TODAY, "--output-format", "json").json["findings"]
    text = run(root, "audit", *TODAY).lines
    assert sum(bool(re.match(r".+:\d+:\d+: FLG\d{3} (error|warning|info) ", line)) for line in text) == len(findings)
    assert sum(line.startswith("    help: ") for line in text) == sum(each["hint"] is not None for each in findings)
    *commands, rest = run(root, "audit", *TODAY, "--output-format", "github").lines
    assert rest.startswith(f"{len(findings) - len(commands)} more findings (")
    assert all(re.match(r"::(error|warning|notice) file=[^,:]+,line=\d+,endLine=\d+,", line) for line in commands)
    assert all(command.count("%0A") <= 1 for command in commands)


def test_json_holds_the_text_itself(write: Write) -> None:
    """A program must be able to find the file and the key."""
    root = write(HOSTILE)
    findings = run(root, "audit", *TODAY, "--output-format", "json").json["findings"]
    assert NASTY in {each["flag"] for each in findings}
    assert f"a{MARKUP}" in {each["flag"] for each in findings}
    assert {path for path in HOSTILE if path.startswith("flags/\x1b")} < {each["path"] for each in findings}


@pytest.mark.parametrize("args", [["audit"], ["refs"], ["list"], ["show", f"a{MARKUP}"]])
@pytest.mark.parametrize("start", [run, run_in_terminal])
def test_markup_is_shown_as_it_is(write: Write, args: list[str], start: Callable[..., Ran]) -> None:
    root = write(
        {
            "flags/markup.yaml": HOSTILE["flags/markup.yaml"],
            "shop/[bold]page[/bold].py": HOSTILE["shop/[bold]page[/bold].py"],
            "flagctl.toml": HELPER,
        }
    )
    columns = {"columns": 300} if start is run_in_terminal else {}
    shown = plain(start(root, *args, **columns).out)
    assert MARKUP in shown
    assert args[0] not in ("audit", "refs") or "shop/[bold]page[/bold].py:2:12" in shown


def test_path_that_is_not_unicode(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path)
    os.mkdir(folder + b"/flags")  # noqa: PTH102
    for name, text in (
        (b"flags/caf\xe9.yaml", b"key: a-b\n"),
        (b"caf\xe9.py", b"x = 1\n"),
        (b"bad\xe9.py", b"def (:\n# a-b\n"),
    ):
        with open(folder + b"/" + name, "wb") as file:  # noqa: PTH123
            file.write(text)
    for output_format in ("text", "json", "sarif", "github", "gitlab", "junit", "rdjson", "markdown"):
        ran = run(tmp_path, "audit", "--output-format", output_format)
        assert ran.code == 1
        assert "internal error" not in ran.err
        assert "bad\\udce9.py: " in ran.err
        shown = "flags/caf%E9.yaml" if output_format == "sarif" else "flags/caf\\udce9.yaml"  # a URI can hold any byte
        assert shown in ran.out.replace("\\\\", "\\")


# --- progress ---------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_bar_is_not_drawn_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(output, "_PATIENCE", 0)
    monkeypatch.setattr(sys, "stderr", shown := Terminal())
    with output.steps() as step:
        advance = step("Reading")
        for done in range(1, 5001):
            advance(done, 5000)
        pictures = shown.getvalue().count("Reading")
    assert 0 < pictures < 1000
    assert "100%" not in shown.getvalue()  # what is done is not shown any more
