"""`flagctl remove --test CMD`: a project's own tests say what may go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import COMMAND, TIMEOUT, Ran, environment, run
from shop import FILES, committed, definition, git

Write = Callable[[Mapping[str, str | bytes]], Path]

PYTEST = f"{sys.executable} -m pytest -q"
BASE = {
    **FILES,
    "flagctl.toml": f'{FILES["flagctl.toml"]}[[override]]\ncall = "flags.forced"\nkey = 0\nvalue = 1\n',
    "src/flags.py": """\
    from contextlib import contextmanager

    STATE = {"new-checkout": True}


    def is_on(key):
        return STATE[key]


    @contextmanager
    def forced(key, value):
        before, STATE[key] = STATE[key], value
        yield
        STATE[key] = before
    """,
    "test_new.py": "import a\n\n\ndef test_new():\n    assert a.page() == 1\n",
}
OLD = """\
import flags
import pytest

import a
from src import helper


@flags.forced("new-checkout", False)
def test_still_true():
    assert a.page()


@pytest.mark.parametrize("times", [1, 2])
@flags.forced("new-checkout", False)
def test_old(times):
    assert a.page() * times == helper.OLD * times


class TestOld:
    @flags.forced("new-checkout", False)
    def test_old(self):
        assert a.page() == 2
"""
SETS = "import flags\n\nimport a\n\n\ndef test_by_hand():\n    flags.STATE['new-checkout'] = False\n"
BREAKS = f"{SETS}    assert a.page() == 2\n"


@pytest.fixture
def temporary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where temporary work trees are made."""
    return tmp_path_factory.mktemp("temporary")


def remove(root: Path, temporary: Path, command: str, *arguments: str) -> Ran:
    """Runs it, and looks whether it has cleaned up."""
    args = ("remove", "new-checkout", "--keep", "on", "--test", command, *arguments)
    ran = run(root, *args, env={"TMPDIR": str(temporary)})
    assert [*temporary.iterdir()] == []
    assert git(root, "worktree", "list", "--porcelain").count("worktree ") == 1
    return ran


def test_what_passes_still_does(write: Write, temporary: Path) -> None:
    root = committed(write(BASE))
    ran = remove(root, temporary, PYTEST)
    assert ran.code == 0
    assert ran.out == run(root, "remove", "new-checkout", "--keep", "on").out
    assert "1 passed" in ran.err
    assert git(root, "status", "--porcelain") == ""


@pytest.mark.parametrize("target", [(), ("--apply",), ("--commit",)])
def test_a_patch_that_breaks_what_passes_is_dropped(write: Write, temporary: Path, target: tuple[str, ...]) -> None:
    root = committed(write({**BASE, "tests/test_hand.py": BREAKS}))
    ran = remove(root, temporary, PYTEST, *target)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-2:] == [
        "flagctl: tests.test_hand.test_by_hand: passes without the patch, and not with it",
        "flagctl: the patch is dropped",
    ]
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "branch", "--list", "flagctl/*") == ""


def test_a_patch_with_which_no_test_runs_is_dropped(write: Write, temporary: Path) -> None:
    many = "import pytest\n\n\n@pytest.mark.parametrize('x', range(60))\ndef test_many(x):\n    assert 1\n"
    asks = "assert 'is_on' in open('a.py').read()\n"
    root = committed(write({**BASE, "conftest.py": asks, "test_many.py": many}))
    ran = remove(root, temporary, PYTEST)
    assert (ran.code, ran.out) == (1, "")
    assert "flagctl: test_many.test_many[0]: passes without the patch, and not with it\n" in ran.err
    assert ran.err.endswith("flagctl: and 11 tests more\nflagctl: the patch is dropped\n")


def test_what_fails_already_does_not_count(write: Write, temporary: Path) -> None:
    root = committed(write({**BASE, "tests/test_hand.py": f"{SETS}    assert a.page() == 3\n"}))
    assert remove(root, temporary, PYTEST).code == 0


