"""What the YAML parser has to say, in words that tell how to mend it.

The two parsers, libyaml and PyYAML's own, word the same error differently; both are recognised here.
"""

from __future__ import annotations

import yaml

from flagctl.definitions.source import Fault, Source, Span, inert, quoted

openers = {"flow sequence": "[", "flow mapping": "{"}

remedies = (
    ("mapping values are not allowed", 'unexpected ":"; quote a value that contains ": ", or check the indentation'),
    ("could not find expected ':'", 'this line is neither a field nor part of a value; is a ":" missing after a name?'),
    ("unknown escape", "unknown escape in a double-quoted value; use single quotes or write \\\\"),
    ("found undefined tag handle", "the tag means nothing here; delete it"),
    ("unexpected document indicator", "the quote that opens here is never closed"),
    ("unexpected document separator", "the quote that opens here is never closed"),
    ("unexpected end of stream", "the quote that opens here is never closed"),
    ("sequence entries are not allowed", "a list item cannot stand here; begin the list on a line of its own"),
    ("block collection", "the indentation does not fit the lines above"),
    ("block mapping", "the indentation or a quote does not fit: expected a field here"),
    ("block sequence", 'the indentation or a quote does not fit: expected a list item ("- ") here'),
    ("comment or line break", "only a comment may follow the mark of a block on its line"),
    ("chomping or indentation", "only a comment may follow the mark of a block on its line"),
    ("unknown directive name", 'a line that begins with "%" is for the YAML parser; quote or delete it'),
    ("node content", "expected a value here"),
    ("alphabetic or numeric character", 'a name must follow this; quote a value that begins with "&" or "*"'),
    ("incompatible YAML document", "this version of YAML is not known; delete the line"),
    ("document start", 'expected "---" between two definitions'),
)

at_context = (
    "could not find expected ':'",
    "unexpected document indicator",
    "unexpected document separator",
    "unexpected end of stream",
)
"""Errors that the parser notices only long after their cause."""


def syntax_fault(error: yaml.MarkedYAMLError, source: Source, start: int) -> Fault:
    """One line about a syntax error; `start` is the offset in the source at which the parser began."""
    problem, context = error.problem or "", error.context or ""
    mark, origin = error.problem_mark or error.context_mark, error.context_mark
    offset = start + mark.index if mark else start
    if origin and any(words in problem for words in at_context):
        offset = start + origin.index
    if "maximum nesting depth" in problem:
        return too_deep(_bracket(source, start, offset))
    if "cannot start any token" in problem:
        return Fault((offset, offset + 1), _bad_first_character(source.text[offset : offset + 1]))
    for kind, bracket in openers.items():
        if kind in context and origin:
            return _in_brackets(source, offset, start + origin.index, bracket)
    for words, remedy in remedies:
        if words in problem or words in context:
            return Fault((offset, offset + 1), remedy)
    return Fault((offset, offset + 1), f"is not valid YAML: {inert(problem) or 'it cannot be parsed'}")


MAX_DEPTH = 50


def too_deep(span: Span) -> Fault:
    """A document with more in each other than anybody reads; libyaml 0.2.6 refuses some of these by itself."""
    return Fault(span, f"the document is nested more than {MAX_DEPTH} levels deep")


def _bracket(source: Source, start: int, end: int) -> Span:
    """The first bracket that is too deep, of many that open; what is in quotes is counted as well."""
    depth = 0
    for offset in range(start, min(end, len(source.text))):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(source.text[offset], 0)
        if depth > MAX_DEPTH:
            return offset, offset + 1
    return end, end + 1


def _bad_first_character(char: str) -> str:
    if char == "\t":
        return "a tab cannot indent YAML; use spaces"
    return f"a value cannot begin with {quoted(char)[1:-1]} unless it is quoted"


def _in_brackets(source: Source, offset: int, opened: int, bracket: str) -> Fault:
    if offset >= source.end:
        return Fault((opened, opened + 1), f'the "{bracket}" that opens here is never closed')
    closing = "]" if bracket == "[" else "}"
    line = source.line(opened)
    return Fault((offset, offset + 1), f'expected "," or "{closing}" here', f'the "{bracket}" on line {line} is open')
