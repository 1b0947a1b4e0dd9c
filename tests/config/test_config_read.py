"""Every key of the configuration is read, and what is wrong is refused where it stands."""

from __future__ import annotations

import re
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagctl.config import DEFAULT_KEY_PATTERN, Config, RuleSettings, find_config, read_config
from flagctl.config.conventions import (
    Conventions,
    Evaluation,
    FlagObject,
    KeyForm,
    Override,
    Registry,
    Script,
    Template,
)
from flagctl.model import InputError, Lifetime, Severity, Thresholds


def read(root: Path, text: str, name: str = "flagctl.toml") -> Config:
    (root / name).write_text(text, encoding="utf-8")
    return find_config(root)


def refused(root: Path, text: str | bytes, name: str = "flagctl.toml") -> str:
    """The message that a configuration is refused with, from the file's name on."""
    (root / name).write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as error:
        find_config(root)
    message = str(error.value)
    assert message.startswith(f"{root}/")
    assert "\n" not in message
    return message.removeprefix(f"{root}/")


# --- what is read -----------------------------------------------------------------------------------------------------

COMPLETE = """\
definitions = ["flags", "more/*.yaml"]
sources = ["src", "web"]
exclude = ["vendor"]
tests = ["spec"]
environment = "staging"
sdks = ["openfeature", "django-waffle"]
owners = "owners.yaml"
baseline = "old.json"
key_pattern = "^[A-Z_]+$"

[[evaluation]]
call = "*request.feature"
key = 0
default = "default"
returns = "int"
negated = true
decorator = true

[[evaluation]]
call = ["*one", "*two"]
key = [1, "flag"]
form = "list"
default = [2, "fallback"]
negation_prefix = "!"

[[evaluation]]
call = "*is_new_checkout_enabled"
flag = "new-checkout"

[[evaluation]]
attribute = "*settings.{key}"
key_pattern = "FEATURE_*"

[[evaluation]]
call = "*getenv"
key = 0
key_pattern = ["FF_*", "!FF_META"]
key_until = "."
namespace = "switch"
state = [1, "state"]
refreshes = false

[[evaluation]]
mapping = "*settings.FEATURES"
refreshes = true

[[evaluation]]
class_attribute = "*.Guarded.flag"

[[override]]
call = "*override_flag"
key = 0
value = "active"

[[override]]
call = "*with_flags"
form = "keywords"
key_pattern = "FF_*"
namespace = "flag"

[[flag_object]]
constructor = "*WaffleFlag"
key = [0, "name"]
evaluations = ["is_enabled"]
returns = "variant"

[[flag_object]]
constructor = "*RoxFlag"
named = true
evaluations = []
namespace = "rox"
refreshes = false

[[registry]]
file = "h/models/feature.py"
object = "FEATURES"

[[template]]
tag = ["flag", "switch"]
key = [1, "name"]
negated = true

[[template]]
call = "feature"
returns = "variant"

[[template]]
attribute = "*flags.{key}"
key_pattern = "x_*"

[[script]]
call = "*.isOn"

[[script]]
call = ["one", "two"]
key = 1
returns = "details"
negated = true

[lifetime]
release = 1
experiment = 2
ops = 3
permission = 4

[thresholds]
expires_soon = 5
grace = 6
ready = 7
stalled = 8
removal = 9
drill = 10
max_extensions = 11
max_segments = 12
max_metrics = 13

[rules]
select = ["ALL"]
ignore = ["FLG3", "missing-owner"]
fail_on = "warning"

[rules.severity]
FLG106 = "error"
FLG101 = "info"

[rules.per_path_ignores]
"legacy/**" = ["FLG301"]
"other" = "FLG302"
"""

