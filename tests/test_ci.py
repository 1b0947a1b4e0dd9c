"""docs/ci.md and action.yml: every shell step is run in a clean clone, as far as can be without the platform.

flagctl is not installed by the steps that would, as tests need no network: they find it on the path. `.ci/run` runs the
step of the action that installs it. What a platform does itself (`uses:`, `rules:`, an upload) is checked by its schema
and its pins.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema  # type: ignore[import-untyped]
from jsonschema import Draft7Validator
from platforms import Runner, evaluated, gitlab

from flagctl import __version__

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/ci.md").read_text()
README = (ROOT / "README.md").read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
SNIPPETS = FENCE.findall(PAGE)
IN_README = [text for _, text in FENCE.findall(README)]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"] if "name" in step}

OWNED = """\
key: new-checkout
description: One-page checkout
type: release
owner: "@acme/payments"
reason: Cut the drop-off between cart and payment
created: 2026-05-01
expires: 2026-06-01
expected_end_state: remove
removal_criterion: 100% for 14 days
"""
MENDED = OWNED.replace("2026-06-01", "2026-07-10").replace("2026-05-01", "2026-06-01")
OWNERLESS = MENDED.replace('owner: "@acme/payments"\n', "")
LATER = "2026-06-14T12:00:00Z"


def snippets(language: str, holds: str = "") -> list[str]:
    return [text for name, text in SNIPPETS if name == language and holds in text]


def snippet(language: str, holds: str) -> str:
    [found] = snippets(language, holds)
    return found


def read(text: str) -> Any:
    """YAML with nothing but strings: `on` is a word there."""
    return yaml.load(text, yaml.BaseLoader)


def git(folder: Path, *arguments: str) -> str:
    date = {"GIT_AUTHOR_DATE": LATER, "GIT_COMMITTER_DATE": LATER, "GIT_CONFIG_NOSYSTEM": "1", "HOME": str(folder)}
    names = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")
    command = ["git", *names, *arguments]
    return subprocess.run(command, cwd=folder, env=date, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "add", "--all")
    git(folder, "commit", "-qm", "Change")


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with an expired flag, and changes that were begun before somebody else made main worse."""
    shop = tmp_path_factory.mktemp("origin") / "shop"
    shop.mkdir()
    git(shop, "init", "-q", "-b", "main")
    toml = '[[evaluation]]\ncall = "*request.feature"\nkey = 0\n'
    page = 'def page(request):\n    return request.feature("new-checkout")\n'
    commit(shop, {"flagctl.toml": toml, "shop.py": page, "flags/new-checkout.yaml": OWNED})
    changes = {
        "unrelated": {"README.md": "A shop.\n"},
        "worse": {"flags/loyalty.yaml": OWNERLESS.replace("new-checkout", "loyalty"), "loyalty.py": use("loyalty")},
    }
    for branch, files in changes.items():
        git(shop, "checkout", "-q", "-b", branch, "main")
        commit(shop, files)
    git(shop, "checkout", "-q", "main")
    commit(shop, {"flags/search.yaml": OWNERLESS.replace("new-checkout", "search"), "search.py": use("search")})
    return shop


def use(key: str) -> str:
    return f'def page(request):\n    return request.feature("{key}")\n'


Make = Callable[..., Runner]


@pytest.fixture
def runner(origin: Path, tmp_path: Path) -> Make:
    """Makes a machine with a clean clone of the shop."""

    def runner(*clone: str) -> Runner:
        git(tmp_path, "clone", "-q", *clone, f"file://{origin}", "clone")
        return Runner(tmp_path / "clone", tmp_path / "machine")

    return runner


def merge(machine: Runner, branch: str) -> None:
    """Checks out what a pull request is tested as: main, with the branch merged in."""
    git(machine.clone, "checkout", "-q", "--detach", "origin/main")
    git(machine.clone, "merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")


# --- what the platforms read ------------------------------------------------------------------------------------------


def schema_of(document: Any) -> str:
    return "vendor.github-workflows" if "jobs" in document else "vendor.gitlab-ci"


def whole(document: Any) -> Any:
    """A fragment as the job that it belongs to."""
    return (
        {"on": "push", "jobs": {"a": {"runs-on": "b", "steps": document}}} if isinstance(document, list) else document
    )


