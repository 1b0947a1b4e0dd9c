"""FLG4xx: can the flag do harm, and what stands in its way?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flagctl.model import Finding, Flag, Kind, Reference, Severity, Snapshot
from flagctl.rules.rule import Rule, days, missing_field
from flagctl.spelling import closest

_SENSITIVE = ("revenue", "trust")


def is_sensitive(flag: Flag) -> bool:
    """Whether a mistake with the flag costs money or trust."""
    return flag.impact in _SENSITIVE


class SensitiveFlagUnprotected(Rule):
    """A flag with impact on revenue or trust that lacks strong consistency, push refresh or a failure mode.

    Why: when such a flag is switched off, it has to be off: at once, everywhere, and also while the control plane
    cannot be reached.

    What to do: state `consistency: strong`, `refresh: push` and `on_failure`, and see that the SDK is set up so.
    """

    code = "FLG401"
    name = "sensitive-flag-unprotected"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nimpact: revenue\nconsistency: eventual\nrefresh: poll\n"}
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            impact: revenue
            consistency: strong
            refresh: push
            on_failure: fail-closed
        """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in filter(is_sensitive, snapshot.flags):
            lacking = [
                line
                for line, is_met in (
                    ("consistency: strong", flag.consistency == "strong"),
                    ("refresh: push", flag.refresh == "push"),
                    ("on_failure: fail-closed, fail-open or last-known-good", flag.on_failure is not None),
                )
                if not is_met
            ]
            if lacking:
                wanted = " and ".join(line.partition(":")[0] for line in lacking)
                message = f"has impact on {flag.impact} and is not protected: {wanted}"
                yield self.finding(flag.key, flag.at("impact"), message, f"state {'; '.join(lacking)}")


