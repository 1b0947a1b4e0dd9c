"""What an assignment binds: a name, an attribute of `self`, or the parts of a tuple."""

from __future__ import annotations

import libcst as cst

from flagctl.scan.python.scopes import Assigned, Binding, Blocks, Opaque, Parameter, Scope


def bind_target(target: cst.BaseExpression, binding: Binding, scope: Scope, blocks: Blocks = ()) -> None:
    """Binds what an assignment writes to: a name, `self.name`, or the parts of a tuple."""
    if isinstance(target, cst.Name):
        scope.bind(target.value, binding, blocks)
    elif isinstance(target, cst.Attribute):
        _bind_attribute(target, binding, scope)
    elif isinstance(target, cst.Tuple | cst.List):
        for part, value in zip(target.elements, _parts(binding, len(target.elements)), strict=True):
            bind_target(part.value, value, scope, blocks)


def _bind_attribute(target: cst.Attribute, binding: Binding, scope: Scope) -> None:
    if not isinstance(target.value, cst.Name):
        return
    for owner in scope.lookup(target.value.value):
        if isinstance(owner, Parameter) and owner.owner is not None:
            owner.owner.attributes.setdefault(target.attr.value, []).append(binding)


def _parts(binding: Binding, count: int) -> list[Binding]:
    """`a, b = 1, 2` binds one by one; any other unpacking is not followed."""
    if isinstance(binding, Assigned) and isinstance(binding.value, cst.Tuple | cst.List):
        elements = binding.value.elements
        if len(elements) == count and not any(isinstance(each, cst.StarredElement) for each in elements):
            return [Assigned(element.value, binding.scope) for element in elements]
    return [Opaque()] * count
