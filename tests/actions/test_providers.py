"""Does an organization's identity provider sign its own people in, and never anybody else?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from keysteward.actions import accounts, identity_providers, organizations, providers, signin
from keysteward.rules.accounts import SENDER, NewUser
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    IDENTITY_NOT_LINKED,
    NO_PROVIDER,
    PROVIDER_ANSWER_NOT_GOOD,
    PROVIDER_NOT_USABLE,
    PROVIDER_SAID_NO,
    SIGN_IN_NOT_BEGUN_HERE,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import new_guid
from tests.cast import ACME as ACME_FIRM
from tests.cast import ADA, CY, MALLORY, SAM, STRANGE, refused
from tests.desk import ACME, Desk
from tests.mails import letters_to
from tests.peers.databases import rows
from tests.peers.provider import CLIENT_ID, CLIENT_SECRET, EC_KEY, RSA_KEY

EVIL = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


# ── as it should be ─────────────────────────────────────────────────────────────────────────────────────────────────
def test_the_provider_signs_its_people_in(desk: Desk) -> None:
    """An address of the domain is offered the provider; its answer begins a session, and the user is told once."""
    offer = providers.find_offer(desk.ctx, "anybody@ACME.example")
    cookie, asked = desk.begin()
    done = providers.finish(desk.ctx, ACME, cookie, desk.says(asked))

    assert (offer.organization, offer.name, done.onward) == (ACME, "Acme Login", "/apps")
    assert signin.visit(desk.ctx, done.token).user.id == SAM.demo
    assert signin.visit(desk.ctx, desk.sign_in()).user.id == SAM.demo
    assert letters_to(desk.ctx, SAM.email) == ["identity-linked"]


def test_what_the_provider_is_asked(desk: Desk) -> None:
    """A code with PKCE S256, a nonce, and the secret in the header; the redirect URI names the organization."""
    cookie, asked = desk.begin()
    providers.finish(desk.ctx, ACME, cookie, desk.says(asked))
    _, headers, form = next(each for each in desk.provider.asked if each[0] == "/token")

    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == ("code", "openid email", "S256")
    assert (
        asked["redirect_uri"] == form["redirect_uri"] == f"https://demo.test:8443/signin/organization/{ACME}/callback"
    )
    assert headers["Authorization"].startswith("Basic ")
    assert "client_secret" not in form
    assert len(form["code_verifier"]) == 64


def test_nobody_makes_us_ask_again_and_again(desk: Desk) -> None:
    """Anybody may begin a sign-in, so what the provider said, or that it said nothing, is believed for a while."""
    document, machine = "/.well-known/openid-configuration", [1_000.0]
    timed = replace(desk.ctx, machine_clock=lambda: machine[0])
    for seconds in (0, 30, 59, 60, 61):
        machine[0] = 1_000.0 + seconds
        providers.begin(timed, ACME, "/")
    asked_while_it_answers = [path for path, *_ in desk.provider.asked].count(document) - 1  # Cy set it up
    desk.provider.answers[document] = (503, {}, b"{}")
    for seconds in (120, 121, 124, 125):
        machine[0] = 1_000.0 + seconds
        with refused(PROVIDER_NOT_USABLE):
            providers.begin(timed, ACME, "/")

    assert asked_while_it_answers == 2
    assert [path for path, *_ in desk.provider.asked].count(document) == 1 + 2 + 2


def test_the_provider_says_when_somebody_signed_in(desk: Desk) -> None:
    """It is asked to, and believed: who has been signed in there for an hour is no fresh sign-in here."""
    now = int(desk.ctx.machine_clock())
    signed_in = {
        ago: signin.visit(desk.ctx, desk.sign_in(auth_time=now - ago)).actor.signed_in_at for ago in (-30, 0, 3_600)
    }

    assert desk.begin()[1]["max_age"] == "43200"
    assert signed_in == {ago: desk.ctx.now - timedelta(seconds=max(ago, 0)) for ago in signed_in}


def test_a_provider_that_does_not_say_when(desk: Desk) -> None:
    """Nobody becomes fresh by it: what is dangerous asks for a password or a passkey of here."""
    visitor = signin.visit(desk.ctx, desk.sign_in())

    assert visitor.actor.signed_in_at == desk.ctx.now - desk.ctx.policy.session_life
    with refused(FRESH_SIGN_IN_NEEDED):
        demand_fresh(visitor.actor, desk.ctx.now, desk.ctx.policy)


def test_a_provider_that_takes_the_secret_in_the_form(desk: Desk) -> None:
    """Where it says that it takes no Basic, it gets the form."""
    desk.provider.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    desk.sign_in()
    _, headers, form = next(each for each in desk.provider.asked if each[0] == "/token")

    assert ("Authorization" in headers, form["client_id"], form["client_secret"]) == (False, CLIENT_ID, CLIENT_SECRET)


def test_es256_is_taken_and_userinfo_asked(desk: Desk) -> None:
    """An EC key signs as well; where the id token names no address, userinfo of the same subject does."""
    desk.provider.signing, desk.provider.header = (EC_KEY, "ES256"), {"kid": "ec"}
    desk.provider.userinfo = {"sub": "sam-1", "email": SAM.email, "email_verified": True}

    assert signin.visit(desk.ctx, desk.sign_in(email=None, email_verified=None)).user.id == SAM.demo


def test_later_the_subject_alone_counts(desk: Desk) -> None:
    """Once linked, another address at the provider changes nothing: the subject is who somebody is."""
    desk.sign_in()

    assert signin.visit(desk.ctx, desk.sign_in(email=ADA.email, email_verified=False)).user.id == SAM.demo


# ── what the browser brings back ────────────────────────────────────────────────────────────────────────────────────
def test_a_state_comes_back_once(desk: Desk) -> None:
    """Whoever replays the address with the cookie is refused, before the provider is asked for tokens again."""
    cookie, asked = desk.begin()
    answer = desk.says(asked)
    providers.finish(desk.ctx, ACME, cookie, answer)
    with refused(SIGN_IN_NOT_BEGUN_HERE):
        providers.finish(desk.ctx, ACME, cookie, answer)

    assert [path for path, *_ in desk.provider.asked].count("/token") == 1


def test_a_sign_in_ends_where_it_began(desk: Desk) -> None:
    """Without the cookie, with another's, for another organization, or after ten minutes it is refused."""
    (cookie, asked), (other, _) = desk.begin(), desk.begin()
    answer = desk.says(asked)
    for organization, brought in ((ACME, ""), (ACME, "nonsense"), (ACME, "🍪"), (ACME, other), (new_guid(), cookie)):
        with refused(SIGN_IN_NOT_BEGUN_HERE):
            providers.finish(desk.ctx, organization, brought, answer)
    with refused(SIGN_IN_NOT_BEGUN_HERE):
        providers.finish(desk.ctx, ACME, cookie, {"code": "the code"})
    desk.town.clock.advance(minutes=10)
    with refused(SIGN_IN_NOT_BEGUN_HERE):
        providers.finish(desk.ctx, ACME, cookie, answer)


