"""`--new-from`, through the real command; what it finds is tested in `test_new_from.py`."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from command import CLEAN, COMPLETE, TODAY, Ran, run

Write = Callable[[Mapping[str, str | bytes]], Path]

FILES = {
    **CLEAN,
    "flags/old.yaml": COMPLETE.replace("new-checkout", "old-search").replace("owner", "# owner"),
    "shop/search.py": "def search(request):\n    return request.feature('old-search', False)\n",
    ".gitignore": ".cache\n.local\n",
}


def git(root: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def failed(ran: Ran, message: str) -> None:
    assert (ran.code, ran.out) == (2, "")
    assert message in ran.err
    assert ran.err.count("\n") == 1


def test_the_story(write: Write) -> None:
    root = write(FILES)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "One")
    git(root, "checkout", "-qb", "branch")
    assert run(root, "audit", *TODAY).code == 1
    same = run(root, "audit", "--new-from", "main", *TODAY)
    assert (same.code, same.out, same.err) == (0, "No findings: 2 flags, 2 references (1 there at main)\n", "")

    removed = run(root, "remove", "new-checkout", "--keep", "on", "--apply", *TODAY)
    assert removed.code == 0, removed.err
    assert run(root, "audit", "--new-from", "main", *TODAY).code == 0
    git(root, "add", ".")
    git(root, "commit", "-qm", "Remove")
    assert run(root, "audit", "--new-from", "main", *TODAY).code == 0

    write({"flags/new.yaml": COMPLETE.replace("new-checkout", "new-search").replace("owner", "# owner")})
    worse = run(root, "validate", "--new-from", "main", "--output-format", "json", *TODAY)
    assert worse.code == 1
    assert [each["flag"] for each in worse.json["findings"]] == ["new-search"]
    assert worse.json["summary"]["at_base"] == 1
    assert run(root, "validate", "--new-from", "main", "--exit-zero", *TODAY).code == 0

    failed(run(root, "audit", "--new-from", "main", "--fix"), "goes without")
    failed(run(root, "audit", "--new-from", "main", "--write-baseline"), "goes without")
    failed(run(root, "audit", "--new-from", "--upload-pack=touch\nx"), '"--upload-pack=touch\\nx" is no commit here')
    git(root, "checkout", "-q", "--orphan", "other")
    orphan = run(root, "audit", "--new-from=main", *TODAY)
    assert orphan.err == "flagctl: main and HEAD have no commit in common here: compared with main itself\n"
