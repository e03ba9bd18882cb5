"""What is lost when the database pauses, restarts or dies, or a worker is killed? Nothing that was answered."""

import http.client
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple, Self

import pytest

from keysteward.store.database import Database
from tests.cast import ACME, SAM, Made
from tests.peers.databases import rows
from tests.peers.postgres import Postgres
from tests.polling import until
from tests.serving.estate import Estate, basic, bearer
from tests.serving.running import Home, Line, Server, lines_to_each_worker, serving

pytestmark = [pytest.mark.long, pytest.mark.timeout(300)]

ENVELOPES = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes"
CALLERS = 12


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL of its own, for it will suffer."""
    with Postgres() as server:
        yield server


class House(NamedTuple):
    """Four workers on that server, an app in their environment, and a token of it."""

    server: Server
    estate: Estate
    made: Made
    token: str


@pytest.fixture(scope="module")
def house(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """They serve through every test of this module: each begins with what the one before left."""
    postgres.create_database("demo")
    home = Home(tmp_path_factory.mktemp("house"), postgres.url("demo")).make_master_key().migrate()
    estate = Estate(home)
    made = estate.furnish()
    with serving(home, "--workers", "4") as server:
        yield House(server, estate, made, estate.access_token(server.line(), made, SAM))
    estate.close()


@pytest.fixture
def lines(house: House) -> Iterator[list[Line]]:
    """A connection to each worker, all of whom serve."""
    wait_until_all_serve(house)
    with lines_to_each_worker(house.server) as lines:
        yield lines


class Load:
    """Callers that create envelopes one after another, each on a connection of its own, and note what was answered."""

    def __init__(self, house: House) -> None:
        self.answered: list[tuple[str, int]] = []
        self.cut = 0
        self._house = house
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run) for _ in range(CALLERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        assert not any(thread.is_alive() for thread in self._threads)

    @property
    def good(self) -> int:
        """How many calls were answered well so far."""
        return sum(status == 201 for _, status in list(self.answered))

    def wait_for_more(self, calls: int = 100) -> None:
        """Wait until as many more were answered well."""
        until(partial(lambda enough: self.good >= enough, self.good + calls), 60)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                line = self._house.server.line()
            except OSError:
                self._stop.wait(0.05)
                continue
            self._call_until_cut(line)
            line.close()

    def _call_until_cut(self, line: Line) -> None:
        try:
            while not self._stop.is_set():
                answer = line.send("POST", ENVELOPES, {"emailSubject": "Lease"}, bearer(self._house.token))
                self.answered.append((answer.trace, answer.status))
                if answer.status >= 500:
                    self._stop.wait(0.05)
        except (OSError, http.client.HTTPException):
            self.cut += 1


def on_record(house: House) -> dict[str, int]:
    """The traces of all calls that are on record, with their statuses; none is there twice."""
    database = Database(house.server.home.database)
    found = rows(database, "SELECT trace, status FROM calls")
    database.close()
    assert len(found) == len({trace for trace, _ in found})
    return dict(found)


def demand_all_on_record(house: House, load: Load) -> None:
    """See that every call that was answered, but for those told that we failed, is on record as it was answered."""
    kept = on_record(house)
    answered = {trace: status for trace, status in load.answered if status < 500}
    assert {trace: kept.get(trace) for trace in answered} == answered
    assert set(Counter(status for _, status in load.answered)) <= {201, 503}


def wait_until_all_serve(house: House) -> None:
    """Wait until each of four workers answers a call well; nobody lends a hand."""
    until(lambda: len(house.server.workers) == 4, 60)
    with lines_to_each_worker(house.server) as lines:
        for line in lines:
            until(partial(lambda line: call(house, line) == 200, line), 30)


def call(house: House, line: Line) -> int:
    """What the gateway says to a call."""
    return line.ask("GET", f"{ENVELOPES}?from_date=2026-01-01", headers=bearer(house.token)).status


def userinfo(house: House, line: Line) -> int:
    """What userinfo says to the token."""
    return line.ask("GET", "/oauth/userinfo", headers=bearer(house.token)).status


def grant(house: House, line: Line) -> int:
    """What is said to an assertion."""
    return house.estate.grant(line, house.made).status


def refresh(house: House, line: Line) -> int:
    """What is said to a refresh token of somebody else: nobody knows without the database."""
    form = {"grant_type": "refresh_token", "refresh_token": "ksr_x"}
    return line.post("/oauth/token", form, basic(house.made)).status


def readiness(house: House, line: Line) -> int:
    """What a load balancer is told."""
    return line.ask("GET", "/readyz").status


def console(house: House, line: Line) -> int:
    """What somebody with a browser is told."""
    return line.ask("GET", "/signin").status


QUESTIONS = [(userinfo, 200), (grant, 200), (call, 200), (refresh, 400), (readiness, 200), (console, 200)]


@pytest.mark.parametrize(("ask", "status"), QUESTIONS, ids=lambda each: getattr(each, "__name__", ""))
def test_a_silent_database_is_no_excuse_for_old_answers(
    postgres: Postgres, house: House, lines: list[Line], ask: Callable[[House, Line], int], status: int
) -> None:
    """While the database stands still every worker soon says 503, to whoever waited already too; it stays so until the
    database goes on, and then each worker serves again.
    """
    assert [ask(house, line) for line in lines] == [status] * 4
    postgres.pause()
    try:
        for line in lines:
            until(partial(lambda line: ask(house, line) == 503, line), 15)
        assert [ask(house, line) for line in lines * 3] == [503] * 12
        assert [line.ask("GET", "/livez").status for line in lines] == [200] * 4
    finally:
        postgres.resume()

    for line in lines:
        until(partial(lambda line: ask(house, line) == status, line))


def restart(postgres: Postgres) -> None:
    """Stop PostgreSQL in order and start it."""
    postgres.restart()


def crash(postgres: Postgres) -> None:
    """Kill PostgreSQL and start it."""
    postgres.kill()
    postgres.start()


@pytest.mark.parametrize("deed", [restart, crash], ids=lambda deed: deed.__name__)
def test_a_database_that_comes_again_has_every_answered_call(
    postgres: Postgres, house: House, lines: list[Line], deed: Callable[[Postgres], None]
) -> None:
    """Under load the database goes away and comes back, three times: every answered call is on record once, with the
    status that was answered, and the workers go on by themselves.
    """
    with Load(house) as load:
        for _ in range(3):
            load.wait_for_more()
            deed(postgres)
        load.wait_for_more()

    demand_all_on_record(house, load)
    assert {line.worker for line in lines} == set(house.server.workers)
    wait_until_all_serve(house)


def test_a_paused_database_loses_nothing(postgres: Postgres, house: House, lines: list[Line]) -> None:
    """The same where it stands still for a while: who was answered is on record."""
    with Load(house) as load:
        load.wait_for_more()
        postgres.pause()
        try:
            until(lambda: sum(status == 503 for _, status in list(load.answered)) >= CALLERS, 30)
        finally:
            postgres.resume()
        load.wait_for_more()

    demand_all_on_record(house, load)
    assert load.cut == 0


def test_a_killed_worker_is_replaced(house: House, lines: list[Line]) -> None:
    """Workers are killed under load, one after the other: each is replaced, and every answered call is on record."""
    before = set(house.server.workers)
    with Load(house) as load:
        for worker in before:
            load.wait_for_more()
            os.kill(worker, signal.SIGKILL)
            until(partial(lambda gone: gone not in house.server.workers and len(house.server.workers) == 4, worker), 60)
        load.wait_for_more()

    assert not before & set(house.server.workers)
    demand_all_on_record(house, load)
    assert load.cut > 0
    wait_until_all_serve(house)


def test_a_worker_that_dies_while_the_database_is_away_comes_with_it(
    postgres: Postgres, house: House, lines: list[Line]
) -> None:
    """No worker can start without a database: the others stay, and the missing one is tried again until it can."""
    before = house.server.said.count("another takes its place")
    postgres.stop()
    try:
        os.kill(house.server.workers[0], signal.SIGKILL)
        until(lambda: house.server.said.count("another takes its place") >= before + 4, 60)
    finally:
        postgres.start()

    wait_until_all_serve(house)


@pytest.fixture
def own_house(postgres: Postgres, house: House) -> Iterator[House]:
    """A second foreman with two workers on the same database, whose end is the test's."""
    with_workers = Server(house.server.home, "--workers", "2").wait_until_ready()
    yield house._replace(server=with_workers)
    with_workers.end(5) if with_workers.process.poll() is None else with_workers.end()


def test_asked_to_stop_under_load_it_answers_what_it_began(own_house: House) -> None:
    """SIGTERM under load ends it well, without a call that was answered and is not on record."""
    with Load(own_house) as load:
        load.wait_for_more()
        assert own_house.server.stop() == 0, own_house.server.said
    demand_all_on_record(own_house, load)


def test_workers_end_with_their_foreman(own_house: House) -> None:
    """Where the first process is killed, its workers do not stay behind."""
    workers = own_house.server.workers
    assert len(workers) == 2
    own_house.server.process.kill()

    until(lambda: not any(_is_alive(worker) for worker in workers), 30)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
