"""Git's log to what became of flags: told right whatever way it came about."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stories import Story, definition

from flagctl.cache import Cache
from flagctl.config import find_config
from flagctl.definitions.past import past_definitions
from flagctl.history.revision import commit_of
from flagctl.past import Change, ChangeKind, History
from flagctl.pipeline.history import history_of

ANN, BOB, EVE = "Ann <ann@example.com>", "Bob <bob@example.com>", "Eve <eve@example.com>"
FLAG = "flags/new-checkout.yaml"


@pytest.fixture
def story(tmp_path: Path) -> Story:
    made = Story(tmp_path / "shop")
    made.commit("2026-01-01", "A shop", {"README.md": "A shop\n"})
    return made


def past(story: Story, cache: Path | None = None, revision: str = "HEAD") -> History:
    config = find_config(story.root)
    return history_of(config, commit_of(config.root, revision), Cache(cache))


def told(history: History, key: str = "new-checkout") -> list[str]:
    """`2026-01-05 Ann production 0 -> 2`, oldest first."""
    return [line(change) for change in history.flags[key].changes]


def line(change: Change) -> str:
    served = [each for each in change.fields if each.field.endswith("production.percent")]
    steps = [f"{each.before} -> {each.after}" for each in served]
    if change.kind is not ChangeKind.CHANGED:
        steps = [change.kind, *(str(each.after if each.after is not None else "") for each in served)]
    moved = [f"from {change.moved_from}"] if change.moved_from else []
    return " ".join(filter(None, [str(change.commit.written), change.commit.author.name, *steps, *moved]))


def test_linear(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.commit("2026-01-03", "Something else", {"x.py": "x = 1\n"}, EVE)
    story.commit(
        "2026-01-05", "2%\n\nFlag-Reason: first users\nApproved-by: Lea <lea@example.com>", {FLAG: definition(2)}, BOB
    )
    story.commit("2026-01-06", "Reformat", {FLAG: definition(2).replace(": ", ":  ")}, EVE)
    story.commit("2026-01-07", "Owner", {FLAG: definition(2, owner='"@acme/growth"')}, ANN)
    history = past(story)
    assert told(history) == ["2026-01-02 Ann added 0", "2026-01-05 Bob 0 -> 2", "2026-01-07 Ann"]
    _, step, owner = history.flags["new-checkout"].changes
    assert (step.commit.reason, *map(str, step.commit.approvers)) == ("first users", "Lea <lea@example.com>")
    assert owner.fields == (("owner", "@acme/payments", "@acme/growth"),)
    assert not history.is_shallow
    assert history.flags["new-checkout"].born is history.changes[0]


def test_merge_is_told_by_the_commits_of_its_branch(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%\n\nFlag-Reason: try", {FLAG: definition(2)}, BOB)
    story.commit("2026-01-04", "10%", {FLAG: definition(10)}, EVE)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-05", "Other", {"x.py": "x = 1\n"}, ANN)
    story.merge("2026-01-08", "work", "Merge work\n\nApproved-by: Lea <lea@example.com>\nFlag-Reason: as planned", ANN)
    history = past(story)
    assert told(history) == ["2026-01-02 Ann added 0", "2026-01-03 Bob 0 -> 2", "2026-01-04 Eve 2 -> 10"]
    first, second = (each.commit for each in history.changes[1:])
    assert {str(each.landed) for each in (first, second)} == {"2026-01-08"}
    assert (first.reason, second.reason) == ("try", "as planned"), "what the merge says holds for what does not say"
    assert [str(each) for each in second.approvers] == ["Lea <lea@example.com>"]


def test_squash_has_trailers_in_the_middle(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    message = (
        "Roll out (#12)\n\n* 2%\n\nFlag-Reason: first\n  users\n\n* 10%\nflag-reason: quiet\nReviewed-by: @lea\n\nmore"
    )
    story.commit("2026-01-03", message, {FLAG: definition(10)}, BOB)
    commit = past(story).changes[-1].commit
    assert (commit.reason, [str(each) for each in commit.reviewers]) == ("first users; quiet", ["@lea"])


def test_squash_by_git_has_trailers_with_a_margin(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%\n\nFlag-Reason: first\n users\nApproved-by: @lea", {FLAG: definition(2)}, BOB)
    story.commit("2026-01-04", "10%\n\nFlag-Reason: quiet", {FLAG: definition(10)}, BOB)
    story.git("checkout", "-q", "main")
    story.git("merge", "-q", "--squash", "work")
    story.git("commit", "-q", "--no-edit", day="2026-01-05", author=BOB)
    commit = past(story).changes[-1].commit
    assert (commit.reason, [str(each) for each in commit.approvers]) == ("quiet; first users", ["@lea"])


def test_rebase_keeps_the_author_and_lands_later(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%\n\nFlag-Reason: try", {FLAG: definition(2)}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-05", "Other", {"x.py": "x = 1\n"}, ANN)
    story.git("rebase", "-q", "main", "work", day="2026-01-09", author=EVE)
    story.git("checkout", "-q", "main")
    story.git("merge", "-q", "--ff-only", "work")
    change = past(story).changes[-1]
    assert line(change) == "2026-01-03 Bob 0 -> 2"
    assert (str(change.commit.landed), change.commit.reason) == ("2026-01-09", "try")


def test_what_never_took_effect_is_not_told(story: Story) -> None:
    """A branch that goes up and down again, and one whose change a merge throws away."""
    story.commit("2026-01-02", "Add it", {FLAG: definition(2)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "50%", {FLAG: definition(50)}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-04", "Other", {"x.py": "x = 1\n"}, ANN)
    story.git("merge", "-q", "-s", "ours", "-m", "No", "work", day="2026-01-05")
    story.git("checkout", "-q", "-b", "again")
    story.commit("2026-01-06", "50%", {FLAG: definition(50)}, BOB)
    story.commit("2026-01-07", "Back", {FLAG: definition(2)}, BOB)
    story.commit("2026-01-07", "Owner", {FLAG: definition(2, owner="ann")}, BOB)
    story.git("checkout", "-q", "main")
    story.merge("2026-01-08", "again", "Merge", EVE)
    assert told(past(story)) == ["2026-01-02 Ann added 2", "2026-01-07 Bob"]


def test_up_and_down_on_the_mainline_is_told_though_a_branch_never_saw_it(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(2)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "Other", {"x.py": "x = 1\n"}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-04", "50%", {FLAG: definition(50)}, ANN)
    story.git("revert", "--no-edit", "HEAD", day="2026-01-06", author=BOB)
    story.merge("2026-01-08", "work", "Merge", EVE)
    history = past(story)
    assert told(history) == ["2026-01-02 Ann added 2", "2026-01-04 Ann 2 -> 50", "2026-01-06 Bob 50 -> 2"]
    assert history.changes[-1].commit.subject == 'Revert "50%"'


def test_what_a_merge_makes_of_a_conflict_is_its_own(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(2)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "10%", {FLAG: definition(10)}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-04", "5%", {FLAG: definition(5)}, ANN)
    story.git("merge", "-q", "-s", "ours", "--no-commit", "work")
    story.commit("2026-01-05", "Merge work", {FLAG: definition(7)}, EVE)
    assert told(past(story))[2:] == ["2026-01-03 Bob 5 -> 10", "2026-01-05 Eve 10 -> 7"]


def test_moves(story: Story) -> None:
    """To another file, into one with others, and with the whole folder, whose old place the configuration forgot."""
    other = definition(None, key="other-flag")
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.commit("2026-01-03", "Rename", {FLAG: None, "flags/checkout.yaml": definition(0)}, BOB)
    story.commit(
        "2026-01-04", "Join", {"flags/checkout.yaml": None, "flags/all.yaml": f"{other}---\n{definition(2)}"}, BOB
    )
    (story.root / "config").mkdir()
    story.git("mv", "flags", "config/flags")
    story.commit("2026-01-05", "Tidy", {"flagctl.toml": 'definitions = ["config/flags"]\n'}, EVE)
    history = past(story)
    assert told(history) == [
        "2026-01-02 Ann added 0",
        "2026-01-03 Bob from flags/new-checkout.yaml",
        "2026-01-04 Bob 0 -> 2 from flags/checkout.yaml",
        "2026-01-05 Eve from flags/all.yaml",
    ]
    assert told(history, "other-flag") == ["2026-01-04 Bob added", "2026-01-05 Eve from flags/all.yaml"]


def test_copied_first_and_deleted_later(story: Story) -> None:
    """The copy counts that lies where the configuration says."""
    story.commit("2026-01-02", "Add it", {"old/a.yaml": definition(0), "flagctl.toml": 'definitions = ["old"]\n'})
    story.commit("2026-01-03", "Move", {FLAG: definition(0), "old/b.yaml": definition(0, key="other-flag")}, BOB)
    story.commit("2026-01-04", "Over there", {"old/b.yaml": None, "flags/b.yaml": definition(0, key="other-flag")})
    story.commit("2026-01-05", "2%", {FLAG: definition(2), "flagctl.toml": None}, BOB)
    story.commit("2026-01-06", "Tidy", {"old/a.yaml": None}, EVE)
    assert told(past(story)) == ["2026-01-02 Ann added 0", "2026-01-03 Bob from old/a.yaml", "2026-01-05 Bob 0 -> 2"]


def test_a_move_with_a_branch_merged_over_it(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%", {FLAG: definition(2)}, BOB)
    story.git("checkout", "-q", "main")
    story.git("mv", FLAG, "flags/checkout.yaml")
    story.commit("2026-01-04", "Rename", {}, EVE)
    story.merge("2026-01-05", "work", "Merge", ANN)
    assert told(past(story)) == [
        "2026-01-02 Ann added 0",
        "2026-01-04 Eve from flags/new-checkout.yaml",
        "2026-01-03 Bob 0 -> 2",
    ]


def test_another_key_with_the_old_one_as_alias(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(2)}, ANN)
    story.commit("2026-01-03", "Rename", {FLAG: definition(2, key="checkout", aliases="[new-checkout]")}, BOB)
    story.commit("2026-01-04", "10%", {FLAG: definition(10, key="checkout", aliases="[new-checkout]")}, BOB)
    history = past(story)
    assert list(history.flags) == ["checkout"]
    assert told(history, "checkout") == ["2026-01-02 Ann added 2", "2026-01-03 Bob", "2026-01-04 Bob 2 -> 10"]


def test_a_branch_that_renames_a_flag_between_two_steps(story: Story) -> None:
    renamed = {"key": "checkout", "aliases": "[new-checkout]"}
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%", {FLAG: definition(2)}, BOB)
    story.commit("2026-01-04", "Rename", {FLAG: definition(2, **renamed)}, EVE)
    story.commit("2026-01-05", "10%", {FLAG: definition(10, **renamed)}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-06", "Other", {"x.py": "x = 1\n"}, ANN)
    story.merge("2026-01-07", "work", "Merge", ANN)
    assert told(past(story), "checkout") == [
        "2026-01-02 Ann added 0",
        "2026-01-03 Bob 0 -> 2",
        "2026-01-04 Eve",
        "2026-01-05 Bob 2 -> 10",
    ]


def test_a_branch_that_renames_a_flag_to_one_that_there_is(story: Story, tmp_path: Path) -> None:
    """A merge that keeps the other one removes the flag, and leaves the story of the other one alone."""
    cache = tmp_path / "cache.sqlite"
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "Rename", {FLAG: definition(2, key="checkout", aliases="[new-checkout]")}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-04", "Another", {"flags/checkout.yaml": definition(5, key="checkout")}, EVE)
    story.git("merge", "-q", "--no-commit", "work")
    story.commit("2026-01-05", "Merge work", {FLAG: None}, ANN)
    past(story, cache)
    story.commit("2026-01-06", "10%", {"flags/checkout.yaml": definition(10, key="checkout")}, EVE)
    for history in (past(story, cache), past(story)):
        assert told(history) == ["2026-01-02 Ann added 0", "2026-01-03 Bob removed"]
        assert told(history, "checkout") == ["2026-01-04 Eve added 5", "2026-01-06 Eve 5 -> 10"]


def test_a_branch_that_goes_on_after_it_was_squashed(story: Story) -> None:
    """What the mainline had already when the rest came is not told again, as if it had gone back."""
    moved = "flags/checkout.yaml"
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%", {FLAG: definition(2)}, BOB)
    story.commit("2026-01-04", "10%", {FLAG: None, moved: definition(10)}, BOB)
    story.git("checkout", "-q", "main")
    story.git("merge", "-q", "--squash", "work")
    story.commit("2026-01-05", "Squash", {}, ANN)
    story.git("checkout", "-q", "work")
    story.commit("2026-01-06", "50%", {moved: definition(50)}, BOB)
    story.git("checkout", "-q", "main")
    story.git("merge", "-q", "--no-ff", "-X", "theirs", "-m", "Merge", "work", day="2026-01-07", author=ANN)
    assert told(past(story)) == [
        "2026-01-02 Ann added 0",
        f"2026-01-05 Ann 0 -> 10 from {FLAG}",
        "2026-01-06 Bob 10 -> 50",
    ]


def test_removed_and_brought_back(story: Story) -> None:
    """A tombstone is no definition, and a revert brings a flag back that was born long ago."""
    story.commit("2026-01-02", "Add it", {FLAG: definition(2)}, ANN)
    story.commit("2026-01-03", "Remove", {FLAG: None, "flags/archive/new-checkout.yaml": definition(2)}, BOB)
    assert told(past(story)) == ["2026-01-02 Ann added 2", "2026-01-03 Bob removed"]
    story.git("revert", "--no-edit", "HEAD", day="2026-01-06", author=EVE)
    history = past(story)
    assert told(history)[2:] == ["2026-01-06 Eve added 2"]
    assert history.flags["new-checkout"].born is history.changes[0]
    assert [str(each.change.commit.written) for each in history.flags["new-checkout"].steps("production")] == [
        "2026-01-02",
        "2026-01-06",
    ]


def test_a_conflict_that_was_committed_changes_nothing(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(2)}, ANN)
    story.commit("2026-01-03", "Oops", {FLAG: f"<<<<<<< HEAD\n{definition(2)}=======\n>>>>>>> work\n"}, BOB)
    story.commit("2026-01-04", "Mend", {FLAG: definition(10)}, EVE)
    assert told(past(story)) == ["2026-01-02 Ann added 2", "2026-01-04 Eve 2 -> 10"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_shallow_clone(story: Story, tmp_path: Path, depth: int) -> None:
    for day, percent in enumerate((0, 2, 10, 50), 2):
        story.commit(f"2026-01-0{day}", f"{percent}%", {FLAG: definition(percent)}, BOB)
    story.git("clone", "-q", "--depth", str(depth), story.root.as_uri(), str(tmp_path / "clone"))
    clone = Story.__new__(Story)
    clone.root = tmp_path / "clone"
    cache = tmp_path / "cache.sqlite"
    history = past(clone, cache)
    whole = ["2026-01-02 Bob added 0", "2026-01-03 Bob 0 -> 2", "2026-01-04 Bob 2 -> 10", "2026-01-05 Bob 10 -> 50"]
    percent = (50, 10, 2)[depth - 1]
    assert told(history) == [f"2026-01-0{6 - depth} Bob known {percent}", *whole[5 - depth :]]
    assert history.is_shallow
    assert history.flags["new-checkout"].born is None
    clone.git("fetch", "-q", "--unshallow")
    assert told(past(clone, cache)) == whole


def test_who_changed_it_in_a_branch_that_a_shallow_clone_lacks(story: Story, tmp_path: Path) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-01-03", "2%", {FLAG: definition(2)}, BOB)
    story.commit("2026-01-03", "Other", {"x.py": "x = 1\n"}, BOB)
    story.git("checkout", "-q", "main")
    story.commit("2026-01-04", "Other", {"y.py": "y = 1\n"}, ANN)
    story.merge("2026-01-05", "work", "Merge", EVE)
    story.git("clone", "-q", "--depth", "2", story.root.as_uri(), str(tmp_path / "clone"))
    clone = Story.__new__(Story)
    clone.root = tmp_path / "clone"
    *_, last = past(clone).changes
    assert (line(last), last.is_cut) == ("2026-01-05 Eve 0 -> 2", True)


def test_partial_clone(story: Story, tmp_path: Path) -> None:
    """Contents that are not at hand are not fetched; that they are missing is known."""
    for day, percent in enumerate((0, 2, 10), 2):
        story.commit(f"2026-01-0{day}", f"{percent}%", {FLAG: definition(percent)}, BOB)
    story.git("config", "uploadpack.allowFilter", "true")
    story.git("clone", "-q", "--filter=blob:none", story.root.as_uri(), str(tmp_path / "clone"))
    clone = Story.__new__(Story)
    clone.root = tmp_path / "clone"
    cache = tmp_path / "cache.sqlite"
    history = past(clone, cache)
    assert history.unread == 2
    assert told(history) == ["2026-01-04 Bob known 10"], "who made it so is not guessed"
    clone.git("log", "-p")  # fetches them
    assert told(past(clone, cache)) == told(past(story)), "what was missing is not remembered as such"


def test_a_branch_in_a_partial_clone(story: Story, tmp_path: Path) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    story.git("checkout", "-q", "-b", "work")
    for day, percent in enumerate((2, 10), 3):
        story.commit(f"2026-01-0{day}", f"{percent}%", {FLAG: definition(percent)}, BOB)
    story.git("checkout", "-q", "main")
    story.merge("2026-01-06", "work", "Merge", EVE)
    story.git("config", "uploadpack.allowFilter", "true")
    story.git("config", "uploadpack.allowAnySHA1InWant", "true")
    story.git("clone", "-q", "--filter=blob:none", story.root.as_uri(), str(tmp_path / "clone"))
    clone = Story.__new__(Story)
    clone.root = tmp_path / "clone"
    assert told(past(clone)) == ["2026-01-06 Eve known 10"]
    clone.git("show", f"main~1:{FLAG}")
    [_, last] = past(clone).changes
    assert (line(last), last.is_cut) == ("2026-01-06 Eve 0 -> 10", True)


def test_replaced_commits(story: Story, tmp_path: Path) -> None:
    """What leads up to a commit is not told by its name alone."""
    cache = tmp_path / "cache.sqlite"
    for day, percent in enumerate((0, 2, 10), 2):
        story.commit(f"2026-01-0{day}", f"{percent}%", {FLAG: definition(percent)}, BOB)
    whole = ["2026-01-02 Bob added 0", "2026-01-03 Bob 0 -> 2", "2026-01-04 Bob 2 -> 10"]
    assert told(past(story, cache)) == whole
    story.git("replace", "--graft", "HEAD", "HEAD~2")
    assert told(past(story, cache)) == ["2026-01-02 Bob added 0", "2026-01-04 Bob 0 -> 10"]
    story.git("replace", "--delete", story.head)
    assert told(past(story, cache)) == whole


def test_definitions_of_all_parts_and_globs(story: Story) -> None:
    one, two = definition(2, key="one"), definition(2, key="two")
    files = {
        "flagctl.toml": 'definitions = ["teams/*/flags"]\n',
        "teams/a/flags/one.yaml": one,
        "teams/a/other/no.yaml": definition(2, key="no"),
        "shop/flagctl.toml": 'definitions = ["switches.yaml"]\n',
        "shop/switches.yaml": two,
        "shop/more.yaml": definition(2, key="nor-this"),
    }
    story.commit("2026-01-02", "Add", files)
    assert set(past(story).flags) == {"one", "two"}


def test_definitions_in_a_folder_that_became_a_link(story: Story) -> None:
    story.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    (story.root / "config").mkdir()
    story.git("mv", "flags", "config/flags")
    (story.root / "flags").symlink_to("config/flags")
    story.commit("2026-01-03", "Move", {}, EVE)
    story.commit("2026-01-04", "2%", {"config/flags/new-checkout.yaml": definition(2)}, BOB)
    assert told(past(story)) == ["2026-01-02 Ann added 0", f"2026-01-03 Eve from {FLAG}", "2026-01-04 Bob 0 -> 2"]


def test_project_below_the_root_of_the_repository(story: Story) -> None:
    story.commit("2026-01-02", "Add", {"shop/flagctl.toml": "", f"shop/{FLAG}": definition(2), FLAG: definition(50)})
    below = Story.__new__(Story)
    below.root = story.root / "shop"
    assert [change.path for change in past(below).changes] == [FLAG]
    assert told(past(below)) == ["2026-01-02 Ann added 2"]


def test_strange_people_days_and_paths(story: Story) -> None:
    """None of it is taken for anything else."""
    name = "flags/a\nb \x1b[31m.yaml"
    story.write({name: definition(2)})
    story.git("add", "--all")
    message = "\x1b[31mred\n\nFlag-Reason: \x1b]0;title\x07\nFlag-Reason:\nApproved-by: <>\nReviewed-by: just a name"
    tree, parent = story.git("write-tree"), story.head
    person = "\x1b[31mEve <eve@example.com> 99999999999999 +0000"
    raw = f"tree {tree}\nparent {parent}\nauthor {person}\ncommitter {person}\n\n{message}"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=story.root, input=raw.encode(), capture_output=True, check=True,
    ).stdout.decode().strip()  # fmt: skip
    story.git("update-ref", "refs/heads/main", made)
    [change] = past(story).changes
    assert (change.path, change.commit.author.email) == (name, "eve@example.com")
    assert (change.commit.reason, [str(each) for each in change.commit.reviewers]) == (
        "\x1b]0;title\x07",
        ["just a name"],
    )


def test_whatever_git_is_told_elsewhere(story: Story, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the repository's configuration, and by an environment that speaks of another repository."""
    made = Story(tmp_path / "other")
    made.commit("2026-01-02", "Add it", {FLAG: definition(0)}, ANN)
    made.git("checkout", "-q", "-b", "work")
    made.commit("2026-01-03", "2%", {FLAG: definition(2)}, BOB)
    made.git("checkout", "-q", "main")
    made.commit("2026-01-04", "Other", {"x.py": "x = 1\n"}, ANN)
    made.merge("2026-01-05", "work", "Merge", EVE)
    expected = ["2026-01-02 Ann added 0", "2026-01-03 Bob 0 -> 2"]
    assert told(past(made)) == expected
    for value in ("off", "combined", "dense-combined", "remerge", "first-parent"):
        made.git("config", "log.diffMerges", value)
        assert told(past(made)) == expected, value
    made.git("config", "log.showRoot", "false")
    for name, value in (
        ("GIT_LITERAL_PATHSPECS", "1"),
        ("GIT_NOGLOB_PATHSPECS", "1"),
        ("GIT_DIR", str(tmp_path / "no")),
        ("GIT_DIR", str(story.root / ".git")),
    ):
        with monkeypatch.context() as patched:
            patched.setenv(name, value)
            assert told(past(made)) == expected, name


