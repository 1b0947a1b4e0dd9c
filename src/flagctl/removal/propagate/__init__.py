"""What held a flag's value, or handed it on, until nothing does any more."""

from __future__ import annotations

import libcst as cst

from flagctl.removal.fold.rewrite import Rewritten, rewritten
from flagctl.removal.propagate.constants import IsOwn, constant_attributes, constants_of_module
from flagctl.removal.propagate.parameters import Parameters, constant_parameters
from flagctl.removal.propagate.variables import Constants, constant_variables, overwritten


def propagated(before: cst.Module, now: Rewritten, is_own: IsOwn, *, constants: bool) -> cst.Module:
    """A module without its evaluations, and then without variables, attributes and parameters that held the value.

    `is_own` says whether no other file has a word in it; with `constants`, those of the module may go, too.
    """
    while True:
        values = now.values
        found = (
            constant_variables(now.tree, values, before)
            or (constants_of_module(now.tree, values, is_own) if constants else Constants())
            or constant_attributes(now.tree, values, is_own)
        )
        parameters = Parameters() if found else constant_parameters(now.tree, values, is_own)
        gone = found.lines | parameters.gone or overwritten(before, now.tree)
        if not gone and not found.reads:
            return now.tree
        now = rewritten(now.tree, found.reads | parameters.reads, gone)
        now.values.keep(values)
