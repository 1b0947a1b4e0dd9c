"""Runs the real command as a process of its own: as a script does, or as somebody at a terminal does."""

from __future__ import annotations

import errno
import json
import os
import pty
import select
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

COMMAND = [sys.executable, "-m", "flagctl"]
TIMEOUT = 120

COMPLETE = """\
key: new-checkout
description: One-page checkout
type: release
owner: "@acme/payments"
reason: Cut the drop-off
created: 2026-06-01
expires: 2026-07-10
expected_end_state: remove
removal_criterion: 100% for 14 days
"""
HELPER = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\ndefault = [1, "default"]\n'
PAGE = 'def page(request):\n    return request.feature("new-checkout", False)\n'
CLEAN = {"flags/new-checkout.yaml": COMPLETE, "flagctl.toml": HELPER, "shop/page.py": PAGE}
"""A project without findings on `TODAY`."""
TODAY = ("--today", "2026-06-15")


@dataclass(frozen=True)
class Ran:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.split("\n")[:-1]


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of the shell that runs the tests, but where programs are."""
    kept = {"PATH": os.environ["PATH"]}
    if "XDG_CACHE_HOME" in os.environ:
        kept["XDG_CACHE_HOME"] = f"{os.environ['XDG_CACHE_HOME']}/{folder.name}"
    return {**kept, "HOME": str(folder), "LANG": "C.UTF-8", "GIT_CONFIG_NOSYSTEM": "1", **(more or {})}


def run(folder: Path, *args: str | Path, env: Mapping[str, str] | None = None, stdin: str = "") -> Ran:
    """Runs `flagctl ARGS` in a folder, its output going nowhere that is a terminal."""
    if any(
        name.startswith(("LANG", "LC_", "PYTHON")) for name in env or {}
    ):  # the interpreter reads these as it starts
        return run_python(folder, "-m", "flagctl", *args, env=env, stdin=stdin)
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin.encode())
        given.seek(0)
        request = {"arguments": [*map(str, args)], "folder": str(folder), "environment": environment(folder, env)}
        server = _server()
        socket.send_fds(server, [json.dumps(request).encode()], [given.fileno(), out.fileno(), err.fileno()])
        code = int(server.recv(100))
        out.seek(0)
        err.seek(0)
        return Ran(code, out.read().decode(), err.read().decode())


@cache
def _server() -> socket.socket:
    """The process that commands are forked from, see `warm`."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.settimeout(TIMEOUT)
    subprocess.Popen(
        [sys.executable, Path(__file__).with_name("warm.py"), str(theirs.fileno())],
        env=environment(Path.cwd()),
        pass_fds=[theirs.fileno()],
    )
    theirs.close()
    return ours


def run_python(folder: Path, *args: str | Path, env: Mapping[str, str] | None = None, stdin: str = "") -> Ran:
    ran = subprocess.run(
        [sys.executable, *map(str, args)],
        cwd=folder,
        env=environment(folder, env),
        input=stdin.encode(),
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
    )
    return Ran(ran.returncode, ran.stdout.decode(), ran.stderr.decode())


def run_in_terminal(
    folder: Path,
    *args: str | Path,
    env: Mapping[str, str] | None = None,
    answers: str | None = None,
    columns: int = 100,
) -> Ran:
    """Runs `flagctl ARGS` with standard output on a terminal, and standard input too where there are answers to type.

    Standard error stays apart, so that what is said can be told from what is shown.
    """
    ours, theirs = pty.openpty()
    terminal = {"TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "50"}
    process = subprocess.Popen(
        [*COMMAND, *map(str, args)],
        cwd=folder,
        env=environment(folder, {**terminal, **(env or {})}),
        stdin=subprocess.DEVNULL if answers is None else theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
    )
    os.close(theirs)
    if answers is not None:
        os.write(ours, answers.encode())
    try:
        shown = _all_of(ours)
        assert process.stderr is not None
        said = process.stderr.read()
        process.stderr.close()
        code = process.wait(TIMEOUT)
    finally:
        process.kill()
        os.close(ours)
    return Ran(code, shown.decode().replace("\r\n", "\n"), said.decode())


def _all_of(terminal: int) -> bytes:
    """What is written to a terminal until the last process that had it open is gone."""
    parts: list[bytes] = []
    while True:
        assert select.select([terminal], [], [], TIMEOUT)[0], "the command waits for something"
        try:
            part = os.read(terminal, 65536)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            part = b""
        if not part:
            return b"".join(parts)
        parts.append(part)
