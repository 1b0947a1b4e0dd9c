"""Runs `flagctl` in processes that are forked from one that has imported everything: most of a short run is imports.

What runs is the real command, as a process of its own with its own output; only `import` has less to do. The server of
a test process is one such process, without threads, which answers on a socket until the other end is closed.
"""

from __future__ import annotations

import importlib
import json
import os
import runpy
import signal
import socket
import sys

IMPORTED = (
    "flagctl.cli", "flagctl.pipeline", "flagctl.pipeline.base", "flagctl.report.terminal", "flagctl.scan",
    "flagctl.scan.python.analysis", "jsonschema", "libcst", "multiprocessing", "pathspec", "rich.progress", "yaml",
)  # fmt: skip


def serve(requests: socket.socket) -> None:
    """Forks a process for every request, and tells how it ended; returns in the processes, and at the end."""
    for each in IMPORTED:
        importlib.import_module(each)
    while True:
        message, files, _, _ = socket.recv_fds(requests, 1 << 22, 3)
        if not message:
            return
        if (process := os.fork()) == 0:
            requests.close()
            become(json.loads(message), files)
            return
        for file in files:
            os.close(file)
        _, status = os.waitpid(process, 0)
        requests.send(str(os.waitstatus_to_exitcode(status)).encode())


def become(request: dict[str, object], files: list[int]) -> None:
    """Makes of this process one that was started with these arguments, in this folder, with these files."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(request["environment"])  # type: ignore[call-overload]
    os.chdir(str(request["folder"]))
    sys.argv = ["flagctl", *request["arguments"]]  # type: ignore[misc]
    sys.path[0] = str(request["folder"])
    runpy.run_module("flagctl", run_name="__main__")


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
