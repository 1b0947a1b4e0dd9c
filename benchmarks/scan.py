"""Plants a known truth in a real tree, checks what `flagctl refs` finds of it, and measures that against ripgrep.

    python benchmarks/scan.py TREE [--files 500,4000,16000] [--rounds 3] [--flagctl CMD] [--seed N] [--json FILE]

TREE is any folder of real Python. Home Assistant, from PyPI, has about 8,000 files:

    pip download homeassistant==2025.4.4 --no-deps --only-binary :all: --python-version 3.13 &&
    python -m zipfile -e homeassistant-2025.4.4-py3-none-any.whl tree

Needs Python 3.11, git, ripgrep and an installed flagctl, and nothing else; runs on Linux and macOS. What is planted and
how it is measured: benchmarks/README.md.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import os
import platform
import random
import re
import shlex
import shutil
import signal
import site
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import warnings
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice, pairwise, product
from pathlib import Path, PurePosixPath
from typing import Any

HOW_TO_GET_A_TREE = (
    "no TREE: pip download homeassistant==2025.4.4 --no-deps --only-binary :all: --python-version 3.13 && "
    "python -m zipfile -e homeassistant-2025.4.4-py3-none-any.whl tree"
)
FLAGS = 300
IDLE, TOLD = 30, 100
"""Of these, flags that stand only in code that asks for none, and flags that stand only in comments and docstrings."""
SHARE = 0.08
"""Of the files, how many hold something planted."""
TOLD_AT_ONCE = 49
"""How many keys stand in one comment, so that every key is told of as soon as everything has been planted once."""
RG_RUNS = 3
"""ripgrep is so fast that once per round tells little."""


class BenchmarkError(Exception):
    """Something is missing or failed; told in one line."""


# --- what is planted --------------------------------------------------------------------------------------------------
# A line that ends in a mark, `#> evaluation some-key`, is written without it, and is where that must be found. Marks:
# `evaluation KEY`, `mention KEY`, `nothing` (not even a mention) and `open` (a key that is not known may be reported).


@dataclass(frozen=True)
class Plant:
    """What one shape adds to a real file."""

    imports: str = ""
    """After the file's docstring and `from __future__`."""
    above: str = ""
    """Above one of its functions or methods."""
    inside: str = ""
    """The first statements of that function."""
    end: str = ""
    """After everything else."""
    beside: str = ""
    """A new module in the same folder."""
    beside_name: str = ""


@dataclass(frozen=True)
class Keys:
    """The flags, each kind without end."""

    asked: Iterator[str]
    idle: Iterator[str]
    told: Iterator[str]


Shape = Callable[[Keys], Plant]
SHAPES: list[Shape] = []
"""The ways to ask for a flag."""
DECOYS: list[Shape] = []
"""What is none, and looks like it."""


def shape(function: Shape) -> Shape:
    SHAPES.append(function)
    return function


def decoy(function: Shape) -> Shape:
    DECOYS.append(function)
    return function


PACKAGE = "planted_flags"
OPENFEATURE = "from openfeature import api"
CLIENT = "client = api.get_client()"


def constant(key: str) -> str:
    """The name of the constant that holds a key."""
    return key.upper().replace("-", "_")


def asks(*keys: str) -> str:
    """The mark of a line that evaluates flags."""
    return "  #> " + ", ".join(f"evaluation {key}" for key in keys)


def in_function(body: str, imports: str = OPENFEATURE, before: str = CLIENT) -> Plant:
    """A function at the end of the file, below the client."""
    function = "def offers_it(request, context):\n" + textwrap.indent(body, "    ")
    return Plant(imports=imports, end=f"{before}\n\n\n{function}\n".lstrip())


def through(key: str, name: str, imports: str, before: str = CLIENT) -> Plant:
    """An evaluation whose key is behind a name."""
    body = f"return client.get_boolean_value({name}, False, context){asks(key)}"
    return in_function(body, f"{OPENFEATURE}\n{imports}".rstrip(), before)


@shape
def literal(keys: Keys) -> Plant:
    return through(key := next(keys.asked), f'"{key}"', "")


@shape
def in_a_real_function(keys: Keys) -> Plant:
    key = next(keys.asked)
    inside = f"""
feature_client = feature_api.get_client("shop")
if feature_client.get_boolean_value("{key}", False):{asks(key)}
    pass
"""
    return Plant(imports="from openfeature import api as feature_api", inside=inside.strip())


@shape
def over_several_lines(keys: Keys) -> Plant:
    key = next(keys.asked)
    body = f"""
return client.get_boolean_value({asks(key)}
    "{key}",
    False,
    context,
)
"""
    return in_function(body.strip())


@shape
def awaited(keys: Keys) -> Plant:
    key = next(keys.asked)
    end = f"""
{CLIENT}


async def offers_it(context):
    if await client.get_boolean_value_async("{key}", False, context):{asks(key)}
        return 1
    return 0
"""
    return Plant(imports=OPENFEATURE, end=end.strip())


@shape
def keyword_key(keys: Keys) -> Plant:
    key = next(keys.asked)
    return in_function(f'return client.get_boolean_value(default_value=False, flag_key="{key}"){asks(key)}')