def test_of_the_other_sides_tests_only_those_go_that_fail(write: Write, temporary: Path) -> None:
    root = committed(write({**BASE, "tests/test_old.py": OLD, "src/helper.py": "OLD = 2\n"}))
    ran = remove(root, temporary, PYTEST, "--apply")
    assert ran.code == 0
    assert (root / "tests/test_old.py").read_text() == "import a\n\n\ndef test_still_true():\n    assert a.page()\n"
    assert (root / "src/helper.py").read_text() == "OLD = 2\n"  # what is no test may be there for others
    said = [line for line in ran.err.splitlines() if line.startswith("flagctl: tests/")]
    assert said == [
        "flagctl: tests/test_old.py::test_old: goes, as it tests what is gone",
        "flagctl: tests/test_old.py::TestOld::test_old: goes, as it tests what is gone",
        "flagctl: tests/test_old.py: drops import flags, import pytest, import helper, which nothing uses any more",
        "flagctl: tests/test_old.py::test_still_true: no longer forces what is gone; see whether it still holds",
    ]


def test_they_stay_where_that_is_asked_for(write: Write, temporary: Path) -> None:
    root = committed(write({**BASE, "tests/test_old.py": OLD, "src/helper.py": "OLD = 2\n"}))
    ran = remove(root, temporary, PYTEST, "--keep-tests", "--apply")
    assert ran.code == 0
    assert (root / "tests/test_old.py").read_text() == OLD.replace(
        '@flags.forced("new-checkout", False)\n    ', ""
    ).replace('@flags.forced("new-checkout", False)\n', "").replace("import flags\n", "")


WHOLE = """\
from unittest import TestCase

import flags

import a


class Base(TestCase):
    def test_base(self):
        assert a.page()


@flags.forced_class("new-checkout", False)
class OldTest(Base):
    def test_old(self):
        assert a.page() == 2

    def test_any(self):
        assert a.page()
"""
FORCED_CLASS = """


def forced_class(key, value):
    def decorate(cls):
        for name in [*vars(cls)]:
            if name.startswith("test"):
                setattr(cls, name, forced(key, value)(vars(cls)[name]))
        return cls

    return decorate
"""


def test_of_a_class_only_those_go_that_fail(write: Write, temporary: Path) -> None:
    config = BASE["flagctl.toml"] + '[[override]]\ncall = "flags.forced_class"\nkey = 0\nvalue = 1\n'
    root = write({**BASE, "flagctl.toml": config, "tests/test_whole.py": WHOLE})
    with (root / "src/flags.py").open("a") as file:
        file.write(FORCED_CLASS)
    ran = remove(committed(root), temporary, PYTEST, "--apply")
    assert ran.code == 0
    assert "tests/test_whole.py::OldTest::test_old: goes" in ran.err
    after = WHOLE.replace('@flags.forced_class("new-checkout", False)\n', "").replace("import flags\n\n", "")
    assert (root / "tests/test_whole.py").read_text() == after.replace(
        "    def test_old(self):\n        assert a.page() == 2\n\n", ""
    )


def test_a_commit_of_what_holds(write: Write, temporary: Path) -> None:
    root = committed(write({**BASE, "tests/test_old.py": OLD, "src/helper.py": "OLD = 2\n"}))
    ran = remove(root, temporary, PYTEST, "--commit")
    assert ran.code == 0
    message = git(root, "log", "-1", "--format=%B", ran.out.split()[0])
    assert "**Tests deleted, as they spoke for what is gone**\n\n- tests/test_old.py::test_old\n" in message
    assert "**Tests that no longer force what is gone, and stay**\n\n- tests/test_old.py::test_still_true" in message


def test_every_flag_that_is_ready(write: Write, temporary: Path) -> None:
    decided = "decision: {outcome: ship, keep: on}\n"
    files = {**BASE, "tests/test_hand.py": BREAKS, "src/b.py": "import flags\nif flags.is_on('b'):\n    x = 1\n"}
    files |= {f"flags/{key}.yaml": definition(key, decided) for key in ("new-checkout", "b")}
    root = committed(write(files))
    ran = run(root, "remove", "--ready", "--test", PYTEST, env={"TMPDIR": str(temporary)})
    assert (ran.code, [line.split()[0] for line in ran.lines]) == (1, ["flagctl/remove-b"])
    assert "flagctl: new-checkout: skipped: it breaks what passes\n" in ran.err
    assert ran.err.count("the tests run on the last commit") == 1
    assert [*temporary.iterdir()] == []