def test_remembered_is_the_same_as_read(story: Story, tmp_path: Path) -> None:
    cache = tmp_path / "cache.sqlite"
    for day, percent in enumerate((0, 2, 10), 2):
        story.commit(f"2026-01-0{day}", f"{percent}%", {FLAG: definition(percent)}, BOB)
        first, again = past(story, cache), past(story, cache)
        assert first == again == past(story)
    story.git("reset", "-q", "--hard", "HEAD~2")
    assert told(past(story, cache)) == ["2026-01-02 Bob added 0"]


CONTENTS = ("", definition(0), definition(10), definition(50, owner="ann"), definition(2, key="other"), "{")


@st.composite
def repositories(draw: st.DrawFn) -> tuple[list[str], list[dict[str, str]]]:
    """A script for `git fast-import`, and the files of every commit; each may be a merge that does as it likes."""
    script, trees = [], list[dict[str, str]]()
    for number in range(1, draw(st.integers(2, 9)) + 1):
        parents = (
            draw(st.lists(st.integers(max(1, number - 3), number - 1), min_size=1, max_size=2, unique=True))
            if number > 1
            else []
        )
        files = dict(trees[parents[0] - 1]) if parents else {}
        lines = []
        for name in draw(st.lists(st.sampled_from(["flags/a.yaml", "flags/b.yaml"]), max_size=2, unique=True)):
            content = draw(st.sampled_from(CONTENTS))
            files[name] = content
            lines.append(f"M 644 inline {name}\ndata {len(content)}\n{content}\n")
        when = f"{1_700_000_000 + number * 90_000} +0000"
        head = f"commit refs/heads/main\nmark :{number}\ncommitter A <a@example.com> {when}\ndata 1\nx\n"
        joined = "".join(f"{word} :{each}\n" for word, each in zip(("from", "merge"), parents, strict=False))
        script.append("".join([head, joined, *lines]))
        trees.append(files)
    return script, trees


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(made=repositories())
def test_replayed_it_gives_the_definitions(
    made: tuple[list[str], list[dict[str, str]]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Whatever merges do; and it is the same when part of it was known."""
    script, trees = made
    story = Story(tmp_path_factory.mktemp("any") / "shop")
    cache = story.root.parent / "cache.sqlite"
    subprocess.run(["git", "fast-import", "--quiet"], cwd=story.root, input="".join(script).encode(), check=True)
    middle = story.git("rev-list", "--first-parent", "main").splitlines()
    past(story, cache, middle[len(middle) // 2])
    history = past(story)
    assert replace(past(story, cache), flags={}) == replace(history, flags={})
    states = [past_definitions(text.encode()) for text in trees[-1].values()]
    expected = {key: dict(state) for each in states if each is not None for key, state in each.items()}
    unreadable = any(each is None for each in states)
    left = {
        key: dict(each.latest) for key, each in history.flags.items() if each.changes[-1].kind is not ChangeKind.REMOVED
    }
    twice = len({key for each in states if each for key in each}) < sum(len(each or {}) for each in states)
    if not unreadable and not twice:
        assert {key: left.get(key) for key in expected} == expected
