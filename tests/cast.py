"""Who plays in the tests, and in which town?

The cast has the same names, addresses and GUIDs everywhere. A `Town` is a demo and a production environment on real
databases, joined in process, under one clock that a test sets by hand.
"""

import base64
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from keysteward.actions import (
    accounts,
    addresses,
    authorize,
    callers,
    calls,
    consents,
    credentials,
    golive,
    keys,
    promotion,
    receipts,
    tokens,
)
from keysteward.actions.callers import Caller
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context, Counterpart
from keysteward.actions.promotion import Promoted
from keysteward.actions.tokens import Answer
from keysteward.assembly import assemble, close, found
from keysteward.crypto.signing import PublicKey, generate_keypair, public_keys_of
from keysteward.outgoing.https import Refused, Silent
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, SENDER, VIEWER, NewUser, Profile
from keysteward.rules.authorize import Request
from keysteward.rules.clients import Credentials
from keysteward.rules.golive import Review
from keysteward.rules.keys import GRANTS, App, Grant
from keysteward.rules.refusals import Kind, Refusal
from keysteward.rules.words import Environment, new_guid
from keysteward.settings import Settings
from keysteward.store.database import Database
from tests.peers.databases import Copies, Files, moved

START = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
UNKNOWN, PASSWORD = "00000000-0000-4000-8000-000000000000", "correct horse battery staple"
DEMO_ORIGIN, PRODUCTION_ORIGIN = "https://demo.test:8443", "https://production.test:9443"
CALLBACK, JWT_GRANT_SCOPES = "https://app.example.com/callback", "signature impersonation"
VERIFIER = "a-verifier-of-forty-three-characters-or-more"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class Firm:
    """An account in each environment, with the plan it has there."""

    name: str
    demo: str
    production: str
    production_plan: str

    def id_in(self, environment: Environment) -> str:
        """The GUID of the account in one environment."""
        return self.demo if environment == "demo" else self.production


@dataclass(frozen=True)
class Person:
    """Somebody who has a user in each environment, with one address and two GUIDs."""

    first_name: str
    last_name: str
    email: str
    demo: str
    production: str
    service: bool = False

    def id_in(self, environment: Environment) -> str:
        """The GUID of the user in one environment."""
        return self.demo if environment == "demo" else self.production

    def joining(self, profile: Profile, environment: Environment) -> NewUser:
        """What it takes to add this person to an account."""
        return NewUser(
            self.email, self.first_name, self.last_name, profile, PASSWORD, self.service, self.id_in(environment)
        )


def _firm(number: int, name: str, production_plan: str = "Business Pro") -> Firm:
    return Firm(
        name,
        f"acc0000{number}-de30-4000-8000-000000000000",
        f"acc0000{number}-90d0-4000-8000-000000000000",
        production_plan,
    )


def _person(number: int, first_name: str, last_name: str, host_name: str, *, service: bool = False) -> Person:
    demo, production = (f"c0de000{number}-{where}-4000-8000-000000000000" for where in ("de30", "90d0"))
    return Person(first_name, last_name, f"{first_name.lower()}@{host_name}", demo, production, service)


ACME = _firm(1, "Acme")
SMALL = _firm(2, "Acme Small", "Standard")
COUNCIL = _firm(3, "Acme Council")
STRANGE = _firm(4, "Strange")
FIRMS = (ACME, SMALL, COUNCIL, STRANGE)

ADA = _person(1, "Ada", "Admin", "acme.example")
BO = _person(2, "Bo", "Leaver", "acme.example")
CY = _person(3, "Cy", "Council", "acme.example")
SAM = _person(4, "Sam", "Sender", "acme.example")
VERA = _person(5, "Vera", "Viewer", "acme.example")
MALLORY = _person(6, "Mallory", "Stranger", "strange.example")
ROBIN = _person(7, "Robin", "Robot", "acme.example", service=True)

