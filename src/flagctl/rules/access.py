"""FLG6xx: who may change the flag?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from flagctl.model import Finding, Severity, Snapshot
from flagctl.past import ChangeKind, Person, Step
from flagctl.rules.rollout import judged_steps, percent_of, who_and_when
from flagctl.rules.rule import ExampleCommit, Rule, missing_field
from flagctl.rules.safety import is_sensitive

_SENSITIVE = """
    key: new-checkout
    impact: revenue
    consistency: strong
    refresh: push
    on_failure: fail-closed
    kill_switch: {kills_when: off, runbook: https://wiki.example.com/checkout, exercised: 2026-06-01}
"""


_ROLLED_OUT = """
    key: new-checkout
    access: {toggle: ["@acme/oncall"]}
    rollout: {environments: {production: {percent: %s, serve: on}}}
"""
_BEGINNING = ExampleCommit(
    "2026-06-01",
    "Ann <ann@example.com>",
    "Add a flag",
    {
        "flags/new-checkout.yaml": _ROLLED_OUT % 0,
        "flagctl.toml": 'owners = "owners.yaml"\n',
        "owners.yaml": '"@acme/oncall": [ann@example.com]\n',
    },
)


class ChangeWithoutReason(Rule):
    """A change of what production serves, by a commit that does not say why.

    The latest change of every flag is judged, and with `--new-from` every one of the branch. The reason is a line of
    the commit's message, `Flag-Reason: ...`, or of the merge that brought the commit.

    Why: when something breaks at night, the first question is what was switched and why. Git can answer it, if it was
    told.

    What to do: amend the message before it is merged. Later on nobody can amend the past: say it with the next change,
    or hide the finding by an ignore comment with the reason.
    """

    code = "FLG601"
    name = "change-without-reason"
    severity = Severity.WARNING
    reads_history = True
    fires = (
        _BEGINNING,
        ExampleCommit(
            "2026-06-05", "Ann <ann@example.com>", "Go to 10%", {"flags/new-checkout.yaml": _ROLLED_OUT % 10}
        ),
    )
    silent = (
        _BEGINNING,
        ExampleCommit(
            "2026-06-05",
            "Ann <ann@example.com>",
            "Go to 10%\n\nFlag-Reason: two quiet days at 2%",
            {"flags/new-checkout.yaml": _ROLLED_OUT % 10},
        ),
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            for step in judged_steps(flag, snapshot):
                change = step.change
                if change.kind is ChangeKind.CHANGED and change.commit.reason is None and not change.is_cut:
                    message = f"was changed in {_what(step, snapshot)} without a reason: {who_and_when(step)}"
                    yield self.finding(flag.key, percent_of(flag, snapshot), message, _reason_hint(snapshot))


class ChangeNotAuthorised(Rule):
    """A change of what production serves, by somebody who may not make it, or without the approval that it needs.

    The same changes as by [FLG601](#flg601-change-without-reason), against `access` as it was before the change. The
    author must be among `toggle`; if there is `approve`, somebody else who is among those must have signed off by
    `Approved-by:` or `Reviewed-by:`, in the commit's message or in that of the merge. People are known by
    their commit email, or by their handle where the email is the forge's `...@users.noreply.github.com`; the owners
    file says who is in a team. Where it cannot be known who is meant, nothing is said.

    Why: a flag that matters should be switched by people who know what it does and are awake when it breaks.

    What to do: have it confirmed by those who may, or correct `access` and the owners file.
    """

    code = "FLG602"
    name = "change-not-authorised"
    severity = Severity.WARNING
    reads_history = True
    fires = (
        _BEGINNING,
        ExampleCommit(
            "2026-06-05",
            "Eve <eve@example.com>",
            "Go to 10%\n\nFlag-Reason: I could not wait",
            {"flags/new-checkout.yaml": _ROLLED_OUT % 10},
        ),
    )
    silent = (
        _BEGINNING,
        ExampleCommit(
            "2026-06-05",
            "Ann <ann@example.com>",
            "Go to 10%\n\nFlag-Reason: two quiet days at 2%",
            {"flags/new-checkout.yaml": _ROLLED_OUT % 10},
        ),
    )

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        teams = {team.casefold(): people for team, people in (snapshot.people or {}).items()}
        for flag in snapshot.flags:
            for step in judged_steps(flag, snapshot):
                complaints = () if step.change.is_cut else (_toggled(step, teams), _approved(step, teams))
                for complaint in filter(None, complaints):
                    message = f"was changed in {_what(step, snapshot)} {complaint}"
                    hint = "have it confirmed by those who may, or correct `access` or the owners file"
                    yield self.finding(flag.key, percent_of(flag, snapshot), message, hint)


class SensitiveFlagWithoutAccess(Rule):
    """A flag with impact on revenue or trust that does not say who may switch it.

    Why: what anybody may switch, somebody switches by mistake.

    What to do: name under `access` who may toggle the flag, and who has to approve.
    """

    code = "FLG603"
    name = "sensitive-flag-without-access"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": _SENSITIVE}
    silent = {"flags/new-checkout.yaml": f'{_SENSITIVE}    access: {{toggle: ["@acme/oncall"]}}\n'}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in filter(is_sensitive, snapshot.flags):
            if flag.access is None or not (flag.access.toggle or flag.access.approve):
                message = f"has impact on {flag.impact} and does not say who may switch it"
                yield missing_field(self, flag, message, 'access: {toggle: ["@your-org/your-team"]}')


class DefinitionUnprotected(Rule):
    """A flag with impact on revenue or trust whose definition CODEOWNERS gives to nobody.

    Why: the definition is what switches the flag, or says who may. A change to it has to be seen by its owner.

    What to do: add a line for the file or its folder to CODEOWNERS.
    """

    code = "FLG604"
    name = "definition-unprotected"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": _SENSITIVE, "CODEOWNERS": "/shop/ @acme/payments\n"}
    silent = {"flags/new-checkout.yaml": _SENSITIVE, "CODEOWNERS": "/flags/ @acme/payments\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in filter(is_sensitive, snapshot.flags):
            path = flag.first.path
            if path not in snapshot.protected:
                where = snapshot.code_owners or "there is no CODEOWNERS, which"
                message = f"has impact on {flag.impact}, and {where} gives {path} to nobody"
                yield self.finding(
                    flag.key,
                    flag.first,
                    message,
                    f"add to CODEOWNERS: /{snapshot.code_owners_folder}{path} {flag.owner or '@owner'}",
                )


Teams = Mapping[str, Iterable[str]]
"""The people of every team, by its name in lower case."""

_FORGES = re.compile(r"(?:\d+[+-])?(?P<handle>[\w.-]+)@users\.noreply\.[\w.-]+", re.I)
"""The addresses that GitHub and GitLab give to those who keep their own."""


def _what(step: Step, snapshot: Snapshot) -> str:
    """`production from 10% to 50%`."""
    percents = [None if each is None else f"{each:g}%" for each in (step.from_percent, step.to_percent)]
    values = percents if percents[0] != percents[1] else [step.from_serve, step.to_serve]
    before, after = (each or "nothing" for each in values)
    return f"{snapshot.environment} from {before} to {after}"


def _reason_hint(snapshot: Snapshot) -> str:
    line = "`Flag-Reason: ...`"
    if snapshot.judged_commits is None:
        return f"say why in the message of the next change, on a line {line}"
    return f"amend the commit's message: add a line {line}"


def _toggled(step: Step, teams: Teams) -> str | None:
    """What is wrong with whoever made a change."""
    allowed, author = _policy(step, "toggle"), step.change.commit.author
    if not allowed or _is_among(author, allowed, teams) is not False:
        return None
    return f"by somebody who is not in `access.toggle` ({', '.join(allowed)}): {who_and_when(step)}"


def _approved(step: Step, teams: Teams) -> str | None:
    """What is wrong with the approval of a change; nobody can approve their own."""
    allowed, commit = _policy(step, "approve"), step.change.commit
    people = [each for each in (*commit.approvers, *commit.reviewers) if not _is_same(each, commit.author)]
    verdicts = [_is_among(each, allowed, teams) for each in people]
    if not allowed or any(verdict is not False for verdict in verdicts):
        return None
    if not people and _is_among(commit.author, allowed, teams) is None:
        return None  # nobody knows who could have
    by = f"only by {', '.join(map(str, people))}" if people else "by nobody"
    return f"and approved {by}, not by `access.approve` ({', '.join(allowed)}): {who_and_when(step)}"


def _policy(step: Step, field: str) -> tuple[str, ...]:
    """Who might do something before a change; for a policy that came with it, since then."""
    has_policy = any(name.startswith("access.") for name in step.before)
    value = (step.before if has_policy else step.after).get(f"access.{field}", ())
    return value if isinstance(value, tuple) else (value,)


def _is_among(person: Person, allowed: Iterable[str], teams: Teams) -> bool | None:
    """Whether a person is one of those that are named, or in one of their teams; `None` where nobody can tell."""
    allowed = [*allowed]
    people = _people(allowed, teams)
    if any(_is_called(person, each) for each in people):
        return True
    is_known = all(not name.startswith("@") or name.casefold() in teams for name in allowed)
    return False if is_known and not any(name.startswith("@") and "/" in name for name in people) else None


def _people(names: Iterable[str], teams: Teams) -> set[str]:
    """Those who are named, and those who are in teams that are, or in teams of these; unknown teams as they are."""
    found: set[str] = set()
    waiting = [*names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += teams.get(name.casefold(), ())
    return {name for name in found if name.casefold() not in teams}


def _is_called(person: Person, name: str) -> bool:
    """Whether a name, a commit email or a handle, is a person's."""
    own = {person.name.casefold().lstrip("@"), person.email.casefold()} - {""}
    if found := _FORGES.fullmatch(person.email):
        own.add(found["handle"].casefold())
    return name.casefold().lstrip("@") in own


def _is_same(one: Person, other: Person) -> bool:
    return _is_called(one, other.email) or _is_called(one, other.name)
