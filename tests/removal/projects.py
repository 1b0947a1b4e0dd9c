"""Small projects, made at random: helpers and constants that ask for a flag, and a program that asks for them."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from programs import E, Run, Stop, conditions, expressions, programs

# What is handed to a helper that only asks for the flag goes with the call, so that it does nothing here.
ASKS = ("one(1)", "helpers.one(x=1)", "two(None, 2)", "two(x=1)", "helpers.two(0)", "ONE", "helpers.TWO", "ONE and TWO",
        "K(a).show()", "[one(i) for i in t(4)]", "(lambda: one(2))()", "three()", "helpers.three()", "other()")  # fmt: skip
HEAD = "from support import is_on, t, d, w, run, E, other\n"


def _helper(name: str, params: str) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds(f"def {name}({params}):\n    return {{}}".format, conditions),
        st.builds(f"def {name}({params}):\n    if {{}}:\n        return {{}}\n    return {{}}".format, conditions,
                  st.sampled_from(["True", "False", "None", "1", '"on"']), st.sampled_from(["True", "False", "None", "0", '"on"'])),
        st.builds(f"def {name}({params}):\n    '''Says.'''\n    if {{}}:\n        return True\n    else:\n        return {{}}".format,
                  conditions, expressions),
    )  # fmt: skip


_MEMBERS = """\
class K:
    def __init__(self, a):
        self.a = a
    def show(self):
        a = b = c = self.a
        return {} and self._one(a), self._two
    def _one(self, a):
        b = c = a
        return {}
    @property
    def _two(self):
        a = b = c = self.a
        return {}"""

helpers = st.builds(
    lambda *parts: HEAD + "a = b = c = 0\n" + "\n".join(parts) + "\n",
    st.builds("ONE = {}".format, conditions),
    st.builds("TWO = {}".format, conditions),
    _helper("one", "x=1, *rest"),
    _helper("two", "x, y=None").map(lambda code: code.replace("other()", "one(x)")),
    _helper("three", "").map(lambda code: code.replace("other()", "ONE")),
    st.builds(_MEMBERS.format, conditions, conditions, conditions),
)


def _main(program: str, asks: Sequence[str]) -> str:
    parts = program.split("other()")
    filled = "".join(part + asks[index % len(asks)] for index, part in enumerate(parts[:-1])) + parts[-1]
    return f"{HEAD}from app import helpers\nfrom app.helpers import ONE, TWO, K, one, three, two\n{filled}"


mains = st.builds(_main, programs, st.lists(st.sampled_from(ASKS), min_size=1, max_size=6))


def with_key(code: str) -> str:
    return code.replace("flag()", 'is_on("new-checkout")')


projects = st.builds(
    lambda own, main: {"app/__init__.py": "", "app/helpers.py": with_key(own), "app/main.py": with_key(main)},
    helpers,
    mains,
)


def trace_project(files: Mapping[str, str], kept: object) -> list[str]:
    """All that a project is seen to do when its flag has a value, to the exception that ends it."""
    run = Run()
    support: dict[str, Any] = {"t": run.t, "d": run.t, "w": run.w, "run": run.run, "E": E}
    support |= {"is_on": lambda key: kept, "other": lambda: run.t(0)}
    with _modules(support):
        try:
            for path in ("app/helpers.py", "app/main.py"):
                _execute(path, files.get(path, ""))
        except Stop:
            return run.done[:60]
        except RecursionError:
            return run.done
        except Exception as error:
            run.done.append(type(error).__name__)
    return run.done


@contextmanager
def _modules(support: Mapping[str, Any]) -> Iterator[None]:
    module = ModuleType("support")
    vars(module).update(support)
    package = ModuleType("app")
    package.__path__ = []
    with patch.dict(sys.modules, {"support": module, "app": package}):
        yield


def _execute(path: str, code: str) -> None:
    name = path.removesuffix(".py").replace("/", ".")
    module = ModuleType(name)
    sys.modules[name] = module
    setattr(sys.modules["app"], name.rpartition(".")[2], module)
    exec(compile(code, path, "exec", dont_inherit=True), vars(module))
