"""What is wrong with the YAML of a definition file, word for word."""

from __future__ import annotations

import pytest
import yaml

from flagctl.definitions import read_definitions
from flagctl.definitions.nodes import Mapping
from flagctl.definitions.source import decode
from flagctl.definitions.yaml import compose

KEY = "key: a\n"


def laughs(levels: int) -> str:
    """Each line repeats the one before nine times: nine to the power of `levels` values."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for number in range(levels):
        name, before = chr(98 + number), chr(97 + number)
        lines.append(f"{name}: &{name} [{', '.join(['*' + before] * 9)}]")
    return "\n".join([*lines, "key: a\n"])


def deep_aliases(levels: int) -> str:
    """Each line is shallow, and nests the one before."""
    lines = [f"v{number}: &v{number} [[[[[[[[[[*v{number - 1}]]]]]]]]]]" for number in range(1, levels)]
    return "\n".join(["key: a", "v0: &v0 [x]", *lines])


def problems(text: str | bytes) -> list[str]:
    """Each problem as `line:column message (hint)`."""
    data = text if isinstance(text, bytes) else text.encode()
    return [
        f"{problem.location.line}:{problem.location.column} {problem.message}"
        + (f" ({problem.hint})" if problem.hint else "")
        for problem in read_definitions("flags/a.yaml", data).problems
    ]


HOSTILE: list[tuple[str, str | bytes, list[str]]] = [
    ("duplicate", KEY + "owner: x\nowner: y\n", ['3:1 the field "owner" is there twice, first on line 2']),
    (
        "duplicate thrice",
        KEY + "owner: x\nowner: y\nowner: z\n",
        [
            '3:1 the field "owner" is there twice, first on line 2',
            '4:1 the field "owner" is there twice, first on line 2',
        ],
    ),
    ("duplicate quoted", KEY + "'key': b\n", ['2:1 the field "key" is there twice, first on line 1']),
    (
        "nested duplicate",
        KEY + "access: {toggle: [a], toggle: [b]}\n",
        ['2:23 the field "toggle" is there twice, first on line 2'],
    ),
    ("unknown tag", KEY + "owner: !team x\n", ['2:8 the tag "!team" means nothing here; delete it']),
    (
        "python tag",
        "!!python/object/apply:os.system {key: a}\n",
        ['1:1 the tag "!!python/object/apply:os.system" means nothing here; delete it'],
    ),
    (
        "timestamp tag",
        KEY + "created: !!timestamp 2026-01-01\n",
        ['2:10 the tag "!!timestamp" means nothing here; delete it'],
    ),
    ("bad int tag", KEY + "rollout: {plan: [!!int x]}\n", ['2:18 "x" is not what its tag !!int says']),
    ("int tag for text", KEY + "owner: !!int 3\n", ['2:8 "owner" must be a team or a person, not 3']),
    (
        "str tag for number",
        KEY + "rollout: {plan: [!!str 3]}\n",
        ['2:18 "rollout.plan.0" must be a number from 0 to 100, not "3"'],
    ),
    ("undefined alias", KEY + "owner: *nobody\n", ['2:8 the alias "*nobody" names nothing that stands before it']),
    ("recursive", KEY + "variants: &v {on: *v}\n", ['2:19 the alias "*v" stands inside what it names']),
    ("merge scalar", KEY + "<<: word\n", ['2:5 only a mapping, or a list of them, can be merged with "<<"']),
    ("complex key", KEY + "? [a, b]\n: c\n", ["2:3 a field's name must be a word, not a list or a mapping"]),
    (
        "list doc",
        "- key: a\n- key: b\n",
        ['1:1 a definition must be fields with values, such as "key: name-of-the-flag", not a list'],
    ),
    (
        "scalar doc",
        "just words\n",
        ['1:1 a definition must be fields with values, such as "key: name-of-the-flag", not a single value'],
    ),
    (
        "null doc",
        "null\n",
        ['1:1 a definition must be fields with values, such as "key: name-of-the-flag", not a single value'],
    ),
    ("empty file", "", ['1:1 the file holds no definition; begin one with "key: name-of-the-flag"']),
    ("only comments", "# nothing\n\n", ['1:1 the file holds no definition; begin one with "key: name-of-the-flag"']),
    ("only markers", "---\n---\n", ['1:1 the file holds no definition; begin one with "key: name-of-the-flag"']),
    ("tab", KEY + "rollout:\n\tplan: [1]\n", ["3:1 a tab cannot indent YAML; use spaces"]),
    ("tab after spaces", KEY + "rollout:\n  \tplan: [1]\n", ["3:3 a tab cannot indent YAML; use spaces"]),
    ("at sign", KEY + "owner: @acme/payments\n", ["2:8 a value cannot begin with @ unless it is quoted"]),
    ("backtick", KEY + "reason: `x`\n", ["2:9 a value cannot begin with ` unless it is quoted"]),
    ("percent start", KEY + "reason: %x\n", ["2:9 a value cannot begin with % unless it is quoted"]),
    (
        "colon in value",
        KEY + "reason: this: that\n",
        ['2:13 unexpected ":"; quote a value that contains ": ", or check the indentation'],
    ),
    ("unclosed [", KEY + "aliases: [b\nowner: x\n", ['3:6 expected "," or "]" here (the "[" on line 2 is open)']),
    ("unclosed [ eof", KEY + "aliases: [b\n", ['2:10 the "[" that opens here is never closed']),
    ("unclosed { eof", KEY + "access: {toggle: [b]\n", ['2:9 the "{" that opens here is never closed']),
    ("wrong bracket", KEY + "access: {toggle: [b}]\n", ['2:20 expected "," or "]" here (the "[" on line 2 is open)']),
    ("unclosed quote", KEY + 'owner: "x\n', ["2:8 the quote that opens here is never closed"]),
    ("unclosed quote then doc", KEY + "owner: 'x\n---\nkey: b\n", ["2:8 the quote that opens here is never closed"]),
    (
        "bad escape",
        KEY + 'owner: "\\q"\n',
        ["2:9 unknown escape in a double-quoted value; use single quotes or write \\\\"],
    ),
    ("escape char", KEY + 'owner: "\\e[31mred"\n', ["2:8 holds the control character \\x1b; delete it"]),
    (
        "bad indent",
        KEY + " owner: x\n",
        ['2:7 unexpected ":"; quote a value that contains ": ", or check the indentation'],
    ),
    ("dedent", "  key: a\nowner: x\n", ['2:1 expected "---" between two definitions']),
    (
        "stray word",
        KEY + "owner\n",
        ['2:1 this line is neither a field nor part of a value; is a ":" missing after a name?'],
    ),
    (
        "stray word mid",
        KEY + "owner\ntype: ops\n",
        ['2:1 this line is neither a field nor part of a value; is a ":" missing after a name?'],
    ),
    ("stray brace", KEY + "}\n", ["2:1 the indentation or a quote does not fit: expected a field here"]),
    ("text after flow", "{key: a} b\n", ['1:10 expected "---" between two definitions']),
    ("list in value", KEY + "owner: - x\n", ["2:8 a list item cannot stand here; begin the list on a line of its own"]),
    ("bad directive", "%YAML 3.0\n---\nkey: a\n", ["1:1 this version of YAML is not known; delete the line"]),
    ("undeclared handle", KEY + "owner: !e!x y\n", ["2:8 the tag means nothing here; delete it"]),
    ("bad anchor", KEY + "owner: & x\n", ['2:9 a name must follow this; quote a value that begins with "&" or "*"']),
    (
        "errors then good",
        "key: a\nowner: [\n---\nkey: b\n---\nkey: c\ntype: x\n---\n]\n---\nkey: d\n",
        [
            "3:1 expected a value here",
            '7:7 "type" must be one of release, experiment, ops, permission, not "x"',
            "9:1 expected a value here",
        ],
    ),
    ("NUL", b"key: a\nowner: \x00\n", ["2:8 the character U+0000 is not allowed in YAML; delete it"]),
    ("ESC", b"key: a\nowner: \x1b[31mx\n", ["2:8 the character U+001B is not allowed in YAML; delete it"]),
    ("DEL", b"key: a\x7f\n", ["1:7 the character U+007F is not allowed in YAML; delete it"]),
    ("bad utf8", "key: é".encode() + b"\xff\n", ["1:7 byte 0xff is not UTF-8; save it as UTF-8"]),
    ("latin1", "key: a\nowner: Jér".encode("latin-1"), ["2:9 byte 0xe9 is not UTF-8; save it as UTF-8"]),
    ("utf16", "key: a\n".encode("utf-16"), ["1:1 the file is UTF-16; save it as UTF-8"]),
    ("utf16be nobom", "key: a\n".encode("utf-16-be"), ["1:1 the file is UTF-16; save it as UTF-8"]),
    ("utf32", "key: a\n".encode("utf-32"), ["1:1 the file is UTF-32; save it as UTF-8"]),
    ("BOM mid", "key: a\n---\n\ufeffkey: b\n", ["3:1 the character U+FEFF is not allowed in YAML; delete it"]),
    ("big", b"#" * (1024 * 1024 + 1), ["1:1 the file is larger than 1024 KiB; split it"]),
    ("depth", KEY + "variants: " + "[" * 60 + "]" * 60, ["2:60 the document is nested more than 50 levels deep"]),
    ("deep 100k", "[" * 100000, ["1:51 the document is nested more than 50 levels deep"]),
    ("deep braces", "{a: " * 100000, ["1:198 the document is nested more than 50 levels deep"]),
    ("deep dashes", "- " * 100000, ["1:101 the document is nested more than 50 levels deep"]),
    (
        "laughs",
        laughs(9),
        [
            '1:1 unknown field "a"',
            '2:1 unknown field "b"',
            '3:1 unknown field "c"',
            '4:1 unknown field "d"',
            "5:8 the document has more than 10000 values, aliases written out",
        ],
    ),
    (
        "deep alias",
        deep_aliases(100),
        [
            '2:1 unknown field "v0"',
            '3:1 unknown field "v1"',
            '4:1 unknown field "v2"',
            '5:1 unknown field "v3"',
            '6:1 unknown field "v4"',
            "7:19 the document is nested more than 50 levels deep",
        ],
    ),
    (
        "many values",
        KEY + "aliases: [" + ",".join(f"a{i}" for i in range(10001)) + "]\n",
        ["2:58871 the document has more than 10000 values, aliases written out"],
    ),
    (
        "crlf position",
        "key: a\r\nowner: ok\r\ntype: relese\r\n",
        ['3:7 "type" must be one of release, experiment, ops, permission, not "relese" (did you mean "release"?)'],
    ),
    (
        "wide chars",
        "key: a\ndescription: 😀é\nvariants: {é: 1, on: 2, on: 3}\n",
        ['3:25 the field "on" is there twice, first on line 3'],
    ),
    (
        "line separator",
        "key: a\ndescription: 'a\u2028b'\ntype: x\n",
        ['3:7 "type" must be one of release, experiment, ops, permission, not "x"'],
    ),
    (
        "yaml 1.1 doc",
        "%YAML 1.1\n---\nkey: a\non_removal: yes\ntype: x\n",
        ['5:7 "type" must be one of release, experiment, ops, permission, not "x"'],
    ),
    ("bare [", KEY + "aliases: [", ["2:11 expected a value here"]),
    ("bare { ", KEY + "access: {", ["2:10 expected a value here"]),
    ("comma", KEY + "aliases: [,]\n", ["2:11 expected a value here"]),
    ("second bad start", "key: a\n---\n@x\n---\nkey: b\n", ["3:1 a value cannot begin with @ unless it is quoted"]),
    ("second bad start2", "key: a\n---\n\tx: 1\n---\nkey: b\n", ["3:1 a tab cannot indent YAML; use spaces"]),
    ("second bad start3", "key: a\n---\n}\n", ["3:1 expected a value here"]),
    ("second bad start4", "key: a\n--- ]\n", ["2:5 expected a value here"]),
    (
        "second bad start5",
        "key: a\n---\n- b\nc\n",
        ['4:1 this line is neither a field nor part of a value; is a ":" missing after a name?'],
    ),
    ("second bad start6", "key: a\n---\nx: 'a\n", ["3:4 the quote that opens here is never closed"]),
    (
        "second bad start7",
        "key: a\n---\n%x\n",
        ['3:3 a line that begins with "%" is for the YAML parser; quote or delete it'],
    ),
    (
        "second bad start8",
        "key: a\n---\nfoo\nbar: 1",
        [
            '3:1 a definition must be fields with values, such as "key: name-of-the-flag", not a single value',
            '4:4 unexpected ":"; quote a value that contains ": ", or check the indentation',
        ],
    ),
    (
        "bad dir2",
        "key: a\n...\n%FOO\n---\nkey: b\n",
        ['3:5 a line that begins with "%" is for the YAML parser; quote or delete it'],
    ),
    ("dots", "key: a\n...\nkey: b\n", ['3:1 expected "---" between two definitions']),
    ("star", KEY + "owner: *\n", ['2:9 a name must follow this; quote a value that begins with "&" or "*"']),
    ("block hdr", KEY + "reason: |x\n  foo\n", ["2:10 only a comment may follow the mark of a block on its line"]),
    (
        "fold eof",
        KEY + "reason: |",
        ['2:9 "reason" is empty: write the decision that this flag supports, or delete the line'],
    ),
    ("only bom", b"\xef\xbb\xbf", ['1:1 the file holds no definition; begin one with "key: name-of-the-flag"']),
    (
        "cr only",
        "key: a\rowner: x\rtype: z\r",
        ['3:7 "type" must be one of release, experiment, ops, permission, not "z"'],
    ),
]


@pytest.mark.parametrize(("text", "expected"), [pytest.param(*case[1:], id=case[0]) for case in HOSTILE])
def test_every_problem_is_named_where_it_stands(text: str | bytes, expected: list[str]) -> None:
    assert problems(text) == expected


SOUND: list[tuple[str, str | bytes]] = [
    ("words that YAML 1.1 takes for booleans", "key: on\nowner: yes\nreason: off\non_removal: no\n"),
    ("numbers and days where text is meant", "key: 2026\nowner: 1.10\ndescription: 2026-03-02\nreason: 0x1F\n"),
    ("true where text is meant", "key: a\nowner: true\n"),
    ("quotes", "'key': \"a\"\nowner: '@acme/payments'\n"),
    ("a colon, a hash and brackets in quotes", "key: a\nreason: 'this: that # [no {comment'\n"),
    ("CRLF", "key: a\r\nowner: x\r\naccess:\r\n  toggle:\r\n  - x\r\n"),
    ("a byte order mark", b"\xef\xbb\xbfkey: a\n"),
    ("no newline at the end", "key: a"),
    ("characters outside the first plane", "key: a\ndescription: 🎉 Über-Prüfung 日本語\n"),
    ("a key in another script", "key: größe\n"),
    ("a merge key", "key: a\n<<: &x {owner: x}\n"),
    ("merges, of which the first wins", "variants: &v {on: 1}\nkey: a\nexperiment:\n  arms: {<<: [*v, *v], off: 2}\n"),
    ("an alias, an anchor", "key: a\nowner: &me x\ndecision: {by: *me}\n"),
    ("an anchor that is set anew", "key: a\nowner: &x x\nreason: &x y\ndescription: *x\n"),
    ("core tags", "!!map\nkey: !!str 1\nrollout: {plan: !!seq [!!int 1, !!float 2]}\nowner: ! x\n"),
    ("documents, empty ones among them", "---\n# nothing\n---\nkey: a\n...\n---\nkey: b\n---\n"),
    ("a directive", "%YAML 1.2\n---\nkey: a\n"),
    ("JSON", '{"key": "a", "variants": {"on": [1, null, {"x": 1.5e3}]}, "rollout": {"plan": [0, 1E1]}}'),
    ("folded and literal blocks", "key: a\nreason: >-\n  one\n  two\n\ndescription: |\n  # not a comment\n  x\n"),
    ("three dashes inside a block", "key: a\nreason: |\n  x\n  ---\n  y\n"),
    ("any value for a variant", "key: a\nvariants:\n  x: ~\n  y: [a, {b: c}]\n  z: {}\n  '1': 0o17\n"),
    ("empty lists", "key: a\naliases: []\nextensions: []\n"),
    ("a line separator", "key: a\ndescription: 'one\u2028two'\n"),
]


@pytest.mark.parametrize("text", [pytest.param(case[1], id=case[0]) for case in SOUND])
def test_what_is_sound_is_not_reported(text: str | bytes) -> None:
    data = text if isinstance(text, bytes) else text.encode()
    definitions = read_definitions("flags/a.yaml", data)
    assert definitions.problems == ()
    assert definitions.flags
    assert definitions.passed_over == 0


def test_a_tab_may_stand_between_words() -> None:
    assert problems("key:\ta\t# comment\nowner: 'x\ty'\n") == []


@pytest.mark.parametrize("case", SOUND, ids=lambda case: str(case[0]))
def test_the_parser_without_libyaml_reads_the_same(
    case: tuple[str, str | bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = case[1] if isinstance(case[1], bytes) else case[1].encode()
    with_libyaml = read_definitions("flags/a.yaml", data)
    monkeypatch.setattr("flagctl.definitions.yaml.Parser", yaml.BaseLoader)
    assert read_definitions("flags/a.yaml", data) == with_libyaml


def test_an_alias_costs_what_it_names() -> None:
    """The budget counts values, so it is used up long before memory is."""
    source, _ = decode("flags/a.yaml", laughs(1).encode())
    [document] = compose(source).documents
    assert document.is_whole
    source, _ = decode("flags/a.yaml", laughs(20).encode())
    [document] = compose(source).documents
    assert not document.is_whole
    assert isinstance(document.root, Mapping)
    assert len(document.root.entries) < 5
