"""Gives real repositories the definitions that their code speaks for, audits them, and shows findings to be judged.

    python benchmarks/review.py CHECKOUT... --config FILE_OR_FOLDER [--select CODES] [--each 50] [--seed N]

A CHECKOUT is a git repository with its history; it is only read. The configuration says how its code asks for flags; in
a folder it is the file that is named like the checkout, with `.toml` behind it. What is derived from what, and how to
judge: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from flagctl.adoption.births import Wanted, read_births
from flagctl.config import find_config
from flagctl.definitions.codeowners import read_code_owners
from flagctl.definitions.new import definition_path, definition_text

LEFT_OUT = 0.1
"""Of the evaluated keys, how many get no definition, so that FLG201 has something to say."""
LIFETIME = {"release": 40, "experiment": 40, "ops": 180, "permission": 365}
AROUND = 4
"""Lines of source that are shown before and after a finding."""

Reference = Mapping[str, Any]


class ReviewError(Exception):
    """Something is missing or failed; told in one line."""


def run(*command: str, cwd: Path, accepted: Sequence[int] = (0,)) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors="replace")
    if done.returncode not in accepted:
        raise ReviewError(f"{shlex.join(command)} in {cwd} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
    return done.stdout


# --- what the code and its history say of a flag ----------------------------------------------------------------------


@dataclass
class Evidence:
    """Everything that is known of one key."""

    key: str
    references: list[Reference] = field(default_factory=list)
    """In the newest commit; empty where only an older one has the key."""
    earlier: list[Reference] = field(default_factory=list)
    """In an older commit."""
    born: date | None = None
    subject: str = ""
    """Of the commit that brought the key."""

    @property
    def known(self) -> list[Reference]:
        return self.references or self.earlier

    @property
    def is_flag(self) -> bool:
        """Whether anything but tests ever knew it."""
        return any(not each["in_tests"] for each in (*self.references, *self.earlier))

    @property
    def uses(self) -> list[Reference]:
        return [each for each in self.references if each["role"] == "evaluation" and not each["in_tests"]]


def by_key(references: Iterable[Reference]) -> dict[str, list[Reference]]:
    found: dict[str, list[Reference]] = defaultdict(list)
    for each in references:
        if each["flag"] is not None and each["role"] != "mention":
            found[each["flag"]].append(each)
    return found


def births(repository: Path, keys: Iterable[str]) -> dict[str, tuple[date, str]]:
    """When each key was first written, and the subject of that commit, as `flagctl init` finds it out."""
    found = read_births(repository, map(Wanted, keys), (".py", ".html"), lambda done, total: None).by_key
    subjects = {each.commit: "" for each in found.values()}
    if subjects:
        told = run("git", "show", "-s", "--format=%H %s", *subjects, cwd=repository)
        subjects = {commit: subject for commit, _, subject in (line.partition(" ") for line in told.splitlines())}
    return {key: (each.day, subjects[each.commit]) for key, each in found.items()}


# --- the definition that this makes ----------------------------------------------------------------------------------


TYPES = (
    ("ops", r"disable|kill|maintenance|read.?only|throttl|limit|timeout|threads|sample|log|debug|max|min|pool|retr"),
    ("experiment", r"experiment|variant|ab.?test"),
    ("permission", r"permission|access|premium|beta|staff|allow|plan"),
)
IMPACTS = (
    ("revenue", r"payment|checkout|price|pricing|coupon|refund|billing|stripe|paypal|basket|order|invoice|purchase"),
    ("trust", r"auth|login|password|permission|privacy|security|delete|token|consent|identity|proctor|secret"),
)
KILLS = re.compile(r"disable|kill")


def guess(key: str, rules: Iterable[tuple[str, str]]) -> tuple[str, str] | None:
    """The first of these that a word of the key speaks for, and that word."""
    for value, words in rules:
        if found := re.search(rf"(?:^|[^a-z])({words})", key.lower()):
            return value, found[1]
    return None


def literal(text: str | None) -> Any:
    """The value of a fallback that is written out; `None` where it is not."""
    words = {"True": True, "False": False}
    if text is None or text in words:
        return words.get(text or "")
    try:
        value = json.loads(text.replace("'", '"'))
    except ValueError:
        return None
    return value if isinstance(value, int | float | str) else None


def variants(evidence: Evidence, root: Path) -> dict[str, Any]:
    """What the flag can be, where that is not on and off: the texts that it is compared with, or its fallback."""
    compared: dict[str, Any] = {}
    for each in evidence.uses:
        line = source_lines(root / each["path"])[each["end_line"] - 1 : each["end_line"]]
        if found := re.match(r"\)*\s*==\s*([\"'])([\w.-]+)\1", "".join(line)[each["end_column"] - 1 :]):
            compared[found[2]] = found[2]
    fallbacks = [literal(each["default"]) for each in evidence.uses]
    others = [each for each in fallbacks if each is not None and not isinstance(each, bool)]
    if others and len({type(each) for each in others}) == 1 and not compared:
        compared = {"normal": others[0]}
    return compared


def owner(evidence: Evidence, root: Path) -> str | None:
    """Whom CODEOWNERS names, or where there is none, who changed the code most in the two years before."""
    path = next((each["path"] for each in evidence.known), None)
    if path is None:
        return None
    code_owners = read_code_owners(root)
    if code_owners is not None:
        return next(iter(code_owners.of(path)), None)
    newest = date.fromisoformat(run("git", "log", "-1", "--format=%cs", cwd=root).strip())
    since = f"--since={newest - timedelta(days=730)}"
    authors = Counter(run("git", "log", since, "--format=%an", "--", path, cwd=root).splitlines())
    return "@" + re.sub(r"\W+", "-", authors.most_common(1)[0][0].lower()) if authors else None


def description(evidence: Evidence, root: Path) -> str | None:
    """The comment right above where the flag is declared or first asked for."""
    for each in sorted(evidence.references, key=lambda each: each["role"] != "declaration"):
        above: list[str] = []
        for line in reversed(source_lines(root / each["path"])[: each["line"] - 1]):
            if not line.strip().startswith("#"):
                break
            above.insert(0, line.strip(" #.\t"))
        if above:
            return " ".join(above)[:200]
    return None


def definition(evidence: Evidence, root: Path) -> dict[str, Any]:
    """What can be said of a flag, and nothing else."""
    guessed = guess(evidence.key, TYPES)
    kind, why = guessed or ("release", "")
    values = variants(evidence, root)
    if values and not guessed and not any(isinstance(each, str) for each in values.values()):
        kind, why = "ops", "a number"
    fields: dict[str, Any] = {"key": evidence.key, "type": kind}
    fields["description"] = description(evidence, root)
    fields["owner"] = owner(evidence, root)
    fields["reason"] = evidence.subject or None
    fields["created"] = evidence.born
    is_standing = kind in ("ops", "permission")
    fields["expected_end_state"] = "keep" if is_standing else "remove"
    fields["justification"] = f'The key speaks of "{why}"' if is_standing else None
    if evidence.born is not None:
        fields["review_by" if is_standing else "expires"] = evidence.born + timedelta(days=LIFETIME[kind])
    fields["variants"] = values or None
    if found := guess(evidence.key, IMPACTS):
        fields["impact"] = found[0]
    fallbacks = Counter(each["default"] for each in evidence.uses if isinstance(literal(each["default"]), bool))
    kills_when = ("on" if KILLS.search(evidence.key.lower()) else "off") if kind == "ops" and not values else None
    if fallbacks:
        is_open = (fallbacks.most_common(1)[0][0] == "True") is not (kills_when == "on")
        fields["on_failure"] = "fail-open" if is_open else "fail-closed"
    if kills_when == "on":
        fields["kill_switch"] = {"kills_when": kills_when}
    return {name: value for name, value in fields.items() if value is not None}


def source_lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines() if path.is_file() else []


# --- one repository ---------------------------------------------------------------------------------------------------


class Repository:
    """A scratch copy of a checkout, with definitions."""

    def __init__(self, checkout: Path, config: Path, work: Path, options: argparse.Namespace) -> None:
        self.name = checkout.resolve().name
        self.root = work / self.name
        self.flagctl = shlex.split(options.flagctl)
        self.evidence: dict[str, Evidence] = {}
        self.config = config / f"{self.name}.toml" if config.is_dir() else config
        run("git", "clone", "--quiet", "--shared", "--no-checkout", str(checkout.resolve()), str(self.root), cwd=work)
        self.today = date.fromisoformat(run("git", "log", "-1", "--format=%cs", cwd=self.root).strip())
        self._derive(options.past, random.Random(f"{options.seed} {self.name}"))

    def _derive(self, past: Sequence[float], chance: random.Random) -> None:
        for years in past:
            before = f"--before={self.today - timedelta(days=round(365 * years))}"
            if commit := run("git", "rev-list", "-1", "--first-parent", before, "HEAD", cwd=self.root).strip():
                self._take(commit)
                for key, references in by_key(self._references()).items():
                    self._of(key).earlier += references
        self._take("HEAD")
        for key, references in by_key(self._references()).items():
            self._of(key).references += references
        for key, (day, subject) in births(self.root, self.evidence).items():
            self._of(key).born, self._of(key).subject = day, subject
        used = sorted(key for key, evidence in self.evidence.items() if evidence.uses)
        left_out = set(chance.sample(used, k=round(len(used) * LEFT_OUT)))
        config = find_config(self.root)
        self.evidence = {key: self.evidence[key] for key in sorted(self.evidence) if self.evidence[key].is_flag}
        for key in self.evidence.keys() - left_out:
            path = self.root / definition_path(config, key)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(definition_text(definition(self.evidence[key], self.root)), encoding="utf-8")

    def _take(self, commit: str) -> None:
        """Makes the working tree a commit's, but for files that the checkout lacks: `git checkout` would refuse."""
        run("git", "read-tree", "--empty", cwd=self.root)
        run("git", "clean", "-ffdxq", cwd=self.root)
        run("git", "read-tree", commit, cwd=self.root)
        run("git", "checkout-index", "--all", "--quiet", cwd=self.root, accepted=(0, 1, 128))

    def _of(self, key: str) -> Evidence:
        return self.evidence.setdefault(key, Evidence(key))

    def _references(self) -> list[Reference]:
        shutil.copy(self.config, self.root / "flagctl.toml")
        answer = json.loads(run(*self.flagctl, "refs", "--output-format", "json", cwd=self.root))
        references: list[Reference] = answer["references"]
        return references

    def audit(self, select: str) -> list[dict[str, Any]]:
        if not self.evidence:
            return []
        command = [*self.flagctl, "audit", "--select", select, "--today", str(self.today), "--output-format", "json"]
        answer = json.loads(run(*command, cwd=self.root, accepted=(0, 1)))
        return [finding | {"repository": self.name} for finding in answer["findings"]]

    def shown(self, finding: Mapping[str, Any]) -> Iterator[str]:
        """A finding with the source around it; for one in a definition, also the places that it speaks of."""
        yield f"{self.name} {finding['path']}:{finding['line']}:{finding['column']}: {finding['flag']}"
        yield f"    {finding['message']}"
        yield f"    hint: {finding['hint']}"
        is_definition = finding["path"].endswith((".yaml", ".yml"))
        yield from self._source(finding["path"], finding["line"], 30 if is_definition else AROUND)
        for path, line in dict.fromkeys(re.findall(r"([\w./+-]+\.\w+):(\d+)", f"{finding['message']}")):
            yield from self._source(path, int(line), 2)

    def _source(self, path: str, line: int, around: int) -> Iterator[str]:
        lines = source_lines(self.root / path)
        yield f"    --- {path}"
        for number in range(max(1, line - around), min(len(lines), line + around) + 1):
            yield f"    {'>' if number == line else ' '} {number:5} {lines[number - 1][:160]}"


