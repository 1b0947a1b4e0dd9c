"""A flag from its birth to its neglect, in git: what `audit`, `changes` and `show` say of it."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path

import pytest
from command import run
from jsonschema import Draft202012Validator
from stories import Story, definition

ANN, BOB, EVE = "Ann <ann@example.com>", "Bob <bob@example.com>", "Eve <eve@example.com>"
FLAG = "flags/new-checkout.yaml"
ACCESS = {"access": '{toggle: ["@acme/oncall"], approve: ["@acme/leads"]}'}
SHOP = {
    "flagctl.toml": 'owners = "owners.yaml"\n[[evaluation]]\ncall = "*request.feature"\nkey = 0\n',
    "owners.yaml": (
        '"@acme/payments": []\n"@acme/oncall": [ann@example.com, "@bob"]\n"@acme/leads": [lea@example.com]\n'
    ),
    "shop.py": 'def page(request):\n    return request.feature("new-checkout")\n',
    "flags/metrics.yaml": (
        "north_star: orders\nmetrics:\n"
        "  orders: {role: north_star, event: paid, aggregate: count, unit: user, goal: increase}\n"
    ),
}
REASONS = ("Flag-Reason: first users", "Approved-by: Lea <lea@example.com>")
HISTORY_RULES = "FLG105,FLG106,FLG107,FLG601,FLG602"


def flag(percent: float, **more: str) -> dict[str, str | None]:
    return {FLAG: definition(percent, **ACCESS, **more)}


def message(subject: str, *trailers: str) -> str:
    return "\n".join([subject, "", *trailers])


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Rolled out in steps by several people; a step without a reason, one past a stage, one by somebody else."""
    story = Story(tmp_path / "shop")
    story.commit("2026-05-01", "A shop", SHOP)
    story.commit("2026-05-02", "Add new-checkout", flag(0), ANN)
    story.commit("2026-05-04", message("2%", *REASONS), flag(2), BOB)
    return story


def audited(story: Story, today: str) -> list[str]:
    """`FLG601 was changed...` of what the rules about history say."""
    ran = run(story.root, "audit", "--today", today, "--select", HISTORY_RULES, "--output-format", "json")
    assert (ran.code, ran.err) == (0, "")
    return [f"{each['code']} {each['message']}" for each in ran.json["findings"]]


def changes(story: Story, *args: str) -> list[str]:
    """What was changed, latest first, without the names of commits."""
    ran = run(story.root, "changes", *args)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    return [
        f"{re.sub('  [0-9a-f]{7}  ', ' ', first)}|{second.strip()}"
        for first, second in zip(lines[::2], lines[1::2], strict=True)
    ]


