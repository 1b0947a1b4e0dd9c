"""Tests that run once for each row of a table, one column of which is the flag."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import after, removal

TEST = "tests/test_a.py"
IMPORTS = ("ddt", "flags", "pytest")

ROWS = {
    "one parameter": (
        "@pytest.mark.parametrize('new', [True, False])\ndef test_a(new):\n    flags.forced('new-checkout', new)\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "of two": (
        "@pytest.mark.parametrize('new,n', [(True, 1), (False, 2), (True, 3)])\ndef test_a(new, n):\n"
        "    with flags.forced('new-checkout', new):\n        assert a() == n\n",
        "@pytest.mark.parametrize('n', [1, 3])\ndef test_a(n):\n    assert a() == n\n",
    ),
    "of three, on many lines": (
        "@pytest.mark.parametrize(\n    ('m', 'new', 'n'),\n    [\n        (0, True, 1),  # one\n        # off\n        (0, False, 2),\n"
        "        pytest.param(0, True, 3, id='three'),\n    ],\n)\ndef test_a(self, m, new, n):\n"
        "    with flags.forced('new-checkout', new):\n        assert a() == n\n",
        "@pytest.mark.parametrize(\n    ('m', 'n'),\n    [\n        (0, 1),  # one\n"
        "        pytest.param(0, 3, id='three'),\n    ],\n)\ndef test_a(self, m, n):\n    assert a() == n\n",
    ),
    "with labels": (
        "@pytest.mark.parametrize('n, new', [(1, True), (2, False)], ids=['on', 'off'])\ndef test_a(n, new):\n"
        "    flags.forced('new-checkout', new)\n    assert a() == n\n",
        "@pytest.mark.parametrize('n', [1], ids=['on'])\ndef test_a(n):\n    assert a() == n\n",
    ),
    "what the test asks of the parameter": (
        "@pytest.mark.parametrize('new', [True, False])\ndef test_a(new):\n    flags.forced('new-checkout', new)\n"
        "    if new:\n        assert a()\n    else:\n        assert b()\n",
        "def test_a():\n    assert a()\n",
    ),
    "names in a list keep rows": (
        "@pytest.mark.parametrize(['new', 'n'], [(True, 1), (False, 2)])\ndef test_a(new, n):\n"
        "    flags.forced('new-checkout', new)\n    assert a() == n\n",
        "@pytest.mark.parametrize(['n'], [(1,)])\ndef test_a(n):\n    assert a() == n\n",
    ),
    "ddt": (
        "class TestA:\n    @ddt.data(True, False)\n    def test_a(self, new):\n        flags.forced('new-checkout', new)\n"
        "        assert a()\n",
        "class TestA:\n    def test_a(self):\n        assert a()\n",
    ),
    "ddt, unpacked": (
        "class TestA:\n    @ddt.data((1, True), [2, False], (3, 1))\n    @ddt.unpack\n    def test_a(self, n, new):\n"
        "        flags.forced('new-checkout', new)\n        assert a() == n\n",
        None,
    ),
    "ddt, three columns unpacked": (
        "class TestA:\n    @ddt.data((1, True, 'x'), [2, False, 'y'])\n    @ddt.unpack\n    def test_a(self, n, new, s):\n"
        "        flags.forced('new-checkout', new)\n        assert a(s) == n\n",
        "class TestA:\n    @ddt.data((1, 'x'))\n    @ddt.unpack\n    def test_a(self, n, s):\n        assert a(s) == n\n",
    ),
    "ddt, two columns unpacked": (
        "class TestA:\n    @ddt.data((1, True), [2, False])\n    @ddt.unpack\n    def test_a(self, n, new):\n"
        "        flags.forced('new-checkout', new)\n        assert a() == n\n",
        "class TestA:\n    @ddt.data(1)\n    def test_a(self, n):\n        assert a() == n\n",
    ),
    "no row is left": (
        "@pytest.mark.parametrize('new', [False])\ndef test_a(new):\n    flags.forced('new-checkout', new)\n    assert a()\n\n\n"
        "def test_b():\n    assert b()\n",
        "def test_b():\n    assert b()\n",
    ),
    "a row that is not written out": (
        "@pytest.mark.parametrize('new', [True, OFF])\ndef test_a(new):\n    flags.forced('new-checkout', new)\n    assert a()\n", None),
    "rows from elsewhere": (
        "@pytest.mark.parametrize('new', ROWS)\ndef test_a(new):\n    flags.forced('new-checkout', new)\n    assert a()\n", None),
    "a parameter that is set again": (
        "@pytest.mark.parametrize('new', [True, False])\ndef test_a(new):\n    flags.forced('new-checkout', new)\n    new = 1\n"
        "    assert a(new)\n",
        None,
    ),
    "a fixture": (
        "def test_a(new):\n    flags.forced('new-checkout', new)\n    assert a()\n", None),
    "a parameter that a fixture takes, too": (
        "@pytest.fixture\ndef x(new):\n    return new\n\n\n@pytest.mark.parametrize('new', [True, False])\ndef test_a(new, x):\n"
        "    flags.forced('new-checkout', new)\n    assert a(x)\n",
        None,
    ),
    "more parameters by name": (
        "@pytest.mark.parametrize('new', [True, False])\ndef test_a(new, *, x=1):\n    flags.forced('new-checkout', new)\n"
        "    assert a()\n",
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), ROWS.values(), ids=ROWS)
def test_rows(tmp_path: Path, before: str, expected: str | None) -> None:
    found = after(tmp_path, {TEST: _whole(before)})[TEST]
    assert found == _whole(before if expected is None else expected)
    if expected is None:
        assert removal(tmp_path, {}).refusals


def _whole(tests: str) -> str:
    """A test module that imports what its tests name."""
    imports = [f"import {name}\n" for name in IMPORTS if f"{name}." in tests]
    return "".join([*imports, "\n\n" if imports else "", tests])
