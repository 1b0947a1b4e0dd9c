"""The edges of platforms that tests cannot have: their command lines and interfaces, as programs that remember."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

GH = '''\
"""`gh`, as far as the recipes use it: labels and issues, kept in a file."""
import json, os, sys
from argparse import ArgumentParser
from pathlib import Path

assert os.environ["GH_TOKEN"] and os.environ["GH_REPO"]
store = Path(os.environ["GH_STORE"])
state = json.loads(store.read_text())
state["calls"].append(sys.argv[1:])
words, options = sys.argv[1:3], ArgumentParser()
for name in ("title", "label", "body-file", "comment", "description", "limit", "json"):
    options.add_argument(f"--{name}")
options.add_argument("--force", action="store_true")
options.add_argument("number", nargs="?", type=int)
given = options.parse_args(sys.argv[3 if words[0] == "issue" else 4:])
issues = state["issues"]
if words == ["issue", "list"]:
    assert given.json == "number,title"
    shown = [each for each in issues if each["open"] and given.label in each["labels"]]
    print(json.dumps([{"number": each["number"], "title": each["title"]} for each in shown]))
elif words == ["issue", "create"]:
    body = Path(given.body_file).read_text()
    number = len(issues) + 1
    issues.append({"number": number, "title": given.title, "labels": [given.label], "body": body, "open": True})
elif words[0] == "issue":
    [issue] = [each for each in issues if each["number"] == given.number]
    issue |= {"open": False} if words[1] == "close" else {"body": Path(given.body_file).read_text()}
store.write_text(json.dumps(state))
'''


@dataclass
class Runner:
    """A machine that runs the steps of a job in a clone; what installs flagctl does nothing, as it is there."""

    clone: Path
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        programs = self.folder / "bin"
        programs.mkdir(parents=True)
        self.temporary.mkdir()
        self.add_program("flagctl", f'exec "{sys.executable}" -m flagctl "$@"\n')
        for name in ("apt-get", "pip", "pipx"):
            self.add_program(name, f'echo {name} "$@" >>"{self.folder}/installed"\n')
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("CI_", "GITHUB_"))}
        self.environment = {
            **kept,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "SOURCE_DATE_EPOCH": "1781481600",  # 2026-06-15
            "RUNNER_TEMP": str(self.temporary),
            **self.environment,
        }

    @property
    def temporary(self) -> Path:
        return self.folder / "temporary"

    @property
    def installed(self) -> str:
        """What was asked of the programs that install others."""
        return (self.folder / "installed").read_text()

    def add_program(self, name: str, text: str) -> None:
        program = self.folder / "bin" / name
        program.write_text(f"#!/bin/bash\n{text}")
        program.chmod(0o755)

    def sh(self, script: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Runs a step as GitHub does with `shell: bash`, and GitLab's runner where there is a bash."""
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.clone,
            env={**self.environment, **variables},
            capture_output=True,
            text=True,
            check=False,
        )

    def step(self, run: str, **variables: str) -> tuple[subprocess.CompletedProcess[str], dict[str, str]]:
        """Runs a step; gives its outputs, too."""
        outputs = self.folder / "outputs"
        outputs.write_text("")
        ran = self.sh(run, GITHUB_OUTPUT=str(outputs), **variables)
        return ran, dict(line.split("=", 1) for line in outputs.read_text().splitlines())

    def add_gh(self) -> Path:
        """GitHub's command line; gives the file in which its issues are."""
        store, program = self.folder / "gh.json", self.folder / "gh.py"
        store.write_text(json.dumps({"issues": [], "calls": []}))
        program.write_text(GH)
        self.add_program("gh", f'exec "{sys.executable}" -IS "{program}" "$@"\n')
        self.environment["GH_STORE"] = str(store)
        return store


class GitLab(ThreadingHTTPServer):
    """GitLab's interface for the issues of one project, on the machine itself."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.issues: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/api/v4"


class _Request(BaseHTTPRequestHandler):
    server: GitLab

    def do_GET(self) -> None:
        asked = parse_qs(urlsplit(self.path).query)
        assert asked == {"labels": ["flagctl"], "state": ["opened"], "per_page": ["100"]}
        self._answer([each for each in self.server.issues if each["state"] == "opened" and each["labels"] == "flagctl"])

    def do_POST(self) -> None:
        issue = {"iid": len(self.server.issues) + 1, "state": "opened", **self._form()}
        self.server.issues.append(issue)
        self._answer(issue)

    def do_PUT(self) -> None:
        [issue] = [each for each in self.server.issues if self.path.endswith(f"/projects/7/issues/{each['iid']}")]
        form = self._form()
        if form.pop("state_event", None) == "close":
            issue["state"] = "closed"
        issue |= form
        self._answer(issue)

    def _form(self) -> dict[str, str]:
        length = int(self.headers["Content-Length"])
        return {name: value for name, [value] in parse_qs(self.rfile.read(length).decode()).items()}

    def _answer(self, value: Any) -> None:
        is_known = self.headers["PRIVATE-TOKEN"] == "secret" and re.match(r"/api/v4/projects/7/issues\b", self.path)
        self.send_response(200 if is_known else 401)
        self.end_headers()
        self.wfile.write(json.dumps(value).encode())

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the tests look at the issues."""


@contextmanager
def gitlab() -> Iterator[GitLab]:
    with GitLab() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def evaluated(text: str, context: Mapping[str, str]) -> str:
    """Text with its `${{ }}` expressions replaced by what they are; one that is not known is an error."""
    return re.sub(r"\$\{\{ (.+?) \}\}", lambda match: context[match[1]], text)
