"""What the review derives from code and its history, and which findings it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import review
import yaml

FIRST = {
    "flagctl.toml": 'sdks = ["django-waffle"]\n',
    "shop.py": """\
from waffle import flag_is_active, switch_is_active


def page(request):
    # Takes old payments
    return flag_is_active(request, "old_payment"), flag_is_active(request, "new-search")


def mail():
    return not switch_is_active("disable-mail")
""",
}
SECOND = {"shop.py": FIRST["shop.py"].replace('flag_is_active(request, "old_payment"), ', "")}


def commit(root: Path, day: str, subject: str, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (root / name).write_text(text)
    who = ["-c", "user.name=Ann Lee", "-c", "user.email=ann@example.com"]
    times = {"GIT_AUTHOR_DATE": f"{day}T12:00:00", "GIT_COMMITTER_DATE": f"{day}T12:00:00"}
    for command in (["add", "-A"], [*who, "commit", "-qm", subject]):
        subprocess.run(["git", *command], cwd=root, env=os.environ | times, check=True)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = tmp_path / "shop"
    root.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    commit(root, "2023-01-02", "Sell things", FIRST)
    commit(root, "2025-05-06", "Old payments are gone", SECOND)
    return root


def made(shop: Path, tmp_path: Path, *options: str) -> tuple[review.Repository, dict[str, dict[str, Any]]]:
    kept = tmp_path / "kept"
    kept.mkdir()
    options = (str(shop), "--config", str(shop / "flagctl.toml"), "--flagctl", f"{sys.executable} -m flagctl", *options)
    repository = review.Repository(shop, shop / "flagctl.toml", kept, review.arguments(options))
    folder = repository.root / "flags"
    return repository, {path.stem: yaml.safe_load(path.read_text()) for path in folder.glob("*.yaml")}


def test_definitions_say_what_code_and_history_say(shop: Path, tmp_path: Path) -> None:
    before = sorted(path.name for path in shop.iterdir())
    repository, definitions = made(shop, tmp_path)
    assert sorted(path.name for path in shop.iterdir()) == before
    assert sorted(definitions) == ["disable-mail", "new-search", "old_payment"]
    search, mail, payment = (definitions[key] for key in ("new-search", "disable-mail", "old_payment"))
    assert (search["type"], str(search["created"]), str(search["expires"])) == ("release", "2023-01-02", "2023-02-11")
    assert (search["owner"], search["reason"]) == ("@ann-lee", "Sell things")
    kill_switch = {"kills_when": True}  # `on`, to the YAML 1.1 of this test
    assert (mail["type"], mail["expected_end_state"], mail["kill_switch"]) == ("ops", "keep", kill_switch)
    assert payment["impact"] == "revenue"
    found = {(each["code"], each["flag"]) for each in repository.audit("FLG2")}
    assert found == {("FLG202", "old_payment")}


def test_without_the_past_only_what_is_asked_for_is_defined(shop: Path, tmp_path: Path) -> None:
    _, definitions = made(shop, tmp_path, "--past", "")
    assert sorted(definitions) == ["disable-mail", "new-search"]


@pytest.mark.parametrize(
    ("key", "guessed"),
    [
        ("disable-mail", "ops"),
        ("search.read_only", "ops"),
        ("checkout_experiment", "experiment"),
        ("beta-access", "permission"),
        ("new-search", None),
        ("catalog", None),  # no log
    ],
)
def test_type_is_guessed_by_a_word_of_the_key(key: str, guessed: str | None) -> None:
    found = review.guess(key, review.TYPES)
    assert (found[0] if found else None) == guessed


def test_sample_takes_of_every_repository_in_turn() -> None:
    findings = [{"repository": name, "line": line} for name, count in (("a", 9), ("b", 2)) for line in range(count)]
    shown = review.sample(findings, 5, 1)
    assert [each["repository"] for each in shown] == ["a", "b", "a", "b", "a"]
    assert shown == review.sample(findings, 5, 1)
    assert len(review.sample(findings, 50, 1)) == 11
