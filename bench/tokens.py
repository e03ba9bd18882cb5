"""How fast is a token issued for an assertion, as a share of what OpenSSL can sign?"""

from collections.abc import Iterator
from dataclasses import dataclass

from bench import provider
from bench.lines import Line, Missing, at_least, middle
from bench.load import Load, ask, form_request
from bench.openssl import signatures_per_second
from bench.place import Place, make_place
from bench.run import Run
from bench.servers import Server, keysteward
from keysteward.settings import Algorithm
from tests.peers.postgres import Postgres

_CONNECTIONS = 16
_GOALS: dict[Algorithm, tuple[float, float]] = {"RS256": (0.5, 0.44), "ES256": (1.2, 0.95)}


@dataclass(frozen=True, slots=True)
class _Share:
    """A server held against OpenSSL, which was measured before and after each load."""

    loads: list[Load]
    limits: list[float]

    @property
    def of_work(self) -> float:
        """Answers for a second of the server's work, as a share of signatures for a second of OpenSSL's."""
        return middle([load.per_cpu_second / limit for load, limit in self._pairs()])

    @property
    def of_time(self) -> float:
        """Answers in a second of the clock, as a share of the same."""
        return middle([load.per_second / limit for load, limit in self._pairs()])

    @property
    def measured(self) -> str:
        """The load in the middle."""
        load = sorted(self.loads, key=lambda load: load.per_second)[len(self.loads) // 2]
        return (
            f"{load.per_second:,.0f}/s, {load.cpu_microseconds:,.0f} µs CPU, "
            f"p50 {load.p50_milliseconds:.1f} p99 {load.p99_milliseconds:.1f} ms"
        )

    @property
    def ratio(self) -> str:
        """Both shares."""
        return f"{self.of_work:.2f} of openssl's CPU rate, {self.of_time:.2f} by the clock"

    def _pairs(self) -> Iterator[tuple[Load, float]]:
        for position, load in enumerate(self.loads):
            yield load, (self.limits[position] + self.limits[position + 1]) / 2


def measure(run: Run) -> Iterator[Line]:
    """One process, two processes, and another server that does the same work, for each way to sign."""
    for algorithm, (wanted, floor) in _GOALS.items():
        place = make_place(run.folder / algorithm, f"sqlite:///{run.folder / algorithm}.db", algorithm)
        with keysteward(place) as server:
            share = _share_of(run, server, _request(place))
        goal = at_least(share.of_work, wanted, floor)
        yield Line(f"JWT grant {algorithm}, 1 process", share.measured, share.ratio, goal)
        yield _two_processes(run, algorithm)
        yield _elsewhere(run, place, algorithm)


def _two_processes(run: Run, algorithm: Algorithm) -> Line:
    with Postgres() as postgres:
        postgres.create_database("bench")
        place = make_place(run.folder / f"{algorithm}-2", postgres.url("bench"), algorithm)
        with keysteward(place, workers=2) as server:
            share = _share_of(run, server, _request(place))
    return Line(f"JWT grant {algorithm}, 2 processes on PostgreSQL", share.measured, share.ratio)


def _elsewhere(run: Run, place: Place, algorithm: Algorithm) -> Line:
    name = f"oidc-provider in Node, {algorithm}, 1 process"
    try:
        with provider.provider(place, algorithm) as server:
            share = _share_of(run, server, form_request("/token", provider.form(place)))
    except Missing as missing:
        return Line(name, f"not measured; first run {missing}")
    return Line(name, share.measured, share.ratio)


def _share_of(run: Run, server: Server, request: bytes) -> _Share:
    sizes = run.sizes
    ask(server, request, connections=_CONNECTIONS, seconds=sizes.seconds / 2)
    loads, limits = [], [signatures_per_second(sizes.openssl_seconds)]
    for _ in range(sizes.rounds):
        loads.append(ask(server, request, connections=_CONNECTIONS, seconds=sizes.seconds))
        limits.append(signatures_per_second(sizes.openssl_seconds))
    return _Share(loads, limits)


def _request(place: Place) -> bytes:
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    return form_request("/oauth/token", {"grant_type": grant, "assertion": place.assertion})
