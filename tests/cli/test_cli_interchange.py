"""`flagctl export` and `flagctl import` as commands: what goes where, how they end, and that they say it inertly."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from command import CLEAN, COMPLETE, TODAY, run

Write = Callable[[Mapping[str, str | bytes]], Path]


def test_there_and_back(write: Write) -> None:
    root = write(CLEAN)
    ran = run(root, "export", "flagd")
    assert ran.code == 0
    assert ran.err.count("\n") == 1
    assert ran.err.startswith("flagctl: new-checkout: the definition does not say what production serves: ")
    assert run(root, "export", "flagd", "--output", "out.json").out == ""
    assert (root / "out.json").read_text() == ran.out
    (root / "flags/new-checkout.yaml").unlink()
    back = run(root, "import", "flagd", "out.json", *TODAY)
    assert (back.code, back.out) == (0, "")
    assert back.err == (
        "flagctl: wrote flags/new-checkout.yaml\n"
        "flagctl: flags/new-checkout.yaml: is DISABLED: what is served is not known, and code gets its own default\n"
        "flagctl: 1 definition written; `flagctl audit` says what they lack\n"
    )
    own = [line for line in (root / "flags/new-checkout.yaml").read_text().splitlines() if not line.startswith("#")]
    assert own == COMPLETE.replace('"@acme/payments"', "'@acme/payments'").splitlines()
    again = run(root, "import", "flagd", "out.json", *TODAY)
    assert (again.code, again.err.splitlines()[-1]) == (
        0,
        "flagctl: 0 definitions written, 1 not imported; `flagctl audit` says what they lack",
    )


def test_text_is_inert_and_a_flag_that_cannot_be_had_makes_it_fail(write: Write) -> None:
    entry = {"state": "ENABLED", "variants": {"on": True}, "metadata": {"\x1b[31m\n::error ::x": 1}}
    root = write({"in.json": json.dumps({"flags": {"a": entry, "\x1b[31m\nflagctl: forged": entry}})})
    ran = run(root, "import", "flagd", "in.json", *TODAY)
    assert (ran.code, ran.out) == (1, "")
    assert "\x1b" not in ran.err
    assert all(line.startswith("flagctl: ") and "forged" not in line.split(":")[1] for line in ran.err.splitlines())
    assert "not imported: " in ran.err


def test_what_is_wrong_ends_with_2(write: Write) -> None:
    root = write({"in.json": "{\n]"})
    for args, words in (
        (["import", "flagd", "in.json"], "flagctl: in.json:2:1: is not valid JSON: "),
        (["import", "unleash", "nowhere.json"], "flagctl: nowhere.json: cannot be read: "),
        (["import", "flagd", "in.json", "--into", ".."], "flagctl: ..: lies outside the project, "),
        (["export", "json"], "flagctl: no definitions to export under "),
    ):
        ran = run(root, *args)
        assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)
        assert ran.err.startswith(words)
