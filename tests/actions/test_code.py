"""Is a code good for one client, once, for two minutes?"""

from dataclasses import replace

import jwt
import pytest

from keysteward.actions import callers, consents, credentials, keys, tokens
from keysteward.actions.context import Context
from keysteward.actions.tokens import Answer
from keysteward.crypto.hashing import Digester, new_secret
from keysteward.crypto.signing import public_pem
from keysteward.rules.clients import Credentials
from keysteward.rules.refusals import (
    BAD_TOKEN,
    CODE_NOT_GOOD,
    GRANT_NOT_REGISTERED,
    INVALID_CLIENT,
    PKCE_REQUIRED,
    REDIRECT_URI_DIFFERS,
    REFRESH_NOT_GOOD,
    VERIFIER_WRONG,
)
from keysteward.store import accounts as records
from tests.cast import ADA, CALLBACK, CHALLENGE, SAM, UNKNOWN, VERIFIER, Made, Town, refused
from tests.racing import at_once

BOUND = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}


def redeem(
    ctx: Context, credentials: Credentials, code: str, *, redirect_uri: str | None = None, verifier: str | None = None
) -> Answer:
    """Exchange a code as a client does."""
    return tokens.exchange_code(ctx, credentials, code, redirect_uri, verifier)


# ── what is answered ────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_becomes_tokens(town: Town, demo: Context, made: Made) -> None:
    """The answer lives eight hours, has exactly the scopes that were asked, and a refresh token."""
    answer = redeem(demo, made.credentials, town.code(demo, made, SAM, scope="signature extended"))
    caller = callers.recognize(demo, answer.access_token)

    assert (answer.expires_in, answer.scope, answer.id_token) == (28_800, "signature extended", None)
    assert answer.refresh_token is not None
    assert (caller.app.key, caller.user and caller.user.id) == (made.key, SAM.demo)
    assert caller.claims.scopes == {"signature", "extended"}


def test_the_access_token_is_what_the_standard_says(town: Town, demo: Context, made: Made) -> None:
    """Another library verifies it with the published key and finds the claims of RFC 9068."""
    token = redeem(demo, made.credentials, town.code(demo, made, SAM)).access_token
    now = int(town.clock.now.timestamp())
    claims = jwt.decode(
        token, public_pem(demo.access_key.public), ["RS256"], audience=demo.issuer, issuer=demo.issuer,
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip

    assert jwt.get_unverified_header(token) == {"typ": "at+jwt", "alg": "RS256", "kid": demo.access_key.kid}
    assert (claims["sub"], claims["client_id"], claims["scope"]) == (SAM.demo, made.key, "signature")
    assert (claims["iat"], claims["exp"]) == (now, now + 28_800)


def test_openid_brings_an_id_token(town: Town, demo: Context, made: Made) -> None:
    """The ID token is for the client, says who signed in and when, and carries the nonce back."""
    code = town.code(demo, made, SAM, scope="openid signature", nonce="n-0S6")
    town.clock.advance(seconds=30)
    answer = redeem(demo, made.credentials, code)
    assert answer.id_token is not None
    claims = jwt.decode(
        answer.id_token, public_pem(demo.access_key.public), ["RS256"], audience=made.key, issuer=demo.issuer,
        options={"verify_exp": False, "verify_iat": False},
    )  # fmt: skip

    assert (claims["sub"], claims["nonce"]) == (SAM.demo, "n-0S6")
    assert claims["iat"] - claims["auth_time"] == 30
    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.id_token)


def test_without_a_nonce_the_id_token_has_none(town: Town, demo: Context, made: Made) -> None:
    """Nothing is invented where nothing was asked."""
    answer = redeem(demo, made.credentials, town.code(demo, made, SAM, scope="openid"))

    assert "nonce" not in jwt.decode(answer.id_token or "", options={"verify_signature": False})


# ── single use ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_that_comes_back_kills_what_it_issued(town: Town, demo: Context, made: Made) -> None:
    """The second use is refused, and the tokens of the first are dead: access, refresh and all."""
    code = town.code(demo, made, SAM)
    answer = redeem(demo, made.credentials, code)
    callers.recognize(demo, answer.access_token)
    with refused(CODE_NOT_GOOD):
        redeem(demo, made.credentials, code)

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, answer.refresh_token or "", None)


def test_of_a_hundred_redemptions_at_once_one_is_answered_and_dead(town: Town, demo: Context, made: Made) -> None:
    """However many race for a code, one is answered, the others are refused, and nobody keeps a token."""
    code = town.code(demo, made, SAM)
    answered, codes = at_once(lambda _: redeem(demo, made.credentials, code))

    assert (len(answered), codes) == (1, ["code-not-good"] * 99)
    with refused(BAD_TOKEN):
        callers.recognize(demo, answered[0].access_token)
    events = [event.name for event in keys.view(demo, town.actor(ADA), made.key).events]
    assert events.count("FamilyKilled") == 1


