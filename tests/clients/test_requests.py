"""Does a program without any SDK come through, with what programs are known to send?"""

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
import pytest
import requests

from keysteward.twin.cast import TOWNS
from tests.twin.person import Person
from tests.twin.running import Place

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def post(place: Place, auth: tuple[str, str] | None = None, **form: str) -> requests.Response:
    """Ask the token endpoint."""
    return place.request("POST", "/oauth/token", data=form, auth=auth)


def assertion(place: Place, **claims: object) -> str:
    """An assertion for the user of `dev.env`, with whatever claims a test sets anew."""
    now, variables = int(time.time()), place.variables
    said = {
        "iss": variables["DS_INTEGRATION_KEY"], "sub": variables["DS_USER_ID"], "aud": place.host, "iat": now,
        "exp": now + 3_600, "scope": "signature impersonation",
    } | claims  # fmt: skip
    return jwt.encode(said, Path(variables["DS_PRIVATE_KEY_FILE"]).read_text(), "RS256")


def code(place: Place, ada: Person, scope: str = "signature") -> str:
    """A code, asked for with nothing percent-encoded but blanks, and with parameters that nobody knows."""
    variables = place.variables
    redirect_uri = variables["DS_REDIRECT_URI"]
    url = (
        f"{place.origin}/oauth/auth?response_type=code&scope={scope.replace(' ', '+')}"
        f"&client_id={variables['DS_INTEGRATION_KEY']}&redirect_uri={redirect_uri}&approval_prompt=auto&ui_locales=de"
    )
    return ada.authorize(url, redirect_uri)["code"]


def credentials(place: Place) -> tuple[str, str]:
    """Integration key and secret key."""
    return place.variables["DS_INTEGRATION_KEY"], place.variables["DS_SECRET_KEY"]


@pytest.fixture
def token(place: Place) -> str:
    """An access token for the user of `dev.env`."""
    return str(post(place, grant_type=JWT_BEARER, assertion=assertion(place)).json()["access_token"])


def test_tokens_are_not_kept_by_caches(place: Place) -> None:
    """JSON, no-store, and exactly the scopes that were asked."""
    answer = post(place, grant_type=JWT_BEARER, assertion=assertion(place, scope="impersonation signature"))

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json()["scope"] == "impersonation signature"


@pytest.mark.parametrize("form", ["{}", "https://{}", "https://{}/", "https://{}/oauth/token"])
@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_an_assertion_may_name_the_server_in_every_form(place: Place, form: str, name: str) -> None:
    """`aud` is the host and port that the program was configured with, by name or by address, bare or as an address."""
    audience = form.format(f"{name}:{place.port}")

    assert post(place, grant_type=JWT_BEARER, assertion=assertion(place, aud=audience)).status_code == 200


@pytest.mark.parametrize("seconds", [600, 3_600, 4_000, 7_200])
def test_an_assertion_may_live_up_to_two_hours(place: Place, seconds: int) -> None:
    """What official examples send is taken; the token lives an hour all the same."""
    answer = post(place, grant_type=JWT_BEARER, assertion=assertion(place, exp=int(time.time()) + seconds))

    assert (answer.status_code, answer.json()["expires_in"]) == (200, 3_600)


def test_basic_credentials_may_be_percent_encoded(place: Place, ada: Person) -> None:
    """RFC 6749 has both halves encoded; some clients encode even the hyphens."""
    key, secret = (quote(value, safe="").replace("-", "%2D").replace("_", "%5F") for value in credentials(place))

    assert post(place, (key, secret), grant_type="authorization_code", code=code(place, ada)).status_code == 200


def test_extra_fields_of_the_form_are_ignored(place: Place, ada: Person) -> None:
    """`client_id` beside Basic, a scope and a challenge's method do no harm."""
    extra = {"client_id": credentials(place)[0], "scope": "signature", "code_challenge_method": "S256"}
    answer = post(place, credentials(place), grant_type="authorization_code", code=code(place, ada), **extra)

    assert answer.status_code == 200


