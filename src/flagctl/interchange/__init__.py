"""Definitions from and for other tools: plain data in, plain data out.

A format is one file and one entry below. A writer gets whole flags and says of each what it has no room for; a reader
says of each flag what it understood, and what it had to leave behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flagctl.interchange import flagd, launchdarkly, openfeature, own, unleash
from flagctl.interchange.exchanged import Foreign, Given, Read, Written
from flagctl.interchange.node import Node, ShapeError

__all__ = ["READERS", "WRITERS", "Foreign", "Given", "Node", "Read", "ShapeError", "Written"]

WRITERS: Mapping[str, Callable[[Sequence[Given]], Written]] = {
    "openfeature": openfeature.write,
    "flagd": flagd.write,
    "json": own.write,
}
"""A document of flags, by the name of the format."""

READERS: Mapping[str, Callable[[Node, str], Read]] = {
    "openfeature": openfeature.read,
    "flagd": flagd.read,
    "json": own.read,
    "unleash": unleash.read,
    "launchdarkly": launchdarkly.read,
}
"""The flags of a document, by the name of the format; where a format knows one environment only, it is the one named.

Raises:
    ShapeError: the document is not of this format.
"""
