"""The metric tree: which files hold it, what becomes of their values, and what is wrong with it, word for word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagctl.cache import Cache
from flagctl.config import Config, find_config
from flagctl.definitions import load_definitions
from flagctl.definitions.metrics import Metrics, load_metrics, read_metrics
from flagctl.definitions.schema import metrics_schema
from flagctl.model import Location, Metric, Problem

HERE = Path(__file__).parent
COMPLETE = (HERE / "metrics.yaml").read_bytes()
SCHEMA = HERE.parents[1] / "schemas" / "metrics.v1.schema.json"

NORTH = "role: north_star, event: e, aggregate: count, unit: user, goal: increase"
OTHER = "role: supporting, event: e, aggregate: count, unit: user, goal: increase"
GUARD = "role: guardrail, event: e, aggregate: count, unit: user, goal: decrease"


def tree(*metrics: str, star: str = "a") -> str:
    """A tree whose metrics are called a, b, c and so on, each in a line of its own from the third on."""
    lines = [f"  {chr(97 + number)}: {{{metric}}}" for number, metric in enumerate(metrics)]
    return "\n".join([f"north_star: {star}", "metrics:", *lines, ""])


def in_words(problem: Problem) -> str:
    """A problem as `line:column message (hint)`."""
    hint = f" ({problem.hint})" if problem.hint else ""
    return f"{problem.location.line}:{problem.location.column} {problem.message}{hint}"


def problems(text: str | bytes) -> list[str]:
    found = read_metrics("flags/metrics.yaml", text if isinstance(text, bytes) else text.encode())
    assert (found.tree is None) or not found.problems
    return [in_words(problem) for problem in found.problems]


# --- values -----------------------------------------------------------------------------------------------------------


def test_a_complete_tree_arrives_whole() -> None:
    found = read_metrics("flags/metrics.yaml", COMPLETE)
    assert found.problems == ()
    assert found.tree is not None
    assert found.tree.north_star == "completed_orders"
    assert list(found.tree.metrics) == ["completed_orders", "click_rate", "error_rate"]
    top, clicks, errors = found.tree.metrics.values()
    assert (top.name, top.role, top.owner, top.event) == (
        "completed_orders",
        "north_star",
        "@acme/data",
        "order_completed",
    )
    assert (top.aggregate, top.unit, top.goal) == ("conversion", "account", "increase")
    assert top.description == "Orders paid within a week of first seeing the variant"
    assert (top.margin, top.drives, top.denominator) == (None, None, None)
    assert (clicks.event, clicks.denominator) == ("Result Clicked", "Search Made")
    assert [each.window for each in (top, clicks, errors)] == [
        timedelta(days=7),
        timedelta(hours=36),
        timedelta(weeks=2),
    ]
    assert (errors.margin, errors.drives) == (0.05, "completed_orders")


def test_places() -> None:
    found = read_metrics("flags/metrics.yaml", COMPLETE).tree
    assert found is not None
    errors = found.metrics["error_rate"]
    assert errors.first == Location("flags/metrics.yaml", 22, 3, 22, 13)
    assert errors.at("unit") == Location("flags/metrics.yaml", 26, 11, 26, 18)
    assert errors.at("owner") == errors.first


@pytest.mark.parametrize(("text", "margin"), [("5%", 0.05), ("0.7%", 0.007), ("0.02", 0.02), ("150%", 1.5)])
def test_a_margin_is_a_share(text: str, margin: float) -> None:
    found = read_metrics("m.yaml", tree(NORTH, f"{GUARD}, margin: {text}").encode()).tree
    assert found is not None
    assert found.metrics["b"].margin == margin


# --- what is wrong with the shape -------------------------------------------------------------------------------------

UNITS = "user, account, workspace, organization, device, session"
MALFORMED: list[tuple[str, str, list[str]]] = [
    (
        "unknown field at the top",
        "northstar: a\n" + tree(NORTH),
        ['1:1 unknown field "northstar" (did you mean "north_star"?)'],
    ),
    (
        "misspelt at the top",
        tree(NORTH).replace("north_star:", "north_stra:"),
        ['1:1 unknown field "north_stra" (did you mean "north_star"?)'],
    ),
    (
        "unknown field",
        tree(f"{NORTH}, onwer: x"),
        ['3:81 unknown field "metrics.a.onwer" (did you mean "owner"?)'],
    ),
    (
        "all that is missing",
        "north_star: a\nmetrics:\n  a:\n    role: north_star\n",
        [
            '4:5 "metrics.a.event" is missing: write the name of an event',
            '4:5 "metrics.a.aggregate" is missing: write an aggregate such as conversion or mean',
            '4:5 "metrics.a.unit" is missing: write a unit such as user or account',
            '4:5 "metrics.a.goal" is missing: write a direction: increase or decrease',
        ],
    ),
    (
        "no role",
        tree(NORTH, OTHER.replace("role: supporting, ", "")),
        ['4:7 "metrics.b.role" is missing: write a role: north_star, supporting or guardrail'],
    ),
    (
        "a role that is none",
        tree(NORTH, OTHER.replace("supporting", "guardrial")),
        ['4:13 "metrics.b.role" must be one of north_star, supporting, guardrail, not "guardrial" '
         '(did you mean "guardrail"?)'],
    ),
    (
        "a unit that is none",
        tree(NORTH.replace("user", "acount")),
        [f'3:59 "metrics.a.unit" must be one of {UNITS}, not "acount" (did you mean "account"?)'],
    ),
    ("a unit is needed", tree(NORTH.replace("user", "")), [f'3:59 "metrics.a.unit" is empty: write one of {UNITS}']),
    (
        "an owner is not",
        tree(f"{NORTH}, owner: ''"),
        ['3:88 "metrics.a.owner" is empty: write a team or a person, or delete the line'],
    ),
    (
        "a goal",
        tree(NORTH.replace("increase", "up")),
        ['3:71 "metrics.a.goal" must be one of increase, decrease, not "up"'],
    ),
    (
        "an aggregate",
        tree(NORTH.replace("count", "average")),
        ['3:46 "metrics.a.aggregate" must be one of conversion, count, sum, mean, ratio, not "average"'],
    ),
    (
        "ratio without denominator",
        tree(NORTH.replace("count", "ratio")),
        ['3:7 "metrics.a.denominator" is missing: write the name of the event that a ratio is divided by'],
    ),
    (
        "a misspelt denominator is not also missing",
        tree(NORTH.replace("count", "ratio, denomniator: x")),
        ['3:53 unknown field "metrics.a.denomniator" (did you mean "denominator"?)'],
    ),
    (
        "denominator without ratio",
        tree(f"{NORTH}, denominator: x"),
        ['3:46 "metrics.a.aggregate" must be ratio where there is a denominator, not "count"'],
    ),
    (
        "denominator and an aggregate that is none",
        tree(f"{NORTH}, denominator: x".replace("count", "ratoi")),
        ['3:46 "metrics.a.aggregate" must be one of conversion, count, sum, mean, ratio, not "ratoi" '
         '(did you mean "ratio"?)'],
    ),
    (
        "guardrail without margin",
        tree(NORTH, GUARD),
        ['4:7 "metrics.b.margin" is missing: write how much worse a guardrail may get, like 5%'],
    ),
    *[
        (
            f"margin {margin}",
            tree(NORTH, f"{GUARD}, margin: {margin}"),
            [f'4:88 "metrics.b.margin" must be a percentage like 5% or a share like 0.05, not {shown}'],
        )
        for margin, shown in [
            ("5", "5"), ("0", "0"), ("0%", '"0%"'), ("-5%", '"-5%"'), ("five", '"five"'), ("[5%]", "a list"),
            ("true", "true"), ("5 %", '"5 %"'), ("1e3%", '"1e3%"'), ("1", "1"),
        ]
    ],
    *[
        (
            f"window {window}",
            tree(f"{NORTH}, window: {window}"),
            [f'3:89 "metrics.a.window" must be a time like 7d, 24h or 2w, not {shown}'],
        )
        for window, shown in [
            ("7", '"7"'), ("0d", '"0d"'), ("7 days", '"7 days"'), ("7m", '"7m"'), ("99999d", '"99999d"'),
            ("-7d", '"-7d"'), ("1.5d", '"1.5d"'), ("P7D", '"P7D"'), ("[7d]", "a list"),
        ]
    ],
    ("margin nan", tree(NORTH, f"{GUARD}, margin: .nan"), ['4:88 ".nan" is not a finite number']),
    (
        "a metric that is a word",
        "north_star: a\nmetrics: {a: order_completed}\n",
        ['2:14 "metrics.a" must be a mapping with role, event, aggregate, unit, goal and the like, '
         'not "order_completed"'],
    ),
    (
        "metrics as a list",
        "north_star: a\nmetrics:\n- a\n",
        ['3:1 "metrics" must be a mapping of name to metric, not a list'],
    ),
    ("no metrics", "north_star: a\n", ['1:1 "metrics" is missing: write a mapping of name to metric']),
    (
        "a blank name",
        f"north_star: a\nmetrics:\n  a: {{{NORTH}}}\n  ' ': {{{OTHER}}}\n",
        ['4:3 each name in "metrics" must be the name of a metric, of at most 200 characters, not " "'],
    ),
    (
        "a long name",
        f"north_star: a\nmetrics:\n  a: {{{NORTH}}}\n  {'b' * 201}: {{{OTHER}}}\n",
        [f'4:3 each name in "metrics" must be the name of a metric, of at most 200 characters, not "{"b" * 59}…"'],
    ),
    (
        "a list for a name",
        tree(NORTH, f"{OTHER}, drives: [a]"),
        ['4:89 "metrics.b.drives" must be the name of a metric, of at most 200 characters, not a list'],
    ),
    ("a list", "- a\n", [
        '1:1 a metric tree must be fields with values, such as "north_star: name-of-a-metric", not a list']),
    ("a word", "orders\n", [
        '1:1 a metric tree must be fields with values, such as "north_star: name-of-a-metric", not a single value']),
    (
        "shape and structure in one run",
        tree(NORTH, f"{OTHER}, drives: x, onwer: y", star="z"),
        [
            '1:13 "north_star" names no metric: "z" (did you mean "a"?)',
            '4:89 "metrics.b.drives" names no metric: "x"',
            '4:92 unknown field "metrics.b.onwer" (did you mean "owner"?)',
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in MALFORMED])
def test_what_is_malformed_is_named_where_it_stands(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


# --- what is wrong with the tree --------------------------------------------------------------------------------------

STRUCTURE: list[tuple[str, str, list[str]]] = [
    (
        "no north star",
        f"# ours\nmetrics:\n  a: {{{OTHER}}}\n",
        ['2:1 "north_star" is missing: write the name of a metric'],
    ),
    (
        "no north star, though one has the role",
        f"metrics:\n  a: {{{NORTH}}}\n",
        ['1:1 "north_star" is missing: write the name of a metric (write north_star: a)'],
    ),
    (
        "two metrics with the role",
        tree(NORTH, NORTH, OTHER),
        ['4:13 a tree has one north star, and it is "a"'],
    ),
    (
        "the one that is named counts",
        tree(NORTH, NORTH, star="b"),
        ['3:13 a tree has one north star, and it is "b"'],
    ),
    (
        "two with the role, and none is named",
        f"metrics:\n  a: {{{NORTH}}}\n  b: {{{NORTH}}}\n",
        [
            '1:1 "north_star" is missing: write the name of a metric',
            '3:13 a tree has one north star, and it is "a"',
        ],
    ),
    (
        "no such metric",
        tree(NORTH, OTHER, star="orders"),
        ['1:13 "north_star" names no metric: "orders" (did you mean "a"?)'],
    ),
    ("no metrics yet", "north_star: a\nmetrics: {}\n", ['1:13 "north_star" names no metric: "a"']),
    ("no such metric, and none like it", tree(OTHER, star="orders"), ['1:13 "north_star" names no metric: "orders"']),
    (
        "a north star with another role",
        tree(OTHER),
        ['1:13 "north_star" names "a", whose role is supporting (its role has to be north_star)'],
    ),
    (
        "another has the role",
        tree(OTHER, NORTH),
        ['1:13 "north_star" names "a", whose role is supporting (did you mean "b"?)'],
    ),
    (
        "drives what is not there",
        tree(NORTH, f"{OTHER}, drives: completed"),
        ['4:89 "metrics.b.drives" names no metric: "completed"'],
    ),
    (
        "drives what is nearly there",
        f"north_star: orders\nmetrics:\n  orders: {{{NORTH}}}\n  visits: {{{OTHER}, drives: order}}\n",
        ['4:94 "metrics.visits.drives" names no metric: "order" (did you mean "orders"?)'],
    ),
    (
        "drives itself",
        tree(NORTH, f"{OTHER}, drives: b"),
        ['4:89 this metric drives itself: "b" -> "b" (drop one of these)'],
    ),
    (
        "a circle is told once",
        tree(NORTH, f"{OTHER}, drives: c", f"{OTHER}, drives: d", f"{OTHER}, drives: b", f"{OTHER}, drives: c"),
        ['6:89 this metric drives itself: "b" -> "c" -> "d" -> "b" (drop one of these)'],
    ),
    (
        "two circles",
        tree(f"{NORTH}, drives: b", f"{OTHER}, drives: a", f"{OTHER}, drives: c"),
        [
            '4:89 this metric drives itself: "a" -> "b" -> "a" (drop one of these)',
            '5:89 this metric drives itself: "c" -> "c" (drop one of these)',
        ],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in STRUCTURE])
def test_what_is_no_tree_is_named_where_it_stands(text: str, expected: list[str]) -> None:
    assert problems(text) == expected


def test_only_the_first_wrong_names_are_compared_with_all_others() -> None:
    count = 600
    lines = [f"  metric_{number}: {{{OTHER}, drives: metrci_{number}}}" for number in range(count)]
    found = problems("\n".join(["north_star: metric_0", "metrics:", *lines]))
    assert len([each for each in found if "names no metric" in each]) == count
    assert len([each for each in found if "did you mean" in each]) == 20


# --- what is wrong with the YAML --------------------------------------------------------------------------------------

LAUGHS = "\n".join(
    ["a: &a [x, x, x, x, x, x, x, x, x]"]
    + [f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]" for n in range(9)]
)
HOSTILE: list[tuple[str, str | bytes, list[str]]] = [
    ("a field twice", "north_star: b\n" + tree(NORTH), ['2:1 the field "north_star" is there twice, first on line 1',
                                                      '1:13 "north_star" names no metric: "b" (did you mean "a"?)']),
    ("a metric twice", tree(NORTH, OTHER, OTHER).replace("  c:", "  b:"),
     ['5:3 the field "b" is there twice, first on line 4']),
    ("a tab", "north_star: a\nmetrics:\n\ta: b\n", ["3:1 a tab cannot indent YAML; use spaces"]),
    ("an open bracket", "north_star: a\nmetrics: {\n", ["2:11 expected a value here"]),
    ("broken off", tree(NORTH, f"{OTHER}, drives: x") + "  c: @\n",
     ["5:6 a value cannot begin with @ unless it is quoted"]),
    ("an unknown tag", tree(NORTH.replace("e,", "!x e,")), ['3:32 the tag "!x" means nothing here; delete it']),
    ("an alias of nothing", tree(NORTH, f"{OTHER}, drives: *top"),
     ['4:89 the alias "*top" names nothing that stands before it']),
    ("not UTF-8", b"north_star: Jo\xe9l\n", ["1:15 byte 0xe9 is not UTF-8; save it as UTF-8"]),
    ("UTF-16", "north_star: a\n".encode("utf-16"), ["1:1 the file is UTF-16; save it as UTF-8"]),
    ("an escape code", b"north_star: \x1b[31m\n", ["1:13 the character U+001B is not allowed in YAML; delete it"]),
    ("a large file", b"#" * (1024 * 1024 + 1), ["1:1 the file is larger than 1024 KiB; split it"]),
    ("deep", "metrics: " + "[" * 100_000, ["1:60 the document is nested more than 50 levels deep"]),
    ("a bomb of aliases", LAUGHS, [
        '1:1 unknown field "a" (known here: north_star, metrics)',
        '2:1 unknown field "b" (known here: north_star, metrics)',
        '3:1 unknown field "c" (known here: north_star, metrics)',
        '4:1 unknown field "d" (known here: north_star, metrics)',
        "5:8 the document has more than 10000 values, aliases written out",
    ]),
    ("two documents", tree(NORTH) + "---\nnorth_star: b\n", ["5:1 a metric tree is one document; join them"]),
    ("two documents, both broken", "metrics: [\n---\nb: ]\n",
     ["2:1 expected a value here", "3:1 a metric tree is one document; join them", "3:4 expected a value here"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in HOSTILE])
def test_what_is_hostile_is_named_where_it_stands(text: str | bytes, expected: list[str]) -> None:
    assert sorted(problems(text)) == sorted(expected)


# --- what is sound ----------------------------------------------------------------------------------------------------

SOUND: list[tuple[str, str | bytes]] = [
    ("complete", COMPLETE),
    ("least", tree(NORTH)),
    ("JSON", '{"north_star": "a", "metrics": {"a": {' + ", ".join(
        f'"{name}": "{value}"' for name, value in (pair.split(": ") for pair in NORTH.split(", "))) + "}}}"),
    ("a byte order mark and Windows line ends", b"\xef\xbb\xbf" + tree(NORTH).replace("\n", "\r\n").encode()),
    ("one document between marks", f"---\n{tree(NORTH)}---\n"),
    ("names in words and in other scripts", f"north_star: gute Käufe\nmetrics:\n  gute Käufe: {{{NORTH}}}\n"),
    ("a name with dots", f"north_star: a.b\nmetrics:\n  a.b: {{{NORTH}}}\n  a: {{{OTHER}, drives: a.b}}\n"),
    ("names that YAML 1.1 takes for booleans", f"north_star: on\nmetrics:\n  on: {{{NORTH}}}\n"),
    ("a supporting metric with a margin", tree(NORTH, f"{OTHER}, margin: 5%")),
    ("a guardrail that drives nothing", tree(NORTH, f"{GUARD}, margin: 5%")),
    ("branches that meet", tree(NORTH, f"{OTHER}, drives: a", f"{OTHER}, drives: a", f"{OTHER}, drives: b")),
    ("what comes first may drive what comes later", tree(f"{OTHER}, drives: b", NORTH, star="b")),
    ("merged fields", f"north_star: a\nmetrics:\n  a: &top {{{NORTH}}}\n  b: {{<<: *top, role: supporting}}\n"),
]  # fmt: skip


@pytest.mark.parametrize("text", [pytest.param(case[1], id=case[0]) for case in SOUND])
def test_what_is_sound_is_not_reported(text: str | bytes) -> None:
    assert problems(text) == []
    assert read_metrics("m.yaml", text if isinstance(text, bytes) else text.encode()).tree is not None


@pytest.mark.parametrize("text", ["", "\n", "# later\n", "---\n---\n", "\ufeff", "metrics: {}\n"])
def test_an_empty_file_is_no_tree(text: str) -> None:
    assert read_metrics("m.yaml", text.encode()) == Metrics(files=("m.yaml",))


# --- the schema -------------------------------------------------------------------------------------------------------


def test_the_schema_has_every_field_of_a_metric_and_no_other() -> None:
    derived = {"name", "first", "places"}
    [metric] = [metrics_schema()["properties"]["metrics"]["additionalProperties"]]
    assert set(metric["properties"]) == {field.name for field in fields(Metric)} - derived


@pytest.mark.parametrize(
    ("text", "is_valid"),
    [
        *((case[1], True) for case in SOUND[:2]),
        (tree(f"{NORTH}, onwer: x"), False),
        (tree(NORTH, GUARD), False),
        (tree(NORTH.replace("count", "ratio")), False),
        (tree(f"{NORTH}, denominator: x"), False),
        (tree(f"{NORTH}, window: 7"), False),
        ("north_star: a\n", False),
    ],
)
def test_other_tools_judge_shape_alike(text: str | bytes, is_valid: bool, tmp_path: Path) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    command = [sys.executable, "-m", "check_jsonschema", "--schemafile", str(SCHEMA), str(file)]
    assert (subprocess.run(command, capture_output=True, check=False).returncode == 0) is is_valid
    assert (problems(text) == []) is is_valid


# --- files ------------------------------------------------------------------------------------------------------------


def load(root: Path, files: Mapping[str, str], definitions: tuple[str, ...] | None = None) -> Metrics:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    config = find_config(root) if definitions is None else Config(root, definitions=definitions)
    return load_metrics(config, load_definitions(config).files)


@pytest.mark.parametrize(
    ("definitions", "files"),
    [
        (("flags",), ["flags/metrics.yaml"]),
        (("flags",), ["flags/metrics.yml"]),
        (("flags/a.yaml",), ["flags/metrics.yaml"]),
        (("flags/*.yaml",), ["flags/metrics.yaml"]),
        (("*/a.yaml", "x"), ["flags/metrics.yaml", "x/metrics.yaml"]),
        (("**/flags",), ["flags/metrics.yaml"]),
    ],
)
def test_the_tree_lies_beside_the_definitions(tmp_path: Path, definitions: tuple[str, ...], files: list[str]) -> None:
    trees = dict.fromkeys(files, f"metrics:\n  a: {{{OTHER}}}\n")
    found = load(tmp_path, {"flags/a.yaml": "key: a\n", "elsewhere/metrics.yaml": "no\n", **trees}, definitions)
    assert list(found.files) == files


@pytest.mark.parametrize("path", ["flags/x/metrics.yaml", "flags/archive/metrics.yaml", "metrics.yaml"])
def test_what_is_a_definition_or_a_tombstone_is_no_tree(tmp_path: Path, path: str) -> None:
    assert load(tmp_path, {"flags/a.yaml": "key: a\n", path: "key: metrics\n"}) == Metrics()


def test_a_link_to_the_tree_of_another_part_is_the_same_tree(tmp_path: Path) -> None:
    (tmp_path / "b/flags").mkdir(parents=True)
    (tmp_path / "b/flags/metrics.yaml").symlink_to(tmp_path / "flags/metrics.yaml")
    files = {"b/flagctl.toml": "", "flags/a.yaml": "key: a\n", "flags/metrics.yaml": tree(NORTH)}
    found = load(tmp_path, {"flagctl.toml": "", **files})
    assert (found.files, found.problems) == (("flags/metrics.yaml",), ())


def test_a_link_that_leads_out_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(tree(NORTH))
    (tmp_path / "root/flags").mkdir(parents=True)
    (tmp_path / "root/flags/metrics.yaml").symlink_to(tmp_path / "outside.yaml")
    assert load(tmp_path / "root", {"flags/a.yaml": "key: a\n"}) == Metrics()


@pytest.mark.parametrize("kind", ["folder", "pipe", "loop"])
def test_what_cannot_be_read_is_a_problem(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "flags/metrics.yaml"
    path.parent.mkdir()
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(path)
    found = load(tmp_path, {"flags/a.yaml": "key: a\n"})
    [problem] = found.problems
    assert problem.location == Location("flags/metrics.yaml")
    said = "the file cannot be read: " if kind == "loop" else "this is not a file; rename it or move it out of the "
    assert problem.message.startswith(said)


# --- parts ------------------------------------------------------------------------------------------------------------


def of_parts(root: Path, one: str, other: str) -> tuple[Metrics, list[str]]:
    """What the trees of two parts make up, and what is wrong with it."""
    flags = {"flags/a.yaml": "key: a\n", "b/flags/b.yaml": "key: b\n", "b/flagctl.toml": "", "flagctl.toml": ""}
    found = load(root, {**flags, "flags/metrics.yaml": one, "b/flags/metrics.yaml": other})
    return found, [f"{problem.location.path}:{in_words(problem)}" for problem in found.problems]


def test_the_trees_of_parts_are_one(tmp_path: Path) -> None:
    other = f"metrics:\n  x: {{{OTHER}, drives: a}}\n"
    found, said = of_parts(tmp_path, tree(NORTH, f"{OTHER}, drives: x"), other)
    assert said == []
    assert found.tree is not None
    assert (found.tree.north_star, set(found.tree.metrics)) == ("a", {"a", "b", "x"})
    assert found.tree.metrics["x"].first.path == "b/flags/metrics.yaml"


ELSEWHERE: list[tuple[str, str, str, list[str]]] = [
    ("both may name the north star", tree(NORTH), f"north_star: a\nmetrics:\n  x: {{{OTHER}}}\n", []),
    ("one may be empty", tree(NORTH), "# later\n", []),
    (
        "a name in both",
        tree(NORTH, OTHER),
        f"metrics:\n  b: {{{OTHER}}}\n",
        ['flags/metrics.yaml:4:3 the metric "b" is there twice, first in b/flags/metrics.yaml:2'],
    ),
    (
        "two north stars",
        tree(NORTH),
        f"north_star: x\nmetrics:\n  x: {{{NORTH}}}\n",
        [
            "flags/metrics.yaml:1:13 a tree has one north star, and b/flags/metrics.yaml:1 names it",
            'flags/metrics.yaml:3:13 a tree has one north star, and it is "x"',
        ],
    ),
    (
        "a north star that is no name",
        tree(NORTH),
        f"north_star: []\nmetrics:\n  x: {{{OTHER}}}\n",
        [
            'b/flags/metrics.yaml:1:13 "north_star" must be the name of a metric, of at most 200 characters, '
            "not an empty list"
        ],
    ),
    (
        "no north star",
        f"metrics:\n  a: {{{OTHER}}}\n",
        f"metrics:\n  x: {{{OTHER}}}\n",
        ['b/flags/metrics.yaml:1:1 "north_star" is missing: write the name of a metric'],
    ),
    (
        "a circle through both",
        tree(f"{NORTH}, drives: x"),
        f"metrics:\n  x: {{{OTHER}, drives: a}}\n",
        ['flags/metrics.yaml:3:89 this metric drives itself: "x" -> "a" -> "x" (drop one of these)'],
    ),
    (
        "what one cannot be read to say is not missing",
        tree(NORTH, f"{OTHER}, drives: x"),
        "metrics: [\n",
        ["b/flags/metrics.yaml:1:11 expected a value here"],
    ),
]


@pytest.mark.parametrize(("one", "other", "expected"), [pytest.param(*case[1:], id=case[0]) for case in ELSEWHERE])
def test_the_trees_of_parts_have_to_fit(tmp_path: Path, one: str, other: str, expected: list[str]) -> None:
    found, said = of_parts(tmp_path, one, other)
    assert said == expected
    assert (found.tree is None) is bool(expected)


# --- what a cache knows -----------------------------------------------------------------------------------------------


def test_what_a_cache_knows_to_be_valid(tmp_path: Path) -> None:
    files = {"flags/a.yaml": "key: a\n", "flags/metrics.yaml": tree(NORTH)}
    plain = load(tmp_path, files)
    config, cache_file = find_config(tmp_path), tmp_path / "cache.sqlite"
    for _ in "ab":
        assert load_metrics(config, ["flags/a.yaml"], Cache(cache_file)) == plain
    broken = load(tmp_path, {"flags/metrics.yaml": tree(NORTH, GUARD)})
    for _ in "ab":
        assert load_metrics(config, ["flags/a.yaml"], Cache(cache_file)) == broken
    assert len(broken.problems) == 1


# --- anything at all --------------------------------------------------------------------------------------------------

WORDS = [
    "north_star: a",
    "metrics:",
    "  a: ",
    f"  a: {{{NORTH}}}",
    f"  b: {{{OTHER}, drives: a}}",
    "drives: b",
    "role: ",
]
MARKS = ["[", "]", "{", "}", ",", "- ", "? ", ": ", "'", '"', "\\", "#", "%", "@", "~", "!t ", "!!str ", "!!int ", "5%"]
SPACE = [
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    "\t",
    "  ",
    "---\n",
    "\n---\n",
    "...\n",
    ">\n",
    "|\n  x\n",
    "\x00",
    "\ufeff",
    "é",
    "🎉",
]
OTHERS = [
    "&x ",
    "*x",
    "<<: *x",
    "<<: ",
    " # flagctl: ignore[X] y",
    "metrics: []",
    "metrics: {a: 1}",
    "north_star: [a]",
    ".nan",
]
fragments = st.sampled_from([*WORDS, *MARKS, *SPACE, *OTHERS])


def is_sane(data: bytes) -> bool:
    """Reads whatever it is, and every location lies within it."""
    found = read_metrics("flags/metrics.yaml", data)
    text = data.decode("utf-8-sig", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    locations = [problem.location for problem in found.problems] + [each.location for each in found.suppressions]
    for metric in found.tree.metrics.values() if found.tree else ():
        locations += [metric.first, *metric.places.values()]
    assert found.tree is None or not found.problems
    assert all("\n" not in problem.message + (problem.hint or "") for problem in found.problems)
    assert list(found.problems) == sorted(found.problems, key=lambda problem: problem.location)
    for place in locations:
        assert (1, 1) <= (place.line, place.column) <= (place.end_line, place.end_column)
        assert place.end_line <= len(lines)
        assert place.column <= len(lines[place.line - 1]) + 1
    return True


@given(st.lists(fragments, max_size=40).map("".join))
@settings(max_examples=400, deadline=None)
def test_fragments_of_yaml_never_break_the_reader(text: str) -> None:
    assert is_sane(text.encode())


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_bytes_never_break_the_reader(data: bytes) -> None:
    assert is_sane(data)


@given(st.integers(0, len(COMPLETE)), st.integers(0, 30), fragments)
@settings(max_examples=400, deadline=None)
def test_a_damaged_tree_never_breaks_the_reader(start: int, length: int, inserted: str) -> None:
    assert is_sane(COMPLETE[:start] + inserted.encode() + COMPLETE[start + length :])


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "b", "north_star", "5%", "ratio"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
NAMES = st.sampled_from(list(metrics_schema()["properties"]["metrics"]["additionalProperties"]["properties"]))


@given(VALUES, st.dictionaries(st.sampled_from("abc"), st.dictionaries(NAMES, VALUES, max_size=9) | VALUES, max_size=3))
@settings(max_examples=300, deadline=None)
def test_fields_of_any_type_never_break_the_reader(north_star: object, metrics: object) -> None:
    assert is_sane(json.dumps({"north_star": north_star, "metrics": metrics}).encode())
