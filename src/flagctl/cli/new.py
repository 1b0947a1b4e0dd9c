"""`flagctl new`: a complete definition, asking for what it cannot infer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from flagctl.cli import options
from flagctl.cli.asking import ask, day, one_of
from flagctl.cli.experiment_block import Given, experiment_fields
from flagctl.cli.output import say, write
from flagctl.model import InputError, Severity

if TYPE_CHECKING:
    from flagctl.model import Finding
    from flagctl.pipeline.new import Place


class FlagType(StrEnum):
    RELEASE = "release"
    EXPERIMENT = "experiment"
    OPS = "ops"
    PERMISSION = "permission"


class EndState(StrEnum):
    REMOVE = "remove"
    KEEP = "keep"
    CONFIGURATION = "configuration"


def new(
    key: Annotated[str, typer.Argument(help="The key that code will ask for.")],
    kind: Annotated[FlagType | None, typer.Option("--type", help="What the flag is for.")] = None,
    description: Annotated[str | None, typer.Option(help="What the flag turns on, in a few words.")] = None,
    owner: Annotated[
        str | None, typer.Option(help="One accountable team or person [default: whom CODEOWNERS gives the file to].")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="The decision that the flag supports.")] = None,
    end_state: Annotated[
        EndState | None, typer.Option(help="How it ends [default: remove; keep for ops and permission].")
    ] = None,
    expires: Annotated[str | None, typer.Option(metavar="DATE", help="Expired from this day on.")] = None,
    removal_criterion: Annotated[str | None, typer.Option(help="What has to be true before it may go.")] = None,
    review_by: Annotated[str | None, typer.Option(metavar="DATE", help="Next review of a flag that stays.")] = None,
    justification: Annotated[str | None, typer.Option(help="Why a flag that stays cannot go.")] = None,
    hypothesis: Annotated[str | None, typer.Option(help="Experiment: what you expect to happen.")] = None,
    kpi: Annotated[str | None, typer.Option(metavar="METRIC", help="Experiment: the metric that decides.")] = None,
    guardrail: Annotated[
        list[str] | None, typer.Option(metavar="METRIC", help="Experiment: what must not get worse; may be repeated.")
    ] = None,
    unit: Annotated[
        str | None, typer.Option(help="Experiment: who is counted once [default: the unit of the KPI].")
    ] = None,
    arms: Annotated[
        str | None, typer.Option(metavar="WEIGHTS", help="Experiment: of each variant [default: off=50,on=50].")
    ] = None,
    control: Annotated[
        str | None, typer.Option(metavar="VARIANT", help="Experiment: what is compared with [default: off].")
    ] = None,
    minimum_detectable_effect: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Experiment: the smallest relative change that would matter.")
    ] = None,
    window_start: Annotated[
        str | None, typer.Option(metavar="DATE", help="Experiment: its first day [default: today].")
    ] = None,
    window_end: Annotated[
        str | None, typer.Option(metavar="DATE", help="Experiment: its last day [default: in time to remove the flag].")
    ] = None,
    stop_rule: Annotated[str | None, typer.Option(help="Experiment: what ends it before.")] = None,
    today: options.Today = None,
    config: options.ConfigOption = None,
) -> None:
    """Writes a complete definition that passes every rule, asking for what it cannot infer."""
    from flagctl.pipeline.new import Place

    place = Place(options.load_config(config), key, options.day(today))
    place.check_key()
    end = End(end_state, expires, removal_criterion, review_by, justification)
    watched, effect = options.words(guardrail), minimum_detectable_effect
    about = Given(hypothesis, kpi, watched, unit, arms, control, effect, window_start, window_end, stop_rule)
    flag_type = FlagType(ask("type", kind, "release, experiment, ops or permission", one_of(FlagType)))
    if flag_type is not FlagType.EXPERIMENT and (option := about.first()):
        raise InputError(f"{option} is about an experiment, and the type is {flag_type}; see --type")
    fields: dict[str, object] = {"key": key}
    fields["description"] = ask("description", description, "what does it turn on?")
    fields["type"] = str(flag_type)
    fields["owner"] = _owner(owner, place)
    fields["reason"] = ask("reason", reason, "what decision does it support?")
    fields["created"] = place.today
    last_day, ending = end.fields(flag_type, place)
    fields |= ending
    if flag_type is FlagType.EXPERIMENT:
        fields |= experiment_fields(about, place, last_day)
    _write(fields, place)


@dataclass(frozen=True, slots=True)
class End:
    """The options about how a flag ends, as they were given."""

    state: EndState | None
    expires: str | None
    removal_criterion: str | None
    review_by: str | None
    justification: str | None

    def fields(self, flag_type: FlagType, place: Place) -> tuple[date, dict[str, object]]:
        """The day by which somebody has to look at the flag, and what its definition says of its end."""
        standing = flag_type in (FlagType.OPS, FlagType.PERMISSION)
        state = self.state or (EndState.KEEP if standing else EndState.REMOVE)
        self._refuse_foreign(state)
        latest = _last_day(place.today, getattr(place.part.lifetime, flag_type))
        if state is EndState.KEEP:
            last_day = _date("review-by", self.review_by) or latest
            more = {"removal_criterion": self.removal_criterion} if self.removal_criterion is not None else {}
            reason = ask("justification", self.justification, "why can it not go?")
            return last_day, {
                "review_by": last_day,
                "expected_end_state": str(state),
                "justification": reason,
                **more,
            }
        last_day = _date("expires", self.expires) or latest
        criterion = ask("removal-criterion", self.removal_criterion, "what has to be true before it goes?")
        return last_day, {
            "expires": last_day,
            "expected_end_state": str(state),
            "removal_criterion": criterion,
        }

    def _refuse_foreign(self, state: EndState) -> None:
        """Looks for options that do not go with how the flag ends.

        Raises:
            InputError: there is one.
        """
        standing = {"--review-by": self.review_by, "--justification": self.justification}
        for option, value in ({"--expires": self.expires} if state is EndState.KEEP else standing).items():
            if value is not None:
                raise InputError(f"{option} does not go with the end state {state}; see --end-state")


def _owner(given: str | None, place: Place) -> str:
    """The owner; where it is said who there is, one of those."""
    from flagctl.spelling import did_you_mean

    known = {name.casefold() for name in place.owners or ()}
    is_checked = place.owners is not None and place.checks("FLG004")

    def complaint(name: str) -> str | None:
        if not is_checked or name.casefold() in known:
            return None
        names = sorted(place.owners or ())
        several = f"; there are {', '.join(names[:_MAX_NAMES])}" if names else ""
        return f'is nobody whom CODEOWNERS or the owners file names: "{name}"{did_you_mean(name, names) or several}'

    if given is None and place.owner is not None:
        say(f"{place.owner} owns {place.path} by CODEOWNERS")
    return ask("owner", given, 'one team or person, such as "@acme/payments"', complaint, place.owner)


_MAX_NAMES = 12
"""Of owners that are offered."""


def _last_day(created: date, lifetime: int) -> date:
    try:
        return created + timedelta(lifetime)
    except OverflowError:
        raise InputError(f"{lifetime} days from {created} on are more than the calendar has; see [lifetime]") from None


def _date(name: str, text: str | None) -> date | None:
    if text is None:
        return None
    if complaint := day(text):
        raise InputError(f"--{name} {complaint}")
    return date.fromisoformat(text)


def _write(fields: dict[str, object], place: Place) -> None:
    """Writes the definition, if no rule has anything against it, and says what there is to think about.

    Raises:
        InputError: a rule has, or the file cannot be written.
    """
    from flagctl.definitions.new import definition_text, schema_line

    target = place.config.root / place.path
    if target.exists():
        raise InputError(f"{place.path}: is there already; flagctl overwrites nothing")
    text = definition_text(fields)
    findings = place.findings(text)
    for finding in findings:
        if finding.severity is Severity.ERROR:
            raise InputError(f"the definition would have a finding, {_told(finding)}; nothing was written")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{place.path}: cannot be written: {error.strerror}") from None
    line = schema_line(place.config.root, place.path)
    write(f"{line}\n{text}" if line else text, target)
    say(f"wrote {place.path}")
    for finding in findings:
        say(_told(finding))


def _told(finding: Finding) -> str:
    subject = f"{finding.flag} {finding.message}" if finding.flag else finding.message
    return f"{finding.code} {finding.severity}: {subject}" + (f"; {finding.hint}" if finding.hint else "")
