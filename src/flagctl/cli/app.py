"""The application and its commands. A command imports what it needs when it runs: `--help` stays quick."""

from __future__ import annotations

from typing import Annotated

import typer

from flagctl import __version__
from flagctl.cli.cache import cache
from flagctl.cli.changes import changes
from flagctl.cli.findings import audit, validate
from flagctl.cli.flags import list_flags, refs, show
from flagctl.cli.init import init
from flagctl.cli.interchange import export, import_flags
from flagctl.cli.new import new
from flagctl.cli.remove import remove
from flagctl.cli.restore import restore
from flagctl.cli.rule import rule

app = typer.Typer(
    name="flagctl",
    help="Keeps feature flags honest, from the day they are written to the day their code is gone.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"flagctl {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")
    ] = False,
) -> None:
    """Keeps feature flags honest, from the day they are written to the day their code is gone."""


app.command()(audit)
app.command()(validate)
app.command()(refs)
app.command("list")(list_flags)
app.command()(show)
app.command()(changes)
app.command()(new)
app.command()(init)
app.command()(remove)
app.command()(restore)
app.command()(export)
app.command("import")(import_flags)
app.command()(rule)
app.add_typer(cache, name="cache")
