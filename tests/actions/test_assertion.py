"""Which assertions become tokens?"""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from keysteward.actions import callers, credentials, keys, organization_consents, tokens
from keysteward.actions.context import Context
from keysteward.crypto.hashing import Digester
from keysteward.crypto.signing import generate_keypair
from keysteward.rules.refusals import (
    ASSERTION_EXPIRED,
    ASSERTION_REUSED,
    AUDIENCE_WRONG,
    BAD_TOKEN,
    CONSENT_REQUIRED,
    GRANT_NOT_REGISTERED,
    INVALID_SCOPE,
    ISSUER_NOT_FOUND,
    MALFORMED_ASSERTION,
    NO_VALID_KEYS_OR_SIGNATURES,
    SUBJECT_MALFORMED,
    USER_NOT_FOUND,
    Kind,
)
from keysteward.store import accounts as records
from tests.cast import ADA, CY, ORGANIZATION, SAM, START, UNKNOWN, VERA, Made, Town, refused, rsa_keypair
from tests.racing import at_once

NOW = int(START.timestamp())


@pytest.fixture
def app(town: Town, demo: Context, made: Made) -> Made:
    """Ada's app, to whose impersonation Sam consented."""
    town.consent(demo, made, SAM)
    return made


# ── what is answered ────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_assertion_becomes_a_token_of_one_hour(town: Town, demo: Context, app: Made) -> None:
    """The token speaks for the subject, for an hour, with exactly the scopes of the assertion and no refresh."""
    answer = tokens.grant_assertion(demo, town.assertion(demo, app))
    caller = callers.recognize(demo, answer.access_token)

    assert (answer.expires_in, answer.scope, answer.refresh_token) == (3_600, "signature", None)
    assert (caller.user and caller.user.id, sorted(caller.claims.scopes)) == (SAM.demo, ["signature"])
    assert caller.claims.expires_at - caller.claims.issued_at == demo.policy.jwt_token_life


@pytest.mark.parametrize("seconds", [600, 3_600, 4_000, 7_200])
def test_a_long_assertion_makes_no_longer_token(town: Town, demo: Context, app: Made, seconds: int) -> None:
    """Clients that ask for more than an hour are served, with an hour."""
    assert tokens.grant_assertion(demo, town.assertion(demo, app, exp=NOW + seconds)).expires_in == 3_600


@pytest.mark.parametrize("audience", ["demo.test:8443", "https://demo.test:8443", "https://demo.test:8443/",
                                      "https://demo.test:8443/oauth/token", ["demo.test:8443"]])  # fmt: skip
def test_the_audience_may_be_written_in_each_known_way(
    town: Town, demo: Context, app: Made, audience: str | list[str]
) -> None:
    """Host, origin, origin with slash and token endpoint are this server, alone in a list too."""
    assert tokens.grant_assertion(demo, town.assertion(demo, app, aud=audience)).access_token


def test_a_mapped_host_name_is_this_server(town: Town, demo: Context, app: Made) -> None:
    """An environment answers for the further names that it was given, and for no other's."""
    mapped = replace(demo, hosts=("account-d.docusign.com",))
    tokens.grant_assertion(mapped, town.assertion(demo, app, aud="account-d.docusign.com"))

    with refused(AUDIENCE_WRONG):
        tokens.grant_assertion(mapped, town.assertion(demo, app, aud="account.docusign.com"))


def test_scopes_keep_their_order(town: Town, demo: Context, app: Made) -> None:
    """The answer names what was asked as it was asked."""
    answer = tokens.grant_assertion(demo, town.assertion(demo, app, scope="impersonation signature"))

    assert answer.scope == "impersonation signature"


def test_any_keypair_of_the_app_may_sign(town: Town, demo: Context, app: Made) -> None:
    """Keypairs rotate: old and new work side by side, and a deleted one stops at once."""
    new = credentials.add_generated_keypair(demo, town.actor(ADA), app.key)
    rotated = replace(app, private_pem=new.private_pem)
    for signer in (app, rotated):
        tokens.grant_assertion(demo, town.assertion(demo, signer))
    credentials.delete_keypair(demo, town.actor(ADA), app.key, new.keypair.id)

    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, town.assertion(demo, rotated))
    tokens.grant_assertion(demo, town.assertion(demo, app))