def test_another_client_s_replay_does_no_harm(town: Town, demo: Context, made: Made) -> None:
    """Only the client that a code was issued to can kill its tokens by using it again."""
    other = town.create_app(name="Other")
    code = town.code(demo, made, SAM)
    answer = redeem(demo, made.credentials, code)
    with refused(CODE_NOT_GOOD):
        redeem(demo, other.credentials, code)

    callers.recognize(demo, answer.access_token)


# ── two minutes ─────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_is_good_until_its_last_moment(town: Town, demo: Context, made: Made) -> None:
    """Just before two minutes a code is taken."""
    code = town.code(demo, made, SAM)
    town.clock.advance(minutes=2, microseconds=-1)

    assert redeem(demo, made.credentials, code).access_token


def test_a_code_expires_after_exactly_two_minutes(town: Town, demo: Context, made: Made) -> None:
    """At two minutes it is too late."""
    code = town.code(demo, made, SAM)
    town.clock.advance(minutes=2)

    with refused(CODE_NOT_GOOD):
        redeem(demo, made.credentials, code)


# ── who may redeem it ───────────────────────────────────────────────────────────────────────────────────────────────
def test_a_code_is_good_for_its_own_client_only(town: Town, demo: Context, made: Made) -> None:
    """Another client is refused and does not use the code up."""
    other = town.create_app(name="Other")
    code = town.code(demo, made, SAM)
    with refused(CODE_NOT_GOOD):
        redeem(demo, other.credentials, code)

    assert redeem(demo, made.credentials, code).access_token


@pytest.mark.parametrize("secret", ["", "wrong", new_secret("kss_")], ids=["empty", "garbage", "unknown"])
def test_a_wrong_secret_is_no_client(town: Town, demo: Context, made: Made, secret: str) -> None:
    """Whoever does not know a secret key is refused, by either way to send it, and the code stays good."""
    code = town.code(demo, made, SAM)
    for method in ("basic", "post"):
        with refused(INVALID_CLIENT):
            redeem(demo, Credentials(made.key, secret, method), code)

    assert redeem(demo, made.credentials, code).access_token


def test_another_app_s_secret_is_wrong(town: Town, demo: Context, made: Made) -> None:
    """A secret key belongs to one app."""
    other = town.create_app(name="Other")

    with refused(INVALID_CLIENT):
        redeem(demo, replace(made.credentials, unverified_secret=other.secret), town.code(demo, made, SAM))


def test_secrets_rotate(town: Town, demo: Context, made: Made) -> None:
    """Old and new secret keys work side by side until the old one is deleted, and then it stops at once."""
    new = credentials.add_secret(demo, town.actor(ADA), made.key)
    redeem(demo, made.credentials, town.code(demo, made, SAM))
    redeem(demo, replace(made.credentials, unverified_secret=new.value), town.code(demo, made, SAM))
    credentials.delete_secret(demo, town.actor(ADA), made.key, new.secret.id)

    with refused(INVALID_CLIENT):
        redeem(demo, replace(made.credentials, unverified_secret=new.value), town.code(demo, made, SAM))


@pytest.mark.parametrize("key", [UNKNOWN, "", "x"])
def test_an_unknown_client_is_refused(town: Town, demo: Context, made: Made, key: str) -> None:
    """A key that is not there authenticates nobody."""
    with refused(INVALID_CLIENT):
        redeem(demo, replace(made.credentials, unverified_key=key), town.code(demo, made, SAM))


def test_a_key_in_capitals_is_unknown(town: Town, demo: Context, made: Made) -> None:
    """GUIDs are exact in OAuth parameters."""
    with refused(INVALID_CLIENT):
        redeem(demo, replace(made.credentials, unverified_key=made.key.upper()), town.code(demo, made, SAM))


@pytest.mark.parametrize("deed", [keys.stop, keys.delete], ids=["stopped", "deleted"])
def test_a_key_that_does_not_work_gets_no_token(town: Town, demo: Context, made: Made, deed: object) -> None:
    """A stopped or deleted key is an unknown client."""
    code = town.code(demo, made, SAM)
    deed(demo, town.actor(ADA), made.key)  # type: ignore[operator]  # a table of deeds

    with refused(INVALID_CLIENT):
        redeem(demo, made.credentials, code)


def test_a_closed_user_gets_no_token(town: Town, demo: Context, made: Made) -> None:
    """Whoever left between code and exchange is out."""
    code = town.code(demo, made, SAM)
    with demo.database.writing() as tx:
        records.change_user(tx, SAM.demo, state="closed")

    with refused(CODE_NOT_GOOD):
        redeem(demo, made.credentials, code)


@pytest.mark.parametrize(
    "code", ["", "garbage", new_secret("ksc_"), new_secret("ksr_")], ids=["empty", "garbage", "unknown", "another kind"]
)
def test_an_unknown_code_is_refused(demo: Context, made: Made, code: str) -> None:
    """Garbage and what was never issued are refused alike."""
    with refused(CODE_NOT_GOOD):
        redeem(demo, made.credentials, code)


