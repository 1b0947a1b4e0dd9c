"""Tests that force a value of the flag: what is left of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import DEFINITION, after, removal

SETTINGS = """\
definitions = ["flags"]

[[evaluation]]
call = "*get_config"
key = 0
default = 1

[[evaluation]]
attribute = "*settings.{key}"

[[override]]
call = "*override_settings"
form = "keywords"
"""
TEST = "tests/test_a.py"

FORCES_WHAT_IS_KEPT = {
    "a statement": (
        "import flags\n\n\ndef test_a():\n    flags.forced('new-checkout', True)\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "in set-up": (
        "import flags\n\n\nclass TestA:\n    def setUp(self):\n        self.x = 1\n        flags.forced('new-checkout', 1)\n\n"
        "    def test_a(self):\n        assert a()\n",
        "class TestA:\n    def setUp(self):\n        self.x = 1\n\n    def test_a(self):\n        assert a()\n",
    ),
    "a number for a truth": (
        "import flags\n\n\n@flags.forced('new-checkout', 1)\ndef test_a():\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "the name of the variant": (
        "import flags\n\n\n@flags.forced('new-checkout', 'on')\ndef test_a():\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "a test of one side and one of the other": (
        "import flags\n\n\ndef test_a():\n    flags.forced('new-checkout', True)\n    assert a()\n\n\n"
        "def test_b():\n    x = 1\n    flags.forced('new-checkout', False)\n    assert a()\n",
        "def test_a():\n    assert a()\n",
    ),
    "what comes of a block is asserted behind it": (
        "import flags\n\n\ndef test_a():\n    with flags.forced('new-checkout', False):\n        x = a()\n    assert x\n\n\n"
        "def test_b():\n    assert b()\n",
        "def test_b():\n    assert b()\n",
    ),
    "the only test of a class": (
        "import flags\n\n\nclass TestA:\n    @flags.forced('new-checkout', False)\n    def test_a(self):\n        assert a()\n\n\n"
        "def test_b():\n    assert b()\n",
        "def test_b():\n    assert b()\n",
    ),
    "set-up for a whole class": (
        "import flags\n\n\nclass TestA:\n    def setUp(self):\n        flags.forced('new-checkout', False)\n\n"
        "    def test_a(self):\n        assert a()\n\n\ndef test_b():\n    assert b()\n",
        "def test_b():\n    assert b()\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), FORCES_WHAT_IS_KEPT.values(), ids=FORCES_WHAT_IS_KEPT)
def test_of_an_override(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {TEST: before})[TEST] == expected


LEFT = {
    "what is kept for later": (
        "import flags\n\n\ndef setup():\n    x = flags.forced('new-checkout', True)\n", {5: "what this override is for"}),
    "one value after the other": (
        "import flags\n\n\ndef test_a():\n    flags.forced('new-checkout', True)\n    assert a()\n"
        "    flags.forced('new-checkout', False)\n    assert b()\n",
        {5: "one value and the other", 7: "one value and the other"},
    ),
    "a class for one value, with a test for the other": (
        "import flags\n\n\n@flags.forced('new-checkout', False)\nclass TestA:\n    def test_a(self):\n        assert a()\n\n"
        "    @flags.forced('new-checkout', True)\n    def test_b(self):\n        assert b()\n",
        {4: "one value and the other"},
    ),
    "what is asserted before": (
        "import flags\n\n\ndef test_a():\n    assert a()\n    flags.forced('new-checkout', False)\n    assert b()\n",
        {6: "for a part of a test"},
    ),
    "what is asserted in it and behind it": (
        "import flags\n\n\ndef test_a():\n    with flags.forced('new-checkout', False):\n        assert a()\n    assert b()\n",
        {5: "for a part of a test"},
    ),
    "a value that the flag does not have": (
        "import flags\n\n\n@flags.forced('new-checkout', 7)\ndef test_a():\n    assert b()\n",
        {4: "cannot be told which value"},
    ),
    "a text for a truth": (
        "import flags\n\n\n@flags.forced('new-checkout', 'True')\ndef test_a():\n    assert b()\n",
        {4: "cannot be told which value"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), LEFT.values(), ids=LEFT)
def test_left_to_a_human(tmp_path: Path, before: str, expected: dict[int, str]) -> None:
    found = removal(tmp_path, {TEST: before})
    assert {each.location.line: each.reason.partition(" ")[0] for each in found.refusals}.keys() == expected.keys()
    assert all(expected[each.location.line] in each.reason for each in found.refusals)
    assert found.changes == {}


def test_what_sets_the_flag_outside_of_tests_is_left(tmp_path: Path) -> None:
    found = removal(tmp_path, {"a.py": "import flags\n\nflags.forced('new-checkout', True)\n"})
    assert [each.reason for each in found.refusals] == ["it sets the flag outside of tests"]


KEYWORDS = {
    "the only one": (
        "@override_settings(NEW=True)\ndef test_a():\n    assert a()\n", "def test_a():\n    assert a()\n"),
    "one of two": (
        "@override_settings(NEW=True, OLD=1)\ndef test_a():\n    assert a()\n",
        "@override_settings(OLD=1)\ndef test_a():\n    assert a()\n",
    ),
    "the last of many lines": (
        "@override_settings(\n    OLD=1,  # why\n    NEW=True,\n)\ndef test_a():\n    assert a()\n",
        "@override_settings(\n    OLD=1,  # why\n)\ndef test_a():\n    assert a()\n",
    ),
    "the last, with no comma behind it": (
        "@override_settings(\n    OLD=1,\n    NEW=True\n)\ndef test_a():\n    assert a()\n",
        "@override_settings(\n    OLD=1\n)\ndef test_a():\n    assert a()\n",
    ),
    "the first of many lines, with comments": (
        "@override_settings(\n    # new\n    NEW=True,  # yes\n    # old\n    OLD=1,\n)\ndef test_a():\n    assert a()\n",
        "@override_settings(\n    # old\n    OLD=1,\n)\ndef test_a():\n    assert a()\n",
    ),
    "one between others": (
        "@override_settings(A=1, NEW=True, B=2)\ndef test_a():\n    assert a()\n",
        "@override_settings(A=1, B=2)\ndef test_a():\n    assert a()\n",
    ),
    "an assignment": (
        "def test_a(settings):\n    settings.NEW = True\n    settings.OLD = True\n    assert a()\n",
        "def test_a(settings):\n    settings.OLD = True\n    assert a()\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), KEYWORDS.values(), ids=KEYWORDS)
def test_of_settings(tmp_path: Path, before: str, expected: str) -> None:
    head = "from django.test import override_settings\n\n\n"
    definition = DEFINITION.replace("key: new-checkout", "key: new-checkout\naliases: [NEW]")
    files = {"flagctl.toml": SETTINGS, "flags/new-checkout.yaml": definition, TEST: head + before}
    if "override_settings" in expected or "override_settings" not in before:
        expected = head + expected
    assert after(tmp_path, files)[TEST] == expected


def test_the_setter_of_a_declared_getter(tmp_path: Path) -> None:
    config = '[[evaluation]]\ncall = "*get_config"\nkey = 0\ndefault = 1\n'
    before = (
        "from app import state\n\n\ndef test_a():\n    state.set_config('new-checkout', 1)\n    assert a()\n\n\n"
        "def test_b():\n    state.set_config('new-checkout', 0)\n    assert a()\n"
    )
    assert after(tmp_path, {"flagctl.toml": config, TEST: before})[TEST] == "def test_a():\n    assert a()\n"


def test_what_forces_the_flag_stays_while_something_asks_for_it(tmp_path: Path) -> None:
    test = "import flags\n\n\n@flags.forced('new-checkout', False)\ndef test_a():\n    assert a()\n"
    other = "import flags\n\n\ndef page():\n    return 1 if flags.is_on('new-checkout') else 2\n"
    left = "import flags\n\nx = flags.is_on('new-checkout') == CONTROL\n"
    files = {TEST: test, "a.py": other, "b.py": left}
    assert after(tmp_path, files) == {TEST: test, "a.py": "def page():\n    return 1\n", "b.py": left}


NESTED = {
    "one flag of several, beside a setting": (
        "@override_settings(FEATURES={'new-checkout': True, 'other': True}, DEBUG=True)",
        "@override_settings(FEATURES={'other': True}, DEBUG=True)\n",
    ),
    "the only flag, beside a setting": (
        "@override_settings(FEATURES={'new-checkout': True}, DEBUG=True)", "@override_settings(DEBUG=True)\n"),
    "one flag on top of others": (
        "@override_settings(FEATURES={**BASE, 'new-checkout': True})", "@override_settings(FEATURES={**BASE})\n"),
    "the only flag": ("@override_settings(FEATURES={'new-checkout': True})", ""),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), NESTED.values(), ids=NESTED)
def test_of_a_setting_with_flags_in_it(tmp_path: Path, before: str, expected: str) -> None:
    config = 'sdks = ["settings-dict"]\n[[evaluation]]\nmapping = "*settings.FEATURES"\n'
    head = "from django.test import override_settings\n\n\n"
    test = "def test_a():\n    assert a()\n"
    found = after(tmp_path, {"flagctl.toml": config, TEST: f"{head}{before}\n{test}"})
    assert found[TEST] == (head if expected else "") + expected + test


KEPT_OFF = {
    "it has a word of the flag's name": ("test_the_checkout_page", "", False),
    "it speaks of flags": ("test_a_page_when_enabled", "", False),
    "its name says nothing": ("test_a", "", False),
    "its documentation names the flag": ("test_publish", "What new-checkout does.", False),
    "its documentation speaks of a feature switch": ("test_publish", "With the feature switch.", False),
    "its documentation speaks of a switch": ("test_publish", "With a light switch.", True),
    "it has a word among others that say something": ("test_create_new_user", "", True),
    "it has such a word and one more": ("test_old_page", "", False),
    "on is no more than a word": ("test_discount_on_large_orders", "", True),
    "it is about something else": ("test_publish", "Publishes a page.", True),
    "it is about something else, in many words": ("test_publish_page_without_an_author", "", True),
}


@pytest.mark.parametrize(("name", "text", "stays"), KEPT_OFF.values(), ids=KEPT_OFF)
def test_of_what_was_switched_on_where_off_is_kept(tmp_path: Path, name: str, text: str, stays: bool) -> None:
    docstring = f"    '''{text}'''\n" if text else ""
    body = f"def {name}():\n{docstring}    assert a()\n"
    rest = "def test_z():\n    assert z()\n"
    before = f"import flags\n\n\n@flags.forced('new-checkout', True)\n{body}\n\n{rest}"
    found = removal(tmp_path, {TEST: before}, keep="off")
    assert (found.changes[TEST] or b"").decode() == (f"{body}\n\n{rest}" if stays else rest)
    assert (found.kept_tests, found.tests) == (([f"{TEST}::{name}"], []) if stays else ([], [f"{TEST}::{name}"]))


def test_a_word_of_the_class_around_it_tells_nothing(tmp_path: Path) -> None:
    test = "class TestCheckout:\n    @flags.forced('new-checkout', True)\n    def test_{}(self):\n        assert a()\n"
    for name, stays in (("checkout_page", True), ("checkout", False), ("checkout_is_new", False)):
        found = removal(tmp_path, {TEST: f"import flags\n\n\n{test.format(name)}"}, keep="off")
        assert len(found.kept_tests) == stays, name


CLASSES = {"TestCheckout": False, "TestOff": False, "TestA": False, "TestPublishing": True}


@pytest.mark.parametrize(("name", "stays"), CLASSES.items(), ids=CLASSES)
def test_a_class_goes_if_it_is_about_the_flag(tmp_path: Path, name: str, stays: bool) -> None:
    body = f"class {name}:\n    def test_a(self):\n        assert a()\n"
    rest = "def test_b():\n    assert b()\n"
    before = f"import flags\n\n\n@flags.forced('new-checkout', False)\n{body}\n\n{rest}"
    found = removal(tmp_path, {TEST: before})
    assert (found.changes[TEST] or b"").decode() == (f"{body}\n\n{rest}" if stays else rest)


def test_what_was_switched_off_goes_whatever_it_is_about(tmp_path: Path) -> None:
    test = "import flags\n\n\n@flags.forced('new-checkout', False)\ndef test_publish():\n    assert a()\n"
    assert removal(tmp_path, {TEST: test}).tests == [f"{TEST}::test_publish"]


DOUBLES = {
    "an item is set": (
        "def test_a(request):\n    request.feature.flags['new-checkout'] = True\n    assert a(request)\n",
        "def test_a(request):\n    assert a(request)\n",
    ),
    "all are set": (
        "def test_a(request):\n    request.flags = {'new-checkout': True}\n    assert a(request)\n",
        "def test_a(request):\n    assert a(request)\n",
    ),
    "one of those that are set": (
        "def test_a(request):\n    request.flags = {'new-checkout': True, 'other': False}\n    assert a(request)\n",
        "def test_a(request):\n    request.flags = {'other': False}\n    assert a(request)\n",
    ),
    "to each value": (
        "import pytest\n\n\n@pytest.mark.parametrize('is_on', (True, False))\ndef test_a(request, is_on):\n"
        "    request.feature_flags['new-checkout'] = is_on\n    assert a(request) is is_on\n",
        "def test_a(request):\n    assert a(request) is True\n",
    ),
    "to the other value": (
        "def test_old(request):\n    request.flags['new-checkout'] = False\n    assert a(request)\n\n\n"
        "def test_b():\n    assert b()\n",
        "def test_b():\n    assert b()\n",
    ),
}


@pytest.mark.parametrize(("before", "expected"), DOUBLES.values(), ids=DOUBLES)
def test_of_what_stands_in_for_all_flags(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {TEST: before})[TEST] == expected


NO_DOUBLES = {
    "of something else": "def test_a(request):\n    request.data['new-checkout'] = True\n    assert a(request)\n",
    "read": "def test_a(request):\n    assert request.flags['new-checkout'] is True\n",
    "a variable": "def test_a():\n    flags = {'new-checkout': True}\n    assert a(flags)\n",
    "to one value and the other": (
        "def test_a(request):\n    request.flags['new-checkout'] = True\n    assert a(request)\n"
        "    request.flags['new-checkout'] = False\n    assert b(request)\n"
    ),
    "to what nobody knows": "def test_a(request):\n    request.flags['new-checkout'] = x()\n    assert a(request)\n",
}


@pytest.mark.parametrize("test", NO_DOUBLES.values(), ids=NO_DOUBLES)
def test_of_what_does_not(tmp_path: Path, test: str) -> None:
    found = removal(tmp_path, {TEST: test})
    assert TEST not in found.changes
    assert not found.refusals
    assert {each.path for each in found.mentions} == {TEST}


def test_outside_of_tests_an_item_is_a_mention(tmp_path: Path) -> None:
    found = removal(tmp_path, {"app/page.py": "def page(request):\n    request.flags['new-checkout'] = True\n"})
    assert "app/page.py" not in found.changes
