"""Our own toggles: a percentage per key in the database, cached for a minute."""

import zlib

from django.core.cache import cache
from django.db import connection


def ask(key: str, default: bool = False, *, visitor: str = "") -> bool:
    """Whether the toggle is on for this visitor; `default` where the database does not know the key."""
    percent = percentages().get(key)
    if percent is None:
        return default
    return zlib.crc32(f"{key}:{visitor}".encode()) % 100 < percent


def percentages() -> dict[str, int]:
    return cache.get_or_set("toggle-percentages", load, timeout=60)


def load() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, percent FROM toggles")
        return dict(cursor.fetchall())
