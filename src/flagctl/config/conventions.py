"""How code asks for a flag: the terms that SDK presets and a user's own configuration share.

`call`, `constructor`, `attribute`, `mapping` and `class_attribute` are patterns (`fnmatch`) on dotted names after
imports are resolved: `*request.feature`, `waffle.flag_is_active`,
`openfeature.client.OpenFeatureClient.get_boolean_value`. A method is written with the type that has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from flagctl.config.toml import Table

_MEMBER = re.compile(r"[\w*.]*\w\**\.\{key\}")
"""A member of something that has a name: a variable of any name is asked for everywhere."""

Argument = tuple[int | str, ...]
"""Where an argument may stand: positions (self not counted) and keywords."""

RETURNS = ("bool", "int", "float", "str", "object", "variant", "details")


class KeyForm(StrEnum):
    """What the key argument holds: one key, several at once, or an object made of one."""

    ONE = "one"
    LIST = "list"
    DICT = "dict"
    KEYWORDS = "keywords"
    ANY = "any"
    """One, a list or a dictionary, whichever the code has."""
    OBJECT = "object"
    """What the constructor of a `[[flag_object]]` made."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How the text that code passes as a key becomes the name of a flag."""

    prefix: str = ""
    """A text that begins with it asks for the opposite."""
    until: str = ""
    """The name ends before the first of these: `checkout.enabled` is a property of the flag `checkout`."""
    patterns: tuple[str, ...] = ()
    """What counts as a key at all; `!` in front of a pattern takes out what it matches."""
    namespace: str = ""
    """The key space, where an SDK has several that may share names."""

    def allows(self, name: str) -> bool:
        """Whether a name is a key: always, where no pattern says which are."""
        wanted = [each for each in self.patterns if not each.startswith("!")]
        unwanted = [each[1:] for each in self.patterns if each.startswith("!")]
        return (not wanted or any(fnmatchcase(name, each) for each in wanted)) and not any(
            fnmatchcase(name, each) for each in unwanted
        )


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A place that asks for a flag's value: exactly one of the five patterns is set."""

    call: tuple[str, ...] = ()
    attribute: str | None = None
    mapping: str | None = None
    class_attribute: str | None = None
    key: Argument = ()
    form: KeyForm = KeyForm.ONE
    default: Argument = ()
    flag: str | None = None
    returns: str = "bool"
    negated: bool = False
    decorator: bool = False
    negation_prefix: str = ""
    key_pattern: tuple[str, ...] = ()
    key_until: str = ""
    namespace: str = ""
    state: Argument = ()

    @property
    def spelling(self) -> Spelling:
        return Spelling(self.negation_prefix, self.key_until, self.key_pattern, self.namespace)


@dataclass(frozen=True, slots=True)
class Override:
    """A test helper that forces a flag's value."""

    call: tuple[str, ...]
    key: Argument
    form: KeyForm = KeyForm.ONE
    value: Argument = ()
    key_pattern: tuple[str, ...] = ()
    namespace: str = ""

    @property
    def spelling(self) -> Spelling:
        return Spelling(patterns=self.key_pattern, namespace=self.namespace)


@dataclass(frozen=True, slots=True)
class FlagObject:
    """A class whose instances each stand for one flag, and the methods that evaluate it."""

    constructor: tuple[str, ...]
    key: Argument
    evaluations: tuple[str, ...]
    returns: str = "bool"
    named: bool = False
    """The key is the name of the variable or attribute that the object is assigned to."""
    namespace: str = ""

    @property
    def spelling(self) -> Spelling:
        return Spelling(namespace=self.namespace)


@dataclass(frozen=True, slots=True)
class Registry:
    """An object in which code lists its keys."""

    file: str
    object: str


@dataclass(frozen=True, slots=True)
class Template:
    """What asks for a flag in a Django or Jinja template: exactly one of the three patterns is set."""

    tag: tuple[str, ...] = ()
    call: tuple[str, ...] = ()
    attribute: str | None = None
    key: Argument = (0,)
    returns: str = "bool"
    negated: bool = False
    key_pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """A call that asks for a flag in JavaScript or TypeScript, and the position of the key."""

    call: tuple[str, ...]
    key: int = 0
    returns: str = "bool"
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Client:
    """A type whose methods evaluate flags: its names, what returns one, how variables that hold one are called."""

    types: tuple[str, ...]
    factories: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conventions:
    """One SDK's ways, or those of the user's own code (`id` is then `None`).

    `is_inferred` marks what was seen in the code itself: functions that ask for a flag by means of the others.
    """

    id: str | None = None
    is_inferred: bool = False
    imports: tuple[str, ...] = ()
    may_be_own: bool = False
    """The package may be the project's own: it is the program itself (Sentry), or its name is anybody's (`flags`)."""
    clients: tuple[Client, ...] = ()
    evaluations: tuple[Evaluation, ...] = ()
    overrides: tuple[Override, ...] = ()
    flag_objects: tuple[FlagObject, ...] = ()
    registries: tuple[Registry, ...] = ()
    names: tuple[str, ...] = ()
    """Of what was inferred: constants that hold a key, functions and objects that stand for one flag."""
    templates: tuple[Template, ...] = ()
    scripts: tuple[Script, ...] = ()

    def __or__(self, more: Conventions) -> Conventions:
        """These, then more of a user's own."""
        return replace(
            self,
            evaluations=self.evaluations + more.evaluations,
            overrides=self.overrides + more.overrides,
            flag_objects=self.flag_objects + more.flag_objects,
            registries=self.registries + more.registries,
            templates=self.templates + more.templates,
            scripts=self.scripts + more.scripts,
        )


def read_conventions(table: Table, preset: str | None = None, folder: str = "") -> Conventions:
    """Takes the convention tables out of a configuration or preset; `folder` is where the files in it lie.

    Raises:
        InputError: a key is unknown, missing or of the wrong type.
    """
    return Conventions(
        id=preset,
        imports=table.strings("imports") if preset else (),
        may_be_own=table.take("may_be_own", bool, False) if preset else False,
        clients=tuple(map(_client, table.tables("client"))) if preset else (),
        evaluations=tuple(map(_evaluation, table.tables("evaluation"))),
        overrides=tuple(map(_override, table.tables("override"))),
        flag_objects=tuple(map(_flag_object, table.tables("flag_object"))),
        registries=tuple(_registry(each, folder) for each in table.tables("registry")),
        templates=tuple(map(_template, table.tables("template"))),
        scripts=tuple(map(_script, table.tables("script"))),
    )


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
    table.finish()
    return Registry(f"{folder}{file}", name)


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
