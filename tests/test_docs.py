"""The documentation says what the program does."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from stories import Story, definition

from flagctl.config import read_config
from flagctl.definitions import read_definitions
from flagctl.definitions.metrics import read_metrics
from flagctl.report import FORMATS
from flagctl.rules import CATALOGUE, rules_page
from flagctl.scan.presets import preset_ids

ROOT = Path(__file__).parents[1]
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w+)\n(?P<text>.*?)^ *```$", re.M | re.S)
OUTPUT = re.compile(r"<!-- output: flagctl (?P<arguments>.+?) -->\n```(?P<language>text|diff)\n(?P<text>.*?)```", re.S)


def blocks(document: Path, language: str) -> list[str]:
    """The fenced blocks in one language, without the indentation of a list around them."""
    found = [match for match in FENCE.finditer(document.read_text()) if match["language"] == language]
    return [re.sub(rf"^{match['indent']}", "", match["text"], flags=re.M) for match in found]


def flagctl(*arguments: str, cwd: Path = ROOT) -> str:
    command = [sys.executable, "-m", "flagctl", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False).stdout


def test_rules_page_is_up_to_date() -> None:
    assert (ROOT / "docs/rules.md").read_text() == rules_page()


@pytest.mark.parametrize(
    ("arguments", "language", "text"),
    [match.group("arguments", "language", "text") for match in OUTPUT.finditer((ROOT / "README.md").read_text())],
    ids=lambda value: value[:30].strip(),
)
def test_readme_shows_real_output(arguments: str, language: str, text: str) -> None:
    output = flagctl(*arguments.split(), cwd=ROOT / "examples/storefront")
    assert output.endswith(text) if language == "diff" else output.startswith(text)


@pytest.mark.parametrize(
    "text", [text for path in DOCUMENTS if path.name != "rules.md" for text in blocks(path, "toml")]
)
def test_configuration_examples_are_valid(text: str, tmp_path: Path) -> None:
    if text.startswith("package ="):
        shown = text.strip()
        assert any(shown in (ROOT / f"src/flagctl/scan/sdks/{sdk}.toml").read_text() for sdk in preset_ids())
    else:
        (tmp_path / "flagctl.toml").write_text(text)
        assert read_config(tmp_path / "flagctl.toml").root == tmp_path


@pytest.mark.parametrize(
    "text",
    [
        text
        for path in DOCUMENTS
        if path.name != "rules.md"
        for text in blocks(path, "yaml")
        if re.search(r"^key:", text, re.M)
    ],
)
def test_definition_examples_are_valid(text: str) -> None:
    found = read_definitions("flags/new-checkout.yaml", text.encode())
    assert found.problems == ()
    assert [flag.key for flag in found.flags] == ["new-checkout"]


def test_metric_tree_in_the_documentation_is_valid() -> None:
    [shown] = [text for text in blocks(ROOT / "docs/definitions.md", "yaml") if "north_star:" in text]
    found = read_metrics("flags/metrics.yaml", shown.encode())
    assert (found.problems, found.tree is None) == ((), False)


def test_history_shows_real_output(tmp_path: Path) -> None:
    story = Story(tmp_path / "shop")
    file, access = "flags/new-checkout.yaml", '{toggle: ["@acme/oncall"], approve: ["@acme/leads"]}'
    story.commit("2026-05-02", "Add new-checkout", {file: definition(0, access=access)}, "Ann Lee <ann@example.com>")
    first = "Let two percent in\n\nFlag-Reason: first users, nobody paid yet\nApproved-by: Lea <lea@example.com>"
    story.commit("2026-05-04", first, {file: definition(2, access=access)}, "Bob <bob@example.com>")
    story.commit("2026-05-08", "Go to 50%", {file: definition(50, access=access)}, "Bob <bob@example.com>")
    story.write({"shop.py": "x = 1\n"})  # there is nothing to audit without a source
    shown = OUTPUT.findall((ROOT / "docs/history.md").read_text())
    assert [arguments for arguments, _, _ in shown] == ["changes", "audit --today 2026-05-09 --select FLG107,FLG601"]
    for arguments, _, text in shown:
        assert flagctl(*arguments.split(), cwd=story.root) == text


OUTPUTS = ROOT / "docs/outputs.md"


@pytest.mark.parametrize("text", blocks(OUTPUTS, "yaml") + blocks(OUTPUTS, "sh"))
def test_snippets_for_ci_run(text: str, tmp_path: Path) -> None:
    """The command in each is one that can be run, and writes the file that the next step takes."""
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shop = shutil.copytree(ROOT / "examples/storefront", tmp_path / "storefront", ignore=ignored)
    [command] = re.findall(r"\bflagctl (audit [^|\n]*)", text)
    arguments = shlex.split(command)
    assert flagctl(*arguments, cwd=shop) or (shop / arguments[-1]).read_text()
    if "steps:" in text or "script:" in text:
        assert yaml.safe_load(text)
        assert text.count(arguments[-1]) == (1 if arguments[-1] in FORMATS else 2)


def test_every_format_has_a_snippet() -> None:
    shown = re.findall(r"--output-format (\w+)", "".join(blocks(OUTPUTS, "yaml") + blocks(OUTPUTS, "sh")))
    assert set(shown) == FORMATS.keys() - {"text"}


def test_contributing_shows_a_rule_as_it_is() -> None:
    [shown] = [text for text in blocks(ROOT / "CONTRIBUTING.md", "python") if text.startswith("class ")]
    assert shown in (ROOT / "src/flagctl/rules/definition.py").read_text()


def test_every_link_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_changelog_names_every_rule() -> None:
    """A range, `FLG001 to FLG003`, names all that are in it."""
    text = (ROOT / "CHANGELOG.md").read_text()
    ranges = re.findall(r"FLG(\d{3}) to\s+FLG(\d{3})", text)
    named = {f"FLG{number:03}" for first, last in ranges for number in range(int(first), int(last) + 1)}
    assert set(CATALOGUE) <= named | set(re.findall(r"FLG\d{3}", text))
