"""Do four workers on PostgreSQL act as one: is everything won once, and does every change reach each of them?"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import make_url

from keysteward.actions import accounts, acting_apps, consents, credentials, keys, organization_consents, signin
from keysteward.rules.access import PERMISSIONS
from keysteward.rules.accounts import ADMIN, SENDER, AccountState
from tests.cast import ACME, ADA, CALLBACK, CY, ORGANIZATION, SAM, Made, Person
from tests.peers.postgres import Postgres
from tests.polling import until
from tests.racing import at_once
from tests.serving.estate import Estate, basic, bearer
from tests.serving.running import Answer, Home, Line, Server, lines_to_each_worker

EACH = 25
at_length = partial(pytest.param, marks=pytest.mark.long)


@pytest.fixture
def crowd(server: Server) -> Iterator[list[Line]]:
    """A hundred connections, a quarter of them to each worker."""
    with lines_to_each_worker(server, EACH) as lines:
        assert Counter(line.worker for line in lines) == dict.fromkeys(server.workers, EACH)
        yield lines


@pytest.fixture
def lines(server: Server) -> Iterator[list[Line]]:
    """One connection to each worker."""
    with lines_to_each_worker(server) as lines:
        yield lines


def volley(crowd: list[Line], ask: Callable[[Line], Answer]) -> list[Answer]:
    """What a hundred who ask at once are answered; a worker that stalled trusts nothing (503), and is asked again."""
    answers, _ = at_once(lambda number: until(lambda: _heeded(ask(crowd[number])), 30), len(crowd))
    return answers


def _heeded(answer: Answer) -> Answer | None:
    return None if answer.status == 503 else answer


def statuses(answers: list[Answer]) -> dict[int, int]:
    """How often each status was answered."""
    return dict(Counter(answer.status for answer in answers))


def the_winner(answers: list[Answer]) -> Answer:
    """The one that was answered well."""
    (winner,) = (answer for answer in answers if answer.status == 200)
    return winner


def userinfo(line: Line, token: str) -> int:
    """What a worker says to a token."""
    return line.ask("GET", "/oauth/userinfo", headers=bearer(token)).status


def call(line: Line, token: str, account: str = ACME.demo) -> int:
    """What the gateway of a worker says to a call."""
    path = f"/restapi/v2.1/accounts/{account}/envelopes?from_date=2026-01-01"
    return line.ask("GET", path, headers=bearer(token)).status


def test_a_code_is_redeemed_once(estate: Estate, made: Made, crowd: list[Line], lines: list[Line]) -> None:
    """Of a hundred who bring one code to four workers one gets tokens; and they die, for the code came back."""
    code = estate.code(estate.ctx, made, SAM, scope="signature")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    answers = volley(crowd, lambda line: line.post("/oauth/token", form, basic(made)))

    assert statuses(answers) == {200: 1, 400: 99}
    assert {answer.json["error"] for answer in answers if answer.status == 400} == {"invalid_grant"}
    token = the_winner(answers).json["access_token"]
    wait_for(401, lines, lambda line: userinfo(line, token))


def test_a_refresh_token_is_used_once(estate: Estate, made: Made, crowd: list[Line], lines: list[Line]) -> None:
    """Of a hundred who bring one refresh token one gets a new one; within the grace its family lives on."""
    first = estate.sign_in_with(estate.ctx, made, SAM).refresh_token or ""
    form = {"grant_type": "refresh_token", "refresh_token": first}
    answers = volley(crowd, lambda line: line.post("/oauth/token", form, basic(made)))

    assert statuses(answers) == {200: 1, 400: 99}
    assert {answer.json["error"] for answer in answers if answer.status == 400} == {"invalid_grant"}
    winner = the_winner(answers).json
    assert [userinfo(line, winner["access_token"]) for line in lines] == [200] * 4
    again = {"grant_type": "refresh_token", "refresh_token": winner["refresh_token"]}
    assert lines[0].post("/oauth/token", again, basic(made)).status == 200


def test_an_assertion_with_an_id_is_used_once(estate: Estate, made: Made, crowd: list[Line]) -> None:
    """Of a hundred who bring one assertion that carries a jti one gets a token."""
    estate.consent(estate.ctx, made, SAM)
    assertion = estate.assertion(estate.ctx, made, SAM, jti=str(uuid4()))
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    answers = volley(crowd, lambda line: line.post("/oauth/token", form))

    assert statuses(answers) == {200: 1, 400: 99}
    assert {answer.json["error"] for answer in answers if answer.status == 400} == {"invalid_grant"}


def test_a_handle_is_exchanged_once(estate: Estate, made: Made, crowd: list[Line]) -> None:
    """Of a hundred who bring one handle one gets the ticket."""
    estate.pass_review(made)
    handle = estate.present(made)
    answers = volley(crowd, lambda line: line.send("POST", "/api/v1/tickets/exchange", {"handle": handle}))

    assert statuses(answers) == {200: 1, 410: 99}
    assert {answer.json["code"] for answer in answers if answer.status == 410} == {"handle-not-good"}


def test_a_request_that_is_sent_twice_happens_once(estate: Estate, made: Made, crowd: list[Line]) -> None:
    """A hundred requests with one Idempotency-Key make one secret key; whoever is answered is told of the same one."""
    token = signin.issue_personal_token(estate.ctx, estate.actor(ADA), "Build server", frozenset(PERMISSIONS), 1)
    headers = bearer(token) | {"Idempotency-Key": str(uuid4())}
    answers = volley(crowd, lambda line: line.send("POST", f"/api/v1/keys/{made.key}/secrets", {}, headers))

    made_now = [answer.json["id"] for answer in answers if answer.status == 201]
    assert {answer.status for answer in answers} <= {201, 409}
    assert {answer.json["code"] for answer in answers if answer.status == 409} <= {"idempotency-key-in-use"}
    assert len(set(made_now)) == 1
    kept = keys.view(estate.ctx, estate.actor(ADA), made.key).settings.secrets
    assert len(kept) == 2
    assert kept[1].id == made_now[0]


class Stage(NamedTuple):
    """An app, and somebody who let it act for them in an account where nobody else is touched by what comes."""

    estate: Estate
    made: Made
    person: Person
    account: str

    def token(self, line: Line) -> int:
        """What a worker says to an assertion for them."""
        return self.estate.grant(line, self.made, self.person).status

    def close_membership(self) -> None:
        """End their membership of the account; they stay in Acme."""
        accounts.close_membership(self.estate.ctx, self.account, self.person.demo, "test")

    def change_account(self, state: AccountState) -> None:
        """Suspend or close the account."""
        accounts.change_account(self.estate.ctx, self.account, "test", state=state)

    def leave(self) -> None:
        """Let them leave Acme too, so that they are nowhere any more."""
        self.close_membership()
        accounts.close_membership(self.estate.ctx, ACME.demo, self.person.demo, "test")


@pytest.fixture
def stage(estate: Estate, made: Made) -> Stage:
    """Somebody new, who is an admin of nothing and a sender in two accounts."""
    guid = str(uuid4())
    person = Person("Nell", "Newcomer", f"{guid}@acme.example", guid, guid)
    opened = accounts.open_account(estate.ctx, "Acme Sub", "Developer", ADA.joining(ADMIN, "demo"))
    for account in (ACME.demo, opened.account.id):
        accounts.add_user(estate.ctx, account, person.joining(SENDER, "demo"), ADA.email)
    estate.consent(estate.ctx, made, person)
    return Stage(estate, made, person, opened.account.id)


def revoke_tokens(stage: Stage) -> None:
    """Revoke every token of the key."""
    keys.revoke_tokens(stage.estate.ctx, stage.estate.actor(ADA), stage.made.key)


def stop_the_key(stage: Stage) -> None:
    """Stop the key."""
    keys.stop(stage.estate.ctx, stage.estate.actor(ADA), stage.made.key)


def delete_the_key(stage: Stage) -> None:
    """Delete the key."""
    keys.delete(stage.estate.ctx, stage.estate.actor(ADA), stage.made.key)


def withdraw_consent(stage: Stage) -> None:
    """Disconnect the app from its user."""
    consents.withdraw_consent(stage.estate.ctx, stage.estate.actor(stage.person), stage.made.key)


def close_the_user(stage: Stage) -> None:
    """Let the user be nowhere any more."""
    stage.leave()


KILLING = [revoke_tokens, *map(at_length, [stop_the_key, delete_the_key, withdraw_consent]), close_the_user]


@pytest.mark.parametrize("deed", KILLING, ids=lambda deed: deed.__name__)
def test_what_kills_a_token_kills_it_on_every_worker(
    stage: Stage, lines: list[Line], deed: Callable[[Stage], None]
) -> None:
    """A token that every worker took is refused by every worker soon after, by userinfo and gateway, and stays so."""
    token = stage.estate.access_token(lines[0], stage.made, stage.person)
    assert [userinfo(line, token) for line in lines] == [200] * 4
    assert [call(line, token) for line in lines] == [200] * 4

    deed(stage)

    wait_for(401, lines, lambda line: userinfo(line, token))
    assert [userinfo(line, token) for line in lines * 5] == [401] * 20
    assert [call(line, token) for line in lines * 5] == [401] * 20


def delete_the_keypair(stage: Stage) -> None:
    """Delete the keypair that the assertion is signed with."""
    actor = stage.estate.actor(ADA)
    (keypair,) = keys.view(stage.estate.ctx, actor, stage.made.key).settings.keypairs
    credentials.delete_keypair(stage.estate.ctx, actor, stage.made.key, keypair.id)


def forbid_the_grant(stage: Stage) -> None:
    """Take the JWT grant from the app."""
    change = keys.Change(grants=frozenset({"confidential_code"}))
    keys.change(stage.estate.ctx, stage.estate.actor(ADA), stage.made.key, change)


FORBIDDING = [forbid_the_grant, stop_the_key, delete_the_key, withdraw_consent, close_the_user]
UNMAKING = [delete_the_keypair, *map(at_length, FORBIDDING)]


@pytest.mark.parametrize("deed", UNMAKING, ids=lambda deed: deed.__name__)
def test_what_forbids_a_token_forbids_it_on_every_worker(
    stage: Stage, lines: list[Line], deed: Callable[[Stage], None]
) -> None:
    """An assertion that every worker took is refused by every worker soon after."""
    assert [stage.token(line) for line in lines] == [200] * 4

    deed(stage)

    wait_for(400, lines, stage.token)
    assert [stage.token(line) for line in lines * 5] == [400] * 20


def end_the_authorization(stage: Stage) -> None:
    """Let the organization take its word back."""
    estate, key = stage.estate, stage.made.key
    organization_consents.withdraw_authorization(estate.ctx, estate.actor(CY), ORGANIZATION["demo"], key)


def leave_the_organization(stage: Stage) -> None:
    """End the user's membership of the only account that is the organization's."""
    accounts.close_membership(stage.estate.ctx, ACME.demo, stage.person.demo, "test")


@pytest.mark.parametrize(
    "deed", [end_the_authorization, at_length(leave_the_organization)], ids=lambda deed: deed.__name__
)
def test_what_ends_an_organization_s_cover_ends_it_on_every_worker(
    stage: Stage, lines: list[Line], deed: Callable[[Stage], None]
) -> None:
    """Who never consented and is covered has a good token until the cover ends; then every worker refuses it soon."""
    estate, scopes = stage.estate, frozenset({"signature", "impersonation"})
    consents.withdraw_consent(estate.ctx, estate.actor(stage.person), stage.made.key)
    key, cy = stage.made.key, estate.actor(CY)
    organization_consents.authorize_application(estate.ctx, cy, ORGANIZATION["demo"], key, scopes)
    wait_for(200, lines, stage.token)
    token = str(estate.grant(lines[0], stage.made, stage.person).json["access_token"])
    wait_for(200, lines, lambda line: userinfo(line, token))

    deed(stage)

    wait_for(401, lines, lambda line: userinfo(line, token))
    wait_for(400, lines, stage.token)
    assert [userinfo(line, token) for line in lines * 5] == [401] * 20


def block_the_app(stage: Stage) -> None:
    """Block the app in the account."""
    acting_apps.block_app(stage.estate.ctx, stage.estate.actor(ADA), stage.account, stage.made.key)


def close_the_membership(stage: Stage) -> None:
    """End the user's membership of the account."""
    stage.close_membership()


