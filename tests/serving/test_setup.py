"""How does the first person come in, once and by the code that the host printed?"""

from collections import Counter
from pathlib import Path

import pytest

from keysteward.store.migrating import newest_version
from tests.cast import PASSWORD
from tests.peers.databases import Stock
from tests.racing import at_once
from tests.serving.running import Answer, Home, Line, Server, printed_code, serving

WRONG = "1111-2222-3333-4444-5555"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A new environment on SQLite: migrated, never served."""
    return Home(tmp_path, f"sqlite:///{tmp_path / 'demo.db'}").make_master_key().migrate()


def set_up(line: Line, code: str, number: int = 0, password: str = PASSWORD) -> Answer:
    """Fill in the setup page."""
    fields = {"code": code, "account": f"Acme {number}", "first_name": "Ada", "last_name": "Admin",
              "email": f"ada{number}@acme.example", "password": password}  # fmt: skip
    return line.post("/setup", fields)


def sign_in(line: Line, email: str) -> int:
    """Sign in to the console with the password of the cast."""
    return line.post("/signin", {"email": email, "password": PASSWORD}).status


def told(answer: Answer) -> tuple[int, str]:
    """Where an answer sends the browser."""
    return answer.status, answer.headers.get("location", "")


def test_the_printed_code_opens_the_first_account_once(home: Home) -> None:
    """A wrong code is refused at its field; the right one signs its user in; after that there is nothing to set up."""
    with serving(home) as server:
        line, code = server.line(), printed_code(server)
        page, wrong = line.ask("GET", "/setup"), set_up(line, WRONG)
        weak = set_up(line, code, password="short")
        right = set_up(line, f" {code.upper()} ")
        again = set_up(line, code, number=1)

        assert (page.status, b"Set up demo" in page.body) == (200, True)
        assert (wrong.status, b"That is not the code" in wrong.body, "set-cookie" in wrong.headers) == (
            403,
            True,
            False,
        )
        assert (weak.status, "set-cookie" in weak.headers) == (422, False)
        assert told(right) == (303, "/setup/addresses")
        assert line.ask("GET", "/apps", headers={"Cookie": "; ".join(right.cookies)}).status == 200
        assert told(again) == (303, "/signin")
        assert told(line.ask("GET", "/setup")) == (303, "/signin")
        assert (sign_in(line, "ada0@acme.example"), sign_in(line, "ada1@acme.example")) == (303, 401)

    with serving(home) as server:
        assert "Nobody is here yet" not in server.said
        assert told(set_up(server.line(), code, number=2)) == (303, "/signin")


@pytest.mark.long
def test_each_start_has_a_code_of_its_own(home: Home) -> None:
    """As long as nobody is here, a new start prints a new code, and the old one is good no longer."""
    with serving(home) as server:
        first = printed_code(server)
    with serving(home) as server:
        line, second = server.line(), printed_code(server)

        assert first != second
        assert set_up(line, first).status == 403
        assert told(set_up(line, second)) == (303, "/setup/addresses")


def one_of_twenty(server: Server) -> None:
    """Let twenty open the first account at once, and see that one did."""
    code = printed_code(server)
    lines = [server.line() for _ in range(20)]
    answers, _ = at_once(lambda number: set_up(lines[number], code, number), 20)
    signed_in = [sign_in(lines[0], f"ada{number}@acme.example") for number in range(20)]

    assert Counter(map(told, answers)) == {(303, "/setup/addresses"): 1, (303, "/signin"): 19}
    assert Counter(signed_in) == {303: 1, 401: 19}


def test_of_twenty_at_once_one_opens_it(home: Home) -> None:
    """Twenty who have the code and press at the same moment make one account with one admin."""
    with serving(home) as server:
        one_of_twenty(server)


@pytest.mark.long
def test_of_twenty_at_four_workers_one_opens_it(stock: Stock, tmp_path: Path) -> None:
    """The same over four workers on PostgreSQL."""
    name = stock.take()
    with serving(Home(tmp_path, stock.url(name)).make_master_key().migrate(), "--workers", "4") as server:
        one_of_twenty(server)
    stock.give_back(name)


@pytest.mark.long
def test_bootstrap_opens_it_on_the_host(home: Home) -> None:
    """On the host the first account is opened without a code, once; its admin signs in, and no code is printed."""
    assert home.run("migrate") == (0, f"The tables have version {newest_version()} already.")
    person = ("--email", "ada@acme.example", "--first-name", "Ada", "--last-name", "Admin", "--account", "Acme")
    weak = home.run("bootstrap", *person, KEYSTEWARD_PASSWORD="short")
    opened = home.run("bootstrap", *person, KEYSTEWARD_PASSWORD=PASSWORD)
    again = home.run("bootstrap", *person, KEYSTEWARD_PASSWORD=PASSWORD)

    assert (weak[0], weak[1].startswith("Nothing was made. ")) == (1, True)
    assert opened == (
        0,
        "Ada Admin is the admin of Acme, account 10000001. Start the environment with keysteward serve and sign in.",
    )
    assert (again[0], again[1].startswith("Nothing was made. ")) == (1, True)
    with serving(home) as server:
        assert "Nobody is here yet" not in server.said
        assert sign_in(server.line(), "ada@acme.example") == 303
