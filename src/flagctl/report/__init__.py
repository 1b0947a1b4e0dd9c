"""What a run found, drawn for a reader: plain lines, JSON, GitHub's annotations, or a terminal.

A format is one file and one entry below. `flagctl.report.terminal` draws the same reports with Rich; it is imported
only where there is a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flagctl.model import Flag
from flagctl.report import github, structured, text
from flagctl.report.content import Report
from flagctl.report.inert import inert

__all__ = ["FORMATS", "LIST_FORMATS", "REFS_FORMATS", "SHOW_FORMATS", "Report", "inert"]

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.findings,
    "json": structured.findings,
    "github": github.findings,
}
"""Findings, by the name of the format."""

REFS_FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text.references, "json": structured.references}
LIST_FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text.flags, "json": structured.flags}
SHOW_FORMATS: Mapping[str, Callable[[Report, Flag], str]] = {"text": text.page, "json": structured.page}
