"""A repository of several parts through the real command: from the root, from a part, with files of several."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import COMPLETE, HELPER, PAGE, TODAY, run

Write = Callable[[Mapping[str, str | bytes]], Path]

OWNERLESS = COMPLETE.replace('owner: "@acme/payments"\n', "")
SHOP: dict[str, str | bytes] = {
    "flagctl.toml": 'exclude = ["examples"]\n' + HELPER,
    "shop/flagctl.toml": "",
    "shop/flags/new-checkout.yaml": COMPLETE,
    "shop/flags/ownerless.yaml": OWNERLESS.replace("new-checkout", "ownerless"),
    "mail/flagctl.toml": '[rules]\nfail_on = "warning"\n',
    "mail/flags/digest.yaml": OWNERLESS.replace("new-checkout", "digest"),
    "mail/page.py": PAGE,
    "examples/flagctl.toml": "",
    "examples/readme.md": "-\n",
    "examples/flags/example.yaml": COMPLETE.replace("new-checkout", "example"),
}


@pytest.fixture
def repository(write: Write) -> Path:
    root = write(SHOP)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    return root


def findings(folder: Path, *args: str) -> list[str]:
    """`FLG003 shop/flags/ownerless.yaml`."""
    ran = run(folder, *args, *TODAY, "--output-format", "json")
    assert ran.code in (0, 1), ran.err
    return [f"{each['code']} {each['path']}" for each in ran.json["findings"]]


OF_SHOP = ["FLG003 shop/flags/ownerless.yaml", "FLG202 shop/flags/ownerless.yaml"]
OF_MAIL = ["FLG003 mail/flags/digest.yaml", "FLG202 mail/flags/digest.yaml"]


@pytest.mark.parametrize(
    ("folder", "args", "expected"),
    [
        (".", [], [*OF_MAIL, *OF_SHOP]),
        ("shop", [], OF_SHOP),
        ("shop/flags", [], OF_SHOP),
        ("mail", [], OF_MAIL),
        ("mail", ["."], OF_MAIL),
        ("mail", [".."], [*OF_MAIL, *OF_SHOP]),
        ("mail", ["../shop/flags"], OF_SHOP),
        (".", ["shop", "mail/page.py"], OF_SHOP),
        ("examples", [], ["FLG202 flags/example.yaml"]),
        (".", ["--config", "mail/flagctl.toml"], ["FLG003 flags/digest.yaml", "FLG202 flags/digest.yaml"]),
    ],
)
def test_audit(repository: Path, folder: str, args: list[str], expected: list[str]) -> None:
    assert findings(repository / folder, "audit", *args) == expected


@pytest.mark.parametrize(
    ("folder", "args", "expected"),
    [
        (".", [], [OF_MAIL[0], OF_SHOP[0]]),
        ("shop", [], [OF_SHOP[0]]),
        (".", ["shop/flags/ownerless.yaml", "mail/flags/digest.yaml"], [OF_MAIL[0], OF_SHOP[0]]),
        (".", ["shop/flags/new-checkout.yaml"], []),
        ("shop", ["../mail/flags/digest.yaml"], [OF_MAIL[0]]),
    ],
)
def test_validate(repository: Path, folder: str, args: list[str], expected: list[str]) -> None:
    assert findings(repository / folder, "validate", *args) == expected


@pytest.mark.parametrize(
    ("folder", "options", "code"),
    [
        (".", [], 1),
        ("mail", [], 1),
        ("shop", [], 0),
        ("mail", ["--fail-on", "error"], 0),
        ("shop", ["--fail-on", "warning"], 1),
        (".", ["--exit-zero"], 0),
    ],
)
def test_a_part_says_from_which_severity_on_it_fails(
    repository: Path, folder: str, options: list[str], code: int
) -> None:
    assert run(repository / folder, "audit", *TODAY, "--select", "FLG202", *options).code == code


@pytest.mark.parametrize("folder", [".", "shop", "mail"])
def test_looking_covers_all_parts(repository: Path, folder: str) -> None:
    assert run(repository / folder, "refs", "new-checkout").lines == [
        "mail/page.py:2:12: evaluation new-checkout (call, default False, via literal)"
    ]
    listed = run(repository / folder, "list", "--output-format", "json").json
    assert [flag["key"] for flag in listed["flags"]] == ["digest", "new-checkout", "ownerless"]
    shown = run(repository / folder, "show", "new-checkout", *TODAY)
    assert "mail/page.py:2" in shown.out
    assert "shop/flags/new-checkout.yaml" in shown.out


ANSWERS = ["--type", "release", "--description", "d", "--owner", "o", "--reason", "r", "--removal-criterion", "c"]


def test_new_writes_to_the_part(repository: Path) -> None:
    (repository / "shop/flagctl.toml").write_text("[lifetime]\nrelease = 20\n")
    ran = run(repository / "shop/flags", "new", "next-one", *ANSWERS, "--today", "2026-06-15")
    assert (ran.code, ran.err) == (0, "flagctl: wrote shop/flags/next-one.yaml\n")
    assert "expires: 2026-07-05" in (repository / "shop/flags/next-one.yaml").read_text()
    assert run(repository, "new", "other", *ANSWERS).err == "flagctl: wrote flags/other.yaml\n"


def test_a_key_is_taken_in_every_part(repository: Path) -> None:
    ran = run(repository / "mail", "new", "new-checkout", *ANSWERS)
    assert (ran.code, ran.err) == (
        2,
        'flagctl: "new-checkout" is taken: see shop/flags/new-checkout.yaml:1\n',
    )


def test_a_mistake_in_a_part(repository: Path) -> None:
    (repository / "mail/flagctl.toml").write_text('\nsdk = "auto"\n')
    for command in ("audit", "validate", "refs", "list"):
        ran = run(repository, command)
        assert (ran.code, ran.out) == (2, "")
        assert ran.err.startswith(f'flagctl: {repository.resolve()}/mail/flagctl.toml:2: unknown key "sdk"')
        assert ran.err.count("\n") == 1


def test_a_part_that_cannot_be_read(repository: Path) -> None:
    (repository / "mail/flagctl.toml").write_bytes(b"\xff")
    ran = run(repository, "audit")
    assert (ran.code, ran.err) == (
        2,
        f"flagctl: {repository.resolve()}/mail/flagctl.toml: is not UTF-8 (byte 0); save it as UTF-8\n",
    )


def test_a_report_inside_a_part_is_no_source(repository: Path) -> None:
    for _ in range(2):
        ran = run(repository / "shop", "refs", "ownerless", "--output", "out.txt")
        assert (ran.code, ran.err) == (0, "flagctl: no references to ownerless in 1 files\n")
        (repository / "shop/out.txt").write_text("ownerless\n")
