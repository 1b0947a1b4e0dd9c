"""Which files are read, and what becomes of those that cannot be."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from scan_cases import rows, scan_files, scan_folder, write_files

from flagctl.config import Config
from flagctl.model import Unread
from flagctl.scan.discover import discover
from flagctl.scan.source import MAX_PYTHON_BYTES

SOURCE = 'helper("new-checkout")\n'


def git(root: Path, *arguments: str) -> None:
    command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
    subprocess.run(command, cwd=root, check=True, capture_output=True)


def project(root: Path, *files: str) -> Path:
    for file in files:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_text(SOURCE, encoding="utf-8")
    return root


def found(root: Path, **settings: tuple[str, ...]) -> list[str]:
    config = Config(root, **settings)  # type: ignore[arg-type]  # each is a tuple of strings
    return [source.path for source in discover(config)]


# --- outside git ------------------------------------------------------------------------------------------------------


def test_outside_git_every_file_is_a_source(tmp_path: Path) -> None:
    project(tmp_path, "b.py", "a/c.html", "a/.hidden", ".github/workflows/ci.yml")
    assert found(tmp_path) == [".github/workflows/ci.yml", "a/.hidden", "a/c.html", "b.py"]


@pytest.mark.parametrize("folder", [".git", ".venv", "venv", "node_modules", "__pycache__", ".tox", ".mypy_cache"])
def test_outside_git_what_belongs_to_tools_is_none(tmp_path: Path, folder: str) -> None:
    project(tmp_path, f"{folder}/a.py", f"deep/{folder}/b.py", f"my{folder}/c.py")
    assert found(tmp_path) == [f"my{folder}/c.py"]


def test_an_empty_folder_has_none(tmp_path: Path) -> None:
    assert found(tmp_path) == []


@pytest.mark.parametrize(
    ("sources", "listed"),
    [
        ((".",), ["a.py", "lib/c.py", "src/b.py", "src2/d.py"]),
        (("",), ["a.py", "lib/c.py", "src/b.py", "src2/d.py"]),
        (("./",), ["a.py", "lib/c.py", "src/b.py", "src2/d.py"]),
        (("src",), ["src/b.py"]),
        (("src/",), ["src/b.py"]),
        (("./src",), ["src/b.py"]),
        (("src", "lib"), ["lib/c.py", "src/b.py"]),
        (("a.py",), ["a.py"]),
        (("sr",), []),
        (("nowhere",), []),
        ((), []),
    ],
)
def test_sources(tmp_path: Path, sources: tuple[str, ...], listed: list[str]) -> None:
    project(tmp_path, "a.py", "src/b.py", "lib/c.py", "src2/d.py")
    assert found(tmp_path, sources=sources) == listed


@pytest.mark.parametrize(
    ("exclude", "listed"),
    [
        ((), ["a.py", "src/a.min.js", "src/vendor/b.py", "vendor/c.py", "vendored.py"]),
        (("vendor",), ["a.py", "src/a.min.js", "vendored.py"]),
        (("/vendor",), ["a.py", "src/a.min.js", "src/vendor/b.py", "vendored.py"]),
        (("vendor/",), ["a.py", "src/a.min.js", "vendored.py"]),
        (("*.min.js",), ["a.py", "src/vendor/b.py", "vendor/c.py", "vendored.py"]),
        (("src/**",), ["a.py", "vendor/c.py", "vendored.py"]),
        (("*", "!a.py"), ["a.py"]),
        (("vendor", "# a.py", ""), ["a.py", "src/a.min.js", "vendored.py"]),
    ],
)
def test_exclude(tmp_path: Path, exclude: tuple[str, ...], listed: list[str]) -> None:
    project(tmp_path, "a.py", "src/vendor/b.py", "vendor/c.py", "vendored.py", "src/a.min.js")
    assert found(tmp_path, exclude=exclude) == listed


def test_what_is_left_out_is_no_source(tmp_path: Path) -> None:
    scanned = scan_files(tmp_path, {"app.py": SOURCE, "flagctl.toml.md": "new-checkout"}, "# new-checkout")
    assert [row[0] for row in rows(scanned)] == ["app.py:1:8", "flagctl.toml.md:1:1"]
    assert scanned.searched == 2


# --- in git -----------------------------------------------------------------------------------------------------------


def test_in_git_what_is_tracked_or_not_ignored_is_a_source(tmp_path: Path) -> None:
    project(tmp_path, "tracked.py", "untracked.py", "ignored.py", "kept.log", "out/x.py", "node_modules/a.js")
    (tmp_path / ".gitignore").write_text("ignored.py\n*.log\nout/\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-f", "tracked.py", "kept.log", ".gitignore")
    assert found(tmp_path) == [".gitignore", "kept.log", "node_modules/a.js", "tracked.py", "untracked.py"]
    git(tmp_path, "commit", "-qm", "one")
    assert found(tmp_path) == [".gitignore", "kept.log", "node_modules/a.js", "tracked.py", "untracked.py"]


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert found(tmp_path) == []
    assert found(project(tmp_path, "a.py")) == ["a.py"]


def test_a_file_that_is_deleted_but_still_in_the_index(tmp_path: Path) -> None:
    project(tmp_path, "a.py", "b.py")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    (tmp_path / "a.py").unlink()
    assert found(tmp_path) == ["b.py"]


def test_a_part_of_a_repository(tmp_path: Path) -> None:
    project(tmp_path, "a.py", "part/b.py", "part/deep/c.py", "part/ignored.py")
    (tmp_path / ".gitignore").write_text("ignored.py\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    assert found(tmp_path / "part") == ["b.py", "deep/c.py"]


def test_a_file_in_conflict_is_read_once(tmp_path: Path) -> None:
    project(tmp_path, "a.py")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "one")
    git(tmp_path, "checkout", "-qb", "other")
    (tmp_path / "a.py").write_text("other\n", encoding="utf-8")
    git(tmp_path, "commit", "-qam", "two")
    git(tmp_path, "checkout", "-q", "main")
    (tmp_path / "a.py").write_text("mine\n", encoding="utf-8")
    git(tmp_path, "commit", "-qam", "three")
    with pytest.raises(subprocess.CalledProcessError):
        git(tmp_path, "merge", "-q", "other")
    assert found(tmp_path) == ["a.py"]


def test_a_submodule_is_another_project(tmp_path: Path) -> None:
    project(tmp_path, "inner/b.py")
    git(tmp_path / "inner", "init", "-q")
    git(tmp_path / "inner", "add", ".")
    git(tmp_path / "inner", "commit", "-qm", "one")
    git(project(tmp_path, "a.py"), "init", "-q")
    git(tmp_path, "add", ".")
    assert found(tmp_path) == ["a.py"]


def test_a_hostile_configuration_does_not_run(tmp_path: Path) -> None:
    marker, script = tmp_path / "ran", tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch '{marker}'\n", encoding="utf-8")
    script.chmod(0o755)
    project(tmp_path, "repo/a.py")
    git(tmp_path / "repo", "init", "-q")
    git(tmp_path / "repo", "config", "core.fsmonitor", str(script))
    git(tmp_path / "repo", "config", "alias.ls-files", f"!{script}")
    git(tmp_path / "repo", "config", "core.pager", str(script))
    assert found(tmp_path / "repo") == ["a.py"]
    assert not marker.exists()
    subprocess.run(["git", "ls-files", "--others"], cwd=tmp_path / "repo", check=True, capture_output=True)
    assert marker.exists()  # it would have: the trap works


@pytest.mark.parametrize("setting", ["core.repositoryformatversion=99", "core.bare=nonsense"])
def test_a_broken_repository_is_read_like_any_folder(tmp_path: Path, setting: str) -> None:
    git(project(tmp_path, "a.py"), "init", "-q")
    git(tmp_path, "config", *setting.split("="))
    assert found(tmp_path) == ["a.py"]


@pytest.mark.parametrize("in_git", [True, False])
@pytest.mark.parametrize(
    "name", ["with space.py", "new\nline.py", "tab\t.py", "ünïcödé.py", "漢字/é.py", '"quoted".py', "-x.py", "a\\b.py"]
)
def test_unusual_names(tmp_path: Path, name: str, in_git: bool) -> None:
    project(tmp_path, name)
    if in_git:
        git(tmp_path, "init", "-q")
    assert found(tmp_path) == [name]
    assert [each.location.path for each in scan_folder(tmp_path).references] == [name]


@pytest.mark.parametrize("in_git", [True, False])
def test_a_name_that_is_not_utf8(tmp_path: Path, in_git: bool) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        project(tmp_path, name)
    except OSError:
        pytest.skip("this file system has no such names")
    if in_git:
        git(tmp_path, "init", "-q")
    assert [each.location.path for each in scan_folder(tmp_path).references] == [name]


# --- links ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_git", [True, False])
def test_links_are_not_followed(tmp_path: Path, in_git: bool) -> None:
    project(tmp_path, "outside/secret.py", "repo/a.py", "repo/real/b.py")
    root = tmp_path / "repo"
    (root / "link.py").symlink_to("a.py")
    (root / "out.py").symlink_to(tmp_path / "outside/secret.py")
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "again").symlink_to("real")
    (root / "real/loop").symlink_to("..")
    (root / "self.py").symlink_to("self.py")
    (root / "broken.py").symlink_to("nowhere.py")
    if in_git:
        git(root, "init", "-q")
        git(root, "add", ".")
    assert found(root) == ["a.py", "real/b.py"]


def test_pipes_are_not_read(tmp_path: Path) -> None:
    os.mkfifo(project(tmp_path, "a.py") / "pipe.py")
    assert found(tmp_path) == ["a.py"]


# --- files that are not what they seem --------------------------------------------------------------------------------

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "not Python": (b"x = 1\ny = = 'new-checkout'\n", "line 2: is not valid Python"),
    "Python 2": (b"# a comment\nprint 'new-checkout'\n", "line 2: is not valid Python"),
    "binary": (b"\x7fELF\0\0'new-checkout'\0", "is binary"),
    "UTF-16": ("'new-checkout'".encode("utf-16") + b" new-checkout", "is binary"),
    "latin-1 without a coding line": (b"x = 1\ny = '\xe9', 'new-checkout'\n", "line 2: is not UTF-8"),
    "not what its coding line says": (b"# coding: ascii\nx = '\xe9', 'new-checkout'\n", "line 2: is not ASCII"),
    "unknown coding": (b"# coding: klingon\nx = 'new-checkout'\n", "declares an unknown encoding, klingon"),
    "no text coding": (b"# coding: hex\nx = 'new-checkout'\n", "declares an unknown encoding, hex"),
    "coding that always fails": (b"# coding: undefined\nx = 'new-checkout'\n", "is not UNDEFINED"),
    "nested too deeply": (b"x = " + b"[" * 400 + b"'new-checkout'" + b"]" * 400, "is nested too deeply"),
    "a very long chain": (b"x = " + b" + ".join([b"a"] * 1000) + b" + 'new-checkout'", "is nested too deeply"),
    "many elifs": (b"if a: ...\n" + b"elif b: ...\n" * 1000 + b"else: 'new-checkout'", "is nested too deeply"),
}


@pytest.mark.parametrize(("content", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_python_that_cannot_be_read_is_reported_and_searched_as_text(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    files: Mapping[str, str | bytes] = {"app.py": content, "other.py": SOURCE}
    scanned = scan_files(tmp_path, files)
    assert scanned.unread == (Unread("app.py", reason),)
    assert (scanned.searched, scanned.parsed) == (2, 1)
    assert {(each.location.path, each.kind, each.flag) for each in scanned.references} == {
        ("app.py", "text", "new-checkout"),
        ("other.py", "literal", "new-checkout"),
    }


@pytest.mark.xfail(reason="LibCST reports what the tokenizer refuses at line 1")
def test_the_line_of_a_wrong_indentation(tmp_path: Path) -> None:
    scanned = scan_files(tmp_path, {"app.py": b"if a:\n    x = 'new-checkout'\n  y = 1\n"})
    assert scanned.unread == (Unread("app.py", "line 3: is not valid Python"),)


@pytest.mark.parametrize(
    "content",
    [b"", b"\n", b"# new-checkout", b"\xef\xbb\xbf", b"\f", b"'new-checkout'", b"x = 1\\\n", b"\r\n", b"    \n"],
)
def test_odd_but_readable_python(tmp_path: Path, content: bytes) -> None:
    assert scan_files(tmp_path, {"app.py": content}).unread == ()


@pytest.mark.parametrize("content", [b"new-checkout\0", b"\0new-checkout", b"\x89PNG\r\n\x1a\n\0\0 new-checkout"])
def test_binary_files_hold_nothing(tmp_path: Path, content: bytes) -> None:
    scanned = scan_files(tmp_path, {"a.bin": content, "a.md": content, "a": content})
    assert (scanned.references, scanned.unread, scanned.searched) == ((), (), 3)


def test_text_that_is_not_utf8_is_searched(tmp_path: Path) -> None:
    assert rows(scan_files(tmp_path, {"a.md": b"caf\xe9 new-checkout"})) == [("a.md:1:6", "text", "new-checkout")]


def test_python_over_the_limit_is_reported_and_searched_as_text(tmp_path: Path) -> None:
    code = b"import waffle\nwaffle.switch_is_active('new-checkout')\n#"
    padding = b"x" * (MAX_PYTHON_BYTES - len(code))
    files = {"large.py": code + padding + b"x", "small.py": code + padding}
    scanned = scan_files(tmp_path, files)
    assert scanned.unread == (Unread("large.py", "is over 2 MB; searched as text"),)
    assert [(row[0].split(":")[0], row[1]) for row in rows(scanned)] == [
        ("large.py", "text"),
        ("small.py", "evaluation"),
    ]


def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    project(tmp_path, "a.py", "b.py")
    (tmp_path / "a.py").chmod(0)
    if os.access(tmp_path / "a.py", os.R_OK):
        pytest.skip("this user may read everything")
    scanned = scan_folder(tmp_path)
    assert scanned.unread == (Unread("a.py", "cannot be read: Permission denied"),)
    assert [row[0] for row in rows(scanned)] == ["b.py:1:8"]


def test_progress_counts_up_to_the_end(tmp_path: Path) -> None:
    from flagctl.cache import Cache
    from flagctl.config import find_config
    from flagctl.scan import scan

    write_files(tmp_path, {f"{name}.py": SOURCE for name in "abc"})
    seen: list[tuple[int, int]] = []
    config, flags = find_config(tmp_path), {"new-checkout": "new-checkout"}
    scan(config, flags, (), lambda done, total: seen.append((done, total)), Cache(None))
    steps = [done for done, _ in seen]
    assert steps == sorted(steps)
    assert all(done <= total for done, total in seen)


@pytest.mark.parametrize("suffix", [".py", ".pyi", ".pyw"])
def test_what_is_python_by_its_name(tmp_path: Path, suffix: str) -> None:
    assert [row[1] for row in rows(scan_files(tmp_path, {f"a{suffix}": SOURCE}))] == ["literal"]


@pytest.mark.parametrize(
    ("first", "flag", "kind"),
    [
        ("#!/usr/bin/env python3", "python-scripts", "literal"),
        ("#!/usr/bin/env python3", "", "text"),
        ("#!/bin/sh", "python-scripts", "text"),
        ("# python", "python-scripts", "text"),
    ],
)
def test_scripts_are_python_where_that_is_switched_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str, flag: str, kind: str
) -> None:
    monkeypatch.setenv("FLAGCTL_EXPERIMENTAL", flag)
    assert [row[1] for row in rows(scan_files(tmp_path, {"bin/run": f"{first}\n{SOURCE}"}))] == [kind]


def test_python_that_is_no_text_is_reported_even_if_it_names_no_flag(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"b.py": b"x = 1\0", "a.py": b"x = '\xe9'\n", "c.py": "x = 1\n"}
    found = scan_files(tmp_path, files)
    assert [(each.path, each.reason) for each in found.unread] == [
        ("a.py", "line 1: is not UTF-8"),
        ("b.py", "is binary"),
    ]
    assert found.references == ()
