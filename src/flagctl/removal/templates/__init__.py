"""Django and Jinja templates without the evaluations of a flag."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from flagctl.model import Kind, Location, Reference
from flagctl.removal.kept import Kept
from flagctl.removal.plan.sites import value_of
from flagctl.removal.refusal import Refusal, Refused
from flagctl.removal.templates.conditions import chosen, decided
from flagctl.removal.templates.layout import Edit, applied, dedented, moved, without
from flagctl.removal.templates.tags import Block, Tag, blocks_in, tags_in
from flagctl.removal.values import Value
from flagctl.scan.languages import is_markup
from flagctl.scan.text import Lines, Span

_OTHERS = frozenset([".liquid", ".njk", ".twig"])
"""Engines whose conditions look alike and are read otherwise."""
_PAGES = frozenset([".djhtml", ".htm", ".html", ".xhtml"])
_LIBRARIES = {"waffle_tags": frozenset(["flag", "switch", "sample", "wafflejs", "inline_wafflejs"])}
"""What has to be loaded for which tags."""
_PLAIN = re.compile(r"""(["'])([\w ./:-]*)\1""")
"""A string that a page shows as it stands."""
_OUTLIVES = re.compile(r"\{%[-+]?\s*(?:load|partialdef)\b")
_BLOCK = re.compile(r"\{%[-+]?\s*block\b")
_ASKS_FOR_BLOCKS = re.compile(r"\{%[-+]?\s*extends\b|\bself\.\w+\(")


@dataclass(frozen=True, slots=True)
class _Site:
    """A place that asks for the flag, and what it is told."""

    span: Span
    value: Value
    location: Location


def rewritten_template(
    path: str, data: bytes, references: Iterable[Reference], kept: Mapping[str, Kept]
) -> tuple[bytes, list[Refusal]]:
    """A template without the evaluations of flags; where one of them is left to a human, so is the file."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    references = list(references)
    refusals: list[Refusal] = []
    try:
        text = data[len(mark) :].decode()
        if not _OTHERS.isdisjoint(PurePosixPath(path).suffixes):
            raise Refused("only Django and Jinja templates are rewritten")
        sites = [site for each in references if (site := _site(text, each, kept, refusals))]
        now = _rewritten(text, sites, refusals, is_page=_is_page(path, text))
    except (Refused, UnicodeDecodeError) as error:
        why = "the file is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        return data, [Refusal(each.location, why) for each in references]
    return (data, sorted(refusals)) if refusals else (mark + now.encode(), [])


def _is_page(path: str, text: str) -> bool:
    """Whether white space at the beginning of a line is never seen."""
    suffixes = PurePosixPath(path).suffixes
    return not _PAGES.isdisjoint(suffixes) or (len(suffixes) == 1 and is_markup(path) and "</" in text)


def _site(text: str, reference: Reference, kept: Mapping[str, Kept], refusals: list[Refusal]) -> _Site | None:
    """Where a reference stands, and what it is told; what is left to a human is noted."""
    at = reference.location
    starts = Lines(text).starts
    span = (starts[at.line - 1] + at.column - 1, starts[at.end_line - 1] + at.end_column - 1)
    try:
        if reference.kind is not Kind.TEMPLATE:
            raise Refused("a script in the template asks for it")
        return _Site(span, value_of(reference, kept[reference.flag or ""], is_name=True), at)
    except Refused as refused:
        refusals.append(Refusal(at, str(refused)))
        return None


def _rewritten(text: str, sites: Iterable[_Site], refusals: list[Refusal], *, is_page: bool) -> str:
    """The text without these evaluations, from the first to the last; what is left to a human is noted.

    Raises:
        Refused: it cannot be told which tags belong together.
    """
    before, waiting = text, sorted(sites, key=lambda site: site.span)
    while waiting:
        tags = tags_in(text)
        blocks = blocks_in(tags)
        first = waiting[0]
        block = next((block for block in blocks.values() if block.decides(first.span)), None)
        asked = [each for each in waiting if each is first or (block and block.decides(each.span))]
        waiting = [each for each in waiting if each not in asked]
        values = {each.span: each.value for each in (*asked, *waiting)}
        try:
            if block:
                edits = _edits_of_block(text, block, values, is_page=is_page)
            else:
                edits = _edits_of_expression(text, tags, first.span, values, is_page=is_page)
        except Refused as refused:
            refusals += (Refusal(each.location, str(refused)) for each in asked)
            continue
        text = applied(text, edits)
        waiting = [replace(each, span=span) for each in waiting if (span := moved(each.span, edits))]
    text = _without_idle_libraries(before, text, is_page=is_page)
    blocks_in(tags_in(text))  # what cannot be read again is not written
    return text


def _edits_of_expression(
    text: str, tags: Iterable[Tag], site: Span, values: Mapping[Span, Value], *, is_page: bool
) -> list[Edit]:
    """What changes where a value is asked for in an expression."""
    tag = next((tag for tag in tags if tag.start <= site[0] and site[1] <= tag.end), None)
    if tag is None or (tag.start, tag.end) == site:
        raise Refused("the tag has no end" if tag else "no template engine reads it there")
    before, after = chosen(text, tag.rest, site, values, is_value=tag.name in ("", "set"))
    left = text[tag.rest[0] : before.start], text[before.end : after.start], text[after.end : tag.rest[1]]
    kept = before.new + "".join(left).strip()
    if kept == "" and tag.name == "":
        return [without(text, tag.start, tag.end, is_page=is_page)]
    if before.end == after.start and not before.new:
        raise Refused("it says nothing else for this case")
    if tag.name == "" and not tag.left and not tag.right and (plain := _PLAIN.fullmatch(kept)):
        return [Edit(tag.start, tag.end, plain[2])]
    return [before, after]


def _edits_of_block(text: str, block: Block, values: Mapping[Span, Value], *, is_page: bool) -> list[Edit]:
    """What changes where a block shows one thing or another."""
    tags, end = block.tags, block.tags[-1]
    verdicts = _verdicts(text, block, values)
    kept = [index for index, verdict in enumerate(verdicts) if verdict is not False]
    if True in verdicts:
        kept = [index for index in kept if index <= verdicts.index(True)]
    for index, (start, stop) in enumerate(block.bodies):
        if index not in kept:
            _may_go(text, text[start:stop])
    if not kept:
        return [without(text, tags[0].start, end.end, is_page=is_page)]
    if verdicts[kept[0]] is True:
        return _unwrapped(text, block, kept[0], is_page=is_page)
    edits: list[Edit] = []
    following = 0
    for place, index in enumerate([*kept, len(tags) - 1]):
        tag, first = tags[index], tags[following]
        new = text[tag.start : tag.end]
        if tag is not end:
            new = _changed(text, tag, verdicts[index], is_first=place == 0)
        edits.append(Edit(first.start, tag.end, "{%" + first.left + new[2 + len(tag.left) :]))
        following = index + 1
    return [each for each in edits if each.new != text[each.start : each.end]]


def _verdicts(text: str, block: Block, values: Mapping[Span, Value]) -> Sequence[bool | str]:
    """What the condition of each branch comes to, or what is left of it.

    Raises:
        Refused: it cannot be told.
    """
    first, *others, _ = block.tags
    names = [tag.name for tag in others]
    if (first.start, first.end) in values:
        if names not in ([], ["else"]) or " as " in text[slice(*first.rest)]:
            raise Refused(f"what the tag {first.name} does here is not understood")
        return [bool(values[first.start, first.end]), True][: len(names) + 1]
    if "else" in names[:-1] or not {*names} <= {"elif", "else"}:
        raise Refused("the branches around it are not understood")
    return [True if tag.name == "else" else decided(text, tag.rest, values) for tag in (first, *others)]


def _may_go(text: str, body: str) -> None:
    """Whether what is never shown can go.

    Raises:
        Refused: it has a meaning for the rest of the file, or for another file.
    """
    if _OUTLIVES.search(body) or (_BLOCK.search(body) and _ASKS_FOR_BLOCKS.search(text)):
        raise Refused("a block or library that would go with it counts even where it is never shown")


def _unwrapped(text: str, block: Block, index: int, *, is_page: bool) -> list[Edit]:
    """One branch instead of the whole block."""
    first, branch, following, end = block.tags[0], block.tags[index], block.tags[index + 1], block.tags[-1]
    body = text[branch.end : following.start]
    if not body.strip(" \t\r\n"):
        whole = without(text, first.start, end.end, is_page=is_page)
        if body and "-" in first.left + branch.right + following.left + end.right:
            raise Refused("only white space is left of it, and it cannot be told how much")
        return [whole._replace(new=body) if whole == Edit(first.start, end.end) else whole]
    opening = without(text, first.start, branch.end, is_page=is_page)
    closing = without(text, following.start, end.end, is_page=is_page)
    if not is_page or text[opening.end - 1 : opening.end] not in ("\r", "\n"):
        return [opening, closing]
    return [opening, *dedented(text, first.start, branch.end, following.start), closing]


def _changed(text: str, tag: Tag, verdict: bool | str, *, is_first: bool) -> str:
    """A tag of a branch that stays, with what is left of its condition."""
    rest = text[slice(*tag.rest)]
    bare = rest.strip()
    name = "if" if is_first else "elif"
    if verdict is True:
        name, rest = "else", rest[len(rest.rstrip()) :]
    elif bare != verdict:
        rest = rest.replace(bare, str(verdict))
    return text[tag.start : tag.rest[0] - len(tag.name)] + name + rest + text[tag.rest[1] : tag.end]


def _without_idle_libraries(before: str, text: str, *, is_page: bool) -> str:
    """The text without the libraries that only what is gone needed."""
    names = {tag.name for tag in tags_in(before)}
    tags = tags_in(text)
    idle = {library for library, own in _LIBRARIES.items() if own & names and not own & {tag.name for tag in tags}}
    edits: list[Edit] = []
    for tag in tags:
        if tag.name != "load":
            continue
        words = [*re.finditer(r"\S+", text[slice(*tag.rest)])]
        loaded = words[-1:] if "from" in [word[0] for word in words] else words
        gone = [word for word in loaded if word[0] in idle]
        if gone == loaded:
            edits.append(without(text, tag.start, tag.end, is_page=is_page))
        else:
            edits += (_word(text, tag.rest[0], *word.span()) for word in gone)
    return applied(text, edits)


def _word(text: str, offset: int, start: int, end: int) -> Edit:
    """A word of a tag, with the white space before it."""
    before = text[: offset + start]
    return Edit(len(before.rstrip()), offset + end)
