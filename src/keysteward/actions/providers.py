"""How does somebody sign in with the identity provider of their organization?

The browser brings the state back in a cookie that only we can open, so nothing is kept for who never returns; the state
is burned when it comes back. Nonce and code verifier follow from the state under the master key.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import quote, urlencode

import msgspec
from cryptography.exceptions import InvalidTag

from keysteward.actions import linking
from keysteward.actions.context import Context
from keysteward.actions.identity_providers import asked, asked_lately, opened_secret, reasons
from keysteward.crypto.foreign import verify_foreign
from keysteward.crypto.hashing import new_secret
from keysteward.crypto.signing import BadToken
from keysteward.rules import providers as rules
from keysteward.rules.domains import ascii_name
from keysteward.rules.providers import Identity, Places, Provider, Told
from keysteward.rules.refusals import (
    NO_PROVIDER,
    PROVIDER_ANSWER_NOT_GOOD,
    PROVIDER_SAID_NO,
    SIGN_IN_NOT_BEGUN_HERE,
    Refusal,
)
from keysteward.rules.shapes import known
from keysteward.rules.signin import NOWHERE, Source
from keysteward.store import domains, providers

_LIFE = timedelta(minutes=10)
_LABEL = "sign-in with an identity provider"
_MOST_ONWARD = 2_000


class Offer(NamedTuple):
    """A provider that speaks for an address."""

    organization: str
    name: str


class Begun(NamedTuple):
    """Where the browser goes, and what it keeps until it comes back."""

    url: str
    cookie: str


class Finished(NamedTuple):
    """A session, or a sign-in that waits for its second step, and where to go on."""

    token: str
    onward: str


class _Kept(msgspec.Struct, frozen=True):
    """What the browser's cookie holds, sealed."""

    state: str
    organization: str
    onward: str
    until: datetime


def find_offer(ctx: Context, email: str) -> Offer:
    """The provider that speaks for the domain of an address; whether the address is known, nobody is told."""
    host_name = ascii_name(email.strip().rpartition("@")[2])
    with ctx.database.reading() as tx:
        domain = domains.find_holder(tx, host_name)
        provider = providers.find_provider(tx, domain.organization) if domain else None
    if domain is None or provider is None or domain.state != "active":
        raise Refusal(NO_PROVIDER)
    return Offer(provider.organization, provider.name)


def begin(ctx: Context, organization: str, onward: str, *, anew: bool = False) -> Begun:
    """Send the browser to an organization's provider, with a state that it alone can bring back.

    The provider is to say when somebody signed in there. `anew` has them sign in there now: whoever sits down at a
    browser where somebody is signed in must not become fresh by a click.
    """
    with ctx.database.reading() as tx:
        provider = providers.find_provider(tx, organization)
    if provider is None:
        raise Refusal(NO_PROVIDER)
    places = asked_lately(ctx, provider.issuer)
    state = new_secret("ksh_")
    kept = _Kept(state, organization, onward if len(onward) <= _MOST_ONWARD else "/", ctx.now + _LIFE)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(_verifier(ctx, state).encode()).digest()).rstrip(b"=").decode()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri(ctx, organization),
        "scope": "openid email",
        "state": state,
        "nonce": _nonce(ctx, state),
        "max_age": "0" if anew else str(int(ctx.policy.session_life.total_seconds())),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    sealed = ctx.sealer.seal(msgspec.json.encode(kept), _LABEL)
    separator = "&" if "?" in places.authorization else "?"
    return Begun(places.authorization + separator + urlencode(query), base64.urlsafe_b64encode(sealed).decode())


def finish(
    ctx: Context, organization: str, unverified_cookie: str, answer: Mapping[str, str], source: Source = NOWHERE
) -> Finished:
    """Take the provider's answer, check all of it, and begin the session of whom it names."""
    kept = _kept(ctx, organization, unverified_cookie, answer.get("state", ""))
    with ctx.database.reading() as tx:
        provider = providers.find_provider(tx, organization)
    if provider is None:
        raise Refusal(NO_PROVIDER)
    places = asked(ctx, provider.issuer)
    _demand_answer_of(provider, places, answer)
    linking.burn_state(ctx, kept.state)
    identity = _identified(ctx, provider, places, kept.state, answer["code"])
    return Finished(linking.come_in(ctx, provider, identity, source), kept.onward)


