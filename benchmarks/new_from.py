"""What does it cost to report only what a branch made worse?

    python benchmarks/new_from.py CHECKOUT... [--rounds 15] [--flagctl CMD] [--json FILE]

Copies each checkout, gives it a definition for every flag that its code asks for, and makes a small change on a branch.
Then a plain `flagctl audit` and one with `--new-from` run in turn, both with a warm cache. Needs git and an installed
flagctl. What is measured: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from scan import BenchmarkError, table

TODAY = "2026-06-15"
AUDIT = ("audit", "--exit-zero", "--today", TODAY)
MOST = 1.2
"""A plain audit's time, so often."""
DEFINITION = """\
key: {key}
type: release
owner: "@acme/shop"
reason: It was there
created: 2026-06-01
expires: 2026-07-01
expected_end_state: remove
removal_criterion: Everybody has it
"""
GIT = ("-c", "user.name=Benchmark", "-c", "user.email=benchmark@example.com", "-c", f"core.hooksPath={os.devnull}")


def run(folder: Path, *command: str) -> str:
    """Runs a command to its end.

    Raises:
        BenchmarkError: it failed.
    """
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    if done.returncode:
        raise BenchmarkError(f"{shlex.join(command)} failed with {done.returncode}: {done.stderr.decode().strip()}")
    return done.stdout.decode()


def prepare(checkout: Path, folder: Path, flagctl: Sequence[str]) -> None:
    """A clone with definitions on `main`, and on the branch `change` two Python files that say one thing more."""
    run(folder.parent, "git", "clone", "-q", "--no-hardlinks", "--depth", "1", checkout.resolve().as_uri(), str(folder))
    references = json.loads(run(folder, *flagctl, "refs", "--output-format", "json"))["references"]
    keys = sorted({each["flag"] for each in references if each["role"] == "evaluation" and each["flag"]})
    if not keys:
        raise BenchmarkError(f"{checkout}: its code asks for no flag")
    (folder / "flags").mkdir(exist_ok=True)
    for number, key in enumerate(keys):
        (folder / f"flags/{number}.yaml").write_text(DEFINITION.format(key=json.dumps(key)))
    commit(folder, "main")
    asking = sorted({each["path"] for each in references if each["role"] == "evaluation"})
    others = [path for path in run(folder, "git", "ls-files", "*.py").splitlines() if path not in asking]
    for path in (*asking[:1], *others[:1]):
        with (folder / path).open("a", encoding="utf-8") as file:
            file.write("\n\nONE_THING_MORE = True\n")
    commit(folder, "change")


def commit(folder: Path, branch: str) -> None:
    run(folder, "git", "checkout", "-q", "-B", branch)
    run(folder, "git", "add", "-A")
    run(folder, "git", *GIT, "commit", "-qm", branch)


def processor_time() -> float:
    """Seconds that the commands so far, git too, kept a processor busy: other work on the machine is not in it."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def measure(folder: Path, rounds: int, flagctl: Sequence[str]) -> Mapping[str, list[tuple[float, float]]]:
    """How long both take, in turn, so that a busy moment of the machine does not meet only one of them."""
    commands = {"audit": [*flagctl, *AUDIT], "--new-from": [*flagctl, *AUDIT, "--new-from", "main"]}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
    for number in range(rounds + 1):
        for name, command in commands.items():
            start, used = time.perf_counter(), processor_time()
            said = run(folder, *command)
            if number:  # the first fills the cache
                times[name].append((time.perf_counter() - start, processor_time() - used))
    if not said.startswith("No findings"):
        raise BenchmarkError(f"{folder.name}: the change is to make nothing worse, but: {said}")
    return times


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", 1)[0])
    parser.add_argument("checkouts", metavar="CHECKOUT", type=Path, nargs="+", help="a clone; it is only read")
    parser.add_argument("--rounds", type=int, default=15, help="(default: %(default)s)")
    parser.add_argument("--flagctl", metavar="CMD", default="flagctl", help="the command to run")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the raw times there")
    options = parser.parse_args(argv)
    flagctl, results = shlex.split(options.flagctl), {}
    try:
        with tempfile.TemporaryDirectory(prefix="flagctl-benchmark-") as name:
            os.environ["XDG_CACHE_HOME"] = f"{name}/cache"
            for checkout in options.checkouts:
                folder = Path(name).resolve() / checkout.resolve().name
                prepare(checkout, folder, flagctl)
                results[folder.name] = measure(folder, options.rounds, flagctl)
    except (BenchmarkError, OSError) as error:
        print(f"new_from.py: {error}", file=sys.stderr)
        return 2
    best = {
        name: [list(map(min, zip(*each, strict=True))) for each in times.values()] for name, times in results.items()
    }
    ratios = {name: [both / one for one, both in zip(*figures, strict=True)] for name, figures in best.items()}
    rows = [
        (
            name,
            *(f"{figures[which][what]:.3f}" for what in (0, 1) for which in (0, 1)),
            *map("{:.2f}".format, ratios[name]),
        )
        for name, figures in best.items()
    ]
    print(
        table(("repository", "audit s", "--new-from s", "audit CPU s", "--new-from CPU s", "ratio", "CPU ratio"), rows)
    )
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")
    return int(any(processor > MOST for _, processor in ratios.values()))


if __name__ == "__main__":
    sys.exit(main())
