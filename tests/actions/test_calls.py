"""What is recorded of an API call, and what is the upstream told?"""

from dataclasses import replace

import jwt
import pytest

from keysteward.actions import callers, calls, golive, organization_consents, tokens
from keysteward.actions.calls import Answered, Asked, Outcome
from keysteward.actions.context import Context
from keysteward.crypto.signing import public_pem
from keysteward.rules.calls import Call
from keysteward.rules.refusals import NOT_RECORDED
from keysteward.store.recorder import Recorder
from tests.cast import ACME, ADA, CY, ORGANIZATION, SAM, START, Made, Town, refused
from tests.peers.databases import kept_in, rows
from tests.racing import at_once

PATH = f"/restapi/v2.1/accounts/{ACME.demo}/envelopes/e0000001-0000-4000-8000-000000000000"
GOOD = Answered(200, "", ACME.demo, by_upstream=True)


def recorded(town: Town, made: Made, asked: Asked, answered: Answered = GOOD) -> Call:
    """Record a call of Sam's and read it back."""
    calls.record(town.demo, town.caller(town.demo, made), asked, answered).result(10)
    return golive.readiness(town.demo, town.actor(ADA), made.key).newest_calls[0]


def asked(path: str = PATH, query: str = "", method: str = "GET") -> Asked:
    """A request."""
    return Asked(method, path, query, "Python 6.1.0", "trace", START)


# ── what is kept ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_call_is_kept_with_who_when_and_what(town: Town, made: Made) -> None:
    """Key, user, account, arrival, operation and outcome are evidence."""
    town.clock.advance(seconds=7)
    call = recorded(town, made, asked(), Answered(404, "ENVELOPE_DOES_NOT_EXIST", ACME.demo, by_upstream=True))

    assert (call.key, call.user, call.account, call.at) == (made.key, SAM.demo, ACME.demo, START)
    assert (call.method, call.url, call.status, call.error_code) == ("GET", PATH, 404, "ENVELOPE_DOES_NOT_EXIST")
    assert (call.route, call.countable, call.polled, call.sdk) == ("envelope-resource", True, True, "Python 6.1.0")
    assert call.operation == "GET /restapi/v2.1/accounts/{id}/envelopes/{id}"


def test_no_secret_of_a_query_is_kept(town: Town, demo: Context, made: Made) -> None:
    """A token that somebody put into an address is nowhere in the database."""
    call = recorded(town, made, asked(query="include=recipients&access_token=s3cr3t-v4lue"))

    assert call.url == f"{PATH}?include=…&access_token=…"
    assert b"s3cr3t-v4lue" not in kept_in(demo)


@pytest.mark.parametrize(("other", "is_same"), [
    (asked(), True),
    (asked(PATH.upper().replace("/RESTAPI", "/restapi")), True),
    (asked(query="include=recipients"), False),
    (asked(f"{PATH}/"), False),
    (asked(f"{PATH}/recipients"), False),
])  # fmt: skip
def test_the_same_address_has_the_same_digest(town: Town, made: Made, other: Asked, is_same: bool) -> None:
    """Letter case of a path makes no difference, anything else does."""
    assert (recorded(town, made, other).url_digest == recorded(town, made, asked()).url_digest) == is_same


def test_addresses_that_differ_in_a_secret_are_different(town: Town, made: Made) -> None:
    """What is hidden still tells two addresses apart."""
    one, other = (recorded(town, made, asked(query=f"code={value}")) for value in "ab")

    assert (one.url == other.url, one.url_digest == other.url_digest) == (True, False)


def test_whatever_a_client_sends_fits(town: Town, made: Made) -> None:
    """Endless addresses, names and codes are cut, never refused."""
    endless = Asked("GET", PATH + "/x" * 5_000, "q=" + "y" * 5_000, "z" * 5_000, "trace", START)
    call = recorded(town, made, endless, Answered(400, "E" * 5_000, ACME.demo, by_upstream=True))

    assert (len(call.url), len(call.sdk), len(call.error_code), len(call.operation)) == (2_000, 200, 100, 200)


