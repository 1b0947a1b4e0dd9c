"""Exit codes, streams and options, through the real command."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, COMMAND, COMPLETE, HELPER, PAGE, TODAY, Ran, environment, run, run_python

from flagctl.cli.options import FindingsFormat
from flagctl.report import FORMATS as DRAWN

Write = Callable[[Mapping[str, str | bytes]], Path]

FORMATS = tuple(FindingsFormat)
EXPIRED = {
    **CLEAN,
    "flags/old.yaml": COMPLETE.replace("new-checkout", "old-search").replace("2026-07-10", "2026-06-12"),
}
"""An error (expired) and a warning (not referred to anywhere)."""


def failed(ran: Ran, *words: str) -> None:
    """It ended with 2 and one line that says why; no traceback, no result."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("flagctl: ")
    assert ran.err.count("\n") == 1
    for word in words:
        assert word in ran.err


# --- exit codes -------------------------------------------------------------------------------------------------------


def test_every_format_can_be_asked_for() -> None:
    assert sorted(FORMATS) == sorted(DRAWN)


@pytest.mark.parametrize("output_format", FORMATS)
def test_nothing_found(write: Write, output_format: str) -> None:
    ran = run(write(CLEAN), "audit", *TODAY, "--output-format", output_format)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("output_format", FORMATS)
def test_exit_code_is_the_same_in_every_format(write: Write, output_format: str) -> None:
    ran = run(write(EXPIRED), "audit", *TODAY, "--output-format", output_format)
    assert (ran.code, ran.err) == (1, "")


@pytest.mark.parametrize(
    ("options", "code"),
    [(["--exit-zero"], 0), (["--ignore", "expired"], 0), (["--select", "FLG202", "--fail-on", "info"], 1)],
)
def test_options_that_decide_the_exit_code(write: Write, options: list[str], code: int) -> None:
    ran = run(write(EXPIRED), "audit", *TODAY, *options)
    assert (ran.code, ran.err) == (code, "")


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--fail-on", "error"], 1),
        (["--fail-on", "warning"], 1),
        (["--exit-zero", "--fail-on", "info"], 0),
        (["--ignore", "expired", "--fail-on", "warning"], 1),
        (["--select", "FLG202"], 0),
        (["--select", "FLG003"], 0),
        (["--today", "2026-06-11"], 0),
        (["--today", "2026-06-11", "--ignore", "FLG2", "--fail-on", "warning"], 0),
        (["--today", "2026-06-11", "--ignore", "FLG2", "--fail-on", "info"], 1),
        (["flags/new-checkout.yaml"], 0),
        (["flags/old.yaml"], 1),
    ],
)
def test_what_makes_a_run_fail(write: Write, options: list[str], code: int) -> None:
    """A later `--today` takes the place of the first."""
    ran = run(write(EXPIRED), "audit", *TODAY, *options)
    assert (ran.code, ran.err) == (code, "")


def test_fail_on_is_configured(write: Write) -> None:
    root = write({**EXPIRED, "flagctl.toml": HELPER + '[rules]\nfail_on = "warning"\nignore = ["FLG101"]\n'})
    assert run(root, "audit", *TODAY).code == 1
    assert run(root, "audit", *TODAY, "--fail-on", "error").code == 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--select", "FLG999"], ["unknown rule", "FLG999"]),
        (["--select", "expird"], ['unknown rule "expird"; did you mean expired?']),
        (["--ignore", "FLG101,mising-owner"], ["did you mean missing-owner?"]),
        (["--today", "yesterday"], ['--today must be a date like 2026-05-01, not "yesterday"']),
        (["--today", "2026-02-30"], ["--today must be a date"]),
        (["--today", ""], ["--today must be a date"]),
        (["nowhere.yaml"], ["nowhere.yaml: no such file or folder"]),
        (["/"], ["lies outside the project"]),
        ([".."], ["lies outside the project"]),
        (["--config", "nowhere.toml"], ["nowhere.toml: cannot be read"]),
        (["--config", "flags/new-checkout.yaml"], ["flags/new-checkout.yaml:1", "is not valid TOML"]),
        (["--output", "nowhere/report.txt"], ["nowhere/report.txt: cannot be written: No such file or directory"]),
        (["--output", "flags"], ["flags: cannot be written: Is a directory"]),
        (["--output", "flagctl.toml/report.txt"], ["flagctl.toml/report.txt: cannot be written"]),
    ],
)
def test_bad_input_is_one_line(write: Write, options: list[str], words: list[str]) -> None:
    failed(run(write(CLEAN), "audit", *options), *words)