def test_credentials_in_the_query_are_none(place: Place, ada: Person) -> None:
    """A secret key in an address would end in logs: it does not authenticate."""
    key, secret = credentials(place)
    form = {"grant_type": "authorization_code", "code": code(place, ada)}
    answer = place.request("POST", f"/oauth/token?client_id={key}&client_secret={secret}", data=form)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("scope", ["signature", "signature extended"])
def test_a_refresh_token_rotates(place: Place, ada: Person, scope: str) -> None:
    """With and without `extended` there is one; each is good once, and the newest goes on."""
    first = post(place, credentials(place), grant_type="authorization_code", code=code(place, ada, scope)).json()
    again = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    second = post(place, credentials(place), **again)
    reused = post(place, credentials(place), **again)
    third = post(place, credentials(place), **(again | {"refresh_token": second.json()["refresh_token"]}))

    assert [answer.status_code for answer in (second, reused, third)] == [200, 400, 200]
    assert reused.json()["error"] == "invalid_grant"


def call(place: Place, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401 — as requests has it
    """Call the API below the account."""
    return place.request(method, f"/restapi/v2.1/accounts/{TOWNS[place.environment].account}{path}", **options)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_bearer_in_any_letter_case(place: Place, token: str, scheme: str) -> None:
    """The scheme is recognized as old raw programs write it."""
    headers = {"Authorization": f"{scheme} {token}"}

    assert call(place, "GET", "/envelopes?from_date=2026-01-01", headers=headers).status_code == 200


@pytest.mark.parametrize("value", ["{token}", "Token {token}", "Bearer", ""])
def test_a_token_without_its_scheme_is_none(place: Place, token: str, value: str) -> None:
    """What is not `Bearer` and a token is refused as no token at all."""
    answer = call(place, "GET", "/users", headers={"Authorization": value.format(token=token)})

    assert (answer.status_code, answer.json()["errorCode"]) == (401, "PARTNER_AUTHENTICATION_FAILED")


def test_paths_come_in_any_letter_case(place: Place, token: str) -> None:
    """Old programs write RestApi and Management with capitals, and account ids too."""
    headers, town = {"Authorization": f"Bearer {token}"}, TOWNS[place.environment]

    assert place.request("GET", f"/RestApi/V2.1/Accounts/{town.account.upper()}", headers=headers).status_code == 200
    envelopes = f"/RESTAPI/v2.1/accounts/{town.account.upper()}/Envelopes?from_date=2026-01-01"
    assert place.request("GET", envelopes, headers=headers).status_code == 200
    assert place.request("GET", "/Management/v2/organizations", headers=headers).status_code == 403


def test_a_get_with_a_content_type_and_a_delete_with_a_body(place: Place, token: str) -> None:
    """SDKs send `Content-Type: application/json` on GET, and bodies where none is needed."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    assert call(place, "GET", "/users", headers=headers).status_code == 200
    assert call(place, "POST", "/envelopes", headers=headers, data="{}").status_code == 201
    assert call(place, "DELETE", "/envelopes", headers=headers, data="{}").status_code == 405


def test_every_answer_has_a_trace_and_no_retry_after(place: Place, token: str) -> None:
    """Good and refused calls alike; official SDKs would sleep silently on Retry-After."""
    headers = {"Authorization": f"Bearer {token}"}
    answers = [
        call(place, "GET", "/envelopes?from_date=2026-01-01", headers=headers), call(place, "GET", "/users"),
        call(place, "GET", "/users", headers=headers), call(place, "GET", "/nothing", headers=headers),
        place.request("GET", "/restapi/service_information"),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [200, 401, 200, 404, 200]
    assert len({answer.headers["X-DocuSign-TraceToken"] for answer in answers}) == len(answers)
    assert [answer for answer in answers if "Retry-After" in answer.headers] == []
