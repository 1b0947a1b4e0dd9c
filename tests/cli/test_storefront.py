"""The example shop: what flagctl says of it is known, finding by finding, and can all be mended."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command import TODAY, Ran, environment, run, run_in_terminal

from flagctl.rules import CATALOGUE

STOREFRONT = Path(__file__).parents[2] / "examples" / "storefront"
GOLDEN = Path(__file__).with_name("storefront.audit.json")
"""Written by the command below, then read against the files of the shop."""
JSON = ("audit", "--output-format", "json", *TODAY)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A copy outside git."""
    caches = shutil.ignore_patterns("__pycache__", ".*_cache")
    return Path(shutil.copytree(STOREFRONT, tmp_path / "storefront", ignore=caches))


def golden() -> Any:
    return comparable(json.loads(GOLDEN.read_text(encoding="utf-8")))


def comparable(document: Any) -> Any:
    """How many files had to be parsed is the scanner's own affair."""
    del document["summary"]["files"]["parsed"]
    return document


def test_findings_are_the_known_ones() -> None:
    ran = run(STOREFRONT, *JSON)
    assert comparable(ran.json) == golden()
    assert (ran.code, ran.err) == (1, "flagctl: 1 definition was passed over (FLG001)\n")


def test_git_is_not_needed(shop: Path) -> None:
    assert comparable(run(shop, *JSON).json) == golden()


def test_nor_does_it_matter(shop: Path) -> None:
    for args in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *args], cwd=shop, env=environment(shop), check=True)
    assert comparable(run(shop, *JSON).json) == golden()


def test_every_rule_has_something_to_say_there() -> None:
    """But those that need a past, which a folder of somebody else's repository does not have."""
    need_a_past = {"FLG106", "FLG107", "FLG601", "FLG602"}
    assert {finding["code"] for finding in golden()["findings"]} == set(CATALOGUE) - need_a_past


def test_other_formats_say_the_same() -> None:
    """Each finding is a line of text, a result, an issue, a test and a diagnostic."""
    findings = golden()["findings"]
    text = run(STOREFRONT, "audit", *TODAY).lines
    for each in findings:
        subject = f"{each['flag']} " if each["flag"] else ""
        place = f"{each['path']}:{each['line']}:{each['column']}"
        assert f"{place}: {each['code']} {each['severity']} {subject}{each['message']}" in text
    assert text[-1] == "65 findings: 27 errors, 32 warnings, 6 infos in 24 flags (1 suppressed)"
    fingerprints = {each["fingerprint"] for each in findings}
    results = drawn("sarif").json["runs"][0]["results"]
    assert {each["partialFingerprints"]["flagctl/v1"] for each in results} == fingerprints
    assert {each["fingerprint"] for each in drawn("gitlab").json} == fingerprints
    assert len(drawn("rdjson").json["diagnostics"]) == len(findings)
    assert drawn("junit").out.count("</testcase>") == len(findings)
    assert drawn("markdown").out.count("\n- **") == len(findings)


def drawn(output_format: str) -> Ran:
    return run(STOREFRONT, "audit", *TODAY, "--output-format", output_format)


def test_github_shows_ten_of_each_level() -> None:
    *commands, rest = drawn("github").lines
    assert [each.split()[0] for each in commands] == ["::error"] * 10 + ["::warning"] * 10 + ["::notice"] * 6
    assert rest == (
        "39 more findings (17 errors, 22 warnings): GitHub shows 10 of each level, --output-format text all of them"
    )


def test_a_comment_on_github_leads_to_the_files_of_its_commit() -> None:
    """A path alone leads nowhere there."""
    there = {"GITHUB_SERVER_URL": "https://git.example", "GITHUB_REPOSITORY": "acme/shop", "GITHUB_SHA": "3f2a"}
    written = run(STOREFRONT, "audit", *TODAY, "--output-format", "markdown", env=there).out
    assert "](https://git.example/acme/shop/blob/3f2a/flags/mini-cart.yaml#L8)" in written
    assert "](flags/mini-cart.yaml#L8)" in drawn("markdown").out


def test_definitions_alone() -> None:
    found = [each for each in golden()["findings"] if each["code"].startswith("FLG0")]
    ran = run(STOREFRONT, "validate", "--output-format", "json", *TODAY)
    assert (ran.code, ran.json["findings"]) == (1, found)


def edit(root: Path, path: str, *changes: tuple[str, str]) -> None:
    """Replaces texts in a file, each of which must be there."""
    text = (root / path).read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text, (path, old)
        text = text.replace(old, new)
    (root / path).write_text(text, encoding="utf-8")


