"""This project's own flags: parts that are not ready for everybody are off unless `FLAGCTL_EXPERIMENTAL` names them."""

from __future__ import annotations

import os


def is_enabled(key: str) -> bool:
    """Whether the user asked for an experimental part, by its key in a comma-separated list."""
    return key in (each.strip() for each in os.environ.get("FLAGCTL_EXPERIMENTAL", "").split(","))