@pytest.mark.parametrize("option", ["--select", "--ignore", "--today", "--config"])
def test_bad_input_to_validate(write: Write, option: str) -> None:
    failed(run(write(CLEAN), "validate", option, "nonsense"), "nonsense")


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--nope"],
        ["audti"],
        ["audit", "--nope"],
        ["audit", "--fail-on", "never"],
        ["audit", "--output-format", "xml"],
        ["show"],
        ["new"],
        ["refs", "a", "b"],
    ],
)
def test_usage(write: Write, args: list[str]) -> None:
    ran = run(write(CLEAN), *args)
    assert (ran.code, ran.out) == (2, "")
    assert "Usage: flagctl" in ran.err
    assert "Traceback" not in ran.err


MISSPELT = '# ours\n\ndefinitons = ["flags"]\n'


@pytest.mark.parametrize("command", ["validate", "refs", "list", "show new-checkout", "new a-b"])
def test_every_command_reads_the_configuration(write: Write, command: str) -> None:
    failed(
        run(write({**CLEAN, "flagctl.toml": MISSPELT}), *command.split()), 'flagctl.toml:3: unknown key "definitons"'
    )


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        (MISSPELT, ':3: unknown key "definitons"; did you mean "definitions"?'),
        ("[thresholds]\ngrace = -1\n", ':2: "grace" must not be negative'),
        ('[rules]\nfail_on = "eror"\n', ':2: "fail_on" must be one of info, warning, error, not "eror"'),
        ("definitions = [\n", ":"),
        ('definitions = ["../flags"]\n', ':1: "definitions" must stay inside the project'),
    ],
)
def test_bad_configuration_names_file_and_line(write: Write, configuration: str, message: str) -> None:
    root = write({**CLEAN, "flagctl.toml": configuration})
    ran = run(root, "audit")
    failed(ran)
    assert ran.err.startswith(f"flagctl: {root / 'flagctl.toml'}{message}")


def test_unknown_sdk(write: Write) -> None:
    root = write({**CLEAN, "flagctl.toml": 'sdks = ["openfeatur"]\n'})
    failed(run(root, "audit"), "flagctl.toml:1", 'unknown SDK "openfeatur"', "openfeature")


@pytest.mark.parametrize("command", ["audit", "validate"])
def test_no_definitions(write: Write, command: str) -> None:
    root = write({"shop/page.py": PAGE})
    failed(run(root, command), "no definitions: flags under", str(root), "try `flagctl new`")


def test_no_definitions_to_list(write: Write) -> None:
    failed(run(write({"shop/page.py": PAGE}), "list"), "no definitions to list")


@pytest.mark.parametrize("args", [["audit"], ["refs"], ["list"], ["show", "new-checkout"]])
def test_no_sources(write: Write, args: list[str]) -> None:
    failed(run(write({"flags/a.yaml": COMPLETE}), *args), "no source to read: . under")


@pytest.mark.parametrize("args", [["show", "new-chekcout"], ["refs", "new-chekcout"]])
def test_unknown_flag(write: Write, args: list[str]) -> None:
    failed(run(write(CLEAN), *args), 'no flag "new-chekcout"; did you mean "new-checkout"?')


def test_rules_that_read_code_cannot_be_validated(write: Write) -> None:
    failed(run(write(CLEAN), "validate", "--select", "FLG202"), "use `flagctl audit`")


@pytest.mark.parametrize(("epoch", "is_date"), [("1781481600", True), ("never", False), ("9" * 30, False)])
def test_source_date_epoch(write: Write, epoch: str, is_date: bool) -> None:
    """2026-06-15T00:00:00Z is within the expired flag's time by three days."""
    ran = run(write(EXPIRED), "audit", "--select", "FLG101", env={"SOURCE_DATE_EPOCH": epoch})
    if is_date:
        assert ran.code == 1
        assert "expired on 2026-06-12 (3 days ago)" in ran.out
    else:
        failed(ran, f'SOURCE_DATE_EPOCH must be seconds since 1970, not "{epoch}"')


