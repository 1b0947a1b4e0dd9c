"""How long the history of a repository takes to read, the first time and again.

Makes a repository of many commits (by `git fast-import`), asks `flagctl changes` twice with a cache of its own, then
once more after one more commit, and says how long each took, beside `git log --stat` over the definitions.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

STAGES = (0, 2, 10, 50, 100)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commits", type=int, default=20_000)
    parser.add_argument("--flags", type=int, default=2_000)
    parser.add_argument("--touching", type=float, default=0.5, help="share of the commits that touch a definition")
    parser.add_argument("--merges", type=float, default=0.1, help="share of the commits that are made on a branch")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="flagctl-history-") as folder:
        root = Path(folder, "repository")
        git(root, "init", "-q", "-b", "main", str(root))
        script = "".join(commits(chosen.commits, chosen.flags, chosen.touching, chosen.merges))
        subprocess.run(["git", "-C", str(root), "fast-import", "--quiet"], input=script.encode(), check=True)
        git(root, "reset", "-q", "--hard")
        environment = {**os.environ, "XDG_CACHE_HOME": f"{folder}/cache"}
        log = timed(["git", "-C", str(root), "log", "--stat", "--", "flags"], root, environment)
        first = timed([sys.executable, "-m", "flagctl", "changes"], root, environment)
        second = timed([sys.executable, "-m", "flagctl", "changes"], root, environment)
        (root / "flags" / "one-more.yaml").write_text("key: one-more\n")
        git(root, "add", ".")
        git(root, "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-qm", "One more")
        third = timed([sys.executable, "-m", "flagctl", "changes"], root, environment)
        print(f"{chosen.commits} commits, {chosen.flags} flags")
        for what, seconds in (("git log --stat", log), ("first", first), ("second", second), ("a commit later", third)):
            print(f"{what:16} {seconds:6.2f} s  {seconds / log:5.2f} of git log")


def commits(number: int, flags: int, touching: float, merges: float) -> Iterator[str]:
    """A script for `git fast-import`: flags are born, rolled out in stages and removed."""
    rng = random.Random(1)
    stage: dict[int, int] = {}
    born = 0
    branch = ""
    for mark in range(1, number + 1):
        when = 1_500_000_000 + mark * 3_600
        if rng.random() >= touching:
            change = f"M 644 inline src/m{rng.randrange(500)}.py\n{data(f'x = {mark}')}"
        elif stage and (rng.random() > flags / (number * touching) or born >= flags):
            flag = rng.choice(list(stage)) if len(stage) < 50 else rng.choice(list(stage)[-50:])
            stage[flag] += 1
            if stage[flag] == len(STAGES):
                stage[flag] = 0
            change = f"M 644 inline flags/flag-{flag}.yaml\n{data(definition(flag, STAGES[stage[flag]]))}"
        else:
            born += 1
            stage[born] = 0
            change = f"M 644 inline flags/flag-{born}.yaml\n{data(definition(born, 0))}"
        message = data(f"Change {mark}\n\nFlag-Reason: step {mark}\nApproved-by: Lea <lea@example.com>\n")
        who = f"P{mark % 40} <p{mark % 40}@example.com> {when} +0000"
        head = f"commit refs/heads/main\nmark :{mark}\nauthor {who}\ncommitter {who}\n{message}"
        if branch:
            yield f"{head}from :{mark - 2}\nmerge :{mark - 1}\n{branch}{change}\n"
            branch = ""
        elif mark > 2 and mark + 1 < number and rng.random() < merges:
            yield f"{head.replace('refs/heads/main', 'refs/heads/work', 1)}from :{mark - 1}\n{change}\n"
            branch = change
        else:
            parent = f"from :{mark - 1}\n" if mark > 1 else ""
            yield f"{head}{parent}{change}\n"


def definition(flag: int, percent: int) -> str:
    return f"""\
key: flag-{flag}
description: What flag {flag} turns on
type: release
owner: "@acme/team-{flag % 30}"
reason: Find out whether it helps
created: 2026-01-01
expires: 2026-02-10
expected_end_state: remove
removal_criterion: 100% for 14 days
access: {{toggle: ["@acme/oncall"], approve: ["@acme/leads"]}}
rollout:
  plan: [0, 2, 10, 50, 100]
  environments:
    production: {{percent: {percent}, serve: on}}
    staging: {{percent: 100, serve: on}}
"""


def data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def git(root: Path, *words: str) -> None:
    root.mkdir(exist_ok=True)
    subprocess.run(["git", "-C", str(root), *words], check=True)


def timed(command: list[str], root: Path, environment: dict[str, str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
