"""What is said of a removal: names and counts for whoever runs it, a whole text for whoever reviews it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from flagctl.pipeline.removal import Patch
from flagctl.removal import Kept
from flagctl.report import inert
from flagctl.report.words import count, place

_MAX_MENTIONS = 50


def dropped_names(patch: Patch) -> Iterator[str]:
    """What goes with the flags, one line a file: `shop/keys.py: drops NEW_CHECKOUT, import flags`."""
    for path, each in sorted(patch.dropped.items()):
        names = [*each.definitions, *(f"import {name}" for name in each.imports)]
        yield f"{path}: drops {', '.join(names)}"


def mentions(patch: Patch) -> Iterator[str]:
    """Where the flags are still spoken of, or what they decided is asked for; a long list is cut."""
    for each in patch.removal.handed:
        yield f"{place(each.location)}: asks for {each.name}, which is always {each.value!r} now"
    told = {each.location for each in patch.removal.handed}
    found = [each for each in patch.removal.mentions if each not in told]
    yield from (f"{place(each)}: still mentions it" for each in found[:_MAX_MENTIONS])
    if more := found[_MAX_MENTIONS:]:
        yield f"and {count(len(more), 'place')} more that mention it; flagctl refs shows them"


def refusals(patch: Patch) -> Iterator[str]:
    """What is left as it is, and why."""
    for each in sorted(patch.removal.refusals):
        yield f"{place(each.location)}: left as it is: {each.reason}"


def tally(patch: Patch) -> str:
    """`1 evaluation replaced, 5 lines fewer in 1 file, 1 import dropped, 0 places left for you`."""
    names = sum(len(each.definitions) for each in patch.dropped.values())
    imports = sum(len(each.imports) for each in patch.dropped.values())
    goes = " and ".join(count(number, noun) for noun, number in (("name", names), ("import", imports)) if number)
    parts = [
        f"{count(patch.removal.replaced, 'evaluation')} replaced",
        f"{count(patch.lines_fewer, 'line')} fewer in {count(patch.edited, 'file')}",
        f"{goes} dropped" if goes else None,
        f"{count(len(patch.removal.tests), 'test')} deleted" if patch.removal.tests else None,
        f"{count(len(patch.archived), 'definition')} archived" if patch.archived else None,
        f"{count(len(patch.removal.refusals), 'place')} left for you",
    ]
    return ", ".join(part for part in parts if part)


def message(patch: Patch) -> str:
    """A commit message that is the whole text of a pull request, in Markdown.

    It has no headings: git takes lines that begin with # for comments when somebody edits it.
    """
    removal = patch.removal
    sections = {
        "What was done": [tally(patch)],
        "What nothing uses any more": [*dropped_names(patch)],
        "Tests deleted, as they spoke for what is gone": removal.tests,
        "Tests that no longer force what is gone, and stay": removal.kept_tests,
        "To look at": [*refusals(patch), *mentions(patch)],
    }
    listed = (f"**{title}**\n\n{_items(lines)}" for title, lines in sections.items() if lines)
    return "\n\n".join([subject(patch), *map(_about, patch.kept), *listed]) + "\n"


def subject(patch: Patch) -> str:
    """`Remove the flag new-checkout (on is kept)`."""
    names = [f"{each.flag.key} ({each.variant} is kept)" for each in patch.kept]
    return inert(f"Remove the {'flag' if len(names) == 1 else 'flags'} {', '.join(names)}")


def _about(kept: Kept) -> str:
    """What the flag was, and why it goes."""
    flag = kept.flag
    title = f"`{inert(flag.key)}`{f': {_line(flag.description)}' if flag.description else ''}"
    facts: dict[str, object] = {
        "Reason": flag.reason,
        "Type": flag.type,
        "Owner": flag.owner,
        "Created": flag.created,
        "Expires": flag.expires,
        "Tracking": flag.tracking,
    }
    if decision := flag.decision:
        facts |= {
            "Decision": ", ".join(str(each) for each in (decision.outcome, decision.date, decision.by) if each),
            "Rationale": decision.rationale,
            "Evidence": decision.evidence,
        }
    lines = [f"{name}: {value}" for name, value in facts.items() if value]
    return f"{title}\n\n{_items(lines)}" if lines else title


def _items(lines: Iterable[str]) -> str:
    return "\n".join(f"- {_line(line)}" for line in lines)


def _line(text: str) -> str:
    """Text from outside on one line, so that it cannot pass for another part of the message."""
    return inert(" ".join(text.split()))
