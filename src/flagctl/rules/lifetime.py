"""FLG1xx: is the flag still within the time that it was given?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from flagctl.model import Finding, Flag, Severity, Snapshot
from flagctl.rules.rollout import Standing, is_running, percent_of, standing
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
            removal = f"take it out of the code (`{_removal(flag)}`)"
            hint = f"{removal}, or move `expires` and give the reason under `extensions`"
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
                hint = "plan its removal, or move `expires` and give the reason under `extensions`"
                yield self.finding(flag.key, flag.at("expires"), f"expires on {flag.expires} (in {days(left)})", hint)


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


class ReadyForRemoval(Rule):
    """A flag that is decided, or that has served all or nobody for `thresholds.ready` days, and that is not to stay.

    A decision to extend is none, and one older than `thresholds.removal` days is a matter of
    [FLG110](#flg110-removal-overdue). Since when a rollout has stood at 0% or 100% is known from git. An experiment
    whose window has not ended is left alone.

    Why: the question is answered. From now on the flag only costs: a branch that nobody may take, a test that nobody
    needs, a switch that somebody may throw.

    What to do: `flagctl remove KEY` writes the patch; the decision says what it keeps, or else `--keep` does.
    """

    code = "FLG105"
    name = "ready-for-removal"
    severity = Severity.WARNING
    reads_history = True
    fires = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            decision: {outcome: ship, keep: on, date: 2026-06-10, by: "@acme/payments", rationale: More orders}
        """
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            decision: {outcome: extend, date: 2026-06-10, by: "@acme/payments", rationale: Half the sample is missing}
        """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, decided in _decided(snapshot.flags):
            if decided is None or (snapshot.today - decided).days <= snapshot.thresholds.removal:
                when = f" since {decided}" if decided else ""
                message = f"is ready to be removed: it is decided{when}"
                yield self.finding(flag.key, flag.at("@decision"), message, _removal(flag))
        for flag in snapshot.flags:
            stands = None if _is_decided(flag) or flag.is_standing else standing(flag, snapshot)
            if stands is None or stands.percent not in (0, 100) or is_running(flag, snapshot.today):
                continue
            if (snapshot.today - stands.since).days >= snapshot.thresholds.ready:
                since = f"since {stands.since}" if stands.is_exact else f"since {stands.since} or longer"
                message = f"is ready to be removed: at {stands.percent:g}% of {snapshot.environment} {since}"
                hint = f"flagctl remove {flag.key} --keep {_kept(flag, stands)}"
                yield self.finding(flag.key, percent_of(flag, snapshot), message, hint)


class TargetingUnreviewed(Rule):
    """A segment that is treated apart without a question, or that was to be reviewed by now.

    Why: an exception without a question is never answered. Segments pile up until nobody can say who sees what.

    What to do: write down the question, or serve the segment what all others get.
    """

    code = "FLG108"
    name = "targeting-unreviewed"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\ntargeting:\n  - {segment: enterprise, review_by: 2026-09-01}\n"
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            targeting:
              - {segment: enterprise, question: Do large accounts complete checkout?, review_by: 2026-09-01}
        """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            for index, each in enumerate(flag.targeting):
                at = f"targeting.{index}"
                if each.question is None:
                    message = f"treats {each.segment} apart without a question"
                    yield self.finding(flag.key, flag.at(at), message, "add a `question`, or drop the segment")
                elif each.review_by is not None and each.review_by <= snapshot.today:
                    ago = _ago(snapshot.today - each.review_by)
                    message = f"was to be reviewed for {each.segment} by {each.review_by} ({ago})"
                    hint = "answer its question and drop the segment, or set the next `review_by`"
                    yield self.finding(flag.key, flag.at(f"{at}.review_by"), message, hint)


class ExtendedTooOften(Rule):
    """A flag whose expiry was moved more than `thresholds.max_extensions` times, or once without a reason.

    Why: whoever moves a date three times does not plan to keep it.

    What to do: remove the flag, or say what it really is: a standing flag that is
    reviewed (`expected_end_state: keep`).
    """

    code = "FLG109"
    name = "extended-too-often"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nextensions:\n  - {from: 2026-04-11, to: 2026-05-01}\n"}
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            extensions:
              - {from: 2026-04-11, to: 2026-05-01, by: "@acme/payments", reason: Tax rules slipped a release}
        """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        limit = snapshot.thresholds.max_extensions
        for flag in snapshot.flags:
            if len(flag.extensions) > limit:
                message = f"was extended {len(flag.extensions)} times; {limit} are allowed"
                hint = "remove it, or let it stay: `expected_end_state: keep` with `review_by`"
                yield self.finding(flag.key, flag.at(f"extensions.{limit}"), message, hint)
            for index, each in enumerate(flag.extensions):
                if each.reason is None:
                    when = f" to {each.to}" if each.to else ""
                    message = f"was extended{when} without a reason"
                    yield self.finding(flag.key, flag.at(f"extensions.{index}"), message, "add its `reason`")


class RemovalOverdue(Rule):
    """A flag of which it was decided more than `thresholds.removal` days ago what stays, and that code still asks for.

    Why: the other side is dead, but it can still be switched on, and every change has to think of it.

    What to do: `flagctl remove KEY` writes the patch; the decision says what it keeps.
    """

    code = "FLG110"
    name = "removal-overdue"
    severity = Severity.ERROR
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\ndecision: {outcome: ship, keep: on, date: 2026-05-31}\n",
        "flagctl.toml": '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n',
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\ndecision: {outcome: ship, keep: on, date: 2026-06-01}\n",
        "flagctl.toml": '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n',
        "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag, decided in _decided(snapshot.flags):
            if decided is None or (snapshot.today - decided).days <= snapshot.thresholds.removal:
                continue
            uses = [each for each in snapshot.references_by_flag.get(flag.key, ()) if each.is_use]
            if uses:
                first = uses[0].location
                ago = _ago(snapshot.today - decided)
                message = f"was decided on {decided} ({ago}) and is still asked for: {first.path}:{first.line}"
                yield self.finding(flag.key, flag.at("@decision"), message, _removal(flag))


def _decided(flags: Iterable[Flag]) -> Iterator[tuple[Flag, date | None]]:
    """The flags of which it is decided what stays, and when; not those that are to stay themselves."""
    for flag in flags:
        if _is_decided(flag) and not flag.is_standing:
            yield flag, flag.decision.date if flag.decision else None


def _is_decided(flag: Flag) -> bool:
    return flag.decision is not None and flag.decision.outcome not in (None, "extend")


def _kept(flag: Flag, stands: Standing) -> str:
    """The value that everybody gets; all that it may be where that is not plain."""
    served = stands.serve or ("on" if set(flag.variants) == {"on", "off"} else None)
    others = [name for name in flag.variants if name != served]
    if served is not None and stands.percent == 100:
        return served
    return others[0] if served is not None and len(others) == 1 else "|".join(flag.variants)


def _removal(flag: Flag) -> str:
    kept = (flag.decision.keep if flag.decision else None) or flag.on_removal
    return f"flagctl remove {flag.key}" + ("" if kept else f" --keep {'|'.join(flag.variants)}")


def _promised_life(flag: Flag, today: date) -> tuple[date | None, date | None]:
    """From when to when a flag was promised to live; for one that stays, the time to its next review."""
    start = flag.adopted or flag.created
    if flag.is_standing:
        return (max(start, today) if start else None), flag.review_by
    promised = [each.from_ for each in flag.extensions if each.from_ is not None]
    return start, min(promised, default=flag.expires)


def _ago(span: timedelta) -> str:
    return "today" if span.days == 0 else f"{days(span.days)} ago"
