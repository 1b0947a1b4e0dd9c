"""FLG9xx: is what silences flagctl still needed?"""

from __future__ import annotations

from collections.abc import Iterator

from flagctl.model import Finding, Severity, Snapshot
from flagctl.rules.rule import Rule


class UnusedSuppression(Rule):
    """An ignore comment that hides nothing, names no rule, or gives no reason.

    Why: a comment that outlives its finding will hide the next one, which nobody has looked at.

    What to do: delete the comment. An ignore comment is `# flagctl: ignore[FLG101] reason`, at the end of the line that
    a finding is at or on a line of its own above it; without codes or without a reason it hides nothing. It is judged
    only for rules that ran.
    """

    code = "FLG901"
    name = "unused-suppression"
    severity = Severity.WARNING
    fires = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            expires: 2026-08-01  # flagctl: ignore[FLG101] waits for the tax rules
            """
    }
    silent = {
        "flags/new-checkout.yaml": """
            key: new-checkout
            expires: 2026-06-01  # flagctl: ignore[FLG101] waits for the tax rules
            """
    }

    def check(self, snapshot: Snapshot) -> Iterator[Finding]:
        for suppression, complaint in snapshot.idle_suppressions:
            yield self.finding(None, suppression.location, complaint, "delete the comment, or correct it")
