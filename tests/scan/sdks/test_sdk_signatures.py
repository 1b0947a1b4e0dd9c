"""The presets against the SDKs themselves, as far as these are installed (`uv sync --group sdks`).

A name in a preset must lead to something, and what it leads to must take its key and its fallback where the preset
says. Where a package is for Python 2 only, its source is read instead.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flagctl.config.conventions import Argument, KeyForm
from flagctl.scan.presets import preset, preset_ids

P = inspect.Parameter
POSITIONAL = (P.POSITIONAL_ONLY, P.POSITIONAL_OR_KEYWORD, P.VAR_POSITIONAL)


class Row(NamedTuple):
    """A callable that a preset names, where it must take what, and which methods what it makes must have."""

    name: str
    arguments: tuple[Argument, ...] = ()
    keywords: bool = False
    methods: tuple[str, ...] = ()


def rows(sdk: str) -> Iterator[Row]:
    conventions = preset(sdk)
    for evaluation in conventions.evaluations:
        asked = (evaluation.key, evaluation.default, evaluation.state)
        yield from (Row(name, asked, evaluation.form is KeyForm.KEYWORDS) for name in evaluation.call)
        for access in filter(None, (evaluation.mapping, evaluation.class_attribute)):
            yield Row(access.removesuffix("()"))
    for override in conventions.overrides:
        forced = (override.key, override.value)
        yield from (Row(name, forced, override.form is KeyForm.KEYWORDS) for name in override.call)
    for made in conventions.flag_objects:
        yield from (Row(name, (made.key,), methods=made.evaluations) for name in made.constructor)
    for client in conventions.clients:
        yield from (Row(name) for name in (*client.types, *client.factories))


ROWS = [
    pytest.param(row, id=f"{sdk}-{row.name}")
    for sdk in preset_ids()
    for row in dict.fromkeys(rows(sdk))
    if "*" not in row.name and "." in row.name
]


@pytest.fixture(scope="module", autouse=True)
def _django() -> None:
    """Models can be imported only where Django knows its applications."""
    if importlib.util.find_spec("django") is None:
        return
    settings = importlib.import_module("django.conf").settings
    if not settings.configured:
        contrib = ["django.contrib.auth", "django.contrib.contenttypes"]
        installed = [each for each in ("waffle", "flags") if importlib.util.find_spec(each)]
        settings.configure(INSTALLED_APPS=[*contrib, *installed], DATABASES={}, SECRET_KEY="x")
        importlib.import_module("django").setup()


@pytest.mark.parametrize("row", ROWS)
def test_a_name_leads_to_what_the_preset_says(row: Row) -> None:
    parameters = _parameters(row)
    for where in row.arguments:
        _check(where, parameters)
    if row.keywords:
        assert any(each.kind is P.VAR_KEYWORD for each in parameters)


def _check(where: Argument, parameters: list[inspect.Parameter]) -> None:
    positional = [each for each in parameters if each.kind in POSITIONAL]
    takes_any = any(each.kind is P.VAR_KEYWORD for each in parameters)
    keywords = [each for each in where if isinstance(each, str)]
    named = [each.name for each in parameters if each.kind in (P.KEYWORD_ONLY, P.POSITIONAL_OR_KEYWORD)]
    assert not keywords or takes_any or not set(keywords).isdisjoint(named), f"{keywords} are none of {named}"
    for position in where:
        if isinstance(position, int):
            found = positional[min(position, len(positional) - 1)] if positional else None
            assert found is not None
            is_rest = found.kind is P.VAR_POSITIONAL
            assert is_rest or position < len(positional), f"there is no position {position}"
            known = not keywords or found.name in keywords or found.kind is not P.POSITIONAL_OR_KEYWORD
            assert known, f"position {position} is {found.name}"


def _parameters(row: Row) -> list[inspect.Parameter]:
    """The parameters of what a row names, `self` left out; skips the test where these cannot be had."""
    root = row.name.partition(".")[0]
    if not _is_installed(root):
        pytest.skip(f"{root} is not installed")
    try:
        owner, found = _resolve(row.name)
    except (ImportError, SyntaxError) as error:
        return _from_source(row.name, error)
    assert not inspect.isclass(found) or all(hasattr(found, method) for method in row.methods)
    if not row.keywords and not any(row.arguments):
        return []
    try:
        parameters = list(inspect.signature(found).parameters.values())
    except (TypeError, ValueError) as error:
        pytest.skip(f"has no signature: {error}")
    last = row.name.rpartition(".")[2]
    is_method = inspect.isclass(owner) and inspect.isroutine(inspect.getattr_static(owner, last))
    takes_self = is_method and not isinstance(inspect.getattr_static(owner, last), staticmethod | classmethod)
    return parameters[1:] if takes_self else parameters


def _is_installed(root: str) -> bool:
    """Whether there is a package of that name, and not just a folder where the tests were started."""
    spec = importlib.util.find_spec(root)
    folders = (spec.submodule_search_locations or ()) if spec else ()
    return spec is not None and (
        spec.origin is not None or any("site-packages" in Path(each).parts for each in folders)
    )


def _resolve(name: str) -> tuple[Any, Any]:
    """What a dotted name means, and what it is a member of; `f().x` is a member of what `f` gives back."""
    parts = name.split(".")
    owner, found = None, importlib.import_module(parts[0])
    for depth, part in enumerate(parts[1:], 2):
        owner, attribute = found, part.removesuffix("()")
        if inspect.ismodule(owner) and not hasattr(owner, attribute):
            importlib.import_module(".".join(parts[:depth]))
        if inspect.isclass(owner) and not hasattr(owner, attribute):
            assert f"self.{attribute} = " in inspect.getsource(owner.__init__)
            pytest.skip("is an attribute of the object, not of its class")
        found = getattr(owner, attribute)
        found = found() if part.endswith("()") else found
    return owner, found


def _from_source(name: str, error: Exception) -> list[inspect.Parameter]:
    """The parameters of a function by its source alone."""
    definitions = _definitions(name.partition(".")[0])
    names = [each for each in definitions if name == each]
    if not names:
        pytest.skip(f"cannot be imported ({error}) and is no definition in the source")
    arguments = definitions[names[0]].args
    parameters = [P(each.arg, P.POSITIONAL_OR_KEYWORD) for each in arguments.args]
    rest = [P(arguments.vararg.arg, P.VAR_POSITIONAL)] if arguments.vararg else []
    rest += [P(arguments.kwarg.arg, P.VAR_KEYWORD)] if arguments.kwarg else []
    return [each for each in (*parameters, *rest) if each.name != "self"]


@cache
def _definitions(root: str) -> dict[str, ast.FunctionDef]:
    """The functions and methods of an installed package that cannot be imported, by their dotted names."""
    spec = importlib.util.find_spec(root)
    found: dict[str, ast.FunctionDef] = {}
    for folder in map(Path, (spec.submodule_search_locations or ()) if spec else ()):
        for file in sorted(folder.rglob("*.py")):
            module = ".".join((root, *file.relative_to(folder).with_suffix("").parts))
            try:
                tree = ast.parse(file.read_bytes())
            except SyntaxError:
                continue
            for node in tree.body:
                if isinstance(node, ast.FunctionDef):
                    found[f"{module}.{node.name}"] = node
                elif isinstance(node, ast.ClassDef):
                    methods = (each for each in node.body if isinstance(each, ast.FunctionDef))
                    found |= {f"{module}.{node.name}.{each.name}": each for each in methods}
    return found
