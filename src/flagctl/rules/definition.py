"""FLG0xx: is the definition there, whole and well named?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from flagctl.config import DEFAULT_KEY_PATTERN
from flagctl.model import Edit, Finding, Flag, Location, Severity, Snapshot
from flagctl.rules.rule import Rule, added_field, missing_field
from flagctl.spelling import closest, one_edit_apart


class InvalidDefinition(Rule):
    """A definition file that is not YAML, or a definition or a metric tree that does not fit its schema.

    Why: a misspelt field is a field that is not there. `expries: 2026-05-01` would never expire.

    What to do: mend what the message names. Until then the definition is passed over: no other rule judges it, though
    its key counts as declared. By a metric tree with a problem no rule judges anything.
    """

    code = "FLG001"
    name = "invalid-definition"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nexpries: 2026-08-01\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\nexpires: 2026-08-01\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for problem in snapshot.problems:
            yield self.finding(
                problem.flag, problem.location, _as_sentence(problem.message, problem.flag), problem.hint
            )


def _as_sentence(message: str, flag: str | None) -> str:
    return message if flag is None else f"is not valid: {message}"


class DuplicateKey(Rule):
    """Two definitions with one key, or an alias that is the key or the alias of another flag.

    Why: code asks for a key. If two definitions answer, nobody knows whose owner, expiry and policy hold.

    What to do: merge the definitions, or rename one of the flags.
    """

    code = "FLG002"
    name = "duplicate-key"
    severity = Severity.ERROR
    fires = {
        "flags/a.yaml": "key: new-checkout\n",
        "flags/b.yaml": "key: one-page-checkout\naliases: [new-checkout]\n",
    }
    silent = {
        "flags/a.yaml": "key: new-checkout\n",
        "flags/b.yaml": "key: one-page-checkout\naliases: [onePageCheckout]\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        first: dict[str, Flag] = {}
        for flag in snapshot.flags:
            for index, name in enumerate(flag.names):
                other = first.setdefault(name, flag)
                if other is flag:
                    continue
                what = "has a key" if index == 0 else f'has an alias "{name}"'
                where = flag.at("key" if index == 0 else f"aliases.{index - 1}")
                place = f"{other.first.path}:{other.first.line}"
                yield self.finding(flag.key, where, f"{what} that is taken: see {place}", "merge the two or rename one")


class MissingOwner(Rule):
    """A flag without an owner.

    Why: somebody has to decide when the flag goes, and to be asked when it breaks. A flag of nobody is never removed.

    What to do: name one accountable team or person. Where CODEOWNERS gives the file to exactly one, by whichever line,
    `flagctl audit --fix` adds it; of several it chooses none. If a line for everything (`*`) names somebody who does
    not decide about flags, give the folder of the definitions a line of its own.
    """

    code = "FLG003"
    name = "missing-owner"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\n"}
    silent = {"flags/new-checkout.yaml": 'key: new-checkout\nowner: "@acme/payments"\n'}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.owner is None:
                owners = snapshot.protected.get(flag.first.path, ())
                only = only_owner(owners)
                fix = added_field(flag, "owner", f'"{only}"') if only else None
                yield replace(missing_field(self, flag, "has no owner", _owner_line(owners, only, fix)), fix=fix)


_PERSON_OR_TEAM = re.compile(r"(?!@@)[\w.+-]*@[\w.+/-]+")
"""A handle or an email address, which is safe between quotes; `@@maintainer` is GitLab's for a role."""


def only_owner(owners: Sequence[str]) -> str | None:
    """Whom CODEOWNERS gives a file to, if it is exactly one."""
    return owners[0] if len(owners) == 1 and _PERSON_OR_TEAM.fullmatch(owners[0]) else None


def _owner_line(owners: Sequence[str], only: str | None, fix: Edit | None) -> str:
    """What to add to a definition whose file CODEOWNERS gives to these."""
    if only:
        return f'owner: "{only}", as CODEOWNERS has it' + (" (`flagctl audit --fix`)" if fix else "")
    several = " or ".join(f'"{each}"' for each in owners) if len(owners) > 1 else None
    return "owner: " + (several or '"@your-org/your-team"')


