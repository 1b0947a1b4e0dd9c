"""YAML text to a tree of nodes that know where they stand.

Built on PyYAML's events rather than its loader, because the loader reads YAML 1.1 (`on` is a boolean), lets the last
of two equal keys win, forgets where a value stood, and copies what an alias names without counting.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import NamedTuple, TypeVar

import yaml

from flagctl.definitions.nodes import Document, Entry, Mapping, Node, Scalar, Sequence, Unknown
from flagctl.definitions.source import Fault, Source, Span, inert, quoted
from flagctl.definitions.syntax import MAX_DEPTH, syntax_fault, too_deep

MAX_NODES = 10_000
"""Of one document, aliases written out."""

Parser: type[yaml.BaseLoader] | type[yaml.CBaseLoader] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

document_marker = re.compile(r"^---(?=\s|\Z)", re.MULTILINE)
control_character = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

Collection = TypeVar("Collection", Sequence, Mapping)

core = "tag:yaml.org,2002:"
scalar_tags = {core + name: name for name in ("str", "null", "bool", "int", "float")} | {"!": "str"}


class Composition(NamedTuple):
    """The documents of a file, and the spans in which a `#` is text."""

    documents: list[Document]
    opaque: list[Span]


def compose(source: Source) -> Composition:
    """Reads every document of a file; after a syntax error, goes on at the next line that begins with `---`."""
    composer = _Composer(source)
    resume: int | None = 0
    while resume is not None:
        resume = composer.read(resume)
    return Composition(composer.documents, composer.opaque)


class _TooLargeError(Exception):
    """Stops a document that is too large to be composed."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


