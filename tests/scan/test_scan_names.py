"""Names that stand for one flag, and the helpers that are inferred from the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, scan_files

from flagctl.model import ResolvedBy

CASES = {
    "constant": {
        "flags.py": 'CHECKOUT = "new-checkout"  #> declaration new-checkout\nOTHER = "x"\n',
        "app.py": """
            from flags import CHECKOUT, OTHER  #> name new-checkout
            import flags
            create(CHECKOUT, OTHER)  #> name new-checkout
            create(flags.CHECKOUT)  #> name new-checkout
            def f(CHECKOUT):
                return CHECKOUT
            """,
    },
    "constant in an evaluation": {
        "app.py": """
            from waffle import switch_is_active
            CHECKOUT = "new-checkout"  #> declaration new-checkout
            switch_is_active(CHECKOUT)  #> evaluation new-checkout
            print(CHECKOUT)  #> name new-checkout
            """,
    },
    "constant in prose": {
        "flags.py": 'NEW_CHECKOUT = "new-checkout"  #> declaration new-checkout\n',
        "app.py": """
            from flags import NEW_CHECKOUT  #> name new-checkout
            # As NEW_CHECKOUT says; not MY_NEW_CHECKOUT  #> text new-checkout
            def f():
                "Asks for NEW_CHECKOUT."  #> text new-checkout
                return ask(NEW_CHECKOUT)  #> name new-checkout
            """,
        "other.py": "# NEW_CHECKOUT of something else\n",
    },
    "function that asks an object": {
        "app.py": """
            from edx_toggles.toggles import WaffleSwitch
            CHECKOUT = WaffleSwitch("new-checkout", __name__)  #> declaration new-checkout
            def has_checkout():  #> helper new-checkout
                return CHECKOUT.is_enabled()  #> evaluation new-checkout
            x = has_checkout()  #> evaluation new-checkout
            """,
    },
    "member of an enumeration": {
        "flags.py": """
            from enum import Enum
            class Flags(Enum):
                CHECKOUT = "new-checkout"  #> declaration new-checkout
            """,
        "app.py": """
            from flags import Flags
            create(Flags.CHECKOUT.slug)  #> name new-checkout
            create(Other.CHECKOUT)
            """,
    },
    "flag object": {
        "flags.py": """
            from edx_toggles.toggles import WaffleSwitch
            CHECKOUT = WaffleSwitch("new-checkout", __name__)  #> declaration new-checkout
            """,
        "app.py": """
            from flags import CHECKOUT  #> name new-checkout
            if CHECKOUT.is_enabled():  #> evaluation new-checkout
                pass
            """,
    },
    "function that asks for one flag": {
        "flags.py": """
            from waffle import switch_is_active
            def has_checkout():  #> helper new-checkout
                return switch_is_active("new-checkout")  #> evaluation new-checkout
            """,
        "app.py": """
            from flags import has_checkout  #> name new-checkout
            if has_checkout():  #> evaluation new-checkout
                pass
            register(has_checkout)  #> name new-checkout
            """,
    },
    "property that asks for one flag": {
        "app.py": """
            from waffle import switch_is_active
            class Basket:
                @property
                def shows_checkout(self):  #> helper new-checkout
                    return not switch_is_active("new-checkout")  #> evaluation new-checkout
                def f(self):
                    return self.shows_checkout  #> evaluation new-checkout
            def g(basket: Basket, other):
                return basket.shows_checkout or other.shows_checkout  #> evaluation new-checkout
            """,
    },
    "converted": {
        "app.py": """
            from waffle import flag_is_active
            async def one(request):  #> helper new-checkout
                "What it does."
                return bool(await flag_is_active(request, "new-checkout"))  #> evaluation new-checkout
            def two(request):
                return flag_is_active(request, "old-search") and request.user  #> evaluation old-search
            def three(request):
                log()
                return flag_is_active(request, "old-search")  #> evaluation old-search
            one(r), two(r), three(r)  #> evaluation new-checkout
            """,
    },
}


@pytest.mark.parametrize("files", CASES.values(), ids=CASES)
def test_names_that_stand_for_one_flag(tmp_path: Path, files: dict[str, str]) -> None:
    check(tmp_path, files, "")


HELPERS = {
    "method": """
        from waffle import switch_is_active
        class Flags:
            def ask(self, name, default=False):
                return switch_is_active(name)  #> evaluation ?
        class View:
            def __init__(self, flags: Flags):
                self.flags = flags
            def f(self, other):
                self.flags.ask("new-checkout")  #> evaluation new-checkout
                other.ask("new-checkout")  #> literal new-checkout
        Flags().ask(name="old-search")  #> evaluation old-search
        """,
    "helper of a helper": """
        from waffle import switch_is_active
        def inner(key):
            return switch_is_active(key)  #> evaluation ?
        def outer(request, key):
            return inner(key)  #> evaluation ?
        outer(r, "new-checkout")  #> evaluation new-checkout
        """,
    "decorator": """
        from waffle import flag_is_active
        def only_with(key):
            def decorate(view):
                def inner(request):
                    return view(request) if flag_is_active(request, key) else None  #> evaluation ?
                return inner
            return decorate
        @only_with("new-checkout")  #> evaluation new-checkout
        def page(request): ...
        """,
    "class that keeps the key": """
        from waffle import flag_is_active
        class Permission:
            def __init__(self, key):
                self.key = key
            def has(self, request):
                return flag_is_active(request, self.key)  #> evaluation ?
        permissions = [Permission("new-checkout")]  #> evaluation new-checkout
        """,
    "override": """
        from waffle.testutils import override_switch
        def forced(key, active):
            return override_switch(key, active=active)  #> override ?
        with forced("new-checkout", True):  #> override new-checkout
            pass
        """,
    "not handed on": """
        from waffle import switch_is_active
        def changed(key):
            key = key + "-x"
            return switch_is_active(key)  #> evaluation ?
        def other(key):
            return switch_is_active(lookup(key))  #> evaluation ?
        changed("new-checkout"), other("new-checkout")  #> literal new-checkout, literal new-checkout
        """,
}


@pytest.mark.parametrize("source", HELPERS.values(), ids=HELPERS)
def test_a_function_that_hands_its_key_on_asks_where_it_is_called(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source}, "")


RETURNED = {
    "return is_on('new-checkout')": ("bool", False),
    "return not is_on('new-checkout')": ("bool", True),
    "return bool(is_on('new-checkout'))": ("bool", False),
    "return str(is_on('new-checkout'))": ("object", False),
    "return is_on('new-checkout') == 'off'": ("object", False),
    "return is_on('new-checkout') is False": ("object", False),
}


@pytest.mark.parametrize(("body", "facts"), RETURNED.items(), ids=RETURNED)
def test_what_a_helper_makes_of_the_value_is_not_the_value(tmp_path: Path, body: str, facts: tuple[str, bool]) -> None:
    source = f"from waffle import switch_is_active as is_on\ndef f():\n    {body}\nf()\n"
    called = scan_files(tmp_path, {"app.py": source}).references[-1]
    assert (called.returns, called.negated, called.resolved_by) == (*facts, ResolvedBy.HELPER)
