"""How does each of our own API calls pass: who is let in, and what is durable before the answer leaves?"""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from keysteward.actions import accounts, calls, keys
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context
from keysteward.rules.refusals import Refusal
from keysteward.store import accounts as stored_accounts
from keysteward.store.database import bump_epoch
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, SAM, SMALL, STRANGE, UNKNOWN
from tests.web.restapi.house import ADMIN_SCOPES, TRACE, Client, House, refusal_of

USERS = f"/restapi/v2.1/accounts/{ACME.demo}/users"
ORGANIZATIONS = "/management/v2/organizations"
LIMITS = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-BurstLimit-Limit",
          "X-BurstLimit-Remaining")  # fmt: skip

both_apis = pytest.mark.parametrize(
    ("path", "no_token", "bad_token"),
    [
        (USERS, "PARTNER_AUTHENTICATION_FAILED", "AUTHORIZATION_INVALID_TOKEN"),
        (ORGANIZATIONS, "invalid_token", "invalid_token"),
    ],
)


def fill_the_queue(demo: Context, caller: Caller) -> "Future[Mapping[str, str]]":
    """Queue calls until no more are taken, also not after the recorder has taken its batch; answer with the last."""
    asked, answered = Asked("GET", "/restapi/v2.1", "", "", UNKNOWN, datetime.now(UTC)), Answered(200, "", "")
    waiting = [calls.record(demo, caller, asked, answered)]
    taken = 0
    while taken < len(waiting):
        taken = len(waiting)
        with suppress(Refusal):
            while True:
                waiting.append(calls.record(demo, caller, asked, answered))
        time.sleep(0.05)
    return waiting[-1]


@both_apis
@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic YTpi", "nonsense"])
def test_a_call_without_a_bearer_token(
    nobody: Client, path: str, no_token: str, bad_token: str, authorization: str | None
) -> None:
    """Whatever is no bearer token is no token."""
    headers = {} if authorization is None else {"Authorization": authorization}

    assert refusal_of(nobody.call("GET", path, headers=headers)) == (401, no_token)


@both_apis
def test_a_call_with_a_bad_token(nobody: Client, path: str, no_token: str, bad_token: str) -> None:
    """A token that was never issued is refused as such, and leaves no trace in the evidence."""
    answer = nobody.call("GET", path, headers={"Authorization": "Bearer nonsense"})

    assert refusal_of(answer) == (401, bad_token)


def test_legacy_credentials(nobody: Client) -> None:
    """The old header is answered as after its retirement."""
    header = '{"Username":"ada@acme.example","Password":"x","IntegratorKey":"y"}'

    answer = nobody.call("GET", USERS, headers={"X-DocuSign-Authentication": header})

    assert refusal_of(answer) == (401, "PARTNER_AUTHENTICATION_FAILED")


def test_the_scheme_in_lower_case(house: House, nobody: Client) -> None:
    """Some official examples write `bearer`."""
    token = str(house.caller(ADA).session.headers["Authorization"]).removeprefix("Bearer ")

    assert nobody.call("GET", USERS, headers={"Authorization": f"bearer {token}"}).status_code == 200


def test_what_is_refused_before_the_token_verified_is_no_call(house: House, nobody: Client) -> None:
    """The evidence holds calls of keys; without a verified token there is no key."""
    answer = nobody.call("GET", USERS)

    assert answer.headers[TRACE]
    assert house.recorded(answer) == []
    assert [name for name in LIMITS if name in answer.headers] == []


def test_a_call_is_recorded_before_it_is_answered(house: House, ada: Client) -> None:
    """When the answer arrives, the evidence holds who called what, with which client and with what result."""
    sdk = {"X-DocuSign-SDK": "Python", "User-Agent": "Swagger-Codegen/v2.1/6.1.0/python3/3.11.7"}

    answer = ada.call("GET", f"{USERS}?count=2&email=ada%40acme.example", headers=sdk)

    (call,) = house.recorded(answer)
    assert (call.key, call.user, call.account) == (house.made.key, ADA.demo, ACME.demo)
    assert (call.method, call.operation, call.status, call.error_code) == (
        "GET", "GET /restapi/v2.1/accounts/{id}/users", 200, "",
    )  # fmt: skip
    assert call.url == f"{USERS}?count=…&email=…"
    assert (call.route, call.countable, call.sdk) == ("account-resource", True, "Python 6.1.0")


def test_an_answer_waits_for_its_record(fresh: House) -> None:
    """While nothing can be written, other answers leave and this one does not."""
    ada, nobody = fresh.caller(ADA), Client(fresh.address)
    with ThreadPoolExecutor() as pool:
        with fresh.town.demo.database.writing():
            waiting = pool.submit(ada.call, "GET", USERS)
            for _ in range(50):
                nobody.get("/restapi/service_information")
            assert not waiting.done()

        assert len(fresh.recorded(waiting.result(30))) == 1


