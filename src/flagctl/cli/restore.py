"""`flagctl restore`: the patch that undoes a removal goes to standard output."""

from __future__ import annotations

from typing import Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import say, show_diff


def restore(
    key: Annotated[str, typer.Argument(help="The flag that comes back.")], config: options.ConfigOption = None
) -> None:
    """Prints the patch that undoes the removal of a flag: the commit that its tombstone came with, backwards."""
    from flagctl.pipeline.restore import restored

    commit, diff = restored(options.load_config(config), key)
    show_diff(diff)
    say(f"{key}: undoes {commit}")
