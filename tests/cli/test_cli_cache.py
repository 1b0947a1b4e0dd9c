"""The cache through the real command: damage, a full disk, several runs at once, and runs that are ended."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from command import CLEAN, COMMAND, TODAY, Ran, environment, run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

FILES = {
    **CLEAN,
    "shop/keys.py": 'KEY = "new-checkout"\n',
    "shop/other.py": "from keys import KEY\nrequest.feature(KEY)\n# flagctl: ignore[FLG301] why\n",
    "shop/unknown.py": 'request.feature("no-such-flag")\n',
}
AUDIT = ("audit", *TODAY, "--output-format", "json")
REFS = ("refs", "--output-format", "json")


class Shop:
    """A project with a cache of its own."""

    def __init__(self, folder: Path, files: Mapping[str, str | bytes] = FILES) -> None:
        self.root = folder / "project"
        self.home = folder / "cache"
        self.file = self.home / "flagctl" / "scan.sqlite"
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content.encode() if isinstance(content, str) else content)

    @property
    def env(self) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(self.home)}

    def run(self, *args: str) -> Ran:
        return run(self.root, *args, env=self.env)

    def start(self, *args: str, limit: Callable[[], None] | None = None, cores: int = 0) -> subprocess.Popen[bytes]:
        def prepare() -> None:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs ignore it
            if limit is not None:
                limit()
            if cores:
                os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

        return subprocess.Popen(
            [*COMMAND, *args],
            cwd=self.root,
            env=environment(self.root, self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=prepare,
        )


def ended(process: subprocess.Popen[bytes]) -> Ran:
    out, err = process.communicate(timeout=100)
    return Ran(process.returncode, out.decode(), err.decode())


def many(count: int) -> dict[str, str]:
    """Enough files for several processes, each of which takes its time."""
    page = "def f{0}(request):\n    return request.feature('new-checkout', {0})\n"
    pages = {f"shop/p{index // 50}/m{index}.py": page.format(index) for index in range(count)}
    return {**FILES, **{name: text * 2 for name, text in pages.items()}}


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A project with many files, and what a run without a cache on one core says of it."""
    shop = Shop(tmp_path_factory.mktemp("large"), many(240))
    ran = ended(shop.start(*REFS, "--no-cache", cores=1))
    assert (ran.code, ran.err) == (0, "")
    assert not shop.home.exists()
    return shop.root.parent, ran.out


# --- what a second run does -------------------------------------------------------------------------------------------

PROBE = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
from flagctl.cli import main
try:
    main()
finally:
    sources = sorted(name for name in opened if "/shop/" in name)
    print("libcst" in sys.modules, *sources, sep="\\n", file=sys.stderr)
"""


def probed(shop: Shop) -> list[str]:
    """Whether a run has loaded LibCST, and which sources it has opened."""
    command = [sys.executable, "-c", PROBE, *REFS]
    ran = subprocess.run(
        command, cwd=shop.root, env=environment(shop.root, shop.env), capture_output=True, check=True, timeout=100
    )
    loaded, *opened = ran.stderr.decode().splitlines()
    return [loaded, *(name.rpartition("/")[2] for name in opened)]


def git(shop: Shop, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=shop.root, check=True, capture_output=True)


def age(shop: Shop) -> None:
    """Makes git's index newer than the files, as it is of any work tree that is older than a moment."""
    git(shop, "add", ".")
    index = shop.root / ".git/index"
    newest = max(path.stat().st_mtime_ns for path in shop.root.rglob("*"))
    os.utime(index, ns=(newest + 10**9, newest + 10**9))


def test_a_second_run_outside_git_parses_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    everything = ["keys.py", "other.py", "page.py", "unknown.py"]
    assert probed(shop)[0] == "True"
    assert probed(shop) == ["False", *everything]