def test_day_is_in_utc_whatever_the_time_zone(write: Write) -> None:
    root = write(EXPIRED)
    for zone in ("Pacific/Kiritimati", "Pacific/Niue"):
        ran = run(root, "audit", "--select", "FLG101", env={"SOURCE_DATE_EPOCH": "1781481600", "TZ": zone})
        assert "(3 days ago)" in ran.out


def test_today_beats_source_date_epoch(write: Write) -> None:
    ran = run(write(EXPIRED), "audit", "--select", "FLG101", *TODAY, env={"SOURCE_DATE_EPOCH": "0"})
    assert ran.code == 1


# --- internal errors --------------------------------------------------------------------------------------------------

BREAK_AUDIT = '''
"""Makes `flagctl.pipeline.audit` fail, from outside."""
import importlib.abc
import importlib.machinery
import sys


def audit(*arguments):
    raise RuntimeError("first line\\nsecond \\x1b[31mline")


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != "flagctl.pipeline":
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        execute = spec.loader.exec_module

        def execute_and_break(module):
            execute(module)
            module.audit = audit

        spec.loader.exec_module = execute_and_break
        return spec


sys.meta_path.insert(0, Finder())
'''


def test_internal_error_is_one_line(write: Write) -> None:
    root = write({**CLEAN, "broken/sitecustomize.py": BREAK_AUDIT})
    ran = run(root, "audit", env={"PYTHONPATH": str(root / "broken")})
    failed(ran, r"internal error: RuntimeError: first line\nsecond \x1b[31mline", "FLAGCTL_TRACEBACK=1")


def test_internal_error_with_traceback(write: Write) -> None:
    root = write({**CLEAN, "broken/sitecustomize.py": BREAK_AUDIT})
    ran = run(root, "audit", env={"PYTHONPATH": str(root / "broken"), "FLAGCTL_TRACEBACK": "1"})
    assert (ran.code, ran.out) == (2, "")
    assert "Traceback (most recent call last)" in ran.err
    assert "flagctl: internal error: RuntimeError" in ran.err


# --- options ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "options",
    [
        ["--select", "FLG101,FLG202"],
        ["--select", "FLG101", "--select", "FLG202"],
        ["--select", " expired , unreferenced-flag ,"],
        ["--select", "FLG1,FLG2", "--ignore", "FLG102,FLG103", "--ignore", "FLG104,FLG206"],
    ],
)
def test_rules_are_chosen_with_commas_or_repeated(write: Write, options: list[str]) -> None:
    ran = run(write(EXPIRED), "audit", *TODAY, "--output-format", "json", *options)
    assert {finding["code"] for finding in ran.json["findings"]} == {"FLG101", "FLG202"}


def test_options_replace_the_configuration(write: Write) -> None:
    root = write({**EXPIRED, "flagctl.toml": HELPER + '[rules]\nselect = ["FLG202"]\nignore = ["FLG101"]\n'})
    codes = [
        {finding["code"] for finding in run(root, "audit", *TODAY, "--output-format", "json", *more).json["findings"]}
        for more in ([], ["--select", "FLG1,FLG202"], ["--select", "ALL", "--ignore", "FLG2"])
    ]
    assert codes == [{"FLG202"}, {"FLG202"}, {"FLG101"}]


@pytest.mark.parametrize("output_format", FORMATS)
def test_an_earlier_report_is_no_source(write: Write, output_format: str) -> None:
    root = write(EXPIRED)
    before = run(root, "audit", *TODAY)
    run(root, "audit", *TODAY, "--output-format", output_format, "--output", "report.txt")
    assert "old-search" in (root / "report.txt").read_text()
    assert run(root, "audit", *TODAY).out == before.out
    write({"notes.json": '{"version": 1, "flags": ["old-search"]}'})  # somebody else's
    assert run(root, "audit", *TODAY).out != before.out


@pytest.mark.parametrize("output", ["flags/old.yaml", "flagctl.toml", "shop/page.py", "flagctl-baseline.json"])
def test_a_report_replaces_nothing_that_somebody_wrote(write: Write, output: str) -> None:
    root = write(EXPIRED)
    before = (root / output).read_bytes() if (root / output).exists() else None
    ran = run(root, "audit", *TODAY, "--output", output)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"flagctl: --output {output}: ")
    assert ran.err.count("\n") == 1
    assert ((root / output).read_bytes() if (root / output).exists() else None) == before


