"""One Python file: its text, its tree, and where the nodes of that tree stand."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import accumulate
from typing import TypeVar

import libcst as cst
from libcst._nodes.internal import CodegenState

from flagctl.model import Location
from flagctl.scan.python.harvest import Harvest
from flagctl.scan.python.nodes import children, comments
from flagctl.scan.python.outline import Part, outline, part_at
from flagctl.scan.python.scopes import Defined, Scope, ScopeKind
from flagctl.scan.python.walk import walk
from flagctl.scan.source import Unparsable, decode
from flagctl.scan.text import Lines, Span
from flagctl.suppression import covered_lines

Node = TypeVar("Node", bound=cst.CSTNode)


@dataclass(frozen=True, slots=True)
class Tree:
    """What was parsed of a file, and where it stands there."""

    node: cst.Module
    start: int
    end: int


class Module:
    """A file of which only the parts that somebody asks for are parsed.

    Raises:
        Unparsable: the bytes are no text; or, when its scope is first asked for, no valid Python.
    """

    def __init__(self, path: str, source: bytes) -> None:
        self.path = path
        self.text = decode(source)
        self.trees: list[Tree] = []
        """What was parsed so far."""
        self._spans: dict[cst.CSTNode, Span] = {}
        self.broken: str | None = None
        """What is wrong with a part of it that could not be parsed."""

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @property
    def is_script(self) -> bool:
        """Whether it is run, and not imported."""
        return self.text.startswith("#!") or self.path.rpartition("/")[2] in ("__main__.py", "manage.py", "setup.py")

    @cached_property
    def root(self) -> Scope:
        """The module's scope, which reads on as names are looked up in it."""
        parts = outline(self._source, Lines(self._source).starts)
        if parts is None:  # newer than this interpreter, or wrong: LibCST decides
            whole = Part(self._source, 0, is_first=True)
            scope = Scope(ScopeKind.MODULE, self, parts=(whole,))
            self._defer([whole], scope)
            scope.read_all()
            self._check_strings()
            if self.broken:
                raise Unparsable(self.broken)
            return scope
        scope = Scope(ScopeKind.MODULE, self, parts=parts)
        self._defer(parts, scope)
        return scope

    @cached_property
    def harvest(self) -> Harvest:
        """What the parts that were read so far brought home."""
        return Harvest()

    @cached_property
    def _source(self) -> str:
        """The text with what LibCST would lose replaced by what it keeps; every offset stays.

        A form feed before a statement becomes an empty line, and the indentation of comments at the end more of them.
        """
        source = self.text
        if "\f" in source:
            source = _FORM_FEED.sub(lambda match: "\n" * len(match[0]), source)
        code_ends = len(source)
        while code_ends:
            start = max(source.rfind("\n", 0, code_ends - 1), source.rfind("\r", 0, code_ends - 1)) + 1
            if (code := source[start:code_ends].strip()) and not code.startswith("#"):
                break
            code_ends = start
        return source[:code_ends] + _INDENTATION.sub(lambda match: "#" * len(match[0]), source[code_ends:])

    def read_at(self, offsets: Iterable[int]) -> None:
        """Reads the parts that have one of these offsets in them."""
        for offset in offsets:
            parts = self.root.parts
            while parts:
                part = part_at(parts, offset)
                if part.read is not None:
                    part.read()
                if not part.members or offset < part.members[0].start:
                    break
                parts = part.members

    def _defer(self, parts: Iterable[Part], scope: Scope) -> None:
        for part in parts:
            part.read = partial(self._read, part, scope)

    def _read(self, part: Part, scope: Scope) -> None:
        """Parses one part, in the scope that it stands in."""
        part.read = None
        text, indented = part.text, scope.kind is ScopeKind.CLASS
        end = part.start + len(text)
        if part.members:
            end = part.members[0].start
            text = self._source[part.start : end]
            first = part.members[0].text
            text += first[: len(first) - len(first.lstrip())].rpartition("\n")[2] + "pass\n"
        tree = self._parse(_INDENTED + text if indented else text, part)
        if tree is None:
            return
        self.trees.append(Tree(tree, part.start - len(_INDENTED) * indented, end))
        body = tree.body[0].body.body if indented else tree.body  # type: ignore[union-attr]
        walk(body, scope, self.harvest, is_first=part.is_first)
        if part.members and part.binds:
            inner = next(each.scope for each in reversed(scope.bindings[part.binds]) if isinstance(each, Defined))
            inner.parts = part.members
            self._defer(part.members, inner)

    def _check_strings(self) -> None:
        """LibCST takes a string whose escapes mean nothing, and fails when asked for its value."""
        stack: list[cst.CSTNode] = [tree.node for tree in self.trees]
        while stack:
            node = stack.pop()
            stack += children(node)
            if isinstance(node, cst.SimpleString):
                try:
                    node.evaluated_value  # noqa: B018
                except (SyntaxError, ValueError):
                    line = self.lines.position(self.spans([node])[node][0])[0]
                    self.broken = f"line {line}: is not valid Python"
                    return

    def _parse(self, text: str, part: Part) -> cst.Module | None:
        try:
            return cst.parse_module(text)
        except cst.ParserSyntaxError as error:
            line = self.lines.position(part.start)[0] + error.raw_line - 1 - text.startswith(_INDENTED)
            self.broken = f"line {line}: is not valid Python"
        except (RecursionError, SyntaxError, ValueError) as error:
            self.broken = f"cannot be parsed: {error}"
        return None

    def comments(self, offsets: Iterable[int]) -> dict[cst.Comment, Span]:
        """Every comment in the parts that have one of these offsets in them, and where it stands."""
        wanted = list(offsets)
        trees = [tree for tree in self.trees if any(tree.start <= offset < tree.end for offset in wanted)]
        return self.spans([comment for tree in trees for comment in comments(tree.node)])

    def spans(self, nodes: Iterable[Node]) -> dict[Node, Span]:
        """Where nodes of the trees stand, parentheses around them left out.

        LibCST's nodes do not know their position. Its providers compute that of every node; this writes a tree out
        once and notes offsets only for the nodes asked for.
        """
        asked = list(nodes)
        wanted = {node for node in asked if node not in self._spans}
        for tree in self.trees:
            text = self._source[max(0, tree.start) : tree.end]
            here = {node for node in wanted if _sample(node) in text}
            if here:
                found = spans_in(tree, here)
                self._spans |= found
                wanted -= found.keys()
        return {node: self._spans[node] for node in asked if node in self._spans}

    def covered_lines(self, comment: Location) -> range:
        """The line that an ignore comment speaks for."""
        return covered_lines(self.lines.split(self.text), comment)

    def location(self, span: Span) -> Location:
        return self.lines.location(self.path, *span)


