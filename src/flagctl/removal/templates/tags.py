"""The tags of a template, and which of them belong together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from flagctl.removal.refusal import Refused
from flagctl.scan.templates import tokens_in
from flagctl.scan.text import Span

_MIDDLE = ("elif", "elseif", "elsif", "else")
_PARTS = re.compile(
    r"\{[%{](?P<left>[-+]?)\s*(?P<name>(?:\w+(?:[-.:]\w+)*)?)(?P<rest>.*?)(?P<right>[-+]?)[%}]\}\Z", re.S
)


class Tag(NamedTuple):
    """A tag or, where it has no name, an expression; `left` and `right` are its marks for the white space beside it."""

    name: str
    start: int
    end: int
    left: str
    right: str
    rest: Span
    """What is behind the name."""


@dataclass(slots=True)
class Block:
    """A tag, the branches that it has, and its end."""

    tags: list[Tag] = field(default_factory=list)

    @property
    def bodies(self) -> list[Span]:
        """What each tag but the last has behind it."""
        return [(tag.end, after.start) for tag, after in zip(self.tags, self.tags[1:], strict=False)]

    def decides(self, span: Span) -> bool:
        """Whether what stands there is a condition of this block."""
        first = self.tags[0]
        conditions = self.tags if first.name == "if" else [first] if (first.start, first.end) == span else []
        return any(tag.start <= span[0] and span[1] <= tag.end for tag in conditions)


def tags_in(text: str) -> list[Tag]:
    """Tags and expressions, in their order.

    Raises:
        Refused: there is one that cannot be read.
    """
    found: list[Tag] = []
    last = 0
    for token, end in tokens_in(text):
        if "{%" in text[last : token.start()]:
            break
        last = end
        if token.lastgroup in ("tag", "expression"):
            found.append(_tag(text, token))
    if "{%" in text[last:]:
        raise Refused("a tag in the file cannot be read")
    return found


def _tag(text: str, token: re.Match[str]) -> Tag:
    parts = _PARTS.match(text, *token.span())
    assert parts is not None  # noqa: S101 - a token has braces
    start, end = parts.span("rest")
    if token.lastgroup == "expression":
        return Tag("", *token.span(), parts["left"], parts["right"], (parts.start("name"), end))
    return Tag(parts["name"], *token.span(), parts["left"], parts["right"], (start, end))


def blocks_in(tags: Iterable[Tag]) -> Mapping[int, Block]:
    """The blocks of a template, by where they begin.

    What a tag means is the template's business: one is the beginning of a block if there is an end for it.

    Raises:
        Refused: it cannot be told which tags belong together.
    """
    tags = [tag for tag in tags if tag.name]
    ends = _ends(tags)
    beginnings = {end.start: start for start, end in ends.items()}
    blocks: dict[int, Block] = {}
    inside: list[Block] = []
    for tag in tags:
        if tag.start in ends:
            inside.append(Block([tag]))
            blocks[tag.start] = inside[-1]
        elif tag.start in beginnings:
            inside.pop().tags.append(tag)
        elif tag.name in _MIDDLE:
            if not inside:
                raise Refused(f"an {tag.name} in the file is outside of any block")
            inside[-1].tags.append(tag)
    return blocks


def _ends(tags: Sequence[Tag]) -> Mapping[int, Tag]:
    """The end of each tag that has one, by where the tag begins."""
    closed = {_closes(tag.name) for tag in tags} - {None}
    ends: dict[int, Tag] = {}
    inside: list[Tag] = []
    for tag in tags:
        closes = _closes(tag.name)
        if closes is None:
            inside += [tag] if tag.name in closed else []
            continue
        # A tag of the same name need not be a block: {% trans "x" %}, {% set x = 1 %}.
        while inside and inside[-1].name != closes and inside[-1].name != "if":
            inside.pop()
        if not inside or inside[-1].name != closes:
            raise Refused(f"it cannot be told what ends by an {tag.name} in the file")
        ends[inside.pop().start] = tag
    if any(tag.name == "if" for tag in inside):
        raise Refused("an if in the file has no end")
    return ends


def _closes(name: str) -> str | None:
    return name[3:].removeprefix("_") if name.startswith("end") else None
