"""The command line: parses, calls the pipeline, renders, and ends with an exit code.

0: nothing at or above `--fail-on`. 1: findings. 2: usage, configuration, an internal error, or nothing to read.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback

from flagctl.cli.app import app
from flagctl.model import InputError

__all__ = ["main"]


def main() -> None:
    """Runs flagctl on the process's arguments and ends the process."""
    gc.disable()  # a run is short, and what it makes it mostly keeps
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        app(prog_name="flagctl")
    except InputError as error:
        _fail(str(error))
    except BrokenPipeError:
        # Whoever read our output has had enough; nothing is left to be flushed at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:
        if os.environ.get("FLAGCTL_TRACEBACK"):
            traceback.print_exc()
        what = f"{type(error).__name__}: {error}"
        _fail(f"internal error: {what}; please report it, with what FLAGCTL_TRACEBACK=1 shows")


def _fail(message: str) -> None:
    from flagctl.report import inert

    print(f"flagctl: {inert(message)}", file=sys.stderr)  # noqa: T201
    sys.exit(2)