def suspend_the_account(stage: Stage) -> None:
    """Suspend the account."""
    stage.change_account("suspended")


def close_the_account(stage: Stage) -> None:
    """Close the account."""
    stage.change_account("closed")


@pytest.mark.parametrize(
    ("deed", "status"),
    [
        (close_the_membership, 400),
        at_length(suspend_the_account, 403),
        at_length(close_the_account, 400),
        at_length(block_the_app, 403),
    ],
    ids=["membership", "suspended", "closed", "blocked"],
)
def test_what_shuts_an_account_shuts_it_on_every_worker(
    stage: Stage, lines: list[Line], deed: Callable[[Stage], None], status: int
) -> None:
    """Calls to an account that every worker let pass are refused by every worker soon after; the token stays good."""
    token = stage.estate.access_token(lines[0], stage.made, stage.person)
    assert [call(line, token, stage.account) for line in lines] == [200] * 4

    deed(stage)

    wait_for(status, lines, lambda line: call(line, token, stage.account))
    assert [call(line, token, stage.account) for line in lines * 5] == [status] * 20
    assert [userinfo(line, token) for line in lines] == [200] * 4


def test_a_new_consent_is_seen_by_every_worker(stage: Stage, lines: list[Line]) -> None:
    """A refusal is forgotten like anything else: who was refused is served by every worker soon after the consent."""
    withdraw_consent(stage)
    wait_for(400, lines, stage.token)
    stage.estate.consent(stage.estate.ctx, stage.made, stage.person)

    wait_for(200, lines, stage.token)
    assert [stage.token(line) for line in lines * 5] == [200] * 20


