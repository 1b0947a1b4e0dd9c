"""Flags of web frameworks and of programs that ask themselves: decorators, mixins, objects, declarations."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import check, evaluations, only, scan_files

from flagctl.model import Role

DJANGO_FLAGS = {
    "decorators and URLs": """
        from flags.decorators import flag_check, flag_required
        from flags.urls import flagged_path, flagged_paths, flagged_re_path
        @flag_required("new-checkout", fallback_view=old)  #> evaluation new-checkout
        def a(request): ...
        @flag_check(flag_name="new-checkout", state=True)  #> evaluation new-checkout
        def b(request): ...
        with flagged_paths("old-search") as path:  #> evaluation old-search
            urlpatterns = [path("a/", a), path("b/", b)]
        urlpatterns += [
            flagged_path("new-checkout", "c/", a, state=True),  #> evaluation new-checkout
            flagged_re_path(flag_name="new-checkout", route="d/", view=a),  #> evaluation new-checkout
        ]
        """,
    "views": """
        from flags import views
        from flags.views import FlaggedTemplateView, FlaggedViewMixin
        class A(FlaggedViewMixin, View):
            flag_name = "new-checkout"  #> evaluation new-checkout
        class B(views.FlaggedTemplateView):
            flag_name: str = "old-search"  #> evaluation old-search
        class C(A):
            pass
        urlpatterns = [
            path("a/", A.as_view(flag_name="old-search")),  #> evaluation old-search
            path("b/", FlaggedTemplateView.as_view(flag_name="old-search", state=False)),  #> evaluation old-search
            path("c/", C.as_view()),
        ]
        """,
    "other views": """
        from flags.views import FlaggedViewMixin
        class A(View):
            flag_name = "new-checkout"  #> declaration new-checkout
        class B(FlaggedViewMixin):
            name = "new-checkout"  #> declaration new-checkout
        urlpatterns = [path("a/", A.as_view(flag_name="old-search"))]  #> literal old-search
        """,
    "settings in tests": """
        from django.test import TestCase, override_settings
        from flags.state import disable_flag, enable_flag
        @override_settings(FLAGS={"new-checkout": [("boolean", True)]})  #> override new-checkout
        def test_a():
            with override_settings(DEBUG=True, FLAGS={"old-search": []}):  #> override old-search
                enable_flag("new-checkout")  #> override new-checkout
                disable_flag(flag_name="new-checkout")  #> override new-checkout
        """,
    "other settings": """
        from django.test import override_settings
        from flags.state import flag_enabled
        @override_settings(CACHES={"new-checkout": 1})  #> literal new-checkout
        def test_a(settings): ...
        @override_settings(DEBUG=True)
        def test_b(settings): ...
        """,
}


@pytest.mark.parametrize("source", DJANGO_FLAGS.values(), ids=DJANGO_FLAGS)
def test_django_flags(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source, "other.py": "import flags.state\n"})


@pytest.mark.parametrize(
    ("line", "negated"),
    [
        ("flag_enabled('x')", False),
        ("flag_disabled('x')", True),
        ("flag_state('x')", False),
        ("flagged_path('x', '', view, {}, 'n', False)", True),
        ("flagged_path('x', '', view, state=False)", True),
        ("flagged_path('x', '', view)", False),
        ("flagged_re_paths('x', False)", True),
        ("flagged_re_paths('x', state=state)", False),
        ("@flag_check('x', False)\ndef f(): ...", True),
        ("@flag_required('x', pass_if_set=False)\ndef f(): ...", True),
        ("@flag_required('x', None, True)\ndef f(): ...", False),
        ("class V(FlaggedViewMixin):\n    flag_name = 'x'\n    state = False", True),
        ("class V(FlaggedViewMixin):\n    flag_name = 'x'\n    state = True", False),
        ("class V(FlaggedViewMixin):\n    flag_name = 'x'\n    other = False", False),
        ("V = FlaggedTemplateView.as_view(flag_name='x', state=False)", True),
    ],
)
def test_a_state_may_ask_for_the_opposite(tmp_path: Path, line: str, negated: bool) -> None:
    modules = ("state", "decorators", "urls", "views")
    source = "".join(f"from flags.{module} import *\n" for module in modules) + line
    found = only(scan_files(tmp_path, {"app.py": source}))
    assert (found.flag, found.negated) == ("x", negated)


def test_a_projects_own_flags_are_read_where_django_flags_is_in_use_too(tmp_path: Path) -> None:
    files = {
        "flags/__init__.py": 'NEW = "new-checkout"  #> declaration new-checkout\n',
        "app.py": """
            from flags import NEW
            from flags.state import flag_enabled
            flag_enabled(NEW)  #> evaluation new-checkout
            """,
    }
    check(tmp_path, files)


TOGGLES = {
    "asked in another module": {
        "toggles.py": """
            from edx_toggles.toggles import SettingDictToggle, SettingToggle, WaffleFlag, WaffleSwitch
            NAMESPACE = "new"
            FLAG = WaffleFlag(f"{NAMESPACE}-checkout", __name__)  #> declaration new-checkout
            SWITCH = WaffleSwitch(name="old-search", module_name=__name__)  #> declaration old-search
            SETTING = SettingToggle("NEW_CHECKOUT", default=False)  #> declaration new-checkout
            FEATURE = SettingDictToggle("FEATURES", "old-search", default=False)  #> declaration old-search
            """,
        "app.py": """
            from toggles import FEATURE, FLAG as F, SETTING, SWITCH
            if F.is_enabled() and not SWITCH.is_enabled():  #> evaluation new-checkout, evaluation old-search
                SETTING.is_enabled()  #> evaluation new-checkout
                FEATURE.is_enabled()  #> evaluation old-search
            """,
    },
    "of a course": {
        "openedx/core/djangoapps/waffle_utils/__init__.py": """
            from edx_toggles.toggles import WaffleFlag
            class CourseWaffleFlag(WaffleFlag):
                def is_enabled(self, course_key=None):
                    return super().is_enabled()
                def is_enabled_for_org(self, org): ...
            """,
        "app.py": """
            from openedx.core.djangoapps.waffle_utils import CourseWaffleFlag
            FLAG = CourseWaffleFlag("new-checkout", __name__)  #> declaration new-checkout
            FLAG.is_enabled(course_key)  #> evaluation new-checkout
            FLAG.is_enabled_for_org("acme")  #> evaluation new-checkout
            """,
    },
    "in tests": {
        "toggles.py": """
            from edx_toggles.toggles import WaffleFlag, WaffleSwitch
            FLAG = WaffleFlag("new-checkout", __name__)  #> declaration new-checkout
            SWITCH = WaffleSwitch("old-search", __name__)  #> declaration old-search
            """,
        "tests/test_app.py": """
            import toggles
            from edx_toggles.toggles.testutils import override_waffle_flag, override_waffle_switch
            from toggles import FLAG
            @override_waffle_flag(FLAG, active=True)  #> override new-checkout
            def test_a():
                with override_waffle_switch(toggles.SWITCH, True):  #> override old-search
                    pass
            def test_b(flag):
                with override_waffle_flag(flag, True):  #> override ?
                    pass
            """,
    },
    "another object": {
        "app.py": """
            from edx_toggles.toggles import WaffleFlag
            from mine import WaffleSwitch
            OTHER = WaffleSwitch("new-checkout", __name__)  #> literal new-checkout
            OTHER.is_enabled()
            def f(toggle, SWITCH):
                toggle.is_enabled()
                SWITCH.is_enabled("new-checkout")  #> literal new-checkout
            """,
    },
}


@pytest.mark.parametrize("files", TOGGLES.values(), ids=TOGGLES)
def test_edx_toggles(tmp_path: Path, files: dict[str, str]) -> None:
    flags = {"new-checkout": "new-checkout", "NEW_CHECKOUT": "new-checkout", "old-search": "old-search"}
    check(tmp_path, files, flags=flags)


SENTRY = {
    "in Sentry itself": {
        "src/sentry/__init__.py": "",
        "src/sentry/features/__init__.py": """
            from .manager import *
            default_manager = FeatureManager()
            add = default_manager.add
            has = default_manager.has
            batch_has = default_manager.batch_has
            """,
        "src/sentry/features/manager.py": """
            class FeatureManager:
                def add(self, name, cls): ...
                def has(self, name, *args, **kwargs): ...
                def batch_has(self, feature_names, actor=None): ...
            """,
        "src/sentry/features/temporary.py": """
            from sentry.features.manager import FeatureManager
            def register(manager: FeatureManager):
                manager.add("organizations:new", Organization)  #> declaration organizations:new
            """,
        "src/sentry/keys.py": """
            NEW = "organizations:new"  #> declaration organizations:new
            OLD = "projects:old"  #> declaration projects:old
            """,
        "src/sentry/api.py": """
            from sentry import analytics, features
            from sentry.keys import NEW, OLD
            class Endpoint:
                def get(self, request):
                    if not features.has("organizations:new", org, actor=me):  #> evaluation organizations:new
                        return features.batch_has([OLD, NEW])  #> evaluation projects:old, evaluation organizations:new
            """,
        "tests/sentry/test_api.py": """
            from sentry.keys import NEW, OLD
            from sentry.testutils.cases import TestCase
            from sentry.testutils.helpers import features as f
            from sentry.testutils.helpers.features import Feature, apply_feature_flag_on_cls, with_feature
            @apply_feature_flag_on_cls("organizations:new")  #> override organizations:new
            class A(TestCase):
                @with_feature("organizations:new")  #> override organizations:new
                def test_a(self):
                    with self.feature("organizations:new"):  #> override organizations:new
                        pass
                @with_feature([NEW, OLD])  #> override organizations:new, override projects:old
                def test_b(self):
                    with self.feature({"projects:old": False}):  #> override projects:old
                        with Feature("organizations:new"):  #> override organizations:new
                            pass
            """,
    },
    "in a plug-in": {
        "app.py": """
            from sentry import features as f
            import sentry.features
            f.has("organizations:new", org)  #> evaluation organizations:new
            sentry.features.has(name="organizations:new")  #> evaluation organizations:new
            """,
    },
    "another thing that has": {
        "app.py": """
            from sentry.plugins import base
            import sentry_sdk
            from mine import features
            class T:
                def feature(self, name): ...
                def f(self, request, Feature):
                    self.feature("organizations:new")  #> literal organizations:new
                    request.has("organizations:new")  #> literal organizations:new
                    Feature("organizations:new")  #> literal organizations:new
            features.has("organizations:new")  #> literal organizations:new
            features.add("organizations:new", Organization)  #> literal organizations:new
            sentry_sdk.get("organizations:new")  #> literal organizations:new
            """,
    },
}


@pytest.mark.parametrize("files", SENTRY.values(), ids=SENTRY)
def test_sentry(tmp_path: Path, files: dict[str, str]) -> None:
    check(tmp_path, files, flags=("organizations:new", "projects:old"))


SUPERSET = {
    "in Superset itself": {
        "superset/__init__.py": """
            from superset.extensions import feature_flag_manager
            is_feature_enabled = feature_flag_manager.is_feature_enabled
            """,
        "superset/extensions/__init__.py": """
            from superset.utils.feature_flag_manager import FeatureFlagManager
            feature_flag_manager = FeatureFlagManager()
            """,
        "superset/utils/__init__.py": "",
        "superset/utils/feature_flag_manager.py": """
            class FeatureFlagManager:
                def is_feature_enabled(self, feature): ...
            """,
        "superset/views/base.py": """
            from superset import feature_flag_manager, is_feature_enabled
            from superset.extensions import feature_flag_manager as manager
            is_feature_enabled("ALERT_REPORTS")  #> evaluation ALERT_REPORTS
            feature_flag_manager.is_feature_enabled("ALERT_REPORTS")  #> evaluation ALERT_REPORTS
            manager.is_feature_enabled(feature="ALERT_REPORTS")  #> evaluation ALERT_REPORTS
            """,
        "tests/conftest.py": "def with_feature_flags(**flags): ...\n",
        "tests/unit/conftest.py": "def with_feature_flags(**flags): ...\n",
        "tests/test_base.py": """
            from tests.conftest import with_feature_flags
            from tests.unit.conftest import with_feature_flags as w
            @with_feature_flags(ALERT_REPORTS=True)  #> override ALERT_REPORTS
            def test_a(): ...
            @w(ALERT_REPORTS=False, DASHBOARD=True)  #> override ALERT_REPORTS, override DASHBOARD
            def test_b(): ...
            """,
    },
    "somebody else's": {
        "app.py": """
            import superset
            from mine import is_feature_enabled, with_feature_flags
            is_feature_enabled("ALERT_REPORTS")  #> literal ALERT_REPORTS
            superset.conf.get("ALERT_REPORTS")  #> literal ALERT_REPORTS
            @with_feature_flags(ALERT_REPORTS=True)
            def f(manager):
                manager.is_feature_enabled("ALERT_REPORTS")  #> literal ALERT_REPORTS
            """,
    },
}


@pytest.mark.parametrize("files", SUPERSET.values(), ids=SUPERSET)
def test_superset(tmp_path: Path, files: dict[str, str]) -> None:
    check(tmp_path, files, flags=("ALERT_REPORTS",))


OTHERS = {
    "gargoyle": """
        from gargoyle import gargoyle
        from gargoyle.decorators import switch_is_active
        from gargoyle.testutils import switches
        gargoyle.is_active("new-checkout", request, default=True)  #> evaluation new-checkout
        @switch_is_active("new-checkout")  #> evaluation new-checkout
        def f(request): ...
        @switches(old_search=True)  #> override old_search
        def test_f(): ...
        with switches(gargoyle, old_search=False):  #> override old_search
            pass
        gargoyle.register("new-checkout")  #> literal new-checkout
        """,
    "gutter": """
        from gutter.client.default import gutter
        from gutter.client import testutils
        gutter.active("new-checkout", user)  #> evaluation new-checkout
        with testutils.switches(old_search=True):  #> override old_search
            pass
        gutter.register("new-checkout")  #> literal new-checkout
        request.active("new-checkout")  #> literal new-checkout
        """,
    "flask-featureflags": """
        import flask_featureflags as feature
        from flask_featureflags import FeatureFlag
        flags = FeatureFlag(app)
        if not feature.is_active("new-checkout"):  #> evaluation new-checkout
            pass
        @app.route("/")
        @feature.is_active_feature("new-checkout", redirect_to="/")  #> evaluation new-checkout
        def f(): ...
        flags.check("old-search")  #> evaluation old-search
        def g(checker, switches):
            checker.check("old-search")  #> literal old-search
            switches(old_search=True)
        """,
}


@pytest.mark.parametrize("source", OTHERS.values(), ids=OTHERS)
def test_other_frameworks(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source})


WAFFLE = """
from waffle import flag_is_active, sample_is_active, switch_is_active
from waffle.testutils import override_switch
flag_is_active(request, "search")
switch_is_active("search")
sample_is_active("search")
override_switch("search", active=True)
"""


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"search": "search"}, ["search", "search", "search", "search"]),
        ({"search": "a", "switch:search": "b"}, ["a", "b", "a", "b"]),
        ({"flag:search": "a", "switch:search": "b", "sample:search": "c"}, ["a", "b", "c", "b"]),
    ],
)
def test_a_definition_may_be_one_namespaces_own(tmp_path: Path, names: dict[str, str], found: list[str]) -> None:
    references = scan_files(tmp_path, {"app.py": WAFFLE}, flags=names).references
    assert [each.flag for each in references if each.role is not Role.MENTION] == found


def test_waffles_rows_declare_flags(tmp_path: Path) -> None:
    source = """
        from mine.models import Flag as Other
        from waffle.models import Flag, Sample, Switch
        flag = Flag.objects.create(name="new-checkout", everyone=True)  #> declaration new-checkout
        flag.is_active(request)  #> evaluation new-checkout
        Switch.objects.get_or_create(name="old-search")  #> declaration old-search
        Sample.objects.update_or_create(name="old-search", defaults={})  #> declaration old-search
        Switch.get("old-search").is_active()  #> evaluation old-search
        Flag.objects.filter(name="new-checkout")  #> literal new-checkout
        Other.objects.create(name="new-checkout").is_active(request)  #> literal new-checkout
        Other.get("new-checkout")  #> literal new-checkout
        """
    found = check(tmp_path, {"app.py": source})
    assert {each.sdk for each in evaluations(found)} == {"django-waffle"}
