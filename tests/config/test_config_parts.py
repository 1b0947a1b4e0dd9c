"""A nested `flagctl.toml` makes its folder a part: which are found, what they set, what they have from around them."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from flagctl.config import Config, find_config, read_config
from flagctl.config.conventions import Conventions, Evaluation, Registry
from flagctl.model import InputError, Severity

Write = Callable[[Mapping[str, str | bytes]], Path]


def repository(root: Path) -> Path:
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def folders(config: Config) -> list[str]:
    return [part.folder for part in config.parts]


# --- which there are --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_git", [False, True], ids=["outside git", "in git"])
@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"flagctl.toml": ""}, [], id="the root is no part"),
        pytest.param({"a/flagctl.toml": ""}, ["a/"], id="without one at the root"),
        pytest.param({"pyproject.toml": "[tool.flagctl]", "a/flagctl.toml": ""}, ["a/"], id="pyproject at the root"),
        pytest.param({"flagctl.toml": "", "b/flagctl.toml": "", "a/flagctl.toml": ""}, ["a/", "b/"], id="several"),
        pytest.param({"a/b/flagctl.toml": "", "a/flagctl.toml": ""}, ["a/", "a/b/"], id="outer before inner"),
        pytest.param({"a/pyproject.toml": "[tool.flagctl]"}, [], id="not of a pyproject"),
        pytest.param({"a/my-flagctl.toml": "", "a/flagctl.toml.bak": ""}, [], id="other names"),
        pytest.param({"a/flagctl.toml/x": ""}, [], id="a folder of that name"),
        pytest.param({"flagctl.toml": 'exclude = ["a"]', "a/b/flagctl.toml": "", "c/flagctl.toml": ""}, ["c/"], id="x"),
        pytest.param(
            {"flagctl.toml": 'sources = ["a", "./b/"]', **{f"{each}/flagctl.toml": "" for each in ("a", "b/c", "ab")}},
            ["a/", "b/c/"],
            id="inside the sources",
        ),
        pytest.param(
            {"a/flagctl.toml": 'exclude = ["b"]', "a/b/flagctl.toml": "", "b/flagctl.toml": ""},
            ["a/", "b/"],
            id="excluded by a part",
        ),
        pytest.param({"node_modules/a/flagctl.toml": "", ".gitignore": "node_modules"}, [], id="not ours"),
        pytest.param({"with space/é [x]/flagctl.toml": ""}, ["with space/é [x]/"], id="odd names"),
    ],
)
def test_parts(write: Write, files: dict[str, str | bytes], expected: list[str], in_git: bool) -> None:
    root = write({"README.md": "", **files})
    if in_git:
        repository(root)
    config = read_config(root / "flagctl.toml") if "flagctl.toml" in files else find_config(root)
    assert (config.folder, folders(config), config.here) == ("", expected, "")


def test_what_git_ignores_is_no_part(write: Write) -> None:
    root = repository(write({".gitignore": "build\n", "build/flagctl.toml": "", "a/flagctl.toml": ""}))
    assert folders(find_config(root)) == ["a/"]


def test_a_file_that_is_gone_is_no_part(write: Write) -> None:
    root = repository(write({"a/flagctl.toml": "", "b/flagctl.toml": ""}))
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    (root / "a/flagctl.toml").unlink()
    assert folders(find_config(root)) == ["b/"]


def test_a_file_belongs_to_the_innermost_part(write: Write) -> None:
    config = find_config(write({"a/flagctl.toml": "", "a/b/c/flagctl.toml": ""}))
    of = {
        path: config.at(path).folder
        for path in ("x.py", "a", "a/x.py", "a/b/x.py", "a/b/c", "a/b/c/d/e.py", "ab/x.py", "z/a/x.py")
    }
    assert of == {
        "x.py": "", "a": "a/", "a/x.py": "a/", "a/b/x.py": "a/", "a/b/c": "a/b/c/", "a/b/c/d/e.py": "a/b/c/",
        "ab/x.py": "", "z/a/x.py": "",
    }  # fmt: skip


# --- where a run starts -----------------------------------------------------------------------------------------------

MONOREPO = {"flagctl.toml": 'exclude = ["examples"]', "a/flagctl.toml": "", "a/x/b/flagctl.toml": "", "c/x.py": ""}


@pytest.mark.parametrize(
    ("start", "here"),
    [(".", ""), ("c", ""), ("a", "a/"), ("a/x", "a/"), ("a/x/b", "a/x/b/"), ("a/x/b/deep", "a/x/b/")],
)
def test_from_inside_a_part_the_whole_is_found(write: Write, start: str, here: str) -> None:
    root = repository(write(MONOREPO))
    (root / start).mkdir(parents=True, exist_ok=True)
    config = find_config(root / start)
    assert (config.root, config.here, folders(config)) == (root.resolve(), here, ["a/", "a/x/b/"])


@pytest.mark.parametrize(
    ("files", "start"),
    [
        pytest.param({"examples/shop/flagctl.toml": ""}, "examples/shop", id="excluded"),
        pytest.param({"a/pyproject.toml": "[tool.flagctl]"}, "a", id="a pyproject"),
        pytest.param({"build/flagctl.toml": "", ".gitignore": "build"}, "build", id="ignored"),
        pytest.param({"module/.git": "gitdir: elsewhere", "module/flagctl.toml": ""}, "module", id="a submodule"),
        pytest.param({"module/.git": "gitdir: elsewhere", "module/a/flagctl.toml": ""}, "module/a", id="inside one"),
    ],
)
def test_what_is_no_part_is_a_project_of_its_own(write: Write, files: dict[str, str | bytes], start: str) -> None:
    root = repository(write({"flagctl.toml": 'exclude = ["examples"]', **files}))
    config = find_config(root / start)
    assert (config.root, config.here) == ((root / start).resolve(), "")


def test_a_part_of_what_is_excluded(write: Write) -> None:
    root = repository(write({**MONOREPO, "examples/flagctl.toml": "", "examples/a/flagctl.toml": ""}))
    config = find_config(root / "examples/a")
    assert (config.root, config.here) == ((root / "examples").resolve(), "a/")


def test_outside_git_the_nearest_is_the_root(write: Write) -> None:
    """Whatever lies further up may be anybody's."""
    root = write({"flagctl.toml": "", "a/flagctl.toml": ""})
    assert find_config(root / "a").root == (root / "a").resolve()


