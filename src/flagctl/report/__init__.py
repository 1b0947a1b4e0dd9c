"""What a run found, drawn for a reader: a person, a program, or a platform that shows it beside the code.

A format is one file and one entry below. `flagctl.report.terminal` draws the same reports with Rich; it is imported
only where there is a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flagctl.model import Flag
from flagctl.report import changes, github, gitlab, junit, markdown, rdjson, sarif, structured, text
from flagctl.report.content import ChangesReport, Report
from flagctl.report.inert import inert

__all__ = [
    "BY_OWNER",
    "CHANGES_FORMATS",
    "FITTED",
    "FORMATS",
    "LIST_FORMATS",
    "REFS_FORMATS",
    "SHOW_FORMATS",
    "ChangesReport",
    "Report",
    "inert",
]

FORMATS: Mapping[str, Callable[[Report], str]] = {
    "text": text.findings,
    "json": structured.findings,
    "sarif": sarif.findings,
    "github": github.findings,
    "gitlab": gitlab.findings,
    "junit": junit.findings,
    "rdjson": rdjson.findings,
    "markdown": markdown.findings,
}
"""Findings, by the name of the format."""

BY_OWNER: Mapping[str, Callable[[Report], str]] = {
    "text": text.by_owner,
    "json": structured.by_owner,
    "markdown": markdown.by_owner,
}
"""Findings of each owner, where a person reads them in order or a program takes them apart."""

FITTED: Mapping[str, Callable[[Report], Report]] = {"sarif": sarif.fitted}
"""What a format can hold of a report, where it can hold less and its readers would not see it say so."""

REFS_FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text.references, "json": structured.references}
LIST_FORMATS: Mapping[str, Callable[[Report], str]] = {"text": text.flags, "json": structured.flags}
SHOW_FORMATS: Mapping[str, Callable[[Report, Flag], str]] = {"text": text.page, "json": structured.page}
CHANGES_FORMATS: Mapping[str, Callable[[ChangesReport], str]] = {"text": changes.text, "json": changes.document}
