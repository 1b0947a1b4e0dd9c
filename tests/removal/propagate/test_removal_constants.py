"""What holds the flag's value, or hands it on: constants of modules, attributes, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from removal_cases import after

HEAD = "import flags\n\n\n"

GOES: dict[str, tuple[str, str]] = {
    "a constant": (
        "NEW = flags.is_on('new-checkout')\n\n\ndef page(x):\n    if NEW:\n        return x\n    return 2\n",
        "def page(x):\n    return x\n",
    ),
    "a constant with a type": (
        "_NEW: bool = flags.is_on('new-checkout')\nx = 1 if _NEW else 2\n", "x = 1\n"),
    "an attribute": (
        "class Shop:\n    def __init__(self, x):\n        self.x = x\n        self.is_new = flags.is_on('new-checkout')\n\n"
        "    def page(self):\n        return self.x if self.is_new else 2\n",
        "class Shop:\n    def __init__(self, x):\n        self.x = x\n\n    def page(self):\n        return self.x\n",
    ),
    "a parameter": (
        "def page(x):\n    return _page(x, flags.is_on('new-checkout'))\n\n\ndef _page(x, is_new):\n    if is_new:\n        return x\n"
        "    return 2\n",
        "def page(x):\n    return _page(x)\n\n\ndef _page(x):\n    return x\n",
    ),
    "a parameter by name, of a method, that is handed on": (
        "class Shop:\n    def page(self, x):\n        return self._page(is_new=flags.is_on('new-checkout'), x=x)\n\n"
        "    def _page(self, is_new, x):\n        return self._rest(x, is_new)\n\n"
        "    def _rest(self, x, is_new):\n        return x if is_new else 2\n",
        "class Shop:\n    def page(self, x):\n        return self._page(x=x)\n\n    def _page(self, x):\n        return self._rest(x)\n\n"
        "    def _rest(self, x):\n        return x\n",
    ),
    "a parameter of a method in a condition": (
        "class A:\n    if True:\n        def _f(self, new):\n            return self.n() if new else 2\n\n"
        "    def f(self):\n        return self._f(flags.is_on('new-checkout'))\n",
        "class A:\n    if True:\n        def _f(self):\n            return self.n()\n\n    def f(self):\n        return self._f()\n",
    ),
    "all of these in one module": (
        "NEW = flags.is_on('new-checkout')\n\n\nclass A:\n    def __init__(self):\n        self.new = flags.is_on('new-checkout')\n\n"
        "    def f(self, x):\n        on = flags.is_on('new-checkout')\n        return _f(x, on) if self.new else NEW\n\n\n"
        "def _f(x, new):\n    return x if new and NEW else 2\n",
        "class A:\n    def __init__(self):\n        pass\n\n    def f(self, x):\n        return _f(x)\n\n\ndef _f(x):\n    return x\n",
    ),
    "a parameter with a default": (
        "def page(x):\n    return _page(x, is_new=flags.is_on('new-checkout')), _page(2)\n\n\ndef _page(x, is_new=True):\n"
        "    return x if is_new else 2\n",
        "def page(x):\n    return _page(x), _page(2)\n\n\ndef _page(x):\n    return x\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), GOES.values(), ids=GOES)
def test_what_goes(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {"a.py": HEAD + before}) == {"a.py": expected}


STAYS: dict[str, tuple[Mapping[str, str], str]] = {
    "a constant that another module names": (
        {"a.py": HEAD + "NEW = flags.is_on('new-checkout')\nx = 1 if NEW else 2\n", "b.py": "import a\n\na.NEW = 3\n"},
        "NEW = True\nx = 1 if NEW else 2\n",
    ),
    "a constant that a function sets": (
        {"a.py": HEAD + "NEW = flags.is_on('new-checkout')\n\n\ndef f():\n    global NEW\n    NEW = 2\n    return NEW\n"},
        "NEW = True\n\n\ndef f():\n    global NEW\n    NEW = 2\n    return NEW\n",
    ),
    "a constant that a text names": (
        {"a.py": HEAD + "NEW = flags.is_on('new-checkout')\n__all__ = ['NEW']\nx = NEW\n"},
        "NEW = True\n__all__ = ['NEW']\nx = NEW\n",
    ),
    "a constant that nothing reads": (
        {"a.py": HEAD + "NEW = flags.is_on('new-checkout')\n"}, "NEW = True\n"),
    "a variable that a framework may read": (
        {"a.py": HEAD + "debug = flags.is_on('new-checkout')\nx = debug\n"}, "debug = True\nx = debug\n"),
    "an attribute that is set again": (
        {"a.py": HEAD + "class A:\n    def __init__(self):\n        self.is_new = flags.is_on('new-checkout')\n\n"
                 "    def off(self):\n        self.is_new = False\n\n    def page(self):\n        return self.is_new\n"},
        "class A:\n    def __init__(self):\n        self.is_new = True\n\n    def off(self):\n        self.is_new = False\n\n"
        "    def page(self):\n        return self.is_new\n",
    ),
    "an attribute that somebody else reads": (
        {"a.py": HEAD + "class A:\n    def __init__(self):\n        self.is_new = flags.is_on('new-checkout')\n\n"
                 "    def page(self):\n        return self.is_new\n",
         "b.py": "from a import A\n\nprint(A().is_new)\n"},
        "class A:\n    def __init__(self):\n        self.is_new = True\n\n    def page(self):\n        return self.is_new\n",
    ),
    "an attribute that is not always set": (
        {"a.py": HEAD + "class A:\n    def __init__(self, x):\n        if x:\n            self.is_new = flags.is_on('new-checkout')\n\n"
                 "    def page(self):\n        return self.is_new\n"},
        "class A:\n    def __init__(self, x):\n        if x:\n            self.is_new = True\n\n    def page(self):\n        return self.is_new\n",
    ),
    "an attribute that is asked for by a name from elsewhere": (
        {"a.py": HEAD + "class A:\n    def __init__(self):\n        self.is_new = flags.is_on('new-checkout')\n\n"
                 "    def page(self, name):\n        return self.is_new, getattr(self, name)\n"},
        "class A:\n    def __init__(self):\n        self.is_new = True\n\n    def page(self, name):\n"
        "        return self.is_new, getattr(self, name)\n",
    ),
    "an attribute that is set among others": (
        {"a.py": HEAD + "class A:\n    def __init__(self):\n        self.new = flags.is_on('new-checkout')\n\n"
                 "    def f(self):\n        self.new, self.n = 1, 2\n        return self.new\n"},
        "class A:\n    def __init__(self):\n        self.new = True\n\n"
        "    def f(self):\n        self.new, self.n = 1, 2\n        return self.new\n",
    ),
    "an attribute that a base may read": (
        {"a.py": HEAD + "class A(Field):\n    def __init__(self):\n        self.new = flags.is_on('new-checkout')\n\n"
                 "    def f(self):\n        return self.new\n"},
        "class A(Field):\n    def __init__(self):\n        self.new = True\n\n    def f(self):\n        return self.new\n",
    ),
    "an attribute of something else": (
        {"a.py": HEAD + "class A:\n    def __init__(self, r):\n        r.new = flags.is_on('new-checkout')\n        f(self.new)\n"},
        "class A:\n    def __init__(self, r):\n        r.new = True\n        f(self.new)\n",
    ),
    "an attribute that may not be set yet": (
        {"a.py": HEAD + "class A:\n    def __init__(self):\n        self.set_up()\n        self.new = flags.is_on('new-checkout')\n\n"
                 "    def set_up(self):\n        return self.new\n"},
        "class A:\n    def __init__(self):\n        self.set_up()\n        self.new = True\n\n"
        "    def set_up(self):\n        return self.new\n",
    ),
    "an attribute that objects are dumped with": (
        {"a.py": HEAD + "class A:\n    def __init__(self):\n        self.new = flags.is_on('new-checkout')\n\n"
                 "    def f(self):\n        return self.new\n",
         "b.py": "import a\n\nprint(vars(a.A()))\n"},
        "class A:\n    def __init__(self):\n        self.new = True\n\n    def f(self):\n        return self.new\n",
    ),
    "a constant that is shown with its name": (
        {"a.py": HEAD + "NEW = flags.is_on('new-checkout')\nx = f'{NEW=}'\n"}, "NEW = True\nx = f'{NEW=}'\n"),
    "a constant that is read before": (
        {"a.py": HEAD + "def f():\n    return NEW\n\n\nf()\nNEW = flags.is_on('new-checkout')\n"},
        "def f():\n    return NEW\n\n\nf()\nNEW = True\n",
    ),
    "a constant of a configuration": (
        {"a.py": "y = 1\n", "config.py": HEAD + "NEW = flags.is_on('new-checkout')\nx = NEW\n"}, "y = 1\n"),
    "a parameter that a match sets": (
        {"a.py": HEAD + "def f(x):\n    return _f(flags.is_on('new-checkout'), x)\n\n\ndef _f(new, x):\n    match x:\n"
                 "        case {'a': new}:\n            return new\n    return new\n"},
        "def f(x):\n    return _f(True, x)\n\n\ndef _f(new, x):\n    match x:\n"
        "        case {'a': new}:\n            return new\n    return new\n",
    ),
    "a parameter that a block sets among others": (
        {"a.py": HEAD + "def f(x):\n    return _f(flags.is_on('new-checkout'), x)\n\n\ndef _f(new, x):\n    with x as (new, y):\n"
                 "        return new\n"},
        "def f(x):\n    return _f(True, x)\n\n\ndef _f(new, x):\n    with x as (new, y):\n        return new\n",
    ),
    "a parameter of a function that a text names": (
        {"a.py": HEAD + "def f(x):\n    return _f(flags.is_on('new-checkout')), globals()['_f'](False)\n\n\ndef _f(new):\n    return new\n"},
        "def f(x):\n    return _f(True), globals()['_f'](False)\n\n\ndef _f(new):\n    return new\n",
    ),
    "a parameter that is seen without being named": (
        {"a.py": HEAD + "def f(x):\n    return _f(flags.is_on('new-checkout'))\n\n\ndef _f(new):\n    return '{new}'.format(**locals())\n"},
        "def f(x):\n    return _f(True)\n\n\ndef _f(new):\n    return '{new}'.format(**locals())\n",
    ),
    "a parameter of a method that a base may call": (
        {"a.py": HEAD + "class A(Model):\n    def f(self):\n        return self._f(flags.is_on('new-checkout'))\n\n    def _f(self, new):\n        return new\n"},
        "class A(Model):\n    def f(self):\n        return self._f(True)\n\n    def _f(self, new):\n        return new\n",
    ),
    "a parameter of a public function": (
        {"a.py": HEAD + "def page(x):\n    return show(x, flags.is_on('new-checkout'))\n\n\ndef show(x, is_new):\n    return is_new\n"},
        "def page(x):\n    return show(x, True)\n\n\ndef show(x, is_new):\n    return is_new\n",
    ),
    "a parameter that others give otherwise": (
        {"a.py": HEAD + "def page(x):\n    return _show(flags.is_on('new-checkout')), _show(False)\n\n\ndef _show(is_new):\n    return is_new\n"},
        "def page(x):\n    return _show(True), _show(False)\n\n\ndef _show(is_new):\n    return is_new\n",
    ),
    "a parameter of a function that is handed on": (
        {"a.py": HEAD + "def page(x):\n    return _show(flags.is_on('new-checkout')), map(_show, x)\n\n\ndef _show(is_new):\n    return is_new\n"},
        "def page(x):\n    return _show(True), map(_show, x)\n\n\ndef _show(is_new):\n    return is_new\n",
    ),
    "a parameter of a function that another module calls": (
        {"a.py": HEAD + "def page(x):\n    return _show(flags.is_on('new-checkout'))\n\n\ndef _show(is_new):\n    return is_new\n",
         "b.py": "from a import _show\n\n_show(2)\n"},
        "def page(x):\n    return _show(True)\n\n\ndef _show(is_new):\n    return is_new\n",
    ),
    "a parameter that is set": (
        {"a.py": HEAD + "def page(x):\n    return _show(flags.is_on('new-checkout'))\n\n\ndef _show(is_new):\n    is_new = 2\n    return is_new\n"},
        "def page(x):\n    return _show(True)\n\n\ndef _show(is_new):\n    is_new = 2\n    return is_new\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), STAYS.values(), ids=STAYS)
def test_what_stays(tmp_path: Path, files: Mapping[str, str], expected: str) -> None:
    assert after(tmp_path, files)["a.py"] == expected
