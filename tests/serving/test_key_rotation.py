"""Does a new signing key take over under load, over four workers, without a token being refused?"""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest

from tests.cast import SAM, Made
from tests.polling import until
from tests.serving.estate import Estate, bearer
from tests.serving.running import Home, Line, Server, lines_to_each_worker


@pytest.fixture
def lines(server: Server) -> Iterator[list[Line]]:
    """Two connections to each worker: on one tokens are asked for, on the other they are used."""
    with lines_to_each_worker(server, 2) as lines:
        yield lines


class Traffic:
    """Apps that get tokens from one worker and use them at the next, again and again."""

    def __init__(self, estate: Estate, made: Made, lines: list[Line]) -> None:
        self.refused: list[tuple[str, int, bytes]] = []
        self.signers: dict[int, str] = {}
        self.stop = threading.Event()
        self._estate, self._made = estate, made
        self._lines = lines

    def run(self, number: int) -> None:
        """Until told to stop: a token from this worker, and a look at who it is for from the next."""
        asked, used = self._lines[2 * number], self._lines[(2 * number + 3) % len(self._lines)]
        while not self.stop.is_set():
            granted = self._estate.grant(asked, self._made)
            if granted.status != 200:
                self.refused.append(("token", granted.status, granted.body))
                return
            token = granted.json["access_token"]
            self.signers[number] = str(jwt.get_unverified_header(token)["kid"])
            seen = used.ask("GET", "/oauth/userinfo", headers=bearer(token))
            if seen.status != 200:
                self.refused.append(("userinfo", seen.status, seen.body))


def test_no_token_is_refused(home: Home, estate: Estate, made: Made, lines: list[Line]) -> None:
    """While the command rotates the keys, every worker goes on, all of them come to the new key, and nothing fails."""
    estate.consent(estate.ctx, made, SAM)
    traffic = Traffic(estate, made, lines)
    workers = len(lines) // 2
    with ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(traffic.run, number) for number in range(workers)]
        try:
            until(lambda: len(traffic.signers) == workers)
            (old,) = set(traffic.signers.values())
            status, said = home.run("signing-keys", "rotate", "--ahead", "5")
            new = said.split(" is published")[0]
            until(lambda: traffic.refused or set(traffic.signers.values()) == {new}, 30)
            time.sleep(1)  # so that every worker has used it for a while
        finally:
            traffic.stop.set()
    for done in running:
        done.result()

    assert (status, traffic.refused, new == old) == (0, [], False)
    published = {key["kid"] for key in lines[0].ask("GET", "/oauth/jwks").json["keys"]}
    assert published == {old, new}
    listed = home.run("signing-keys", "list")[1]
    assert [kid in listed for kid in (old, new)] == [True, True]


def test_a_stolen_key_is_believed_nowhere(home: Home, estate: Estate, made: Made, lines: list[Line]) -> None:
    """After the command every worker refuses its tokens, seen before or not, publishes another and signs with that."""
    token = estate.access_token(lines[0], made)
    stolen = str(jwt.get_unverified_header(token)["kid"])

    def answers(held: str) -> set[int]:
        return {line.ask("GET", "/oauth/userinfo", headers=bearer(held)).status for line in lines}

    assert answers(token) == {200}
    status, said = home.run("signing-keys", "distrust", stolen, "--by", "Olga", "--reason", "A laptop was lost.")
    until(lambda: answers(token) == {401})
    published = [{key["kid"] for key in line.ask("GET", "/oauth/jwks").json["keys"]} for line in lines]
    new = [str(estate.grant(line, made).json["access_token"]) for line in lines]
    signers = {str(jwt.get_unverified_header(each)["kid"]) for each in new}

    assert (status, [stolen in kids for kids in published], len(signers)) == (0, [False] * len(lines), 1)
    assert f"{signers.pop()} is new and signs from now on." in said
    assert [answers(each) for each in new] == [{200}] * len(new)