_INDENTED = "if 1:\n"
"""What the body of a class is parsed behind."""


def _sample(node: cst.CSTNode) -> str:
    """Some text that stands in the source of a node, so that it need not be looked for where that is missing."""
    while True:
        match node:
            case cst.Name(value=text) | cst.SimpleString(value=text) | cst.Comment(value=text):
                return text
            case cst.Attribute(attr=node) | cst.Call(func=node) | cst.Subscript(value=node) | cst.Arg(value=node):
                continue
            case cst.ConcatenatedString(left=node) | cst.Decorator(decorator=node):
                continue
        return ""


def spans_in(tree: Tree, wanted: Collection[cst.CSTNode]) -> dict[cst.CSTNode, Span]:
    """Where nodes of a tree stand.

    Raises:
        Unparsable: it is nested too deeply.
    """
    state = _OffsetState(tree.node.default_indent, tree.node.default_newline)
    state.wanted = wanted
    try:
        tree.node._codegen(state)
    except RecursionError:
        raise Unparsable("is nested too deeply") from None
    ends = list(accumulate(map(len, state.tokens), initial=tree.start))
    return {node: (ends[first], ends[last]) for node, (first, last) in state.found.items()}


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

_FORM_FEED = re.compile(r"(?<!\\\n)(?<!\\\r)(?<!\\\r\n)(?:^|(?<=[\r\n]))\f+")

_INDENTATION = re.compile(r"^[ \t]+(?=#)", re.M)