def test_a_second_run_in_git_reads_nothing(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    git(shop, "init", "-q")
    age(shop)
    assert probed(shop)[0] == "True"
    assert probed(shop) == ["False"]
    (shop.root / "shop/page.py").touch()
    assert probed(shop) == ["False", "page.py"]
    (shop.root / "shop/keys.py").write_text('KEY = "old-search"\n')
    loaded, *opened = probed(shop)
    assert loaded == "True"
    # What was edited, what rests on it, what was touched; and the names to look for are others now.
    assert set(opened) == {"keys.py", "other.py", "page.py", "unknown.py"}


def test_no_cache_means_none(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    assert shop.run(*AUDIT, "--no-cache").err == ""
    assert not shop.home.exists()
    shop.run(*AUDIT)
    before = shop.file.read_bytes()
    (shop.root / "shop/page.py").write_text("x = 1\n")
    shop.run(*AUDIT, "--no-cache")
    assert shop.file.read_bytes() == before
    assert shop.run("cache", "clear").code == 0
    assert not shop.file.exists()


# --- damage -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran, bytes]:
    """A project, what is said of it without a cache, and its cache."""
    shop = Shop(tmp_path_factory.mktemp("filled"))
    expected = shop.run(*AUDIT, "--no-cache")
    assert shop.run(*AUDIT) == expected
    return shop.root.parent, expected, shop.file.read_bytes()


def check_damaged(filled: tuple[Path, Ran, bytes], *, mends: bool = True) -> None:
    """Every run is right and says at most one thing; once the damage was met, there is nothing to say.

    Damage to a page may be met only when the next run writes there.
    """
    folder, expected, _ = filled
    shop = Shop(folder, {})
    said = []
    for _ in range(2):
        ran = shop.run(*AUDIT)
        assert (ran.code, ran.out) == (expected.code, expected.out)
        assert ran.err.count("\n") <= 1
        assert ran.err == "" or "the cache " in ran.err
        said.append(ran.err)
    if mends:
        assert "" in said
        assert said[-1] == "" or shop.run(*AUDIT) == expected


@pytest.mark.parametrize("share", [0, 0.001, 0.01, 0.2, 0.5, 0.9, 0.999])
def test_a_truncated_cache(filled: tuple[Path, Ran, bytes], share: float) -> None:
    shop = Shop(filled[0], {})
    shop.file.write_bytes(filled[2][: int(len(filled[2]) * share)])
    check_damaged(filled)


@pytest.mark.parametrize("content", [b"no database", b"\0" * 5000, b"SQLite format 3\0" + b"\xff" * 8000])
def test_what_is_no_cache(filled: tuple[Path, Ran, bytes], content: bytes) -> None:
    shop = Shop(filled[0], {})
    shop.file.write_bytes(content)
    check_damaged(filled)


@pytest.mark.parametrize(
    "statements",
    [
        "CREATE TABLE other (x)",
        "CREATE TABLE facts (x)",
        "CREATE TABLE facts (run, path, content, value, check_sum); CREATE TABLE runs (run TEXT PRIMARY KEY)",
        "CREATE VIEW facts AS SELECT 1 AS run, 2 AS path, 3 AS content, 4 AS value, 5 AS check_sum",
    ],
)
def test_another_database(filled: tuple[Path, Ran, bytes], statements: str) -> None:
    shop = Shop(filled[0], {})
    shop.file.unlink()
    database = sqlite3.connect(shop.file)
    database.executescript(statements)
    database.close()
    check_damaged(filled)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE facts SET value = '[true,[],[],[],\"wrong\"]'",
        "UPDATE facts SET value = x'00ff'",
        "UPDATE facts SET value = 1",
        "UPDATE facts SET path = 'text'",
        "UPDATE facts SET content = x'ff'",
        "UPDATE facts SET check_sum = 'x'",
        "UPDATE OR REPLACE facts SET run = (SELECT min(run) FROM facts) WHERE run = (SELECT max(run) FROM facts)",
        "DELETE FROM runs",
        "DROP TABLE runs",
    ],
)
def test_entries_that_were_tampered_with(filled: tuple[Path, Ran, bytes], statement: str) -> None:
    shop = Shop(filled[0], {})
    shop.file.write_bytes(filled[2])
    database = sqlite3.connect(shop.file, isolation_level=None)
    database.execute(statement)
    database.close()
    check_damaged(filled)


def test_entries_that_are_gone(filled: tuple[Path, Ran, bytes], tmp_path: Path) -> None:
    """Whichever kind of entries is lost, and whatever has changed meanwhile."""
    shop = Shop(tmp_path)
    shop.run(*REFS)
    content = shop.file.read_bytes()
    database = sqlite3.connect(shop.file)
    runs = [run for (run,) in database.execute("SELECT DISTINCT run FROM facts")]
    database.close()
    (shop.root / "shop/keys.py").write_text('KEY = "old-search"\n')
    expected = shop.run(*REFS, "--no-cache")
    for lost in runs:
        shop.file.write_bytes(content)
        database = sqlite3.connect(shop.file, isolation_level=None)
        database.execute("DELETE FROM facts WHERE run = ?", (lost,))
        database.close()
        assert shop.run(*REFS) == expected


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=8))
def test_flipped_bits(filled: tuple[Path, Ran, bytes], flips: list[tuple[float, int]]) -> None:
    shop = Shop(filled[0], {})
    content = bytearray(filled[2])
    for at, bits in flips:
        content[int(at * len(content))] ^= bits
    shop.file.write_bytes(content)
    check_damaged(filled, mends=False)


def test_a_folder_in_its_place(filled: tuple[Path, Ran, bytes]) -> None:
    shop = Shop(filled[0], {})
    shop.file.unlink(missing_ok=True)
    shop.file.mkdir()
    try:
        check_damaged(filled, mends=False)
    finally:
        shop.file.rmdir()


