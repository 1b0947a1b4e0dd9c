"""Mentions: what kind they are, how other languages spell a key, and what is no mention at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_cases import check, rows, scan_files

from flagctl.scan.text import Spellings, is_delimited, respellings

# --- Python -----------------------------------------------------------------------------------------------------------

PYTHON = {
    "literals": """
        helper("new-checkout")  #> literal new-checkout
        helper('''new-checkout''')  #> literal new-checkout
        x = {"new-checkout": 1}  #> literal new-checkout
        if x == "new-checkout" or y in ("new-checkout",):  #> literal new-checkout, literal new-checkout
            pass
        f"{helper('new-checkout')}"  #> literal new-checkout
        """,
    "text": """
        \"\"\"new-checkout\"\"\"  #> text new-checkout
        # new-checkout #> text new-checkout
        class A:
            "new-checkout"  #> text new-checkout
            def f(self):
                '''All about new-checkout.'''  #> text new-checkout
        x = "new-checkout is on"  #> text new-checkout
        x = f"new-checkout {x}"  #> text new-checkout
        url = "/flags/new-checkout/edit"  #> text new-checkout
        y = 1  # type: ignore  # see new-checkout #> text new-checkout
        """,
    "longer words": """
        helper("new-checkout-banner")
        helper("new-checkout2")
        helper("xnew-checkout")
        helper("new-checkout_v2")
        helper("my-new-checkout")
        helper("NEW-CHECKOUT")
        helper("newcheckout")
        # new-checkouts and anew-checkout
        """,
    "respellings are names of something else": """
        new_checkout = newCheckout = NewCheckout = NEW_CHECKOUT = 1
        helper("new_checkout", "newCheckout")
        """,
    "code": """
        new-checkout
        x = new - checkout
        """,
    "bytes": """
        helper(b"new-checkout")  #> text new-checkout
        """,
    "inside an evaluation of another flag": """
        import waffle
        waffle.flag_is_active(helper("old-search"), "new-checkout")  #> evaluation new-checkout, literal old-search
        waffle.flag_is_active(  #> evaluation new-checkout
            request,  # not old-search #> text old-search
            "new-checkout",  # that is, new-checkout
        )
        """,
}


@pytest.mark.parametrize("source", PYTHON.values(), ids=PYTHON)
def test_mentions_in_python(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"app.py": source})


# --- other files ------------------------------------------------------------------------------------------------------

OTHER_FILES: dict[str, tuple[str, str]] = {
    "TypeScript": (
        "a.ts",
        """
        if (flags.isEnabled("new-checkout")) {}  #> code new-checkout
        const x = useFlag('newCheckout')  #> code new-checkout
        const y = `a ${flags.newCheckout} b`  #> code new-checkout
        const z = "is new-checkout on?"  #> text new-checkout
        <a class="new-checkout" id='new-checkout'>  #> text new-checkout, text new-checkout
          new-checkout</a>  #> text new-checkout
        import x from "./new-checkout"  #> text new-checkout
        // new-checkout #> text new-checkout
        /* about
           new-checkout */ f("new-checkout")  #> text new-checkout, code new-checkout
        const url = "https://x//y?on=new-checkout"  #> code new-checkout
        const api = "/api/flags/new-checkout"  #> code new-checkout
        """,
    ),
    "TSX": ("a.tsx", "<Flag name='new-checkout'/>  #> code new-checkout\n"),
    "JavaScript": ("a.js", "flags['new-checkout']  #> code new-checkout\n"),
    "Go": ("a.go", 'client.Bool("new-checkout", false)  #> code new-checkout\n// new-checkout #> text new-checkout\n'),
    "Java": ("A.java", "boolean x = Flags.NEW_CHECKOUT;  #> code new-checkout\n"),
    "Kotlin": ("a.kt", 'on("new-checkout")  #> code new-checkout\n'),
    "Swift": ("a.swift", 'on("new-checkout")  #> code new-checkout\n'),
    "C#": ("a.cs", 'On("new-checkout")  #> code new-checkout\n'),
    "Rust": ("a.rs", 'on("new-checkout")  #> code new-checkout\n'),
    "C": ("a.c", 'on("new-checkout");  #> code new-checkout\n'),
    "Ruby": ("a.rb", "on?('new-checkout')  #> code new-checkout\n# new-checkout #> text new-checkout\n"),
    "PHP": (
        "a.php",
        "on('new-checkout'); // new-checkout #> code new-checkout, text new-checkout\n"
        "# new-checkout #> text new-checkout\n",
    ),
    "shell": ("a.sh", 'echo "new-checkout" # new-checkout #> code new-checkout, text new-checkout\n'),
    "Terraform": ("a.tf", 'key = "new-checkout" # new-checkout #> code new-checkout, text new-checkout\n'),
    "Django template": (
        "a.html",
        """
        {% flag "new-checkout" %}{% endflag %}  #> code new-checkout
        {% flag new-checkout %}{% endflag %}  #> code new-checkout
        <p class="new-checkout">The new-checkout</p>  #> text new-checkout, text new-checkout
        {# new-checkout #}  #> text new-checkout
        <!-- new-checkout -->  #> text new-checkout
        {% comment %} new-checkout {% endcomment %}  #> text new-checkout
        {% comment "why" %}
          new-checkout  #> text new-checkout
        {%- endcomment -%}
        {% if it's %}<!-- don't: new-checkout -->{% endif %}  #> text new-checkout
        """,
    ),
    "Jinja template": ("a.jinja2", "{% if waffle.flag('new-checkout') %}  #> code new-checkout\n"),
    "Vue": (
        "a.vue",
        "<p v-if=\"on('new-checkout')\">  #> code new-checkout\n<!-- new-checkout -->  #> text new-checkout\n",
    ),
    "upper-case suffix": ("A.TS", 'on("new-checkout")  #> code new-checkout\n'),
    "Markdown": ("a.md", "The `new-checkout` flag  #> text new-checkout\n"),
    "YAML": ("a.yaml", "new-checkout: true  #> text new-checkout\n"),
    "JSON": ("a.json", '{"new-checkout": true}  #> text new-checkout\n'),
    "SQL": ("a.sql", "select 'new-checkout'  #> text new-checkout\n"),
    "no suffix": ("Makefile", "new-checkout:  #> text new-checkout\n"),
    "unknown suffix": ("a.zzz", "new-checkout  #> text new-checkout\n"),
}


@pytest.mark.parametrize(("path", "source"), OTHER_FILES.values(), ids=OTHER_FILES)
def test_mentions_in_other_files(tmp_path: Path, path: str, source: str) -> None:
    check(tmp_path, {path: source})


RESPELLINGS = {
    "new-checkout": {"new-checkout", "new_checkout", "newCheckout", "NEW_CHECKOUT"},
    "new_checkout": {"new-checkout", "new_checkout", "newCheckout", "NEW_CHECKOUT"},
    "newCheckout": {"new-checkout", "new_checkout", "newCheckout", "NEW_CHECKOUT"},
    "NEW_CHECKOUT": {"new-checkout", "new_checkout", "newCheckout", "NEW_CHECKOUT"},
    "payments.new-checkout": {
        "payments.new-checkout",
        "payments-new-checkout",
        "payments_new_checkout",
        "paymentsNewCheckout",
        "PAYMENTS_NEW_CHECKOUT",
    },
    "checkout-2-step": {"checkout-2-step", "checkout_2_step", "checkout2Step", "CHECKOUT_2_STEP"},
    "search": {"search"},
    "SEARCH": {"SEARCH"},
    "v2": {"v2"},
    "-": {"-"},
}


@pytest.mark.parametrize(("name", "spellings"), RESPELLINGS.items(), ids=RESPELLINGS)
def test_respellings(name: str, spellings: set[str]) -> None:
    assert respellings(name) == spellings


@pytest.mark.parametrize("spelling", sorted(RESPELLINGS["new-checkout"]))
def test_each_respelling_is_found_in_another_language(tmp_path: Path, spelling: str) -> None:
    found = scan_files(tmp_path, {"a.ts": f"if (flags.{spelling}()) {{}}\nx{spelling} {spelling}2 {spelling}_x\n"})
    assert rows(found) == [("a.ts:1:11", "code", "new-checkout")]


NO_MENTIONS = [
    "new-checkout-banner",
    "my-new-checkout",
    "xnew-checkout",
    "new-checkout2",
    "new-checkout_x",
    "new_checkout_x",
    "newCheckoutBanner",
    "renewCheckout",
    "$newCheckout",
    "NEWCHECKOUT",
    "NewCheckout",
    "newcheckout",
    "new checkout",
    "éNewCheckout",
    "--new-checkout",
    "NEW-CHECKOUT",
    "New_Checkout",
    "new-checkout-v2",
    "new-checkout.old",
    "my.new-checkout",
    "newCheckoutV2",
    "NEW_CHECKOUT_2",
]


@pytest.mark.parametrize("text", NO_MENTIONS)
def test_what_is_no_mention(tmp_path: Path, text: str) -> None:
    assert rows(scan_files(tmp_path, {"a.ts": f'f("{text}", {text})\n', "a.md": text})) == []


@pytest.mark.parametrize(
    "text", ["(new-checkout)", "'new-checkout'", "new-checkout.", "new-checkout:", "/new-checkout/", "a new-checkout\n"]
)
def test_what_delimits_a_mention(tmp_path: Path, text: str) -> None:
    assert [row[1:] for row in rows(scan_files(tmp_path, {"a.md": text}))] == [("text", "new-checkout")]


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("a.b-c", True),
        ("a.b-c.", True),
        ("(a.b-c)", True),
        ("a.b-c. Then", True),
        ("a.b-c.x", False),
        ("x.a.b-c", False),
        ("a.b-c-x", False),
        ("/a.b-c/", True),
    ],
)
def test_keys_with_dots_end_where_the_dots_end(tmp_path: Path, text: str, is_found: bool) -> None:
    found = scan_files(tmp_path, {"a.md": text, "app.py": f"f({text!r})"}, flags=["a.b-c"])
    assert {row[0].split(":")[0] for row in rows(found)} == ({"a.md", "app.py"} if is_found else set())


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ('"search"', True),
        ("'search'", True),
        ("`search`", True),
        ("flags.search", True),
        ("features.search", True),
        ("Flags::search", True),
        ("flags?.search", True),
        ("this.featureToggles.search()", True),
        ("search", False),
        ("search()", False),
        ("x.search", False),
        ("/search/", False),
        ("the search page", False),
        ("\"search'", False),
        ('"search page"', False),
        ('"research"', False),
        ("flags.search_x", False),
        ("flags.searches", False),
        ("flags .search", False),
    ],
)
def test_a_key_of_one_word_must_be_quoted_or_a_member_of_flags(tmp_path: Path, text: str, is_found: bool) -> None:
    found = scan_files(tmp_path, {"a.ts": text}, flags=["search"])
    assert bool(found.references) is is_found


NAMES = {
    "strings": """
        on('new_checkout', "newCheckout", `NEW_CHECKOUT`)  #> code new-checkout, code new-checkout, code new-checkout
        '{"new_checkout": 1}'  #> text new-checkout
        "select new_checkout from"  #> text new-checkout
        """,
    "members of flags": """
        flags.new_checkout || Features?.newCheckout  #> code new-checkout, code new-checkout
        useFlags().newCheckout && this.featureToggles.newCheckout()  #> code new-checkout, code new-checkout
        FLAG_KEYS.NEW_CHECKOUT + AppFeature::NEW_CHECKOUT  #> code new-checkout, code new-checkout
        settings.newCheckout  #> code new-checkout
        row.new_checkout + props.newCheckout  #> text new-checkout, text new-checkout
        featured.new_checkout  #> text new-checkout
        """,
    "arguments": """
        isEnabled(newCheckout, user)  #> code new-checkout
        client.boolVariation(ctx, NEW_CHECKOUT)  #> code new-checkout
        unleash.isEnabled(Keys.NEW_CHECKOUT)  #> code new-checkout
        NEW_CHECKOUT.isActive()  #> code new-checkout
        if (newCheckout) {}  #> text new-checkout
        switch (newCheckout) {}  #> text new-checkout
        save(newCheckout)  #> text new-checkout
        navigate(newCheckout)  #> text new-checkout
        comparison(newCheckout)  #> text new-checkout
        toggleMenu(newCheckout)  #> text new-checkout
        isEnabled(1 + (a, newCheckout))  #> text new-checkout
        function isEnabled(newCheckout) {}  #> text new-checkout
        """,
    "inside flags": """
        const config = { features: { old_search: true, new_checkout: true } };  #> code new-checkout, code old-search
        const FLAGS = [newCheckout];  #> code new-checkout
        enum FeatureFlag { NEW_CHECKOUT }  #> code new-checkout
        const { newCheckout, oldSearch: search } = useFlags();  #> code new-checkout, code old-search
        const { newCheckout } = props;  #> text new-checkout
        if (features.x) { new_checkout = 1 }  #> text new-checkout
        const flags = () => { return newCheckout }  #> text new-checkout
        row = { new_checkout: true }  #> text new-checkout
        """,
    "alone": """
        const NEW_CHECKOUT = 1;  #> text new-checkout
        let newCheckout: boolean = true  #> text new-checkout
        // flags.newCheckout #> text new-checkout
        """,
}


@pytest.mark.parametrize("source", NAMES.values(), ids=NAMES)
def test_a_name_counts_where_something_speaks_of_flags(tmp_path: Path, source: str) -> None:
    check(tmp_path, {"a.ts": source})


def test_a_key_that_is_a_name_must_speak_of_flags_too(tmp_path: Path) -> None:
    source = """
        row.retention_days = enforce(retention_days)  #> text retention_days, text retention_days
        options.get("retention_days")  #> code retention_days
        r#"{"retention_days": 90}"#  #> text retention_days
        """
    check(tmp_path, {"a.rs": source}, flags=["retention_days"])


LANGUAGES = {
    "JSX attribute": (
        "a.jsx",
        "<Feature flag={newCheckout} name='old-search'/>  #> code new-checkout, code old-search\n",
    ),
    "object key": ("a.js", "const flags = {'new-checkout': 1, oldSearch: 2}  #> code new-checkout, code old-search\n"),
    "Go raw string": ("a.go", 'on(`new-checkout`, `{"old_search"}`)  #> code new-checkout, text old-search\n'),
    "Kotlin": ("a.kt", 'val a = "x ${flags["new-checkout"]} ${oldSearch}"  #> code new-checkout, text old-search\n'),
    "Swift": (
        "a.swift",
        'let a = "x \\(on("new-checkout")) y"; on(flags.oldSearch) #> code new-checkout, code old-search\n',
    ),
    "Java": ("A.java", "Features.NEW_CHECKOUT.isActive(); int oldSearch;  #> code new-checkout, text old-search\n"),
    "Ruby": (
        "a.rb",
        "Flipper.enabled?(:new_checkout)  #> code new-checkout\n"
        "x = Flipper::old_search; y.old_search  #> text old-search, text old-search\n"
        'puts "a #{flag? "new-checkout"}"  #> code new-checkout\n',
    ),
    "Elixir": ("a.ex", "FunWithFlags.enabled?(:new_checkout)  #> code new-checkout\n"),
    "shell": ("a.sh", "enable new-checkout $#new_checkout  #> code new-checkout, text new-checkout\n"),
    "YAML": (
        "a.yml",
        "new-checkout: &new_checkout  #> text new-checkout, text new-checkout\n"
        "  - 'old-search'  #> text old-search\n"
        "  - *new_checkout # new-checkout #> text new-checkout, text new-checkout\n",
    ),
    "Markdown": (
        "a.md",
        "`new-checkout` **new_checkout** [x](new-checkout.md)  #> text new-checkout, text new-checkout\n",
    ),
    "Vue": (
        "a.vue",
        '<p v-if="flags.newCheckout" :class="\'x\'">new-checkout  #> code new-checkout, text new-checkout\n',
    ),
    "page": ("a.html", "<i data-flag='new-checkout' class='old-search'>  #> code new-checkout, text old-search\n"),
    "templates of mail": (
        "templates/a.txt",
        "{{ flags.new_checkout }} 'new-checkout'  #> code new-checkout, text new-checkout\n",
    ),
}


@pytest.mark.parametrize(("path", "source"), LANGUAGES.values(), ids=LANGUAGES)
def test_ways_to_write_a_key(tmp_path: Path, path: str, source: str) -> None:
    check(tmp_path, {path: source})


PLACES = {
    "LF": ("a\nflags['new-checkout']", (2, 8)),
    "CRLF": ("a\r\nflags['new-checkout']", (2, 8)),
    "CR": ("a\rflags['new-checkout']", (2, 8)),
    "BOM": ("\ufeffflags['new-checkout']", (1, 8)),
    "tabs": ("\t\tflags['new-checkout']", (1, 10)),
    "beyond the BMP": ("'🎉🎉' + flags['new-checkout']", (1, 15)),
    "combining": ("'e\u0301' + flags['new-checkout']", (1, 15)),
    "line separator": ("'\u2028' + flags['new-checkout']", (1, 14)),
}


@pytest.mark.parametrize("path", ["a.ts", "A.java", "a.kt", "a.go", "a.swift", "a.rb", "a.html", "a.yaml", "a.md"])
@pytest.mark.parametrize(("text", "place"), PLACES.values(), ids=PLACES)
def test_places_in_every_language(tmp_path: Path, path: str, text: str, place: tuple[int, int]) -> None:
    [found] = scan_files(tmp_path, {path: text.encode()}).references
    at = found.location
    assert (at.line, at.column, at.end_line, at.end_column) == (*place, place[0], place[1] + len("new-checkout"))


def test_aliases_stand_for_their_flag(tmp_path: Path) -> None:
    flags = {"new-checkout": "new-checkout", "one-page": "new-checkout"}
    files = {
        "app.py": 'helper("one-page")  #> literal new-checkout\n',
        "a.ts": "isOn(onePage, newCheckout)  #> code new-checkout, code new-checkout\n",
        "a.md": "one_page  #> text new-checkout\n",
    }
    check(tmp_path, files, flags=flags)


def test_a_respelling_that_is_another_flags_name_means_that_flag(tmp_path: Path) -> None:
    files = {"a.ts": "isOn(new_checkout)  #> code new_checkout\nf('new-checkout')  #> code new-checkout\n"}
    check(tmp_path, files, flags=["new-checkout", "new_checkout"])


def test_a_respelling_that_two_flags_share_means_both(tmp_path: Path) -> None:
    files = {"a.ts": "isOn(newCheckout)  #> code new-checkout, code new_checkout\n"}
    check(tmp_path, files, flags=["new-checkout", "new_checkout"])


def test_of_keys_that_overlap_the_longest_counts(tmp_path: Path) -> None:
    files = {
        "a.ts": "f('app.new-checkout')  #> code app.new-checkout\nf('new-checkout')  #> code new-checkout\n",
        "app.py": "f('app.new-checkout')  #> literal app.new-checkout\n",
    }
    check(tmp_path, files, flags=["new-checkout", "app.new-checkout"])


def test_of_keys_that_begin_alike_the_longest_counts(tmp_path: Path) -> None:
    files = {
        "a.md": "new-checkout.v2 and new-checkout  #> text new-checkout.v2, text new-checkout\n",
        "app.py": "f('new-checkout.v2 is on')  #> text new-checkout.v2\n",
    }
    check(tmp_path, files, flags=["new-checkout", "new-checkout.v2"])


def test_without_flags_nothing_is_mentioned(tmp_path: Path) -> None:
    assert rows(scan_files(tmp_path, {"a.ts": "f('new-checkout')", "app.py": "f('new-checkout')"}, flags=())) == []


# --- any text ---------------------------------------------------------------------------------------------------------

KEYS = ["new-checkout", "search", "a.b-c", "x/y:z", "über-flag", "newCheckout", "it"]
PIECES = [*KEYS, "flags.", "features::", *"-_.:/$ \n\r\t\"'`aé1🎉\0\u2028"]


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join),
    st.sets(st.sampled_from(KEYS) | st.text(st.characters(codec="utf-8"), min_size=1, max_size=4), max_size=6),
)
def test_matches_are_spellings_that_stand_by_themselves(text: str, names: set[str]) -> None:
    spellings = Spellings({name: [name] for name in names})
    last = 0
    for match in spellings.find(text):
        assert last <= match.start < match.end <= len(text)
        assert text[match.start : match.end] == match.flag
        assert is_delimited(text, match.start, match.end)
        around = text[max(0, match.start - 1) : match.start] + text[match.end : match.end + 1]
        assert not any(each.isalnum() or each in "_-$" for each in around)
        assert spellings.occur_in(text.encode("utf-8", "replace"))
        last = match.end


WORD = st.sampled_from("aZé9_$-")


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(sorted(RESPELLINGS["new-checkout"])),
    st.text(WORD, max_size=3),
    st.text(WORD, max_size=3),
    st.sampled_from([" ", "'", '"', "`", "(", "\n", ",", "=", "🎉"]),
)
def test_only_what_delimits_makes_a_key_of_a_part(spelling: str, before: str, after: str, around: str) -> None:
    spellings = Spellings({each: ["new-checkout"] for each in RESPELLINGS["new-checkout"]})
    found = [(match.start, match.end) for match in spellings.find(f"{around}{before}{spelling}{after}{around}")]
    assert found == ([] if before or after else [(1, 1 + len(spelling))])


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=30))
def test_respellings_of_any_name_keep_the_name(name: str) -> None:
    found = respellings(name)
    assert name in found
    assert len(found) <= 6
