"""Two trees scanned at once: in each is found what a scan of it alone finds, and what they share is looked at once."""

from __future__ import annotations

import os
import subprocess
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from cached import CONFIG, PAGE, Cached
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scan_cases import scan_folder, write_files
from test_scan_cache import ASKS, CONTENTS, EDIT, EDITS

from flagctl.cache import Cache
from flagctl.config import find_config
from flagctl.config.tree import tree_of
from flagctl.scan import Both, Wanted, scan_both
from flagctl.scan.python.analysis import Analyst

Files = Mapping[str, str | bytes]
Declared = Mapping[str, str]

LEAVE_OUT = ["flagctl.toml"]
BOTH = {"new-checkout": "new-checkout", "old-search": "old-search"}
ONE = {"new-checkout": "new-checkout"}
OTHER = {"old-search": "old-search"}
ALIAS = {**BOTH, "new-checkout": "checkout", "checkout": "checkout"}


def committed(folder: Path, files: Files, config: str = CONFIG) -> Cached:
    project = Cached(folder, files, config)
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-q", "--allow-empty", "-m", "one")
    return project


def both_of(project: Cached, now: Declared = BOTH, then: Declared = BOTH, cache: Path | None = None) -> Both:
    """Scans the work tree and the commit; each is what a scan of it alone finds."""
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=project.root, capture_output=True, check=True).stdout
    tree = tree_of(project.root, head.decode().strip())
    config = find_config(project.root)
    wanted, before = Wanted(now, LEAVE_OUT), Wanted(then, LEAVE_OUT)
    return scan_both(config, wanted, before, tree, lambda done, total: None, Cache(cache))


def check(project: Cached, files: Files, now: Declared, then: Declared, *, is_cached: bool = False) -> None:
    """`files` are those that were committed."""
    before = project.root.parent / "before"
    write_files(before, files, project.config)
    now_alone, then_alone = scan_folder(project.root, now), scan_folder(before, then)
    for _ in range(1 + is_cached):
        found = both_of(project, now, then, project.file if is_cached else None)
        assert found.now == now_alone
        assert found.before == then_alone


@pytest.mark.parametrize(("files", "edit"), EDITS.values(), ids=EDITS)
@pytest.mark.parametrize("is_back", [False, True], ids=["done", "taken back"])
def test_an_edit(tmp_path: Path, files: Files, edit: Files, is_back: bool) -> None:
    before, after = {**files, **(edit if is_back else {})}, {**files, **({} if is_back else edit)}
    project = committed(tmp_path, before)
    for path in before.keys() - after.keys():
        (project.root / path).unlink()
    project.write(after)
    check(project, before, BOTH, BOTH, is_cached=not is_back)


FLAGS: Mapping[str, tuple[Declared, Declared]] = {
    "one more": (BOTH, ONE),
    "one fewer": (ONE, BOTH),
    "another": (ONE, OTHER),
    "none before": (BOTH, {}),
    "an alias": (ALIAS, BOTH),
    "a namespace": ({**BOTH, "switch:search": "switch:search"}, BOTH),
    "a respelling": ({**BOTH, "old_search": "old_search"}, BOTH),
    "a setting": ({**BOTH, "FEATURE_CHECKOUT": "FEATURE_CHECKOUT"}, BOTH),
}
NAMES: Files = {
    "keys.py": "NEW = 'new-checkout'\nOLD = 'old-search'\n",
    "a.py": "from keys import NEW as KEY\n" + ASKS,
    "b.py": "from keys import OLD as KEY\n" + ASKS,
    "c.py": "import waffle\nwaffle.switch_is_active('search')\nwaffle.switch_is_active('old-search')\n",
    "d.py": "from django.conf import settings\nif settings.FEATURE_CHECKOUT:\n    pass\n",
    "e.py": "from keys import NEW\nfrom h import on\nprint(NEW, on)\n",
    "h.py": "from keys import NEW\ndef on(request):\n    return request.feature(NEW)\n",
    "f.py": "print('old-search')  # new-checkout\n",
    "page.html": "{% switch 'new-checkout' %}{% switch 'search' %}{% endswitch %}{% endswitch %} old_search oldSearch",
    "page.ts": "flags.isOn('new-checkout'); const oldSearch = 1; flags.newCheckout",
    "doc.md": "new-checkout, old-search",
    "latin.py": "# coding: latin-1\n'new-checkout \xe9'\n".encode("latin-1"),
    "bad.py": "= 'new-checkout'",
}
SETTINGS = CONFIG + '[[evaluation]]\nattribute = "*settings.{key}"\n'


@pytest.mark.parametrize(("now", "then"), FLAGS.values(), ids=FLAGS)
def test_other_flags(tmp_path: Path, now: Declared, then: Declared) -> None:
    project = committed(tmp_path, NAMES, SETTINGS)
    check(project, NAMES, now, then)
    project.write({"keys.py": "NEW = 'old-search'\nOLD = 'new-checkout'\n", "new.py": PAGE})
    check(project, NAMES, now, then, is_cached=True)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    edits=st.lists(EDIT, max_size=4),
    flags=st.tuples(*[st.sampled_from([BOTH, ONE, OTHER, ALIAS])] * 2),
    is_cached=st.booleans(),
)
def test_any_edits(
    tmp_path_factory: pytest.TempPathFactory,
    edits: list[tuple[str, str | None]],
    flags: tuple[Declared, Declared],
    is_cached: bool,
) -> None:
    files = {path: each[0] for path, each in CONTENTS.items()}
    project = committed(tmp_path_factory.mktemp("both"), files)
    for path, text in edits:
        if text is None:
            (project.root / path).unlink(missing_ok=True)
        else:
            project.write({path: text})
    check(project, files, *flags, is_cached=is_cached)


