"""Every format, to the letter. `python tests/report/test_report_golden.py` writes the files anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from report_samples import WHOLE

from flagctl import __version__
from flagctl.report import FORMATS

GOLDEN = Path(__file__).with_name("golden")
SUFFIXES = {
    "text": "txt",
    "json": "json",
    "sarif": "sarif",
    "github": "txt",
    "gitlab": "json",
    "junit": "xml",
    "rdjson": "json",
    "markdown": "md",
}


def golden(name: str) -> Path:
    return GOLDEN / f"{name}.{SUFFIXES[name]}"


def drawn(name: str) -> str:
    return FORMATS[name](WHOLE).replace(f'"semanticVersion": "{__version__}"', '"semanticVersion": "0.0.0"')


@pytest.mark.parametrize("name", FORMATS)
def test_output_is_what_it_was(name: str) -> None:
    assert drawn(name) == golden(name).read_text(encoding="utf-8")


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for each in FORMATS:
        golden(each).write_text(drawn(each), encoding="utf-8")