def add(root: Path, path: str, *lines: str) -> None:
    with (root / path).open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def mend(root: Path) -> None:
    """Does what the findings ask for."""
    # Flags that nothing asks for.
    for gone in (
        "address-autocomplete",
        "price-drop-alerts",
        "search-ranking",
        "warehouse-webhooks",
        "wishlist-sharing",
    ):
        (root / f"flags/{gone}.yaml").unlink()
    edit(
        root,
        "shop/toggles/registry.py",
        ('    "price-drop-alerts": "Mail customers when an item on their list gets cheaper",\n', ""),
    )
    # Names.
    for path in (
        "flags/disable-guest-checkout.yaml",
        "shop/checkout/guest.py",
        "shop/toggles/registry.py",
        "tests/test_checkout.py",
    ):
        edit(root, path, ("disable-guest-checkout", "require-sign-in"))
    for path in ("shop/accounts/gift_cards.py", "tests/test_accounts.py"):
        edit(root, path, ('"gift-card"', '"voucher-redemption"'))
    edit(root, "flags/gift-card.yaml", ("key: gift-card\n", "key: voucher-redemption\ntype: release\n"))
    edit(root, "shop/notifications/email.py", ("loyalty-pionts", "loyalty-points"))
    # Fields.
    edit(
        root,
        "flags/email-throttle.yaml",
        ("review_by: 2026-05-31", "review_by: 2026-09-01\njustification: Sales come back"),
    )
    edit(root, "flags/stock-badges.yaml", ("remval_criterion", "removal_criterion"), ("refresh: pull", "refresh: poll"))
    edit(root, "flags/saved-cards.yaml", ("expires:", "adopted: 2026-06-08\nexpires:"))
    edit(
        root,
        "flags/new-checkout.yaml",
        ("  # flagctl: ignore[FLG101] nobody deploys during the May sale", ""),
        ("outcome: ship\n  keep: on", "outcome: extend"),
        ("end: 2026-06-07", "end: 2026-06-30"),
    )
    add(root, "flags/express-pickup.yaml", "reason: Compete with the store around the corner")
    add(root, "flags/loyalty-points.yaml", "removal_criterion: One customer in four comes back")
    add(root, "flags/order-history-export.yaml", 'owner: "@acme/growth"')
    # More time.
    extension = '  - {{from: {}, to: {}, by: "@acme/release-managers", reason: The May sale}}'
    edit(root, "flags/mini-cart.yaml", ("expires: 2026-06-22", "expires: 2026-07-15"))
    add(root, "flags/mini-cart.yaml", "extensions:", extension.format("2026-06-22", "2026-07-15"))
    edit(
        root,
        "flags/search.yaml",
        ("expires: 2026-06-26", "expires: 2026-07-15"),
        ("guardrails: [error_rate]", "guardrails: [failed_searches]"),
        ("empty_search]", "empty_searches]"),
    )
    add(root, "flags/search.yaml", "extensions:", extension.format("2026-06-26", "2026-07-15"))
    mend_delivery(root)
    mend_flow(root)
    # What flagctl was not told.
    edit(
        root,
        "shop/catalog/promotions.py",
        ("False, context):", "False, context):  # flagctl: ignore[FLG204] one for each campaign"),
    )
    configuration = (root / "flagctl.toml").read_text(encoding="utf-8")
    pattern = "key_pattern = '^([a-z][a-z0-9.-]*|FEATURE_[A-Z_]+)$'\n"
    helper = '\n[[evaluation]]\ncall = "*when_enabled"\nkey = 0\ndecorator = true\n'
    (root / "flagctl.toml").write_text(pattern + configuration + helper, encoding="utf-8")


def mend_delivery(root: Path) -> None:
    """The same for delivery, where everything is new."""
    (root / "flags/archive/recommendations.yaml").unlink()
    edit(
        root,
        "flags/same-day-delivery.yaml",
        ('logistic"', 'logistics"'),
        ("eventual", "strong"),
        ("refresh: poll", "refresh: push"),
        ("kills_when: off", "kills_when: off, runbook: docs/runbooks/checkout.md, exercised: 2026-06-03"),
        ("[courier-tracking, carrier-pool]", "[courier-tracking]"),
        ("  plan: [0, 10, 50, 100]", "  plan: [0, 10, 50, 100]\n  gates: [error_rate]"),
        ("percent: 10,", "percent: 100,"),
        ("{segment: islands}", "{segment: islands, question: Can the ferry keep it?, review_by: 2026-07-01}"),
    )
    add(root, "flags/same-day-delivery.yaml", 'access: {toggle: ["@acme/logistics"]}')
    edit(
        root, "flags/courier-tracking.yaml", ("depends_on: [same-day-delivery]\n", ""), ("percent: 10", "percent: 100")
    )
    edit(
        root,
        "flags/delivery-slots.yaml",
        ("experiment:\n", "experiment:\n  hypothesis: An hour sells better\n  kpi: completed_orders\n"),
        (
            "  control: half-day\n",
            "  control: half-day\n  guardrails: [support_tickets]\n  unit: account\n  minimum_detectable_effect: 3%\n",
        ),
        ("end: 2026-06-08}", "end: 2026-06-28}\n  stop_rule: Stop when couriers miss one slot in ten"),
        ("  - {segment: islands, question: Can the ferry keep an hour?}\n", ""),
        ('by: "@acme/logistics"}', 'by: "@acme/logistics", reason: A strike of the couriers}'),
    )
    edit(
        root,
        "shop/delivery/slots.py",
        ('"delivery-slots"):', '"delivery-slots", "half-day") == "half-day":'),
        ('tracking", True', 'tracking", False'),
    )
    (root / "flags/parcel-lockers.yaml").unlink()
    edit(
        root,
        "shop/delivery/options.py",
        ('    if request.feature("parcel-lockers", False):\n        found.insert(0, "locker")\n', ""),
        ('    if request.feature("gift-wrap", False):\n', "    if basket.is_gift:\n"),
        ('"same-day-delivery", True', '"same-day-delivery", False'),
    )
    edit(root, "CODEOWNERS", ("/flags/drafts/\n", "/flags/drafts/          @acme/checkout\n"))
    add(
        root,
        "flags/drafts/price-match.yaml",
        "kill_switch: {kills_when: off, runbook: docs/runbooks/payments.md, exercised: 2026-06-10}",
        'access: {toggle: ["@acme/checkout"]}',
    )
    add(
        root,
        "shop/checkout/totals.py",
        "",
        "def is_matched(request):",
        '    return request.feature("price-match", False)',
    )


