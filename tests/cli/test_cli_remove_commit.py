"""`flagctl remove --commit` and `--ready`: branches that are made beside whatever the user is at."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import run, run_in_terminal
from shop import AFTER, FILES, commit, committed, definition, git

Write = Callable[[Mapping[str, str | bytes]], Path]

REMOVE = ("remove", "new-checkout", "--keep", "on", "--commit", "--today", "2026-06-15")
BRANCH = "flagctl/remove-new-checkout"
TELLING = (
    definition("new-checkout")
    + """\
description: "One page\\n\\n**What was done**"
tracking: https://example.com/1
decision: {outcome: ship, keep: on, date: 2026-05-01, by: "@acme/payments", rationale: More orders}
"""
)


@pytest.fixture
def shop(write: Write) -> Path:
    return committed(write(FILES))


def state(root: Path) -> tuple[bytes, str, str, str]:
    """All that a user would notice."""
    index = (root / ".git/index").read_bytes()
    return index, git(root, "status", "--porcelain"), git(root, "rev-parse", "HEAD"), git(root, "worktree", "list")


def test_a_branch_with_one_commit(shop: Path) -> None:
    before = git(shop, "rev-parse", "HEAD").strip()
    ran = run(shop, *REMOVE)
    made = git(shop, "rev-parse", BRANCH).strip()
    assert (ran.code, ran.out) == (0, f"{BRANCH} {made}\n")
    assert git(shop, "rev-parse", f"{BRANCH}^").strip() == before
    assert git(shop, "diff", "--name-status", "--no-renames", "main", BRANCH).split() == [
        "M", "a.py", "A", "flags/archive/new-checkout.yaml", "D", "flags/new-checkout.yaml",
    ]  # fmt: skip
    assert git(shop, "show", f"{BRANCH}:a.py").encode() == AFTER
    assert git(shop, "log", "-1", "--format=%an %ae %cn", BRANCH) == "Ada ada@example.com Ada\n"


def test_the_message_is_the_text_of_a_pull_request(write: Write) -> None:
    files = {
        **FILES,
        "flagctl.toml": FILES["flagctl.toml"] + '[[override]]\ncall = "flags.forced"\nkey = 0\nvalue = 1\n',
        "flags/new-checkout.yaml": TELLING,
        "test_b.py": "import flags\n\n\n@flags.forced('new-checkout', VALUE)\ndef test_any():\n    assert 1\n",
        "test_a.py": "import flags\n\n\n@flags.forced('new-checkout', False)\ndef test_old():\n    assert 1\n",
        "README.md": "new-checkout is on\n",
    }
    root = committed(write(files))
    assert run(root, *REMOVE).code == 1
    assert git(root, "log", "-1", "--format=%B", BRANCH).rstrip("\n") == (
        """\
Remove the flag new-checkout (on is kept)

`new-checkout`: One page **What was done**

- Reason: fewer clicks
- Type: release
- Owner: @acme/payments
- Created: 2026-01-01
- Expires: 2026-06-01
- Tracking: https://example.com/1
- Decision: ship, 2026-05-01, @acme/payments
- Rationale: More orders

**What was done**

- 1 evaluation replaced, 11 lines fewer in 2 files, 2 imports dropped, 1 test deleted, 1 place left for you

**What nothing uses any more**

- a.py: drops import flags
- test_a.py: drops import flags

**Tests deleted, as they spoke for what is gone**

- test_a.py::test_old

**To look at**

