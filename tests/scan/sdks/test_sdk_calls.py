"""Every client and function that a preset names: in each way of writing it, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, scan_files
from sdk_calls import CLIENTS, FUNCTIONS, Call, Client

from flagctl.model import Reference, Role
from flagctl.scan.presets import preset

MARK = "new-checkout"
METHODS = [pytest.param(client, call, id=f"{client.name}-{call.name}") for client in CLIENTS for call in client.calls]
EACH_CLIENT = pytest.mark.parametrize("client", CLIENTS, ids=[each.name for each in CLIENTS])
EACH_FUNCTION = pytest.mark.parametrize(
    ("sdk", "module", "call"), FUNCTIONS, ids=[f"{module}.{call.name}" for _, module, call in FUNCTIONS]
)


def facts(found: list[Reference]) -> list[tuple[str | None, str, str | None, str | None, str | None]]:
    return [(each.flag, str(each.role), each.sdk, each.default, each.returns) for each in found]


def asked(tmp_path: Path, source: str) -> list[Reference]:
    found = scan_files(tmp_path, {"app.py": source}).references
    return [each for each in found if each.role in (Role.EVALUATION, Role.OVERRIDE)]


def written(sdk: str, call: Call, *, fallback: bool) -> tuple[str, str, str, str | None, str | None]:
    default = "FALLBACK" if fallback and call.default else None
    return (MARK, call.role, sdk, default, call.returns if call.role == "evaluation" else None)


# --- each method and function -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("client", "call"), METHODS)
def test_each_method(tmp_path: Path, client: Client, call: Call) -> None:
    source = f"""{client.imports}
it = {client.make}
it.{call.name}({call.arguments()})
it.{call.name}({call.arguments(by_keyword=True)})
it.{call.name}({call.arguments(fallback=None)})
async def ask():
    if not await it.{call.name}({call.arguments()}):
        pass
"""
    found = facts(asked(tmp_path, source))
    assert found == [written(client.sdk, call, fallback=fallback) for fallback in (True, True, False, True)]


@pytest.mark.parametrize(("client", "call"), METHODS)
def test_each_method_on_anything_else(tmp_path: Path, client: Client, call: Call) -> None:
    name, arguments = client.hint or "client", call.arguments()
    source = f"""
        {client.imports}
        import other
        from somewhere import {name} as theirs
        class Store:
            def {call.name}(self, *args, **kwargs): ...
        mine = Store()
        mine.{call.name}({arguments})  #> literal {MARK}
        theirs.{call.name}({arguments})  #> literal {MARK}
        other.{call.name}({arguments})  #> literal {MARK}
        other.{name}.{call.name}({arguments})  #> literal {MARK}
        def f(store, {name}: Store, *, another: other.Client):
            store.{call.name}({arguments})  #> literal {MARK}
            {name}.{call.name}({arguments})  #> literal {MARK}
            another.{call.name}({arguments})  #> literal {MARK}
        def g():
            {name} = dict()
            {name}.{call.name}({arguments})  #> literal {MARK}
        """
    check(tmp_path, {"app.py": source})


@EACH_FUNCTION
def test_each_function(tmp_path: Path, sdk: str, module: str, call: Call) -> None:
    package, _, last = module.rpartition(".")
    source = f"""from {module} import {call.name}
