"""Functions and constants that asked for more than the flag, and came to have one value."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from removal_cases import after, removal

HELPER = """\
from flags import is_on


def is_new(user):
    if not is_on("new-checkout"):
        return False
    return True


def other():
    return 1
"""
REST = "def other():\n    return 1\n"

ASKS = {
    "a call": (
        "from app.helpers import is_new\n\n\ndef page(user):\n    if is_new(user):\n        return 1\n    return 2\n",
        "def page(user):\n    return 1\n",
    ),
    "a call by the module": (
        "from app import helpers\n\n\ndef page(user):\n    return helpers.is_new(user) and helpers.other()\n",
        "from app import helpers\n\n\ndef page(user):\n    return helpers.other()\n",
    ),
    "a call by a relative import": (
        "from .helpers import is_new\n\n\ndef page(user):\n    return not is_new(user=user)\n",
        "def page(user):\n    return False\n",
    ),
    "a call by the whole path": (
        "import app.helpers\n\n\ndef page(user):\n    return app.helpers.is_new(user)\n",
        "def page(user):\n    return True\n",
    ),
    "a helper of the helper": (
        "from app.helpers import is_new, other\n\n\ndef _shows(user):\n    return is_new(user) and not is_new(None)\n\n\n"
        "def page(user):\n    return 1 if _shows(user) else other()\n",
        "from app.helpers import other\n\n\ndef page(user):\n    return other()\n",
    ),
}


@pytest.mark.parametrize(("before", "expected"), ASKS.values(), ids=ASKS)
def test_what_asks_gets_the_value(tmp_path: Path, before: str, expected: str) -> None:
    now = after(tmp_path, {"app/helpers.py": HELPER, "app/views.py": before})
    assert now["app/views.py"] == expected
    assert now["app/helpers.py"] == REST


FOLDED = """\
from flags import is_on


def is_new(user):
    return True


def other():
    return 1
