"""Which files there are: what git tracks or does not ignore; outside git, every file that is not a tool's own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from flagctl.model import InputError

_TOOLS_OWN = {
    ".bzr", ".eggs", ".git", ".hg", ".hypothesis", ".idea", ".mypy_cache", ".nox", ".pytest_cache", ".ruff_cache",
    ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__", "node_modules", "site-packages", "venv",
}  # fmt: skip


def files_named(name: str, root: Path) -> set[str]:
    """The files of this name in a folder and below it, by their POSIX paths relative to it."""
    listed = git(root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", f":(glob)**/{name}")
    if listed is None:
        return {file for file in walk(root) if file.rpartition("/")[2] == name}
    return set(names(listed))


def names(listing: bytes | None) -> Iterator[str]:
    """The files that git lists with `-z`."""
    return map(os.fsdecode, filter(None, (listing or b"").split(b"\0")))


def git(root: Path, *arguments: str, given: bytes = b"") -> bytes | None:
    """What git answers, `None` outside a work tree or without git.

    What the environment says of some repository, as it does in a hook, is not true of the one at `root`.
    """
    try:
        return _run(root, arguments, given).stdout
    except (OSError, subprocess.CalledProcessError):
        return None


def git_must(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    """What git answers to what has to work; the filters that the repository configures are off.

    Raises:
        InputError: it did not work; the message has git's own words.
    """
    try:
        return _run(root, arguments, given, _no_filters(root)).stdout
    except OSError as error:
        raise InputError(f"git cannot be run: {error.strerror or error}") from None
    except subprocess.CalledProcessError as error:
        said = " ".join(error.stderr.decode(errors="replace").split())
        raise InputError(f"git {arguments[0]} failed in {root}: {said}") from None


def git_stream(root: Path, *arguments: str) -> Iterator[bytes]:
    """What git answers, piece by piece, as it may be much; it ends early where git fails or there is none."""
    settings = [word for each in _HARMLESS for word in ("-c", each)]
    command = ["git", "-C", str(root), *settings, *arguments]
    env = {**own_environment(), "GIT_OPTIONAL_LOCKS": "0"}
    try:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env)  # noqa: S603
    except OSError:
        return
    with process:
        try:
            while process.stdout and (piece := process.stdout.read(1 << 20)):
                yield piece
        finally:
            process.kill()


def _no_filters(root: Path) -> list[str]:
    """Settings by which no filter that is configured runs.

    Raises:
        InputError: one is named so that git could not be told.
    """
    configured = names(git(root, "config", "-z", "--name-only", "--get-regexp", r"^filter\."))
    filters = sorted({name.rpartition(".")[0] for name in configured})
    if odd := next((each for each in filters if "=" in each), None):
        raise InputError(f"git's configuration has a filter whose name holds a =: {odd}")
    off = ("clean=", "smudge=", "process=", "required=false")
    return [f"{each}.{setting}" for each in filters for setting in off]


def shallow_commits(root: Path) -> frozenset[str]:
    """The commits with which a shallow clone begins; none where it is whole."""
    return frozenset(kept_file(root, "shallow").decode("ascii", "replace").split())


def kept_file(root: Path, name: str) -> bytes:
    """A file that git keeps beside its objects; nothing where there is none."""
    told = git(root, "rev-parse", "--git-path", name)
    try:
        return (root / os.fsdecode(told.rstrip(b"\n"))).read_bytes() if told else b""
    except OSError:
        return b""


def own_environment() -> dict[str, str]:
    """The environment, without what git says in it of a repository, and of how pathspecs are read."""
    return {name: value for name, value in os.environ.items() if name not in {*_OF_ONE_REPOSITORY, *_OF_PATHSPECS}}


_OF_ONE_REPOSITORY = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_INDEX_FILE",
    "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}  # fmt: skip
_OF_PATHSPECS = {"GIT_GLOB_PATHSPECS", "GIT_ICASE_PATHSPECS", "GIT_LITERAL_PATHSPECS", "GIT_NOGLOB_PATHSPECS"}

_HARMLESS = (
    "core.fsmonitor=false", f"core.hooksPath={os.devnull}", "commit.gpgSign=false", "protocol.allow=never",
    "submodule.recurse=false", "i18n.commitEncoding=UTF-8", "log.showSignature=false", "log.diffMerges=separate",
)  # fmt: skip
"""A repository's own configuration may name programs, as file system monitor or as hooks: they must not run. Nor may it
have git answer something else than what is asked."""


def _run(
    root: Path, arguments: Sequence[str], given: bytes, more: Sequence[str] = ()
) -> subprocess.CompletedProcess[bytes]:
    settings = [word for each in (*_HARMLESS, *more) for word in ("-c", each)]
    command = ["git", "-C", str(root), *settings, *arguments]
    env = {**own_environment(), "GIT_OPTIONAL_LOCKS": "0"}
    return subprocess.run(command, capture_output=True, check=True, input=given, env=env)  # noqa: S603


def walk(root: Path) -> Iterator[str]:
    """Every file in a folder and below it that is not a tool's own."""
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in _TOOLS_OWN]
        for name in files:
            yield (Path(folder) / name).relative_to(root).as_posix()