from {module} import {call.name} as ask
import {module}
import {module} as m
{f"from {package} import {last} as n" if package else "n = m"}
{call.name}({call.arguments()})
ask({call.arguments(by_keyword=True)})
{module}.{call.name}({call.arguments()})
m.{call.name}({call.arguments()})
n.{call.name}({call.arguments()})
"""
    assert facts(asked(tmp_path, source)) == [written(sdk, call, fallback=True)] * 5


@EACH_FUNCTION
def test_each_function_of_somebody_else(tmp_path: Path, sdk: str, module: str, call: Call) -> None:
    hints = {hint for each in preset(sdk).clients for hint in each.hints}
    hidden = "parameter" if module.partition(".")[0] in hints else module.partition(".")[0]
    source = f"""
        import {module} as theirs
        import other
        from another import {call.name} as imported
        class Store:
            def {call.name}(self, *args): ...
        def {call.name}(*args): ...
        {call.name}({call.arguments()})  #> literal {MARK}
        imported({call.arguments()})  #> literal {MARK}
        other.{call.name}({call.arguments()})  #> literal {MARK}
        other.{module}.{call.name}({call.arguments()})  #> literal {MARK}
        def f(self, {hidden}):
            self.{call.name}({call.arguments()})  #> literal {MARK}
            {hidden}.{call.name}({call.arguments()})  #> literal {MARK}
            Store().{call.name}({call.arguments()})  #> literal {MARK}
        """
    check(tmp_path, {"app.py": source})


def test_the_tables_have_every_method_and_function() -> None:
    tested = {(client.sdk, call.name) for client in CLIENTS for call in client.calls}
    tested |= {(sdk, call.name) for sdk, _, call in FUNCTIONS}
    beside = {  # with cases of their own
        ("amplitude", "evaluate"),
        ("amplitude", "evaluate_v2"),
        ("django-flags", "as_view"),
        ("django-flags", "override_settings"),
        ("edx-toggles", "override_waffle_flag"),
        ("edx-toggles", "override_waffle_switch"),
        ("flipt", "boolean"),
        ("flipt", "evaluate_batch"),
        ("flipt", "variant"),
        ("configcat", "LocalDictionaryFlagOverrides"),
        ("gargoyle", "switches"),
        ("growthbook", "run"),
        ("gutter", "switches"),
        ("optimizely", "set_forced_decision"),
        ("sentry-features", "Feature"),
        ("sentry-features", "apply_feature_flag_on_cls"),
        ("sentry-features", "feature"),
        ("sentry-features", "with_feature"),
        ("superset", "with_feature_flags"),
    }
    for sdk in sorted({sdk for sdk, _ in tested} | {sdk for sdk, _ in beside}):
        conventions = preset(sdk)
        calls = {glob for each in conventions.evaluations for glob in each.call}
        calls |= {glob for each in conventions.overrides for glob in each.call}
        assert {(sdk, glob.rpartition(".")[2]) for glob in calls} <= tested | beside


# --- how a client comes to be known -----------------------------------------------------------------------------------


@EACH_CLIENT
def test_a_client_is_followed(tmp_path: Path, client: Client) -> None:
    call = client.calls[0]
    ask, mark = f"{call.name}({call.arguments()})", f"#> {call.role} {MARK}"
    files = {
        "clients.py": f"""
            {client.imports}
            shared = {client.make}
            def make():
                return {client.make}
            """,
        "app.py": f"""
            import clients
            {client.imports}
            from clients import make, shared as s
            from {client.module} import {client.type} as Type
            class Shop:
                def __init__(self, given: Type):
                    self.client = {client.make}
                    self._given = given
                def f(self):
                    self.client.{ask}  {mark}
                    self._given.{ask}  {mark}
            s.{ask}  {mark}
            clients.shared.{ask}  {mark}
            make().{ask}  {mark}
            ({client.make}).{ask}  {mark}
            def f(it: Type, maybe: "Type | None" = None):
                it.{ask}  {mark}
                maybe.{ask}  {mark}
            async def g():
                made = await make()
                made.{ask}  {mark}
            """,
    }
    check(tmp_path, files)


@EACH_CLIENT
def test_what_is_no_client(tmp_path: Path, client: Client) -> None:
    call = client.calls[0]
    ask, mark = f"{call.name}({call.arguments()})", f"#> literal {MARK}"
    files = {
        "clients.py": "from elsewhere import make\nshared = make()\n",
        "app.py": f"""
            import clients
            {client.imports}
            from clients import make, shared as s
            from other import {client.type} as Type
            class Shop:
                def __init__(self, given: Type):
                    self.client = make()
                    self._given = given
                def f(self):
                    self.client.{ask}  {mark}
                    self._given.{ask}  {mark}
            s.{ask}  {mark}
            clients.shared.{ask}  {mark}
            make().{ask}  {mark}
            Type().{ask}  {mark}
            def f(it: Type, maybe: "Type | None" = None):
                it.{ask}  {mark}
                maybe.{ask}  {mark}
            """,
    }
    check(tmp_path, files)


@pytest.mark.parametrize("client", [each for each in CLIENTS if each.hint], ids=lambda each: each.name)
def test_a_usual_name_counts_where_some_file_imports_the_sdk(tmp_path: Path, client: Client) -> None:
    call = client.calls[0]
    source = f"def f({client.hint}, anything):\n    {client.hint}.{call.name}({call.arguments()})\n"
    source += f"    anything.{call.name}({call.arguments()})\n"
    (tmp_path / "with").mkdir()
    (tmp_path / "without").mkdir()
    found = scan_files(tmp_path / "with", {"a.py": client.imports, "app.py": source}).references
    assert [str(each.role) for each in found] == [call.role, "mention"]
    found = scan_files(tmp_path / "without", {"app.py": source}).references
    assert [str(each.role) for each in found] == ["mention", "mention"]