@shape
def client_on_self(keys: Keys) -> Plant:
    key = next(keys.asked)
    end = f"""
class OffersIt:
    def __init__(self, context):
        self.context = context
        self.client = api.get_client()

    def offers_it(self):
        return self.client.get_boolean_value("{key}", False, self.context){asks(key)}
"""
    return Plant(imports=OPENFEATURE, end=end.strip())


@shape
def waffle_call(keys: Keys) -> Plant:
    key = next(keys.asked)
    inside = f"""
if flag_is_active(None, "{key}"):{asks(key)}
    pass
"""
    return Plant(imports="from waffle import flag_is_active", inside=inside.strip())


@shape
def waffle_module_call(keys: Keys) -> Plant:
    key = next(keys.asked)
    return in_function(f'return waffle.flag_is_active(request, "{key}"){asks(key)}', "import waffle", "")


@shape
def waffle_decorator(keys: Keys) -> Plant:
    key = next(keys.asked)
    return Plant(imports="from waffle.decorators import waffle_flag", above=f'@waffle_flag("{key}"){asks(key)}')


@shape
def waffle_mixin(keys: Keys) -> Plant:
    key = next(keys.asked)
    end = f"""
class OffersItView(WaffleFlagMixin):
    waffle_flag = "{key}"{asks(key)}
"""
    return Plant(imports="from waffle.mixins import WaffleFlagMixin", end=end.strip())


@shape
def imported_constant(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, constant(key), f"from {PACKAGE}.keys import {constant(key)}")


@shape
def constant_two_hops_away(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, constant(key), f"from {PACKAGE} import {constant(key)}")


@shape
def constant_under_another_name(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, "OFFER_FLAG", f"from {PACKAGE} import {constant(key)} as OFFER_FLAG")


@shape
def constant_of_a_module(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, f"flag_keys.{constant(key)}", f"from {PACKAGE} import keys as flag_keys")


@shape
def constant_from_the_same_folder(keys: Keys) -> Plant:
    key = next(keys.asked)
    name = f"of_{constant(key).lower()}"
    plant = through(key, constant(key), f"from .{name} import {constant(key)}")
    return Plant(plant.imports, end=plant.end, beside=f'{constant(key)} = "{key}"', beside_name=f"{name}.py")


@shape
def enum_member(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, f"Toggles.{constant(key)}.value", f"from {PACKAGE}.enums import Toggles")


@shape
def dict_registry(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, f'FLAG_KEYS["{constant(key).lower()}"]', f"from {PACKAGE}.registry import FLAG_KEYS")


@shape
def class_attribute(keys: Keys) -> Plant:
    key = next(keys.asked)
    names = f'class OfferFlags:\n    BANNER = "{key}"'
    return through(key, "OfferFlags.BANNER", "", f"{CLIENT}\n\n\n{names}")


@shape
def attribute_of_self(keys: Keys) -> Plant:
    key = next(keys.asked)
    end = f"""
{CLIENT}


class OffersIt:
    offer_flag = "{key}"

    def offers_it(self, context):
        return client.get_boolean_value(self.offer_flag, False, context){asks(key)}
"""
    return Plant(imports=OPENFEATURE, end=end.strip())


@shape
def f_string(keys: Keys) -> Plant:
    key = next(keys.asked)
    area, rest = key.split("-", 1)
    return through(key, f'f"{{OFFER_AREA}}-{rest}"', "", f'{CLIENT}\nOFFER_AREA = "{area}"')


@shape
def concatenation(keys: Keys) -> Plant:
    key = next(keys.asked)
    rest, last = key.rsplit("-", 1)
    return through(key, f'OFFER_PREFIX + "{last}"', "", f'{CLIENT}\nOFFER_PREFIX = "{rest}-"')


@shape
def one_of_two(keys: Keys) -> Plant:
    one, other = next(keys.asked), next(keys.asked)
    chosen = f'"{one}" if request else "{other}"'
    return in_function(f"return client.get_boolean_value({chosen}, False, context){asks(one, other)}")


@shape
def loop_over_literals(keys: Keys) -> Plant:
    one, other = next(keys.asked), next(keys.asked)
    body = f"""
for key in ("{one}", "{other}"):
    if not client.get_boolean_value(key, False, context):{asks(one, other)}
        return False
return True
"""
    return in_function(body.strip())


@shape
def bound_method(keys: Keys) -> Plant:
    key = next(keys.asked)
    body = f'return ask_for("{key}", False, context){asks(key)}'
    return in_function(body, before=f"ask_for = {CLIENT.partition(' = ')[2]}.get_boolean_value")


@shape
def wrapper_elsewhere(keys: Keys) -> Plant:
    key = next(keys.asked)
    body = f'return feature_is_on("{key}", context){asks(key)}'
    return in_function(body, f"from {PACKAGE}.helpers import feature_is_on", "")


@shape
def partial_without_key(keys: Keys) -> Plant:
    key = next(keys.asked)
    before = f"{CLIENT}\nask_for = partial(client.get_boolean_value, default_value=False)"
    return in_function(f'return ask_for("{key}"){asks(key)}', f"from functools import partial\n\n{OPENFEATURE}", before)


