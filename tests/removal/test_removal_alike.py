"""What only looks like what goes: other things of the same name, and names that are not written out.

Each of these projects lost something that was still asked for, before it was left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from removal_cases import after

HELPER = "import flags\n\n\ndef {name}(user):\n    return flags.is_on('new-checkout') and user.staff\n"
FOLDED = "def {name}(user):\n    return False\n"
GONE = "import flags\n\nfrom shop import legacy\n\n\ndef page(cart):\n    if flags.is_on('new-checkout'):\n        return 1\n    return legacy.render(cart)\n"
RENDER = "def render(cart):\n    return 'legacy'\n\n\ndef other():\n    return 1\n"

ANOTHER = {
    # What is defined, where; and a file that means something else by its name.
    "a builtin": ("filter", "shop/util.py", "def page(users):\n    return list(filter(None, users))\n"),
    "of a star import": ("sqrt", "shop/util.py", "from math import *\n\n\ndef page():\n    return sqrt(4)\n"),
    "of the standard library": ("isleap", "shop/calendar.py", "import calendar\n\n\ndef page(year):\n    return calendar.isleap(year)\n"),
    "of another package": ("is_new", "shop/features.py", "from pages import features\n\n\ndef page(user):\n    return features.is_new(user)\n"),
    "of a parameter called like the module": (
        "is_new", "shop/features.py",
        "from shop import features\n\n\ndef page(user, features=None):\n    return features.is_new(user)\n"),
    "of a loop variable called like the module": (
        "is_new", "shop/features.py",
        "from shop import features\n\n\ndef page(user, all_):\n    for features in all_:\n        yield features.is_new(user)\n"),
    "in a pattern": ("ON", "shop/features.py", "from shop import features\n\n\ndef page(x):\n    match x:\n        case features.ON:\n            return 1\n"),
    "by a name that is put together": (
        "is_new", "shop/features.py", "from shop import features\n\n\ndef page(kind, user):\n    return getattr(features, 'is_' + kind)(user)\n"),
    "by the dotted name of the module": (
        "is_new", "shop/features.py", "from importlib import import_module\n\n\ndef page(user):\n    return import_module('shop.features').is_new(user)\n"),
    "among all that the module has": ("is_new", "shop/features.py", "from shop import features\n\nALL = vars(features)\n"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "path", "code"), ANOTHER.values(), ids=ANOTHER)
def test_another_of_that_name(tmp_path: Path, name: str, path: str, code: str) -> None:
    files = {"shop/__init__.py": "", path: HELPER.format(name=name), "shop/views.py": code}
    now = after(tmp_path, files, keep="off")
    assert now["shop/views.py"] == code
    assert now[path] == FOLDED.format(name=name)


STILL_ASKED_FOR = {
    "of a module in a variable": {
        "shop/engine.py": "from shop import legacy\n\nALL = {'legacy': legacy}\n\n\ndef render(name, cart):\n    return ALL[name].render(cart)\n"
    },
    "of a module that is imported by its name": {
        "shop/load.py": "from importlib import import_module\n\n\ndef load(name):\n    module = import_module('shop.' + name)\n    run = module.render\n    render = run\n    return render\n"
    },
    "under another name": {"shop/alias.py": "from shop.legacy import (  # (v1)\n    render as old,\n)\n\n\nclass A:\n    def render(self):\n        return old(self)\n"},
    "by a default": {"shop/draw.py": "def draw(module, render=None):\n    render = render or module.render\n    return render\n"},
    "among what the module has": {"shop/all.py": "from shop import legacy\n\nNAMES = dir(legacy)\n"},
}  # fmt: skip


@pytest.mark.parametrize("files", STILL_ASKED_FOR.values(), ids=STILL_ASKED_FOR)
def test_what_is_asked_for_in_another_way(tmp_path: Path, files: Mapping[str, str]) -> None:
    now = after(tmp_path, {"shop/__init__.py": "", "shop/legacy.py": RENDER, "shop/views.py": GONE, **files})
    assert now["shop/legacy.py"] == RENDER


MEMBERS = {
    "a responder": ("on_post", "self"),
    "a protocol": ("keys", "self"),
    "a hook": ("process_exception", "self"),
    "what an enumeration asks for": ("_missing_", "self"),
}


@pytest.mark.parametrize(("name", "receiver"), MEMBERS.values(), ids=MEMBERS)
def test_public_methods_stay(tmp_path: Path, name: str, receiver: str) -> None:
    code = (
        f"class Orders:\n    def {name}(self, x):\n        return x\n\n    def show(self, x):\n{{}}        return 2\n"
    )
    branch = f"        if not flags.is_on('new-checkout'):\n            return {receiver}.{name}(x)\n"
    now = after(tmp_path, {"shop/orders.py": "import flags\n\n\n" + code.format(branch)})
    assert now["shop/orders.py"] == code.format("")


def test_a_member_that_is_only_called_like_the_flag_stays(tmp_path: Path) -> None:
    models = "import enum\n\n\nclass Source(enum.Enum):\n    NEW_CHECKOUT = 'n'\n    OLD = 'o'\n"
    view = "import flags\nfrom shop.models import Source\n\n\ndef page():\n    if flags.is_on('new-checkout'):\n        return Source.NEW_CHECKOUT\n    return Source.OLD\n"
    assert after(tmp_path, {"shop/models.py": models, "shop/views.py": view}, keep="off")["shop/models.py"] == models


VIEW = "import flags\n\n\ndef is_on(x):\n    return x > 3\n\n\ndef page():\n    return 1 if flags.is_on('new-checkout') else 2\n"

TESTS = {
    "a mock of a function of the same name": (
        {"shop/views.py": VIEW},
        "from unittest.mock import patch\n\n\n@patch('shop.views.is_on', return_value=False)\ndef test_a(_):\n    assert a()\n",
    ),
    "a mock of another module of the same name": (
        {"shop/views.py": "from flags import is_on\n\n\ndef page():\n    return is_on('new-checkout')\n"},
        "from unittest.mock import patch\n\nfrom orders import views\n\n\ndef test_a():\n    with patch.object(views, 'is_on', return_value=False):\n        assert views.page()\n",
    ),
    "a dictionary of its own": ({}, "def test_a():\n    features = {}\n    features['new-checkout'] = True\n    assert len(features) == 1\n"),
    "what it made itself": ({}, "def test_a():\n    store = Store()\n    store.flags['new-checkout'] = False\n    assert list(store.flags)\n"),
    "what it looks at": ({}, "def test_a(store):\n    store.flags['new-checkout'] = True\n    assert store.flags == {}\n"),
}  # fmt: skip


@pytest.mark.parametrize(("files", "test"), TESTS.values(), ids=TESTS)
def test_tests_that_stay_as_they_are(tmp_path: Path, files: Mapping[str, str], test: str) -> None:
    assert after(tmp_path, {**files, "tests/test_a.py": test})["tests/test_a.py"] == test


def test_a_test_that_another_calls_only_loses_its_override(tmp_path: Path) -> None:
    rest = "def test_a():\n    assert a()\n\n\ndef test_b():\n    test_a()\n"
    before = f"import flags\n\n\n@flags.forced('new-checkout', False)\n{rest}"
    assert after(tmp_path, {"tests/test_a.py": before})["tests/test_a.py"] == rest


def test_a_base_of_tests_stays(tmp_path: Path) -> None:
    base = "import flags\n\n\nclass CheckoutTest:\n    def setUp(self):\n        flags.forced('new-checkout', False)\n"
    test = "from tests.base_test import CheckoutTest\n\n\nclass GuestTest(CheckoutTest):\n    def test_a(self):\n        assert a()\n"
    now = after(tmp_path, {"tests/base_test.py": base, "tests/guest_test.py": test})
    assert now == {"tests/base_test.py": base, "tests/guest_test.py": test}


def test_methods_of_tests_that_a_test_calls_stay(tmp_path: Path) -> None:
    rest = "class TestA:\n    def test_plain(self):\n        assert 1 + 1 == 2\n"
    old = "\n    def test_old(self):\n        flags.forced('new-checkout', False)\n        self.test_plain()\n"
    assert after(tmp_path, {"tests/test_a.py": f"import flags\n\n\n{rest}{old}"})["tests/test_a.py"] == rest


FIXTURE = "import flags\nimport pytest\n\n\n@pytest.fixture\ndef flow({}):\n    flags.forced('new-checkout', True)\n"
CONFTEST = "import pytest\n\n\n@pytest.fixture\ndef flow():\n    return 1\n"
FIXTURES: dict[str, tuple[str, str, dict[str, str]]] = {
    "it asks for another": ("db", "def test_a(flow):\n    assert a()\n", {}),
    "it stands in for another": ("", "def test_a(flow):\n    assert a()\n", {"tests/conftest.py": CONFTEST}),
    "a test takes it by keyword only": ("", "def test_a(*, flow):\n    assert a()\n", {}),
    "it may be asked for by a name that is put together": (
        "", "def test_a(request):\n    request.getfixturevalue('fl' + 'ow')\n", {}),
}  # fmt: skip


@pytest.mark.parametrize(("params", "test", "files"), FIXTURES.values(), ids=FIXTURES)
def test_fixtures_that_stay_though_they_are_empty(
    tmp_path: Path, params: str, test: str, files: Mapping[str, str]
) -> None:
    now = after(tmp_path, {**files, "tests/test_a.py": f"{FIXTURE.format(params)}\n\n{test}"})
    assert f"def flow({params}):\n    pass\n" in now["tests/test_a.py"]
    assert now["tests/test_a.py"].endswith(test)


def test_a_variable_that_reads_what_may_not_be_there_stays(tmp_path: Path) -> None:
    before = (
        "import flags\n\n\ndef page(rows):\n    a = 1 if b else 2\n    for b in rows:\n        pass\n"
        "    return a if flags.is_on('new-checkout') else 3\n"
    )
    now = after(tmp_path, {"shop/page.py": before}, keep="off")["shop/page.py"]
    assert now == "def page(rows):\n    a = 1 if b else 2\n    for b in rows:\n        pass\n    return 3\n"
