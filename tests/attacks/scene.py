"""Who is there to be attacked: which apps, which users, which sessions?"""

import base64
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from keysteward.twin import cast
from tests.attacks.forging import Signer, compact, rs256
from tests.attacks.wire import Fields, Reply, Wire
from tests.cast import CHALLENGE
from tests.twin.person import Page
from tests.twin.running import Place, Twin

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CLIENT_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

CALLBACK = "https://app.example.com/cb"
SECOND_CALLBACK = "https://app.example.com/other"
WITH_QUERY = "https://app.example.com/cb?tenant=1"
PRIVATE_SCHEME = "com.example.app:/callback"
LOOPBACK = "http://127.0.0.1:3000/cb"
ORIGIN = "https://app.example.com"
ALL_GRANTS = ("confidential_code", "public_code", "implicit", "jwt")
SCOPES = "signature extended impersonation openid"

PKCE = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


@dataclass(frozen=True)
class App:
    """An app with what its owner kept of it."""

    key: str
    secret: str
    private_pem: str
    keypair: str

    @property
    def basic(self) -> str:
        """HTTP Basic, as a header."""
        return basic(self.key, self.secret)

    @property
    def form(self) -> dict[str, str]:
        """The same in a form."""
        return {"client_id": self.key, "client_secret": self.secret}


def basic(key: str, secret: str) -> str:
    """HTTP Basic, as a header."""
    return "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()


