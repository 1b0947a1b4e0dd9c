"""`--new-from`: what a branch made worse, and nothing else. Real repositories; `main` is what a branch began from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from flagctl import pipeline
from flagctl.baseline import Baseline, Entry, baseline_text, read_baseline
from flagctl.config import find_config
from flagctl.config.tree import tree_of
from flagctl.model import InputError
from flagctl.report import FORMATS, Report

TODAY = date(2026, 6, 15)

COMPLETE = """\
key: new-checkout
type: release
owner: "@acme/payments"
reason: Cut the drop-off
created: 2026-06-01
expires: 2026-07-10
expected_end_state: remove
removal_criterion: 100% for 14 days
"""
OWNER = 'owner: "@acme/payments"\n'
CONFIG = """\
[[evaluation]]
call = "*request.feature"
key = 0
default = 1
"""
VIEW = """\
def {name}(request):
    if request.feature({key}, {default}):
        return "{name}"
    return None
"""


def flag(key: str, *, without: str = "", **fields: str) -> str:
    """A definition without a finding on `TODAY`."""
    lines = COMPLETE.replace("new-checkout", key).splitlines()
    changed = [f"{name}: {fields[name]}" if (name := line.partition(":")[0]) in fields else line for line in lines]
    return "".join(f"{line}\n" for line in changed if not without or not line.startswith(without))


def view(name: str, key: str = '"new-checkout"', default: str = "False") -> str:
    return VIEW.format(name=name, key=key, default=default)


MAIN: Mapping[str, str] = {
    "flagctl.toml": CONFIG,
    "flags/new-checkout.yaml": COMPLETE,
    "flags/old-search.yaml": flag("old-search", without="owner", created="2026-01-01", expires="2026-02-01"),
    "flags/banner.yaml": flag("banner"),
    "flags/unused.yaml": flag("unused"),
    "flags/hidden.yaml": flag("hidden", without="owner").replace(
        "key: hidden", "key: hidden  # flagctl: ignore[FLG003] nobody has it yet"
    ),
    "CODEOWNERS": "* @acme/payments\n",
    "shop/__init__.py": "",
    "shop/keys.py": 'SEARCH = "old-search"\nBANNER = "banner"\n',
    "shop/page.py": view("page"),
    "shop/search.py": "from shop.keys import SEARCH\n\n\n" + view("search", "SEARCH"),
    "shop/banner.py": "from shop.keys import BANNER\n\n\n" + view("banner", "BANNER") + view("other", "BANNER", "True"),
    "shop/ghost.py": view("ghost", '"ghost"'),
    "shop/hidden.py": view("hidden", '"hidden"'),
    "shop/plain.py": "def total(items):\n    return sum(items)\n",
    "README.md": "A shop.\n",
}
"""A project with debts: expired and ownerless (old-search), unused, undeclared (ghost), of two minds (banner), and one
that a comment hides."""


class Repository:
    """A repository in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def git(self, *arguments: str) -> str:
        command = ["git", "-c", "user.name=T", "-c", "user.email=t@example.com", *arguments]
        days = dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), "2026-06-01T12:00:00Z")
        env = {**os.environ, **days}
        return subprocess.run(command, cwd=self.root, check=True, capture_output=True, env=env).stdout.decode()

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text()
        assert old in text
        (self.root / path).write_text(text.replace(old, new))

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "Work")

    def audit(self, rev: str = "main", today: date = TODAY, *, root: str = "", **more: object) -> Report:
        request = pipeline.Request(today, new_from=rev, **more)  # type: ignore[arg-type]
        return pipeline.audit(find_config(self.root / root), request, lambda done, total: None)


def found(report: Report) -> list[str]:
    """`FLG003 new-checkout`, sorted."""
    return sorted(f"{each.code} {each.flag or each.location.path}" for each in report.findings)


