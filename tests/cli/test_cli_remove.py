"""`flagctl remove` as a subprocess: what it prints, writes and refuses."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import run

Write = Callable[[Mapping[str, str | bytes]], Path]

FILES = {
    "flagctl.toml": '[[evaluation]]\ncall = "flags.is_on"\nkey = 0\n',
    "flags/new-checkout.yaml": 'key: new-checkout\ntype: release\nowner: "@acme/payments"\nreason: fewer clicks\n'
    "created: 2026-01-01\nexpires: 2026-06-01\nexpected_end_state: remove\n",
    "a.py": 'import flags\n\n\ndef page():\n    if flags.is_on("new-checkout"):\n        return 1\n    return 2\n',
}
AFTER = b"def page():\n    return 1\n"


@pytest.fixture
def shop(write: Write) -> Path:
    root = write(FILES)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", ".")
    git(root, "commit", "-qm", "one")
    return root


def git(root: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout


def test_it_prints_a_patch_that_git_applies(shop: Path) -> None:
    ran = run(shop, "remove", "new-checkout", "--keep", "on", "--today", "2026-06-15")
    assert ran.code == 0
    assert ran.err == (
        "flagctl: a.py: drops import flags, which nothing uses any more\n"
        "flagctl: 1 evaluation replaced, 5 lines fewer in 1 file, 1 import dropped, 1 definition archived, "
        "0 places left for you\n"
    )
    assert git(shop, "status", "--porcelain") == ""
    (shop / "a.patch").write_text(ran.out)
    git(shop, "apply", "--check", "a.patch")
    git(shop, "apply", "a.patch")
    assert (shop / "a.py").read_bytes() == AFTER
    assert not (shop / "flags/new-checkout.yaml").exists()
    commit = git(shop, "rev-parse", "HEAD").strip()
    tombstone = (shop / "flags/archive/new-checkout.yaml").read_text()
    assert tombstone.endswith(f'removed: {{on: 2026-06-15, base: "{commit}", kept: "on"}}\n')


def test_it_writes_the_files(shop: Path) -> None:
    ran = run(shop, "remove", "new-checkout", "--keep", "on", "--apply")
    assert (ran.code, ran.out) == (0, "")
    assert (shop / "a.py").read_bytes() == AFTER
    assert run(shop, "audit").code == 2  # no definition is left to read
    assert "new-checkout" not in (shop / "a.py").read_text()


def test_files_with_changes_are_not_written(shop: Path) -> None:
    (shop / "a.py").write_text(FILES["a.py"] + "# mine\n")
    ran = run(shop, "remove", "new-checkout", "--keep", "on", "--apply")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "not committed" in ran.err
    assert (shop / "a.py").read_text().endswith("# mine\n")
    ran = run(shop, "remove", "new-checkout", "--keep", "on", "--apply", "--allow-dirty")
    assert ran.code == 0
    assert (shop / "a.py").read_bytes() == AFTER + b"# mine\n"


def test_what_is_left_is_said_with_its_place(shop: Path) -> None:
    (shop / "b.py").write_text("import flags\nx = flags.is_on('new-checkout') == CONTROL\n")
    ran = run(shop, "remove", "new-checkout", "--keep", "on")
    assert ran.code == 1
    assert "flagctl: b.py:2:5: left as it is: its value is compared with something that is not written out" in ran.err
    assert "+++ b/a.py" in ran.out
    assert "b.py" not in ran.out.replace("b/a.py", "")


TEST = "import flags\n\n\n@flags.forced('new-checkout', False)\ndef test_old():\n    assert 1\n"


def test_a_test_of_what_is_gone(shop: Path) -> None:
    (shop / "flagctl.toml").write_text(
        FILES["flagctl.toml"] + '[[override]]\ncall = "flags.forced"\nkey = 0\nvalue = 1\n'
    )
    (shop / "test_a.py").write_text(TEST)
    git(shop, "add", ".")
    git(shop, "commit", "-qm", "two")
    ran = run(shop, "remove", "new-checkout", "--keep", "on")
    assert "flagctl: test_a.py::test_old: goes, as it tests what is gone\n" in ran.err
    ran = run(shop, "remove", "new-checkout", "--keep", "on", "--keep-tests", "--apply")
    assert "flagctl: test_a.py::test_old: tests what is gone; look at it\n" in ran.err
    assert (shop / "test_a.py").read_text() == "def test_old():\n    assert 1\n"


WRONG = {
    ("remove", "other", "--keep", "on"): "other: no definition has this key",
    ("remove", "new-checkout"): "new-checkout: what stays? its definition does not say; add --keep on|off",
    ("remove", "new-checkout", "--keep", "b"): "new-checkout: it has no variant b; it has on, off",
}


@pytest.mark.parametrize(("arguments", "message"), WRONG.items(), ids=WRONG.values())
def test_what_cannot_be_done(shop: Path, arguments: tuple[str, ...], message: str) -> None:
    ran = run(shop, *arguments)
    assert (ran.code, ran.out, ran.err) == (2, "", f"flagctl: {message}\n")


def test_the_definition_says_what_stays(shop: Path) -> None:
    definition = shop / "flags/new-checkout.yaml"
    definition.write_text(FILES["flags/new-checkout.yaml"] + 'on_removal: "off"\n')
    assert "+    return 2" not in run(shop, "remove", "new-checkout").out
    assert "-        return 1" in run(shop, "remove", "new-checkout").out
    ran = run(shop, "remove", "new-checkout", "--keep", "on")
    assert (ran.code, ran.out) == (2, "")
    assert "its on_removal says that off stays; --force overrules it" in ran.err
    assert run(shop, "remove", "new-checkout", "--keep", "on", "--force").code == 0