class UnknownOwner(Rule):
    """An owner whom neither CODEOWNERS nor the owners file names. Without either, nobody can tell.

    Why: the team was renamed or is gone, or the name is mistyped. The flag looks owned, and nobody is asked.

    What to do: correct the name, or add the team where the others are.
    """

    code = "FLG004"
    name = "unknown-owner"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": 'key: new-checkout\nowner: "@acme/paiments"\n',
        "CODEOWNERS": "* @acme/payments\n",
    }
    silent = {
        "flags/new-checkout.yaml": 'key: new-checkout\nowner: "@acme/payments"\n',
        "CODEOWNERS": "* @acme/payments\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        if snapshot.owners is None:
            return
        known = {name.casefold() for name in snapshot.owners}
        for flag in snapshot.flags:
            if flag.owner is not None and flag.owner.casefold() not in known:
                near = closest(flag.owner, snapshot.owners)
                hint = (
                    f"did you mean {near}?"
                    if near
                    else "correct it, or name the owner in CODEOWNERS or the owners file"
                )
                yield self.finding(flag.key, flag.at("owner"), f"has an owner whom nobody knows: {flag.owner}", hint)


class MissingExpiry(Rule):
    """A flag that nothing says the end of: no `expires`, or, for one that stays, no `review_by`.

    Why: flags are cheap to add and rarely removed. A date is what makes somebody look.

    What to do: promise a day. A flag that is meant to stay says `expected_end_state: keep` and when it is reviewed.
    """

    code = "FLG005"
    name = "missing-expiry"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nexpected_end_state: remove\n"}
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\nexpires: 2026-08-01\n",
        "flags/read-only.yaml": "key: read-only\nexpected_end_state: keep\nreview_by: 2026-11-01\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.is_standing and flag.review_by is None:
                yield missing_field(self, flag, "is meant to stay and has no review date", "review_by: YYYY-MM-DD")
            elif not flag.is_standing and flag.expires is None:
                yield missing_field(self, flag, "has no expiry", "expires: YYYY-MM-DD")


class MissingReason(Rule):
    """A flag that does not say why it is there.

    Why: a flag supports a decision. Without the question, nobody can tell that it has been answered.

    What to do: write the decision that this flag is to support, in a sentence.
    """

    code = "FLG006"
    name = "missing-reason"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\nreason: Cut the drop-off between cart and payment\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.reason is None:
                message = "has no reason: what decision does it support?"
                yield missing_field(self, flag, message, "reason: the decision that this flag supports")


class MissingType(Rule):
    """A flag without a type.

    Why: how long a flag may live, and what else it must say, depends on what it is for.

    What to do: `release` for code that is not ready, `experiment` for a measurement, `ops` for a switch that operators
    need, `permission` for what some customers may use.
    """

    code = "FLG007"
    name = "missing-type"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\ntype: release\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.type is None:
                yield missing_field(self, flag, "has no type", "type: release, experiment, ops or permission")


class MissingEndState(Rule):
    """A flag that does not say how it ends, or that is to stay without saying why.

    Why: what is not planned to go stays. Staying is a choice too, and it has a price at every reading of the code.

    What to do: `expected_end_state: remove` for most flags; `keep` with a `justification`; `configuration` for what is
    to become a setting.
    """

    code = "FLG008"
    name = "missing-end-state"
    severity = Severity.ERROR
    fires = {"flags/read-only.yaml": "key: read-only\nexpected_end_state: keep\n"}
    silent = {
        "flags/read-only.yaml": """
            key: read-only
            expected_end_state: keep
            justification: Operators turn it on during database failover
            """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.expected_end_state is None:
                line = "expected_end_state: remove, keep or configuration"
                yield missing_field(self, flag, "has no expected end state", line)
            elif flag.is_standing and flag.justification is None:
                hint = f"add to {flag.first.path}: justification: why it cannot go"
                yield self.finding(flag.key, flag.at("expected_end_state"), "is to stay without justification", hint)


_NEGATIVE = {"deactivate", "disable", "disabled", "hide", "no", "not", "prevent", "suppress", "without"}


class BadKeyName(Rule):
    """A key that does not follow the configured `key_pattern`, or a negative name on a flag that is not ops.

    The default pattern is for projects that have no habit yet: where three flags in four, and at least five, are
    written otherwise, it says nothing.

    Why: one way of writing keys makes them findable. `if not disable_x` makes readers count negations, and sooner or
    later somebody turns the wrong thing off.

    What to do: rename the flag while it is young, and keep the old spelling under `aliases` as long as code uses it. A
    switch that operators throw to shut something off may be called by what it does.
    """

    code = "FLG009"
    name = "bad-key-name"
    severity = Severity.WARNING
    fires = {"flags/disable-guest-checkout.yaml": "key: disable-guest-checkout\ntype: release\n"}
    silent = {
        "flags/guest-checkout.yaml": "key: guest-checkout\ntype: release\n",
        "flags/disable-mail.yaml": "key: disable-mail\ntype: ops\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        unlike = unlike_pattern([flag.key for flag in snapshot.flags], snapshot.key_pattern)
        for flag in snapshot.flags:
            where = flag.at("key")
            if flag.key in unlike:
                message = f"does not match the key pattern {snapshot.key_pattern}"
                yield self.finding(flag.key, where, message, "rename it, or set key_pattern in the configuration")
            first_word = re.split(r"[-_.:/]", flag.key.lower())[0]
            if first_word in _NEGATIVE and flag.type != "ops":
                hint = "name the flag by what it turns on"
                yield self.finding(flag.key, where, f'has a negative name: it begins with "{first_word}"', hint)


def unlike_pattern(keys: Sequence[str], pattern: str) -> set[str]:
    """The keys that do not match a pattern; none where it is the default one, and most keys show another habit."""
    unlike = {key for key in keys if not re.search(pattern, key)}
    has_habit = pattern == DEFAULT_KEY_PATTERN and len(unlike) >= max(5, len(keys) * 3 / 4)
    return set() if has_habit else unlike


class ReusedKey(Rule):
    """A key, or an alias, of a flag that is gone: its tombstone lies in the archive.

    Why: old code and old clients may still ask for the old flag. They would get the new one.

    What to do: choose another key. If the flag never went, delete its tombstone.
    """

    code = "FLG010"
    name = "reused-key"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\n", "flags/archive/new-checkout.yaml": "key: new-checkout\n"}
    silent = {"flags/new-checkout.yaml": "key: new-checkout\n", "flags/archive/old-cart.yaml": "key: old-cart\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            for index, name in enumerate(flag.names):
                if (tombstone := snapshot.archived.get(name)) is not None:
                    what = "has the key" if index == 0 else f'has the alias "{name}"'
                    where = flag.at("key" if index == 0 else f"aliases.{index - 1}")
                    message = f"{what} of a flag that is gone: see {tombstone}"
                    yield self.finding(flag.key, where, message, "choose another: old clients may still ask for it")


class SimilarKey(Rule):
    """A key that is one edit away from another one, where the edit is not in a number.

    Why: `gift-card` and `gift-cards` get mixed up in code, in dashboards and at three in the morning.

    What to do: rename the younger one to what sets it apart. Numbered keys such as `checkout-v1` and `checkout-v2` are
    left alone.
    """

    code = "FLG011"
    name = "similar-key"
    severity = Severity.WARNING
    fires = {"flags/a.yaml": "key: gift-card\n", "flags/b.yaml": "key: gift-cards\n"}
    silent = {"flags/a.yaml": "key: checkout-v1\n", "flags/b.yaml": "key: checkout-v2\n"}

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        by_key = {flag.key: flag for flag in reversed(snapshot.flags)}
        for one, other in one_edit_apart(by_key):
            first, second = sorted((by_key[one], by_key[other]), key=_age)
            message = f"is one edit away from {first.key} ({first.first.path}:{first.first.line})"
            yield self.finding(second.key, second.at("key"), message, "rename one by what sets them apart")


def _age(flag: Flag) -> tuple[date, Location]:
    """Sorts the older flag first; of two born on one day, the one that is defined first."""
    return flag.created or date.min, flag.first


class MissingRemovalCriterion(Rule):
    """A flag that is to go, but nothing says when it may.

    Why: "when it is stable" is never. A criterion turns removal from an opinion into a check.

    What to do: write what has to be true, for instance `100% for 14 days with guardrails healthy`.
    """

    code = "FLG012"
    name = "missing-removal-criterion"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nexpected_end_state: remove\n"}
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\nremoval_criterion: 100% for 14 days\n",
        "flags/read-only.yaml": "key: read-only\nexpected_end_state: keep\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.removal_criterion is None and not flag.is_standing:
                yield missing_field(self, flag, "does not say when it may go", "removal_criterion: what has to be true")
