"""One Python file after the other to what it holds.

The tracer follows names through the project's modules, the finders look for each shape of reference, and this puts
what they find where it stands.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import libcst as cst

from flagctl.config.conventions import Conventions, Registry
from flagctl.model import Kind, Reference, Role, Suppression
from flagctl.scan.conventions import Matcher
from flagctl.scan.facts import Analysis, Helper, Question
from flagctl.scan.prefilter import Words, WordSearch, as_text, spellings_of
from flagctl.scan.python.accesses import find_accesses
from flagctl.scan.python.calls import aliases, find_calls, find_exported_aliases
from flagctl.scan.python.declarations import constant_names, find_constants, find_registry_entries, spelled_keys
from flagctl.scan.python.flow import Flow, flow_of, nodes_of, site_with
from flagctl.scan.python.harvest import Occurrence
from flagctl.scan.python.helpers import find_helpers
from flagctl.scan.python.layout import Layout
from flagctl.scan.python.module import Module
from flagctl.scan.python.names import find_names, helper_definitions, with_call
from flagctl.scan.python.nodes import last_name, string_value
from flagctl.scan.python.project import Modules, Project
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.trace import Tracer
from flagctl.scan.source import Unparsable
from flagctl.scan.text import Match, Spans
from flagctl.suppression import MARKER, suppression

_MAX_KEPT = 4_000_000
"""Characters of source whose trees are kept for the files to come, as many of these import the same modules."""


class Analyst:
    """Analyses the files of one project by one set of conventions."""

    def __init__(
        self,
        layout: Layout,
        modules: Modules,
        conventions: Sequence[Conventions],
        flags: Mapping[str, str],
        registries: Sequence[Registry],
        new: Sequence[Conventions] | None = None,
    ) -> None:
        """`flags` maps every declared name to its flag's key.

        Where only some of the conventions are `new`, nothing is looked for but what these say.
        """
        self._only_calls = new is not None
        self._matcher = Matcher(conventions, new)
        self._flags = flags
        self._keys = spellings_of(flags)
        self._registries = () if self._only_calls else registries
        names = Words() if self._only_calls else Words(names=frozenset({*flags, MARKER}))
        self._search = WordSearch(self._matcher.words() | names)
        self._modules = modules
        self._project = Project(layout, modules)
        self._resolver = self._new_resolver()

    def _new_resolver(self) -> Resolver:
        return Resolver(self._matcher, Tracer(self._project, self._matcher.types), self._flags)

    def questions(self) -> dict[str, set[Question]]:
        """What modules asked for since this was last called, by the path of the module."""
        asked, self._project.questions = self._project.questions, {}
        return asked

    def analyse(self, path: str) -> Analysis:
        """What one file holds."""
        if self._modules.size > _MAX_KEPT:
            self._modules.forget()
            self._resolver = self._new_resolver()
            gc.collect()
        try:
            module = self._modules.load(path)
            self._read_parts(module)
            found = self._found(module)
        except Unparsable as error:
            return self._as_text(path, str(error))
        except RecursionError:
            return self._as_text(path, "is nested too deeply")
        return self._as_text(path, module.broken) if module.broken else found

    def _as_text(self, path: str, reason: str) -> Analysis:
        return Analysis(texts=as_text(path, self._modules.read(path), self._keys), unread=reason)

    def _read_parts(self, module: Module) -> None:
        """Reads what can hold a reference: what has a word of interest in it, or another name for one."""
        module.read_at(self._search.offsets_in(module.text))
        if common := self._matcher.common_words(module.text):
            module.read_at(WordSearch(common).offsets_in(module.text))
        known: set[str] = set()
        while new := aliases(module, self._matcher).keys() - known:
            known |= new
            module.read_at(WordSearch(Words(exact=frozenset(new))).offsets_in(module.text))
        for registry in self._registries:
            if registry.file == module.path:
                module.root.read_all()

    def _found(self, module: Module) -> Analysis:
        resolver = self._resolver
        resolver.spelled.clear()
        drafts = [
            *find_calls(module, resolver),
            *find_accesses(module, resolver),
            *find_registry_entries(module, self._registries, resolver),
        ]
        by_draft = find_helpers(drafts, resolver)
        seen = (helper for each in by_draft.values() for helper in each)
        helpers = tuple(dict.fromkeys((*seen, *find_exported_aliases(module, resolver))))
        drafts = [draft.in_helper() if draft in by_draft else draft for draft in drafts]
        spelled = spelled_keys(resolver)
        flow = flow_of(drafts)
        if self._only_calls:
            named = list(find_names(module, resolver))
            spans = module.spans([draft.node for draft in (*drafts, *named)] + [*nodes_of(flow)])
            return Analysis(
                references=tuple(_followed(drafts, flow, module, spans)),
                spelled=tuple(_elsewhere(spelled)),
                strings=tuple(_at(draft, module, spans) for draft in named),
                texts=tuple(_named_in_prose(module, named)),
                helpers=helpers,
            )
        constants = list(find_constants(module, resolver))
        names = {*constant_names(module, constants), *_names_of(drafts, by_draft, resolver)} - self._flags.keys()
        constants += helper_definitions(by_draft, resolver)
        matches = list(self._keys.find(module.text))
        strings = [each for each in module.harvest.strings if matches and self._keys.occur_in(_raw(each.node))]
        places = [draft.node for draft in (*drafts, *constants)] + [each.node for each in strings]
        spans = module.spans([*places, *nodes_of(flow)])
        literals = (_literal(string, module, resolver) for string in strings)
        return Analysis(
            references=tuple(_followed(drafts, flow, module, spans)),
            constants=tuple(_at(draft, module, spans) for draft in constants),
            spelled=tuple(_elsewhere(spelled)),
            strings=tuple(_at(draft, module, spans) for draft in literals if draft is not None),
            texts=tuple(_texts(module, matches, Spans(spans[each.node] for each in strings))),
            suppressions=tuple(_suppressions(module)),
            helpers=helpers,
            names=tuple(sorted(names)),
        )


def _named_in_prose(module: Module, named: Iterable[Draft]) -> Iterator[Reference]:
    """The names of constants in this file's comments and strings."""
    flags = {last_name(draft.node): draft.reference.flag for draft in named if isinstance(draft.node, cst.Name)}
    names = [re.escape(name) for name in flags if name and name.isupper() and "_" in name]
    found = list(re.finditer(rf"\b(?:{'|'.join(names)})\b", module.text)) if names else []
    strings = [each.node for each in module.harvest.strings if found]
    inside = Spans([*module.spans(strings).values(), *module.comments(match.start() for match in found).values()])
    for match in found:
        if inside.contain(match.span()):
            yield Reference(flags[match[0]], Role.MENTION, Kind.TEXT, module.location(match.span()))


