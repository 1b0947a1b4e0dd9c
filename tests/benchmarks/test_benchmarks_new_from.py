"""What the benchmark prepares is a branch that makes nothing worse; how long that takes is not measured here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import new_from as benchmark


def test_it_runs(tmp_path: Path) -> None:
    checkout = tmp_path / "shop"
    checkout.mkdir()
    (checkout / "a.py").write_text('import waffle\n\nprint(waffle.switch_is_active("some-switch"))\n')
    (checkout / "b.py").write_text("x = 1\n")
    subprocess.run(["git", "init", "-q", "-b", "trunk"], cwd=checkout, check=True)
    benchmark.commit(checkout, "trunk")
    flagctl = [sys.executable, "-m", "flagctl"]
    benchmark.prepare(checkout, tmp_path / "copy", flagctl)
    times = benchmark.measure(tmp_path / "copy", 1, flagctl)
    assert {name: len(each) for name, each in times.items()} == {"audit": 1, "--new-from": 1}
