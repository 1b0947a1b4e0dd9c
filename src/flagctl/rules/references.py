"""FLG2xx: do the definitions and the code speak of the same flags?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache

from flagctl.model import Finding, Flag, Kind, Reference, Role, Severity, Snapshot
from flagctl.rules.rule import Rule
from flagctl.spelling import misspelt

_HELPER = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n'


class UndeclaredFlag(Rule):
    """Code outside tests asks for a key that no definition has.

    Why: such a flag has no owner and no end, and a key that is mistyped answers with its fallback for ever.

    What to do: correct the key, or declare the flag with `flagctl new KEY`.
    """

    code = "FLG201"
    name = "undeclared-flag"
    severity = Severity.ERROR
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-chekcout")\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        keys = [flag.key for flag in snapshot.flags]
        nearest = cache(lambda key: misspelt(key, keys))  # slow, and a key is asked for in many places
        declared = _declared(snapshot) | snapshot.archived.keys()
        for reference in snapshot.references:
            key = reference.flag
            if reference.role is not Role.EVALUATION or reference.in_tests or key is None or key in declared:
                continue
            near = nearest(key)
            hint = f"did you mean {near}? If not, " if near else ""
            hint += f"declare it: flagctl new {key}" if _COMMANDED.fullmatch(key) else "declare it under another key"
            yield self.finding(key, reference.location, "is evaluated here and has no definition", hint)


_COMMANDED = re.compile(r"\w[\w.:/-]*")
"""A key that can be copied into a shell as it is: it comes from code."""


def _declared(snapshot: Snapshot) -> set[str]:
    """Every name that a definition gives, also one that was passed over."""
    return {name for flag in snapshot.flags for name in flag.names} | snapshot.invalid_names


class UnreferencedFlag(Rule):
    """A definition that nothing in the sources refers to, but perhaps the place that declares the key.

    Why: the flag has been removed from the code, or never got there. Its definition says otherwise.

    What to do: delete the definition and the declaration. If the flag is in use, tell flagctl how the code asks for it:
    an `[[evaluation]]` for your own helper, the SDK under `sdks`. Where a client in another repository asks, set
    `served = true` for the `[[registry]]` that lists its flags.
    """

    code = "FLG202"
    name = "unreferenced-flag"
    severity = Severity.WARNING
    reads_code = True
    fires = {"flags/new-checkout.yaml": "key: new-checkout\n", "shop.py": 'NEW_CHECKOUT = "new-checkout"\n'}
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "frontend/page.ts": 'const isNew = flags.bool("new-checkout");\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, references in _not_in_use(snapshot):
            if not all(reference.role is Role.DECLARATION for reference in references):
                continue
            left = f"only declared, at {_places(references)}" if references else "not referred to anywhere"
            is_listed = any(each.kind is Kind.REGISTRY for each in references)
            how = "`sdks`, [[evaluation]]" + (", `served` for its [[registry]]" if is_listed else "")
            hint = f"delete it, or tell flagctl how the code asks for it ({how})"
            yield self.finding(flag.key, flag.at("key"), f"is {left}", hint + _doubt(snapshot))


class ArchivedFlagReferenced(Rule):
    """Code outside tests asks for a flag that is gone: its tombstone lies in the archive.

    Why: the call answers with its fallback for ever. Somebody merged a branch that is older than the removal.

    What to do: take the call out; the tombstone says which value was kept. If the flag has to live, bring its
    definition back with `flagctl restore KEY`.
    """

    code = "FLG203"
    name = "archived-flag-referenced"
    severity = Severity.ERROR
    reads_code = True
    fires = {
        "flags/new-cart.yaml": "key: new-cart\n",
        "flags/archive/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    }
    silent = {
        "flags/new-cart.yaml": "key: new-cart\n",
        "flags/archive/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-cart")\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        declared = _declared(snapshot)
        for each in snapshot.references:
            tombstone = snapshot.archived.get(each.flag) if each.flag and each.flag not in declared else None
            if tombstone is not None and each.role is Role.EVALUATION and not each.in_tests:
                message = f"is evaluated here and was removed: see {tombstone}"
                yield self.finding(each.flag, each.location, message, "take it out: it answers with its fallback")


class DynamicKey(Rule):
    """Code asks for a flag whose key cannot be known from the source.

    Flags that fit the part of the key that is known (`log_in_with_*`) count as used.

    Why: what is not known cannot be found when the flag has to go. Any flag might be meant here.

    Opt-in, because a key that is made up is mostly meant to be: one flag for each provider, page or model. On real code
    hardly one finding in ten would be acted on. Rules that are in doubt because of such a place name it in their hint.

    What to do: pass the key as a literal or a constant. Declare a helper that passes on the key it is given as an
    `[[evaluation]]`: then its callers count, and the line inside it does not.
    """

    code = "FLG204"
    name = "dynamic-key"
    severity = Severity.INFO
    is_default = False
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request, name):\n    return request.feature(f"page-{name}")\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'KEY = "new-" "checkout"\n\n\ndef page(request):\n    return request.feature(KEY)\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for reference in _unknown(snapshot):
            if reference.role is not Role.EVALUATION:
                continue
            known = f": {_readable(reference.site.key_glob)}" if reference.site.key_glob else ""
            message = f"a flag is evaluated here whose key cannot be known from the source{known}"
            hint = (
                "pass the key as a literal or a constant, or configure the helper that is given it as an [[evaluation]]"
            )
            yield self.finding(None, reference.location, message, hint)


def _readable(glob: str) -> str:
    """A pattern without the brackets that take a character at its word."""
    return re.sub(r"\[([*?\[])\]", r"\1", glob)


class TestOnlyFlag(Rule):
    """A flag that only tests ask for or force.

    Why: the product no longer depends on the flag. The tests still run twice for it.

    What to do: remove the flag from the tests, then delete the definition.
    """

    code = "FLG205"
    name = "test-only-flag"
    severity = Severity.WARNING
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "tests/test_shop.py": 'def test_page(request):\n    assert request.feature("new-checkout")\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
        "tests/test_shop.py": 'def test_page(request):\n    assert request.feature("new-checkout")\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, references in _not_in_use(snapshot):
            if exercised := [each for each in references if _is_exercise(each)]:
                message = f"is evaluated or overridden only in tests: {_places(exercised)}"
                in_hand = [each for each in references if _may_ask(each)]
                message += f"; the key is also in {_places(in_hand)}" if in_hand else ""
                hint = _helper_to_declare(in_hand) or f"remove it from the tests, then delete it{_doubt(snapshot)}"
                yield self.finding(flag.key, flag.at("key"), message, hint)


class MentionOnlyFlag(Rule):
    """A flag of which only mentions are left: strings, comments, documentation.

    Why: either the flag is gone and its traces are not, or the code asks for it in a way that flagctl was not told of.

    What to do: where a string is passed to a helper of your own, declare the helper, as the hint says. Otherwise delete
    the definition and what still speaks of the flag.
    """

    code = "FLG206"
    name = "mention-only-flag"
    severity = Severity.WARNING
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "shop.py": 'def page(user):\n    return enabled("new-checkout", user)\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": '[[evaluation]]\ncall = "enabled"\nkey = 0\n',
        "shop.py": 'def page(user):\n    return enabled("new-checkout", user)\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, references in _not_in_use(snapshot):
            mentions = [each for each in references if each.role is Role.MENTION]
            if not mentions or any(map(_is_exercise, references)):
                continue
            mentions.sort(key=lambda each: (_is_echo(each), not _may_ask(each)))
            declared = [each for each in references if each.role is Role.DECLARATION]
            also = f"; declared at {_places(declared)}" if declared else ""
            message = f"is only mentioned: {_places(mentions)}{also}"
            advice = f"delete it, and what in these places speaks of the flag{_doubt(snapshot)}"
            if all(map(_is_echo, mentions)):
                advice = f"delete it: these places only tell of the past{_doubt(snapshot)}"
            yield self.finding(flag.key, flag.at("key"), message, _helper_to_declare(mentions) or advice)


class WrongValueType(Rule):
    """A flag that is read as a truth though its variants are none, or as a text or number though it is on or off.

    Why: `"control"` is true as well. Such a branch is always taken, whatever is served.

    What to do: read the variant and compare it, or give the definition the `variants` that it really has.
    """

    code = "FLG207"
    name = "wrong-value-type"
    severity = Severity.WARNING
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\nvariants: {control: control, one-page: one-page}\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            kinds = {type(value) for value in flag.variants.values()}
            for each in snapshot.references_by_flag.get(flag.key, ()):
                if each.role is not Role.EVALUATION or each.in_tests:
                    continue
                names = ", ".join(flag.variants)
                if each.returns == "bool" and bool not in kinds and not _has_text(each.default):
                    message = f"is read as a truth here, and has the variants {names}"
                    yield self.finding(flag.key, each.location, message, "read the variant and compare it")
                elif each.returns in _TEXTS_AND_NUMBERS and kinds == {bool}:
                    message = f"is read as {_TEXTS_AND_NUMBERS[each.returns]} here, and is only on or off"
                    yield self.finding(flag.key, each.location, message, "read it as a truth, or state its `variants`")


def _has_text(default: str | None) -> bool:
    """Whether what falls back on this is compared rather than asked whether it is true."""
    return default is not None and default[:1] in "'\""


_TEXTS_AND_NUMBERS = {"str": "a text", "int": "a number", "float": "a number"}


def _not_in_use(snapshot: Snapshot) -> Iterator[tuple[Flag, Sequence[Reference]]]:
    """The flags that nobody asks for or may ask for in production, with the references that there are."""
    dynamic = {each.site.key_glob for each in _unknown(snapshot) if each.site.key_glob is not None}
    for flag in snapshot.flags:
        references = snapshot.references_by_flag.get(flag.key, ())
        if any(reference.is_use or reference.site.asked_elsewhere for reference in references):
            continue
        if not any(fnmatchcase(name, glob) for name in flag.names for glob in dynamic):
            yield flag, references


_ECHO = re.compile(
    r"(?:^|/)(?:change-?logs?|release[-_]?notes)/"
    r"|(?:^|/)(?:change(?:s|-?log)|history|news|release[-_]?notes)[-_.v\d]*(?:\.(?:md|rst|txt|adoc))?$"
    r"|(?:^|/)migrations/[^/]+\.py$"
    r"|\.pot?$",
    re.IGNORECASE,
)
"""Files that tell of the past, or repeat what others say: changelogs, migrations of a database, translations."""


def _is_echo(mention: Reference) -> bool:
    """Whether a mention stays when a flag goes."""
    return _ECHO.search(mention.location.path) is not None


def _unknown(snapshot: Snapshot) -> list[Reference]:
    """The evaluations in production whose key is not known."""
    return [each for each in snapshot.references if each.flag is None and each.is_use and not each.site.in_helper]


def _doubt(snapshot: Snapshot) -> str:
    """The end of a hint: where to look before deleting, if some evaluation may ask for any flag."""
    anything = [each for each in _unknown(snapshot) if each.site.key_glob is None]
    return f"; first look at {_places(anything, most=1)}, where any key may be meant" if anything else ""


def _is_exercise(reference: Reference) -> bool:
    """Asks for the flag, or forces it, where that does not count as use."""
    return reference.role in (Role.EVALUATION, Role.OVERRIDE) or reference.kind is Kind.CODE


def _may_ask(reference: Reference) -> bool:
    """Code that has the key in hand: whoever was not told of a helper cannot know what it does with it."""
    return reference.kind in (Kind.LITERAL, Kind.NAME) and reference.role is Role.MENTION and not reference.in_tests


def _places(references: Sequence[Reference], most: int = 3) -> str:
    places = [f"{each.location.path}:{each.location.line}" for each in references]
    more = f" and {len(places) - most} more" if len(places) > most else ""
    return ", ".join(places[:most]) + more


_SAYS_NOTHING = re.compile(
    "add|append|create|debug|error|exception|filter|format|get|get_or_create|gettext|info|join|path|print|re_path"
    "|register|reverse|startswith|update_or_create|url|warning"
)
"""Functions that take any string: to be passed to one of them does not make a flag."""

_OF_FLAGS = re.compile(r"\w*(?:experiment|feature|flag|switch|toggle)s?\.get", re.IGNORECASE)
"""Whose `get` may well ask: `Flag.get`, `self.features.get`."""


def _helper_to_declare(mentions: Sequence[Reference]) -> str | None:
    """How to tell flagctl of the helper that a key is passed to, if it is passed to any."""
    for mention in mentions:
        dotted = mention.site.passed_to or ""
        name = (
            ".".join(dotted.split(".")[-2:])
            if _OF_FLAGS.fullmatch(".".join(dotted.split(".")[-2:]))
            else dotted.rpartition(".")[2]
        )
        if name and not _SAYS_NOTHING.fullmatch(name):
            where = f'"{mention.site.position}"' if isinstance(mention.site.position, str) else mention.site.position
            return f'if {name}() asks for the flag, configure it: [[evaluation]] call = "*{name}", key = {where}'
    if any(map(_may_ask, mentions)):
        return "if a helper asks for the flag by this string, configure it as an [[evaluation]]; otherwise delete it"
    return None