MEMBERS: tuple[tuple[Firm, Person, Profile], ...] = (
    (ACME, ADA, ADMIN), (ACME, BO, ADMIN), (ACME, ROBIN, ADMIN), (ACME, SAM, SENDER), (ACME, VERA, VIEWER),
    (SMALL, ADA, ADMIN), (COUNCIL, CY, ADMIN), (COUNCIL, ADA, SENDER), (STRANGE, MALLORY, ADMIN),
)  # fmt: skip
ORGANIZATION: Mapping[Environment, str] = {
    "demo": "0c000001-de30-4000-8000-000000000000", "production": "0c000001-90d0-4000-8000-000000000000",
}  # fmt: skip


@dataclass
class Clock:
    """The one clock of a town; it stands still until a test moves it."""

    now: datetime = START

    def read(self) -> datetime:
        """Tell the time."""
        return self.now

    def seconds(self) -> float:
        """Tell the time as the machine does."""
        return self.now.timestamp()

    def advance(self, **time_that_passes: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time_that_passes)


@dataclass(frozen=True)
class Made:
    """An app with what its owner kept of it: a secret key and a private key."""

    app: App
    secret: str
    private_pem: str

    @property
    def key(self) -> str:
        """The integration key."""
        return self.app.key

    @property
    def credentials(self) -> Credentials:
        """How the app's server says who it is."""
        return Credentials(self.key, self.secret, "basic")

    @property
    def unproved(self) -> Credentials:
        """How a public client says who it is."""
        return Credentials(self.key, None, "none")


