"""What names say, and what they must not be taken to say."""

from __future__ import annotations

import pytest

from flagctl.adoption.words import Voice, forces_flag, is_switch, names_flags, requires_flag, voice_of_call

CLEAR = [
    "flag_is_active", "is_feature_enabled", "isFeatureEnabled", "has_feature", "feature_enabled",
    "is_feature_flag_active",
    "is_user_feature_flag_active", "switch_is_active", "get_feature_flag", "feature_flag", "featureFlag", "killswitch",
    "should_use_killswitch", "getFlagsmithHasFeature", "toggle_is_active", "experiment_is_on", "_flag_active_for_team",
]  # fmt: skip
FAINT = ["feature", "flag", "get_flag", "get_feature", "check_feature", "experiment", "get_experiment_value"]
SETTINGS = ["get_option", "get_config", "get_int_config", "get_setting", "read_settings", "get_config_value"]
SILENT = [
    "feature_importance", "extract_features", "add_feature", "set_flag", "create_flag", "enable_feature",
    "delete_switch",
    "flagged", "flags_to_str", "parse_flags", "featurize", "is_active", "enabled", "get", "option", "settings",
    "config",
    "has_perm", "has_column", "switch_database", "waffle_iron", "experimental_warning", "show_feature_list", "_", "x",
    "toggle_sidebar", "update_settings", "set_config", "rollback",
]  # fmt: skip


@pytest.mark.parametrize(
    ("voice", "names"),
    [(Voice.CLEAR, CLEAR), (Voice.FAINT, FAINT), (Voice.SETTING, SETTINGS), (Voice.SILENT, SILENT)],
)
def test_the_name_of_a_function(voice: Voice, names: list[str]) -> None:
    assert {name: voice_of_call(name) for name in names} == dict.fromkeys(names, voice)


@pytest.mark.parametrize(
    ("name", "receiver", "module", "voice"),
    [
        ("enabled", "feature_service", "", Voice.CLEAR),
        ("enabled", "features", "", Voice.CLEAR),
        ("is_on", "toggles", "", Voice.CLEAR),
        ("is_on", "", "toggles", Voice.CLEAR),
        ("is_active", "FeatureFlags", "", Voice.CLEAR),
        ("check", "flags", "", Voice.FAINT),
        ("enabled", "logger", "", Voice.SILENT),
        ("enabled", "feature_extractor", "", Voice.SILENT),
        ("is_active", "user", "", Voice.SILENT),
        ("get", "flags", "", Voice.SILENT),
        ("on", "FeatureListStore", "", Voice.SILENT),
        ("off", "features", "", Voice.SILENT),
        ("save", "features", "", Voice.SILENT),
        ("enable", "features", "", Voice.SILENT),
        ("is_on", "", "lights", Voice.SILENT),
    ],
)
def test_what_it_is_a_method_of(name: str, receiver: str, module: str, voice: Voice) -> None:
    assert voice_of_call(name, receiver, module) is voice


def test_what_holds_flags() -> None:
    held = ["FEATURES", "FEATURE_FLAGS", "features", "flags", "FeatureService", "AdminFlagValue", "Toggles", "switches"]
    assert [name for name in held if not names_flags(name)] == []
    others = [
        "feature_columns",
        "flag_colors",
        "FLAGGED",
        "country_flags",
        "switch_ports",
        "EXPERIMENT_DIR",
        "user",
        "",
    ]
    assert [name for name in others if names_flags(name)] == []


def test_what_requires_or_forces_a_flag() -> None:
    assert all(map(requires_flag, ["require_feature", "feature_required", "flag_required", "requires_toggle"]))
    assert not any(map(requires_flag, ["login_required", "require_POST", "feature_column", "permission_required"]))
    assert all(map(forces_flag, ["override_feature", "toggle_switch", "set_flag", "with_feature", "override_flag"]))
    assert not any(map(forces_flag, ["override_settings", "toggle_sidebar", "set_user", "patch", "flag_is_active"]))


def test_keys_that_turn_something_on() -> None:
    keys = ["enable_x", "x_enabled", "x.killswitch", "use-new", "skipSeen", "DISABLE_X", "allow_delete"]
    assert [key for key in keys if not is_switch(key)] == []
    assert [key for key in ["max_threads", "retention_days", "user_id", "reenabler", "excuse"] if is_switch(key)] == []
