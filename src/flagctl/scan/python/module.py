"""One Python file: its text, its tree, and where the nodes of that tree stand."""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import cached_property
from itertools import accumulate
from typing import TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from flagctl.model import Location
from flagctl.scan.python.nodes import comments
from flagctl.scan.python.walk import Harvest, harvest
from flagctl.scan.text import Lines, Span
from flagctl.suppression import covered_lines

Node = TypeVar("Node", bound=cst.CSTNode)


class Unparsable(Exception):  # noqa: N818 - a verdict on a file, not a failure of ours
    """A Python file that cannot be read as one; the message says why."""


class Module:
    """A parsed file. The tree is made on first use.

    Raises:
        Unparsable: on first use of the tree, the source is not valid Python.
    """

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.text = decode(source)

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @cached_property
    def tree(self) -> cst.Module:
        try:
            return cst.parse_module(_FORM_FEED.sub(lambda match: "\n" * len(match[0]), self.text))
        except cst.ParserSyntaxError as error:
            raise Unparsable(f"line {error.raw_line}: is not valid Python") from None
        except (RecursionError, ValueError) as error:
            raise Unparsable(f"cannot be parsed: {error}") from None

    @cached_property
    def harvest(self) -> Harvest:
        return harvest(self, self.tree)

    @property
    def is_parsable(self) -> bool:
        try:
            return bool(self.harvest)
        except Unparsable:
            return False

    @cached_property
    def comments(self) -> dict[cst.Comment, Span]:
        """Every comment and where it stands."""
        return self.spans(comments(self.tree))

    def spans(self, nodes: Iterable[Node]) -> dict[Node, Span]:
        """Where nodes of this tree stand, parentheses around them left out.

        LibCST's nodes do not know their position. Its providers compute that of every node; this writes the tree out
        once and notes offsets only for the nodes asked for.
        """
        state = _OffsetState(self.tree.default_indent, self.tree.default_newline)
        wanted = set(nodes)
        state.wanted = wanted
        if state.wanted:
            try:
                self.tree._codegen(state)
            except RecursionError:
                raise Unparsable("is nested too deeply") from None
        ends = [0, *accumulate(map(len, state.tokens))]
        places = {node: state.found[node] for node in wanted if node in state.found}
        return {node: (ends[first], ends[last]) for node, (first, last) in places.items()}

    def covered_lines(self, comment: Location) -> range:
        """The line that an ignore comment speaks for."""
        return covered_lines(self.lines.split(self.text), comment)

    def location(self, span: Span) -> Location:
        return self.lines.location(self.path, *span)


class _OffsetState(CodegenState):
    """Writes a tree out as tokens and remembers between which of them the wanted nodes stand."""

    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent, default_newline)
        self.wanted: Collection[cst.CSTNode] = ()
        self.found: dict[cst.CSTNode, tuple[int, int]] = {}
        self._starts: list[int] = []

    def before_codegen(self, node: cst.CSTNode) -> None:
        if node in self.wanted:
            self._starts.append(len(self.tokens))

    def after_codegen(self, node: cst.CSTNode) -> None:
        if node in self.wanted:
            self.found.setdefault(node, (self._starts.pop(), len(self.tokens)))

    def record_syntactic_position(  # type: ignore[override]  # LibCST calls for less than it declares
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return self._record(node) if node in self.wanted else _NOTHING

    @contextmanager
    def _record(self, node: cst.CSTNode) -> Iterator[None]:
        start = len(self.tokens)
        yield
        self.found[node] = (start, len(self.tokens))


_NOTHING = nullcontext()

_FORM_FEED = re.compile(r"(?<!\\\n)^\f+", re.M)
"""LibCST loses a form feed before a statement; an empty line in its place keeps every offset."""

_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")


def decode(source: bytes) -> str:
    """A Python file's text, by its byte order mark or coding line (PEP 263), UTF-8 without either.

    Raises:
        Unparsable: the bytes are not text in that encoding.
    """
    if b"\0" in source:
        raise Unparsable("is binary")
    encoding = "utf-8"
    if source.startswith(codecs.BOM_UTF8):
        source = source[len(codecs.BOM_UTF8) :]
    else:
        for first_line in source.split(b"\n", 2)[:2]:
            if match := _CODING.match(first_line):
                encoding = match[1].decode("ascii")
                break
    try:
        return source.decode(encoding)
    except LookupError:
        raise Unparsable(f"declares an unknown encoding, {encoding}") from None
    except UnicodeDecodeError as error:
        line = source.count(b"\n", 0, error.start) + 1
        raise Unparsable(f"line {line}: is not {encoding.upper()}") from None
    except UnicodeError:
        raise Unparsable(f"is not {encoding.upper()}") from None
