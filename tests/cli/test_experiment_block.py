"""What `flagctl new` refuses to write about an experiment; in this process, as there are many cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest
from test_cli_new import TREE

from flagctl.cli.experiment_block import Given, experiment_fields
from flagctl.cli.options import words
from flagctl.config import find_config
from flagctl.model import InputError
from flagctl.pipeline.new import Place

Write = Callable[[Mapping[str, str | bytes]], Path]

WHOLE = {
    "hypothesis": "One page raises completed checkouts",
    "kpi": "orders",
    "guardrail": "error_rate",
    "unit": "account",
    "minimum_detectable_effect": "2%",
    "stop_rule": "Stop when a guardrail is breached",
}


def fields(root: Path, **changes: str | None) -> dict[str, object]:
    """What a definition says of an experiment, with some options changed or left out."""
    given = {**WHOLE, **changes}
    about = Given(
        given.get("hypothesis"),
        given.get("kpi"),
        words([given["guardrail"] or ""]),
        given.get("unit"),
        given.get("arms"),
        given.get("control"),
        given.get("minimum_detectable_effect"),
        given.get("window_start"),
        given.get("window_end"),
        given.get("stop_rule"),
    )
    place = Place(find_config(root), "new-flag", date(2026, 6, 15))
    return experiment_fields(about, place, date(2026, 7, 25))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        *(
            ({name: None}, f"--{name.replace('_', '-')} is missing: ")
            for name in ("hypothesis", "kpi", "guardrail", "minimum_detectable_effect", "stop_rule")
        ),
        ({"kpi": "order"}, '--kpi names no metric of the tree: "order"; did you mean "orders"?'),
        ({"kpi": "x"}, '--kpi names no metric of the tree: "x"; there are orders, tickets, visits, error_rate'),
        ({"guardrail": "error_rate,nope"}, '--guardrail names no metric of the tree: "nope"'),
        ({"guardrail": " , "}, "--guardrail is missing: "),
        ({"unit": "session"}, "--unit must be that of the metrics: orders is keyed by account"),
        ({"unit": "week"}, "--unit must be one of user, account, workspace, "),
        ({"guardrail": "error_rate,visits"}, "--guardrail is keyed by session, and orders by account: visits"),
        ({"arms": "off=50"}, '--arms must be the weights of two variants or more, such as off=50,on=50, not "off=50"'),
        ({"arms": "off=50,off=50"}, "--arms must be the weights"),
        ({"arms": "off=half,on=half"}, "--arms must be the weights"),
        ({"control": "blue"}, "--control must be one of off, on"),
        (
            {"minimum_detectable_effect": "0.02"},
            '--minimum-detectable-effect must be a percentage such as 2%, not "0.',
        ),
        ({"minimum_detectable_effect": "0%"}, "--minimum-detectable-effect must be a percentage"),
        ({"window_start": "soon"}, "--window-start must be a date like 2026-05-01"),
        ({"window_end": "2026-06-01"}, "--window-end must not be before 2026-06-15"),
    ],
)
def test_what_is_refused(write: Write, changes: dict[str, str | None], message: str) -> None:
    root = write({"flags/metrics.yaml": TREE})
    with pytest.raises(InputError) as caught:
        fields(root, **changes)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("expires", "end"), [(date(2026, 7, 25), date(2026, 7, 11)), (date(2026, 6, 25), date(2026, 6, 24))]
)
def test_window_ends_in_time(write: Write, expires: date, end: date) -> None:
    place = Place(find_config(write({"README.md": "-"})), "new-flag", date(2026, 6, 15))
    about = Given("h", "kpi", ("x",), "user", effect="2%", stop_rule="s")
    block = experiment_fields(about, place, expires)["experiment"]
    assert isinstance(block, dict)
    assert block["window"] == {"start": date(2026, 6, 15), "end": end}