@pytest.mark.parametrize(
    "text",
    [text for text in snippets("yaml") if "repos:" not in text] + [text for text in IN_README if "jobs:" in text],
)
def test_the_platform_understands_it(text: str) -> None:
    document = whole(yaml.safe_load(re.sub(r"^on:", '"on":', text, flags=re.M)))
    Draft7Validator(get_builtin_schema(schema_of(document))).validate(document)


def test_github_understands_the_action() -> None:
    Draft7Validator(get_builtin_schema("vendor.github-actions")).validate(ACTION)


def test_other_actions_are_pinned() -> None:
    """A tag can be moved, a commit cannot; ours is the version that the documentation is of."""
    texts = [(ROOT / "action.yml").read_text(), (ROOT / "docs/outputs.md").read_text(), README, *snippets("yaml")]
    uses = re.findall(r"uses: (.+)", "\n".join(texts))
    assert len(uses) > 10
    for each in uses:
        assert re.fullmatch(rf"[\w./-]+@[0-9a-f]{{40}} # v\d+\.\d+\.\d+|flagctl/flagctl@v{__version__}", each), each


def steps_of(document: Any) -> Iterator[Any]:
    for job in document["jobs"].values():
        yield from job["steps"]


def scripts() -> Iterator[str]:
    for step in STEPS.values():
        yield step.get("run", "")
    for document in map(whole, map(read, snippets("yaml"))):
        if "jobs" in document:
            yield from (step.get("run", "") for step in steps_of(document))


def test_no_expression_becomes_shell() -> None:
    """What others chose, such as the name of a branch, reaches a shell as a variable."""
    found = [text for text in scripts() if text]
    assert len(found) > 5
    assert not [text for text in found if "${{" in text]
    assert not re.search(r"(?m)^[^`]*run:.*\$\{\{", PAGE)


# --- the action -------------------------------------------------------------------------------------------------------

INPUTS = {f"inputs.{name}": each["default"] for name, each in ACTION["inputs"].items()}
NO_EVENT = {"github.event.merge_group.base_sha": ""}
PYTHON = """\
mkdir -p "$3/bin"
cp "$(command -v flagctl)" "$3/bin/flagctl"
cp "$(command -v pip)" "$3/bin/python"
"""
"""`python -m venv FOLDER`, where what installs is the program that does nothing."""


@dataclass(frozen=True)
class Acted:
    """What a run of the action did."""

    ended: int
    out: str
    err: str
    outputs: dict[str, str]
    uploaded: dict[str, str] | None


def act(machine: Runner, event: Mapping[str, str] | None = None, /, **inputs: str) -> Acted:
    """Runs the steps of the action in order, and does what the platform does between them."""
    given = {f"inputs.{name.replace('_', '-')}": value for name, value in inputs.items()}
    assert given.keys() <= INPUTS.keys()
    machine.add_program("python", PYTHON)
    python = str(machine.folder / "bin/python")
    context = {**INPUTS, **NO_EVENT, **given, "steps.python.outputs.python-path": python}
    variables = {"GITHUB_ACTION_PATH": str(ROOT), **(event or {})}
    context |= {name: value for name, value in variables.items() if name.startswith("github.")}
    ended, out, err, uploaded = 0, "", "", None
    for step in STEPS.values():
        names = re.findall(r"[\w.-]*\.[\w.-]+", step.get("if", ""))
        context |= {name: context.get(name, "") for name in names}
        if ended or not holds(step.get("if", ""), context):
            continue
        if "uses" in step:
            uploaded = {name: evaluated(value, context) for name, value in step["with"].items()}
            continue
        assert step["shell"] == "bash"
        env = {name: evaluated(value, context) for name, value in step.get("env", {}).items()}
        ran, outputs = machine.step(step["run"], **variables, **env)
        context |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
        ended, out, err = ran.returncode, out + ran.stdout, err + ran.stderr
    outputs = {}
    for name, output in ACTION["outputs"].items():
        value = output["value"].removeprefix("${{ ").removesuffix(" }}")
        outputs[name] = context.get(value, "")
    return Acted(ended, out, err, outputs, uploaded)


def holds(condition: str, context: Mapping[str, str]) -> bool:
    """Comparisons with a word, all of which have to hold."""
    for each in condition.split(" && ") if condition else []:
        found = re.fullmatch(r"(\S+) (==|!=) '(.*)'", each)
        assert found, each
        if (context[found[1]] == found[3]) != (found[2] == "=="):
            return False
    return True


def results(path: str) -> set[tuple[str, str]]:
    [run] = json.loads(Path(path).read_text())["runs"]
    return {
        (each["ruleId"], each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]) for each in run["results"]
    }