def redirect_uri(ctx: Context, organization: str) -> str:
    """Where an organization's provider sends browsers back to: an address of its own, so that answers cannot mix."""
    return f"{ctx.origin}/signin/organization/{organization}/callback"


# ── what came back ──────────────────────────────────────────────────────────────────────────────────────────────────
def _kept(ctx: Context, organization: str, unverified_cookie: str, unverified_state: str) -> _Kept:
    try:
        opened = ctx.sealer.open(base64.urlsafe_b64decode(unverified_cookie.encode()), _LABEL)
    except (InvalidTag, binascii.Error, ValueError):
        raise Refusal(SIGN_IN_NOT_BEGUN_HERE, detail="no cookie of ours") from None
    kept = msgspec.json.decode(opened, type=known(_Kept))
    is_same = hmac.compare_digest(kept.state.encode(), unverified_state.encode())
    if not is_same or kept.organization != organization or ctx.now >= kept.until:
        raise Refusal(SIGN_IN_NOT_BEGUN_HERE, detail="another state, another organization, or too late")
    return kept


def _demand_answer_of(provider: Provider, places: Places, answer: Mapping[str, str]) -> None:
    """Refuse an answer of another provider (RFC 9207), and one that says no."""
    issuer = answer.get("iss")
    if issuer != provider.issuer and (issuer is not None or places.says_iss):
        raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason="it comes from somebody else")
    if "error" in answer:
        raise Refusal(PROVIDER_SAID_NO, reason=answer["error"][:100])
    if not answer.get("code"):
        raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason="it brings no code")


def _identified(ctx: Context, provider: Provider, places: Places, state: str, code: str) -> Identity:
    tokens = _exchanged(ctx, provider, places, state, code)
    keys = _got(ctx, places.jwks)
    try:
        claims = verify_foreign(str(tokens.get("id_token", "")), keys)
    except BadToken as error:
        raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason=str(error)) from None
    told = Told(claims, provider.issuer, provider.client_id, _nonce(ctx, state), ctx.machine_clock())
    rules.demand_good_answer(told)
    if "email" not in claims and places.userinfo:
        claims = _completed(ctx, places, claims, str(tokens.get("access_token", "")))
    return rules.identity_of(provider.issuer, claims)


def _exchanged(ctx: Context, provider: Provider, places: Places, state: str, code: str) -> dict[str, object]:
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(ctx, provider.organization),
        "code_verifier": _verifier(ctx, state),
    }
    secret, basic = opened_secret(ctx, provider), ""
    if places.takes_basic:
        pair = f"{quote(provider.client_id, safe='')}:{quote(secret, safe='')}"
        basic = base64.b64encode(pair.encode()).decode()
    else:
        form |= {"client_id": provider.client_id, "client_secret": secret}
    with reasons():
        status, body = ctx.outside.post_form(places.token, form, basic=basic)
    if status != 200:
        raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason=f"it refused the code: {str(body.get('error'))[:100]}")
    return body


def _completed(ctx: Context, places: Places, claims: dict[str, object], access_token: str) -> dict[str, object]:
    """The claims with those of the provider's userinfo, which must be about the same subject."""
    found = _got(ctx, places.userinfo, bearer=access_token)
    if found.get("sub") != claims["sub"]:
        raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason="its userinfo is about somebody else")
    return {**claims, "email": found.get("email"), "email_verified": found.get("email_verified")}


def _got(ctx: Context, address: str, *, bearer: str = "") -> dict[str, object]:
    with reasons():
        status, body = ctx.outside.get(address, bearer=bearer)
    if status != 200:
        raise Refusal(PROVIDER_ANSWER_NOT_GOOD, reason=f"it answered {status}")
    return body


def _nonce(ctx: Context, state: str) -> str:
    return ctx.digester.digest(f"nonce of {state}")


def _verifier(ctx: Context, state: str) -> str:
    return ctx.digester.digest(f"code verifier of {state}")
