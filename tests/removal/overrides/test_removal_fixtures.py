"""Fixtures that force the flag, or replace what nothing asks for any more: what is left of them and of what asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import after, removal

TEST = "tests/test_a.py"
HEAD = "import flags\nimport pytest\n\n\n"
REST = "def test_b():\n    assert b()\n"
EMPTY_REST = "import pytest\n\n\n" + REST

GOES = {
    "asked for by a parameter": (
        "@pytest.fixture\ndef new(): \n    flags.forced('new-checkout', True)\n\n\ndef test_a(new):\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "among other parameters": (
        "@pytest.fixture()\ndef new():\n    '''Switches it on.'''\n    flags.forced('new-checkout', True)\n\n\n"
        "class TestA:\n    def test_a(self, x, new, y):\n        assert a(x, y)\n",
        "class TestA:\n    def test_a(self, x, y):\n        assert a(x, y)\n",
    ),
    "asked for by usefixtures": (
        "@pytest.fixture\ndef new():\n    with flags.forced('new-checkout', True):\n        yield\n\n\n"
        "@pytest.mark.usefixtures('new')\ndef test_a():\n    assert a()\n\n\n"
        "@pytest.mark.usefixtures('x', 'new')\ndef test_c():\n    assert c()\n",
        "import pytest\n\n\ndef test_a():\n    assert a()\n\n\n@pytest.mark.usefixtures('x')\ndef test_c():\n    assert c()\n",
    ),
    "with a name of its own": (
        "@pytest.fixture(name='new')\ndef new_fixture():\n    flags.forced('new-checkout', True)\n\n\n"
        "def test_a(new):\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "for all tests": (
        "@pytest.fixture(autouse=True)\ndef new():\n    flags.forced('new-checkout', True)\n\n\ndef test_a():\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "once for each value": (
        "@pytest.fixture(params=[False, True])\ndef new(request):\n    flags.forced('new-checkout', request.param)\n\n\n"
        "def test_a(new):\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "once for each value, which is read": (
        "@pytest.fixture(params=[0, 1], ids=['off', 'on'], scope='module')\ndef new(request):\n"
        "    flags.forced('new-checkout', request.param)\n    return 'new' if request.param else 'old'\n\n\n"
        "def test_a(new):\n    assert a() == new\n",
        "import pytest\n\n\n@pytest.fixture(scope='module')\ndef new():\n    return 'new'\n\n\n"
        "def test_a(new):\n    assert a() == new\n",
    ),
    "of the other value, with the tests that ask for it": (
        "@pytest.fixture\ndef old():\n    flags.forced('new-checkout', False)\n\n\ndef test_a(old):\n    assert a()\n\n\n"
        "@pytest.mark.usefixtures('old')\nclass TestOld:\n    def test_c(self):\n        assert c()\n\n\n" + REST,
        REST,
    ),
    "of nothing but the value, where more is done": (
        "@pytest.fixture\ndef shop():\n    flags.forced('new-checkout', True)\n    return Shop()\n\n\n"
        "def test_a(shop):\n    assert shop.a()\n",
        "import pytest\n\n\n@pytest.fixture\ndef shop():\n    return Shop()\n\n\ndef test_a(shop):\n    assert shop.a()\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), GOES.values(), ids=GOES)
def test_what_a_fixture_forces(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {TEST: HEAD + before})[TEST] == expected


STAYS_EMPTY = {
    "asked for by its name": "def test_a(request):\n    request.getfixturevalue('new')\n    assert a()\n",
    "whose value is read": "def test_a(new):\n    assert new is None\n",
    "asked for by what is no test": "def build(x, new):\n    return x\n\n\ndef test_a():\n    assert build(1, 2)\n",
    "given by rows": "@pytest.mark.parametrize('x, new', [(1, 2)])\ndef test_a(x, new):\n    assert x\n",
    "asked for by a mark of the module": "pytestmark = pytest.mark.usefixtures('new')\n",
}


@pytest.mark.parametrize("test", STAYS_EMPTY.values(), ids=STAYS_EMPTY)
def test_an_emptied_fixture_that_is_asked_for_stays(tmp_path: Path, test: str) -> None:
    fixture = "@pytest.fixture\ndef new():\n    flags.forced('new-checkout', True)\n\n\n"
    now = after(tmp_path, {TEST: HEAD + fixture + test})[TEST]
    assert now == "import pytest\n\n\n@pytest.fixture\ndef new():\n    pass\n\n\n" + test


def test_a_fixture_that_did_nothing_before_stays(tmp_path: Path) -> None:
    before = (
        HEAD
        + "@pytest.fixture\ndef nothing():\n    pass\n\n\ndef test_a(nothing):\n    flags.forced('new-checkout', 1)\n"
    )
    expected = "import pytest\n\n\n@pytest.fixture\ndef nothing():\n    pass\n\n\ndef test_a(nothing):\n    pass\n"
    assert after(tmp_path, {TEST: before})[TEST] == expected


CONFTEST = "import flags\nimport pytest\n\n\n@pytest.fixture\ndef new_shop():\n    flags.forced('new-checkout', True)\n"


def test_a_shared_fixture_goes_from_all_modules(tmp_path: Path) -> None:
    files = {
        "tests/conftest.py": CONFTEST,
        "tests/test_a.py": "def test_a(new_shop):\n    assert a()\n",
        "tests/x/test_b.py": "import pytest\n\n\n@pytest.mark.usefixtures('new_shop')\ndef test_b():\n    assert b()\n",
    }
    now = after(tmp_path, files)
    assert "new_shop" not in "".join(now.values())
    assert now["tests/test_a.py"] == "def test_a():\n    assert a()\n"
    assert now["tests/x/test_b.py"] == "def test_b():\n    assert b()\n"


SHARED = {
    "read in another module": "def test_a(new_shop):\n    assert new_shop\n",
    "another module has its own": "import pytest\n\n\n@pytest.fixture\ndef new_shop():\n    return 1\n",
    "spoken of": "'''Tests with new_shop.'''\n\n\ndef test_a(new_shop):\n    assert a()\n",
}


@pytest.mark.parametrize("test", SHARED.values(), ids=SHARED)
def test_a_shared_fixture_stays(tmp_path: Path, test: str) -> None:
    now = after(tmp_path, {"tests/conftest.py": CONFTEST, "tests/test_a.py": test})
    assert now["tests/test_a.py"] == test
    assert now["tests/conftest.py"].endswith("def new_shop():\n    pass\n")


LEFT = {
    "of the other value, for all tests": (
        "@pytest.fixture(autouse=True)\ndef old():\n    flags.forced('new-checkout', False)\n\n\ndef test_a():\n    assert a()\n"),
    "of the other value, asked for by another fixture": (
        "@pytest.fixture\ndef old():\n    flags.forced('new-checkout', False)\n\n\n@pytest.fixture\ndef shop(old):\n    return 1\n\n\n"
        "def test_a(old):\n    assert a()\n"),
    "once for each of what is computed": (
        "@pytest.fixture(params=VALUES)\ndef new(request):\n    flags.forced('new-checkout', request.param)\n\n\n"
        "def test_a(new):\n    assert a()\n"),
}  # fmt: skip


@pytest.mark.parametrize("test", LEFT.values(), ids=LEFT)
def test_left_to_a_human(tmp_path: Path, test: str) -> None:
    found = removal(tmp_path, {TEST: HEAD + test})
    assert TEST not in found.changes
    assert [each.location.path for each in found.refusals] == [TEST]


VIEWS = """\
from app.filters import New, Old
from flags import is_on