def test_a_failed_call_is_recorded_too(house: House, ada: Client) -> None:
    """A refusal after the token verified is a failed call, with the code that the caller saw."""
    answer = ada.call("GET", f"{USERS}/{UNKNOWN}")

    (call,) = house.recorded(answer)
    assert refusal_of(answer) == (call.status, call.error_code) == (404, "USER_NOT_FOUND")
    assert (call.account, call.countable) == (ACME.demo, True)


def test_the_outcome_follows(house: House, ada: Client) -> None:
    """How long a call took and how large its answer was is noted once it has left."""
    answer = ada.call("GET", USERS, data=b"{}")

    ended = house.ended(answer)
    assert (ended.request_bytes, ended.answer_bytes, ended.completed) == (2, len(answer.content), True)
    assert ended.duration_microseconds > 0


def test_what_cannot_be_recorded_is_not_answered(fresh: House) -> None:
    """When the evidence cannot be written, nothing of the answer leaves."""
    ada = fresh.caller(ADA)
    with fresh.town.demo.database.writing() as tx:
        tx.execute(text("ALTER TABLE calls RENAME TO lost"))

    answer = ada.call("GET", USERS)

    assert refusal_of(answer) == (503, "SERVICE_UNAVAILABLE")
    assert "Retry-After" not in answer.headers


def test_too_many_calls_wait_to_be_recorded(fresh: House) -> None:
    """A full queue refuses: a call answered without being recorded could be lost."""
    ada = fresh.caller(ADA)
    demo = fresh.town.demo
    caller = fresh.town.caller(demo, fresh.made)
    with demo.database.writing():  # so that nothing that waits is written
        waiting = fill_the_queue(demo, caller)

        answer = ada.call("GET", USERS)

    assert refusal_of(answer) == (503, "SERVICE_UNAVAILABLE")
    waiting.result(30)


@pytest.mark.parametrize("account", ["guid", "GUID", "number"])
def test_an_account_has_two_names(house: House, ada: Client, account: str) -> None:
    """A GUID in any letter case and the short number name the same account, and the same call in the evidence."""
    number = ada.get(f"/restapi/v2.1/accounts/{ACME.demo}")["externalAccountId"]
    named = {"guid": ACME.demo, "GUID": ACME.demo.upper(), "number": number}[account]

    answer = ada.call("GET", f"/restapi/v2.1/accounts/{named}/users")

    assert answer.json()["totalSetSize"] == "5"
    (call,) = house.recorded(answer)
    assert (call.account, call.url) == (ACME.demo, USERS)


@pytest.mark.parametrize(
    "path",
    [
        f"/RestAPI/V2.1/Accounts/{ACME.demo}",
        f"/restapi/v2/accounts/{ACME.demo.upper()}",
        "/RESTAPI/V2/LOGIN_INFORMATION",
    ],
)
def test_letter_case_of_a_path(ada: Client, path: str) -> None:
    """Both versions answer, and paths come in any letter case."""
    assert ada.call("GET", path).status_code == 200


