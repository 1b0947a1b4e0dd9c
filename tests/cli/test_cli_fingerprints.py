"""A finding is the same one after what does not concern it, as the command tells it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command import TODAY, run
from shop import commit, committed, git
from test_storefront import STOREFRONT

CODE, DEFINITION = "shop/delivery/dispatch.py", "flags/same-day-delivery.yaml"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy of the example shop, in git."""
    caches = shutil.ignore_patterns("__pycache__", ".*_cache")
    return committed(Path(shutil.copytree(STOREFRONT, tmp_path / "storefront", ignore=caches)))


def fingerprints(root: Path) -> list[tuple[str, str, str]]:
    """Code, flag and fingerprint of every finding."""
    found = run(root, "audit", "--output-format", "json", *TODAY).json["findings"]
    return sorted((each["code"], each["flag"] or "", each["fingerprint"]) for each in found)


def test_no_two_are_alike(shop: Path) -> None:
    found = [each for _, _, each in fingerprints(shop)]
    assert len(found) == len(set(found)) > 50


def test_lines_above(shop: Path) -> None:
    before = fingerprints(shop)
    for path in (CODE, DEFINITION, "flagctl.toml"):
        file = shop / path
        file.write_text("# one more line\n" * 20 + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert fingerprints(shop) == before


def test_files_that_git_renames(shop: Path) -> None:
    before = fingerprints(shop)
    git(shop, "mv", CODE, "shop/delivery/a_new_name.py")
    git(shop, "mv", DEFINITION, "flags/z.yaml")
    commit(shop)
    assert fingerprints(shop) == before


def test_one_that_is_mended_changes_no_other(shop: Path) -> None:
    before = fingerprints(shop)
    file = shop / CODE
    text = file.read_text(encoding="utf-8")
    mended = text.replace('parcel.weight if request.feature("courier-tracking") else parcel.weight', "parcel.weight")
    assert mended != text
    file.write_text(mended, encoding="utf-8")
    after = fingerprints(shop)
    gone = [each for each in before if each not in after]
    assert [(code, flag) for code, flag, _ in gone] == [("FLG308", "courier-tracking")]
    assert not [each for each in after if each not in before]
