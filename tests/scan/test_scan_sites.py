"""Where a reference stands, and what is told of the code around it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import evaluations, only, scan_files

from flagctl.model import Kind, Location, Role
from flagctl.scan import Scan

CONFIG = """
[[evaluation]]
call = "*is_on"
key = 0
default = "default"

[[evaluation]]
call = "*requires"
key = 0
decorator = true

[[evaluation]]
class_attribute = "shop.Guarded.flag"
"""


def text_at(source: str, location: Location) -> str:
    """The text that a location spans."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if location.line == location.end_line:
        return lines[location.line - 1][location.column - 1 : location.end_column - 1]
    first, *middle = lines[location.line - 1 : location.end_line]
    middle[-1] = middle[-1][: location.end_column - 1]
    return "\n".join([first[location.column - 1 :], *middle])


# --- functions and import time ----------------------------------------------------------------------------------------

SITES: dict[str, tuple[str, str | None, bool]] = {
    "module": ("x = is_on('new-checkout')", None, True),
    "if": ("if a:\n    is_on('new-checkout')", None, True),
    "try, for and with": ("try:\n  for a in b:\n    with c:\n      is_on('new-checkout')\nfinally: ...", None, True),
    "module comprehension": ("x = [is_on('new-checkout') for a in b]", None, True),
    "class body": ("class A:\n    x = is_on('new-checkout')", None, True),
    "class body in a class": ("class A:\n    class B:\n        x = is_on('new-checkout')", None, True),
    "base class": ("class A(B if is_on('new-checkout') else C): ...", None, True),
    "default argument": ("def f(x=is_on('new-checkout')): ...", None, True),
    "keyword-only default": ("def f(*, x=is_on('new-checkout')): ...", None, True),
    "default of a method": ("class A:\n    def f(self, x=is_on('new-checkout')): ...", None, True),
    "default of a lambda": ("f = lambda x=is_on('new-checkout'): x", None, True),
    "annotation": ("def f(x: is_on('new-checkout')): ...", None, True),
    "argument of a decorator": ("@wrap(is_on('new-checkout'))\ndef f(): ...", None, True),
    "argument of a class decorator": ("@wrap(is_on('new-checkout'))\nclass A: ...", None, True),
    "else of the main guard": ("if __name__ == '__main__': ...\nelse:\n    is_on('new-checkout')", None, True),
    "function": ("def f():\n    is_on('new-checkout')", "f", False),
    "async function": ("async def f():\n    await is_on('new-checkout')", "f", False),
    "method": ("class A:\n    def f(self):\n        is_on('new-checkout')", "A.f", False),
    "inner function": ("def f():\n    def g():\n        is_on('new-checkout')", "f.g", False),
    "class in a function": ("def f():\n    class A:\n        x = is_on('new-checkout')", "f", False),
    "method of a class in a function": (
        "def f():\n    class A:\n        def g(self):\n            is_on('new-checkout')",
        "f.A.g",
        False,
    ),
    "default of an inner function": ("def f():\n    def g(x=is_on('new-checkout')): ...", "f", False),
    "comprehension in a function": ("def f():\n    return [is_on('new-checkout') for a in b]", "f", False),
    "lambda": ("x = lambda: is_on('new-checkout')", None, False),
    "lambda in a function": ("def f():\n    return lambda: is_on('new-checkout')", "f", False),
    "lambda in a class": ("class A:\n    x = lambda self: is_on('new-checkout')", None, False),
    "main guard": ("if __name__ == '__main__':\n    is_on('new-checkout')", None, False),
    "decorator that guards": ("@requires('new-checkout')\ndef f(): ...", None, False),
    "decorator that guards a method": ("class A:\n    @requires('new-checkout')\n    def f(self): ...", None, False),
    "decorator in a function": ("def f():\n    @requires('new-checkout')\n    def g(): ...", "f", False),
    "class attribute of a mixin": (
        "from shop import Guarded\nclass A(Guarded):\n    flag = 'new-checkout'",
        None,
        False,
    ),
}


@pytest.mark.parametrize(("source", "function", "import_time"), SITES.values(), ids=SITES)
def test_sites(tmp_path: Path, source: str, function: str | None, import_time: bool) -> None:
    found = only(scan_files(tmp_path, {"app.py": source}, CONFIG))
    assert (found.site.function, found.site.import_time) == (function, import_time)


