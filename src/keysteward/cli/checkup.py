"""At which step does a program's connection fail, and why?

Read STEPS from top to bottom: each is asked of the running environment over HTTP, as the program itself would ask. The
first that fails ends the checkup, for what comes behind it would only repeat it.
"""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import time
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

from keysteward.crypto.assertions import BadPrivateKey, sign_assertion
from keysteward.outgoing.probing import Reply, Server, Unanswered
from keysteward.rules.grants import JWT_BEARER
from keysteward.rules.troubleshooting.connection import Connection, mistakes

Outcome = Literal["good", "bad", "not asked"]

_CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B: nobody redeems it
_UNCOUNTED = "/restapi/v2.1/login_information"
_NOWHERE = "https://doctor.invalid/callback"
_SKEW_SECONDS, _NEARLY = 60, 3  # a server may say the same second for a while
_ASSERTION_SECONDS = 600
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_BEHIND_THE_KEYPAIR = ("user_not_found", "invalid_subject", "consent_required")


class Step(NamedTuple):
    """One step, and what came of it.

    `evidence` is the error as it came, to be diagnosed and never printed; `article` is that of the help, where it is
    known without.
    """

    name: str
    outcome: Outcome
    sentence: str
    evidence: str = ""
    article: str = ""


class Failed(Exception):
    """A step failed: what was seen, and the error as it came, or the article that is about it."""

    def __init__(self, sentence: str, evidence: str = "", article: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.evidence = evidence
        self.article = article


class NotAsked(Exception):
    """A step cannot be asked: why."""


@dataclass(slots=True)
class Patient:
    """What is known so far of one program's connection."""

    connection: Connection
    server: Server
    discovery: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] | None = field(default=None, repr=False)
    token: str = field(default="", repr=False)
    accounts: list[dict[str, Any]] = field(default_factory=list)
    base_uri: str = ""


def examine(connection: Connection) -> Iterator[Step]:
    """Every step as it is done; after one that failed, the others are not asked."""
    ca_file = Path(connection.ca_file) if connection.ca_file else None
    patient, is_over = Patient(connection, Server(connection.origin, ca_file)), False
    for name, step in STEPS:
        if is_over:
            yield Step(name, "not asked", "not looked at")
            continue
        done = _do(name, step, patient)
        is_over = done.outcome == "bad"
        yield done


def settings(patient: Patient) -> str:
    """What is set is whole and has the right shape."""
    wrong = mistakes(patient.connection)
    if wrong:
        raise Failed(" ".join(wrong))
    return f"{patient.connection.host}, key {patient.connection.key}"


def reachability(patient: Patient) -> str:
    """The host is found and answers at its port."""
    return f"answers at {_asked(patient.server.reach)}"


def certificate(patient: Patient) -> str:
    """TLS is spoken, and the certificate is trusted."""
    if not patient.server.origin.startswith("https:"):
        raise NotAsked("plain HTTP; SDKs insist on TLS")
    return f"{_asked(patient.server.handshake)}, trusted"


def discovery(patient: Patient) -> str:
    """The account server says who it is."""
    reply = _asked(lambda: patient.server.ask("GET", "/.well-known/openid-configuration"))
    patient.discovery = _json(reply)
    issuer = str(patient.discovery.get("issuer", ""))
    if reply.status != 200 or not issuer:
        raise Failed(f"no discovery document: {reply.status}", f"HTTP/1.1 {reply.status} {reply.body}")
    if urlsplit(issuer).netloc != patient.server.host:
        raise Failed(f"this is {issuer}, not {patient.server.host}", article="after-account-server")
    return f"issuer {issuer}"


def clock(patient: Patient) -> str:
    """This machine's clock and the server's agree."""
    date = _asked(lambda: patient.server.ask("GET", "/.well-known/openid-configuration")).header("date")
    if not date:
        raise NotAsked("the server does not say its time")
    ahead = round(time() - parsedate_to_datetime(date).timestamp())
    if abs(ahead) > _SKEW_SECONDS:
        said = f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'} the server"
        raise Failed(f"this machine's clock is {said}", article="clock-is-wrong")
    return "agrees with the server's" if abs(ahead) <= _NEARLY else f"{abs(ahead)} s apart, which is near enough"


def key_known(patient: Patient) -> str:
    """The account server knows the key, and the redirect URI where one is named."""
    connection = patient.connection
    asked = {
        "response_type": "code", "scope": "openid", "client_id": connection.key, "prompt": "none",
        "redirect_uri": connection.redirect_uri or _NOWHERE,
        "code_challenge": _CHALLENGE, "code_challenge_method": "S256",
    }  # fmt: skip
    reply = _asked(lambda: patient.server.ask("GET", f"/oauth/auth?{urlencode(asked)}"))
    location = reply.header("location")
    if not location and "redirect-uri-not-registered" in reply.body and not connection.redirect_uri:
        return "is known; no redirect URI was named"
    if not location:
        raise Failed("was refused on the sign-in page", f"HTTP/1.1 {reply.status} {reply.body}")
    error = parse_qs(urlsplit(location).query).get("error", [""])[0]
    if error not in {"", "login_required", "consent_required", "interaction_required"}:
        raise NotAsked(f"known, and codes are refused: {error}")
    return f"is known, and {connection.redirect_uri} is registered"


def secret_key(patient: Patient) -> str:
    """The secret key proves the app: a code that nobody issued is refused as a code, not as a client."""
    connection = patient.connection
    if not connection.secret:
        raise NotAsked("none was named")
    pair = base64.b64encode(f"{connection.key}:{connection.secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": "a-code-that-nobody-issued"}
    reply = _token(patient, form, {"Authorization": f"Basic {pair}"})
    if _json(reply).get("error") != "invalid_grant":
        raise Failed("is refused", reply.body)
    return "is good"


