"""A Python file that is to be changed: its tree, where nodes stand in it, and its bytes again."""

from __future__ import annotations

import codecs
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field

import libcst as cst

from flagctl.model import Location
from flagctl.scan.python.module import Tree, spans_in
from flagctl.scan.python.nodes import descendants
from flagctl.scan.source import Unparsable, decode
from flagctl.scan.text import Lines

PYTHON = (".py", ".pyi", ".pyw")


@dataclass(frozen=True, slots=True)
class PythonFile:
    """A file whose tree gives back its very bytes."""

    path: str
    tree: cst.Module
    mark: bytes = b""
    """The byte order mark."""
    _code: list[str] = field(default_factory=list, repr=False, compare=False)
    """The file as text, once that was asked for: to write a tree takes as long as to parse it."""

    @classmethod
    def of(cls, path: str, data: bytes) -> PythonFile:
        """The file with this content.

        Raises:
            Unparsable: it is no Python, or cannot be written back as it was.
        """
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        decode(data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(data, path, "exec", dont_inherit=True)
            file = cls(path, cst.parse_module(data[len(mark) :]), mark)
            if file.data != data:
                raise Unparsable("cannot be written back byte for byte")
        except RecursionError:
            raise Unparsable("is nested too deeply") from None
        except cst.ParserSyntaxError as error:
            raise Unparsable(f"line {error.raw_line}: is not valid Python") from None
        except (SyntaxError, ValueError, cst.CSTValidationError) as error:
            raise Unparsable(f"is not read by this Python: {error}") from None
        return file

    @property
    def data(self) -> bytes:
        return self.mark + self.code.encode(self.tree.encoding)

    @property
    def code(self) -> str:
        if not self._code:
            self._code.append(self.tree.code)
        return self._code[0]

    def changed(self, tree: cst.Module) -> PythonFile:
        """The file with another tree."""
        return PythonFile(self.path, tree, self.mark)

    def expressions_at(self, locations: Iterable[Location]) -> dict[Location, cst.BaseExpression]:
        """The expression that stands at each location; locations where none does are left out."""
        lines = Lines(self.tree.code)
        spans = {
            (lines.starts[each.line - 1] + each.column - 1, lines.starts[each.end_line - 1] + each.end_column - 1): each
            for each in locations
        }
        nodes = {node for node in descendants(self.tree) if isinstance(node, cst.BaseExpression)}
        found: dict[Location, cst.BaseExpression] = {}
        for node, span in spans_in(Tree(self.tree, 0, len(self.tree.code)), nodes).items():
            if span in spans and isinstance(node, cst.BaseExpression):
                found[spans[span]] = node
        return found
