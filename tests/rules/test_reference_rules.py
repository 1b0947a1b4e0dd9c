"""FLG2xx: what keeps a flag alive, and what does not."""

from __future__ import annotations

from typing import Any

import pytest
from rule_cases import check, codes_that_fire, mention, place, reference, snapshot, verdicts, whole

from flagctl.model import Kind, Reference, Role, Site

FLAG = "owner: me\nkey: new-checkout\n"
NOT_IN_USE = ("FLG202", "FLG205", "FLG206")

CALL = reference("new-checkout")
TEST_CALL = reference("new-checkout", path="tests/test_page.py", in_tests=True)
OVERRIDE = reference("new-checkout", Role.OVERRIDE, path="conftest.py")
TEST_OVERRIDE = reference("new-checkout", Role.OVERRIDE, path="tests/test_page.py", line=7, in_tests=True)
CONSTANT = reference("new-checkout", Role.DECLARATION, Kind.CONSTANT, "shop/keys.py")
TEST_CONSTANT = reference("new-checkout", Role.DECLARATION, Kind.CONSTANT, "tests/keys.py", in_tests=True)
FRONT_END = mention("new-checkout", Kind.CODE, "web/page.ts")
TEST_FRONT_END = mention("new-checkout", Kind.CODE, "tests/page.ts", in_tests=True)
STRING = mention("new-checkout", Kind.LITERAL, "shop/old.py")
TEST_STRING = mention("new-checkout", Kind.LITERAL, "tests/test_old.py", in_tests=True)
LISTED = reference("new-checkout", Role.DECLARATION, Kind.REGISTRY, "shop/keys.py")
SERVED = reference("new-checkout", Role.DECLARATION, Kind.REGISTRY, "shop/keys.py", site=Site(asked_elsewhere=True))
NAME = mention("new-checkout", Kind.NAME, "shop/page.py")
CHANGELOG = mention("new-checkout", Kind.TEXT, "docs/CHANGELOG.md")
MIGRATION = mention("new-checkout", Kind.LITERAL, "shop/migrations/0002_new_checkout.py")
TRANSLATION = mention("new-checkout", Kind.TEXT, "locale/de/LC_MESSAGES/django.po")
DOCS = mention("new-checkout", Kind.TEXT, "docs/a.md")
DYNAMIC = reference(None)


@pytest.mark.parametrize(
    ("references", "code"),
    [
        # in use
        ([CALL], None),
        ([CALL, TEST_CALL, CONSTANT, DOCS], None),
        ([DOCS, STRING, TEST_OVERRIDE, CALL], None),
        ([FRONT_END], None),
        ([FRONT_END, CONSTANT], None),
        ([FRONT_END, TEST_CALL], None),
        ([reference("new-checkout", kind=Kind.DECORATOR)], None),
        ([reference("new-checkout", kind=Kind.MAPPING)], None),
        # nothing but a declaration
        ([], "FLG202"),
        ([CONSTANT], "FLG202"),
        ([CONSTANT, CONSTANT], "FLG202"),
        ([TEST_CONSTANT], "FLG202"),
        ([DYNAMIC], "FLG202"),
        ([reference("other-flag")], "FLG202"),
        # tests
        ([TEST_CALL], "FLG205"),
        ([TEST_OVERRIDE], "FLG205"),
        ([TEST_CALL, CONSTANT], "FLG205"),
        ([TEST_OVERRIDE, DOCS, TEST_STRING], "FLG205"),
        ([TEST_FRONT_END], "FLG205"),
        ([OVERRIDE], "FLG205"),
        # a client that nobody sees
        ([SERVED], None),
        ([SERVED, TEST_OVERRIDE, DOCS], None),
        ([LISTED], "FLG202"),
        # what only echoes it
        ([CHANGELOG], "FLG206"),
        ([CONSTANT, CHANGELOG, MIGRATION, TRANSLATION], "FLG206"),
        ([TEST_CALL, CHANGELOG], "FLG205"),
        ([TEST_CALL, MIGRATION], "FLG205"),
        ([DOCS, CHANGELOG], "FLG206"),
        # code that has the key in hand, and tests
        ([TEST_OVERRIDE, DOCS, STRING], "FLG205"),
        ([TEST_OVERRIDE, NAME], "FLG205"),
        ([OVERRIDE, NAME], "FLG205"),
        # mentions
        ([DOCS], "FLG206"),
        ([STRING], "FLG206"),
        ([TEST_STRING], "FLG206"),
        ([STRING, DOCS, CONSTANT], "FLG206"),
        ([CONSTANT, DOCS], "FLG206"),
    ],
)
def test_first_that_holds(references: list[Reference], code: str | None) -> None:
    """In use, or else exactly one of three rules says how it is not."""
    assert codes_that_fire(whole(FLAG, references=references), NOT_IN_USE) == ([] if code is None else [code])


