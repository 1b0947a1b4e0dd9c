"""`--baseline` and `--write-baseline`, through the real command."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, COMPLETE, HELPER, TODAY, Ran, run

Write = Callable[[Mapping[str, str | bytes]], Path]

NAME = "flagctl-baseline.json"
OWNERLESS = {**CLEAN, "flags/old.yaml": COMPLETE.replace("new-checkout", "old-search").replace("owner", "# owner")}
"""An error (no owner) and a warning (not referred to anywhere)."""
CONFIGURED = {**OWNERLESS, "flagctl.toml": f'baseline = "{NAME}"\n' + HELPER}


def failed(ran: Ran, *words: str) -> None:
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("flagctl: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


def test_the_story(write: Write) -> None:
    """Written, used without an option, worse, better, written again, as bad as before."""
    root = write(CONFIGURED)
    wrote = run(root, "audit", "--write-baseline", *TODAY)
    assert (wrote.code, wrote.out) == (0, "No findings: 2 flags, 1 reference (2 in the baseline)\n")
    assert wrote.err == f"flagctl: wrote {NAME}: 2 findings, 2 new, 0 dropped as mended\n"
    again = run(root, "audit", *TODAY)
    assert (again.code, again.out, again.err) == (0, wrote.out, "")

    write({"flags/new.yaml": "key: x-y\n"})
    worse = run(root, "audit", *TODAY)
    assert worse.code == 1
    assert "old-search" not in worse.out
    assert "x-y has no owner" in worse.out
    (root / "flags/new.yaml").unlink()

    write({"flags/old.yaml": COMPLETE.replace("new-checkout", "old-search")})
    better = run(root, "audit", *TODAY)
    assert better.code == 0
    assert better.lines[0] == (
        f"{NAME}:4:5: FLG901 warning this entry hides nothing: FLG003 missing-owner of old-search is mended"
    )
    assert run(root, "audit", "--fail-on", "warning", *TODAY).code == 1

    shrunk = run(root, "audit", "--write-baseline", *TODAY)
    assert shrunk.err == f"flagctl: wrote {NAME}: 1 finding, 0 new, 1 dropped as mended\n"
    write(OWNERLESS | {"flagctl.toml": CONFIGURED["flagctl.toml"]})
    back = run(root, "audit", *TODAY)
    assert back.code == 1
    assert "FLG003 error old-search has no owner" in back.out


def test_an_entry_that_hides_nothing_may_be_an_error(write: Write) -> None:
    root = write({**CONFIGURED, "flagctl.toml": CONFIGURED["flagctl.toml"] + '[rules.severity]\nFLG901 = "error"\n'})
    run(root, "audit", "--write-baseline", *TODAY)
    write({"flags/old.yaml": COMPLETE.replace("new-checkout", "old-search")})
    assert run(root, "audit", *TODAY).code == 1


def test_without_a_configuration_it_is_written_to_the_root_and_used_when_named(write: Write) -> None:
    root = write(OWNERLESS)
    wrote = run(root / "shop", "audit", "--write-baseline", *TODAY)
    assert wrote.code == 0
    assert wrote.err.splitlines()[1] == f'flagctl: to use it, set baseline = "{NAME}" in the configuration'
    assert (root / NAME).is_file()
    assert run(root, "audit", *TODAY).code == 1
    for command in ("audit", "validate"):
        assert run(root, command, "--baseline", NAME, *TODAY).code == 0
    assert run(root / "shop", "audit", "--baseline", f"../{NAME}", *TODAY).code == 0


def test_the_option_goes_before_the_configuration(write: Write) -> None:
    root = write(CONFIGURED)
    assert run(root, "audit", "--baseline", "other.json", "--write-baseline", *TODAY).code == 0
    assert not (root / NAME).exists()
    assert run(root, "audit", "--baseline", "other.json", *TODAY).code == 0
    failed(run(root, "audit", *TODAY), f"{NAME}: there is no such baseline")


def test_outside_the_project(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    root, file = write(OWNERLESS), tmp_path_factory.mktemp("elsewhere") / "old.json"
    assert run(root, "audit", "--baseline", file, "--write-baseline", *TODAY).code == 0
    assert run(root, "audit", "--baseline", file, *TODAY).code == 0


@pytest.mark.parametrize("output_format", ["json", "github"])
def test_in_every_format(write: Write, output_format: str) -> None:
    root = write(CONFIGURED)
    wrote = run(root, "audit", "--write-baseline", "--output-format", output_format, *TODAY)
    ran = run(root, "audit", "--output-format", output_format, *TODAY)
    assert (ran.code, ran.out) == (0, wrote.out)
    if output_format == "json":
        assert (ran.json["findings"], ran.json["summary"]["baselined"]) == ([], 2)


@pytest.mark.parametrize("more", [["flags"], ["--select", "FLG003"], ["--ignore", "FLG003"]])
def test_a_baseline_is_of_the_whole(write: Write, more: list[str]) -> None:
    root = write(CONFIGURED)
    failed(run(root, "audit", "--write-baseline", *more), "a baseline is of the whole")
    assert not (root / NAME).exists()


def test_in_the_folder_of_a_part_it_is_still_of_the_whole(write: Write) -> None:
    root = write({**CONFIGURED, "mail/flagctl.toml": "", "mail/flags/x.yaml": "key: x-y\n", ".git/HEAD": ""})
    run(root / "mail", "audit", "--write-baseline", *TODAY)
    assert {each["path"] for each in json.loads((root / NAME).read_text())["findings"]} == {
        "flags/old.yaml",
        "mail/flags/x.yaml",
    }
    assert run(root / "mail", "audit", *TODAY).code == 0
    write({"mail/flagctl.toml": 'baseline = "x.json"\n'})
    failed(run(root, "audit"), 'mail/flagctl.toml:1: "baseline" is of the whole')


@pytest.mark.parametrize("content", ["", "{}", "<<<<<<< HEAD\n", "key: a-b\n", '{"version": 2, "findings": []}'])
@pytest.mark.parametrize("args", [["audit"], ["validate"], ["audit", "--write-baseline"]])
def test_what_is_no_baseline_is_refused_and_left_alone(write: Write, content: str, args: list[str]) -> None:
    root = write({**CONFIGURED, NAME: content})
    failed(run(root, *args), f"{NAME}:1:", "--write-baseline")
    assert (root / NAME).read_text() == content


def test_it_cannot_be_written(write: Write) -> None:
    root = write(OWNERLESS)
    failed(run(root, "audit", "--write-baseline", "--baseline", "no/where.json"), "no/where.json: cannot be written")


def test_looking_shows_what_is_in_the_baseline(write: Write) -> None:
    root = write(CONFIGURED)
    run(root, "audit", "--write-baseline", *TODAY)
    assert "FLG003 error old-search has no owner" in run(root, "show", "old-search", *TODAY).out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('baselin = "x.json"', ['unknown key "baselin"; did you mean "baseline"?']),
        ('baseline = ""', ['"baseline" is empty']),
        ("baseline = true", ['"baseline" must be a string']),
        ('baseline = "../x.json"', ['"baseline" must stay inside the project']),
        ('baseline = "/x.json"', ['"baseline" must stay inside the project']),
    ],
)
def test_configuration(write: Write, line: str, words: list[str]) -> None:
    failed(run(write({**CLEAN, "flagctl.toml": f"{line}\n{HELPER}"}), "audit"), "flagctl.toml:1: ", *words)


def test_what_cannot_be_judged_stays_in_it(write: Write) -> None:
    """A file that cannot be parsed for now, a rule that is ignored for now."""
    root = write({**CONFIGURED, "shop/more.py": 'def page(request):\n    return request.feature("nope")\n'})
    assert run(root, "audit", "--write-baseline", *TODAY).code == 0
    before = json.loads((root / NAME).read_text())["findings"]
    assert "FLG201" in {each["code"] for each in before}
    write({"shop/more.py": 'def page(request):\n    return request.feature("nope")\ndef (\n'})
    wrote = run(root, "audit", "--write-baseline", *TODAY)
    assert "0 dropped as mended" in wrote.err
    write({"shop/more.py": 'def page(request):\n    return request.feature("nope")\n'})
    assert "FLG201" not in run(root, "audit", *TODAY).out

    write({"flagctl.toml": CONFIGURED["flagctl.toml"] + '[rules.per_path_ignores]\n"shop/**" = ["FLG201"]\n'})
    assert "is mended" not in run(root, "audit", *TODAY).out
    assert "0 dropped as mended" in run(root, "audit", "--write-baseline", *TODAY).err