def test_the_whole_story(story: Story) -> None:
    assert audited(story, "2026-05-05") == []

    story.commit("2026-05-06", message("10%", "Approved-by: lea@example.com"), flag(10), "bob <bob@example.com>")
    name = story.head[:7]
    who = f"bob <bob@example.com> on 2026-05-06 ({name})"
    assert audited(story, "2026-05-07") == [f"FLG601 was changed in production from 2% to 10% without a reason: {who}"]

    story.commit(
        "2026-05-08", message("All", "Flag-Reason: in a hurry", "Reviewed-by: Lea <lea@example.com>"), flag(100), ANN
    )
    name = story.head[:7]
    assert audited(story, "2026-05-09") == [
        f"FLG107 went from 10% to 100% of production, past 50%: Ann <ann@example.com> on 2026-05-08 ({name})"
    ]

    story.commit("2026-05-10", message("Back", "Flag-Reason: errors"), flag(50), EVE)
    name = story.head[:7]
    who = f"Eve <eve@example.com> on 2026-05-10 ({name})"
    what = "was changed in production from 100% to 50%"
    stopped = [
        f"FLG602 {what} and approved by nobody, not by `access.approve` (@acme/leads): {who}",
        f"FLG602 {what} by somebody who is not in `access.toggle` (@acme/oncall): {who}",
    ]
    assert audited(story, "2026-05-11") == stopped
    assert audited(story, "2026-06-09") == [
        "FLG106 has stood at 50% of production for 30 days, since 2026-05-10",
        *stopped,
    ]

    decision = {"decision": '{outcome: ship, keep: on, date: 2026-06-09, by: "@acme/payments", rationale: More orders}'}
    story.commit("2026-06-09", "Decide", flag(50, **decision), ANN)
    assert audited(story, "2026-06-10") == ["FLG105 is ready to be removed: it is decided since 2026-06-09", *stopped]
    late = run(story.root, "audit", "--today", "2026-06-24", "--select", "FLG105,FLG110")
    assert "FLG110 error new-checkout was decided on 2026-06-09 (15 days ago)" in late.out

    assert changes(story) == [
        "2026-06-09 new-checkout: decision.outcome nothing -> ship, decision.keep nothing -> on, "
        "decision.date nothing -> 2026-06-09, decision.by nothing -> @acme/payments, "
        "decision.rationale nothing -> More orders|by Ann <ann@example.com>: “Decide”",
        "2026-05-10 new-checkout: production 100% -> 50%|by Eve <eve@example.com>: errors",
        "2026-05-08 new-checkout: production 10% -> 100%"
        "|by Ann <ann@example.com>, reviewed by Lea <lea@example.com>: in a hurry",
        "2026-05-06 new-checkout: production 2% -> 10%"
        "|by bob <bob@example.com>, approved by lea@example.com: no reason given, “10%”",
        "2026-05-04 new-checkout: production 0% -> 2%"
        "|by Bob <bob@example.com>, approved by Lea <lea@example.com>: first users",
        "2026-05-02 new-checkout: added to flags/new-checkout.yaml, production at 0%"
        "|by Ann <ann@example.com>: “Add new-checkout”",
    ]
    assert len(changes(story, "HEAD~2..HEAD~1")) == 1
    assert changes(story, "HEAD~2") == changes(story, "HEAD~2..") == changes(story)[:2]

    shown = run(story.root, "show", "new-checkout", "--today", "2026-06-10")
    assert "age: 40 days" in shown.lines
    assert f"born: 2026-05-02 by Ann <ann@example.com> ({story.git('rev-parse', 'HEAD~5')[:7]})" in shown.lines
    assert "served to: 50% of production since 2026-05-10 (31 days)" in shown.lines
    assert "ready to be removed: yes; flagctl remove new-checkout" in shown.lines
    told = run(story.root, "show", "new-checkout", "--today", "2026-06-10", "--output-format", "json").json
    assert told["removal"]["ready"] is True
    assert told["history"]["unchanged_since"] == "2026-05-10"
    assert told["history"]["born"]["author"] == "Ann"
    assert [each["kind"] for each in told["history"]["changes"]] == ["changed"] * 5 + ["added"]


def test_show_a_flag_that_is_gone(story: Story) -> None:
    story.commit("2026-05-06", "Remove it", {FLAG: None, "flags/other.yaml": definition(key="other-flag")}, BOB)
    ran = run(story.root, "show", "new-checkout")
    who = f"Bob <bob@example.com> removed it on 2026-05-06 ({story.head[:7]})"
    assert (ran.code, ran.err) == (2, f'flagctl: no flag "new-checkout" any more: {who}\n')


def test_show_a_flag_whose_definition_is_passed_over(story: Story) -> None:
    """It is not gone."""
    story.commit("2026-05-06", "Slip", {FLAG: definition(2, ownr="me"), "flags/b.yaml": "key: b\n"}, BOB)
    ran = run(story.root, "show", "new-checkout")
    assert ran.code == 2
    assert ran.err == 'flagctl: no flag "new-checkout": its definition was passed over; see `flagctl validate`\n'


def test_before_the_first_commit(tmp_path: Path) -> None:
    root = tmp_path / "shop"
    Story(root).write({**SHOP, **flag(2)})
    for args in (["changes"], ["changes", "HEAD.."], ["audit", "--new-from", "HEAD"]):
        ran = run(root, *args)
        assert (ran.code, ran.err.count("\n")) == (2, 1)
        assert f"{root} has no commit yet, so there is no history" in ran.err


def test_forgotten_at_100(story: Story) -> None:
    story.commit("2026-05-06", message("All", *REASONS), flag(100), ANN)
    [found] = [each for each in audited(story, "2026-06-05") if "FLG105" in each]
    assert found == "FLG105 is ready to be removed: at 100% of production since 2026-05-06"


