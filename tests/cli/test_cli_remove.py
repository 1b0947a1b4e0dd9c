"""`flagctl remove` as a subprocess: what it prints, writes and refuses."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import run, run_in_terminal
from shop import AFTER, FILES, committed, definition, git

Write = Callable[[Mapping[str, str | bytes]], Path]


@pytest.fixture
def shop(write: Write) -> Path:
    return committed(write(FILES), author=False)


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
    assert "flagctl: test_a.py::test_old: no longer forces what is gone; see whether it still holds\n" in ran.err
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


BOTH = {
    **FILES,
    "flags/new-checkout.yaml": "---\n".join(definition(key) for key in ("new-checkout", "fast-pay", "c")),
    "a.py": """\
    import flags

    FAST = "fast-pay"


    def page():
        if flags.is_on("new-checkout") and flags.is_on(FAST):
            return 1
        return old()


    def old():
        return flags.is_on("c")
    """,
}


def test_several_flags_in_one_condition(write: Write) -> None:
    root = committed(write(BOTH))
    ran = run(root, "remove", "new-checkout", "fast-pay", "--keep", "on", "--apply")
    assert ran.code == 0
    assert (root / "a.py").read_bytes() == AFTER
    assert sorted(path.name for path in (root / "flags/archive").iterdir()) == ["fast-pay.yaml", "new-checkout.yaml"]
    assert (root / "flags/new-checkout.yaml").read_text() == definition("c")
    assert "flagctl: a.py: drops FAST, old, import flags, which nothing uses any more\n" in ran.err
    assert "2 evaluations replaced" in ran.err


def test_several_flags_of_which_one_keeps_another_value(write: Write) -> None:
    files = {**BOTH, "flags/new-checkout.yaml": definition("new-checkout", "on_removal: on\n")}
    root = committed(write({**files, "flags/fast-pay.yaml": definition("fast-pay", 'on_removal: "off"\n')}))
    assert run(root, "remove", "fast-pay", "new-checkout", "--apply").code == 0
    assert "return 1" not in (root / "a.py").read_text()
    assert "return old()" in (root / "a.py").read_text()


def test_a_flag_that_is_still_asked_for_keeps_its_definition(write: Write) -> None:
    refused = "import flags\nx = flags.is_on('fast-pay') == CONTROL\n"
    root = committed(write({**BOTH, "b.py": refused}))
    ran = run(root, "remove", "fast-pay", "new-checkout", "--keep", "on", "--apply")
    assert ran.code == 1
    assert (root / "b.py").read_text() == refused
    assert [path.name for path in (root / "flags/archive").iterdir()] == ["new-checkout.yaml"]
    assert (root / "flags/new-checkout.yaml").read_text() == definition("fast-pay") + "---\n" + definition("c")


def test_a_key_without_a_definition_stops_all(shop: Path) -> None:
    ran = run(shop, "remove", "new-checkout", "nope", "neither", "--keep", "on", "--apply")
    assert (ran.code, ran.out, ran.err) == (2, "", "flagctl: nope, neither: no definition has this key\n")
    assert git(shop, "status", "--porcelain") == ""


CONTRADICTIONS = {
    ("remove",): "which flag?",
    ("remove", "new-checkout", "--apply", "--commit"): "choose one",
    ("remove", "new-checkout", "--ready"): "without KEY",
    ("remove", "--ready", "--keep", "on"): "without KEY",
    ("remove", "new-checkout", "--keep", "on", "--test", "'"): "--test: No closing quotation",
    ("remove", "new-checkout", "--keep", "on", "--test", " "): "--test: what is the command?",
    ("remove", "new-checkout", "--keep", "on", "--commit"): "git does not know who commits",
}


@pytest.mark.parametrize(("arguments", "message"), CONTRADICTIONS.items(), ids=map(" ".join, CONTRADICTIONS))
def test_what_does_not_go_together(shop: Path, arguments: tuple[str, ...], message: str) -> None:
    ran = run(shop, *arguments)
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert message in ran.err


def test_a_terminal_shows_the_patch_in_colours(shop: Path) -> None:
    args = ("remove", "new-checkout", "--keep", "on")
    ran = run_in_terminal(shop, *args, columns=20)
    assert ran.code == 0
    assert '\x1b[31m-    if flags.is_on("new-checkout"):\x1b[0m\n' in ran.out
    assert "\x1b[32m+    return 1\x1b[0m\n" in ran.out
    assert "1 evaluation replaced" in ran.err
    plain = run_in_terminal(shop, *args, env={"NO_COLOR": "1"}, columns=20)
    assert not re.search(r"\x1b\[(\d+;)*3\d", plain.out)
    assert re.sub(r"\x1b\[\d*m", "", plain.out) == run(shop, *args).out


def test_hostile_source_does_nothing_to_a_terminal(shop: Path) -> None:
    (shop / "a.py").write_text(FILES["a.py"].replace("return 2", 'return "\x1b[2J\u202e"'))
    ran = run_in_terminal(shop, "remove", "new-checkout", "--keep", "on")
    assert "\x1b[2J" not in ran.out
    assert '-    return "\\x1b[2J\\u202e"' in ran.out
