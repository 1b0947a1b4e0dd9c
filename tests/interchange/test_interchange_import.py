"""flagd, OpenFeature and our own format are read; whatever is read, nothing is overwritten, broken or run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from exchange import TODAY, Write, flags, imported, official, one, plain

from flagctl.config import find_config
from flagctl.definitions import load_definitions
from flagctl.model import InputError
from flagctl.pipeline.interchange import Terms, take_over

# --- flagd ------------------------------------------------------------------------------------------------------------


def of_flagd(**changes: Any) -> dict[str, Any]:
    entry = {"state": "ENABLED", "variants": {"on": True, "off": False}, "defaultVariant": "off", **changes}
    return {"flags": {"x": {name: value for name, value in entry.items() if value is not None}}}


ROLLED_OUT = {"fractional": [["on", 25], ["off", 75]]}
THIRD = {"percent": 33.333333, "serve": "on"}
COLOURS = {"red": "#f00", "blue": "#00f"}


RULES: list[dict[str, Any]] = [
    {"if": [{"==": [{"var": "country"}, "CH"]}, "on", "off"]},
    {"if": [True, ROLLED_OUT, "off"]},
    {"fractional": [["on", {"-": [9, 1]}], ["off", 1]]},
    {"fractional": [[ROLLED_OUT, 1], ["off", 1]]},
    {"fractional": [["nothing", 1], ["off", 1]]},
    {"fractional": [["on", 0]]},
    {"fractional": []},
    {"$ref": "shared"},
]


@pytest.mark.parametrize(
    ("changes", "served"),
    [
        ({}, {"percent": 0, "serve": "on"}),
        ({"defaultVariant": "on", "targeting": {}}, {"percent": 100, "serve": "on"}),
        ({"targeting": ROLLED_OUT}, {"percent": 25, "serve": "on"}),
        ({"targeting": {"fractional": [{"var": "email"}, ["on", 1], ["off", 2]]}}, THIRD),
        ({"targeting": {"fractional": [["on"], [None]]}}, {"percent": 50, "serve": "on"}),
        ({"targeting": {"fractional": [["on", 1]]}}, {"percent": 100, "serve": "on"}),
        ({"targeting": {"fractional": [["on", 0], ["off", 9]]}}, {"percent": 0, "serve": "on"}),
        (
            {"variants": COLOURS, "defaultVariant": "red", "targeting": {"fractional": [["red", 9], ["blue", 1]]}},
            {"percent": 10, "serve": "blue"},
        ),
        ({"variants": {"true": True, "false": False}, "defaultVariant": "true"}, {"percent": 100, "serve": "on"}),
        ({"variants": {"true": True, "false": False}, "defaultVariant": "false",
          "targeting": {"fractional": [[True, 1], [False, 1]]}}, {"percent": 50, "serve": "on"}),
        ({"state": "DISABLED"}, "is DISABLED: what is served is not known, and code gets its own default"),
        ({"defaultVariant": None}, "has no default variant: code gets its own default"),
        (
            {"variants": {**COLOURS, "green": "#0f0"}, "defaultVariant": "green",
             "targeting": {"fractional": [["red", 9], ["blue", 1]]}},
            "is served by weights, which are not one percentage: red 90%, blue 10%",
        ),
        *(
            ({"targeting": targeting}, "targeting rules are not carried over, and so nothing says what is served")
            for targeting in RULES
        ),
    ],
)  # fmt: skip
def test_what_flagd_serves(write: Write, changes: dict[str, Any], served: Any) -> None:
    fields, notes = one(write({"README.md": "-"}), "flagd", of_flagd(**changes))
    if isinstance(served, str):
        assert "rollout" not in fields
        assert notes == [served]
    else:
        assert fields["rollout"]["environments"] == {"production": served}
        is_bucketed = "var" in json.dumps(changes.get("targeting", ""))
        assert notes == (["how users are put into buckets is not carried over"] if is_bucketed else [])


def test_example_of_flagd(write: Write) -> None:
    root = write({"README.md": "-"})
    found = imported(root, "flagd", official("flagd-example.json"), environment="live")
    got = flags(root)
    assert set(got) == set(official("flagd-example.json")["flags"])
    assert plain(got["myFloatFlag"])["variants"] == {"one": 1.23, "two": 2.34}
    assert plain(got["myBoolFlag"])["rollout"]["environments"] == {"live": {"percent": 100, "serve": "on"}}
    assert found.notes == ["shared targeting rules ($evaluators) are not carried over"]


def test_metadata(write: Write) -> None:
    own = {"owner": "me", "created": "yesterday", "type": "Release", "aliases": "a-b a_b", "team": "x", "reason": 3}
    document = {
        "metadata": {"flagSetId": "sso", "owner": "everybody", "impact": "trust", "version": "1"},
        "flags": [{"key": "x", "state": "DISABLED", "variants": {"on": True, "off": False}, "metadata": own}],
    }
    root = write({"README.md": "-"})
    found = imported(root, "flagd", document)
    assert plain(flags(root)["x"]) == {
        "owner": "me",
        "impact": "trust",
        "aliases": ["a-b", "a_b"],
        "adopted": "2026-06-15",
    }
    assert found.written["flags/x.yaml"] == [
        "metadata is not carried over: team, reason",
        "is DISABLED: what is served is not known, and code gets its own default",
        'created is not carried over: "created" must be a date like 2026-05-01, not "yesterday"',
        'type is not carried over: "type" must be one of release, experiment, ops, permission, not "Release"',
    ]
    assert found.notes == ["metadata of the set is not carried over: flagSetId, version"]


def test_flagd_in_yaml(write: Write) -> None:
    yaml = """
        flags:
          x:
            state: ENABLED
            variants: {"on": true, "off": false}
            defaultVariant: "on"
    """
    root = write({"flags.flagd.yaml": yaml})
    take_over(find_config(root), "flagd", root / "flags.flagd.yaml", Terms(None, None, TODAY))
    assert plain(flags(root)["x"])["rollout"]["environments"] == {"production": {"percent": 100, "serve": "on"}}
    (root / "flags.flagd.yaml").write_text("flags:\n  x: [\n")
    with pytest.raises(InputError, match=r"flags\.flagd\.yaml:2:7: expected a value here"):
        take_over(find_config(root), "flagd", root / "flags.flagd.yaml", Terms(None, None, TODAY))


# --- OpenFeature ------------------------------------------------------------------------------------------------------


def test_manifest_of_openfeature(write: Write) -> None:
    root = write({"README.md": "-"})
    found = imported(root, "openfeature", official("sample-manifest.json"))
    got = {key: plain(flag) for key, flag in flags(root).items()}
    assert got["enableFeatureA"] == {
        "description": "Controls whether Feature A is enabled.",
        "adopted": "2026-06-15",
        "on_failure": "fail-closed",
    }
    assert got["discountPercentage"]["variants"] == {"default": 0.15}
    assert got["themeCustomization"]["variants"]["default"]["primaryColor"] == "#007bff"
    assert found.written["flags/usernameMaxLength.yaml"] == ["only the default is known of its variants"]
    assert found.notes == ["type, owner, dates and what is served are not in a manifest"]


def test_manifest_as_a_list(write: Write) -> None:
    document = {"flags": [{"key": "x", "type": "boolean", "defaultValue": True}]}
    fields, _ = one(write({"README.md": "-"}), "openfeature", document)
    assert fields == {"adopted": "2026-06-15", "on_failure": "fail-open"}


# --- wrong and hostile ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("flagd", "", r"given\.json:1:1: is not valid JSON: expecting value"),
        ("flagd", '{"flags": {\n  "x": nope}}', r"given\.json:2:8: is not valid JSON: expecting value"),
        ("flagd", '{"flags": {},}', r"given\.json:1:1\d: is not valid JSON"),
        ("flagd", b"\xff\xfe\xff", r"given\.json: is no text in UTF-8"),
        ("flagd", b'{"flags": "\xe9"}', r"given\.json: is no text in UTF-8"),
        ("flagd", "[" * 200_000, r"given\.json: is nested too deeply"),
        ("flagd", '{"flags": {"x": ' + "9" * 5000 + "}}", "a number of more than 255 digits cannot be used"),
        ("flagd", '{"flags": 1e999}', "the number 1e999 is too large"),
        ("flagd", '{"flags": NaN}', "NaN is no number that JSON knows"),
        (
            "flagd",
            '{"flags": {\n "x": {"state": "ENABLED", "variants": {}},\n "x": {}}}',
            r'given\.json:3:2: the field "x" is there twice in one object',
        ),
        ("flagd", '{"a": {}}', r'given\.json: "flags" is missing: this is no document of flagd'),
        ("flagd", '"flags"', r'the document must be an object, not "flags"'),
        ("flagd", '{"flags": {"x": []}}', r'"flags.x" must be an object, not an array'),
        ("flagd", '{"flags": {"x": {"state": "ENABLED"}}}', r'"flags.x.variants" must be an object with variants'),
        ("flagd", '{"flags": [{"key": 3}]}', r'"flags\[0\].key" must be the name of a flag, not a number'),
        (
            "flagd",
            '{"flags": {"x": {"state": "ON", "variants": {"a": 1}}}}',
            r'"flags.x.state" must be ENABLED or DISABLED, not "ON"',
        ),
        (
            "flagd",
            '{"flags": {"x": {"state": "ENABLED", "variants": {"a": 1}, "defaultVariant": "b"}}}',
            r'"flags.x.defaultVariant" must be one of its variants, not "b"',
        ),
        ("openfeature", "{}", '"flags" is missing: this is no OpenFeature manifest'),
        ("openfeature", '{"flags": {"x": {"flagType": "bool"}}}', "must be one of boolean, string, integer, float"),
        (
            "openfeature",
            '{"flags": {"x": {"flagType": "integer", "defaultValue": true}}}',
            '"flags.x.defaultValue" must be a value of type integer, not true',
        ),
        ("json", "{}", '"version" must be 1: this is not what `flagctl export json` writes'),
        ("json", '{"version": 2, "flags": []}', '"version" must be 1'),
        ("json", '{"version": true, "flags": []}', '"version" must be 1'),
        ("json", '{"version": 1, "flags": {}}', '"flags" must be an array, not an object'),
    ],
)
def test_what_is_wrong_is_one_line_and_writes_nothing(write: Write, name: str, text: str | bytes, message: str) -> None:
    root = write({"README.md": "-"})
    with pytest.raises(InputError, match=message) as caught:
        imported(root, name, text)
    assert "\n" not in str(caught.value)
    assert sorted(each.name for each in root.iterdir()) == ["README.md", "given.json"]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_encodings_that_editors_and_shells_write(write: Write, encoding: str) -> None:
    document = json.dumps(of_flagd(metadata={"owner": "größer"}), ensure_ascii=False).encode(encoding)
    fields, _ = one(write({"README.md": "-"}), "flagd", document)
    assert fields["owner"] == "größer"


def test_file_that_cannot_be_read(write: Write) -> None:
    root = write({"README.md": "-"})
    for path in (root / "nowhere.json", root):
        with pytest.raises(InputError, match="cannot be read"):
            take_over(find_config(root), "flagd", path, Terms(None, None, TODAY))


HOSTILE = [
    "../../etc/passwd",
    "/etc/cron.d/x",
    "a/b",
    "a-b",
    "A-B",
    "..",
    ".",
    "-rf",
    "--upload-pack=x",
    "metrics",
    "日本",
    "中国",
    "true",
    "null",
    "1e3",
    "# flagctl: ignore[FLG003] because",
    "x" * 200,
]


def test_odd_keys_are_taken_as_they_are_in_files_of_their_own(write: Write) -> None:
    root = write({"README.md": "-"})
    keys = [key for key in HOSTILE if " " not in key]
    document = {"flags": {key: {"state": "DISABLED", "variants": {"on": True}} for key in HOSTILE}}
    found = imported(root, "flagd", document)
    assert sorted(flags(root)) == sorted(keys)
    assert [flag.key for flag in load_definitions(find_config(root)).flags] != []
    assert len(load_definitions(find_config(root)).flags) == len(keys)
    names = [path.name.casefold() for path in (root / "flags").iterdir()]
    assert len(set(names)) == len(names) == len(keys)
    assert sorted(each.name for each in root.iterdir()) == ["README.md", "flags", "given.json"]
    assert [key for key, _ in found.refused] == ["# flagctl: ignore[FLG003] because"]


@pytest.mark.parametrize("key", ["a b", "a\nb", "a\tb", "\x1b[31m", "x" * 201, "a\u0085b", "\ud800", " ", "\u2028"])
def test_keys_that_no_definition_can_have_are_refused(write: Write, key: str) -> None:
    root = write({"README.md": "-"})
    document = {"flags": {key: {"state": "DISABLED", "variants": {"on": True}}, "good": of_flagd()["flags"]["x"]}}
    found = imported(root, "flagd", document)
    assert list(flags(root)) == ["good"]
    [(refused, why)] = found.refused
    assert refused == key
    assert why


def test_texts_cannot_forge_anything(write: Write) -> None:
    """Neither a comment that ignores findings, nor a line, nor a field; what cannot be written is said."""
    nasty = "x\n# flagctl: ignore[FLG003] because\nowner: me\n---\nkey: other"
    document = of_flagd(
        variants={"on": True, nasty: False, "b": "# flagctl: ignore[FLG003] y"},
        defaultVariant="on",
        metadata={"description": nasty, nasty: "z", "reason": "\x1b[31mred", "tracking": "&a *b !c %d @e `f"},
    )
    root = write({"README.md": "-"})
    found = imported(root, "flagd", document)
    [flag] = flags(root).values()  # which looks for ignore comments
    assert (flag.key, flag.owner, flag.description, flag.reason) == ("x", None, nasty, None)
    assert flag.tracking == "&a *b !c %d @e `f"
    assert list(flag.variants) == ["on", nasty, "b"]
    [notes] = found.written.values()
    assert any(note.startswith("reason is not carried over") for note in notes)


@pytest.mark.parametrize(
    "variants",
    [
        {"a": json.loads("[" * 60 + "]" * 60)},
        {"a": json.loads("[" * 900 + "]" * 900)},
        {"a": list(range(20_000))},
        {"a": "\x1b[31m"},
        {"": True},
        {"true": True, "on": False},
    ],
)
def test_variants_that_no_definition_can_have_are_refused(write: Write, variants: dict[str, Any]) -> None:
    root = write({"README.md": "-"})
    found = imported(root, "flagd", of_flagd(variants=variants, defaultVariant=None))
    assert not (root / "flags").exists()
    assert [key for key, _ in (*found.refused, *found.left_alone)] == ["x"]


def test_own_format_is_all_or_nothing_for_each_flag(write: Write) -> None:
    """A field less than was written would be another flag."""
    document = {"version": 1, "flags": [{"key": "x", "expires": "soon"}, {"key": "y", "nope": 1}, {"key": "z"}]}
    root = write({"README.md": "-"})
    found = imported(root, "json", document)
    assert list(flags(root)) == ["z"]
    assert found.refused == [
        ("x", '"expires" must be a date like 2026-05-01, not "soon"'),
        ("y", 'has an unknown field "nope"'),
    ]
    assert plain(flags(root)["z"]) == {}


# --- what is there ----------------------------------------------------------------------------------------------------

THERE = {
    "flags/a.yaml": "key: taken\naliases: [also-taken]\n",
    "flags/b.yaml": "key: broken\nexpries: 2026-01-01\n",
    "flags/archive/gone.yaml": "key: gone\n",
    "flags/free.yaml": "key: another\n",
    "flags/FREE-2.yaml": "key: yet-another\n",
}


def test_what_is_there_is_left_alone(write: Write) -> None:
    root = write(THERE)
    before = {path: path.read_bytes() for path in root.rglob("*.yaml")}
    keys = ["taken", "also-taken", "broken", "gone", "free"]
    document = {"flags": [{"key": key, **of_flagd()["flags"]["x"]} for key in (*keys, "free")]}
    found = imported(root, "flagd", document)
    assert list(found.written) == ["flags/free-3.yaml"]
    assert found.left_alone == [
        ("taken", "is defined already: see flags/a.yaml:1"),
        ("also-taken", "is defined already: see flags/a.yaml:1"),
        ("broken", "is defined already, by a definition that is not valid; see `flagctl validate`"),
        ("gone", "is the key of a flag that is gone: see flags/archive/gone.yaml"),
        ("free", "is defined already: see flags/free-3.yaml, from this file"),
    ]
    assert {path: path.read_bytes() for path in before} == before
    assert imported(root, "flagd", document).written == {}, "a second time there is nothing to do"


def test_where_definitions_go(write: Write) -> None:
    part = 'definitions = ["toggles"]\n[lifetime]\nrelease = 5\n'
    root = write({"flagctl.toml": "", "shop/flagctl.toml": part, "shop/a.py": ""})
    document = {"features": [{"name": "x", "type": "release"}]}
    file = root / "given.json"
    file.write_text(json.dumps(document))
    (root / ".git").mkdir()
    terms = Terms(None, None, TODAY)
    assert list(take_over(find_config(root / "shop"), "unleash", file, terms).written) == ["shop/toggles/x.yaml"]
    assert "expires: 2026-06-20\n" in (root / "shop/toggles/x.yaml").read_text()


def test_folder_of_ones_own(write: Write) -> None:
    root = write({"README.md": "-"})
    found = imported(root, "flagd", of_flagd(), into="flags/old")
    assert (list(found.written), found.notes) == (["flags/old/x.yaml"], [])
    found = imported(root, "flagd", {"flags": {"y": of_flagd()["flags"]["x"]}}, into="elsewhere")
    assert found.notes == ['elsewhere is not among the definitions: add it to "definitions" in the configuration']


def test_folder_that_leads_out_of_the_project(write: Write, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside: Path = tmp_path_factory.mktemp("outside")
    root = write({"README.md": "-"})
    (root / "flags").symlink_to(outside)
    with pytest.raises(InputError, match="flags: leads out of the project; nothing was written"):
        imported(root, "flagd", of_flagd())
    assert not list(outside.iterdir())


def test_folder_that_is_a_file(write: Write) -> None:
    root = write({"flags": "-"})
    with pytest.raises(InputError, match="nothing was written"):
        imported(root, "flagd", of_flagd())


def test_schema_line_and_what_was_not_carried_over_stand_in_the_file(write: Write) -> None:
    root = write({"schemas/flag.v1.schema.json": "{}"})
    imported(root, "flagd", of_flagd(state="DISABLED"))
    assert (root / "flags/x.yaml").read_text() == (
        "# yaml-language-server: $schema=../schemas/flag.v1.schema.json\n"
        "# is DISABLED: what is served is not known, and code gets its own default\n"
        "key: x\n"
        "adopted: 2026-06-15\n"
    )
