"""Patches that git applies, and files that are written all or none."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flagctl.model import InputError
from flagctl.removal import patch

CHANGES: dict[str, patch.Changes] = {
    "a line": {"a.py": (b"a\nb\nc\n", b"a\nc\n")},
    "no newline at the end": {"a.py": (b"a\nb", b"a")},
    "a newline at the end that comes": {"a.py": (b"a", b"a\n")},
    "carriage returns": {"a.py": (b"a\r\nb\r\n", b"a\r\n")},
    "a form feed and other separators": {"a.py": (b"a\x0cb\x0bc\xe2\x80\xa8d\ne\n", b"a\x0cb\x0bc\xe2\x80\xa8d\n")},
    "a byte order mark": {"a.py": (b"\xef\xbb\xbfa\nb\n", b"\xef\xbb\xbfa\n")},
    "latin-1": {"a.py": (b"# coding: latin-1\n\xe9\nb\n", b"# coding: latin-1\n\xe9\n")},
    "a file that goes": {"a.py": (b"a\n", None)},
    "a file that comes": {"archive/a.yaml": (None, b"key: a\n")},
    "a file that empties": {"a.py": (b"a\n", b"")},
    "a name with spaces and quotes": {'a "b"\\.py': (b"a\n", b"b\n")},
    "a name beyond ASCII": {"ä\t😀.py": (b"a\n", b"b\n")},
    "several": {"a.py": (b"a\n", b"b\n"), "b.py": (b"a\n", None), "c/d.py": (None, b"x")},
}


def repository(root: Path, changes: patch.Changes) -> Path:
    for path, (before, _) in changes.items():
        if before is not None:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(before)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def contents(root: Path, changes: patch.Changes) -> dict[str, bytes | None]:
    return {path: (root / path).read_bytes() if (root / path).exists() else None for path in changes}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
def test_git_applies_it(tmp_path: Path, changes: patch.Changes) -> None:
    root = repository(tmp_path, changes)
    applied = subprocess.run(["git", "apply", "-"], cwd=root, input=patch.unified_diff(changes), capture_output=True)
    assert applied.stderr == b""
    assert contents(root, changes) == {path: after for path, (_, after) in changes.items()}


lines = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"\r\n", b"c\r", b" d\t\n", b"\x0c\n", b"e"]), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(lines.map(b"".join), lines.map(b"".join))
def test_git_applies_any(tmp_path_factory: pytest.TempPathFactory, before: bytes, after: bytes) -> None:
    if before == after:
        return
    changes: patch.Changes = {"a.py": (before, after)}
    root = repository(tmp_path_factory.mktemp("any"), changes)
    subprocess.run(["git", "apply", "-"], cwd=root, input=patch.unified_diff(changes), check=True)
    assert contents(root, changes) == {"a.py": after}


def test_all_are_written(tmp_path: Path) -> None:
    changes = CHANGES["several"]
    root = repository(tmp_path, changes)
    (root / "a.py").chmod(0o755)
    patch.write(root, changes)
    assert contents(root, changes) == {path: after for path, (_, after) in changes.items()}
    assert (root / "a.py").stat().st_mode & 0o777 == 0o755
    assert sorted(each.name for each in root.iterdir()) == [".git", "a.py", "c"]


def test_or_none(tmp_path: Path) -> None:
    changes: patch.Changes = {"a.py": (b"a\n", b"b\n"), "folder": (None, b"x\n")}
    root = repository(tmp_path, changes)
    (root / "folder").mkdir()
    with pytest.raises(InputError, match="nothing was written"):
        patch.write(root, changes)
    assert (root / "a.py").read_bytes() == b"a\n"
    assert sorted(each.name for each in root.iterdir()) == [".git", "a.py", "folder"]


WRITER = """
import sys
from pathlib import Path
from flagctl.removal.patch import write
names = [f"{number}.py" for number in range(60)]
print("begins", flush=True)
write(Path(), {name: (b"old", b"new") for name in names} | {"gone.py": (b"old", None), "archive/come.yaml": (None, b"new")})
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("patience", [0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2])
def test_a_writer_that_is_killed(tmp_path: Path, patience: float) -> None:
    """Whenever that is: all is old, or all is new."""
    for name in [*(f"{number}.py" for number in range(60)), "gone.py"]:
        (tmp_path / name).write_bytes(b"old")
    (tmp_path / ".git").mkdir()
    with subprocess.Popen([sys.executable, "-c", WRITER], cwd=tmp_path, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(patience)
        writer.kill()
        writer.stdout.read()  # ends when the last process that has it does
    found = {
        each.name: each.read_bytes() for each in tmp_path.rglob("*") if each.is_file() and ".git" not in each.parts
    }
    names = {f"{number}.py" for number in range(60)}
    assert found in (
        dict.fromkeys(names | {"gone.py"}, b"old"),
        dict.fromkeys(names | {"come.yaml"}, b"new"),
    )