@pytest.fixture(scope="session")
def main(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`MAIN`, committed once."""
    repository = Repository(tmp_path_factory.mktemp("main"))
    repository.write(MAIN)
    repository.git("init", "-q", "-b", "main")
    repository.commit()
    repository.git("checkout", "-q", "-b", "branch")
    return repository.root


@pytest.fixture
def branch(main: Path, tmp_path: Path) -> Repository:
    """A branch of it, to work on."""
    shutil.copytree(main, tmp_path / "shop", symlinks=True)
    return Repository(tmp_path / "shop")


# --- pull requests ----------------------------------------------------------------------------------------------------

Work = Callable[[Repository], None]


def writes(path: str, text: str) -> Work:
    return lambda branch: branch.write({path: text})


def edits(path: str, old: str, new: str) -> Work:
    return lambda branch: branch.edit(path, old, new)


def moves(old: str, new: str) -> Work:
    def move(branch: Repository) -> None:
        (branch.root / new).parent.mkdir(parents=True, exist_ok=True)
        branch.git("mv", old, new)

    return move


def deletes(*paths: str) -> Work:
    def delete(branch: Repository) -> None:
        for path in paths:
            (branch.root / path).unlink()

    return delete


def all_of(*works: Work) -> Work:
    def do(branch: Repository) -> None:
        for work in works:
            work(branch)

    return do


HARMLESS: Mapping[str, Work] = {
    "nothing at all": lambda branch: None,
    "code without a flag": writes("shop/plain.py", "def total(items):\n    return len(items)\n"),
    "a new file": writes("shop/more.py", "x = 1\n"),
    "documentation": writes("README.md", "A good shop.\n"),
    "lines above": edits("shop/banner.py", "from shop", "import os\n\nfrom shop"),
    "a formatter": edits(
        "shop/search.py", "request.feature(SEARCH, False)", "request.feature(\n        SEARCH,\n        False,\n    )"
    ),
    "a function that is renamed": edits("shop/ghost.py", "def ghost", "def spectre"),
    "a file that is renamed": moves("shop/ghost.py", "shop/spectre.py"),
    "a file that is renamed and edited": all_of(
        moves("shop/banner.py", "web/banners.py"), edits("web/banners.py", "def other", "def another")
    ),
    "a package that moves with its keys": all_of(
        moves("shop", "store"),
        *[edits(f"store/{name}.py", "from shop", "from store") for name in ("search", "banner")],
    ),
    "a constant that is renamed": all_of(
        edits("shop/keys.py", "SEARCH", "SEARCH_FLAG"), edits("shop/search.py", "SEARCH", "SEARCH_FLAG")
    ),
    "a constant that moves in its file": edits("shop/keys.py", "SEARCH", "OTHER = 1\nSEARCH"),
    "the fields of an old definition in another order": writes(
        "flags/old-search.yaml",
        "".join(reversed(MAIN["flags/old-search.yaml"].splitlines(keepends=True))),
    ),
    "an old definition that is described": edits("flags/old-search.yaml", "reason: Cut", "description: S\nreason: Cut"),
    "another day that has passed": edits("flags/old-search.yaml", "2026-02-01", "2026-02-05"),
    "an old definition that is renamed": moves("flags/old-search.yaml", "flags/search/old.yaml"),
    "definitions that move": all_of(
        moves("flags", "config/flags"), writes("flagctl.toml", 'definitions = ["config/flags"]\n' + CONFIG)
    ),
    "definitions that move out of the usual folder by a glob": all_of(
        moves("flags", "shop/flags"), writes("flagctl.toml", 'definitions = ["*/flags"]\n' + CONFIG)
    ),
    "two definitions in one file": all_of(
        deletes("flags/unused.yaml", "flags/old-search.yaml"),
        writes("flags/all.yaml", MAIN["flags/unused.yaml"] + "---\n" + MAIN["flags/old-search.yaml"]),
    ),
    "the configuration": writes(
        "flagctl.toml", CONFIG + '[lifetime]\nrelease = 5\n[rules.severity]\nFLG202 = "error"\n'
    ),
    "a helper that is only now told of": writes(
        "flagctl.toml", CONFIG + '[[evaluation]]\ncall = "*sum"\nkey = 0\n[rules]\nselect = ["ALL"]\n'
    ),
    "an old evaluation that moves to another file": all_of(
        deletes("shop/ghost.py"), writes("shop/more.py", view("more", '"ghost"'))
    ),
    "a flag that is complete": all_of(
        writes("flags/fresh.yaml", flag("fresh")), writes("shop/f.py", view("f", '"fresh"'))
    ),
    "an owner": edits("flags/old-search.yaml", "reason:", OWNER + "reason:"),
    "a flag that goes": deletes("flags/unused.yaml"),
    "an undeclared flag that is declared": writes("flags/ghost.yaml", flag("ghost")),
    "a flag with another key": edits(
        "flags/old-search.yaml", "key: old-search", "key: elder-search\naliases: [old-search]"
    ),
    "a comment where there was one": edits("flags/hidden.yaml", "nobody has it yet", "nobody will have it"),
}
"""What makes nothing worse."""

WORSE: Mapping[str, tuple[Work, list[str]]] = {
    "a flag without an owner": (
        all_of(writes("flags/fresh.yaml", flag("fresh", without="owner")), writes("shop/f.py", view("f", '"fresh"'))),
        ["FLG003 fresh"],
    ),
    "another default": (writes("shop/more.py", view("more", default="True")), ["FLG301 new-checkout"]),
    "a flag without a definition": (writes("shop/more.py", view("more", '"frehs"')), ["FLG201 frehs"]),
    "an old debt once more": (writes("shop/more.py", view("more", '"ghost"')), ["FLG201 ghost"]),
    "an old debt once more in its own file": (
        writes("shop/ghost.py", view("ghost", '"ghost"') + view("spectre", '"ghost"')),
        ["FLG201 ghost"],
    ),
    "an old debt that moved, and once more": (
        all_of(moves("shop/ghost.py", "shop/a.py"), writes("shop/b.py", view("b", '"ghost"'))),
        ["FLG201 ghost"],
    ),
    "a field that is taken away": (edits("flags/banner.yaml", OWNER, ""), ["FLG003 banner"]),
    "a field of an old flag that is taken away": (
        edits("flags/old-search.yaml", "reason: Cut the drop-off\n", ""), ["FLG006 old-search"]
    ),
    "a comment that is taken away": (
        edits("flags/hidden.yaml", "  # flagctl: ignore[FLG003] nobody has it yet", ""), ["FLG003 hidden"]
    ),
    "a comment that hides nothing": (
        edits("flags/banner.yaml", "key: banner", "key: banner  # flagctl: ignore[FLG003] why"),
        ["FLG901 flags/banner.yaml"],
    ),
    "a flag with another key that its code does not know": (
        all_of(
            edits("flags/banner.yaml", "key: banner", "key: large-banner"),
            edits("flags/old-search.yaml", "key: old-search", "key: elder-search"),
        ),
        ["FLG003 elder-search", "FLG101 elder-search", "FLG201 banner", "FLG201 banner", "FLG201 old-search",
         "FLG202 elder-search", "FLG202 large-banner"],
    ),
    "the last use": (deletes("shop/page.py"), ["FLG202 new-checkout"]),
    "a definition that goes before its code": (deletes("flags/banner.yaml"), ["FLG201 banner"] * 2),
    "a constant with another key": (
        edits("shop/keys.py", "old-search", "new-search"),
        ["FLG201 new-search", "FLG202 old-search"],
    ),
    "a day that has passed": (edits("flags/banner.yaml", "2026-07-10", "2026-06-10"), ["FLG101 banner"]),
    "two files with one key": (writes("flags/again.yaml", COMPLETE), ["FLG002 new-checkout"]),
    "a field that nobody knows": (edits("flags/unused.yaml", "reason", "raeson"), ["FLG001 unused"]),
    "an owner whom nobody knows": (edits("CODEOWNERS", "payments", "somebody"), [
        "FLG004 banner", "FLG004 new-checkout", "FLG004 unused",
    ]),
    "the key of a flag that is gone": (
        all_of(moves("flags/unused.yaml", "flags/archive/unused.yaml"), writes("flags/x.yaml", flag("unused"))),
        ["FLG010 unused"],
    ),
}  # fmt: skip
"""What makes something worse, and what."""


@pytest.mark.parametrize("work", HARMLESS.values(), ids=HARMLESS)
def test_what_makes_nothing_worse(branch: Repository, work: Work) -> None:
    work(branch)
    branch.commit()
    report = branch.audit()
    assert found(report) == []
    assert report.base == "main"
    assert branch.git("status", "--porcelain") == ""


@pytest.mark.parametrize(("work", "worse"), WORSE.values(), ids=WORSE)
def test_what_makes_something_worse(branch: Repository, work: Work, worse: list[str]) -> None:
    work(branch)
    assert found(branch.audit()) == worse


def test_any_day_of_the_next_ten_years(branch: Repository, tmp_path: Path) -> None:
    """What has nothing to do with flags passes whatever has expired by then."""
    branch.write({"shop/plain.py": "def total(items):\n    return len(items)\n", "shop/new.py": "x = 1\n"})
    branch.edit("shop/search.py", "def search", "import os\n\n\ndef search")
    branch.commit()
    counts = set()
    for days in [*range(0, 60, 10), *range(60, 3660, 360)]:
        report = branch.audit(today=TODAY + timedelta(days), cache_file=tmp_path / "cache")
        assert found(report) == []
        counts.add(report.at_base)
    assert len(counts) > 1


def test_main_went_on(branch: Repository) -> None:
    """What main has mended meanwhile is not held against the branch, nor what it has broken."""
    branch.write({"shop/more.py": view("more", '"typo"')})
    branch.commit()
    branch.git("checkout", "-q", "main")
    branch.edit("flags/old-search.yaml", "reason:", OWNER + "reason:")
    branch.write({"flags/new.yaml": "key: new-flag\n"})
    (branch.root / "shop/ghost.py").unlink()
    branch.commit()
    branch.git("checkout", "-q", "branch")
    assert found(branch.audit()) == ["FLG201 typo"]
    branch.git("merge", "-q", "--no-edit", "main")
    assert found(branch.audit()) == ["FLG201 typo"]
    assert {each.flag for each in branch.audit("HEAD^1").findings} == {"new-flag"}


def test_a_branch_that_adopts(branch: Repository) -> None:
    """Where there was no definition, nobody was judged: all counts, and that is said."""
    branch.git("rm", "-rq", "flags")
    branch.commit()
    branch.git("branch", "-f", "main")
    branch.git("checkout", "-q", "HEAD^", "--", "flags")
    report = branch.audit()
    assert {"FLG003 old-search", "FLG101 old-search", "FLG201 ghost"} <= {*found(report)}
    assert report.notices == ("no definitions at main: all that is found is new",)


def test_what_is_not_committed(branch: Repository) -> None:
    branch.write({"shop/more.py": view("more", '"committed"')})
    branch.commit()
    branch.write({"shop/most.py": view("most", '"staged"'), "shop/less.py": view("less", '"untracked"')})
    branch.git("add", "shop/most.py")
    assert found(branch.audit("HEAD")) == ["FLG201 staged", "FLG201 untracked"]
    assert len(found(branch.audit())) == 3


def test_paths_and_rules_limit_as_ever(branch: Repository) -> None:
    branch.write({"shop/a.py": view("a", '"a-a"'), "web/b.py": view("b", '"b-b"'), "flags/c.yaml": "key: c-c\n"})
    assert found(branch.audit(paths=("web",))) == ["FLG201 b-b"]
    assert found(branch.audit(select=("FLG003",))) == ["FLG003 c-c"]


def baseline_of(branch: Repository, *more: Entry, step: int = 1) -> Baseline:
    """A baseline with what there is."""
    report = pipeline.audit(find_config(branch.root), pipeline.Request(TODAY), lambda done, total: None)
    entries = [Entry.of(each, report.fingerprints[each]) for each in report.findings][::step]
    branch.write({"flagctl-baseline.json": baseline_text([*entries, *more])})
    return read_baseline(branch.root, "flagctl-baseline.json")


def test_the_baseline_hides_as_ever(branch: Repository) -> None:
    """What the baseline has is hidden once, not twice with what was there before."""
    all_of_it, half = baseline_of(branch), baseline_of(branch, step=2)
    branch.write({"shop/more.py": view("more", '"ghost"')})
    report = branch.audit(baseline=all_of_it)
    assert found(report) == ["FLG201 ghost"]
    assert (report.baselined, report.at_base) == (len(all_of_it.entries), 0)
    report = branch.audit(baseline=half)
    assert found(report) == ["FLG201 ghost"]
    assert report.baselined + report.at_base == len(all_of_it.entries)


def test_an_entry_of_the_baseline_that_hid_nothing_before(branch: Repository) -> None:
    baseline = baseline_of(branch, Entry("0" * 32, "FLG003", "missing-owner", "gone", "flags/gone.yaml"))
    branch.commit()
    assert found(branch.audit(baseline=baseline)) == []
    branch.edit("flags/old-search.yaml", "reason:", OWNER + "reason:")
    assert found(branch.audit(baseline=baseline)) == ["FLG901 flagctl-baseline.json"]


def test_a_project_below_the_root_of_its_repository(tmp_path: Path) -> None:
    repository = Repository(tmp_path / "mono")
    files = {f"services/shop/{path}": text for path, text in MAIN.items()}
    repository.write({**files, "services/mail/a.py": view("a", '"typo"')})
    repository.git("init", "-q", "-b", "main")
    repository.commit()
    repository.git("checkout", "-q", "-b", "branch")
    repository.write({"services/shop/shop/more.py": view("more", '"typo"'), "services/mail/b.py": view("b", '"typo"')})
    repository.git("mv", "services/shop/shop/ghost.py", "services/shop/shop/spectre.py")
    assert found(repository.audit(root="services/shop")) == ["FLG201 typo"]


def test_the_project_is_new(branch: Repository) -> None:
    """At the root that there is now, there was nothing."""
    branch.git("rm", "-rq", ".")
    branch.write({"other/x.py": ""})
    branch.commit()
    branch.git("branch", "-f", "main")
    branch.write({f"services/shop/{path}": text for path, text in MAIN.items()})
    report = branch.audit(root="services/shop")
    assert "FLG201 ghost" in found(report)
    assert report.notices == ("no definitions at main: all that is found is new",)


def test_links(branch: Repository) -> None:
    """Owners and definitions behind links are those of the base; what leads out of the project is nobody's."""
    branch.git("mv", "CODEOWNERS", "OWNERS")
    branch.git("mv", "flags", "all")
    (branch.root / "CODEOWNERS").symlink_to("OWNERS")
    (branch.root / "flags").symlink_to("all")
    (branch.root / "all/away.yaml").symlink_to("/etc/hostname")
    (branch.root / "all/up.yaml").symlink_to("../../up.yaml")
    branch.commit()
    assert found(branch.audit()) == []
    branch.git("branch", "-f", "main")
    branch.write({"shop/plain.py": ""})
    report = branch.audit()
    assert (found(report), report.notices) == ([], ())
    branch.edit("all/banner.yaml", OWNER, "")
    assert found(branch.audit()) == ["FLG003 banner"]


def test_in_every_format(branch: Repository) -> None:
    branch.write({"shop/more.py": view("more", '"typo"')})
    report = branch.audit()
    for name, shown in FORMATS.items():
        text = shown(report)
        assert "typo" in text, name
        assert "ghost" not in text, name
    assert json.loads(FORMATS["json"](report))["summary"]["at_base"] == report.at_base == 5
    assert FORMATS["text"](report).endswith("1 finding: 1 error in 1 flag (1 suppressed, 5 there at main)\n")


# --- which commit -----------------------------------------------------------------------------------------------------


def test_a_shallow_clone(branch: Repository, tmp_path: Path) -> None:
    branch.write({"shop/more.py": view("more", '"typo"')})
    branch.commit()
    branch.git("clone", "-q", "--depth", "1", "--branch", "branch", branch.root.as_uri(), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    with pytest.raises(InputError, match=r"is no commit here; this is a shallow clone: .*fetch-depth: 0"):
        clone.audit("origin/main")
    clone.git("fetch", "-q", "--depth", "1", "origin", "main:main")
    report = clone.audit()
    assert found(report) == ["FLG201 typo"]
    assert report.notices == ("main and HEAD have no commit in common here: compared with main itself",)


def test_a_clone_without_blobs(branch: Repository, tmp_path: Path) -> None:
    """Git is not sent to the network for what it lacks."""
    branch.write({"shop/ghost.py": view("spectre", '"ghost"')})
    branch.commit()
    branch.git("config", "uploadpack.allowFilter", "true")
    branch.git("clone", "-q", "--filter=blob:none", branch.root.as_uri(), str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    with pytest.raises(InputError, match="a partial clone; clone without --filter"):
        clone.audit("origin/main")


NAMES = [
    "--upload-pack=touch x",
    "-x",
    "--help",
    "a..b",
    "",
    " ",
    "@{",
    "main^{tree}",
    ":/x",
    "main:flags",
    "^main",
    "a\nb",
]


def test_what_is_no_revision(branch: Repository) -> None:
    for rev in NAMES:
        with pytest.raises(InputError, match="is no commit here"):
            branch.audit(rev)
    assert not (branch.root / "x").exists()


def test_a_branch_with_the_name_of_an_option(branch: Repository) -> None:
    head = branch.git("rev-parse", "HEAD").strip()
    names = ["--upload-pack=touch${IFS}x", "-x", "--all"]
    for name in names:
        branch.git("update-ref", f"refs/heads/{name}", head)
        branch.write({"shop/more.py": view("more", '"typo"')})
        assert found(branch.audit(name)) == ["FLG201 typo"]
    assert not (branch.root / "x").exists()


def test_no_repository(tmp_path: Path) -> None:
    folder = Repository(tmp_path)
    folder.write(MAIN)
    with pytest.raises(InputError, match="is in no git repository"):
        folder.audit()


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    folder = Repository(tmp_path)
    folder.write(MAIN)
    folder.git("init", "-q", "-b", "main")
    with pytest.raises(InputError, match="is no commit here"):
        folder.audit()


def test_hostile_trees(branch: Repository) -> None:
    """A tree made by hand may name files that git would never check out; nothing of it is written anywhere else."""
    blob = branch.git("hash-object", "-w", "flags/banner.yaml").strip()
    inner = f"100644 blob {blob}\tx.yaml\n"
    tree = subprocess.run(["git", "mktree"], cwd=branch.root, input=inner.encode(), capture_output=True, check=True)
    sub = tree.stdout.decode().strip()
    odd = "".join(f"040000 tree {sub}\t{name}\n" for name in ("..", ".git", "flags", "f\x1b"))
    tree = subprocess.run(
        ["git", "mktree", "--missing"], cwd=branch.root, input=odd.encode(), capture_output=True, check=False
    )
    commit = branch.git("commit-tree", "-m", "odd", tree.stdout.decode().strip()).strip()
    before = sorted(path.name for path in branch.root.parent.iterdir())
    report = branch.audit(commit)
    assert "FLG003 old-search" in found(report)
    assert "FLG003 banner" not in found(report)
    assert sorted(path.name for path in branch.root.parent.iterdir()) == before
    assert not (branch.root / ".git/x.yaml").exists()


def test_a_submodule_that_is_called_as_git_tells_of_files(branch: Repository) -> None:
    blob = branch.git("hash-object", "-w", "flags/banner.yaml").strip()
    name = f"100644 blob {blob}\tflags/x.yaml"
    branch.git("update-index", "--add", "--cacheinfo", f"160000,{branch.git('rev-parse', 'HEAD').strip()},{name}")
    branch.git("commit", "-q", "-m", "Odd")
    assert "flags/x.yaml" not in tree_of(branch.root, branch.git("rev-parse", "HEAD").strip()).files


def test_nothing_that_the_repository_configures_runs(branch: Repository) -> None:
    branch.write({".gitattributes": "* filter=evil diff=evil\n", "shop/ghost.py": view("spectre", '"ghost"')})
    branch.commit()
    trap = f"touch {branch.root.parent}/trapped; cat"
    for name in ("core.fsmonitor", "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.external"):
        branch.git("config", name, trap)
    branch.git("config", "alias.rev-parse", f"!{trap}")
    os.utime(branch.root / "shop/page.py", (1, 1))
    branch.write({"shop/search.py": MAIN["shop/search.py"] + "# more\n"})
    assert found(branch.audit()) == []
    assert not (branch.root.parent / "trapped").exists()


# --- validate ---------------------------------------------------------------------------------------------------------


def validate(branch: Repository, *more: str, rev: str = "main", select: tuple[str, ...] = ()) -> Report:
    request = pipeline.Request(TODAY, select, paths=more, new_from=rev)
    return pipeline.validate(find_config(branch.root), request, more)


def test_validate(branch: Repository) -> None:
    assert found(validate(branch)) == []
    branch.write({"flags/new.yaml": flag("new-flag", without="owner"), "shop/more.py": view("more", '"typo"')})
    branch.edit("flags/old-search.yaml", "reason: Cut the drop-off\n", "")
    report = validate(branch)
    assert found(report) == ["FLG003 new-flag", "FLG006 old-search"]
    assert (report.at_base, report.base) == (1, "main")
    assert found(validate(branch, "flags/new.yaml")) == ["FLG003 new-flag"]
    assert found(validate(branch, select=("FLG1",))) == []


def test_validate_a_file_elsewhere(branch: Repository) -> None:
    branch.write({"more/a.yaml": flag("a-a", without="owner"), "more/metrics.yaml": "metrics: {}\n"})
    branch.commit()
    more = ("more/a.yaml", "more/metrics.yaml")
    assert "FLG003 a-a" in found(validate(branch, *more))
    assert found(validate(branch, *more, rev="HEAD")) == []
