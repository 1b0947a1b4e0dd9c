"""Rule pages in Markdown, made from the rules themselves: what `flagctl rule` prints and `docs/rules.md` holds."""

from __future__ import annotations

import re

from flagctl.model import RuleHelp
from flagctl.rules.catalogue import CATALOGUE
from flagctl.rules.rule import EXAMPLE_TODAY, Example, ExampleCommit, Files, Rule

_OTHER_RULE = re.compile(r"\[(FLG\d+)\]\(#[^)]*\)")
"""A link to another rule on the page with all of them."""
_LANGUAGES = {".py": "python", ".yaml": "yaml", ".toml": "toml", ".ts": "typescript"}


def rule_page(rule: Rule) -> str:
    """One rule's page."""
    habit = "on by default" if rule.is_default else "opt-in: name it under `select`"
    sources = ["definitions", *["code"] * rule.reads_code, *["history"] * rule.reads_history]
    reads = " and ".join(filter(None, (", ".join(sources[:-1]), sources[-1])))
    parts = [
        f"## {rule.code} {rule.name}",
        f"{str(rule.severity).capitalize()}, {habit}. Reads {reads}.",
        _docs(rule),
        f"It fires here (on {EXAMPLE_TODAY}):",
        *_blocks(rule, rule.fires),
        "It does not fire here:",
        *_blocks(rule, rule.silent),
    ]
    return "\n\n".join(parts) + "\n"


def rule_help(rule: Rule) -> RuleHelp:
    """The same for a report, which has no other rules to link to."""
    text = _OTHER_RULE.sub(r"\1", rule.docs())
    paragraphs = [" ".join(each.split()) for each in text.split("\n\n")]
    page = _OTHER_RULE.sub(r"\1", rule_page(rule))
    summary, whole = paragraphs[0], "\n\n".join(paragraphs)
    return RuleHelp(rule.code, rule.name, rule.severity, summary, whole, page, rule.is_default)


def rules_page() -> str:
    """The page with all rules."""
    rows = [f"| [{rule.code}](#{_anchor(rule)}) | {rule.name} | {rule.severity} |" for rule in CATALOGUE.values()]
    head = [
        "# Rules",
        "",
        "Made by `flagctl rule --all`; the text of each page stands beside its rule in `src/flagctl/rules/`.",
        "",
        "| code | name | severity |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""]) + "\n" + "\n".join(map(rule_page, CATALOGUE.values()))


def _anchor(rule: Rule) -> str:
    return f"{rule.code} {rule.name}".lower().replace(" ", "-")


def _docs(rule: Rule) -> str:
    """The docstring, with its paragraphs' headings set off."""
    text = rule.docs()
    for heading in ("Why:", "What to do:"):
        text = text.replace(f"\n\n{heading}", f"\n\n**{heading}**")
    return text


def _blocks(rule: Rule, example: Example) -> list[str]:
    if not isinstance(example, tuple):
        return _files(rule, example)
    return [
        block
        for each in example
        for block in (f"On {each.day} {_author(each)} commits “{each.message}”:", *_files(rule, each.files))
    ]


def _author(commit: ExampleCommit) -> str:
    return commit.author.replace("<", "\\<")


def _files(rule: Rule, files: Files) -> list[str]:
    return [
        f"`{path}`\n\n```{_LANGUAGES.get(path[path.rfind('.') :], '')}\n{text.rstrip()}\n```"
        for path, text in rule.files(files).items()
    ]
