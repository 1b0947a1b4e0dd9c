"""FLG6xx: who may change the flag?"""

from __future__ import annotations

from collections.abc import Iterator

from flagctl.model import Finding, Severity, Snapshot
from flagctl.rules.rule import Rule, missing_field
from flagctl.rules.safety import is_sensitive

_SENSITIVE = """
    key: new-checkout
    impact: revenue
    consistency: strong
    refresh: push
    on_failure: fail-closed
    kill_switch: {kills_when: off, runbook: https://wiki.example.com/checkout, exercised: 2026-06-01}
"""


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
                    flag.key, flag.first, message, f"add to CODEOWNERS: /{path} {flag.owner or '@owner'}"
                )