class Town:
    """Both environments under one clock. `wire_is_cut` makes each deaf to the other.

    `model` is a town of which this is a copy: its keys are taken as they are, for loading them takes a while. `homes`
    says where its databases are, if not in the folder.
    """

    def __init__(
        self, folder: Path, machine_clock: Callable[[], float] | None = None, model: "Town | None" = None,
        homes: Files | Copies | None = None,
    ) -> None:  # fmt: skip
        self.clock = Clock()
        self._model = model
        self.wire_is_cut = False
        self._folder = folder
        self._homes = homes or Files(folder)
        self._machine_clock = machine_clock or self.clock.seconds
        self._open: list[Context] = []

    @cached_property
    def demo(self) -> Context:
        """The demo environment, put together when it is first asked for."""
        return self._environment("demo", DEMO_ORIGIN, PRODUCTION_ORIGIN)

    @cached_property
    def production(self) -> Context:
        """The production environment, likewise."""
        return self._environment("production", PRODUCTION_ORIGIN, DEMO_ORIGIN)

    def close(self) -> None:
        """Close what was put together."""
        for ctx in self._open:
            close(ctx)
        self._homes.close()

    def populate(self) -> None:
        """Open the accounts of every firm with their members, and the organization above them."""
        for ctx in (self.demo, self.production):
            settle(ctx)

    def actor(self, person: Person, ctx: Context | None = None, permissions: frozenset[str] | None = None) -> Actor:
        """Somebody in the console of one environment, demo unless said; their program where permissions are given."""
        environment = (ctx or self.demo).environment
        return Actor(person.id_in(environment), person.email, self.clock.now, permissions)

    def create_app(
        self, grants: frozenset[Grant] = frozenset(GRANTS), *, by: Person = ADA, firm: Firm = ACME,
        name: str = "Lease signer",
    ) -> Made:  # fmt: skip
        """Create an app in demo and configure it."""
        draft = keys.Draft(name, "team@acme.example", grants=grants)
        app = keys.create(self.demo, self.actor(by), firm.demo, draft)
        return self.configure(self.demo, app.key, by=by)

    def configure(self, ctx: Context, key: str, *, by: Person = ADA) -> Made:
        """Give an app a redirect URI, a secret key and a public key; where it registers no grant, all of them."""
        actor = self.actor(by, ctx)
        private_pem, public_pem = rsa_keypair() if ctx.environment == "demo" else rsa_keypair("production")
        if not keys.view(ctx, actor, key).app.grants:
            keys.change(ctx, actor, key, keys.Change(grants=frozenset(GRANTS)))
        addresses.add_redirect_uri(ctx, actor, key, CALLBACK)
        credentials.add_public_key(ctx, actor, key, public_pem)
        secret = credentials.add_secret(ctx, actor, key).value
        return Made(keys.view(ctx, actor, key).app, secret, private_pem)

    def request(self, ctx: Context, made: Made, **parameters: str) -> Request:
        """A checked authorization request for a code, with whatever parameters a test sets anew."""
        asked = {"client_id": made.key, "redirect_uri": CALLBACK, "response_type": "code", "scope": "signature"}
        return authorize.read_request(ctx, list((asked | parameters).items()))

    def consent(self, ctx: Context, made: Made, person: Person, scope: str = JWT_GRANT_SCOPES) -> None:
        """Let somebody allow these scopes."""
        consents.consent(ctx, self.request(ctx, made, scope=scope), self.actor(person, ctx))

    def code(self, ctx: Context, made: Made, person: Person, **parameters: str) -> str:
        """A code for somebody who consented to all that is asked."""
        request = self.request(ctx, made, **parameters)
        consents.consent(ctx, request, self.actor(person, ctx))
        return authorize.issue_code(ctx, request, self.actor(person, ctx))

    def sign_in_with(self, ctx: Context, made: Made, person: Person, scope: str = "signature") -> Answer:
        """The tokens that a confidential app gets for somebody who signed in and consented."""
        return tokens.exchange_code(ctx, made.credentials, self.code(ctx, made, person, scope=scope), None, None)

    def assertion(
        self, ctx: Context, made: Made, person: Person | None = SAM, *, headers: dict[str, str] | None = None,
        **claims: Any,  # noqa: ANN401 — a claim may be any JSON
    ) -> str:  # fmt: skip
        """An assertion as the SDKs make it, signed by another library; a claim that is None is left out."""
        now = int(self._machine_clock())
        said = {
            "iss": made.key, "sub": person and person.id_in(ctx.environment), "aud": ctx.authority,
            "iat": now, "exp": now + 3600, "scope": "signature",
        } | claims  # fmt: skip
        kept = {name: value for name, value in said.items() if value is not None}
        return jwt.api_jws.encode(json.dumps(kept).encode(), _loaded(made.private_pem), "RS256", headers)

    def caller(self, ctx: Context, made: Made, person: Person = SAM) -> Caller:
        """Somebody as a verified access token of the app speaks for them."""
        self.consent(ctx, made, person)
        return callers.recognize(ctx, tokens.grant_assertion(ctx, self.assertion(ctx, made, person)).access_token)

    def call(
        self, made: Made, times: int = 1, *, by: Person = SAM, ctx: Context | None = None, method: str = "POST",
        below: str = "/envelopes", status: int = 201, by_upstream: bool = True, every: timedelta = timedelta(0),
    ) -> None:  # fmt: skip
        """Make durable calls of the app below the account's path, each followed by a pause."""
        ctx = ctx or self.demo
        account = ACME.id_in(ctx.environment)
        caller, waiting = self.caller(ctx, made, by), []
        path, _, query = f"/restapi/v2.1/accounts/{account}{below}".partition("?")
        for _ in range(times):
            asked = Asked(method, path, query, "Python", new_guid(), ctx.now)
            answered = Answered(status, "" if status < 400 else "INVALID_REQUEST_PARAMETER", account, by_upstream)
            waiting.append(calls.record(ctx, caller, asked, answered))
            self.clock.advance(seconds=every.total_seconds())
        for done in waiting:
            done.result(10)

    def review(self, made: Made, *, by: Person = ADA) -> Review:
        """Start a Go-Live review and wait for its verdict."""
        started = golive.start_review(self.demo, self.actor(by), made.key)
        self.clock.advance(seconds=1)
        golive.settle_due(self.demo)
        return golive.load_review(self.demo, self.actor(by), made.key, started.id)[1]

    def pass_review(self, made: Made, *, by: Person = ADA) -> Review:
        """Make as many good calls as a review needs, and pass it."""
        self.call(made, self.demo.policy.calls_needed)
        review = self.review(made, by=by)
        assert review.verdict == "passed", review.findings
        return review

    def present(self, made: Made, *, by: Person = ADA, account: str | None = None) -> str:
        """Press Go Live in demo; answer with the handle."""
        return promotion.present(self.demo, self.actor(by), made.key, account)

    def promote(self, handle: str, *, by: Person = ADA, firm: Firm = ACME) -> Promoted:
        """Bring a handle to production and choose an account there."""
        return promotion.promote(self.production, self.actor(by, self.production), handle, firm.production)

    def go_live(self, made: Made) -> Made:
        """Take an app the whole way: review, promotion, receipt and its settings in production."""
        self.pass_review(made)
        self.promote(self.present(made))
        receipts.deliver_receipts(self.production)
        return self.configure(self.production, made.key)

    def _environment(self, environment: Environment, origin: str, other: str) -> Context:
        address, key_files = self._homes.url(environment), (self._folder / f"{environment}.key",)
        if self._model is None:
            settings = Settings(environment, "twin", address, key_files, origin, other)
            found(settings)
            ctx = assemble(settings, self.clock.read)
        else:
            ctx = moved(self._model.demo if environment == "demo" else self._model.production, Database(address))
        self._open.append(ctx)
        counterpart = Counterpart(other, self._exchange, self._deliver, lambda: self._paper_keys(environment))
        return replace(ctx, clock=self.clock.read, counterpart=counterpart, machine_clock=self._machine_clock)

    def _exchange(self, handle: str) -> str:
        with self._wire():
            return promotion.exchange(self.demo, handle)

    def _deliver(self, receipt: str) -> None:
        with self._wire():
            receipts.accept_receipt(self.demo, receipt)

    def _paper_keys(self, asking: Environment) -> dict[str, PublicKey]:
        with self._wire():
            other = self.production if asking == "demo" else self.demo
            return public_keys_of({"keys": promotion.paper_keys(other)})

    @contextmanager
    def _wire(self) -> Iterator[None]:
        """What a refusal and a silence look like from the other side of a wire."""
        if self.wire_is_cut:
            raise Silent("the wire is cut")
        try:
            yield
        except Refusal as refusal:
            raise Refused(refusal.kind.status, {"code": refusal.kind.code}) from None


