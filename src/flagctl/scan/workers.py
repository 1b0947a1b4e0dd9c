"""Work on many files, spread over the machine's cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext

State = TypeVar("State")
Item = TypeVar("Item", bound=Hashable)
Result = TypeVar("Result")

_BATCHES_PER_WORKER = 16
"""Few, as each costs a message; more than one, as not all are equally hard."""


@dataclass(frozen=True, slots=True)
class Task(Generic[Item, Result]):
    """Something done to one batch of items at a time: `begin` makes it in every process, of what that process keeps
    from task to task and of what the task `needs`."""

    begin: Callable[..., Callable[[Sequence[Item]], Result]]
    needs: tuple[Any, ...] = ()


class Crew(Generic[State]):
    """Processes that do one task after the other, each with a state of its own.

    A process is given what it had before, as far as it can be: it may know something of it still.
    """

    def __init__(self, make: Callable[..., State], *needs: Any) -> None:
        """`make` makes the state of a process of what it `needs`."""
        self._make = make
        self._needs = needs
        self._workers: list[_Worker] = []
        self._had: dict[Hashable, _Worker] = {}

    def __enter__(self) -> Crew[State]:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.end()
        self._workers.clear()

    @cached_property
    def _state(self) -> State:
        """That of this very process."""
        return self._make(*self._needs)

    def over(
        self, task: Task[Item, Result], items: Sequence[Item], least: int
    ) -> Iterator[tuple[Sequence[Item], Result]]:
        """Each batch with what came of it, in no particular order.

        `least` items are worth a process of their own; what is not worth two of them is done here.

        Raises:
            RuntimeError: something went wrong in another process; its notes tell where.
        """
        self._hire(min(_cores(), len(items) // least))
        left: list[Sequence[Item]] = [items] if items else []
        if items and self._workers:
            self._share(items)
            try:
                for worker in self._workers:
                    worker.send(task)
                yield from self._results()
            except BaseException:
                self.__exit__()
                raise
            left = [batch for worker in self._workers for batch in worker.share]
            self._workers = [worker for worker in self._workers if worker.is_alive]
        if left:
            run = task.begin(self._state, *task.needs)
            for batch in left:
                yield batch, run(batch)

    def _hire(self, count: int) -> None:
        """Sees to it that there are so many processes, if there should be more than one."""
        try:
            with _uninterrupted():
                while 1 < count > len(self._workers):
                    self._workers.append(_Worker(self._make, self._needs))
        except OSError:  # no more processes to be had
            if len(self._workers) < 2:
                self.__exit__()

    def _share(self, items: Sequence[Item]) -> None:
        """Gives each process a share: what it had before; of the rest, neighbours, as they import the same modules."""
        shares: dict[_Worker, list[Item]] = {worker: [] for worker in self._workers}
        new = [item for item in items if self._had.get(item) not in shares]
        for item in items:
            if (worker := self._had.get(item)) in shares:
                shares[worker].append(item)
        for worker, more in zip(shares, _batches(new, len(shares)), strict=False):
            shares[worker] += more
        for worker, share in shares.items():
            worker.share = deque(_batches(share, _BATCHES_PER_WORKER))

    def _results(self) -> Iterator[tuple[Sequence[Any], Any]]:
        """The batches that the processes did; those that none of them could do stay in their shares."""
        busy: dict[Any, tuple[_Worker, Sequence[Any]]] = {}
        idle = [*self._workers]
        while True:
            for worker in idle:
                if (batch := self._next(worker)) is not None:
                    worker.send(batch)
                    busy[worker.pipe] = worker, batch
                    self._had |= dict.fromkeys(batch, worker)
            if not busy:
                return
            idle = []
            for pipe in wait(list(busy)):
                worker, batch = busy.pop(pipe)
                try:
                    result = worker.pipe.recv()
                except (EOFError, OSError):  # it was killed
                    worker.end()
                    worker.share.append(batch)
                    continue
                if isinstance(result, _Failure):
                    raise result.as_error()
                idle.append(worker)
                yield batch, result

    def _next(self, worker: _Worker) -> Sequence[Any] | None:
        """The next batch for a process: of its own share, or else the last of the longest other."""
        if worker.share:
            return worker.share.popleft()
        longest = max((each.share for each in self._workers), key=len)
        return longest.pop() if longest else None


def _batches(items: Sequence[Item], count: int) -> list[Sequence[Item]]:
    size = max(1, -(-len(items) // count))
    return [items[start : start + size] for start in range(0, len(items), size)]


@dataclass(frozen=True, slots=True)
class _Failure:
    """What went wrong in another process."""

    message: str
    where: str

    def as_error(self) -> RuntimeError:
        error = RuntimeError(self.message)
        error.add_note(self.where)
        return error


@dataclass(eq=False)
class _Worker:
    """Another process, as this one sees it."""

    make: Callable[..., Any]
    needs: tuple[Any, ...]
    share: deque[Sequence[Any]] = field(default_factory=deque)
    """Batches that are still to be done, by this process if by any."""
    is_alive: bool = True

    def __post_init__(self) -> None:
        context = _context()
        self.pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_work, args=(theirs, self.make, self.needs), daemon=True)
        self._process.start()
        theirs.close()  # so that its end is seen when that process ends

    def send(self, message: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # it was killed, which its answer will tell
            self.pipe.send(message)

    def end(self) -> None:
        """Ends it, whatever it does: nothing need be waited for."""
        self.is_alive = False
        self._process.terminate()
        self._process.join()
        self.pipe.close()


def _work(pipe: Connection, make: Callable[..., Any], needs: tuple[Any, ...]) -> None:
    gc.disable()  # what a batch makes is mostly kept, or let go of all at once
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is interrupted, and ends the others
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    state = make(*needs)
    task: Task[Any, Any]
    run: Callable[[Any], Any] | None = None
    with suppress(EOFError, OSError):  # the first process has ended
        while True:
            message = pipe.recv()
            if isinstance(message, Task):
                task, run = message, None
                continue
            try:
                run = run or task.begin(state, *task.needs)
                answer = run(message)
            except Exception as error:
                answer = _Failure(f"{type(error).__name__}: {error}", traceback.format_exc())
            pipe.send(answer)


def _end_with(parent: int) -> None:
    """Ends this process when the first one has ended: one that was killed cannot end the others."""
    wait([parent])
    os._exit(1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keeps an interruption waiting: in the middle of a fork Python would lose it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _context() -> ForkContext | SpawnContext:
    """A fork has all that was imported and read; only on Linux do the system's own libraries bear it."""
    if sys.platform == "linux":
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")
