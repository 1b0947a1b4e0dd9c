"""Conditions of templates, of which a part is known: what they come to, or what is left of them."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Mapping, Sequence

from flagctl.removal.refusal import Refused
from flagctl.removal.templates.layout import Edit
from flagctl.removal.values import Value
from flagctl.scan.templates import Word, words_in
from flagctl.scan.text import Span

Words = Sequence[Word]
Values = Mapping[Span, Value]
"""What is known of a text, by where it stands."""

_CONSTANTS = {"true": "True", "false": "False", "none": "None"}
"""Jinja also has these in small letters."""
_OPERATORS = frozenset(["and", "or", "not", "in", "is", "if", "else"])


def decided(text: str, span: Span, values: Values) -> bool | str:
    """What a condition comes to: true or false, or else what is left of it.

    Raises:
        Refused: something is done with a value that is not understood.
    """
    words = words_in(text, *span)
    result = _Condition(text, values).fold(words)
    if isinstance(result, str) and _knows(words, values):
        left = words_in(result, 0, len(result))
        if _is_group(left):
            return result[left[0].end : left[-1].start].strip()
    return result


def chosen(text: str, span: Span, site: Span, values: Values, *, is_value: bool) -> tuple[Edit, Edit]:
    """What goes of the conditional expression (`a if CONDITION else b`) whose condition a site is in.

    `is_value` says whether the whole span is one expression, and not only what in it stands in brackets.

    Raises:
        Refused: the value is used for something else.
    """
    words = words_in(text, *span)
    for operand in _around(words, site, is_value=is_value):
        if (found := _conditional(operand, site)) is not None:
            positive, condition, negative = found
            inner = (condition[0].start, condition[-1].end)
            result = decided(text, inner, values)
            if isinstance(result, str):
                return Edit(*inner, result), Edit(inner[1], inner[1])
            whole = (positive[0].start, negative[-1].end if negative else inner[1])
            kept = positive if result else negative
            if not kept:
                return Edit(*whole), Edit(whole[1], whole[1])
            start, end = _without_parentheses(words, whole) if len(kept) == 1 else whole
            return Edit(start, kept[0].start), Edit(kept[-1].end, end)
    raise Refused("it is no condition of a tag or of a conditional expression")


class _Condition:
    def __init__(self, text: str, values: Values) -> None:
        self._text = text
        self._values = values

    def fold(self, words: Words) -> bool | str:
        """What a part of the condition comes to; where nothing in it is known, it is left byte for byte."""
        if not _knows(words, self._values):
            return _text(self._text, words)
        if words[0].text == "not" and len(words) > 1 and not _is_compound(words):
            result = self.fold(words[1:])
            return not result if isinstance(result, bool) else self._text[words[0].start : words[1].start] + result
        if "if" in _texts_at_depth(words, 0):
            raise Refused("the condition around it is not understood")
        for operator, deciding in (("or", True), ("and", False)):
            parts = _split(words, operator)
            if not all(parts):
                raise Refused("the condition around it is not understood")
            if len(parts) > 1:
                return self._joined(parts, deciding=deciding)
        return self._group(words) if _is_group(words) else bool(self._value(words))

    def _joined(self, parts: Sequence[Words], *, deciding: bool) -> bool | str:
        """What operands come to of which one with this value decides."""
        kept: list[str] = []
        before: Words = ()
        calls = False
        for part in parts:
            result = self.fold(part)
            if result is deciding:
                if calls:
                    raise Refused("what stands before it is called, and would not be any more")
                return deciding
            if isinstance(result, str):
                kept += [self._text[before[-1].end : part[0].start] if kept else "", result]
                calls = calls or _calls(words_in(result, 0, len(result)))
            before = part
        return "".join(kept) if kept else not deciding

    def _group(self, words: Words) -> bool | str:
        result = self.fold(words[1:-1])
        if isinstance(result, bool) or not _is_compound(words_in(result, 0, len(result))):
            return result
        start, *_, end = words
        return self._text[start.start : words[1].start] + result + self._text[words[-2].end : end.end]

    def _value(self, words: Words) -> Value:
        """The value of what has no `and`, `or` or `not` around it.

        Raises:
            Refused: it cannot be told.
        """
        span = (words[0].start, words[-1].end)
        if span in self._values:
            value = self._values[span]
            if _texts_at_depth(words, 0).count("not") == 0:
                return value
            if isinstance(value, bool):  # `"x" is not on`
                return not value
        for operator in ("==", "!="):
            left, right = _compared(self._text, words, operator)
            if left and right:
                is_same = self._operand(left) == self._operand(right)
                return is_same if operator == "==" else not is_same
        raise Refused("what is done with it in a condition is not understood")

    def _operand(self, words: Words) -> object:
        span = (words[0].start, words[-1].end)
        if span in self._values:
            return self._values[span]
        try:
            return literal_eval(" ".join(_CONSTANTS.get(word.text, word.text) for word in words))
        except (SyntaxError, ValueError):
            raise Refused("it is compared with something that is not written out here") from None


def _knows(words: Words, values: Values) -> bool:
    return any(_contains(words, span) for span in values)


def _text(text: str, words: Words) -> str:
    return text[words[0].start : words[-1].end] if words else ""


def _depths(words: Words) -> Iterator[tuple[int, Word, int]]:
    """Each word, its index and how many brackets it stands in; brackets stand in themselves."""
    depth = 0
    for index, word in enumerate(words):
        depth += word.text in "([{"
        yield index, word, depth
        depth -= word.text in ")]}"


def _texts_at_depth(words: Words, wanted: int) -> list[str]:
    return [word.text for _, word, depth in _depths(words) if depth == wanted]


def _split(words: Words, separator: str) -> list[Words]:
    """The parts between words that stand in no brackets."""
    found: list[Words] = []
    last = 0
    for index, word, depth in _depths(words):
        if depth == 0 and word.text == separator:
            found.append(words[last:index])
            last = index + 1
    found.append(words[last:])
    return found


def _is_compound(words: Words) -> bool:
    return not {"and", "or", "if"}.isdisjoint(_texts_at_depth(words, 0))


def _is_group(words: Words) -> bool:
    """Whether all is in one pair of parentheses; a tuple is none."""
    if len(words) < 3 or words[0].text != "(" or words[-1].text != ")" or "," in _texts_at_depth(words, 1):
        return False
    return all(depth > 0 for _, _, depth in _depths(words))


def _compared(text: str, words: Words, operator: str) -> tuple[Words, Words]:
    for index, word, depth in _depths(words[:-1]):
        if depth == 0 and text[word.start : words[index + 1].end] == operator:
            return words[:index], words[index + 2 :]
    return (), ()


def _calls(words: Words) -> bool:
    """Whether something is called."""
    return any(word.text == "(" and _is_callee(words[:index]) for index, word in enumerate(words))


def _is_callee(before: Words) -> bool:
    """Whether a parenthesis behind these words is that of a call."""
    return bool(before) and before[-1].text not in _OPERATORS and re.search(r"[\w)\]]\Z", before[-1].text) is not None


def _around(words: Words, site: Span, *, is_value: bool) -> Iterator[Words]:
    """The operands that a site stands in, between brackets and commas; the innermost comes first."""
    opened: list[int] = []
    for index, word in enumerate(words):
        if word.text in "([{":
            opened.append(index)
        elif word.text in ")]}" and opened:
            inside = words[opened.pop() + 1 : index]
            yield from (each for each in _split(inside, ",") if _contains(each, site))
    if is_value:
        yield from (each for each in _split(words, ",") if _contains(each, site))


def _contains(words: Words, site: Span) -> bool:
    return bool(words) and words[0].start <= site[0] and site[1] <= words[-1].end


def _conditional(words: Words, site: Span) -> tuple[Words, Words, Words] | None:
    """What a conditional expression gives, the condition that the site is in, and what it gives else."""
    if len(words) > 2 and words[1].text in ("=", ":") and words[2].text != "=":  # a keyword, or the key of an item
        words = words[2:]
    places = {word.text: index for index, word, depth in reversed([*_depths(words)]) if depth == 0}
    if (middle := places.get("if", 0)) == 0 or ":" in places:
        return None
    last = places.get("else", len(words))
    condition, negative = words[middle + 1 : last], words[last + 1 :]
    if _contains(condition, site):
        return words[:middle], condition, negative
    return _conditional(negative, site) if _contains(negative, site) else None


def _without_parentheses(words: Words, span: Span) -> Span:
    """The span with the parentheses around it, where these only hold it together."""
    first = next(index for index, word in enumerate(words) if word.start == span[0])
    last = next(index for index, word in enumerate(words) if word.end == span[1])
    around = [word.text for word in (*words[max(first - 1, 0) : first], *words[last + 1 : last + 2])]
    is_followed = any(word.text.startswith((".", "[", "(")) for word in words[last + 2 : last + 3])
    if around != ["(", ")"] or is_followed or _is_callee(words[: first - 1]):
        return span
    return words[first - 1].start, words[last + 1].end
