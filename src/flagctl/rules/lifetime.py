"""FLG1xx: is the flag still within the time that it was given?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

from flagctl.model import Finding, Flag, Severity, Snapshot
from flagctl.rules.rule import Rule, days


class Expired(Rule):
    """A flag whose `expires` has come. It is expired from that day on.

    Why: past its date a flag guards code that nobody tests both ways any more, and every reader still pays for it.

    What to do: take the flag out of the code. If it is really needed longer, move `expires` and say under `extensions`
    from when to when, who decided and why. Within `thresholds.grace` days the finding is a warning.
    """

    code = "FLG101"
    name = "expired"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nexpires: 2026-06-15\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\nexpires: 2026-06-16\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.expires is None or snapshot.today < flag.expires:
                continue
            message = f"expired on {flag.expires} ({_ago(snapshot.today - flag.expires)})"
            hint = "take it out of the code, or move `expires` and give the reason under `extensions`"
            found = self.finding(flag.key, flag.at("expires"), message, hint)
            in_grace = (snapshot.today - flag.expires).days < snapshot.thresholds.grace
            yield replace(found, severity=Severity.WARNING) if in_grace else found


class ExpiresSoon(Rule):
    """A flag that expires within `thresholds.expires_soon` days.

    Why: removal is work, and it is easier to plan than to catch up with.

    What to do: plan the removal, or decide now that the flag has to live longer.
    """

    code = "FLG102"
    name = "expires-soon"
    severity = Severity.INFO
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nexpires: 2026-06-25\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\nexpires: 2026-09-01\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.expires is None or not snapshot.today < flag.expires:
                continue
            left = (flag.expires - snapshot.today).days
            if left <= snapshot.thresholds.expires_soon:
                yield self.finding(flag.key, flag.at("expires"), f"expires on {flag.expires} (in {days(left)})")


class ReviewOverdue(Rule):
    """A standing flag whose `review_by` has come.

    Why: a flag that is meant to stay is right only as long as somebody looks whether it still is.

    What to do: review it, then set `review_by` to the next date, or plan its removal.
    """

    code = "FLG103"
    name = "review-overdue"
    severity = Severity.ERROR
    fires = {"flags/read-only.yaml": "key: read-only\nexpected_end_state: keep\nreview_by: 2026-06-01\n"}
    silent = {"flags/read-only.yaml": "key: read-only\nexpected_end_state: keep\nreview_by: 2026-12-01\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.review_by is not None and flag.review_by <= snapshot.today:
                message = f"was to be reviewed by {flag.review_by} ({_ago(snapshot.today - flag.review_by)})"
                hint = "review it and set the next `review_by`, or give it an `expires`"
                yield self.finding(flag.key, flag.at("review_by"), message, hint)


class LifetimeTooLong(Rule):
    """A flag that was promised a longer life than its type may have.

    It counts from `created` (or `adopted`) to the first expiry that was promised, so an extension is judged by its own
    rule. For a flag that stays, the next review may not be further away than that.

    Why: a date two years ahead is no date. Short lives keep the number of states that are really run small.

    What to do: promise an earlier day, or give the flag the type that it really has. The limits are in `[lifetime]`.
    """

    code = "FLG104"
    name = "lifetime-too-long"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": "key: new-checkout\ntype: release\ncreated: 2026-05-01\nexpires: 2026-12-01\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\ntype: release\ncreated: 2026-05-20\nexpires: 2026-06-25\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            start, end = _promised_life(flag, snapshot.today)
            limit = getattr(snapshot.lifetime, flag.type or "", None)
            if start is None or end is None or limit is None or (end - start).days <= limit:
                continue
            field = "review_by" if flag.is_standing else "expires"
            span = f"{days((end - start).days)}, from {start} to {end}"
            message = f"is given {span}; flags of type {flag.type} may have {limit}"
            yield self.finding(flag.key, flag.at(field), message, "promise an earlier day, or change `type`")


def _promised_life(flag: Flag, today: date) -> tuple[date | None, date | None]:
    """From when to when a flag was promised to live; for one that stays, the time to its next review."""
    start = flag.adopted or flag.created
    if flag.is_standing:
        return (max(start, today) if start else None), flag.review_by
    promised = [each.from_ for each in flag.extensions if each.from_ is not None]
    return start, min(promised, default=flag.expires)


def _ago(span: timedelta) -> str:
    return "today" if span.days == 0 else f"{days(span.days)} ago"
