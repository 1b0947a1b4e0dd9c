"""What is proposed for the configuration: entries for what looks like asking for flags, each with what speaks for it.

A candidate is made of what the survey saw. Whether the scanner finds keys by it decides: one by which it finds none is
dropped. Of the others those over a clear bar may be taken without being asked about; the rest is shown, and left to a
person.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagctl.adoption.survey import Ask, Function, Listing, Shape, Survey
from flagctl.adoption.words import Voice, is_switch, is_unmistakable, voice_of_call, word_set, words_of
from flagctl.report import inert

Place = tuple[str, int, int]
"""A path, a line and a column."""

Found = Mapping[Place, Collection[str]]
"""The keys that the scanner found at places, none where a key is dynamic."""

Field = str | int | bool | Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry that might be right, and the places that speak for it."""

    table: str
    fields: Mapping[str, Field]
    asks: tuple[Ask, ...]
    voice: Voice
    function: Function | None = None
    listing: Listing | None = None

    @property
    def signature(self) -> str:
        """The lines by which an entry is known again in a configuration, taken or commented out."""
        names = ("file", "object") if self.table == "registry" else (*_PATTERNS, "key_pattern")
        return "\n".join(f"{name} = {toml(self.fields[name])}" for name in names if name in self.fields)

    @property
    def name(self) -> str:
        """What it is about, in a word."""
        for name in _PATTERNS:
            if name in self.fields:
                return str(self.fields[name])
        return f"{self.fields['object']} in {self.fields['file']}"


@dataclass(frozen=True, slots=True)
class Proposal:
    """An entry that is proposed, with the evidence for it in plain words."""

    candidate: Candidate
    evidence: tuple[str, ...]
    keys: frozenset[str]
    is_clear: bool

    @property
    def name(self) -> str:
        """What it is about, as code has it."""
        return shown(self.candidate)

    def text(self, prefix: str = "") -> str:
        """The entry as it stands in a configuration, below its evidence; `prefix` is where the table lies."""
        lines = [f"# {inert(line)}" for line in self.evidence]
        lines += [f"[[{prefix}{self.candidate.table}]]"]
        lines += [f"{name} = {toml(value)}" for name, value in self.candidate.fields.items()]
        return "\n".join(lines) + "\n"


_PATTERNS = ("call", "attribute", "mapping", "constructor", "tag")
_TABLES = ("evaluation", "flag_object", "registry", "override", "template", "script")


def toml(value: Field) -> str:
    """A value as TOML has it."""
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml, value))}]"
    return json.dumps(value, ensure_ascii=False)


# --- candidates -------------------------------------------------------------------------------------------------------


def candidates(survey: Survey, is_test: Callable[[str], bool], covered: Collection[Place]) -> list[Candidate]:
    """What the survey speaks for, less what the scanner finds already, at the places that are `covered`."""
    asks = [each for each in survey.asks if (each.path, each.line, each.column) not in covered]
    asks.sort(key=lambda each: (each.path, each.line, each.column))
    ours = [each for each in asks if not is_test(each.path) and not _is_migration(each.path)]
    functions = [each for each in survey.functions if not is_test(each.path)]
    by_shape: dict[Shape, list[Ask]] = defaultdict(list)
    for each in ours:
        by_shape[each.shape].append(each)
    return [
        *_calls(by_shape[Shape.CALL], functions),
        *_decorators(by_shape[Shape.DECORATOR]),
        *_objects(by_shape[Shape.OBJECT], survey),
        *_mappings(by_shape[Shape.MAPPING]),
        *_attributes(by_shape[Shape.ATTRIBUTE]),
        *_registries(each for each in survey.listings if not is_test(each.path) and not _is_migration(each.path)),
        *_overrides([each for each in asks if each.shape is Shape.OVERRIDE and is_test(each.path)]),
    ]


def _is_migration(path: str) -> bool:
    return "/migrations/" in f"/{path}"