# ── refusals and their words on the wire ────────────────────────────────────────────────────────────────────────────
REFUSED: list[tuple[str, dict[str, Any], Kind, str | None]] = [
    ("another issuer", {"iss": UNKNOWN}, ISSUER_NOT_FOUND, "issuer_not_found"),
    ("no issuer", {"iss": None}, ISSUER_NOT_FOUND, "issuer_not_found"),
    ("an issuer that is no text", {"iss": ["x"]}, ISSUER_NOT_FOUND, "issuer_not_found"),
    ("the other environment", {"aud": "production.test:9443"}, AUDIENCE_WRONG, "issuer_not_found"),
    ("no audience", {"aud": None}, AUDIENCE_WRONG, "issuer_not_found"),
    ("two audiences", {"aud": ["demo.test:8443", "x"]}, AUDIENCE_WRONG, "issuer_not_found"),
    ("expired", {"iat": NOW - 7_000, "exp": NOW - 60}, ASSERTION_EXPIRED, "expired_grant"),
    ("no expiry", {"exp": None}, NO_VALID_KEYS_OR_SIGNATURES, "no_valid_keys_or_signatures"),
    ("an expiry in words", {"exp": "tomorrow"}, NO_VALID_KEYS_OR_SIGNATURES, "no_valid_keys_or_signatures"),
    ("from the future", {"iat": NOW + 61}, NO_VALID_KEYS_OR_SIGNATURES, "no_valid_keys_or_signatures"),
    ("not yet", {"nbf": NOW + 61}, NO_VALID_KEYS_OR_SIGNATURES, "no_valid_keys_or_signatures"),
    ("too long", {"exp": NOW + 7_261}, NO_VALID_KEYS_OR_SIGNATURES, "no_valid_keys_or_signatures"),
    ("no scope", {"scope": None}, INVALID_SCOPE, "The scope is missing or malformed."),
    ("a list of scopes", {"scope": ["signature"]}, INVALID_SCOPE, "The scope is missing or malformed."),
    ("a subject that is no GUID", {"sub": "sam@acme.example"}, SUBJECT_MALFORMED, "invalid_subject"),
    ("a subject that is no text", {"sub": 7}, SUBJECT_MALFORMED, "invalid_subject"),
    ("an empty subject", {"sub": ""}, SUBJECT_MALFORMED, "invalid_subject"),
    ("an unknown subject", {"sub": UNKNOWN}, USER_NOT_FOUND, "user_not_found"),
    ("the user of production", {"sub": SAM.production}, USER_NOT_FOUND, "user_not_found"),
    ("somebody who did not consent", {"sub": VERA.demo}, CONSENT_REQUIRED, None),
    ("more than was consented", {"scope": "signature extended"}, CONSENT_REQUIRED, None),
]  # fmt: skip


@pytest.mark.parametrize(("how", "claims", "kind", "description"), REFUSED, ids=[row[0] for row in REFUSED])
def test_an_assertion_is_refused_in_the_words_of_the_wire(
    town: Town, demo: Context, app: Made, how: str, claims: dict[str, Any], kind: Kind, description: str | None
) -> None:
    """Each mistake has its own code and the description that clients know."""
    with refused(kind):
        tokens.grant_assertion(demo, town.assertion(demo, app, **claims))
    assert kind.description == description


def test_consent_required_says_nothing_more() -> None:
    """SDK examples look for exactly this error, without a description."""
    assert (CONSENT_REQUIRED.error, CONSENT_REQUIRED.description) == ("consent_required", None)


@pytest.mark.parametrize("deed", [keys.stop, keys.delete], ids=["stopped", "deleted"])
def test_a_key_that_does_not_work_is_not_found(town: Town, demo: Context, app: Made, deed: object) -> None:
    """A stopped or deleted key issues nothing."""
    deed(demo, town.actor(ADA), app.key)  # type: ignore[operator]  # a table of deeds

    with refused(ISSUER_NOT_FOUND):
        tokens.grant_assertion(demo, town.assertion(demo, app))


def test_a_demo_only_key_is_not_found_in_production(town: Town, production: Context, app: Made) -> None:
    """Before promotion a key is unknown there."""
    with refused(ISSUER_NOT_FOUND):
        tokens.grant_assertion(production, town.assertion(production, app))


