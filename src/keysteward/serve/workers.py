"""How does one environment run in several processes?

The first process owns the sockets, answers nothing itself and starts a worker anew when one dies: again and again, with
longer and longer pauses, for what keeps it from starting may pass. A worker that lost its first process stops.

Workers are forked from a process that has imported everything and done nothing: they begin at once, and share memory.
"""

import asyncio
import logging
import multiprocessing
import multiprocessing.connection
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import structlog
import uvloop

from keysteward.assembly import CannotStart, assemble
from keysteward.serve.house import Place, serve
from keysteward.serve.logs import log_to_stderr
from keysteward.settings import Settings

_GRACE_SECONDS = 15.0
_HEALTHY_SECONDS = 5.0
_LONGEST_PAUSE_SECONDS = 30.0
_NURSERY = multiprocessing.get_context("forkserver")
_NURSERY.set_forkserver_preload([__name__])

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Post:
    """Where an environment is to be served; see `Place` for what each of these means."""

    settings: Settings
    sockets: tuple[socket.socket, ...]
    certificate: Path | None
    upstream: str | Path


def serve_alone(post: Post, ready: Callable[[], None]) -> None:
    """Serve in this process until a signal comes."""
    place = Place(
        assemble(post.settings), list(post.sockets), post.certificate, post.upstream, ca_file=post.settings.ca_file
    )

    async def told() -> None:
        ready()

    uvloop.run(serve([place], told))


def serve_together(post: Post, workers: int, ready: Callable[[], None]) -> None:
    """Serve in several processes until a signal comes; `ready` is called once all of them answer."""
    _Foreman(post, workers).run(ready)


class _Worker:
    """One process, which begins after a pause, and the end of the pipe on which it says that it is up."""

    def __init__(self, post: Post, pause_seconds: float = 0.0) -> None:
        self.news, said = _NURSERY.Pipe(duplex=False)
        self.process: ForkServerProcess = _NURSERY.Process(target=_work, args=(post, said, pause_seconds), daemon=True)
        self._pause_seconds = pause_seconds
        self._healthy_at = time.monotonic() + pause_seconds + _HEALTHY_SECONDS
        self.process.start()
        said.close()

    @property
    def next_pause_seconds(self) -> float:
        if time.monotonic() > self._healthy_at:
            return 0.0
        return min(2 * self._pause_seconds + 1, _LONGEST_PAUSE_SECONDS)


class _Foreman:
    """Starts the workers, replaces those that die, and stops them all."""

    def __init__(self, post: Post, workers: int) -> None:
        self._post = post
        self._asked_to_stop = threading.Event()
        self._wake, self._alarm = multiprocessing.Pipe(duplex=False)
        for kind in (signal.SIGINT, signal.SIGTERM):
            signal.signal(kind, self._stop)
        self._workers = [_Worker(post) for _ in range(workers)]

    def run(self, ready: Callable[[], None]) -> None:
        try:
            self._wait_until_up()
            if not self._asked_to_stop.is_set():
                ready()
            while not self._asked_to_stop.is_set():
                self._wait_for_news()
        finally:
            self._end_all()

    def _stop(self, *_: object) -> None:
        self._asked_to_stop.set()
        self._alarm.send(None)

    def _wait_until_up(self) -> None:
        for worker in self._workers:
            found = multiprocessing.connection.wait([worker.news, worker.process.sentinel, self._wake])
            if self._wake in found:
                return
            problem = _said(worker.news)
            if problem is not None:
                raise CannotStart(problem)

    def _wait_for_news(self) -> None:
        multiprocessing.connection.wait([*(worker.process.sentinel for worker in self._workers), self._wake])
        if self._asked_to_stop.is_set():
            return
        for position, worker in enumerate(self._workers):
            if not worker.process.is_alive():
                self._replace(position, worker)

    def _replace(self, position: int, dead: _Worker) -> None:
        pause = dead.next_pause_seconds
        why = _said(dead.news) if pause else None
        facts = {"process": dead.process.pid, "status": dead.process.exitcode, "why": why, "pause_seconds": pause}
        log.error("a worker died, another takes its place", **facts)
        self._workers[position] = _Worker(self._post, pause)

    def _end_all(self) -> None:
        for worker in self._workers:
            worker.process.terminate()
        until = time.monotonic() + _GRACE_SECONDS
        for worker in self._workers:
            worker.process.join(max(0.0, until - time.monotonic()))
            worker.process.kill()
            worker.process.join()


def _said(news: Connection) -> str | None:
    """What kept a worker from starting; None once it is up."""
    try:
        problem = news.recv()
    except EOFError:
        return "A worker died before it was up."
    return None if problem is None else str(problem)


def _is_orphaned(seconds: float) -> bool:
    """Whether the first process ends within these seconds, or has ended before."""
    parent = multiprocessing.parent_process()
    return parent is not None and bool(multiprocessing.connection.wait([parent.sentinel], seconds))


def _work(post: Post, said: Connection, pause_seconds: float) -> None:
    """What a worker does: it leaves Ctrl-C to the first process, and ends with it."""
    log_to_stderr(logging.INFO)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if _is_orphaned(pause_seconds):
        return
    try:
        place = Place(
            assemble(post.settings), list(post.sockets), post.certificate, post.upstream, ca_file=post.settings.ca_file
        )
    except CannotStart as error:
        said.send(str(error))
        return

    async def run() -> None:
        orphaned = asyncio.Event()
        parent = multiprocessing.parent_process()
        if parent is not None:
            asyncio.get_running_loop().add_reader(parent.sentinel, orphaned.set)
        await serve([place], told, stop=orphaned, kinds=(signal.SIGTERM,))

    async def told() -> None:
        said.send(None)

    uvloop.run(run())