def test_the_repository_is_the_limit(write: Write) -> None:
    root = write({"flagctl.toml": "", "repo/a/flagctl.toml": "", "repo/x.py": ""})
    repository(root / "repo")
    assert find_config(root / "repo/a").root == (root / "repo/a").resolve()


def test_a_named_file_is_the_root(write: Write) -> None:
    root = repository(write(MONOREPO))
    config = read_config(root / "a/flagctl.toml")
    assert (config.root, config.here, folders(config)) == ((root / "a").resolve(), "", ["x/b/"])


# --- what a part sets, and what it has from around it -----------------------------------------------------------------

HELPER = '[[evaluation]]\ncall = "*helper"\nkey = 0\n'
EVALUATION = Evaluation(("*helper",), key=(0,))
ROOT = f"""\
definitions = ["all"]
exclude = ["vendor"]
tests = ["spec"]
environment = "staging"
sdks = ["openfeature"]
owners = "owners.yaml"
key_pattern = "^x"
{HELPER}
[lifetime]
release = 1
ops = 2
[thresholds]
grace = 3
[rules]
select = ["FLG1"]
ignore = ["FLG102"]
fail_on = "warning"
[rules.severity]
FLG101 = "info"
[rules.per_path_ignores]
"legacy" = ["FLG101"]
"""


def different(one: Config, other: Config) -> dict[str, Any]:
    """What the first has that the other has not."""
    where = ("root", "document", "folder", "parts", "here")
    names = (each.name for each in fields(Config) if each.name not in where)
    return {name: getattr(one, name) for name in names if getattr(one, name) != getattr(other, name)}


OWN = {"definitions": ("a/flags",), "sources": ("a",)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", {}, id="nothing"),
        pytest.param('definitions = ["x", "y/*.yaml"]', {"definitions": ("a/x", "a/y/*.yaml")}, id="definitions"),
        pytest.param('sources = ["src", "./lib/"]', {"sources": ("a/src", "a/lib")}, id="sources"),
        pytest.param('environment = "test"', {"environment": "test"}, id="environment"),
        pytest.param('sdks = ["django-waffle"]', {"sdks": ("django-waffle",)}, id="sdks"),
        pytest.param('sdks = "auto"', {"sdks": None}, id="sdks auto"),
        pytest.param('owners = "teams.yaml"', {"owners": "a/teams.yaml"}, id="owners"),
        pytest.param('key_pattern = "^y"', {"key_pattern": "^y"}, id="key_pattern"),
        pytest.param('tests = ["t", "u/*.py", "/v"]', {"tests": ("/a/**/t", "/a/u/*.py", "/a/v")}, id="tests"),
        pytest.param("tests = []", {"tests": ()}, id="no tests"),
        pytest.param('exclude = ["gen"]', {"exclude": ("vendor", "/a/**/gen")}, id="exclude adds"),
        pytest.param('exclude = ["!vendor/"]', {"exclude": ("vendor", "!/a/**/vendor/")}, id="exclude takes back"),
    ],
)
def test_settings_of_a_part(write: Write, text: str, expected: dict[str, Any]) -> None:
    config = find_config(write({"flagctl.toml": ROOT, "a/flagctl.toml": text}))
    assert different(config.parts[0], config) == {**OWN, **expected}


