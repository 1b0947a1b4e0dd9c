"""What a command loads, as that is what it costs to start; and the shell's completion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, Ran, run, run_python

Write = Callable[[Mapping[str, str | bytes]], Path]

COMMANDS = ["audit", "validate", "refs", "list", "show", "new", "rule"]


def top_level_imports(ran: Ran) -> set[str]:
    """The packages that a run with `-X importtime` loaded."""
    lines = [line.rsplit("|", 1)[1].strip() for line in ran.err.splitlines() if line.startswith("import time:")]
    assert "flagctl.cli.app" in lines
    return {name.split(".")[0] for name in lines}


def imports_of(root: Path, *args: str) -> set[str]:
    ran = run_python(root, "-X", "importtime", "-m", "flagctl", *args)
    assert ran.code == 0, ran.err
    return top_level_imports(ran)


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS)], ids=" ".join)
def test_help_loads_nothing_heavy(write: Write, command: list[str]) -> None:
    loaded = imports_of(write(CLEAN), *command, "--help")
    assert loaded.isdisjoint({"libcst", "git", "jsonschema", "yaml", "ahocorasick_rs", "pathspec", "markdown_it"})


def test_version_loads_nothing_heavy(write: Write) -> None:
    assert imports_of(write(CLEAN), "--version").isdisjoint({"libcst", "git", "jsonschema", "yaml"})


@pytest.mark.parametrize("args", [["validate"], ["validate", "flags/new-checkout.yaml"]], ids=" ".join)
def test_validate_loads_no_scanner(write: Write, args: list[str]) -> None:
    loaded = imports_of(write(CLEAN), *args)
    assert loaded.isdisjoint({"libcst", "git", "ahocorasick_rs", "markdown_it"})
    assert "jsonschema" in loaded


def test_new_loads_no_scanner(write: Write) -> None:
    args = ["--type", "release", "--description", "d", "--owner", "o", "--reason", "r", "--removal-criterion", "c"]
    assert imports_of(write(CLEAN), "new", "a-b", *args).isdisjoint({"libcst", "git", "ahocorasick_rs"})


def test_rule_reads_no_yaml(write: Write) -> None:
    assert imports_of(write(CLEAN), "rule", "FLG101").isdisjoint({"libcst", "git", "ahocorasick_rs"})


def test_an_audit_does_load_them(write: Write) -> None:
    """Otherwise the other tests would prove nothing."""
    assert {"libcst", "jsonschema", "yaml"} <= imports_of(write(CLEAN), "audit", "--exit-zero")


def test_nothing_is_parsed_twice(write: Write) -> None:
    root = write(CLEAN)
    assert "libcst" in imports_of(root, "audit", "--exit-zero")
    assert "libcst" not in imports_of(root, "audit", "--exit-zero")
    assert "libcst" in imports_of(root, "audit", "--exit-zero", "--no-cache")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(write: Write, shell: str) -> None:
    ran = run(write({"a.txt": "-"}), env={"_FLAGCTL_COMPLETE": f"source_{shell}"})
    assert (ran.code, ran.err) == (0, "")
    assert f"_FLAGCTL_COMPLETE=complete_{shell}" in ran.out
    assert "flagctl" in ran.out


def completions(root: Path, *words: str) -> list[str]:
    env = {"_FLAGCTL_COMPLETE": "complete_bash", "COMP_WORDS": " ".join(words), "COMP_CWORD": str(len(words) - 1)}
    ran = run(root, env=env)
    assert ran.err == ""
    return ran.out.split()


@pytest.mark.parametrize("command", ["show", "refs"])
def test_completes_keys(write: Write, command: str) -> None:
    files = {f"flags/{key}.yaml": f"key: {key}\n" for key in ("new-checkout", "new-search", "old-search")}
    root = write({**files, "flags/bad.yaml": "{", "shop/deep/a.py": "x = 1\n", "flagctl.toml": ""})
    assert completions(root, "flagctl", command, "new") == ["new-checkout", "new-search"]
    assert completions(root / "shop/deep", "flagctl", command, "old-") == ["old-search"]
    assert completions(root, "flagctl", command, "nothing") == []


def test_completes_commands_and_rules(write: Write) -> None:
    root = write(CLEAN)
    assert completions(root, "flagctl", "val") == ["validate"]
    assert completions(root, "flagctl", "rule", "FLG50") == [f"FLG50{number}" for number in (1, 2, 3, 4, 6, 7, 8, 9)]


@pytest.mark.parametrize(
    "files", [{"a.txt": "-"}, {"flagctl.toml": "definitions = ["}, {"flags/a.yaml": "{"}, {"flagctl.toml": "nope = 1"}]
)
def test_completion_says_nothing_where_nothing_can_be_read(write: Write, files: dict[str, str | bytes]) -> None:
    assert completions(write(files), "flagctl", "show", "") == []
