"""Every call that the presets know, in every way it is written, and what only looks like one."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, evaluations, only, scan_files

from flagctl.model import InputError, Kind
from flagctl.scan.presets import preset, preset_ids

OPENFEATURE = "from openfeature import api\nclient = api.get_client()\n"
LAUNCHDARKLY = "import ldclient\nclient = ldclient.get()\n"
UNLEASH = "from UnleashClient import UnleashClient\nclient = UnleashClient(url=URL, app_name='shop')\n"

# --- each method, positional and by keyword ---------------------------------------------------------------------------

KINDS = ("boolean", "string", "integer", "float", "object")
VALUES = {"boolean": "bool", "string": "str", "integer": "int", "float": "float", "object": "object"}

METHODS = [
    *(
        (OPENFEATURE, f"get_{kind}_{what}{suffix}", "flag_key", "default_value", 1, returns)
        for kind in KINDS
        for what, returns in (("value", VALUES[kind]), ("details", "details"))
        for suffix in ("", "_async")
    ),
    (LAUNCHDARKLY, "variation", "key", "default", 2, "variant"),
    (LAUNCHDARKLY, "variation_detail", "key", "default", 2, "details"),
    (LAUNCHDARKLY, "migration_variation", "key", "default_stage", 2, "details"),
    (UNLEASH, "is_enabled", "feature_name", "fallback_function", 2, "bool"),
]


@pytest.mark.parametrize(
    ("setup", "method", "key", "default", "position", "returns"), METHODS, ids=[each[1] for each in METHODS]
)
def test_every_method_of_a_client(
    tmp_path: Path, setup: str, method: str, key: str, default: str, position: int, returns: str
) -> None:
    between = "ctx, " * (position - 1)
    source = f"""{setup}
client.{method}("new-checkout", {between}FALLBACK)
client.{method}({default}=FALLBACK, {key}="new-checkout")
client.{method}("new-checkout")
async def ask():
    return await client.{method}("new-checkout", {between}FALLBACK)
