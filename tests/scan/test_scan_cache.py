"""What the cache must notice: after every change a run with it finds what a run without it finds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from cached import CONFIG, PAGE, Cached, flags_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Files = Mapping[str, str | bytes]

ASKS = "def page(request):\n    return request.feature(KEY, False)\n"

EDITS: dict[str, tuple[Files, Files]] = {
    "a file of the same size": ({"a.py": PAGE}, {"a.py": PAGE.replace("new-checkout", "old-checkout")}),
    "a line before": ({"a.py": PAGE}, {"a.py": "# a line\n" + PAGE}),
    "a file more": ({"a.py": PAGE}, {"b.py": PAGE}),
    "a file that becomes text": ({"a.py": PAGE}, {"a.py": "= ="}),
    "a file that becomes Python": ({"a.py": "= = 'new-checkout'"}, {"a.py": PAGE}),
    "a file that becomes binary": ({"a.py": PAGE}, {"a.py": PAGE.encode() + b"\0"}),
    "a file that becomes empty": ({"a.py": PAGE}, {"a.py": b""}),
    "a document": ({"a.md": "old-search"}, {"a.md": "new-checkout"}),
    "a constant": ({"a.py": "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"}, {
        "keys.py": "KEY = 'old-search'\n"}),
    "a constant that moves": ({"a.py": "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"}, {
        "keys.py": "# moved\nKEY = 'new-checkout'\n"}),
    "a constant that goes": ({"a.py": "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"}, {
        "keys.py": ""}),
    "a constant that comes": ({"a.py": "from keys import KEY\n" + ASKS, "keys.py": ""}, {
        "keys.py": "KEY = 'new-checkout'\n"}),
    "a constant two modules away": (
        {"a.py": "from b import KEY\n" + ASKS, "b.py": "from c import KEY\n", "c.py": "KEY = 'new-checkout'\n"},
        {"c.py": "KEY = 'old-search'\n"},
    ),
    "a constant two stars away": (
        {"a.py": "from b import *\n" + ASKS, "b.py": "from c import *\n", "c.py": "KEY = 'new-checkout'\n"},
        {"c.py": "KEY = 'old-search'\n"},
    ),
    "the module between": (
        {"a.py": "from b import KEY\n" + ASKS, "b.py": "from c import KEY\n", "c.py": "KEY = 'new-checkout'\n",
         "d.py": "KEY = 'old-search'\n"},
        {"b.py": "from d import KEY\n"},
    ),
    "a module that shadows another": (
        {"app/a.py": "from keys import KEY\n" + ASKS, "lib/keys.py": "KEY = 'new-checkout'\n"},
        {"app/keys.py": "KEY = 'old-search'\n"},
    ),
    "a package that shadows a module": (
        {"app/a.py": "from keys import KEY\n" + ASKS, "lib/keys.py": "KEY = 'new-checkout'\n"},
        {"app/keys/__init__.py": "KEY = 'old-search'\n"},
    ),
    "a folder that becomes a package": (
        {"a.py": "from keys import KEY\n" + ASKS, "lib/keys.py": "KEY = 'new-checkout'\n"}, {"lib/__init__.py": ""}),
    "settings": (
        {"a.py": "from django.conf import settings\nKEY = settings.CHECKOUT\n" + ASKS,
         "settings.py": "CHECKOUT = 'new-checkout'\n"},
        {"settings.py": "CHECKOUT = 'old-search'\n"},
    ),
    "settings of their own": (
        {"a.py": "from django.conf import settings\nKEY = settings.CHECKOUT\n" + ASKS},
        {"conf/settings/base.py": "CHECKOUT = 'old-search'\n"},
    ),
    "a base class": (
        {"a.py": "from base import Base\nclass A(Base):\n    def get(self, request):\n"
                 "        return request.feature(self.key)\n", "base.py": "class Base:\n    key = 'new-checkout'\n"},
        {"base.py": "class Base:\n    key = 'old-search'\n"},
    ),
    "a module that can no longer be read": (
        {"a.py": "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"}, {"keys.py": "KEY = = 1"}),
    "a helper that no longer asks": (
        {"a.py": "from h import on\non('new-checkout')\n",
         "h.py": "def on(key):\n    return request.feature(key)\n"},
        {"h.py": "def on(key):\n    return False\n"},
    ),
    "a helper that begins to ask": (
        {"a.py": "from h import on\non('new-checkout')\n", "h.py": "def on(key):\n    return False\n"},
        {"h.py": "def on(key):\n    return request.feature(key)\n"},
    ),
    "a helper that asks for another": (
        {"a.py": "from h import on\non()\n", "h.py": "def on():\n    return request.feature('new-checkout')\n"},
        {"h.py": "def on():\n    return request.feature('old-search')\n"},
    ),
    "a helper that takes the key elsewhere": (
        {"a.py": "from h import on\non('new-checkout', 'old-search')\n",
         "h.py": "def on(key, other):\n    return request.feature(key)\n"},
        {"h.py": "def on(key, other):\n    return request.feature(other)\n"},
    ),
    "the first import of an SDK": ({"a.py": "from waffle import x\n", "b.md": "new-checkout"}, {
        "a.py": "import waffle\nwaffle.switch_is_active('new-checkout')\n"}),
    "an SDK that switches on what templates ask": (
        {"a.py": "x = 1\n", "a.html": "{% switch 'new-checkout' %}{% endswitch %}"}, {"a.py": "import waffle\n"}),
    "an SDK that is no longer used": (
        {"a.py": "import waffle\n", "a.html": "{% switch 'new-checkout' %}{% endswitch %}"}, {"a.py": "x = 1\n"}),
    "an ignore comment": ({"a.py": PAGE}, {"a.py": "# flagctl: ignore[FLG301] why\n" + PAGE}),
}  # fmt: skip


@pytest.mark.parametrize(("files", "edit"), EDITS.values(), ids=EDITS)
def test_an_edit_is_noticed(tmp_path: Path, files: Files, edit: Files) -> None:
    project = Cached(tmp_path, files)
    first = project.scan()
    project.write(edit)
    assert project.scan() != first
    for path in edit:
        if path in files:
            project.write({path: files[path]})
        else:
            (project.root / path).unlink()
    assert project.scan() == first


@pytest.mark.parametrize(("files", "edit"), EDITS.values(), ids=EDITS)
def test_and_so_is_its_being_taken_back_by_git(tmp_path: Path, files: Files, edit: Files) -> None:
    project = Cached(tmp_path, files)
    project.git("init", "-q", "-b", "main")
    project.git("add", ".")
    project.git("commit", "-qm", "one")
    first = project.scan()
    project.git("checkout", "-qb", "other")
    project.write(edit)
    project.git("add", ".")
    project.git("commit", "-qm", "two")
    second = project.scan()
    project.git("checkout", "-q", "main")
    assert project.scan() == first
    project.git("checkout", "-q", "other")
    assert project.scan() == second


@pytest.mark.parametrize("in_git", [True, False])
def test_files_that_come_and_go(tmp_path: Path, in_git: bool) -> None:
    project = Cached(tmp_path, {"a.py": "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"})
    if in_git:
        project.git("init", "-q")
        project.git("add", ".")
    assert flags_of(project.scan()) == [("a.py", "new-checkout")]
    (project.root / "a.py").rename(project.root / "b.py")
    assert flags_of(project.scan()) == [("b.py", "new-checkout")]
    (project.root / "sub").mkdir()
    (project.root / "b.py").rename(project.root / "sub/b.py")
    assert flags_of(project.scan()) == [("sub/b.py", "new-checkout")]
    (project.root / "keys.py").unlink()
    assert flags_of(project.scan()) == [("sub/b.py", None)]
    (project.root / "sub/b.py").unlink()
    assert project.scan().references == ()


def test_what_one_file_asked_of_another_is_not_forgotten_for_what_a_third_asks(tmp_path: Path) -> None:
    """A file comes back as it was, after what it rests on has changed and the module between was asked for less."""
    asks_x, asks_y = ("from b import %s as KEY\n%s" % (name, ASKS) for name in "XY")  # noqa: UP031
    files = {"b.py": "from c import X\nfrom d import Y\n", "c.py": "X = 'new-checkout'\n", "d.py": "Y = 'old-search'\n"}
    project = Cached(tmp_path, {**files, "a.py": asks_x})
    assert flags_of(project.scan()) == [("a.py", "new-checkout")]
    project.write({"a.py": asks_y, "c.py": "X = 'third-flag'\n"})
    assert flags_of(project.scan()) == [("a.py", "old-search")]
    project.write({"a.py": asks_x})
    assert flags_of(project.scan()) == [("a.py", "third-flag")]


def test_two_clones_share_a_cache_but_no_answers(tmp_path: Path) -> None:
    files = {"a.py": "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"}
    one, other = Cached(tmp_path / "1", files), Cached(tmp_path / "2", {**files, "keys.py": "KEY = 'old-search'\n"})
    other.file = one.file
    for _ in range(2):
        assert flags_of(one.scan()) == [("a.py", "new-checkout")]
        assert flags_of(other.scan()) == [("a.py", "old-search")]


def test_the_same_content_at_two_paths(tmp_path: Path) -> None:
    relative = "from .keys import KEY\n" + ASKS
    project = Cached(
        tmp_path,
        {"a/x.py": relative, "a/keys.py": "KEY = 'new-checkout'\n", "b/x.py": relative, "b/keys.py": "KEY = 'b-b'\n"},
    )
    for _ in range(2):
        assert flags_of(project.scan()) == [("a/x.py", "new-checkout"), ("b/x.py", "b-b")]


def test_other_flags(tmp_path: Path) -> None:
    project = Cached(
        tmp_path, {"a.py": PAGE, "a.md": "new-checkout newCheckout old-search", "b.py": "x = 'old-search'"}
    )
    declared: list[dict[str, str]] = [
        {"new-checkout": "new-checkout", "old-search": "old-search"},
        {"new-checkout": "new-checkout"},
        {"new-checkout": "new-checkout", "old-search": "new-checkout"},
        {},
        {"new-checkout": "old-search", "old-search": "old-search"},
    ]
    seen = [project.scan(flags).references for flags in declared]
    assert len(set(seen)) == len(declared)
    assert [project.scan(flags).references for flags in declared] == seen


@pytest.mark.parametrize(
    "config",
    [
        "",
        CONFIG.replace("*request.feature", "*request.other"),
        CONFIG.replace("key = 0", "key = 1"),
        CONFIG + "negated = true\n",
        'exclude = ["a.py"]\n' + CONFIG,
        'sources = ["lib"]\n' + CONFIG,
        'tests = ["a.py"]\n' + CONFIG,
        'sdks = []\n' + CONFIG,
        'sdks = ["openfeature"]\n' + CONFIG,
        CONFIG + '[[registry]]\nfile = "lib/keys.py"\nobject = "KEYS"\n',
    ],
)  # fmt: skip
def test_another_configuration(tmp_path: Path, config: str) -> None:
    files = {
        "a.py": "import waffle\n"
        + PAGE
        + "request.feature('x', 'new-checkout')\nwaffle.switch_is_active('old-search')\n",
        "lib/keys.py": "KEYS = ['new-checkout', 'old-search']\n",
    }
    project = Cached(tmp_path, files)
    first = project.scan()
    project.config = config
    project.write({})
    assert project.scan() != first
    project.config = CONFIG
    project.write({})
    assert project.scan() == first


def test_an_experimental_part_that_is_switched_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Cached(tmp_path, {"run": "#!/usr/bin/env python3\n" + PAGE})
    assert flags_of(project.scan()) == []
    monkeypatch.setenv("FLAGCTL_EXPERIMENTAL", "python-scripts")
    assert flags_of(project.scan()) == [("run", "new-checkout")]


@pytest.mark.parametrize("in_git", [True, False])
def test_a_path_that_is_not_utf8(tmp_path: Path, in_git: bool) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    try:
        project = Cached(tmp_path, {name: "from keys import KEY\n" + ASKS, "keys.py": "KEY = 'new-checkout'\n"})
    except OSError:
        pytest.skip("this file system has no such names")
    if in_git:
        project.git("init", "-q")
        project.git("add", ".")
    for _ in range(2):
        assert flags_of(project.scan()) == [(name, "new-checkout")]
    assert project.scan().notices == ()


# --- any edits at all -------------------------------------------------------------------------------------------------

CONTENTS: dict[str, list[str]] = {
    "app/a.py": [
        "from keys import KEY\n" + ASKS,
        "from b import on, KEY\n" + ASKS + "on(KEY)\n",
        "from .b import *\n" + ASKS,
    ],
    "app/b.py": [
        "from keys import *\n",
        "from c import KEY\ndef on(key):\n    return request.feature(key)\n",
        "KEY = 'b-b'\n",
    ],
    "c.py": [
        "from keys import OTHER as KEY\n",
        "from app.b import KEY\n",
        "import waffle\nKEY = 'c-c'\n",
        "KEY = = 1\n",
    ],
    "keys.py": ["KEY = 'new-checkout'\nOTHER = 'old-search'\n", "KEY = OTHER = 'k-k'\n", "from app.a import KEY\n", ""],
    "app/keys.py": ["KEY = 'old-search'\n", "from keys import KEY\n"],
    "app/__init__.py": ["", "from .b import on\n"],
    "page.html": ["{% switch 'new-checkout' %}", "new-checkout"],
}
EDIT = st.sampled_from(sorted(CONTENTS)).flatmap(
    lambda path: st.tuples(st.just(path), st.sampled_from([None, *CONTENTS[path]]))
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(in_git=st.booleans(), edits=st.lists(st.one_of(EDIT, st.sampled_from(["add", "stash"])), max_size=8))
def test_any_edits(tmp_path_factory: pytest.TempPathFactory, in_git: bool, edits: list[str | tuple[str, str]]) -> None:
    project = Cached(tmp_path_factory.mktemp("edits"), {path: each[0] for path, each in CONTENTS.items()})
    if in_git:
        project.git("init", "-q")
        project.git("add", ".")
        project.git("commit", "-qm", "one")
    project.scan()
    for edit in edits:
        if isinstance(edit, str):
            if in_git:
                project.git(edit, *(["."] if edit == "add" else []))
        elif edit[1] is None:
            (project.root / edit[0]).unlink(missing_ok=True)
        else:
            project.write({edit[0]: edit[1]})
        project.scan()
