"""Whatever the sources hold, a scan ends, and what it says about places is true."""

from __future__ import annotations

import ast
import tempfile
import warnings
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from scan_cases import scan_files

from flagctl.model import Kind, Reference, Role

CONFIG = """
[[evaluation]]
call = "*is_on"
key = [0, "key"]
default = [1, "default"]

[[evaluation]]
attribute = "*settings.{key}"

[[evaluation]]
mapping = "*settings.FEATURES"

[[override]]
call = "*force"
key = 0

[[flag_object]]
constructor = "*Flag"
key = 0
evaluations = ["enabled"]
"""
FLAGS = ("new-checkout", "old-search", "NEW")

KEYS = ["'new-checkout'", "'new-' 'checkout'", "KEY", "E.A", "C.K", "f'new-{x}'", "f'{KEY}'", "k", "self.k", "'é🎉'"]


def _is_plain(text: str) -> bool:
    """Whether every supported Python takes this f-string; 3.11 has none in another, and no line ends in a field."""
    return text.count("'''") == 2 and "\\" not in text and "\n" not in text


EXPRESSIONS = st.recursive(
    st.sampled_from([*KEYS, "x", "1", "settings.NEW", "settings.FEATURES['new-checkout']", "OBJECT.enabled()", "None"]),
    lambda inner: st.one_of(
        inner.map("is_on({})".format),
        inner.map("a.is_on(key={}, default=0)".format),
        inner.map("force({}, True)".format),
        inner.map("({})".format),
        inner.map("not ({})".format),
        inner.map("(lambda k={}: k)".format),
        inner.map("[k for k in [{}]]".format),
        inner.map("Flag({}).enabled()".format),
        inner.map("settings.FEATURES.get({}, 1)".format),
        inner.map("(KEY := {})".format),
        inner.map("f'''{{{}}}'''".format).filter(_is_plain),
        st.tuples(inner, inner).map("({0[0]} if x else {0[1]})".format),
        st.tuples(inner, inner).map("({0[0]} + {0[1]})".format),
        st.tuples(inner, inner).map("is_on(  # é new-checkout\n\t{0[0]},\n  {0[1]}\n)".format),
        st.tuples(inner, inner).map("({0[0]}, {0[1]},)".format),
        st.tuples(inner, inner).map("({0[0]} in settings.FEATURES, {0[1]})".format),
    ),
    max_leaves=6,
)

STATEMENTS = st.recursive(
    st.one_of(
        EXPRESSIONS,
        EXPRESSIONS.map("KEY = {}".format),
        EXPRESSIONS.map("x = y = {}".format),
        EXPRESSIONS.map("OBJECT = Flag({})".format),
        EXPRESSIONS.map("settings.FEATURES[{}] = 1".format),
        st.sampled_from(
            [
                "'''new-checkout\r\n\té'''",
                "# new-checkout é",
                "import app",
                "from app import KEY as K, E",
                "from .app import *",
                "from other import KEY",
                "global KEY",
                "del KEY",
                "KEY += 'x'",
                "é = '🎉'; is_on('new-checkout')",
                "\f",
                "pass  # flagctl: ignore[FLG301] because",
            ]
        ),
    ),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: _block("def f(self, k=KEY):", parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: _block("async def g(*KEY):", parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: _block("class C(E):", parts)),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: _block("class E(StrEnum):", ["A = KEY", *parts])),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: _block("@is_on('new-checkout')\ndef h():", parts)),
        st.tuples(EXPRESSIONS, st.lists(inner, min_size=1, max_size=2)).map(
            lambda both: _block(f"for k in {both[0]}:", both[1])
        ),
        st.tuples(EXPRESSIONS, st.lists(inner, min_size=1, max_size=2)).map(
            lambda both: _block(f"if {both[0]}:", both[1])
        ),
    ),
    max_leaves=8,
)


def _block(header: str, parts: list[str]) -> str:
    return "\n".join([header, *("    " + line for line in [*"\n".join(parts).split("\n"), "pass"])])


SOURCES = st.tuples(st.lists(STATEMENTS, max_size=5).map("\n".join), st.sampled_from(["\n", "\r\n", "\n\n"])).map(
    lambda both: both[0].replace("\n", both[1])
)


def scanned(files: dict[str, str | bytes]) -> tuple[Reference, ...]:
    with tempfile.TemporaryDirectory() as folder:
        return scan_files(Path(folder), files, CONFIG, FLAGS).references


def place(text: str, reference: Reference) -> str:
    """The text at a reference, which must lie in the file."""
    at = reference.location
    starts = [0]
    for line in text.replace("\r\n", " \n").replace("\r", "\n").split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    assert 1 <= at.line <= at.end_line < len(starts)
    start, end = starts[at.line - 1] + at.column - 1, starts[at.end_line - 1] + at.end_column - 1
    assert starts[at.line - 1] <= start < end <= len(text)
    assert start < starts[at.line]
    assert end < starts[at.end_line] or end == len(text)
    return text[start:end]


def is_expression(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(f"({text})", mode="eval")
        except SyntaxError:
            return False
    return True


@settings(max_examples=120, deadline=None)
@given(SOURCES, SOURCES)
def test_places_in_python_are_true(app: str, other: str) -> None:
    texts = {"app.py": app, "other.py": other}
    for each in scanned({path: text.encode() for path, text in texts.items()}):
        text = place(texts[each.location.path], each)
        if each.kind is Kind.TEXT:
            assert text == each.flag
        else:
            assert is_expression(text)
        if each.kind in (Kind.LITERAL, Kind.CONSTANT) and text[0] in "'\"" and "' '" not in text:
            assert ast.literal_eval(text) == each.flag
        if each.role is Role.EVALUATION and each.kind is Kind.CALL:
            assert text.endswith(")")


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=60), st.sampled_from([b"", b"# coding: latin-1\n", b"# coding: utf-7\n", b"\xef\xbb\xbf"]))
def test_bytes_that_are_called_python_do_no_harm(noise: bytes, head: bytes) -> None:
    content = head + noise + b"\nis_on('new-checkout')\n"
    with tempfile.TemporaryDirectory() as folder:
        scan = scan_files(Path(folder), {"app.py": content, "app.ts": content}, CONFIG, FLAGS)
    assert all(each.path == "app.py" for each in scan.unread)
    assert all(each.location.line >= 1 and each.location.column >= 1 for each in scan.references)
    assert scan.references  # found as code, or else as text


@settings(max_examples=80, deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=60), st.sampled_from(["a.ts", "a.html", "a.php", "a.md", "a"]))
def test_places_in_other_files_are_true(noise: str, path: str) -> None:
    text = f"{noise} new-checkout {noise}"
    for each in scanned({path: text.encode()}):
        assert place(text.removeprefix("\ufeff"), each) in ("new-checkout", "new_checkout", "NEW")


@settings(max_examples=40, deadline=None)
@given(SOURCES)
def test_a_scan_gives_the_same_every_time(source: str) -> None:
    assert scanned({"app.py": source.encode()}) == scanned({"app.py": source.encode()})