"""
    found = evaluations(scan_files(tmp_path, {"app.py": source}))
    assert [(each.flag, each.default, each.returns) for each in found] == [
        ("new-checkout", "FALLBACK", returns),
        ("new-checkout", "FALLBACK", returns),
        ("new-checkout", None, returns),
        ("new-checkout", "FALLBACK", returns),
    ]
    assert {each.kind for each in found} == {Kind.CALL}
    assert len({each.sdk for each in found} & set(preset_ids())) == 1


def test_the_table_above_has_every_client_method() -> None:
    tested = {each[1] for each in METHODS}
    for sdk in ("openfeature", "launchdarkly", "unleash"):
        globs = {glob for each in preset(sdk).evaluations for glob in each.call}
        others = {"get_flag_value", "get_variant", "read", "write"}  # below
        assert {glob.rpartition(".")[2] for glob in globs} <= tested | others


OTHER_CALLS = {
    "launchdarkly state": (
        "import ldclient\nldclient.get().all_flags_state(ctx).get_flag_value('new-checkout')",
        "variant",
        None,
    ),
    "launchdarkly state in a variable": (
        LAUNCHDARKLY + "state = client.all_flags_state(ctx)\nstate.get_flag_value(key='new-checkout')",
        "variant",
        None,
    ),
    "launchdarkly migrator read": (
        "import ldclient\ndef f(migrator):\n    migrator.read('new-checkout', ctx, Stage.OFF, 1)",
        "details",
        "Stage.OFF",
    ),
    "launchdarkly migrator write": (
        "from ldclient.migrations.migrator import Migrator\ndef f(m: Migrator):\n"
        "    m.write('new-checkout', ctx, default_stage=Stage.OFF)",
        "details",
        "Stage.OFF",
    ),
    "launchdarkly migrator from its builder": (
        "from ldclient.migrations import MigratorBuilder\nbuilder = MigratorBuilder(c)\nm = builder.build()\n"
        "m.read('new-checkout', ctx, OFF)",
        "details",
        "OFF",
    ),
    "unleash variant": (UNLEASH + "client.get_variant('new-checkout')['name']", "details", None),
    "waffle flag": ("import waffle\nwaffle.flag_is_active(request, 'new-checkout')", "bool", None),
    "waffle flag by keyword": ("import waffle\nwaffle.flag_is_active(r, flag_name='new-checkout')", "bool", None),
    "waffle switch": ("import waffle\nwaffle.switch_is_active('new-checkout')", "bool", None),
    "waffle switch by keyword": ("import waffle\nwaffle.switch_is_active(switch_name='new-checkout')", "bool", None),
    "waffle sample": ("import waffle\nwaffle.sample_is_active('new-checkout')", "bool", None),
    "waffle sample by keyword": ("import waffle\nwaffle.sample_is_active(sample_name='new-checkout')", "bool", None),
    "waffle model": (
        "from waffle import get_waffle_flag_model\nget_waffle_flag_model().get('new-checkout').is_active(r)",
        "details",
        None,
    ),
    "waffle model in a variable": (
        "import waffle\nFlag = waffle.get_waffle_flag_model()\nFlag.get(name='new-checkout').is_active(r)",
        "details",
        None,
    ),
}


@pytest.mark.parametrize(("source", "returns", "default"), OTHER_CALLS.values(), ids=OTHER_CALLS)
def test_every_other_call(tmp_path: Path, source: str, returns: str, default: str | None) -> None:
    found = only(scan_files(tmp_path, {"app.py": source}))
    assert (found.flag, found.returns, found.default) == ("new-checkout", returns, default)


# --- how a client comes to be known -----------------------------------------------------------------------------------

CLIENTS = {
    "aliased factory": """
        from openfeature.api import get_client as make
        of = make("shop")
        of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "import module": """
        import openfeature.api
        openfeature.api.get_client().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "aliased module": """
        import openfeature.api as of
        of.get_client().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "star import": """
        from openfeature.api import *
        get_client().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "the class itself": """
        from ldclient import LDClient
        from ldclient.config import Config
        x = LDClient(Config(SDK_KEY))
        x.variation("new-checkout", ctx, False)  #> evaluation new-checkout
        """,
    "import in a function": """
        def f():
            from openfeature import api
            x = api.get_client()
            return x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "import that may fail": """
        try:
            from openfeature import api
        except ImportError:
            api = None
        x = api.get_client()
        x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "set in __init__": """
        from openfeature import api
        class Shop:
            def __init__(self):
                self._of = api.get_client()
            def f(self):
                return self._of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "handed to __init__": """
        from openfeature.client import OpenFeatureClient
        class Shop:
            def __init__(self, of: OpenFeatureClient):
                self._of = of
            def f(self):
                return self._of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "declared in the class body": """
        from openfeature.client import OpenFeatureClient
        class Shop:
            of: OpenFeatureClient
            def f(self):
                return self.of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "class attribute": """
        from openfeature import api
        class Shop:
            of = api.get_client()
            def f(self):
                return self.of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            @classmethod
            def g(cls):
                return cls.of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        Shop.of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "set in the base class": """
        from openfeature import api
        class Base:
            def __init__(self):
                self._of = api.get_client()
        class Shop(Base):
            def f(self):
                return self._of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "property": """
        from openfeature import api
        class Shop:
            @property
            def of(self):
                return api.get_client()
            def f(self):
                return self.of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "annotated cached property": """
        from functools import cached_property
        from openfeature.client import OpenFeatureClient
        class Shop:
            @cached_property
            def of(self) -> OpenFeatureClient:
                return registry["of"]
            def f(self):
                return self.of.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "returned by a function": """
        from openfeature import api
        def flags_of(tenant):
            return api.get_client(tenant)
        flags_of("acme").get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "annotated return": """
        from openfeature.client import OpenFeatureClient
        def of() -> OpenFeatureClient: ...
        of().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "lazily set global": """
        from openfeature import api
        _it = None
        def it():
            global _it
            _it = _it or api.get_client()
            return _it.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "conditional": """
        from openfeature import api
        x = api.get_client("a") if A else api.get_client("b")
        x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "walrus": """
        from openfeature import api
        if (x := api.get_client()).get_boolean_value("new-checkout", False):  #> evaluation new-checkout
            x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "method kept in a variable": """
        from openfeature import api
        ask = api.get_client().get_boolean_value
        ask("new-checkout", False)  #> evaluation new-checkout
        """,
    "annotated parameter": """
        from openfeature.client import OpenFeatureClient
        def f(x: OpenFeatureClient):
            x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "annotated parameter, optional": """
        from typing import Annotated, Optional, Union
        from openfeature.client import OpenFeatureClient as OF
        import openfeature.client
        def f(a: OF | None, b: Optional[OF], c: "OF", d: "OF | None", e: Union[None, OF], f: Annotated[OF, 1],
              g: "Optional[OF]" = None, *, h: openfeature.client.OpenFeatureClient):
            a.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            b.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            c.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            d.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            e.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            f.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            g.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            h.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "annotated under TYPE_CHECKING": """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from openfeature.client import OpenFeatureClient
        def f(x: "OpenFeatureClient"):
            x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "annotated variable": """
        from openfeature.client import OpenFeatureClient
        x: OpenFeatureClient = container.resolve()
        x.get_boolean_value("new-checkout", False)  #> literal new-checkout
        y: OpenFeatureClient
        y.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "subclass": """
        from openfeature.client import OpenFeatureClient
        class Mine(OpenFeatureClient):
            def f(self):
                return self.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        Mine().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        def g(x: Mine):
            x.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "hinted name only": """
        import openfeature
        def f(client, flags, of_client, _client, request):
            client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            flags.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            of_client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            _client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            request.app.client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
        """,
    "hinted attribute of self": """
        import UnleashClient
        class Shop:
            def f(self):
                return self.unleash.is_enabled("new-checkout")  #> evaluation new-checkout
        """,
    "hinted property that says nothing": """
        import UnleashClient
        class Shop:
            @property
            def client(self):
                return self.container["unleash"]
            def f(self):
                return self.client.is_enabled("new-checkout")  #> evaluation new-checkout
        """,
}


