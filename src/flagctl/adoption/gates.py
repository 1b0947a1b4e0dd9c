"""What runs flagctl from now on: the hook for pre-commit, and the job for GitHub Actions or GitLab."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import yaml

from flagctl import __version__
from flagctl.config.files import git

PRE_COMMIT = ".pre-commit-config.yaml"
GITHUB = ".github/workflows/flagctl.yml"
GITLAB = ".gitlab/flagctl.yml"


def hook(definitions: Sequence[str]) -> list[str]:
    """The hook, as an item of `repos`, its first line without indentation."""
    plain = [each.strip("/") for each in definitions if re.fullmatch(r"[\w./ -]+", each)]
    folders = "|".join(each.replace(".", r"\.") for each in dict.fromkeys(plain))
    files = rf"^(?:{folders})/" if len(plain) == len(definitions) else "(^|/)flags/"
    return [
        "- repo: local",
        "  hooks:",
        "    - id: flagctl-validate",
        "      name: flagctl validate",
        "      entry: flagctl validate",
        "      language: python",
        f"      additional_dependencies: [flagctl=={__version__}]",
        rf"      files: {files}.*\.ya?ml$",
        "      require_serial: true",
    ]


def with_hook(text: str | None, definitions: Sequence[str]) -> str | None:
    """The configuration of pre-commit with our hook, every byte of what was there in its place.

    `None` where it has one already, or is written in a way to which nothing can be added.
    """
    lines = hook(definitions)
    if text is None:
        return "repos:\n" + "".join(f"  {line}\n" for line in lines)
    if "flagctl" in text:
        return None
    newline = "\r\n" if "\r\n" in text else "\n"
    spot = _end_of_repos(text)
    if spot is None:
        return None
    at, indent = spot
    head = text[:at] + ("" if text[:at].endswith("\n") or not at else newline)
    after = head + "".join(f"{indent}{line}{newline}" for line in lines) + text[at:]
    return after if _is_longer(text, after) else None


def _end_of_repos(text: str) -> tuple[int, str] | None:
    """Where the list of repositories ends, and how its items are indented."""
    start = re.search(r"^repos:[ \t]*(?:#[^\n]*)?\r?\n", text, re.M)
    if start is None:
        return None
    item = re.compile(r"^([ \t]*)-[ \t]", re.M).search(text, start.end())
    if item is None:
        return None
    at = start.end()
    for line in text[start.end() :].splitlines(keepends=True):
        is_outside = line.strip() and not line.lstrip().startswith("#") and not line.startswith((" ", "\t", "-"))
        if is_outside:
            break
        at += len(line)
    block = text[:at]
    kept = block.rstrip()
    while (last := kept.rpartition("\n")[2]).startswith("#"):  # a comment about what comes next
        kept = kept[: len(kept) - len(last)].rstrip()
    end = text.find("\n", len(kept))
    return (end + 1 if end >= 0 else len(text)), item[1]


def _is_longer(before: str, after: str) -> bool:
    """Whether all that was added is one repository, at the end."""
    try:
        old, new = yaml.safe_load(before), yaml.safe_load(after)
    except yaml.YAMLError:
        return False
    if not isinstance(old, dict) or not isinstance(new, dict) or not isinstance(old.get("repos"), list):
        return False
    rest = {**new, "repos": new["repos"][:-1]}
    return rest == old and len(new["repos"]) == len(old["repos"]) + 1


def forges(root: Path) -> set[str]:
    """Where the project lives: `github`, `gitlab`, by its files and its remotes."""
    told = (git(root, "config", "--get-regexp", r"^remote\..*\.url$") or b"").decode(errors="replace")
    found = set()
    if (root / ".github").is_dir() or re.search(r"[@/.]github\.com[:/]", told):
        found.add("github")
    if (root / ".gitlab-ci.yml").is_file() or re.search(r"[@/.]gitlab\.", told):
        found.add("gitlab")
    return found


def has_hook(root: Path) -> bool:
    """Whether pre-commit runs flagctl already."""
    return _speaks_of_us(root / PRE_COMMIT)


def has_job(root: Path) -> bool:
    """Whether a job of a forge runs flagctl already."""
    files = [
        *(root / ".github" / "workflows").glob("*.y*ml"),
        root / ".gitlab-ci.yml",
        *(root / ".gitlab").glob("*.y*ml"),
    ]
    return any(map(_speaks_of_us, files))


def _speaks_of_us(file: Path) -> bool:
    try:
        return b"flagctl" in file.read_bytes()
    except OSError:
        return False


GITHUB_JOB = f"""\
# A pull request fails on what it makes worse, and on nothing else.
name: Feature flags
on: pull_request
permissions:
  contents: read
jobs:
  flags:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          fetch-depth: 0 # to compare with the branch that this goes to
          persist-credentials: false
      - run: pipx install flagctl=={__version__}
      - run: flagctl audit --new-from "origin/$GITHUB_BASE_REF" --output-format github
"""

GITLAB_JOB = f"""\
# A merge request fails on what it makes worse, and on nothing else. In .gitlab-ci.yml: include: [{{local: {GITLAB}}}]
flags:
  image: python:3.13
  variables:
    GIT_DEPTH: 0 # to compare with the branch that this goes to
  rules:
    - if: $CI_PIPELINE_SOURCE == "merge_request_event"
  before_script:
    - pip install --quiet flagctl=={__version__}
  script:
    - flagctl audit --new-from "${{CI_MERGE_REQUEST_TARGET_BRANCH_SHA:-$CI_MERGE_REQUEST_DIFF_BASE_SHA}}"

flags-quality:
  extends: flags
  script:
    - flagctl audit --exit-zero --output-format gitlab --output gl-code-quality-report.json
  artifacts:
    reports:
      codequality: gl-code-quality-report.json
"""
