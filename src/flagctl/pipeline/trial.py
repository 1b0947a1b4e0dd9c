"""A project's own tests judge a patch: what passed on the last commit has to pass with the patch on top of it."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from xml.etree import ElementTree

from flagctl.config.files import own_environment
from flagctl.model import InputError
from flagctl.pipeline.removal import Patch, Project, remove
from flagctl.removal import Kept
from flagctl.removal.checkout import are_dirty, checked_out
from flagctl.removal.patch import Changes, write
from flagctl.report.words import count

_PLACE = "{junit}"
"""What stands in a command for the JUnit XML file that it is to write."""


class BrokenError(Exception):
    """A patch breaks what passed; `what` has a line for each."""

    def __init__(self, what: Iterable[str]) -> None:
        self.what = tuple(what)
        super().__init__(", ".join(self.what))


def _broken(tests: Collection[str]) -> BrokenError:
    """The tests that no longer pass; a long list is cut."""
    lines = [f"{test}: passes without the patch, and not with it" for test in sorted(tests)]
    more = [f"and {count(len(lines) - _MAX_NAMED, 'test')} more"] if len(lines) > _MAX_NAMED else []
    return BrokenError([*lines[:_MAX_NAMED], *more])


_MAX_NAMED = 50


@dataclass(frozen=True)
class Command:
    """A command that runs a project's tests."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Command:
        """The command that was written as a shell would take it; pytest is told to write JUnit XML.

        Raises:
            InputError: it is none.
        """
        try:
            words = shlex.split(text)
        except ValueError as error:
            raise InputError(f"--test: {error}") from None
        if not words:
            raise InputError("--test: what is the command?")
        at = next((index for index in range(len(words)) if _is_pytest(words, index)), None)
        if at is not None and not any(_PLACE in word for word in words):
            words.insert(at + 1, f"--junitxml={_PLACE}")
        return cls(tuple(words))

    @property
    def names_tests(self) -> bool:
        """Whether it says of each test whether it passed."""
        return any(_PLACE in word for word in self.words)


def _is_pytest(words: Sequence[str], index: int) -> bool:
    """Whether pytest is what runs: `pytest`, `python -m pytest`, `uv run pytest`."""
    return PurePath(words[index]).name == "pytest" and (index == 0 or words[index - 1] in ("-m", "run"))


@dataclass(frozen=True)
class Outcome:
    """How the command ended, and of each test whether it passed, as far as it says."""

    code: int
    tests: Mapping[str, bool]

    @property
    def passed(self) -> set[str]:
        return {name for name, is_passed in self.tests.items() if is_passed}


