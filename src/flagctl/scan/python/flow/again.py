"""Where a flag is meant to be asked again: after a wait, for another tenant, on each turn of a loop without end."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from flagctl.scan.python.flow.questions import below, code
from flagctl.scan.python.nodes import last_name

_RENEWS = re.compile(
    r"_?(?:sleep|wait|refresh|reload|reset|invalidate|sync(?!_to_)|clear|cache_clear|acquire"  # others may switch it
    r"|(?:de)?activate|enable|disable|toggle|override|set_flag|update_flag"  # this switches it
    r"|login|logout|identify|impersonate|(?:set|use|switch|push|bind)_(?:\w+_)?(?:tenant|schema|user|account|org|site))"
    r"(?:_|$)"
)
"""Functions after which a flag is meant to be asked again."""
_SURROUNDS = re.compile(
    r"(?:^|_)(?:tenant|schema|user|account|org|organization|site|locale|flag|app|request)s?_(?:context|scope|as)$"
    r"|(?:^|_)(?:override|impersonate|using)(?:_|$)"
)
"""What a `with` is entered for that asks for someone else inside it."""
_LOCKS = re.compile(r"(?:^|_)(?:lock|locked|mutex|semaphore)(?:_|$)", re.IGNORECASE)
"""What a `with` may have to wait for before it is entered."""
_WAITS = re.compile(r"(?:accept|consume|get|join|listen|poll|read|receive|recv|refresh|reload|sleep|wait)$")
"""Functions that wait, in a loop that runs until something is so."""
_STREAMS = ("consumer", "listen", "message", "poll", "queue", "stdin", "stream", "subscri", "watch")
"""Words in what is looped over and does not end."""
_UNENDING = frozenset(["count", "cycle", "iter", "repeat"])
"""Functions that give what does not end."""


def renews(node: cst.CSTNode) -> bool:
    """Whether a flag that was asked before an expression is meant to be asked again after it."""
    match node:
        case cst.Call(func=func):
            return _RENEWS.match(last_name(func) or "") is not None
    return isinstance(node, cst.Yield)  # whoever goes on with the generator does so when they like


def surrounds(node: cst.With) -> bool:
    """Whether a flag is asked for someone else inside a `with`."""
    return any(map(_SURROUNDS.search, _entered(node)))


def locks(node: cst.With) -> bool:
    """Whether a `with` may have to wait: what was asked before it is meant to be asked again inside it."""
    return any(map(_LOCKS.search, _entered(node)))


def _entered(node: cst.With) -> Iterator[str]:
    for each in node.items:
        yield last_name(each.item.func if isinstance(each.item, cst.Call) else each.item) or ""


def is_unending(node: cst.For) -> bool:
    """Whether a loop runs as long as the program does, or over something that comes bit by bit."""
    words = code(node.iter).lower()
    made_by = last_name(node.iter.func) if isinstance(node.iter, cst.Call) else None
    return node.asynchronous is not None or made_by in _UNENDING or any(word in words for word in _STREAMS)


def asks_anew(node: cst.For | cst.While) -> bool:
    """Whether something in the body of a loop has its flags asked again on the next turn."""
    inside = below(node.body)
    return any(surrounds(each) if isinstance(each, cst.With) else _renews_turn(each) for each in inside)


def _renews_turn(node: cst.CSTNode) -> bool:
    return not isinstance(node, cst.Yield) and renews(node)


def waits(node: cst.While) -> bool:
    """Whether a loop waits for something."""
    called = (last_name(each.func) or "" for each in below(node) if isinstance(each, cst.Call))
    return any(map(_WAITS.match, called))
