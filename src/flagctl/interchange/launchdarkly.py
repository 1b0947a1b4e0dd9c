"""What LaunchDarkly's REST API lists (`GET /api/v2/flags/PROJECT`), and the files that its SDKs read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from flagctl.interchange.exchanged import Foreign, Read, counted
from flagctl.interchange.node import Node, ShapeError
from flagctl.interchange.serving import one_percentage, shares, to_all, variant_name

_TAGS = {
    "experiment": "experiment",
    "kill-switch": "ops",
    "killswitch": "ops",
    "operational": "ops",
    "ops": "ops",
    "entitlement": "permission",
    "permission": "permission",
}
"""Tags that say what a flag is for."""

_MAX_NAME = 60
"""A text that is longer is a value, and no name for one."""


def read(document: Node, environment: str) -> Read:
    """The flags of a list, of a single flag, or of a file of an SDK, which says what the environment named serves."""
    found = Read()
    if "items" in document:
        _read_list(found, document["items"].items())
    elif "variations" in document and "key" in document:
        _read_list(found, [document])
    elif "flags" in document or "flagValues" in document:
        _read_file(found, document, environment)
    else:
        raise ShapeError('neither "items" nor "flags" is there: this is no list of flags of LaunchDarkly')
    return found


def _read_list(found: Read, items: Sequence[Node]) -> None:
    variations = {item["key"].key(): item["variations"].items() for item in items}
    for item in items:
        key = item["key"].key()
        if item["archived"].boolean():
            found.left_out.append((key, "is archived"))
            continue
        flag = Foreign(key)
        _read_about(flag, item)
        names = _read_variants(flag, item["variations"].items())
        for name, state in item["environments"].members().items():
            _read_state(flag, name, _state(state, variations), names)
        found.flags.append(flag)


def _read_file(found: Read, document: Node, environment: str) -> None:
    """The file has what an SDK needs, of one environment, and nothing about people and time."""
    flags = document["flags"].members()
    variations = {
        key: [Node({"value": each.value}) for each in item["variations"].items()] for key, item in flags.items()
    }
    for key, item in flags.items():
        flag = Foreign(key)
        names = _read_variants(flag, variations[key])
        if names:
            _read_state(flag, environment, _state(item, variations), names)
        found.flags.append(flag)
    for key, value in document["flagValues"].mapping().items():
        flag = Foreign(key)
        names = _read_variants(flag, [Node({"value": value})])
        flag.serve(environment, to_all(names[0], flag.fields.get("variants", {"on": True, "off": False})))
        found.flags.append(flag)
    if document["segments"].mapping():
        found.notes.append("segments are not carried over")
    if found.flags:
        found.notes.append("type, owner and dates are not in such a file")


# --- about the flag ---------------------------------------------------------------------------------------------------


def _read_about(flag: Foreign, item: Node) -> None:
    description, name = item["description"].text(), item["name"].text()
    flag.set("description", description or (name if name != flag.key else None))
    tags = [tag.text() or "" for tag in item["tags"].items()]
    _read_type(flag, item, tags)
    _read_owner(flag, item)
    flag.set("created", _day(flag, item["creationDate"]))
    if tags:
        flag.notes.append(f"tags are not carried over: {', '.join(tags)}")
    if item["deprecated"].boolean():
        flag.notes.append("is marked deprecated")
    if properties := item["customProperties"].mapping():
        flag.notes.append(f"custom properties are not carried over: {', '.join(properties)}")
    if item["experiments"]["items"].items():
        flag.notes.append("experiments are not carried over")
    if any(each.value is True for each in item["clientSideAvailability"].members().values()):
        flag.notes.append("that clients may read it is not carried over")


def _read_type(flag: Foreign, item: Node, tags: Sequence[str]) -> None:
    """The type by a tag that names one; else by whether the flag is temporary, where nothing better is known."""
    temporary = item["temporary"].boolean() if "temporary" in item else None
    if temporary is not None:
        flag.fields["expected_end_state"] = "remove" if temporary else "keep"
    end = {True: ", and is to go: it is temporary", False: ", and is to stay: it is permanent", None: ""}[temporary]
    tagged = [tag for tag in tags if tag.lower() in _TAGS]
    if len({_TAGS[tag.lower()] for tag in tagged}) == 1:
        flag.fields["type"] = _TAGS[tagged[0].lower()]
        flag.notes.append(f"type {flag.fields['type']}: it has the tag {tagged[0]}{end}")
    elif temporary is not None:
        flag.fields["type"] = "release" if temporary else "ops"
        better = "" if temporary else " (permission, if customers are told apart by it)"
        flag.notes.append(f"type {flag.fields['type']}{end}{better}")


def _read_owner(flag: Foreign, item: Node) -> None:
    email = item["_maintainer"]["email"].text()
    team = item["_maintainerTeam"]["key"].text() or item["maintainerTeamKey"].text()
    flag.set("owner", email or team)
    if email and team:
        flag.notes.append(f"the team that maintains it is not carried over: {team}")
    if not email and not team and "maintainerId" in item:
        flag.notes.append(f"of its maintainer only the id is known: {item['maintainerId'].text()}")


def _day(flag: Foreign, milliseconds: Node) -> str | None:
    number = milliseconds.number()
    if not number:
        return None
    try:
        return datetime.fromtimestamp(number / 1000, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):
        flag.notes.append("the day of its creation is not carried over: the calendar has no such day")
        return None


# --- variants ---------------------------------------------------------------------------------------------------------


def _read_variants(flag: Foreign, variations: Sequence[Node]) -> list[str]:
    """Sets the variants; their names, in the order of the list."""
    values = [each["value"].value for each in variations]
    if all(isinstance(value, bool) for value in values) and len({*values}) == len(values):
        return ["on" if value else "off" for value in values]
    names: list[str] = []
    for index, each in enumerate(variations):
        names.append(next(name for name in _names(each, index) if name not in names))
    flag.set("variants", dict(zip(names, values, strict=True)))
    return names


def _names(variation: Node, index: int) -> Iterator[str]:
    """What a variant may be called: by its value where that is a word, else by its name, else by its number."""
    value, name = variation["value"].value, variation["name"].text()
    if isinstance(value, bool):
        yield "on" if value else "off"
    for text in (value if isinstance(value, str) else None, name, str(value) if _is_number(value) else None):
        if text and len(text) <= _MAX_NAME and text.isprintable() and text == text.strip():
            yield variant_name(text)
    yield f"variation-{index}"
    yield from (f"variation-{index}-{number}" for number in count(1))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# --- what is served ---------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _State:
    """A flag in one environment, by the positions of its variations."""

    is_on: bool
    off: int | None = None
    weights: dict[int, float] = field(default_factory=dict)
    """What those get who are not told apart."""
    apart: list[str] = field(default_factory=list)
    """How users are told apart."""
    needs: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _state(item: Node, variations: Mapping[str, Sequence[Node]]) -> _State:
    state = _State(item["on"].boolean(), _position(item["offVariation"]))
    for each in item["prerequisites"].items():
        _read_prerequisite(state, each, variations)
    if "fallthrough" not in item and "_summary" in item:
        _read_summary(state, item["_summary"])
        return state
    state.weights = _weights(state, item["fallthrough"])
    rules = [rule for rule in item["rules"].items() if not rule["disabled"].boolean()]
    people = [*item["targets"].items(), *item["contextTargets"].items()]
    _tell_apart(state, len(rules), sum(len(each["values"].items()) for each in people))
    return state


def _read_prerequisite(state: _State, item: Node, variations: Mapping[str, Sequence[Node]]) -> None:
    """Another flag that has to be on is a dependency; one that has to have another value is not."""
    key, position = item["key"].key(), _position(item["variation"])
    values = [each["value"].value for each in variations.get(key, ())]
    if position is not None and position < len(values) and values[position] is True:
        state.needs.append(key)
    else:
        state.notes.append(f"that it needs a certain value of {key} is not carried over")


def _read_summary(state: _State, summary: Node) -> None:
    """What a list has that was asked for without `summary=0`: how many rules there are, but not which."""
    rules = people = 0
    for position, each in summary["variations"].members().items():
        if not position.isdecimal() or len(position) > 4:
            raise ShapeError(f'"{each.path}" must be the number of a variation')
        if each["isOff"].boolean():
            state.off = int(position)
        if each["isFallthrough"].boolean():
            weight = each["rollout"].number()
            state.weights[int(position)] = 100_000 if weight is None else weight
        rules += int(each["rules"].number() or 0) + int(each["nullRules"].number() or 0)
        people += int(each["targets"].number() or 0) + int(each["contextTargets"].number() or 0)
    _tell_apart(state, rules, people)
    if needed := int(summary["prerequisites"].number() or 0):
        state.notes.append(f"which flags it needs is not in the list ({needed}); ask for it with summary=0")


def _tell_apart(state: _State, rules: int, people: int) -> None:
    state.apart += [counted(rules, "rule")] if rules else []
    state.apart += [counted(people, "individual target")] if people else []


def _weights(state: _State, served: Node) -> dict[int, float]:
    position = _position(served["variation"])
    if position is not None:
        return {position: 100_000}
    rollout = served["rollout"]
    weights: dict[int, float] = {}
    for each in rollout["variations"].items():
        number = _position(each["variation"])
        if number is not None:
            weights[number] = weights.get(number, 0) + max(0, each["weight"].number() or 0)
    if rollout["kind"].text() == "experiment" or "experimentAllocation" in rollout:
        state.apart.append("an experiment")
    by = rollout["bucketBy"].text()
    if by not in (None, "key"):
        state.notes.append(f"who gets it is not carried over: by {by}")
    return weights


def _position(node: Node) -> int | None:
    number = node.number()
    if number is not None and (number < 0 or number != int(number)):
        raise node.error("the number of a variation")
    return None if number is None else int(number)


def _read_state(flag: Foreign, name: str, state: _State, names: Sequence[str]) -> None:
    flag.notes += [f"{name}: {note}" for note in state.notes]
    if state.needs:
        flag.fields["depends_on"] = list(dict.fromkeys([*flag.fields.get("depends_on", ()), *state.needs]))
    variants = flag.fields.get("variants", {"on": True, "off": False})
    off = names[state.off] if state.off is not None and state.off < len(names) else None
    weights = {names[each]: weight for each, weight in state.weights.items() if each < len(names)}
    if not state.is_on:
        if off is None:
            flag.notes.append(f"{name}: is off without a variation for that: code gets its own default")
        else:
            flag.serve(name, to_all(off, variants))
        return
    served = one_percentage(weights, variants, off)
    others = [shares(weights)] if sum(weights.values()) > 0 else []
    if state.apart or served is None:
        what = "; all others get ".join([" and ".join(state.apart), *others] if state.apart else others)
        flag.notes.append(f"{name}: is not one percentage, and is not carried over: {what or 'nothing is served'}")
    else:
        flag.serve(name, served)
