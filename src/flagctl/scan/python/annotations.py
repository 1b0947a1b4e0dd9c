"""What types an annotation names."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from flagctl.scan.python.nodes import dotted_text, string_value

_WRAPPERS = {"Optional", "Union", "Annotated", "Final", "ClassVar", "Type", "type"}


def named_types(annotation: cst.BaseExpression) -> Iterator[cst.BaseExpression]:
    """The types that an annotation allows: `Client | None`, `Optional[Client]`, `Annotated[Client, ...]`, quoted."""
    match annotation:
        case cst.Name() | cst.Attribute():
            yield annotation
        case cst.BinaryOperation(left=left, right=right):
            yield from named_types(left)
            yield from named_types(right)
        case cst.Subscript(value=value, slice=slices):
            if (dotted_text(value) or "").rpartition(".")[2] in _WRAPPERS:
                for element in slices:
                    if isinstance(element.slice, cst.Index):
                        yield from named_types(element.slice.value)
        case cst.SimpleString():
            try:
                yield from named_types(cst.parse_expression(string_value(annotation) or ""))
            except cst.ParserSyntaxError:
                return