@pytest.mark.parametrize("code", NOT_IN_USE)
def test_invalid_definition_is_not_judged(code: str) -> None:
    made = snapshot("key: new-checkout\nexpires: soon\n", references=[DOCS, TEST_CALL])
    assert made.problems
    assert not check(code, made)


# --- FLG201 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "found", "hint"),
    [
        pytest.param(
            [FLAG],
            reference("new-chekcout"),
            "did you mean new-checkout? If not, declare it: flagctl new new-chekcout",
            id="mistyped",
        ),
        pytest.param([FLAG], reference("warehouse"), "declare it: flagctl new warehouse", id="unlike any"),
        pytest.param([], reference("warehouse"), "declare it: flagctl new warehouse", id="no definitions"),
        pytest.param([FLAG], CALL, None, id="declared"),
        pytest.param([FLAG + "aliases: [newCheckout]\n"], reference("newCheckout"), None, id="by its alias"),
        pytest.param(
            [FLAG],
            reference("newCheckout"),
            "did you mean new-checkout? If not, declare it: flagctl new newCheckout",
            id="by no alias",
        ),
        pytest.param([FLAG], reference("old-checkout"), "declare it: flagctl new old-checkout", id="only alike"),
        pytest.param([FLAG], reference("nope", in_tests=True, path="tests/a.py"), None, id="in tests only"),
        pytest.param([FLAG], reference("nope", Role.OVERRIDE), None, id="overridden"),
        pytest.param([FLAG], reference("nope", Role.DECLARATION), None, id="declared in code"),
        pytest.param([FLAG], mention("nope", Kind.CODE, "web/page.ts"), None, id="mentioned"),
        pytest.param([FLAG], DYNAMIC, None, id="dynamic"),
        pytest.param(["key: nope\nexpires: soon\n"], reference("nope"), None, id="not valid"),
        pytest.param(["key: a\naliases: [nope]\nexpires: soon\n"], reference("nope"), None, id="alias of what is not"),
        pytest.param(["key: nope\nbad: [\n"], reference("nope"), None, id="not even YAML"),
    ],
)
def test_undeclared(files: list[str], found: Reference, hint: str | None) -> None:
    findings = check("FLG201", snapshot(*files, references=[found]))
    expected = [] if hint is None else [(found.flag, "is evaluated here and has no definition", hint)]
    assert [(each.flag, each.message, each.hint) for each in findings] == expected
    assert all(each.location == found.location for each in findings)


def test_undeclared_at_every_place() -> None:
    twice = [reference("nope", line=3), reference("nope", line=8), reference("nope", line=9, in_tests=True)]
    found = check("FLG201", whole(FLAG, references=twice))
    assert [place(each) for each in found] == ["shop/page.py:3:1", "shop/page.py:8:1"]


# --- FLG202 -----------------------------------------------------------------------------------------------------------


def test_unreferenced_says_what_is_left() -> None:
    assert verdicts("FLG202", whole(FLAG)) == [("new-checkout", "is not referred to anywhere")]
    places = [reference("new-checkout", Role.DECLARATION, Kind.CONSTANT, f"shop/{name}.py") for name in "abcde"]
    assert verdicts("FLG202", whole(FLAG, references=places[:1])) == [
        ("new-checkout", "is only declared, at shop/a.py:1")
    ]
    assert verdicts("FLG202", whole(FLAG, references=places[:3])) == [
        ("new-checkout", "is only declared, at shop/a.py:1, shop/b.py:1, shop/c.py:1")
    ]
    assert verdicts("FLG202", whole(FLAG, references=places)) == [
        ("new-checkout", "is only declared, at shop/a.py:1, shop/b.py:1, shop/c.py:1 and 2 more")
    ]


@pytest.mark.parametrize(("references", "is_offered"), [([LISTED], True), ([CONSTANT], False), ([], False)])
def test_unreferenced_of_a_registry_offers_to_say_that_it_is_served(
    references: list[Reference], is_offered: bool
) -> None:
    [found] = check("FLG202", whole(FLAG, references=references))
    assert ("`served` for its [[registry]]" in str(found.hint)) is is_offered


