"""What is proposed for the configuration: what is taken, what is left to a person, and what is not even mentioned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from flagctl.config import find_config
from flagctl.pipeline import Request
from flagctl.pipeline.adoption import Adopter, Plan

Write = Callable[[Mapping[str, str | bytes]], Path]

TODAY = date(2026, 6, 15)


def adopter(root: Path) -> Adopter:
    return Adopter(find_config(root), Request(TODAY), lambda done, total: None, lambda done, total: None)


def proposed(root: Path) -> dict[str, bool]:
    """What is proposed, and whether it is clear."""
    return {each.name: each.is_clear for each in adopter(root).look().proposals}


def planned(root: Path) -> Plan:
    """What `--yes` would write."""
    it = adopter(root)
    proposals = it.look().proposals
    return it.plan([each for each in proposals if each.is_clear], [each for each in proposals if not each.is_clear])


CALLS = """
def page(request):
    if request.feature("new-checkout"):
        pass
    return request.feature("dark-mode") and {"x": request.feature("gift-cards")}
"""

OPTIONS = "\n".join(
    ["from shop.options import get_option", *(f'get_option("limit_{i}", 3)' for i in range(6))]
    + [f'x = 1 if get_option("enable_{name}", False) else 2' for name in "abcde"]
)

CASES: dict[str, tuple[dict[str, str], dict[str, bool]]] = {
    "a method that many call with constant keys": ({"shop/page.py": CALLS}, {"request.feature(...)": True}),
    "a method of something that holds flags": (
        {"shop/page.py": 'if self.feature_service.enabled("a-b", user=u):\n    x = feature_service.enabled("c-d")\n'},
        {"feature_service.enabled(...)": True},
    ),
    "a function that says feature flag": (
        {"flags/utils.py": 'def is_feature_flag_active(code):\n    return Flag.objects.filter(code=code).exists()\n',
         "a.py": 'from flags.utils import is_feature_flag_active\nFLAG = "x-y"\nif is_feature_flag_active(FLAG): pass\n'
                 'if is_feature_flag_active("z-z"): pass\n'},
        {"is_feature_flag_active(...)": True},
    ),
    "what hands its key on needs no entry of its own": (
        {"a.py": 'def is_feature_enabled(key):\n    return STORE[key]\n\n'
                 'def feature_enabled_for(user, key):\n    return is_feature_enabled(key) and user\n\n'
                 'is_feature_enabled("a-b")\nis_feature_enabled("c-d")\n'
                 'feature_enabled_for(1, "e-f")\nfeature_enabled_for(1, "g-h")\n'},
        {"is_feature_enabled(...)": True},
    ),
    "what hands it on to an SDK needs none": (
        {"a.py": 'import waffle\n\ndef is_feature_enabled(key):\n    return waffle.switch_is_active(key)\n\n'
                 'is_feature_enabled("a-b")\nis_feature_enabled("c-d")\n'},
        {},
    ),
    "options that change while the program runs": (
        {"shop/options.py": "def get_option(key, default):\n    return redis.get(key) or default\n", "a.py": OPTIONS},
        {"options.get_option(...)": True},
    ),
    "options that are settings": (
        {"shop/options.py": "def get_option(key, default):\n    return getattr(settings, key, default)\n",
         "a.py": OPTIONS},
        {"options.get_option(...)": False},
    ),
    "options that are no switches": (
        {"shop/options.py": "def get_option(key, default):\n    return redis.get(key) or default\n",
         "a.py": "from shop.options import get_option\n" + "\n".join(f'get_option("size_{i}", 3)' for i in range(20))},
        {},
    ),
    "a decorator": (
        {"a.py": '@require_feature("a-b")\ndef x(): pass\n\n@require_feature("c-d")\ndef y(): pass\n'},
        {"@require_feature(...)": True},
    ),
    "a mapping in the settings": (
        {"a.py": 'from django.conf import settings\nif settings.FEATURES["A_B"]: pass\n'
                 'x = settings.FEATURES.get("C_D", False)\ny = "E_F" in settings.FEATURES\n'},
        {"settings.FEATURES[...]": True},
    ),
    "settings that are called features": (
        {"a.py": "from django.conf import settings\nif settings.FEATURE_A: pass\nif not settings.FEATURE_B: pass\n"},
        {"django.conf.settings.FEATURE_*": True},
    ),
    "settings that are on or off": (
        {"a.py": "from django.conf import settings\nif settings.ENABLE_A and settings.ENABLE_B: pass\n"
                 "if settings.USE_TZ or settings.ENABLE_C: pass\n"},
        {"django.conf.settings.ENABLE_*": False},
    ),
    "an item of a configuration": (
        {"a.py": 'if app.config.get("FEATURE_A", False) or app.config["FEATURE_B"]: pass\n'
                 'x = app.config["ENABLE_C"]\ny = app.config["SECRET"]\n'},
        {"app.config[...] with FEATURE_*": True},
    ),
    "a module whose members are flags": (
        {"features.py": "A = B = C = False\n",
         "a.py": "import features\nif features.AA: pass\nif features.BB and not features.CC: pass\n"},
        {"features.NAME": True},
    ),
    "a list of flags that are asked for": (
        {"shop/page.py": CALLS,
         "shop/models.py": 'FEATURES = {"new-checkout": "One page", "dark-mode": "Dark", "zoom": "Z"}\n'},
        {"request.feature(...)": True},
    ),
    "flag objects": (
        {"a.py": 'NEW = FeatureFlag("new-checkout")\nDARK = FeatureFlag("dark-mode")\n',
         "b.py": "from a import NEW\nif NEW.is_enabled(): pass\n"},
        {"FeatureFlag(...)": True},
    ),
    "a test helper": (
        {"shop/page.py": CALLS,
         "tests/test_page.py": 'def test_x():\n    with force_feature("new-checkout", True):\n        pass\n'},
        {"request.feature(...)": True, "force_feature(...)": True},
    ),
    "templates and scripts": (
        {"shop/page.py": CALLS,
         "templates/a.html": '{% if feature("dark-mode") %}{% endif %}{% iffeature "new-checkout" %}{% endiffeature %}',
         "web/a.ts": 'const on = useFeature("dark-mode")\nbus.on("saved", f)\nif (hasFeature("gift-cards")) {}\n'},
        {"request.feature(...)": True, "iffeature": True, "feature(...)": True, "hasFeature(...)": True,
         "useFeature(...)": True},
    ),
    "one question about one thing": (
        {"a.py": 'if store.has_flag("files-confirmed"): pass\n'},
        {},
    ),
    "machine learning": (
        {"a.py": 'import mlflow\nFEATURES = ["age", "income", "height"]\nmlflow.set_experiment("x")\n'
                 'mlflow.get_experiment("churn")\ndf[FEATURES]\nfeatures["age"] = 1\nx = features["income"]\n'
                 'feature_importance("age")\nadd_feature("age")\nmodel.feature("age")\n'},
        {},
    ),
    "things with the same words": (
        {"a.py": "import re\nif connection.features.has_select_for_update: pass\n"
                 "if flag.content_object or flag.name: pass\n"
                 're.compile("x", flags=re.I)\nif user.has_perm("a.b") and table.has_column("c"): pass\n'
                 'parser.add_argument("--flag")\nswitch("main-window")\nif experiment["name"]: pass\n'
                 'request.GET.get("feature", False)\nlogger.isEnabledFor("x")\n'},
        {},
    ),
    "what only tests ask": ({"tests/test_a.py": CALLS}, {}),
    "Python of another time": ({"a.py": 'print "x"\nif request.feature("a-b"): pass\n', "b.py": "x = \x00\n"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_proposals(write: Write, case: str) -> None:
    files, expected = CASES[case]
    found = proposed(write({name: text.encode() for name, text in files.items()}))
    listed = {name: clear for name, clear in found.items() if not name.startswith("FEATURES in")}
    assert listed == expected


def test_a_list_of_flags(write: Write) -> None:
    files, _ = CASES["a list of flags that are asked for"]
    root = write({name: text.encode() for name, text in files.items()})
    assert proposed(root)["FEATURES in shop/models.py"]
    keys = {each.key: each.description for each in planned(root).flags}
    assert keys == {"new-checkout": "One page", "dark-mode": None, "gift-cards": None, "zoom": None}


def test_the_evidence_is_in_plain_words(write: Write) -> None:
    [found] = adopter(write({"shop/page.py": CALLS.encode()})).look().proposals
    assert found.evidence == (
        "request.feature(...) is called at 3 places with 3 keys; at 2 of them the answer decides something right there",
        "shop/page.py:3 new-checkout",
        "shop/page.py:5 dark-mode",
        "shop/page.py:5 gift-cards",
    )


def test_flags_are_what_code_asks_for(write: Write) -> None:
    root = write(
        {
            "a.py": 'import waffle\nif waffle.switch_is_active("real"): pass\nwaffle.switch_is_active(f"dyn_{x}")\n',
            "m/migrations/0001.py": 'from waffle.models import Flag\nFlag.objects.create(name="only-in-migrations")\n',
            "tests/test_a.py": 'import waffle\nwaffle.switch_is_active("made-up")\n',
            "notes.md": '"real", "mentioned"\n',
        }
    )
    assert [each.key for each in planned(root).flags] == ["real"]


def test_what_a_path_says_is_written_inert(write: Write) -> None:
    page = 'if is_feature_enabled("a-b") or is_feature_enabled("c-d"): pass\n'
    root = write({'x\n[rules]\nselect = ["FLG9"] #/a.py': page, "flags\x1b[2J/b.py": 'FEATURES = ["a-b"]\n'})
    text = planned(root).changes["flagctl.toml"][1] or b""
    assert b"\x1b" not in text
    assert b"\n[rules]" not in text
    assert b"[[evaluation]]" in text


def test_a_link_is_not_followed(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    root = write({"shop/page.py": CALLS.encode()})
    (root / "flags").symlink_to(elsewhere)
    with pytest.raises(Exception, match="leads out of the project"):
        planned(root)


def test_two_keys_and_one_file(write: Write) -> None:
    page = 'if is_feature_enabled("New") or is_feature_enabled("new") or is_feature_enabled("metrics"): pass\n'
    root = write({"a.py": page, "flags/README.yaml.md": "x"})
    names = [path for path in planned(root).changes if path.endswith(".yaml") and not path.startswith(".")]
    assert names == ["feature-flags/New.yaml", "feature-flags/flag-metrics.yaml", "feature-flags/new-2.yaml"]
