"""The tables of a configuration or a preset that say how code asks for a flag, to `conventions`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from flagctl.config.conventions import (
    RETURNS,
    Argument,
    Client,
    Conventions,
    Evaluation,
    FlagObject,
    KeyForm,
    Override,
    Registry,
    Script,
    Template,
)
from flagctl.config.toml import Table

_MEMBER = re.compile(r"[\w*.]*\w\**\.\{key\}")
"""A member of something that has a name: a variable of any name is asked for everywhere."""


def read_conventions(table: Table, preset: str | None = None, folder: str = "") -> Conventions:
    """Takes the convention tables out of a configuration or preset; `folder` is where the files in it lie.

    Raises:
        InputError: a key is unknown, missing or of the wrong type.
    """
    evaluations = tuple(map(_evaluation, table.tables("evaluation")))
    overrides = tuple(map(_override, table.tables("override")))
    return Conventions(
        id=preset,
        imports=table.strings("imports") if preset else (),
        may_be_own=table.take("may_be_own", bool, False) if preset else False,
        clients=tuple(map(_client, table.tables("client"))) if preset else (),
        evaluations=evaluations,
        overrides=overrides if preset else (*overrides, *_setters(evaluations, overrides)),
        flag_objects=tuple(map(_flag_object, table.tables("flag_object"))),
        registries=tuple(_registry(each, folder) for each in table.tables("registry")),
        templates=tuple(map(_template, table.tables("template"))),
        scripts=tuple(map(_script, table.tables("script"))),
    )


def _setters(evaluations: Iterable[Evaluation], overrides: Iterable[Override]) -> Iterator[Override]:
    """What sets a flag that you ask for by a getter: `set_config("key", value)` beside `get_config("key", default)`."""
    known = {glob for each in overrides for glob in each.call}
    for each in evaluations:
        setters = tuple(dict.fromkeys(_GETTER.sub("set_", glob) for glob in each.call if _GETTER.search(glob)))
        position = next((place for place in each.key if isinstance(place, int)), None)
        if setters and position is not None and not each.flag and not known & set(setters):
            yield Override(setters, each.key, value=(position + 1, "value"), key_pattern=each.key_pattern)


_GETTER = re.compile(r"(?<![A-Za-z0-9_])get_(?=\w+$)")


def _client(table: Table) -> Client:
    client = Client(_required(table, "types"), table.strings("factories"), table.strings("hints"))
    table.finish()
    return client


def _evaluation(table: Table) -> Evaluation:
    forms = ("call", "attribute", "mapping", "class_attribute")
    given = [form for form in forms if table.has(form)]
    evaluation = Evaluation(
        call=_required(table, "call") if table.has("call") else table.strings("call"),
        attribute=table.text("attribute"),
        mapping=table.text("mapping"),
        class_attribute=table.text("class_attribute"),
        key=_argument(table, "key"),
        form=_form(table),
        default=_argument(table, "default"),
        flag=table.text("flag"),
        returns=table.choice("returns", RETURNS, "bool"),
        negated=table.take("negated", bool, False),
        decorator=table.take("decorator", bool, False),
        negation_prefix=table.take("negation_prefix", str, ""),
        key_pattern=_key_pattern(table),
        key_until=table.take("key_until", str, ""),
        namespace=table.text("namespace") or "",
        state=_argument(table, "state"),
        refreshes=table.take("refreshes", bool, not (table.has("attribute") or table.has("mapping"))),
    )
    table.finish()
    if len(given) != 1:
        raise table.error(f"an [[evaluation]] needs exactly one of {', '.join(forms)}")
    if evaluation.call:
        if bool(evaluation.flag) == bool(evaluation.key or evaluation.form is KeyForm.KEYWORDS):
            raise table.error('an [[evaluation]] with "call" needs either "key" (where the key stands) or "flag"')
    elif evaluation.key or (evaluation.flag and not evaluation.attribute):
        unwanted = "key" if evaluation.key else "flag"
        raise table.error(f'"{unwanted}" goes with "call"; here the {given[0]} names the key', unwanted)
    if evaluation.attribute and ("{key}" in evaluation.attribute) is bool(evaluation.flag):
        raise table.error('"attribute" must say where the key stands, "*settings.{key}", or have a "flag"', "attribute")
    return evaluation


def _override(table: Table) -> Override:
    override = Override(
        call=_required(table, "call"),
        key=_argument(table, "key"),
        form=_form(table),
        value=_argument(table, "value"),
        key_pattern=_key_pattern(table),
        namespace=table.text("namespace") or "",
    )
    if not override.key and override.form is not KeyForm.KEYWORDS:
        raise table.error('an [[override]] needs "key": where the flag\'s key stands')
    table.finish()
    return override


def _flag_object(table: Table) -> FlagObject:
    flag_object = FlagObject(
        constructor=_required(table, "constructor"),
        key=_argument(table, "key"),
        evaluations=() if table.data.get("evaluations") == [] else _required(table, "evaluations"),
        returns=table.choice("returns", RETURNS, "bool"),
        named=table.take("named", bool, False),
        namespace=table.text("namespace") or "",
        refreshes=table.take("refreshes", bool, True),
    )
    table.strings("evaluations")
    if bool(flag_object.key) is flag_object.named:
        raise table.error('a [[flag_object]] needs "key": where the flag\'s key stands; or else "named"')
    table.finish()
    return flag_object


def _registry(table: Table, folder: str) -> Registry:
    file, name = table.text("file"), table.text("object")
    if not file or not name:
        raise table.error('a [[registry]] needs "file" and "object"')
    served = table.take("served", bool, False)
    table.finish()
    return Registry(f"{folder}{file}", name, served)


def _template(table: Table) -> Template:
    forms = ("tag", "call", "attribute")
    given = [form for form in forms if table.has(form)]
    template = Template(
        tag=_required(table, "tag") if table.has("tag") else table.strings("tag"),
        call=_required(table, "call") if table.has("call") else table.strings("call"),
        attribute=table.text("attribute"),
        key=_argument(table, "key") or (0,),
        returns=table.choice("returns", RETURNS, "bool"),
        negated=table.take("negated", bool, False),
        key_pattern=table.text("key_pattern"),
    )
    table.finish()
    if len(given) != 1:
        raise table.error(f"a [[template]] needs exactly one of {', '.join(forms)}")
    if template.attribute is None and template.key_pattern:
        raise table.error('"key_pattern" goes with "attribute"', "key_pattern")
    if template.attribute is not None and table.has("key"):
        raise table.error('"key" goes with "tag" or "call"; here the attribute names the key', "key")
    if template.attribute is not None and not _MEMBER.fullmatch(template.attribute):
        raise table.error('"attribute" must be a dotted name that ends with the key: "flags.{key}"', "attribute")
    return template


def _script(table: Table) -> Script:
    script = Script(
        call=_required(table, "call"),
        key=table.take("key", int, 0),
        returns=table.choice("returns", RETURNS, "bool"),
        negated=table.take("negated", bool, False),
    )
    table.finish()
    if script.key < 0:
        raise table.error('"key" must be a position (0, 1, ...)', "key")
    return script


def _required(table: Table, key: str) -> tuple[str, ...]:
    values = table.strings(key)
    if not values or not all(value.strip() for value in values):
        raise table.error(f'"{key}" is missing or empty: expected a string or a list of strings')
    return values


def _key_pattern(table: Table) -> tuple[str, ...]:
    return _required(table, "key_pattern") if table.has("key_pattern") else table.strings("key_pattern")


def _form(table: Table) -> KeyForm:
    return KeyForm(table.choice("form", tuple(KeyForm), KeyForm.ONE))


def _argument(table: Table, key: str) -> Argument:
    """A position, a keyword, or a list of both."""
    table.taken.add(key)
    value = table.data.get(key, [])
    values = value if isinstance(value, list) else [value]
    for item in values:
        is_position = isinstance(item, int) and not isinstance(item, bool) and item >= 0
        is_keyword = isinstance(item, str) and item.isidentifier()
        if not (is_position or is_keyword):
            raise table.error(f'"{key}" must be a position (0, 1, ...), a keyword or a list of both', key)
    return tuple(values)