@pytest.mark.parametrize(("code", "references"), [("FLG202", []), ("FLG205", [TEST_CALL]), ("FLG206", [DOCS])])
def test_stands_at_the_key(code: str, references: list[Reference]) -> None:
    [found] = check(code, whole(FLAG, references=references))
    assert (found.flag, place(found)) == ("new-checkout", "flags/1.yaml:2:6")


def test_every_flag_is_judged_by_its_own_references() -> None:
    made = whole(FLAG, "key: a\n", "key: b\n", references=[CALL, reference("b", in_tests=True)])
    assert [flag for flag, _ in verdicts("FLG202", made)] == ["a"]
    assert [flag for flag, _ in verdicts("FLG205", made)] == ["b"]


# --- FLG204 -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "fires"),
    [
        (reference(None), True),
        (reference(None, in_tests=True), False),
        (reference(None, Role.OVERRIDE), False),
        (CALL, False),
        (DOCS, False),
    ],
)
def test_dynamic_key(found: Reference, fires: bool) -> None:
    findings = check("FLG204", whole(FLAG, references=[found]))
    assert [(each.flag, each.location) for each in findings] == [(None, found.location)] * fires


def test_dynamic_key_says_what_is_known_of_it() -> None:
    partly = reference(None, site=Site(key_glob="page-*"))
    [found] = check("FLG204", whole(FLAG, references=[partly]))
    assert found.message.endswith("cannot be known from the source: page-*")


def test_helper_that_passes_on_its_key_is_no_dynamic_key() -> None:
    assert not check("FLG204", whole(FLAG, references=[reference(None, site=Site(in_helper=True))]))


@pytest.mark.parametrize(
    ("glob", "more", "is_used"),
    [
        ("new-*", {}, True),
        ("*-checkout", {}, True),
        ("n*w-*out", {}, True),
        ("old-*", {}, False),
        ("New-*", {}, False),
        ("*-page", {}, True),  # by its alias
        (None, {}, False),
        ("new-*", {"in_tests": True}, False),
        ("new-*", {"role": Role.OVERRIDE}, False),
    ],
)
def test_flag_that_a_dynamic_key_may_mean_is_in_use(glob: str | None, more: dict[str, Any], is_used: bool) -> None:
    dynamic = reference(None, site=Site(key_glob=glob), **more)
    for others in ([], [DOCS], [TEST_CALL]):
        made = whole(FLAG + "aliases: [one-page]\n", references=[dynamic, *others])
        assert len(codes_that_fire(made, NOT_IN_USE)) == (not is_used)


def test_key_that_a_helper_passes_on_says_nothing_of_its_flags() -> None:
    helper = reference(None, site=Site(key_glob="new-*", in_helper=True))
    assert codes_that_fire(whole(FLAG, references=[helper]), NOT_IN_USE) == ["FLG202"]


@pytest.mark.parametrize(("code", "others"), [("FLG202", []), ("FLG205", [TEST_CALL]), ("FLG206", [DOCS])])
@pytest.mark.parametrize(
    ("dynamic", "doubt"),
    [
        ([DYNAMIC], "; first look at shop/page.py:1, where any key may be meant"),
        ([DYNAMIC, reference(None, line=5)], "; first look at shop/page.py:1 and 1 more, where any key may be meant"),
        ([reference(None, site=Site(key_glob="old-*"))], None),
        ([reference(None, site=Site(in_helper=True))], None),
        ([reference(None, in_tests=True)], None),
        ([], None),
    ],
)
def test_look_before_deleting_where_any_flag_may_be_meant(
    code: str, others: list[Reference], dynamic: list[Reference], doubt: str | None
) -> None:
    [found] = check(code, whole(FLAG, references=[*dynamic, *others]))
    assert found.hint is not None
    assert found.hint.startswith(("delete it", "remove it"))
    assert found.hint.endswith(doubt) if doubt else "first look" not in found.hint


# --- FLG205 -----------------------------------------------------------------------------------------------------------


def test_test_only_lists_the_tests() -> None:
    made = whole(FLAG, references=[CONSTANT, DOCS, TEST_CALL, TEST_OVERRIDE])
    message = "is evaluated or overridden only in tests: tests/test_page.py:1, tests/test_page.py:7"
    assert verdicts("FLG205", made) == [("new-checkout", message)]


# --- FLG206 -----------------------------------------------------------------------------------------------------------


STRING_HINT = "if a helper asks for the flag by this string, configure it as an [[evaluation]]; otherwise delete it"


def passed(to: str, position: int | str | None) -> Reference:
    return mention("new-checkout", Kind.LITERAL, "shop/old.py", site=Site(passed_to=to, position=position))


