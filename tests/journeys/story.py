"""How does an app go its way from a new key to a live one, as its owner and the unmodified SDKs go it?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import docusign_esign as ds
import pytest
from docusign_esign.client.api_exception import ApiException

from keysteward.rules.words import Environment
from keysteward.twin.cast import REDIRECT_URIS
from tests.journeys.people import ADA, Member
from tests.polling import until
from tests.twin.person import Person
from tests.twin.running import Place, Twin

SCOPES = ("signature", "impersonation")
GRANTS = ("confidential_code", "jwt")
CONTACT = "team@northwind.example"
NORTHWIND = ADA.accounts["production"]


class Caller:
    """A program that calls the API for a user, with the SDK and an access token."""

    def __init__(self, client: ds.ApiClient, token: str, account: str) -> None:
        self.client = client
        self.token = token
        self.account = account
        self.envelopes = ds.EnvelopesApi(client)

    def create(self, times: int = 1) -> str:
        """Create as many drafts, one call each, and answer with the last one's id."""
        draft = ds.EnvelopeDefinition(email_subject="Please sign", status="created")
        made = [self.envelopes.create_envelope(self.account, envelope_definition=draft) for _ in range(times)]
        return str(made[-1].envelope_id)

    def get(self, envelope: str) -> str:
        """Get an envelope and answer with its status."""
        return str(self.envelopes.get_envelope(self.account, envelope).status)


