"""Tests that run once for each row of a table: the rows of another value go, and then the column of the flag.

Known are `pytest.mark.parametrize`, `ddt.data` with and without `ddt.unpack`, and `parameterized.expand`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import libcst as cst

from flagctl.removal.scoping import is_simple, reads_of
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import argument, last_name, string_value


@dataclass(slots=True)
class Rows:
    """What becomes of a test, of which one parameter holds what the flag is forced to."""

    gone: set[cst.CSTNode] = field(default_factory=set)
    replaced: dict[cst.CSTNode, cst.CSTNode] = field(default_factory=dict)
    values: dict[cst.CSTNode, Value] = field(default_factory=dict)
    """What reads the parameter, and what it reads."""
    is_empty: bool = False
    """Whether no row is left."""


@dataclass(frozen=True, slots=True)
class _Row:
    node: cst.CSTNode
    """What goes with the row: an item of a list or of a call."""
    whole: cst.BaseExpression
    """The row as an expression."""
    cells: Sequence[cst.Element | cst.Arg]
    """Its cells; none where the row is its only cell."""

    def cell(self, column: int) -> cst.BaseExpression | None:
        if not self.cells:
            return self.whole if column == 0 else None
        return self.cells[column].value if column < len(self.cells) else None


@dataclass(frozen=True, slots=True)
class _Table:
    decorators: tuple[cst.Decorator, ...]
    """The decorator with the rows, and one that only says how they are read."""
    names: tuple[str, ...]
    rows: tuple[_Row, ...]
    header: cst.BaseExpression | None = None
    """Where the names are written out."""
    ids: tuple[cst.Element, ...] = ()


def rows_without(function: cst.FunctionDef, name: str, is_kept: Callable[[object], bool | None]) -> Rows | None:
    """What becomes of a test, of which the parameter `name` is what the flag is forced to; `None` if that is unsure."""
    table = next((each for each in _tables(function) if name in each.names), None)
    param = next((each for each in function.params.params if each.name.value == name), None)
    if table is None or param is None or not is_simple(function.params):
        return None
    column = table.names.index(name)
    cells = [written_out(row.cell(column)) for row in table.rows]
    verdicts = [is_kept(cell) for cell in cells]
    kept = {repr(cell): cell for cell, verdict in zip(cells, verdicts, strict=True) if verdict}
    reads = reads_of(function, name)
    if None in verdicts or reads is None or len(kept) > 1:
        return None
    found = Rows(is_empty=not kept)
    if not kept:
        return found
    value = next(iter(kept.values()))
    found.values = {read: value for read in reads if isinstance(value, bool | int | float | str)}
    found.gone = {row.node for row, verdict in zip(table.rows, verdicts, strict=True) if not verdict}
    found.gone |= {each for each, verdict in zip(table.ids, verdicts, strict=False) if not verdict}
    found.gone.add(param)
    _drop_column(table, column, [row for row, verdict in zip(table.rows, verdicts, strict=True) if verdict], found)
    return found


def _drop_column(table: _Table, column: int, rows: Sequence[_Row], found: Rows) -> None:
    if len(table.names) == 1:
        found.gone |= set(table.decorators)
        return
    left = len(table.names) - 1
    for row in rows:
        if left == 1 and isinstance(row.whole, cst.Tuple | cst.List) and (len(table.decorators) > 1 or _is_text(table)):
            found.replaced[row.whole] = row.cells[1 - column].value
        else:
            found.gone.add(row.cells[column])
    if left == 1 and len(table.decorators) > 1:
        found.gone.add(table.decorators[1])
    match table.header:
        case cst.SimpleString(value=text):
            found.replaced[table.header] = cst.SimpleString(_without_name(text, table.names[column]))
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            found.gone.add(elements[column])


def _is_text(table: _Table) -> bool:
    """Whether the names are one text, so that rows of one cell are that cell."""
    return isinstance(table.header, cst.SimpleString)


def _without_name(text: str, name: str) -> str:
    return re.sub(rf"\b{name}\b\s*,\s*|\s*,\s*\b{name}\b", "", text, count=1)


def written_out(node: cst.BaseExpression | None) -> object:
    """The value of what is written out; `...` of anything else."""
    try:
        return ast.literal_eval(cst.Module([]).code_for_node(node)) if node is not None else ...
    except (ValueError, SyntaxError):
        return ...


# --- where the rows are ---


def _tables(function: cst.FunctionDef) -> Iterator[_Table]:
    own = [each.name.value for each in function.params.params]
    given = tuple(own[1:] if own[:1] in (["self"], ["cls"]) else own)
    unpack = next((each for each in function.decorators if last_name(each.decorator) == "unpack"), None)
    for decorator in function.decorators:
        call = decorator.decorator
        if not isinstance(call, cst.Call):
            continue
        match last_name(call.func):
            case "parametrize":
                table = _parametrize(decorator, call)
            case "data" if all(not each.star and each.keyword is None for each in call.args):
                rows = tuple(_row(each, each.value, is_unpacked=unpack is not None) for each in call.args)
                table = _positional((decorator, unpack) if unpack else (decorator,), rows, given)
            case "expand" if len(call.args) == 1:
                items = items_of(call.args[0].value)
                rows = tuple(_row(each, each.value, is_unpacked=True) for each in items or ())
                table = _positional((decorator,), rows, given)
            case _:
                table = None
        if table is not None:
            yield table


def _parametrize(decorator: cst.Decorator, call: cst.Call) -> _Table | None:
    header, values, ids = (argument(call, place) for place in ((0, "argnames"), (1, "argvalues"), ("ids",)))
    names = _names(header)
    items = items_of(values)
    labels = items_of(ids) if ids is not None else ()
    is_known = len(call.args) == 2 + (ids is not None)
    if not names or items is None or labels is None or not is_known or (labels and len(labels) != len(items)):
        return None
    is_unpacked = len(names) > 1 or not isinstance(header, cst.SimpleString)
    rows = tuple(_row(each, each.value, is_unpacked=is_unpacked) for each in items)
    if any(row.cells and len(row.cells) != len(names) for row in rows):
        return None
    return _Table((decorator,), names, rows, header, tuple(labels))


def _positional(decorators: tuple[cst.Decorator, ...], rows: tuple[_Row, ...], given: Sequence[str]) -> _Table | None:
    widths = {len(row.cells) or 1 for row in rows}
    if len(widths) != 1:
        return None
    names = tuple(given[: widths.pop()])
    return _Table(decorators, names, rows)


def _names(header: cst.BaseExpression | None) -> tuple[str, ...]:
    match header:
        case cst.SimpleString():
            return tuple(each.strip() for each in (string_value(header) or "").split(","))
        case cst.Tuple(elements=elements) | cst.List(elements=elements):
            names = [
                string_value(each.value) if isinstance(each.value, cst.SimpleString) else None for each in elements
            ]
            return tuple(each for each in names if each is not None) if None not in names else ()
    return ()


def items_of(values: cst.BaseExpression | None) -> Sequence[cst.Element] | None:
    """The items of a list or tuple that is written out, without `*`."""
    match values:
        case cst.List(elements=elements) | cst.Tuple(elements=elements) if all(
            isinstance(each, cst.Element) for each in elements
        ):
            return [each for each in elements if isinstance(each, cst.Element)]
    return None


def _row(node: cst.CSTNode, whole: cst.BaseExpression, *, is_unpacked: bool) -> _Row:
    match whole:
        case cst.Call(args=args) if last_name(whole.func) == "param":
            return _Row(node, whole, [each for each in args if each.keyword is None and not each.star])
        case cst.Tuple(elements=elements) | cst.List(elements=elements) if is_unpacked:
            return _Row(node, whole, [each for each in elements if isinstance(each, cst.Element)])
    return _Row(node, whole, ())
