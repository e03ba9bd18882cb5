"""How do the doors get onto sockets? The only owner of signals."""

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp

from keysteward.actions.context import Context
from keysteward.assembly import call_verifier, close, watcher
from keysteward.gateway.app import Gateway
from keysteward.gateway.check import Check
from keysteward.gateway.forward import Upstream
from keysteward.jobs import Jobs
from keysteward.sample.app import Caller
from keysteward.sample.app import build as build_sample
from keysteward.serve.wire import Wire
from keysteward.web.app import Around, Door, Web, as_it_is

_KEEP_ALIVE_SECONDS = 120
_CLOSING_SECONDS = 0.2
_GRACE_SECONDS = 10
_BACKLOG = 2_048
_SAMPLE_AUDIENCE = "sample"


logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # what is raised to uvicorn was logged by its door


@dataclass(frozen=True, slots=True)
class Place:
    """Where an environment answers: its sockets, and the file with key and chain of its certificate.

    Without a certificate it speaks plain HTTP to a proxy before it. `upstream` is what the policy's routes call
    `sample`: the origin of an API, or the file in which the sample API keeps its envelopes. `around` is put around
    every door. `ca_file` holds a certificate authority that APIs behind the gateway may be known by.
    """

    ctx: Context
    sockets: list[socket.socket]
    certificate: Path | None
    upstream: str | Path
    doors: tuple[Door, ...] = field(default=())
    around: Around = as_it_is
    ca_file: Path | None = None


async def serve(
    places: list[Place],
    ready: Callable[[], Awaitable[None]],
    *,
    stop: asyncio.Event | None = None,
    kinds: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM),
) -> None:
    """Serve until a signal comes or `stop` is set, all places in one loop; `ready` is awaited once all answer."""
    houses = [_House(place) for place in places]
    stop = stop or asyncio.Event()
    with _signals(stop, houses, kinds):
        tasks = [asyncio.create_task(house.run()) for house in houses]
        try:
            if await _first(_all_up(houses), stop.wait(), *tasks) == 0:
                await ready()
                await _first(stop.wait(), *tasks)
        finally:
            for house in houses:
                house.stop()
            await asyncio.gather(*tasks, return_exceptions=True)
            for house in houses:
                await house.close()


class _House:
    """One environment on its sockets, with its jobs and its sample upstream."""

    def __init__(self, place: Place) -> None:
        self._ctx = place.ctx
        self._place = place
        self._behind: list[_Server] = []
        self._gateway = Gateway(place.ctx, self._upstream(place), place.ca_file)
        doors = (Door(self._gateway.claims, self._gateway, "rest"), Door(Check.claims, Check(place.ctx), "rest"))
        web = Web(place.ctx, (*doors, *place.doors), place.around)
        self._front = _Server(_config(web, certificate=place.certificate), place.sockets)
        self._jobs = Jobs(place.ctx)
        self._watcher = watcher(place.ctx)

    async def run(self) -> None:
        self._watcher.start()
        self._jobs.start()
        tasks = [asyncio.create_task(server.run()) for server in (self._front, *self._behind)]
        try:
            await _first(*tasks)
        finally:  # what stands behind ends last, for calls that are on their way still need it
            _end(self._front)
            await asyncio.wait(tasks[:1])
            _end(*self._behind)
            await asyncio.wait(tasks)

    async def wait_until_up(self) -> None:
        servers = (self._front, *self._behind)
        while not all(server.started for server in servers):  # noqa: ASYNC110 — uvicorn has a flag, no event
            await asyncio.sleep(0.01)

    def stop(self, *, force: bool = False) -> None:
        _end(self._front, force=force)
        if force:
            _end(*self._behind, force=True)

    async def close(self) -> None:
        await asyncio.to_thread(self._jobs.stop)
        await asyncio.to_thread(self._watcher.stop)
        await self._gateway.close()
        await asyncio.to_thread(close, self._ctx)

    def _upstream(self, place: Place) -> Upstream:
        if isinstance(place.upstream, str):
            return Upstream(place.upstream, place.upstream)
        inner = socket.create_server(("127.0.0.1", 0), backlog=_BACKLOG)
        self._behind.append(_Server(_config(_sample(place.ctx, place.upstream), lifespan="on"), [inner]))
        return Upstream(f"http://127.0.0.1:{inner.getsockname()[1]}", _SAMPLE_AUDIENCE)


class _Server(uvicorn.Server):
    """A uvicorn server that owns no signals and does not wait for idle connections at its end."""

    def __init__(self, config: uvicorn.Config, sockets: list[socket.socket]) -> None:
        super().__init__(config)
        self._own_sockets = sockets

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def run(self) -> None:  # type: ignore[override]  # the base class starts a loop of its own here
        await self.serve(sockets=self._own_sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        abort = asyncio.create_task(self._abort_idle())
        await super().shutdown(sockets)
        abort.cancel()

    async def _abort_idle(self) -> None:
        """Peers that owe us no answer never answer close_notify either: again and again their transports are cut."""
        while True:
            await asyncio.sleep(_CLOSING_SECONDS)
            for connection in list(self.server_state.connections):
                if isinstance(connection, Wire) and connection.is_idle:
                    connection.transport.abort()


def _end(*servers: _Server, force: bool = False) -> None:
    for server in servers:
        server.should_exit = True
        server.force_exit = server.force_exit or force


def _config(app: ASGIApp, *, certificate: Path | None = None, lifespan: Literal["on", "off"] = "off") -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Wire,
        loop="none",
        lifespan=lifespan,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=_BACKLOG,
        ws="none",
        timeout_graceful_shutdown=_GRACE_SECONDS,
        ssl_certfile=certificate,
        ssl_keyfile=certificate,
    )


def _sample(ctx: Context, database: Path) -> ASGIApp:
    verify = call_verifier(ctx, _SAMPLE_AUDIENCE)

    def caller(word: str) -> Caller | None:
        facts = verify(word)
        return None if facts is None else Caller(**facts)

    return build_sample(database, caller, ctx.clock)


@contextlib.contextmanager
def _signals(stop: asyncio.Event, houses: list[_House], kinds: tuple[signal.Signals, ...]) -> Iterator[None]:
    """The first signal asks all to stop, the second forces them."""
    loop = asyncio.get_running_loop()

    def handle() -> None:
        for house in houses if stop.is_set() else ():
            house.stop(force=True)
        stop.set()

    for kind in kinds:
        loop.add_signal_handler(kind, handle)
    try:
        yield
    finally:
        for kind in kinds:
            loop.remove_signal_handler(kind)


async def _all_up(houses: list[_House]) -> None:
    await asyncio.gather(*(house.wait_until_up() for house in houses))


async def _first(*waited: Awaitable[Any]) -> int:
    """Wait for the first to end and return its position; what it failed with is raised."""
    tasks = [asyncio.ensure_future(each) for each in waited]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()
    return next(position for position, task in enumerate(tasks) if task in done)
