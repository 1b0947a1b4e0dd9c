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
