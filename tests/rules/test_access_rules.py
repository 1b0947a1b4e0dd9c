"""FLG6xx, and who may own a flag."""

from __future__ import annotations

import pytest
from rule_cases import check, place, verdicts, whole

SENSITIVE = "key: a-b\nimpact: trust\n"


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        (SENSITIVE, True),
        (f"{SENSITIVE}access: {{toggle: [], approve: []}}\n", True),
        (f'{SENSITIVE}access: {{toggle: ["@acme/oncall"]}}\n', False),
        (f'{SENSITIVE}access: {{approve: ["@acme/leads"]}}\n', False),
        ("key: a-b\nimpact: internal\n", False),
        ("key: a-b\n", False),
    ],
)
def test_access(text: str, fires: bool) -> None:
    assert bool(check("FLG603", whole(text))) is fires


def test_protection() -> None:
    assert not check("FLG604", whole(SENSITIVE, protected={"flags/1.yaml": ("@a",)}, code_owners="CODEOWNERS"))
    assert not check("FLG604", whole("key: a-b\nimpact: cosmetic\n"))
    given = whole(SENSITIVE, protected={"flags/2.yaml": ("@a",)}, code_owners=".github/CODEOWNERS")
    assert verdicts("FLG604", given) == [
        ("a-b", "has impact on trust, and .github/CODEOWNERS gives flags/1.yaml to nobody")
    ]
    assert "there is no CODEOWNERS" in check("FLG604", whole(SENSITIVE))[0].message
    around = whole(SENSITIVE, code_owners="../CODEOWNERS", code_owners_folder="shop/")
    assert check("FLG604", around)[0].hint == "add to CODEOWNERS: /shop/flags/1.yaml @owner"


KNOWN = frozenset({"@acme/payments", "ann@example.com", "@bob"})


@pytest.mark.parametrize(
    ("owner", "hint"),
    [
        ("@acme/payments", None),
        ("@Acme/Payments", None),
        ("ann@example.com", None),
        ("@acme/paiments", "did you mean @acme/payments?"),
        ("somebody", "correct it, or name the owner in CODEOWNERS or the owners file"),
    ],
)
def test_owner(owner: str, hint: str | None) -> None:
    found = check("FLG004", whole(f'key: a-b\nowner: "{owner}"\n', owners=KNOWN))
    assert [each.hint for each in found] == ([hint] if hint else [])
    assert all(place(each) == "flags/1.yaml:2:8" for each in found)


def test_without_a_list_of_owners_nobody_is_unknown() -> None:
    assert not check("FLG004", whole("key: a-b\nowner: somebody\n"))
    assert not check("FLG004", whole("key: a-b\n", owners=KNOWN))


def test_keys_of_flags_that_are_gone() -> None:
    made = whole("key: a-b\naliases: [aB, ab]\n", archived={"aB": "flags/archive/x.yaml", "c": "flags/archive/c.yaml"})
    found = check("FLG010", made)
    assert [(each.message, place(each)) for each in found] == [
        ('has the alias "aB" of a flag that is gone: see flags/archive/x.yaml', "flags/1.yaml:2:11")
    ]
