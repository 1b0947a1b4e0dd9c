"""A module that is read by parts holds what it holds when it is read whole.

A file that the running interpreter does not take is read whole, by LibCST alone: a last line in the syntax of a newer
Python makes it so.
"""

# ruff: noqa: E501 - a case is a line

from __future__ import annotations

import ast
import textwrap
from pathlib import Path

import pytest
from cached import CONFIG
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from scan_cases import rows, scan_files

from flagctl.scan import Scan

NEWER = ["type Alias = int", "try: ...\nexcept A, B: ...", "print(t'')"]
"""PEP 695, 758 and 750."""
ON = 'request.feature("new-checkout", False)'


def newer() -> str:
    """A statement that LibCST can read and this interpreter cannot."""
    for each in NEWER:
        try:
            ast.parse(each)
        except SyntaxError:
            return each
    pytest.skip("this interpreter reads all that LibCST reads")


def found_in(folder: Path, source: bytes) -> Scan:
    return scan_files(folder, {"app.py": source}, CONFIG)


def check_parts(folder: Path, source: bytes) -> Scan:
    parts = found_in(folder, source)
    end = b"" if source.endswith((b"\n", b"\r")) or not source else b"\n"
    whole = found_in(folder, source + end + newer().encode() + b"\n")
    assert parts.unread == whole.unread == ()
    assert parts.references == whole.references
    assert parts.suppressions == whole.suppressions
    return parts


SOURCES: dict[str, tuple[str, int]] = {
    "decorators": (f"@a\n@b(\n  1,\n)\ndef f(request):\n    {ON}\n@c\nclass A:\n    @d\n    @e\n    def g(self): {ON}\n", 2),
    "a decorator in parentheses": (f"class A:\n    @(\n        deco\n    )\n    def f(self):\n        {ON}\n", 1),
    "a decorator in parentheses further on": (f"class A:\n    x = 1\n    @(\n        deco\n    )\n    def f(self):\n        {ON}\n", 1),
    "a decorator that asks": (f"class A:\n    @only({ON})\n    def f(self): ...\n", 1),
    "nested classes": (f"class A:\n    x = 1\n    class B:\n        y = 2\n        class C:\n            z = {ON}\n    w = {ON}\n", 2),
    "semicolons": (f"x = 1; y = {ON}; z = 2\nclass A:\n    a = 1; b = {ON}\n", 2),
    "a backslash": (f"x = 1 + \\\n    {ON}\ny = \\\n  2\nz = {ON}\n", 2),
    "a backslash after a statement": (f"x = 1\\\n\ny = {ON}\n", 1),
    "a comment that ends with a backslash": (f"x = 1  # C:\\\ny = [\n  {ON},\n]\n# \\\nz = {ON}\n", 2),
    "a comment that ends with a backslash in a class": (f"class A:\n    x = 1  # \\\n    y = {ON}\n    # \\\nz = {ON}\n", 2),
    "comments at odd indents": (f"# a\n  # b\nx = 1\n    # c\nclass A:\n# d\n        # e\n    x = 1\n  # f\n    y = {ON}\n# g\n      # h\nz = {ON}\n", 2),
    "comments that name a flag": ("# new-checkout\nx = 1  # new-checkout\nclass A:\n  # new-checkout\n    y = 1\n# new-checkout", 4),
    "a comment at the end without a newline": (f"x = {ON}\n# new-checkout", 2),
    "an ignore comment": (f"class A:\n    # flagctl: ignore[FLG301] why\n    x = {ON}\n\n    y = {ON}  # flagctl: ignore[FLG301] why\n", 2),
    "form feeds": (f"x = 1\n\f\ny = {ON}\n\fclass A:\n    x = 1\n\f\n    y = {ON}\n\f\f\ndef f():\n    {ON}\n", 3),
    "a form feed first": (f"\fx = {ON}\n", 1),
    "tabs": (f"class A:\n\tx = 1\n\tdef f(self):\n\t\tif x:\n\t\t\t{ON}\n\ty = {ON}\n", 2),
    "one line": (f"class A: x = {ON}\nclass B: y = 1; z = {ON}\ndef f(): {ON}\n", 3),
    "a body after a backslash": (f"class A: \\\n    x = {ON}\n", 1),
    "compound statements": (f"if a:\n    x = {ON}\nelif b:\n    class A:\n        y = {ON}\nelse:\n    {ON}\ntry:\n    {ON}\nexcept E:\n    {ON}\nfinally:\n    {ON}\nwith c as d:\n    {ON}\nfor e in f:\n    {ON}\nwhile {ON}: ...\nmatch g:\n    case 1: {ON}\n", 10),
    "docstrings": (f"'''{ON}'''\nclass A:\n    '''{ON}'''\n    def f(self):\n        '''{ON}'''\n    x = {ON}\n", 4),
    "strings with number signs": (f"x = '# new-checkout'\ny = '#'; z = {ON}  # '\n", 2),
    "triple quotes at column 0": (f"class A:\n    x = '''\n# no comment\nclass B:\n'''\n    y = {ON}\n", 1),
    "characters outside the BMP": (f"x = '😀😀'; y = {ON}  # 😀 new-checkout\nclass A:\n    x = '𝕏é'; y = {ON}\n", 3),
    "a header on many lines": (f"class A(  # why\n    B,\n    metaclass={ON},\n):\n\n    # first\n    x = {ON}\n", 2),
    "a class in a class in a function": (f"def f():\n    class A:\n        class B:\n            x = {ON}\n    return A\n", 1),
    "constants": ("KEY = 'new-checkout'\nclass A:\n    KEY = 'old-search'\n    def f(self):\n        request.feature(KEY)\n        request.feature(self.KEY)\nrequest.feature(A.KEY)\n", 5),
    "a constant set by a method": ("class A:\n    def __init__(self):\n        self.key = 'new-checkout'\n    def f(self):\n        request.feature(self.key)\n", 2),
    "a constant set by a global statement": ("def f():\n    global KEY\n    KEY = 'new-checkout'\ndef g():\n    request.feature(KEY)\n", 2),
    "a name bound later": ("def f():\n    request.feature(KEY)\nif x:\n    KEY = 'new-checkout'\nelse:\n    KEY = 'old-search'\n", 4),
    "aliases": ("ask = request.feature\ndef f():\n    ask('new-checkout')\nclass A:\n    again = ask\n    x = again('old-search')\n", 2),
}  # fmt: skip
END = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}


