"""A project that is scanned with a cache, again and again: a scan without one says what must come out."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from scan_cases import FLAGS, Flags, write_files

from flagctl.cache import Cache
from flagctl.config import find_config
from flagctl.scan import Scan, scan

CONFIG = """\
[[evaluation]]
call = "*request.feature"
key = 0
default = 1
"""
PAGE = 'def page(request):\n    return request.feature("new-checkout", False)\n'


class Cached:
    """A project in a folder, and a cache beside it."""

    def __init__(self, folder: Path, files: Mapping[str, str | bytes], config: str = CONFIG) -> None:
        self.root = folder / "project"
        self.file = folder / "cache" / "scan.sqlite"
        self.config = config
        self.write(files)

    def write(self, files: Mapping[str, str | bytes]) -> None:
        write_files(self.root, files, self.config)

    def scan(self, flags: Flags = FLAGS) -> Scan:
        """Scans with the cache; the result is that of a scan without one."""
        found = self.with_cache(flags)
        assert found == self._scan(flags, None)
        return found

    def with_cache(self, flags: Flags = FLAGS) -> Scan:
        return self._scan(flags, self.file)

    def _scan(self, flags: Flags, cache_file: Path | None) -> Scan:
        declared = dict(flags) if isinstance(flags, Mapping) else {name: name for name in flags}
        return scan(find_config(self.root), declared, ["flagctl.toml"], lambda done, total: None, Cache(cache_file))

    def git(self, *arguments: str) -> None:
        command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
        subprocess.run(command, cwd=self.root, check=True, capture_output=True)


def flags_of(found: Scan) -> list[tuple[str, str | None]]:
    """The path and the flag of every evaluation."""
    return [(each.location.path, each.flag) for each in found.references if each.role == "evaluation"]