def test_configuration_of_another_place(write: Write) -> None:
    root = write({**{f"shop/{name}": text for name, text in EXPIRED.items()}, "elsewhere/a.txt": "-"})
    ran = run(root / "elsewhere", "audit", *TODAY, "--config", "../shop/flagctl.toml")
    assert ran.code == 1
    assert ran.out.startswith("flags/old.yaml:1:6: FLG202 ")


@pytest.mark.parametrize(
    ("command", "output_format"), [("validate", "text"), *(("audit", output_format) for output_format in FORMATS)]
)
def test_output_to_a_file(write: Write, command: str, output_format: str) -> None:
    root = write({**EXPIRED, "flags/bad.yaml": "key: a-b\n"})
    args = [command, *TODAY, "--output-format", output_format]
    shown, stored = run(root, *args), run(root, *args, "--output", "report 1.txt")
    assert (stored.code, stored.out) == (shown.code, "")
    assert (root / "report 1.txt").read_text() == shown.out
    assert shown.out
    assert [path.name for path in root.iterdir() if "report" in path.name] == ["report 1.txt"]


@pytest.mark.parametrize(
    "args", [["refs"], ["list"], ["show", "new-checkout"], ["rule"], ["rule", "FLG101"], ["rule", "--all"]]
)
def test_output_of_every_command(write: Write, args: list[str]) -> None:
    root = write(CLEAN)
    shown, stored = run(root, *args), run(root, *args, "--output", "out.txt")
    assert (stored.code, stored.out, (root / "out.txt").read_text()) == (0, "", shown.out)


def test_output_overwrites_and_leaves_nothing_else(write: Write) -> None:
    root = write({**CLEAN, "out/report.txt": "yesterday's, which was much longer\n" * 100})
    assert run(root, "audit", *TODAY, "--output", "out/report.txt").code == 0
    assert (root / "out/report.txt").read_text() == "No findings: 1 flag, 1 reference\n"
    assert [path.name for path in (root / "out").iterdir()] == ["report.txt"]


def test_output_that_cannot_be_written_leaves_nothing(write: Write) -> None:
    root = write({**CLEAN, "out/folder/a.txt": "-"})
    failed(run(root, "audit", *TODAY, "--output", "out/folder"))
    assert sorted(path.name for path in (root / "out").iterdir()) == ["folder"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_output_into_a_folder_that_is_locked(write: Write) -> None:
    root = write({**CLEAN, "out/a.txt": "-"})
    (root / "out").chmod(0o555)
    failed(run(root, "audit", "--output", "out/report.txt"), "out/report.txt: cannot be written: Permission denied")


def test_output_through_a_link_keeps_the_link(write: Write) -> None:
    root = write({**CLEAN, "real.txt": "-"})
    (root / "link.txt").symlink_to("real.txt")
    assert run(root, "audit", *TODAY, "--output", "link.txt").code == 0
    assert (root / "link.txt").is_symlink()
    assert (root / "real.txt").read_text().startswith("No findings")


def test_output_to_a_pipe_writes_into_it(write: Write) -> None:
    """`--output >(tee report.txt)`, and `/dev/stdout`: what is no file must not be replaced by one."""
    root = write(CLEAN)
    os.mkfifo(root / "pipe")
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append((root / "pipe").read_text()), daemon=True)
    reader.start()
    assert run(root, "audit", *TODAY, "--output", "pipe").code == 0
    reader.join(60)
    assert read == ["No findings: 1 flag, 1 reference\n"]
    assert stat.S_ISFIFO((root / "pipe").stat().st_mode)


def test_version_and_help(write: Write) -> None:
    root = write({"a.txt": "-"})
    assert run(root, "--version").out.startswith("flagctl 0.")
    for option in ("--help", "-h"):
        ran = run(root, option)
        assert (ran.code, ran.err) == (0, "")
        for command in ("audit", "validate", "refs", "list", "show", "new", "rule"):
            assert f"\n  {command} " in ran.out


# --- streams ----------------------------------------------------------------------------------------------------------

UNREADABLE_CODE: dict[str, str | bytes] = {
    "shop/broken.py": 'def page(request:\n    return request.feature("new-checkout")\n',
    "shop/latin.py": 'NAME = "caf\u00e9"\nNEW_CHECKOUT = "new-checkout"\n'.encode("latin-1"),
}
UNREADABLE = {**CLEAN, **UNREADABLE_CODE, "flags/bad.yaml": "key: bad-one\nexpries: 2026-07-01\n"}


