"""What a removal leaves to a human."""

from __future__ import annotations

from dataclasses import dataclass

from flagctl.model import Location


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """A place that was left as it is, and why."""

    location: Location
    reason: str


class Refused(Exception):  # noqa: N818 - a verdict, not a failure
    """Why an evaluation is left alone."""
