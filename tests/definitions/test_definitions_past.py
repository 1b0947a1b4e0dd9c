"""Definitions as they once were: what is read of a content, document by document."""

from __future__ import annotations

import pytest

from flagctl.definitions.past import past_definitions


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("key: a\n", {"a": 1}),
        ("\ufeffkey: a\r\nowner: x\r\n---\r\nkey: b\r\n", {"a": 2, "b": 1}),
        ("key: a\n--- {key: b, owner: x}\n---\n# nothing\n", {"a": 1, "b": 2}),
        ("key: a\n---a: 1\n", {"a": 2}),
        ("key: a\ntext: |\n  x\n  ---\n", {"a": 2}),
        ("key: a\ntext: 'x\n---\nkey: b'\n", None),
        ("key: a\n---\nkey: a\nowner: x\n", {"a": 2}),
        ("key: a\n...\n%YAML 1.2\n---\nkey: b\n", {"a": 1, "b": 1}),
        ("key: &x a\n---\nkey: *x\n", None),
        ("key: a\n---\n<<<<<<< HEAD\nkey: b\n", None),
        ("- 1\n---\nkey: [a]\n---\nkey: b\n", {"b": 1}),
    ],
)
def test_documents(text: str, expected: dict[str, int] | None) -> None:
    """The keys, each with the number of its fields."""
    found = past_definitions(text.encode())
    assert (found if found is None else {key: len(state) for key, state in found.items()}) == expected


def test_what_is_not_utf_8() -> None:
    assert past_definitions("key: a\n".encode("utf-16")) is None