@pytest.mark.parametrize("output_format", FORMATS)
def test_what_could_not_be_read_is_said_on_standard_error(write: Write, output_format: str) -> None:
    ran = run(write(UNREADABLE), "audit", *TODAY, "--output-format", output_format)
    said = ran.err.splitlines()
    assert [line.split(": ")[1] for line in said] == [
        "shop/broken.py",
        "shop/latin.py",
        "1 definition was passed over (FLG001)",
    ]
    assert all(line.startswith("flagctl: ") for line in said)
    assert ("passed over (" in ran.out) == (output_format == "sarif")  # which has a place for it
    assert "shop/latin.py" not in ran.out or output_format in ("json", "sarif")


@pytest.mark.parametrize("args", [["refs"], ["list"], ["show", "new-checkout"]])
def test_what_could_not_be_read_is_said_by_every_command(write: Write, args: list[str]) -> None:
    ran = run(write(UNREADABLE), *args)
    assert ran.code == 0
    assert ran.err.count("\n") == 3
    assert "shop/broken.py" in ran.err


def test_definitions_passed_over_are_counted(write: Write) -> None:
    root = write({"flags/a.yaml": "key: a-b\nx: 1\n---\nkey: c-d\nx: 1\n", "flags/b.yaml": "{"})
    ran = run(root, "validate")
    assert ran.err == "flagctl: 3 definitions were passed over (FLG001)\n"
    assert ran.code == 1