def listeners(postgres: Postgres, home: Home) -> list[int]:
    """The sessions that listen; asking for the epoch is the last that each of them did."""
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = %s AND query LIKE 'SELECT epoch%%'"
    with postgres.connect() as connection:
        return [pid for (pid,) in connection.execute(asked, (make_url(home.database).database,))]


def test_a_killed_listener_stops_no_revocation(postgres: Postgres, home: Home, stage: Stage, lines: list[Line]) -> None:
    """Where the database throws out the sessions that listen, a revocation still acts, and they come again."""
    token = stage.estate.access_token(lines[0], stage.made, stage.person)
    assert [userinfo(line, token) for line in lines] == [200] * 4
    until(lambda: len(listeners(postgres, home)) == 4)
    killed = listeners(postgres, home)
    with postgres.connect() as connection:
        for listener in killed:
            connection.execute("SELECT pg_terminate_backend(%s)", (listener,))

    revoke_tokens(stage)

    wait_for(401, lines, lambda line: userinfo(line, token))
    until(lambda: len(set(listeners(postgres, home)) - set(killed)) == 4, 60)
    assert [userinfo(line, token) for line in lines] == [401] * 4


def wait_for(status: int, lines: list[Line], ask: Callable[[Line], int]) -> None:
    """Ask every worker again and again until each has answered like this."""
    for line in lines:
        until(partial(lambda line: ask(line) == status, line))