def test_after_a_rebase_merge_and_a_move(story: Story, tmp_path: Path) -> None:
    story.git("checkout", "-q", "-b", "work")
    story.commit("2026-05-06", message("10%", "Flag-Reason: quiet"), flag(10), EVE)
    story.git("checkout", "-q", "main")
    story.commit("2026-05-07", "Other", {"x.py": "x = 1\n"})
    story.git("rebase", "-q", "main", "work", day="2026-05-12", author=ANN)
    story.git("checkout", "-q", "main")
    story.git("merge", "-q", "--ff-only", "work")
    rebased = story.head[:7]
    story.git("mv", "flags", "switches")
    story.commit("2026-05-13", "Tidy", {"flagctl.toml": 'definitions = ["switches"]\n' + SHOP["flagctl.toml"]}, ANN)
    assert [each.partition("|")[0] for each in changes(story)] == [
        "2026-05-13 new-checkout: moved from flags/new-checkout.yaml to switches/new-checkout.yaml",
        "2026-05-06 (merged 2026-05-12) new-checkout: production 2% -> 10%",
        "2026-05-04 new-checkout: production 0% -> 2%",
        "2026-05-02 new-checkout: added to flags/new-checkout.yaml, production at 0%",
    ]
    found = audited(story, "2026-06-11")
    assert found[0] == "FLG106 has stood at 10% of production for 30 days, since 2026-05-12"
    assert found[2].endswith(f"(@acme/oncall): Eve <eve@example.com> on 2026-05-06 ({rebased})")


def test_shallow_clone_says_what_it_does_not_know(story: Story, tmp_path: Path) -> None:
    story.commit("2026-05-06", "Other", {"x.py": "x = 1\n"})
    story.git("clone", "-q", "--depth", "1", story.root.as_uri(), str(tmp_path / "clone"))
    clone = tmp_path / "clone"
    said = (
        "flagctl: this is a shallow clone: what was before it begins is unknown; "
        "`git fetch --unshallow` brings the rest\n"
    )
    ran = run(clone, "changes")
    assert (ran.code, ran.err) == (0, said)
    assert ran.lines[0].endswith("new-checkout: was there already, in flags/new-checkout.yaml, production at 2%")
    ran = run(clone, "audit", "--today", "2026-06-04", "--select", HISTORY_RULES)
    assert (ran.code, ran.err, ran.lines[0]) == (0, said, "No findings: 1 flag, 1 reference")
    ran = run(clone, "audit", "--today", "2026-06-05", "--select", HISTORY_RULES)
    assert "FLG106 warning new-checkout has stood at 2% of production for at least 30 days" in ran.out
    shown = run(clone, "show", "new-checkout", "--today", "2026-06-05")
    assert "born: before 2026-05-06, where this clone begins" in shown.lines
    assert "served to: 2% of production since 2026-05-06 or longer (30 days)" in shown.lines


def test_changes_in_json_is_as_its_schema_says(story: Story) -> None:
    document = run(story.root, "changes", "--output-format", "json").json
    schema = Path(__file__).parents[2] / "schemas" / "changes.v1.schema.json"
    Draft202012Validator(json.loads(schema.read_text())).validate(document)
    assert document["history"] == {"commit": story.head, "shallow": False, "unread": 0}
    assert document["changes"][0]["fields"] == [
        {"field": "rollout.environments.production.percent", "before": "0", "after": "2"}
    ]


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["nowhere.."], '"nowhere" is no commit here; see `git branch --all`, or `git fetch` it'),
        (["origin/HEAD"], '"origin/HEAD" is no commit here; `git remote set-head origin --auto` asks origin'),
        (["--", "--x=$(id)/HEAD"], '"--x=$(id)/HEAD" is no commit here; see'),
        (["HEAD..--upload-pack=touch pwned"], '"--upload-pack=touch pwned" is no commit here; see'),
        (["--", "--output=pwned"], '"--output=pwned" is no commit here; see'),
        (["HEAD:flags"], '"HEAD:flags" is no commit here; see'),
        (["HEAD^{/x\n\x1b[31m}.."], "\\x1b[31m"),
    ],
)
def test_what_is_no_commit(story: Story, args: list[str], expected: str) -> None:
    ran = run(story.root, "changes", *args)
    assert (ran.code, ran.out) == (2, "")
    assert expected in ran.err
    assert ran.err.count("\n") == 1
    assert not (story.root / "pwned").exists()


def test_no_git(tmp_path: Path) -> None:
    for name, text in {**SHOP, FLAG: definition(50)}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    ran = run(tmp_path, "changes")
    assert (ran.code, ran.out, ran.err) == (
        2,
        "",
        f"flagctl: {tmp_path} is in no git repository, or git cannot be run, so there is no history\n",
    )
    ran = run(tmp_path, "audit", "--today", "2026-05-02", "--select", HISTORY_RULES)
    assert (ran.code, ran.lines) == (0, ["No findings: 1 flag, 1 reference"])
    assert ran.err == "flagctl: there is no git history here: what it would tell of rollouts was not judged\n"


