"""`flagctl init`, from nothing to an audit that passes, in real repositories."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from command import TODAY, Ran, environment, run, run_in_terminal

Write = Callable[[Mapping[str, str | bytes]], Path]

SHOP = {
    "shop/page.py": """
        def page(request):
            if request.feature("new-checkout"):
                return 1
            return request.feature("dark-mode") or request.feature("disable-mail")
        """,
    "shop/features.py": 'FEATURES = {"new-checkout": "One-page checkout", "dark-mode": "Dark", "gift-cards": "Gift"}\n',
    "shop/settings.py": "if settings.ENABLE_A or settings.ENABLE_B or settings.ENABLE_C:\n    pass\n",
    "tests/test_page.py": 'def test_page(request):\n    request.feature("made-up")\n',
    ".pre-commit-config.yaml": "# ours\nrepos:\n  - repo: a\n    rev: v1\n    hooks: [{id: x}]\n",
    ".github/CODEOWNERS": "/shop/page.py @acme/web @acme/all\n",
    "README.md": "-\n",
}
FILES = [
    ".github/workflows/flagctl.yml",
    ".pre-commit-config.yaml",
    "flagctl-baseline.json",
    "flagctl.toml",
    "flags/dark-mode.yaml",
    "flags/disable-mail.yaml",
    "flags/gift-cards.yaml",
    "flags/new-checkout.yaml",
]


def git(root: Path, *arguments: str, day: str = "2026-03-01") -> str:
    who = {f"GIT_{kind}_{what}": value for kind in ("AUTHOR", "COMMITTER") for what, value in _ANN.items()}
    dates = {f"GIT_{kind}_DATE": f"{day}T12:00:00+0000" for kind in ("AUTHOR", "COMMITTER")}
    env = {**environment(root), **who, **dates}
    return subprocess.run(["git", *arguments], cwd=root, env=env, capture_output=True, text=True, check=True).stdout


_ANN = {"NAME": "Ann", "EMAIL": "ann@example.com"}


def commit(root: Path, day: str = "2026-03-01") -> None:
    git(root, "add", "--all")
    git(root, "commit", "-q", "-m", "Change", day=day)


def changed(root: Path) -> list[str]:
    return sorted(line[3:] for line in git(root, "status", "--porcelain", "-uall").splitlines())


@pytest.fixture
def shop(write: Write) -> Path:
    root = write({name: text for name, text in SHOP.items() if name != "shop/features.py"})
    git(root, "init", "-q", "-b", "main")
    commit(root)
    write({"shop/features.py": SHOP["shop/features.py"]})
    commit(root, "2026-04-01")
    return root


def init(root: Path, *options: str) -> Ran:
    return run(root, "init", *options, *TODAY)


def test_from_nothing_to_an_audit_that_passes(shop: Path) -> None:
    ran = init(shop, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert changed(shop) == FILES
    assert "request.feature(...) asks for flags:" in ran.out
    assert "settings.ENABLE_* may ask for flags:" in ran.out
    assert "4 flags without a definition" in ran.out
    assert "+      - id: flagctl-validate" in ran.out  # the diff of what was there
    assert "flagctl audit passes" in ran.out
    assert "\n1. Confirm the 4 owners that" in ran.out
    assert "`pre-commit install` makes the hook run. CI fails on what a change makes worse." in ran.out
    assert run(shop, "audit", *TODAY).out.startswith("No findings: 4 flags")
    assert (shop / "flags/new-checkout.yaml").read_text() == (
        "key: new-checkout\n"
        "description: One-page checkout\n"
        "type: release  # a guess: nothing says that it is to stay\n"
        "owner: '@acme/web'  # the first of 2 in CODEOWNERS: please confirm\n"
        f"created: 2026-03-01  # {git(shop, 'rev-parse', 'HEAD~1')[:10]} first has the key\n"
        "adopted: 2026-06-15\n"
        "expires: 2026-07-25  # 40 days from its adoption: please decide\n"
        "expected_end_state: remove\n"
    )
    gifts, mail = (yaml.safe_load((shop / f"flags/{key}.yaml").read_text()) for key in ("gift-cards", "disable-mail"))
    assert (gifts["owner"], str(gifts["created"])) == ("Ann", "2026-04-01")
    assert (mail["type"], str(mail["review_by"]), mail["expected_end_state"]) == ("ops", "2026-12-12", "keep")
    configuration = (shop / "flagctl.toml").read_text()
    assert '\n[[evaluation]]\ncall = "*request.feature"\nkey = 0\n' in configuration
    assert '\n#   [[evaluation]]\n#   attribute = "*settings.{key}"\n' in configuration

    # A second run finds nothing to do, before and after the commit, and changes no byte.
    before = {path: (shop / path).read_bytes() for path in FILES}
    for _ in range(2):
        again = init(shop, "--yes")
        assert (again.code, again.out, again.err) == (0, "Nothing to do: every flag in code has a definition.\n", "")
        assert {path: (shop / path).read_bytes() for path in FILES} == before
        commit(shop, "2026-06-15") if changed(shop) else None

    shown = run(shop, "show", "new-checkout", *TODAY).out
    assert "\ncreated: 2026-03-01\nadopted: 2026-06-15\n" in shown
    assert "\ndefinition born: 2026-06-15 by Ann <ann@example.com>" in shown

    # Of what comes later only that is added; what a person deleted stays deleted.
    git(shop, "rm", "-q", ".github/workflows/flagctl.yml")
    (shop / "shop/late.py").write_text('def late(request):\n    return request.feature("late-flag")\n')
    commit(shop, "2026-06-20")
    assert run(shop, "audit", *TODAY).code == 1
    later = init(shop, "--yes")
    assert (later.code, later.err) == (0, "")
    assert "\n1. Confirm the owner that git suggests" in later.out
    assert "makes the hook run. In CI, `flagctl audit --new-from BRANCH` fails on" in later.out
    assert changed(shop) == ["flagctl-baseline.json", "flags/late-flag.yaml"]
    assert run(shop, "audit", *TODAY).code == 0
    diff = git(shop, "diff", "flagctl-baseline.json")
    assert {line[0] for line in diff.splitlines()[4:] if "late-flag" not in line and "fingerprint" in line} <= {" "}


def test_without_a_terminal_it_only_shows(shop: Path) -> None:
    ran = init(shop)
    assert (ran.code, changed(shop)) == (1, [])
    assert ran.err == "flagctl: nothing was written: run it with --yes, or on a terminal\n"
    diff = ran.out[ran.out.index("diff --git") :]
    (shop / "the.patch").write_text(diff)
    git(shop, "apply", "the.patch")
    (shop / "the.patch").unlink()
    assert changed(shop) == FILES
    assert run(shop, "audit", *TODAY).code == 0
    assert init(shop).code == 0


def test_on_a_terminal_it_asks(shop: Path) -> None:
    refused = run_in_terminal(shop, "init", *TODAY, answers="y\nn\ny\nn\nn\n")
    assert (refused.code, changed(shop)) == (1, [])
    taken = run_in_terminal(shop, "init", *TODAY, answers="y\nn\nn\ny\n")
    assert taken.code == 0, taken
    configuration = (shop / "flagctl.toml").read_text()
    assert '#   file = "shop/features.py"' in configuration
    assert "gift-cards" not in {path.stem for path in (shop / "flags").iterdir()}
    assert run(shop, "init", *TODAY).out == "Nothing to do: every flag in code has a definition.\n"


def test_a_repository_without_flags(write: Write) -> None:
    root = write({"a.py": "print(1)\n", "tests/test_a.py": SHOP["shop/page.py"]})
    git(root, "init", "-q")
    ran = init(root, "--yes")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("No feature flags were found, and nothing was written.")
    assert not (root / "flagctl.toml").exists()


def test_the_baseline_knows_what_the_new_configuration_says(write: Write) -> None:
    keys = ["one_a", "one_b", "one_c", "one_d", "CONSTANT"]
    root = write({"a.py": "".join(f'if is_feature_enabled("{key}"): pass\n' for key in keys)})
    git(root, "init", "-q")
    assert init(root, "--yes").code == 0
    assert 'key_pattern = "^[a-z][a-z0-9_]*$"' in (root / "flagctl.toml").read_text()
    assert "FLG009" in (root / "flagctl-baseline.json").read_text()
    assert run(root, "audit", *TODAY).out.startswith("No findings: 5 flags")


def test_no_git(write: Write) -> None:
    root = write({name: SHOP[name] for name in ("shop/page.py", "shop/features.py")})
    ran = init(root, "--yes")
    assert ran.code == 0, ran
    assert "there is no git history, so the first day of 4 of 4 flags is not known" in ran.err
    assert "\n2. Commit it all. In CI, `flagctl audit --new-from BRANCH` fails on" in ran.out
    found = yaml.safe_load((root / "flags/new-checkout.yaml").read_text())
    assert not {"created", "owner"} & found.keys()
    assert not (root / ".pre-commit-config.yaml").exists()
    assert run(root, "audit", *TODAY).code == 0


def test_a_flag_that_is_not_committed_yet(write: Write) -> None:
    root = write({"a.py": "\n"})
    git(root, "init", "-q")
    commit(root)
    write({"a.py": 'if is_feature_enabled("mail-a") or is_feature_enabled("mail-b"): pass\n'})
    ran = init(root, "--yes")
    assert ran.err == "flagctl: git does not tell the first day of 2 of 2 flags, such as mail-a: is it committed yet?\n"


def test_a_shallow_clone(shop: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(shop, "clone", "-q", "--depth", "1", f"file://{shop}", str(clone))
    ran = init(clone, "--yes")
    assert ran.code == 0, ran
    assert "this clone is shallow" in ran.err
    text = (clone / "flags/new-checkout.yaml").read_text()
    assert "\n# created: before this shallow clone begins" in text
    assert "created" not in yaml.safe_load(text)


def test_a_project_that_has_a_configuration_and_parts(write: Write) -> None:
    configuration = b"# ours\r\n[tool.flagctl]\r\nsdks = []\r\n\r\n[tool.other]\r\nx = 1\r\n"
    part = "if is_feature_enabled('mail-a') and is_feature_enabled('mail-b'): pass\n"
    root = write({"pyproject.toml": configuration, "shop/page.py": SHOP["shop/page.py"], "mail/send.py": part})
    write({"mail/flagctl.toml": "[lifetime]\nrelease = 10\n"})
    git(root, "init", "-q")
    ran = init(root, "--yes")
    assert ran.code == 0, ran
    assert {path.relative_to(root).as_posix() for path in root.glob("**/flags/*")} == {
        "flags/dark-mode.yaml", "flags/disable-mail.yaml", "flags/new-checkout.yaml",
        "mail/flags/mail-a.yaml", "mail/flags/mail-b.yaml",
    }  # fmt: skip
    assert yaml.safe_load((root / "mail/flags/mail-a.yaml").read_text())["expires"].isoformat() == "2026-06-25"
    text = (root / "pyproject.toml").read_bytes()
    assert text.startswith(
        b'# ours\r\n[tool.flagctl]\r\nbaseline = "flagctl-baseline.json"\r\nsdks = []\r\n\r\n[tool.other]\r\n'
    )
    assert b"\r\n[[tool.flagctl.evaluation]]\r\n" in text
    assert not (root / "flagctl.toml").exists()
    assert run(root, "audit", *TODAY).code == 0


def test_a_project_that_has_definitions_and_no_configuration(write: Write) -> None:
    """`flagctl new` came first: there is nothing to do, and no baseline is named that is not there."""
    root = write({"flags/a-flag.yaml": "key: a-flag\n", "x.py": "x = 1\n"})
    before = run(root, "audit", "--today", "2026-06-15").out
    ran = init(root, "--yes")
    assert (ran.code, ran.out) == (0, "Nothing to do: every flag in code has a definition.\n")
    assert run(root, "audit", "--today", "2026-06-15").out == before


def test_findings_of_a_project_in_use_are_not_hidden(shop: Path) -> None:
    entry = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n'
    (shop / "flagctl.toml").write_text(f'baseline = "known.json"\n\n{entry}')
    (shop / "known.json").write_text('{"version": 1, "findings": []}\n')
    (shop / "flags").mkdir()
    (shop / "flags/gift-cards.yaml").write_text("key: gift-cards\n")  # has no owner, which is ours to know
    ran = init(shop, "--yes")
    assert ran.code == 1
    assert "that were there before" in ran.out
    entries = json.loads((shop / "known.json").read_text())["findings"]
    assert {each["flag"] for each in entries} == {"dark-mode", "disable-mail", "new-checkout"}
    assert not (shop / ".github/workflows").exists()