def test_a_key_in_capitals_is_not_found(town: Town, demo: Context, app: Made) -> None:
    """GUIDs are exact in claims."""
    with refused(ISSUER_NOT_FOUND):
        tokens.grant_assertion(demo, town.assertion(demo, app, iss=app.key.upper()))


def test_the_grant_must_be_registered(town: Town, demo: Context, app: Made) -> None:
    """An app that is no longer registered for JWT is told so."""
    keys.change(demo, town.actor(ADA), app.key, keys.Change(grants=frozenset({"confidential_code"})))

    with refused(GRANT_NOT_REGISTERED):
        tokens.grant_assertion(demo, town.assertion(demo, app))


def test_a_closed_user_is_not_found(town: Town, demo: Context, app: Made) -> None:
    """Nobody impersonates a leaver, whatever they consented to."""
    with demo.database.writing() as tx:
        records.change_user(tx, SAM.demo, state="closed")

    with refused(USER_NOT_FOUND):
        tokens.grant_assertion(demo, town.assertion(demo, app))


def test_impersonation_must_be_consented_and_not_asked(town: Town, demo: Context, made: Made) -> None:
    """The assertion need not name `impersonation`; the consent must hold it."""
    town.consent(demo, made, SAM, "signature")
    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made))
    town.consent(demo, made, SAM, "impersonation")

    assert tokens.grant_assertion(demo, town.assertion(demo, made)).scope == "signature"


# ── signatures ──────────────────────────────────────────────────────────────────────────────────────────────────────
def b64(value: object) -> str:
    """JSON as base64url."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_stranger_s_signature_is_refused(town: Town, demo: Context, app: Made) -> None:
    """Another key under the same claims proves nothing."""
    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, town.assertion(demo, replace(app, private_pem=generate_keypair()[0])))


def test_an_unsigned_assertion_is_refused(town: Town, demo: Context, app: Made) -> None:
    """`alg: none`, with and without the old signature, is refused."""
    _, claims, signature = town.assertion(demo, app).split(".")
    for algorithm in ("none", "None", "HS256", ""):
        for ending in ("", signature):
            with refused(NO_VALID_KEYS_OR_SIGNATURES):
                tokens.grant_assertion(demo, f"{b64({'alg': algorithm, 'typ': 'JWT'})}.{claims}.{ending}")


def test_the_public_key_is_no_shared_secret(town: Town, demo: Context, app: Made) -> None:
    """An HMAC under the uploaded public key is refused."""
    claims = town.assertion(demo, app).split(".")[1]
    signed = f"{b64({'alg': 'HS256', 'typ': 'JWT'})}.{claims}"
    mac = hmac.new(rsa_keypair()[1].encode(), signed.encode(), hashlib.sha256).digest()

    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, f"{signed}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}")


def test_a_changed_claim_is_refused(town: Town, demo: Context, app: Made) -> None:
    """Nobody asks for another user with the app's own signature."""
    header, claims, signature = town.assertion(demo, app).split(".")
    changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | {"sub": ADA.demo}

    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, f"{header}.{b64(changed)}.{signature}")


def test_another_app_s_key_does_not_sign_for_this_one(town: Town, demo: Context, app: Made) -> None:
    """Each app's assertions are checked against its own keypairs only."""
    other = keys.create(demo, town.actor(ADA), "10000001", keys.Draft("Other", "team@acme.example"))

    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, town.assertion(demo, app, iss=other.key))


@pytest.mark.parametrize("assertion", ["", "x", "a.b.c", "e30.e30", "e30.bnVsbA.x", "é.é.é", "e30.e30." + "A" * 20_000])
def test_what_is_no_assertion_is_refused(demo: Context, assertion: str) -> None:
    """Text that is no signed JWT is malformed."""
    with refused(MALFORMED_ASSERTION):
        tokens.grant_assertion(demo, assertion)


