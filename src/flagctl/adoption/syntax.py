"""What a syntax tree says of names, texts and conditions, without following any of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def is_condition(parent: ast.AST, child: ast.AST, is_tested: bool) -> bool:
    """Whether the truth of a part of an expression decides something."""
    match parent:
        case ast.BoolOp():
            return True
        case ast.UnaryOp(op=ast.Not()):
            return True
        case ast.IfExp(test=test):
            return child is test or is_tested
        case ast.comprehension(ifs=ifs):
            return child in ifs
        case ast.Compare() | ast.Await() | ast.NamedExpr():
            return is_tested
    return False


def member_keys(value: ast.expr) -> Iterator[tuple[str, str | None]]:
    """The key that a class or an enumeration has as a member, with the text behind it."""
    match value:
        case ast.Constant(value=str(key)):
            yield key, None
        case ast.Tuple(elts=[ast.Constant(value=str(key)), *rest]):
            yield key, next((text for each in rest if (text := text_of(each)) and " " in text), None)


def listed_keys(value: ast.expr) -> Iterator[tuple[str, str | None]]:
    """The keys that a display lists."""
    match value:
        case ast.Dict(keys=keys, values=values):
            for key, said in zip(keys, values, strict=True):
                if key is not None and (name := text_of(key)) is not None:
                    text = text_of(said)
                    yield name, text if text and " " in text else None
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            for each in items:
                yield from member_keys(each)
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "dict" | "OrderedDict"), args=[inner]):
            yield from listed_keys(inner)


def constant_of(node: ast.expr) -> tuple[str | None, bool]:
    """A text, or the name of a constant: `NEW_CHECKOUT`, `Flags.NEW_CHECKOUT.value`; and whether it is written out."""
    if (text := text_of(node)) is not None:
        return text, True
    while isinstance(node, ast.Attribute) and not node.attr.isupper():
        node = node.value
    if isinstance(node, ast.Attribute):
        return (node.attr, False) if len(node.attr) > 1 else (None, False)
    if isinstance(node, ast.Name) and node.id.isupper() and len(node.id) > 1:
        return node.id, False
    return None, False


def text_of(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def kind_of(node: ast.expr | None) -> str | None:
    """What kind of value is written out."""
    if isinstance(node, ast.Constant):
        kinds = {bool: "bool", int: "number", float: "number", str: "text"}
        return kinds.get(type(node.value))
    return None


def assigned_name(target: ast.expr) -> str | None:
    return target.id if isinstance(target, ast.Name) else None


def dotted_item(node: ast.expr) -> str | None:
    """The same, where an item of a mapping is like an attribute: `config["FEATURES"]` is `config.FEATURES`."""
    match node:
        case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
            outer = dotted_item(value)
            return f"{outer}.{key}" if outer and key.isidentifier() else None
    return dotted_name(node)


def dotted_name(node: ast.expr | None) -> str | None:
    """`a.b.c` as it is written; `a().b` for what a call gives."""
    parts: list[str] = []
    while node is not None:
        match node:
            case ast.Attribute(value=value, attr=name):
                parts.append(name)
                node = value
            case ast.Call(func=function):
                parts.append("()")
                node = function
            case ast.Name(id=name):
                parts.append(name)
                return ".".join(reversed(parts)).replace(".()", "()")
            case _:
                return None
    return None


def imported_names(node: ast.Import | ast.ImportFrom, module: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        return
    outer = node.module or ""
    if node.level:
        package = module.split(".")[: -node.level]
        outer = ".".join([*package, *([node.module] if node.module else [])])
    for alias in node.names:
        yield alias.asname or alias.name, f"{outer}.{alias.name}"


def module_name(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    return ".".join([*parts[:-1], "__init__"] if parts[-1] == "__init__" else parts)