@pytest.mark.parametrize("source", CLIENTS.values(), ids=CLIENTS)
def test_a_client_is_followed(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source})


ELSEWHERE = {
    "client of another module": {
        "shop/__init__.py": "",
        "shop/flags.py": "from openfeature import api\nclient = api.get_client()\n",
        "shop/app.py": """
            import shop.flags
            from shop import flags
            from shop.flags import client as c
            from .flags import client
            c.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            flags.client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            shop.flags.client.get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            """,
    },
    "function re-exported": {
        "helpers.py": "from waffle import flag_is_active\n",
        "app.py": """
            from helpers import flag_is_active
            flag_is_active(request, "new-checkout")  #> evaluation new-checkout
            """,
    },
    "subclass of another module": {
        "mine.py": "from openfeature.client import OpenFeatureClient\nclass Mine(OpenFeatureClient): ...\n",
        "app.py": """
            from mine import Mine
            Mine().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            """,
    },
    "mixin of another module": {
        "base.py": "from waffle.mixins import WaffleFlagMixin\nclass Base(WaffleFlagMixin): ...\n",
        "app.py": """
            from base import Base
            class View(Base):
                waffle_flag = "new-checkout"  #> evaluation new-checkout
            """,
    },
    "a folder of the project called like the SDK": {
        "openfeature/__init__.py": "",
        "openfeature/api.py": "def get_client():\n    return Store()\n",
        "app.py": """
            from openfeature import api
            api.get_client().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            """,
    },
}


