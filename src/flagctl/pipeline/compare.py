"""Which findings were there before: told by what they are about, not by where they stand.

What is there twice now and was there once is there once more. A finding is paired with the one that is most like it:
first with one of the same fingerprint, in the same file rather than in another; then, as code moves and is reworded,
with one by the same rule about the same flag. Files that are gone and files that are new may be the same, renamed;
and so may flags: the new one has the old key among its aliases.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from flagctl.fingerprint import subject
from flagctl.model import Finding, Flag
from flagctl.pipeline.judge import Judgement

_OF_SHAPE = "FLG001"
"""Of one definition there may be many, each about something else."""

IsFile = Callable[[str], bool]


def there_before(now: Judgement, before: Judgement, is_new: IsFile, is_gone: IsFile) -> set[Finding]:
    """The findings of `now` that were there `before`.

    What the baseline has is paired before what is alike and is not in it, so that it does not hide two.
    """
    left = [*sorted(now.kept, key=lambda each: each not in now.baselined)]
    old = before.kept
    found: set[Finding] = set()
    likenesses = _likenesses(now, is_new, {}), _likenesses(before, is_gone, _renamed(now.flags, before.flags))
    for ours, theirs in zip(*likenesses, strict=True):
        waiting: dict[Hashable, list[Finding]] = {}
        for each in old:
            if (key := theirs(each)) is not None:
                waiting.setdefault(key, []).append(each)
        paired: set[Finding] = set()
        for each in left:
            if (key := ours(each)) is not None and waiting.get(key):
                paired.add(waiting[key].pop(0))
                found.add(each)
        left = [each for each in left if each not in found]
        old = [each for each in old if each not in paired]
    return found


def _renamed(now: Iterable[Flag], before: Iterable[Flag]) -> dict[str, str]:
    """The keys of flags that have another one now, with that."""
    now = [*now]
    gone = {flag.key for flag in before} - {flag.key for flag in now}
    return {alias: flag.key for flag in now for alias in flag.aliases if alias in gone}


Likeness = Callable[[Finding], Hashable | None]


def _likenesses(judgement: Judgement, is_moved: IsFile, keys: Mapping[str, str]) -> Sequence[Likeness]:
    """What findings of two runs must have in common to be the same, the strictest first; `None` for none.

    `keys` are those that flags have now.
    """
    known = judgement.fingerprints

    def about(each: Finding) -> tuple[str, str] | None:
        flag = each.flag and keys.get(each.flag, each.flag)
        return (each.code, flag) if flag is not None and each.code != _OF_SHAPE else None

    def place(each: Finding) -> str | None:
        return None if is_moved(each.location.path) else each.location.path

    return (
        lambda each: (subject(known[each]), each.location.path),
        lambda each: (subject(known[each]), place(each)),
        lambda each: subject(known[each]),
        lambda each: about(each) and (about(each), place(each)),
        about,
    )
