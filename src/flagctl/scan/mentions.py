"""References in a file that is not Python: what templates and scripts evaluate, and every other mention of a key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ahocorasick_rs import BytesAhoCorasick

from flagctl.config.conventions import Conventions, Script, Template
from flagctl.model import Kind, Reference, ResolvedBy, Role
from flagctl.scan.evidence import Evidence
from flagctl.scan.languages import Source, is_code, is_script, is_template
from flagctl.scan.scripts import find_in_script
from flagctl.scan.templates import find_in_template
from flagctl.scan.text import Lines, Span, Spans, Spellings


class Terms:
    """What asks for a flag in templates and scripts, by the conventions of a run."""

    def __init__(self, conventions: Iterable[Conventions], flags: Mapping[str, str]) -> None:
        """`flags` maps each declared name, aliases too, to its flag's key."""
        self.flags = flags
        self.templates: list[Template] = []
        self.scripts: list[Script] = []
        self._sdks: dict[Template | Script, str | None] = {}
        for each in reversed(list(conventions)):  # what you say yourself comes before what a preset says
            self.templates += each.templates
            self.scripts += each.scripts
            self._sdks |= dict.fromkeys((*each.templates, *each.scripts), each.id)
        self._in_templates = _search(word for term in self.templates for word in _words(term))
        self._in_scripts = _search(_longest_literal(glob) for term in self.scripts for glob in term.call)

    def may_be_in(self, path: str, data: bytes) -> bool:
        """Whether a file may hold an evaluation: a quick look before a real one."""
        return (self._in_templates is not None and is_template(path) and _occurs(self._in_templates, data)) or (
            self._in_scripts is not None and is_script(path) and _occurs(self._in_scripts, data)
        )

    def sdk(self, term: Template | Script) -> str | None:
        return self._sdks[term]


def find_in_text(path: str, text: str, spellings: Spellings, terms: Terms) -> list[Reference]:
    """Every reference in one file that is not Python, in no order; it depends on nothing but what it is given."""
    source = Source(path, text)
    lines = Lines(text)
    taken: dict[str, list[Span]] = defaultdict(list)
    references = []
    for term, span, flag in _evaluations(source, terms):
        kind = Kind.TEMPLATE if isinstance(term, Template) else Kind.CALL
        resolved_by = None if flag is None else ResolvedBy.LITERAL
        reference = Reference(flag, Role.EVALUATION, kind, lines.location(path, *span), terms.sdk(term))
        references.append(replace(reference, resolved_by=resolved_by, returns=term.returns, negated=term.negated))
        taken[flag or ""].append(span)
    inside = {flag: Spans(spans) for flag, spans in taken.items()}
    evidence = Evidence(source) if is_code(path) or is_template(path) else None
    for match in spellings.find(text):
        span = (match.start, match.end)
        if match.flag in inside and inside[match.flag].contain(span):
            continue
        kind = Kind.CODE if evidence is not None and evidence.is_use(span) else Kind.TEXT
        references.append(Reference(match.flag, Role.MENTION, kind, lines.location(path, *span)))
    return references


def _evaluations(source: Source, terms: Terms) -> list[tuple[Template | Script, Span, str | None]]:
    found: list[tuple[Template | Script, Span, str | None]] = []
    if terms.templates and is_template(source.path):
        found += find_in_template(source.text, terms.templates, terms.flags)
    if terms.scripts and is_script(source.path):
        templated = Spans(span for _, span, _ in found)
        called = find_in_script(source.text, source.script, terms.scripts, terms.flags)
        found += (each for each in called if not templated.contain(each[1]))
    return found


def _words(term: Template) -> list[str]:
    """Words of which a template must have one to hold this."""
    owner = [term.attribute.removesuffix(".{key}")] if term.attribute else []
    return [_longest_literal(glob) for glob in (*term.tag, *term.call, *owner)]


def _longest_literal(glob: str) -> str:
    """Of the last part of a dotted name, as what is before it may be written in more than one way."""
    return max(re.split(r"[*?\[\]]+", glob.rpartition(".")[2]), key=len)


def _search(words: Iterable[str]) -> BytesAhoCorasick | None:
    wanted = sorted(set(words) - {""})
    return BytesAhoCorasick([word.encode() for word in wanted]) if wanted else None


def _occurs(search: BytesAhoCorasick, data: bytes) -> bool:
    return bool(search.find_matches_as_indexes(data))
