"""The metric tree: the files that hold it to one tree, and to all that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions import nodes
from flagctl.definitions.comments import suppressions
from flagctl.definitions.files import UnreadableError, archive, metric_tree_files, metric_trees, read_bytes
from flagctl.definitions.flag import share
from flagctl.definitions.known import Known
from flagctl.definitions.schema import metrics_schema, schema_faults
from flagctl.definitions.source import Fault, Source, decode
from flagctl.definitions.tree import Branch, Stated, tree_problems
from flagctl.definitions.values import Reading, read_values
from flagctl.definitions.yaml import compose
from flagctl.model import Metric, MetricTree, Problem, Suppression

_TEXTS = ("role", "event", "aggregate", "unit", "goal", "owner", "description", "denominator", "drives")
_WINDOW_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@dataclass(frozen=True)
class Metrics:
    """What the files of the metric tree say. There is no tree where one has a problem, or none says anything."""

    tree: MetricTree | None = None
    problems: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()
    suppressions: tuple[Suppression, ...] = ()


def load_metrics(config: Config, definitions: Iterable[str], cache: Cache | None = None) -> Metrics:
    """Reads the metric tree of a project, which the trees of its parts make up; `definitions` are the files of flags.

    What is wrong in it is in `problems`, never raised. A file that the `cache` knows to be valid is not checked
    against the schema again.
    """
    known = Known(cache, metrics_schema())
    found = _joined([_read_file(config.root, path, known) for path in metric_tree_files(config, definitions)])
    known.keep()
    return found


def check_more(config: Config, metrics: Metrics, paths: Iterable[str]) -> Metrics:
    """Adds what is wrong with metric trees that the configuration does not name: each is one of its own.

    `paths` may be any files: a metric tree is known by its name, and a tombstone never is one.
    """
    more = [
        PurePosixPath(path)
        for path in paths
        if path not in metrics.files and PurePosixPath(path).name in metric_trees and archive not in path.split("/")
    ]
    known = Known(None, metrics_schema())
    found = [_joined([_read_file(config.root, config.root / path, known)]) for path in more]
    return replace(
        metrics,
        problems=(*metrics.problems, *(problem for each in found for problem in each.problems)),
        suppressions=(*metrics.suppressions, *(comment for each in found for comment in each.suppressions)),
    )


def read_metrics(path: str, data: bytes) -> Metrics:
    """Reads one file's content as a tree of its own; `path`, POSIX and relative to the root, is for locations only."""
    return _joined([_read_branch(path, data)])


def _read_file(root: Path, path: Path, known: Known) -> Branch:
    name = path.relative_to(root).as_posix()
    try:
        data = read_bytes(path)
    except UnreadableError as error:
        return _unread(Source(name, ""), Fault((0, 0), str(error)))
    branch = _read_branch(name, data, is_valid=known.is_valid(name, data))
    if not branch.faults:
        known.add(name, data)
    return branch


def _read_branch(path: str, data: bytes, *, is_valid: bool = False) -> Branch:
    source, fault = decode(path, data)
    if fault:
        return _unread(source, fault)
    documents, opaque = compose(source)
    whole = [document for document in documents if not document.is_empty]
    branch = _read_documents(source, whole, is_valid) if whole else Branch(source, Reading((0, 0), {}))
    return replace(branch, suppressions=suppressions(source, opaque))


def _unread(source: Source, fault: Fault) -> Branch:
    return Branch(source, Reading(fault.span, {}), (fault,), is_whole=False)


def _read_documents(source: Source, documents: Sequence[nodes.Document], is_valid: bool) -> Branch:
    """The first document is the tree; a syntax error may have cut a file into several."""
    document, *others = documents
    faults = [fault for each in documents for fault in each.faults]
    for extra in [each.root.span[0] for each in others if each.root][:1]:
        faults.append(Fault((extra, extra + 1), "a metric tree is one document; join them"))
    root = document.root
    if not isinstance(root, nodes.Mapping):
        expected = 'a metric tree must be fields with values, such as "north_star: name-of-a-metric"'
        faults += document.root_faults(expected)
        return Branch(source, Reading((0, 0), {}), tuple(faults), is_whole=False)
    reading = read_values(root, metrics_schema())
    faults += reading.faults
    if not is_valid:
        faults += schema_faults(reading, metrics_schema(), document.is_whole)
    return Branch(source, reading, tuple(faults), document.is_whole and not others)


def _joined(branches: Sequence[Branch]) -> Metrics:
    problems = [problem for branch in branches for problem in branch.problems]
    problems += tree_problems(branches)
    problems.sort(key=lambda problem: problem.location)
    return Metrics(
        tree=None if problems else _tree(branches),
        problems=tuple(problems),
        files=tuple(branch.source.path for branch in branches),
        suppressions=tuple(each for branch in branches for each in branch.suppressions),
    )


def _tree(branches: Sequence[Branch]) -> MetricTree | None:
    """The tree that files without a problem make up."""
    stars = [branch.fields["north_star"] for branch in branches if "north_star" in branch.fields]
    metrics = {stated.name: _metric(stated) for branch in branches for stated in branch.metrics}
    return MetricTree(stars[0], metrics) if stars else None


def _metric(stated: Stated) -> Metric:
    fields: Mapping[str, Any] = stated.fields
    reading, source = stated.branch.reading, stated.branch.source
    return Metric(
        stated.name,
        stated.place,
        **{name: fields[name] for name in _TEXTS if name in fields},
        places={name: source.location(reading.places["metrics", stated.name, name].value) for name in fields},
        window=_window(fields["window"]) if "window" in fields else None,
        margin=share(fields.get("margin")),
    )


def _window(text: str) -> timedelta:
    number, unit = text.strip()[:-1], text.strip()[-1]
    return timedelta(**{_WINDOW_UNITS[unit]: int(number)})
