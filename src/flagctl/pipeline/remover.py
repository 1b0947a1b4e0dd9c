"""Where patches start from and where they go: from the user's files or the last commit, to files or branches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from flagctl.config import Config
from flagctl.model import InputError
from flagctl.pipeline.pull_request import message
from flagctl.pipeline.removal import Patch, Project, remove
from flagctl.pipeline.trial import Trial
from flagctl.removal import Kept
from flagctl.removal.checkout import are_dirty, branch_name, checked_out, commit, refuse_anonymous, refuse_existing
from flagctl.removal.patch import write


@contextmanager
def last_commit(config: Config) -> Iterator[Config]:
    """The configuration for the project as the last commit has it, in a temporary work tree: branches start there.

    Raises:
        InputError: there is none, or git does not know who commits.
    """
    refuse_anonymous(config.root)
    with checked_out(config.root) as folder:
        yield replace(config, root=folder, parts=tuple(replace(part, root=folder) for part in config.parts))


def refuse_branch(config: Config, kept: Sequence[Kept]) -> None:
    """Looks whether a branch for these flags may be made.

    Raises:
        InputError: there is one.
    """
    refuse_existing(config.root, branch_name([each.flag.key for each in kept]))


@dataclass(frozen=True)
class Remover:
    """Removes flags from a project."""

    config: Config
    """Where the user's own files are."""
    project: Project
    """Where the patches start from."""
    trial: Trial | None = None
    keep_tests: bool = False
    allow_dirty: bool = False

    def patch(self, kept: Sequence[Kept]) -> Patch:
        """What removes some flags.

        Raises:
            BrokenError: the project's tests say that it may not be.
            InputError: it cannot be made.
        """
        if self.trial:
            return self.trial.patch(self.project, kept, keep_tests=self.keep_tests)
        return remove(self.project, kept, () if self.keep_tests else None)

    def apply(self, patch: Patch) -> None:
        """Writes all files, or none.

        Raises:
            InputError: git could not bring back what is written over, or a file cannot be written.
        """
        self._refuse_dirty(patch)
        write(self.config.root, patch.changes)

    def commit(self, patch: Patch) -> str:
        """Makes a branch with the patch as its one commit; gives the names of both. The user's own files stay.

        Raises:
            InputError: it cannot be made, or the user is at work on a file that it changes.
        """
        self._refuse_dirty(patch)
        branch = branch_name(patch.keys)
        return f"{branch} {commit(self.project.config.root, branch, patch.removal.changes, message(patch))}"

    def _refuse_dirty(self, patch: Patch) -> None:
        if not self.allow_dirty and are_dirty(self.config.root, patch.changes):
            raise InputError("some of the files have changes that are not committed; commit them, or add --allow-dirty")
