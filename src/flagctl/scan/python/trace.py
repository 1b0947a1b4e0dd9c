"""Follows names to where their value comes from: through assignments, imports, attributes, classes and calls.

`Tracer.trace` gives the origins of an expression; several where a name is bound in several ways (`try: import`,
branches). `Tracer.names` gives them as dotted names, the terms in which conventions are written: a call that makes
an object of a known type has the name of that type, so `get_client().get_boolean_value` reads
`openfeature.client.OpenFeatureClient.get_boolean_value`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping

import libcst as cst

from flagctl.scan.python.annotations import named_types
from flagctl.scan.python.module import Module
from flagctl.scan.python.nodes import argument, item, literal
from flagctl.scan.python.origins import Code, Each, External, File, Instance, Origin, Unknown, Value
from flagctl.scan.python.parameters import is_property, parameter_names
from flagctl.scan.python.project import Project
from flagctl.scan.python.scopes import (
    Assigned,
    Binding,
    Defined,
    Element,
    Imported,
    Opaque,
    Parameter,
    Scope,
    ScopeKind,
)


class Tracer:
    """Traces expressions through one project."""

    def __init__(self, project: Project, types: Mapping[str, str]) -> None:
        """`types` maps what makes an object (`ldclient.get`) or another name of its type to the type's first name."""
        self._project = project
        self._types = types
        self._traced: dict[tuple[Hashable, ...], list[Origin]] = {}

    # --- origins ------------------------------------------------------------------------------------------------------

    def trace(self, node: cst.BaseExpression, scope: Scope) -> list[Origin]:
        """Where the value of an expression comes from; never empty."""
        return self._once((node, scope), lambda: self._trace(node, scope))

    def _once(self, key: tuple[Hashable, ...], find: Callable[[], list[Origin]]) -> list[Origin]:
        """Finds the origins for a key, the first time; what leads back to itself on the way is unknown."""
        if key not in self._traced:
            self._traced[key] = [Unknown()]
            self._traced[key] = list(dict.fromkeys(find()))
        return self._traced[key]

    def _trace(self, node: cst.BaseExpression, scope: Scope) -> list[Origin]:
        match node:
            case cst.Name():
                return self._trace_name(node, scope)
            case cst.Attribute(value=value, attr=attribute):
                origins = self.trace(value, scope)
                return [found for origin in origins for found in self._member(origin, attribute.value, scope.module)]
            case cst.Call():
                return self._trace_call(node, scope)
            case cst.IfExp(body=body, orelse=orelse):
                return [*self.trace(body, scope), *self.trace(orelse, scope)]
            case cst.BooleanOperation(left=left, right=right):
                return [*self.trace(left, scope), *self.trace(right, scope)]
            case cst.Await(expression=inner) | cst.NamedExpr(value=inner):
                return self.trace(inner, scope)
            case cst.Subscript(value=value, slice=[cst.SubscriptElement(slice=cst.Index(value=index))]):
                return self._trace_item(value, index, scope) or [Value(node, scope)]
        return [Value(node, scope)]

    def _trace_item(self, value: cst.BaseExpression, index: cst.BaseExpression, scope: Scope) -> list[Origin]:
        """An item of a dictionary, list or tuple that is written out, or a member of an enumeration by its name."""
        key = literal(index)
        found: list[Origin] = []
        for origin in self.trace(value, scope) if key is not None else ():
            if isinstance(origin, Code) and isinstance(key, str) and self.is_enum(origin.scope):
                found += self._class_member(origin.scope, key)
            elif isinstance(origin, Value) and (found_item := item(origin.node, key)) is not None:
                found += self.trace(found_item, origin.scope)
            else:
                return []
        return found

    def _trace_name(self, node: cst.Name, scope: Scope) -> list[Origin]:
        name = node.value
        bindings = scope.module.harvest.reaching.get(node) or scope.lookup(name)
        if bindings:
            return [origin for each in bindings for origin in self._follow(each, scope.module)]
        *_, root = scope.ancestry()
        return self._from_star_imports(root, name) or [Unknown()]

    def _from_star_imports(self, root: Scope, name: str) -> list[Origin]:
        stars = root.stars()
        for star in stars:
            module = self._module(star, root.module)
            if module is None:
                continue
            found = module.root.bound(name)
            if found:
                return [origin for each in found for origin in self._follow(each, module)]
        outside = [star for star in stars if not star.level and self._module(star, root.module) is None]
        return [External(f"{star.module}.{name}") for star in outside]

    def _follow(self, binding: Binding, module: Module, owner: Scope | None = None) -> list[Origin]:
        match binding:
            case Imported():
                return self._trace_import(binding, module)
            case Defined(scope=scope) if is_property(scope):
                return self._returned(scope) or [Unknown()]
            case Defined(scope=scope):
                return [Code(scope)]
            case Assigned(value=None, annotation=annotation, scope=scope) if annotation is not None:
                return self._typed(annotation, scope)
            case Assigned(value=value, annotation=annotation, scope=scope) if value is not None:
                return self._assigned(value, annotation, scope, owner)
            case Element(iterable=iterable, scope=scope):
                return [Each(iterable, scope)]
            case Parameter(owner=class_scope) if class_scope is not None:
                return [Instance(class_scope)]
            case Parameter(annotation=annotation, scope=scope) if annotation is not None:
                return self._typed(annotation, scope)
            case Opaque() | _:
                return [Unknown()]

    def _assigned(
        self,
        value: cst.BaseExpression,
        annotation: cst.BaseExpression | None,
        scope: Scope,
        owner: Scope | None,
    ) -> list[Origin]:
        """What was assigned; where that says nothing (`None`, a parameter), the type that was declared."""
        origins = self.trace(value, scope)
        if annotation is not None and all(isinstance(origin, Unknown) for origin in origins):
            origins = self._typed(annotation, scope)
        if owner is None:
            return origins
        return [Value(each.node, each.scope, owner) if isinstance(each, Value) else each for each in origins]

    def _trace_import(self, binding: Imported, module: Module) -> list[Origin]:
        target = self._module(binding, module)
        if binding.name is None:
            return [File(target)] if target else [External(binding.module)]
        if target is None:
            submodule = self._submodule(binding, module)
            return [File(submodule)] if submodule else [External(f"{binding.module}.{binding.name}")]
        return self._module_member(target, binding.name)

    def _module(self, binding: Imported, importer: Module) -> Module | None:
        return self._project.find(binding.module, importer.path, binding.level)

    def _submodule(self, binding: Imported, importer: Module) -> Module | None:
        """`from package import module` where the package itself has no file."""
        dotted = f"{binding.module}.{binding.name}" if binding.module else str(binding.name)
        return self._module(Imported(dotted, None, binding.level), importer)

    def links(self, node: cst.BaseExpression, scope: Scope) -> Iterator[tuple[Module, cst.CSTNode]]:
        """The imports and assignments on the way from a name to where its value is written, nearest first."""
        seen: set[Binding] = set()
        found = self._bindings_of(node, scope)
        while len(found) == 1 and found[0][0] not in seen:
            binding, module = found[0]
            seen.add(binding)
            if isinstance(binding, Imported) and binding.name is not None:
                if binding.node is not None:
                    yield module, binding.node
                target = self._module(binding, module)
                found = [(each, target) for each in target.root.bound(binding.name)] if target else []
            elif isinstance(binding, Assigned) and binding.value is not None:
                yield module, binding.value
                found = self._bindings_of(binding.value, binding.scope)
            else:
                return

    def _bindings_of(self, node: cst.BaseExpression, scope: Scope) -> list[tuple[Binding, Module]]:
        """What a name or a member is bound to, and in which module."""
        if isinstance(node, cst.Name):
            bindings = scope.module.harvest.reaching.get(node) or scope.lookup(node.value)
            return [(each, scope.module) for each in bindings]
        if not isinstance(node, cst.Attribute):
            return self._bindings_of(node.value, scope) if isinstance(node, cst.Subscript) else []
        found: list[tuple[Binding, Module]] = []
        for origin in self.trace(node.value, scope):
            if isinstance(origin, File):
                found += [(each, origin.module) for each in origin.module.root.bound(node.attr.value)]
            elif isinstance(origin, Code | Instance):
                members = (*origin.scope.bound(node.attr.value), *origin.scope.assigned(node.attr.value))
                found += [(each, origin.scope.module) for each in members]
        return found or self._bindings_of(node.value, scope)  # a member's value: Flags.X.value

    # --- members ------------------------------------------------------------------------------------------------------

    def _module_member(self, module: Module, name: str) -> list[Origin]:
        return self._once((module, name), lambda: self._find_module_member(module, name))

    def _find_module_member(self, module: Module, name: str) -> list[Origin]:
        root = module.root
        if bindings := root.bound(name):
            return [origin for each in bindings for origin in self._follow(each, module)]
        dotted = f"{self._project.layout.dotted_names(module.path)[0]}.{name}"
        if submodule := self._project.find(dotted, module.path):
            return [File(submodule)]
        return self._from_star_imports(root, name) or [External(dotted)]

    def _member(self, origin: Origin, name: str, asker: Module) -> list[Origin]:
        match origin:
            case External(name="django.conf.settings"):
                return self._setting(name, asker)
            case External(name=outer):
                return [External(f"{self._types.get(outer, outer)}.{name}")]
            case File(module=module):
                return self._module_member(module, name)
            case Instance(scope=scope):
                return self._class_member(scope, name)
            case Code(scope=scope) if scope.kind is ScopeKind.CLASS:
                return self._class_member(scope, name)
            case Value(node=cst.Call(func=cst.Name(value="super")), scope=scope) if not scope.lookup("super"):
                return self._inherited_member(scope, name)
            case Value(node=cst.Call(func=func) as call, scope=scope):
                made_by = self.trace(func, scope)
                return [found for each in made_by for found in self._result_member(each, name, call, scope)]
        return [Unknown()]

    def _inherited_member(self, scope: Scope, name: str) -> list[Origin]:
        """What `super()` has."""
        own = next((each for each in scope.ancestry() if each.kind is ScopeKind.CLASS), None)
        bases = self.bases(own) if own is not None else []
        return [found for base in bases for found in self._member(base, name, scope.module)] or [Unknown()]

    def _setting(self, name: str, asker: Module) -> list[Origin]:
        """Django's settings object has what the project's settings modules bind."""
        found: list[Origin] = []
        for module in self._project.settings_with(name, asker.path):
            if module.root.bound(name):
                found += self._module_member(module, name)
        return found or [External(f"django.conf.settings.{name}")]

    def _result_member(self, made_by: Origin, name: str, call: cst.Call, scope: Scope) -> list[Origin]:
        """A member of what a call of `made_by` gives; a field of a data class has the value that the call gives it."""
        match made_by:
            case External(name=outer):
                return [External(f"{outer}().{name}")]
            case Code(scope=made) if made.kind is ScopeKind.CLASS:
                fields = self.fields(made)
                position = fields.index(name) if name in fields else None
                given = argument(call, (name,) if position is None else (position, name))
                if given is not None and (position is not None or not made.bound("__init__")):
                    return self.trace(given, scope)
                return self._class_member(made, name)
        return [Unknown()]

    def fields(self, scope: Scope, seen: frozenset[Scope] = frozenset()) -> list[str]:
        """The fields of a data class or named tuple in the order in which a call gives them, inherited ones first."""
        if scope in seen or scope.bound("__init__"):
            return []
        scope.read_all()
        bases = [base.scope for base in self.bases(scope) if isinstance(base, Code)]
        names = [name for base in bases for name in self.fields(base, seen | {scope})]
        for name, bindings in scope.bindings.items():
            if any(isinstance(each, Assigned) and each.annotation for each in bindings):
                names.append(name)
        return list(dict.fromkeys(names))

    def _class_member(self, scope: Scope, name: str) -> list[Origin]:
        """A member of a class, or of one of its bases."""
        return self._once((scope, name), lambda: self._find_class_member(scope, name))

    def _find_class_member(self, scope: Scope, name: str) -> list[Origin]:
        bindings = (*scope.bound(name), *scope.assigned(name))
        if bindings:
            return [origin for each in bindings for origin in self._follow(each, scope.module, scope)]
        outside: list[Origin] = []
        for base in self.bases(scope):
            if isinstance(base, External):
                outside += self._member(base, name, scope.module)
            elif isinstance(base, Code):
                found = self._class_member(base.scope, name)
                if not all(isinstance(each, Unknown) for each in found):
                    return found
        return outside or [Unknown()]

    def bases(self, scope: Scope) -> list[Origin]:
        """Where the base classes of a class come from."""
        if not isinstance(scope.node, cst.ClassDef) or scope.parent is None:
            return []
        values = [argument.value for argument in scope.node.bases]
        return [origin for value in values for origin in self.trace(value, scope.parent)]

    # --- calls and types ----------------------------------------------------------------------------------------------

    def _trace_call(self, node: cst.Call, scope: Scope) -> list[Origin]:
        found: list[Origin] = []
        for origin in self.trace(node.func, scope):
            match origin:
                case External(name=name) if name in self._types:
                    found.append(External(self._types[name]))
                case External(name=name) if name in _WRAPPING and (wrapped := _wrapped(node)) is not None:
                    found += self.trace(wrapped, scope)
                case Code(scope=callee) if callee.kind is ScopeKind.FUNCTION:
                    found += self._returned(callee) or [Value(node, scope)]
                case _:
                    found.append(Value(node, scope))
        return found

    def _returned(self, function: Scope) -> list[Origin]:
        """What a function of this project gives back, where that is an object of a type we know."""
        node = function.node
        if not isinstance(node, cst.FunctionDef):
            return []
        origins = [origin for value in function.returns for origin in self.trace(value, function)]
        if node.returns is not None and function.parent is not None:
            origins += self._typed(node.returns.annotation, function.parent)
        return [origin for origin in origins if isinstance(origin, External | Instance)]

    def _typed(self, annotation: cst.BaseExpression, scope: Scope) -> list[Origin]:
        """An object of the type that an annotation names."""
        found: list[Origin] = []
        for name in named_types(annotation):
            for origin in self.trace(name, scope):
                if isinstance(origin, External):
                    found.append(External(self._types.get(origin.name, origin.name)))
                elif isinstance(origin, Code) and origin.scope.kind is ScopeKind.CLASS:
                    found.append(Instance(origin.scope))
        return found or [Unknown()]

    # --- names --------------------------------------------------------------------------------------------------------

    def names(self, node: cst.BaseExpression, scope: Scope) -> set[str]:
        """The dotted names that an expression may have once imports are resolved; empty where nothing is known."""
        return {name for origin in self.trace(node, scope) for name in self._names_of(origin, set())}

    def _names_of(self, origin: Origin, seen: set[Origin]) -> Iterator[str]:
        if origin in seen:
            return
        seen.add(origin)
        match origin:
            case External(name=name):
                yield self._types.get(name, name)
            case File(module=module):
                yield from self._project.layout.dotted_names(module.path)
            case Code(scope=scope) | Instance(scope=scope):
                modules = self._project.layout.dotted_names(scope.module.path)
                yield from (f"{module}.{scope.qualified_name}" for module in modules)
                if scope.kind is ScopeKind.CLASS:
                    for base in self.bases(scope):
                        yield from self._names_of(base, seen)
            case Value(node=cst.Call(func=func), scope=scope):
                for made_by in self.trace(func, scope):
                    yield from (f"{name}()" for name in self._names_of(made_by, seen))

    def names_of_function(self, function: Scope) -> set[str]:
        """The dotted names of a function of this project, as `names` has them for a call of it."""
        return set(self._names_of(Code(function), set())) | {function.qualified_name or ""}

    def parameters(self, callee: cst.BaseExpression, scope: Scope) -> list[str]:
        """The names of a function's parameters by position, self not counted; none if it is not the project's own."""
        for origin in self.trace(callee, scope):
            function = origin.scope if isinstance(origin, Code) else None
            if function is not None and function.kind is ScopeKind.CLASS:
                initialisers = function.bound("__init__")
                function = next((each.scope for each in initialisers if isinstance(each, Defined)), None)
            if function is not None and isinstance(function.node, cst.FunctionDef):
                return parameter_names(function, function.node)
        return []

    def dotted_names(self, scope: Scope) -> list[str]:
        """What a function or class of this project is called from outside its module."""
        return [f"{name}.{scope.qualified_name}" for name in self.module_names(scope.module)]

    def module_names(self, module: Module) -> list[str]:
        """What importers may call a module of this project."""
        return self._project.layout.dotted_names(module.path)

    def is_unknown(self, node: cst.BaseExpression, scope: Scope) -> bool:
        """Whether nothing at all is known of where an expression comes from."""
        return all(isinstance(origin, Unknown) for origin in self.trace(node, scope))

    def is_import(self, node: cst.BaseExpression, scope: Scope) -> bool:
        """Whether the first name of a dotted expression is bound by an import."""
        while isinstance(node, cst.Attribute | cst.Call):
            node = node.value if isinstance(node, cst.Attribute) else node.func
        return isinstance(node, cst.Name) and any(isinstance(each, Imported) for each in scope.lookup(node.value))

    def is_enum(self, scope: Scope, *kinds: str) -> bool:
        """Whether a class is an enumeration, or one of some kinds, by the names of its bases."""
        return any(
            name.rpartition(".")[2].endswith(kinds or ("Enum", "Flag", "Choices"))
            for base in self.bases(scope)
            for name in self._names_of(base, set())
        )


_WRAPPING = {
    "asgiref.sync.async_to_sync",
    "asgiref.sync.sync_to_async",
    "channels.db.database_sync_to_async",
    "functools.cache",
    "functools.partial",
}
"""What takes a function and gives one that is called in the same way."""


def _wrapped(call: cst.Call) -> cst.BaseExpression | None:
    """The function that a wrapping call gets; `None` if it gets further arguments by position."""
    match [each.value for each in call.args if each.keyword is None and not each.star]:
        case [function]:
            return function
    return None
