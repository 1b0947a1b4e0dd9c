"""How code asks for a flag: the terms that SDK presets and a user's own configuration share.

`call`, `constructor`, `attribute`, `mapping` and `class_attribute` are patterns (`fnmatch`) on dotted names after
imports are resolved: `*request.feature`, `waffle.flag_is_active`,
`openfeature.client.OpenFeatureClient.get_boolean_value`. A method is written with the type that has it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

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
    refreshes: bool = True
    """Whether the answer may change while the program runs."""

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
    refreshes: bool = True

    @property
    def spelling(self) -> Spelling:
        return Spelling(namespace=self.namespace)


@dataclass(frozen=True, slots=True)
class Registry:
    """An object in which code lists its keys."""

    file: str
    object: str
    served: bool = False
    """Its flags are handed to clients in other repositories, whose code nobody sees from here."""


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
