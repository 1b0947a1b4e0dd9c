"""Mocks of what asked for the flag."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import after, removal

TEST = "tests/test_a.py"
ASKS = "from flags import is_on\n\n\ndef page():\n    if is_on('new-checkout'):\n        return 1\n    return 2\n"
ONE = "def page():\n    return 1\n"
HEAD = "from unittest import mock\nfrom unittest.mock import patch\n\nfrom app import views\n\n\n"

GOES = {
    "a decorator with its argument": (
        "@patch('app.views.is_on')\ndef test_a(is_on):\n    is_on.return_value = True\n    assert views.page() == 1\n",
        "def test_a():\n    assert views.page() == 1\n",
    ),
    "one of two, the lower": (
        "class TestA:\n    @mock.patch('app.views.other')\n    @mock.patch('app.views.is_on', return_value=True)\n"
        "    def test_a(self, _, other):\n        assert views.page() == other()\n",
        "class TestA:\n    @mock.patch('app.views.other')\n    def test_a(self, other):\n        assert views.page() == other()\n",
    ),
    "one of two, the upper, with a fixture": (
        "@patch('app.views.is_on', autospec=True)\n@patch('app.views.other')\ndef test_a(other, asks, fixture):\n"
        "    assert views.page() == other(fixture)\n",
        "@patch('app.views.other')\ndef test_a(other, fixture):\n    assert views.page() == other(fixture)\n",
    ),
    "with something new": (
        "@patch('app.views.is_on', lambda *_: True)\ndef test_a(fixture):\n    assert views.page() == fixture\n",
        "def test_a(fixture):\n    assert views.page() == fixture\n",
    ),
    "in a block": (
        "def test_a():\n    with patch('app.views.is_on') as asks:\n        asks.return_value = True\n        assert views.page() == 1\n",
        "def test_a():\n    assert views.page() == 1\n",
    ),
    "in two blocks": (
        "def test_a():\n    with patch('app.views.is_on') as asks:\n        asks.return_value = True\n        assert views.page() == 1\n"
        "    with patch('app.views.is_on') as asks:\n        asks.return_value = True\n        assert views.page() == 1\n",
        "def test_a():\n    assert views.page() == 1\n    assert views.page() == 1\n",
    ),
    "in a block, of an object": (
        "def test_a():\n    with patch.object(views, 'is_on', return_value=True), patch('x.y'):\n        assert views.page() == 1\n",
        "def test_a():\n    with patch('x.y'):\n        assert views.page() == 1\n",
    ),
    "mocker": (
        "def test_a(mocker):\n    mocker.patch('app.views.is_on', return_value=True)\n    assert views.page() == 1\n",
        "def test_a(mocker):\n    assert views.page() == 1\n",
    ),
    "mocker, with a name": (
        "def test_a(mocker):\n    asks = mocker.patch('app.views.is_on')\n    asks.return_value = True\n    assert views.page() == 1\n",
        "def test_a(mocker):\n    assert views.page() == 1\n",
    ),
    "monkeypatch": (
        "def test_a(monkeypatch):\n    monkeypatch.setattr(views, 'is_on', lambda key: True)\n    assert views.page() == 1\n",
        "def test_a(monkeypatch):\n    assert views.page() == 1\n",
    ),
    "a test of the other side": (
        "@patch('app.views.is_on', return_value=False)\ndef test_a(asks):\n    assert views.page() == 2\n\n\n"
        "@patch('app.views.is_on', return_value=True)\ndef test_b(asks):\n    assert views.page() == 1\n",
        "def test_b():\n    assert views.page() == 1\n",
    ),
    "rows": (
        "class TestA:\n    @ddt.data((1, True), (2, False))\n    @ddt.unpack\n    @patch('app.views.other')\n    @patch('app.views.is_on')\n"
        "    def test_a(self, n, new, asks, other):\n        asks.return_value = new\n        assert views.page() == n + other()\n",
        "class TestA:\n    @ddt.data(1)\n    @patch('app.views.other')\n"
        "    def test_a(self, n, other):\n        assert views.page() == n + other()\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), GOES.values(), ids=GOES)
def test_a_mock_goes(tmp_path: Path, before: str, expected: str) -> None:
    now = after(tmp_path, {"app/views.py": ASKS, TEST: _whole(before)})
    assert now == {"app/views.py": ONE, TEST: _whole(expected)}


STAYS = {
    "asked how it was called": (
        "@patch('app.views.is_on')\ndef test_a(asks):\n    views.page()\n    asks.assert_called_once_with('new-checkout')\n"),
    "of a class": (
        "@patch('app.views.is_on')\nclass TestA:\n    def test_a(self, asks):\n        assert views.page() == 1\n"),
    "set twice": (
        "@patch('app.views.is_on')\ndef test_a(asks):\n    asks.return_value = True\n    assert views.page() == 1\n"
        "    asks.return_value = False\n    assert views.page() == 2\n"),
    "started by hand": (
        "def test_a():\n    asks = patch('app.views.is_on')\n    asks.start()\n    assert views.page() == 1\n"),
    "one that goes beside one that does not": (
        "@patch('app.views.is_on', return_value=True)\ndef test_a(asks):\n    assert views.page() == 1\n\n\n"
        "@patch('app.views.is_on')\ndef test_b(asks):\n    assert views.page() == asks.call_count\n"),
}  # fmt: skip


@pytest.mark.parametrize("source", STAYS.values(), ids=STAYS)
def test_a_mock_stays_with_what_it_is_of(tmp_path: Path, source: str) -> None:
    files = {"app/views.py": ASKS, TEST: _whole(source)}
    assert after(tmp_path, files) == {"app/views.py": f"from flags import is_on\n\n\n{ONE}", TEST: _whole(source)}
    assert f"{TEST}::{'TestA' if 'TestA' in source else 'test_a'}" in removal(tmp_path / "again", files).kept_tests


UNSURE = {
    "side effects": (
        "@patch('app.views.is_on', side_effect=[True, False])\ndef test_a(asks):\n    assert views.page() == 1\n"),
    "from elsewhere": (
        "@patch('app.views.is_on', return_value=VALUE)\ndef test_a(asks):\n    assert views.page() == 1\n"),
    "from a parameter": (
        "def test_a(is_on):\n    with patch('app.views.is_on') as asks:\n        asks.return_value = is_on\n"
        "        assert views.page() == 1\n"),
}  # fmt: skip


@pytest.mark.parametrize("source", UNSURE.values(), ids=UNSURE)
def test_a_mock_of_nobody_knows_what_goes_and_its_test_is_named(tmp_path: Path, source: str) -> None:
    found = removal(tmp_path, {"app/views.py": ASKS, TEST: _whole(source)})
    head = "def test_a(is_on):" if "(is_on):" in source else "def test_a():"
    assert (found.tests, found.kept_tests) == ([], [f"{TEST}::test_a"])
    assert found.changes[TEST] == _whole(f"{head}\n    assert views.page() == 1\n").encode()


def test_a_mock_of_what_is_still_called_stays(tmp_path: Path) -> None:
    asks = ASKS + "\n\ndef other():\n    return is_on('other')\n"
    test = _whole("@patch('app.views.is_on', return_value=True)\ndef test_a(asks):\n    assert views.page() == 1\n")
    assert after(tmp_path, {"app/views.py": asks, TEST: test})[TEST] == test


def test_a_mock_of_the_same_name_elsewhere_stays(tmp_path: Path) -> None:
    test = _whole("@patch('other.views.is_on', return_value=True)\ndef test_a(asks):\n    assert views.page() == 1\n")
    files = {"app/views.py": ASKS, "other/views.py": "from flags import is_on\n\nis_on(KEY)\n", TEST: test}
    assert after(tmp_path, files)[TEST] == test


def test_a_helper_goes_with_its_mocks(tmp_path: Path) -> None:
    files = {
        "app/helpers.py": "import flags\n\n\ndef is_new():\n    return flags.is_on('new-checkout')\n",
        "app/views.py": ASKS.replace("flags import is_on", "app.helpers import is_new").replace(
            "is_on('new-checkout')", "is_new()"
        ),
        TEST: _whole(
            "@patch('app.views.is_new', return_value=True)\ndef test_a(asks):\n    assert views.page() == 1\n\n\n"
            "@patch('app.helpers.is_new', return_value=False)\ndef test_b(asks):\n    assert views.page() == 2\n"
        ),
    }
    found = removal(tmp_path, files)
    assert found.tests == [f"{TEST}::test_b"]
    assert found.changes["app/helpers.py"] == b""
    assert found.changes["app/views.py"] == ONE.encode()
    assert found.changes[TEST] == _whole("def test_a():\n    assert views.page() == 1\n").encode()


IMPORTS = {
    "import ddt\n": "ddt.",
    "from unittest import mock\n": "mock.",
    "from unittest.mock import patch\n": "@patch|with patch|= patch",
    "from app import views\n": "views.",
}


def _whole(tests: str) -> str:
    """A test module that imports what its tests name."""
    imports = [line for line, words in IMPORTS.items() if any(word in tests for word in words.split("|"))]
    return "".join([*imports, "\n\n" if imports else "", tests])