@pytest.mark.parametrize("version", ["v1", "v2.2", "v2x1", "v2.1.0"])
def test_other_versions_are_not_there(ada: Client, version: str) -> None:
    """What is not answered is an unknown address, not a guess."""
    assert ada.refused(f"/restapi/{version}/accounts/{ACME.demo}") == (404, "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    "account", [STRANGE.demo, SMALL.demo, UNKNOWN, "10000004", "99999999", "nonsense", "0", "1" * 40]
)
def test_foreign_and_unknown_accounts_look_alike(house: House, account: str) -> None:
    """Nobody learns from a refusal whether an account exists."""
    answer = house.caller(SAM).call("GET", f"/restapi/v2.1/accounts/{account}/users")

    assert refusal_of(answer) == (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    assert answer.json()["message"] == (
        "The user of the access token is not an active member of the specified account."
    )


def test_a_stranger_is_told_nothing(house: House) -> None:
    """Somebody of another account who uses the same key sees nothing of ours."""
    mallory = house.caller(MALLORY)

    assert mallory.refused(USERS) == (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    assert mallory.get(f"/restapi/v2.1/accounts/{STRANGE.demo}")["accountName"] == "Strange"


def test_a_closed_membership(fresh: House) -> None:
    """Who left an account is a stranger there from then on; who left their only one speaks for nobody."""
    ada, bo = fresh.caller(ADA), fresh.caller(BO)
    for person in (ADA, BO):
        accounts.close_membership(fresh.town.demo, ACME.demo, person.demo, "cy@acme.example")

    assert ada.refused(USERS) == (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")
    assert bo.refused(USERS) == (401, "AUTHORIZATION_INVALID_TOKEN")


def test_a_closed_account(fresh: House) -> None:
    """Nobody is a member of a closed account."""
    ada = fresh.caller(ADA)
    accounts.change_account(fresh.town.demo, ACME.demo, "operator", state="closed")

    assert ada.refused(USERS) == (400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT")


def test_a_closed_user(fresh: House) -> None:
    """The token of somebody who was closed is dead."""
    bo = fresh.caller(BO)
    with fresh.town.demo.database.writing() as tx:
        stored_accounts.change_user(tx, BO.demo, state="closed")
        bump_epoch(tx)

    assert bo.refused(USERS) == (401, "AUTHORIZATION_INVALID_TOKEN")


def test_a_stopped_key(fresh: House) -> None:
    """Once a key is stopped, its tokens call nothing."""
    ada = fresh.caller(ADA)
    keys.stop(fresh.town.demo, fresh.town.actor(ADA), fresh.made.key)

    assert ada.refused(USERS) == (401, "AUTHORIZATION_INVALID_TOKEN")


def test_an_expired_token(fresh: House) -> None:
    """A token ends when it said it would."""
    ada = fresh.caller(ADA)
    fresh.town.clock.advance(hours=8)

    assert ada.refused(USERS) == (401, "AUTHORIZATION_INVALID_TOKEN")


@pytest.mark.parametrize("path", [USERS, "/restapi/v2.1/login_information", "/restapi/v2.1/billing_plans"])
def test_the_scope_of_the_esignature_api(house: House, path: str) -> None:
    """A token for something else does not open the eSignature API."""
    answer = house.caller(ADA, "user_read").call("GET", path)

    assert refusal_of(answer) == (403, "USER_LACKS_PERMISSIONS")
    assert "signature" in answer.json()["message"]
    assert [call.status for call in house.recorded(answer)] == [403]


@pytest.mark.parametrize("path", [USERS, "/restapi/v2.1/login_information"])
def test_an_application_token_on_the_esignature_api(house: House, path: str) -> None:
    """An application token has no user, so it has no account either."""
    assert house.application().refused(path) == (403, "USER_LACKS_PERMISSIONS")


@pytest.mark.parametrize("path", [USERS, "/restapi/v2.1/login_information", ORGANIZATIONS, f"{USERS}/{UNKNOWN}"])
def test_limits_are_on_every_answer(fresh: House, path: str) -> None:
    """Whoever calls learns what is left, of the path's account or else of their default account."""
    ada = fresh.caller(ADA, f"signature {ADMIN_SCOPES}")
    ada.call("GET", f"/restapi/v2.1/accounts/{ACME.demo}")

    headers = ada.call("GET", path).headers

    now = int(fresh.town.clock.now.timestamp())
    assert [headers[name] for name in LIMITS] == ["3000", "2998", str(now - now % 3600 + 3600), "200", "198"]


def test_limits_of_another_account(fresh: House) -> None:
    """Each account has its own limits."""
    ada = fresh.caller(ADA)
    ada.call("GET", USERS)

    assert ada.call("GET", f"/restapi/v2.1/accounts/{SMALL.demo}").headers["X-RateLimit-Remaining"] == "2999"


def test_an_oversized_body(ada: Client) -> None:
    """A body on GET is tolerated, but not without bounds."""
    assert ada.call("GET", USERS, data=b"{}").status_code == 200
    assert refusal_of(ada.call("GET", USERS, data=b"x" * 300_000)) == (413, "REQUEST_BODY_TOO_LARGE")


def test_an_unknown_method(nobody: Client) -> None:
    """The method is judged before the token."""
    assert refusal_of(nobody.call("PATCH", USERS)) == (405, "INVALID_REQUEST_METHOD")


def test_an_admin_call_is_recorded(house: House, cy: Client) -> None:
    """Calls of the Admin API are evidence of the key too, under the account that they name, and do not count."""
    path = f"/Management/v2/Organizations/{ORGANIZATION['demo']}/accounts/{ACME.demo.upper()}/permissions"

    answer = cy.call("GET", path)

    (call,) = house.recorded(answer)
    assert (call.user, call.account, call.status) == (CY.demo, ACME.demo, 200)
    assert (call.route, call.countable, call.url) == ("admin-api", False, path.lower())


def test_a_call_of_an_application_is_recorded(house: House) -> None:
    """An application token's call has a key and no user; a refusal has the Admin API's code."""
    answer = house.application().call("GET", f"{ORGANIZATIONS}/{UNKNOWN}/users")

    (call,) = house.recorded(answer)
    assert (call.key, call.user, call.account) == (house.made.key, "", "")
    assert refusal_of(answer) == (call.status, call.error_code) == (404, "invalid_request")
