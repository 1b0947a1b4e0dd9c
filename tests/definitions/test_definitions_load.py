"""Files to flags: which files, what becomes of their values, and that nothing makes the reader fall over."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flagctl.cache import Cache
from flagctl.config import Config
from flagctl.definitions import Definitions, definition_files, load_definitions, read_definitions
from flagctl.model import Environment, Extension, Flag, InputError, KillSwitch, Location, Segment, Window

COMPLETE = (Path(__file__).parent / "complete.yaml").read_bytes()


def flag(text: str) -> Flag:
    [only] = read_definitions("flags/a.yaml", text.encode()).flags
    return only


def project(root: Path, *files: str, definitions: tuple[str, ...] = ("flags",), owners: str | None = None) -> Config:
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"key: {path.stem}\n", encoding="utf-8")
    return Config(root, definitions=definitions, owners=owners)


def listed(config: Config) -> list[str]:
    return [path.relative_to(config.root).as_posix() for path in definition_files(config)]


# --- values -----------------------------------------------------------------------------------------------------------


def test_a_complete_definition_arrives_whole() -> None:
    [found] = read_definitions("flags/new-checkout.yaml", COMPLETE).flags
    assert found.names == ("new-checkout", "newCheckout")
    assert found.owner == "@acme/payments"
    assert (found.created, found.expires) == (date(2026, 3, 2), date(2026, 5, 1))
    assert found.variants == {"on": True, "off": False}
    assert found.on_removal == "on"
    assert found.kill_switch == KillSwitch("off", "docs/runbooks/checkout.md", date(2026, 4, 1))
    assert found.access is not None
    assert found.access.approve == ("@acme/payments-leads",)
    assert found.rollout is not None
    assert found.rollout.plan == (0, 2, 10, 50, 100)
    assert found.rollout.environments["production"] == Environment(50, "on")
    assert found.targeting == (Segment("enterprise", "Do large accounts complete checkout?", date(2026, 5, 1)),)
    assert found.experiment is not None
    assert found.experiment.arms == {"off": 50, "on": 50}
    assert found.experiment.minimum_detectable_effect == 0.02
    assert found.experiment.window == Window(date(2026, 3, 10), date(2026, 4, 10))
    assert found.decision is not None
    assert (found.decision.keep, found.decision.date) == ("on", date(2026, 4, 12))
    reason = "Tax rules slipped a release"
    assert found.extensions == (Extension(date(2026, 4, 11), date(2026, 5, 1), "@acme/payments", reason),)


def test_what_a_definition_does_not_say_is_none() -> None:
    found = flag("key: a\nkill_switch: {}\nexperiment: {window: {}}\n")
    assert found.owner is None
    assert found.kill_switch == KillSwitch()
    assert found.experiment is not None
    assert found.experiment.window == Window()
    assert found.variants == {"on": True, "off": False}


@pytest.mark.parametrize("text", ["1.10", "on", "yes", "true", "2026-03-02", "0x1F", "1e3", "<<", "-", ".inf", "12:30"])
def test_text_stays_as_it_was_written(text: str) -> None:
    assert flag(f"key: a\nowner: {text}\n".replace("owner: -", "owner: '-'")).owner == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("False", False),
        ("on", "on"),
        ("~", None),
        ("", None),
        ("0o17", 15),
        ("0x1F", 31),
        ("010", 10),
        ("+1", 1),
        ("1.10", 1.1),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-03-02", "2026-03-02"),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!!float 1", 1.0),
        ("[1, {a: ~}]", [1, {"a": None}]),
    ],
)
def test_a_value_without_a_wanted_type_follows_the_core_schema(text: str, value: object) -> None:
    found = flag(f"key: a\nvariants: {{x: {text}}}\n").variants["x"]
    assert found == value
    assert type(found) is type(value)


def test_true_and_false_are_on_and_off_where_a_variant_is_meant() -> None:
    found = flag(
        "key: a\non_removal: true\nvariants: {true: 1, FALSE: 2}\nkill_switch: {kills_when: False}\n"
        "decision: {keep: 'true'}\nexperiment: {control: off, arms: {true: 1, off: 1}}\n"
    )
    assert (found.on_removal, dict(found.variants)) == ("on", {"on": 1, "off": 2})
    assert found.kill_switch == KillSwitch("off")
    assert found.decision is not None
    assert found.decision.keep == "on"
    assert found.experiment is not None
    assert (found.experiment.control, set(found.experiment.arms)) == ("off", {"on", "off"})


def test_an_environment_may_be_called_true() -> None:
    rollout = flag("key: a\nrollout: {environments: {true: {percent: 1}}}\n").rollout
    assert rollout is not None
    assert set(rollout.environments) == {"true"}


@pytest.mark.parametrize(("text", "effect"), [("2%", 0.02), ("0.7%", 0.007), ("0.02", 0.02), ("'12.5%'", 0.125)])
def test_an_effect_is_a_share(text: str, effect: float) -> None:
    experiment = flag(f"key: a\nexperiment: {{minimum_detectable_effect: {text}}}\n").experiment
    assert experiment is not None
    assert experiment.minimum_detectable_effect == effect


def test_explicit_keys_win_over_merged_ones() -> None:
    found = flag(
        "key: a\nkill_switch: &k {kills_when: off, runbook: r}\naccess: {toggle: [x]}\n<<: {key: b, owner: o}\n"
    )
    assert (found.key, found.owner) == ("a", "o")


# --- places -----------------------------------------------------------------------------------------------------------


def test_every_field_has_a_place_and_so_has_its_key() -> None:
    found = flag(
        "# first\nkey: a\nrollout:\n  environments:\n    production: {percent: 50}\naliases:\n- b\n- 'c d'\n"[:-9]
    )
    path = "flags/a.yaml"
    assert found.first == Location(path, 2, 1, 2, 4)
    assert found.at("key") == Location(path, 2, 6, 2, 7)
    assert found.at("rollout") == Location(path, 4, 3, 5, 30)
    assert found.at("rollout.environments.production.percent") == Location(path, 5, 27, 5, 29)
    assert found.at("@rollout.environments.production.percent") == Location(path, 5, 18, 5, 25)
    assert found.at("aliases.0") == Location(path, 7, 3, 7, 4)
    assert found.at("owner") == found.first


def test_columns_count_characters() -> None:
    found = flag("key: a\r\naccess: {toggle: ['🎉é', x]}\r\n")
    assert found.at("access.toggle.1") == Location("flags/a.yaml", 2, 25, 2, 26)


def test_a_block_ends_with_its_text() -> None:
    found = flag("key: a\nreason: |\n  one\n  two\n\n\n# comment\nowner: x\n")
    assert found.at("reason") == Location("flags/a.yaml", 2, 9, 4, 6)


# --- what is passed over ----------------------------------------------------------------------------------------------


def test_a_passed_over_definition_still_lends_its_names() -> None:
    found = read_definitions("a.yaml", b"key: a\naliases: [b, 7, ~]\ntype: x\n---\nkey: c\n---\nkey: d\nowner: [\n")
    assert [each.key for each in found.flags] == ["c"]
    assert found.invalid_names == {"a", "b", "7", "d"}
    assert found.passed_over == 2
    assert {problem.flag for problem in found.problems} == {"a", "d"}


def test_names_that_cannot_be_printed_are_not_lent() -> None:
    found = read_definitions("a.yaml", b'key: "a\\u202e"\naliases: ["b\\e[31m", c]\n')
    assert found.invalid_names == {"c"}


def test_a_definition_followed_by_stray_text_is_not_trusted() -> None:
    found = read_definitions("a.yaml", b"  key: a\nowner: x\n")
    assert not found.flags
    assert found.invalid_names == {"a"}


# --- ignore comments --------------------------------------------------------------------------------------------------


def comments(text: str) -> list[tuple[int, int, tuple[str, ...], str, list[int]]]:
    found = read_definitions("flags/a.yaml", text.encode()).suppressions
    return [(each.location.line, each.location.column, each.codes, each.reason, list(each.lines)) for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("key: a # flagctl: ignore[FLG003] old\n", [(1, 8, ("FLG003",), "old", [1])]),
        ("key: a #flagctl: ignore[ FLG101 ,FLG003,]\r\n", [(1, 8, ("FLG101", "FLG003"), "", [1])]),
        ("# flagctl: ignore[FLG003] old\n\n# why\n---\nkey: a\n", [(1, 1, ("FLG003",), "old", [5])]),
        ("key: a # note # flagctl: ignore[X] y\n", [(1, 15, ("X",), "y", [1])]),
        ("key: a\n# flagctl: ignore[X] y", [(2, 1, ("X",), "y", [2])]),
        ("key: a\nreason: | # flagctl: ignore[X] y\n  # flagctl: ignore[Z] z\n", [(2, 11, ("X",), "y", [2])]),
        ("key: a\nreason: 'x\n  # flagctl: ignore[Z] z'\n", []),
        ('key: a\nreason: " # flagctl: ignore[Z] z"\n', []),
        (
            "key: a\nreason: >\n  x\n  # flagctl: ignore[Z] z\n# flagctl: ignore[X] y\nowner: x\n",
            [(5, 1, ("X",), "y", [6])],
        ),
        ("key: a#flagctl: ignore[X]y\n", []),
        ("key: a # flagctl: ignore\n", [(1, 8, (), "", [1])]),
        ("key: a # flagctl:x\n", []),
        ("key: a\nowner: [ # flagctl: ignore[FLG001] being written\n", [(2, 10, ("FLG001",), "being written", [2])]),
    ],
)
def test_ignore_comments(text: str, expected: list[object]) -> None:
    assert comments(text) == expected


# --- files ------------------------------------------------------------------------------------------------------------


def test_folders_and_globs(tmp_path: Path) -> None:
    config = project(
        tmp_path,
        "flags/b.yaml",
        "flags/a.yml",
        "flags/deep/er/c.yaml",
        "flags/readme.md",
        "services/x/flags/d.yaml",
        "services/y/flags/e.yaml",
        "single.yaml",
        definitions=("flags", "flags/*.yaml", "services/*/flags", "single.yaml", "nowhere", "no/*/thing"),
    )
    assert listed(config) == [
        "flags/a.yml",
        "flags/b.yaml",
        "flags/deep/er/c.yaml",
        "services/x/flags/d.yaml",
        "services/y/flags/e.yaml",
        "single.yaml",
    ]


@pytest.mark.parametrize("definitions", [("flags",), ("flags/**/*.yaml",)])
def test_tombstones_the_metric_tree_and_the_owners_are_no_definitions(
    tmp_path: Path, definitions: tuple[str, ...]
) -> None:
    files = ("flags/a.yaml", "flags/archive/b.yaml", "flags/x/archive/y/c.yaml", "flags/metrics.yaml", "flags/who.yaml")
    assert listed(project(tmp_path, *files, definitions=definitions, owners="flags/who.yaml")) == ["flags/a.yaml"]


def test_a_definition_deeper_down_may_be_called_metrics(tmp_path: Path) -> None:
    assert listed(project(tmp_path, "flags/x/metrics.yaml")) == ["flags/x/metrics.yaml"]


def test_an_archive_above_the_definitions_does_not_matter(tmp_path: Path) -> None:
    assert listed(project(tmp_path / "archive", "flags/a.yaml")) == ["flags/a.yaml"]


def test_links_neither_escape_nor_repeat_nor_loop(tmp_path: Path) -> None:
    config = project(tmp_path / "root", "flags/a.yaml")
    project(tmp_path, "outside/b.yaml")
    flags = config.root / "flags"
    (flags / "loop").symlink_to(flags)
    (flags / "escape").symlink_to(tmp_path / "outside")
    (flags / "escape.yaml").symlink_to(tmp_path / "outside/b.yaml")
    (flags / "A.yaml").symlink_to(flags / "a.yaml")
    (flags / "self.yaml").symlink_to(flags / "self.yaml")
    assert listed(config) == ["flags/a.yaml", "flags/self.yaml"]
    [problem] = load_definitions(config).problems
    assert problem.location == Location("flags/self.yaml")
    globs = Config(config.root, definitions=("flags/*/*.yaml", "flags/loop"))
    assert listed(globs) == ["flags/loop/A.yaml", "flags/loop/self.yaml"]
    assert listed(Config(config.root, definitions=("flags/loop", "flags"))) == ["flags/a.yaml", "flags/self.yaml"]


def test_what_is_no_file_is_a_problem(tmp_path: Path) -> None:
    config = project(tmp_path, "flags/a.yaml")
    (tmp_path / "flags/folder.yaml").mkdir()
    os.mkfifo(tmp_path / "flags/pipe.yaml")
    found = load_definitions(config)
    assert [problem.location.path for problem in found.problems] == ["flags/folder.yaml", "flags/pipe.yaml"]
    assert {problem.message for problem in found.problems} == {
        "this is not a file; rename it or move it out of the definitions"
    }
    assert (len(found.flags), found.passed_over, len(found.files)) == (1, 2, 3)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_a_problem(tmp_path: Path) -> None:
    config = project(tmp_path, "flags/a.yaml", "flags/secret/b.yaml")
    (tmp_path / "flags/a.yaml").chmod(0)
    (tmp_path / "flags/secret").chmod(0)
    assert [problem.location.path for problem in load_definitions(config).problems] == ["flags/a.yaml", "flags/secret"]
    (tmp_path / "flags/secret").chmod(0o700)


def test_what_a_cache_knows_to_be_valid(tmp_path: Path) -> None:
    config = project(tmp_path, "flags/a.yaml", "flags/b.yaml")
    cache_file = tmp_path / "cache.sqlite"
    first = load_definitions(config, Cache(cache_file))
    assert (len(first.flags), first.problems) == (2, ())
    assert load_definitions(config, Cache(cache_file)) == first
    (tmp_path / "flags/a.yaml").write_text("key: a\nexpires: soon\n")
    changed = load_definitions(config, Cache(cache_file))
    assert changed == load_definitions(config)
    assert {problem.location.path for problem in changed.problems} == {"flags/a.yaml"}
    assert load_definitions(config, Cache(cache_file)) == changed


def test_valid_definitions_do_without_the_validator(tmp_path: Path) -> None:
    project(tmp_path, "flags/a.yaml")
    code = (
        "import sys; from pathlib import Path; from flagctl.cache import Cache\n"
        "from flagctl.config import Config; from flagctl.definitions import load_definitions\n"
        "load_definitions(Config(Path()), Cache(Path('cache.sqlite'))); print('jsonschema' in sys.modules)"
    )
    runs = [subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True) for _ in "ab"]
    assert [run.stdout.strip() for run in runs] == ["True", "False"]


def test_without_definitions_there_is_nothing(tmp_path: Path) -> None:
    assert load_definitions(Config(tmp_path)) == Definitions()


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="pathlib takes any text for a glob")
def test_a_glob_that_is_none_is_a_configuration_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="definitions"):
        definition_files(Config(tmp_path, definitions=("flags/**x/*.yaml",)))


# --- anything at all --------------------------------------------------------------------------------------------------

FIELDS = ["key: a", "key: b", "owner: ", "expires: 2026-01-01", "rollout:", "  plan: ", "variants: ", "aliases: "]
NESTED = ["experiment: {arms: ", "targeting:\n- ", "~: ", "true", "on", ".nan", "1e999", "é", "🎉", "\u2028", "\x85"]
MARKS = [
    "[",
    "]",
    "{",
    "}",
    ",",
    "- ",
    "? ",
    ": ",
    ": x",
    "'",
    '"',
    "\\",
    "\\n",
    "#",
    "%",
    "@",
    "`",
    "~",
    "!t ",
    "!!str ",
]
SPACE = ["\n", "\n\n", "\r\n", "\r", "\t", "  ", "---\n", "\n---\n", "...\n", ">\n", "|\n  x\n", "\x00", "\ufeff"]
OTHERS = ["&x ", "*x", "<<: *x", "<<: ", "!!int ", " # flagctl: ignore[X] y", "%YAML 1.2\n", ">-\n"]
fragments = st.sampled_from([*FIELDS, *NESTED, *MARKS, *SPACE, *OTHERS])


def is_sane(data: bytes) -> bool:
    """Reads whatever it is, and every location lies within it."""
    found = read_definitions("flags/a.yaml", data)
    text = data.decode("utf-8-sig", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    locations = [problem.location for problem in found.problems]
    locations += [each.location for each in found.suppressions]
    locations += [place for each in found.flags for place in (each.first, *each.places.values())]
    assert found.flags or found.problems
    assert found.passed_over <= len(found.problems)
    assert all("\n" not in problem.message + (problem.hint or "") for problem in found.problems)
    assert list(found.problems) == sorted(found.problems, key=lambda problem: problem.location)
    for place in locations:
        assert (1, 1) <= (place.line, place.column) <= (place.end_line, place.end_column)
        assert place.end_line <= len(lines)
        assert place.column <= len(lines[place.line - 1]) + 1
    return True


@given(st.lists(fragments, max_size=40).map("".join))
@settings(max_examples=500, deadline=None)
def test_fragments_of_yaml_never_break_the_reader(text: str) -> None:
    assert is_sane(text.encode())


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_bytes_never_break_the_reader(data: bytes) -> None:
    assert is_sane(data)


@given(st.integers(0, len(COMPLETE)), st.integers(0, 30), fragments)
@settings(max_examples=500, deadline=None)
def test_a_damaged_definition_never_breaks_the_reader(start: int, length: int, inserted: str) -> None:
    assert is_sane(COMPLETE[:start] + inserted.encode() + COMPLETE[start + length :])


@given(st.lists(fragments, max_size=20).map("".join))
@settings(max_examples=300, deadline=None)
def test_a_sound_definition_is_read_whatever_comes_after(text: str) -> None:
    data = f"key: sound\n---\n{text}".encode()
    if b"\x00" not in data and b"\xef\xbb\xbf" not in data:
        assert "sound" in {each.key for each in read_definitions("flags/a.yaml", data).flags}