def test_hostile_repository(story: Story, tmp_path: Path) -> None:
    """Its configuration names a program wherever git takes one; none of them runs, and no text acts."""
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f'#!/bin/sh\necho "$0 $*" >> {sprung}\ncat\n')
    trap.chmod(trap.stat().st_mode | stat.S_IXUSR)
    hooks = story.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for name in ("post-checkout", "pre-commit", "post-index-change", "reference-transaction", "fsmonitor-watchman"):
        (hooks / name).write_text(trap.read_text())
        (hooks / name).chmod(0o755)
    name = "flags/a\nb \x1b]0;owned\x07.yaml"
    story.write({name: definition(2, key="other-flag"), ".gitattributes": "*.yaml diff=evil filter=evil\n"})
    escape = "\x1b[2J\x1b]0;owned\x07"
    story.commit(
        "2026-05-06", message(f"{escape}Add", f"Flag-Reason: {escape}why"), author=f"E{escape}ve <eve@example.com>"
    )
    story.git("branch", "-f", "work")
    story.git("update-ref", "refs/heads/--upload-pack=trap", "HEAD")
    command = str(trap)
    for setting in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.gitProxy",
        "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.clean", "filter.evil.smudge",
        "filter.evil.process", "gpg.program", "alias.log", "alias.rev-list", "pager.log", "sequence.editor",
        "credential.helper", "uploadpack.packObjectsHook", "interactive.diffFilter", "merge.evil.driver",
    ):  # fmt: skip
        story.git("config", setting, command)
    for setting, value in {
        "core.hooksPath": str(hooks),
        "log.showSignature": "true",
        "log.follow": "true",
        "log.showRoot": "false",
        "log.diffMerges": "off",
        "diff.renames": "copies",
        "diff.relative": "true",
        "diff.noprefix": "true",
        "core.quotePath": "true",
        "color.ui": "always",
        "log.date": "relative",
        "format.pretty": "oneline",
        "i18n.logOutputEncoding": "utf-16",
    }.items():
        story.git("config", setting, value)
    sprung.unlink(missing_ok=True)
    outputs = [
        run(story.root, *args)
        for args in (
            ["changes"],
            ["changes", "--upload-pack=trap..work"],
            ["changes", "HEAD~1..refs/heads/--upload-pack=trap"],
            ["changes", "--output-format", "json"],
            ["audit", "--today", "2026-05-07"],
            ["show", "other-flag", "--today", "2026-05-07"],
        )
    ]
    assert not sprung.exists()
    for ran in outputs:
        assert "\x1b" not in ran.out + ran.err
        assert "\x07" not in ran.out + ran.err
    whole, _, ranged, *_ = outputs
    assert "flags/a\\nb \\x1b]0;owned\\x07.yaml" in whole.out
    assert whole.code == ranged.code == 0
    assert len(whole.lines) == 6
    assert len(ranged.lines) == 2


def test_a_branch_answers_for_its_own_changes_only(story: Story) -> None:
    """Whatever main has neglected; and each of its changes counts, not only the latest."""
    story.commit("2026-05-06", "50%", flag(50), EVE)
    story.git("checkout", "-q", "-b", "work")

    def gate(today: str) -> list[str]:
        select = ("--select", HISTORY_RULES, "--output-format", "json")
        ran = run(story.root, "audit", "--new-from", "main", "--today", today, *select)
        return [f"{each['code']} {each['message']}" for each in ran.json["findings"]]

    story.commit("2026-05-07", "Other", {"x.py": "x = 1\n"})
    assert gate("2026-05-08") == gate("2036-05-08") == []
    story.commit("2026-05-08", message("Back", "Flag-Reason: errors", "Approved-by: lea@example.com"), flag(10), ANN)
    assert gate("2026-05-09") == []
    story.commit("2026-05-09", message("On", "Approved-by: lea@example.com"), flag(50), ANN)
    story.commit("2026-05-10", message("All", "Flag-Reason: go"), flag(100), "bob <bob@example.com>")
    first, second = story.git("rev-parse", "HEAD~1")[:7], story.head[:7]
    change = "was changed in production from"
    assert gate("2026-05-10") == [
        f"FLG601 {change} 10% to 50% without a reason: Ann <ann@example.com> on 2026-05-09 ({first})",
        f"FLG602 {change} 50% to 100% and approved by nobody, not by `access.approve` (@acme/leads): "
        f"bob <bob@example.com> on 2026-05-10 ({second})",
    ]
    story.git("checkout", "-q", "main")
    story.merge("2026-05-11", "work", message("Merge", "Flag-Reason: agreed", "Approved-by: lea@example.com"))
    story.git("branch", "-f", "before", "main~1")
    ran = run(story.root, "audit", "--new-from", "before", "--today", "2026-05-12", "--select", HISTORY_RULES)
    assert ran.lines[0].startswith("No findings")
