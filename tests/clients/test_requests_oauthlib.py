"""Does requests-oauthlib work, unmodified, with what stands in `dev.env`?"""

from collections.abc import Iterator

import pytest
from oauthlib.oauth2 import InvalidClientError, InvalidGrantError
from requests_oauthlib import OAuth2Session

from tests.twin.person import Person
from tests.twin.running import Place


@pytest.fixture
def session(place: Place) -> Iterator[OAuth2Session]:
    """A session of the app of `dev.env`, with PKCE."""
    variables = place.variables
    with OAuth2Session(
        variables["DS_INTEGRATION_KEY"], redirect_uri=variables["DS_REDIRECT_URI"],
        scope=["signature", "extended"], pkce="S256",
    ) as session:  # fmt: skip
        session.verify, session.trust_env = place.ca_file, False
        yield session


def come_back(session: OAuth2Session, place: Place, ada: Person, **extra: str) -> str:
    """Send Ada through the browser; the whole address that the app is called with."""
    url, state = session.authorization_url(f"{place.origin}/oauth/auth", **extra)
    told = ada.authorize(url, place.variables["DS_REDIRECT_URI"])
    assert told["state"] == state
    return f"https://app.example.com/callback?code={told['code']}&state={told['state']}&iss={told['iss']}"


@pytest.mark.parametrize("where", ["header", "form"])
def test_code_and_refresh(session: OAuth2Session, place: Place, ada: Person, where: str) -> None:
    """The client checks state and scope by itself; a refresh gives other tokens of the same scope."""
    secret, url = place.variables["DS_SECRET_KEY"], f"{place.origin}/oauth/token"
    back = come_back(session, place, ada)
    first = session.fetch_token(
        url, authorization_response=back, client_secret=secret, include_client_id=where == "form"
    )
    info = session.get(f"{place.origin}/oauth/userinfo").json()
    auth = (place.variables["DS_INTEGRATION_KEY"], secret)
    second = session.refresh_token(url, auth=auth)

    assert (first["token_type"], first["expires_in"], sorted(first["scope"])) == (
        "Bearer", 28_800, ["extended", "signature"],
    )  # fmt: skip
    assert info["sub"] == place.variables["DS_USER_ID"]
    assert first["refresh_token"] != second["refresh_token"]
    assert session.get(f"{place.origin}/oauth/userinfo").status_code == 200


def test_it_refreshes_by_itself(session: OAuth2Session, place: Place, ada: Person) -> None:
    """A session that thinks its token expired gets another one, and tells the app."""
    variables, url = place.variables, f"{place.origin}/oauth/token"
    back = come_back(session, place, ada)
    token = session.fetch_token(url, authorization_response=back, client_secret=variables["DS_SECRET_KEY"])
    told: list[str] = []
    again = OAuth2Session(
        variables["DS_INTEGRATION_KEY"], token=dict(token) | {"expires_in": -1, "expires_at": 1},
        auto_refresh_url=url, token_updater=lambda new: told.append(new["refresh_token"]),
        auto_refresh_kwargs={
            "client_id": variables["DS_INTEGRATION_KEY"], "client_secret": variables["DS_SECRET_KEY"],
        },
    )  # fmt: skip
    again.verify, again.trust_env = place.ca_file, False

    with again:
        assert again.get(f"{place.origin}/oauth/userinfo").status_code == 200
    assert told not in ([], [token["refresh_token"]])


def test_refusals_are_errors_of_the_client(session: OAuth2Session, place: Place) -> None:
    """A code that is none is InvalidGrantError, a wrong secret InvalidClientError."""
    url = f"{place.origin}/oauth/token"
    session.authorization_url(f"{place.origin}/oauth/auth")

    with pytest.raises(InvalidGrantError, match="expired_client_token"):
        session.fetch_token(url, code="bogus", client_secret=place.variables["DS_SECRET_KEY"])
    with pytest.raises(InvalidClientError):
        session.fetch_token(url, code="bogus", client_secret="bogus")