@pytest.mark.parametrize("files", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_client_is_followed_across_modules(tmp_path: Path, files: dict[str, str]) -> None:
    check(tmp_path, files)


# --- waffle's decorators and mixins -----------------------------------------------------------------------------------

WAFFLE = {
    "decorators": """
        from waffle.decorators import waffle_flag, waffle_switch
        @waffle_flag("new-checkout")  #> evaluation new-checkout
        def a(request): ...
        @waffle_flag(flag_name="new-checkout", redirect_to="home")  #> evaluation new-checkout
        def b(request): ...
        @waffle_switch("new-checkout")  #> evaluation new-checkout
        def c(request): ...
        @waffle_switch(switch_name="new-checkout")  #> evaluation new-checkout
        def d(request): ...
        """,
    "decorators of a method, of another module": """
        import waffle.decorators as w
        class V:
            @w.waffle_flag("new-checkout")  #> evaluation new-checkout
            def get(self, request): ...
        """,
    "decorator called by hand": """
        from waffle.decorators import waffle_flag
        urlpatterns = [path("", waffle_flag("new-checkout")(view))]  #> evaluation new-checkout
        """,
    "mixins": """
        from waffle import mixins
        class A(mixins.WaffleFlagMixin, View):
            waffle_flag = "new-checkout"  #> evaluation new-checkout
        class B(mixins.WaffleSwitchMixin, View):
            waffle_switch = "new-checkout"  #> evaluation new-checkout
        class C(mixins.WaffleSampleMixin, View):
            waffle_sample: str = "new-checkout"  #> evaluation new-checkout
        class D(A):
            waffle_flag = "old-search"  #> evaluation old-search
        """,
}


@pytest.mark.parametrize("source", WAFFLE.values(), ids=WAFFLE)
def test_waffle_decorators_and_mixins(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source})


@pytest.mark.parametrize(
    ("line", "negated"),
    [
        ("@waffle_flag('!new-checkout')\ndef f(): ...", True),
        ("@waffle_switch('!new-checkout')\ndef f(): ...", True),
        ("@waffle_flag('new-checkout')\ndef f(): ...", False),
        ("class V(WaffleFlagMixin):\n    waffle_flag = '!new-checkout'", True),
        ("class V(WaffleSwitchMixin):\n    waffle_switch = '!new-checkout'", True),
        ("class V(WaffleSampleMixin):\n    waffle_sample = '!new-checkout'", True),
        ("KEY = '!new-checkout'\n@waffle_flag(KEY)\ndef f(): ...", True),
    ],
)
def test_an_exclamation_mark_asks_for_the_opposite(tmp_path: Path, line: str, negated: bool) -> None:
    imports = "from waffle.decorators import *\nfrom waffle.mixins import *\n"
    found = only(scan_files(tmp_path, {"app.py": imports + line}))
    assert (found.flag, found.negated) == ("new-checkout", negated)


def test_an_exclamation_mark_means_nothing_to_a_function(tmp_path: Path) -> None:
    found = only(scan_files(tmp_path, {"app.py": "import waffle\nwaffle.switch_is_active('!new-checkout')"}))
    assert (found.flag, found.negated) == ("!new-checkout", False)


# --- overrides --------------------------------------------------------------------------------------------------------

OVERRIDES = {
    "waffle": """
        from waffle.testutils import override_flag, override_sample, override_switch
        @override_flag("new-checkout", active=True)  #> override new-checkout
        def test_a():
            with override_switch(name="old-search", active=False):  #> override old-search
                pass
            with override_sample("new-checkout", True), override_flag(KEY):  #> override new-checkout, override ?
                pass
        @override_switch("new-checkout")  #> override new-checkout
        class TestB:
            def setUp(self):
                self.o = override_flag("new-checkout", active=True)  #> override new-checkout
        """,
    "launchdarkly": """
        from ldclient.integrations.test_data import TestData
        td = TestData.data_source()
        td.update(td.flag("new-checkout").variation_for_all(True))  #> override new-checkout
        def f(test_data):
            test_data.update(test_data.flag(key="old-search").off())  #> override old-search
        """,
    "openfeature dictionary": """
        from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
        InMemoryProvider({"new-checkout": InMemoryFlag("on", {"on": True})})  #> override new-checkout
        InMemoryProvider(flags={"new-checkout": A, "old-search": B})  #> override new-checkout, override old-search
        """,
    "openfeature dictionary in a variable": """
        from openfeature.provider.in_memory_provider import InMemoryProvider
        FLAGS = {"new-checkout": A}  #> declaration new-checkout
        InMemoryProvider(FLAGS)  #> override new-checkout
        """,
    "openfeature, nothing known": """
        from openfeature.provider.in_memory_provider import InMemoryProvider
        def f(flags):
            InMemoryProvider(flags)  #> override ?
        InMemoryProvider({})
        """,
}