"""

STAYS = {
    "its arguments do something": "from app.helpers import is_new\n\n\ndef page(users):\n    return is_new(users.pop())\n",
    "its arguments may not be there": (
        "from app.helpers import is_new\n\n\ndef page(users):\n    for user in users:\n        pass\n    return is_new(user)\n"
    ),
    "it is handed on": "from app.helpers import is_new\n\n\ndef page(users):\n    return filter(is_new, users)\n",
    "it decorates": "from app.helpers import is_new\n\n\n@is_new\ndef page(users):\n    return 1\n",
    "another name is bound to it": "from app.helpers import is_new as n\n\n\ndef page(user):\n    return n(user)\n",
    "it is tried": "from app import helpers\n\n\ndef page(user):\n    return getattr(helpers, 'is_new')(user)\n",
    "a parameter has its name": "from app.helpers import is_new\n\n\ndef page(user, is_new):\n    return is_new(user)\n",
    "it is another module's": "from shop.helpers import is_new\n\n\ndef page(user):\n    return is_new(user)\n",
    "it is offered": "from app.helpers import is_new\n\n__all__ = ['is_new']\n",
    "a template names it": "# see is_new\nx = 1\n",
}


@pytest.mark.parametrize("code", STAYS.values(), ids=STAYS)
def test_it_stays_where_something_else_may_be_meant(tmp_path: Path, code: str) -> None:
    now = after(tmp_path, {"app/helpers.py": HELPER, "app/views.py": code})
    assert now["app/views.py"] == code
    assert now["app/helpers.py"] == FOLDED.removeprefix("from flags import is_on\n\n\n")


def test_it_stays_where_its_tests_ask_for_it(tmp_path: Path) -> None:
    test = "from app.helpers import is_new\n\n\ndef test_a():\n    assert is_new(None)\n"
    view = "from app.helpers import is_new\n\n\ndef page(user):\n    return is_new(user)\n"
    now = after(tmp_path, {"app/helpers.py": HELPER, "app/views.py": view, "tests/test_a.py": test})
    assert (now["app/views.py"], now["tests/test_a.py"]) == (view, test)


def test_a_mock_of_it_goes_with_it(tmp_path: Path) -> None:
    test = (
        "from unittest.mock import patch\n\nfrom app import views\n\n\n"
        "@patch('app.views.is_new', return_value=True)\ndef test_a(_):\n    assert views.page(None) == 1\n\n\n"
        "@patch('app.views.is_new', return_value=False)\ndef test_old(_):\n    assert views.page(None) == 2\n"
    )
    view = "from app.helpers import is_new\n\n\ndef page(user):\n    return 1 if is_new(user) else 2\n"
    now = after(tmp_path, {"app/helpers.py": HELPER, "app/views.py": view, "tests/test_a.py": test})
    assert now["tests/test_a.py"] == "from app import views\n\n\ndef test_a():\n    assert views.page(None) == 1\n"
    assert now["app/views.py"] == "def page(user):\n    return 1\n"
    assert now["app/helpers.py"] == REST


MEMBERS = {
    "a method": (
        "class Page:\n    def show(self):\n        return 1 if self._is_new(self.user) else 2\n\n"
        "    def _is_new(self, user):\n        return flags.is_on('new-checkout') or user.is_staff\n",
        "class Page:\n    def show(self):\n        return 1\n",
    ),
    "a property": (
        "class Page:\n    @property\n    def _is_new(self):\n        return flags.is_on('new-checkout') or self.user.is_staff\n\n"
        "    def show(self):\n        return self._is_new\n",
        "class Page:\n    def show(self):\n        return True\n",
    ),
    "a static method": (
        "class Page:\n    @staticmethod\n    def _is_new(user):\n        return user is None or flags.is_on('new-checkout')\n\n"
        "    @classmethod\n    def show(cls, user):\n        return cls._is_new(user)\n",
        "class Page:\n    @classmethod\n    def show(cls, user):\n        return True\n",
    ),
    "of another object": (
        "class Page:\n    def _is_new(self):\n        return flags.is_on('new-checkout') or self.x\n\n"
        "    def show(self, page):\n        return page._is_new()\n",
        "class Page:\n    def _is_new(self):\n        return True\n\n    def show(self, page):\n        return page._is_new()\n",
    ),
    "that a subclass may have": (
        "class Page:\n    def _is_new(self):\n        return flags.is_on('new-checkout') or self.x\n\n"
        "    def show(self):\n        return self._is_new()\n\n\nclass Old(Page):\n    def _is_new(self):\n        return False\n",
        "class Page:\n    def _is_new(self):\n        return True\n\n"
        "    def show(self):\n        return self._is_new()\n\n\nclass Old(Page):\n    def _is_new(self):\n        return False\n",
    ),
}


@pytest.mark.parametrize(("before", "expected"), MEMBERS.values(), ids=MEMBERS)
def test_of_a_class(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {"app/page.py": f"import flags\n\n\n{before}"})["app/page.py"] == expected


CONSTANTS = {
    "in another module": (
        "from app.keys import NEW\n\n\ndef page():\n    return 1 if NEW else 2\n",
        "def page():\n    return 1\n",
    ),
    "by the module": (
        "from app import keys\n\n\ndef page():\n    return keys.NEW and keys.OTHER\n",
        "from app import keys\n\n\ndef page():\n    return keys.OTHER\n",
    ),
}


@pytest.mark.parametrize(("before", "expected"), CONSTANTS.values(), ids=CONSTANTS)
def test_a_constant(tmp_path: Path, before: str, expected: str) -> None:
    keys = "from flags import is_on\n\nNEW = is_on('new-checkout')\nOTHER = 1\n"
    now = after(tmp_path, {"app/keys.py": keys, "app/views.py": before})
    assert now["app/views.py"] == expected
    assert now["app/keys.py"] == "OTHER = 1\n"


SET_ELSEWHERE = {
    "set from another module": "from app import keys\n\nkeys.NEW = False\n",
    "set again": "from app.keys import NEW\n\nNEW = not NEW\n",
    "deleted": "from app import keys\n\ndel keys.NEW\n",
}


@pytest.mark.parametrize("code", SET_ELSEWHERE.values(), ids=SET_ELSEWHERE)
def test_a_constant_that_stays(tmp_path: Path, code: str) -> None:
    keys = "from flags import is_on\n\nNEW = is_on('new-checkout')\nOTHER = 1\n"
    now = after(tmp_path, {"app/keys.py": keys, "app/views.py": code})
    assert now["app/views.py"] == code
    assert now["app/keys.py"] == "NEW = True\nOTHER = 1\n"


def test_what_was_constant_before_is_no_concern(tmp_path: Path) -> None:
    code = """
        import flags


        def always():
            return True


        def page():
            return always() and flags.is_on("new-checkout")
    """
    expected = "def always():\n    return True\n\n\ndef page():\n    return always() and True\n"
    assert after(tmp_path, {"a.py": dedent(code)})["a.py"] == expected


def test_a_coroutine_is_waited_for(tmp_path: Path) -> None:
    code = "import flags\n\n\nasync def is_new(x):\n    return flags.is_on('new-checkout') or x\n\n\nasync def page():\n    return await is_new(1)\n"
    expected = "async def is_new(x):\n    return True\n\n\nasync def page():\n    return await is_new(1)\n"
    assert after(tmp_path, {"a.py": code})["a.py"] == expected


def test_nothing_is_left_to_do_in_a_second_run(tmp_path: Path) -> None:
    found = removal(tmp_path, {"app/helpers.py": HELPER, "app/views.py": ASKS["a call"][0]})
    assert not found.refusals


def test_a_file_of_which_something_is_left_is_left_whole(tmp_path: Path) -> None:
    view = (
        "import flags\n\nfrom app.helpers import is_new\n\n\ndef page(user):\n"
        "    return is_new(user) and flags.is_on('new-checkout') == CONTROL\n"
    )
    found = removal(tmp_path, {"app/helpers.py": HELPER, "app/views.py": view})
    assert [each.location.path for each in found.refusals] == ["app/views.py"]
    assert found.changes.keys() == {"app/helpers.py"}