PULL_REQUEST = {"GITHUB_BASE_REF": "main"}
EVERYTHING = {("FLG101", "flags/new-checkout.yaml"), ("FLG003", "flags/search.yaml")}
ANNOTATION = re.compile(r"^::\w+ file=([^,]+)", re.M)


def test_action_passes_what_makes_nothing_worse(runner: Make) -> None:
    machine = runner()
    merge(machine, "unrelated")
    done = act(machine, PULL_REQUEST)
    assert (done.ended, done.outputs["exit-code"], done.err) == (0, "0", "")
    assert ANNOTATION.findall(done.out) == []
    assert done.uploaded == {"sarif_file": done.outputs["sarif-file"], "category": "flagctl"}
    assert results(done.outputs["sarif-file"]) >= EVERYTHING
    assert not git(machine.clone, "status", "--short")
    assert machine.installed == f"pip -m pip install --quiet --disable-pip-version-check {ROOT}\n"


def test_action_stops_what_makes_flags_worse_after_it_has_told_code_scanning(runner: Make) -> None:
    machine = runner()
    merge(machine, "worse")
    done = act(machine, PULL_REQUEST)
    assert (done.ended, done.outputs["exit-code"]) == (1, "1")
    assert ANNOTATION.findall(done.out) == ["flags/loyalty.yaml"]
    assert done.uploaded
    assert {("FLG003", "flags/loyalty.yaml"), *EVERYTHING} <= results(done.uploaded["sarif_file"])


def test_action_takes_options_as_a_shell_reads_them(runner: Make) -> None:
    machine = runner()
    merge(machine, "worse")
    no_upload = {"upload_sarif": "false", "args": "--select 'FLG006, FLG003'\n--ignore=FLG003 --exit-zero"}
    done = act(machine, PULL_REQUEST, **no_upload)
    assert (done.ended, done.uploaded, done.outputs["sarif-file"]) == (0, None, "")

    broken = act(machine, PULL_REQUEST, args='--select "FLG003', upload_sarif="false")
    assert broken.ended != 0
    assert "quote" in broken.err
    assert act(machine, PULL_REQUEST, args="$(touch x) ; touch x ; `touch x`").ended == 2
    assert not (machine.clone / "x").exists()


def test_action_audits_everything_on_a_push(runner: Make) -> None:
    machine = runner()
    done = act(machine, upload_sarif="false", output="flags.sarif", fail_on="error")
    assert (done.ended, done.outputs) == (1, {"exit-code": "1", "sarif-file": "flags.sarif"})
    assert set(ANNOTATION.findall(done.out)) == {"flags/new-checkout.yaml", "flags/search.yaml"}
    assert done.uploaded is None
    assert results(str(machine.clone / "flags.sarif")) >= EVERYTHING


def test_action_is_a_gate_in_a_merge_queue_and_for_any_revision(runner: Make) -> None:
    machine = runner()
    merge(machine, "worse")
    event = {"github.event.merge_group.base_sha": git(machine.clone, "rev-parse", "origin/main")}
    no_upload = {"upload_sarif": "false"}
    for done in (act(machine, event, **no_upload), act(machine, PULL_REQUEST, new_from="HEAD~1", **no_upload)):
        assert (done.ended, ANNOTATION.findall(done.out)) == (1, ["flags/loyalty.yaml"])


def test_action_uploads_nothing_where_it_could_not_look(runner: Make) -> None:
    machine = runner("--depth=1", "--branch=worse")
    done = act(machine, PULL_REQUEST)
    assert (done.ended, done.outputs, done.uploaded) == (2, {"exit-code": "2", "sarif-file": ""}, None)
    assert done.err in PAGE
    assert machine.sh(snippet("sh", "--unshallow")).returncode == 0
    hostile = act(machine, {"GITHUB_BASE_REF": "--upload-pack=touch x"})
    assert (hostile.ended, (machine.clone / "x").exists()) == (2, False)


# --- the documentation ------------------------------------------------------------------------------------------------


def test_every_shell_snippet_is_run_below() -> None:
    run = [
        *snippets("sh", "--new-from"),
        *map(snippet, ["sh"] * 3, ["--group-by", "--unshallow", "pre-commit install"]),
    ]
    assert sorted(run) == sorted(snippets("sh"))
    run = [*snippets("yaml", "flagctl audit"), snippet("yaml", "uses: flagctl/flagctl"), snippet("yaml", "repos:")]
    assert sorted([*run, *snippets("yaml", ".cache/flagctl")]) == sorted(snippets("yaml"))
    assert {name for name, _ in SNIPPETS} == {"sh", "yaml", "groovy", "text"}


