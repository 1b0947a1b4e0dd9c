"""A repository of several parts, each with its own `flagctl.toml`: one run, one set of flags."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from flagctl import pipeline
from flagctl.config import find_config
from flagctl.model import InputError, Location
from flagctl.report import Report
from flagctl.rules import EXAMPLE_TODAY

Write = Callable[[Mapping[str, str | bytes]], Path]
Files = dict[str, str | bytes]


def quiet(done: int, total: int) -> None:
    pass


def audit(root: Path, *select: str, paths: tuple[str, ...] = (), cache: Path | None = None) -> Report:
    return pipeline.audit(find_config(root), pipeline.Request(EXAMPLE_TODAY, select, (), paths, cache), quiet)


def validate(root: Path, *select: str, more: tuple[str, ...] = ()) -> Report:
    return pipeline.validate(find_config(root), pipeline.Request(EXAMPLE_TODAY, select), more)


def found(report: Report) -> list[str]:
    return sorted(f"{each.code} {each.location.path}:{each.location.line}" for each in report.findings)


def references(root: Path, cache: Path | None = None) -> list[str]:
    report = pipeline.references(find_config(root), quiet, cache_file=cache)
    return [
        f"{each.location.path}:{each.location.line} {each.role} {each.flag}{' in tests' if each.in_tests else ''}"
        for each in report.references
    ]


def helper(name: str) -> str:
    return f'[[evaluation]]\ncall = "*{name}"\nkey = 0\n'


def flags(folder: str, *keys: str) -> Files:
    return {f"{folder}flags/{key}.yaml": f"key: {key}\n" for key in keys}


# --- what is used -----------------------------------------------------------------------------------------------------

IN_USE: dict[str, Files] = {
    "in the part that defines it": {**flags("a/", "a-b"), "a/x.py": 'ask_a("a-b")'},
    "in another part only": {**flags("a/", "a-b"), "b/x.py": 'ask_b("a-b")'},
    "in both": {**flags("a/", "a-b"), "a/x.py": 'ask_a("a-b")', "b/x.py": 'ask_b("a-b")'},
    "defined in a part, used at the root": {**flags("a/", "a-b"), "x.py": 'ask_root("a-b")'},
    "defined at the root, used in a part": {**flags("", "a-b"), "b/x.py": 'ask_b("a-b")'},
    "a helper of the root in a part": {**flags("", "a-b"), "b/x.py": 'ask_root("a-b")'},
    "a part inside a part": {**flags("a/", "a-b"), "a/in/x.py": 'ask_in("a-b")'},
    "a helper of the part around": {**flags("b/", "a-b"), "a/in/x.py": 'ask_a("a-b")'},
    "front end of another part": {**flags("a/", "a-b"), "b/x.ts": 'flags.isOn("a-b")'},
    "by an alias": {"a/flags/a.yaml": "key: x-y\naliases: [a-b]\n", "b/x.py": 'ask_b("a-b")'},
    "constant of another part": {
        **flags("a/", "a-b"),
        "a/keys.py": 'AB = "a-b"',
        "b/x.py": "from a.keys import AB\nask_b(AB)",
    },
    "helper that is inferred in another part": {
        **flags("a/", "a-b"),
        "a/tools.py": "def is_on(key):\n    return ask_a(key)",
        "b/x.py": 'from a.tools import is_on\nis_on("a-b")',
    },
    "helper of a helper across three parts": {
        **flags("a/", "a-b"),
        "a/tools.py": "def is_on(key):\n    return ask_a(key)",
        "b/tools.py": "from a.tools import is_on\ndef enabled(key):\n    return is_on(key)",
        "a/in/x.py": 'from b.tools import enabled\nenabled("a-b")',
    },
    "client that another part makes": {
        **flags("a/", "a-b"),
        "a/client.py": "from openfeature import api\nours = api.get_client()",
        "b/x.py": 'from a.client import ours\nours.get_boolean_value("a-b", False)',
    },
}

NOT_IN_USE: dict[str, Files] = {
    "a helper of another part": {**flags("a/", "a-b"), "b/x.py": 'ask_a("a-b")'},
    "a helper of a part at the root": {**flags("a/", "a-b"), "x.py": 'ask_a("a-b")'},
    "a helper of the part inside": {**flags("a/", "a-b"), "a/x.py": 'ask_in("a-b")'},
    "an SDK that the part does not name": {
        **flags("a/", "a-b"),
        "waffled/flagctl.toml": 'sdks = ["django-waffle"]',
        "waffled/x.py": 'from openfeature import api\napi.get_client().get_boolean_value("a-b", False)',
    },
    "the tests of a part": {
        **flags("a/", "a-b"),
        "c/flagctl.toml": 'tests = ["spec"]\n' + helper("ask_c"),
        "c/deep/spec/x.py": 'ask_c("a-b")',
    },
    "what a part excludes": {
        **flags("a/", "a-b"),
        "c/flagctl.toml": 'exclude = ["gen"]\n' + helper("ask_c"),
        "c/gen/x.py": 'ask_c("a-b")',
    },
    "what is outside of a part's sources": {
        **flags("a/", "a-b"),
        "c/flagctl.toml": 'sources = ["src"]\n' + helper("ask_c"),
        "c/x.py": 'ask_c("a-b")',
    },
}

PARTS: Files = {
    "flagctl.toml": helper("ask_root"),
    "a/flagctl.toml": helper("ask_a"),
    "a/in/flagctl.toml": helper("ask_in"),
    "b/flagctl.toml": helper("ask_b"),
    "readme.md": "-",
}


@pytest.mark.parametrize("files", IN_USE.values(), ids=IN_USE)
def test_a_flag_is_used_if_any_part_uses_it(write: Write, tmp_path: Path, files: Files) -> None:
    root, cache = write({**PARTS, **files}), tmp_path.parent / f"{tmp_path.name}.sqlite"
    assert found(audit(root, "FLG2", cache=cache)) == []
    assert found(audit(root, "FLG2", cache=cache)) == []


@pytest.mark.parametrize("files", NOT_IN_USE.values(), ids=NOT_IN_USE)
def test_what_a_part_sets_holds_there_only(write: Write, files: Files) -> None:
    [finding] = audit(write({**PARTS, **files}), "FLG2").findings
    assert finding.code in ("FLG202", "FLG205", "FLG206")


def test_sdks_are_the_parts_own(write: Write) -> None:
    """The same code: where the part does not name the SDK, its calls are none of ours."""
    code = 'import waffle\nwaffle.flag_is_active(request, "a-b")\nask_root("a-b")\n'
    root = write(
        {
            **flags("", "a-b"),
            "flagctl.toml": helper("ask_root"),
            "a/flagctl.toml": 'sdks = ["django-waffle"]',
            "b/flagctl.toml": 'sdks = ["openfeature"]',
            "c/flagctl.toml": "sdks = []",
            **{f"{each}x.py": code for each in ("", "a/", "b/", "c/")},
        }
    )
    evaluations = [each.split()[0] for each in references(root) if " evaluation " in each]
    assert evaluations == ["a/x.py:2", "a/x.py:3", "b/x.py:3", "c/x.py:3", "x.py:2", "x.py:3"]


def test_tests_are_the_parts_own(write: Write) -> None:
    files = {f"{each}/x.py": 'ask_root("a-b")' for each in ("tests", "a/tests", "b/tests", "b/spec")}
    root = write(
        {**files, **flags("", "a-b"), "flagctl.toml": helper("ask_root"), "a/flagctl.toml": "",
         "b/flagctl.toml": 'tests = ["spec"]'}
    )  # fmt: skip
    assert references(root) == [
        "a/tests/x.py:1 evaluation a-b in tests",
        "b/spec/x.py:1 evaluation a-b in tests",
        "b/tests/x.py:1 evaluation a-b",
        "tests/x.py:1 evaluation a-b in tests",
    ]


def test_a_registry_of_a_part(write: Write) -> None:
    registry = '[[registry]]\nfile = "keys.py"\nobject = "KEYS"\n'
    files = {f"{each}keys.py": 'KEYS = ["a-b"]' for each in ("", "a/", "b/")}
    root = write({**files, **flags("a/", "a-b"), "a/flagctl.toml": registry, "b/flagctl.toml": ""})
    assert [each for each in references(root) if "declaration" in each] == ["a/keys.py:1 declaration a-b"]


def test_templates_and_scripts_of_a_part(write: Write) -> None:
    terms = '[[template]]\ncall = "feature"\n[[script]]\ncall = "ask"\n'
    pages = {f"{each}/page.html": '{% if feature("a-b") %}{% endif %}' for each in "ab"}
    scripts = {f"{each}/page.ts": "ask('nope')" for each in "ab"}
    root = write({**pages, **scripts, **flags("a/", "a-b"), "a/flagctl.toml": terms, "b/flagctl.toml": ""})
    assert [each for each in references(root) if "evaluation" in each] == [
        "a/page.html:1 evaluation a-b",
        "a/page.ts:1 evaluation nope",
    ]


@pytest.mark.parametrize("where", ["", "a/", "b/"])
def test_configuration_and_definitions_of_parts_are_no_sources(write: Write, where: str) -> None:
    text = f"[[evaluation]]\ncall = '*ask'\nflag = 'a-b'  # {where}\n"
    root = write({**flags(where, "a-b"), **{f"{each}flagctl.toml": text for each in ("", "a/", "b/")}, "x.md": "-"})
    report = pipeline.references(find_config(root), quiet)
    assert (report.references, report.searched) == ((), 1)


# --- the cache --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("b/flagctl.toml", helper("other"), False),
        ("b/flagctl.toml", None, False),
        ("a/keys.py", 'AB = "c-d"', False),
        ("a/flagctl.toml", helper("other"), True),
        ("flagctl.toml", helper("other"), True),
    ],
)
def test_a_warm_run_says_what_a_cold_one_does(
    write: Write, tmp_path: Path, path: str, text: str | None, expected: bool
) -> None:
    cache = tmp_path.parent / f"{tmp_path.name}.sqlite"
    files = IN_USE["constant of another part"]
    root = write({**PARTS, **files})
    use = "b/x.py:2 evaluation a-b"
    assert use in references(root, cache)
    if text is None:
        (root / path).unlink()
    else:
        (root / path).write_text(text)
    assert references(root, cache) == references(root)
    assert (use in references(root)) is expected


# --- definitions ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({**flags("", "root"), **flags("a/", "one"), **flags("b/", "two")}, ["one", "root", "two"]),
        ({**flags("a/", "one")}, ["one"]),
        ({"a/flagctl.toml": 'definitions = ["x", "y*/*.yml"]', "a/x/1.yaml": "key: one", "a/y1/2.yml": "key: two",
          "x/3.yaml": "key: three"}, ["one", "two"]),
        ({"flagctl.toml": 'definitions = ["**/flags/*.yaml"]', **flags("a/", "one"), **flags("c/", "two")},
         ["one", "two"]),
        ({"a/flagctl.toml": 'owners = "flags/teams.yaml"', **flags("a/", "one"), "a/flags/teams.yaml": "x: [y]"},
         ["one"]),
        ({"a/flagctl.toml": "", **flags("a/", "one"), "a/flags/archive/old.yaml": "key: old",
          "a/flags/metrics.yaml": "metrics: {}"}, ["one"]),
    ],
)  # fmt: skip
def test_the_definitions_of_all_parts_are_one_set(write: Write, files: Files, expected: list[str]) -> None:
    root = write({"a/flagctl.toml": "", "b/flagctl.toml": "", **files})
    report = validate(root, "FLG001")
    assert sorted(flag.key for flag in report.flags) == expected
    assert report.findings == ()


def test_a_part_may_name_the_metrics_of_another(write: Write) -> None:
    fields = "event: e, aggregate: count, unit: user, goal: increase"
    root = write(
        {
            "a/flagctl.toml": "",
            "b/flagctl.toml": "",
            "a/flags/metrics.yaml": f"north_star: orders\nmetrics: {{orders: {{role: north_star, {fields}}}}}\n",
            "b/flags/metrics.yaml": f"metrics: {{visits: {{role: supporting, {fields}, drives: orders}}}}\n",
            "b/flags/x.yaml": "key: x\nrollout: {gates: [orders, visits]}\n",
            "a/flags/y.yaml": "key: y\nrollout: {gates: [visits, visit]}\n",
        }
    )
    assert [each.location for each in validate(root, "FLG001", "FLG502").findings] == [
        Location("a/flags/y.yaml", 2, 27, 2, 32)
    ]


def test_one_key_in_two_parts_is_a_duplicate(write: Write) -> None:
    root = write({"a/flagctl.toml": "", "b/flagctl.toml": "", **flags("a/", "one"), **flags("b/", "one")})
    assert found(validate(root, "FLG002")) == ["FLG002 b/flags/one.yaml:1"]


def test_without_any_definition_the_places_are_named(write: Write) -> None:
    root = write({"a/flagctl.toml": "", "x.py": ""})
    with pytest.raises(InputError, match=r"no definitions: flags, a/flags under .* holds no YAML file"):
        audit(root)


def test_a_tombstone_of_a_part_is_not_read_as_a_definition(write: Write) -> None:
    root = write({"a/flagctl.toml": "", **flags("a/", "one"), "a/flags/archive/old.yaml": "key: one\n"})
    assert found(validate(root, "FLG002", more=("a/flags/archive/old.yaml",))) == []


# --- rules ------------------------------------------------------------------------------------------------------------

OLD = "key: {}\ntype: release\nowner: o\nreason: r\ncreated: 2026-01-01\nexpires: 2026-06-10\n"


def judged(write: Write, part: str, select: tuple[str, ...] = (), root: str = "") -> list[str]:
    files = {f"{each}flags/old.yaml": OLD.format(name) for each, name in (("", "At-root"), ("a/", "In-part"))}
    project = write({**files, "flagctl.toml": root, "a/flagctl.toml": part, "x.md": "-"})
    return [
        f"{each.code} {each.location.path.partition('/')[0]} {each.severity}"
        for each in sorted(audit(project, *select).findings, key=lambda each: (each.code, each.location))
        if each.code in ("FLG009", "FLG101", "FLG104")
    ]


AS_AROUND = [
    "FLG009 a warning", "FLG009 flags warning", "FLG101 a error", "FLG101 flags error", "FLG104 a warning",
    "FLG104 flags warning",
]  # fmt: skip


@pytest.mark.parametrize(
    ("part", "left_out", "new"),
    [
        pytest.param("", [], [], id="nothing"),
        pytest.param('key_pattern = "^[A-Z]"', ["FLG009 a warning"], [], id="key_pattern"),
        pytest.param("[lifetime]\nrelease = 999", ["FLG104 a warning"], [], id="lifetime"),
        pytest.param("[thresholds]\ngrace = 30", ["FLG101 a error"], ["FLG101 a warning"], id="thresholds"),
        pytest.param('[rules]\nignore = ["FLG1"]', ["FLG101 a error", "FLG104 a warning"], [], id="ignore"),
        pytest.param('[rules]\nselect = ["FLG101"]', ["FLG009 a warning", "FLG104 a warning"], [], id="select"),
        pytest.param(
            '[rules]\nignore = ["ALL"]', ["FLG009 a warning", "FLG101 a error", "FLG104 a warning"], [], id="none"
        ),
        pytest.param('[rules.severity]\nFLG101 = "info"', ["FLG101 a error"], ["FLG101 a info"], id="severity"),
        pytest.param(
            '[rules.per_path_ignores]\n"flags" = ["FLG1"]', ["FLG101 a error", "FLG104 a warning"], [], id="p"
        ),
    ],
)
def test_a_finding_is_judged_where_it_stands(write: Write, part: str, left_out: list[str], new: list[str]) -> None:
    assert judged(write, part) == sorted({*AS_AROUND, *new} - {*left_out})


@pytest.mark.parametrize(
    ("root", "part", "expected"),
    [
        ('key_pattern = "^[A-Z]"', "", []),
        ('key_pattern = "^[A-Z]"', 'key_pattern = "^[a-z]"', ["FLG009 a warning"]),
        ('[rules]\nignore = ["FLG009"]', "", []),
        ('[rules]\nignore = ["FLG009"]', "[rules]\nignore = []", ["FLG009 a warning"]),
        ('[rules.per_path_ignores]\n"flags" = ["FLG009"]', "", []),
    ],
)
def test_what_a_part_does_not_set_is_as_around_it(write: Write, root: str, part: str, expected: list[str]) -> None:
    assert [each for each in judged(write, part, root=root) if "FLG009" in each] == expected


def test_what_is_asked_for_beats_the_configuration_of_a_part(write: Write) -> None:
    part = '[rules]\nselect = ["FLG101"]\n'
    assert judged(write, part, ("FLG009",)) == ["FLG009 a warning", "FLG009 flags warning"]


def test_a_part_names_a_rule_that_there_is_not(write: Write) -> None:
    root = write({**flags("", "a-b"), "a/flagctl.toml": '\n[rules]\nselect = ["FLG1O1"]\n', "x.md": "-"})
    with pytest.raises(InputError, match=r'a/flagctl.toml:1: unknown rule "FLG1O1"; did you mean FLG101\?'):
        audit(root)


def test_a_part_names_an_sdk_that_there_is_not(write: Write) -> None:
    root = write(
        {**flags("", "a-b"), "a/flagctl.toml": 'sdks = ["openfaeture"]\n', "a/b/flagctl.toml": "", "x.md": "-"}
    )
    with pytest.raises(InputError, match=r'/a/flagctl.toml:1: unknown SDK "openfaeture"; did you mean "openfeature"\?'):
        audit(root)


def test_ignore_comments_of_a_part_that_does_not_run_the_rule(write: Write) -> None:
    comment = "key: a-b  # flagctl: ignore[FLG202] waits\n"
    root = write({"a/flags/a.yaml": comment, "a/flagctl.toml": '[rules]\nignore = ["FLG202"]\n', "x.md": "-"})
    assert "FLG901" not in " ".join(found(audit(root)))


def test_rollouts_in_the_environment_of_the_part(write: Write) -> None:
    rollout = "rollout:\n  environments: {production: {percent: 10}, live: {percent: 90}}\n"
    root = write(
        {"flags/a.yaml": f"key: a-b\n{rollout}", "a/flags/b.yaml": f"key: c-d\n{rollout}",
         "a/flagctl.toml": 'environment = "live"', "x.md": "-"}
    )  # fmt: skip
    report = pipeline.references(find_config(root), quiet)
    assert {flag.key: report.percent(flag) for flag in report.flags} == {"a-b": 10, "c-d": 90}


# --- a repository without parts ---------------------------------------------------------------------------------------


def test_in_git_as_outside(write: Write) -> None:
    root = write({**PARTS, **IN_USE["helper of a helper across three parts"]})
    outside = references(root)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    assert references(root) == outside


def test_parts_without_settings_change_nothing(write: Write) -> None:
    files = {
        **flags("", "a-b", "c-d"),
        "flagctl.toml": helper("ask_root"),
        "a/tools.py": textwrap.dedent("""
            def is_on(key):
                return ask_root(key)
            """),
        "b/x.py": 'from a.tools import is_on\nis_on("a-b")\nask_root("c-d")\n',
        "b/tests/x.py": 'ask_root("c-d")\n',
    }
    before = references(write(files))
    assert references(write({"a/flagctl.toml": "", "b/flagctl.toml": "", "b/tests/flagctl.toml": ""})) == before
