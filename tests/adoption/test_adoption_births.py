"""Since when there is a key, and who works on the files: on real repositories."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from flagctl.adoption.births import Wanted, main_authors, read_births

Write = Callable[[Mapping[str, str | bytes]], Path]


class Story:
    """A repository that is written commit by commit."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, day: str = "2020-01-01", author: str = "Ann <ann@example.com>") -> str:
        name, _, address = author.rstrip(">").partition(" <")
        who = {
            f"GIT_{kind}_{what}": value
            for kind in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", name), ("EMAIL", address), ("DATE", f"{day}T12:00:00+0000"))
        }
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.root), "GIT_CONFIG_NOSYSTEM": "1", **who}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self, day: str, files: Mapping[str, str], author: str = "Ann <ann@example.com>") -> str:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "Change", day=day, author=author)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def story(tmp_path: Path) -> Story:
    return Story(tmp_path)


def births(root: Path, *keys: str | Wanted) -> dict[str, str]:
    wanted = [each if isinstance(each, Wanted) else Wanted(each) for each in keys]
    found = read_births(root, wanted, [".py", ".html"], lambda done, total: None)
    return {key: birth.day.isoformat() for key, birth in found.by_key.items()}


def test_the_first_commit_that_has_the_key(story: Story) -> None:
    story.commit("2020-01-01", {"a.py": 'if feature("new-checkout-banner"):\n    pass\n'})
    story.commit("2020-02-01", {"a.py": "new_checkout = 1  # the new-checkout\n", "b.py": 'x = "renewed"\n'})
    third = story.commit("2020-03-01", {"b.py": 'if feature("new-checkout"):\n    pass\n'})
    story.commit("2020-04-01", {"c.py": 'if feature("new-checkout"):\n    pass\n', "d.html": '{% flag "banner" %}\n'})
    story.commit("2020-05-01", {"d.html": "{% flag banner %}\n", "e.txt": '"only-text"\n'})
    assert births(story.root, "new-checkout", "banner", "only-text", "never") == {
        "new-checkout": "2020-03-01",
        "banner": "2020-04-01",
    }
    found = read_births(story.root, [Wanted("new-checkout")], [".py"], lambda done, total: None)
    assert (found.by_key["new-checkout"].commit, found.is_cut, found.has_commits) == (third, False, True)


def test_the_same_text_may_have_been_something_else(story: Story) -> None:
    story.commit("2020-01-01", {"form.py": 'data["group_type"] = 1\n', "model.py": 'FIELDS = ["search"]\n'})
    story.commit("2020-02-01", {"features.py": 'FEATURES = {\n    "group_type": "Choose",\n}\n'})
    story.commit("2020-03-01", {"view.py": "if switch_is_active(\n    'search',\n):\n    pass\n"})
    story.commit("2020-04-01", {"names.py": 'CHECKOUT = "new-checkout"\n'})
    story.commit("2020-05-01", {"names.py": 'CHECKOUT = "new-checkout"\nfeature("new-checkout")\n'})
    story.commit("2020-06-01", {"sets.py": 'for key in ("use_new_group_page", "group_page"):\n    ask(key)\n'})
    story.commit("2020-07-01", {"sets.py": 'feature("use_new_group_page") and feature("group_page")\n'})
    declared = Wanted("new-checkout", frozenset({"shop/names.py"}))
    assert births(story.root, "group_type", "search", declared, "use_new_group_page", "group_page") == {
        "group_type": "2020-02-01",
        "search": "2020-03-01",
        "new-checkout": "2020-04-01",
        "use_new_group_page": "2020-06-01",  # hardly the name of anything else
        "group_page": "2020-07-01",
    }