def _calls(asks: Iterable[Ask], functions: Sequence[Function]) -> Iterator[Candidate]:
    groups: dict[str, list[Ask]] = defaultdict(list)
    for each in asks:
        groups[_call_pattern(each)].append(each)
    for pattern, group in groups.items():
        function = _function_of(group[0], functions)
        fields: dict[str, Field] = {"call": pattern, "key": _where(group)}
        if (default := _default(group, function)) is not None:
            fields["default"] = default
        voice = max(each.voice for each in group)
        if voice is Voice.SETTING or any(each.default in ("number", "text") for each in group):
            fields["returns"] = "object"
        if function is not None and function.is_fixed and not any("request" in name for name in function.parameters):
            fields["refreshes"] = False
        yield Candidate("evaluation", fields, tuple(group), voice, function)


def _call_pattern(ask: Ask) -> str:
    """By the function's own name where that says it all; else with what it is a method of, or with its module."""
    receiver, _, last = ask.name.rpartition(".")
    owner = receiver.rpartition(".")[2].removesuffix("()")
    if voice_of_call(last) is Voice.CLEAR:
        return f"*{last}"
    if owner and owner not in ("self", "cls"):
        return f"*{owner}.{last}"
    if not owner and ask.origin and "." in ask.origin:
        return f"*{'.'.join(ask.origin.split('.')[-2:])}"
    return f"*.{last}" if owner else f"*{last}"


def _function_of(ask: Ask, functions: Sequence[Function]) -> Function | None:
    """The function of the project that is called, if only one can be meant."""
    receiver, _, last = ask.name.rpartition(".")
    found = [each for each in functions if each.name == last and each.parameters]
    if receiver and len(found) > 1:
        found = [each for each in found if each.owner is not None]
    return found[0] if len(found) == 1 else None


def _where(group: Sequence[Ask]) -> Field:
    places = [each for each, _ in Counter(each.where for each in group).most_common()]
    positions = [each for each in places if isinstance(each, int)][:1]
    both: list[str | int] = [*positions, *sorted({each for each in places if isinstance(each, str)})]
    return both[0] if len(both) == 1 else both


def _default(group: Sequence[Ask], function: Function | None) -> Field | None:
    names = ("default", "fallback", "default_value", "_default")
    parameters = function.parameters if function is not None else ()
    for name in names:
        if name in parameters:
            return [parameters.index(name), name]
    position = next((each.where for each in group if isinstance(each.where, int)), None)
    if not parameters and position is not None and all(each.default == "bool" for each in group):
        return position + 1
    return None


def _decorators(asks: Iterable[Ask]) -> Iterator[Candidate]:
    groups: dict[str, list[Ask]] = defaultdict(list)
    for each in asks:
        groups[each.name.rpartition(".")[2]].append(each)
    for name, group in groups.items():
        fields: dict[str, Field] = {"call": f"*{name}", "key": _where(group), "decorator": True}
        yield Candidate("evaluation", fields, tuple(group), Voice.CLEAR)


def _objects(asks: Iterable[Ask], survey: Survey) -> Iterator[Candidate]:
    groups: dict[str, list[Ask]] = defaultdict(list)
    for each in asks:
        groups[each.name.rpartition(".")[2]].append(each)
    for name, group in groups.items():
        made = {each.made for each in group}
        called = Counter(method for owner, method, _ in survey.methods if owner in made)
        asking = [method for method in called if voice_of_call(method, "flag") or method in ("check_value", "value")]
        if asking:
            fields: dict[str, Field] = {"constructor": f"*{name}", "key": _where(group), "evaluations": sorted(asking)}
            yield Candidate("flag_object", fields, tuple(group), Voice.CLEAR)


def _mappings(asks: Iterable[Ask]) -> Iterator[Candidate]:
    groups: dict[str, list[Ask]] = defaultdict(list)
    for each in asks:
        groups[_mapping_pattern(each.name)].append(each)
    for name, group in groups.items():
        voice = max(each.voice for each in group)
        if voice is Voice.FAINT and not name.rpartition(".")[2].lower().endswith("s"):
            continue  # one thing with its properties
        if voice is Voice.SETTING:  # the scanner takes one entry for a mapping: what are surely flags, or else the rest
            group = [each for each in group if _prefix(each) in _FLAG_PREFIXES] or group
        fields: dict[str, Field] = {"mapping": name}
        if voice is Voice.SETTING:
            fields["key_pattern"] = _prefix_patterns(group)
        if not all(each.is_tested or each.default == "bool" for each in group):
            fields["returns"] = "object"
        yield Candidate("evaluation", fields, tuple(group), voice)