def test_unparsable_source_is_searched_as_text(write: Write) -> None:
    """A flag that may well be in use is not called unreferenced."""
    root = write({"flags/a.yaml": COMPLETE, "flagctl.toml": HELPER, **UNREADABLE_CODE})
    ran = run(root, "audit", *TODAY, "--output-format", "json")
    assert [(each["code"], each["flag"]) for each in ran.json["findings"]] == [("FLG206", "new-checkout")]
    assert [each["path"] for each in ran.json["summary"]["files"]["unread"]] == ["shop/broken.py", "shop/latin.py"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_source_is_said(write: Write) -> None:
    root = write({**CLEAN, "shop/secret.py": "x = 1\n"})
    (root / "shop/secret.py").chmod(0)
    ran = run(root, "audit", *TODAY)
    assert ran.err == "flagctl: shop/secret.py: cannot be read: Permission denied\n"


@pytest.mark.parametrize("env", [{}, {"FORCE_COLOR": "1"}, {"COLUMNS": "30", "TERM": "xterm"}, {"CLICOLOR_FORCE": "1"}])
def test_piped_output_is_plain(write: Write, env: dict[str, str]) -> None:
    path = "shop/a folder with [brackets] and [bold]quite[/bold] a long name/" + "page" * 40 + ".py"
    key = "a-key-that-goes-on-" * 8 + "and-on"
    root = write({**EXPIRED, path: f'def page(request):\n    return request.feature("{key}")\n'})
    ran = run(root, "audit", *TODAY, "--output-format", "text", env=env)
    assert "\x1b" not in ran.out
    assert f"{path}:2:12: FLG201 error {key} is evaluated here and has no definition" in ran.lines
    assert f"    help: declare it: flagctl new {key}" in ran.lines
    assert ran.lines[-2:] == ["", "3 findings: 2 errors, 1 warning in 2 flags"]
    for args in (["refs"], ["list"], ["show", "new-checkout"], ["rule", "FLG101"], ["--help"]):
        assert "\x1b" not in run(root, *args, env=env).out


@pytest.mark.parametrize(
    "args", [["audit"], ["audit", "--output-format", "json"], ["refs"], ["list"], ["rule", "--all"], ["--help"]]
)
def test_reader_that_went_away(write: Write, args: list[str]) -> None:
    root = write({**CLEAN, "shop/many.py": "def page(request):\n" + '    request.feature("nope")\n' * 3000})
    ours, theirs = os.pipe()
    os.close(ours)
    ran = subprocess.run(
        [*COMMAND, *args], cwd=root, env=environment(root), stdout=theirs, stderr=subprocess.PIPE, check=False
    )
    os.close(theirs)
    assert ran.stderr == b""
    assert ran.returncode in (0, 1)


def test_closed_standard_output(write: Write) -> None:
    ran = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m flagctl audit --today 2026-06-15 >&-'],
        cwd=write(CLEAN),
        env=environment(Path("/")),
        capture_output=True,
        check=False,
    )
    assert b"Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_behind_standard_output(write: Write) -> None:
    root = write(EXPIRED)
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(
            [*COMMAND, "audit", *TODAY],
            cwd=root,
            env=environment(root),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert ran.returncode == 2
    assert ran.stderr == b"flagctl: standard output cannot be written: No space left on device\n"


def test_ascii_locale(write: Write) -> None:
    """What cannot be encoded must not end the run: the output is UTF-8 whatever the locale."""
    root = write({"flags/a.yaml": 'key: größe\nowner: "@acme/büro"\n', "a.md": "-"})
    ran = run(root, "audit", env={"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"})
    assert "größe" in ran.out
    assert ran.code == 1


# --- places -----------------------------------------------------------------------------------------------------------


def git(root: Path, *args: str) -> None:
    author = {
        "GIT_AUTHOR_NAME": "A",
        "GIT_AUTHOR_EMAIL": "a@b.c",
        "GIT_COMMITTER_NAME": "A",
        "GIT_COMMITTER_EMAIL": "a@b.c",
    }
    subprocess.run(["git", *args], cwd=root, env=environment(root, author), check=True, capture_output=True)


@pytest.mark.parametrize("state", ["outside git", "no commit", "committed", "a folder of a repository"])
def test_inside_and_outside_git(write: Write, state: str) -> None:
    folder = "" if state != "a folder of a repository" else "services/shop/"
    root = write({f"{folder}{name}": text for name, text in EXPIRED.items()})
    if state != "outside git":
        git(root, "init", "-q")
    if state in ("committed", "a folder of a repository"):
        git(root, "add", ".")
        git(root, "commit", "-q", "-m", "all")
    ran = run(root / folder, "audit", *TODAY)
    assert (ran.code, ran.err) == (1, "")
    assert ran.lines[0].startswith("flags/old.yaml:1:6: FLG202 ")


def test_files_that_git_ignores_are_not_read(write: Write) -> None:
    root = write(
        {**CLEAN, ".gitignore": "build/\n", "build/a.py": PAGE.replace("new-checkout", "nope"), "new.py": "x = 1\n"}
    )
    assert run(root, "audit", *TODAY).code == 1
    git(root, "init", "-q")
    assert run(root, "audit", *TODAY).code == 0


def test_file_that_git_tracks_and_somebody_deleted(write: Write) -> None:
    root = write({**CLEAN, "shop/gone.py": "x = 1\n"})
    git(root, "init", "-q")
    git(root, "add", ".")
    (root / "shop/gone.py").unlink()
    ran = run(root, "audit", *TODAY)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("has_configuration", [True, False])
def test_from_a_folder_inside_the_project(write: Write, has_configuration: bool) -> None:
    root = write({**EXPIRED, "shop/deep/er/a.py": "x = 1\n"})
    if not has_configuration:
        (root / "flagctl.toml").unlink()
        git(root, "init", "-q")
    here, there = run(root, "audit", *TODAY), run(root / "shop/deep/er", "audit", *TODAY)
    assert (here.code, here.out) == (there.code, there.out)
    assert "\nflags/old.yaml:7:10: FLG101 " in there.out


def test_paths_are_relative_to_where_one_stands(write: Write) -> None:
    root = write({**EXPIRED, "shop/nope.py": PAGE.replace("new-checkout", "nope")})
    places = [line.split(":")[0] for line in run(root / "shop", "audit", *TODAY, "nope.py").lines if " FLG" in line]
    assert places == ["shop/nope.py"]
    places = [line.split(":")[0] for line in run(root / "shop", "audit", *TODAY, "../flags").lines if " FLG" in line]
    assert places == ["flags/old.yaml", "flags/old.yaml"]
    assert run(root / "shop", "validate", "../flags/old.yaml").code == 0


def test_paths_with_spaces_and_other_letters(write: Write) -> None:
    files = {"flags/my flag – größe.yaml": COMPLETE.replace("2026-07-10", "2026-06-01"), "a folder/my page.py": PAGE}
    root = write({f"my shop/{name}": text for name, text in {**files, "flagctl.toml": HELPER}.items()}) / "my shop"
    git(root, "init", "-q")
    git(root, "add", ".")
    ran = run(root, "audit", *TODAY)
    assert (ran.code, ran.err) == (1, "")
    assert ran.lines[0].startswith("flags/my flag – größe.yaml:7:10: FLG101 ")
    assert "a folder/my page.py:2:12: evaluation new-checkout" in run(root, "refs").out


def test_symbolic_link_to_the_project(write: Write) -> None:
    root = write({f"real/{name}": text for name, text in EXPIRED.items()})
    (root / "link").symlink_to("real")
    assert run(root / "link", "audit", *TODAY, "flags/old.yaml").code == 1
    assert run(root, "audit", *TODAY, "--config", "link/flagctl.toml", "link/flags/old.yaml").code == 1


def test_windows_line_ends_and_byte_order_marks(write: Write) -> None:
    files = {name: text.replace("\n", "\r\n").encode("utf-8-sig") for name, text in CLEAN.items()}
    ran = run(write(files), "audit", *TODAY, "--fail-on", "info")
    assert (ran.code, ran.err) == (0, "")


# --- validate ---------------------------------------------------------------------------------------------------------


def test_validate_reports_on_the_files_it_is_given(write: Write) -> None:
    root = write({**CLEAN, "flags/a.yaml": "key: a-b\n", "flags/b.yaml": "key: c-d\n"})
    ran = run(root, "validate", "flags/b.yaml", "flags/new-checkout.yaml")
    assert ran.code == 1
    assert {line.split(":")[0] for line in ran.lines if " FLG" in line} == {"flags/b.yaml"}
    assert run(root, "validate", "flags/new-checkout.yaml").code == 0


def test_validate_a_file_from_elsewhere(write: Write) -> None:
    root = write({**CLEAN, "drafts/a.yaml": "key: new-checkout\nexpries: 1\n---\nkey: new-checkout\n"})
    ran = run(root, "validate", "--select", "FLG001,FLG002", "drafts/a.yaml")
    assert [line.split(" ")[1] for line in ran.lines if " FLG" in line] == ["FLG001", "FLG002"]


def test_validate_what_is_archived_says_nothing(write: Write) -> None:
    root = write(
        {**CLEAN, "flags/archive/old.yaml": "key: old-search\n", "flags/archive/metrics.yaml": "key: orders\n"}
    )
    ran = run(root, "validate", "flags/archive/old.yaml", "flags/archive/metrics.yaml")
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize(
    ("path", "configuration"),
    [
        ("flags/metrics.yaml", ""),
        ("flags/metrics.yml", 'definitions = ["flags/new-checkout.yaml"]'),
        ("services/shop/flags/metrics.yaml", ""),
    ],
)
def test_validate_a_metric_tree(write: Write, path: str, configuration: str) -> None:
    """It is checked as one wherever it lies: pre-commit hands over all that is in a folder called flags."""
    tree = "north_star: orders\nmetrics:\n  order: {rol: guardrail}\n"
    root = write({**CLEAN, **({"flagctl.toml": configuration} if configuration else {}), path: tree})
    ran = run(root, "validate", path)
    assert ran.code == 1
    found = [line for line in ran.lines if " FLG" in line]
    assert found[0] == f'{path}:1:13: FLG001 error "north_star" names no metric: "orders"'
    assert f'{path}:3:11: FLG001 error unknown field "metrics.order.rol"' in found
    assert all(line.startswith(f"{path}:3:11: ") for line in found[1:])
    assert ran.err == "flagctl: the metric tree was passed over (FLG001)\n"
    assert run(root, "validate", "flags/new-checkout.yaml").code == 0


def test_validate_a_metric_tree_that_is_sound(write: Write) -> None:
    tree = "north_star: a\nmetrics: {a: {role: north_star, event: e, aggregate: sum, unit: user, goal: increase}}\n"
    root = write({**CLEAN, "flags/metrics.yaml": tree, "services/shop/flags/metrics.yaml": tree.replace("a:", "b:", 1)})
    assert run(root, "validate", "flags/metrics.yaml").code == 0
    other = run(root, "validate", "services/shop/flags/metrics.yaml")
    assert (other.code, other.err) == (1, "")  # the project's own tree is as good as it was


def test_runs_as_a_module_and_as_a_script(write: Write) -> None:
    root = write(CLEAN)
    script = (
        "import sys; sys.argv = ['anything', 'audit', '--today', '2026-06-15']; from flagctl.cli import main; main()"
    )
    assert run_python(root, "-c", script).out == run(root, "audit", *TODAY).out
