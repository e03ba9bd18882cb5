"""How do these tests ask the authorization server, byte for byte?"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from keysteward.actions.context import Context
from keysteward.rules.grants import JWT_BEARER
from tests.cast import CALLBACK, Made, Person, Town
from tests.web.pages.browsing import Browser, Street, open_to_browsers

FORM = "application/x-www-form-urlencoded"


@dataclass
class Door:
    """The authorization server of demo, and Ada's app, which registers every grant."""

    street: Street
    made: Made

    @property
    def town(self) -> Town:
        """The people and both environments."""
        return self.street.town

    @property
    def ctx(self) -> Context:
        """The demo environment."""
        return self.town.demo

    def browser(self, person: Person | None = None) -> Browser:
        """A browser, with somebody signed in."""
        return self.street.signed_in(person) if person else self.street.browser()

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> requests.Response:  # noqa: ANN401 — as requests has it
        """One request, followed nowhere."""
        return self.street.ask(method, path, data, **headers)

    def token(self, *, basic: Any = None, **form: str) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 — a pair or None
        """Ask for a token: the status and the JSON."""
        headers = {"Authorization": basic_header(*basic)} if basic else {}
        answer = self.ask("POST", "/oauth/token", form, **headers)
        assert answer.headers["Content-Type"] == "application/json"
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code, answer.json()

    def redeem(self, code: str, **form: str) -> tuple[int, dict[str, Any]]:
        """Redeem a code as the SDKs do."""
        return self.token(basic=(self.made.key, self.made.secret), grant_type="authorization_code", code=code, **form)

    def assert_for(self, person: Person | None, **claims: Any) -> tuple[int, dict[str, Any]]:  # noqa: ANN401 — a claim may be any JSON
        """Ask by the JWT grant."""
        return self.token(grant_type=JWT_BEARER, assertion=self.town.assertion(self.ctx, self.made, person, **claims))

    def asking(self, **parameters: str) -> str:
        """The address of an authorization request, with whatever parameters a test sets anew; empty ones left out."""
        asked = {
            "client_id": self.made.key, "redirect_uri": CALLBACK, "response_type": "code", "scope": "signature",
        } | parameters  # fmt: skip
        kept = {name: value for name, value in asked.items() if value}
        return "/oauth/auth?" + urlencode(kept)


def basic_header(key: str, secret: str) -> str:
    """HTTP Basic."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


@pytest.fixture
def door(town: Town, made: Made) -> Iterator[Door]:
    """The authorization server."""
    with open_to_browsers(town) as street:
        yield Door(street, made)