def test_answers_do_not_mix(desk: Desk) -> None:
    """An answer with another issuer in it is refused, and one without where the provider promised it (RFC 9207)."""
    cookie, asked = desk.begin()
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        providers.finish(desk.ctx, ACME, cookie, desk.says(asked) | {"iss": "https://evil.example"})
    desk.provider.document = {"authorization_response_iss_parameter_supported": True}
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        providers.finish(desk.ctx, ACME, cookie, desk.says(asked))
    done = providers.finish(desk.ctx, ACME, cookie, desk.says(asked) | {"iss": desk.provider.origin})

    assert signin.visit(desk.ctx, done.token).user.id == SAM.demo


def test_a_no_is_passed_on(desk: Desk) -> None:
    """What the provider says in the place of a code is shown as a word, and nothing is exchanged."""
    cookie, asked = desk.begin()
    with refused(PROVIDER_SAID_NO):
        providers.finish(desk.ctx, ACME, cookie, {"state": asked["state"], "error": "access_denied"})
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        providers.finish(desk.ctx, ACME, cookie, {"state": asked["state"]})


# ── what the id token must prove ────────────────────────────────────────────────────────────────────────────────────
BAD_CLAIMS: list[tuple[str, dict[str, Any]]] = [
    ("another issuer", {"iss": "https://evil.example"}),
    ("no issuer", {"iss": None}),
    ("another audience", {"aud": "somebody else"}),
    ("no audience", {"aud": None}),
    ("two audiences, nobody asked", {"aud": [CLIENT_ID, "other"]}),
    ("two audiences, another asked", {"aud": [CLIENT_ID, "other"], "azp": "other"}),
    ("another asked", {"azp": "other"}),
    ("expired", {"exp": 1}),
    ("never expires", {"exp": None}),
    ("expires in words", {"exp": "never"}),
    ("from the future", {"iat": 4_000_000_000, "exp": 4_000_000_300}),
    ("another nonce", {"nonce": "another"}),
    ("no nonce", {"nonce": None}),
    ("nobody", {"sub": None}),
    ("an empty subject", {"sub": ""}),
    ("a numbered subject", {"sub": 7}),
]