CONVENTIONS = Conventions(
    evaluations=(
        Evaluation(("*request.feature",), key=(0,), default=("default",), returns="int", negated=True, decorator=True),
        Evaluation(("*one", "*two"), key=(1, "flag"), form=KeyForm.LIST, default=(2, "fallback"), negation_prefix="!"),
        Evaluation(("*is_new_checkout_enabled",), flag="new-checkout"),
        Evaluation(attribute="*settings.{key}", key_pattern=("FEATURE_*",), refreshes=False),
        Evaluation(
            ("*getenv",),
            key=(0,),
            key_pattern=("FF_*", "!FF_META"),
            key_until=".",
            namespace="switch",
            state=(1, "state"),
            refreshes=False,
        ),
        Evaluation(mapping="*settings.FEATURES", refreshes=True),
        Evaluation(class_attribute="*.Guarded.flag"),
    ),
    overrides=(
        Override(("*override_flag",), (0,), value=("active",)),
        Override(("*with_flags",), (), form=KeyForm.KEYWORDS, key_pattern=("FF_*",), namespace="flag"),
    ),
    flag_objects=(
        FlagObject(("*WaffleFlag",), (0, "name"), ("is_enabled",), "variant"),
        FlagObject(("*RoxFlag",), (), (), named=True, namespace="rox", refreshes=False),
    ),
    registries=(Registry("h/models/feature.py", "FEATURES"),),
    templates=(
        Template(("flag", "switch"), key=(1, "name"), negated=True),
        Template(call=("feature",), returns="variant"),
        Template(attribute="*flags.{key}", key_pattern="x_*"),
    ),
    scripts=(Script(("*.isOn",)), Script(("one", "two"), 1, "details", True)),
)

EXPECTED: dict[str, Any] = {
    "definitions": ("flags", "more/*.yaml"),
    "sources": ("src", "web"),
    "exclude": ("vendor",),
    "tests": ("spec",),
    "environment": "staging",
    "sdks": ("openfeature", "django-waffle"),
    "owners": "owners.yaml",
    "baseline": "old.json",
    "key_pattern": "^[A-Z_]+$",
    "conventions": CONVENTIONS,
    "lifetime": Lifetime(1, 2, 3, 4),
    "thresholds": Thresholds(5, 6, 7, 8, 9, 10, 11, 12, 13),
    "rules": RuleSettings(
        ("ALL",),
        ("FLG3", "missing-owner"),
        Severity.WARNING,
        {"FLG106": Severity.ERROR, "FLG101": Severity.INFO},
        {"legacy/**": ("FLG301",), "other": ("FLG302",)},
    ),
}

DEFAULTS: dict[str, Any] = {
    "definitions": ("flags",),
    "sources": (".",),
    "exclude": (),
    "tests": ("tests", "**/test_*.py"),
    "environment": "production",
    "sdks": None,
    "owners": None,
    "baseline": None,
    "key_pattern": "^[a-z][a-z0-9.-]*$",
    "conventions": Conventions(),
    "lifetime": Lifetime(release=40, experiment=40, ops=180, permission=365),
    "thresholds": Thresholds(
        expires_soon=14,
        grace=0,
        ready=30,
        stalled=30,
        removal=14,
        drill=180,
        max_extensions=2,
        max_segments=4,
        max_metrics=8,
    ),
    "rules": RuleSettings(("DEFAULT",), (), Severity.ERROR, {}, {}),
}


def values(config: Config) -> dict[str, Any]:
    where = ("root", "document", "folder", "parts", "here")
    return {each.name: getattr(config, each.name) for each in fields(config) if each.name not in where}


def in_pyproject(text: str) -> str:
    """The same configuration under `[tool.flagctl]`."""
    nested = re.sub(r"^(\[+)", r"\1tool.flagctl.", text, flags=re.MULTILINE)
    return f'[project]\nname = "x"\n\n[tool.flagctl]\n{nested}'


def test_every_key_is_read(tmp_path: Path) -> None:
    assert values(read(tmp_path, COMPLETE)) == EXPECTED


def test_every_key_is_read_from_pyproject(tmp_path: Path) -> None:
    assert values(read(tmp_path, in_pyproject(COMPLETE), "pyproject.toml")) == EXPECTED


@pytest.mark.parametrize("text", ["", "# nothing\n", "\ufeff", "[rules]\n[lifetime]\n[thresholds]\n", 'sdks = "auto"'])
def test_everything_has_a_default(tmp_path: Path, text: str) -> None:
    assert values(read(tmp_path, text)) == DEFAULTS
    assert values(Config(tmp_path)) == DEFAULTS


@pytest.mark.parametrize("name", EXPECTED)
def test_the_complete_configuration_leaves_nothing_at_its_default(name: str) -> None:
    assert EXPECTED[name] != DEFAULTS[name]


