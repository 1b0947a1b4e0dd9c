"""Drafts of references, and what turns an expression into the key of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import libcst as cst

from flagctl.config.conventions import Argument, Evaluation, Override
from flagctl.model import Kind, Location, Reference, ResolvedBy, Role, Site
from flagctl.scan.conventions import Matcher, Pattern
from flagctl.scan.python.keys import Key, Keys
from flagctl.scan.python.nodes import dotted_text, last_name
from flagctl.scan.python.scopes import Scope, ScopeKind
from flagctl.scan.python.trace import Tracer
from flagctl.scan.python.walk import Context

_NOWHERE = Location("")


@dataclass(frozen=True, slots=True, eq=False)
class Draft:
    """A reference that does not know its position yet: it stands at `node`.

    Positions are computed once for a file, for the nodes that turned out to matter.
    """

    node: cst.CSTNode
    reference: Reference
    convention: Evaluation | Override | None = None
    """What the place was recognised by; with it the expressions behind the reference, in the scope they stand in."""
    scope: Scope | None = None
    key: cst.BaseExpression | None = None
    default: cst.BaseExpression | None = None
    value: cst.BaseExpression | None = None

    @classmethod
    def at(cls, node: cst.CSTNode, context: Context, role: Role, kind: Kind, sdk: str | None = None) -> Draft:
        kind = Kind.DECORATOR if context.is_decorator and kind is Kind.CALL else kind
        site = Site(context.scope.function, context.import_time and role is Role.EVALUATION)
        return cls(node, Reference(None, role, kind, _NOWHERE, sdk=sdk, site=site))

    @classmethod
    def evaluation(
        cls, node: cst.CSTNode, context: Context, convention: Evaluation, sdk: str | None, kind: Kind = Kind.CALL
    ) -> Draft:
        draft = cls.at(node, context, Role.EVALUATION, kind, sdk)
        if convention.decorator or kind is Kind.CLASS_ATTRIBUTE:  # said at import, asked when the code it guards runs
            draft = draft.but(site=replace(draft.reference.site, import_time=False))
        return draft.but(returns=convention.returns, negated=convention.negated)

    def but(self, **changes: object) -> Draft:
        return replace(self, reference=replace(self.reference, **changes))  # type: ignore[arg-type]

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
        self.spelled: list[Key] = []
        """The keys behind references so far: one that is spelled elsewhere than at its reference is declared there."""

    def matching(self, patterns: Iterable[Pattern], callee: cst.BaseExpression, scope: Scope) -> Pattern | None:
        """The first pattern that a callee matches: by its resolved name, as written (the user's own), or by a hint."""
        patterns = list(patterns)
        if not patterns:
            return None
        resolved = self.tracer.names(callee, scope) | self._inherited_names(callee, scope)
        written = self.names(callee, scope)
        for pattern in patterns:
            if pattern.matches(written if pattern.is_own else resolved):
                return pattern
        if isinstance(callee, cst.Attribute):
            receiver = (last_name(callee.value) or "").lstrip("_")
            hinted = [pattern for pattern in patterns if receiver in pattern.hints]
            if hinted and self.tracer.is_unknown(callee.value, scope):
                return hinted[0]
        return None

    def names(self, node: cst.BaseExpression, scope: Scope) -> set[str]:
        """Every dotted name of an expression: resolved, and as written where no import says otherwise."""
        names = self.tracer.names(node, scope) | self._inherited_names(node, scope)
        written = dotted_text(node)
        return names | {written} if written and not self.tracer.is_import(node, scope) else names

    def _inherited_names(self, node: cst.BaseExpression, scope: Scope) -> set[str]:
        """An inherited member goes by the names of the class that it is asked of, too."""
        if not isinstance(node, cst.Attribute):
            return set()
        return {f"{owner}.{node.attr.value}" for owner in self.tracer.names(node.value, scope)}

    def with_parameter_names(self, where: Argument, call: cst.Call, scope: Scope) -> Argument:
        """Positions, with the names that the called function, if it is the project's own, gives them."""
        if not any(each.keyword for each in call.args):
            return where
        names = self.tracer.parameters(call.func, scope)
        return (*where, *(names[each] for each in where if isinstance(each, int) and each < len(names)))

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

    def keyed(self, draft: Draft, key: cst.BaseExpression, scope: Scope, prefix: str = "") -> Iterator[Draft]:
        """A draft for each key that an expression may hold."""
        draft = replace(draft, key=key, scope=scope)
        keys = self.keys.of(key, scope)
        if keys is None:
            site = replace(draft.reference.site, key_glob=self.keys.glob(key, scope), in_helper=self.is_helper(scope))
            draft = draft.but(site=site)
        yield from self.with_keys(draft, keys, prefix)

    def with_keys(self, draft: Draft, keys: list[Key] | None, prefix: str = "") -> Iterator[Draft]:
        """A draft for each key; the draft as it is, with a dynamic key, where none can be known.

        A key that begins with `prefix` asks for the opposite of the flag.
        """
        if keys is None:
            yield draft
            return
        for key in keys:
            is_opposite = bool(prefix) and key.value.startswith(prefix)
            name = key.value.removeprefix(prefix) if is_opposite else key.value
            self.spelled.append(replace(key, value=name))
            yield self.with_flag(draft, name, key.by).but(negated=draft.reference.negated is not is_opposite)