def test_tables_of_a_part(write: Write) -> None:
    part = """
        [[evaluation]]
        call = "*own"
        key = 1
        [[registry]]
        file = "keys.py"
        object = "KEYS"
        [lifetime]
        ops = 9
        [thresholds]
        expires_soon = 8
        [rules]
        ignore = []
        [rules.severity]
        FLG102 = "error"
        [rules.per_path_ignores]
        "old/**" = ["FLG1"]
        """
    config = find_config(write({"flagctl.toml": ROOT, "a/flagctl.toml": part}))
    [of_part] = config.parts
    assert config.conventions == Conventions(evaluations=(EVALUATION,))
    assert of_part.conventions == Conventions(
        evaluations=(Evaluation(("*own",), key=(1,)), EVALUATION), registries=(Registry("a/keys.py", "KEYS"),)
    )
    assert (of_part.lifetime.release, of_part.lifetime.ops, of_part.lifetime.experiment) == (1, 9, 40)
    assert (of_part.thresholds.grace, of_part.thresholds.expires_soon) == (3, 8)
    rules = of_part.rules
    assert (rules.select, rules.ignore, rules.fail_on) == (("FLG1",), (), Severity.WARNING)
    assert rules.severity == {"FLG101": Severity.INFO, "FLG102": Severity.ERROR}
    assert rules.per_path_ignores == {"legacy": ("FLG101",), "/a/old/**": ("FLG1",)}


def test_a_part_of_a_part_has_what_is_around_it(write: Write) -> None:
    files = {"flagctl.toml": ROOT, "a/flagctl.toml": 'key_pattern = "^y"\n', "a/b/flagctl.toml": HELPER}
    config = find_config(write(files))
    inner = config.at("a/b/x.py")
    assert (inner.folder, inner.key_pattern, inner.definitions) == ("a/b/", "^y", ("a/b/flags",))
    assert inner.conventions.evaluations == (EVALUATION, EVALUATION)


@pytest.mark.parametrize(
    ("pattern", "path", "is_match"),
    [
        ("gen", "a [1]/gen/x.py", True),
        ("gen", "a [1]/deep/gen", True),
        ("gen", "gen/x.py", False),
        ("gen", "a 1/gen/x.py", False),
        ("/gen", "a [1]/gen/x.py", True),
        ("/gen", "a [1]/deep/gen", False),
        ("x/gen", "a [1]/x/gen", True),
        ("x/gen", "a [1]/y/x/gen", False),
        ("**/gen", "a [1]/y/x/gen", True),
        ("gen/", "a [1]/y/gen/x", True),
        ("*.py", "a [1]/y/x.py", True),
        ("*", "a [1]/y", True),
        ("*", "b/y", False),
        ("\\!gen", "a [1]/!gen", True),
        ("# gen", "a [1]/# gen", False),
        ("", "a [1]/x", False),
    ],
)
def test_patterns_of_a_part_are_about_its_folder(write: Write, pattern: str, path: str, is_match: bool) -> None:
    text = f"exclude = ['{pattern}']\nsources = ['.']\n"
    config = find_config(write({"a [1]/flagctl.toml": text}))
    [part] = config.parts
    assert part.reads(path) is not is_match if path.startswith("a [1]") else not part.reads(path)


# --- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sdks = 3", ':1: "sdks" must be a list'),
        ('\nflag = "x"', ':2: unknown key "flag"'),
        ("a = [", ":1: is not valid TOML: "),
        (b"\xff", ": is not UTF-8 (byte 0); save it as UTF-8"),
        ('definitions = ["../flags"]', ':1: "definitions" must stay inside its folder: "../flags" does not'),
        ('sources = ["/etc"]', ':1: "sources" must stay inside its folder: "/etc" does not'),
        ('[rules.per_path_ignores]\n"a//b[" = []\n"!" = []', ':3: "!" is not a pattern on files'),
        ("[lifetime]\nrelease = -1", ':2: "release" must not be negative'),
    ],
)
def test_a_mistake_in_a_part_is_named_where_it_stands(write: Write, text: str | bytes, message: str) -> None:
    root = write({"flagctl.toml": "", "a/flagctl.toml": text if isinstance(text, bytes) else text.encode()})
    with pytest.raises(InputError, match="^" + re.escape(f"{root.resolve()}/a/flagctl.toml{message}")) as error:
        find_config(root)
    assert "\n" not in str(error.value)


def test_the_order_of_parts_does_not_depend_on_git(write: Write) -> None:
    files = {f"{each}/flagctl.toml": "" for each in ("b", "a-x", "a/z", "a")}
    root = write(files)
    outside = folders(find_config(root))
    assert outside == folders(find_config(repository(root))) == ["a-x/", "a/", "a/z/", "b/"]
