"""The baseline: what it hides, what becomes of its entries, how it is written, and what is no baseline."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from flagctl import pipeline
from flagctl.baseline import Baseline, Entry, baseline_text, read_baseline
from flagctl.config import find_config
from flagctl.model import InputError
from flagctl.report import Report
from flagctl.rules import EXAMPLE_TODAY

Write = Callable[[Mapping[str, str | bytes]], Path]

SCHEMA = json.loads((Path(__file__).parents[1] / "schemas/baseline.v1.schema.json").read_text())
NAME = "flagctl-baseline.json"
OWNED = 'owner: "@acme/payments"\n'
HELPER = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n'
PROJECT = {
    "flags/a.yaml": "key: a-b\n",
    "flags/b.yaml": "key: c-d\n",
    "flagctl.toml": HELPER,
    "shop.py": 'def page(request):\n    return request.feature("nope")\n',
}
RULES = ("FLG003", "FLG201", "FLG901")


def audit(root: Path, *select: str, old: Baseline | None = None, paths: tuple[str, ...] = ()) -> Report:
    request = pipeline.Request(EXAMPLE_TODAY, select or RULES, paths=paths, baseline=old or Baseline())
    return pipeline.audit(find_config(root), request, lambda done, total: None)


def taken(root: Path, *select: str) -> Baseline:
    """What is found now, written and read again."""
    report = audit(root, *select)
    entries = [Entry.of(each, report.fingerprints[each]) for each in report.findings]
    (root / NAME).write_text(baseline_text(entries))
    return read_baseline(root, NAME)


def found(report: Report) -> list[str]:
    """`FLG003 flags/a.yaml:1`, sorted."""
    return sorted(f"{each.code} {each.location.path}:{each.location.line}" for each in report.findings)


def test_of_findings_that_are_alike_the_one_that_was_there_is_hidden(write: Write) -> None:
    root = write(PROJECT)
    old = taken(root)
    write({"a_new_one.py": PROJECT["shop.py"]})
    assert found(audit(root, old=old)) == ["FLG201 a_new_one.py:2"]
    assert found(audit(root, old=old, paths=("shop.py",))) == []
    (root / "shop.py").write_text("")
    assert found(audit(root, old=old)) == []  # moved, as far as anybody can tell


def test_another_problem_at_the_same_place_is_reported(write: Write) -> None:
    tree = "north_star: o\nmetrics:\n  o: {role: north_star, unit: user, goal: increase%s}\n"
    root = write({**PROJECT, "flags/metrics.yaml": tree % ", aggregate: count"})
    old = taken(root, "FLG001")
    assert [entry.code for entry, _ in old.entries.values()] == ["FLG001"]
    assert found(audit(root, "FLG001", old=old)) == []
    write({"flags/metrics.yaml": tree % ", event: x"})
    assert found(audit(root, "FLG001", "FLG901", old=old)) == ["FLG001 flags/metrics.yaml:3", f"FLG901 {NAME}:4"]


# --- what it hides ----------------------------------------------------------------------------------------------------


def test_what_it_has_is_not_reported(write: Write) -> None:
    root = write(PROJECT)
    old = taken(root)
    assert [entry.code for entry, _ in old.entries.values()] == ["FLG003", "FLG003", "FLG201"]
    report = audit(root, old=old)
    assert (report.findings, report.baselined, len(report.hidden)) == ((), 3, 3)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"flags/a.yaml": "# more\n\nkey: a-b\n"}, id="lines above"),
        pytest.param({"flags/a.yaml": "key:   a-b   # a comment\ndescription: Two words\n"}, id="layout"),
        pytest.param(
            {"shop.py": 'def page(request):\n    return request.feature(\n        "nope",\n    )\n'}, id="formatter"
        ),
        pytest.param({"shop.py": PROJECT["shop.py"].replace('"', "'")}, id="quotes"),
        pytest.param(
            {"shop.py": 'def page(request):\n    return request.feature(\n        "nope",  # why\n    )\n'},
            id="comment inside",
        ),
        pytest.param({"flags/a.yaml": "description: Two words\n'key': a-b\n"}, id="another first field"),
        pytest.param({"shop.py": "", "cart/shop.py": PROJECT["shop.py"]}, id="renamed file"),
        pytest.param({"flags/a.yaml": "key: c-d\n", "flags/b.yaml": "key: a-b\n"}, id="swapped files"),
    ],
)
def test_what_does_not_concern_a_finding_changes_nothing(write: Write, changes: Mapping[str, str]) -> None:
    root = write(PROJECT)
    old = taken(root)
    report = audit(write(changes), old=old)
    assert (report.findings, report.baselined) == ((), 3)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        pytest.param({"flags/c.yaml": "key: e-f\n"}, ["FLG003 flags/c.yaml:1"], id="another flag"),
        pytest.param(
            {"more.py": 'def cart(request):\n    return request.feature("nope")\n'},
            ["FLG201 more.py:2"],
            id="in another",
        ),
        pytest.param({"shop.py": PROJECT["shop.py"] * 2}, ["FLG201 shop.py:4"], id="once more of the same"),
    ],
)
def test_what_is_new_is_reported(write: Write, changes: Mapping[str, str], left: list[str]) -> None:
    root = write(PROJECT)
    old = taken(root)
    report = audit(write(changes), old=old)
    assert (found(report), report.baselined) == (left, 3)


def test_a_day_that_passes_changes_nothing(write: Write) -> None:
    root = write({**PROJECT, "flags/a.yaml": f"key: a-b\nexpires: 2026-06-01\n{OWNED}"})
    old = taken(root, "FLG101", "FLG901")
    request = pipeline.Request(EXAMPLE_TODAY.replace(year=2028), ("FLG101", "FLG901"), baseline=old)
    report = pipeline.audit(find_config(root), request, lambda done, total: None)
    assert (report.findings, report.baselined) == ((), 1)


def test_paths_limit_what_is_counted(write: Write) -> None:
    root = write(PROJECT)
    old = taken(root)
    assert audit(root, old=old, paths=("flags/a.yaml",)).baselined == 1
    write({"flags/b.yaml": "key: c-d\n" + OWNED})
    assert found(audit(root, old=old, paths=("flags",))) == []
    assert found(audit(root, old=old, paths=(NAME,))) == [f"FLG901 {NAME}:5"]


def test_validate_knows_the_same_findings(write: Write) -> None:
    root = write(PROJECT)
    request = pipeline.Request(EXAMPLE_TODAY, ("FLG003", "FLG901"), baseline=taken(root))
    report = pipeline.validate(find_config(root), request)
    assert (report.findings, report.baselined) == ((), 2)


def test_one_for_all_parts(write: Write) -> None:
    root = write({**PROJECT, "mail/flagctl.toml": "", "mail/flags/x.yaml": "key: x-y\n"})
    old = taken(root)
    assert [entry.path for entry, _ in old.entries.values()][2] == "mail/flags/x.yaml"
    assert audit(root, old=old).findings == ()


@pytest.mark.parametrize(("name", "configured"), [(NAME, ""), ("old.json", 'baseline = "old.json"\n')])
def test_it_is_no_source(write: Write, name: str, configured: str) -> None:
    """Or every flag in it would be mentioned."""
    root = write({**PROJECT, "flagctl.toml": configured + HELPER, "more.json": "{}"})
    before = audit(root, "ALL")
    taken(root, "ALL")
    (root / NAME).rename(root / name)
    after = audit(root, "ALL")
    assert (after.findings, after.references) == (before.findings, before.references)
    (root / name).rename(root / "more.json")  # nor is one that is not in use
    assert audit(root, "ALL").references == before.references
    (root / "more.json").write_text('["a-b"]')
    assert audit(root, "ALL").references != before.references


# --- what became of its entries ---------------------------------------------------------------------------------------

HIDDEN = "key: a-b  # flagctl: ignore[FLG003] adopting\n"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param({"flags/a.yaml": "key: a-b\n" + OWNED}, "FLG003 missing-owner of a-b is mended", id="mended"),
        pytest.param({"flags/a.yaml": "key: a-x\n" + OWNED}, "FLG003 missing-owner of a-b is mended", id="gone"),
        pytest.param({"flags/a.yaml": HIDDEN}, "FLG003 missing-owner of a-b is ignored by a comment", id="ignored"),
    ],
)
def test_stale(write: Write, changes: Mapping[str, str], message: str) -> None:
    root = write(PROJECT)
    old = taken(root)
    [finding] = audit(write(changes), old=old).findings
    assert (finding.code, finding.flag) == ("FLG901", None)
    assert finding.message == f"this entry hides nothing: {message}"
    assert finding.hint == "run `flagctl audit --write-baseline`, or delete the entry"
    place = finding.location
    line = (root / NAME).read_text().splitlines()[place.line - 1]
    assert json.loads(line[place.column - 1 : place.end_column - 1])["flag"] == "a-b"


@pytest.mark.parametrize(
    ("changes", "select"),
    [
        pytest.param({"flags/a.yaml": "key: a-b\n" + OWNED}, ("FLG201", "FLG901"), id="the rule does not run"),
        pytest.param({"flags/a.yaml": "key: a-b\n" + OWNED}, ("FLG003", "FLG201"), id="nor does FLG901"),
        pytest.param({"flags/a.yaml": "key: a-b\nowner: [1]\n"}, RULES, id="passed over"),
        pytest.param({"flags/a.yaml": "key: a-b\n: {\n"}, RULES, id="a syntax error"),
    ],
)
def test_not_stale(write: Write, changes: Mapping[str, str], select: tuple[str, ...]) -> None:
    root = write(PROJECT)
    old = taken(root)
    assert audit(write(changes), *select, old=old).findings == ()


def test_a_rule_that_a_part_ignores_did_not_run_there(write: Write) -> None:
    configured = HELPER + f"[rules]\nselect = {list(RULES)}\n"
    root = write({**PROJECT, "flagctl.toml": configured, "mail/flagctl.toml": "", "mail/flags/x.yaml": "key: x-y\n"})
    old = taken(root)
    write({"mail/flagctl.toml": '[rules]\nignore = ["FLG003"]\n'})
    request = pipeline.Request(EXAMPLE_TODAY, baseline=old)
    assert pipeline.audit(find_config(root), request, lambda done, total: None).findings == ()


def test_an_idle_comment_may_be_in_it(write: Write) -> None:
    root = write({**PROJECT, "flags/a.yaml": f"key: a-b  # flagctl: ignore[FLG201] moved\n{OWNED}"})
    old = taken(root)
    assert audit(root, old=old).findings == ()
    write({"flags/a.yaml": "key: a-b\n" + OWNED})
    assert [each.message for each in audit(root, old=old).findings] == [
        "this entry hides nothing: FLG901 unused-suppression in flags/a.yaml is mended"
    ]


# --- the file ---------------------------------------------------------------------------------------------------------

texts = st.text(max_size=20)
entries = st.builds(
    Entry,
    fingerprint=st.text("0123456789abcdef", min_size=32, max_size=32),
    code=st.from_regex(r"FLG[0-9]{3}", fullmatch=True),
    name=texts,
    flag=st.none() | texts,
    path=st.text(min_size=1, max_size=20),
)


@given(st.lists(entries, unique_by=lambda each: each.fingerprint))
def test_what_is_written_is_read(written: list[Entry]) -> None:
    text = baseline_text(written)
    Draft202012Validator(SCHEMA).validate(json.loads(text))
    assert text.isascii()
    assert text == baseline_text(reversed(written))
    with tempfile.TemporaryDirectory() as folder:
        for shape in (text, text.replace("\n", "\r\n"), "\ufeff" + text, json.dumps(json.loads(text), indent=1)):
            Path(folder, NAME).write_text(shape, newline="")
            read = read_baseline(Path(folder), NAME)
            assert {entry for entry, _ in read.entries.values()} == set(written)


def test_one_entry_a_line_without_numbers_and_messages(write: Write) -> None:
    root = write(PROJECT)
    taken(root)
    lines = (root / NAME).read_text().splitlines()
    assert [lines[0], lines[1], lines[2], *lines[-2:]] == ["{", '  "version": 1,', '  "findings": [', "  ]", "}"]
    for line in lines[3:-2]:
        assert set(json.loads(line.rstrip(","))) == {"fingerprint", "code", "name", "flag", "path"}


def test_of_nothing(write: Write) -> None:
    root = write({NAME: baseline_text([])})
    assert read_baseline(root, NAME) == Baseline()
    assert not read_baseline(root, NAME)


def entry(**changes: Any) -> str:
    whole = {"fingerprint": "0" * 32, "code": "FLG003", "name": "missing-owner", "flag": "a-b", "path": "flags/a.yaml"}
    return json.dumps({name: value for name, value in {**whole, **changes}.items() if value is not ...})


def document(*lines: str) -> str:
    return '{\n  "version": 1,\n  "findings": [\n' + "".join(f"    {line}\n" for line in lines) + "  ]\n}\n"


ANEW = "delete the file and run `flagctl audit --write-baseline`"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(
            None,
            ": there is no such baseline; `flagctl audit --baseline flagctl-baseline.json --write-baseline` writes it",
            id="not there",
        ),
        pytest.param("", ":1:1: this is not JSON: Expecting value", id="empty"),
        pytest.param('{"version": 1,\n "findings": [}\n', ":2:15: this is not JSON", id="syntax"),
        pytest.param(document(entry(), entry(fingerprint="1" * 32)), ":5:5: this is not JSON", id="no comma"),
        pytest.param(
            document("<<<<<<< HEAD", entry() + ",", "=======", ">>>>>>> main").replace("    <", "<"),
            ":4:1: git left a merge conflict here; take both sides, or ",
            id="conflict",
        ),
        pytest.param(
            document(entry() + ",", entry()), ":5:5: this entry is there twice, first on line 4; delete one", id="twice"
        ),
        pytest.param(b'{"version": 1,\n "x": "\xff"}', ":2:8: byte 0xff is not UTF-8; save the file", id="UTF-8"),
        pytest.param('{"version": 1}'.encode("utf-16"), ":1:1: byte 0xff is not UTF-8", id="UTF-16"),
        pytest.param("[]", ':1:1: this is no baseline: it has no "version"', id="a list"),
        pytest.param("\n\n 12", ':3:2: this is no baseline: it has no "version"', id="a number"),
        pytest.param('{"findings": []}', ':1:1: this is no baseline: it has no "version"', id="no version"),
        pytest.param('{\n"version": 2}', ":2:12: the baseline is not of version 1; update flagctl", id="newer"),
        pytest.param('{"version": true, "findings": []}', ":1:13: the baseline is not of version 1", id="no number"),
        pytest.param('{"version": 1}', ':1:1: a baseline has a list called "findings"', id="no list"),
        pytest.param(
            '{"version": 1, "findings": {}}', ':1:28: a baseline has a list called "findings"', id="no list 2"
        ),
        pytest.param(document("7"), ":4:5: this is no entry of a baseline", id="no entry"),
        pytest.param(document(entry(fingerprint="1")), ':4:5: the "fingerprint" of this entry is', id="fingerprint"),
        pytest.param(document(entry(fingerprint=...)), ':4:5: the "fingerprint" of this entry is', id="without one"),
        pytest.param(document(entry(code="E501")), ':4:5: the "code" of this entry is missing or wrong', id="code"),
        pytest.param(document(entry(path="")), ':4:5: the "path" of this entry is missing or wrong', id="path"),
        pytest.param(document(entry(flag=3)), ':4:5: the "flag" of this entry is no text', id="flag"),
        pytest.param("[" * 100_000, ":1:1: this is no baseline", id="deep"),
        pytest.param('{"version": ' + "1" * 5000 + "}", ":1:1: this is no baseline", id="digits"),
    ],
)
def test_what_is_no_baseline_is_refused_in_one_line(write: Write, content: str | bytes | None, message: str) -> None:
    root = write({})
    if content is not None:
        (root / NAME).write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(InputError) as caught:
        read_baseline(root, NAME)
    assert str(caught.value).startswith(f"{NAME}{message}")
    assert "\n" not in str(caught.value)
    assert "--write-baseline" in str(caught.value) or "delete one" in str(caught.value)


def test_a_folder_is_no_baseline(write: Write) -> None:
    with pytest.raises(InputError, match="flags: is no file; a baseline is one that"):
        read_baseline(write(PROJECT), "flags")


@pytest.mark.parametrize("extra", [{"message": "x"}, {"name": ...}, {"flag": None}, {"code": "FLG999"}])
def test_what_another_version_may_have_written_is_read(write: Write, extra: dict[str, Any]) -> None:
    root = write({NAME: document(entry(**extra)).replace("{\n", '{\n"more": [1],\n', 1)})
    assert len(read_baseline(root, NAME).entries) == 1
