"""Whole projects: what goes with a flag in all files, and what stays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from removal_cases import after, removal

ASKS = "import flags\n\n\ndef page():\n    if flags.is_on('new-checkout'):\n        return 1\n    return 2\n"
ONE = "def page():\n    return 1\n"

GOES: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "an import": ({"a.py": ASKS}, {"a.py": ONE}),
    "an import, though a module of the same name elsewhere has one": (
        {"p/a.py": ASKS, "q/a.py": "import flags\n\nflags.x()\n", "b.py": "from q.a import flags\n"},
        {"p/a.py": ONE, "q/a.py": "import flags\n\nflags.x()\n", "b.py": "from q.a import flags\n"},
    ),
    "a name of an import": (
        {"a.py": "from flags import is_on, other\n\nother()\nx = 1 if is_on('new-checkout') else 2\n"},
        {"a.py": "from flags import other\n\nother()\nx = 1\n"},
    ),
    "a name of an import in brackets": (
        {"a.py": "from flags import (\n    other,\n    is_on,  # why\n)\n\nother()\nx = is_on('new-checkout')\n"},
        {"a.py": "from flags import (\n    other,\n)\n\nother()\nx = True\n"},
    ),
    "what only the dead side imported": (
        {"a.py": "import flags\nfrom m import new, old\n\nx = new if flags.is_on('new-checkout') else old\n"},
        {"a.py": "from m import new\n\nx = new\n"},
    ),
    "an import inside a function": (
        {"a.py": "def f():\n    import flags\n    return flags.is_on('new-checkout')\n"},
        {"a.py": "def f():\n    return True\n"},
    ),
    "a constant": (
        {"a.py": "import flags\n\nFLAG = 'new-checkout'\nx = flags.is_on(FLAG)\n"}, {"a.py": "x = True\n"}),
    "a constant of another module": (
        {"keys.py": "FLAG = 'new-checkout'\nOTHER = 'other'\n",
         "a.py": "import flags\nfrom keys import FLAG\n\nx = flags.is_on(FLAG)\n"},
        {"keys.py": "OTHER = 'other'\n", "a.py": "x = True\n"},
    ),
    "a member of an enum": (
        {"keys.py": "from enum import StrEnum\n\n\nclass Keys(StrEnum):\n    A = 'new-checkout'\n    B = 'other'\n",
         "a.py": "import flags\nfrom keys import Keys\n\nx = flags.is_on(Keys.A)\ny = Keys.B\n"},
        {"keys.py": "from enum import StrEnum\n\n\nclass Keys(StrEnum):\n    B = 'other'\n",
         "a.py": "from keys import Keys\n\nx = True\ny = Keys.B\n"},
    ),
    "a helper and its callers": (
        {"h.py": "import flags\n\n\ndef is_new():\n    return flags.is_on('new-checkout')\n",
         "a.py": "from h import is_new\n\n\ndef f():\n    if not is_new():\n        raise ValueError\n    return 1\n"},
        {"h.py": "", "a.py": "def f():\n    return 1\n"},
    ),
    "functions that only name each other": (
        {"a.py": "import flags\n\nLIMIT = 3\n\n\ndef _old():\n    return LIMIT\n\n\ndef f():\n"
                 "    if flags.is_on('new-checkout'):\n        return 1\n    return _old() + LIMIT\n"},
        {"a.py": "def f():\n    return 1\n"},
    ),
    "a class that stands alone": (
        {"a.py": "import flags\n\n\nclass OldError(Exception):\n    pass\n\n\nclass _Old:\n    a = 1\n\n\ndef f():\n"
                 "    if flags.is_on('new-checkout'):\n        return 1\n    raise OldError(_Old.a)\n"},
        {"a.py": "def f():\n    return 1\n"},
    ),
    "a function of the dead side, and what only that used": (
        {"a.py": "import flags\nimport json\n\n\ndef _old():\n    return json.dumps(LIMIT)\n\n\nLIMIT = 3\n\n\n"
                 "def f():\n    if flags.is_on('new-checkout'):\n        return 1\n    return _old()\n"},
        {"a.py": "def f():\n    return 1\n"},
    ),
    "a flag object": (
        {"keys.py": "from flags import Flag\n\nNEW = Flag('new-checkout')\nOLD = Flag('other')\n",
         "a.py": "from keys import NEW, OLD\n\nx = NEW.is_on()\ny = OLD.is_on()\n",
         "flagctl.toml": '[[flag_object]]\nconstructor = "flags.Flag"\nkey = 0\nevaluations = ["is_on"]\n'},
        {"keys.py": "from flags import Flag\n\nOLD = Flag('other')\n", "a.py": "from keys import OLD\n\nx = True\ny = OLD.is_on()\n",
         "flagctl.toml": '[[flag_object]]\nconstructor = "flags.Flag"\nkey = 0\nevaluations = ["is_on"]\n'},
    ),
    "what an evaluation was given": (
        {"a.py": "import flags\n\n\ndef f(u):\n    who = flags.EvaluationContext(str(u))\n"
                 "    return flags.is_on('new-checkout', who)\n"},
        {"a.py": "def f(u):\n    return True\n"},
    ),
    "a variable": (
        {"a.py": "import flags\n\n\ndef f(x):\n    old = x + 1\n    if flags.is_on('new-checkout'):\n        return x\n"
                 "    return old\n"},
        {"a.py": "def f(x):\n    return x\n"},
    ),
    "an override that forces what is kept": (
        {"tests/test_a.py": "import flags\n\n\n@flags.forced('new-checkout', True)\ndef test_a():\n    assert 1\n\n\n"
                            "def test_b():\n    with flags.forced('new-checkout', True), open('x') as y:\n        y.read()\n"
                            "    with flags.forced('new-checkout', True):\n        assert 2\n"},
        {"tests/test_a.py": "def test_a():\n    assert 1\n\n\ndef test_b():\n    with open('x') as y:\n        y.read()\n"
                            "    assert 2\n"},
    ),
    "a test of the other side": (
        {"tests/test_a.py": "import flags\nfrom m import a, b\n\n\n@flags.forced('new-checkout', False)\ndef test_a():\n"
                            "    a()\n\n\ndef test_b():\n    b()\n"},
        {"tests/test_a.py": "from m import b\n\n\ndef test_b():\n    b()\n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), GOES.values(), ids=GOES)
def test_what_goes(tmp_path: Path, files: Mapping[str, str], expected: Mapping[str, str]) -> None:
    assert after(tmp_path, files) == expected


STAYS: dict[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "an import that was not used": ({"a.py": "import json\n" + ASKS}, {"a.py": "import json\n\n\n" + ONE}),
    "an import with noqa": (
        {"a.py": ASKS.replace("import flags", "import flags  # noqa: F401")}, {"a.py": f"import flags  # noqa: F401\n\n\n{ONE}"}),
    "an import that another module takes from here": (
        {"a.py": ASKS, "b.py": "from a import flags\n\nflags.other()\n"},
        {"a.py": f"import flags\n\n\n{ONE}", "b.py": "from a import flags\n\nflags.other()\n"},
    ),
    "an import that another module takes with a star": (
        {"a.py": ASKS, "b.py": "from a import *\n"}, {"a.py": f"import flags\n\n\n{ONE}", "b.py": "from a import *\n"}),
    "an import that another module takes by another name": (
        {"a.py": ASKS, "b.py": "import a as x\n\nx.flags.y()\n"}, {"a.py": f"import flags\n\n\n{ONE}", "b.py": "import a as x\n\nx.flags.y()\n"}),
    "an import that a mock names": (
        {"a.py": ASKS, "b.py": "patch('a.flags.is_on')\n"},
        {"a.py": f"import flags\n\n\n{ONE}", "b.py": "patch('a.flags.is_on')\n"},
    ),
    "an import in __all__": (
        {"a.py": ASKS + "\n\n__all__ = ['flags']\n"}, {"a.py": f"import flags\n\n\n{ONE}\n\n__all__ = ['flags']\n"}),
    "an import of a package": ({"p/__init__.py": ASKS}, {"p/__init__.py": f"import flags\n\n\n{ONE}"}),
    "a constant that something else names": (
        {"a.py": "import flags\n\nFLAG = 'new-checkout'\nx = flags.is_on(FLAG)\n", "migrations/b.py": "from a import FLAG\n"},
        {"a.py": "FLAG = 'new-checkout'\nx = True\n", "migrations/b.py": "from a import FLAG\n"},
    ),
    "a function that a string names": (
        {"a.py": "import flags\n\n\ndef old():\n    return 2\n\n\nx = 1 if flags.is_on('new-checkout') else old()\n",
         "urls.txt": "a.old\n"},
        {"a.py": "def old():\n    return 2\n\n\nx = 1\n", "urls.txt": "a.old\n"},
    ),
    "what a framework asks for by its name: a member of a class": (
        {"a.py": "import flags\n\n\nclass Page(View):\n    template_name = 'new.html'\n\n    def get_queryset(self):\n        return 1\n",
         "b.py": "import flags\n\nx = 1 if flags.is_on('new-checkout') else (y.template_name, y.get_queryset())\n"},
        {"a.py": "import flags\n\n\nclass Page(View):\n    template_name = 'new.html'\n\n    def get_queryset(self):\n        return 1\n",
         "b.py": "x = 1\n"},
    ),
    "what a framework asks for by its name: a class": (
        {"a.py": "class Old(Model):\n    pass\n",
         "b.py": "import flags\nfrom a import Old\n\nx = 1 if flags.is_on('new-checkout') else Old()\n"},
        {"a.py": "class Old(Model):\n    pass\n", "b.py": "x = 1\n"},
    ),
    "what a framework asks for by its name: a setting": (
        {"p/settings.py": "LOGIN_URL = '/in'\n",
         "b.py": "import flags\nfrom django.conf import settings\n\nx = 1 if flags.is_on('new-checkout') else settings.LOGIN_URL\n"},
        {"p/settings.py": "LOGIN_URL = '/in'\n", "b.py": "x = 1\n"},
    ),
    "what a framework asks for by its name: a hook": (
        {"a.py": "def pytest_configure():\n    pass\n\n\nurlpatterns = []\n",
         "b.py": "import a\nimport flags\n\nx = 1 if flags.is_on('new-checkout') else (a.pytest_configure(), a.urlpatterns)\n"},
        {"a.py": "def pytest_configure():\n    pass\n\n\nurlpatterns = []\n", "b.py": "x = 1\n"},
    ),
    "what is named outside of the sources": (
        {"flagctl.toml": 'sources = ["src"]\n[[evaluation]]\ncall = "flags.is_on"\nkey = 0\n',
         "src/a.py": "import flags\n\n\ndef old():\n    return 2\n\n\nx = 1 if flags.is_on('new-checkout') else old()\n",
         "scripts/b.py": "from a import old\n"},
        {"flagctl.toml": 'sources = ["src"]\n[[evaluation]]\ncall = "flags.is_on"\nkey = 0\n',
         "src/a.py": "def old():\n    return 2\n\n\nx = 1\n", "scripts/b.py": "from a import old\n"},
    ),
    "a call of the module's own function with a builtin's name": (
        {"a.py": "import flags\n\n\ndef bool(x):\n    return 7\n\n\nx = bool(flags.is_on('new-checkout'))\n"},
        {"a.py": "def bool(x):\n    return 7\n\n\nx = bool(True)\n"},
    ),
    "a function with a decorator": (
        {"a.py": "import flags\n\n\n@hook\ndef old():\n    return 2\n\n\nx = 1 if flags.is_on('new-checkout') else old()\n"},
        {"a.py": "@hook\ndef old():\n    return 2\n\n\nx = 1\n"},
    ),
    "the effect of a value that nothing reads": (
        {"a.py": "import flags\n\n\ndef f(x):\n    old = x()\n    return 1 if flags.is_on('new-checkout') else old\n"},
        {"a.py": "def f(x):\n    x()\n    return 1\n"},
    ),
    "another flag, and a look-alike": (
        {"a.py": "import flags\n\nx = flags.is_on('other')\ny = mine.is_on('new-checkout')\nz = flags.is_on('new-checkout-2')\n"},
        {"a.py": "import flags\n\nx = flags.is_on('other')\ny = mine.is_on('new-checkout')\nz = flags.is_on('new-checkout-2')\n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), STAYS.values(), ids=STAYS)
def test_what_stays(tmp_path: Path, files: Mapping[str, str], expected: Mapping[str, str]) -> None:
    assert after(tmp_path, files) == expected


REFUSED = {
    "a comparison with something unknown": (
        "import flags\nx = flags.is_on('new-checkout') == CONTROL\n", (2, "compared with something")),
    "a variant that nobody named": ("import flags\nx = flags.variant('new-checkout')\n", (2, "it returns str")),
    "arguments that do more": (
        "import flags\nx = flags.is_on('new-checkout', (y := 1))\n", (2, "its arguments do more")),
    "an asynchronous generator expression": (
        "import flags\nasync def f(y):\n    return (x for x in y if await flags.aio_is_on('new-checkout'))\n", (3, "asynchronous")),
    "an override for a part of a test": (
        "import flags\ndef test_a():\n    assert a()\n    with flags.forced('new-checkout', False):\n        b()\n",
        (4, "for a part of a test")),
    "an override with a value from elsewhere": (
        "import flags\n@flags.forced('new-checkout', VALUE)\ndef test_a():\n    a()\n", (2, "cannot be told which value")),
    "an override by another function": (
        "import flags\ndef setup():\n    x = flags.forced('new-checkout', True)\n", (3, "outside of tests")),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_is_left_whole(tmp_path: Path, source: str, expected: tuple[int, str]) -> None:
    found = removal(tmp_path, {"a.py": source, "b.py": ASKS})
    assert [(each.location.path, each.location.line) for each in found.refusals] == [("a.py", expected[0])]
    assert expected[1] in found.refusals[0].reason
    assert found.changes == {"b.py": ONE.encode()}  # and the definition stays


def test_a_file_is_rewritten_completely_or_not_at_all(tmp_path: Path) -> None:
    source = ASKS + "\n\nx = flags.is_on('new-checkout') == CONTROL\n"
    found = removal(tmp_path, {"a.py": source})
    assert (found.changes, found.replaced, len(found.refusals)) == ({}, 0, 1)


def test_other_languages_are_left_to_a_human(tmp_path: Path) -> None:
    found = removal(tmp_path, {"a.py": ASKS, "b.ts": "useFlag('new-checkout')\n", "c.md": "`new-checkout`\n"})
    assert [each.location.path for each in found.refusals] == ["b.ts"]
    assert [each.path for each in found.mentions] == ["c.md"]


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    for number, (files, _) in enumerate([*GOES.values(), *STAYS.values()]):
        now = after(tmp_path / f"{number}a", files)
        assert after(tmp_path / f"{number}b", now) == now


def test_the_definition_becomes_a_tombstone(tmp_path: Path) -> None:
    changes = removal(tmp_path, {"a.py": ASKS}).changes
    assert changes["flags/new-checkout.yaml"] is None
    tombstone = changes["flags/archive/new-checkout.yaml"]
    assert tombstone is not None
    assert tombstone.startswith(b"key: new-checkout\n")
    assert tombstone.endswith(b'\nremoved: {on: 2026-06-15, kept: "on"}\n')


def test_one_of_many_definitions(tmp_path: Path) -> None:
    from removal_cases import DEFINITION

    other = DEFINITION.replace("new-checkout", "other")
    files = {"a.py": ASKS, "flags/new-checkout.yaml": f"# all\n---\n{other}---\n# ours\n{DEFINITION}---\n{other}2\n"}
    changes = removal(tmp_path, files).changes
    assert changes["flags/new-checkout.yaml"] == f"# all\n---\n{other}---\n{other}2\n".encode()
    tombstone = changes["flags/archive/new-checkout.yaml"]
    assert tombstone is not None
    assert tombstone.startswith(b"# ours\nkey: new-checkout\n")


UNREADABLE = {
    "newer or wrong Python": (b"import flags\nif flags.is_on('new-checkout')\n    pass\n", None),
    "nested too deeply": (
        b"import flags\nx = flags.is_on('new-checkout')\ny = a" + b".b()" * 900 + b"\n",
        "nested too deeply",
    ),
}


@pytest.mark.parametrize(("source", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_rewritten(tmp_path: Path, source: bytes, reason: str | None) -> None:
    found = removal(tmp_path, {"a.py": source.decode(), "b.py": ASKS})
    assert found.changes.get("b.py") == ONE.encode()
    assert "a.py" not in found.changes
    assert all(reason and reason in each.reason for each in found.refusals)


REGISTRY = '[[evaluation]]\ncall = "flags.is_on"\nkey = 0\n\n[[registry]]\nfile = "keys.py"\nobject = "{}"\n'
DECLARES: dict[str, tuple[str, str, str]] = {
    "a dictionary": (
        "FEATURES",
        "FEATURES = {\n    # the old one\n    'other': 'x',  # old\n    # the new one\n    'new-checkout': (\n        'fewer '\n        'clicks'\n    ),\n    'third': 'y',\n}\n",
        "FEATURES = {\n    # the old one\n    'other': 'x',  # old\n    'third': 'y',\n}\n",
    ),
    "a list": ("FEATURES", "FEATURES = ['other', 'new-checkout']\n", "FEATURES = ['other']\n"),
    "a set with nothing else": ("FEATURES", "FEATURES = {'new-checkout'}\n", "FEATURES = set()\n"),
    "a tuple of two": ("FEATURES", "FEATURES = ('new-checkout', 'other')\n", "FEATURES = ('other',)\n"),
    "rows": (
        "FEATURES",
        "FEATURES = [\n    ('other', 1),\n    ('new-checkout', 2),\n]\n",
        "FEATURES = [\n    ('other', 1),\n]\n",
    ),
    "a call": (
        "FEATURES", "FEATURES = frozenset({'a', 'new-checkout', 'b'})\n", "FEATURES = frozenset({'a', 'b'})\n"),
    "a constant": (
        "FEATURES", "NEW = 'new-checkout'\nOLD = 'other'\nFEATURES = [NEW, OLD]\n", "OLD = 'other'\nFEATURES = [OLD]\n"),
    "an enumeration": (
        "Flags",
        "from enum import Enum\n\n\nclass Flags(Info, Enum):\n    OTHER = ('other', 'x')\n\n    NEW = ('new-checkout', 'y', [], True)\n",
        "from enum import Enum\n\n\nclass Flags(Info, Enum):\n    OTHER = ('other', 'x')\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("registry", "before", "expected"), DECLARES.values(), ids=DECLARES)
def test_what_declares_the_flag_goes(tmp_path: Path, registry: str, before: str, expected: str) -> None:
    files = {"flagctl.toml": REGISTRY.format(registry), "keys.py": before, "a.py": ASKS}
    assert after(tmp_path, files) == {**files, "keys.py": expected, "a.py": ONE}


def test_a_member_that_code_asks_for_stays(tmp_path: Path) -> None:
    keys = "from enum import Enum\n\n\nclass Flags(Enum):\n    NEW = 'new-checkout'\n"
    files = {"flagctl.toml": REGISTRY.format("Flags"), "keys.py": keys, "migrations/b.py": "Flags.NEW.value\n"}
    assert after(tmp_path, files)["keys.py"] == keys


def test_what_declares_the_flag_stays_while_something_asks_for_it(tmp_path: Path) -> None:
    keys = "FEATURES = {'new-checkout': 'x'}\n"
    left = "import flags\n\nx = flags.is_on('new-checkout') == CONTROL\n"
    files = {"flagctl.toml": REGISTRY.format("FEATURES"), "keys.py": keys, "a.py": ASKS, "b.py": left}
    assert after(tmp_path, files) == {**files, "a.py": ONE}


def test_the_settings_of_a_flag(tmp_path: Path) -> None:
    files = {
        "a.py": "import flags\nfrom p import settings\n\nx = flags.is_on('new-checkout', settings.NEW_CHECKOUT)\n",
        "p/settings.py": "DEBUG = 1\n\nNEW_CHECKOUT = False\n",
        "p/settings_test.py": "from p.settings import *\n\nNEW_CHECKOUT = True\n",
    }
    now = after(tmp_path, files)
    assert now == {
        "a.py": "x = True\n",
        "p/settings.py": "DEBUG = 1\n",
        "p/settings_test.py": "from p.settings import *\n",
    }


HEAD = "import flags\n\n\n"
SURVIVES: dict[str, tuple[str, str]] = {
    "one of two functions": (
        "if flags.is_on('new-checkout'):\n    def page(x):\n        return 1\nelse:\n    def page(x):\n        return 2\n",
        "def page(x):\n    return 1\n",
    ),
    "one of two constants": (
        "if flags.is_on('new-checkout'):\n    LIMIT = 1\nelse:\n    LIMIT = 2\n", "LIMIT = 1\n"),
    "a function that called itself": (
        "def walk(t):\n    if flags.is_on('new-checkout'):\n        return t\n    return [walk(x) for x in t]\n",
        "def walk(t):\n    return t\n",
    ),
    "a function with the name of an attribute": (
        "def index(r):\n    if flags.is_on('new-checkout'):\n        return r\n    return r.index(1)\n", "def index(r):\n    return r\n"),
    "a method with the name of another's": (
        "class Till:\n    def charge(self, x):\n        if flags.is_on('new-checkout'):\n            return x\n        return x.charge()\n",
        "class Till:\n    def charge(self, x):\n        return x\n",
    ),
    "a function of which a text spoke": (
        "def page(x):\n    if flags.is_on('new-checkout'):\n        return x\n    # the old page\n    return 'page'\n",
        "def page(x):\n    return x\n",
    ),
    "a function called like the prefix of a text": (
        "def f(x):\n    return f'page-{flags.is_on('new-checkout')}'\n".replace("'new-checkout'", '"new-checkout"'),
        "def f(x):\n    return 'page-True'\n",
    ),
    "the fields of a row": (
        "class Row(NamedTuple):\n    a: int = 1\n    b: int = 2\n\n\nx = 1 if flags.is_on('new-checkout') else Row.a\n",
        "x = 1\n",
    ),
    "a field of a row that is made": (
        "class Row(NamedTuple):\n    a: int = 1\n    b: int = 2\n\n\nx = Row(1, 2) if flags.is_on('new-checkout') else Row.b\n",
        "class Row(NamedTuple):\n    a: int = 1\n    b: int = 2\n\n\nx = Row(1, 2)\n",
    ),
    "an enumeration of other keys": (
        "from enum import Enum\n\n\nclass Keys(Enum):\n    NEW = 'new-checkout'\n    OTHER = 'other'\n\n\nx = flags.is_on(Keys.NEW.value)\n",
        "from enum import Enum\n\n\nclass Keys(Enum):\n    OTHER = 'other'\n\n\nx = True\n",
    ),
    "a method of which only another class's was called": (
        "class A:\n    def old(self):\n        return 1\n\n\ndef page(x):\n    return 1 if flags.is_on('new-checkout') else x.old()\n",
        "class A:\n    def old(self):\n        return 1\n\n\ndef page(x):\n    return 1\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), SURVIVES.values(), ids=SURVIVES)
def test_what_is_only_named_like_what_goes_stays(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {"a.py": HEAD + before}) == {"a.py": expected}


def test_what_a_package_offers_stays(tmp_path: Path) -> None:
    own = "def make(x):\n    return x\n\n\ndef page(x):\n    return 1 if flags.is_on('new-checkout') else make(x)\n"
    expected = HEAD + "def make(x):\n    return x\n\n\ndef page(x):\n    return 1\n"
    assert after(tmp_path, {"p/__init__.py": HEAD + own}) == {"p/__init__.py": expected}


def test_a_function_that_only_calls_itself_goes(tmp_path: Path) -> None:
    own = "def _walk(t):\n    return [_walk(x) for x in t]\n\n\ndef page(x):\n    return 1 if flags.is_on('new-checkout') else _walk(x)\n"
    assert after(tmp_path, {"a.py": HEAD + own}) == {"a.py": "def page(x):\n    return 1\n"}


def test_a_function_of_the_same_name_elsewhere_is_no_use(tmp_path: Path) -> None:
    own = "def _old(t):\n    return t\n\n\ndef page(x):\n    return 1 if flags.is_on('new-checkout') else _old(x)\n"
    other = "def _old(t):\n    return 2\n\n\nprint(_old(1))\n"
    files = {"a.py": HEAD + own, "b.py": other}
    assert after(tmp_path, files) == {"a.py": "def page(x):\n    return 1\n", "b.py": other}
    files = {"a.py": HEAD + own, "b.py": "from a import _old\n\nprint(_old(1))\n"}
    assert "def _old" in after(tmp_path / "c", files)["a.py"]


TRIED = "try:\n    import ujson\n    FAST = True\nexcept ImportError:\n    FAST = False\n\n\n"
BINDS: dict[str, tuple[str, str]] = {
    "an import that is tried": (
        f"{TRIED}def page(x):\n    if flags.is_on('new-checkout'):\n        return FAST\n    return ujson.dumps(x)\n",
        f"{TRIED}def page(x):\n    return FAST\n",
    ),
    "a variable that an inner function sets": (
        "def outer(call):\n    state = 1\n\n    def inner():\n        nonlocal state\n        state = 2\n\n    call(inner)\n"
        "    if flags.is_on('new-checkout'):\n        return 1\n    return state\n",
        "def outer(call):\n    state = 1\n\n    def inner():\n        nonlocal state\n        state = 2\n\n    call(inner)\n"
        "    return 1\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), BINDS.values(), ids=BINDS)
def test_what_is_needed_without_being_read_stays(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, {"a.py": HEAD + before}) == {"a.py": expected}


ASYNC = "import flags\n\n\nasync def is_new():\n    return flags.is_on('new-checkout')\n"
DOUBTFUL: dict[str, tuple[Mapping[str, str], tuple[str, int, str]]] = {
    "a coroutine that nothing waits for": (
        {"a.py": ASYNC + "\n\nasync def page(r):\n    x = is_new()\n    return await x\n"}, ("a.py", 9, "nothing waits")),
    "one of two that are waited for": (
        {"a.py": "import flags\n\n\nasync def page(r):\n    x = flags.aio_is_on('new-checkout')\n"
                 "    return await flags.aio_is_on('new-checkout'), await x\n"},
        ("a.py", 5, "nothing waits"),
    ),
    "a method that a subclass has, too": (
        {"a.py": "import flags\n\n\nclass A:\n    def is_new(self):\n        return flags.is_on('new-checkout')\n\n"
                 "    def page(self):\n        return 1 if self.is_new() else 2\n",
         "b.py": "from a import A\n\n\nclass B(A):\n    def is_new(self):\n        return False\n"},
        ("a.py", 9, "several classes have a is_new"),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("files", "expected"), DOUBTFUL.values(), ids=DOUBTFUL)
def test_what_other_code_decides_about_is_left(
    tmp_path: Path, files: Mapping[str, str], expected: tuple[str, int, str]
) -> None:
    found = removal(tmp_path, files)
    assert [(each.location.path, each.location.line) for each in found.refusals] == [expected[:2]]
    assert expected[2] in found.refusals[0].reason
    assert found.changes == {}


REBOUND = {
    "a condition": "if DEBUG:\n    def is_new():\n        return False\nelse:\n    def is_new():\n        return flags.is_on('new-checkout')\n",
    "an assignment": "def is_new():\n    return flags.is_on('new-checkout')\n\n\nif DEBUG:\n    is_new = lambda: False\n",
    "a global": "def is_new():\n    return flags.is_on('new-checkout')\n\n\ndef f():\n    global is_new\n    is_new = g\n",
}


@pytest.mark.parametrize("helper", REBOUND.values(), ids=REBOUND)
def test_a_helper_that_is_bound_twice_is_called(tmp_path: Path, helper: str) -> None:
    page = "\n\ndef page(r):\n    return 1 if is_new() else 2\n"
    assert after(tmp_path, {"a.py": HEAD + helper + page})["a.py"].endswith(page)


DETAILS = '[[evaluation]]\ncall = "flags.details"\nkey = 0\nreturns = "details"\n'
READS: dict[str, tuple[str, str | None]] = {
    "the value": ("def f():\n    if flags.details('new-checkout').value:\n        return 1\n    return 2\n", "def f():\n    return 1\n"),
    "the name of the variant": (
        "def f():\n    if flags.details('new-checkout')['name'] == 'on':\n        return 1\n    return 2\n", "def f():\n    return 1\n"),
    "the value of what is awaited": (
        "async def f():\n    return 1 if (await flags.details('new-checkout')).value else 2\n", "async def f():\n    return 1\n"),
    "a variable": (
        "def f(x):\n    found = flags.details('new-checkout')\n    log(found.variant)\n    return x if found.value else 2\n",
        'def f(x):\n    log("on")\n    return x\n',
    ),
    "the reason": ("def f():\n    return flags.details('new-checkout').reason\n", None),
    "a variable that is handed on": (
        "def f():\n    found = flags.details('new-checkout')\n    log(found)\n    return found.value\n", None),
    "a variable that is set twice": (
        "def f(x):\n    found = flags.details('new-checkout')\n    found = x or found\n    return found.value\n", None),
    "a variable of a class": (
        "class A:\n    found = flags.details('new-checkout')\n    x = found.value\n", None),
}  # fmt: skip


@pytest.mark.parametrize(("before", "expected"), READS.values(), ids=READS)
def test_details(tmp_path: Path, before: str, expected: str | None) -> None:
    files = {"flagctl.toml": DETAILS, "a.py": HEAD + before}
    assert after(tmp_path, files)["a.py"] == (HEAD + before if expected is None else expected)


def test_a_helper_goes_whatever_it_is(tmp_path: Path) -> None:
    own = (
        "from functools import lru_cache\n\nimport flags\n\n\nclass Shop:\n    @property\n    def is_new(self):\n"
        "        return flags.is_on('new-checkout')\n\n    @staticmethod\n    def asks():\n        return flags.is_on('new-checkout')\n\n"
        "    def page(self):\n        return 1 if self.is_new and self.asks() else 2\n\n\n"
        "@lru_cache\ndef cached():\n    return flags.is_on('new-checkout')\n\n\nx = cached()\n"
    )
    expected = "class Shop:\n    def page(self):\n        return 1\n\n\nx = True\n"
    assert after(tmp_path, {"a.py": own}) == {"a.py": expected}


def test_a_function_in_a_function_goes(tmp_path: Path) -> None:
    inner = "    def old():\n        return json.dumps(x)\n\n    def also(y=log()):\n        return 1\n\n"
    own = f"import json\n\n\ndef page(x):\n{inner}    return 1 if flags.is_on('new-checkout') else old() + also()\n"
    expected = "def page(x):\n    def also(y=log()):\n        return 1\n\n    return 1\n"
    assert after(tmp_path, {"a.py": f"import flags\n{own}"}) == {"a.py": expected}


def test_what_is_asked_for_by_a_name_that_is_put_together_stays(tmp_path: Path) -> None:
    own = (
        "class Report:\n    def export_pdf(self):\n        return 2\n\n    def page(self):\n"
        "        return 1 if flags.is_on('new-checkout') else self.export_pdf()\n\n"
        "    def export(self, kind):\n        return getattr(self, 'export_' + kind)()\n"
    )
    assert "def export_pdf" in after(tmp_path, {"a.py": HEAD + own})["a.py"]


def test_what_a_package_offers_by_a_star_stays(tmp_path: Path) -> None:
    own = "def old(x):\n    return x\n\n\nx = 1 if flags.is_on('new-checkout') else old(2)\n"
    files = {"p/__init__.py": "from p.a import *\n", "p/a.py": HEAD + own}
    assert "def old" in after(tmp_path, files)["p/a.py"]


def test_what_only_a_test_of_what_is_gone_asked_for_stays(tmp_path: Path) -> None:
    page = "def page(x):\n    return x if flags.is_on('new-checkout') else 2\n"
    test = (
        "import a\nimport flags\n\n\n@flags.forced('new-checkout', False)\ndef test_a():\n    assert a.page(1) == 2\n"
    )
    now = after(tmp_path, {"a.py": HEAD + page, "tests/test_a.py": test})
    assert now == {"a.py": "def page(x):\n    return x\n", "tests/test_a.py": ""}


def test_mentions_in_files_that_change_are_listed_where_they_will_stand(tmp_path: Path) -> None:
    found = removal(tmp_path, {"a.py": f"{ASKS}\n\nDOC = 'the new-checkout'\n"})
    assert [(each.path, each.line, each.column) for each in found.mentions] == [("a.py", 5, 12)]


def test_what_asks_for_any_flag_stays(tmp_path: Path) -> None:
    toggle = "import store\n\n\nclass Toggle:\n    def __init__(self, key):\n        self.key = key\n\n    def is_on(self):\n        return store.ask(self.key)\n"
    files = {
        "flagctl.toml": '[[evaluation]]\ncall = "flags.is_on"\nkey = 0\n\n[[flag_object]]\nconstructor = "t.Toggle"\nkey = 0\nevaluations = ["is_on"]\n',
        "t.py": toggle,
        "a.py": "from t import Toggle\n\nNEW = Toggle('new-checkout')\nx = 1 if NEW.is_on() else 2\n",
    }
    assert after(tmp_path, files) == {**files, "a.py": "x = 1\n"}
