"""What the benchmark makes is a repository whose history can be told; how long that takes is not measured here."""

from __future__ import annotations

import subprocess
from pathlib import Path

import history as benchmark

from flagctl import pipeline
from flagctl.config import find_config


def test_the_repository_that_it_makes(tmp_path: Path) -> None:
    benchmark.git(tmp_path, "init", "-q", "-b", "main", str(tmp_path))
    script = "".join(benchmark.commits(200, 20, touching=0.8, merges=0.2))
    subprocess.run(["git", "fast-import", "--quiet"], cwd=tmp_path, input=script.encode(), check=True)
    benchmark.git(tmp_path, "reset", "-q", "--hard")
    report = pipeline.changes(find_config(tmp_path), None)
    assert 15 <= len(report.history.flags) <= 20
    assert 130 <= len(report.changes) <= 170
    assert len({change.commit.landed for change in report.changes}) > 5
