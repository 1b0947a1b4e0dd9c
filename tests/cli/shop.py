"""A small project in git that has one flag, and git itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

DEFINITION = """\
key: new-checkout
type: release
owner: "@acme/payments"
reason: fewer clicks
created: 2026-01-01
expires: 2026-06-01
expected_end_state: remove
"""
FILES = {
    "flagctl.toml": '[[evaluation]]\ncall = "flags.is_on"\nkey = 0\n',
    "flags/new-checkout.yaml": DEFINITION,
    "a.py": 'import flags\n\n\ndef page():\n    if flags.is_on("new-checkout"):\n        return 1\n    return 2\n',
}
AFTER = b"def page():\n    return 1\n"


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def committed(root: Path, *, author: bool = True) -> Path:
    """Makes a folder a repository with all its files in one commit."""
    git(root, "init", "-q", "-b", "main")
    if author:
        git(root, "config", "user.name", "Ada")
        git(root, "config", "user.email", "ada@example.com")
    commit(root)
    return root


def commit(root: Path) -> None:
    git(root, "add", "--all")
    git(root, "commit", "-qm", "more")


def definition(key: str, more: str = "") -> str:
    return DEFINITION.replace("new-checkout", key) + more