class KillSwitchWithoutRunbook(Rule):
    """A kill switch with no runbook, or with one that is not there.

    Why: it is thrown at three in the morning by somebody who has never seen it. What else has to be done, and what is
    seen when it worked, must be written down.

    What to do: write the runbook and name it under `kill_switch.runbook`, as a path in the repository or a URL.
    """

    code = "FLG402"
    name = "kill-switch-without-runbook"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nkill_switch: {kills_when: off, exercised: 2026-06-01}\n"}
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            kill_switch: {kills_when: off, runbook: docs/checkout.md, exercised: 2026-06-01}
        """,
        "docs/checkout.md": "How to do without the new checkout.\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.kill_switch is None:
                continue
            runbook = flag.kill_switch.runbook
            if runbook is None:
                hint = "add `runbook`: what to do when it is thrown"
                yield self.finding(flag.key, flag.at("kill_switch"), "is a kill switch without a runbook", hint)
            elif runbook in snapshot.missing_files:
                message = f"has a runbook that is not there: {runbook}"
                hint = "write it, or correct the path: it counts from the root of the project"
                yield self.finding(flag.key, flag.at("kill_switch.runbook"), message, hint)


class DrillOverdue(Rule):
    """A kill switch that was never exercised, or not within `thresholds.drill` days.

    Why: a switch that is never thrown does not work on the day when it has to. Code has grown around it.

    What to do: throw it, on a quiet day and with the runbook in hand, and write the day under `kill_switch.exercised`.
    """

    code = "FLG403"
    name = "drill-overdue"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            kill_switch: {kills_when: off, runbook: docs/checkout.md, exercised: 2025-11-01}
        """,
        "docs/checkout.md": "How to do without the new checkout.\n",
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            kill_switch: {kills_when: off, runbook: docs/checkout.md, exercised: 2026-05-01}
        """,
        "docs/checkout.md": "How to do without the new checkout.\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            switch, limit = flag.kill_switch, snapshot.thresholds.drill
            if switch is None:
                continue
            hint = "throw it once with the runbook in hand, and set `exercised`"
            if switch.exercised is None:
                message = "is a kill switch that was never exercised"
                yield self.finding(flag.key, flag.at("kill_switch"), message, hint)
            elif (past := (snapshot.today - switch.exercised).days) > limit:
                message = f"was last exercised {days(past)} ago; a kill switch is to be every {days(limit)}"
                yield self.finding(flag.key, flag.at("kill_switch.exercised"), message, hint)


class DependencyUnavailable(Rule):
    """A flag that depends on one that has no definition, is archived or has expired.

    Why: what it builds on is going away, or is gone. The flag answers as if it were there.

    What to do: correct the key, drop the dependency, or keep what it depends on as long as the flag itself.
    """

    code = "FLG404"
    name = "dependency-unavailable"
    severity = Severity.ERROR
    fires = {"flags/new-checkout.yaml": "key: new-checkout\ndepends_on: [payments-v2]\n"}
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\ndepends_on: [payments-v2]\n",
        "flags/payments-v2.yaml": "key: payments-v2\nexpires: 2026-09-01\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        flags = {name: flag for flag in snapshot.flags for name in flag.names}
        for flag in snapshot.flags:
            for index, key in enumerate(flag.depends_on):
                found = flags.get(key)
                why = _unavailable(key, found, snapshot)
                if why is not None:
                    near = closest(key, flags) if found is None and key not in snapshot.archived else None
                    hint = f"did you mean {near}?" if near else "drop the dependency, or bring back what it needs"
                    yield self.finding(flag.key, flag.at(f"depends_on.{index}"), f"depends on {key}, which {why}", hint)


def _unavailable(key: str, flag: Flag | None, snapshot: Snapshot) -> str | None:
    """Why a flag cannot be depended on."""
    if flag is not None:
        is_over = flag.expires is not None and flag.expires <= snapshot.today
        return f"expired on {flag.expires}" if is_over else None
    if key in snapshot.archived:
        return "is archived"
    return None if key in snapshot.invalid_names else "has no definition"


class RolloutWithoutGates(Rule):
    """A rollout in stages that names no metric which must stay healthy.

    Why: going from 2% to 10% is a decision. Without a gate, the only thing that is watched is the calendar.

    What to do: name metrics under `rollout.gates`: what would tell you to stop.
    """

    code = "FLG405"
    name = "rollout-without-gates"
    severity = Severity.WARNING
    fires = {"flags/new-checkout.yaml": "key: new-checkout\nrollout: {plan: [0, 2, 10, 50, 100]}\n"}
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\nrollout: {plan: [0, 2, 10, 50, 100], gates: [error_rate]}\n",
        "flags/metrics.yaml": """
            north_star: error_rate
            metrics:
              error_rate:
                role: north_star
                owner: "@acme/data"
                event: request_failed
                aggregate: count
                unit: account
                goal: decrease
        """,
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            stages = [each for each in flag.rollout.plan if 0 < each < 100] if flag.rollout else []
            if stages and flag.rollout and not flag.rollout.gates:
                shown = ", ".join(f"{each:g}%" for each in stages)
                message = f"is rolled out in stages ({shown}) and no metric has to stay healthy"
                yield self.finding(flag.key, flag.at("rollout"), message, "add `gates`: metrics that tell you to stop")


class DependencyCycle(Rule):
    """Flags that depend on each other.

    Why: none of them can be switched on first, and none can be removed first.

    What to do: one of the dependencies is not real; drop it. Or the flags are one flag.
    """

    code = "FLG406"
    name = "dependency-cycle"
    severity = Severity.ERROR
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\ndepends_on: [payments-v2]\n",
        "flags/payments-v2.yaml": "key: payments-v2\ndepends_on: [new-checkout]\n",
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\ndepends_on: [payments-v2]\n",
        "flags/payments-v2.yaml": "key: payments-v2\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        flags = {name: flag for flag in reversed(snapshot.flags) for name in flag.names}
        needs = {
            flag.key: list(dict.fromkeys(flags[name].key for name in flag.depends_on if name in flags))
            for flag in snapshot.flags
        }
        for key, index, circle in _cycles(needs):
            flag = flags[key]
            at = next(
                n for n, name in enumerate(flag.depends_on) if name in flags and flags[name].key == needs[key][index]
            )
            message = f"depends on itself: {' -> '.join([*circle, circle[0]])}"
            yield self.finding(key, flag.at(f"depends_on.{at}"), message, "drop one of these dependencies")


def _cycles(needs: Mapping[str, list[str]]) -> Iterator[tuple[str, int, list[str]]]:
    """One circle for each dependency that closes one, found depth first: who closes it, by which, and all on it."""
    done: set[str] = set()
    for start in needs:
        path: list[tuple[str, int]] = [(start, 0)] if start not in done else []
        while path:
            key, index = path.pop()
            if index == len(needs[key]):
                done.add(key)
                continue
            path.append((key, index + 1))
            following = needs[key][index]
            on_path = [each for each, _ in path]
            if following in on_path:
                yield key, index, on_path[on_path.index(following) :]
            elif following not in done:
                path.append((following, 0))


class RolloutExceedsDependency(Rule):
    """A flag that serves more users, in the environment that counts, than one that it depends on.

    Why: the users in between get the new behaviour without what it needs. What infrastructure provides has to lead
    the application that uses it.

    What to do: roll out what it depends on first, or take the flag back.
    """

    code = "FLG407"
    name = "rollout-exceeds-dependency"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            depends_on: [payments-v2]
            rollout: {environments: {production: {percent: 50}}}
        """,
        "flags/payments-v2.yaml": "key: payments-v2\nrollout: {environments: {production: {percent: 10}}}\n",
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            depends_on: [payments-v2]
            rollout: {environments: {production: {percent: 10}}}
        """,
        "flags/payments-v2.yaml": "key: payments-v2\nrollout: {environments: {production: {percent: 50}}}\n",
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        flags = {name: flag for flag in reversed(snapshot.flags) for name in flag.names}
        for flag in snapshot.flags:
            own = _served(flag, snapshot.environment)
            for key in flag.depends_on:
                other = _served(flags[key], snapshot.environment) if key in flags else None
                if own is None or other is None or own <= other:
                    continue
                is_upside_down = flag.layer == "application" and flags[key].layer == "infrastructure"
                rule = "; infrastructure has to lead" if is_upside_down else ""
                message = f"serves {own:g}% in {snapshot.environment}, and {key}, which it depends on, {other:g}%{rule}"
                at = flag.at(f"rollout.environments.{snapshot.environment}.percent")
                yield self.finding(flag.key, at, message, f"roll out {key} first")


def _served(flag: Flag, environment: str) -> float | None:
    """How many percent of the users of an environment a flag is on for."""
    found = flag.rollout.environments.get(environment) if flag.rollout else None
    if found is None or found.percent is None:
        return None
    return 0 if found.serve == "off" else found.percent


class SensitiveWithoutKillSwitch(Rule):
    """A flag with impact on revenue or trust, and no way to shut it off that is written down.

    Why: somebody has to know which value stops the harm, who may set it and what else has to be done.

    What to do: add `kill_switch` with `kills_when` and a `runbook`.
    """

    code = "FLG408"
    name = "sensitive-without-kill-switch"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            impact: trust
            consistency: strong
            refresh: push
            on_failure: fail-closed
        """
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            impact: trust
            consistency: strong
            refresh: push
            on_failure: fail-closed
            kill_switch: {kills_when: off, runbook: https://wiki.example.com/checkout, exercised: 2026-06-01}
        """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in filter(is_sensitive, snapshot.flags):
            if flag.kill_switch is None:
                message = f"has impact on {flag.impact} and no kill switch"
                yield missing_field(self, flag, message, "kill_switch: {kills_when: off, runbook: ...}")


class ProductionAhead(Rule):
    """A flag that serves more users in production than in another environment.

    Why: what production sees first, nobody has seen before.

    What to do: bring the other environment to where production is, or take production back.
    """

    code = "FLG409"
    name = "production-ahead"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            rollout: {environments: {staging: {percent: 0}, production: {percent: 50}}}
        """
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            rollout: {environments: {staging: {percent: 100}, production: {percent: 50}}}
        """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            own = _served(flag, snapshot.environment)
            for name in flag.rollout.environments if flag.rollout and own is not None else ():
                other = _served(flag, name)
                if name != snapshot.environment and own is not None and other is not None and own > other:
                    message = f"serves {own:g}% in {snapshot.environment} and only {other:g}% in {name}"
                    at = flag.at(f"rollout.environments.{snapshot.environment}.percent")
                    yield self.finding(flag.key, at, message, f"bring {name} to {own:g}% first")


class ClientOnlyGate(Rule):
    """A permission flag, or one with impact on revenue or trust, that only front-end code asks for.

    Why: whoever has the page can change it. What the client decides, the client may decide otherwise.

    What to do: ask for the flag where the work is done, too.
    """

    code = "FLG410"
    name = "client-only-gate"
    severity = Severity.WARNING
    reads_code = True
    fires = {
        "flags/bulk-export.yaml": "key: bulk-export\ntype: permission\n",
        "web/export.ts": 'if (flags.isEnabled("bulk-export")) { showExport() }\n',
    }
    silent = {
        "flags/bulk-export.yaml": "key: bulk-export\ntype: permission\n",
        "web/export.ts": 'if (flags.isEnabled("bulk-export")) { showExport() }\n',
        "flagctl.toml": '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n',
        "shop.py": 'def export(request):\n    return request.feature("bulk-export")\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            if flag.type != "permission" and not is_sensitive(flag):
                continue
            uses = [each for each in snapshot.references_by_flag.get(flag.key, ()) if each.is_use]
            if uses and all(map(_is_in_front, uses)):
                first = uses[0].location
                what = "is a permission" if flag.type == "permission" else f"has impact on {flag.impact}"
                message = f"{what}, and only the front end asks for it: {first.path}:{first.line}"
                hint = "ask for it on the server as well: whoever has the page can change it"
                yield self.finding(flag.key, flag.first, message, hint)


def _is_in_front(reference: Reference) -> bool:
    """Whether a browser or an app runs the code: not what the server puts into a page before it is sent."""
    return reference.kind is not Kind.TEMPLATE and reference.location.path.endswith(_FRONT_END)


_FRONT_END = (".cjs", ".dart", ".htm", ".html", ".js", ".jsx", ".mjs", ".svelte", ".swift", ".ts", ".tsx", ".vue")
