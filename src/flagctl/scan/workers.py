"""Work on many files, spread over the machine's cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing.connection import wait
from threading import Thread
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_BATCHES_PER_WORKER = 8
"""Few, as each costs a message; more than one, as not all are equally hard."""


class Task(Generic[Item, Result]):
    """Something done to one batch of items at a time; made once in every process from what it needs."""

    def __init__(self, make: Callable[..., Callable[[Sequence[Item]], Result]], *needs: Any) -> None:
        self._make = make
        self._needs = needs

    def over(self, items: Sequence[Item], least: int) -> Iterator[tuple[Sequence[Item], Result]]:
        """Each batch with what came of it, in no particular order.

        `least` items are worth a process of their own; fewer are done here.
        """
        workers = min(_cores(), len(items) // least)
        if workers < 2:
            if not items:
                return
            yield from self._here(_batches(items, 1))
            return
        todo = dict(enumerate(_batches(items, workers * _BATCHES_PER_WORKER)))
        try:
            with ProcessPoolExecutor(workers, _context(), _prepare, (self._make, self._needs)) as pool:
                try:
                    with _uninterrupted():
                        running = {pool.submit(_run, batch): index for index, batch in todo.items()}
                    for each in as_completed(running):
                        result = each.result()
                        yield todo.pop(running[each]), result
                except BrokenProcessPool:
                    raise
                except BaseException:  # above all an interruption: nothing need be waited for
                    for process in [*pool._processes.values()]:
                        process.terminate()
                    raise
        except (BrokenProcessPool, OSError):  # no processes to be had, or one was killed: what is left is done here
            yield from self._here(list(todo.values()))

    def _here(self, batches: Sequence[Sequence[Item]]) -> Iterator[tuple[Sequence[Item], Result]]:
        run = self._make(*self._needs)
        for batch in batches:
            yield batch, run(batch)


_task: Callable[[Sequence[Any]], Any]


def _prepare(make: Callable[..., Callable[[Sequence[Any]], Any]], needs: tuple[Any, ...]) -> None:
    global _task
    gc.disable()  # what a batch makes is mostly kept, or let go of all at once
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process is interrupted, and ends the others
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    _task = make(*needs)


def _end_with(parent: int) -> None:
    """Ends this process when the first one has ended: one that was killed cannot end the others."""
    wait([parent])
    os._exit(1)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Keeps an interruption waiting: in the middle of a fork Python would lose it, or the pool be left half made."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _run(batch: Sequence[Any]) -> Any:
    return _task(batch)


def _batches(items: Sequence[Item], count: int) -> list[Sequence[Item]]:
    """Neighbours go together: they import the same modules."""
    size = max(1, -(-len(items) // count))
    return [items[start : start + size] for start in range(0, len(items), size)]


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext:
    """A fork has all that was imported and read; only on Linux do the system's own libraries bear it."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