def test_a_string_stands_for_a_list_of_one(tmp_path: Path) -> None:
    config = read(tmp_path, 'definitions = "a"\nsources = "b"\nsdks = "unleash"\n[rules]\nselect = "ALL"\n')
    assert (config.definitions, config.sources, config.sdks) == (("a",), ("b",), ("unleash",))
    assert config.rules.select == ("ALL",)


REAL = {
    "waffle only": 'definitions = ["flagctl-flags"]\nsdks = ["django-waffle"]\n',
    "waffle and a registry": (
        'definitions = ["flagctl-flags"]\nsdks = ["django-waffle"]\n\n'
        '[[registry]]\nfile = "apps/flags.py"\nobject = "Flags"\n'
    ),
    "no SDK, getters of each type": (
        'sdks = []\n[[evaluation]]\ncall = "*get_config"\nkey = 0\ndefault = 1\n\n'
        '[[evaluation]]\ncall = "*get_int_config"\nkey = 0\ndefault = 1\nreturns = "int"\n\n'
        '[[evaluation]]\ncall = "*get_float_config"\nkey = 0\ndefault = 1\nreturns = "float"\n\n'
        '[[evaluation]]\ncall = "*get_str_config"\nkey = 0\ndefault = 1\nreturns = "str"\n'
    ),
    "settings": 'sdks = []\n[[evaluation]]\nattribute = "*settings.{key}"\n',
    "features": 'sdks = []\n[[evaluation]]\nattribute = "*features.{key}"\n',
    "request and a registry": (
        'sdks = []\n[[evaluation]]\ncall = "*request.feature"\nkey = 0\n\n'
        '[[registry]]\nfile = "h/models/feature.py"\nobject = "FEATURES"\n'
    ),
}


@pytest.mark.parametrize("text", REAL.values(), ids=REAL)
def test_configurations_of_real_projects(tmp_path: Path, text: str) -> None:
    config = read(tmp_path, text)
    conventions = config.conventions
    given = len(conventions.evaluations) + len(conventions.registries)
    assert given == text.count("[[")
    assert config.sdks is not None


# --- where it is looked for -------------------------------------------------------------------------------------------


def test_it_is_found_upwards(tmp_path: Path) -> None:
    read(tmp_path, 'environment = "above"')
    deep = tmp_path / "a/b/c"
    deep.mkdir(parents=True)
    found = find_config(deep)
    assert (found.environment, found.root) == ("above", tmp_path.resolve())


def test_the_nearest_one_counts(tmp_path: Path) -> None:
    inner = tmp_path / "part"
    inner.mkdir()
    read(tmp_path, 'environment = "above"')
    read(inner, '[tool.flagctl]\nenvironment = "near"', "pyproject.toml")
    assert find_config(inner).environment == "near"
    assert find_config(inner).root == inner.resolve()
    assert find_config(tmp_path).environment == "above"


def test_flagctl_toml_wins(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.flagctl]\nenvironment = "b"', encoding="utf-8")
    assert read(tmp_path, 'environment = "a"').environment == "a"


@pytest.mark.parametrize(
    "text",
    [
        '[project]\nname = "x"\n',
        "[tool.other]\nflagctl = 1\n",
        '[project]\ndependencies = ["flagctl"]\n',
        "tool = 1 # flagctl\n",
        "not TOML at all",
        "",
    ],
)
def test_a_pyproject_without_the_table_is_passed_by(tmp_path: Path, text: str) -> None:
    read(tmp_path, 'environment = "above"')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert read(inner, text, "pyproject.toml").environment == "above"


def test_an_empty_table_in_pyproject_is_a_configuration(tmp_path: Path) -> None:
    read(tmp_path, 'environment = "above"')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert read(inner, "[tool.flagctl]", "pyproject.toml").root == inner.resolve()


def test_without_any_the_root_is_the_repositorys(tmp_path: Path) -> None:
    deep = tmp_path / "repo/a/b"
    deep.mkdir(parents=True)
    (tmp_path / "repo/.git").mkdir()
    assert find_config(deep).root == (tmp_path / "repo").resolve()


def test_a_folder_of_that_name_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "flagctl.toml").mkdir()
    (tmp_path / ".git").mkdir()
    assert values(find_config(tmp_path)) == DEFAULTS


