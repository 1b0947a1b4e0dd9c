"""Conventions that are no SDK: flags in settings and in the environment. They have to be named."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, evaluations, only, scan_files

from flagctl.scan.presets import preset, preset_ids

ENV = 'sdks = ["env"]'
SETTINGS = 'sdks = ["settings-dict"]'
KEYS = ("FEATURE_NEW", "FF_OLD", "new-checkout", "ff_old")

ENVIRONMENT = {
    "os": """
        import os
        from os import environ, getenv as env
        os.environ["FEATURE_NEW"]  #> evaluation FEATURE_NEW
        environ.get("FEATURE_NEW", "1")  #> evaluation FEATURE_NEW
        env("FF_OLD", default="x")  #> evaluation FF_OLD
        os.getenv(key="FF_OLD")  #> evaluation FF_OLD
        "ENABLE_X" in os.environ  #> evaluation ENABLE_X
        os.getenv(f"FEATURE_{name}")  #> evaluation ?
        """,
    "anything else in the environment": """
        import os
        os.environ["HOME"]
        os.environ.get("new-checkout")  #> literal new-checkout
        os.getenv("MY_FEATURE_NEW")
        os.getenv(name)
        os.environ[name]
        os.getenv(f"{prefix}_NEW")
        other.environ["FEATURE_NEW"]  #> literal FEATURE_NEW
        other.getenv("FEATURE_NEW")  #> literal FEATURE_NEW
        def f(getenv):
            getenv("FEATURE_NEW")  #> literal FEATURE_NEW
        """,
    "django-environ": """
        import environ
        env = environ.Env(DEBUG=(bool, False))
        env.bool("FEATURE_NEW", default=True)  #> evaluation FEATURE_NEW
        env("FF_OLD", default="x")  #> evaluation FF_OLD
        env.bool("DEBUG", default=True)
        env("DATABASE_URL")
        env.str("FEATURE_NEW")  #> literal FEATURE_NEW
        def f(env):
            env.bool("FEATURE_NEW")  #> literal FEATURE_NEW
        """,
    "decouple": """
        from decouple import config
        import decouple
        config("FEATURE_NEW", default=False, cast=bool)  #> evaluation FEATURE_NEW
        decouple.config(option="FF_OLD")  #> evaluation FF_OLD
        config("SECRET_KEY")
        app.config("FEATURE_NEW")  #> literal FEATURE_NEW
        """,
    "pydantic": """
        from pydantic import BaseModel
        from pydantic_settings import BaseSettings
        class Settings(BaseSettings):
            ff_old: bool = False
            name: str = "x"
            def f(self):
                return self.ff_old  #> evaluation ff_old
        class Model(BaseModel):
            ff_old: bool = False
        settings = Settings()
        settings.ff_old  #> evaluation ff_old
        settings.name
        def f(s: Settings, m: Model, ff):
            s.ff_old  #> evaluation ff_old
            m.ff_old
            ff.ff_old
        Model().ff_old
        """,
    "tests": """
        import os
        from unittest import mock
        from unittest.mock import patch
        def test_a(monkeypatch):
            monkeypatch.setenv("FF_OLD", "1")  #> override FF_OLD
            monkeypatch.delenv("FF_OLD", raising=False)  #> override FF_OLD
            monkeypatch.setitem(os.environ, "FF_OLD", "1")  #> override FF_OLD
            monkeypatch.setenv("HOME", "/")
            with mock.patch.dict(os.environ, {"FEATURE_NEW": "1", "HOME": "/"}):  #> override FEATURE_NEW
                pass
            with patch.dict("os.environ", {"FEATURE_NEW": "1"}, clear=True):  #> override FEATURE_NEW
                os.environ["FF_OLD"] = "1"  #> override FF_OLD
            with mock.patch.dict(other, {"FEATURE_NEW": "1"}):  #> literal FEATURE_NEW
                pass
            other.setenv("FEATURE_NEW")  #> literal FEATURE_NEW
        """,
}


@pytest.mark.parametrize("source", ENVIRONMENT.values(), ids=ENVIRONMENT)
def test_environment(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source}, ENV, KEYS)


IN_SETTINGS = {
    "Django": """
        from django.conf import settings
        settings.FEATURES["new-checkout"]  #> evaluation new-checkout
        settings.FEATURES.get("new-checkout", False)  #> evaluation new-checkout
        "new-checkout" not in settings.FEATURES  #> evaluation new-checkout
        settings.FEATURE_NEW  #> evaluation FEATURE_NEW
        getattr(settings, "FF_OLD", False)  #> evaluation FF_OLD
        settings.ENABLE_X or settings.USE_X  #> evaluation ENABLE_X, evaluation USE_X
        """,
    "what is no flag": """
        from django.conf import settings
        settings.DEBUG
        settings.USE_TZ and settings.USE_I18N
        settings.DATABASES["new-checkout"]  #> literal new-checkout
        getattr(settings, "USE_TZ", True)
        getattr(other, "FEATURE_NEW")  #> literal FEATURE_NEW
        other.FEATURE_NEW
        def f(features, FLAGS_OF):
            features["new-checkout"]  #> literal new-checkout
            FLAGS_OF["new-checkout"]  #> literal new-checkout
        model.FEATURES["new-checkout"]  #> literal new-checkout
        """,
    "a dictionary by its usual name": """
        from elsewhere.conf import FEATURE_FLAGS as F, FEATURE_TOGGLES
        FLAGS = {"new-checkout": True}  #> literal new-checkout
        FLAGS["new-checkout"]  #> evaluation new-checkout
        FEATURE_TOGGLES.get("new-checkout")  #> evaluation new-checkout
        """,
    "Flask": """
        from flask import current_app
        current_app.config["FEATURE_NEW"]  #> evaluation FEATURE_NEW
        current_app.config["FEATURE_FLAGS"]["new-checkout"]  #> evaluation new-checkout
        current_app.config.get("FEATURE_FLAGS", {}).get("new-checkout", 1)  #> evaluation new-checkout
        def f(app):
            app.config["FEATURE_FLAGS"]["new-checkout"] = True  #> override new-checkout
            app.config["SECRET_KEY"]
            app.config["OTHER"]["new-checkout"]  #> literal new-checkout
            app.options["FEATURE_NEW"]  #> literal FEATURE_NEW
        """,
    "tests": """
        from unittest import mock
        from django.conf import settings
        from django.test import override_settings
        @override_settings(FEATURE_NEW=True, USE_TZ=False)  #> override FEATURE_NEW
        def test_a(settings):
            settings.FEATURE_NEW = True  #> override FEATURE_NEW
            settings.FEATURES = {"new-checkout": True}  #> override new-checkout
            with override_settings(FEATURES={"new-checkout": False}):  #> override new-checkout
                pass
        @mock.patch.dict(settings.FEATURES, {"new-checkout": True})  #> override new-checkout
        def test_b(): ...
        @mock.patch.dict(settings.CACHES, {"new-checkout": True})  #> literal new-checkout
        @override_settings(CACHES={"new-checkout": True})  #> literal new-checkout
        def test_c(): ...
        """,
}


@pytest.mark.parametrize("source", IN_SETTINGS.values(), ids=IN_SETTINGS)
def test_settings(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source}, SETTINGS, KEYS)


def test_a_dictionary_of_another_module_of_the_project(tmp_path: Path) -> None:
    files = {
        "shop/__init__.py": "",
        "shop/flags.py": 'FEATURE_FLAGS = {"new-checkout": True}  #> literal new-checkout\n',
        "shop/app.py": """
            from shop.flags import FEATURE_FLAGS
            FEATURE_FLAGS["new-checkout"]  #> evaluation new-checkout
            """,
    }
    check(tmp_path, files, SETTINGS)


@pytest.mark.parametrize(
    ("source", "default", "returns"),
    [
        ("import os\nos.environ.get('FF_A', '0')", "'0'", "str"),
        ("import os\nos.getenv('FF_A', '0')", "'0'", "str"),
        ("import environ\nenviron.Env().bool('FF_A', False)", "False", "bool"),
        ("import decouple\ndecouple.config('FF_A', default=1)", "1", "object"),
    ],
)
def test_the_fallback_of_a_variable(tmp_path: Path, source: str, default: str, returns: str) -> None:
    found = only(scan_files(tmp_path, {"app.py": source}, ENV))
    assert (found.flag, found.default, found.returns, found.sdk) == ("FF_A", default, returns, "env")


@pytest.mark.parametrize("config", ["", 'sdks = "auto"', 'sdks = ["openfeature"]'])
def test_a_convention_is_in_force_only_where_it_is_named(tmp_path: Path, config: str) -> None:
    source = "import os\nfrom django.conf import settings\nos.getenv('FF_A')\nsettings.FEATURES['a']\n"
    assert evaluations(scan_files(tmp_path, {"app.py": source}, config)) == []


WITHOUT_A_FILE = {"wrapper": "a helper of one's own is what [[evaluation]] in the configuration is for"}
"""Kinds of convention that deliberately have no preset, and why."""


def test_what_has_no_preset() -> None:
    assert WITHOUT_A_FILE.keys().isdisjoint(preset_ids())
    without_a_package = [each for each in preset_ids() if not preset(each).imports]
    assert without_a_package == ["env", "settings-dict"]
