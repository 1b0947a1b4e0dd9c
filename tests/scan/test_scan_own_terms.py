"""Terms that presets brought into the vocabulary, in the hands of a user."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, only, scan_files

from flagctl.model import ResolvedBy

CASES = {
    "keys by pattern": (
        '[[evaluation]]\ncall = "ask"\nkey = 0\nkey_pattern = ["new-*", "!new-user"]\n',
        """
        KEY = "new-checkout"  #> declaration new-checkout
        ask("new-checkout")  #> evaluation new-checkout
        ask(KEY)  #> evaluation new-checkout
        ask("new-other")  #> evaluation new-other
        ask("new-user")
        ask("old-search")  #> literal old-search
        ask(f"new-{name}")  #> evaluation ?
        ask(f"old-{name}")
        ask(name)
        ask(*names)
        """,
    ),
    "keys that end early": (
        '[[evaluation]]\ncall = "ask"\nkey = 0\nkey_until = "."\n',
        """
        ask("new-checkout.color.dark")  #> evaluation new-checkout
        ask("old-search")  #> evaluation old-search
        ask(name)  #> evaluation ?
        """,
    ),
    "one key, a list or a dictionary": (
        '[[override]]\ncall = "force"\nkey = 0\nform = "any"\n',
        """
        NAMES = ["new-checkout", "old-search"]  #> declaration new-checkout, declaration old-search
        force("new-checkout")  #> override new-checkout
        force(["new-checkout", "old-search"])  #> override new-checkout, override old-search
        force({"old-search": True})  #> override old-search
        force(NAMES)  #> override new-checkout, override old-search
        force(names)  #> override ?
        force([])
        """,
    ),
    "an object that holds the key": (
        '[[flag_object]]\nconstructor = "Request"\nkey = "flag"\nevaluations = []\n'
        '[[evaluation]]\ncall = "ask"\nkey = 0\nform = "object"\n',
        """
        request = Request(flag="new-checkout")  #> declaration new-checkout
        ask(request)  #> evaluation new-checkout
        another = Request(flag="old-search")  #> declaration old-search
        ask([request, another])  #> evaluation new-checkout, evaluation old-search
        ask(other)  #> evaluation ?
        ask("new-checkout")  #> evaluation ?, literal new-checkout
        request.send()
        send(request)
        Other(flag="new-checkout")  #> literal new-checkout
        """,
    ),
    "an object called like the flag": (
        '[[flag_object]]\nconstructor = "Flag"\nnamed = true\nevaluations = ["is_on"]\n',
        """
        new_checkout = Flag()  #> declaration new_checkout
        class Flags:
            old_search: object = Flag()  #> declaration old_search
            def __init__(self):
                self.third = Flag(default=True)  #> declaration third
        flags.fourth = Flag()  #> declaration fourth
        new_checkout.is_on()  #> evaluation new_checkout
        Flags.old_search.is_on()  #> evaluation old_search
        Flags().third.is_on()  #> evaluation third
        new_checkout.other()
        Flag().is_on()
        flags.third.is_on()
        """,
    ),
    "an item of a mapping in a mapping": (
        '[[evaluation]]\nmapping = "*config.FLAGS"\n',
        """
        config["FLAGS"]["new-checkout"]  #> evaluation new-checkout
        app.config.get("FLAGS", {}).get("new-checkout")  #> evaluation new-checkout
        "new-checkout" in config["FLAGS"]  #> evaluation new-checkout
        config.FLAGS["new-checkout"]  #> evaluation new-checkout
        config["FLAGS"]["new-checkout"] = True  #> override new-checkout
        config["OTHER"]["new-checkout"]  #> literal new-checkout
        other["FLAGS"]["new-checkout"]  #> literal new-checkout
        config["A"]["FLAGS"]["new-checkout"]  #> literal new-checkout
        config[FLAGS]["new-checkout"]  #> literal new-checkout
        """,
    ),
    "what a function gives back": (
        '[[evaluation]]\nmapping = "mine.flags_of()"\n',
        """
        from mine import flags_of, others_of
        from other import flags_of as theirs
        flags_of(me)["new-checkout"]  #> evaluation new-checkout
        found = flags_of(me)
        found.get("new-checkout", False)  #> evaluation new-checkout
        "new-checkout" in found  #> evaluation new-checkout
        flags_of["new-checkout"]  #> literal new-checkout
        others_of(me)["new-checkout"]  #> literal new-checkout
        theirs(me)["new-checkout"]  #> literal new-checkout
        def f(found):
            found["new-checkout"]  #> literal new-checkout
        """,
    ),
    "a mapping that a test patches": (
        '[[evaluation]]\nmapping = "*settings.FEATURES"\n',
        """
        from unittest.mock import patch
        with patch.dict(settings.FEATURES, {"new-checkout": True}):  #> override new-checkout
            pass
        monkeypatch.setitem(settings.FEATURES, "new-checkout", True)  #> override new-checkout
        monkeypatch.delitem(settings.FEATURES, "new-checkout")  #> override new-checkout
        patch.dict(settings.OTHER, {"new-checkout": True})  #> literal new-checkout
        monkeypatch.setitem(other, "new-checkout", True)  #> literal new-checkout
        monkeypatch.setattr(settings.FEATURES, "new-checkout", True)  #> literal new-checkout
        """,
    ),
}


@pytest.mark.parametrize(("config", "source"), CASES.values(), ids=CASES)
def test_terms(tmp_path: Path, config: str, source: str) -> None:
    check(tmp_path, {"app.py": source}, config)


@pytest.mark.parametrize(
    ("key", "glob"), [('f"new-{name}.color"', "new-*"), ('f"checkout.{name}"', "checkout"), ('f"{name}.color"', None)]
)
def test_what_is_known_of_a_key_ends_early_too(tmp_path: Path, key: str, glob: str | None) -> None:
    config = '[[evaluation]]\ncall = "ask"\nkey = 0\nkey_until = "."\n'
    assert only(scan_files(tmp_path, {"app.py": f"ask({key})"}, config)).site.key_glob == glob


STATE = '[[evaluation]]\ncall = "ask"\nkey = 0\nstate = [1, "state"]\n'


@pytest.mark.parametrize(
    ("config", "call", "negated"),
    [
        (STATE, "ask('x')", False),
        (STATE, "ask('x', True)", False),
        (STATE, "ask('x', False)", True),
        (STATE, "ask('x', state=False)", True),
        (STATE, "ask('x', state=state)", False),
        (STATE, "ask('x', other=False)", False),
        (STATE + "negated = true\n", "ask('x', False)", False),
        (STATE + "negated = true\n", "ask('x')", True),
    ],
)
def test_the_state_that_is_asked_for(tmp_path: Path, config: str, call: str, negated: bool) -> None:
    assert only(scan_files(tmp_path, {"app.py": call}, config)).negated is negated


def test_a_flag_object_says_how_its_key_came_to_be_known(tmp_path: Path) -> None:
    config = '[[flag_object]]\nconstructor = "Flag"\nnamed = true\nevaluations = ["is_on"]\n'
    found = only(scan_files(tmp_path, {"app.py": "a = Flag()\na.is_on()"}, config))
    assert (found.flag, found.resolved_by) == ("a", ResolvedBy.FLAG_OBJECT)


def test_what_stands_beside_a_key_is_the_value(tmp_path: Path) -> None:
    config = '[[override]]\ncall = "force"\nkey = 0\nform = "dict"\n'
    found = scan_files(tmp_path, {"app.py": 'force({"a": not x, "b": False})'}, config).references
    assert [(each.flag, each.value) for each in found] == [("a", "not x"), ("b", "False")]
