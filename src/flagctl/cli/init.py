"""`flagctl init`: adopts a code base, asking about what is not certain and showing what it changes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import progress, say, show_diff, steps

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flagctl.adoption.proposals import Proposal
    from flagctl.config import Config
    from flagctl.pipeline import Request
    from flagctl.pipeline.adoption import Looked, Plan


def init(
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing: take what is clear, list the rest, and write.")
    ] = False,
    today: options.Today = None,
    config: options.ConfigOption = None,
    no_cache: options.NoCache = False,
) -> None:
    """Adopts a code base: a definition for every flag in code, what asks for them, a baseline, a hook and a CI job.

    Without a terminal and without --yes it only shows what it would write, and ends with 1 if there is something.
    """
    from flagctl import pipeline
    from flagctl.pipeline.adoption import Adopter

    settings = options.load_config(config)
    request = pipeline.Request(options.day(today), cache_file=options.cache_file(no_cache))
    is_asking = not yes and sys.stdin.isatty() and sys.stdout.isatty()
    with steps() as step:
        adopter = Adopter(settings, request, step("Reading sources"), step("Reading history"))
        looked = adopter.look()
    _show(looked)
    taken, left = _chosen(looked.proposals, is_asking=is_asking)
    with steps() as step:
        adopter.progress, adopter.read_history = step("Reading sources"), step("Reading history")
        plan = adopter.plan(taken, left)
    _finish(settings, request, plan, is_asking=is_asking, is_writing=yes)


def _show(looked: Looked) -> None:
    """What was found before anything is decided."""
    from flagctl.report.words import count

    for sdk, places in sorted(looked.sdks.items()):
        _print(f"{sdk} is asked at {count(places, 'place')}.")
    if looked.unread:
        version = ".".join(map(str, sys.version_info[:2]))
        shown = ", ".join(looked.unread[:3]) + (", ..." if len(looked.unread) > 3 else "")
        say(f"{count(len(looked.unread), 'file')} cannot be read as Python {version}: {shown}")


def _chosen(proposals: Sequence[Proposal], *, is_asking: bool) -> tuple[list[Proposal], list[Proposal]]:
    """The proposals that are taken, and the others."""
    taken: list[Proposal] = []
    left: list[Proposal] = []
    for each in proposals:
        _print("")
        _print(
            f"{each.name} {'asks for flags' if each.is_clear else 'may ask for flags'}:"
            if _asks(each)
            else f"{each.name}:"
        )
        for line in each.evidence:
            _print(f"  {line}")
        if is_asking:
            is_taken = typer.confirm("Take it?", default=each.is_clear, err=True)
        else:
            is_taken = each.is_clear
            _print("  taken" if is_taken else "  not taken: it is written to the configuration as a comment")
        (taken if is_taken else left).append(each)
    return taken, left


def _asks(proposal: Proposal) -> bool:
    return proposal.candidate.table not in ("registry", "override")


def _finish(config: Config, request: Request, plan: Plan, *, is_asking: bool, is_writing: bool) -> None:
    """Shows the plan, and writes it if that is wanted; ends with 1 where something is left to be done."""
    for notice in plan.notices:
        say(notice)
    if not plan.changes:
        _print(_nothing(plan))
        return
    _print("")
    _print(_summary(plan))
    if not is_asking and not is_writing:
        show_diff(plan.diff)
        say("nothing was written: run it with --yes, or on a terminal")
        raise typer.Exit(1)
    show_diff(plan.diff_of_existing)
    for path in _files(plan):
        _print(f"new: {path}")
    if is_asking and not typer.confirm("Write this?", default=True, err=True):
        say("nothing was written")
        raise typer.Exit(1)
    _write(config, request, plan)


def _write(config: Config, request: Request, plan: Plan) -> None:
    from flagctl.pipeline.adoption import audit_again, write_all
    from flagctl.report.words import count

    write_all(config, plan)
    with progress() as advance:
        report = audit_again(config, request, advance)
    failing = [each for each in report.findings if options.is_failure(None, False, config)(each)]
    _print("")
    if failing:
        _print(f"flagctl audit has {count(len(failing), 'finding')} that were there before; see `flagctl audit`.")
        raise typer.Exit(1)
    _print(
        f"flagctl audit passes; {count(report.baselined, 'finding')} in the baseline wait for somebody to mend them."
    )
    for line in _next_steps(plan):
        _print(line)


def _summary(plan: Plan) -> str:
    from flagctl.report.words import count

    helpers = f"by {count(len(plan.taken), 'helper')} of this repository's own" if plan.taken else ""
    return " ".join(filter(None, (f"{count(len(plan.flags), 'flag')} without a definition", helpers))) + "."


def _nothing(plan: Plan) -> str:
    if plan.is_adopted:
        return "Nothing to do: every flag in code has a definition."
    return (
        "No feature flags were found, and nothing was written. If there are some, say how code asks for them with an\n"
        "[[evaluation]] in flagctl.toml and run this again; for the first flag of a project there is `flagctl new KEY`."
    )


def _files(plan: Plan) -> list[str]:
    """The new files, those of one folder together where there are many."""
    from flagctl.report.words import count

    folders: dict[str, list[str]] = {}
    for path in plan.new_files:
        folders.setdefault(path.rpartition("/")[0], []).append(path)
    return [
        line
        for folder, paths in folders.items()
        for line in ([f"{folder}/, {count(len(paths), 'definition')}"] if folder and len(paths) > 3 else paths)
    ]


def _next_steps(plan: Plan) -> list[str]:
    from flagctl.report.words import count

    owners = plan.confirmed_by_nobody
    suggested = "the owner" if owners == 1 else f"the {count(owners, 'owner')}"
    first = f"{suggested} that git suggests and the guessed types" if owners else "the guessed types"
    hook = "; `pre-commit install` makes the hook run" if plan.has_hook else ""
    gate = "CI fails on" if plan.has_job else "In CI, `flagctl audit --new-from BRANCH` fails on"
    return [
        f"1. Confirm {first}: they are marked in the definitions.",
        f"2. Commit it all{hook}. {gate} what a change makes worse.",
        "3. Mend what the baseline has, a flag at a time: `flagctl audit --write-baseline` drops what is mended.",
    ]


def _print(text: str) -> None:
    from flagctl.report import inert

    print("\n".join(map(inert, text.split("\n"))))  # noqa: T201