class Story:
    """One app, from its creation by Ada on. `demo` and `production` are asked with her programs' tokens."""

    def __init__(self, twin: Twin, name: str = "Lease signer") -> None:
        self.twin = twin
        self.demo, self.production = twin.demo, twin.production
        self.key = str(
            self.demo.make(f"/accounts/{ADA.accounts['demo']}/keys", {"name": name, "contact": CONTACT})["key"]
        )
        self.secrets: dict[Environment, str] = {}
        self.private_keys: dict[Environment, bytes] = {}

    def move_to(self, twin: Twin) -> None:
        """Go on in a twin that was started, or started again, where it answers now."""
        self.twin, self.demo, self.production = twin, twin.demo, twin.production

    def configure(self, environment: Environment) -> None:
        """Give the app its grants, a secret key, a keypair and a redirect URI in one environment."""
        place = self._place(environment)
        answer = place.ask("PATCH", f"/keys/{self.key}", {"grants": GRANTS})
        assert answer.status_code == 200, answer.text
        self.secrets[environment] = place.make(f"/keys/{self.key}/secrets")["value"]
        self.private_keys[environment] = place.make(f"/keys/{self.key}/keypairs")["private_key"].encode()
        place.make(f"/keys/{self.key}/redirect-uris", {"uri": REDIRECT_URIS[environment]})

    def consent(self, environment: Environment, member: Member = ADA, scopes: tuple[str, ...] = SCOPES) -> str:
        """Let somebody sign in and press Allow in a browser; the code that the app gets."""
        place, redirect_uri = self._place(environment), REDIRECT_URIS[environment]
        asked = {"response_type": "code", "client_id": self.key, "redirect_uri": redirect_uri, "state": "a state"}
        url = f"{place.origin}/oauth/auth?{urlencode(asked | {'scope': ' '.join(scopes)})}"
        told = Person(member.email, place.ca_file).authorize(url, redirect_uri)
        assert (told["state"], told["iss"]) == ("a state", f"{place.origin}/"), told
        return told["code"]

    def redeem(self, environment: Environment, code: str) -> Caller:
        """Exchange a code with the SDK and the app's secret key."""
        client = self._client(environment)
        return _at_home(client, client.generate_access_token(self.key, self.secrets[environment], code))

    def impersonate(self, environment: Environment, member: Member = ADA, signed_with: bytes | None = None) -> Caller:
        """Get a token with the JWT grant of the SDK; the base URI comes from userinfo."""
        client = self._client(environment)
        host, private_key = self._place(environment).host, signed_with or self.private_keys[environment]
        user = member.users[environment]
        token = client.request_jwt_user_token(self.key, user, host, private_key, 3600, ["signature"])
        return _at_home(client, token)

    def start_in_demo(self) -> Caller:
        """All that comes before the first call."""
        self.configure("demo")
        self.consent("demo")
        return self.impersonate("demo")

    def review(self) -> dict[str, Any]:
        """Start a Go-Live review, wait for its verdict and return it."""
        started = self.demo.make(f"/keys/{self.key}/reviews")
        assert started["status"] == "Under Review"
        self.twin.advance(seconds=1)
        return self.verdict_of(started["id"])

    def verdict_of(self, review: str) -> dict[str, Any]:
        """Wait until a review is settled and return it."""
        path = f"/keys/{self.key}/reviews/{review}"
        until(lambda: self.demo.get(path)["settled_at"], 60)
        found: dict[str, Any] = self.demo.get(path)
        return found

    def pass_review(self) -> Caller:
        """Make 20 good calls and pass the review."""
        caller = self.start_in_demo()
        caller.create(20)
        review = self.review()
        assert (review["status"], review["findings"]) == ("Review Passed", [])
        return caller

    def readiness(self) -> dict[str, Any]:
        """Where the key stands."""
        found: dict[str, Any] = self.demo.get(f"/keys/{self.key}/readiness")
        return found

    def called_at(self, back: int = 0) -> datetime:
        """When the newest countable call arrived, or one further back."""
        return datetime.fromisoformat(self.readiness()["calls"][back]["at"])

    def present(self, account: str | None = None) -> str:
        """Press Go Live in demo; the handle."""
        return str(self.demo.make(f"/keys/{self.key}/tickets", {"account": account})["handle"])

    def promote(self, handle: str, account: str = NORTHWIND, by: Place | None = None) -> dict[str, Any]:
        """Bring a handle to production."""
        made: dict[str, Any] = (by or self.production).make("/promotions", {"handle": handle, "account": account})
        return made

    def not_promoted(self, handle: str, account: str = NORTHWIND, by: Place | None = None) -> tuple[int, str]:
        """Bring a handle to production and be refused: the status and the code."""
        return (by or self.production).refused("POST", "/promotions", {"handle": handle, "account": account})

    def wait_until_live(self) -> dict[str, Any]:
        """Wait until demo has the receipt; the key as demo shows it."""
        until(lambda: self.readiness()["status"] == "Live", 60)
        shown: dict[str, Any] = self.demo.get(f"/keys/{self.key}")
        return shown

    def go_live(self) -> None:
        """Pass the review, promote the key and configure it in production."""
        self.pass_review()
        self.promote(self.present())
        self.wait_until_live()
        self.configure("production")

    def _place(self, environment: Environment) -> Place:
        return self.demo if environment == "demo" else self.production

    def _client(self, environment: Environment) -> ds.ApiClient:
        return ds.ApiClient(oauth_host_name=self._place(environment).host)


def _at_home(client: ds.ApiClient, token: Any) -> Caller:  # noqa: ANN401 — a model of the SDK
    """A caller at the base URI that userinfo names, in the default account."""
    account = next(each for each in client.get_user_info(token.access_token).accounts if each.is_default == "True")
    client.host = f"{account.base_uri}/restapi"
    client.set_default_header("Authorization", f"Bearer {token.access_token}")
    return Caller(client, str(token.access_token), str(account.account_id))


def asked_by(place: Place, member: Member) -> Place:
    """An environment, asked by somebody's program: with a token that they made in the console."""
    return place.with_token(Person(member.email, place.ca_file).personal_token(place))


@contextmanager
def refused_by_api(status: int, error_code: str) -> Iterator[None]:
    """Expect a refusal of the eSignature API, by its status and code."""
    with pytest.raises(ApiException) as raised:
        yield
    assert (raised.value.status, json.loads(raised.value.body)["errorCode"]) == (status, error_code)


@contextmanager
def refused_by_oauth(error: str, description: str | None = None) -> Iterator[None]:
    """Expect a refusal of the token endpoint: 400 with this error and description."""
    with pytest.raises(ApiException) as raised:
        yield
    said = json.loads(raised.value.body)
    assert (raised.value.status, said["error"], said.get("error_description")) == (400, error, description)