class Scene:
    """A running twin, the apps in its demo environment, and Sam, who consented to each of them."""

    def __init__(self, twin: Twin) -> None:
        self.twin = twin
        self.demo, self.production = twin.demo, twin.production
        self.wire = Wire(self.demo.origin, self.demo.ca_file)
        self.other_wire = Wire(self.production.origin, self.production.ca_file)
        self._sessions: dict[str, str] = {}

    def close(self) -> None:
        """Hang up."""
        self.wire.close()
        self.other_wire.close()

    @cached_property
    def shop(self) -> App:
        """The app that is attacked: every grant, several redirect URIs."""
        return self.app("Shop", ALL_GRANTS)

    @cached_property
    def rival(self) -> App:
        """Another app, whose owner means no good."""
        return self.app("Rival", ALL_GRANTS)

    @cached_property
    def page(self) -> App:
        """A page in a browser: a public client."""
        return self.app("Page", ("public_code",))

    @cached_property
    def server(self) -> App:
        """A server: a confidential client without PKCE."""
        return self.app("Server", ("confidential_code",))

    @cached_property
    def strict(self) -> App:
        """A confidential client that must use PKCE."""
        return self.app("Strict", ("confidential_code",), pkce_required=True)

    @cached_property
    def production_tokens(self) -> dict[str, Any]:
        """Tokens of production, an id token too."""
        return seed_tokens(self.production, self.other_wire)

    @property
    def issuer(self) -> str:
        """How demo names itself."""
        return f"{self.demo.origin}/"

    @property
    def sam(self) -> str:
        """The GUID of Sam, who is no admin."""
        return str(cast.others("demo")[2].id)

    def app(self, name: str, grants: tuple[str, ...], *, pkce_required: bool = False) -> App:
        """A new app of Ada's, equipped, to whose scopes Sam consented."""
        account = cast.TOWNS["demo"].account
        made = self.demo.make(f"/accounts/{account}/keys", {"name": name, "contact": "team@northwind.example"})
        key = str(made["key"])
        change = {"grants": grants, "pkce_required": pkce_required}
        assert self.demo.ask("PATCH", f"/keys/{key}", change).status_code == 200
        for uri in (CALLBACK, SECOND_CALLBACK, WITH_QUERY, PRIVATE_SCHEME, LOOPBACK):
            self.demo.make(f"/keys/{key}/redirect-uris", {"uri": uri})
        self.demo.make(f"/keys/{key}/origins", {"origin": ORIGIN})
        pair = self.demo.make(f"/keys/{key}/keypairs")
        secret = self.demo.make(f"/keys/{key}/secrets")["value"]
        app = App(key, secret, pair["private_key"], pair["id"])
        self.consent(app)
        return app

    def session(self, email: str = "sam@northwind.example") -> str:
        """The cookie of somebody who signed in to demo."""
        if email not in self._sessions:
            self._sessions[email] = sign_in(self.wire, email)
        return self._sessions[email]

    def asking(self, app: App | None = None, /, **parameters: str) -> str:
        """The address of an authorization request, with what a case sets anew; empty parameters are left out."""
        asked = {
            "client_id": (app or self.shop).key, "redirect_uri": CALLBACK, "response_type": "code",
            "scope": "signature", "state": "s",
        } | parameters  # fmt: skip
        return "/oauth/auth?" + urlencode({name: value for name, value in asked.items() if value})

    def visit(self, target: str, email: str = "sam@northwind.example") -> Reply:
        """Open an address as somebody who is signed in."""
        return self.wire.ask("GET", target, Cookie=self.session(email))

    def consent(self, app: App, scope: str = SCOPES, email: str = "sam@northwind.example") -> None:
        """Press Allow."""
        page = self.visit(self.asking(app, scope=scope, **PKCE), email)
        form = next(each for each in Page(page.status, self.demo.origin, page.text).forms if decides(each.buttons))
        target = form.action.removeprefix(self.demo.origin)
        values = form.values | {"decision": "allow"}
        back = self.wire.ask("POST", target, values, Cookie=self.session(email), Origin=self.demo.origin)
        assert back.location.startswith(CALLBACK), back.text

    def code(self, app: App | None = None, /, **parameters: str) -> str:
        """A code for Sam."""
        return self.visit(self.asking(app, **parameters)).told["code"]

    def token(self, form: Fields, /, **headers: str) -> Reply:
        """Ask the token endpoint."""
        return self.wire.ask("POST", "/oauth/token", form, **headers)

    def redeem(self, code: str, app: App | None = None, /, **form: str) -> Reply:
        """Redeem a code with the app's secret key."""
        asked = {"grant_type": "authorization_code", "code": code} | form
        return self.token(asked, Authorization=(app or self.shop).basic)

    def tokens(self, app: App | None = None, scope: str = "signature extended") -> dict[str, Any]:
        """Fresh tokens for Sam, of a family of their own."""
        return self.redeem(self.code(app, scope=scope), app).said

    def refresh(self, refresh_token: str, app: App | None = None, /, **form: str) -> Reply:
        """Bring a refresh token back."""
        asked = {"grant_type": "refresh_token", "refresh_token": refresh_token} | form
        return self.token(asked, Authorization=(app or self.shop).basic)

    def claims(self, app: App | None = None, /, **changed: object) -> dict[str, object]:
        """What a good assertion for Sam says, with what a case sets anew; `...` leaves a claim out."""
        now = int(time.time())
        said = {
            "iss": (app or self.shop).key, "sub": self.sam, "aud": self.demo.host, "iat": now, "exp": now + 600,
            "scope": "signature",
        } | changed  # fmt: skip
        return {name: value for name, value in said.items() if value is not ...}

    def assertion(
        self, header: Mapping[str, object] | None = None, claims: object = None, sign: Signer | None = None
    ) -> str:
        """An assertion of the shop, good but for what is given."""
        headers = {"alg": "RS256", "typ": "JWT"} | dict(header or {})
        return compact(headers, claims or self.claims(), sign or rs256(self.shop.private_pem))

    def assert_with(self, assertion: str, **form: str) -> Reply:
        """Ask for a token with an assertion."""
        return self.token({"grant_type": JWT_BEARER, "assertion": assertion} | form)

    def client_claims(self, app: App | None = None, /, **changed: object) -> dict[str, object]:
        """What a good client assertion says."""
        now, key = int(time.time()), (app or self.shop).key
        said = {
            "iss": key, "sub": key, "aud": self.demo.origin + "/oauth/token", "iat": now, "exp": now + 300,
            "jti": str(uuid4()),
        } | changed  # fmt: skip
        return {name: value for name, value in said.items() if value is not ...}

    def userinfo(self, token: str) -> Reply:
        """Ask who a token's user is."""
        return self.wire.ask("GET", "/oauth/userinfo", Authorization=f"Bearer {token}")

    def is_alive(self, token: str) -> bool:
        """Whether an access token is still good."""
        return self.userinfo(token).status == 200

    @contextmanager
    def later(self, **time_that_passes: float) -> Iterator[None]:
        """Let time pass, and let it come back."""
        self.twin.advance(**time_that_passes)
        try:
            yield
        finally:
            self.twin.set_clock(offset_seconds=0)


def seed_tokens(place: Place, wire: Wire) -> dict[str, Any]:
    """Tokens of one environment for its Ada, issued to the app of the seed, which both environments know."""
    variables = place.variables
    asked = {
        "client_id": variables["DS_INTEGRATION_KEY"], "redirect_uri": variables["DS_REDIRECT_URI"],
        "response_type": "code", "scope": "signature openid organization_read",
    }  # fmt: skip
    session = sign_in(wire, variables["DS_LOGIN_EMAIL"])
    code = wire.ask("GET", "/oauth/auth?" + urlencode(asked), Cookie=session).told["code"]
    header = basic(variables["DS_INTEGRATION_KEY"], variables["DS_SECRET_KEY"])
    return wire.ask(
        "POST", "/oauth/token", {"grant_type": "authorization_code", "code": code}, Authorization=header
    ).said


def decides(buttons: list[tuple[str, str]]) -> bool:
    """Whether a form is the consent page's."""
    return ("decision", "allow") in buttons


def sign_in(wire: Wire, email: str) -> str:
    """Sign in to the console; the cookie."""
    form = {"email": email, "password": cast.PASSWORD, "next": "/"}
    return wire.ask("POST", "/signin", form, Origin=wire.origin).session
