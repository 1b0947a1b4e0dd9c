"""What the clients of flag services have beside methods that take a key: objects, dictionaries, overrides."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, evaluations, only, scan_files

CASES = {
    "flipt: a request holds the key": """
        from flipt import AsyncFliptClient, FliptClient
        from flipt.evaluation import EvaluationRequest
        import flipt.evaluation as fe
        client = FliptClient(url=URL)
        ask = client.evaluation
        ask.boolean(EvaluationRequest(flag_key="new-checkout"))  #> evaluation new-checkout, declaration new-checkout
        request = fe.EvaluationRequest(flagKey="old-search", entityId="1", context={})  #> declaration old-search
        client.evaluation.variant(request)  #> evaluation old-search
        client.evaluation.variant(request=request).match  #> evaluation old-search
        async def f(client: AsyncFliptClient, unknown):
            await client.evaluation.boolean(request)  #> evaluation old-search
            await client.evaluation.boolean(unknown)  #> evaluation ?
        """,
    "flipt: requests in a list": """
        from flipt_client import FliptClient
        from flipt_client.models import EvaluationRequest
        a = EvaluationRequest(flag_key="new-checkout", entity_id="1", context={})  #> declaration new-checkout
        b = EvaluationRequest(flag_key="old-search", entity_id="1", context={})  #> declaration old-search
        FliptClient().evaluate_batch([a, b])  #> evaluation new-checkout, evaluation old-search
        """,
    "flipt: no request, no evaluation": """
        import flipt
        from mine import EvaluationRequest
        def f(evaluation, client):
            evaluation.boolean(EvaluationRequest(flag_key="new-checkout"))  #> literal new-checkout
            client.flag.boolean(EvaluationRequest(flag_key="new-checkout"))  #> literal new-checkout
        flipt.FliptClient().flag.get("new-checkout")  #> literal new-checkout
        """,
    "growthbook: an experiment in the code": """
        from growthbook import Experiment, GrowthBook, GrowthBookClient
        exp = Experiment(key="new-checkout", variations=["a", "b"])  #> declaration new-checkout
        gb = GrowthBook()
        gb.run(exp).value  #> evaluation new-checkout
        GrowthBook().run(experiment=exp)  #> evaluation new-checkout
        async def f(client: GrowthBookClient):
            await client.run(exp, user)  #> evaluation new-checkout
        """,
    "growthbook: another thing that runs": """
        import growthbook
        import asyncio
        from ml import Experiment
        exp = Experiment(key="new-checkout")  #> literal new-checkout
        runner.run(exp)
        asyncio.run("new-checkout")  #> literal new-checkout
        """,
    "optimizely: a forced decision": """
        from optimizely.optimizely import Optimizely
        from optimizely.optimizely_user_context import OptimizelyUserContext
        context = OptimizelyUserContext.OptimizelyDecisionContext("new-checkout", "rule")  #> declaration new-checkout
        def f(user: OptimizelyUserContext):
            user.set_forced_decision(context, ON)  #> override new-checkout
            user.decide("old-search", ["ENABLED"]).enabled  #> evaluation old-search
            user.track_event("new-checkout")  #> literal new-checkout
            user.remove_all_forced_decisions()
        """,
    "optimizely: no decision": """
        import optimizely
        class User:
            def decide(self, key): ...
        def f(user: User, judge):
            user.decide("new-checkout")  #> literal new-checkout
            judge.decide("new-checkout")  #> literal new-checkout
        User().decide("new-checkout")  #> literal new-checkout
        """,
    "amplitude: variants come in a dictionary": """
        from amplitude_experiment import Experiment, RemoteEvaluationClient, User
        local = Experiment.initialize_local(KEY)
        variants = local.evaluate_v2(user, {"new-checkout"})  #> evaluation new-checkout
        if variants["new-checkout"].value == "on":  #> evaluation new-checkout
            pass
        variants.get("old-search")  #> evaluation old-search
        if "old-search" in local.evaluate(user):  #> evaluation old-search
            pass
        some = local.evaluate(user, flag_keys=["old-search"])  #> evaluation old-search
        some.get("old-search")  #> evaluation old-search
        class Shop:
            def __init__(self):
                self.remote = Experiment.initialize_remote(KEY)
            def f(self):
                return self.remote.fetch_v2(user).get("new-checkout")  #> evaluation new-checkout
        def f(remote: RemoteEvaluationClient, name):
            found = remote.fetch(user)
            found[name]  #> evaluation ?
        """,
    "amplitude: another dictionary": """
        from amplitude_experiment import Experiment
        local = Experiment.initialize_local(KEY)
        variants = local.flags()
        variants["new-checkout"]  #> literal new-checkout
        variants = {}
        variants.get("new-checkout")  #> literal new-checkout
        def f(variants, request):
            variants["new-checkout"]  #> literal new-checkout
            request.GET.get("new-checkout")  #> literal new-checkout
        model.evaluate_v2(user)["new-checkout"]  #> literal new-checkout
        """,
    "cloudbees: a flag is called like its attribute": """
        from rox.server.rox_server import Rox
        from rox.server.flags.rox_flag import RoxFlag
        from rox.core.entities.rox_string import RoxString
        class Flags:
            def __init__(self):
                self.new_checkout = RoxFlag()  #> declaration new-checkout
                self.color = RoxString("red", ["red", "blue"])  #> declaration color
        class Static:
            old_search = RoxFlag(True)  #> declaration old-search
        flags = Flags()
        Rox.register(flags)
        if flags.new_checkout.is_enabled():  #> evaluation new-checkout
            flags.color.get_value(context)  #> evaluation color
        Static.old_search.is_enabled()  #> evaluation old-search
        """,
    "cloudbees: an attribute of something else": """
        from rox.server.rox_server import Rox
        from mine import RoxFlag
        class Flags:
            def __init__(self, given):
                self.new_checkout = RoxFlag()
                self.old_search = given
        flags = Flags(1)
        flags.new_checkout.is_enabled()
        flags.old_search.is_enabled()
        other.new_checkout.is_enabled()
        """,
    "confidence: a flag and a path into it": """
        from confidence.confidence import Confidence
        KEY = "new-checkout.enabled"  #> declaration new-checkout
        c = Confidence("secret")
        c.resolve_boolean_details("new-checkout.enabled", False).value  #> evaluation new-checkout
        with_me = c.with_context({})
        with_me.resolve_string_details(flag_key="old-search.a.b", default_value=1)  #> evaluation old-search
        c.resolve_object_details("new-checkout", {})  #> evaluation new-checkout
        c.resolve_boolean_details(KEY, False)  #> evaluation new-checkout
        """,
    "confidence: of a model": """
        from confidence import intervals
        def f(model):
            model.confidence.score("new-checkout.enabled")
            model.resolve_boolean_details("new-checkout", 1)  #> literal new-checkout
        """,
    "configcat: overrides": """
        from configcatclient.localdictionarydatasource import LocalDictionaryFlagOverrides
        LocalDictionaryFlagOverrides({"new-checkout": True}, LOCAL_ONLY)  #> override new-checkout
        LocalDictionaryFlagOverrides(source={"old-search": 1}, override_behaviour=X)  #> override old-search
        """,
    "configcat: other dictionaries": """
        import configcatclient
        LocalDictionaryFlagOverrides({"new-checkout": True})  #> literal new-checkout
        configcatclient.get(KEY).get_all_values({"new-checkout": 1})  #> literal new-checkout
        """,
    "split: sets of flags are no flags": """
        from splitio import get_factory
        split = get_factory(KEY).client()
        split.get_treatments("me", ["new-checkout", "old-search"])  #> evaluation new-checkout, evaluation old-search
        if split.get_treatment("me", "new-checkout") == "on":  #> evaluation new-checkout
            pass
        split.get_treatment("me", feature_flag_name="old-search")  #> evaluation old-search
        split.get_treatments_by_flag_set("me", "new-checkout")  #> literal new-checkout
        split.get_treatments_by_flag_sets("me", ["new-checkout"])  #> literal new-checkout
        split.track("me", "new-checkout", "event")  #> literal new-checkout
        """,
    "statsig: parameters are no flags": """
        from statsig import statsig
        found = statsig.get_experiment(user, "new-checkout")  #> evaluation new-checkout
        found.get("old-search", 1)  #> literal old-search
        layer = statsig.get_layer(user, layer="new-checkout")  #> evaluation new-checkout
        layer.get("old-search", False)  #> literal old-search
        statsig.log_event("new-checkout")  #> literal new-checkout
        """,
    "posthog: which flags are evaluated": """
        import posthog
        flags = posthog.evaluate_flags("me", flag_keys=["new-checkout"])  #> evaluation new-checkout
        flags.is_enabled("new-checkout")  #> evaluation new-checkout
        posthog.capture("event", flags=flags.only(["old-search"]))  #> evaluation old-search
        flags.only(["old-search"]).get_flag("old-search")  #> evaluation old-search, evaluation old-search
        posthog.evaluate_flags("me")
        posthog.capture("new-checkout")  #> literal new-checkout
        """,
    "flipper: the decorator, and what is no flag": """
        from flipper import FeatureFlagClient, decorators
        features = FeatureFlagClient(STORE)
        @decorators.is_enabled(features, "new-checkout")  #> evaluation new-checkout
        def f(): ...
        @decorators.is_enabled(features, feature_name="new-checkout", redirect=g)  #> evaluation new-checkout
        def g(): ...
        features.create("old-search", is_enabled=True)  #> override old-search
        def h(client, features):
            client.get("new-checkout")  #> literal new-checkout
            features.get("new-checkout")  #> literal new-checkout
            client.create("new-checkout")  #> literal new-checkout
        """,
    "a project's own package of that name": """
        from featureflags import client, is_on
        from confidence import score
        def f(client):
            is_on("new-checkout")  #> literal new-checkout
            client.bool_variation("new-checkout")  #> literal new-checkout
            score("new-checkout")  #> literal new-checkout
        """,
}


@pytest.mark.parametrize("source", CASES.values(), ids=CASES)
def test_services(tmp_path: Path, source: str) -> None:
    flags = {name: name.replace("_", "-") for name in ("new-checkout", "new_checkout", "old-search", "old_search")}
    check(tmp_path, {"app.py": source}, flags=flags)


@pytest.mark.parametrize(
    ("source", "negated"),
    [
        ("gb.is_on('new-checkout')", False),
        ("gb.is_off('new-checkout')", True),
        ("gb.isOff('new-checkout')", True),
        ("await GrowthBookClient().is_off('new-checkout', user)", True),
        ("not gb.is_on('new-checkout')", False),
    ],
)
def test_growthbook_asks_for_the_opposite(tmp_path: Path, source: str, negated: bool) -> None:
    setup = "from growthbook import GrowthBook, GrowthBookClient\ngb = GrowthBook()\nasync def f():\n    "
    assert only(scan_files(tmp_path, {"app.py": setup + source})).negated is negated


def test_what_an_override_forces_stands_beside_the_key(tmp_path: Path) -> None:
    source = """
        from configcatclient.localdictionarydatasource import LocalDictionaryFlagOverrides
        from gargoyle.testutils import switches
        LocalDictionaryFlagOverrides({"new-checkout": True, "old-search": f(1)}, X)
        with switches(new_checkout=True, old_search=False):
            pass
        """
    found = scan_files(tmp_path, {"app.py": source}).references
    assert {(each.flag, each.value) for each in found} == {
        ("new-checkout", "True"),
        ("old-search", "f(1)"),
        ("new_checkout", "True"),
        ("old_search", "False"),
    }


def test_one_object_may_stand_for_several_flags(tmp_path: Path) -> None:
    source = """
        from growthbook import Experiment, GrowthBook
        exp = Experiment("new-checkout", []) if A else Experiment("old-search", [])
        GrowthBook().run(exp)
        """
    assert [each.flag for each in evaluations(scan_files(tmp_path, {"app.py": source}))] == [
        "new-checkout",
        "old-search",
    ]
