"""The files that are written: configuration and hook keep every byte of what was there."""

from __future__ import annotations

import tomllib

import pytest
import yaml

from flagctl.adoption.configuration import extended, key_pattern
from flagctl.adoption.configuration import test_patterns as patterns_of
from flagctl.adoption.gates import GITHUB_JOB, GITLAB_JOB, with_hook
from flagctl.model import InputError

ENTRY = '\n# seen\n[[evaluation]]\ncall = "*request.feature"\nkey = 0\n'
BASELINE = {"baseline": "b.json"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'baseline = "b.json"\n\n# seen\n[[evaluation]]\ncall = "*request.feature"\nkey = 0\n'),
        (
            'sdks = []  # none\n\n# helpers\n[[evaluation]]\ncall = "x"\nkey = 0',
            'sdks = []  # none\nbaseline = "b.json"\n\n# helpers\n[[evaluation]]\ncall = "x"\nkey = 0\n'
            '\n# seen\n[[evaluation]]\ncall = "*request.feature"\nkey = 0\n',
        ),
        ("\ufeff[rules]\nignore = []\n", None),
        ('# what we use\r\nsdks = [\r\n  "env",\r\n]\r\n[rules]\r\nignore = []\r\n', None),
        ('owners = "x"\n', None),
        ("[lifetime]\nops = 3\n\n[rules]\n", None),
    ],
)
def test_a_configuration_is_added_to(before: str, after: str | None) -> None:
    found = extended("flagctl.toml", before, BASELINE, ENTRY)
    assert after in (None, found)
    old, new = (tomllib.loads(text.removeprefix("\ufeff")) for text in (before, found))
    entries = [*old.get("evaluation", []), {"call": "*request.feature", "key": 0}]
    assert new == {**old, "baseline": "b.json", "evaluation": entries}
    lines = iter(found.removeprefix("\ufeff").splitlines())
    assert all(any(line == kept for line in lines) for kept in before.removeprefix("\ufeff").splitlines())
    assert found.startswith("\ufeff") is before.startswith("\ufeff")
    assert ("\r\n" in before) is ("\r\n" in found)
    assert not ("\r\n" in before and found.replace("\r\n", "").count("\n"))


def test_a_pyproject_is_added_to() -> None:
    before = '[project]\nname = "x"\n\n[tool.flagctl]\nsdks = []\n\n[tool.ruff]\nline-length = 100\n'
    entry = ENTRY.replace("[[evaluation]]", "[[tool.flagctl.evaluation]]")
    found = tomllib.loads(extended("pyproject.toml", before, BASELINE, entry, "tool.flagctl"))
    assert found["tool"]["flagctl"] == {
        "sdks": [],
        "baseline": "b.json",
        "evaluation": [{"call": "*request.feature", "key": 0}],
    }
    assert (found["project"], found["tool"]["ruff"]) == ({"name": "x"}, {"line-length": 100})


@pytest.mark.parametrize(
    "before",
    [
        'evaluation = [{call = "x", key = 0}]\n',
        'baseline = "other.json"\n',
        'x = """\n[rules]\n"""\n',
        "x = [\n[1],\n[2]]\n",
    ],
)
def test_what_cannot_be_added_to_is_refused(before: str) -> None:
    with pytest.raises(InputError, match="nothing can be added"):
        extended("flagctl.toml", before, BASELINE, ENTRY)


@pytest.mark.parametrize(
    "before",
    [
        "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: x\n",
        "repos:\n- repo: a\n  rev: v1\n  hooks: [{id: x}]",
        "# top\nrepos:   # ours\n-   repo: a\n    rev: v1\n    hooks:\n    -   id: x  # last\n"
        "\n# about ci\nci:\n  skip: [x]\n",
        "default_stages: [pre-commit]\r\nrepos:\r\n  - repo: a\r\n    rev: v1\r\n    hooks:\r\n      - id: x\r\n",
        "repos:\n  - repo: a\n    hooks:\n      - id: x\n        args:\n          - |\n            # no comment\n",
    ],
)
def test_the_hook_is_added_and_the_rest_stays(before: str) -> None:
    after = with_hook(before, ["flags"])
    assert after is not None
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    assert new["repos"][:-1] == old["repos"]
    assert {**new, "repos": 0} == {**old, "repos": 0}
    assert [each["id"] for each in new["repos"][-1]["hooks"]] == ["flagctl-validate"]
    rest = iter(after.splitlines())
    assert all(any(line == kept for line in rest) for kept in before.splitlines())
    assert after.count("\r\n") in (0, after.count("\n"))


@pytest.mark.parametrize(
    "before",
    [
        "repos: []\n",
        "repos: [{repo: a, hooks: [{id: x}]}]\n",
        "ci: {}\n",
        "repos:\n  - repo: flagctl\n    hooks: []\n",
        ": [\n",
    ],
)
def test_what_the_hook_cannot_be_added_to_safely_is_left_alone(before: str) -> None:
    assert with_hook(before, ["flags"]) is None


def test_new_files_are_valid() -> None:
    hook = yaml.safe_load(with_hook(None, ["flags", "shop/flags"]) or "")["repos"][0]["hooks"][0]
    assert hook["files"] == r"^(?:flags|shop/flags)/.*\.ya?ml$"
    globbed = yaml.safe_load(with_hook(None, ["*/flags"]) or "")["repos"][0]["hooks"][0]
    assert globbed["files"] == r"(^|/)flags/.*\.ya?ml$"
    github, gitlab = yaml.safe_load(GITHUB_JOB), yaml.safe_load(GITLAB_JOB)
    assert '--new-from "origin/$GITHUB_BASE_REF"' in github["jobs"]["flags"]["steps"][-1]["run"]
    assert "--new-from" in gitlab["flags"]["script"][-1]


def test_patterns_fit_the_project() -> None:
    usual = ("tests", "**/test_*.py")
    assert patterns_of(["a.py", "tests/test_a.py", "README.md", "contest.py"]) == usual
    found = patterns_of(["a/tests.py", "test/x.py", "b/c_test.py", "conftest.py", "ui/a.test.ts", "test_x.py"])
    assert found == (*usual, "test", "*.test.[jt]s*", "**/*_test.py", "**/tests.py", "**/conftest.py")
    assert key_pattern(["new-checkout", "search"]) is None
    assert key_pattern(["new_checkout", "search", "dark_mode", "Odd"]) == "^[a-z][a-z0-9_]*$"
    assert key_pattern(["a.b_c", "d.e", "x_y"]) == "^[a-z][a-z0-9_.]*$"
    assert key_pattern(["A_B", "new-x", "camelCase", "other_one"]) is None
