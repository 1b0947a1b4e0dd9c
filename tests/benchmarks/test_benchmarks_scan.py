"""What the benchmark plants is where it says, in Python that is valid; nothing is measured here."""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import scan as benchmark

from flagctl.config import find_config
from flagctl.definitions import load_definitions

REAL = '''\
# Somebody's licence
"""Component {number}."""

from __future__ import annotations

import os


class Component{number}:
    """A component."""

    @property
    def name(self):
        """Its name."""
        return os.fspath("{number}")


async def setup_{number}(hass):
    if hass:
        return Component{number}()
    return None
'''
FILES = 30


@pytest.fixture
def sources(tmp_path: Path) -> list[benchmark.Source]:
    """Thirty tiny files, one of them empty."""
    tree = tmp_path / "tree"
    for number in range(FILES):
        folder = tree / "components" / f"c{number}"
        folder.mkdir(parents=True)
        (folder / "__init__.py").write_text(REAL.format(number=number) if number else "")
    return benchmark.sampled(tree, benchmark.real_files(tree), FILES, seed=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "planted"


def test_every_file_is_valid_python_and_keeps_its_own_lines(sources: list[benchmark.Source], folder: Path) -> None:
    benchmark.plant(folder, sources, seed=1)
    for source in sources:
        planted = (folder / source.path).read_text()
        ast.parse(planted)
        lines = iter(planted.split("\n"))
        assert all(line in lines for line in source.origin.read_text().splitlines()), source.path
    for path in folder.rglob("*.py"):
        assert "#>" not in path.read_text()
        ast.parse(path.read_text())


def test_every_shape_is_planted_where_it_is_said_to_be(sources: list[benchmark.Source], folder: Path) -> None:
    truth = benchmark.plant(folder, sources, seed=1)
    assert set(truth.evaluations.values()) == {shape.__name__ for shape in benchmark.SHAPES}
    for (place, flag), shape in truth.evaluations.items():
        line = (folder / place.path).read_text().split("\n")[place.line - 1]
        assert "(" in line or "waffle_flag = " in line, f"{shape} at {place}: {line}"
        if shape in ("literal", "awaited", "keyword_key", "waffle_call", "waffle_decorator", "one_of_two"):
            assert f'"{flag}"' in line, f"{shape} at {place}: {line}"
    for (place, flag), shape in truth.mentions.items():
        line = (folder / place.path).read_text().split("\n")[place.line - 1]
        assert flag in line, f"{shape} at {place}: {line}"


def test_what_is_only_told_of_is_never_asked_for(sources: list[benchmark.Source], folder: Path) -> None:
    truth = benchmark.plant(folder, sources, seed=1)
    told, asked = ({flag for _, flag in found} for found in (truth.mentions, truth.evaluations))
    assert len(told) == benchmark.TOLD
    assert told.isdisjoint(asked)


def test_the_same_seed_plants_the_same(sources: list[benchmark.Source], tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "other"]
    one, other = (benchmark.plant(folder, sources, seed=7) for folder in folders)
    assert one == other
    texts = [{path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.*")} for folder in folders]
    assert texts[0] == texts[1]
    assert benchmark.plant(tmp_path / "third", sources, seed=8) != one


def test_the_definitions_are_valid(sources: list[benchmark.Source], folder: Path) -> None:
    benchmark.plant(folder, sources, seed=1)
    definitions = load_definitions(find_config(folder))
    assert len(definitions.flags) == benchmark.FLAGS
    assert not definitions.problems


def test_files_are_copied_again_where_there_are_too_few(sources: list[benchmark.Source], tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    more = benchmark.sampled(tree, benchmark.real_files(tree), 2 * FILES + 5, seed=1)
    assert more[:FILES] == sources
    assert len({source.path for source in more}) == 2 * FILES + 5
    assert [source.path.partition("/")[0] for source in more[FILES::FILES]] == ["copy_2", "copy_3"]


def test_files_that_name_an_sdk_or_are_hidden_are_left_out(tmp_path: Path) -> None:
    for name in ("a.py", "sdk.py", ".hidden/b.py", "c.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("import waffle\n" if name == "sdk.py" else "")
    assert benchmark.real_files(tmp_path) == ["a.py"]


# --- the check --------------------------------------------------------------------------------------------------------


def reference(line: int, flag: str | None, role: str = "evaluation", path: str = "a.py") -> Mapping[str, Any]:
    return {"path": path, "line": line, "flag": flag, "role": role}


SOURCE = """\
ask("new-checkout")  #> evaluation new-checkout
# old-search  #> mention old-search
"old-search-2"  #> nothing
ask(key)  #> open
other("old-search")"""
RIGHT = [reference(1, "new-checkout"), reference(2, "old-search", "mention")]


@pytest.fixture
def truth() -> benchmark.Truth:
    truth = benchmark.Truth()
    benchmark.File("a.py", SOURCE, "shape").tell(truth)
    return truth


@pytest.mark.parametrize(
    "more", [[], [reference(4, None)], [reference(5, "old-search", "mention")]], ids=["all", "open", "another mention"]
)
def test_right(truth: benchmark.Truth, more: list[Mapping[str, Any]]) -> None:
    verdict = benchmark.check(truth, [*RIGHT, *more])
    assert verdict
    assert verdict.planted == {"shape": 2}
    assert (verdict.recall, verdict.precision) == (1, 1)


@pytest.mark.parametrize(
    ("found", "missed", "invented"),
    [
        (RIGHT[1:], ["a.py:1: evaluation new-checkout"], []),
        (RIGHT[:1], ["a.py:2: mention old-search"], []),
        ([*RIGHT, RIGHT[0]], [], ["a.py:1: evaluation new-checkout, 2 times"]),
        ([*RIGHT, reference(1, "old-search")], [], ["a.py:1: evaluation old-search"]),
        ([*RIGHT, reference(1, None)], [], ["a.py:1: evaluation of an unknown key"]),
        ([*RIGHT, reference(5, "old-search")], [], ["a.py:5: evaluation old-search"]),
        ([*RIGHT, reference(2, "old-search")], [], ["a.py:2: evaluation old-search"]),
        (
            [*RIGHT, reference(3, "old-search", "mention")],
            [],
            ["a.py:3: mention old-search, is part of a longer word"],
        ),
    ],
    ids=["missed", "no mention", "twice", "another flag", "dynamic", "look-alike", "comment", "longer word"],
)
def test_wrong(truth: benchmark.Truth, found: list[Mapping[str, Any]], missed: list[str], invented: list[str]) -> None:
    verdict = benchmark.check(truth, found)
    assert not verdict
    assert verdict.missed.get("shape", []) == missed
    assert verdict.invented.get("shape", []) == invented


def test_recall_and_precision_are_of_evaluations(truth: benchmark.Truth) -> None:
    found = [reference(1, "new-checkout"), reference(1, "new-checkout"), reference(5, "old-search"), reference(4, None)]
    verdict = benchmark.check(truth, found)
    assert (verdict.recall, verdict.precision) == (1, 1 / 3)
    assert benchmark.check(truth, found[2:]).recall == 0


def test_an_evaluation_in_real_code_is_invented(truth: benchmark.Truth) -> None:
    verdict = benchmark.check(truth, [*RIGHT, reference(1, "new-checkout", path="b.py")])
    assert verdict.invented == {benchmark.REAL_CODE: ["b.py:1: evaluation new-checkout"]}


# --- telling ----------------------------------------------------------------------------------------------------------


def result(files: int, verdict: benchmark.Verdict, factor: float) -> benchmark.Result:
    """A size for which everything takes so many times longer than a tenth of a second."""
    measured = benchmark.Result(files, 1, 10**6, 10**4, 5, verdict, files, 5, 0, benchmark.Memory(10**7, None))
    for name, seconds in (("rg", 0.1), ("cold", 2.0), ("warm", 0.5), ("changed", 0.6)):
        measured.times[name] += [seconds * factor, 3 * seconds * factor]
    return measured


def test_the_tables(truth: benchmark.Truth) -> None:
    results = [result(500, benchmark.check(truth, RIGHT), 1), result(4000, benchmark.check(truth, []), 8)]
    assert benchmark.figures(results, min).splitlines()[1:] == [
        "500    1.0  0.100    2.00  20.0    0.50   5.0       0.25         0.60       10",
        "4,000  1.0  0.800   16.00  20.0    4.00   5.0       0.25         4.80       10",
    ]
    assert benchmark.growth(results).splitlines()[1].split()[3:] == ["1.00", "1.00", "1.00", "1.00", "0.00"]
    assert benchmark.findings(results).splitlines()[-2].split() == ["recall", "of", "evaluations", "100.00%", "0.00%"]
    assert [*benchmark.examples(results)] == [
        "4,000 files: shape: missed a.py:1: evaluation new-checkout",
        "4,000 files: shape: missed a.py:2: mention old-search",
    ]
    assert json.loads(json.dumps(results[1].raw()))["verdict"]["planted"] == {"shape": 2}


def test_another_output_of_a_warm_run_is_wrong(truth: benchmark.Truth) -> None:
    measured = result(500, benchmark.check(truth, RIGHT), 1)
    assert measured.is_right
    measured.changed_output.append("warm")
    assert not measured.is_right
    assert [*benchmark.examples([measured])] == ["500 files: warm: another output than the first run's, 1 times"]


# --- the command ------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert benchmark.main([str(tmp_path), "--flagctl", sys.executable]) == 2
    assert capsys.readouterr().err == "scan.py: rg is not installed, or not on PATH\n"
