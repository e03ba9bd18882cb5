"""How many calls are carried to an API and back, each recorded before its answer leaves?"""

import sys
from collections.abc import Iterator

from bench.lines import Line, Missing
from bench.load import Load, ask, get_request
from bench.machine import CLIENT_CORE, SERVER_CORE
from bench.nginx import nginx
from bench.place import Place, acting, make_place
from bench.run import Run
from bench.servers import Server, keysteward, started

_CONNECTIONS = 32
_API = [sys.executable, "-m", "bench.upstream"]


def measure(run: Run) -> Iterator[Line]:
    """The API alone, nginx that only forwards, and Keysteward, all asked for the same kilobyte."""
    place = make_place(run.folder / "forwarding", f"sqlite:///{run.folder / 'forwarding.db'}")
    request = _request(place)
    with started(_API, [SERVER_CORE]) as api:
        alone = _asked(run, api, request)
    yield Line("1 kB from the API itself", _measured(alone))
    with started(_API, [CLIENT_CORE]) as api:
        yield _through_nginx(run, api, request, alone)
        with keysteward(place, upstream=api.port) as server:
            ours = _asked(run, server, request)
    yield Line("1 kB through the gateway, recorded on SQLite", _measured(ours), _beside(ours, alone))


def _through_nginx(run: Run, api: Server, request: bytes, alone: Load) -> Line:
    name = "1 kB through nginx, neither judged nor recorded"
    try:
        with nginx(run.folder / "nginx", api.port) as server:
            load = _asked(run, server, request)
    except Missing as missing:
        return Line(name, f"not measured; first run {missing}")
    return Line(name, _measured(load), _beside(load, alone))


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