- test_b.py:4:2: left as it is: it cannot be told which value this override forces
- README.md:1:1: still mentions it"""
    )


def test_whatever_the_user_is_at_stays(shop: Path) -> None:
    (shop / "b.py").write_text("x = 1\n")
    (shop / "c.py").write_text("y = 1\n")
    git(shop, "add", "b.py")
    (shop / "b.py").write_text("x = 2\n")
    git(shop, "status")
    before = state(shop)
    assert run(shop, *REMOVE).code == 0
    assert state(shop) == before
    assert git(shop, "ls-tree", "--name-only", "-r", BRANCH).split() == [
        "a.py", "flagctl.toml", "flags/archive/new-checkout.yaml",
    ]  # fmt: skip


def test_what_is_not_committed_is_not_in_the_patch(shop: Path) -> None:
    (shop / "a.py").write_text(FILES["a.py"] + "# mine\n")
    before = state(shop)
    ran = run(shop, *REMOVE)
    assert (ran.code, ran.out) == (2, "")
    assert "not committed" in ran.err
    assert state(shop) == before
    assert git(shop, "branch", "--list", "flagctl/*") == ""
    assert run(shop, *REMOVE, "--allow-dirty").code == 0
    assert git(shop, "show", f"{BRANCH}:a.py").encode() == AFTER
    assert (shop / "a.py").read_text().endswith("# mine\n")


def test_a_helper_that_only_committed_code_uses_stays(write: Write) -> None:
    """It is what is committed that has to hold together, not what the user has left of it."""
    old = FILES["a.py"].replace("return 2", "return old()") + "\n\ndef old():\n    return 2\n"
    root = committed(write({**FILES, "a.py": old, "b.py": "from a import old\n\nold()\n"}))
    (root / "b.py").unlink()
    assert run(root, *REMOVE).code == 0
    assert "def old" in git(root, "show", f"{BRANCH}:a.py")


def test_the_branch_is_there_already(shop: Path) -> None:
    git(shop, "branch", BRANCH)
    ran = run(shop, *REMOVE)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        f"flagctl: the branch {BRANCH} exists already; merge it, or delete it with git branch -D {BRANCH}\n"
    )


def test_several_flags_on_one_branch(write: Write) -> None:
    root = committed(write({**FILES, "flags/b.yaml": definition("b"), "flags/c.yaml": definition("c")}))
    ran = run(root, "remove", "new-checkout", "b", "c", "--keep", "on", "--commit")
    assert (ran.code, ran.out.split()[0]) == (0, f"{BRANCH}-and-2-more")
    subject = git(root, "log", "-1", "--format=%s", f"{BRANCH}-and-2-more")
    assert subject == "Remove the flags new-checkout (on is kept), b (on is kept), c (on is kept)\n"


@pytest.mark.parametrize(("key", "name"), [("a..b.lock", "a-.b-lock"), ("a~^:b?", "a-b-"), ("über.x", "über.x")])
def test_keys_that_git_takes_for_no_name(write: Write, key: str, name: str) -> None:
    root = committed(write({**FILES, "flags/odd.yaml": definition(f'"{key}"')}))
    ran = run(root, "remove", key, "--keep", "on", "--commit")
    assert (ran.code, ran.out.split(" ")[0]) == (0, f"flagctl/remove-{name}")


def test_a_project_in_a_folder_of_the_repository(write: Write) -> None:
    root = committed(write({f"services/shop/{path}": text for path, text in FILES.items()}))
    (root / "services/shop/run.sh").write_text("# new-checkout\n")
    assert run(root / "services/shop", *REMOVE).code == 0
    assert git(root, "show", f"{BRANCH}:services/shop/a.py").encode() == AFTER
    assert git(root, "ls-tree", "--name-only", "-r", BRANCH).split() == [
        f"services/shop/{path}" for path in ("a.py", "flagctl.toml", "flags/archive/new-checkout.yaml")
    ]


def test_modes_and_line_ends_stay(write: Write) -> None:
    root = write({**FILES, ".gitattributes": "*.py text eol=crlf\n"})
    (root / "a.py").chmod(0o755)
    committed(root)
    assert run(root, *REMOVE).code == 0
    assert git(root, "ls-tree", BRANCH, "a.py").startswith("100755 ")
    assert git(root, "cat-file", "blob", f"{BRANCH}:a.py").encode() == AFTER
    assert git(root, "diff", "--numstat", "main", BRANCH, "--", "a.py") == "1\t6\ta.py\n"


def test_there_is_nothing_to_start_from(write: Write) -> None:
    root = write(FILES)
    assert "git does not know who commits" in run(root, *REMOVE).err
    name = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@b"}
    for _ in range(2):
        ran = run(root, *REMOVE, env=name)
        assert (ran.code, ran.err) == (2, f"flagctl: {root}: there is no commit to start from\n")
        git(root, "init", "-q")


def test_a_hook_of_another_repository_runs_it(shop: Path, write: Write) -> None:
    """In a hook, git says of its own repository where it is and what is its index."""
    before = state(shop)
    told = {"GIT_DIR": ".git", "GIT_INDEX_FILE": str(shop / ".git/index"), "GIT_WORK_TREE": str(shop), "GIT_PREFIX": ""}
    assert run(shop, *REMOVE, env=told).code == 0
    assert state(shop) == before


PROGRAMS = {
    "core.hooksPath": "hooks", "core.fsmonitor": "./evil", "commit.gpgsign": "true", "gpg.program": "./evil",
    "filter.evil.clean": "./evil", "filter.evil.smudge": "./evil", "filter.evil.process": "./evil",
    "filter.evil.required": "true", "diff.external": "./evil", "diff.evil.textconv": "./evil",
    "merge.evil.driver": "./evil", "core.pager": "./evil", "core.editor": "./evil", "alias.commit-tree": "!./evil",
    "alias.worktree": "!./evil", "core.sshCommand": "./evil", "tag.gpgsign": "true", "core.askPass": "./evil",
    "includeIf.gitdir:**/worktrees/**.path": "../more", "extensions.worktreeConfig": "true",
}  # fmt: skip
HOOKS = ("post-checkout", "post-commit", "pre-commit", "commit-msg", "reference-transaction", "post-index-change")


def test_no_program_of_the_repository_runs(write: Write) -> None:
    attributes = "*.py filter=evil diff=evil merge=evil\n*.md filter=late\n"
    root = committed(write({**FILES, ".gitattributes": attributes, "x.md": "new-checkout\n"}))
    ran_at = root.parent / "ran"
    evil = f"#!/bin/sh\necho $0 $@ >> {ran_at}\ncat\n"
    for path in ("evil", *(f"{folder}/{hook}" for folder in ("hooks", ".git/hooks") for hook in HOOKS)):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(evil)
        (root / path).chmod(0o755)
    (root / "more").write_text(f'[filter "late"]\n\tsmudge = {root}/evil\n\trequired = true\n')
    for name, value in PROGRAMS.items():
        git(root, "config", name, value.replace("./evil", f"{root}/evil"))
    os.utime(root / "a.py")  # so that git would have to look what is in it
    env = {"SSH_ASKPASS": "", "GIT_TRACE": ""}
    assert run(root, *REMOVE, env=env).code == 0
    assert run(root, *REMOVE[:-2], "--test", "true", env=env).code == 2  # the branch is there
    assert run(root, "remove", "new-checkout", "--keep", "on", "--test", "true", "--apply", env=env).code == 0
    assert not ran_at.exists(), ran_at.read_text()
    assert "gpgsig" not in git(root, "cat-file", "commit", BRANCH)


def test_a_filter_that_could_not_be_switched_off(shop: Path) -> None:
    git(shop, "config", "filter.a=b.smudge", "./evil")
    ran = run(shop, *REMOVE)
    assert (ran.code, ran.err) == (2, "flagctl: git's configuration has a filter whose name holds a =: filter.a=b\n")


# --- every flag that is ready -----------------------------------------------------------------------------------------

DECIDED = "decision: {outcome: ship, keep: on}\n"
THREE = {
    "flagctl.toml": FILES["flagctl.toml"],
    **{f"flags/{key}.yaml": definition(key, DECIDED) for key in ("a", "b", "c")},
    "flags/undecided.yaml": definition("undecided", "on_removal: on\n"),
    "flags/extended.yaml": definition("extended", "decision: {outcome: extend, keep: on}\n"),
    "m.py": "import flags\n\nx = flags.is_on('a')\nz = flags.is_on('c')\n",
    "n.py": "import flags\n\ny = flags.is_on('b') == CONTROL\n",
}


def test_every_flag_that_is_ready(write: Write) -> None:
    root = committed(write(THREE))
    before = state(root)
    ran = run(root, "remove", "--ready")
    assert ran.code == 1
    assert [line.split()[0] for line in ran.lines] == ["flagctl/remove-a", "flagctl/remove-c"]
    assert ran.err.splitlines()[1:3] == [
        "flagctl: n.py:3:5: left as it is: its value is compared with something that is not written out here",
        "flagctl: b: skipped: it would leave something for you",
    ]
    assert state(root) == before
    # each starts from what was committed, and knows nothing of the other
    assert git(root, "show", "flagctl/remove-a:m.py") == "import flags\n\nx = True\nz = flags.is_on('c')\n"
    assert git(root, "show", "flagctl/remove-c:m.py") == "import flags\n\nx = flags.is_on('a')\nz = True\n"
    ran = run(root, "remove", "--ready")
    assert (ran.code, ran.out) == (1, "")
    assert "flagctl: a: skipped: the branch flagctl/remove-a exists already" in ran.err


def test_all_are_done(write: Write) -> None:
    root = committed(write({path: text for path, text in THREE.items() if path not in ("n.py", "flags/b.yaml")}))
    ran = run(root, "remove", "--ready", "--commit")
    assert (ran.code, len(ran.lines)) == (0, 2)


def test_none_is_ready(shop: Path) -> None:
    ran = run(shop, "remove", "--ready")
    assert (ran.code, ran.out) == (0, "")
    assert ran.err == "flagctl: no flag is ready: of none is it decided what stays (decision.keep)\n"


def test_a_flag_whose_file_the_user_is_at_is_skipped(write: Write) -> None:
    root = committed(write(THREE))
    with (root / "flags/a.yaml").open("a") as file:
        file.write("# mine\n")
    ran = run(root, "remove", "--ready")
    assert [line.split()[0] for line in ran.lines] == ["flagctl/remove-c"]
    assert "flagctl: a: skipped: some of the files have changes that are not committed" in ran.err


# --- and back ---------------------------------------------------------------------------------------------------------


def test_a_removal_is_undone(shop: Path) -> None:
    run(shop, *REMOVE)
    git(shop, "merge", "-q", "--no-ff", "-m", "merged", BRANCH)
    (shop / "more.py").write_text("x = 1\n")
    commit(shop)
    git(shop, "config", "diff.external", "false")
    git(shop, "config", "diff.noprefix", "true")
    git(shop, "config", "color.ui", "always")
    ran = run(shop, "restore", "new-checkout")
    made = git(shop, "rev-parse", BRANCH).strip()
    assert (ran.code, ran.err) == (
        0,
        f"flagctl: new-checkout: undoes {made} Remove the flag new-checkout (on is kept)\n",
    )
    (shop / "undo.patch").write_text(ran.out)
    git(shop, "apply", "undo.patch")
    assert {path: (shop / path).read_text() for path in FILES} == FILES
    assert not (shop / "flags/archive").exists()
    assert (shop / "more.py").exists()
    assert "\x1b[32m+" in run_in_terminal(shop, "restore", "new-checkout").out


def test_there_is_nothing_to_undo(shop: Path) -> None:
    ran = run(shop, "restore", "new-checkout")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "flagctl: new-checkout: there is no tombstone of it\n"
    assert run(shop, "remove", "new-checkout", "--keep", "on", "--apply").code == 0
    ran = run(shop, "restore", "new-checkout")
    assert (ran.code, ran.out) == (2, "")
    assert "flags/archive/new-checkout.yaml: it is not committed" in ran.err