@pytest.mark.parametrize("source", OVERRIDES.values(), ids=OVERRIDES)
def test_overrides(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source})


# --- what only looks like one -----------------------------------------------------------------------------------------

LOOK_ALIKES = {
    "a class of one's own": """
        from openfeature import api
        class Store:
            def get_boolean_value(self, key, default): ...
        client = Store()
        client.get_boolean_value("new-checkout", False)  #> literal new-checkout
        """,
    "an annotated parameter of another type": """
        import openfeature
        from django.test import Client
        class Own: ...
        def f(client: Client, flags: Own, of_client: "Own | None"):
            client.get_boolean_value("new-checkout", False)  #> literal new-checkout
            flags.get_boolean_value("new-checkout", False)  #> literal new-checkout
            of_client.get_boolean_value("new-checkout", False)  #> literal new-checkout
        """,
    "a local called client": """
        from openfeature import api
        client = api.get_client()
        def f():
            client = make_http_client()
            client.get_boolean_value("new-checkout", False)  #> literal new-checkout
        def g():
            client = {}
            client.get_boolean_value("new-checkout", False)  #> literal new-checkout
        """,
    "client of another package": """
        import openfeature
        from redis import client
        client.get_boolean_value("new-checkout", False)  #> literal new-checkout
        """,
    "self.client of another type": """
        import ldclient
        from httpx import Client
        class T:
            def __init__(self):
                self.client = Client()
            def f(self):
                return self.client.variation("new-checkout", 1, False)  #> literal new-checkout
        """,
    "self.client declared otherwise": """
        import ldclient
        from httpx import Client
        class T:
            client: Client
            def f(self):
                return self.client.variation("new-checkout", 1, False)  #> literal new-checkout
        """,
    "any other name": """
        import openfeature
        def f(store, redis):
            store.get_boolean_value("new-checkout", False)  #> literal new-checkout
            get_store().get_boolean_value("new-checkout", False)  #> literal new-checkout
            redis[0].get_boolean_value("new-checkout", False)  #> literal new-checkout
        """,
    "a function of another package": """
        import other
        import waffle
        from another import flag_is_active
        flag_is_active(request, "new-checkout")  #> literal new-checkout
        other.flag_is_active(request, "new-checkout")  #> literal new-checkout
        other.waffle.flag_is_active(request, "new-checkout")  #> literal new-checkout
        """,
    "a function of one's own": """
        import waffle
        def flag_is_active(request, name): ...
        flag_is_active(request, "new-checkout")  #> literal new-checkout
        """,
    "a parameter that hides the function": """
        from waffle import flag_is_active
        def f(flag_is_active):
            flag_is_active(request, "new-checkout")  #> literal new-checkout
        """,
    "a parameter called like the SDK": """
        from waffle import switch_is_active
        def f(waffle):
            waffle.flag_is_active(request, "new-checkout")  #> literal new-checkout
        """,
    "a method of one's own": """
        from waffle import switch_is_active
        class A:
            def switch_is_active(self, name): ...
            def f(self):
                self.switch_is_active("new-checkout")  #> literal new-checkout
        """,
    "another method of the client": """
        from openfeature import api
        client = api.get_client()
        client.track("new-checkout", None)  #> literal new-checkout
        client.get_boolean("new-checkout", False)  #> literal new-checkout
        """,
    "another function of the SDK": """
        import waffle
        waffle.get_waffle_switch_model().objects.create(name="new-checkout")  #> literal new-checkout
        waffle.flag_is_active_for_user(user, "new-checkout")  #> literal new-checkout
        """,
    "the attribute without the mixin": """
        import waffle
        from django.views import View
        class A(View):
            waffle_flag = "new-checkout"  #> declaration new-checkout
        waffle_flag = "old-search"  #> declaration old-search
        """,
    "the mixin of another package": """
        import waffle
        from mine.mixins import WaffleFlagMixin
        class A(WaffleFlagMixin):
            waffle_flag = "new-checkout"  #> declaration new-checkout
        """,
    "another attribute with the mixin": """
        from waffle.mixins import WaffleFlagMixin
        class A(WaffleFlagMixin):
            waffle_switch = "new-checkout"  #> declaration new-checkout
        """,
    "the function not called": """
        from waffle import switch_is_active
        call_later("new-checkout", switch_is_active)  #> literal new-checkout
        switch_is_active()
        """,
    "a file that imports no SDK": """
        def f(client, flags):
            client.get_boolean_value("new-checkout", False)  #> literal new-checkout
            flags.is_enabled("new-checkout")  #> literal new-checkout
        """,
    "an override of one's own": """
        import waffle
        def override_flag(name, active): ...
        with override_flag("new-checkout", active=True):  #> literal new-checkout
            pass
        """,
    "flag of another object": """
        from ldclient.integrations.test_data import TestData
        from pygments import td as other
        other.flag("new-checkout")  #> literal new-checkout
        app.flag("new-checkout")  #> literal new-checkout
        """,
}