def settle(ctx: Context) -> None:
    """Open the accounts of every firm in one environment with their members, and the organization above them."""
    opened: set[str] = set()
    for firm, person, profile in MEMBERS:
        account, new = firm.id_in(ctx.environment), person.joining(profile, ctx.environment)
        if account in opened:
            accounts.add_user(ctx, account, new, "system")
        else:
            plan = "Developer" if ctx.environment == "demo" else firm.production_plan
            accounts.open_account(ctx, firm.name, plan, new, account=account)
        opened.add(account)
    linked = [ACME.id_in(ctx.environment), COUNCIL.id_in(ctx.environment)]
    founder = accounts.find_standing(ctx.directory, CY.id_in(ctx.environment), linked[1]).user
    accounts.create_organization(ctx, "Acme Group", founder, linked, "acme.example", ORGANIZATION[ctx.environment])


@cache
def _loaded(private_pem: str) -> RSAPrivateKey:
    """A private key, loaded once: that takes longer than to sign with it."""
    private = load_pem_private_key(private_pem.encode(), None)
    assert isinstance(private, RSAPrivateKey)
    return private


@cache
def rsa_keypair(_of: Environment = "demo") -> tuple[str, str]:
    """The private and public PEM of every app of the cast in an environment: generating one takes a while."""
    return generate_keypair()


@contextmanager
def refused(kind: Kind, field: str = "") -> Iterator[None]:
    """Expect one refusal, by its code and the field that it names."""
    with pytest.raises(Refusal) as caught:
        yield
    assert (kind.code, field or kind.field) == (caught.value.kind.code, caught.value.field)
