"""Fixtures that came to do nothing, as all that they did was to force the flag: they go, and what asks for them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import libcst as cst

from flagctl.removal.files import Files
from flagctl.removal.fold.rewrite import rewritten
from flagctl.removal.overrides.fixtures import does_nothing, fixture_name, is_shared, requests_of
from flagctl.removal.parents import parents_in
from flagctl.scan.python.nodes import descendants


def drop_emptied_fixtures(files: Files) -> bool:
    """Drops the fixtures that did something and do nothing any more; whether there were any."""
    is_changed = False
    for before, now in files.changed:
        did = {name for name, each in _fixtures(before.tree).items() if not does_nothing(each)}
        for name, fixture in _fixtures(now.tree).items():
            if name in did and does_nothing(fixture):
                gone = _going(files, now.path, name)
                is_changed |= bool(gone)
                for path, nodes in (gone or {}).items():
                    if (file := files.of(path)) is not None:
                        files.note(file[0], file[1].changed(rewritten(file[1].tree, {}, nodes).tree))
    return is_changed


_PUT_TOGETHER = {
    "getfixturevalue": re.compile(rb"""getfixturevalue\s*\((?!\s*(?:[\w.]+|["']\w+["'])\s*\))"""),
    "fixturenames": re.compile(
        rb"""fixturenames\s*(?:\.(?:append|insert|extend)\s*\((?!\s*(?:\d+\s*,\s*)?["']\w+["']\s*\))|\+)"""
    ),
}
"""How fixtures are asked for by a name that is put together: any may be meant. What stands alone is written out."""


def _is_overridden(files: Files, path: str, name: str) -> bool:
    """Whether another module has a function of that name: one of the two may stand in for the other."""
    pattern = re.compile(rf"def\s+{re.escape(name)}\b".encode())
    return bool(files.repository.matching(pattern, name).keys() - {path})


def _fixtures(tree: cst.Module) -> Mapping[str, cst.FunctionDef]:
    """The fixtures of a module by their names, but for those that share one and those of classes."""
    found: dict[str, list[cst.FunctionDef]] = {}
    for node in descendants(tree):
        if isinstance(node, cst.FunctionDef) and (name := fixture_name(node)) is not None:
            found.setdefault(name, []).append(node)
            found[name] += [node] if node not in tree.body else []
    return {name: each[0] for name, each in found.items() if len(each) == 1}


def _going(files: Files, path: str, name: str) -> dict[str, set[cst.CSTNode]] | None:
    """What goes with a fixture of the module at `path`, by file; `None` if something else may ask for it."""
    if any(files.repository.matching(pattern, word) for word, pattern in _PUT_TOGETHER.items()):
        return None
    if _is_overridden(files, path, name):
        return None
    if is_shared(path):
        places: Mapping[str, int] = files.repository.count({name})[name]
    elif name in files.repository.imported_from({path: {name}})[path]:
        return None
    else:
        places = {path: len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", files[path][1].tree.code))}
    gone: dict[str, set[cst.CSTNode]] = {}
    for other, count in places.items():
        file = files.of(other)
        if file is None or other in files.left:
            return None
        own = _fixtures(file[1].tree).get(name)
        requests = requests_of(name, parents_in(file[1].tree))
        is_it = other == path and own is not None
        if requests is None or (own is not None) is not is_it or len(requests) + is_it != count:
            return None
        gone[other] = {*requests, *([own] if own is not None else [])}
    return gone
