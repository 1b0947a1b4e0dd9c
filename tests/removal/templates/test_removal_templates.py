"""Templates without the evaluations of a flag: what they look like then, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from removal_cases import DEFINITION, removal

CONFIG = """\
sdks = ["django-waffle"]

[[template]]
call = ["feature", "*.has_feature"]

[[template]]
call = "has"
key = 1

[[template]]
attribute = "flags.{key}"

[[template]]
tag = "unlessflag"
negated = true

[[template]]
call = "variant"
returns = "variant"

[[script]]
call = "isOn"
"""


FILES = {"flagctl.toml": CONFIG, "flags/new-checkout.yaml": DEFINITION + "aliases: [new_checkout]\n"}


def rewritten(root: Path, text: str, keep: str, path: str = "a.html") -> tuple[str, list[str]]:
    """A template without `new-checkout`, and why it was left to a human."""
    (root / path).parent.mkdir(parents=True)
    (root / path).write_bytes(text.encode())
    found = removal(root, FILES, keep)
    data = found.changes.get(path)
    return text if data is None else data.decode(), [each.reason for each in found.refusals]


F = "feature('new-checkout')"
REWRITES: dict[str, tuple[str, str, str]] = {
    # What stood there, with the flag kept on, kept off.
    "a tag inside a line": ('<a class="{% flag "new-checkout" %}x{% endflag %}">', '<a class="x">', '<a class="">'),
    "a tag with an else": ("{% switch 'new-checkout' %}a{% else %}b{% endswitch %}", "a", "b"),
    "a tag without quotes": ("{%sample new-checkout%}a{%endsample%}", "a", ""),
    "a tag that asks for the opposite": ("{% unlessflag 'new-checkout' %}a{% else %}b{% endunlessflag %}", "b", "a"),
    "tags on lines of their own": (
        "<p>\n  {% flag 'new-checkout' %}\n    <b>\n      new\n    </b>\n  {% else %}\n    <i>old</i>\n  {% endflag %}\n</p>\n",
        "<p>\n  <b>\n    new\n  </b>\n</p>\n",
        "<p>\n  <i>old</i>\n</p>\n",
    ),
    "what is not deeper stays where it is": (
        "{% flag 'new-checkout' %}\n<b>\n  new\n</b>\n{% endflag %}\n<i>\n", "<b>\n  new\n</b>\n<i>\n", "<i>\n"),
    "pre stays where it is": (
        "{% flag 'new-checkout' %}\n  <pre>\n    a\n  </pre>\n{% endflag %}\n", "  <pre>\n    a\n  </pre>\n", ""),
    "so does what stands in one": (
        "<pre>\n{% flag 'new-checkout' %}\n  a\n{% endflag %}\n</pre>\n", "<pre>\n  a\n</pre>\n", "<pre>\n</pre>\n"),
    "and what is looked up with its white space": (
        "{% flag 'new-checkout' %}\n  {% blocktrans %}a\n  b{% endblocktrans %}\n{% endflag %}\n",
        "  {% blocktrans %}a\n  b{% endblocktrans %}\n", ""),
    "and a string of JavaScript": (
        "<script>\n{% flag 'new-checkout' %}\n  x = `a\n  b`\n{% endflag %}\n</script>\n",
        "<script>\n  x = `a\n  b`\n</script>\n", "<script>\n</script>\n"),
    "blank lines": (
        "<p>\n\n{% flag 'new-checkout' %}\na\n{% endflag %}\n\n\n<i>\n", "<p>\n\na\n\n\n<i>\n", "<p>\n\n<i>\n"),
    "a blank line behind what opens": (
        "<p>\n  {% flag 'new-checkout' %}\n  a\n  {% endflag %}\n\n  b\n</p>\n", "<p>\n  a\n\n  b\n</p>\n", "<p>\n  b\n</p>\n"),
    "a blank line before what closes": (
        "<p>\n  b\n\n  {% flag 'new-checkout' %}\n  a\n  {% endflag %}\n</p>\n", "<p>\n  b\n\n  a\n</p>\n", "<p>\n  b\n</p>\n"),
    "blanks beside a tag": ("a {% flag 'new-checkout' %}b{% endflag %} c", "a b c", "a c"),
    "the last attribute": (
        "<a b {% flag 'new-checkout' %}c{% endflag %}>d {% flag 'new-checkout' %}e{% endflag %}>",
        "<a b c>d e>", "<a b>d >"),
    "blanks at the end of a line": ("a {% flag 'new-checkout' %}b{% endflag %}\nc\n", "a b\nc\n", "a\nc\n"),
    "one on a line of its own": (
        "<p>\n  {% flag 'new-checkout' %} <b> {% endflag %}\n</p>\n", "<p>\n  <b>\n</p>\n", "<p>\n</p>\n"),
    "tabs and line ends": (
        "\ufeff<p>\r\n\t{% flag 'new-checkout' %}\r\n\t\té🎉\r\n\t{% endflag %}\r\n</p>",
        "\ufeff<p>\r\n\té🎉\r\n</p>", "\ufeff<p>\r\n</p>"),
    "a file that ends with a tag": ("a\n{% flag 'new-checkout' %}\nb\n{% endflag %}", "a\nb", "a"),
    "a branch with nothing in it": ("<p>\n{% flag 'new-checkout' %}\n\n{% else %}\na\n{% endflag %}\n", "<p>\n", "<p>\na\n"),
    "a branch of nothing but a blank": ("a{% flag 'new-checkout' %} {% endflag %}b", "a b", "ab"),
    "blocks inside blocks": (
        "{% flag 'new-checkout' %}{% for a in b %}1{% else %}2{% endfor %}{% if c %}3{% else %}4{% endif %}{% else %}5{% endflag %}",
        "{% for a in b %}1{% else %}2{% endfor %}{% if c %}3{% else %}4{% endif %}", "5"),
    "blocks that nobody knows": (
        "{% perhaps %}{% flag 'new-checkout' %}{% when x %}1{% else %}2{% end_when %}{% else %}3{% endflag %}{% endperhaps %}",
        "{% perhaps %}{% when x %}1{% else %}2{% end_when %}{% endperhaps %}", "{% perhaps %}3{% endperhaps %}"),
    "names that are a block only sometimes": (
        "{% trans 'a' %}{% flag 'new-checkout' %}{% trans 'b' %}{% else %}{% trans %}c{% endtrans %}{% endflag %}",
        "{% trans 'a' %}{% trans 'b' %}", "{% trans 'a' %}{% trans %}c{% endtrans %}"),
    "what is no tag": (
        "{% flag 'new-checkout' %}{# {% else %} #}{% comment %}{% else %}{% endcomment %}{% verbatim %}{% endflag %}{% endverbatim %}"
        "a{% else %}b{% endflag %}",
        "{# {% else %} #}{% comment %}{% else %}{% endcomment %}{% verbatim %}{% endflag %}{% endverbatim %}a", "b"),
    "several, one in the other": (
        f"{{% flag 'new-checkout' %}}{{% if not {F} %}}1{{% else %}}2{{% endif %}}{{% else %}}{{% if {F} %}}3{{% endif %}}4{{% endflag %}}"
        f"{{% if {F} %}}5{{% endif %}}",
        "25", "4"),
    "if": (f"{{% if {F} %}}a{{% endif %}}", "a", ""),
    "if with other branches": (
        f"{{% if {F} %}}a{{% elif x %}}b{{% else %}}c{{% endif %}}", "a", "{% if x %}b{% else %}c{% endif %}"),
    "elif": (
        f"{{% if x %}}a{{% elif {F} %}}b{{% elif y %}}c{{% else %}}d{{% endif %}}",
        "{% if x %}a{% else %}b{% endif %}", "{% if x %}a{% elif y %}c{% else %}d{% endif %}"),
    "the last elif": (
        f"{{% if x %}}\n  a\n{{%- elif {F} -%}}\n  b\n{{% endif %}}\n",
        "{% if x %}\n  a\n{%- else -%}\n  b\n{% endif %}\n", "{% if x %}\n  a\n{%- endif %}\n"),
    "marks of the branches": (
        f"1 {{%- if {F} %}} a {{%- elif x -%}} b {{% endif %}}", "1 a", "1 {%- if x -%} b {% endif %}"),
    "and": (f"{{% if a and  {F} and b==1 %}}c{{% endif %}}", "{% if a and b==1 %}c{% endif %}", ""),
    "or": (f"{{% if {F} or a|length > 1 %}}b{{% else %}}c{{% endif %}}", "b", "{% if a|length > 1 %}b{% else %}c{% endif %}"),
    "what binds closer": (
        f"{{% if a or not {F} and b %}}c{{% endif %}}", "{% if a %}c{% endif %}", "{% if a or b %}c{% endif %}"),
    "not": (f"{{% if not {F} and not a %}}b{{% endif %}}", "", "{% if not a %}b{% endif %}"),
    "parentheses": (
        f"{{% if (a or {F}) and (b or c) %}}d{{% endif %}}", "{% if b or c %}d{% endif %}", "{% if a and (b or c) %}d{% endif %}"),
    "parentheses behind not": (
        f"{{% if not (a or b or {F}) %}}d{{% endif %}}", "", "{% if not (a or b) %}d{% endif %}"),
    "a condition on several lines": (
        f"{{% if a\n    and {F}\n    and f(b) %}}c{{% endif %}}", "{% if a\n    and f(b) %}c{% endif %}", ""),
    "what is called stays so": (
        f"{{% if f(x) and not ({F} and g()) %}}a{{% endif %}}", "{% if f(x) and not g() %}a{% endif %}", "{% if f(x) %}a{% endif %}"),
    "comparisons": (
        f"{{% if {F} == true %}}1{{% endif %}}{{% if False != {F} %}}2{{% endif %}}{{% if variant('new-checkout') == 'on' %}}3{{% endif %}}",
        "123", ""),
    "filters": ("{% if 'new-checkout'|feature and a %}b{% endif %}{% if request|has:'new-checkout' %}c{% endif %}",
                "{% if a %}b{% endif %}c", ""),
    "tests": ("{% if 'new-checkout' is feature %}a{% endif %}{% if 'new-checkout' is not feature %}b{% endif %}", "a", "b"),
    "attributes": ("{% if flags.new_checkout %}a{% else %}b{% endif %}{% if not flags['new-checkout'] %}c{% endif %}", "a", "bc"),
    "methods": ("{% if user.has_feature('new-checkout') %}a{% endif %}", "a", ""),
    "conditional expressions": (f"<p class=\"{{{{ 'a b' if {F} else 'c' }}}}\">", '<p class="a b">', '<p class="c">'),
    "one that is no string": (f"{{{{ a.b if {F} else c(1)|d }}}}", "{{ a.b }}", "{{ c(1)|d }}"),
    "a string that is escaped": (f"{{{{ '<b>' if {F} else 'a' -}}}} b", "{{ '<b>' }} b".replace(" }}", " -}}"), "{{ 'a' -}} b"),
    "one with no else": (f"a {{{{ 'b' if {F} }}}} c", "a b c", "a c"),
    "one in another": (f"{{{{ a if x else b if {F} else c }}}}", "{{ a if x else b }}", "{{ a if x else c }}"),
    "two in one": (f"{{{{ a if {F} else b if not {F} else c }}}}", "{{ a }}", "{{ b }}"),
    "one as an argument": (f"{{{{ f(x, y=('a' if {F} and z else 'b'), z=[1 if {F} else 2]) }}}}",
                           "{{ f(x, y=('a' if z else 'b'), z=[1]) }}", "{{ f(x, y='b', z=[2]) }}"),
    "one of which something is asked": (f"{{{{ (1 if {F} else b).c }}}}", "{{ (1).c }}", "{{ (b).c }}"),
    "one that is set": (f"{{% set x = 'a' if not {F} else 'b' %}}", "{% set x = 'b' %}", "{% set x = 'a' %}"),
    "one in brackets": (f"{{{{ ('a' if {F} else b ~ c) ~ d }}}}", "{{ 'a' ~ d }}", "{{ (b ~ c) ~ d }}"),
    "marks between markup": (
        f"<ul>\n  {{%- if {F} -%}}\n  <li>\n  {{%- endif -%}}\n</ul>\n", "<ul>\n  <li>\n</ul>\n", "<ul>\n</ul>\n"),
    "marks between words": (
        f"a\n{{%- if {F} -%}}\n, b\n{{%- endif -%}}\n, c\n", "a, b, c\n", "a, c\n"),
    "marks inside a line": (f"a {{%- if {F} -%}} b {{%- endif -%}} c", "abc", "ac"),
    "a library": ("{% extends 'a' %}\n{% load waffle_tags %}\n\n{% flag 'new-checkout' %}\na\n{% endflag %}\n",
                  "{% extends 'a' %}\n\na\n", "{% extends 'a' %}\n"),
    "a library at the top": ("{% load waffle_tags %}\n\n{% flag 'new-checkout' %}a{% endflag %}b\n", "ab\n", "b\n"),
    "a library among others": ("{% load i18n waffle_tags static %}{% flag 'new-checkout' %}a{% endflag %}b",
                               "{% load i18n static %}ab", "{% load i18n static %}b"),
    "tags of a library": ("{% load flag from waffle_tags %}{% flag 'new-checkout' %}a{% endflag %}b", "ab", "b"),
}  # fmt: skip


@pytest.mark.parametrize(("before", "on", "off"), REWRITES.values(), ids=REWRITES)
def test_what_templates_become(tmp_path: Path, before: str, on: str, off: str) -> None:
    for keep, expected in (("on", on), ("off", off)):
        assert rewritten(tmp_path / keep, before, keep) == (expected, [])
        assert rewritten(tmp_path / f"{keep}-again", expected, keep) == (expected, [])


NOT_A_CONDITION = "it is no condition of a tag or of a conditional expression"
COUNTS = "a block or library that would go with it counts even where it is never shown"
LEFT: dict[str, tuple[str, str]] = {
    # What stands there, and why nothing is done to it, whatever is kept.
    "output": (f"{{{{ {F} }}}}", NOT_A_CONDITION),
    "an argument": (f"{{{{ f({F}) }}}}", NOT_A_CONDITION),
    "what a conditional expression gives": (f"{{{{ {F} if x else y }}}}", NOT_A_CONDITION),
    "a value that is combined": (f"{{{{ {F} and 'a' or 'b' }}}}", NOT_A_CONDITION),
    "a variable": (f"{{% set x = {F} %}}", NOT_A_CONDITION),
    "a filter of a loop": (f"{{% for a in b if {F} %}}{{% endfor %}}", NOT_A_CONDITION),
    "what a tag includes": (f"{{% include 'a' if {F} else 'b' ignore missing %}}", NOT_A_CONDITION),
    "what a tag is given": ("{% with x=flags.new_checkout %}{% endwith %}", NOT_A_CONDITION),
    "a part of it": ("{% if flags.new_checkout.value %}a{% endif %}", "what is done with it in a condition is not understood"),
    "what it is filtered by": (f"{{% if {F}|f %}}a{{% endif %}}", "what is done with it in a condition is not understood"),
    "what it is handed to": (f"{{% if f({F}) %}}a{{% endif %}}", "what is done with it in a condition is not understood"),
    "a condition in a condition": (f"{{% if (a if {F} else b) %}}a{{% endif %}}", "the condition around it is not understood"),
    "a part of a list": (f"{{{{ a[b if {F} else c:2] }}}}", NOT_A_CONDITION),
    "a key": (f"{{{{ {{a if {F} else b: c}} }}}}", NOT_A_CONDITION),
    "half a condition": (f"{{% if {F} and %}}a{{% endif %}}", "the condition around it is not understood"),
    "a comparison": (f"{{% if {F} == x %}}a{{% endif %}}", "it is compared with something that is not written out here"),
    "one with more of itself": (f"{{% if {F} == {F} == x %}}a{{% endif %}}", "it is compared with something that is not written out here"),
    "a tag that ends nowhere": ("{% flag 'new-checkout' %}a", "the tag has no end"),
    "a tag that sets a variable": ("{% flag 'new-checkout' as x %}", "the tag has no end"),
    "a block that sets one": ("{% flag 'new-checkout' as x %}{% endflag %}", "what the tag flag does here is not understood"),
    "a block with branches of its own": (
        "{% flag 'new-checkout' %}{% elif x %}{% endflag %}", "what the tag flag does here is not understood"),
    "two ends of an if": (f"{{% if {F} %}}a{{% else %}}b{{% else %}}c{{% endif %}}", "the branches around it are not understood"),
    "a branch of another language": (f"{{% if {F} %}}a{{% elsif x %}}b{{% endif %}}", "the branches around it are not understood"),
    "an if that ends nowhere": (f"{{% if x %}}{{% if {F} %}}a{{% endif %}}", "an if in the file has no end"),
    "one end too many": (f"{{% if {F} %}}a{{% endif %}}{{% endif %}}", "it cannot be told what ends by an endif in the file"),
    "blocks that overlap": (
        "{% if x %}{% flag 'new-checkout' %}a{% endif %}{% endflag %}", "it cannot be told what ends by an endflag in the file"),
    "blocks that overlap otherwise": (
        "{% flag 'new-checkout' %}{% if x %}a{% endflag %}{% endif %}", "it cannot be told what ends by an endflag in the file"),
    "an end of everything": (f"{{% if {F} %}}a{{% end %}}", "it cannot be told what ends by an end in the file"),
    "an else of nothing": (f"{{% else %}}{{% if {F} %}}a{{% endif %}}", "an else in the file is outside of any block"),
    "a tag in a tag": (f"{{% if {F} %}}a{{% endif %}}{{% x {{% y %}}", "a tag in the file cannot be read"),
    "a comment without an end": (f"{{% if {F} %}}a{{% endif %}}{{% comment %}}", "a tag in the file cannot be read"),
    "white space that the tag behind it would strip": (
        f"a\n{{% if {F} %}}\n{{%- x %}}b\n{{% else %}}\n{{%- x %}}c\n{{% endif %}}\n",
        "the tag beside it would strip white space that is shown"),
    "white space that the tag before it would strip": (
        f"{{{{ a -}}}}\n{{% if {F} %}}\nb\n{{% else %}}\nc\n{{% endif %}}\n",
        "the tag beside it would strip white space that is shown"),
    "white space and nothing else": (
        f"a{{%- if {F} -%}} {{% else %}}\n{{% endif %}}b", "only white space is left of it, and it cannot be told how much"),
    "a file of which one place is not understood": (f"{{% if {F} %}}a{{% endif %}}{{{{ {F} }}}}", NOT_A_CONDITION),
    "a script": (f"{{% if {F} %}}a{{% endif %}}<script>isOn('new-checkout')</script>", "a script in the template asks for it"),
}  # fmt: skip


@pytest.mark.parametrize("keep", ["on", "off"])
@pytest.mark.parametrize(("text", "reason"), LEFT.values(), ids=LEFT)
def test_what_is_left(tmp_path: Path, text: str, reason: str, keep: str) -> None:
    now, reasons = rewritten(tmp_path / "x", text, keep)
    assert now == text
    assert reasons
    assert {*reasons} == {reason}


LEFT_OFF: dict[str, tuple[str, str]] = {
    # What is left to a human only if the flag is kept off.
    "what would not be called any more": (
        f"{{% if f(x) and {F} %}}a{{% endif %}}", "what stands before it is called, and would not be any more"),
    "nor in parentheses": (
        f"{{% if (a or f (x)) and {F} %}}a{{% endif %}}", "what stands before it is called, and would not be any more"),
    "a library that the rest may need": ("{% flag 'new-checkout' %}{% load x %}{% endflag %}{% x %}", COUNTS),
    "a block of a child": ("{% extends 'a' %}{% flag 'new-checkout' %}{% block x %}{% endblock %}{% endflag %}", COUNTS),
    "a block that is shown elsewhere": (
        f"{{% if {F} %}}{{% block x %}}{{% endblock %}}{{% endif %}}{{{{ self.x() }}}}", COUNTS),
    "nothing in brackets": (f"{{{{ f('a' if {F}) }}}}", "it says nothing else for this case"),
    "nothing that is set": (f"{{% set x = 'a' if {F} %}}", "it says nothing else for this case"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), LEFT_OFF.values(), ids=LEFT_OFF)
def test_what_is_left_with_the_flag_off(tmp_path: Path, text: str, reason: str) -> None:
    assert rewritten(tmp_path / "off", text, "off") == (text, [reason])
    assert rewritten(tmp_path / "on", text, "on")[1] == []


STAYS: dict[str, str] = {
    # What stays behind `{% flag 'new-checkout' %}a{% endflag %}`.
    "a library with another use": "{% load waffle_tags %}{% switch 'other' %}{% endswitch %}",
    "a library that other tags of it need": "{% load waffle_tags %}{% wafflejs %}",
    "another library": "{% load my_waffle_tags %}",
    "a flag that is like it": "{% flag 'new-checkout-2' %}b{% endflag %}",
    "a comment": "{# {% flag 'other' %} #}{% comment %}{% endflag %}{% endcomment %}",
    "what is shown as it stands": "{% raw %}{% flag 'other' %}{% endraw %}",
    "odd white space": "  <p>  \n\n\n\t</p> \u00a0 ",
}


@pytest.mark.parametrize("rest", STAYS.values(), ids=STAYS)
def test_what_stays(tmp_path: Path, rest: str) -> None:
    assert rewritten(tmp_path / "a", "{% flag 'new-checkout' %}a{% endflag %}" + rest, "on")[0] == "a" + rest


def test_libraries_that_were_idle_before_stay(tmp_path: Path) -> None:
    text = "{% load waffle_tags %}{% if flags.new_checkout %}a{% endif %}"
    assert rewritten(tmp_path / "a", text, "on") == ("{% load waffle_tags %}a", [])


TEXT = "{% flag 'new-checkout' %}\n  a\n{% endflag %}\n</x>\n"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.html", "a\n</x>\n"),
        ("a.html.jinja2", "a\n</x>\n"),
        ("a.jinja2", "a\n</x>\n"),
        ("templates/mail.txt", "  a\n</x>\n"),
        ("a.yml.j2", "  a\n</x>\n"),
    ],
)
def test_only_pages_are_indented_anew(tmp_path: Path, path: str, expected: str) -> None:
    assert rewritten(tmp_path / "x", TEXT, "on", path) == (expected, [])


def test_blanks_of_what_is_no_page_stay(tmp_path: Path) -> None:
    text = f"a:\n{{% if {F} %}}  b: 1 {{% endif %}} # c\n  d {{% if {F} %}} {{% endif %}} e\n"
    assert rewritten(tmp_path / "on", text, "on", "a.yml.j2") == ("a:\n  b: 1  # c\n  d   e\n", [])
    assert rewritten(tmp_path / "off", text, "off", "a.yml.j2") == ("a:\n # c\n  d  e\n", [])


@pytest.mark.parametrize("path", ["a.liquid", "a.html.twig", "a.njk"])
def test_other_engines(tmp_path: Path, path: str) -> None:
    assert rewritten(tmp_path / "x", TEXT, "on", path) == (TEXT, ["only Django and Jinja templates are rewritten"])


def test_other_languages(tmp_path: Path) -> None:
    assert rewritten(tmp_path / "x", "if (isOn('new-checkout')) {}", "on", "a.ts")[1] == [
        "only Python and templates are rewritten"
    ]


def test_a_template_in_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(b"\xe9{% flag 'new-checkout' %}a{% endflag %}")
    found = removal(tmp_path, FILES)
    assert [each.reason for each in found.refusals] == ["the file is not UTF-8"]
    assert found.changes == {}


def test_what_only_a_template_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("{% flag 'new-checkout' %}a{% endflag %}")
    (tmp_path / "README.md").write_text("new-checkout")
    found = removal(tmp_path, FILES)
    assert found.replaced == 1
    assert found.changes.keys() == {"a.html", "flags/new-checkout.yaml", "flags/archive/new-checkout.yaml"}
    assert [each.path for each in found.mentions] == ["README.md"]