@pytest.mark.parametrize(
    ("source", "passed_to", "position"),
    [
        ("helper('new-checkout')", "helper", 0),
        ("helper(a, 'new-checkout')", "helper", 1),
        ("a.b.helper(x=1, key='new-checkout')", "a.b.helper", "key"),
        ("get().helper('new-checkout')", "get().helper", 0),
        ("helper(('new-checkout'))", "helper", 0),
        ("helper(['new-checkout'])", None, None),
        ("helper(other('x'), y)['new-checkout']", None, None),
        ("x == 'new-checkout'", None, None),
        ("helpers[0]('new-checkout')", None, 0),
    ],
)
def test_what_a_string_is_passed_to(
    tmp_path: Path, source: str, passed_to: str | None, position: int | str | None
) -> None:
    [found] = scan_files(tmp_path, {"app.py": source}, CONFIG).references
    assert (found.role, found.kind) == (Role.MENTION, Kind.LITERAL)
    assert (found.site.passed_to, found.site.position) == (passed_to, position)


@pytest.mark.parametrize(
    ("source", "passed_to", "position"),
    [
        ("self.helper(Flags.NEW_CHECKOUT)", "self.helper", 0),
        ("helper(x, key=Flags.NEW_CHECKOUT)", "helper", "key"),
        ("helper([Flags.NEW_CHECKOUT])", None, None),
        ("x == Flags.NEW_CHECKOUT", None, None),
    ],
)
def test_what_a_name_is_passed_to(
    tmp_path: Path, source: str, passed_to: str | None, position: int | str | None
) -> None:
    source = f"class Flags(StrEnum):\n    NEW_CHECKOUT = 'new-checkout'\n{source}\n"
    found = [each for each in scan_files(tmp_path, {"app.py": source}, CONFIG).references if each.kind is Kind.NAME]
    assert [(each.site.passed_to, each.site.position) for each in found] == [(passed_to, position)]


# --- tests ------------------------------------------------------------------------------------------------------------

SOURCE = "is_on('new-checkout')\n"


@pytest.mark.parametrize(
    ("config", "path", "in_tests"),
    [
        ("", "tests/a.py", True),
        ("", "tests/deep/a.py", True),
        ("", "shop/tests/a.py", True),
        ("", "test_a.py", True),
        ("", "shop/test_a.py", True),
        ("", "shop/a_test.py", False),
        ("", "shop/testing/a.py", False),
        ("", "shop/contests/a.py", False),
        ("", "shop/latest_a.py", False),
        ("", "tests.py", False),
        ('tests = ["**/*_spec.py"]', "shop/a_spec.py", True),
        ('tests = ["**/*_spec.py"]', "tests/a.py", False),
        ('tests = ["/tests"]', "tests/a.py", True),
        ('tests = ["/tests"]', "shop/tests/a.py", False),
        ("tests = []", "tests/test_a.py", False),
    ],
)
def test_what_counts_as_a_test(tmp_path: Path, config: str, path: str, in_tests: bool) -> None:
    found = only(scan_files(tmp_path, {path: SOURCE}, config + CONFIG))
    assert found.in_tests is in_tests
    assert found.is_use is not in_tests


def test_mentions_stand_in_tests_too(tmp_path: Path) -> None:
    found = scan_files(tmp_path, {"tests/a.html": "flags.newCheckout", "web/a.html": "flags.newCheckout"})
    assert [(each.location.path, each.is_use) for each in found.references] == [
        ("tests/a.html", False),
        ("web/a.html", True),
    ]


# --- positions --------------------------------------------------------------------------------------------------------

CALL = "is_on('new-checkout')"

POSITIONS: dict[str, tuple[str, Location]] = {
    "first": (CALL, Location("app.py", 1, 1, 1, 22)),
    "no newline at the end": ("\n" + CALL, Location("app.py", 2, 1, 2, 22)),
    "indented": (f"if a:\n    {CALL}\n", Location("app.py", 2, 5, 2, 26)),
    "tab": (f"if a:\n\t{CALL}\n", Location("app.py", 2, 2, 2, 23)),
    "tab inside": (f"x\t=\t{CALL}\n", Location("app.py", 1, 5, 1, 26)),
    "after an accent": (f"é = {CALL}\n", Location("app.py", 1, 5, 1, 26)),
    "after an emoji": (f"x = '🎉', {CALL}\n", Location("app.py", 1, 10, 1, 31)),
    "after a combining mark": (f"x = 'e\u0301', {CALL}\n", Location("app.py", 1, 11, 1, 32)),
    "CRLF": (f"a = 1\r\nb = 2\r\n{CALL}\r\n", Location("app.py", 3, 1, 3, 22)),
    "CR": (f"a = 1\rb = 2\r{CALL}\r", Location("app.py", 3, 1, 3, 22)),
    "mixed": (f"a = 1\r\nb = 2\n{CALL}\n", Location("app.py", 3, 1, 3, 22)),
    "form feed on its own line": (f"a = 1\n\f\n{CALL}\n", Location("app.py", 3, 1, 3, 22)),
    "form feed inside": (f"a =\f{CALL}\n", Location("app.py", 1, 5, 1, 26)),
    "line separator in a string": (f"x = 'a\u2028b\x85c'; {CALL}\n", Location("app.py", 1, 14, 1, 35)),
    "several lines": ("x = is_on(\n  'new-checkout',\n)\n", Location("app.py", 1, 5, 3, 2)),
    "several lines, CRLF": ("x = is_on(\r\n  'new-checkout',\r\n)\r\n", Location("app.py", 1, 5, 3, 2)),
    "continued": ("x = \\\n  is_on('new-checkout')\n", Location("app.py", 2, 3, 2, 24)),
    "parenthesised": (f"x = ((  {CALL} ))\n", Location("app.py", 1, 9, 1, 30)),
    "in an f-string": (f'x = f"{{{CALL}}}"\n', Location("app.py", 1, 8, 1, 29)),
    "after a multi-line string": (f"x = '''\na\n''', {CALL}\n", Location("app.py", 3, 6, 3, 27)),
    "after a semicolon": (f"a = 1; {CALL}\n", Location("app.py", 1, 8, 1, 29)),
    "attribute chain": ("a . is_on ( 'new-checkout' )\n", Location("app.py", 1, 1, 1, 29)),
    "await": (f"async def f():\n  await {CALL}\n", Location("app.py", 2, 9, 2, 30)),
    "second of the same": (f"x = 'is_on'; {CALL}\n", Location("app.py", 1, 14, 1, 35)),
    "decorator": ("@ requires('new-checkout')\ndef f(): ...\n", Location("app.py", 1, 3, 1, 27)),
}


