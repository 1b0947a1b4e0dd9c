"""Git repositories with a past: who committed what, on which day, with which message."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

QUIET = ("-c", "init.defaultBranch=main", "-c", "advice.detachedHead=false", "-c", "core.autocrlf=false")


class Story:
    """A repository at a folder, in the making."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str, day: str = "2026-01-01", author: str = "Ann <ann@example.com>", **more: str) -> str:
        """Runs git as somebody, on some day; gives what it says."""
        name, _, email = author.rstrip(">").partition(" <")
        facts = {"NAME": name, "EMAIL": email, "DATE": f"{day}T12:00:00Z"}
        own = {f"GIT_{role}_{fact}": value for role in ("AUTHOR", "COMMITTER") for fact, value in facts.items()}
        nobodys = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        environment = {**os.environ, **own, **nobodys, **more}
        command = ["git", *QUIET, *words]
        done = subprocess.run(command, cwd=self.root, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: Mapping[str, str | None]) -> None:
        """Writes files; `None` deletes one."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def commit(
        self,
        day: str,
        message: str,
        files: Mapping[str, str | None] | None = None,
        author: str = "Ann <ann@example.com>",
        **more: str,
    ) -> str:
        """Commits files, and gives the commit's name."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", message, day=day, author=author, **more)
        return self.head

    def merge(self, day: str, branch: str, message: str, author: str = "Ann <ann@example.com>") -> str:
        self.git("merge", "-q", "--no-ff", "-m", message, branch, day=day, author=author)
        return self.head

    @property
    def head(self) -> str:
        return self.git("rev-parse", "HEAD")


def definition(percent: float | None = None, *, key: str = "new-checkout", serve: str = "on", **fields: str) -> str:
    """A definition that every rule is content with, at some percentage of production."""
    lines = {
        "key": key,
        "description": "One-page checkout",
        "type": "release",
        "owner": '"@acme/payments"',
        "reason": "Fewer people leave the cart",
        "created": "2026-05-01",
        "expires": "2026-06-10",
        "expected_end_state": "remove",
        "removal_criterion": "100% for 14 days",
        **fields,
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    if percent is None:
        return text
    return (
        f"{text}rollout:\n  plan: [0, 2, 10, 50, 100]\n  gates: [orders]\n"
        f"  environments: {{production: {{percent: {percent:g}, serve: {serve}}}}}\n"
    )