def _names_of(drafts: Iterable[Draft], helpers: Mapping[Draft, Iterable[Helper]], resolver: Resolver) -> Iterator[str]:
    """What the flag objects and the functions that ask for one flag are called."""
    for draft in drafts:
        if draft.reference.kind is Kind.FLAG_OBJECT and draft.reference.flag in resolver.flags and draft.scope:
            yield from filter(None, [resolver.name_given(draft.node, draft.scope)])
    for definition in helper_definitions(helpers, resolver):
        if isinstance(definition.node, cst.Name):
            yield definition.node.value


def _texts(module: Module, matches: list[Match], strings: Spans) -> Iterator[Reference]:
    """The keys inside longer strings and in comments."""
    rest = [match for match in matches if not strings.contain((match.start, match.end))]
    inside = Spans(module.comments(match.start for match in rest).values())
    for match in matches:
        span = (match.start, match.end)
        if match not in rest or inside.contain(span):
            yield Reference(match.flag, Role.MENTION, Kind.TEXT, module.location(span))


def _elsewhere(spelled: Mapping[Module, list[Draft]]) -> Iterator[Reference]:
    for module, drafts in spelled.items():
        spans = module.spans([draft.node for draft in drafts])
        yield from (_at(draft, module, spans) for draft in drafts)


def _followed(
    drafts: Iterable[Draft], flow: Flow, module: Module, spans: Mapping[cst.CSTNode, tuple[int, int]]
) -> Iterator[Reference]:
    """References with what happens to their answers."""

    def line(node: cst.CSTNode) -> int:
        return module.lines.position(spans[node][0])[0]

    for draft in drafts:
        found = _at(draft, module, spans)
        facts = flow.get(draft.node)
        yield found if facts is None else replace(found, site=site_with(found.site, facts, line))


def _at(draft: Draft, module: Module, spans: Mapping[cst.CSTNode, tuple[int, int]]) -> Reference:
    chain = tuple(each.location(each.spans([node])[node]) for each, node in draft.links)
    return replace(draft.reference, location=module.location(spans[draft.node]), chain=chain)


def _suppressions(module: Module) -> Iterator[Suppression]:
    marks = [match.start() for match in re.finditer(re.escape(MARKER), module.text)]
    for node, span in module.comments(marks).items():
        found = suppression(node.value, module.location(span), module.covered_lines)
        if found is not None:
            yield found


def _literal(string: Occurrence, module: Module, resolver: Resolver) -> Draft | None:
    """A string that is a key, with what it is passed to: perhaps a helper that we were not told of."""
    flag = resolver.flags.get(_value(string.node) or "")
    if flag is None or string.node in module.harvest.docstrings:
        return None
    draft = Draft.at(string.node, string.context.inside, Role.MENTION, Kind.LITERAL)
    return with_call(resolver.with_flag(draft, flag), string)


def _raw(node: cst.BaseString) -> bytes:
    return cst.Module([]).code_for_node(node).encode()


def _value(node: cst.BaseString) -> str | None:
    match node:
        case cst.SimpleString():
            return string_value(node)
        case cst.ConcatenatedString(evaluated_value=str() as value):
            return value
    return None
