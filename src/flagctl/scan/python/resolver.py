"""Drafts of references, and what turns an expression into the key of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from flagctl.config.conventions import Argument, Evaluation, FlagObject, Override, Spelling
from flagctl.model import Kind, Location, Reference, ResolvedBy, Role, Site
from flagctl.scan.conventions import Matcher, Pattern
from flagctl.scan.python.harvest import Context
from flagctl.scan.python.keys import Key, Keys
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import dotted_text, last_name
from flagctl.scan.python.origins import External
from flagctl.scan.python.scopes import Assigned, Imported, Scope, ScopeKind
from flagctl.scan.python.trace import Tracer

_NOWHERE = Location("")

_AS_IT_IS = Spelling()


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A reference that does not know its position yet: it stands at `node`.

    Positions are computed once for a file, for the nodes that turned out to matter.
    """

    node: cst.CSTNode
    reference: Reference
    convention: Evaluation | Override | FlagObject | None = None
    """What the place was recognised by; with it the expressions behind the reference, in the scope they stand in."""
    scope: Scope | None = None
    key: cst.BaseExpression | None = None
    default: cst.BaseExpression | None = None
    value: cst.BaseExpression | None = None
    links: tuple[tuple[Module, cst.CSTNode], ...] = ()
    """The way from the key to where it is written, see `Tracer.links`."""

    @classmethod
    def at(cls, node: cst.CSTNode, context: Context, role: Role, kind: Kind, sdk: str | None = None) -> Draft:
        kind = Kind.DECORATOR if context.is_decorator and kind is Kind.CALL else kind
        site = Site(context.scope.function, context.import_time and role is Role.EVALUATION)
        return cls(node, Reference(None, role, kind, _NOWHERE, sdk=sdk, site=site), scope=context.scope)

    @classmethod
    def evaluation(
        cls, node: cst.CSTNode, context: Context, convention: Evaluation, sdk: str | None, kind: Kind = Kind.CALL
    ) -> Draft:
        draft = cls.at(node, context, Role.EVALUATION, kind, sdk)
        if convention.decorator or kind is Kind.CLASS_ATTRIBUTE:  # said at import, asked when the code it guards runs
            draft = draft.but(site=replace(draft.reference.site, import_time=False))
        if convention.decorator and not context.is_decorator:
            draft = draft.but(site=replace(draft.reference.site, makes_decorator=True))
        if not convention.refreshes:
            draft = draft.but(site=replace(draft.reference.site, is_fixed=True))
        return draft.but(returns=convention.returns, negated=convention.negated)

    def but(self, **changes: object) -> Draft:
        return replace(self, reference=replace(self.reference, **changes))  # type: ignore[arg-type]

    def in_helper(self) -> Draft:
        """A dynamic key that is what a function was given."""
        return self if self.reference.flag else self.but(site=replace(self.reference.site, in_helper=True))

    def with_source(self, **nodes: cst.BaseExpression | None) -> Draft:
        """With the source of some expressions, the `default` or the `value`, each on one line."""
        present = {name: node for name, node in nodes.items() if node is not None}
        return replace(self, **present).but(  # type: ignore[arg-type]
            **{name: " ".join(cst.Module([]).code_for_node(node).split()) for name, node in present.items()}
        )


