"""Edits of definitions: one line more, and every other byte as it was; or nothing at all."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagctl.definitions import read_definitions
from flagctl.definitions.fix import LeftAloneError, edited, first_line, names_schema
from flagctl.definitions.new import schema_line
from flagctl.model import Edit, Location, Snapshot
from flagctl.rules import CATALOGUE, EXAMPLE_TODAY

PATH = "flags/a.yaml"
OWNER = 'owner: "@acme/payments"'


def edits(data: bytes) -> list[Edit]:
    """What FLG003 offers where CODEOWNERS names one team."""
    flags = read_definitions(PATH, data).flags
    snapshot = Snapshot(EXAMPLE_TODAY, flags, protected={PATH: ("@acme/payments",)}, code_owners="CODEOWNERS")
    return [each.fix for each in CATALOGUE["FLG003"].check(snapshot) if each.fix]


def owned(text: str) -> str:
    data = text.encode()
    return edited(PATH, data, edits(data)).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("key: a-b\n", f"key: a-b\n{OWNER}\n", id="only a key"),
        pytest.param("key: a-b", f"key: a-b\n{OWNER}", id="no line break at the end"),
        pytest.param("key: a-b  # note", f"key: a-b  # note\n{OWNER}", id="a comment at the end"),
        pytest.param("key: a-b\nreason: x\n", f"key: a-b\n{OWNER}\nreason: x\n", id="before what comes after it"),
        pytest.param("key: a-b\ntype: ops\nreason: x\n", f"key: a-b\ntype: ops\n{OWNER}\nreason: x\n", id="order"),
        pytest.param("type: ops\nkey: a-b\n", f"type: ops\n{OWNER}\nkey: a-b\n", id="another order"),
        pytest.param("reason: x\nkey: a-b\n", f"reason: x\nkey: a-b\n{OWNER}\n", id="the key last"),
        pytest.param("  key: a-b\n  reason: x\n", f"  key: a-b\n  {OWNER}\n  reason: x\n", id="indented"),
        pytest.param("key: a-b\r\nreason: x\r\n", f"key: a-b\r\n{OWNER}\r\nreason: x\r\n", id="CRLF"),
        pytest.param("key: a-b\r\nreason: x", f"key: a-b\r\n{OWNER}\r\nreason: x", id="CRLF without the last"),
        pytest.param("key: a-b\rreason: x\r", f"key: a-b\r{OWNER}\rreason: x\r", id="CR"),
        pytest.param("reason: x\r\nkey: a-b\n", f"reason: x\r\nkey: a-b\n{OWNER}\n", id="mixed"),
        pytest.param("\ufeffkey: a-b\n", f"\ufeffkey: a-b\n{OWNER}\n", id="byte order mark"),
        pytest.param("---\nkey: a-b\n...\n", f"---\nkey: a-b\n{OWNER}\n...\n", id="markers"),
        pytest.param("%YAML 1.2\n---\nkey: a-b\n", f"%YAML 1.2\n---\nkey: a-b\n{OWNER}\n", id="directive"),
        pytest.param(
            "# x\nkey: a-b # y\n\n# why\nreason: x\n",
            f"# x\nkey: a-b # y\n{OWNER}\n\n# why\nreason: x\n",
            id="comments",
        ),
        pytest.param(
            "key: a-b\n# flagctl: ignore[FLG006] x\ncreated: 2026-01-01\n",
            f"key: a-b\n{OWNER}\n# flagctl: ignore[FLG006] x\ncreated: 2026-01-01\n",
            id="an ignore comment",
        ),
        pytest.param(
            "key: a-b\ndescription: |\n  one\n  two\n\nreason: x\n",
            f"key: a-b\ndescription: |\n  one\n  two\n{OWNER}\n\nreason: x\n",
            id="a block of text",
        ),
        pytest.param(
            "key: a-b\ndescription: >-\n  one\n  two",
            f"key: a-b\ndescription: >-\n  one\n  two\n{OWNER}",
            id="at the end",
        ),
        pytest.param(
            'key: a-b\ndescription: "one\n  two" # x\nreason: x\n',
            f'key: a-b\ndescription: "one\n  two" # x\n{OWNER}\nreason: x\n',
            id="quoted over two lines",
        ),
        pytest.param(
            "key: a-b\ndescription: one\n  two\nreason: x\n",
            f"key: a-b\ndescription: one\n  two\n{OWNER}\nreason: x\n",
            id="plain over two lines",
        ),
        pytest.param(
            "reason: &r ops\nkey: a-b\ntype: *r\n", f"reason: &r ops\nkey: a-b\ntype: *r\n{OWNER}\n", id="an alias"
        ),
        pytest.param("key: a-b\ntype:\n  ops\n", f"key: a-b\ntype:\n  ops\n{OWNER}\n", id="value on its own line"),
        pytest.param("? key\n: a-b\n", None, id="a key in two lines"),
        pytest.param(
            "key: a-b\n<<: {type: ops}\n",
            f"key: a-b\n{OWNER}\n<<: {{type: ops}}\n",
            id="merged fields are no neighbours",
        ),
        pytest.param(
            "key: a-b\n---\nkey: c-d\nowner: me@x.org\n---\nkey: e-f\n",
            f"key: a-b\n{OWNER}\n---\nkey: c-d\nowner: me@x.org\n---\nkey: e-f\n{OWNER}\n",
            id="several documents",
        ),
        pytest.param(
            "key: a-b\n---\n{key: c-d}\n", f"key: a-b\n{OWNER}\n---\n{{key: c-d}}\n", id="one of two in braces"
        ),
        pytest.param("key: größer\t # 🚀\n", f"key: größer\t # 🚀\n{OWNER}\n", id="beyond ASCII"),
    ],
)
def test_owner(before: str, after: str | None) -> None:
    if after is None:
        assert edits(before.encode()) == []
    else:
        assert owned(before) == after
        assert edits(after.encode()) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("{key: a-b}\n", id="braces"),
        pytest.param("{\n  key: a-b,\n  type: ops\n}\n", id="braces over lines"),
        pytest.param('{\n"key": "a-b"\n}\n', id="JSON"),
        pytest.param("--- {key: a-b}\n", id="braces behind a marker"),
        pytest.param("&all\nkey: a-b\n", id="an anchor on everything"),
        pytest.param("!!map\nkey: a-b\n", id="a tag on everything"),
        pytest.param(f"key: a-b\n{OWNER}\n", id="an owner"),
        pytest.param("key: a-b\n<<: {owner: me@x.org}\n", id="a merged owner"),
    ],
)
def test_nothing_is_offered(text: str) -> None:
    assert read_definitions(PATH, text.encode()).problems == ()
    assert edits(text.encode()) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("key: a-b\ndescription: |+\n  one\n\n", "safely", id="line breaks that count"),
        pytest.param("key: a-b\ndescription: |\n  one", "safely", id="a line break that would count"),
        pytest.param("key: a-b\n---\nkey: c-d\nexpries: 1\n", "FLG001", id="a neighbour with a problem"),
        pytest.param("key: a-b\n---\nkey: [\n", "FLG001", id="a neighbour that is no YAML"),
    ],
)
def test_left_alone(text: str, reason: str) -> None:
    assert edits(text.encode())
    with pytest.raises(LeftAloneError, match=reason):
        owned(text)


@pytest.mark.parametrize(
    "edit",
    [
        pytest.param(Edit(Location(PATH, 2, 1, 2, 1), "reason: y\n"), id="a field that is there"),
        pytest.param(Edit(Location(PATH, 2, 1, 2, 1), "ownr: y\n"), id="an unknown field"),
        pytest.param(Edit(Location(PATH, 2, 1, 2, 1), "owner: y\ntype: ops\n"), id="two fields"),
        pytest.param(Edit(Location(PATH, 2, 1, 3, 1), "owner: y\n"), id="one in place of another"),
        pytest.param(Edit(Location(PATH, 1, 6, 1, 9), "c-d"), id="another value"),
        pytest.param(Edit(Location(PATH, 2, 1, 2, 1), "---\n"), id="two documents"),
        pytest.param(Edit(Location(PATH, 3, 1, 3, 1), "# flagctl: ignore[FLG001] x\n"), id="an ignore comment"),
        pytest.param(Edit(Location(PATH, 2, 1, 2, 1), "\n"), id="nothing"),
    ],
)
def test_an_edit_that_does_something_else_is_not_made(edit: Edit) -> None:
    with pytest.raises(LeftAloneError, match="safely"):
        edited(PATH, b"key: a-b\nreason: x\n", [edit])


# --- the schema line --------------------------------------------------------------------------------------------------

LINE = "# yaml-language-server: $schema=../schemas/flag.v1.schema.json"


@pytest.mark.parametrize("text", ["key: a-b\n", "# note\nkey: a-b\n", "---\nkey: a-b\n", "%YAML 1.2\n---\nkey: a-b"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8])
def test_first_line(text: str, newline: str, mark: bytes) -> None:
    body = text.replace("\n", newline).encode()
    assert not names_schema(mark + body)
    after = edited(PATH, mark + body, [first_line(PATH, LINE)])
    assert after == mark + LINE.encode() + newline.encode() + body
    assert names_schema(after)


@pytest.mark.parametrize(
    ("text", "is_named"),
    [
        (f"{LINE}\nkey: a-b\n", True),
        ("# note\n\n  #yaml-language-server:$schema=x.json\nkey: a-b\n", True),
        ("# $schema: x.json\nkey: a-b\n", True),
        ("\ufeff# $schema: x.json\nkey: a-b\n", True),
        ("key: a-b\n# the schema\n", False),
        ("key: a-b\ndescription: $schema\n", False),
    ],
)
def test_names_schema(text: str, is_named: bool) -> None:
    assert names_schema(text.encode()) is is_named


def test_where_the_schema_is(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    (tmp_path / "schemas").mkdir()
    shop.mkdir()
    (tmp_path / "schemas/flag.v1.schema.json").write_text("{}")
    assert schema_line(tmp_path, "flags/a.yaml") == LINE
    assert schema_line(tmp_path, "flags/drafts/a.yaml") == LINE.replace("../", "../../")
    assert schema_line(tmp_path, "a.yaml") == LINE.replace("../", "")
    assert schema_line(shop, "flags/a.yaml") is None, "outside git nothing above the root is ours"
    (tmp_path / ".git").mkdir()
    assert schema_line(shop, "flags/a.yaml") == LINE.replace("../", "../../")
    (shop / ".git").mkdir()
    assert schema_line(shop, "flags/a.yaml") is None


# --- any definition ---------------------------------------------------------------------------------------------------

words = st.text("abc äö#:'\"-", min_size=1, max_size=12).map(str.strip).filter(bool)
comments = st.sampled_from(["", "  # note", "\t# flagctl: ignore[FLG006] later"])
between = st.lists(st.sampled_from(["", "# note", "  # indented"]), max_size=2)
quoted = words.map(lambda word: "'" + word.replace("'", "''") + "'")
blocks = st.sampled_from(["|", ">", "|-"]).flatmap(
    lambda mark: st.lists(st.sampled_from(["one", "two # no comment", "key: x"]), min_size=1, max_size=3).map(
        lambda lines: "\n".join([mark, *(f"    {line}" for line in lines)])
    )
)
fields = st.fixed_dictionaries(
    {"key": st.from_regex(r"[a-z]{1,5}-[a-z]{1,5}", fullmatch=True)},
    optional={
        "description": quoted | blocks,
        "type": st.sampled_from(["ops", "'release'", '"experiment"']),
        "reason": quoted,
        "aliases": st.sampled_from(["[x-y]", "\n    - x-y\n    - y-z", "[x-y,\n    y-z]"]),
        "rollout": st.just("\n    plan: [0, 50]\n    environments:\n      production: {percent: 50}"),
    },
)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """A definition without an owner, laid out in some way."""
    lines: list[str] = []
    indent = draw(st.sampled_from(["", "  "]))
    for name, value in draw(st.permutations(list(draw(fields).items()))):
        comment = "" if "\n" in value else draw(comments)
        lines += [*draw(between), f"{indent}{name}: {value}{comment}"]
    return "\n".join([*lines, *draw(between)])


@given(
    st.lists(documents(), min_size=1, max_size=3),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.booleans(),
)
def test_every_other_byte_is_kept(texts: list[str], newline: str, is_ended: bool, mark: bytes, on_top: bool) -> None:
    is_clipped = any(f"{style}\n" in texts[-1] for style in "|>")  # of which a last line break is a part
    text = "\n---\n".join(texts) + ("\n" if is_ended or is_clipped else "")
    newline = newline if "\n" in text else "\n"
    data = mark + text.replace("\n", newline).encode()
    read = read_definitions(PATH, data)
    assert read.problems == ()
    wanted = [*edits(data), *([first_line(PATH, LINE)] if on_top else [])]
    assert len(edits(data)) == len(texts)
    after = edited(PATH, data, wanted)
    assert after.startswith(mark)
    left = after.removeprefix(mark).decode().split(newline)
    for line in left[:]:
        if line.strip() == OWNER or (on_top and line == LINE):
            left.remove(line)
    assert mark + newline.join(left).encode() == data
    assert {flag.owner for flag in read_definitions(PATH, after).flags} == {"@acme/payments"}
    assert edits(after) == []
