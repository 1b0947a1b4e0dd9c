"""`flagctl audit --fix`, through the real command: what it adds, what it leaves alone, and what it says."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, COMPLETE, HELPER, TODAY, environment, run

Write = Callable[[Mapping[str, str | bytes]], Path]

OWNED = COMPLETE.replace("new-checkout", "old-search")
OWNERLESS = OWNED.replace('owner: "@acme/payments"\n', "")
PROJECT = {**CLEAN, "flags/old.yaml": OWNERLESS, "CODEOWNERS": "* @acme/platform\n/flags/ @acme/payments\n"}
ADDED = 'flagctl: flags/old.yaml: added owner: "@acme/payments"\n'
SCHEMA = "# yaml-language-server: $schema=../schemas/flag.v1.schema.json"


def contents(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.glob("flags/**/*") if path.is_file()}


def test_it_adds_the_owner_and_shows_what_is_left(write: Write) -> None:
    root = write(PROJECT)
    before = run(root, "audit", *TODAY)
    assert before.code == 1
    assert '    help: add to flags/old.yaml: owner: "@acme/payments", as CODEOWNERS has it (`flagctl audit --fix`)' in (
        before.lines
    )
    fixed = run(root, "audit", "--fix", *TODAY)
    assert (fixed.code, fixed.err) == (0, ADDED)
    assert (root / "flags/old.yaml").read_text() == OWNED
    assert fixed.out == run(root, "audit", *TODAY).out
    assert "FLG003" not in fixed.out
    again = run(root, "audit", "--fix", *TODAY)
    assert (again.out, again.err) == (fixed.out, "flagctl: nothing to fix\n")
    assert (root / "flags/old.yaml").read_text() == OWNED


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"CODEOWNERS": "/flags/ @acme/payments @acme/growth\n"}, id="two owners"),
        pytest.param({"CODEOWNERS": "/flags/ @acme/payments\n/flags/old.yaml\n"}, id="nobody's"),
        pytest.param({"CODEOWNERS": "/shop/ @acme/payments\n"}, id="somebody of other files"),
        pytest.param({"CODEOWNERS": "[A]\n* @acme/a\n[B]\n* @acme/b\n"}, id="one in each of two sections"),
        pytest.param({"CODEOWNERS": "* @@maintainer\n"}, id="a role"),
        pytest.param({"CODEOWNERS": "* payments\n"}, id="neither handle nor address"),
        pytest.param({"CODEOWNERS": '* @acme"\\x\n'}, id="no name"),
        pytest.param({"CODEOWNERS": ""}, id="none at all"),
        pytest.param({"flags/old.yaml": OWNED}, id="an owner"),
        pytest.param({"flags/old.yaml": "{key: old-search}\n"}, id="braces"),
        pytest.param({"flags/old.yaml": "# flagctl: ignore[FLG003] adopting\n" + OWNERLESS}, id="ignored by a comment"),
        pytest.param({"flagctl.toml": HELPER + '[rules]\nignore = ["FLG003"]\n'}, id="the rule is ignored"),
        pytest.param(
            {"flagctl.toml": HELPER + '[rules.per_path_ignores]\n"flags/old.yaml" = ["FLG003"]\n'}, id="ignored there"
        ),
        pytest.param({"flags/old.yaml": OWNERLESS + "expries: 2026-07-01\n"}, id="not valid"),
        pytest.param({"flags/old.yaml": b"key: old-search\n\xff\n"}, id="not UTF-8"),
        pytest.param({"flags/old.yaml": OWNED, "flags/archive/x.yaml": "key: x-y\n"}, id="a tombstone"),
    ],
)
def test_nothing_to_fix(write: Write, files: Mapping[str, str | bytes]) -> None:
    root = write({**PROJECT, **files})
    before = contents(root)
    ran = run(root, "audit", "--fix", *TODAY)
    assert ran.err.splitlines()[0] == "flagctl: nothing to fix"
    assert contents(root) == before


def test_several_owners_are_named(write: Write) -> None:
    root = write({**PROJECT, "CODEOWNERS": "* @acme/payments ann@example.com\n"})
    out = run(root, "audit", *TODAY).out
    assert 'help: add to flags/old.yaml: owner: "@acme/payments" or "ann@example.com"\n' in out


@pytest.mark.parametrize("line", ["* @acme/payments", "flags @acme/payments # all", "/flags/old.yaml @acme/payments"])
def test_by_whichever_line(write: Write, line: str) -> None:
    root = write({**PROJECT, "CODEOWNERS": line + "\n"})
    assert run(root, "audit", "--fix", *TODAY).err == ADDED


def test_left_alone(write: Write) -> None:
    texts = {
        "flags/one.yaml": "key: a-b\n---\nkey: c-d\nexpries: 2026-07-01\n",
        "flags/two.yaml": "key: e-f\ndescription: |+\n  one\n\n",
    }
    root = write({**PROJECT, **texts})
    ran = run(root, "audit", "--fix", *TODAY)
    assert ran.err.splitlines()[:3] == [
        ADDED.rstrip(),
        "flagctl: flags/one.yaml: left alone: it is not valid (FLG001)",
        "flagctl: flags/two.yaml: left alone: it is written in a way in which nothing can be added safely",
    ]
    assert {path: (root / path).read_text() for path in texts} == texts


@pytest.mark.parametrize(
    ("args", "fixed"),
    [
        (["flags/old.yaml"], {"flags/old.yaml"}),
        (["flags/more"], {"flags/more/x.yaml"}),
        (["flags"], {"flags/old.yaml", "flags/more/x.yaml"}),
        (["shop"], set()),
        (["--select", "FLG1"], set()),
        (["--select", "FLG0"], {"flags/old.yaml", "flags/more/x.yaml"}),
    ],
)
def test_only_where_it_was_asked_for(write: Write, args: list[str], fixed: set[str]) -> None:
    root = write({**PROJECT, "flags/more/x.yaml": "key: x-y\n"})
    before = contents(root)
    run(root, "audit", "--fix", *args, *TODAY)
    after = contents(root)
    assert {path for path in before if before[path] != after[path]} == fixed


def test_what_is_in_the_baseline_is_mended_too(write: Write) -> None:
    root = write({**PROJECT, "flagctl.toml": 'baseline = "old.json"\n' + HELPER})
    run(root, "audit", "--write-baseline", *TODAY)
    fixed = run(root, "audit", "--fix", *TODAY)
    assert (fixed.code, fixed.err) == (0, ADDED)
    assert "FLG901 warning this entry hides nothing: FLG003 missing-owner of old-search is mended" in fixed.out
    write(PROJECT | {"flagctl.toml": 'baseline = "old.json"\n' + HELPER})
    both = run(root, "audit", "--fix", "--write-baseline", *TODAY)
    assert both.err == ADDED + "flagctl: wrote old.json: 1 finding, 0 new, 1 dropped as mended\n"


def test_a_broken_baseline_is_told_before_anything_is_written(write: Write) -> None:
    root = write({**PROJECT, "flagctl.toml": 'baseline = "old.json"\n' + HELPER, "old.json": "{"})
    ran = run(root, "audit", "--fix", *TODAY)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("flagctl: old.json:1:2: this is not JSON")
    assert (root / "flags/old.yaml").read_text() == OWNERLESS


def test_the_schema_line(write: Write) -> None:
    root = write({**PROJECT, "schemas/flag.v1.schema.json": "{}", "flags/more/x.yaml": f"# $schema: y.json\n{OWNED}"})
    ran = run(root, "audit", "--fix", *TODAY)
    assert ran.err == (
        f"flagctl: flags/new-checkout.yaml: added {SCHEMA}\n"
        f'flagctl: flags/old.yaml: added owner: "@acme/payments" and {SCHEMA}\n'
    )
    assert (root / "flags/new-checkout.yaml").read_text() == f"{SCHEMA}\n{COMPLETE}"
    assert (root / "flags/old.yaml").read_text() == f"{SCHEMA}\n{OWNED}"
    assert run(root, "audit", "--fix", *TODAY).err == "flagctl: nothing to fix\n"


def test_new_definitions_have_the_schema_line(write: Write) -> None:
    root = write({**PROJECT, "schemas/flag.v1.schema.json": "{}"})
    options = ("--type", "release", "--description", "x", "--owner", "@acme/payments", "--reason", "x")
    assert run(root, "new", "a-b", *options, "--removal-criterion", "x", *TODAY).code == 0
    assert (root / "flags/a-b.yaml").read_text().startswith(f"{SCHEMA}\nkey: a-b\n")


def test_a_link_stays_one_and_the_mode_stays(write: Write) -> None:
    root = write({**PROJECT, "definitions/x.yml": "key: x-y\n", "CODEOWNERS": "* @acme/payments\n"})
    (root / "definitions/x.yml").chmod(0o640)
    (root / "flags/x.yaml").symlink_to("../definitions/x.yml")
    assert run(root, "audit", "--fix", *TODAY).code == 1
    assert (root / "flags/x.yaml").is_symlink()
    assert (root / "definitions/x.yml").read_text() == 'key: x-y\nowner: "@acme/payments"\n'
    assert (root / "definitions/x.yml").stat().st_mode & 0o777 == 0o640


def test_all_or_nothing(write: Write) -> None:
    root = write({**PROJECT, "flags/x.yaml": "key: x-y\n"})
    (root / "flags/x.yaml").chmod(0o444)
    ran = run(root, "audit", "--fix", *TODAY)
    assert (ran.code, ran.out, ran.err) == (2, "", "flagctl: flags/x.yaml: is read-only; nothing was written\n")
    assert (root / "flags/old.yaml").read_text() == OWNERLESS


def test_a_full_disk(write: Write) -> None:
    root = write(PROJECT)
    before = contents(root)
    script = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "import sys\n"
        f"sys.argv = ['flagctl', 'audit', '--fix', '--no-cache', *{list(TODAY)}]\n"
        "from flagctl.cli import main\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-B", "-c", script],
        cwd=root,
        env=environment(root),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"flagctl: {root}: nothing was written: ")
    assert ran.stderr.count("\n") == 1
    assert contents(root) == before
    assert not [path.name for path in root.iterdir() if path.name.startswith("flagctl-")]