@shape
def partial_with_key(keys: Keys) -> Plant:
    key = next(keys.asked)
    body = f'return partial(client.get_boolean_value, "{key}", False){asks(key)}'
    return in_function(body, f"from functools import partial\n\n{OPENFEATURE}")


@shape
def dataclass_field(keys: Keys) -> Plant:
    key = next(keys.asked)
    return through(key, f"OFFERS.{constant(key).lower()}", f"from {PACKAGE}.settings import OFFERS")


@shape
def named_tuple_field(keys: Keys) -> Plant:
    key = next(keys.asked)
    names = f'class OfferNames(NamedTuple):\n    banner: str = "{key}"\n\n\nNAMES = OfferNames()'
    return through(key, "NAMES.banner", "from typing import NamedTuple", f"{CLIENT}\n\n\n{names}")


@decoy
def comment(keys: Keys) -> Plant:
    lines = [f"# {key} was decided long ago.  #> mention {key}" for key in islice(keys.told, TOLD_AT_ONCE)]
    return Plant(above="\n".join(lines))


@decoy
def comment_in_a_function(keys: Keys) -> Plant:
    key, other = next(keys.told), next(keys.told)
    inside = f"""
# TODO: ask client.get_boolean_value("{key}", False) here  #> mention {key}
pass  # and flag_is_active(request, "{other}") there  #> mention {other}
"""
    return Plant(inside=inside.strip())


@decoy
def docstring(keys: Keys) -> Plant:
    lines = [
        f"    ``{key}`` is turned on by flag_is_active().  #> mention {key}" for key in islice(keys.told, TOLD_AT_ONCE)
    ]
    return Plant(end='def tells_of_flags():\n    """Flags that there were.\n\n' + "\n".join(lines) + '\n    """')


@decoy
def longer_words(keys: Keys) -> Plant:
    key = next(keys.idle)
    end = f"""
OLD_NAMES = (
    "{key}-old",  #> nothing
    "my-{key}",  #> nothing
    "{key}s",  #> nothing
    "x{key}-2",  #> nothing
)
# {key}-v2 and pre-{key} are other things.  #> nothing
"""
    return Plant(end=end.strip())


@decoy
def method_of_another_class(keys: Keys) -> Plant:
    key = next(keys.idle)
    end = f"""
class Preferences:
    def get_boolean_value(self, name, default):
        return default


preferences = Preferences()


def prefers_it():
    return preferences.get_boolean_value("{key}", False)
"""
    return Plant(end=end.strip())


@decoy
def client_of_another_class(keys: Keys) -> Plant:
    key, other = next(keys.idle), next(keys.idle)
    end = f"""
class DeviceSettings:
    def get_boolean_value(self, name, default):
        return default


def reads_setting():
    client = DeviceSettings()
    return client.get_boolean_value("{key}", False)


def reads_settings(client: DeviceSettings):
    return client.get_boolean_value("{other}", False)
"""
    return Plant(end=end.strip())


@decoy
def function_of_the_same_name(keys: Keys) -> Plant:
    key = next(keys.idle)
    end = f"""
def flag_is_active(country, name):
    return name in country.flags


def hoists_it(country):
    return flag_is_active(country, "{key}")
"""
    return Plant(end=end.strip())


@decoy
def logged(keys: Keys) -> Plant:
    key, other = next(keys.idle), next(keys.idle)
    inside = f"""
flag_logger = shop_logging.getLogger(__name__)
flag_logger.info("{key}")
flag_logger.warning("%s is turned off", "{other}")
"""
    return Plant(imports="import logging as shop_logging", inside=inside.strip())


@decoy
def words_of_an_sdk(keys: Keys) -> Plant:
    end = '''
def will_ask_for_flags(switches):
    """Waits for openfeature, or waffle.

    from openfeature import api
    """
    # see UnleashClient.is_enabled, ldclient's variation and get_boolean_value
    return {"get_boolean_value": switches.get_string_value, "flag_is_active": None}
'''
    return Plant(end=end.strip())


def modules(flags: Sequence[str]) -> dict[str, str]:
    """The planted package: where the keys and the helper are that files far away use."""
    names = {key: constant(key) for key in flags}
    constants = "\n".join(f'{name} = "{key}"' for key, name in names.items())
    exported = "\n".join(f"    {name}," for name in names.values())
    members = "\n".join(f'    {name} = "{key}"' for key, name in names.items())
    entries = "\n".join(f'    "{name.lower()}": "{key}",' for key, name in names.items())
    fields = "\n".join(f'    {name.lower()}: str = "{key}"' for key, name in names.items())
    helper = f"""
{OPENFEATURE}

{CLIENT}


def feature_is_on(key, context=None):
    return client.get_boolean_value(key, False, context)  #> open
"""
    return {
        "__init__.py": f"from {PACKAGE}.keys import (\n{exported}\n)",
        "keys.py": constants,
        "enums.py": f"from enum import Enum\n\n\nclass Toggles(Enum):\n{members}",
        "registry.py": f"FLAG_KEYS = {{\n{entries}\n}}",
        "settings.py": f"from dataclasses import dataclass\n\n\n@dataclass(frozen=True)\nclass Offers:\n{fields}\n\n\n"
        "OFFERS = Offers()",
        "helpers.py": helper.strip(),
    }