def _mapping_pattern(name: str) -> str:
    parts = [part for part in name.split(".") if part not in ("self", "cls")]
    return f"*{'.'.join(parts[-2:])}" if len(parts) > 1 or parts != name.split(".") else parts[-1]


def _prefix_patterns(group: Iterable[Ask]) -> list[str | int]:
    return [f"{prefix}*" for prefix in sorted({_prefix(each) for each in group})]


def _prefix(ask: Ask) -> str:
    return next((each for each in _PREFIXES if ask.key.startswith(each)), "")


_PREFIXES = (
    "FEATURE_FLAG_", "FEATURES_", "FEATURE_", "FLAG_", "FF_", "TOGGLE_", "EXPERIMENT_", "ENABLE_", "DISABLE_", "USE_"
)  # fmt: skip
_FLAG_PREFIXES = _PREFIXES[:6]
"""Settings that begin so are flags; what is enabled, disabled or used may be part of any configuration."""

_FRAMEWORKS_OWN = word_set(
    "USE_ETAGS USE_I18N USE_L10N USE_THOUSAND_SEPARATOR USE_TZ USE_X_FORWARDED_HOST USE_X_FORWARDED_PORT"
)


def _attributes(asks: Iterable[Ask]) -> Iterator[Candidate]:
    settings: dict[tuple[str, bool], list[Ask]] = defaultdict(list)
    others: dict[str, list[Ask]] = defaultdict(list)
    for each in asks:
        if each.voice is Voice.SETTING:
            if each.key not in _FRAMEWORKS_OWN and (each.is_tested or each.default == "bool"):
                settings[_settings_name(each), _prefix(each) in _FLAG_PREFIXES].append(each)
        elif each.name.rpartition(".")[2].endswith("s") and (each.origin or "." in each.name):
            others[each.name.rpartition(".")[2]].append(each)
    for (name, _), group in settings.items():
        fields: dict[str, Field] = {"attribute": f"{name}.{{key}}", "key_pattern": _prefix_patterns(group)}
        yield Candidate("evaluation", fields, tuple(group), Voice.SETTING)
    for name, group in others.items():
        is_constant = all(each.key.isupper() for each in group)
        pattern = _CAPITALS if is_constant else "*"
        fields = {"attribute": f"*{name}.{{key}}", "key_pattern": [pattern]}
        voice = Voice.CLEAR if is_constant and all(each.origin for each in group) else Voice.FAINT
        yield Candidate("evaluation", fields, tuple(group), voice)


_CAPITALS = "[A-Z]*"


def _settings_name(ask: Ask) -> str:
    if ask.origin == "django.conf.settings":
        return ask.origin
    return f"*{ask.name.rpartition('.')[2]}"


def _registries(listings: Iterable[Listing]) -> Iterator[Candidate]:
    for each in listings:
        if not each.path.isprintable():
            continue  # TOML could not name it
        words = words_of(each.name)
        voice = Voice.CLEAR if is_unmistakable(words) else Voice.FAINT
        fields: dict[str, Field] = {"file": each.path, "object": each.name}
        yield Candidate("registry", fields, (), voice, listing=each)


def _overrides(asks: Iterable[Ask]) -> Iterator[Candidate]:
    groups: dict[str, list[Ask]] = defaultdict(list)
    for each in asks:
        groups[each.name.rpartition(".")[2]].append(each)
    for name, group in groups.items():
        where = _where(group)
        fields: dict[str, Field] = {"call": f"*{name}", "key": where}
        if isinstance(where, int) and any(each.default == "bool" for each in group):
            fields["value"] = where + 1
        yield Candidate("override", fields, tuple(group), Voice.FAINT)