def keypair(patient: Patient) -> str:
    """The private key signs what the account server believes, for this audience and at this time."""
    connection = patient.connection
    if not connection.private_key_file or not connection.user:
        raise NotAsked("no private key file, or no user id, was named")
    try:
        assertion = sign_assertion(Path(connection.private_key_file).read_text(), _claims(connection))
    except (OSError, UnicodeDecodeError) as error:
        raise Failed(f"the file cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}") from None
    except BadPrivateKey as error:
        raise Failed(f"{connection.private_key_file}: {error}") from None
    reply = _token(patient, {"grant_type": JWT_BEARER, "assertion": assertion})
    patient.answer = _json(reply)
    patient.token = str(patient.answer.get("access_token", ""))
    said = {str(patient.answer.get(name)) for name in ("error", "error_description")}
    if patient.token or said & {*_BEHIND_THE_KEYPAIR}:
        return "signs what the account server believes"
    raise Failed("the assertion is refused", reply.body)


def user(patient: Patient) -> str:
    """The impersonated user is an active one here."""
    if patient.answer is None:
        raise NotAsked("it takes the JWT grant to know")
    said = patient.answer.get("error_description")
    if said in {"user_not_found", "invalid_subject"}:
        raise Failed(f"{patient.connection.user} is none here", json.dumps(patient.answer))
    return f"{patient.connection.user} is active here"


def consent(patient: Patient) -> str:
    """The user allowed the scopes, and impersonation."""
    if patient.answer is None:
        raise NotAsked("it takes the JWT grant to know")
    if not patient.token:
        raise Failed(f"{patient.connection.scopes} are not allowed yet", json.dumps(patient.answer))
    return f"{patient.connection.scopes} are allowed"


def userinfo(patient: Patient) -> str:
    """Userinfo names the user's accounts, and where their API is."""
    if not patient.token:
        raise NotAsked("there is no token to ask with")
    reply = _asked(lambda: patient.server.ask("GET", "/oauth/userinfo", _bearer(patient)))
    if reply.status != 200:
        raise Failed(f"answered {reply.status}", f"HTTP/1.1 {reply.status} {reply.body}")
    patient.accounts = [each for each in _json(reply).get("accounts", []) if isinstance(each, dict)]
    chosen = _chosen(patient)
    patient.base_uri = str(chosen.get("base_uri", ""))
    return f"account {chosen.get('account_name')}, base URI {patient.base_uri}"


def one_call(patient: Patient) -> str:
    """One call of the API succeeds: one that no review counts, so that looking changes nothing."""
    if not patient.base_uri:
        raise NotAsked("the base URI is not known")
    api = Server(patient.base_uri.rstrip("/"), patient.server.ca_file)
    reply = _asked(lambda: api.ask("GET", _UNCOUNTED, _bearer(patient)))
    if reply.status >= 400:
        raise Failed(f"GET {_UNCOUNTED} was answered {reply.status}", f"HTTP/1.1 {reply.status} {reply.body}")
    return f"GET {_UNCOUNTED}: {reply.status}; it does not count towards Go-Live"


STEPS: tuple[tuple[str, Callable[[Patient], str]], ...] = (
    ("Settings", settings),
    ("Reach the server", reachability),
    ("TLS certificate", certificate),
    ("Discovery document", discovery),
    ("Clock", clock),
    ("Integration key", key_known),
    ("Secret key", secret_key),
    ("Keypair", keypair),
    ("User", user),
    ("Consent", consent),
    ("Userinfo", userinfo),
    ("One call", one_call),
)


def _do(name: str, step: Callable[[Patient], str], patient: Patient) -> Step:
    try:
        return Step(name, "good", step(patient))
    except NotAsked as reason:
        return Step(name, "not asked", str(reason))
    except Failed as failure:
        return Step(name, "bad", failure.sentence, failure.evidence, failure.article)


def _asked(ask: Callable[[], Any]) -> Any:  # noqa: ANN401 — what was asked says what comes back
    try:
        return ask()
    except Unanswered as error:
        raise Failed(str(error), str(error)) from None


def _token(patient: Patient, form: dict[str, str], headers: dict[str, str] | None = None) -> Reply:
    reply: Reply = _asked(
        lambda: patient.server.ask("POST", "/oauth/token", {**_FORM, **(headers or {})}, urlencode(form))
    )
    return reply


def _claims(connection: Connection) -> dict[str, str | int]:
    now = int(time())
    return {
        "iss": connection.key,
        "sub": connection.user,
        "aud": connection.host,
        "iat": now,
        "exp": now + _ASSERTION_SECONDS,
        "scope": connection.scopes,
    }


def _chosen(patient: Patient) -> dict[str, Any]:
    """The account that was named, else the user's default one."""
    wanted = patient.connection.account
    if not patient.accounts:
        raise Failed("lists no account", article="no-accounts")
    if not wanted:
        return next((each for each in patient.accounts if each.get("is_default")), patient.accounts[0])
    found = next((each for each in patient.accounts if each.get("account_id") == wanted), None)
    if found is None:
        raise Failed(f"the user is not in account {wanted}", article="not-a-member")
    return found


def _bearer(patient: Patient) -> dict[str, str]:
    return {"Authorization": f"Bearer {patient.token}", "Accept": "application/json"}


def _json(reply: Reply) -> dict[str, Any]:
    try:
        said = json.loads(reply.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