def test_an_application_s_call_has_no_user(town: Town, demo: Context, made: Made) -> None:
    """An application token's calls are the key's, and nobody's."""
    organization_consents.authorize_application(
        demo, town.actor(CY), ORGANIZATION["demo"], made.key, frozenset({"user_read"})
    )
    answer = tokens.grant_assertion(demo, town.assertion(demo, made, None, scope="user_read"))
    caller = callers.recognize(demo, answer.access_token)
    calls.record(demo, caller, asked("/management/v2/organizations"), Answered(200, "", "")).result(10)
    call = golive.readiness(demo, town.actor(ADA), made.key).newest_calls[0]

    assert (call.user, call.account, call.countable) == ("", "", False)


def test_what_cannot_be_recorded_is_refused(town: Town, demo: Context, made: Made) -> None:
    """Where no more calls can wait, the answer is a refusal and no silence."""
    closed = Recorder(demo.database)
    closed.close()
    ctx = replace(demo, recorder=closed)

    with refused(NOT_RECORDED):
        calls.record(ctx, town.caller(demo, made), asked(), GOOD)
    calls.complete(ctx, Outcome("trace", 1, 2, 3, completed=True))


def test_how_a_call_ended_is_kept_beside_it(town: Town, demo: Context, made: Made) -> None:
    """Duration and sizes follow in a record of their own."""
    recorded(town, made, asked())
    calls.complete(demo, Outcome("trace", 1_500, 10, 20, completed=True))
    recorded(town, made, asked())

    outcomes = "SELECT trace, duration_microseconds, completed FROM outcomes"
    assert rows(demo.database, outcomes) == [("trace", 1_500, True)]


def test_a_hundred_calls_at_once_are_all_evidence(town: Town, demo: Context, made: Made) -> None:
    """Whoever was answered is in the evidence, and nobody twice."""
    caller = town.caller(demo, made)

    def deed(number: int) -> None:
        calls.record(demo, caller, asked(f"{PATH}/{number}"), GOOD).result(10)

    at_once(deed)
    newest = golive.readiness(demo, town.actor(ADA), made.key)

    assert (newest.run, len(newest.newest_calls)) == (20, 50)
    assert rows(demo.database, "SELECT count(DISTINCT url), count(*) FROM calls") == [(100, 100)]


# ── the upstream ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_upstream_is_told_who_calls(town: Town, demo: Context, made: Made) -> None:
    """A signed word names key, account and user, for this upstream, for a minute."""
    caller = town.caller(demo, made)
    standing = calls.demand_member(demo, caller, ACME.demo)
    word = calls.vouch(demo, caller, standing, "http://upstream")
    claims = jwt.decode(
        word, public_pem(demo.call_key.public), ["EdDSA"], audience="http://upstream", issuer=demo.issuer,
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip

    assert (claims["key"], claims["account"], claims["user"]) == (made.key, ACME.demo, SAM.demo)
    assert (claims["environment"], claims["exp"] - claims["iat"]) == ("demo", 60)
    assert jwt.get_unverified_header(word)["typ"] == calls.CALL


PATHS = [
    ("/restapi/v2.1/accounts/10000001/envelopes/1", ACME.demo, f"/restapi/v2.1/accounts/{ACME.demo}/envelopes/1"),
    (f"/RestApi/V2.1/Accounts/{ACME.demo.upper()}/x/Y", ACME.demo, f"/restapi/v2.1/accounts/{ACME.demo}/x/Y"),
    ("/restapi/v2/accounts/10000001", ACME.demo, f"/restapi/v2/accounts/{ACME.demo}"),
    ("/restapi/v2.1/accounts/10000001/x", "", "/restapi/v2.1/accounts/10000001/x"),
    ("/Management/v2/Organizations", "", "/management/v2/organizations"),
]


@pytest.mark.parametrize(("path", "account", "canonical"), PATHS)
def test_an_account_has_one_name_in_a_path(demo: Context, path: str, account: str, canonical: str) -> None:
    """By number or GUID, in any letter case, a call of an account is recorded under the same address."""
    assert calls.canonical_path(demo, path, account) == canonical