def are_inferred(chosen: Iterable[Candidate]) -> tuple[list[Candidate], list[Candidate]]:
    """The candidates that stand for themselves, and those that hand their key on to one of these.

    What the latter call is known then, so that they are as well, without an entry of their own.
    """
    chosen = list(chosen)
    names = {str(each.fields.get("call", "")).rpartition(".")[2].lstrip("*") for each in chosen} - {""}
    inner = [
        each
        for each in chosen
        if each.function is not None and not (each.function.hands_on - {each.function.name}).isdisjoint(names)
    ]
    return [each for each in chosen if each not in inner], inner


# --- verdicts ---------------------------------------------------------------------------------------------------------


def proposals(chosen: Iterable[Candidate], found: Found, known: Collection[str]) -> list[Proposal]:
    """The candidates by which the scanner finds keys; `known` are those that are flags whatever becomes of these.

    What lists flags is evidence for what asks for them, and the other way round, if one of them is clear by itself.
    """
    by_table: dict[str, list[Candidate]] = defaultdict(list)
    for each in chosen:
        by_table[each.table].append(each)
    asking = [*by_table["evaluation"], *by_table["flag_object"]]
    sure = {*known, *_clear_keys(_verdict(each, found, ()) for each in asking)}
    proven = [each for each in by_table["registry"] if not sure.isdisjoint(_keys(each, found))]
    listed = {key for each in proven for key in _keys(each, found)}
    asked = [_verdict(each, found, {*known, *listed}) for each in asking]
    clear = {*sure, *_clear_keys(asked)}
    pages = [_verdict(each, found, clear | listed) for each in (*by_table["template"], *by_table["script"])]
    clear |= _clear_keys(pages)
    listings = [_listing_verdict(each, clear) for each in by_table["registry"]]
    overrides = [_override_verdict(each, _keys(each, found), clear | listed) for each in by_table["override"]]
    verdicts = [each for each in (*asked, *pages, *listings, *overrides) if each is not None]
    return sorted(verdicts, key=lambda each: (not each.is_clear, _TABLES.index(each.candidate.table), -len(each.keys)))


def _clear_keys(verdicts: Iterable[Proposal | None]) -> set[str]:
    return {key for each in verdicts if each is not None and each.is_clear for key in each.keys}


def _keys(candidate: Candidate, found: Found) -> frozenset[str]:
    if candidate.listing is not None:
        return frozenset(key for key, _ in candidate.listing.entries)
    return frozenset(key for each in candidate.asks for key in found.get((each.path, each.line, each.column), ()))


def _verdict(each: Candidate, found: Found, corroborated: Collection[str]) -> Proposal | None:
    keys = _keys(each, found)
    asks = [ask for ask in each.asks if (ask.path, ask.line, ask.column) in found]
    if not keys or not asks:
        return None
    deciding = sum(1 for ask in asks if ask.is_tested or ask.default == "bool")
    overlap = len(keys.intersection(corroborated))
    is_corroborated = overlap >= 2 or (overlap == len(keys) and overlap > 0)
    judge = {Voice.CLEAR: _is_question, Voice.FAINT: _is_about_flags, Voice.SETTING: _is_settings}[each.voice]
    is_clear = is_corroborated or judge(each, keys, asks, deciding)
    if is_clear is None:
        return None
    evidence = [*_said(each, keys, asks, deciding), *_corroboration(overlap, keys)]
    return Proposal(each, tuple(evidence), keys, is_clear)


def _is_question(each: Candidate, keys: frozenset[str], asks: Sequence[Ask], deciding: int) -> bool | None:
    """Of what is called like a question: clear if about two flags, or if it says "feature flag" and is asked twice."""
    if len(keys) > 1:
        return True
    if is_unmistakable(words_of(each.name)):
        return len(asks) > 1
    return False if len(asks) > 1 else None


def _is_about_flags(each: Candidate, keys: frozenset[str], asks: Sequence[Ask], deciding: int) -> bool | None:
    """Of what only names flags: clear if many are named, and the answer decides something often enough."""
    is_often = deciding >= max(2, len(asks) * 0.25)
    if each.fields.get("attribute") or each.fields.get("mapping"):
        return False if len(keys) >= 4 and deciding * 2 >= len(asks) else None
    if len(keys) >= 3 and is_often:
        return True
    return False if len(keys) >= 2 and deciding else None


