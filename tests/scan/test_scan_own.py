"""The user's own conventions: evaluations of every shape, overrides, flag objects and registries."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, evaluations, only, scan_files

from flagctl.model import Kind, ResolvedBy, Role

REQUEST = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\ndefault = "default"\n'
HELPER = '[[evaluation]]\ncall = "*is_new_checkout_enabled"\nflag = "new-checkout"\n'
IMPORTED = '[[evaluation]]\ncall = "acme.flags.is_on"\nkey = [0, "name"]\ndefault = [1, "fallback"]\n'

CALLS = {
    "by the receiver's name": (
        REQUEST,
        """
        def view(request):
            if request.feature("new-checkout"):  #> evaluation new-checkout
                pass
            self.request.feature("new-checkout", default=True)  #> evaluation new-checkout
            get().request.feature("new-checkout")  #> evaluation new-checkout
            request().feature("new-checkout")  #> literal new-checkout
            feature("new-checkout")  #> literal new-checkout
            response.feature("new-checkout")  #> literal new-checkout
            request.features("new-checkout")  #> literal new-checkout
            request.feature.of("new-checkout")  #> literal new-checkout
        """,
    ),
    "a helper of one flag": (
        HELPER,
        """
        from shop import is_new_checkout_enabled
        from shop import is_new_checkout_enabled as enabled
        is_new_checkout_enabled()  #> evaluation new-checkout
        shop.is_new_checkout_enabled(request)  #> evaluation new-checkout
        enabled()  #> evaluation new-checkout
        is_new_checkout_enabled
        is_new_checkout_enabled_for(user)
        """,
    ),
    "by the full name": (
        IMPORTED,
        """
        import acme.flags
        from acme import flags as f
        from acme.flags import is_on, is_on as on
        from other.flags import is_on as other
        is_on("new-checkout")  #> evaluation new-checkout
        on(name="new-checkout")  #> evaluation new-checkout
        f.is_on("new-checkout")  #> evaluation new-checkout
        acme.flags.is_on("new-checkout")  #> evaluation new-checkout
        other("new-checkout")  #> literal new-checkout
        flags.is_on("new-checkout")  #> literal new-checkout
        def g(is_on):
            is_on("new-checkout")  #> literal new-checkout
        """,
    ),
    "positions, keywords and stars": (
        '[[evaluation]]\ncall = "*on"\nkey = [1, "flag"]\n',
        """
        on(user, "new-checkout")  #> evaluation new-checkout
        on(flag="new-checkout", user=user)  #> evaluation new-checkout
        on("new-checkout", "old-search")  #> evaluation old-search, literal new-checkout
        on("new-checkout")  #> literal new-checkout
        on(*args, "new-checkout")  #> evaluation ?, literal new-checkout
        on(*args)  #> evaluation ?
        on(**options)  #> evaluation ?
        on(*args, flag="new-checkout")  #> evaluation new-checkout
        on()
        """,
    ),
    "several keys": (
        '[[evaluation]]\ncall = "*all_on"\nkey = [0, "flags"]\nform = "list"\n',
        """
        KEYS = ("new-checkout", "old-search")  #> declaration new-checkout, declaration old-search
        all_on(["new-checkout", "old-search"])  #> evaluation new-checkout, evaluation old-search
        all_on(flags={"new-checkout", other})  #> evaluation new-checkout, evaluation ?
        all_on(KEYS)  #> evaluation new-checkout, evaluation old-search
        all_on([])
        all_on(keys)  #> evaluation ?
        """,
    ),
    "keys of a dictionary": (
        '[[override]]\ncall = "*with_flags"\nkey = 0\nform = "dict"\n',
        """
        with_flags({"new-checkout": True, "old-search": False})  #> override new-checkout, override old-search
        with_flags({})
        with_flags(flags)  #> override ?
        """,
    ),
    "keywords as keys": (
        '[[override]]\ncall = "*with_flags"\nform = "keywords"\n',
        """
        with_flags(new_checkout=True, other=False)  #> override new-checkout, override other
        with_flags()
        with_flags({"new-checkout": 1})  #> literal new-checkout
        """,
    ),
    "a prefix for the opposite": (
        '[[evaluation]]\ncall = "*on"\nkey = 0\nnegation_prefix = "not:"\n',
        """
        on("not:new-checkout")  #> evaluation new-checkout
        on("new-checkout")  #> evaluation new-checkout
        on("no:new-checkout")  #> evaluation no:new-checkout, text new-checkout
        """,
    ),
    "a local class with the method": (
        '[[evaluation]]\ncall = "app.Shop.has"\nkey = 0\n',
        """
        class Shop:
            def has(self, key): ...
            def f(self):
                return self.has("new-checkout")  #> evaluation new-checkout
        class Sub(Shop): ...
        class Other:
            def has(self, key): ...
        Shop().has("new-checkout")  #> evaluation new-checkout
        Sub().has("new-checkout")  #> evaluation new-checkout
        Other().has("new-checkout")  #> literal new-checkout
        """,
    ),
    "an override": (
        '[[override]]\ncall = "*override_flag"\nkey = 0\nvalue = "active"\n',
        """
        with override_flag("new-checkout", active=True):  #> override new-checkout
            pass
        @tests.override_flag("new-checkout", active=False)  #> override new-checkout
        def test_a(): ...
        override_flags("new-checkout")  #> literal new-checkout
        """,
    ),
}
ALIASED = {"new-checkout": "new-checkout", "old-search": "old-search", "new_checkout": "new-checkout"}


@pytest.mark.parametrize(("config", "source"), CALLS.values(), ids=CALLS)
def test_calls(tmp_path: Path, config: str, source: str) -> None:
    check(tmp_path, {"app.py": source}, config, ALIASED)


DECORATORS = """
[[evaluation]]
call = "*requires"
key = 0
decorator = true