@pytest.mark.parametrize("claims", [claims for _, claims in BAD_CLAIMS], ids=[name for name, _ in BAD_CLAIMS])
def test_an_id_token_that_proves_nothing(desk: Desk, claims: dict[str, Any]) -> None:
    """It is refused, and nobody is linked."""
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        desk.sign_in(**claims)
    assert rows(desk.ctx.database, "SELECT count(*) FROM identities") == [(0,)]


SHARED = RSA_KEY.public_key().public_numbers().n.to_bytes(256, "big")
BAD_SIGNATURES: list[tuple[str, tuple[Any, str], dict[str, Any]]] = [
    ("another's key", (EVIL, "RS256"), {"kid": "rsa"}),
    ("no algorithm", (None, "none"), {"kid": "rsa"}),
    ("a shared secret", (SHARED, "HS256"), {"kid": "rsa"}),
    ("another algorithm", (RSA_KEY, "PS256"), {"kid": "rsa"}),
    ("an unknown key", (RSA_KEY, "RS256"), {"kid": "unknown"}),
    ("the other kind of key", (RSA_KEY, "RS256"), {"kid": "ec"}),
    ("a key that it brings along", (EVIL, "RS256"), {"kid": "rsa", "jwk": {"kty": "RSA"}}),
    ("an address of keys", (RSA_KEY, "RS256"), {"kid": "rsa", "jku": "https://evil.example"}),
    ("another kind of token", (RSA_KEY, "RS256"), {"kid": "rsa", "typ": "at+jwt"}),
]


@pytest.mark.parametrize(
    ("signing", "header"), [case[1:] for case in BAD_SIGNATURES], ids=[name for name, *_ in BAD_SIGNATURES]
)
def test_an_id_token_that_the_provider_did_not_sign(
    desk: Desk, signing: tuple[Any, str], header: dict[str, Any]
) -> None:
    """RS256 or ES256 with a published key, or nothing."""
    desk.provider.signing, desk.provider.header = signing, header
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        desk.sign_in()


def test_userinfo_of_somebody_else(desk: Desk) -> None:
    """It must be about the subject of the id token."""
    desk.provider.userinfo = {"sub": "ada-1", "email": ADA.email, "email_verified": True}
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        desk.sign_in(email=None)