@pytest.mark.parametrize(
    ("mentions", "hint"),
    [
        ([DOCS], "delete it, and what in these places speaks of the flag"),
        (
            [STRING],
            STRING_HINT,
        ),
        (
            [passed("enabled", 0)],
            'if enabled() asks for the flag, configure it: [[evaluation]] call = "*enabled", key = 0',
        ),
        (
            [passed("shop.flags.enabled", 1)],
            'if enabled() asks for the flag, configure it: [[evaluation]] call = "*enabled", key = 1',
        ),
        (
            [passed("shop.flags.enabled", "key")],
            'if enabled() asks for the flag, configure it: [[evaluation]] call = "*enabled", key = "key"',
        ),
        (
            [DOCS, STRING, passed("self.toggles.on", 0)],
            'if on() asks for the flag, configure it: [[evaluation]] call = "*on", key = 0',
        ),
        (
            [passed("models.Flag.get", 0)],
            'if Flag.get() asks for the flag, configure it: [[evaluation]] call = "*Flag.get", key = 0',
        ),
        ([NAME, DOCS], STRING_HINT),
    ],
)
def test_mention_only_says_how_to_declare_a_helper(mentions: list[Reference], hint: str) -> None:
    [found] = check("FLG206", whole(FLAG, references=mentions))
    assert found.hint == hint


@pytest.mark.parametrize(
    "function", ["print", "queue.append", "Flag.objects.get_or_create", "names.add", "settings.get", "router.register"]
)
def test_function_that_takes_any_string_is_no_helper(function: str) -> None:
    [found] = check("FLG206", whole(FLAG, references=[passed(function, 0)]))
    assert found.hint == STRING_HINT
    [found] = check("FLG206", whole(FLAG, references=[passed(function, 0), passed("enabled", 0)]))
    assert str(found.hint).startswith("if enabled() asks for the flag")


def test_mention_only_lists_the_mentions() -> None:
    found = verdicts("FLG206", whole(FLAG, references=[DOCS, STRING]))
    assert found == [("new-checkout", "is only mentioned: shop/old.py:1, docs/a.md:1")]
    found = verdicts("FLG206", whole(FLAG, references=[CONSTANT, DOCS]))
    assert found == [("new-checkout", "is only mentioned: docs/a.md:1; declared at shop/keys.py:1")]
    found = verdicts("FLG206", whole(FLAG, references=[CHANGELOG, DOCS]))
    assert found == [("new-checkout", "is only mentioned: docs/a.md:1, docs/CHANGELOG.md:1")]


def test_test_only_says_where_code_has_the_key_in_hand() -> None:
    [found] = check("FLG205", whole(FLAG, references=[TEST_CALL, DOCS, NAME]))
    assert found.message.endswith("only in tests: tests/test_page.py:1; the key is also in shop/page.py:1")
    [found] = check("FLG205", whole(FLAG, references=[TEST_CALL, passed("enabled", 0)]))
    assert str(found.hint).startswith("if enabled() asks for the flag, configure it")
    [found] = check("FLG205", whole(FLAG, references=[TEST_CALL, DOCS]))
    assert found.hint == "remove it from the tests, then delete it"


@pytest.mark.parametrize(
    ("path", "is_echo"),
    [
        ("CHANGELOG.md", True),
        ("docs/changelog.rst", True),
        ("CHANGES", True),
        ("CHANGES-2.0.txt", True),
        ("NEWS.adoc", True),
        ("docs/release_notes/2.1.md", True),
        ("changelogs/v2.md", True),
        ("shop/migrations/0002_add_flag.py", True),
        ("locale/django.pot", True),
        ("docs/a.md", False),
        ("news/a.md", False),
        ("history/page.txt", False),
        ("shop/history.py", False),
        ("docs/migrations.md", False),
        ("changes-to-come.md", False),
    ],
)
def test_files_that_only_echo(path: str, is_echo: bool) -> None:
    made = whole(FLAG, references=[mention("new-checkout", Kind.TEXT, path)])
    [found] = check("FLG206", made)
    assert ("only tell of the past" in str(found.hint)) is is_echo


@pytest.mark.parametrize("key", ["$(reboot)", "a b", "-x", "a;b", "a'b", "", "a`b`"])
def test_no_command_is_made_of_a_key_that_a_shell_would_read(key: str) -> None:
    [found] = check("FLG201", whole(FLAG, references=[reference(key)]))
    assert found.hint == "declare it under another key"
