"""Keys that are still handed to some function once the evaluations are gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import CONFIG, DEFINITION, after, removal

from flagctl.removal import Removal

ASKS = "from flags import is_on\n\n\ndef page():\n    return 1 if is_on('new-checkout') else 2\n"
REGISTRY = f'{CONFIG}\n[[registry]]\nfile = "app/keys.py"\nobject = "FLAGS"\n'
KEYS = 'FLAGS = {\n    "new-checkout": "One page",\n    "other": "Another",\n}\n'

HANDED_ON = {
    "to a query": "def old():\n    return Flag.objects.get(name='new-checkout')\n",
    "to a helper that nobody described": "def old():\n    return helper('new-checkout', 1)\n",
    "to a field": "field = Field(None, extra=Schema(flag_required='new-checkout'))\n",
}


@pytest.mark.parametrize("code", HANDED_ON.values(), ids=HANDED_ON)
def test_the_registry_and_the_definition_stay(tmp_path: Path, code: str) -> None:
    files = {"flagctl.toml": REGISTRY, "app/keys.py": KEYS, "app/views.py": ASKS, "app/old.py": code}
    found = removal(tmp_path, files)
    assert [(each.location.path, each.reason) for each in found.refusals] == [
        ("app/old.py", "its key is handed on here: is it asked for in a way that is not configured?")
    ]
    assert found.changes.keys() == {"app/views.py"}
    assert [each.path for each in found.mentions] == ["app/keys.py"]


SAID = {
    "to a log": "def old():\n    logger.info('new-checkout')\n",
    "to a translation": "title = _('new-checkout')\n",
    "a value": "TITLES = {'new-checkout': 'x'}\n",
    "compared": "def is_on(key):\n    return key == 'new-checkout'\n",
}


@pytest.mark.parametrize("code", SAID.values(), ids=SAID)
def test_what_is_only_said_is_listed(tmp_path: Path, code: str) -> None:
    files = {"flagctl.toml": REGISTRY, "app/keys.py": KEYS, "app/views.py": ASKS, "app/old.py": code}
    found = removal(tmp_path, files)
    assert not found.refusals
    assert found.changes["app/keys.py"] == b'FLAGS = {\n    "other": "Another",\n}\n'
    assert {each.path for each in found.mentions} == {"app/old.py"}


NO_USE = {
    "an old migration": ("app/migrations/0001_flag.py", "def up():\n    Flag.objects.create(name='new-checkout')\n"),
    "a test": ("tests/test_a.py", "def test_a():\n    assert helper('new-checkout')\n"),
}


@pytest.mark.parametrize(("path", "code"), NO_USE.values(), ids=NO_USE)
def test_where_it_does_not_count(tmp_path: Path, path: str, code: str) -> None:
    found = removal(tmp_path, {"app/views.py": ASKS, path: code})
    assert not found.refusals
    assert {each.path for each in found.mentions} == {path}


def test_what_goes_with_the_other_branch_is_not_left(tmp_path: Path) -> None:
    code = "from flags import is_on\n\n\ndef page():\n    if not is_on('new-checkout'):\n        helper('new-checkout')\n    return 1\n"
    assert not removal(tmp_path, {"app/views.py": code}).refusals


def test_a_definition_in_a_module_that_does_not_change_otherwise_goes(tmp_path: Path) -> None:
    code = "from app.old import old_page\nfrom flags import is_on\n\n\ndef page():\n    return 1 if is_on('new-checkout') else old_page()\n"
    other = "def old_page():\n    return 2\n\n\ndef other():\n    return 3\n"
    now = after(tmp_path, {"app/views.py": code, "app/old.py": other})
    assert now["app/old.py"] == "def other():\n    return 3\n"


SETTINGS = '[[evaluation]]\nattribute = "*settings.{key}"\n'
READS = "from django.conf import settings\n\n\ndef page():\n    return 1 if settings.NEW_CHECKOUT else 2\n"


def of_settings(root: Path, files: dict[str, str]) -> Removal:
    return removal(
        root, {"flagctl.toml": SETTINGS, "flags/new-checkout.yaml": DEFINITION + "aliases: [NEW_CHECKOUT]\n", **files}
    )


def test_a_setting_goes(tmp_path: Path) -> None:
    found = of_settings(tmp_path, {"app/views.py": READS, "app/settings.py": "NEW_CHECKOUT = False\nOTHER = 1\n"})
    assert found.changes["app/settings.py"] == b"OTHER = 1\n"
    assert not found.refusals


def test_a_setting_that_is_read_by_its_name_is_named_and_stays(tmp_path: Path) -> None:
    settings = "NEW_CHECKOUT = False\nEVENTS = {'checkout': {'enabled': NEW_CHECKOUT}}\n"
    found = of_settings(
        tmp_path, {"app/views.py": READS, "app/settings.py": settings, "app/dev.py": "NEW_CHECKOUT = True\n"}
    )
    assert {(each.location.path, each.location.line) for each in found.refusals} == {
        ("app/dev.py", 1),
        ("app/settings.py", 1),
        ("app/settings.py", 2),
    }
    assert found.changes.keys() == {"app/views.py"}


def test_the_member_of_another_class_does_not_keep_one(tmp_path: Path) -> None:
    keys = "import enum\n\n\nclass Flags(enum.Enum):\n    NEW = 'new-checkout'\n    OLD = 'old'\n"
    other = "class Mode:\n    NEW = 1\n\n\ndef mode():\n    return Mode.NEW\n"
    view = "import flags\nfrom app.keys import Flags\n\n\ndef page():\n    return 1 if flags.is_on(Flags.NEW.value) else 2\n"
    now = after(tmp_path, {"app/keys.py": keys, "app/views.py": view, "app/mode.py": other})
    assert now["app/keys.py"] == keys.replace("    NEW = 'new-checkout'\n", "")
    assert now["app/mode.py"] == other


def test_a_member_that_stays_is_named(tmp_path: Path) -> None:
    keys = "import enum\n\n\nclass Flags(enum.Enum):\n    NEW = 'new-checkout'\n    OLD = 'old'\n"
    view = "import flags\nfrom app.keys import Flags\n\n\ndef page():\n    return 1 if flags.is_on(Flags.NEW.value) else 2\n"
    other = "from app import keys\n\n\ndef page():\n    return keys.Flags.NEW.name\n"
    found = removal(tmp_path, {"app/keys.py": keys, "app/views.py": view, "app/old.py": other})
    assert "app/keys.py" not in found.changes
    assert [each.path for each in found.mentions] == ["app/keys.py"]
