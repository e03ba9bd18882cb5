"""How many calls are carried to an API and back, each recorded before its answer leaves?"""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

from bench.haproxy import checking_haproxy, haproxy
from bench.lines import Line, Missing
from bench.load import Load, ask, get_request
from bench.machine import CLIENT_CORE, SERVER_CORE
from bench.nginx import checking_nginx, nginx
from bench.place import Place, acting, make_place
from bench.run import Run
from bench.servers import Server, keysteward, started
from keysteward.actions import gateways

_CONNECTIONS = 32
_API = [sys.executable, "-m", "bench.upstream"]


class _Proxy(NamedTuple):
    """A proxy by itself, and one that asks before each call."""

    name: str
    alone: Callable[[Path, int], AbstractContextManager[Server]]
    checking: Callable[[Path, int, Server, str], AbstractContextManager[Server]]


class _Load(NamedTuple):
    """What is asked for, and how that went without anything in between."""

    request: bytes
    alone: Load


_PROXIES = (_Proxy("nginx", nginx, checking_nginx), _Proxy("HAProxy", haproxy, checking_haproxy))


def measure(run: Run) -> Iterator[Line]:
    """The API alone, proxies that only forward or ask before, and Keysteward, all asked for the same kilobyte."""
    place = make_place(run.folder / "forwarding", f"sqlite:///{run.folder / 'forwarding.db'}")
    request = _request(place)
    with started(_API, [SERVER_CORE]) as api:
        alone = _asked(run, api, request)
    yield Line("1 kB from the API itself", _measured(alone))
    with started(_API, [CLIENT_CORE]) as api:
        with keysteward(place) as asked:
            for proxy in _PROXIES:
                yield from _through(proxy, run, (api, asked), place, _Load(request, alone))
        with keysteward(place, upstream=api.port) as server:
            ours = _asked(run, server, request)
    yield Line("1 kB through the gateway, recorded on SQLite", _measured(ours), _beside(ours, alone))


def _through(proxy: _Proxy, run: Run, behind: tuple[Server, Server], place: Place, load: _Load) -> Iterator[Line]:
    """The same through a proxy: what asking adds is the ratio to the proxy alone."""
    (name, alone, checking), (api, asked) = proxy, behind
    bare_name = f"1 kB through {name}, neither judged nor recorded"
    asking_name = f"1 kB through {name} in check mode, decided and recorded on SQLite"
    try:
        with alone(run.folder / name, api.port) as server:
            bare = _asked(run, server, load.request)
        yield Line(bare_name, _measured(bare), _beside(bare, load.alone))
        with acting(place.settings) as ctx:
            credential = gateways.add(ctx, name, "bench").credential
        folder = run.folder / f"checking-{name}"
        with checking(folder, api.port, asked, credential) as server:
            checked = _asked(run, server, load.request)
        ratio = checked.cpu_microseconds / bare.cpu_microseconds
        yield Line(asking_name, _measured(checked), f"{ratio:.0f} × bare {name}")
    except Missing as missing:
        for each in (bare_name, asking_name):
            yield Line(each, f"not measured; first run {missing}")


def _measured(load: Load) -> str:
    return (
        f"{load.per_second:,.0f}/s, {load.cpu_microseconds:,.0f} µs CPU, "
        f"p50 {load.p50_milliseconds:.1f} p99 {load.p99_milliseconds:.1f} ms"
    )


def _beside(load: Load, alone: Load) -> str:
    return f"{load.cpu_microseconds / alone.cpu_microseconds:.1f} × the API's own CPU"


def _asked(run: Run, server: Server, request: bytes) -> Load:
    """The load in the middle of some."""
    loads = [ask(server, request, connections=_CONNECTIONS, seconds=run.sizes.seconds) for _ in range(run.sizes.rounds)]
    return sorted(loads, key=lambda load: load.per_cpu_second)[len(loads) // 2]


def _request(place: Place) -> bytes:
    with acting(place.settings) as ctx:
        token = place.access_token(ctx)
    return get_request(f"/restapi/v2.1/accounts/{place.account}/envelopes?count=10", token)
