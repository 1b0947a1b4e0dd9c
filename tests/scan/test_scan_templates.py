"""Evaluations in templates and scripts: what asks for a flag, and what only looks like it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scan_cases import check, evaluations, only, rows, scan_files

from flagctl.config.conventions import Conventions, Script, Template
from flagctl.model import Kind, ResolvedBy, Role
from flagctl.scan.mentions import Terms, find_in_text
from flagctl.scan.text import Spellings

WAFFLE = 'sdks = ["django-waffle"]\n'
OWN = """
[[template]]
tag = "iffeature"
key = [1, "name"]

[[template]]
tag = "flag_disabled"
negated = true

[[template]]
call = ["feature", "*.has_feature"]
key = [0, "name"]

[[template]]
call = "request_feature"
key = 1

[[template]]
attribute = "flags.{key}"

[[template]]
attribute = "*.toggles.{key}"
key_pattern = "x_*"

[[script]]
call = ["*.isOn", "useFlag"]

[[script]]
call = "variation"
key = 1
returns = "variant"
"""

DJANGO = {
    "tags": """
        {% load waffle_tags %}
        {% flag "new-checkout" %}a{% else %}b{% endflag %}  #> evaluation new-checkout
        {% switch 'old-search' %}{% endswitch %}  #> evaluation old-search
        {%sample "other"%}{% endsample %}  #> evaluation other
        {%- flag "new-checkout" -%}  #> evaluation new-checkout
        """,
    "words": """
        {% flag new-checkout %}{% endflag %}  #> evaluation new-checkout
        {% flag name %}{% endflag %}  #> evaluation ?
        {% flag "new-checkout"|lower %}{% endflag %}  #> evaluation ?, code new-checkout
        """,
    "comments and blocks that are shown as they are": """
        <!-- {% flag "new-checkout" %} -->  #> evaluation new-checkout
        {# {% flag "new-checkout" %} #}  #> text new-checkout
        {% comment "why" %} {% flag "new-checkout" %} {% endcomment %}  #> text new-checkout
        {% verbatim %}{% flag "new-checkout" %}{% endverbatim %}  #> code new-checkout
        {% verbatim x %}{% flag "new-checkout" %}{% endverbatim x %}  #> code new-checkout
        {% raw %}{% flag "other" %}{% endraw %}
        """,
    "look-alikes": """
        {% flags "other" %}{% flagged "other" %}{% endflag "other" %}{% block flag %}
        {% trans "flag" %} {{ flag }} {{ "flag" }} {% flag %} flag "other" { % flag "other" % }
        {% endflag "new-checkout" %}  #> code new-checkout
        """,
    "Jinja": """
        {% if waffle.flag("new-checkout") %}  #> evaluation new-checkout
        {% elif not waffle.switch('other') %}  #> evaluation other
        {{ waffle.sample(name) }} {{ waffle.flag() }} {{ my.waffle.flag("other") }}  #> evaluation ?
        """,
}


@pytest.mark.parametrize("source", DJANGO.values(), ids=DJANGO)
@pytest.mark.parametrize("path", ["a.html", "templates/mail.txt"])
def test_templates_of_django_waffle(tmp_path: Path, path: str, source: str) -> None:
    found = check(tmp_path, {path: source}, WAFFLE)
    assert {(each.kind, each.sdk) for each in evaluations(found)} <= {(Kind.TEMPLATE, "django-waffle")}


YOURS = {
    "calls": """
        {% if feature("new-checkout") %}{{ feature(name='other') }}  #> evaluation new-checkout, evaluation other
        {{ feature(request, name="new-checkout") }}  #> evaluation new-checkout
        {{ user.has_feature( "other" , 1) }}{{ f().has_feature("other") }}  #> evaluation other, evaluation other
        {{ feature("new-" ~ x) }}{{ feature(f("other")) }}  #> evaluation ?, evaluation ?
        {{ f(feature("new-checkout"), [feature("other")]) }}  #> evaluation new-checkout, evaluation other
        {{ features("other") }}{{ my.feature("other") }}{{ "feature('other')" }}{{ feature }}
        """,
    "filters": """
        {% if "new-checkout"|feature %}{{ 'other'|feature(request) }}  #> evaluation new-checkout, evaluation other
        {% if request|request_feature:"new-checkout" %}  #> evaluation new-checkout
        {{ x|lower|feature }}{{ "other"|lower|feature }}{{ name|feature }}  #> evaluation ?, evaluation ?, evaluation ?
        {{ feature|lower }}{{ "other"|features }}
        """,
    "tests": """
        {% if "new-checkout" is feature %}{% if "other" is not feature %}  #> evaluation new-checkout, evaluation other
        {% if feature is defined %}
        """,
    "attributes": """
        {% if flags.old_search %}{{ flags.other }}{{ flags.items() }}  #> evaluation old_search
        {{ flags["new-checkout"] }}{{ flags.get('other', 1) }}  #> evaluation new-checkout, evaluation other
        {{ flags[x] }}  #> evaluation ?
        {{ flags.old_search.value }}{{ my.flags.other }}  #> evaluation old_search
        {{ request.toggles.x_other }}{{ request.toggles.other }}  #> evaluation x_other
        {{ request.user.toggles.x_1.y }}  #> evaluation x_1
        """,
    "tags": """
        {% iffeature request "new-checkout" %}{% iffeature name="other" %}  #> evaluation new-checkout, evaluation other
        {% iffeature "other" %}{% iffeature request as y %}{% if iffeature %}
        """,
}


@pytest.mark.parametrize("source", YOURS.values(), ids=YOURS)
def test_templates_by_your_own_terms(tmp_path: Path, source: str) -> None:
    found = check(tmp_path, {"page.jinja2": source}, OWN, ["new-checkout", "old_search"])
    assert {each.sdk for each in evaluations(found)} == {None}


SCRIPTS = {
    "calls": """
        if (a.isOn("new-checkout") || b?.isOn('other', 1)) {}  #> evaluation new-checkout, evaluation other
        const on = useFlag<boolean>(`new-checkout`)  #> evaluation new-checkout
        variation(user, "other", false)  #> evaluation other
        useFlag(`new-${x}`); useFlag(KEY); useFlag("a" + "b")  #> evaluation ?, evaluation ?, evaluation ?
        useFlag( // why
        """,
    "look-alikes": """
        useFlags("other"); isOn("other"); my.useFlag("other"); variation("other"); useFlag()
        // useFlag("other")
        "useFlag('other')"
        function useFlag(key) { return 1 }
        useFlag(key: string): boolean {
        """,
}


@pytest.mark.parametrize("source", SCRIPTS.values(), ids=SCRIPTS)
@pytest.mark.parametrize("path", ["a.ts", "a.jsx", "a.vue"])
def test_scripts(tmp_path: Path, path: str, source: str) -> None:
    if path == "a.vue":
        source = f"<script>{source}</script>"
    check(tmp_path, {path: source}, OWN)


def test_scripts_in_a_page(tmp_path: Path) -> None:
    source = """
        <script>if (waffle.flag_is_active("new-checkout")) {}</script>  #> evaluation new-checkout
        <script>// waffle.switch_is_active("other")
        f("{{ waffle.flag('other') }}");  #> evaluation other
        waffle.switch_is_active('new-checkout')</script>  #> evaluation new-checkout
        waffle.sample_is_active("other")
        """
    found = check(tmp_path, {"a.html": source}, WAFFLE)
    assert [each.kind for each in evaluations(found)] == [Kind.CALL, Kind.TEMPLATE, Kind.CALL]


def test_what_is_known_of_an_evaluation(tmp_path: Path) -> None:
    found = only(
        scan_files(tmp_path, {"a.html": "\ufeffé🎉\r\n\t{% flag_disabled 'one-page' as x %}"}, OWN, {"one-page": "a"})
    )
    at = found.location
    assert (at.line, at.column, at.end_line, at.end_column) == (2, 2, 2, 37)
    assert (found.flag, found.negated, found.returns, found.resolved_by) == ("a", True, "bool", ResolvedBy.LITERAL)
    assert not found.in_tests


def test_over_several_lines(tmp_path: Path) -> None:
    found = only(scan_files(tmp_path, {"a.jinja2": "{{ feature(\n  'x'\n) }}"}, OWN))
    assert (found.location.line, found.location.end_line, found.location.end_column) == (1, 3, 2)


def test_returns(tmp_path: Path) -> None:
    assert only(scan_files(tmp_path, {"a.js": "variation(1, 'x')"}, OWN)).returns == "variant"


def test_in_tests(tmp_path: Path) -> None:
    config = 'tests = ["spec"]\n' + WAFFLE
    assert only(scan_files(tmp_path, {"spec/a.html": "{% flag 'x' %}"}, config)).in_tests


def test_a_preset_counts_where_its_sdk_is_used(tmp_path: Path) -> None:
    assert rows(scan_files(tmp_path / "a", {"a.html": "{% flag 'x' %}"})) == []
    assert rows(scan_files(tmp_path / "b", {"a.html": "{% flag 'x' %}", "a.py": "import waffle\n"})) == [
        ("a.html:1:1", "evaluation", "x")
    ]


@pytest.mark.parametrize("path", ["a.md", "a.ts", "a.py", "a.yaml", "a.txt"])
def test_what_is_no_template(tmp_path: Path, path: str) -> None:
    assert evaluations(scan_files(tmp_path, {path: "# {% flag 'x' %}\n"}, WAFFLE)) == []


# --- any text ---------------------------------------------------------------------------------------------------------

TERMS = Conventions(
    templates=(Template(("flag",)), Template(call=("feature",)), Template(attribute="flags.{key}")),
    scripts=(Script(("on",)),),
)
PIECES = [
    *"'\"()[]|:,.=% \n",
    *(
        "{%",
        "%}",
        "{{",
        "}}",
        "{#",
        "#}",
        "flag",
        "feature",
        "flags.a_b",
        "flags[",
        "'a_b'",
        "is not",
        "as",
        "on(",
        "<script>",
    ),
    *("</script>", "{% raw %}", "{% endraw %}", "{% comment", "{% verbatim %}", "<!--", "//", "🎉"),
]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(["a.html", "a.j2", "a.vue", "a.ts", "templates/a.txt"]), st.lists(st.sampled_from(PIECES)))
def test_an_evaluation_is_where_it_is_said_to_be(path: str, pieces: list[str]) -> None:
    text = "".join(pieces)
    terms = Terms([TERMS], {"a_b": "a_b"})
    found = find_in_text(path, text, Spellings({"a_b": ["a_b"]}), terms)
    for each in found:
        at = each.location
        lines = text.split("\n")[at.line - 1 : at.end_line]
        shown = "\n".join([*lines[:-1], lines[-1][: at.end_column - 1]])[at.column - 1 :]
        if each.role is Role.MENTION:
            assert shown == "a_b"
            continue
        assert shown.startswith("{%") or any(word in shown for word in ("feature", "flags", "on("))
        assert each.flag is None or each.flag in shown
        assert terms.may_be_in(path, text.encode())