class Trial:
    """Runs the tests of the project at `root`, each time in a work tree of its own."""

    def __init__(self, root: Path, command: Command, say: Callable[[str], None]) -> None:
        """Runs them on the last commit.

        Raises:
            InputError: the command cannot be run, or nothing can be seen by it.
        """
        self._root = root
        self._command = command
        self._say = say
        say("the tests run on the last commit")
        before = self._run({})
        if command.names_tests and not any(before.tests.values()):
            raise InputError("--test: no test passes on the last commit, so that nothing can be seen by them")
        if not command.names_tests and before.code:
            raise InputError(f"--test: it ends with {before.code} on the last commit, without the patch")
        self._passed = before.passed
        self._known = before.tests.keys()

    def patch(self, project: Project, kept: Sequence[Kept], *, keep_tests: bool = False) -> Patch:
        """The patch that removes some flags; of the tests of what is gone only those go that fail, if that is told.

        Raises:
            BrokenError: what passed does not pass any more.
            InputError: what changes is not as it was committed.
        """
        if not self._command.names_tests:
            patch = remove(project, kept, () if keep_tests else None)
            if code := self._with(project, patch).code:
                raise BrokenError([f"{self._command.words[0]}: ends with 0 without the patch, and with {code} with it"])
            return patch
        patch = remove(project, kept, ())
        failing = self._failing(self._with(project, patch))
        expected = _belonging(patch.removal.kept_tests, failing)
        if broken := failing - expected.keys():
            raise _broken(broken)
        if keep_tests or not expected:
            return patch
        patch = remove(project, kept, set(expected.values()))
        after = self._with(project, patch)
        if broken := {each for each in self._failing(after) if each in after.tests or each not in expected}:
            raise _broken(broken)
        return patch

    def _failing(self, after: Outcome) -> set[str]:
        """The tests that passed before, and do not with a patch.

        A test that is gone is none if another one of its table is new and passes: its name had a value that went.
        """
        new = {_table(each) for each in after.passed - self._known}
        return {each for each in self._passed - after.passed if each in after.tests or _table(each) not in new}

    def _with(self, project: Project, patch: Patch) -> Outcome:
        """The tests with a patch."""
        if are_dirty(project.config.root, patch.changes):
            raise InputError(
                "files that change are not as they were committed, where --test tries the patch; commit them"
            )
        self._say("the tests run with the patch")
        return self._run(patch.changes)

    def _run(self, changes: Changes) -> Outcome:
        with checked_out(self._root) as folder, tempfile.TemporaryDirectory(prefix="flagctl-") as temporary:
            write(folder, changes)
            report = Path(temporary, "junit.xml")
            words = [word.replace(_PLACE, str(report)) for word in self._command.words]
            try:
                ran = subprocess.run(  # noqa: S603 - it is what the user asked for
                    [self._program(words[0], folder), *words[1:]],
                    cwd=folder,
                    env=_environment(folder),
                    stdin=subprocess.DEVNULL,
                    stdout=sys.stderr,
                    check=False,
                )
            except OSError as error:
                raise InputError(f"--test: {words[0]} cannot be run: {error.strerror or error}") from None
            if ran.returncode == 127:
                raise InputError(f"--test: {words[0]} ended with 127: a program was not found")
            return Outcome(ran.returncode, _tests(report) if self._command.names_tests else {})

    def _program(self, name: str, folder: Path) -> str:
        """The program; the project's own where git does not have it: `.venv/bin/pytest`."""
        own = self._root / name
        return str(own) if "/" in name and not (folder / name).exists() and own.exists() else name


def _environment(folder: Path) -> dict[str, str]:
    """The user's environment, in which Python finds the work tree's modules before those that are installed."""
    env = own_environment()
    source = folder / "src"
    found = [str(folder), *([str(source)] if source.is_dir() else []), *filter(None, [env.get("PYTHONPATH")])]
    return {**env, "PYTHONPATH": os.pathsep.join(found)}


def _tests(report: Path) -> dict[str, bool]:
    """Of each test in a JUnit XML file whether it passed; one that is there twice has to pass twice.

    Raises:
        InputError: it cannot be read.
    """
    try:
        tree = ElementTree.parse(report)  # noqa: S314 - written by what the user runs anyway
    except FileNotFoundError:
        return {}
    except (OSError, ElementTree.ParseError) as error:
        raise InputError(f"--test: its JUnit XML cannot be read: {error}") from None
    found: dict[str, bool] = {}
    for case in tree.iter("testcase"):
        name = ".".join(filter(None, (case.get("classname"), case.get("name"))))
        is_passed = all(child.tag not in ("failure", "error", "skipped") for child in case)
        found[name] = found.get(name, True) and is_passed
    return found


def _belonging(tests: Iterable[str], failing: Collection[str]) -> dict[str, str]:
    """The failing tests that are among some, or in classes among these, with their names as `a.py::Test::test_b`."""
    found: dict[str, str] = {}
    for test in tests:
        own = test.replace(".py::", ".").replace("::", ".").replace("/", ".")
        for each in failing:
            name = each.partition("[")[0]
            inside, _, method = name.rpartition(".")
            if _is_same(own, name):
                found[each] = test
            elif _is_same(own, inside):
                found[each] = f"{test}::{method}"
    return found


def _table(test: str) -> str:
    """The test that runs once for each row, without what tells its rows apart: `test_a[True-1]`, `test_a_1_True`."""
    return re.sub(r"_\d+(?:_.*)?$", "", test.partition("[")[0])


def _is_same(one: str, other: str) -> bool:
    """Whether two dotted names are the same, though one may begin further up."""
    return f".{one}".endswith(f".{other}") or f".{other}".endswith(f".{one}")
