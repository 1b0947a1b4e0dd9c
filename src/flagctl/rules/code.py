"""FLG3xx: does the code ask for the flag in a way that works when it matters?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flagctl.model import Finding, Flag, Reference, Role, Severity, Snapshot
from flagctl.rules.rule import Rule

_HELPER = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\ndefault = 1\n'


class InconsistentDefault(Rule):
    """Places in the code fall back on different values for one flag.

    Why: while the control plane is away, one service goes this way and the next one that way: a state that nobody
    designed and nobody tested.

    What to do: choose one fallback. Where `on_failure` is stated, it says which.
    """

    code = "FLG301"
    name = "inconsistent-default"
    severity = Severity.WARNING
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "cart.py": 'def cart(request):\n    return request.feature("new-checkout", True)\n',
        "shop.py": 'def page(request):\n    return request.feature("new-checkout", False)\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\n",
        "flagctl.toml": _HELPER,
        "cart.py": 'def cart(request):\n    return request.feature("new-checkout", False)\n',
        "shop.py": 'def page(request):\n    return request.feature("new-checkout", False)\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            by_value: dict[str, list[Reference]] = {}
            for each, value in _fallbacks(flag, snapshot):
                by_value.setdefault(repr(value), []).append(each)
            if len(by_value) < 2:
                continue
            usual = max(by_value.values(), key=len)
            for places in by_value.values():
                for each in places if places is not usual else ():
                    other = usual[0]
                    where = f"{other.default} at {other.location.path}:{other.location.line}"
                    message = f"falls back on {each.default} here, and on {where}"
                    yield self.finding(flag.key, each.location, message, "choose one fallback for all places")


class DefaultAgainstPolicy(Rule):
    """A fallback that is not what the definition's `on_failure` says.

    `fail-closed` means off and `fail-open` on; of a kill switch that kills when it is on, the other way round.

    Why: the fallback is what users get while the control plane is away, which is when the policy matters.

    What to do: change the fallback in the code, or the policy.
    """

    code = "FLG302"
    name = "default-against-policy"
    severity = Severity.ERROR
    reads_code = True
    fires = {
        "flags/new-checkout.yaml": "key: new-checkout\non_failure: fail-closed\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout", True)\n',
    }
    silent = {
        "flags/new-checkout.yaml": "key: new-checkout\non_failure: fail-closed\n",
        "flagctl.toml": _HELPER,
        "shop.py": 'def page(request):\n    return request.feature("new-checkout", False)\n',
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for flag in snapshot.flags:
            wanted = _policy(flag)
            if wanted is None:
                continue
            for each, value in _fallbacks(flag, snapshot):
                if value not in (wanted, flag.variants[wanted]):
                    message = f"is to {_verb(flag)} and falls back on {each.default} here"
                    hint = f"fall back on {wanted}, or change `on_failure`"
                    yield self.finding(flag.key, each.location, message, hint)


def _policy(flag: Flag) -> str | None:
    """The variant that a flag has to fall back on."""
    if flag.on_failure not in ("fail-closed", "fail-open"):
        return None
    kills_when_on = flag.kill_switch is not None and flag.kill_switch.kills_when == "on"
    is_on = (flag.on_failure == "fail-open") is not kills_when_on
    wanted = "on" if is_on else "off"
    return wanted if wanted in flag.variants else None


def _verb(flag: Flag) -> str:
    return "fail open" if flag.on_failure == "fail-open" else "fail closed"


def _fallbacks(flag: Flag, snapshot: Snapshot) -> Iterator[tuple[Reference, object]]:
    """The fallbacks of a flag in code that is no test, as far as they are written out."""
    for each in snapshot.references_by_flag.get(flag.key, ()):
        if each.role is Role.EVALUATION and not each.in_tests and each.default is not None:
            try:
                value: object = ast.literal_eval(each.default)
            except (ValueError, SyntaxError, RecursionError, MemoryError):
                continue
            if isinstance(value, bool | int | float | str):
                yield each, value