@pytest.mark.parametrize("source", LOOK_ALIKES.values(), ids=LOOK_ALIKES)
def test_look_alikes_are_mentions_at_most(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source})


# --- which presets are in force ---------------------------------------------------------------------------------------

HINTED = 'def f(client):\n    return client.is_enabled("new-checkout")\n'
"""What is an evaluation where Unleash's preset is in force, and a mere string where it is not."""


@pytest.mark.parametrize(
    ("statement", "is_import"),
    [
        ("import UnleashClient", True),
        ("import UnleashClient as u", True),
        ("import UnleashClient.strategies", True),
        ("from UnleashClient import UnleashClient", True),
        ("from UnleashClient.strategies import Strategy", True),
        ("def f():\n\timport UnleashClient", True),
        ("import UnleashClientele", False),
        ("from .UnleashClient import x", False),
        ("from mine import UnleashClient", False),
        ("# import UnleashClient", False),
        ("import ldclient", False),
    ],
)
def test_auto_takes_the_presets_whose_sdk_some_file_imports(tmp_path: Path, statement: str, is_import: bool) -> None:
    found = scan_files(tmp_path, {"a.py": statement + "\n", "b.py": HINTED})
    assert [each.sdk for each in evaluations(found)] == (["unleash"] if is_import else [])


@pytest.mark.parametrize(
    ("sdks", "found"),
    [
        ('"auto"', []),
        ('["unleash"]', ["unleash"]),
        ('"unleash"', ["unleash"]),
        ('["openfeature", "unleash"]', ["unleash"]),
        ('["openfeature"]', []),
        ("[]", []),
    ],
)
def test_named_presets_are_in_force_without_an_import(tmp_path: Path, sdks: str, found: list[str]) -> None:
    scanned = scan_files(tmp_path, {"b.py": HINTED}, f"sdks = {sdks}")
    assert [each.sdk for each in evaluations(scanned)] == found


def test_presets_that_are_not_named_are_not_in_force(tmp_path: Path) -> None:
    files = {"app.py": "from waffle import switch_is_active\nswitch_is_active('new-checkout')"}
    assert evaluations(scan_files(tmp_path, files, 'sdks = ["unleash"]')) == []


