"""Whole modules, made at random, that ask for a flag in every way, and what they do when they are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from textwrap import indent
from typing import Any

from hypothesis import strategies as st

NAMES = ("a", "b", "c")
MAX_STEPS = 60

atoms = st.sampled_from(
    [
        *NAMES,
        "True",
        "False",
        "None",
        "0",
        "1",
        '"on"',
        "flag()",
        "flag()",
        "flag()",
        "flag()",
        "other()",
        "t(1)",
        "t(2)",
        "t(3)",
    ]
)
TWO = ("{} and {}", "{} or {}", "({} and {})", "({} or {})", "({}) == ({})", "({}) is ({})", "all([{}, {}])",
       "any(({}, {}))", "{} and {} and t(1)", "t(2) or {} or {}", "[{} for i in t(4) if {}]", "({}, {})", "d({}, k={})", "(lambda x={}: {})()")  # fmt: skip
ONE = ("not {}", "not ({})", "bool({})", "({}) is True", '({}) == "on"', '({}) in ("on", True)', "(a := {})",
       'f"{{{}}}"', "t({})", "({})", "({}) is not None", "[x for x in t(4) if {}]", "({}) != False",
       "int({} is True) == 1", "all([{}])", '("new" if {} else "old")', "(True if {} else 0)", '(None if {} else "on")',
       "f'''{{\"x-\" if {} else \"\"}}{{t(2)}}'''", "f'''v{{2 if {} else 1}}'''", '("a" + ("b" if {} else ""))', '("" if {} else "b") + "c"',
       '(["a"] + (["b"] if {} else []))', '([] if {} else ["b"]) + ["c", t(3)]', '("a", *(["b", t(2)] if {} else ()))',
       '[*(() if {} else [t(1)]), "d"]', '{{*(["b"] if {} else [])}}', '{{"a": t(1), **({{"n": t(2)}} if {} else {{}})}}',
       "t(1, *([t(2)] if {} else []), k=3)", "t(k=3, **({{'n': t(3)}} if {} else {{}}))", '({{True: "a", False: a, "on": b, "b": 1}}[flag()], {})',
       '("a", "b")[bool({})]', '{{True: "a", "b": t(1)}}.get({}, t(2))', '{{True: "a", "b": a}}.get({}, c)', "({} is None)",
       "t(3) and ({} if t(2) else t(1))")  # fmt: skip


def _expressions(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(lambda form, one: form.format(one), st.sampled_from(ONE), inner),
        st.builds(lambda form, one, two: form.format(one, two), st.sampled_from(TWO), inner, inner),
        st.builds("(({}) if ({}) else ({}))".format, inner, inner, inner),
    )


expressions = st.recursive(atoms, _expressions, max_leaves=5)
conditions = st.one_of(
    st.sampled_from(
        [
            "flag()",
            "not flag()",
            "t(1) and flag()",
            "t(2) or flag()",
            "flag() and a",
            "a and flag()",
            "other() and flag() is None",
            'flag() == "b"',
        ]
    ),
    expressions,
)
names = st.sampled_from(NAMES)

simple = st.one_of(
    st.builds("{} = {}".format, names, expressions),
    st.builds("{} = {} = {}".format, names, names, expressions),
    expressions,
    st.builds("assert {}, t(5)".format, expressions),
    st.builds("return {}".format, expressions),
    st.builds("raise E({})".format, expressions),
    st.builds("yield {}".format, expressions),
    st.builds("{} += {}".format, names, expressions),
    st.builds("del {}".format, names),
    st.builds("global {}".format, st.just("g")),
    st.builds("g = {}".format, expressions),
    st.builds("import os as {}".format, names),
    st.builds("{}: bool = {}".format, names, expressions),
    st.builds("{} = ({} := {})".format, names, names, expressions),
    st.builds("return ({} := {}) and {}".format, names, expressions, expressions),
    st.builds("({} := {}) is True and t(3)".format, names, expressions),
    st.builds("t(11) and {}".format, expressions),
    st.sampled_from(["pass", "break", "continue", "return", "# a comment", '"""text\n  more"""', "t(6); t(7)"]),
)


patterns = st.builds(
    "{}{}".format,
    st.sampled_from(["True", "False", "None", '"on"', '"b" | True', "1", "_", "a", "[a, *_]", "False | None", "str()"]),
    st.one_of(st.just(""), st.builds(" if {}".format, conditions)),
)


def _block(lines: list[str]) -> str:
    text = "\n".join(lines)
    needs_more = all(not line.strip() or line.lstrip().startswith("#") for line in lines)
    return indent(text + "\npass" if needs_more else text, "    ")


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    block = st.lists(inner, min_size=1, max_size=3).map(_block)
    suite = block.map(lambda text: indent(text, "    "))
    return st.one_of(
        st.builds("if {}:\n{}".format, conditions, block),
        st.builds("if {}:  # why\n{}\n# before else\nelse:\n{}".format, conditions, block, block),
        st.builds("if {}:\n{}\nelif {}:\n{}\nelse:\n{}".format, conditions, block, conditions, block, block),
        st.builds("if {}:\n{}\nelif {}:\n{}".format, conditions, block, conditions, block),
        st.builds("while {}:\n    t(8)\n{}".format, conditions, block),
        st.builds("while {}:\n    t(8)\n{}\nelse:\n{}".format, conditions, block, block),
        st.builds("for {} in t(4):\n{}\nelse:\n{}".format, names, block, block),
        st.builds("for {} in t(4):\n{}".format, names, block),
        st.builds("try:\n{}\nexcept E:\n{}\nelse:\n{}\nfinally:\n{}".format, block, block, block, block),
        st.builds("try:\n{}\nexcept (E, NameError) as {}:\n{}".format, block, names, block),
        st.builds("try:\n{}\nfinally:\n{}".format, block, block),
        st.builds("with w({}):\n{}".format, conditions, block),
        st.builds("def f{}(x={}):\n{}\nrun(f{})".format, st.just(1), conditions, block, st.just(1)),
        st.builds("def f2():\n    nonlocal_ = 1\n{}\na = f2".format, block),
        st.builds("class A:\n{}".format, block),
        st.builds("match {}:\n    case True if {}:\n    {}\n    case _:\n    {}".format, conditions, conditions,
                  simple.map(_one), simple.map(_one)),
        st.builds("match {}:\n    case {}:\n{}\n    case {}:\n{}\n    case {}:\n{}".format, conditions, patterns,
                  suite, patterns, suite, patterns, suite),
        st.builds("if ({} := {}):\n{}\nelse:\n{}".format, names, conditions, block, block),
        st.builds("if ({} := {}) and {}:\n{}".format, names, conditions, conditions, block),
        st.builds("if not (t(12) or {}):\n{}\nelse:\n{}".format, conditions, block, block),
        st.builds("while t(12) and {}:\n    t(8)\n{}".format, conditions, block),
        st.builds("if {}:\n{}\nelif t(12) and {}:\n{}\nelse:\n{}".format, conditions, block, conditions, block, block),
        st.builds("while True:\n    t(8)\n{}\n    break".format, block),
        st.builds("for {} in ([t(2)] if {} else []):\n{}".format, names, conditions, block),
        st.builds("if {}: {}; t(9)".format, conditions, simple.map(_one)),
    )  # fmt: skip


def _one(statement: str) -> str:
    """A statement that fits on a line."""
    return "    t(10)" if "\n" in statement or "#" in statement else f"    {statement}"


statements = st.recursive(simple, _compound, max_leaves=8)


def _program(body: list[str], top: list[str]) -> str:
    return "a = b = c = g = 0\ndef main():\n" + _block(body) + "\n" + "\n".join(top) + "\nrun(main)\n"


programs = st.builds(_program, st.lists(statements, min_size=1, max_size=5), st.lists(statements, max_size=3))


class Stop(Exception):  # noqa: N818
    """A program that ran for long enough."""


class E(Exception):  # noqa: N818
    """What programs raise."""


class Run:
    """One run of a program, and all that it is seen to do."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def step(self, what: str) -> None:
        self.done.append(what)
        if len(self.done) > MAX_STEPS:
            raise Stop

    def t(self, *given: Any, **named: Any) -> Any:
        shown = repr((given, named))
        self.step(f"t{shown}" if " at 0x" not in shown else "t")
        return [0, 1, ""] if given == (4,) else ([], 1, "on", None)[len(self.done) % 4]

    @contextmanager
    def w(self, _: object) -> Iterator[None]:
        """Swallows some exceptions."""
        self.step("enter")
        try:
            yield
        except (E, NameError, TypeError):
            self.step("exit")
            if len(self.done) % 3:
                raise

    def run(self, function: Callable[[], Any]) -> None:
        self.step(f"run {function.__doc__}")
        result = function()
        if not hasattr(result, "__next__"):
            self.step(f"returns {_shown(result)}")
            return
        for each in result:
            self.step(f"yields {_shown(each)}")


def trace(source: str, kept: object) -> list[str]:
    """All that a program is seen to do when its flag has a value, to the exception that ends it."""
    run = Run()
    scope = {"t": run.t, "d": run.t, "w": run.w, "run": run.run, "E": E}
    scope |= {"flag": lambda: kept, "other": lambda: run.t(0)}
    try:
        exec(compile(source, "program", "exec", dont_inherit=True), scope)
    except Stop:
        return run.done[:MAX_STEPS]
    except RecursionError:
        return run.done
    except Exception as error:
        run.done.append(type(error).__name__)
    return [*run.done, *(f"{name}={_shown(scope.get(name))}" for name in (*NAMES, "g"))]


def _shown(value: object) -> str:
    text = repr(value)
    return text if " at 0x" not in text else type(value).__name__
