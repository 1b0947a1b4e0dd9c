"""What the benchmark builds has as many findings as were asked for, of all severities; nothing is measured here."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import report as benchmark

from flagctl import pipeline
from flagctl.config import find_config
from flagctl.model import Severity


def test_as_many_findings_as_were_asked_for(tmp_path: Path) -> None:
    benchmark.build(tmp_path, 2_500)
    request = pipeline.Request(date.fromisoformat(benchmark.TODAY))
    found = pipeline.audit(find_config(tmp_path), request, lambda done, total: None)
    assert 2_500 <= len(found.findings) <= 2_500 + benchmark.CALLS
    assert set(found.severities) == set(Severity)