def page():
    return New() if is_on("new-checkout") else Old()
"""
MOCKING = """\
from unittest.mock import patch

import pytest

from app import views


def test_a(new, {argument}fixture):
    assert views.page() == new
{more}

@pytest.fixture
def new():
    with patch("app.views.New") as New:
        yield New


@pytest.fixture
def old():
    with patch("app.views.Old") as Old:
        yield Old
"""


def test_a_fixture_that_replaces_what_nothing_reads_goes_with_the_import(tmp_path: Path) -> None:
    now = after(tmp_path, {"app/views.py": VIEWS, TEST: MOCKING.format(argument="old, ", more="")})
    assert now["app/views.py"] == "from app.filters import New\n\n\ndef page():\n    return New()\n"
    assert "old" not in now[TEST]
    assert "def test_a(new, fixture):" in now[TEST]
    assert 'patch("app.views.New")' in now[TEST]


def test_a_fixture_that_replaces_it_and_is_read_stays_with_the_import(tmp_path: Path) -> None:
    test = MOCKING.format(argument="old, ", more="    old.assert_not_called()\n")
    now = after(tmp_path, {"app/views.py": VIEWS, TEST: test})
    assert now["app/views.py"].startswith("from app.filters import New, Old\n")
    assert now[TEST] == test


def test_another_module_of_that_name_does_not_keep_an_import(tmp_path: Path) -> None:
    other = "from shop import views\n\n\ndef test_b():\n    assert views.Old()\n"
    files = {"app/views.py": VIEWS, "shop/views.py": "class Old:\n    pass\n", "tests/test_b.py": other}
    assert after(tmp_path, files)["app/views.py"].startswith("from app.filters import New\n")


def test_a_module_that_may_be_it_keeps_an_import(tmp_path: Path) -> None:
    other = "from shop.app import views\n\n\ndef test_b():\n    assert views.Old()\n"
    files = {"app/views.py": VIEWS, "tests/test_b.py": other}
    assert after(tmp_path, files)["app/views.py"].startswith("from app.filters import New, Old\n")