def test_a_named_file(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_text('environment = "x"', encoding="utf-8")
    assert read_config(file).environment == "x"
    assert read_config(file).root == tmp_path.resolve()


def test_a_named_pyproject(tmp_path: Path) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_text('[tool.flagctl]\nenvironment = "x"', encoding="utf-8")
    assert read_config(file).environment == "x"


@pytest.mark.parametrize("name", ["flagctl.toml", "pyproject.toml"])
def test_a_named_file_that_is_not_there(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=re.escape(str(tmp_path / name))):
        read_config(tmp_path / name)


# --- what is refused --------------------------------------------------------------------------------------------------

CALL = '[[evaluation]]\ncall = "*x"\nkey = 0\n'

UNKNOWN_KEYS = {
    "top": ('definitons = ["a"]', 1, "definitons", "definitions"),
    "top, further down": ('# a\n\nenvironment = "x"\nsorces = []', 4, "sorces", "sources"),
    "evaluation": (CALL + 'defualt = "x"', 4, "defualt", "default"),
    "second evaluation": (CALL + "\n" + CALL + "negatd = true", 8, "negatd", "negated"),
    "override": ('[[override]]\ncall = "x"\nkey = 0\nvalu = 1', 4, "valu", "value"),
    "flag_object": (
        '[[flag_object]]\nconstructor = "x"\nkey = 0\nevaluations = "y"\nretuns = "bool"',
        5,
        "retuns",
        "returns",
    ),
    "registry": ('[[registry]]\nfile = "x"\nobject = "y"\nobjct = "z"', 4, "objct", "object"),
    "lifetime": ("[lifetime]\nops = 1\nrelese = 40", 3, "relese", "release"),
    "thresholds": ("[thresholds]\nexpire_soon = 1", 2, "expire_soon", "expires_soon"),
    "rules": ('[rules]\n# which\nselct = ["ALL"]', 3, "selct", "select"),
    "table": ("[ruls]\nselect = []", 1, "ruls", "rules"),
    "table in a table": ("[rules]\n[rules.severty]\nFLG101 = 'error'", 2, "severty", "severity"),
    "array of tables": ("environment = 'x'\n[[evalution]]\ncall = 'x'", 2, "evalution", "evaluation"),
    "table without a header": ("environment = 'x'\n[ruls.severity]\nFLG101 = 'error'", 2, "ruls", "rules"),
    "dotted key": ("environment = 'x'\nruls.fail_on = 'error'", 2, "ruls", "rules"),
}


@pytest.mark.parametrize(("text", "line", "key", "meant"), UNKNOWN_KEYS.values(), ids=UNKNOWN_KEYS)
def test_an_unknown_key_is_refused_with_a_suggestion(
    tmp_path: Path, text: str, line: int, key: str, meant: str
) -> None:
    assert refused(tmp_path, text) == f'flagctl.toml:{line}: unknown key "{key}"; did you mean "{meant}"?'


@pytest.mark.parametrize(("text", "line", "key", "meant"), UNKNOWN_KEYS.values(), ids=UNKNOWN_KEYS)
def test_an_unknown_key_of_pyproject_too(tmp_path: Path, text: str, line: int, key: str, meant: str) -> None:
    message = refused(tmp_path, in_pyproject(text), "pyproject.toml")
    assert message == f'pyproject.toml:{line + 4}: unknown key "{key}"; did you mean "{meant}"?'


def test_an_unknown_key_that_is_like_nothing_gets_the_list(tmp_path: Path) -> None:
    message = refused(tmp_path, "[lifetime]\nzzz = 1")
    assert message == 'flagctl.toml:2: unknown key "zzz"; known here: experiment, ops, permission, release'


@pytest.mark.parametrize("key", ["client", "imports", "package"])
def test_what_only_presets_may_say(tmp_path: Path, key: str) -> None:
    assert f'unknown key "{key}"' in refused(tmp_path, f'{key} = "x"')


WRONG: dict[str, tuple[str, int, str]] = {
    "number for a list": ("definitions = 1", 1, '"definitions" must be a list, not 1'),
    "list of numbers": ("sources = ['a', 1]", 1, '"sources" must be a list of strings, not 1'),
    "list of lists": ("tests = [['a']]", 1, '"tests" must be a list of strings, not a list'),
    "boolean for a list": ("sdks = true", 1, '"sdks" must be a list, not true'),
    "date for a list": ("exclude = 2026-01-01", 1, '"exclude" must be a list, not 2026-01-01'),
    "list for a string": ("environment = ['a']", 1, '"environment" must be a string, not a list'),
    "empty string": ("environment = ''", 1, '"environment" is empty'),
    "blank string": ("owners = ' '", 1, '"owners" is empty'),
    "table for a string": ("[owners]\na = 1", 1, '"owners" must be a string, not a table'),
    "number for a pattern": ("key_pattern = 1", 1, '"key_pattern" must be a string, not 1'),
    "bad pattern": ("\nkey_pattern = '['", 2, '"key_pattern" is not a regular expression: '),
    "bad pattern, again": ("key_pattern = '(?P<a'", 1, '"key_pattern" is not a regular expression: '),
    "bad file pattern": ("exclude = ['a', '!']", 1, '"!" is not a pattern on files'),
    "bad file pattern for tests": ("\ntests = ['[z-a]']", 2, '"[z-a]" is not a pattern on files'),
    "bad path to ignore": ('[rules.per_path_ignores]\n"a" = []\n"!" = []', 3, '"!" is not a pattern on files'),
    "string for days": ("[lifetime]\nops = '4'", 2, '"ops" must be a whole number, not "4"'),
    "fraction for days": ("[lifetime]\nops = 1.5", 2, '"ops" must be a whole number, not 1.5'),
    "boolean for days": ("[thresholds]\ngrace = true", 2, '"grace" must be a whole number, not true'),
    "negative days": ("[thresholds]\n\ngrace = -1", 3, '"grace" must not be negative'),
    "number for a table": ("lifetime = 40", 1, '"lifetime" must be a table, not 40'),
    "list for a table": ("[[rules]]\nselect = []", 1, '"rules" must be a table, not a list'),
    "unknown severity": (
        "[rules.severity]\nFLG101 = 'eror'",
        2,
        '"FLG101" must be one of info, warning, error, not "eror"; did you mean "error"?',
    ),
    "number for a severity": ("[rules.severity]\nFLG101 = 3", 2, '"FLG101" must be a string, not 3'),
    "unknown fail_on": ("[rules]\nfail_on = 'Error'", 2, '"fail_on" must be one of info, warning, error, not "Error"'),
    "number to ignore": ("[rules.per_path_ignores]\n'a/**' = 1", 2, '"a/**" must be a list, not 1'),
    "table for an array of tables": (
        "[evaluation]\ncall = 'x'",
        1,
        '"evaluation" must be an array of tables: write [[evaluation]]',
    ),
    "list of numbers for tables": ("override = [1]", 1, '"override" must be an array of tables: write [[override]]'),
    "nothing to match": (
        "[[evaluation]]\nkey = 0",
        1,
        "an [[evaluation]] needs exactly one of call, attribute, mapping, class_attribute",
    ),
    "two things to match": (CALL + "mapping = '*m'", 1, "an [[evaluation]] needs exactly one of"),
    "neither key nor flag": ("[[evaluation]]\ncall = 'x'", 1, 'an [[evaluation]] with "call" needs either "key"'),
    "key and flag": (CALL + "flag = 'f'", 1, 'an [[evaluation]] with "call" needs either "key"'),
    "empty call": ("[[evaluation]]\ncall = ''\nkey = 0", 1, '"call" is missing or empty'),
    "no call in a list": ("[[evaluation]]\ncall = []\nkey = 0", 1, '"call" is missing or empty'),
    "key of a mapping": (
        "[[evaluation]]\nmapping = 'x'\nkey = 0",
        3,
        '"key" goes with "call"; here the mapping names the key',
    ),
    "flag of an attribute": ("[[evaluation]]\nattribute = 'x.{key}'\nflag = 'f'", 2, '"attribute" must say where'),
    "attribute without its key": ("[[evaluation]]\nattribute = 'x.y'", 2, '"attribute" must say where the key stands'),
    "negative position": ("[[evaluation]]\ncall = 'x'\nkey = -1", 3, '"key" must be a position'),
    "no identifier": ("[[evaluation]]\ncall = 'x'\nkey = 'a b'", 3, '"key" must be a position'),
    "boolean position": ("[[evaluation]]\ncall = 'x'\nkey = [true]", 3, '"key" must be a position'),
    "bad default": (CALL + "default = 1.5", 4, '"default" must be a position'),
    "unknown return": (CALL + "returns = 'boolean'", 4, '"returns" must be one of bool, int, float, str'),
    "unknown form": (
        CALL + "form = 'lists'",
        4,
        '"form" must be one of one, list, dict, keywords, any, object, not "lists"; did you mean "list"?',
    ),
    "string for a boolean": (CALL + "negated = 'yes'", 4, '"negated" must be true or false, not "yes"'),
    "override without a call": ("[[override]]\nkey = 0", 1, '"call" is missing'),
    "override without a key": ("[[override]]\ncall = 'x'", 1, 'an [[override]] needs "key"'),
    "object without a constructor": ("[[flag_object]]\nkey = 0\nevaluations = 'x'", 1, '"constructor" is missing'),
    "object without a key": (
        "[[flag_object]]\nconstructor = 'x'\nevaluations = 'y'",
        1,
        'a [[flag_object]] needs "key"',
    ),
    "object with a key and a name": (
        "[[flag_object]]\nconstructor = 'x'\nkey = 0\nnamed = true\nevaluations = 'y'",
        1,
        'a [[flag_object]] needs "key"',
    ),
    "no pattern in a list": (CALL + "key_pattern = []", 1, '"key_pattern" is missing or empty'),
    "bad state": (CALL + "state = -1", 4, '"state" must be a position'),
    "term of presets": ("may_be_own = true", 1, 'unknown key "may_be_own"'),
    "object without evaluations": ("[[flag_object]]\nconstructor = 'x'\nkey = 0", 1, '"evaluations" is missing'),
    "registry without a file": ("[[registry]]\nobject = 'x'", 1, 'a [[registry]] needs "file" and "object"'),
    "registry without an object": ("[[registry]]\nfile = 'x'", 1, 'a [[registry]] needs "file" and "object"'),
    "nothing in a template": ("[[template]]\nkey = 0", 1, "a [[template]] needs exactly one of tag, call, attribute"),
    "two things in a template": ("[[template]]\ntag = 'a'\ncall = 'b'", 1, "a [[template]] needs exactly one of"),
    "empty tag": ("[[template]]\ntag = []", 1, '"tag" is missing or empty'),
    "bad position in a template": ("[[template]]\ntag = 'a'\nkey = -1", 3, '"key" must be a position'),
    "key of a template's attribute": (
        "[[template]]\nattribute = 'a.{key}'\nkey = 0",
        3,
        '"key" goes with "tag" or "call"; here the attribute names the key',
    ),
    "template's attribute without its key": ("[[template]]\nattribute = 'a.b'", 2, '"attribute" must be a dotted name'),
    "template's variable": ("[[template]]\nattribute = '{key}'", 2, '"attribute" must be a dotted name'),
    "template's anything": ("[[template]]\nattribute = '*.{key}'", 2, '"attribute" must be a dotted name'),
    "key in the middle": ("[[template]]\nattribute = 'a.{key}.b'", 2, '"attribute" must be a dotted name'),
    "pattern of a tag": ("[[template]]\ntag = 'a'\nkey_pattern = 'x'", 3, '"key_pattern" goes with "attribute"'),
    "default in a template": ("[[template]]\ntag = 'a'\ndefault = 1", 3, 'unknown key "default"'),
    "script without a call": ("[[script]]\nkey = 0", 1, '"call" is missing'),
    "keyword in a script": ("[[script]]\ncall = 'a'\nkey = 'b'", 3, '"key" must be a whole number'),
    "negative position in a script": ("[[script]]\ncall = 'a'\nkey = -1", 3, '"key" must be a position'),
    "above the project": (
        "definitions = ['flags', '../x']",
        1,
        '"definitions" must stay inside the project: "../x" does not',
    ),
    "sources above the project": ("\nsources = ['a/../../b']", 2, '"sources" must stay inside the project'),
    "absolute": ("sources = ['/etc']", 1, '"sources" must stay inside the project: "/etc" does not'),
    "dots at the end": ("sources = 'a/..'", 1, '"sources" must stay inside the project: "a/.." does not'),
}


@pytest.mark.parametrize(("text", "line", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_refused_at_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    assert refused(tmp_path, text).startswith(f"flagctl.toml:{line}: {message}")


@pytest.mark.parametrize(
    "text", ["sources = ['a..b', '..c/d']", "definitions = ['a/...']", "exclude = ['../x']", "sources = ['./a']"]
)
def test_dots_that_lead_nowhere_are_fine(tmp_path: Path, text: str) -> None:
    read(tmp_path, text)


NOT_TOML: dict[str, tuple[bytes, str]] = {
    "no value": (b"a = 1\nb =\nc = 2", "flagctl.toml:2:"),
    "no equals sign": (b"environment\n", "flagctl.toml:1:"),
    "duplicate": (b"a = 1\n\na = 2\nb = 3\n", "flagctl.toml:3:"),
    "duplicate at the end": (b"a = 1\n\na = 2\n", "flagctl.toml:3:"),
    "unclosed string": (b'a = 1\nb = "x', "flagctl.toml:2:"),
    "unclosed list": (b"a = [\n1,\n", "flagctl.toml:2:"),
    "YAML": (b"definitions:\n  - flags\n", "flagctl.toml:1:"),
    "a very long number": (b"grace = " + b"1" * 5000, "flagctl.toml:1:"),
    "nested too deeply": (b"a = " + b"[" * 5000, "flagctl.toml:1:"),
    "not UTF-8": (b"# caf\xe9\n", "flagctl.toml: is not UTF-8 (byte 5); save it as UTF-8"),
    "UTF-16": ("a = 1".encode("utf-16"), "flagctl.toml: is not UTF-8 (byte 0)"),
    "NUL": (b"a = 1\0", "flagctl.toml:1:"),
}


@pytest.mark.parametrize(("text", "message"), NOT_TOML.values(), ids=NOT_TOML)
def test_what_is_not_toml_is_refused(tmp_path: Path, text: bytes, message: str) -> None:
    assert refused(tmp_path, text).startswith(message)


def test_a_pyproject_that_is_not_toml_is_refused_where_it_names_us(tmp_path: Path) -> None:
    assert refused(tmp_path, "[tool.flagctl]\na = \n", "pyproject.toml").startswith("pyproject.toml:2:5: is not valid")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[tool]\nflagctl = 1", 'pyproject.toml:2: "flagctl" must be a table, not 1'),
        ("[[tool.flagctl]]", 'pyproject.toml:1: "flagctl" must be a table, not a list'),
        ("tool.flagctl.environment = 1", 'pyproject.toml:1: "environment" must be a string, not 1'),
    ],
)
def test_a_pyproject_with_something_else_in_its_place(tmp_path: Path, text: str, message: str) -> None:
    assert refused(tmp_path, text, "pyproject.toml") == message


# --- lines ------------------------------------------------------------------------------------------------------------

LINES = {
    "comments and blank lines": ("# a = 1\n\n# environment = 2\nenvironment = 1 # environment", 4),
    "CRLF": ("# a\r\n\r\nenvironment = 1\r\n", 3),
    "indented": ("\n   environment   =   1", 2),
    "quoted key": ('\n"environment" = 1', 2),
    "dotted key": ("\n\nrules.fail_on = 1", 3),
    "dotted key with spaces": ("\nlifetime . ops = 'x'", 2),
    "quoted part of a dotted key": ('\nrules."fail_on" = 1', 2),
    "nested table": ("[rules]\nfail_on = 'info'\n[rules.severity]\nFLG101 = 'x'", 4),
    "header with spaces": ("\n[ rules . severity ] # here\nFLG101 = 'x'", 3),
    "second of three": (CALL + CALL.replace("0", "-1") + CALL, 6),
    "tables between": ("[[override]]\ncall = 'x'\nkey = 0\n" + CALL + "[[override]]\ncall = 'x'\nkey = -1", 9),
    "inline table": ("\nrules = {select = ['ALL'], fail_on = 1}", 2),
    "inline array of tables": ("\nevaluation = [{call = 'x', key = -1}]", 2),
    "list over several lines": ("exclude = [\n  'a', # b\n  'c',\n]\nenvironment = 1", 5),
    "item of a list over several lines": ("environment = 'a'\nexclude = [\n  'a',\n  1,\n]", 2),
    "after a multi-line string": ('owners = """\na\nb\n"""\nenvironment = 1', 5),
    "missing in the second table": (CALL + "\n[[evaluation]]\nkey = 0", 5),
    "line separators": ("# a\u2028b\x85c\nenvironment = 1", 2),
    "byte order mark": ("\ufeff\nenvironment = 1", 2),
    "a key of the same name elsewhere": ("[lifetime]\nops = 1\n[thresholds]\nops = 2", 4),
}


@pytest.mark.parametrize(("text", "line"), LINES.values(), ids=LINES)
def test_lines(tmp_path: Path, text: str, line: int) -> None:
    assert refused(tmp_path, text).startswith(f"flagctl.toml:{line}: ")


def test_errors_of_later_stages_know_their_line_too(tmp_path: Path) -> None:
    config = read(tmp_path, '# a\nsdks = ["x"]\n[rules]\nselect = ["FLG9"]\n')
    assert str(config.error("sdks", "no")) == f"{tmp_path}/flagctl.toml:2: no"
    assert str(config.error("rules.select", "no")) == f"{tmp_path}/flagctl.toml:4: no"
    assert str(config.error("rules.ignore", "no")) == f"{tmp_path}/flagctl.toml:3: no"
    assert str(Config(tmp_path).error("sdks", "no")) == "no"


def test_errors_of_later_stages_in_pyproject(tmp_path: Path) -> None:
    config = read(tmp_path, in_pyproject('sdks = ["x"]\n'), "pyproject.toml")
    assert str(config.error("sdks", "no")) == f"{tmp_path}/pyproject.toml:5: no"


def test_rows_of_dots_take_no_time(tmp_path: Path) -> None:
    """A line of many dots, as in a text that explains something, once took a time exponential in their number."""
    dots = "\n".join(["." * 60, ". " * 60, '"a".' * 60, "a." * 60])
    message = refused(tmp_path, f"[project]\ndescription = '''\n{dots}\n'''\n[tool.flagctl]\nx = 1", "pyproject.toml")
    assert message.startswith('pyproject.toml:9: unknown key "x"')


def test_the_default_pattern_is_the_documented_one() -> None:
    accepted = ["new-checkout", "a", "payments.v2-routing", "x1"]
    assert all(re.fullmatch(DEFAULT_KEY_PATTERN, key) for key in accepted)
    assert not any(re.search(DEFAULT_KEY_PATTERN, key) for key in ["New", "1a", "-a", "a_b", "a b", ""])


# --- anything ---------------------------------------------------------------------------------------------------------

KEYS = st.sampled_from(
    [*EXPECTED, "evaluation", "override", "flag_object", "registry", "call", "key", "flag", "select"]
)
VALUES = st.sampled_from(
    ["1", "-1", "1.5", "nan", "true", "''", "'x'", "'!'", "'['", "['a', 1]", "[[]]", "[{}]", "{a = 1}", "2026-01-01"]
)
LINES_OF_TOML = st.one_of(
    st.tuples(KEYS, VALUES).map(" = ".join),
    st.tuples(KEYS, KEYS, VALUES).map("{0[0]}.{0[1]} = {0[2]}".format),
    KEYS.map("[{}]".format),
    KEYS.map("[[{}]]".format),
    st.tuples(KEYS, KEYS).map(lambda both: f"[{both[0]}.{both[1]}]"),
    st.text("ab=.\"'[]{}# \t\r", max_size=8),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(LINES_OF_TOML, max_size=8).map("\n".join).map(str.encode) | st.binary(max_size=30))
def test_whatever_it_holds_is_read_or_refused_at_a_line_that_there_is(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "flagctl.toml"
        file.write_bytes(content)
        try:
            find_config(Path(folder))
        except InputError as error:
            message = str(error)
        else:
            return
    assert message.startswith(f"{file}:")
    if place := re.match(r":(\d+):", message.removeprefix(str(file))):
        assert 1 <= int(place[1]) <= len(re.findall(rb"\r\n?|\n", content)) + 1