def test_an_unknown_preset_is_an_error_with_a_suggestion(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        scan_files(tmp_path, {}, '# ours\nsdks = ["openfeature", "django-wafle"]\n')
    message = str(error.value)
    assert message.startswith(f'{tmp_path}/flagctl.toml:2: unknown SDK "django-wafle"; did you mean "django-waffle"?')
    assert all(sdk in message for sdk in preset_ids())


@pytest.mark.parametrize("sdk", preset_ids())
def test_every_preset_can_be_read_and_says_something(sdk: str) -> None:
    conventions = preset(sdk)
    assert conventions.id == sdk
    assert conventions.imports or sdk in ("env", "settings-dict")
    assert conventions.evaluations or conventions.flag_objects
    assert conventions.registries == ()


FOLLOWED = {
    "migrator from a fluent builder": {
        "app.py": """
            from ldclient.migrations import MigratorBuilder
            m = MigratorBuilder(c).read(old, new).write(old, new).build()
            m.read("new-checkout", ctx, OFF)  #> evaluation new-checkout
            """,
    },
    "alias re-exported under another name": {
        "helpers.py": "from waffle import switch_is_active as is_on\n",
        "app.py": """
            from helpers import is_on
            is_on("new-checkout")  #> evaluation new-checkout
            """,
    },
    "function kept on self": {
        "app.py": """
            from waffle import switch_is_active
            class A:
                def __init__(self):
                    self.ask = switch_is_active
                def f(self):
                    return self.ask("new-checkout")  #> evaluation new-checkout
            """,
    },
    "partial": {
        "app.py": """
            from functools import partial
            from waffle import switch_is_active
            is_on = partial(switch_is_active, "new-checkout")  #> evaluation new-checkout
            """,
    },
    "partial without the key": {
        "app.py": """
            from functools import partial
            from waffle import flag_is_active
            def f(request):
                is_on = partial(flag_is_active, request)
                return is_on("new-checkout") or is_on(request.key)  #> evaluation new-checkout, evaluation ?
            """,
    },
    "partial that has the key": {
        "app.py": """
            from functools import partial
            from waffle import flag_is_active
            def f(request):
                is_on = partial(flag_is_active, request, "new-checkout")  #> evaluation new-checkout
                return is_on()
            """,
    },
    "called by a wrapper": {
        "app.py": """
            import asyncio
            from asgiref.sync import sync_to_async
            from waffle import flag_is_active, switch_is_active
            is_on = sync_to_async(switch_is_active)
            async def f(request):
                await sync_to_async(flag_is_active)(request, "new-checkout")  #> evaluation new-checkout
                await is_on("old-search")  #> evaluation old-search
                await asyncio.to_thread(switch_is_active, "old-search")  #> evaluation old-search
                register(switch_is_active)
                register(switch_is_active, request)
                await sync_to_async(other)(request, "new-checkout")  #> literal new-checkout
            """,
    },
    "client of a with statement": {
        "app.py": """
            from ldclient import LDClient
            with LDClient(config) as ldc:
                ldc.variation("new-checkout", ctx, False)  #> evaluation new-checkout
            """,
    },
    "subclass that overrides the method": {
        "app.py": """
            from openfeature.client import OpenFeatureClient
            class Logged(OpenFeatureClient):
                def get_boolean_value(self, flag_key, default_value):
                    return super().get_boolean_value(flag_key, default_value)  #> evaluation ?
            Logged().get_boolean_value("new-checkout", False)  #> evaluation new-checkout
            """,
    },
    "helper that passes its key on": {
        "app.py": """
            from waffle import switch_is_active
            def is_on(key):
                return switch_is_active(key)  #> evaluation ?
            is_on("new-checkout")  #> evaluation new-checkout
            """,
    },
}


@pytest.mark.parametrize("files", FOLLOWED.values(), ids=FOLLOWED)
def test_what_a_client_is_and_what_hands_its_key_on(tmp_path: Path, files: dict[str, str]) -> None:
    check(tmp_path, files)