# --- what is printed --------------------------------------------------------------------------------------------------


def sample(findings: Iterable[dict[str, Any]], size: int, seed: int) -> list[dict[str, Any]]:
    """Some findings of one code: of every repository in turn, each repository's in a random order."""
    by_repository: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in findings:
        by_repository[finding["repository"]].append(finding)
    for name, own in by_repository.items():
        random.Random(f"{seed} {name}").shuffle(own)
    in_turn = chain.from_iterable(zip_longest(*(by_repository[name] for name in sorted(by_repository))))
    return [finding for finding in in_turn if finding is not None][:size]


def tell(repositories: Mapping[str, Repository], findings: Sequence[dict[str, Any]], each: int, seed: int) -> None:
    by_code: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for finding in findings:
        by_code[f"{finding['code']} {finding['name']}"].append(finding)
    for code, own in sorted(by_code.items()):
        counts = Counter(finding["repository"] for finding in own)
        print(f"{code}: {len(own)} ({', '.join(f'{name} {count}' for name, count in sorted(counts.items()))})")
    for code, own in sorted(by_code.items()):
        for number, finding in enumerate(sample(own, each, seed), start=1):
            print(f"\n=== {code} {number}: " + "\n".join(repositories[finding["repository"]].shown(finding)))


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("checkouts", metavar="CHECKOUT", nargs="+", type=Path, help="a git repository with history")
    parser.add_argument("--config", required=True, type=Path, help="a flagctl.toml, or a folder of NAME.toml")
    parser.add_argument("--select", default="ALL", help="the rules (default: %(default)s)")
    parser.add_argument("--each", type=int, default=50, help="findings to show of each code (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another one leaves out and shows others")
    parser.add_argument(
        "--past",
        metavar="YEARS",
        type=lambda text: [float(each) for each in text.split(",") if each],
        default="1,3",
        help="so long ago, too, definitions were written, and nobody deleted any (default: %(default)s; '' for none)",
    )
    parser.add_argument("--flagctl", metavar="CMD", default="flagctl", help="the command to run")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write all findings there")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="make the copies there, and leave them")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="flagctl-review-") as name:
            work = (options.keep or Path(name)).resolve()
            work.mkdir(parents=True, exist_ok=True)
            repositories: dict[str, Repository] = {}
            findings: list[dict[str, Any]] = []
            for checkout in options.checkouts:
                repository = Repository(checkout, options.config, work, options)
                repositories[repository.name] = repository
                found = repository.audit(options.select)
                print(f"{repository.name}: {len(repository.evidence)} keys, {len(found)} findings", file=sys.stderr)
                findings += found
            tell(repositories, findings, options.each, options.seed)
    except (ReviewError, OSError) as error:
        print(f"review.py: {error}", file=sys.stderr)
        return 2
    if options.json:
        options.json.write_text(json.dumps(findings, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
