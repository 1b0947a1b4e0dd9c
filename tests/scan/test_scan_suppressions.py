"""The ignore comments that a scan brings home."""

from __future__ import annotations

from pathlib import Path

import pytest
from scan_cases import scan_files

from flagctl.model import Location, Suppression


def test_ignore_comments_of_a_source(tmp_path: Path) -> None:
    source = """
        def f():
            call()  # flagctl: ignore[FLG301] é one

            # flagctl: ignore[FLG302, FLG303] two
            # a comment between

            call('''
                # flagctl: ignore[FLG304] no comment
            ''')
            # flagctl: ignore
        x = "# flagctl: ignore[FLG305] no comment"
        """
    found = scan_files(tmp_path, {"app.py": source, "a.md": source})
    assert sorted(found.suppressions, key=lambda each: each.location) == [
        Suppression(Location("app.py", 2, 13, 2, 44), ("FLG301",), "é one", range(2, 3)),
        Suppression(Location("app.py", 4, 5, 4, 42), ("FLG302", "FLG303"), "two", range(7, 8)),
        Suppression(Location("app.py", 10, 5, 10, 22), (), "", range(11, 12)),
    ]


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_ignore_comments_whatever_the_line_ends(tmp_path: Path, newline: str) -> None:
    source = "# flagctl: ignore[FLG301] one\n\ncall()\n".replace("\n", newline).encode()
    [found] = scan_files(tmp_path, {"app.py": source}).suppressions
    assert (found.reason, found.lines) == ("one", range(3, 4))
