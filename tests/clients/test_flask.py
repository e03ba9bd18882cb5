"""Does a Flask app sign its users in with Authlib's registry, sessions and all?"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import flask
import pytest
from authlib.integrations.flask_client import OAuth, OAuthError
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.twin.person import Person
from tests.twin.running import Place


@dataclass
class App:
    """A Flask app whose users sign in here, and a browser that uses it."""

    place: Place
    browser: FlaskClient

    def sign_in(self, ada: Person, **changed: str) -> TestResponse:
        """Begin at the app, sign in, allow, and come back with whatever somebody changed on the way."""
        begun = self.browser.get("/login")
        told = ada.authorize(begun.headers["Location"], self.place.variables["DS_REDIRECT_URI"])
        return self.browser.get("/callback?" + urlencode(told | changed))


def written(place: Place) -> flask.Flask:
    """The app, as Authlib's documentation has it: it knows the address of discovery, a key and a secret."""
    app = flask.Flask("app")
    app.secret_key = "of the app"
    oauth = OAuth(app)
    oauth.register(
        "keysteward",
        client_id=place.variables["DS_INTEGRATION_KEY"],
        client_secret=place.variables["DS_SECRET_KEY"],
        server_metadata_url=f"{place.origin}/.well-known/openid-configuration",
        client_kwargs={"scope": "openid signature extended", "code_challenge_method": "S256"},
    )
    registry = oauth.keysteward

    def login() -> Any:  # noqa: ANN401 — Authlib has no types
        return registry.authorize_redirect(place.variables["DS_REDIRECT_URI"])

    def callback() -> dict[str, Any]:
        token = registry.authorize_access_token()
        return {"claims": token["userinfo"], "profile": registry.userinfo(token=token), "token": token}

    def refused(error: OAuthError) -> tuple[str, int]:
        return str(error.error), 400

    app.register_error_handler(OAuthError, refused)
    app.add_url_rule("/login", view_func=login)
    app.add_url_rule("/callback", view_func=callback)
    return app


@pytest.fixture
def app(place: Place, monkeypatch: pytest.MonkeyPatch) -> App:
    """The app, with a browser that keeps its cookies."""
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", place.ca_file)
    return App(place, written(place).test_client())


def test_signing_in(app: App, ada: Person) -> None:
    """State, nonce, PKCE, `iss`, the id token's signature and userinfo: the registry checks them all."""
    said = app.sign_in(ada).get_json()

    assert said["claims"]["sub"] == said["profile"]["sub"] == app.place.variables["DS_USER_ID"]
    assert (said["claims"]["iss"], said["profile"]["email"]) == (f"{app.place.origin}/", ada.email)
    assert (said["token"]["expires_in"], "refresh_token" in said["token"]) == (28_800, True)


@pytest.mark.parametrize("changed", [{"state": "evil"}, {"code": "evil"}])
def test_a_changed_answer_is_refused(app: App, ada: Person, changed: dict[str, str]) -> None:
    """The app notices another state by itself, and we another code."""
    assert app.sign_in(ada, **changed).status_code == 400


def test_another_browser_cannot_finish(app: App, ada: Person) -> None:
    """What one browser began, another one has no session for."""
    begun = app.browser.get("/login")
    told = ada.authorize(begun.headers["Location"], app.place.variables["DS_REDIRECT_URI"])
    other = app.browser.application.test_client()

    assert other.get("/callback?" + urlencode(told)).status_code == 400
    assert urlsplit(begun.headers["Location"]).path == "/oauth/auth"