def test_workflow_with_the_action_gives_it_what_it_has() -> None:
    *_, step = steps_of(read(snippet("yaml", "uses: flagctl/flagctl")))
    assert step["with"].keys() <= ACTION["inputs"].keys()
    table = PAGE.split("| input | |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([\w-]+)`", table, re.M)) == ACTION["inputs"].keys()
    assert all(f"`{name}`" in PAGE for name in ACTION["outputs"])


def test_workflow_without_the_action(runner: Make) -> None:
    machine = runner()
    merge(machine, "worse")
    install, gate, sarif = (
        each["run"] for each in steps_of(read(snippet("yaml", "origin/$GITHUB_BASE_REF"))) if "run" in each
    )
    assert install == "pipx install flagctl"
    ran = machine.sh(gate, **PULL_REQUEST)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ANNOTATION.findall(ran.stdout) == ["flags/loyalty.yaml"]
    assert machine.sh(sarif).returncode == 0
    assert results(str(machine.clone / "flagctl.sarif")) >= EVERYTHING


def test_gitlab(runner: Make) -> None:
    machine = runner()
    jobs = read(snippet("yaml", "codequality"))
    base = git(machine.clone, "merge-base", "origin/main", "origin/worse")
    git(machine.clone, "checkout", "-q", "--detach", "origin/worse")
    ran = machine.sh("\n".join(jobs["flags"]["script"]), CI_MERGE_REQUEST_DIFF_BASE_SHA=base)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ("FLG003" in ran.stdout, "FLG101" in ran.stdout) == (True, False)

    merge(machine, "unrelated")
    target = {"CI_MERGE_REQUEST_TARGET_BRANCH_SHA": git(machine.clone, "rev-parse", "origin/main")}
    ran = machine.sh("\n".join(jobs["flags"]["script"]), CI_MERGE_REQUEST_DIFF_BASE_SHA=base, **target)
    assert ran.returncode == 0

    quality, cached = jobs["flags-quality"], read(snippet("yaml", "$CI_PROJECT_DIR/.cache"))["flags"]
    folder = cached["variables"]["XDG_CACHE_HOME"].replace("$CI_PROJECT_DIR", str(machine.clone))
    ran = machine.sh("\n".join(quality["before_script"] + quality["script"]), XDG_CACHE_HOME=folder)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [*(machine.clone / cached["cache"]["paths"][0]).iterdir()]
    issues = json.loads((machine.clone / quality["artifacts"]["reports"]["codequality"]).read_text())
    assert {(each["check_name"].split()[0], each["location"]["path"]) for each in issues} >= EVERYTHING


def test_jenkins(runner: Make) -> None:
    machine = runner("--branch=worse", "--single-branch")
    steps = re.findall(r"sh '(.+)'", snippet("groovy", "pipeline"))
    ran = [machine.sh(each, CHANGE_TARGET="main").returncode for each in steps]
    assert ran == [0, 1]
    assert "loyalty has no owner" in (machine.clone / "flagctl.xml").read_text()
    assert [machine.sh(each, CHANGE_TARGET="--upload-pack=touch x").returncode for each in steps] != [0, 0]
    assert not (machine.clone / "x").exists()


def test_shell(runner: Make) -> None:
    machine = runner("--branch=worse")
    machine.add_program("reviewdog", "cat >reviewed.json\n")
    gates = [text for text in snippets("sh") if "--new-from" in text]
    assert len(gates) == 2
    for text in gates:
        assert machine.sh(text).returncode == 1
    diagnostics = json.loads((machine.clone / "reviewed.json").read_text())["diagnostics"]
    assert {each["location"]["path"] for each in diagnostics} >= {"flags/loyalty.yaml"}
    assert "flags/new-checkout.yaml" not in {each["location"]["path"] for each in diagnostics}


