"""The hooks, run by the real pre-commit in a real repository.

`language: system` keeps pre-commit from installing us from an index, which tests must not need; `.ci/run` installs the
wheel. Everything else is what `.pre-commit-hooks.yaml` says.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OWNED = """\
key: new-checkout
description: One-page checkout
type: release
owner: "@acme/payments"
reason: Cut the drop-off between cart and payment
created: 2026-06-01
expires: 2026-07-01
expected_end_state: remove
removal_criterion: 100% for 14 days
"""
OWNERLESS = OWNED.replace('owner: "@acme/payments"\n', "")


class Repository:
    """A repository with our hooks installed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        binaries = path.parent / "bin"
        binaries.mkdir()
        launcher = binaries / "flagctl"
        launcher.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flagctl "$@"\n')
        launcher.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "PATH": f"{binaries}:{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PRE_COMMIT_HOME": str(path.parent / "pre-commit"),
            "SOURCE_DATE_EPOCH": "1781481600",  # 2026-06-15
        }

    def run(self, *command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, cwd=cwd or self.path, env=self.environment, capture_output=True, text=True, check=False
        )

    def git(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return self.run("git", "-c", "user.name=Ann", "-c", "user.email=ann@example.com", *arguments, cwd=cwd)

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        self.git("add", "--all")

    def commit(self, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
        self.write(files)
        return self.git("commit", "--message", "Change")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "shop")
    hooks = tmp_path / "flagctl-hooks"
    hooks.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hooks)
    for command in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "Hooks"], ["tag", "v1"]):
        assert repository.git(*command, cwd=hooks).returncode == 0
    (repository.path / ".pre-commit-config.yaml").write_text(
        f"""\
repos:
  - repo: {hooks}
    rev: v1
    hooks:
      - {{id: flagctl-validate, language: system}}
      - {{id: flagctl-audit, language: system}}
      - {{id: flagctl-gate, language: system}}
"""
    )
    assert repository.git("init", "-q").returncode == 0
    assert repository.run(sys.executable, "-m", "pre_commit", "install").returncode == 0
    return repository


def test_a_commit_that_adds_a_flag_without_owner_is_refused(repository: Repository) -> None:
    refused = repository.commit({"flags/new-checkout.yaml": OWNERLESS, "shop.ts": 'flags.bool("new-checkout");\n'})
    assert refused.returncode == 1
    said = refused.stdout + refused.stderr
    assert "flags/new-checkout.yaml:1:1: FLG003 error new-checkout has no owner" in said
    assert 'help: add to flags/new-checkout.yaml: owner: "@your-org/your-team"' in said
    assert repository.git("rev-parse", "HEAD").returncode != 0

    accepted = repository.commit({"flags/new-checkout.yaml": OWNED})
    assert accepted.returncode == 0, accepted.stdout + accepted.stderr
    assert "flagctl validate" in accepted.stderr
    assert "flagctl audit" in accepted.stderr


def test_audit_refuses_code_that_asks_for_an_undeclared_flag(repository: Repository) -> None:
    code = "import waffle\n\n\ndef page(request):\n    return waffle.flag_is_active(request, 'new-chekcout')\n"
    refused = repository.commit({"flags/new-checkout.yaml": OWNED, "shop.py": code})
    assert refused.returncode == 1
    assert "shop.py:5:12: FLG201 error new-chekcout is evaluated here" in refused.stdout + refused.stderr


def test_validate_is_not_run_for_other_files(repository: Repository) -> None:
    assert repository.commit({"flags/new-checkout.yaml": OWNED, "shop.ts": "new-checkout"}).returncode == 0
    said = repository.commit({"README.md": "A shop.\n"}).stderr
    validate = next(line for line in said.splitlines() if line.startswith("flagctl validate"))
    assert "(no files to check)" in validate
    assert validate.endswith("Skipped")


def test_a_push_is_refused_for_what_it_makes_worse_only(repository: Repository) -> None:
    """An old flag without owner stops no push, and that the gate is installed stops no commit."""
    git = repository.git
    git("init", "-q", "--bare", str(repository.path.parent / "origin"))
    git("remote", "add", "origin", str(repository.path.parent / "origin"))
    repository.write({"flags/old.yaml": OWNERLESS.replace("new-checkout", "old")})
    git("commit", "--message", "Old", "--no-verify")
    git("branch", "--move", "main")
    git("push", "--quiet", "--set-upstream", "origin", "main")
    git("remote", "set-head", "origin", "main")
    assert repository.run(sys.executable, "-m", "pre_commit", "install", "--hook-type", "pre-push").returncode == 0

    git("checkout", "--quiet", "-b", "change")
    repository.write({"README.md": "A shop.\n"})
    git("commit", "--message", "Unrelated", "--no-verify")
    pushed = git("push", "--quiet", "origin", "change")
    assert pushed.returncode == 0, pushed.stdout + pushed.stderr

    repository.write({"flags/new-checkout.yaml": OWNERLESS, "shop.ts": 'flags.bool("new-checkout");\n'})
    git("commit", "--message", "Worse", "--no-verify")
    refused = git("push", "--quiet", "origin", "change")
    assert refused.returncode != 0
    said = refused.stdout + refused.stderr
    assert "FLG003 error new-checkout has no owner" in said
    assert "flags/old.yaml" not in said
    assert [line.split("..")[0] for line in said.splitlines() if ".." in line and "flagctl" in line] == ["flagctl gate"]
