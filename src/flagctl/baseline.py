"""The baseline: what was found before, which is not reported again. It can only shrink, unless it is written anew.

A finding is known by its fingerprint, so the file has no line numbers. The message is not in it either: messages count
days, and speak of other places. The rest of an entry is for people who read the file.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from flagctl.fingerprint import subject
from flagctl.model import Finding, InputError, Location

USUAL_NAME = "flagctl-baseline.json"
"""Where it lies if nothing else is said."""

VERSION = 1

_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?=[ \r\n]|\Z)", re.M)
_GAP = re.compile(r"[ \t\r\n,:]*")
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "fingerprint": re.compile("[0-9a-f]{32}"),
    "code": re.compile("FLG[0-9]{3}"),
    "path": re.compile(".+", re.S),
}
"""The members of an entry that are read, and what they look like; `flag` may also be null."""

_ANEW = "delete the file and run `flagctl audit --write-baseline`"


@dataclass(frozen=True, slots=True)
class Entry:
    """What a file of version 1 says of one finding."""

    fingerprint: str
    code: str
    name: str
    flag: str | None
    path: str

    @classmethod
    def of(cls, finding: Finding, fingerprint: str) -> Entry:
        """The entry for a finding."""
        return cls(fingerprint, finding.code, finding.name, finding.flag, finding.location.path)

    @property
    def described(self) -> str:
        """What it is about, in a sentence."""
        return f"{self.code} {self.name} {f'of {self.flag}' if self.flag else f'in {self.path}'}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """Entries by their fingerprints, each with the place where it stands."""

    entries: Mapping[str, tuple[Entry, Location]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.entries)

    def matched(self, known: Mapping[Finding, str], kept: Iterable[Finding]) -> dict[Finding, str]:
        """The findings that it hides, each with the entry that does; `known` has the fingerprints.

        Of findings that are alike an entry hides the one in the file that it names, before any other: that is the one
        that was there.
        """
        waiting: dict[tuple[str, str], list[Finding]] = {}
        for each in kept if known else ():
            waiting.setdefault((subject(known[each]), each.location.path), []).append(each)
        found: dict[Finding, str] = {}
        left = []
        for name, (entry, _) in self.entries.items():
            there = waiting.get((subject(name), entry.path))
            if there:
                found[there.pop(0)] = name
            else:
                left.append(name)
        elsewhere: dict[str, list[Finding]] = {}
        for (about, _), findings in waiting.items():
            elsewhere.setdefault(about, []).extend(findings)
        for name in left:
            if others := elsewhere.get(subject(name)):
                found[others.pop(0)] = name
        return found

    def idle(self, used: Collection[str]) -> Iterator[tuple[Entry, Location]]:
        """The entries that hide nothing; `used` are the fingerprints of the others."""
        yield from (each for name, each in self.entries.items() if name not in used)


def read_baseline(root: Path, path: str) -> Baseline:
    """Reads a baseline; `path` is relative to the root.

    Raises:
        InputError: it is not there, or is no baseline.
    """
    text = _File(path, _text(root, path))
    if conflict := _CONFLICT.search(text.text):
        raise text.error(conflict.start(), f"git left a merge conflict here; take both sides, or {_ANEW}")
    findings = _list_of_entries(text)
    entries: dict[str, tuple[Entry, Location]] = {}
    for start, end, value in _values(text.text, findings):
        entry = _entry(text, start, value)
        if entry.fingerprint in entries:
            first = entries[entry.fingerprint][1].line
            raise text.error(start, f"this entry is there twice, first on line {first}; delete one of them")
        entries[entry.fingerprint] = entry, text.location(start, end)
    return Baseline(entries)


def baseline_text(entries: Iterable[Entry]) -> str:
    """A baseline as it is written: sorted, one entry a line, so that it can be compared and merged by line."""
    ordered = sorted(entries, key=lambda each: (each.path, each.code, each.flag or "", each.fingerprint))
    lines = ",\n".join(f"    {json.dumps(asdict(each))}" for each in ordered)
    return f'{{\n  "version": {VERSION},\n  "findings": [' + (f"\n{lines}\n  ]\n}}\n" if lines else "]\n}\n")


@dataclass(frozen=True, slots=True)
class _File:
    """A text that can say where in it something is wrong."""

    path: str
    text: str
    starts: list[int] = field(default_factory=list)
    """Where the lines begin."""

    def location(self, start: int, end: int) -> Location:
        return Location(self.path, *self._position(start), *self._position(end))

    def error(self, offset: int, message: str) -> InputError:
        line, column = self._position(offset)
        return InputError(f"{self.path}:{line}:{column}: {message}")

    def _position(self, offset: int) -> tuple[int, int]:
        if not self.starts:
            self.starts.extend([0, *(each.end() for each in re.finditer("\n", self.text))])
        line = bisect_right(self.starts, offset)
        return line, offset - self.starts[line - 1] + 1


def _text(root: Path, path: str) -> str:
    try:
        if (root / path).exists() and not (root / path).is_file():
            raise InputError(f"{path}: is no file; a baseline is one that `flagctl audit --write-baseline` wrote")
        data = (root / path).read_bytes()
    except FileNotFoundError:
        how = f"`flagctl audit --baseline {path} --write-baseline` writes it"
        raise InputError(f"{path}: there is no such baseline; {how}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        what = f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8, or {_ANEW}"
        raise _File(path, before).error(len(before), what) from None


def _list_of_entries(file: _File) -> int:
    """Where the list of entries begins.

    Raises:
        InputError: it is no baseline, or one of another version.
    """
    try:
        document = json.loads(file.text)
    except json.JSONDecodeError as error:
        raise file.error(error.pos, f"this is not JSON: {error.msg}; mend it, or {_ANEW}") from None
    except (ValueError, RecursionError):  # a number of too many digits, lists in lists in lists
        raise file.error(0, f"this is no baseline; {_ANEW}") from None
    start = len(file.text) - len(file.text.lstrip())
    if not isinstance(document, dict) or "version" not in document:
        raise file.error(start, f'this is no baseline: it has no "version"; {_ANEW}')
    values = iter(_values(file.text, start))
    members = {name: (at, value) for (_, _, name), (at, _, value) in zip(values, values, strict=True)}
    at, version = members["version"]
    if version != VERSION or isinstance(version, bool):
        raise file.error(at, f"the baseline is not of version {VERSION}; update flagctl, or {_ANEW}")
    at, findings = members.get("findings", (start, None))
    if not isinstance(findings, list):
        raise file.error(at, f'a baseline has a list called "findings"; {_ANEW}')
    return at


def _values(text: str, at: int) -> Iterator[tuple[int, int, Any]]:
    """The items of the list, or the names and values of the object, that begins at an offset of valid JSON.

    Each comes with where it begins and ends, which the parser does not tell of what it has parsed.
    """
    decoder = json.JSONDecoder()
    at = _after_gap(text, at + 1)
    while text[at] not in "]}":
        value, end = decoder.raw_decode(text, at)
        yield at, end, value
        at = _after_gap(text, end)


def _after_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _entry(file: _File, at: int, value: Any) -> Entry:
    if not isinstance(value, dict):
        raise file.error(at, f"this is no entry of a baseline; delete it, or {_ANEW}")
    for name, shape in _SHAPES.items():
        if not (isinstance(value.get(name), str) and shape.fullmatch(value[name])):
            raise file.error(at, f'the "{name}" of this entry is missing or wrong; delete the entry, or {_ANEW}')
    flag, rule = value.get("flag"), value.get("name")
    if not isinstance(flag, str | None):
        raise file.error(at, f'the "flag" of this entry is no text; delete the entry, or {_ANEW}')
    return Entry(value["fingerprint"], value["code"], rule if isinstance(rule, str) else "", flag, value["path"])