# --- what is shared ---------------------------------------------------------------------------------------------------


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are analysed, each time they are."""
    seen: list[str] = []
    analyse = Analyst.analyse

    def noted(analyst: Analyst, path: str) -> object:
        seen.append(path)
        return analyse(analyst, path)

    monkeypatch.setattr(Analyst, "analyse", noted)
    return seen


ASKED = "from keys import KEY\nprint(request.feature(KEY))\n"
VIEW = 'def page(request):\n    if request.feature("new-checkout", False):\n        return 1\n    return 2\n'


@pytest.mark.parametrize(
    ("edit", "then", "again"),
    [
        ({}, BOTH, []),
        ({"doc.txt": "new-checkout"}, BOTH, []),
        ({"other.py": "x = 1\n"}, BOTH, []),
        ({"pkg/__init__.py": ""}, BOTH, []),
        ({"a.py": "# new\n" + VIEW}, BOTH, ["a.py"]),
        ({"keys.py": "# new\nKEY = 'old-search'\n"}, BOTH, ["b.py", "keys.py"]),
        ({}, ONE, ["b.py"]),
        ({}, {**BOTH, "else-where": "else-where"}, []),
    ],
)
def test_what_is_the_same_is_analysed_once(
    tmp_path: Path, looked_at: list[str], edit: Files, then: Declared, again: list[str]
) -> None:
    files = {"a.py": VIEW, "keys.py": "KEY = 'old-search'\n", "b.py": ASKED, "pkg/x.py": VIEW}
    project = committed(tmp_path, files)
    project.write(edit)
    scan_folder(project.root, BOTH)
    alone = Counter(looked_at)
    looked_at.clear()
    both_of(project, BOTH, then)
    assert sorted(Counter(looked_at) - alone) == again


# --- which files ------------------------------------------------------------------------------------------------------


def paths(found: Both) -> tuple[set[str], set[str]]:
    return (
        {each.location.path for each in found.now.references},
        {each.location.path for each in found.before.references},
    )


def test_files_that_come_and_go(tmp_path: Path) -> None:
    project = committed(tmp_path, {"gone.py": PAGE, "same.py": PAGE, "old\nname.py": PAGE})
    project.write({"untracked.py": PAGE, ".gitignore": "ignored.py\n", "ignored.py": PAGE, "added.py": PAGE})
    project.git("mv", "old\nname.py", "new.py")
    project.git("add", "added.py")
    (project.root / "gone.py").unlink()
    assert paths(both_of(project)) == (
        {"same.py", "untracked.py", "added.py", "new.py"},
        {"same.py", "gone.py", "old\nname.py"},
    )


def test_links_and_submodules_are_no_sources(tmp_path: Path) -> None:
    project = committed(tmp_path, {"a.py": PAGE})
    (project.root / "b.py").symlink_to("a.py")
    project.git("add", ".")
    project.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub.py")
    project.git("commit", "-qm", "two")
    assert paths(both_of(project)) == ({"a.py"}, {"a.py"})


@pytest.mark.parametrize(
    ("attributes", "config"),
    [
        ("* text=auto eol=crlf\n", []),
        ("*.py filter=other\n", ["filter.other.smudge=sed s/new-c/old-c/", "filter.other.clean=sed s/old-c/new-c/"]),
        ("*.py ident\n", []),
    ],
)
def test_what_git_keeps_in_another_way_is_the_same(
    tmp_path: Path, looked_at: list[str], attributes: str, config: list[str]
) -> None:
    """Line ends, filters, keywords: a file that git has nothing to say about is no other file before."""
    project = committed(tmp_path, {".gitattributes": attributes, "a.py": PAGE + "# $Id$\n"})
    for each in config:
        project.git("config", *each.split("=", 1))
    (project.root / "a.py").unlink()
    project.git("checkout", "-q", "--", "a.py")
    os.utime(project.root / "a.py", (1, 1))  # or it were as new as the index, which git itself does not trust
    project.git("update-index", "--refresh")
    scan_folder(project.root)
    alone = [*looked_at]
    looked_at.clear()
    found = both_of(project)
    assert found.now.references == found.before.references
    assert looked_at == alone
    assert found.data == {}


def test_a_file_that_was_only_touched(tmp_path: Path) -> None:
    project = committed(tmp_path, {"a.py": PAGE})
    os.utime(project.root / "a.py", (1, 1))
    assert both_of(project).data == {}


def test_a_sparse_checkout(tmp_path: Path) -> None:
    """What is not checked out is not gone."""
    project = committed(tmp_path, {"shop/a.py": PAGE, "mail/b.py": PAGE, "gone.py": PAGE})
    project.git("sparse-checkout", "set", "--no-cone", "/*", "!/mail/")
    (project.root / "gone.py").unlink()
    assert paths(both_of(project)) == ({"shop/a.py"}, {"shop/a.py", "gone.py"})


def test_below_the_root_of_the_repository(tmp_path: Path) -> None:
    outer = committed(tmp_path, {"shop/a.py": PAGE, "other.py": PAGE})
    (outer.root / "flagctl.toml").unlink()
    inner = Cached(tmp_path / "elsewhere", {})
    inner.root = outer.root / "shop"
    inner.write({"a.py": "x = 1\n"})
    assert paths(both_of(inner)) == (set(), {"a.py"})
