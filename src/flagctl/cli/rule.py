"""`flagctl rule`: the rules' own documentation."""

from __future__ import annotations

from typing import Annotated

import typer

from flagctl.cli import options
from flagctl.cli.output import terminal, write
from flagctl.model import InputError


def complete_code(incomplete: str) -> list[str]:
    """The codes that begin with what was typed, for the shell's completion."""
    from flagctl.rules import CATALOGUE

    return [code for code in CATALOGUE if code.startswith(incomplete)]


def rule(
    code: Annotated[str | None, typer.Argument(help="A code or a name.", autocompletion=complete_code)] = None,
    every: Annotated[bool, typer.Option("--all", help="The pages of all rules.")] = False,
    output: options.Output = None,
) -> None:
    """Prints a rule's page, the same text as the docs; without a code, the list of rules."""
    from flagctl.rules import CATALOGUE, UnknownRuleError, codes_named, rule_page, rules_page

    if every:
        _print_markdown(rules_page(), output)
    elif code is None:
        rows = (f"{each.code}  {each.severity!s:<8}{each.name}\n" for each in CATALOGUE.values())
        write("".join(rows), output)
    else:
        try:
            [found] = codes_named(code)
        except UnknownRuleError as error:
            raise InputError(str(error)) from None
        except ValueError:
            raise InputError(f'"{code}" names several rules: {", ".join(codes_named(code))}') from None
        _print_markdown(rule_page(CATALOGUE[found]), output)


def _print_markdown(text: str, output: options.Output) -> None:
    if console := terminal(output, "text"):
        from rich.markdown import Markdown

        console.print(Markdown(text))
    else:
        write(text, output)