# --- planting ---------------------------------------------------------------------------------------------------------

MARK = re.compile(r"[ \t]*#> (?P<marks>[^\n]*)$")
SDKS = re.compile(rb"openfeature|waffle|ldclient|launchdarkly|UnleashClient|flagsmith|growthbook|configcat", re.I)
"""Real files that name an SDK are left out: what they evaluate is not known."""


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass
class Truth:
    """What was planted, where."""

    evaluations: dict[tuple[Place, str], str] = field(default_factory=dict)
    """By line and flag, the shape that was planted there."""
    mentions: dict[tuple[Place, str], str] = field(default_factory=dict)
    nothing: set[Place] = field(default_factory=set)
    open: set[Place] = field(default_factory=set)
    shapes: dict[Place, str] = field(default_factory=dict)
    """The shape of every planted line."""

    def note(self, place: Place, mark: str, shape: str) -> None:
        """Takes one mark into account."""
        word, _, flag = mark.partition(" ")
        if word in ("evaluation", "mention"):
            (self.evaluations if word == "evaluation" else self.mentions)[place, flag] = shape
        else:
            (self.nothing if word == "nothing" else self.open).add(place)


class File:
    """A file in the making: lines, each with the shape that it belongs to, if any."""

    def __init__(self, path: str, text: str, shape: str | None = None) -> None:
        self.path = path
        self._lines = [(line, shape) for line in text.split("\n")]

    def text(self) -> str:
        return "\n".join(MARK.sub("", line) if shape else line for line, shape in self._lines)

    def planted(self, plant: Plant, shape: str, rng: random.Random) -> File | None:
        """This file with something planted in it, or `None` if it does not go in."""
        text = self.text()
        if "import *" in text or not bound_names(plant).isdisjoint(re.findall(r"\w+", text)):
            return None
        tree = ast.parse(text)
        inserted = [(after_the_head(tree, text), plant.imports), (len(self._lines) + 1, plant.end and f"\n{plant.end}")]
        if plant.above or plant.inside:
            functions = list(insertion_points(tree, text))
            if not functions:
                return None
            above, inside, indents = rng.choice(functions)
            inserted += [
                (above, textwrap.indent(plant.above, indents[0])),
                (inside, textwrap.indent(plant.inside, indents[1])),
            ]
        after = File(self.path, "")
        after._lines = self._lines.copy()
        for line, source in sorted(inserted, key=lambda each: each[0], reverse=True):
            after._lines[line - 1 : line - 1] = [(each, shape) for each in source.split("\n")] if source else []
        if after._lines[-1][0]:
            after._lines.append(("", None))
        return after if is_python(after.text()) else None

    def tell(self, truth: Truth) -> None:
        """Adds what is planted here to the truth."""
        for number, (line, shape) in enumerate(self._lines, 1):
            if shape:
                place = Place(self.path, number)
                truth.shapes[place] = shape
                match = MARK.search(line)
                for mark in match["marks"].split(", ") if match else ():
                    truth.note(place, mark, shape)


def bound_names(plant: Plant) -> set[str]:
    """The names that a plant binds in its file; one that the file has already would mean something else."""
    names: set[str] = set()
    for node in [*ast.parse(f"{plant.imports}\n{plant.end}").body, *ast.parse(plant.inside).body]:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names