RUNNER = """\
import sys

result = "" if "is_on" in open("a.py").read() else "<failure/>"
with open(sys.argv[1], "w") as file:
    file.write('<testsuites><testsuite><testcase classname="x" name="y"/>')
    file.write(f'<testcase classname="x" name="z">{result}</testcase></testsuite></testsuites>')
sys.exit(3)
"""


def test_another_runner_that_writes_junit_xml(write: Write, temporary: Path) -> None:
    """Its tests count, and not how it ends."""
    root = committed(write({**BASE, "runner.py": RUNNER}))
    ran = remove(root, temporary, f"{sys.executable} runner.py {{junit}}")
    assert (ran.code, ran.out) == (1, "")
    assert "flagctl: x.z: passes without the patch, and not with it\n" in ran.err


def test_a_command_that_only_ends(write: Write, temporary: Path) -> None:
    root = committed(write({**BASE, "check.sh": 'grep -q is_on a.py || { echo "no is_on"; exit 4; }\n'}))
    ran = remove(root, temporary, "sh check.sh")
    assert (ran.code, ran.out) == (1, "")
    assert "no is_on\n" in ran.err
    assert "flagctl: sh: ends with 0 without the patch, and with 4 with it\n" in ran.err
    assert remove(root, temporary, "true").code == 0


NOTHING_TO_SEE = {
    "no-such-program": "--test: no-such-program cannot be run: No such file or directory",
    "sh -c 'exit 127'": "--test: sh ended with 127: a program was not found",
    "false": "--test: it ends with 1 on the last commit, without the patch",
    f"{PYTEST} no-such-folder": "--test: no test passes on the last commit, so that nothing can be seen by them",
    f"{PYTEST} broken.py": "--test: no test passes on the last commit, so that nothing can be seen by them",
}


@pytest.mark.parametrize(("command", "message"), NOTHING_TO_SEE.items(), ids=lambda value: value.split("/")[-1])
def test_a_command_by_which_nothing_can_be_seen(write: Write, temporary: Path, command: str, message: str) -> None:
    root = committed(write({**BASE, "broken.py": "import nothing_of_this_name\n"}))
    ran = remove(root, temporary, command)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == f"flagctl: {message}"


def test_what_changes_has_to_be_committed(write: Write, temporary: Path) -> None:
    root = committed(write(BASE))
    with (root / "a.py").open("a") as file:
        file.write("# mine\n")
    ran = remove(root, temporary, PYTEST, "--apply", "--allow-dirty")
    assert (ran.code, ran.out) == (2, "")
    assert "not as they were committed" in ran.err.splitlines()[-1]
    assert (root / "a.py").read_text().endswith("# mine\n")


def test_a_program_that_git_does_not_track(write: Write, temporary: Path) -> None:
    root = committed(write({**BASE, ".gitignore": "bin/\n"}))
    program = write(
        {"bin/check": f"#!/bin/sh\ntest -e runs || touch runs\nexec {sys.executable} -c 'import a, flags'\n"}
    )
    (program / "bin/check").chmod(0o755)
    assert remove(root, temporary, "bin/check").code == 0
    assert not (root / "runs").exists()


def test_it_cleans_up_when_it_is_interrupted(write: Write, temporary: Path) -> None:
    root = committed(write(BASE))
    args = ["remove", "new-checkout", "--keep", "on", "--test", "sh -c 'echo begun >&2; sleep 100'"]
    process = subprocess.Popen(
        [*COMMAND, *args],
        cwd=root,
        env=environment(root, {"TMPDIR": str(temporary)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    while b"begun" not in process.stderr.readline():
        assert process.poll() is None
    assert [*temporary.iterdir()] != []
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=TIMEOUT)
    assert process.returncode != 0
    assert [*temporary.iterdir()] == []
    assert git(root, "worktree", "list", "--porcelain").count("worktree ") == 1