def test_names_namespaces_and_moves(story: Story) -> None:
    story.commit("2020-01-01", {"a.py": 'if settings.FEATURE_X_BETA or "FEATURE_X":\n    pass\n'})
    story.commit("2020-02-01", {"a.py": 'NAME = "courses"\nWaffleFlag(f"{NAME}.dark_mode")\nflag("dark_mode")\n'})
    story.git("mv", "a.py", "b.py")
    story.commit("2020-03-01", {"c.py": "if settings.FEATURE_X:\n    flag('courses.light')\n"})
    assert births(story.root, Wanted("FEATURE_X", is_name=True), "courses.dark_mode", "courses.light") == {
        "FEATURE_X": "2020-01-01",  # as a word of its own
        "courses.dark_mode": "2020-02-01",
        "courses.light": "2020-03-01",
    }


def test_the_author_s_day_of_a_commit_on_a_branch(story: Story) -> None:
    story.commit("2020-01-01", {"a.py": "x = 1\n"})
    story.git("checkout", "-q", "-b", "side")
    story.commit("2020-01-05", {"b.py": 'flag("new")\n'})
    story.git("checkout", "-q", "main")
    story.commit("2020-02-01", {"a.py": "x = 2\n"})
    story.git("merge", "-q", "--no-ff", "-m", "Merge", "side", day="2020-03-01")
    assert births(story.root, "new") == {"new": "2020-01-05"}


def test_a_shallow_clone_does_not_know_what_was_before(story: Story, tmp_path: Path) -> None:
    story.commit("2020-01-01", {"a.py": 'flag("old")\n'})
    story.commit("2020-02-01", {"a.py": 'flag("old")\nflag("middle")\n'})
    story.commit("2020-03-01", {"a.py": 'flag("old")\nflag("middle")\nflag("new")\n'})
    clone = tmp_path / "clone"
    story.git("clone", "-q", "--depth", "2", f"file://{story.root}", str(clone))
    found = read_births(clone, map(Wanted, ["old", "middle", "new"]), [".py"], lambda done, total: None)
    assert {key: birth.day for key, birth in found.by_key.items()} == {"new": date(2020, 3, 1)}
    assert found.is_cut


def test_no_git_and_no_commit(tmp_path: Path) -> None:
    assert not read_births(tmp_path, [Wanted("new")], [".py"], lambda done, total: None).has_commits
    assert main_authors(tmp_path, {"a.py"}) == {}
    story = Story(tmp_path)
    found = read_births(story.root, [Wanted("new")], [".py"], lambda done, total: None)
    assert (found.by_key, found.has_commits) == ({}, False)


def test_nothing_that_a_repository_configures_runs(story: Story) -> None:
    story.commit("2020-01-01", {"a.py": 'flag("new")\n', ".gitattributes": "*.py diff=evil\n"})
    story.commit("2020-01-02", {"--output=stolen.py": 'flag("other")\n'})
    for name in (
        "diff.evil.textconv",
        "diff.evil.command",
        "diff.external",
        "core.fsmonitor",
        "gpg.program",
        "core.pager",
    ):
        story.git("config", name, "touch stolen;")
    for name in ("log.showSignature", "color.ui"):
        story.git("config", name, "always" if name == "color.ui" else "true")
    assert births(story.root, "new", "other") == {"new": "2020-01-01", "other": "2020-01-02"}
    assert main_authors(story.root, {"--output=stolen.py"})["--output=stolen.py"] == {"Ann": 1}
    assert not list(story.root.glob("stolen*"))


def test_who_works_on_a_file(story: Story) -> None:
    story.commit("2015-01-01", {"a.py": "1\n", "old.py": "1\n"}, "Old Hand <old@example.com>")
    story.commit("2015-02-01", {"a.py": "2\n"}, "Old Hand <old@example.com>")
    story.commit("2020-01-01", {"a.py": "3\n"}, "Bea  Muster <12+bea@users.noreply.github.com>")
    story.commit("2020-01-02", {"a.py": "4\n"}, "dependabot[bot] <49+dependabot[bot]@users.noreply.github.com>")
    story.commit("2020-01-03", {"a.py": "5\n"}, "renovate <bot@renovateapp.com>")
    found = main_authors(story.root, {"a.py", "old.py"})
    assert found["a.py"] == {"@bea": 1}  # of late; robots do not count
    assert found["old.py"] == {"Old Hand": 1}  # where nobody was there of late, who ever was
