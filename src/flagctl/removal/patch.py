"""Changed files as a unified diff that git applies, and as files that are written all or none."""

from __future__ import annotations

import difflib
import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from flagctl.model import InputError

Changes = Mapping[str, tuple[bytes | None, bytes | None]]
"""By path, a file's content before and after; `None` where there is none."""


def with_originals(root: Path, contents: Mapping[str, bytes | None]) -> Changes:
    """New contents of files, with those that they replace."""
    return {
        path: ((root / path).read_bytes() if (root / path).exists() else None, new) for path, new in contents.items()
    }


def unified_diff(changes: Changes) -> bytes:
    """The changes as `git diff` writes them."""
    return b"".join(_diff(path, before, after) for path, (before, after) in sorted(changes.items()))


def _diff(path: str, before: bytes | None, after: bytes | None) -> bytes:
    old, new = _quoted(f"a/{path}"), _quoted(f"b/{path}")
    head = [b"diff --git %s %s\n" % (old, new)]
    if before is None:
        head += [b"new file mode 100644\n"]
    if after is None:
        head += [b"deleted file mode 100644\n"]
    lines = difflib.diff_bytes(
        difflib.unified_diff,
        _lines(before or b""),
        _lines(after or b""),
        old if before is not None else b"/dev/null",
        new if after is not None else b"/dev/null",
    )
    body = [line if line.endswith(b"\n") else line + b"\n\\ No newline at end of file\n" for line in lines]
    return b"".join([*head, *body])


def _lines(data: bytes) -> list[bytes]:
    """The lines as git sees them: only a line feed ends one."""
    *lines, last = data.split(b"\n")
    return [*(line + b"\n" for line in lines), *([last] if last else [])]


def _quoted(path: str) -> bytes:
    """A path as git writes it."""
    raw = os.fsencode(path)
    if all(0x20 <= byte < 0x7F and byte not in b'"\\' for byte in raw):
        return raw
    escapes = {0x07: b"\\a", 0x08: b"\\b", 0x09: b"\\t", 0x0A: b"\\n", 0x0B: b"\\v", 0x0C: b"\\f", 0x0D: b"\\r"}
    escapes |= {0x22: b'\\"', 0x5C: b"\\\\"}
    shown = (escapes.get(byte) or (bytes([byte]) if 0x20 <= byte < 0x7F else b"\\%03o" % byte) for byte in raw)
    return b'"' + b"".join(shown) + b'"'


def write(root: Path, changes: Changes) -> None:
    """Writes all files, or none.

    Every new content is on the disk before the first file is replaced; what was replaced is put back if another
    cannot be. Where there is `fork`, a process of its own replaces the files, which goes on if this one is killed.

    Raises:
        InputError: a file cannot be written; everything is as it was.
    """
    own = root / ".git"
    try:
        with tempfile.TemporaryDirectory(prefix="flagctl-", dir=own if own.is_dir() else root) as folder:
            ready = {
                path: _prepared(Path(folder, str(number)), root / path, after)
                for number, (path, (_, after)) in enumerate(changes.items())
                if after is not None
            }
            _detached(lambda: _replace(root, changes, ready))
    except OSError as error:
        raise InputError(f"{root}: nothing was written: {error}") from None


def _prepared(temporary: Path, target: Path, data: bytes) -> Path:
    """A file with the new content, ready to take another's place."""
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
    return temporary


def _replace(root: Path, changes: Changes, ready: Mapping[str, Path]) -> None:
    done: list[str] = []
    try:
        for path, temporary in ready.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            temporary.replace(root / path)
            done.append(path)
        for path in changes.keys() - ready.keys():
            (root / path).unlink()
            done.append(path)
    except OSError:
        _put_back(root, {path: changes[path][0] for path in done})
        raise


def _put_back(root: Path, originals: Mapping[str, bytes | None]) -> None:
    for path, data in originals.items():
        if data is None:
            (root / path).unlink()
        else:
            (root / path).write_bytes(data)


def _detached(action: Callable[[], None]) -> None:
    """Does something to the end, even if this process is killed meanwhile.

    Raises:
        OSError: the action raised one.
    """
    if not hasattr(os, "fork"):
        action()
        return
    ours, theirs = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setsid()  # so that what ends the terminal or its process group does not end this one
            action()
        except Exception as error:
            os.write(theirs, str(error).encode())
        finally:
            os._exit(0)
    os.close(theirs)
    with open(ours, "rb") as told:  # noqa: PTH123 - a file descriptor
        problem = told.read().decode()
    os.waitpid(child, 0)
    if problem:
        raise OSError(problem)