def mend_flow(root: Path) -> None:
    """The same for answers that are asked for in the wrong place."""
    asked = 'request.feature("same-day-delivery")'
    edit(
        root,
        "shop/delivery/dispatch.py",
        ("    local =", f"    is_today = {asked}\n    local ="),
        (f"    if {asked}:\n        couriers.call", "    if is_today:\n        couriers.call"),
        (f"    if {asked}:\n        couriers.hurry", "    if is_today:\n        couriers.hurry"),
        ('("tomorrow")\n        couriers.book(parcel)\n', '("tomorrow")\n'),
        ('        if request.feature("loyalty-points"):\n', '    if request.feature("loyalty-points"):\n'),
        ('            lines.append("Twice', '        lines.append("Twice'),
        ('parcel.weight if request.feature("courier-tracking") else parcel.weight', "parcel.weight"),
    )
    throttled = 'switch_is_active("email-throttle")'
    edit(
        root,
        "shop/notifications/digest.py",
        (f"PAUSE = 10 if {throttled} else 0", "PAUSE = 10"),
        ("    for address", f"    is_throttled = {throttled}\n    for address"),
        (f"        if {throttled}:", "        if is_throttled:"),
    )


def test_mended_shop_has_no_findings(shop: Path) -> None:
    mend(shop)
    ran = run(shop, "audit", "--select", "ALL", "--fail-on", "info", *TODAY)
    assert ran.out.startswith("No findings: 20 flags, ")
    no_past = "flagctl: there is no git history here: what it would tell of rollouts was not judged\n"
    assert (ran.code, ran.err) == (0, no_past)


@pytest.mark.parametrize("fail_on", ["error", "warning", "info"])
def test_unmended_shop_fails(shop: Path, fail_on: str) -> None:
    assert run(shop, "audit", "--fail-on", fail_on, *TODAY).code == 1


def test_flags_of_the_shop() -> None:
    keys = [each["key"] for each in run(STOREFRONT, "list", "--output-format", "json").json["flags"]]
    assert len(keys) == 25
    assert {key for key in keys if keys.count(key) > 1} == {"search-ranking"}
    shown = run(STOREFRONT, "show", "newCheckout", *TODAY)
    assert shown.code == 0
    assert (
        "shop/checkout/views.py:17:8: evaluation new-checkout (call, openfeature, default False, via constant)"
        in shown.lines
    )


def test_every_finding_has_one_owner_or_none() -> None:
    ran = run(STOREFRONT, *JSON, "--group-by", "owner")
    owners = {each["owner"]: each["fingerprints"] for each in ran.json["owners"]}
    assert {"@acme/checkout", "@acme/logistics", None} < owners.keys()
    told = [fingerprint for fingerprints in owners.values() for fingerprint in fingerprints]
    assert sorted(told) == sorted(each["fingerprint"] for each in golden()["findings"])
    assert ran.code == 1

    text = run_in_terminal(STOREFRONT, "audit", *TODAY, "--group-by", "owner", "--select", "FLG109")
    assert "@acme/logistics" in text.out
    assert "delivery-slots was extended to 2026-06-30 without a reason" in text.out


def test_a_format_without_groups_says_so(tmp_path: Path) -> None:
    report = tmp_path / "report"
    ran = run(STOREFRONT, "audit", "--group-by", "owner", "--output-format", "sarif", "--output", report)
    assert ran == Ran(2, "", "flagctl: --group-by is for text, json, markdown; --output-format sarif has no groups\n")
    assert not report.exists()