@pytest.mark.parametrize("end", END.values(), ids=END)
@pytest.mark.parametrize(("source", "count"), SOURCES.values(), ids=SOURCES)
def test_parts_and_whole(tmp_path: Path, source: str, count: int, end: str) -> None:
    found = check_parts(tmp_path, source.replace("\n", end).encode())
    assert len(found.references) == count


def test_byte_order_mark(tmp_path: Path) -> None:
    found = check_parts(tmp_path, b"\xef\xbb\xbf" + f"x = {ON}\n".encode())
    assert rows(found) == [("app.py:1:5", "evaluation", "new-checkout")]


def test_latin_1(tmp_path: Path) -> None:
    source = f"# coding: latin-1\nx = '\xe9\xe9'; y = {ON}\nclass A:\n    z = '\xe9'; w = {ON}  # \xe9 new-checkout\n"
    assert rows(check_parts(tmp_path, source.encode("latin-1"))) == [
        ("app.py:2:15", "evaluation", "new-checkout"),
        ("app.py:4:18", "evaluation", "new-checkout"),
        ("app.py:4:62", "text", "new-checkout"),
    ]


PIECES = st.sampled_from(
    [
        f"x = {ON}\n", "x = 1; y = 'new-checkout'\n", "# new-checkout\n", "   # new-checkout\n", "\n", "\f\n",
        f"def f(a, b={ON}):\n    return {ON}\n", "KEY = 'old-search'\n", "request.feature(KEY)\n", "'''\nnew-checkout\n'''\n",
        "class A(B):\n", "    class B:\n", "        x = request.feature(KEY)\n", "    KEY = 'new-checkout'\n", "    # why\n",
        "    @(\n    deco\n    )\n    def g(self):\n        self.k = KEY\n", "    def h(self): return request.feature(self.k)\n",
        "if x:\n", "else:\n", "    pass\n", "\ty = 2\n", "x = 1 \\\n", "    @deco\n", "@deco\n", "from keys import *\n", "'😀'; ",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, min_size=1, max_size=14))
@example(pieces=[f"x = {ON}\n", "   # new-checkout\n", "   # new-checkout\n"])
def test_any_pieces(tmp_path: Path, pieces: list[str]) -> None:
    source = "".join(pieces)
    try:
        ast.parse(source)
    except SyntaxError:
        return
    if source.endswith("\\\n"):
        return
    check_parts(tmp_path, source.encode())


# --- what only a newer Python reads -----------------------------------------------------------------------------------

NEWER_SYNTAX = {
    "PEP 695": f"type Alias[T] = list[T]\nclass A[T]:\n    def f[S](self):\n        return {ON}\n",
    "PEP 696": f"class A[T = int]:\n    x = {ON}\n",
    "PEP 701": 'x = f"{request.feature("new-checkout", False)}"\n',
    "PEP 701 on many lines": f"x = f'{{\n    {ON}  # why\n}}'\n",
    "PEP 758": f"try:\n    {ON}\nexcept A, B:\n    pass\n",
    "PEP 750": "x = t'{y}'\n" + ON + "\n",
}


@pytest.mark.parametrize("source", NEWER_SYNTAX.values(), ids=NEWER_SYNTAX)
def test_newer_syntax(tmp_path: Path, source: str) -> None:
    found = found_in(tmp_path, source.encode())
    assert found.unread == ()
    assert [(each.role, each.flag) for each in found.references] == [("evaluation", "new-checkout")]


def test_constants_in_newer_syntax(tmp_path: Path) -> None:
    files = {
        "keys.py": "type A = int\nKEY = 'new-checkout'\n",
        "app.py": "from keys import KEY\nrequest.feature(KEY)\n",
    }
    assert ("app.py:2:1", "evaluation", "new-checkout") in rows(scan_files(tmp_path, files, CONFIG))


@pytest.mark.parametrize(
    "literal", [r'"\x"', r'"\N{no such name}"', r'"\U99999999"', 'b"\xe9"', '"a" b"b"', r'f(**{"\u12": 1})']
)
def test_a_string_that_means_nothing_is_not_python(tmp_path: Path, literal: str) -> None:
    """Of an escape LibCST complains only when it is asked for the value."""
    source = textwrap.dedent(f"""\
        def f(request):
            request.feature("new-checkout")
            request.feature({literal})
        KEY = {literal}
        """)
    found = scan_files(
        tmp_path, {"keys.py": source, "app.py": f"from keys import KEY\nrequest.feature(KEY)\n{ON}\n"}, CONFIG
    )
    assert [each.path for each in found.unread] == ["keys.py"]
    assert [row for row in rows(found) if row[0].startswith("app.py")] == [
        ("app.py:2:1", "evaluation", "?"),
        ("app.py:3:1", "evaluation", "new-checkout"),
    ]