class Resolver:
    """Matches names against the conventions and keys against the declared flags, for the modules of one project."""

    def __init__(self, matcher: Matcher, tracer: Tracer, flags: Mapping[str, str]) -> None:
        """`flags` maps every declared name, aliases too, to its flag's key."""
        self.matcher = matcher
        self.tracer = tracer
        self.keys = Keys(tracer)
        self.flags = flags
        self._names_given: dict[tuple[Module, int], dict[cst.CSTNode, str]] = {}
        self.spelled: list[Key] = []
        """The keys behind references so far: one that is spelled elsewhere than at its reference is declared there."""

    def matching(self, patterns: Iterable[Pattern], callee: cst.BaseExpression, scope: Scope) -> Pattern | None:
        """The first pattern that a callee matches."""
        return next(self.all_matching(patterns, callee, scope), None)

    def all_matching(self, patterns: Iterable[Pattern], callee: cst.BaseExpression, scope: Scope) -> Iterator[Pattern]:
        """The patterns that a callee matches: by its resolved name, as written (the user's own), or by a hint."""
        patterns = list(patterns)
        if not patterns:
            return
        resolved, written = self._resolved(callee, scope), self.names(callee, scope)
        imported = (
            self._as_imported(dotted_text(callee) or "", scope) if any(p.is_inferred for p in patterns) else set()
        )
        found = [
            each
            for each in patterns
            if each.matches(written if each.is_own else resolved) or (each.is_inferred and each.matches(imported))
        ]
        if not found and isinstance(callee, cst.Attribute):
            receiver = (last_name(callee.value) or "").lstrip("_")
            hinted = [pattern for pattern in patterns if receiver in pattern.hints]
            found = hinted if hinted and self.tracer.is_unknown(callee.value, scope) else []
        yield from found

    def names(self, node: cst.BaseExpression, scope: Scope) -> set[str]:
        """Every dotted name of an expression: resolved, and as written where no import says otherwise."""
        names, written = self._resolved(node, scope), dotted_text(node)
        if not written:
            return names
        return names | (self._as_imported(written, scope) if self.tracer.is_import(node, scope) else {written})

    def _as_imported(self, written: str, scope: Scope) -> set[str]:
        """A dotted name with what an import says in place of its first part: that of a constant, which has no other."""
        first, *rest = written.split(".")
        imports = [each for each in scope.lookup(first) if isinstance(each, Imported)]
        return {".".join(filter(None, (each.module, each.name, *rest))) for each in imports}

    def _resolved(self, node: cst.BaseExpression, scope: Scope) -> set[str]:
        """The dotted names once imports are resolved; a member goes by the name of what it is asked of, too."""
        names = self.tracer.names(node, scope)
        # What makes an object goes by the name of its type there; it may itself be asked for flags.
        names = names | {each.name for each in self.tracer.trace(node, scope) if isinstance(each, External)}
        if isinstance(node, cst.Attribute):
            return names | {f"{owner}.{node.attr.value}" for owner in self.tracer.names(node.value, scope)}
        return names

    def with_parameter_names(self, where: Argument, call: cst.Call, scope: Scope) -> Argument:
        """Positions, with the names that the called function, if it is the project's own, gives them."""
        if not any(each.keyword for each in call.args):
            return where
        names = self.tracer.parameters(call.func, scope)
        return (*where, *(names[each] for each in where if isinstance(each, int) and each < len(names)))

    def name_given(self, node: cst.CSTNode, scope: Scope) -> str | None:
        """The variable or attribute that an expression of a module is assigned to."""
        module = scope.module
        key = (module, len(module.trees))  # more names are given as more of it is read
        if key not in self._names_given:
            self._names_given[key] = dict(_names_given(module))
        return self._names_given[key].get(node)

    def is_helper(self, scope: Scope) -> bool:
        """Whether code stands inside a function that the conventions name: what it asks for is what it was given."""
        functions = [each for each in scope.ancestry() if each.kind is ScopeKind.FUNCTION and each.name]
        return any(
            pattern.matches(self.tracer.names_of_function(function))
            for function in functions
            for pattern in self.matcher.calls(function.name or "")
        )

    def with_flag(self, draft: Draft, name: str, by: ResolvedBy = ResolvedBy.LITERAL) -> Draft:
        """The draft as a reference to the flag that this name stands for."""
        return draft.but(flag=self.flags.get(name, name), resolved_by=by)

    def keyed(
        self, draft: Draft, key: cst.BaseExpression, scope: Scope, spelling: Spelling = _AS_IT_IS
    ) -> Iterator[Draft]:
        """A draft for each key that an expression may hold."""
        draft = replace(draft, key=key, scope=scope)
        keys = self.keys.of(key, scope)
        if keys is None:
            glob = self.keys.glob(key, scope, spelling.until)
            site = replace(draft.reference.site, key_glob=glob, in_helper=self.is_helper(scope))
            draft = draft.but(site=site)
        yield from self.with_keys(draft, keys, spelling)

    def with_keys(self, draft: Draft, keys: list[Key] | None, spelling: Spelling = _AS_IT_IS) -> Iterator[Draft]:
        """A draft for each key; the draft as it is, with a dynamic key, where none can be known.

        Where only some names are keys, an unknown one counts if what is known of it begins like one.
        """
        if keys is None:
            if not spelling.patterns or spelling.allows(draft.reference.site.key_glob or ""):
                yield draft
            return
        for key in keys:
            is_opposite = bool(spelling.prefix) and key.value.startswith(spelling.prefix)
            name = key.value.removeprefix(spelling.prefix) if is_opposite else key.value
            name = name.partition(spelling.until)[0] if spelling.until else name
            if not spelling.allows(name):
                continue
            name = self.in_namespace(name, spelling.namespace)
            if key.node is not draft.key:
                self.spelled.append(replace(key, value=name))
                if draft.key is not None and draft.scope is not None and len(keys) == 1 and not draft.links:
                    draft = replace(draft, links=tuple(self.tracer.links(draft.key, draft.scope)))
            yield self.with_flag(draft, name, key.by).but(negated=draft.reference.negated is not is_opposite)

    def in_namespace(self, name: str, namespace: str) -> str:
        """`switch:search` where a definition goes by that name, so that it is not the flag `search`."""
        full = f"{namespace}:{name}"
        return full if namespace and full in self.flags else name


def _names_given(module: Module) -> Iterator[tuple[cst.CSTNode, str]]:
    for scope in (module.root, *module.harvest.scopes):
        for name, bindings in (*scope.bindings.items(), *scope.attributes.items()):
            yield from ((each.value, name) for each in bindings if isinstance(each, Assigned) and each.value)
    for assignment in module.harvest.assignments:
        target = assignment.node.targets[0].target
        if isinstance(target, cst.Attribute):
            yield assignment.node.value, target.attr.value