def _is_settings(each: Candidate, keys: frozenset[str], asks: Sequence[Ask], deciding: int) -> bool | None:
    """Of settings: clear if they change while the program runs and many are switches, or if they say it themselves."""
    if "key_pattern" in each.fields:
        if all(_prefix(ask) in _FLAG_PREFIXES for ask in asks):
            return True if len(keys) > 1 else None
        return False if len(keys) > 2 else None
    share = deciding / len(asks)
    switches = {ask.key for ask in asks if ask.default == "bool" or is_switch(ask.key)}
    if share < _SHARE or len(keys) < 5 or len(switches) < 3:
        return None
    is_own = each.function is not None and not each.function.is_fixed
    return is_own and len(keys) >= 10 and len(switches) >= 5


_SHARE = 0.3
"""Of the answers, how many have to decide something."""


def _listing_verdict(each: Candidate, asked: Collection[str]) -> Proposal | None:
    listing, keys = each.listing, _keys(each, {})
    overlap = len(keys.intersection(asked))
    if listing is None or (not overlap and each.voice is not Voice.CLEAR):
        return None
    said = f"{listing.path}:{listing.line} lists {_count(len(keys), 'key')}"
    said += (
        f"; {overlap} of them are asked for in this repository"
        if overlap
        else "; none is asked for in a way that we know"
    )
    return Proposal(each, (said,), keys, overlap > 0)


def _override_verdict(each: Candidate, keys: frozenset[str], known: Collection[str]) -> Proposal | None:
    own = keys.intersection(known)
    if not own or len(own) * 2 < len(keys):
        return None
    first = each.asks[0]
    said = f"{shown(each)} forces {_count(len(own), 'flag')} in tests, such as {first.key} ({first.path}:{first.line})"
    return Proposal(each, (said,), frozenset(), True)


def _said(each: Candidate, keys: frozenset[str], asks: Sequence[Ask], deciding: int) -> Iterator[str]:
    verb = "is called" if "call" in each.fields else "is made" if each.table == "flag_object" else "is read"
    subject = f"{shown(each)} {verb} at {_count(len(asks), 'place')}"
    yield f"{subject} with {_count(len(keys), 'key')}{_decided(deciding, len(asks))}"
    if each.function is not None:
        own = f"{each.function.owner}." if each.function.owner else ""
        yield f"it is {own}{each.function.name} in {each.function.path}:{each.function.line}"
    examples: dict[str, Ask] = {}
    for ask in asks:
        examples.setdefault(ask.key, ask)
    yield from (f"{ask.path}:{ask.line} {ask.key}" for ask in [*examples.values()][:3])


def _decided(deciding: int, places: int) -> str:
    if not deciding:
        return ""
    if deciding == places:
        return "; what it answers decides something there"
    return f"; at {deciding} of them the answer decides something right there"


def shown(each: Candidate) -> str:
    """An entry's subject as code has it."""
    name = each.name.lstrip("*.")
    if "call" in each.fields:
        return f"@{name}(...)" if each.fields.get("decorator") else f"{name}(...)"
    if "mapping" in each.fields:
        return f"{name}[...]" + (f" with {_pattern(each)}" if "key_pattern" in each.fields else "")
    if each.listing is not None or "tag" in each.fields:
        return each.name
    if "attribute" in each.fields:
        return name.replace("{key}", _pattern(each))
    return f"{name}(...)"


def _pattern(each: Candidate) -> str:
    """How the keys are called that an entry takes, for people: `ENABLE_* or USE_*`."""
    patterns = each.fields.get("key_pattern")
    names = [str(pattern) for pattern in patterns] if isinstance(patterns, list) else []
    return " or ".join("NAME" if name == _CAPITALS else name for name in names) or "..."


def _corroboration(overlap: int, keys: frozenset[str]) -> Iterator[str]:
    if overlap:
        yield f"{overlap if overlap < len(keys) else 'all'} of the keys are flags by other signs, too"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
