"""How long does each format take where there is very much to report, and how big does it get?

    python benchmarks/report.py [--findings 30000] [--rounds 3] [--flagctl CMD] [--json FILE]

Builds a repository with that many findings, over thousands of files, and runs `flagctl audit` on it in every format.
Needs Python 3.11 and an installed flagctl, and nothing else. What is measured: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from scan import BenchmarkError, table

from flagctl import pipeline
from flagctl.cache import cache_file
from flagctl.config import find_config
from flagctl.report import FITTED, FORMATS, Report

TODAY = "2026-06-15"
OPTIONS = ("--today", TODAY, "--exit-zero")
FLAGS = 300
FAULTS = 7
"""Findings about a definition that has a key and nothing else: its fields, and that nothing asks for it."""
CALLS = 100
"""Places in one module that ask for flags without a definition, or for one that cannot be known."""
CONFIGURATION = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\ndefault = 1\n\n[rules]\nselect = ["ALL"]\n'


@dataclass
class Result:
    """One format: what it writes, and what that takes."""

    text: str
    drawing: list[float] = field(default_factory=list)
    running: list[float] = field(default_factory=list)
    notice: str = ""


def build(folder: Path, findings: int) -> None:
    """A repository that nobody has looked after."""
    (folder / "flagctl.toml").write_text(CONFIGURATION)
    (folder / "flags").mkdir()
    for number in range(FLAGS):
        (folder / f"flags/forgotten-{number}.yaml").write_text(f"# nobody remembers\nkey: forgotten-{number}\n")
    (folder / "shop").mkdir()
    for number in range((findings - FLAGS * FAULTS) // CALLS + 1):
        (folder / f"shop/page_{number}.py").write_text("\n".join(module(number)) + "\n")


def module(number: int) -> Iterator[str]:
    """Real text around every place, as fingerprints are made of it."""
    for call in range(CALLS):
        key = f'"missing-{call * number % FLAGS}"' if call % 4 else "basket.key"
        yield f"def view_{call}(request, basket):"
        yield f'    """Page {call} of section {number}."""'
        yield f"    if request.feature({key}, False):"
        yield f"        return basket.total({call})"
        yield "    return None\n\n"


def drawn(name: str, report: Report) -> str:
    """The same work as the command does, fingerprints included."""
    fresh = Report(**{each: getattr(report, each) for each in report.__dataclass_fields__})
    return FORMATS[name](FITTED[name](fresh) if name in FITTED else fresh)


def measure(folder: Path, rounds: int, command: Sequence[str]) -> Mapping[str, Result]:
    """Every format once in each round, so that a busy moment of the machine does not meet only one of them."""
    environment = os.environ | {"XDG_CACHE_HOME": str(folder.parent / "cache")}
    filled = Result("")
    run(filled, folder, environment, [*command, "audit", *OPTIONS])
    print(f"a first run, with an empty cache: {filled.running[0]:.2f} s")
    os.environ.update(environment)
    request = pipeline.Request(date.fromisoformat(TODAY), cache_file=cache_file())
    report = pipeline.audit(find_config(folder), request, lambda done, total: None)
    print(f"{len(report.findings):,} findings, {len(report.flags):,} flags, {report.searched:,} files", flush=True)
    results = {name: Result(drawn(name, report)) for name in FORMATS}
    for _ in range(rounds):
        for name, result in results.items():
            start = time.perf_counter()
            drawn(name, report)
            result.drawing.append(time.perf_counter() - start)
            text = run(result, folder, environment, [*command, "audit", *OPTIONS, "--output-format", name])
            if text != result.text:
                raise BenchmarkError(f"{name}: the command wrote something else than was drawn")
    return results


def run(result: Result, folder: Path, environment: Mapping[str, str], command: Sequence[str]) -> str:
    """Runs a command, measures it and gives its output."""
    start = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    result.running.append(time.perf_counter() - start)
    result.notice = done.stderr.decode().strip()
    if done.returncode:
        raise BenchmarkError(f"{shlex.join(command)} failed with {done.returncode}: {result.notice}")
    return done.stdout.decode()


def figures(results: Mapping[str, Result]) -> str:
    text = results["text"]
    head = ("format", "drawing s", "x text", "whole run s", "x text", "MB", "gzip MB")
    rows = []
    for name, result in results.items():
        drawing, running = statistics.median(result.drawing), statistics.median(result.running)
        data = result.text.encode()
        rows.append(
            (
                name,
                f"{drawing:.2f}",
                f"{drawing / statistics.median(text.drawing):.1f}",
                f"{running:.2f}",
                f"{running / statistics.median(text.running):.2f}",
                f"{len(data) / 1e6:.2f}",
                f"{len(gzip.compress(data)) / 1e6:.2f}",
            )
        )
    return table(head, rows)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("--findings", type=int, default=30_000, help="about how many (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="(default: %(default)s)")
    parser.add_argument("--flagctl", metavar="CMD", default="flagctl", help="the command to run")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the raw times there")
    options = parser.parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="flagctl-benchmark-") as name:
            folder = Path(name).resolve() / "repository"
            folder.mkdir()
            build(folder, options.findings)
            results = measure(folder, options.rounds, shlex.split(options.flagctl))
    except (BenchmarkError, OSError) as error:
        print(f"report.py: {error}", file=sys.stderr)
        return 2
    print(f"\nmedian of {options.rounds} rounds:\n{figures(results)}\n")
    for name, result in results.items():
        if result.notice:
            print(f"{name}: {result.notice}")
    if options.json:
        raw = {name: {"drawing": each.drawing, "running": each.running} for name, each in results.items()}
        options.json.write_text(json.dumps(raw, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