def test_a_code_that_is_refused(desk: Desk) -> None:
    """The provider's own word is passed on."""
    desk.provider.answers["/token"] = (400, {}, b'{"error": "invalid_grant"}')
    with refused(PROVIDER_ANSWER_NOT_GOOD):
        desk.sign_in()


# ── whom it speaks for ──────────────────────────────────────────────────────────────────────────────────────────────
STRANGERS: list[tuple[str, dict[str, Any]]] = [
    ("not verified", {"email_verified": False}),
    ("nothing said of it", {"email_verified": None}),
    ("verified in words", {"email_verified": "true"}),
    ("no address", {"email": None, "email_verified": True}),
    ("outside the domain", {"email": MALLORY.email}),
    ("below the domain", {"email": "sam@sub.acme.example"}),
    ("a domain that ends alike", {"email": "sam@notacme.example"}),
    ("two at signs", {"email": "sam@acme.example@evil.example"}),
    ("nobody's address", {"email": "nobody@acme.example"}),
    ("letters that look alike", {"email": "\u017fam@acme.example"}),
]


@pytest.mark.parametrize("claims", [claims for _, claims in STRANGERS], ids=[name for name, _ in STRANGERS])
def test_whom_the_provider_does_not_speak_for(desk: Desk, claims: dict[str, Any]) -> None:
    """The first sign-in needs a verified address of an active domain, and a user who has exactly that."""
    desk.provider.userinfo = {"sub": "sam-1"}
    with refused(IDENTITY_NOT_LINKED):
        desk.sign_in(**claims)
    assert rows(desk.ctx.database, "SELECT count(*) FROM identities") == [(0,)]


def test_a_user_outside_the_organization(desk: Desk) -> None:
    """An address of the domain is not enough: its user must be in one of the organization's accounts."""
    max_outside = NewUser("max@acme.example", "Max", "Outside", SENDER)
    accounts.add_user(desk.ctx, STRANGE.demo, max_outside, "x")
    with refused(IDENTITY_NOT_LINKED):
        desk.sign_in(sub="max-1", email="max@acme.example")


def test_an_address_that_was_given_to_somebody_else(desk: Desk) -> None:
    """A new colleague who got a leaver's address at the provider does not become that user."""
    desk.sign_in()
    with refused(IDENTITY_NOT_LINKED):
        desk.sign_in(sub="another-sam")
    identity_providers.unlink(desk.ctx, desk.town.actor(CY), ACME, SAM.demo)

    assert signin.visit(desk.ctx, desk.sign_in(sub="another-sam")).user.id == SAM.demo


def test_a_domain_that_lapsed(desk: Desk) -> None:
    """Neither a new nor a linked identity gets in once the domain is not active any more, and nobody is offered it."""
    desk.sign_in()
    with desk.ctx.database.writing() as tx:
        tx.exec_driver_sql("UPDATE domains SET state = 'lapsed'")
    for claims in ({}, {"sub": "ada-1", "email": ADA.email}):
        with refused(IDENTITY_NOT_LINKED):
            desk.sign_in(**claims)
    with refused(NO_PROVIDER):
        providers.find_offer(desk.ctx, SAM.email)


def test_a_leaver_who_is_linked(desk: Desk) -> None:
    """Whoever left the organization's accounts, or was closed, does not come back in by the link."""
    desk.sign_in()
    accounts.close_membership(desk.ctx, ACME_FIRM.demo, SAM.demo, "x")
    with refused(IDENTITY_NOT_LINKED):
        desk.sign_in()


def test_a_pending_domain_speaks_for_nobody(desk: Desk) -> None:
    """A domain that was claimed and not proved yet counts for nothing."""
    organizations.claim_domain(desk.ctx, ACME, "pending.example", "pending", CY.email)
    with refused(NO_PROVIDER):
        providers.find_offer(desk.ctx, "sam@pending.example")
    with refused(IDENTITY_NOT_LINKED):
        desk.sign_in(email="sam@pending.example")