def test_a_withdrawn_grant_redeems_nothing(town: Town, demo: Context, made: Made) -> None:
    """An app that is no longer registered for the grant is told so."""
    code = town.code(demo, made, SAM)
    keys.change(demo, town.actor(ADA), made.key, keys.Change(grants=frozenset({"public_code"})))

    with refused(GRANT_NOT_REGISTERED):
        redeem(demo, made.credentials, code)


# ── redirect URI ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_redirect_uri_may_be_missing_and_must_match(town: Town, demo: Context, made: Made) -> None:
    """The official SDKs send none; what is sent must be the one of the request, and a wrong one burns nothing."""
    code = town.code(demo, made, SAM)
    for uri in ("", CALLBACK + "/", "https://evil.example"):
        with refused(REDIRECT_URI_DIFFERS):
            redeem(demo, made.credentials, code, redirect_uri=uri)

    assert redeem(demo, made.credentials, code, redirect_uri=CALLBACK).access_token
    assert redeem(demo, made.credentials, town.code(demo, made, SAM)).access_token


# ── PKCE and public clients ─────────────────────────────────────────────────────────────────────────────────────────
def test_a_wrong_verifier_does_not_burn_the_code(town: Town, demo: Context, made: Made) -> None:
    """Whoever stole a code but not its verifier gets nothing, and takes nothing from its owner."""
    code = town.code(demo, made, SAM, **BOUND)
    for verifier in (None, "", "x" * 43, CHALLENGE, VERIFIER[:-1]):
        with refused(VERIFIER_WRONG):
            redeem(demo, made.unproved, code, verifier=verifier)
        with refused(VERIFIER_WRONG):
            redeem(demo, made.credentials, code, verifier=verifier)

    assert redeem(demo, made.unproved, code, verifier=VERIFIER).access_token


def test_a_public_client_needs_a_bound_code(town: Town, demo: Context, made: Made) -> None:
    """Without a secret a code is redeemed only if a challenge bound it, whatever verifier is sent."""
    code = town.code(demo, made, SAM)
    for verifier in (None, VERIFIER):
        with refused(PKCE_REQUIRED):
            redeem(demo, made.unproved, code, verifier=verifier)

    assert redeem(demo, made.credentials, code).access_token


def test_a_confidential_app_proves_itself(town: Town, demo: Context) -> None:
    """An app that is not registered as public is refused without its secret, even with the verifier."""
    server = town.create_app(frozenset({"confidential_code"}))
    code = town.code(demo, server, SAM, **BOUND)
    with refused(INVALID_CLIENT):
        redeem(demo, server.unproved, code, verifier=VERIFIER)

    assert redeem(demo, server.credentials, code, verifier=VERIFIER).access_token


def test_a_public_app_has_no_use_for_a_secret(town: Town, demo: Context) -> None:
    """An app that is registered as public only does not redeem with a secret."""
    phone = town.create_app(frozenset({"public_code"}))
    code = town.code(demo, phone, SAM, **BOUND)
    with refused(GRANT_NOT_REGISTERED):
        redeem(demo, phone.credentials, code, verifier=VERIFIER)

    answer = redeem(demo, phone.unproved, code, verifier=VERIFIER)
    assert answer.refresh_token is not None


def test_a_verifier_without_a_challenge_is_refused(town: Town, demo: Context, made: Made) -> None:
    """A client that believes it is protected and is not learns of it (RFC 9700 §4.8.2)."""
    with refused(VERIFIER_WRONG):
        redeem(demo, made.credentials, town.code(demo, made, SAM), verifier=VERIFIER)


def test_requiring_pkce_meanwhile_refuses_unbound_codes(town: Town, demo: Context, made: Made) -> None:
    """A setting holds for codes that are on their way."""
    code = town.code(demo, made, SAM)
    keys.change(demo, town.actor(ADA), made.key, keys.Change(pkce_required=True))

    with refused(PKCE_REQUIRED):
        redeem(demo, made.credentials, code)


def test_a_code_is_known_under_another_master_key(town: Town, demo: Context, made: Made) -> None:
    """A code that was kept under the master key of before is redeemed under both."""
    code, own = town.code(demo, made, SAM), (town._folder / "demo.key").read_bytes()
    later = replace(demo, digester=Digester(b"n" * 32, own))

    assert redeem(later, made.credentials, code).access_token


# ── implicit ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_implicit_token_lives_eight_hours_without_refresh(town: Town, demo: Context, made: Made) -> None:
    """A browser app gets an access token and nothing to renew it with."""
    request = town.request(demo, made, response_type="token")
    consents.consent(demo, request, town.actor(SAM))
    answer = tokens.issue_implicit(demo, request, town.actor(SAM))

    assert (answer.expires_in, answer.refresh_token, answer.id_token) == (28_800, None, None)
    assert callers.recognize(demo, answer.access_token).claims.scopes == {"signature"}