def test_hooks_are_ours(runner: Make) -> None:
    [repository] = read(snippet("yaml", "repos:"))["repos"]
    known = {each["id"]: each for each in read((ROOT / ".pre-commit-hooks.yaml").read_text())}
    assert {each["id"] for each in repository["hooks"]} <= known.keys()
    assert repository["rev"] == f"v{__version__}"
    [first] = [each for text in IN_README if "repos:" in text for each in read(text)["repos"]]
    assert first == repository
    assert f"$ {snippet('sh', 'pre-commit install')}" in IN_README

    machine = runner()
    machine.add_program("pre-commit", f'exec "{sys.executable}" -m pre_commit "$@"\n')
    (machine.clone / ".pre-commit-config.yaml").write_text(snippet("yaml", "repos:"))
    assert machine.sh(snippet("sh", "pre-commit install")).returncode == 0
    hooks = {each.name for each in (machine.clone / ".git/hooks").iterdir()}
    assert {stage for each in known.values() for stage in each["stages"]} - hooks == {"pre-merge-commit", "manual"}


# --- reminders --------------------------------------------------------------------------------------------------------

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="the recipes need jq, which this machine has not")
TITLES = ["Feature flags of @acme/payments", "Feature flags of nobody"]


@needs_jq
def test_owners_in_a_shell(runner: Make) -> None:
    ran = runner().sh(snippet("sh", "--group-by"))
    assert (ran.returncode, ran.stdout) == (1, "@acme/payments: 1 errors\nnull: 1 errors\n")


def mend(machine: Runner) -> None:
    """Payments have done what they had to; a flag with an owner whose name means harm has come."""
    definitions = machine.clone / "flags"
    (definitions / "new-checkout.yaml").write_text(MENDED)
    hostile = OWNED.replace("@acme/payments", "$(touch x) `touch x` @all").replace("new-checkout", "other")
    (definitions / "other.yaml").write_text(hostile)


@needs_jq
def test_reminders_on_github(runner: Make) -> None:
    machine = runner()
    store = machine.add_gh()
    steps = [each for each in steps_of(read(snippet("yaml", "gh issue"))) if "run" in each]
    context = {"github.repository": "acme/shop", "github.token": "secret"}

    def remind() -> list[dict[str, Any]]:
        for step in steps:
            env = {name: evaluated(value, context) for name, value in step.get("env", {}).items()}
            ran = machine.sh(step["run"], **env)
            assert (ran.returncode, ran.stderr) == (0, "")
        return list(json.loads(store.read_text())["issues"])

    found = remind()
    assert [each["title"] for each in found] == TITLES
    assert found[0]["body"].startswith("For @acme/payments\n\n**flagctl**: ")
    assert "`new-checkout` expired on 2026-06-01" in found[0]["body"]
    assert found[1]["body"].startswith("**flagctl**: ")
    assert "`search` has no owner" in found[1]["body"]

    anothers = {"number": 3, "title": "Upgrade flagctl", "labels": ["flagctl"], "body": "", "open": True}
    store.write_text(json.dumps({"issues": [*found, anothers], "calls": []}))
    mend(machine)
    payments, nobody, upgrade, hostile = remind()
    assert (payments["open"], nobody, upgrade) == (False, found[1], anothers)
    assert hostile["title"] == "Feature flags of $(touch x) `touch x` @all"
    assert "For" not in hostile["body"].split("**flagctl**")[0]
    assert not (machine.clone / "x").exists()


@needs_jq
@pytest.mark.skipif(shutil.which("curl") is None, reason="the recipe needs curl, which this machine has not")
def test_reminders_on_gitlab(runner: Make) -> None:
    machine = runner()
    job = read(snippet("yaml", "FLAGCTL_TOKEN"))["flag-reminders"]
    script = "\n".join(job["before_script"] + job["script"])
    with gitlab() as server:
        variables = {"CI_API_V4_URL": server.address, "CI_PROJECT_ID": "7", "FLAGCTL_TOKEN": "secret"}

        def remind() -> list[dict[str, Any]]:
            ran = machine.sh(script, **variables)
            assert (ran.returncode, ran.stderr) == (0, "")
            return [dict(each) for each in server.issues]

        found = remind()
        assert [each["title"] for each in found] == TITLES
        assert found[0]["description"].startswith("For @acme/payments\n\n**flagctl**: ")
        anothers = {"iid": 3, "title": "Upgrade flagctl", "labels": "flagctl", "state": "opened"}
        server.issues.append(anothers)
        mend(machine)
        payments, nobody, upgrade, hostile = remind()
        assert (payments["state"], nobody, upgrade) == ("closed", found[1], anothers)
        assert hostile["title"] == "Feature flags of $(touch x) `touch x` @all"
        assert not (machine.clone / "x").exists()
        assert machine.sh(job["script"][-1], **{**variables, "FLAGCTL_TOKEN": "wrong"}).returncode != 0
