"""What git's index is believed to say of a file that is not read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cached import PAGE, Cached, flags_of

from flagctl.config import Config
from flagctl.scan.discover import discover

OTHER = PAGE.replace("new-checkout", "old-checkout")


def in_git(folder: Path, files: dict[str, str | bytes]) -> Cached:
    project = Cached(folder, files)
    project.git("init", "-q")
    project.git("add", ".")
    return project


def age_index(project: Cached) -> None:
    """Makes the index newer than every file, as it is once a moment has passed."""
    newest = max(path.stat().st_mtime_ns for path in project.root.rglob("*"))
    os.utime(project.root / ".git/index", ns=(newest + 10**9, newest + 10**9))


def known(project: Cached) -> list[str]:
    return [each.path for each in discover(Config(project.root)) if each.content and each.path.endswith(".py")]


def test_what_has_not_changed_is_known(tmp_path: Path) -> None:
    project = in_git(tmp_path, {"a.py": PAGE, "b.py": PAGE})
    age_index(project)
    (project.root / "c.py").write_text(PAGE)
    assert known(project) == ["a.py", "b.py"]
    (project.root / "a.py").write_text(OTHER)
    assert known(project) == ["b.py"]
    (project.root / "b.py").touch()
    assert known(project) == []


def test_a_time_that_was_set_back_is_not_believed(tmp_path: Path) -> None:
    project = in_git(tmp_path, {"a.py": PAGE})
    age_index(project)
    project.scan()
    status = (project.root / "a.py").stat()
    (project.root / "a.py").write_text(OTHER)
    os.utime(project.root / "a.py", ns=(status.st_atime_ns, status.st_mtime_ns))
    assert known(project) == []
    assert flags_of(project.scan()) == [("a.py", "old-checkout")]


def test_a_file_that_is_as_new_as_the_index_is_not_believed(tmp_path: Path) -> None:
    """It may have changed after git looked, in the same tick of the clock."""
    project = in_git(tmp_path, {"a.py": PAGE})
    mtime = (project.root / "a.py").stat().st_mtime_ns
    os.utime(project.root / ".git/index", ns=(mtime, mtime))
    assert known(project) == []


def test_edits_right_after_git_looked(tmp_path: Path) -> None:
    project = in_git(tmp_path, {"a.py": PAGE})
    for content, flag in [(OTHER, "old-checkout"), (PAGE, "new-checkout")] * 3:
        project.git("add", ".")
        project.scan()
        (project.root / "a.py").write_text(content)
        assert flags_of(project.scan()) == [("a.py", flag)]


def test_touch_without_a_change(tmp_path: Path) -> None:
    project = in_git(tmp_path, {"a.py": PAGE})
    first = project.scan()
    (project.root / "a.py").touch()
    assert project.scan() == first


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_was_told_to_overlook_is_looked_at(tmp_path: Path, option: str) -> None:
    project = in_git(tmp_path, {"a.py": PAGE})
    project.scan()
    project.git("update-index", option, "a.py")
    age_index(project)
    (project.root / "a.py").write_text(OTHER)
    assert flags_of(project.scan()) == [("a.py", "old-checkout")]


def test_line_ends_that_git_changes(tmp_path: Path) -> None:
    project = Cached(tmp_path, {"a.py": PAGE.replace("\n", "\r\n"), ".gitattributes": "*.py text eol=crlf\n"})
    project.git("init", "-q")
    project.git("add", ".")
    age_index(project)
    first = project.scan()
    assert known(project) == ["a.py"]
    assert project.scan() == first
    (project.root / "a.py").write_text(PAGE)
    assert project.scan().references == first.references


def test_files_that_a_filter_changes_are_read_and_the_filter_is_not_run(tmp_path: Path) -> None:
    """Of two files of one size that a filter makes the same blob, each is read as it is in the work tree."""
    project = Cached(tmp_path, {"a.py": PAGE, ".gitattributes": "*.py filter=blank\n"})
    project.git("init", "-q")
    project.git("config", "filter.blank.clean", f"touch '{tmp_path}/ran'; sed s/...-checkout/xxx-checkout/")
    project.git("add", ".")
    assert (tmp_path / "ran").exists()
    (tmp_path / "ran").unlink()
    age_index(project)
    assert flags_of(project.scan()) == [("a.py", "new-checkout")]
    assert not (tmp_path / "ran").exists()
    (project.root / "a.py").write_text(OTHER)
    project.git("rm", "-q", "--cached", "a.py")
    project.git("add", ".")
    (tmp_path / "ran").unlink()
    age_index(project)
    assert flags_of(project.scan()) == [("a.py", "old-checkout")]
    assert not (tmp_path / "ran").exists()


def test_sha256_repositories(tmp_path: Path) -> None:
    project = Cached(tmp_path, {"a.py": PAGE})
    project.git("init", "-q", "--object-format=sha256")
    project.git("add", ".")
    age_index(project)
    assert known(project) == ["a.py"]
    first = project.scan()
    assert project.scan() == first


# --- other odd sources ------------------------------------------------------------------------------------------------


def test_fifty_megabytes(tmp_path: Path) -> None:
    line = b"x = 'some line of data that somebody keeps in a file'\n"
    large = line * (50_000_000 // len(line)) + b"new-checkout\n"
    project = Cached(tmp_path, {"large.py": large, "large.csv": large})
    found = project.with_cache()
    assert [(each.path, each.reason) for each in found.unread] == [("large.py", "is over 2 MB; searched as text")]
    assert [(each.location.path, each.kind) for each in found.references] == [
        ("large.csv", "text"),
        ("large.py", "text"),
    ]
    assert project.with_cache() == found


def test_a_key_of_two_letters(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "a.py": "request.feature('on', False)\non = 'only'  # on and on\nx = 'on'\ny = {'cannot': on, 'on-call': 1}\n",
        "a.md": "on and on, `on`, once\n",
    }
    found = Cached(tmp_path, files).scan(["on"])
    assert [(each.location.path, each.location.line, each.role) for each in found.references] == [
        ("a.md", 1, "mention"),
        ("a.py", 1, "evaluation"),
        ("a.py", 3, "mention"),
    ]
