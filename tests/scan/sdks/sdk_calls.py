"""What each SDK's client has: how to get one, and where its methods take key and fallback."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class Call(NamedTuple):
    """A method or function; `key` and `default` are a position, `None` for keyword only, and a keyword."""

    name: str
    key: tuple[int | None, str]
    default: tuple[int | None, str] | None = None
    returns: str = "bool"
    many: bool = False
    """It takes a list of keys."""
    role: str = "evaluation"

    def arguments(self, *, by_keyword: bool = False, fallback: str | None = "FALLBACK") -> str:
        """An argument list that asks for `new-checkout`."""
        key = '["new-checkout"]' if self.many else '"new-checkout"'
        positional: list[str] = []
        keywords: list[str] = []
        for where, text in ((self.key, key), (self.default, fallback)):
            if where is None or text is None:
                continue
            position, keyword = where
            if by_keyword or position is None:
                keywords.insert(0, f"{keyword}={text}")
            else:
                positional += ["ctx"] * (position - len(positional)) + [text]
        return ", ".join((*positional, *keywords))


@dataclass(frozen=True)
class Client:
    """A type of client, `make` an expression that gives one, `hint` a name that stands for one if nothing else does."""

    sdk: str
    module: str
    type: str
    imports: str
    make: str
    hint: str | None
    calls: tuple[Call, ...]
    is_made_by_type: bool = True

    @property
    def name(self) -> str:
        return f"{self.sdk}-{self.type}"


def _same(
    names: str, key: tuple[int | None, str], default: tuple[int | None, str] | None = None, returns: str = "bool"
) -> tuple[Call, ...]:
    return tuple(Call(name, key, default, returns) for name in names.split())


KEY = (0, "key")
STATSIG = (
    *_same("check_gate", (1, "gate_name")),
    *_same("get_feature_gate", (1, "gate_name"), returns="details"),
    *_same("get_config", (1, "config_name"), returns="object"),
    *_same("get_experiment", (1, "experiment_name"), returns="object"),
    *_same("get_layer", (1, "layer_name"), returns="object"),
    *_same("manually_log_gate_exposure", (1, "gate_name"), returns="object"),
    Call("override_gate", (0, "gate"), role="override"),
    Call("override_config", (0, "config"), role="override"),
    Call("override_experiment", (0, "experiment"), role="override"),
    Call("override_layer", (0, "layer"), role="override"),
)
STATSIG_CORE = (
    *_same("check_gate", (1, "name")),
    *_same("get_feature_gate", (1, "name"), returns="details"),
    *_same("get_dynamic_config get_experiment get_layer get_parameter_store", (1, "name"), returns="object"),
    Call("override_gate", (0, "gate_name"), role="override"),
    Call("override_dynamic_config", (0, "config_name"), role="override"),
    Call("override_experiment", (0, "experiment_name"), role="override"),
    Call("override_layer", (0, "layer_name"), role="override"),
)
GROWTHBOOK = (
    *_same("is_on is_off", KEY),
    *_same("get_feature_value", KEY, (1, "fallback"), "variant"),
    *_same("eval_feature", KEY, returns="details"),
)
SPLIT = (
    *_same("get_treatment", (1, "feature_flag_name"), returns="variant"),
    *_same("get_treatment_with_config", (1, "feature_flag_name"), returns="details"),
    Call("get_treatments", (1, "feature_flag_names"), returns="object", many=True),
    Call("get_treatments_with_config", (1, "feature_flag_names"), returns="object", many=True),
)
DEVCYCLE = (
    *_same("variable_value", (1, "key"), (2, "default_value"), "variant"),
    *_same("variable", (1, "key"), (2, "default_value"), "details"),
)
AZURE = (
    *_same("is_enabled", (0, "feature_flag_id")),
    *_same("get_variant", (0, "feature_flag_id"), returns="details"),
)
FEATURE_VARIABLES = (
    "get_feature_variable get_feature_variable_boolean get_feature_variable_double get_feature_variable_integer "
    "get_feature_variable_string get_feature_variable_json get_all_feature_variables"
)

CLIENTS = [
    Client(
        "flagsmith",
        "flagsmith.models",
        "Flags",
        "from flagsmith import Flagsmith",
        'Flagsmith(environment_key="k").get_identity_flags("me")',
        "identity_flags",
        (
            *_same("is_feature_enabled", (0, "feature_name")),
            *_same("get_feature_value", (0, "feature_name"), returns="variant"),
            *_same("get_flag", (0, "feature_name"), returns="details"),
        ),
        is_made_by_type=False,
    ),
    Client(
        "posthog",
        "posthog",
        "Posthog",
        "from posthog import Posthog",
        "Posthog(KEY)",
        "ph",
        (
            *_same("feature_enabled", KEY),
            *_same("get_feature_flag get_feature_flag_payload get_remote_config_payload", KEY, returns="variant"),
            *_same("get_feature_flag_result", KEY, returns="details"),
            Call("evaluate_flags", (None, "flag_keys"), returns="object", many=True),
        ),
    ),
    Client(
        "posthog",
        "posthog.feature_flag_evaluations",
        "FeatureFlagEvaluations",
        "import posthog",
        "posthog.evaluate_flags(me)",
        None,
        (
            *_same("is_enabled", KEY, (1, "default_value")),
            *_same("get_flag get_flag_payload", KEY, returns="variant"),
            Call("only", (0, "keys"), returns="object", many=True),
        ),
        is_made_by_type=False,
    ),
    Client(
        "statsig", "statsig", "StatsigServer", "from statsig import statsig", "statsig.get_instance()", None, STATSIG
    ),
    Client(
        "statsig-core",
        "statsig_python_core",
        "Statsig",
        "from statsig_python_core import Statsig",
        "Statsig.shared()",
        "statsig",
        STATSIG_CORE,
    ),
    Client(
        "growthbook",
        "growthbook",
        "GrowthBook",
        "from growthbook import GrowthBook",
        "GrowthBook(attributes=ME)",
        "gb",
        (
            *GROWTHBOOK,
            *_same("isOn isOff", KEY),
            *_same("getFeatureValue", KEY, (1, "fallback"), "variant"),
            *_same("evalFeature", KEY, returns="details"),
        ),
    ),
    Client(
        "growthbook",
        "growthbook",
        "GrowthBookClient",
        "from growthbook import GrowthBookClient",
        "GrowthBookClient(OPTIONS)",
        "growthbook",
        GROWTHBOOK,
    ),
    Client(
        "configcat",
        "configcatclient",
        "ConfigCatClient",
        "import configcatclient",
        "configcatclient.get(KEY)",
        "configcat_client",
        (
            *_same("get_value", KEY, (1, "default_value"), "variant"),
            *_same("get_value_details", KEY, (1, "default_value"), "details"),
        ),
    ),
    Client(
        "split",
        "splitio.client.client",
        "Client",
        "from splitio import get_factory",
        "get_factory(KEY).client()",
        "split_client",
        SPLIT,
    ),
    Client(
        "split",
        "splitio.client.client",
        "ClientAsync",
        "from splitio import get_factory_async",
        "get_factory_async(KEY).client()",
        "split",
        SPLIT,
    ),
    Client(
        "optimizely",
        "optimizely.optimizely_user_context",
        "OptimizelyUserContext",
        "from optimizely import optimizely",
        'optimizely.Optimizely(DATA).create_user_context("me")',
        "user_context",
        (
            *_same("decide", KEY, returns="details"),
            Call("decide_for_keys", (0, "keys"), returns="object", many=True),
        ),
        is_made_by_type=False,
    ),
    Client(
        "optimizely",
        "optimizely.optimizely",
        "Optimizely",
        "from optimizely.optimizely_factory import OptimizelyFactory",
        "OptimizelyFactory.default_instance(KEY)",
        "optimizely_client",
        (
            *_same("is_feature_enabled", (0, "feature_key")),
            *_same(FEATURE_VARIABLES, (0, "feature_key"), returns="object"),
            *_same("activate get_variation", (0, "experiment_key"), returns="variant"),
        ),
    ),
    Client(
        "flipper",
        "flipper",
        "FeatureFlagClient",
        "from flipper import FeatureFlagClient",
        "FeatureFlagClient(STORE)",
        "flipper",
        (
            *_same("is_enabled", (0, "feature_name"), (1, "default")),
            *_same("get", (0, "feature_name"), returns="details"),
            Call("enable", (0, "feature_name"), role="override"),
            Call("disable", (0, "feature_name"), role="override"),
            Call("create", (0, "feature_name"), role="override"),
        ),
    ),
    Client(
        "eppo",
        "eppo_client",
        "EppoClient",
        "import eppo_client",
        "eppo_client.get_instance()",
        "eppo_client",
        (
            *_same("get_boolean_assignment", (0, "flag_key"), (3, "default")),
            *_same("get_string_assignment", (0, "flag_key"), (3, "default"), "variant"),
            *_same("get_integer_assignment", (0, "flag_key"), (3, "default"), "int"),
            *_same("get_numeric_assignment", (0, "flag_key"), (3, "default"), "float"),
            *_same("get_json_assignment", (0, "flag_key"), (3, "default"), "object"),
            *(
                Call(f"get_{kind}_assignment_details", (0, "flag_key"), (3, "default"), "details")
                for kind in ("boolean", "string", "integer", "numeric", "json")
            ),
            *_same("get_bandit_action", (0, "flag_key"), (4, "default"), "details"),
        ),
    ),
    *(
        Client(
            "devcycle",
            "devcycle_python_sdk",
            kind,
            f"from devcycle_python_sdk import {kind}",
            f"{kind}(KEY, OPTIONS)",
            "dvc_client",
            DEVCYCLE,
        )
        for kind in ("DevCycleLocalClient", "DevCycleCloudClient")
    ),
    Client(
        "aws-powertools",
        "aws_lambda_powertools.utilities.feature_flags",
        "FeatureFlags",
        "from aws_lambda_powertools.utilities.feature_flags import FeatureFlags",
        "FeatureFlags(store=STORE)",
        "feature_flags",
        _same("evaluate", (None, "name"), (None, "default"), "variant"),
    ),
    Client(
        "harness-ff",
        "featureflags.client",
        "CfClient",
        "from featureflags.client import CfClient",
        "CfClient(KEY)",
        "cf",
        (
            *_same("bool_variation", (0, "identifier"), (2, "default")),
            *_same("string_variation", (0, "identifier"), (2, "default"), "variant"),
            *_same("int_variation", (0, "identifier"), (2, "default"), "int"),
            *_same("number_variation", (0, "identifier"), (2, "default"), "float"),
            *_same("json_variation", (0, "identifier"), (2, "default"), "object"),
        ),
    ),
    *(
        Client(
            "azure-featuremanagement",
            module,
            "FeatureManager",
            f"from {module} import FeatureManager",
            "FeatureManager(CONFIG)",
            "feature_manager",
            AZURE,
        )
        for module in ("featuremanagement", "featuremanagement.aio")
    ),
    Client(
        "flipt",
        "flipt_client",
        "FliptClient",
        "from flipt_client import FliptClient",
        "FliptClient(opts=OPTIONS)",
        "flipt_client",
        _same("evaluate_boolean evaluate_variant", (0, "flag_key"), returns="details"),
    ),
    Client(
        "featbit",
        "fbclient.client",
        "FBClient",
        "import fbclient",
        "fbclient.get()",
        "fb_client",
        (
            *_same("variation", KEY, (2, "default"), "variant"),
            *_same("variation_detail", KEY, (2, "default"), "details"),
        ),
    ),
    Client(
        "spotify-confidence",
        "confidence.confidence",
        "Confidence",
        "from confidence.confidence import Confidence",
        "Confidence(SECRET).with_context({})",
        "confidence",
        tuple(
            Call(f"resolve_{kind}_details{suffix}", (0, "flag_key"), (1, "default_value"), "details")
            for kind in ("boolean", "string", "integer", "float", "object")
            for suffix in ("", "_async")
        ),
    ),
    Client(
        "cloudbees-rox",
        "rox.core.client.dynamic_api",
        "DynamicApi",
        "from rox.server.rox_server import Rox",
        "Rox.dynamic_api()",
        None,
        (
            *_same("is_enabled", (0, "name"), (1, "default_value")),
            *_same("value get_int get_double", (0, "name"), (1, "default_value"), "variant"),
        ),
    ),
    Client(
        "flask-featureflags",
        "flask_featureflags",
        "FeatureFlag",
        "from flask_featureflags import FeatureFlag",
        "FeatureFlag(APP)",
        None,
        _same("check", (0, "feature")),
    ),
    Client(
        "gargoyle",
        "gargoyle.manager",
        "SwitchManager",
        "import gargoyle",
        "gargoyle.gargoyle",
        None,
        (Call("is_active", KEY, (None, "default")),),
    ),
    Client(
        "gutter",
        "gutter.client.models",
        "Manager",
        "import gutter.client.default",
        "gutter.client.default.gutter",
        None,
        _same("active", (0, "name")),
    ),
]

FUNCTIONS = [
    *(("posthog", "posthog", each) for each in _same("feature_enabled", KEY)),
    *(
        ("posthog", "posthog", each)
        for each in _same("get_feature_flag get_feature_flag_payload get_remote_config_payload", KEY, returns="variant")
    ),
    ("posthog", "posthoganalytics", Call("feature_enabled", KEY)),
    ("posthog", "posthog", Call("get_feature_flag_result", KEY, returns="details")),
    ("posthog", "posthog", Call("evaluate_flags", (6, "flag_keys"), returns="object", many=True)),
    ("statsig", "statsig.statsig", Call("check_gate", (1, "gate"))),
    ("statsig", "statsig.statsig", Call("check_gate_with_exposure_logging_disabled", (1, "gate"))),
    ("statsig", "statsig.statsig", Call("get_feature_gate", (1, "gate"), returns="details")),
    ("statsig", "statsig.statsig", Call("get_config", (1, "config"), returns="object")),
    ("statsig", "statsig.statsig", Call("get_experiment", (1, "experiment"), returns="object")),
    ("statsig", "statsig.statsig", Call("get_layer", (1, "layer"), returns="object")),
    ("statsig", "statsig.statsig", Call("manually_log_gate_exposure", (1, "gate"), returns="object")),
    *(
        ("statsig", "statsig.statsig", Call(f"override_{kind}", (0, kind), role="override"))
        for kind in ("gate", "config", "experiment", "layer")
    ),
    ("django-flags", "flags.state", Call("flag_enabled", (0, "flag_name"))),
    ("django-flags", "flags.state", Call("flag_disabled", (0, "flag_name"))),
    ("django-flags", "flags.state", Call("flag_state", (0, "flag_name"))),
    ("django-flags", "flags.state", Call("enable_flag", (0, "flag_name"), role="override")),
    ("django-flags", "flags.state", Call("disable_flag", (0, "flag_name"), role="override")),
    ("django-flags", "flags.urls", Call("flagged_path", (0, "flag_name"), returns="object")),
    ("django-flags", "flags.urls", Call("flagged_re_path", (0, "flag_name"), returns="object")),
    ("django-flags", "flags.urls", Call("flagged_paths", (0, "flag_name"), returns="object")),
    ("django-flags", "flags.urls", Call("flagged_re_paths", (0, "flag_name"), returns="object")),
    ("django-flags", "flags.decorators", Call("flag_required", (0, "flag_name"))),
    ("django-flags", "flags.decorators", Call("flag_check", (0, "flag_name"))),
    ("sentry-features", "sentry.features", Call("has", (0, "name"))),
    ("sentry-features", "sentry.features", Call("has_for_batch", (0, "name"), returns="object")),
    ("sentry-features", "sentry.features", Call("get", (0, "name"), returns="object")),
    ("sentry-features", "sentry.features", Call("batch_has", (0, "feature_names"), returns="object", many=True)),
    ("gargoyle", "gargoyle.decorators", Call("switch_is_active", KEY)),
    ("gutter", "gutter.client.decorators", Call("switch_active", (0, "name"))),
    ("flask-featureflags", "flask_featureflags", Call("is_active", (0, "feature"))),
    ("flask-featureflags", "flask_featureflags", Call("is_active_feature", (0, "feature"))),
    ("flipper", "flipper.decorators", Call("is_enabled", (1, "feature_name"))),
    ("superset", "superset", Call("is_feature_enabled", (0, "feature"))),
]
