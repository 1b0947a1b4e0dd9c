"""FLG9xx: is what silences flagctl still needed?"""

from __future__ import annotations

from collections.abc import Iterator

from flagctl.model import Finding, Severity, Snapshot
from flagctl.rules.rule import Rule


class UnusedSuppression(Rule):
    """An ignore comment that hides nothing, names no rule, or gives no reason; a baseline entry that hides nothing.

    Why: what outlives its finding will hide the next one, which nobody has looked at.

    What to do: delete the comment. An ignore comment is `# flagctl: ignore[FLG101] reason`, at the end of the line that
    a finding is at or on a line of its own above it; without codes or without a reason it hides nothing. To drop an
    entry of the baseline, run `flagctl audit --write-baseline` in the change that mends its finding: what is mended may
    not come back, and as long as the entry is there, it may. For CI to insist on this, make FLG901 an error under
    `[rules.severity]`. Comments and entries are judged only for rules that ran.
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
        for location, complaint in snapshot.stale_entries:
            yield self.finding(None, location, complaint, "run `flagctl audit --write-baseline`, or delete the entry")
