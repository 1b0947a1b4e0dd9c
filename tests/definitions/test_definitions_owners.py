"""Who owns what: CODEOWNERS, the owners file and the tombstones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from flagctl.config import find_config
from flagctl.definitions.archive import tombstones
from flagctl.definitions.codeowners import read_code_owners
from flagctl.definitions.owners import read_owners
from flagctl.model import InputError

Write = Callable[[Mapping[str, str]], Path]

A, B = ("@a",), ("@b",)


@pytest.mark.parametrize(
    ("lines", "path", "owners"),
    [
        # GitHub's own examples
        ("* @a\n", "x/y.py", A),
        ("* @a\n*.js @b\n", "x/y.js", B),
        ("*.js @b\n* @a\n", "x/y.js", A),
        ("/build/logs/ @a\n", "build/logs/x/y", A),
        ("/build/logs/ @a\n", "x/build/logs/y", ()),
        ("docs/* @a\n", "docs/getting-started.md", A),
        ("docs/* @a\n", "docs/build-app/troubleshooting.md", ()),
        ("apps/ @a\n", "x/apps/y/z", A),
        ("apps/ @a\n", "apps", ()),
        ("/docs/ @a\n", "docs/x", A),
        ("/scripts/ @a @b\n", "scripts/x", ("@a", "@b")),
        ("**/logs @a\n", "build/logs/x", A),
        ("**/logs @a\n", "deeply/nested/logs", A),
        ("**/logs @a\n", "logs", A),
        ("/apps/ @a\n/apps/github\n", "apps/github/x", ()),
        ("/apps/ @a\n/apps/github\n", "apps/x", A),
        # more of patterns
        ("flags @a\n", "x/flags/y.yaml", A),
        ("flags @a\n", "x/flags.yaml", ()),
        ("/flags @a\n", "flags/y.yaml", A),
        ("flags/**/a.yaml @a\n", "flags/a.yaml", A),
        ("flags/**/a.yaml @a\n", "flags/x/y/a.yaml", A),
        ("flags/** @a\n", "flags/x/y.yaml", A),
        ("flag?.yaml @a\n", "flags.yaml", A),
        ("flag?.yaml @a\n", "flag/.yaml", ()),
        ("a+b.py @a\n", "a+b.py", A),
        ("a.py @a\n", "axpy", ()),
        ("a\\ b.py @a\n", "a b.py", A),
        ("\\#a @a\n", "#a", A),
        # what is no line of it
        ("# * @a\n\n   \n*.py   @a # the team\n", "x.py", A),
        ("* ann@example.com\n", "x", ("ann@example.com",)),
        ("* @a\n\\\n[unclosed\n[[[*** @b\n", "x", A),
        ("**/" * 40 + "y @b\n* @a\n", "/".join("x" * 40), A),
        ("*" * 200 + "y @b\n* @a\n", "x" * 200, A),
        ("*.py\n", "x.py", ()),
        # GitLab's sections
        ("[Docs]\n*.md @a\n[Code] @b\n*.py\n", "x.py", B),
        ("* @a\n[Docs] @b\n*.md\n", "x.md", ("@a", "@b")),
        ("[Docs][2] @a\n*.md\n*.rst @b\n", "x.rst", B),
        ("^[Optional] @a\n*.md\n", "x.md", A),
        ("[Docs]\n*.md @a\n[docs]\n*.md @b\n", "x.md", B),
    ],
)
def test_code_owners(write: Write, lines: str, path: str, owners: tuple[str, ...]) -> None:
    found = read_code_owners(write({"CODEOWNERS": lines}))
    assert found is not None
    assert found.of(path) == owners


@pytest.mark.parametrize(
    ("places", "path"),
    [
        (["CODEOWNERS"], "CODEOWNERS"),
        (["CODEOWNERS", ".github/CODEOWNERS"], ".github/CODEOWNERS"),
        (["docs/CODEOWNERS", "CODEOWNERS"], "CODEOWNERS"),
        ([".gitlab/CODEOWNERS"], ".gitlab/CODEOWNERS"),
    ],
)
def test_the_first_that_is_there_counts(write: Write, places: list[str], path: str) -> None:
    found = read_code_owners(write({place: f"* @{number}\n" for number, place in enumerate(places)}))
    assert found is not None
    assert found.path == path
    assert found.names == {f"@{places.index(path)}"}


def test_without_code_owners(write: Write) -> None:
    assert read_code_owners(write({"a.txt": ""})) is None


def test_code_owners_of_the_repository_around_a_project(write: Write, tmp_path: Path) -> None:
    root = write({".github/CODEOWNERS": "/shop/flags/ @a\n", ".git/HEAD": "", "shop/web/x": "", "shop/x": ""})
    found = read_code_owners(root / "shop")
    assert found is not None
    assert (found.path, found.folder) == ("../.github/CODEOWNERS", "shop/")
    assert (found.of("flags/x.yaml"), found.of("shop/flags/x.yaml")) == (("@a",), ())
    assert read_code_owners(tmp_path / "nowhere", around=root / "shop") == found
    write({"shop/CODEOWNERS": "* @own\n"})
    own = read_code_owners(root / "shop")
    assert own is not None
    assert (own.path, own.folder) == ("CODEOWNERS", "")
    write({"shop/web/.git/HEAD": ""})
    assert read_code_owners(root / "shop" / "web") is None, "a repository of its own"


def test_owners_file(write: Write) -> None:
    config = 'owners = "owners.yaml"\n'
    people = '"@acme/oncall": [ann@example.com, "@bob"]\n"@acme/data": []\n'
    root = write({"flagctl.toml": config, "owners.yaml": people})
    assert read_owners(find_config(root)) == {"@acme/oncall": ("ann@example.com", "@bob"), "@acme/data": ()}
    assert read_owners(find_config(write({"flagctl.toml": ""}))) is None
    assert read_owners(find_config(write({"flagctl.toml": config, "owners.yaml": "# nobody\n"}))) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("- a\n", "owners.yaml:1:1: a team and its people are written as"),
        ("a: b\n", "owners.yaml:1:4: a team and its people are written as"),
        ("a: [b]\nc: [[d]]\n", "owners.yaml:2:4: a team and its people are written as"),
        ("a: [b]\na: [c]\n", "owners.yaml:2:1: "),
        ("a: [b\n", "owners.yaml:1:4: "),
        ("a: [b]\n---\nc: [d]\n", "owners.yaml: an owners file is one document"),
    ],
)
def test_owners_file_that_cannot_be_used(write: Write, text: str, message: str) -> None:
    root = write({"flagctl.toml": 'owners = "owners.yaml"\n', "owners.yaml": text})
    with pytest.raises(InputError) as raised:
        read_owners(find_config(root))
    assert str(raised.value).startswith(message)


def test_owners_file_that_is_not_there(write: Write) -> None:
    root = write({"flagctl.toml": 'owners = "people.yaml"\n'})
    with pytest.raises(InputError, match=r"flagctl\.toml:1:.*people\.yaml cannot be read"):
        read_owners(find_config(root))


def test_tombstones(write: Write) -> None:
    root = write(
        {
            "flags/a.yaml": "key: a\n",
            "flags/archive/b.yaml": 'key: b\naliases: [bB]\nremoved: {on: 2026-01-01, kept: "on"}\n',
            "flags/archive/broken.yaml": "key: [\n",
            "flags/sub/c.yaml": "key: c\n",
            "flags/sub/archive/d.yml": "key: d\n",
            "archive/e.yaml": "key: e\n",
        }
    )
    assert tombstones(find_config(root)) == {
        "b": "flags/archive/b.yaml",
        "bB": "flags/archive/b.yaml",
        "broken": "flags/archive/broken.yaml",
        "d": "flags/sub/archive/d.yml",
    }
