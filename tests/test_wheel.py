"""What is shipped: the wheel, in an environment that has nothing else of ours."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter with the wheel unpacked into it; only the dependencies are borrowed, as tests need no network."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    interpreter = folder / "bin" / "python"
    query = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(
        subprocess.run([interpreter, "-c", query], check=True, capture_output=True, text=True).stdout.strip()
    )
    with ZipFile(wheel) as archive:
        archive.extractall(packages)
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib"))
    return interpreter


def test_wheel_carries_schemas_presets_and_types(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    for schema in (ROOT / "schemas").glob("*.json"):
        assert f"flagctl/schemas/{schema.name}" in names
    for preset in (ROOT / "src/flagctl/scan/sdks").glob("*.toml"):
        assert f"flagctl/scan/sdks/{preset.name}" in names
    assert "flagctl/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "examples/", "flags/"))]


def test_wheel_validates_with_the_schema_it_carries(python: Path, tmp_path: Path) -> None:
    (tmp_path / "flags").mkdir()
    (tmp_path / "flags/x.yaml").write_text("key: new-checkout\nexpries: 2026-08-01\n")
    (tmp_path / "flags/metrics.yaml").write_text("metrics: {}\nnorthstar: x\n")
    script = "import flagctl, sys; print(flagctl.__file__, file=sys.stderr); from flagctl.cli import main; main()"
    run = subprocess.run(
        [python, "-c", script, "validate", "--select", "FLG001"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert str(python.parents[1]) in run.stderr
    assert 'flags/x.yaml:2:1: FLG001 error new-checkout is not valid: unknown field "expries"' in run.stdout
    assert 'flags/metrics.yaml:2:1: FLG001 error unknown field "northstar"' in run.stdout
    assert run.returncode == 1