[[evaluation]]
call = "*only_new"
flag = "new-checkout"
decorator = true

[[evaluation]]
call = "*plain"
flag = "new-checkout"
"""


def test_decorators(tmp_path: Path) -> None:
    source = """
        @requires("new-checkout")  #> evaluation new-checkout
        def a(): ...
        @only_new  #> evaluation new-checkout
        def b(): ...
        @only_new()  #> evaluation new-checkout
        class C:
            @shop.only_new  #> evaluation new-checkout
            def d(self): ...
        @plain
        def e(): ...
        @requires
        def f(): ...
        """
    found = evaluations(check(tmp_path, {"app.py": source}, DECORATORS))
    assert {each.kind for each in found} == {Kind.DECORATOR}
    assert {each.resolved_by for each in found} == {ResolvedBy.LITERAL, ResolvedBy.CONFIGURATION}


FACTS = {
    "default by keyword": (REQUEST, 'request.feature("new-checkout", default=Maybe( 1 ))', "default", "Maybe( 1 )"),
    "no default given": (REQUEST, 'request.feature("new-checkout")', "default", None),
    "default on several lines": (REQUEST, 'request.feature("new-checkout", default=f(\n  1,\n))', "default", "f( 1, )"),
    "default by position": (IMPORTED, "from acme.flags import is_on\nis_on('new-checkout', ON)", "default", "ON"),
    "lambda": (IMPORTED, "from acme.flags import is_on\nis_on('new-checkout', lambda: 1)", "default", "lambda: 1"),
    "negated": ('[[evaluation]]\ncall = "*off"\nkey = 0\nnegated = true', 'off("new-checkout")', "negated", True),
    "not negated": ('[[evaluation]]\ncall = "*on"\nkey = 0', 'not on("new-checkout")', "negated", False),
    "both negations": (
        '[[evaluation]]\ncall = "*off"\nkey = 0\nnegated = true\nnegation_prefix = "!"',
        'off("!new-checkout")',
        "negated",
        False,
    ),
    "returns bool": (REQUEST, 'request.feature("new-checkout")', "returns", "bool"),
    "returns something": (
        '[[evaluation]]\ncall = "*on"\nkey = 0\nreturns = "int"',
        'on("new-checkout")',
        "returns",
        "int",
    ),
    "no preset": (REQUEST, 'request.feature("new-checkout")', "sdk", None),
    "by configuration": (HELPER, "is_new_checkout_enabled()", "resolved_by", ResolvedBy.CONFIGURATION),
}


@pytest.mark.parametrize(("config", "source", "field", "value"), FACTS.values(), ids=FACTS)
def test_facts_about_a_call(tmp_path: Path, config: str, source: str, field: str, value: object) -> None:
    found = only(scan_files(tmp_path, {"app.py": source}, config))
    assert found.flag == "new-checkout"
    assert getattr(found, field) == value


@pytest.mark.parametrize(
    ("config", "call", "value"),
    [
        ('[[override]]\ncall = "*force"\nkey = 0\nvalue = "active"\n', "force('new-checkout', active=ON)", "ON"),
        ('[[override]]\ncall = "*force"\nkey = 0\nvalue = [1, "active"]\n', "force('new-checkout', not x)", "not x"),
        ('[[override]]\ncall = "*force"\nkey = 0\nvalue = 1\n', "force('new-checkout')", None),
        ('[[override]]\ncall = "*force"\nkey = 0\n', "force('new-checkout', True)", None),
    ],
)
def test_what_an_override_forces(tmp_path: Path, config: str, call: str, value: str | None) -> None:
    [found] = scan_files(tmp_path, {"app.py": call}, config).references
    assert (found.role, found.value, found.default) == (Role.OVERRIDE, value, None)


def test_a_position_is_also_known_by_the_name_of_its_parameter(tmp_path: Path) -> None:
    files = {
        "helpers.py": """
            def is_on(key, user=None):
                return lookup(key)
            class Flags:
                def is_on(self, name): ...
            """,
        "app.py": """
            from helpers import Flags, is_on
            from elsewhere import is_on as other
            is_on(key="new-checkout")  #> evaluation new-checkout
            is_on(user=1, key="new-checkout")  #> evaluation new-checkout
            is_on(user="new-checkout")  #> literal new-checkout
            Flags().is_on(name="new-checkout")  #> evaluation new-checkout
            Flags().is_on(self="new-checkout")  #> literal new-checkout
            """,
    }
    check(tmp_path, files, '[[evaluation]]\ncall = "*is_on"\nkey = 0\n')


SETTINGS = '[[evaluation]]\nattribute = "*settings.{key}"\n'
FEATURES = '[[evaluation]]\nmapping = "*settings.FEATURES"\n'
UPPER = {"NEW_CHECKOUT": "new-checkout", "old-search": "old-search"}

ACCESSES = {
    "attributes that are declared": (
        SETTINGS,
        """
        from django.conf import settings
        from django.conf import settings as s
        import other
        if settings.NEW_CHECKOUT:  #> evaluation new-checkout
            pass
        django.conf.settings.NEW_CHECKOUT  #> evaluation new-checkout
        s.NEW_CHECKOUT  #> evaluation new-checkout
        settings.NEW_CHECKOUT.x  #> evaluation new-checkout
        settings.DEBUG
        settings.x.NEW_CHECKOUT
        other.NEW_CHECKOUT
        NEW_CHECKOUT
        settings.NEW_CHECKOUT2
        """,
    ),
    "attributes by pattern": (
        '[[evaluation]]\nattribute = "*settings.{key}"\nkey_pattern = "FEATURE_*"\n',
        """
        settings.FEATURE_A  #> evaluation FEATURE_A
        settings.NEW_CHECKOUT
        settings.MY_FEATURE_A
        other.FEATURE_A
        """,
    ),
    "attributes by a pattern that begins with no letter": (
        '[[evaluation]]\nattribute = "*features.{key}"\nkey_pattern = "[A-Z]*"\n',
        """
        import features
        features.BILLING  #> evaluation BILLING
        features.X  #> evaluation X
        features.load()
        other.BILLING
        """,
    ),
    "attributes by any pattern": (
        '[[evaluation]]\nattribute = "features.{key}"\nkey_pattern = "*"\n',
        """
        import features
        features.billing  #> evaluation billing
        other.billing
        """,
    ),
    "attributes that are written": (
        SETTINGS,
        """
        settings.NEW_CHECKOUT = True  #> override new-checkout
        settings.NEW_CHECKOUT: bool = False  #> override new-checkout
        settings.OTHER = settings.NEW_CHECKOUT  #> evaluation new-checkout
        del settings.NEW_CHECKOUT  #> override new-checkout
        """,
    ),
    "getattr": (
        SETTINGS,
        """
        KEY = "NEW_CHECKOUT"  #> declaration new-checkout
        getattr(settings, "NEW_CHECKOUT", False)  #> evaluation new-checkout
        getattr(settings, KEY)  #> evaluation new-checkout
        getattr(settings, "DEBUG", False)
        getattr(other, "NEW_CHECKOUT", False)  #> literal new-checkout
        getattr(settings, name, False)
        hasattr(settings, "NEW_CHECKOUT")  #> literal new-checkout
        """,
    ),
    "attribute in the middle": (
        '[[evaluation]]\nattribute = "*flags.{key}.enabled"\n',
        """
        flags.NEW_CHECKOUT.enabled
        flags.NEW_CHECKOUT.other
        """,
    ),
    "mapping": (
        FEATURES,
        """
        settings.FEATURES["NEW_CHECKOUT"]  #> evaluation new-checkout
        settings.FEATURES.get("NEW_CHECKOUT", True)  #> evaluation new-checkout
        settings.FEATURES.get(key="NEW_CHECKOUT")  #> evaluation new-checkout
        "NEW_CHECKOUT" in settings.FEATURES  #> evaluation new-checkout
        "NEW_CHECKOUT" not in settings.FEATURES  #> evaluation new-checkout
        settings.FEATURES["unknown"]  #> evaluation unknown
        settings.FEATURES[name]  #> evaluation ?
        settings.FEATURES
        settings.OTHER["NEW_CHECKOUT"]  #> literal new-checkout
        FEATURES["NEW_CHECKOUT"]  #> literal new-checkout
        settings.FEATURES[0][1:2]  #> evaluation ?
        "NEW_CHECKOUT" == settings.FEATURES  #> literal new-checkout
        "NEW_CHECKOUT" in settings.FEATURES.keys()  #> literal new-checkout
        settings.FEATURES.pop("NEW_CHECKOUT")  #> literal new-checkout
        """,
    ),
    "mapping by pattern": (
        '[[evaluation]]\nmapping = "*settings.FEATURES"\nkey_pattern = "NEW_*"\n',
        """
        settings.FEATURES["NEW_CHECKOUT"]  #> evaluation new-checkout
        settings.FEATURES["old-search"]  #> literal old-search
        """,
    ),
    "mapping that is written": (
        FEATURES,
        """
        settings.FEATURES["NEW_CHECKOUT"] = True  #> override new-checkout
        del settings.FEATURES["NEW_CHECKOUT"]  #> override new-checkout
        settings.FEATURES = {"NEW_CHECKOUT": True}  #> literal new-checkout
        """,
    ),
    "imported mapping": (
        '[[evaluation]]\nmapping = "shop.settings.FEATURES"\n',
        """
        from shop.settings import FEATURES
        from shop import settings as s
        from other.settings import FEATURES as OTHER
        FEATURES["NEW_CHECKOUT"]  #> evaluation new-checkout
        s.FEATURES["NEW_CHECKOUT"]  #> evaluation new-checkout
        OTHER["NEW_CHECKOUT"]  #> literal new-checkout
        """,
    ),
    "class attribute": (
        '[[evaluation]]\nclass_attribute = "shop.Guarded.flag"\n',
        """
        from shop import Guarded
        import shop
        class A(Guarded):
            flag = "NEW_CHECKOUT"  #> evaluation new-checkout
        class B(shop.Guarded, View):
            flag: str = "NEW_CHECKOUT"  #> evaluation new-checkout
        class C(A):
            flag = name  #> evaluation ?
        class D:
            flag = "NEW_CHECKOUT"  #> declaration new-checkout
        class E(Guarded):
            other = "NEW_CHECKOUT"  #> declaration new-checkout
        class F(Guarded):
            def f(self):
                flag = "NEW_CHECKOUT"  #> literal new-checkout
        """,
    ),
}


@pytest.mark.parametrize(("config", "source"), ACCESSES.values(), ids=ACCESSES)
def test_accesses(tmp_path: Path, config: str, source: str) -> None:
    check(tmp_path, {"app.py": source}, config, UPPER)


@pytest.mark.parametrize(
    ("source", "kind", "default", "negated"),
    [
        ("settings.NEW_CHECKOUT", Kind.ATTRIBUTE, None, False),
        ("getattr(settings, 'NEW_CHECKOUT', ON)", Kind.ATTRIBUTE, "ON", False),
        ("settings.FEATURES['NEW_CHECKOUT']", Kind.MAPPING, None, False),
        ("settings.FEATURES.get('NEW_CHECKOUT', ON)", Kind.MAPPING, "ON", False),
        ("settings.FEATURES.get('NEW_CHECKOUT')", Kind.MAPPING, None, False),
        ("'NEW_CHECKOUT' in settings.FEATURES", Kind.MAPPING, None, False),
        ("'NEW_CHECKOUT' not in settings.FEATURES", Kind.MAPPING, None, True),
    ],
)
def test_facts_about_an_access(tmp_path: Path, source: str, kind: Kind, default: str | None, negated: bool) -> None:
    found = only(scan_files(tmp_path, {"app.py": source}, SETTINGS + FEATURES, UPPER))
    assert (found.kind, found.default, found.negated) == (kind, default, negated)


OBJECTS = """
[[flag_object]]
constructor = "*WaffleFlag"
key = [0, "name"]
evaluations = ["is_enabled", "is_on"]
returns = "variant"
"""

FLAG_OBJECTS = {
    "in a variable": {
        "app.py": """
            FLAG = WaffleFlag("new-checkout", __name__)  #> declaration new-checkout
            if FLAG.is_enabled():  #> evaluation new-checkout
                pass
            FLAG.is_on(user)  #> evaluation new-checkout
            FLAG.name
            FLAG.refresh()
            OTHER.is_enabled()
            """,
    },
    "at once": {
        "app.py": """
            WaffleFlag(name="new-checkout").is_enabled()  #> declaration new-checkout, evaluation new-checkout
            """,
    },
    "of another module": {
        "toggles.py": """
            from edx_toggles import WaffleFlag
            FLAG = WaffleFlag("new-checkout")  #> declaration new-checkout
            """,
        "app.py": """
            import toggles
            from toggles import FLAG as F
            F.is_enabled()  #> evaluation new-checkout
            toggles.FLAG.is_enabled()  #> evaluation new-checkout
            """,
    },
    "in a class": {
        "app.py": """
            class Toggles:
                FLAG = WaffleFlag("new-checkout")  #> declaration new-checkout
                def f(self):
                    return self.FLAG.is_enabled()  #> evaluation new-checkout
            Toggles.FLAG.is_enabled()  #> evaluation new-checkout
            """,
    },
    "of a constant, in a function": {
        "app.py": """
            KEY = "new-checkout"  #> declaration new-checkout
            def f():
                flag = WaffleFlag(KEY)  #> declaration new-checkout
                return flag.is_enabled()  #> evaluation new-checkout
            """,
    },
    "of an unknown key": {
        "app.py": """
            def f(key):
                flag = WaffleFlag(key)  #> declaration ?
                return flag.is_enabled()  #> evaluation ?
            """,
    },
    "another class": {
        "app.py": """
            FLAG = Widget("new-checkout")  #> literal new-checkout
            FLAG.is_enabled()
            def f(FLAG):
                return FLAG.is_enabled()
            """,
    },
}


@pytest.mark.parametrize("files", FLAG_OBJECTS.values(), ids=FLAG_OBJECTS)
def test_flag_objects(tmp_path: Path, files: dict[str, str]) -> None:
    found = evaluations(check(tmp_path, files, OBJECTS))
    assert {each.returns for each in found} <= {"variant"}
    assert {each.resolved_by for each in found if each.flag} <= {ResolvedBy.FLAG_OBJECT}


def test_each_kind_of_flag_object_has_its_own_evaluations(tmp_path: Path) -> None:
    config = OBJECTS + '[[flag_object]]\nconstructor = "*Toggle"\nkey = 0\nevaluations = "active"\n'
    source = """
        A = WaffleFlag("new-checkout")  #> declaration new-checkout
        B = Toggle("old-search")  #> declaration old-search
        A.is_on()  #> evaluation new-checkout
        A.active()
        B.active()  #> evaluation old-search
        B.is_on()
        """
    check(tmp_path, {"app.py": source}, config)


REGISTRIES = {
    "dict": ("FEATURES", 'FEATURES = {"new-checkout": "One page", "unknown": "?"}', ["new-checkout", "unknown"]),
    "dict with constants": ("F", 'KEY = "new-checkout"\nF = {KEY: 1}', ["new-checkout"]),
    "list": ("FEATURES", 'FEATURES = ["new-checkout", "old-search"]', ["new-checkout", "old-search"]),
    "list of tuples": ("FEATURES", 'FEATURES = [("new-checkout", "One page")]', ["new-checkout"]),
    "list of objects": ("FEATURES", 'FEATURES = [Feature("new-checkout", 1)]', ["new-checkout"]),
    "tuple": ("FEATURES", 'FEATURES = ("new-checkout",)', ["new-checkout"]),
    "set": ("FEATURES", 'FEATURES = {"new-checkout"}', ["new-checkout"]),
    "frozenset": ("FEATURES", 'FEATURES = frozenset({"new-checkout"})', ["new-checkout"]),
    "annotated": ("FEATURES", 'FEATURES: Final[list[str]] = ["new-checkout"]', ["new-checkout"]),
    "class": (
        "F",
        'class F:\n    A = "new-checkout"\n    B: str = "old-search"\n    def c(self): ...',
        ["new-checkout", "old-search"],
    ),
    "enum": ("F", 'class F(StrEnum):\n    A = "new-checkout"\n    B = "unknown"', ["new-checkout", "unknown"]),
    "enum of auto": (
        "F",
        "from enum import StrEnum, auto\nclass F(StrEnum):\n    SEARCH = auto()\n    B = 'x'",
        ["search", "x"],
    ),
    "enum of tuples": ("F", 'class F(Enum):\n    A = ("new-checkout", 1)', ["new-checkout"]),
    "nested": ("F.ALL", 'class F:\n    ALL = ["new-checkout"]', ["new-checkout"]),
    "nested class": ("F.G", 'class F:\n    class G:\n        A = "new-checkout"', ["new-checkout"]),
    "empty": ("FEATURES", "FEATURES = []", []),
    "not there": ("OTHER", 'FEATURES = ["new-checkout"]', []),
    "not readable": ("FEATURES", 'FEATURES = load("x", "new-checkout")', []),
    "local of a function": ("FEATURES", 'def f():\n    FEATURES = ["new-checkout"]', []),
}


@pytest.mark.parametrize(("name", "source", "keys"), REGISTRIES.values(), ids=REGISTRIES)
def test_registries(tmp_path: Path, name: str, source: str, keys: list[str]) -> None:
    config = f'[[registry]]\nfile = "shop/features.py"\nobject = "{name}"\n'
    files = {"shop/features.py": source, "features.py": source.replace("shop", "other")}
    found = scan_files(tmp_path, files, config)
    entries = [each for each in found.references if each.kind is Kind.REGISTRY]
    assert [each.flag for each in entries] == keys
    assert {each.location.path for each in entries} <= {"shop/features.py"}
    assert {each.role for each in entries} <= {Role.DECLARATION}


@pytest.mark.parametrize(("line", "asked_elsewhere"), [("served = true", True), ("served = false", False), ("", False)])
def test_registry_whose_flags_are_served(tmp_path: Path, line: str, asked_elsewhere: bool) -> None:
    config = f'[[registry]]\nfile = "features.py"\nobject = "FEATURES"\n{line}\n'
    found = scan_files(tmp_path, {"features.py": 'FEATURES = {"new-checkout": 1, "unknown": 2}'}, config)
    assert [(each.flag, each.site.asked_elsewhere) for each in found.references] == [
        ("new-checkout", asked_elsewhere),
        ("unknown", asked_elsewhere),
    ]


def test_a_registry_that_is_no_file_of_the_project_holds_nothing(tmp_path: Path) -> None:
    config = '[[registry]]\nfile = "nowhere.py"\nobject = "FEATURES"\n'
    assert scan_files(tmp_path, {"app.py": "x = 1"}, config).references == ()


def test_evaluations_of_registry_constants(tmp_path: Path) -> None:
    files = {
        "features.py": """
            class Features:
                CHECKOUT = "new-checkout"  #> declaration new-checkout
            """,
        "app.py": """
            from features import Features
            def view(request):
                return request.feature(Features.CHECKOUT)  #> evaluation new-checkout
            """,
    }
    check(tmp_path, files, REQUEST + '[[registry]]\nfile = "features.py"\nobject = "Features"\n')


def test_assigning_a_whole_mapping_forces_what_is_in_it(tmp_path: Path) -> None:
    source = """
        from django.conf import settings

        FEATURES = {"new-checkout": True}  #> literal new-checkout

        def test_page(settings, request):
            settings.FEATURES = {"new-checkout": True}  #> override new-checkout
            settings.FEATURES = {"old-search": flag()}  #> override old-search
            settings.OTHER = {"new-checkout": True}  #> literal new-checkout
            settings.FEATURES = other
            request.FEATURES = {"new-checkout": True}  #> literal new-checkout
        """
    config = '[[evaluation]]\nmapping = "*settings.FEATURES"\n'
    found = check(tmp_path, {"tests/test_app.py": source}, config)
    assert [each.value for each in found.references if each.role is Role.OVERRIDE] == ["True", "flag()"]


def test_default_and_value_are_found_by_the_name_that_the_function_gives_them(tmp_path: Path) -> None:
    source = """
        def ask(key, default=None): ...
        def force(key, value): ...
        ask(key="new-checkout", default=5)
        ask("new-checkout", default=6)
        force("new-checkout", value=7)
        """
    config = '[[evaluation]]\ncall = "*ask"\nkey = 0\ndefault = 1\n[[override]]\ncall = "*force"\nkey = 0\nvalue = 1\n'
    found = scan_files(tmp_path, {"app.py": source}, config)
    assert [(each.default, each.value) for each in found.references] == [("5", None), ("6", None), (None, "7")]
