"""What a file is: Python or not, text or not, and in which encoding."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePosixPath

from flagctl.experimental import is_enabled

MAX_PYTHON_BYTES = 2_000_000
"""A larger Python file is somebody's data; it is searched as text."""

_HEAD = 8192
"""A NUL in so many first bytes makes a file binary."""

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


class Unparsable(Exception):  # noqa: N818 - a verdict on a file, not a failure of ours
    """A Python file that cannot be read as one; the message says why."""


def is_python(path: str, data: bytes) -> bool:
    """Whether a file is Python, by its name or, without a suffix, by its first line."""
    suffix = PurePosixPath(path).suffix
    if suffix in (".py", ".pyi", ".pyw"):
        return True
    if suffix or not is_enabled("python-scripts"):
        return False
    return data.startswith(b"#!") and b"python" in data[:_HEAD].split(b"\n", 1)[0]


def is_binary(data: bytes) -> bool:
    """Whether bytes are no text, as git judges it."""
    return b"\0" in data[:_HEAD]


def why_not_parsed(data: bytes) -> str | None:
    """What keeps a Python file from being parsed, as far as that can be told without trying."""
    if len(data) > MAX_PYTHON_BYTES:
        return f"is over {MAX_PYTHON_BYTES // 1_000_000} MB; searched as text"
    try:
        decode(data)
    except Unparsable as error:
        return str(error)
    return None


def decode(source: bytes) -> str:
    """A Python file's text, by its byte order mark or coding line (PEP 263), UTF-8 without either.

    Raises:
        Unparsable: the bytes are not text in that encoding.
    """
    if b"\0" in source:
        raise Unparsable("is binary")
    encoding = "utf-8"
    if source.startswith(codecs.BOM_UTF8):
        source = source[len(codecs.BOM_UTF8) :]
    else:
        for first_line in source.split(b"\n", 2)[:2]:
            if match := _CODING.match(first_line):
                encoding = match[1].decode("ascii")
                break
    try:
        return source.decode(encoding)
    except LookupError:
        raise Unparsable(f"declares an unknown encoding, {encoding}") from None
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise Unparsable(f"line {line}: is not {encoding.upper()}") from None
    except UnicodeError:
        raise Unparsable(f"is not {encoding.upper()}") from None
