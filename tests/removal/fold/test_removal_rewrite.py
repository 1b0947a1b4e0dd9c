"""Every construct with both values, as it is and as it becomes."""

from __future__ import annotations

import ast

import libcst as cst
import pytest
from removal_cases import cases, without_flag

CASES = [(name, before, on, off) for name, before, on, off in cases("rewrites")]


@pytest.mark.parametrize(("before", "on", "off"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_construct(before: str, on: str, off: str) -> None:
    assert without_flag(before, True) == on
    assert without_flag(before, False) == off
    for text in (on, off):
        ast.parse(text)
        assert without_flag(text, True) == text  # a second run changes nothing


WRITTEN = {
    # How else the flag may be asked for: its value when it is on and off, and constructs in which that makes a difference.
    "as a variant": (
        '(flag() == "on")',
        ("on", "off"),
        {
            "await",  # another thing is waited for
            "a generator stays one", "a local name stays one", "global and nonlocal",
            "a name of a class in a function stays one", "behind a loop that is only said to be endless",
            "a local name that is only set behind a loop without an end",  # what stays for its scope is not folded
        },
    ),
    "as details": ("details().value", (True, False), {"keywords without a space"}),  # `details().valueelse` is no keyword
}  # fmt: skip


@pytest.mark.parametrize(("written", "values", "others"), WRITTEN.values(), ids=WRITTEN)
@pytest.mark.parametrize(("name", "before", "on", "off"), CASES, ids=[case[0] for case in CASES])
def test_a_construct_written_otherwise(
    name: str, before: str, on: str, off: str, written: str, values: tuple[str | bool, ...], others: set[str]
) -> None:
    if name not in others:
        source = before.replace("await flag()", written).replace("flag()", written)
        assert [without_flag(source, value) for value in values] == [on, off]


VARIANTS = {
    'if flag() == "b":\n    one()\n': "one()\n",
    'if flag() != "b":\n    one()\nelse:\n    two()\n': "two()\n",
    'if flag() in ("a", "b"):\n    one()\n': "one()\n",
    'if flag() not in {"a"}:\n    one()\n': "one()\n",
    'if "a" == flag():\n    one()\n': "",
    "x = flag()\n": 'x = "b"\n',
    'x = f"is {flag()}"\n': 'x = "is b"\n',
    "x = f\"{flag()!r}{d['k']}\"\n": "x = f\"{'b'!r}{d['k']}\"\n",
    "if flag():\n    one()\n": "one()\n",
    "x = flag() or a\n": 'x = "b"\n',
    "x = a and flag()\n": 'x = a and "b"\n',
    "match flag():\n    case 'b':\n        one()\n": "one()\n",
    'if flag() > "a":\n    one()\n': 'if "b" > "a":\n    one()\n',
    'if a == flag() == "b":\n    one()\n': 'if a == "b" == "b":\n    one()\n',
}


@pytest.mark.parametrize(("before", "expected"), VARIANTS.items(), ids=VARIANTS)
def test_a_variant(before: str, expected: str) -> None:
    assert without_flag(before, "b") == expected


VARIABLES = {
    "def f():\n    on = flag()\n    if on:\n        one()\n    return on\n": "def f():\n    one()\n    return True\n",
    "def f():\n    on = not flag()\n    if on:\n        one()\n    two()\n": "def f():\n    two()\n",
    "def f():\n    a = flag()\n    b = not a\n    return g(b, k=b)\n": "def f():\n    return g(False, k=False)\n",
    "def f():\n    on: bool = flag()\n    return on\n": "def f():\n    return True\n",
    "def f():\n    if a:\n        on = flag()\n        return on\n": "def f():\n    if a:\n        return True\n",
    "def f():\n    on = flag()\n    return lambda: on\n": "def f():\n    return lambda: True\n",
    "def f():\n    on = flag()\n    return g(on=on).on\n": "def f():\n    return g(on=True).on\n",
}
LEFT_ALONE = {
    "bound twice": "def f():\n    on = True\n    if a:\n        on = b\n    return on\n",
    "read where it may not be set": "def f():\n    if a:\n        on = True\n    return on\n",
    "read before, in a loop": "def f():\n    for a in b:\n        if a:\n            one(on)\n        on = True\n",
    "a closure that may run before": "def f():\n    def g():\n        return on\n    g()\n    on = True\n",
    "set by a closure": "def f():\n    on = True\n    def g():\n        nonlocal on\n        on = b\n    return g(), on\n",
    "a lambda's own": "def f():\n    on = True\n    return (lambda on: on), on\n",
    "a comprehension's own": "def f():\n    on = True\n    return [on for on in b], on\n",
    "of a module": "on = True\nif on:\n    one()\n",
    "of a class": "class A:\n    on = True\n    x = on\n",
    "a global": "def f():\n    global on\n    on = True\n    return on\n",
    "deleted": "def f():\n    on = True\n    one(on)\n    del on\n",
    "added to": "def f():\n    on = True\n    on += 1\n    return on\n",
    "seen by another way": "def f():\n    on = True\n    return locals(), on\n",
    "in a tuple": "def f():\n    on, x = True, 1\n    return on\n",
    "of two": "def f():\n    on = x = True\n    return on, x\n",
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), VARIABLES.items(), ids=VARIABLES)
def test_a_variable(before: str, expected: str) -> None:
    assert without_flag(before, True) == expected


@pytest.mark.parametrize("after", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_a_variable_that_is_left_alone(after: str) -> None:
    before = after.replace("True", "flag()", 1)
    assert without_flag(before, True) == after


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_what_stays_is_the_same_byte_for_byte(newline: str) -> None:
    before = "def f():\n\tx = '''\n  a\n'''\n\tif flag():\n\t\ty = (1,\n\t\t     2)\t# why\n\tz  =  1 ;w=2\n".replace(
        "\n", newline
    )
    after = "def f():\n\tx = '''\n  a\n'''\n\ty = (1,\n\t     2)\t# why\n\tz  =  1 ;w=2\n".replace("\n", newline)
    assert without_flag(before, True) == after
    assert without_flag(before[: -len(newline)], True) == after[: -len(newline)]


def test_nothing_to_do_changes_nothing() -> None:
    source = "if a :\n  b( )\n"
    assert without_flag(source, True) == source
    assert cst.parse_module(source).code == source


def test_a_text_that_cannot_stand_in_an_f_string_is_not_carried_there() -> None:
    source = 'def f():\n    root = "it\'s \\"new\\"" if flag() else "C:\\\\old"\n    return f"{root!r:>20}"\n'
    for value in (True, False):
        ast.parse(without_flag(source, value))
        assert "{root!r:>20}" in without_flag(source, value)