class _Composer:
    def __init__(self, source: Source) -> None:
        self.source = source
        # A stream rather than slices: a file of many errors would be copied once for each.
        self.stream = io.StringIO(source.text, newline="")
        self.documents: list[Document] = []
        self.opaque: list[Span] = []

    def read(self, start: int) -> int | None:
        """Composes documents from an offset to the end, or to an error; then says from where to go on."""
        self.stream.seek(start)
        self.start = start
        self.events: Iterator[yaml.Event] = yaml.parse(self.stream, Parser)
        self.open: Document | None = None
        try:
            self._stream()
        except yaml.MarkedYAMLError as error:
            found = error.problem_mark or error.context_mark
            fault, stopped = syntax_fault(error, self.source, start), start + (found.index if found else 0)
        except _TooLargeError as error:
            fault, stopped = error.fault, error.fault.span[0]
        else:
            return None
        document = self._document()
        document.break_off(fault, stopped)
        marker = document_marker.search(self.source.text, max(stopped, start + 1))
        return marker.start() if marker else None

    def _stream(self) -> None:
        for event in self.events:
            if isinstance(event, yaml.DocumentStartEvent):
                self.open, self.nodes = None, 0
                self.anchors: dict[str, Node | None] = {}
                document = self._document()
                root = self._node(next(self.events), 1)
                document.root = root

    def _document(self) -> Document:
        """The document that is being read, or was read last: what stands between two is held against the first."""
        if self.open is None:
            self.open = Document()
            self.documents.append(self.open)
        return self.open

    def _fault(self, span: Span, message: str, hint: str | None = None) -> None:
        self._document().faults.append(Fault(span, message, hint))

    def _node(self, event: yaml.Event, depth: int) -> Node:
        span = self._span(event)
        self._count(span, depth)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event.anchor, span, depth)
        assert isinstance(event, yaml.NodeEvent)  # noqa: S101  the parser's grammar
        if event.anchor:
            self.anchors[event.anchor] = None
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, span)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._sequence(event, span, depth)
        else:
            assert isinstance(event, yaml.MappingStartEvent)  # noqa: S101
            node = self._mapping(event, span, depth)
        if event.anchor:
            self.anchors[event.anchor] = node
        return node

    def _span(self, event: yaml.Event) -> Span:
        assert event.start_mark is not None  # noqa: S101  every event of a parser has both marks
        assert event.end_mark is not None  # noqa: S101
        return self.start + event.start_mark.index, self.start + event.end_mark.index

    def _count(self, span: Span, depth: int) -> None:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise _TooLargeError(Fault(span, f"the document has more than {MAX_NODES} values, aliases written out"))
        if depth > MAX_DEPTH:
            raise _TooLargeError(too_deep(span))

    def _alias(self, anchor: str | None, span: Span, depth: int) -> Node:
        node = self.anchors.get(anchor or "")
        if node is None:
            is_open = anchor in self.anchors
            problem = "stands inside what it names" if is_open else "names nothing that stands before it"
            self._fault(span, f"the alias {quoted(f'*{anchor}')} {problem}")
            return Unknown(span)
        self._count_inside(node, span, depth)
        return node

    def _count_inside(self, node: Node, span: Span, depth: int) -> None:
        """Counts what an alias names as though it were written out where the alias stands."""
        children: list[Node] = []
        if isinstance(node, Sequence):
            children = node.items
        elif isinstance(node, Mapping):
            children = [entry.value for entry in node.entries.values()]
        for child in children:
            self._count(span, depth + 1)
            self._count_inside(child, span, depth + 1)

    def _scalar(self, event: yaml.ScalarEvent, span: Span) -> Scalar:
        start, end = span
        if event.style in ("|", ">"):
            # Its end mark stands after the blank lines that follow, and its header may end in a comment.
            end = start + len(self.source.text[start:end].rstrip())
            self.opaque.append((self.source.next_line(start), end))
        elif event.style:
            self.opaque.append(span)
        if bad := control_character.search(event.value):
            self._fault((start, end), f"holds the control character {inert(bad[0])}; delete it")
        tag = scalar_tags.get(event.tag) if event.tag else ("str" if event.style else None)
        if event.tag and tag is None:
            self._foreign_tag(event.tag, span)
        return Scalar((start, end), event.value, tag)

    def _sequence(self, event: yaml.SequenceStartEvent, span: Span, depth: int) -> Sequence:
        if event.tag not in (None, "!", core + "seq"):
            self._foreign_tag(event.tag, span)
        sequence = Sequence(span)
        while not isinstance(item := next(self.events), yaml.SequenceEndEvent):
            sequence.items.append(self._node(item, depth + 1))
        self._close(sequence, item, sequence.items[-1] if sequence.items else None)
        return sequence

    def _mapping(self, event: yaml.MappingStartEvent, span: Span, depth: int) -> Mapping:
        if event.tag not in (None, "!", core + "map"):
            self._foreign_tag(event.tag, span)
        mapping = Mapping(span, span)
        if depth == 1:
            # So that the fields before a syntax error can be read.
            self._document().root = mapping
        merged: list[Mapping] = []
        last: Node | None = None
        while not isinstance(item := next(self.events), yaml.MappingEndEvent):
            key_span = self._span(item)
            key = self._node(item, depth + 1)
            last = self._node(next(self.events), depth + 1)
            if mapping.first is mapping.span:
                mapping.first = key_span
            if isinstance(key, Scalar) and key.text == "<<" and key.tag is None:
                merged += self._merged(last)
            else:
                self._add(mapping, key, key_span, last)
        for other in merged:
            for name, entry in other.entries.items():
                mapping.entries.setdefault(name, entry)
        self._close(mapping, item, last)
        return mapping

    def _add(self, mapping: Mapping, key: Node, span: Span, value: Node) -> None:
        if isinstance(key, Sequence | Mapping):
            self._fault(span, "a field's name must be a word, not a list or a mapping")
        elif isinstance(key, Scalar):
            if key.text in mapping.entries:
                first = self.source.location(mapping.entries[key.text].key)
                self._fault(span, f"the field {quoted(key.text)} is there twice, first on line {first.line}")
            else:
                mapping.entries[key.text] = Entry(span, value)

    def _merged(self, value: Node) -> list[Mapping]:
        """The mappings that a merge key names; of two with one field, the first wins."""
        mappings: list[Mapping] = []
        for each in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(each, Mapping):
                mappings.append(each)
            elif not isinstance(each, Unknown):
                self._fault(each.span, 'only a mapping, or a list of them, can be merged with "<<"')
        return mappings

    def _foreign_tag(self, tag: str, span: Span) -> None:
        name = "!!" + tag.removeprefix(core) if tag.startswith(core) else tag
        self._fault(span, f"the tag {quoted(name)} means nothing here; delete it")

    def _close(self, node: Collection, end: yaml.Event, last: Node | None) -> None:
        """Sets where a collection ends: at its bracket, or with its last item (a block's end mark comes too late)."""
        start, stop = node.span[0], self._span(end)
        if stop[1] > stop[0]:
            node.span = (start, stop[1])
        elif last is not None:
            node.span = (start, max(start, last.span[1]))
