"""A comment on a pull request: who has to do what, in seconds; nobody is called by it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_samples import FLAG, WHOLE, finding, many, span

from flagctl.model import Location, Severity
from flagctl.report import FORMATS, Report
from flagctl.report.markdown import MOST_CHARACTERS
from flagctl.report.marked import code, prose


def comment(*findings: object) -> str:
    return FORMATS["markdown"](Report(findings, flags=(FLAG,)))  # type: ignore[arg-type]


def summaries(text: str) -> list[str]:
    return re.findall(r"<summary>(.*)</summary>", text)


def items(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def test_nothing_found() -> None:
    assert comment() == "**flagctl**: No findings: 1 flag\n"


def test_one_finding() -> None:
    assert comment(finding(hint="run `flagctl remove new-checkout`")) == (
        "**flagctl**: 1 finding: 1 error in 1 flag\n"
        "\n"
        "<details open><summary><code>@acme/payments</code>: 1 error</summary>\n"
        "\n"
        "- **error** [`flags/new-checkout.yaml:8`](flags/new-checkout.yaml#L8) `new-checkout` expired on 2026-05-01"
        " (174 days ago) (FLG101)<br>→ run `flagctl remove new-checkout`\n"
        "\n"
        "</details>\n"
    )


def test_groups_are_owners_the_worst_first() -> None:
    assert summaries(FORMATS["markdown"](WHOLE)) == [
        "<code>@acme/payments</code>: 1 error, 2 warnings",
        "No owner: 1 error",
        "About no flag: 1 info",
    ]
    assert [line.split("**")[1] for line in items(FORMATS["markdown"](WHOLE))] == [
        *("error", "warning", "warning", "error", "info")
    ]


def test_an_alias_has_the_owner_of_its_flag() -> None:
    assert summaries(comment(finding(flag="newCheckout"))) == ["<code>@acme/payments</code>: 1 error"]


def test_links_lead_to_lines() -> None:
    several = comment(finding(location=Location("a (1)/ñ`.py", 3, 7, 5, 2)))
    assert "[``a (1)/ñ`.py:3``](a%20%281%29/%C3%B1%60.py#L3-L5)" in several


def test_links_are_whole_where_it_is_known_where_the_sources_are_shown() -> None:
    report = Report((finding(),), sources="https://git.example/shop/blob/3f2a/")
    assert "](https://git.example/shop/blob/3f2a/flags/new-checkout.yaml#L8)" in FORMATS["markdown"](report)


def test_many_findings_are_folded() -> None:
    assert "<details open>" in FORMATS["markdown"](many(20))
    assert "<details open>" not in FORMATS["markdown"](many(21))


def test_too_many_findings_are_cut_and_counted() -> None:
    text = FORMATS["markdown"](many(30_000))
    assert 0.9 * MOST_CHARACTERS < len(text) <= MOST_CHARACTERS
    shown = items(text)
    assert all(line.startswith("- **error**") for line in shown)
    left_out = 30_000 - len(shown)
    assert text.endswith(f"\n{left_out} more findings, less important, would not fit into this comment.\n")


def test_the_worst_of_every_owner_comes_before_the_lesser_of_any() -> None:
    worst = finding("is the worst", flag="other", location=span("z.yaml"))
    lesser = replace(many(2_000), flags=(FLAG, replace(FLAG, key="other", owner="@acme/other", aliases=())))
    report = replace(lesser, findings=(*(replace(each, severity=Severity.INFO) for each in lesser.findings), worst))
    text = FORMATS["markdown"](report)
    assert summaries(text)[0] == "<code>@acme/other</code>: 1 error"
    assert "is the worst" in text


def test_text_without_end_is_cut() -> None:
    text = comment(finding("x" * 100_000), finding("y", severity=Severity.INFO))
    assert len(text) < 2_000
    assert "…" in text
    assert len(items(text)) == 2


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "a_b *c* <img src=x> | [x] ~y~ \\ 1 & 2",
            "a\\_b \\*c\\* &lt;img src=x&gt; \\| \\[x\\] \\~y\\~ \\\\ 1 &amp; 2",
        ),
        ("did you mean @acme/payments?", "did you mean `@acme/payments`?"),
        ("see #12, acme/shop#12 and GH-7", "see `#12`, `acme/shop#12` and `GH-7`"),
        ("https://a.example/x www.b.example :smile:", "`https://a.example/x` `www.b.example` `:smile:`"),
        ("add `a_b`: *x*", "add `a_b`: \\*x\\*"),
        ("odd ` tick", "odd \\` tick"),
        ("```\n@acme", "\\`\\`\\`\n`@acme`"),
        ("plain (174 days ago), 100%: 'x' \"y\"", "plain (174 days ago), 100%: 'x' \"y\""),
    ],
)
def test_prose_is_shown_as_it_is(text: str, shown: str) -> None:
    assert prose(text) == shown


@given(st.text("ab_*[]()<>&!#@`~|\\:/.; 1", max_size=30))
def test_nothing_in_prose_is_markup(text: str) -> None:
    """It is text and code, as Markdown's own rules have it, and whatever could call somebody is code."""
    parser = MarkdownIt("commonmark").enable(["strikethrough", "table"])
    [inline] = [each for each in parser.parse(f"x {prose(text)}") if each.type == "inline"]
    pieces = inline.children or []
    assert {each.type for each in pieces} <= {"text", "code_inline"}
    shown = "".join(each.content for each in pieces)
    assert re.sub(r"[\s`]", "", shown) == "x" + re.sub(r"[\s`]", "", text)
    assert "@" not in "".join(each.content for each in pieces if each.type == "text")


@pytest.mark.parametrize(
    ("text", "shown"),
    [("a", "`a`"), ("a`b", "``a`b``"), ("`", "`` ` ``"), ("a``b`", "``` a``b` ```"), (" a ", "`  a  `"), ("", "")],
)
def test_code_is_shown_as_it_is(text: str, shown: str) -> None:
    assert code(text) == shown


def test_an_owner_cannot_leave_its_code() -> None:
    owner = "</code></summary>@acme/all"
    report = Report((finding(),), flags=(replace(FLAG, owner=owner),))
    assert summaries(FORMATS["markdown"](report)) == ["<code>&lt;/code&gt;&lt;/summary&gt;@acme/all</code>: 1 error"]
