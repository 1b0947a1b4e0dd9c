"""Evaluations whose value is not as sure as it looks: other files decide about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import libcst as cst

from flagctl.model import ResolvedBy
from flagctl.removal.file import PythonFile
from flagctl.removal.plan.sites import Sites, called
from flagctl.removal.refusal import Refusal
from flagctl.removal.repository import Repository
from flagctl.scan.python.nodes import descendants

Plans = Mapping[str, tuple[PythonFile, Sites]]


def doubts(repository: Repository, plans: Plans) -> dict[str, list[Refusal]]:
    """What is to be left to a human after all, by file."""
    found: dict[str, list[Refusal]] = {}
    coroutines = {*_coroutines(plans)}
    rebound: dict[str, bool] = {}
    for path, (_, sites) in plans.items():
        for node, reference in sites.asked.items():
            name = called(node)
            if isinstance(node, cst.Call) and name in coroutines:
                found.setdefault(path, []).append(Refusal(reference.location, "nothing waits for it here"))
            elif reference.resolved_by is ResolvedBy.HELPER and name and _is_member(node):
                if name not in rebound:
                    rebound[name] = _is_rebound(repository, name)
                if rebound[name]:
                    found.setdefault(path, []).append(Refusal(reference.location, f"several classes have a {name}"))
    return found


def _coroutines(plans: Plans) -> Iterator[str]:
    """The functions that have to be waited for: some are, others ask for the flag themselves."""
    for file, sites in plans.values():
        yield from (name for node in sites.values if isinstance(node, cst.Await) and (name := called(node)))
        asynchronous = [
            each for each in descendants(file.tree) if isinstance(each, cst.FunctionDef) and each.asynchronous
        ]
        for function in asynchronous if sites.values else ():
            if any(node in sites.values for node in descendants(function.body)):
                yield function.name.value


def _is_member(node: cst.CSTNode) -> bool:
    """Whether an object answers, and not a module: `self.is_new()`, `request.is_new`."""
    func = node.func if isinstance(node, cst.Call) else node
    return isinstance(func, cst.Attribute)


def _is_rebound(repository: Repository, name: str) -> bool:
    """Whether more than one function or attribute has a name: the class of an object decides which is meant."""
    word = re.escape(name)
    pattern = re.compile(
        rf"(?:\bdef\s+{word}\b|^\s+{word}\s*(?::[^=\n]+)?=(?!=)(?!.*,$)|\.{word}\s*=(?!=))".encode(), re.M
    )
    return sum(repository.matching(pattern, name).values()) > 1
