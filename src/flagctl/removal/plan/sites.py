"""What becomes of each evaluation of a flag: the value in its place, or the reason why it is left to a human."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile

import libcst as cst

from flagctl.model import Kind, Reference, ResolvedBy, Role
from flagctl.removal.file import PythonFile
from flagctl.removal.kept import Kept
from flagctl.removal.overrides import Overrides, inside, overrides_in, qualified_name, settled, side_of
from flagctl.removal.overrides.doubles import set_in_doubles
from flagctl.removal.parents import Parents, around, parents_in
from flagctl.removal.plan.details import Parts, parts_read
from flagctl.removal.refusal import Refusal, Refused
from flagctl.removal.scoping import shows_its_source
from flagctl.removal.values import Value
from flagctl.scan.python.nodes import descendants, last_name


@dataclass(frozen=True, slots=True)
class Sites:
    """What is to be done to one file: values in place of nodes, nodes that go, and what is left to a human."""

    values: Mapping[cst.CSTNode, Value] = field(default_factory=dict)
    gone: frozenset[cst.CSTNode] = frozenset()
    replaced: Mapping[cst.CSTNode, cst.CSTNode] = field(default_factory=dict)
    """What takes the place of other nodes."""
    tests: tuple[str, ...] = ()
    """The tests of a value that is gone: those that go."""
    kept_tests: tuple[str, ...] = ()
    """And those that only lose what forces that value."""
    refusals: tuple[Refusal, ...] = ()
    """What is left to a human, and with it the whole file."""
    left_overrides: tuple[Refusal, ...] = ()
    """And the overrides that are left, each with the function or class that it is for."""
    asked: Mapping[cst.CSTNode, Reference] = field(default_factory=dict)
    """The evaluations behind the values."""


def sites_in(
    file: PythonFile, references: Iterable[Reference], kept: Mapping[str, Kept], tests: Collection[str] | None = None
) -> Sites:
    """What becomes of the evaluations and overrides in a file, of all flags that go, by their keys.

    `tests` are the names of those that go; without it, all tests of a value that is gone do.
    """
    references = list(references)
    nodes = file.expressions_at(each.location for each in references)
    parents = parents_in(file.tree)
    values: dict[cst.CSTNode, Value] = {}
    asked: dict[cst.CSTNode, Reference] = {}
    idle: set[cst.CSTNode] = set()
    refusals: list[Refusal] = []
    for each in references:
        if each.role is not Role.EVALUATION:
            continue
        try:
            node = nodes.get(each.location)
            if node is None:
                raise Refused("nothing that could be replaced stands there")
            parts = parts_read(node, file.tree, parents) if each.returns == "details" else None
            for whole, value in _replaced(node, each, kept[each.flag or ""], parts, parents):
                values[whole], asked[whole] = value, each
            if parts is not None and parts.line is not None:
                idle.add(parts.line)
        except Refused as refused:
            refusals.append(Refusal(each.location, str(refused)))
    forced = Overrides()
    for key, flag in kept.items():
        own = [each for each in references if each.flag == key]
        overrides = [each for each in own if each.role is Role.OVERRIDE]
        forced += overrides_in(overrides, nodes, parents, flag, keep_tests=tests is not None)
        doubles = set_in_doubles((each for each in own if each.role is Role.MENTION), nodes, parents)
        in_doubles = settled([*doubles], parents, side_of(flag), keep_tests=tests is not None)
        forced += in_doubles if not in_doubles.refusals else Overrides()
    named = list(dict.fromkeys(forced.tests))
    unsure = list(dict.fromkeys(forced.unsure))
    failing = functions_named(file.tree, parents, tests or ())
    gone = with_emptied(forced.gone | {*failing.values()}, parents) | idle
    dropped = inside(gone)
    return Sites(
        {node: value for node, value in {**values, **forced.values}.items() if node not in dropped},
        frozenset(gone),
        forced.replaced,
        tuple(named if tests is None else failing),
        tuple(unsure if tests is None else (name for name in (*named, *unsure) if name not in failing)),
        tuple(sorted(refusals)),
        tuple(sorted(forced.refusals)),
        asked,
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """The functions that asked for the flags."""

    values: Mapping[str, Value]
    """What they would say, of those that would always say the same."""
    helpers: frozenset[str]
    """Those that ask for nothing else."""

    def with_helpers(self, values: Mapping[str, Value]) -> Answers:
        """With more functions that came to say the same whoever asks."""
        return Answers({**self.values, **values}, self.helpers | values.keys())


def answers_of(sites: Iterable[Sites]) -> Answers:
    """The functions that asked for the flags at some sites."""
    found: dict[str, set[Value]] = {}
    helpers: set[str] = set()
    for each in sites:
        for node, value in each.values.items():
            name = called(node)
            if name is not None:
                found.setdefault(name, set()).add(value)
                if node in each.asked and each.asked[node].resolved_by is ResolvedBy.HELPER:
                    helpers.add(name)
    values = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
    return Answers(values, frozenset(helpers))


def called(node: cst.CSTNode) -> str | None:
    """The last name of what an evaluation calls, awaited or not, or of the attribute that it reads."""
    match node:
        case cst.Await(expression=expression):
            return called(expression)
        case cst.Call(func=func):
            return last_name(func)
        case cst.Attribute(attr=attr):
            return attr.value
    return None


def names_in(path: str, tests: Collection[str] | None) -> set[str] | None:
    """The tests of one file, by their names in it."""
    own = f"{path}::"
    return None if tests is None else {test.removeprefix(own) for test in tests if test.startswith(own)}


def functions_named(tree: cst.Module, parents: Parents, names: Collection[str]) -> dict[str, cst.FunctionDef]:
    """The functions of these names, those of classes too: `GuestTest::test_start`."""
    if not names:
        return {}
    functions = [node for node in descendants(tree) if isinstance(node, cst.FunctionDef)]
    return {name: node for node in functions if (name := qualified_name(node, parents)) in names}


def with_emptied(nodes: Iterable[cst.CSTNode], parents: Parents) -> set[cst.CSTNode]:
    """What goes, and the classes of tests of which nothing else is left."""
    gone = set(nodes)
    for suite in {parents[node] for node in gone if isinstance(node, cst.FunctionDef)}:
        owner = parents.get(suite)
        if isinstance(owner, cst.ClassDef) and isinstance(suite, cst.IndentedBlock) and gone.issuperset(suite.body):
            names = [each for each in parents if isinstance(each, cst.Name) and each.value == owner.name.value]
            gone |= {owner} if len(names) == 1 else set()  # another class may have it as its base
    return gone


def value_of(reference: Reference, kept: Kept, *, is_name: bool | None = None) -> Value:
    """What an evaluation gives when the flag has the kept value.

    `is_name` says whether one that gives a variant gives its name, where that is seen from what is done with it.

    Raises:
        Refused: nobody says what that is.
    """
    variant = kept.value
    match reference.returns or "bool":
        case "bool" if isinstance(variant, bool):
            return variant is not reference.negated
        case "int" if isinstance(variant, int):
            return int(variant)
        case "float" if isinstance(variant, int | float):
            return float(variant)
        case "str" if isinstance(variant, str):
            return variant
        case "variant" if variant == kept.variant or _gives_name(reference, is_name=is_name):
            return kept.variant
        case "variant" if isinstance(variant, bool) and _gives_name(reference, is_name=is_name) is False:
            return variant
    what = reference.returns or "bool"
    raise Refused(f"it returns {what}, and nobody says what that is where the flag is {kept.variant}")


def _replaced(
    node: cst.BaseExpression,
    reference: Reference,
    kept: Kept,
    parts: Parts | None,
    parents: Parents,
) -> Iterator[tuple[cst.CSTNode, Value]]:
    """The expressions that go for one evaluation, and their values: of details, the parts that are read of them.

    Raises:
        Refused: it is not known what they mean.
    """
    if parts is None:
        value = value_of(reference, kept, is_name=_is_compared_with_names(node, parents))
        yield _whole(node, reference, value, parents), value
        return
    for part, name in parts.reads:
        match name, kept.value:
            case (("variant" | "variant_name" | "variation_key" | "name"), _):
                value = kept.variant
            case "value", bool() | int() | float() | str() as variant:
                value = variant
            case (("enabled" | "is_enabled"), bool() as variant):
                value = variant
            case _:
                raise Refused(f"nobody says what its {name} is where the flag is {kept.variant}")
        yield _whole(part, reference, value, parents), value


def _gives_name(reference: Reference, *, is_name: bool | None) -> bool | None:
    """Whether an evaluation gives the name of a variant, by its default: `variation(key, user, False)` does not."""
    if reference.default in ("True", "False"):
        return False
    return True if reference.default and reference.default[0] in "'\"" else is_name


def _is_compared_with_names(node: cst.CSTNode, parents: Parents) -> bool | None:
    """Whether a value is compared with texts; `None` if with nothing."""
    parent = parents[node]
    parent = parents[parent] if isinstance(parent, cst.Await | cst.ComparisonTarget) else parent
    if not isinstance(parent, cst.Comparison):
        return None
    others = [each for each in _operands(parent, node) if not isinstance(each, cst.Await)]
    return any(isinstance(each, cst.SimpleString) for other in others for each in descendants(other))


def _whole(node: cst.BaseExpression, reference: Reference, value: Value, parents: Parents) -> cst.BaseExpression:
    """The expression that goes: an evaluation with what waits for it.

    Raises:
        Refused: it means more than its value.
    """
    parent = parents[node]
    if reference.kind in (Kind.CLASS_ATTRIBUTE, Kind.FLAG_OBJECT):
        raise Refused("what the class does with it cannot be seen here")
    if isinstance(parent, cst.Decorator):
        if not value:
            raise Refused(f"with the flag {'off' if value is False else value!r}, what it decorates is never run")
        return node
    if reference.kind is Kind.DECORATOR or reference.site.makes_decorator:
        raise Refused("it decorates something that is not defined here")
    if why := _is_more_than_read(node, parents):
        raise Refused(why)
    if not isinstance(parent, cst.Await):
        return node
    if _is_in_generator(parent, parents):
        raise Refused("it makes the generator expression around it an asynchronous one")
    return parent


def _is_more_than_read(node: cst.BaseExpression, parents: Parents) -> str | None:
    """What else is done with an evaluation than to read its value."""
    parent = parents[node]
    is_place = isinstance(parent, cst.AssignTarget | cst.Del | cst.AugAssign | cst.AnnAssign)
    if is_place and getattr(parent, "target", None) is node:
        return "it is set here, not read"
    if any(isinstance(each, cst.Await | cst.Yield | cst.NamedExpr) for each in descendants(_asked(node))):
        return "its arguments do more than say whom to ask for"
    if isinstance(parent, cst.Comparison) and not all(map(_is_plain, _operands(parent, node))):
        return "its value is compared with something that is not written out here"
    if isinstance(parent, cst.Call) and parent.func is node:
        return "what it gives is called"
    return "the text shows its source, too" if shows_its_source(node, parents) else None


def _asked(node: cst.BaseExpression) -> cst.BaseExpression:
    """The evaluation of which an expression reads a part: `get_details("k")` of `(await get_details("k")).value`."""
    while isinstance(node, cst.Attribute | cst.Subscript | cst.Await):
        node = node.expression if isinstance(node, cst.Await) else node.value
    return node


def _is_in_generator(node: cst.CSTNode, parents: Parents) -> bool:
    above = takewhile(lambda each: not isinstance(each, cst.BaseStatement | cst.Lambda), around(node, parents))
    return any(isinstance(each, cst.GeneratorExp) for each in above)


def _operands(comparison: cst.Comparison, but: cst.CSTNode) -> Iterator[cst.BaseExpression]:
    for each in (comparison.left, *(target.comparator for target in comparison.comparisons)):
        if each is not but:
            yield each


def _is_plain(node: cst.BaseExpression) -> bool:
    """Whether an expression is written out, all of it."""
    return all(
        isinstance(each, cst.SimpleString | cst.BaseNumber | cst.Tuple | cst.List | cst.Set | cst.BaseElement)
        or (isinstance(each, cst.Name) and each.value in ("True", "False", "None"))
        for each in descendants(node)
    )
