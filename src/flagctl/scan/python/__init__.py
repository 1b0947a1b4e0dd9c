"""Python source to references.

The tracer follows names through the project's modules, the finders look for each shape of reference, and this joins
them: evaluations first, in every candidate; then, with all keys known, declarations and mentions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import libcst as cst

from flagctl.config.conventions import Registry
from flagctl.model import Kind, Reference, Role, Suppression
from flagctl.scan.python.accesses import find_accesses
from flagctl.scan.python.calls import find_calls
from flagctl.scan.python.declarations import find_constants, find_registry_entries
from flagctl.scan.python.module import Module, Span, Unparsable
from flagctl.scan.python.project import Project
from flagctl.scan.python.resolver import Draft, Resolver
from flagctl.scan.python.walk import Occurrence, dotted_text
from flagctl.scan.text import Spellings
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
    parsed = [module for module in project.loaded() if module.is_parsable]
    for module in parsed:
        references += _placed(module, drafts.get(module.path, []), resolver, spellings)
        suppressions += _suppressions(module)
    return PythonScan(tuple(references), tuple(suppressions), unparsable, len(parsed))


def _placed(module: Module, drafts: list[Draft], resolver: Resolver, spellings: Spellings) -> Iterator[Reference]:
    """The references of one module with their positions, and the declarations and mentions around them."""
    constants = list(find_constants(module, resolver))
    matches = list(spellings.find(module.text))
    strings = [each for each in module.harvest.strings if matches and spellings.occur_in(_raw(each.node))]
    spans = module.spans([draft.node for draft in (*drafts, *constants)] + [each.node for each in strings])
    taken = _Spans(spans[draft.node] for draft in drafts)
    for draft in drafts:
        yield _at(draft, module, spans[draft.node])
    for draft in _once(constants):
        if not taken.contain(spans[draft.node]):
            yield _at(draft, module, spans[draft.node])
    taken.add(spans[draft.node] for draft in constants)
    for string in strings:
        span = spans[string.node]
        name = _value(string.node)
        if name in resolver.flags and not taken.contain(span) and string.node not in module.harvest.docstrings:
            yield _at(resolver.with_flag(_literal(string), str(name)), module, span)
            taken.add([span])
    inside = _Spans([*(spans[each.node] for each in strings), *(module.comments.values() if matches else ())])
    for match in matches:
        span = (match.start, match.end)
        if inside.contain(span) and not taken.contain(span):
            yield Reference(match.flag, Role.MENTION, Kind.TEXT, module.location(span))


def _suppressions(module: Module) -> Iterator[Suppression]:
    if MARKER not in module.text:
        return
    for node, (start, end) in module.comments.items():
        found = suppression(node.value, module.location((start, end)), module.covered_lines)
        if found is not None:
            yield found


class _Spans:
    """Spans of which one may contain another given one. Files have few, so a look at each is quick enough."""

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._spans = set(spans)

    def add(self, spans: Iterable[Span]) -> None:
        self._spans.update(spans)

    def contain(self, span: Span) -> bool:
        return span in self._spans or any(start <= span[0] and span[1] <= end for start, end in self._spans)


def _at(draft: Draft, module: Module, span: Span) -> Reference:
    return replace(draft.reference, location=module.location(span))


def _once(drafts: Iterable[Draft]) -> Iterator[Draft]:
    """A key may be both a constant and spelled behind an evaluation: one draft for each node and flag."""
    return iter({(draft.node, draft.reference.flag): draft for draft in reversed(list(drafts))}.values())


def _literal(string: Occurrence) -> Draft:
    """A string that is a key, with what it is passed to: perhaps a helper that we were not told of."""
    draft = Draft.at(string.node, string.context.inside, Role.MENTION, Kind.LITERAL)
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
