"""What templates and scripts have that looks like asking for flags, by the names in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator

from flagctl.adoption.proposals import Candidate, Field
from flagctl.adoption.survey import Ask, Shape
from flagctl.adoption.words import KEY, Voice, voice_of_call

_BLOCK = re.compile(r"\{%[-+]?(?P<tag>.*?)%\}|\{\{(?P<value>.*?)\}\}", re.S)
_TAG = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s+([\"'])(?P<key>[^\"']+)\2")
_CALL = re.compile(r"(?P<name>[A-Za-z_$][\w$]*(?:\??\.[A-Za-z_$][\w$]*)*)\(\s*([\"'`])(?P<key>[^\"'`]+)\2\s*[,)]")
_SPEAKS = re.compile(r"(?i)feature|flag|toggle|switch|waffle|experiment|rollout")
_LONG_LINE = re.compile(r"[^\n]{2000}")


def asks_in_template(path: str, text: str) -> Iterator[Ask]:
    """The tags and calls of a Django or Jinja template that may ask for a flag."""
    if not _SPEAKS.search(text):
        return
    starts = _line_starts(text)
    for block in _BLOCK.finditer(text):
        inside = block["tag"] if block["tag"] is not None else block["value"]
        line = bisect_right(starts, block.start())
        is_tested = re.match(r"\s*(?:el)?if\b", inside) is not None
        if block["tag"] is not None and (tag := _TAG.match(inside)):
            voice = voice_of_call(tag["name"].removeprefix("if"))
            yield from _ask(Shape.DECORATOR, tag["name"], tag["key"], path, line, voice, is_tested=True)
        for call in _CALL.finditer(inside):
            yield from _ask(
                Shape.CALL, call["name"], call["key"], path, line, _voice(call["name"]), is_tested=is_tested
            )


def asks_in_script(path: str, text: str) -> Iterator[Ask]:
    """The calls in JavaScript or TypeScript that may ask for a flag; what a tool packed into one line is left out."""
    if not _SPEAKS.search(text) or _LONG_LINE.search(text):
        return
    starts = _line_starts(text)
    for call in _CALL.finditer(text):
        name = call["name"].replace("?.", ".")
        line = bisect_right(starts, call.start())
        yield from _ask(Shape.CALL, name, call["key"], path, line, _voice(name), is_tested=False)


def page_candidates(asks: Iterable[Ask], table: str) -> Iterator[Candidate]:
    """Entries for what was seen in pages: `[[template]]` or `[[script]]`."""
    groups: dict[tuple[str, Shape], list[Ask]] = defaultdict(list)
    for each in asks:
        groups[_pattern(each.name), each.shape].append(each)
    for (name, shape), group in groups.items():
        fields: dict[str, Field] = {"tag" if shape is Shape.DECORATOR else "call": name}
        yield Candidate(table, fields, tuple(group), max(each.voice for each in group))


def _pattern(name: str) -> str:
    parts = name.split(".")
    return (
        name if len(parts) == 1 else f"*{'.'.join(parts[-2:])}" if parts[0] not in ("this", "self") else f"*{parts[-1]}"
    )


def _voice(name: str) -> Voice:
    receiver, _, last = name.rpartition(".")
    voice = voice_of_call(last.removeprefix("use") or last, receiver.rpartition(".")[2])
    return voice if voice is not Voice.SETTING else Voice.SILENT


def _ask(shape: Shape, name: str, key: str, path: str, line: int, voice: Voice, *, is_tested: bool) -> Iterator[Ask]:
    if voice and voice is not Voice.SETTING and KEY.fullmatch(key):
        yield Ask(shape, name, key, path, line, 0, voice=voice, is_tested=is_tested)


def _line_starts(text: str) -> list[int]:
    return [0, *(match.end() for match in re.finditer("\n", text))]