@pytest.mark.parametrize("place", ["cache", "cache/flagctl"])
def test_a_file_where_its_folder_should_be(tmp_path: Path, place: str) -> None:
    shop = Shop(tmp_path)
    (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / place).write_text("mine")
    expected, ran = shop.run(*AUDIT, "--no-cache"), shop.run(*AUDIT)
    assert (ran.code, ran.out, ran.err.count("\n")) == (expected.code, expected.out, 1)
    assert (tmp_path / place).read_text() == "mine"


def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("this user may write everywhere")
    shop = Shop(tmp_path)
    shop.home.mkdir(mode=0o500)
    expected, ran = shop.run(*AUDIT, "--no-cache"), shop.run(*AUDIT)
    assert (ran.code, ran.out, ran.err.count("\n")) == (expected.code, expected.out, 1)


# --- a full disk ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 4096])
def test_a_full_disk(tmp_path: Path, size: int) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    shop = Shop(tmp_path)
    expected = shop.run(*AUDIT, "--no-cache")
    ran = ended(shop.start(*AUDIT, limit=limit))
    assert (ran.code, ran.out) == (expected.code, expected.out)
    assert ran.err.startswith(f"flagctl: {shop.file}: the cache cannot be used: ")
    assert ran.err.count("\n") == 1
    assert shop.run(*AUDIT) == expected


def test_a_full_disk_leaves_the_cache_as_it_was(tmp_path: Path) -> None:
    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    shop = Shop(tmp_path)
    shop.run(*AUDIT)
    (shop.root / "shop/keys.py").write_text('KEY = "old-search"\n')
    expected = shop.run(*AUDIT, "--no-cache")
    ran = ended(shop.start(*AUDIT, limit=limit))
    assert (ran.code, ran.out, ran.err.count("\n")) == (expected.code, expected.out, 1)
    assert shop.file.stat().st_size > 0
    assert shop.run(*AUDIT) == expected


# --- several runs, several processes ----------------------------------------------------------------------------------


def test_four_runs_at_once(large: tuple[Path, str]) -> None:
    shop = Shop(large[0], {})
    shutil.rmtree(shop.home, ignore_errors=True)
    running = [shop.start(*REFS) for _ in range(4)]
    assert [(ran.code, ran.out, ran.err) for ran in map(ended, running)] == [(0, large[1], "")] * 4
    ran = shop.run(*REFS)
    assert (ran.out, ran.err) == (large[1], "")


@pytest.mark.parametrize("cores", [1, 2])
def test_the_number_of_processes_makes_no_difference(large: tuple[Path, str], cores: int) -> None:
    ran = ended(Shop(large[0], {}).start(*REFS, "--no-cache", cores=cores))
    assert (ran.code, ran.out, ran.err) == (0, large[1], "")


def children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def workers(process: subprocess.Popen[bytes]) -> list[int]:
    """The processes that a run has started to share its work, once there are two of them."""
    while process.poll() is None:
        found = [child for child in children(process.pid) if b"git" not in command_line(child).split(b"\0")[0]]
        if len(found) >= 2:
            return found
    pytest.skip("the run did without other processes")


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b"git"


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def all_end(pids: list[int]) -> bool:
    """Whether processes end; one that was told to may take a moment."""
    for _ in range(1000):
        if not any(map(is_alive, pids)):
            return True
        time.sleep(0.01)
    return False


needs_proc = pytest.mark.skipif(
    not Path("/proc/self/task").exists() or len(os.sched_getaffinity(0)) < 2, reason="needs /proc and two cores"
)


@needs_proc
def test_a_process_that_is_killed(large: tuple[Path, str]) -> None:
    shop = Shop(large[0], {})
    process = shop.start(*REFS, "--no-cache")
    os.kill(workers(process)[0], signal.SIGKILL)
    ran = ended(process)
    assert (ran.code, ran.out, ran.err) == (0, large[1], "")


@needs_proc
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended(large: tuple[Path, str], number: signal.Signals) -> None:
    shop = Shop(large[0], {})
    shutil.rmtree(shop.home, ignore_errors=True)
    process = shop.start(*REFS)
    started = workers(process)
    os.kill(process.pid, number)
    out, err = process.communicate(timeout=100)  # ends when the last process that has these open does
    assert process.returncode != 0
    assert out == b""
    assert b"Traceback" not in err
    assert all_end(started)
    ran = shop.run(*REFS)
    assert (ran.code, ran.out, ran.err) == (0, large[1], "")


@needs_proc
def test_the_interrupt_key_reaches_all_processes(large: tuple[Path, str]) -> None:
    shop = Shop(large[0], {})
    process = shop.start(*REFS, "--no-cache")
    started = workers(process)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=100)
    assert process.returncode != 0
    assert b"Traceback" not in err
    assert all_end(started)