@pytest.mark.parametrize(("source", "location"), POSITIONS.values(), ids=POSITIONS)
def test_positions(tmp_path: Path, source: str, location: Location) -> None:
    found = only(scan_files(tmp_path, {"app.py": source.encode()}, CONFIG))
    assert found.location == location
    assert "'new-checkout'" in text_at(source, found.location)


@pytest.mark.parametrize(
    ("source", "column"),
    [
        (b"\xef\xbb\xbf" + CALL.encode(), 1),
        (b"\xef\xbb\xbf# coding: utf-8\n" + CALL.encode(), 1),
        ("# coding: latin-1\né = ".encode("latin-1") + CALL.encode(), 5),
        ("#!/usr/bin/python\n# -*- coding: iso-8859-15 -*-\né = ".encode("iso-8859-15") + CALL.encode(), 5),
        ("# vim: set fileencoding=cp1252 :\nx = '“”', ".encode("cp1252") + CALL.encode(), 11),
        ("# coding: shift_jis\nx = 'ア', ".encode("shift_jis") + CALL.encode(), 10),
    ],
    ids=["BOM", "BOM and coding", "latin-1", "second line", "cp1252", "shift_jis"],
)
def test_positions_are_counted_in_characters_whatever_the_encoding(tmp_path: Path, source: bytes, column: int) -> None:
    found = scan_files(tmp_path, {"app.py": source}, CONFIG)
    assert found.unread == ()
    assert only(found).location.column == column


def _columns(found: Scan) -> list[tuple[int, int, int]]:
    return [(each.location.line, each.location.column, each.location.end_column) for each in found.references]


def test_positions_of_mentions_and_declarations(tmp_path: Path) -> None:
    source = "é = 'new-checkout'\nx = ['é', 'new-checkout']  # é new-checkout\n'''\nis new-checkout on?'''\n"
    assert _columns(scan_files(tmp_path, {"app.py": source.encode()})) == [
        (1, 5, 19),
        (2, 11, 25),
        (2, 32, 44),
        (4, 4, 16),
    ]


def test_positions_in_other_files(tmp_path: Path) -> None:
    source = "é new-checkout\r\n\t🎉new-checkout \u2028 new-checkout\n"
    for content in (source.encode(), b"\xef\xbb\xbf" + source.encode()):
        assert _columns(scan_files(tmp_path, {"a.md": content})) == [(1, 3, 15), (2, 3, 15), (2, 18, 30)]


def test_references_come_in_the_order_of_files_and_lines(tmp_path: Path) -> None:
    source = "def f():\n    is_on('old-search'), is_on('new-checkout')\nis_on('new-checkout')\n"
    found = scan_files(tmp_path, {"b.py": source, "a/c.py": source, "a.md": "new-checkout"}, CONFIG)
    assert [each.location for each in found.references] == sorted(each.location for each in found.references)
    assert [each.flag for each in evaluations(found)] == ["old-search", "new-checkout", "new-checkout"] * 2


@pytest.mark.parametrize(
    "content",
    [
        f"\f{CALL}\n",
        f"a = 1\n\fb = 2\n{CALL}\n",
        f"\f\f{CALL}\n",
        f"a = 1\r\n\f\r\n{CALL}\r\n",
        f"if a:\n\f    {CALL}\n",
    ],
)
def test_form_feeds_before_a_statement(tmp_path: Path, content: str) -> None:
    found = only(scan_files(tmp_path, {"app.py": content.encode()}, CONFIG))
    assert text_at(content, found.location) == CALL
