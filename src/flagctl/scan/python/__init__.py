"""Python source to references.

The tracer follows names through the project's modules, the finders look for each shape of reference, and this joins
them: evaluations first, in every candidate; then, with all keys known, declarations and mentions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from flagctl.config.conventions import Registry
from flagctl.model import Kind, Reference, Role, Suppression
from flagctl.scan.python.accesses import find_accesses
from flagctl.scan.python.calls import find_calls
from flagctl.scan.python.declarations import find_constants, find_registry_entries
from flagctl.scan.python.module import Module, Unparsable
from flagctl.scan.python.nodes import dotted_text
from flagctl.scan.python.project import Project
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.walk import Occurrence
from flagctl.scan.text import Span, Spans, Spellings
from flagctl.suppression import MARKER, suppression

__all__ = ["Project", "PythonScan", "Resolver", "Unparsable", "scan_python"]


@dataclass(frozen=True, slots=True)
class PythonScan:
    """What the Python files of a project hold; `unparsable` maps the path of a file to what is wrong with it."""

    references: tuple[Reference, ...]
    suppressions: tuple[Suppression, ...]
    unparsable: dict[str, str]
    parsed: int


def scan_python(
    candidates: Iterable[str],
    project: Project,
    resolver: Resolver,
    registries: Iterable[Registry],
    spellings: Spellings,
    progress: Callable[[int], None],
) -> PythonScan:
    """Finds every reference in the candidates and in the modules that these lead to."""
    registries = tuple(registries)
    drafts: dict[str, list[Draft]] = {}
    unparsable: dict[str, str] = {}
    for done, path in enumerate(candidates):
        progress(done)
        try:
            module = project.load(path)
            found = [*find_calls(module, resolver), *find_accesses(module, resolver)]
            drafts[path] = [*found, *find_registry_entries(module, registries, resolver)]
        except Unparsable as error:
            unparsable[path] = str(error)
        except RecursionError:
            unparsable[path] = "is nested too deeply"
    references: list[Reference] = []
    suppressions: list[Suppression] = []
    parsed = 0
    for module in project.loaded():
        if module.path in unparsable or not module.is_parsable:
            continue
        try:
            placed = list(_placed(module, drafts.get(module.path, []), resolver, spellings))
            comments = list(_suppressions(module))
        except (Unparsable, RecursionError):  # too deep to be written out, though not to be parsed
            unparsable[module.path] = "is nested too deeply"
            continue
        references += placed
        suppressions += comments
        parsed += 1
    return PythonScan(tuple(references), tuple(suppressions), unparsable, parsed)


def _placed(module: Module, drafts: list[Draft], resolver: Resolver, spellings: Spellings) -> Iterator[Reference]:
    """The references of one module with their positions, and the declarations and mentions around them."""
    constants = list(find_constants(module, resolver))
    matches = list(spellings.find(module.text))
    strings = [each for each in module.harvest.strings if matches and spellings.occur_in(_raw(each.node))]
    spans = module.spans([draft.node for draft in (*drafts, *constants)] + [each.node for each in strings])
    for draft in drafts:
        yield _at(draft, module, spans[draft.node])
    taken = _by_flag(drafts, spans)
    for draft in _once(constants):
        if not taken[draft.reference.flag].contain(spans[draft.node]):
            yield _at(draft, module, spans[draft.node])
    taken = _by_flag([*drafts, *constants], spans)
    literals = [each for each in (_literal(string, module, resolver) for string in strings) if each is not None]
    for literal in literals:
        if not taken[literal.reference.flag].contain(spans[literal.node]):
            yield _at(literal, module, spans[literal.node])
    taken = _by_flag([*drafts, *constants, *literals], spans)
    inside = Spans([*(spans[each.node] for each in strings), *(module.comments.values() if matches else ())])
    for match in matches:
        span = (match.start, match.end)
        if inside.contain(span) and not taken[match.flag].contain(span):
            yield Reference(match.flag, Role.MENTION, Kind.TEXT, module.location(span))


def _suppressions(module: Module) -> Iterator[Suppression]:
    if MARKER not in module.text:
        return
    for node, (start, end) in module.comments.items():
        found = suppression(node.value, module.location((start, end)), module.covered_lines)
        if found is not None:
            yield found


def _by_flag(drafts: Iterable[Draft], spans: Mapping[cst.CSTNode, Span]) -> Mapping[str | None, Spans]:
    """Where the references to each flag stand: what they contain is no further reference to that flag."""
    found: dict[str | None, list[Span]] = {}
    for draft in drafts:
        found.setdefault(draft.reference.flag, []).append(spans[draft.node])
    return defaultdict(lambda: Spans(()), {flag: Spans(each) for flag, each in found.items()})


def _at(draft: Draft, module: Module, span: Span) -> Reference:
    return replace(draft.reference, location=module.location(span))


def _once(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """A key may be both a constant and spelled behind an evaluation: one draft for each node and flag."""
    return iter({(draft.node, draft.reference.flag): draft for draft in reversed(list(drafts))}.values())


def _literal(string: Occurrence, module: Module, resolver: Resolver) -> Draft | None:
    """A string that is a key, with what it is passed to: perhaps a helper that we were not told of."""
    flag = resolver.flags.get(_value(string.node) or "")
    if flag is None or string.node in module.harvest.docstrings:
        return None
    draft = Draft.at(string.node, string.context.inside, Role.MENTION, Kind.LITERAL)
    draft = resolver.with_flag(draft, flag)
    call = string.context.argument_of
    for position, each in enumerate(call.args if call else ()):
        if call is not None and each.value is string.node:
            where = each.keyword.value if each.keyword else position
            return draft.but(site=replace(draft.reference.site, passed_to=dotted_text(call.func), position=where))
    return draft


def _raw(node: cst.BaseString) -> bytes:
    return cst.Module([]).code_for_node(node).encode()


def _value(node: cst.BaseString) -> str | None:
    value = node.evaluated_value if isinstance(node, cst.SimpleString | cst.ConcatenatedString) else None
    return value if isinstance(value, str) else None
