"""Which presets the imports of a project select, and what that costs a project that imports none."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from scan_cases import evaluations, scan_files

from flagctl.scan.conventions import Matcher
from flagctl.scan.presets import preset, preset_ids

ROOT = Path(__file__).parents[3]

SELECTED = {
    "launchdarkly": ("import ldclient", 'client.variation("a", ctx, False)'),
    "growthbook": ("from growthbook import GrowthBook", 'gb.is_on("a")'),
    "split": ("from splitio import get_factory", 'client.get_treatment("me", "a")'),
    "optimizely": ("from optimizely import optimizely", 'user_context.decide("a")'),
    "eppo": ("import eppo_client", 'client.get_boolean_assignment("a", "me", {}, False)'),
    "harness-ff": ("from featureflags.client import CfClient", 'cf.bool_variation("a", me, False)'),
    "aws-powertools": (
        "from aws_lambda_powertools.utilities.feature_flags import AppConfigStore",
        'feature_flags.evaluate(name="a", default=False)',
    ),
    "spotify-confidence": ("import confidence.confidence", 'confidence.resolve_float_details("a.b", 1.0)'),
    "statsig-core": ("import statsig_python_core as s", 'statsig.check_gate(me, "a")'),
}


@pytest.mark.parametrize(("sdk", "statement", "ask"), [(sdk, *each) for sdk, each in SELECTED.items()])
def test_an_import_selects_a_preset(tmp_path: Path, sdk: str, statement: str, ask: str) -> None:
    files = {
        "a.py": f"{statement}\n",
        "b.py": f"def f(client, gb, user_context, cf, feature_flags, confidence, statsig):\n    {ask}\n",
    }
    assert [each.sdk for each in evaluations(scan_files(tmp_path, files))] == [sdk]


@pytest.mark.parametrize(
    "statement",
    [
        "import flags",
        "from flags import NEW",
        "from featureflags import is_on",
        "import confidence",
        "import sentry_sdk",
        "import statsigs",
        "from aws_lambda_powertools import Logger",
        "from . import waffle",
        "import os",
        "from django.conf import settings",
        "from rest_framework import flags",
    ],
)
def test_another_import_selects_none(tmp_path: Path, statement: str) -> None:
    asks = "".join(f"    {ask}\n" for _, ask in SELECTED.values())
    files = {"a.py": f"{statement}\n", "b.py": f"def f():\n{asks}"}
    found = scan_files(tmp_path, files)
    assert found.references == ()
    assert found.parsed == 0


def test_a_file_with_every_word_of_every_preset_is_not_parsed_where_nothing_imports_an_sdk(tmp_path: Path) -> None:
    words = Matcher([preset(sdk) for sdk in preset_ids()]).words()
    source = "".join(f"{word}.get('x', config, FLAGS, variation, evaluate)\n" for word in sorted(words.all()))
    assert scan_files(tmp_path, {"a.py": source}).parsed == 0


@pytest.mark.parametrize("sdk", [each for each in preset_ids() if preset(each).imports])
def test_no_preset_looks_for_a_word_that_is_everywhere(sdk: str) -> None:
    common = {"get", "has", "add", "run", "check", "create", "enable", "config", "feature", "flags", "client", "value"}
    assert Matcher([preset(sdk)]).words().all().isdisjoint(common)


def test_the_documentation_lists_every_preset() -> None:
    text = (ROOT / "docs/configuration.md").read_text()
    listed = text.split("<!-- sdks -->\n", 1)[1].split("\n\n", 1)[0]
    assert re.findall(r"`([a-z-]+)`", listed) == preset_ids()