def after_the_head(tree: ast.Module, text: str) -> int:
    """The line at which an import can be put in: after the comments, the docstring and `from __future__`."""
    line = 1
    for row in text.split("\n"):
        if not row.startswith("#"):
            break
        line += 1
    for index, node in enumerate(tree.body):
        is_docstring = index == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_docstring or (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            line = (node.end_lineno or node.lineno) + 1
    return line


def insertion_points(tree: ast.Module, text: str) -> Iterator[tuple[int, int, tuple[str, str]]]:
    """The first line of each function and of its body, after the docstring, and their indentations."""
    lines = text.split("\n")
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
        if body:
            above, inside = first_line(node), first_line(body[0])
            outer, inner = indent(lines[above - 1]), indent(lines[inside - 1])
            if inside > node.lineno and len(outer) == node.col_offset and len(inner) == body[0].col_offset:
                yield above, inside, (outer, inner)


def indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def first_line(node: ast.stmt) -> int:
    """The first line of a statement, its decorators counted in."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return False
    return True


@dataclass(frozen=True)
class Source:
    """A real file, and where it goes."""

    origin: Path
    path: str

    def host(self) -> File | None:
        """The file to plant in, if it is plain enough."""
        data = self.origin.read_bytes()
        if b"\r" in data or b"\f" in data or b"#>" in data or data.startswith(b"\xef\xbb\xbf"):
            return None
        try:
            text = data.decode()
        except UnicodeDecodeError:
            return None
        return File(self.path, text) if is_python(text) else None


def real_files(tree: Path) -> list[str]:
    """The Python files of a tree, without hidden ones, which ripgrep skips, and those that name an SDK."""
    found = (path.relative_to(tree) for path in tree.rglob("*.py"))
    visible = sorted(path.as_posix() for path in found if not any(part.startswith(".") for part in path.parts))
    files = [path for path in visible if not (tree / path).is_symlink() and (tree / path).is_file()]
    return [path for path in files if not SDKS.search((tree / path).read_bytes())]


def sampled(tree: Path, paths: Sequence[str], size: int, seed: int) -> list[Source]:
    """So many files, the same first ones whatever the size; again under another folder where there are too few."""
    order = random.Random(seed).sample(paths, len(paths))
    copies = (f"copy_{number}/" if number > 1 else "" for number in range(1, math.ceil(size / len(paths)) + 1))
    return [Source(tree / path, copy + path) for copy in copies for path in order][:size]


FIRST = (
    "adaptive", "annual", "basic", "bright", "compact", "curated", "daily", "early", "express", "fancy", "gentle",
)  # fmt: skip
SECOND = (
    "address", "basket", "billing", "cart", "checkout", "coupon", "courier", "customer", "delivery", "gift", "invoice",
)  # fmt: skip
THIRD = (
    "assistant", "badge", "banner", "carousel", "digest", "editor", "filter", "footer", "layout", "preview", "ranking",
)  # fmt: skip


def flag_keys(seed: int) -> list[str]:
    """The keys; as all have three words, none is part of another."""
    return ["-".join(words) for words in random.Random(seed).sample(list(product(FIRST, SECOND, THIRD)), FLAGS)]


DEFINITION = """\
key: {key}
description: Something new in the shop
type: release
owner: "@acme/shop"
reason: Learn whether customers buy more
created: 2026-05-01
expires: 2026-06-05
expected_end_state: remove
removal_criterion: At 100% for 14 days
"""


def plant(folder: Path, sources: Sequence[Source], seed: int) -> Truth:
    """Writes the files, with a truth planted in a few of them, and the definitions."""
    rng = random.Random(seed)
    flags = flag_keys(seed)
    asked = flags[: -IDLE - TOLD]
    keys = Keys(cycle(asked), cycle(flags[len(asked) : -TOLD]), cycle(flags[-TOLD:]))
    hosts = Hosts(sources, rng)
    everything = [*SHAPES, *DECOYS]
    for each in islice(cycle(everything), max(round(len(sources) * SHARE), len(everything))):
        hosts.plant(each(keys), each.__name__)

    written = hosts.changed()
    written += (File(f"{PACKAGE}/{name}", source + "\n", "modules") for name, source in modules(asked).items())
    texts = {f"flags/{key}.yaml": DEFINITION.format(key=key) for key in flags}
    texts |= {file.path: file.text() for file in written}
    data = {path: text.encode() for path, text in texts.items()}
    for path in [*data, *(source.path for source in sources)]:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
    for source in sources:
        if source.path not in data:
            shutil.copyfile(source.origin, folder / source.path)
    for path, content in data.items():
        (folder / path).write_bytes(content)

    truth = Truth()
    for file in written:
        file.tell(truth)
    return truth


class Hosts:
    """The files to plant in, in random order: one that was used comes last."""

    def __init__(self, sources: Sequence[Source], rng: random.Random) -> None:
        self._rng = rng
        self._waiting: deque[Source | File] = deque(rng.sample(sources, len(sources)))
        self._used: dict[str, File] = {}
        self._beside: dict[str, File] = {}

    def plant(self, plant: Plant, shape: str) -> None:
        """Plants in the first file that it goes into."""
        for _ in range(len(self._waiting)):
            waiting = self._waiting.popleft()
            host = waiting.host() if isinstance(waiting, Source) else waiting
            if host is None:
                continue
            after = host.planted(plant, shape, self._rng) if self._has_room_beside(host, plant) else None
            self._waiting.append(after or waiting)
            if after:
                self._used[after.path] = after
                if plant.beside:
                    path = beside(host, plant)
                    self._beside[path] = File(path, plant.beside + "\n", shape)
                return
        raise BenchmarkError(f"TREE has too few plain files: {shape} goes into none")

    def changed(self) -> list[File]:
        return [*self._used.values(), *self._beside.values()]

    def _has_room_beside(self, host: File, plant: Plant) -> bool:
        return not plant.beside or ("/" in host.path and beside(host, plant) not in self._beside)


def beside(host: File, plant: Plant) -> str:
    """The path of the module that goes beside a file."""
    return str(PurePosixPath(host.path).with_name(plant.beside_name))


# --- checking ---------------------------------------------------------------------------------------------------------


@dataclass
class Verdict:
    """What was found of the truth, by shape."""

    planted: Counter[str] = field(default_factory=Counter)
    missed: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    invented: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    evaluations: int = 0
    reported: int = 0
    right: int = 0

    @property
    def recall(self) -> float:
        """How much of the evaluations was reported."""
        return self.right / self.evaluations

    @property
    def precision(self) -> float:
        """How much of what was reported as an evaluation is one."""
        return self.right / self.reported if self.reported else 1.0

    def __bool__(self) -> bool:
        return not self.missed and not self.invented


REAL_CODE = "(real code)"


def check(truth: Truth, references: Iterable[Mapping[str, Any]]) -> Verdict:
    """Every planted evaluation once, no other; every mention in a comment; nothing where there is nothing."""
    verdict = Verdict(Counter([*truth.evaluations.values(), *truth.mentions.values()]))
    found: dict[str, Counter[tuple[Place, str | None]]] = {"evaluation": Counter(), "mention": Counter()}
    for reference in references:
        place = Place(reference["path"], reference["line"])
        found.setdefault(reference["role"], Counter())[place, reference["flag"]] += 1
        if place in truth.nothing:
            what = f"{place}: {reference['role']} {reference['flag']}, is part of a longer word"
            verdict.invented[truth.shapes[place]].append(what)
    for (place, flag), count in found["evaluation"].items():
        shape = truth.shapes.get(place, REAL_CODE)
        if flag is None and place in truth.open:
            continue
        verdict.reported += count
        if flag is None or (place, flag) not in truth.evaluations:
            verdict.invented[shape].append(f"{place}: evaluation {flag or 'of an unknown key'}")
        elif count > 1:
            verdict.invented[shape].append(f"{place}: evaluation {flag}, {count} times")
    for role, expected in (("evaluation", truth.evaluations), ("mention", truth.mentions)):
        for (place, flag), shape in expected.items():
            if not found[role][place, flag]:
                verdict.missed[shape].append(f"{place}: {role} {flag}")
    verdict.evaluations = len(truth.evaluations)
    verdict.right = sum(1 for each in truth.evaluations if found["evaluation"][each])
    return verdict


# --- measuring --------------------------------------------------------------------------------------------------------


class Machine:
    """Runs commands where nobody's settings reach them."""

    def __init__(self, work: Path, flagctl: Sequence[str]) -> None:
        self._work = work
        home = work / "home"
        home.mkdir()
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "FLAGCTL_", "XDG_"))}
        ours.pop("RIPGREP_CONFIG_PATH", None)
        ours.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed tool is compiled
        self._env = ours | {
            "HOME": str(home),
            "XDG_CONFIG_HOME": str(home),
            "XDG_CACHE_HOME": str(home / "cache"),
            "PYTHONUSERBASE": site.getuserbase(),  # else it would be looked for in the new home
            "PYTHONSAFEPATH": "1",  # else `python -m flagctl` would import from the tree
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        self._flagctl = [program(flagctl[0]), *flagctl[1:]]
        self._refs = [*self._flagctl, "refs", "--output-format", "json"]
        self._rg = [program("rg"), "-F", "-f", str(work / "keys"), "."]
        self._git = program("git")
        self._caches = 0

    def version(self, name: str) -> str:
        command = {"rg": self._rg[:1], "git": [self._git], "flagctl": self._flagctl}[name]
        return self._run([*command, "--version"], self._work).decode().split("\n", 1)[0]

    def commit(self, folder: Path) -> None:
        """Makes a folder a git repository in which everything is committed."""
        settings = {"user.name": "A", "user.email": "a@example.com", "gc.auto": "0", "core.autocrlf": "false"}
        git = [self._git, *(word for name, value in settings.items() for word in ("-c", f"{name}={value}"))]
        for command in (["init", "-q"], ["add", "-A", "-f"], ["commit", "-q", "-m", "Plant"]):
            self._run([*git, *command], folder)

    def fresh_cache(self) -> Path:
        """An empty folder for flagctl's cache."""
        self._caches += 1
        return self._work / "caches" / str(self._caches)

    def rg(self, folder: Path, keys: Sequence[str]) -> float:
        (self._work / "keys").write_text("".join(f"{key}\n" for key in keys))
        start = time.perf_counter()
        self._run(self._rg, folder)
        return time.perf_counter() - start

    def refs(self, folder: Path, cache: Path) -> tuple[float, bytes]:
        """How long `flagctl refs` takes, and its output."""
        start = time.perf_counter()
        output = self._run(self._refs, folder, cache)
        return time.perf_counter() - start, output

    def peak(self, folder: Path, cache: Path) -> tuple[Memory, bytes]:
        """How much memory `flagctl refs` takes at most, and its output."""
        biggest = self._work / "biggest"
        command = [sys.executable, "-I", "-S", "-c", _WRAPPER, str(biggest), *self._refs]
        output, errors = self._work / "output", self._work / "errors"
        with output.open("wb") as stdout, errors.open("wb") as stderr:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=self._env | {"XDG_CACHE_HOME": str(cache)},
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            together = 0
            try:
                while process.poll() is None:
                    together = max(together, sum(map(resident, in_session(process.pid))))
                    time.sleep(0.02)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        if process.returncode:
            raise failure(self._refs, process.returncode, errors.read_bytes())
        unit = 1 if sys.platform == "darwin" else 1024
        return Memory(int(biggest.read_text()) * unit, together or None), output.read_bytes()

    def _run(self, command: Sequence[str], folder: Path, cache: Path | None = None) -> bytes:
        env = self._env | ({"XDG_CACHE_HOME": str(cache)} if cache else {})
        done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        if done.returncode:
            raise failure(command, done.returncode, done.stderr)
        return done.stdout


def failure(command: Sequence[str], code: int, errors: bytes) -> BenchmarkError:
    why = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return BenchmarkError(f"{shlex.join(command)} failed with {code}: {why}")


_WRAPPER = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""
"""A small parent, so that what is measured is the command and not this script."""


@dataclass(frozen=True)
class Memory:
    """In bytes."""

    biggest: int
    """Of the biggest process alone: its resident set, by getrusage."""
    together: int | None
    """Of all processes at once: their proportional sets, sampled; only on Linux."""

    @property
    def peak(self) -> int:
        return max(self.biggest, self.together or 0)


def program(name: str) -> str:
    """Where a program is."""
    path = shutil.which(name)
    if path is None:
        raise BenchmarkError(f"{name} is not installed, or not on PATH")
    return str(Path(path).absolute())


def in_session(leader: int) -> Iterator[int]:
    """The processes that a session's leader started, itself left out."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(path.parent.name) != leader and fields[3] == str(leader):
            yield int(path.parent.name)


def resident(process: int) -> int:
    """A process's share of the memory, in bytes."""
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{process}/smaps_rollup").read_text(), re.M)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


@dataclass
class Result:
    """One size: what it is, what was found, what it took."""

    files: int
    copies: int
    bytes: int
    lines: int
    candidates: int
    verdict: Verdict
    searched: int
    parsed: int
    unread: int
    memory: Memory
    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    changed_output: list[str] = field(default_factory=list)
    """The runs whose output was not that of the first one, though nothing was changed that matters."""

    @property
    def is_right(self) -> bool:
        return bool(self.verdict) and not self.changed_output

    def raw(self) -> dict[str, Any]:
        return vars(self) | {"verdict": vars(self.verdict), "memory": vars(self.memory)}


class Case:
    """A repository of one size."""

    def __init__(self, machine: Machine, folder: Path, tree: Path, paths: Sequence[str], size: int, seed: int) -> None:
        self._machine = machine
        self._folder = folder
        self._keys = flag_keys(seed)
        sources = sampled(tree, paths, size, seed)
        truth = plant(folder, sources, seed)
        machine.commit(folder)
        self._to_change = cycle(sorted({place.path for place, _ in truth.evaluations}))
        memory, self._output = machine.peak(folder, machine.fresh_cache())
        report = json.loads(self._output)
        self._machine.rg(folder, self._keys)
        data = [path.read_bytes() for path in folder.rglob("*.py")]
        self.result = Result(
            files=size,
            copies=math.ceil(size / len(paths)),
            bytes=sum(map(len, data)),
            lines=sum(each.count(b"\n") for each in data),
            candidates=len({place.path for place in truth.shapes}),
            verdict=check(truth, report["references"]),
            searched=report["files"]["searched"],
            parsed=report["files"]["parsed"],
            unread=len(report["files"]["unread"]),
            memory=memory,
        )

    def measure(self) -> None:
        """One round of everything, one after the other."""
        for _ in range(RG_RUNS):
            self.result.times["rg"].append(self._machine.rg(self._folder, self._keys))
        cache = self._machine.fresh_cache()
        self._time("cold", cache)
        self._time("warm", cache)
        with (self._folder / next(self._to_change)).open("a") as file:
            file.write("# changed\n")
        self._time("changed", cache)
        shutil.rmtree(cache, ignore_errors=True)

    def _time(self, name: str, cache: Path) -> None:
        seconds, output = self._machine.refs(self._folder, cache)
        self.result.times[name].append(seconds)
        if output != self._output:
            self.result.changed_output.append(name)


# --- telling ----------------------------------------------------------------------------------------------------------


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Columns, the first to the left and the others to the right."""
    cells = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in cells
    )


Pick = Callable[[Sequence[float]], float]


def figures(results: Iterable[Result], pick: Pick) -> str:
    head = ("files", "MB", "rg s", "cold s", "x rg", "warm s", "x rg", "warm/cold", "1 changed s", "peak MB")
    rows = []
    for result in results:
        rg, cold, warm, changed = (pick(result.times[name]) for name in ("rg", "cold", "warm", "changed"))
        ratios = (f"{cold:.2f}", f"{cold / rg:.1f}", f"{warm:.2f}", f"{warm / rg:.1f}", f"{warm / cold:.2f}")
        peak = f"{result.memory.peak / 1e6:.0f}"
        rows.append((f"{result.files:,}", f"{result.bytes / 1e6:.1f}", f"{rg:.3f}", *ratios, f"{changed:.2f}", peak))
    return table(head, rows)


def growth(results: Sequence[Result]) -> str:
    """How each figure grows with the files: 1 is in proportion, 0 not at all."""
    rows = []
    for one, other in pairwise(results):
        by = math.log(other.files / one.files)
        best = [math.log(min(other.times[name]) / min(one.times[name])) / by for name in one.times]
        memory = math.log(other.memory.peak / one.memory.peak) / by
        rows.append((f"{one.files:,} to {other.files:,}", *(f"{each:.2f}" for each in [*best, memory])))
    return table(("growth exponent", *results[0].times, "peak"), rows)


def findings(results: Sequence[Result]) -> str:
    """Found of planted, by shape, and what was invented."""
    names = [each.__name__ for each in (*SHAPES, *DECOYS)] + ["modules", REAL_CODE]
    rows = []
    for name in names:
        row = [name]
        for result in results:
            verdict = result.verdict
            planted, invented = verdict.planted[name], len(verdict.invented.get(name, ()))
            found = f"{planted - len(verdict.missed.get(name, ()))}/{planted}" if planted else ""
            row.append(f"{found} +{invented} invented".strip() if invented else found or "-")
        rows.append(row)
    rows.append(["recall of evaluations", *(f"{result.verdict.recall:.2%}" for result in results)])
    rows.append(["precision of evaluations", *(f"{result.verdict.precision:.2%}" for result in results)])
    return table(("found of planted", *(f"{result.files:,}" for result in results)), rows)


def examples(results: Iterable[Result], each: int = 3) -> Iterator[str]:
    """A few of what was missed and invented, of every shape."""
    for result in results:
        for what, by_shape in (("missed", result.verdict.missed), ("invented", result.verdict.invented)):
            for shape, places in by_shape.items():
                yield from (f"{result.files:,} files: {shape}: {what} {place}" for place in sorted(places)[:each])
        for name, count in Counter(result.changed_output).items():
            yield f"{result.files:,} files: {name}: another output than the first run's, {count} times"


def about(machine: Machine) -> dict[str, str]:
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpus": str(cpus),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        **{name: machine.version(name) for name in ("flagctl", "rg", "git")},
    }


def describe(result: Result) -> str:
    again = f", the tree's files {result.copies} times over" if result.copies > 1 else ""
    memory, together = result.memory, result.memory.together
    sampled = f", {together / 1e6:.0f} MB all together (PSS, sampled)" if together else ""
    return (
        f"{result.files:,} files{again}: {result.bytes / 1e6:.1f} MB, {result.lines:,} lines, planted in"
        f" {result.candidates}; flagctl searched {result.searched:,}, parsed {result.parsed:,}, could not read"
        f" {result.unread}; memory {memory.biggest / 1e6:.0f} MB in one process (RSS){sampled}"
    )


# --- the command ------------------------------------------------------------------------------------------------------


def sizes(text: str) -> list[int]:
    """`500,4000` as numbers, each once, in order."""
    numbers = sorted({int(each) for each in text.split(",")})
    if numbers[0] < 1:
        raise ValueError(text)
    return numbers


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=(__doc__ or "").split("\n\n", 1)[0], epilog="benchmarks/README.md says how to get a TREE."
    )
    parser.add_argument("tree", metavar="TREE", nargs="?", type=Path, help="any folder of real Python")
    parser.add_argument("--files", type=sizes, default="500,4000,16000", help="sizes (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="another one samples and plants differently")
    parser.add_argument("--flagctl", metavar="CMD", default="flagctl", help="the command to run")
    parser.add_argument("--rounds", type=int, default=3, help="0 only checks (default: %(default)s)")
    parser.add_argument("--no-check", action="store_true", help="exit with 0 whatever is missed or invented")
    parser.add_argument("--json", metavar="FILE", type=Path, help="write the raw data there")
    parser.add_argument("--keep", metavar="FOLDER", type=Path, help="build the repositories there, and leave them")
    return parser.parse_args(argv)


def measure(options: argparse.Namespace, machine: Machine, work: Path) -> list[Result]:
    paths = real_files(options.tree)
    if not paths:
        raise BenchmarkError(f"no Python file under {options.tree}")
    cases = []
    for size in options.files:
        folder = (options.keep or work).absolute() / f"{size}-files"
        folder.mkdir(parents=True)
        case = Case(machine, folder, options.tree, paths, size, options.seed)
        print(describe(case.result), flush=True)
        cases.append(case)
    for _ in range(options.rounds):
        for case in cases:
            case.measure()
    return [case.result for case in cases]


def tell(results: Sequence[Result], rounds: int) -> None:
    print(f"\n{findings(results)}\n")
    for line in examples(results):
        print(line)
    if rounds:
        print(f"\nbest of {rounds} rounds:\n{figures(results, min)}")
        print(f"\nmedian:\n{figures(results, statistics.median)}")
        if len(results) > 1:
            print(f"\n{growth(results)}")


def main(argv: Sequence[str] | None = None) -> int:
    options = arguments(argv)
    warnings.simplefilter("ignore", SyntaxWarning)  # of the tree's files
    try:
        if options.tree is None:
            raise BenchmarkError(HOW_TO_GET_A_TREE)
        with tempfile.TemporaryDirectory(prefix="flagctl-benchmark-") as name:
            machine = Machine(Path(name).resolve(), shlex.split(options.flagctl))
            facts = about(machine) | {"seed": str(options.seed)}
            print("; ".join(f"{name}: {fact}" for name, fact in facts.items()))
            results = measure(options, machine, Path(name).resolve())
    except (BenchmarkError, OSError) as error:
        print(f"scan.py: {error}", file=sys.stderr)
        return 2
    tell(results, options.rounds)
    if options.json:
        raw = {"about": facts, "results": [result.raw() for result in results]}
        options.json.write_text(json.dumps(raw, indent=2) + "\n")
    return 0 if options.no_check or all(result.is_right for result in results) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # and so clean up
    sys.exit(main())