# ── application tokens ──────────────────────────────────────────────────────────────────────────────────────────────
def test_without_a_subject_the_app_speaks_for_itself(town: Town, demo: Context, made: Made) -> None:
    """An app that an organization authorized gets a token without a user, for the scopes that were authorized."""
    mine, scopes = ORGANIZATION["demo"], frozenset({"user_read", "user_write"})
    organization_consents.authorize_application(demo, town.actor(CY), mine, made.key, scopes)
    answer = tokens.grant_assertion(demo, town.assertion(demo, made, None, scope="user_read"))
    caller = callers.recognize(demo, answer.access_token)

    assert (caller.user, sorted(caller.claims.scopes)) == (None, ["user_read"])
    assert jwt.decode(answer.access_token, options={"verify_signature": False})["organizations"] == [mine]
    assert callers.authorized_organizations(demo, caller) == {mine}


def test_an_app_that_nobody_authorized_does_not(town: Town, demo: Context, app: Made) -> None:
    """A user's consent is no organization's, and scopes beyond the authorization are refused."""
    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, app, None))
    organization_consents.authorize_application(
        demo, town.actor(CY), ORGANIZATION["demo"], app.key, frozenset({"user_read"})
    )

    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, app, None, scope="user_read user_write"))


def test_an_authorization_that_was_narrowed_no_longer_covers_the_token(town: Town, demo: Context, made: Made) -> None:
    """What an organization takes back is gone for tokens that are out."""
    for scopes in (["user_read", "user_write"], ["user_write"]):
        organization_consents.authorize_application(
            demo, town.actor(CY), ORGANIZATION["demo"], made.key, frozenset(scopes)
        )
        if len(scopes) > 1:
            answer = tokens.grant_assertion(demo, town.assertion(demo, made, None, scope="user_read"))

    with refused(BAD_TOKEN):
        callers.recognize(demo, answer.access_token)


# ── single use ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_assertion_without_an_id_may_come_again(town: Town, demo: Context, app: Made) -> None:
    """Official SDKs send no jti and may repeat themselves."""
    assertion = town.assertion(demo, app)

    assert tokens.grant_assertion(demo, assertion).access_token != tokens.grant_assertion(demo, assertion).access_token


def test_an_assertion_with_an_id_is_good_once(town: Town, demo: Context, app: Made) -> None:
    """Of a hundred at once with the same jti one is answered; another app may use the same."""
    other = town.create_app(name="Other")
    town.consent(demo, other, SAM)
    assertion = town.assertion(demo, app, jti="once")
    answered, codes = at_once(lambda _: tokens.grant_assertion(demo, assertion))

    assert (len(answered), codes) == (1, ["assertion-reused"] * 99)
    assert tokens.grant_assertion(demo, town.assertion(demo, other, jti="once")).access_token
    assert tokens.grant_assertion(demo, town.assertion(demo, app, jti="twice")).access_token


def test_a_refused_assertion_does_not_use_up_its_id(town: Town, demo: Context, made: Made) -> None:
    """After the user has consented, the same assertion is good."""
    assertion = town.assertion(demo, made, jti="once")
    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, assertion)
    town.consent(demo, made, SAM)

    assert tokens.grant_assertion(demo, assertion).access_token


def test_an_id_stays_used_under_another_master_key(town: Town, demo: Context, app: Made) -> None:
    """Where another master key comes, no assertion of before is good again."""
    assertion = town.assertion(demo, app, jti="once")
    tokens.grant_assertion(demo, assertion)

    with refused(ASSERTION_REUSED):
        tokens.grant_assertion(replace(demo, digester=Digester(b"n" * 32)), assertion)


@pytest.mark.parametrize("jti", ["", 7, True, ["x"]])
def test_an_id_is_text(town: Town, demo: Context, app: Made, jti: object) -> None:
    """A jti that is no text is malformed."""
    with refused(MALFORMED_ASSERTION):
        tokens.grant_assertion(demo, town.assertion(demo, app, jti=jti))


# ── the two clocks ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_clients_date_is_judged_by_the_machine_s_clock(town: Town, demo: Context, app: Made) -> None:
    """In moved time real SDKs keep working: their times are the machine's, ours the twin's."""
    machine = replace(demo, machine_clock=lambda: float(NOW))
    assertion = town.assertion(demo, app)
    town.clock.advance(days=91)
    answer = tokens.grant_assertion(machine, assertion)

    assert callers.recognize(machine, answer.access_token).claims.issued_at == town.clock.now
    with refused(ASSERTION_EXPIRED):
        tokens.grant_assertion(demo, assertion)
