"""What stays of a flag that goes."""

from __future__ import annotations

from dataclasses import dataclass

from flagctl.model import Flag


@dataclass(frozen=True, slots=True)
class Kept:
    """A flag that goes, and the variant of it that stays."""

    flag: Flag
    variant: str

    @property
    def value(self) -> object:
        """What the code gets to see of the variant."""
        return self.flag.variants[self.variant]
