"""Which authorization requests reach a person, and what does their answer become?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions import accounts, addresses, authorize, callers, consents, keys, organization_consents, tokens
from keysteward.actions.authorize import Redirectable
from keysteward.actions.context import Context
from keysteward.rules.refusals import (
    BAD_CHALLENGE,
    DOUBLED_PARAMETER,
    GRANT_NOT_REGISTERED,
    IMPLICIT_NEEDS_WAIVER,
    INVALID_SCOPE,
    MISSING_PARAMETER,
    NO_OPEN_ACCOUNT,
    NO_SUCH_KEY,
    NO_SUCH_ORGANIZATION,
    PKCE_REQUIRED,
    REDIRECT_URI_NOT_REGISTERED,
    UNKNOWN_CLIENT,
    UNSUPPORTED_RESPONSE_TYPE,
    Kind,
)
from keysteward.store import accounts as records
from tests.cast import (
    ACME,
    ADA,
    BO,
    CALLBACK,
    CHALLENGE,
    CY,
    MALLORY,
    ORGANIZATION,
    SAM,
    STRANGE,
    UNKNOWN,
    VERA,
    Made,
    Town,
    refused,
)

Parameters = list[tuple[str, str]]


def asked(made: Made, **parameters: str | None) -> Parameters:
    """A good request for a code, with some parameters set anew or left out."""
    said: dict[str, str | None] = {
        "client_id": made.key, "redirect_uri": CALLBACK, "response_type": "code", "scope": "signature",
    }  # fmt: skip
    said |= parameters
    return [(name, value) for name, value in said.items() if value is not None]


# ── on our own page ─────────────────────────────────────────────────────────────────────────────────────────────────
PAGES: list[tuple[str, dict[str, str | None], Kind]] = [
    ("no key", {"client_id": None}, MISSING_PARAMETER),
    ("an empty key", {"client_id": ""}, MISSING_PARAMETER),
    ("no redirect URI", {"redirect_uri": None}, MISSING_PARAMETER),
    ("an empty redirect URI", {"redirect_uri": ""}, MISSING_PARAMETER),
    ("an unknown key", {"client_id": UNKNOWN}, UNKNOWN_CLIENT),
    ("no GUID", {"client_id": "x' or 1=1"}, UNKNOWN_CLIENT),
    ("an unregistered redirect URI", {"redirect_uri": "https://evil.example"}, REDIRECT_URI_NOT_REGISTERED),
    ("a longer redirect URI", {"redirect_uri": CALLBACK + "/"}, REDIRECT_URI_NOT_REGISTERED),
    ("a redirect URI with a query", {"redirect_uri": CALLBACK + "?x=1"}, REDIRECT_URI_NOT_REGISTERED),
    ("a redirect URI in capitals", {"redirect_uri": CALLBACK.upper()}, REDIRECT_URI_NOT_REGISTERED),
    (
        "and everything else wrong",
        {"redirect_uri": "x", "response_type": "x", "scope": ""},
        REDIRECT_URI_NOT_REGISTERED,
    ),
]


@pytest.mark.parametrize(("how", "parameters", "kind"), PAGES, ids=[row[0] for row in PAGES])
def test_what_cannot_be_redirected_is_shown(
    demo: Context, made: Made, how: str, parameters: dict[str, str | None], kind: Kind
) -> None:
    """Without a known key and one of its own addresses, nobody is sent anywhere."""
    with refused(kind):
        authorize.read_request(demo, asked(made, **parameters))


def test_a_key_in_capitals_is_unknown(demo: Context, made: Made) -> None:
    """GUIDs are exact in OAuth parameters."""
    with refused(UNKNOWN_CLIENT):
        authorize.read_request(demo, asked(made, client_id=made.key.upper()))


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
def test_a_doubled_key_or_address_is_shown(demo: Context, made: Made, name: str) -> None:
    """Where two apps or addresses are named, even the same, nobody is sent anywhere."""
    with refused(DOUBLED_PARAMETER):
        authorize.read_request(demo, doubled(made, name))


def doubled(made: Made, name: str) -> Parameters:
    """A good request in which one parameter comes twice."""
    parameters = asked(made)
    value = dict(parameters).get(name, "x")
    return [*(pair for pair in parameters if pair[0] != name), (name, value), (name, value)]


@pytest.mark.parametrize("deed", [keys.stop, keys.delete], ids=["stopped", "deleted"])
def test_a_key_that_does_not_work_is_unknown(
    town: Town, demo: Context, made: Made, deed: Callable[..., object]
) -> None:
    """Nobody signs in for a stopped or deleted key."""
    deed(demo, town.actor(ADA), made.key)

    with refused(UNKNOWN_CLIENT):
        authorize.read_request(demo, asked(made))


def test_a_key_that_is_not_live_is_unknown_in_production(production: Context, made: Made) -> None:
    """A demo key means nothing in production before it is promoted."""
    with refused(UNKNOWN_CLIENT):
        authorize.read_request(production, asked(made))


def test_another_app_s_redirect_uri_is_not_registered(town: Town, demo: Context, made: Made) -> None:
    """An address belongs to the app that registered it."""
    other = town.create_app(name="Other")
    addresses.add_redirect_uri(demo, town.actor(ADA), other.key, "https://other.example.com")

    with refused(REDIRECT_URI_NOT_REGISTERED):
        authorize.read_request(demo, asked(made, redirect_uri="https://other.example.com"))


# ── told to the app ─────────────────────────────────────────────────────────────────────────────────────────────────
REDIRECTED: list[tuple[str, dict[str, str | None], Kind]] = [
    ("no response type", {"response_type": None}, MISSING_PARAMETER),
    ("an empty response type", {"response_type": ""}, MISSING_PARAMETER),
    ("another response type", {"response_type": "code id_token"}, UNSUPPORTED_RESPONSE_TYPE),
    ("no scope", {"scope": None}, INVALID_SCOPE),
    ("a malformed scope", {"scope": 'sig"nature'}, INVALID_SCOPE),
    ("a challenge without method", {"code_challenge": CHALLENGE}, BAD_CHALLENGE),
    ("a lower-case method", {"code_challenge": CHALLENGE, "code_challenge_method": "s256"}, BAD_CHALLENGE),
    ("the plain method", {"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, BAD_CHALLENGE),
    ("a short challenge", {"code_challenge": "x", "code_challenge_method": "S256"}, BAD_CHALLENGE),
]


@pytest.mark.parametrize(("how", "parameters", "kind"), REDIRECTED, ids=[row[0] for row in REDIRECTED])
def test_what_the_app_did_wrong_the_app_is_told(
    demo: Context, made: Made, how: str, parameters: dict[str, str | None], kind: Kind
) -> None:
    """The refusal goes to the registered address, with the state as it came."""
    with pytest.raises(Redirectable) as caught:
        authorize.read_request(demo, asked(made, state="*^.$DGj*)+}Jk", **parameters))

    request, refusal = caught.value.request, caught.value.refusal
    assert (refusal.kind.code, request.redirect_uri, request.state) == (kind.code, CALLBACK, "*^.$DGj*)+}Jk")


@pytest.mark.parametrize("name", ["response_type", "scope", "state", "nonce", "prompt", "login_hint", "code_challenge",
                                  "code_challenge_method", "claims", "id_token_hint"])  # fmt: skip
def test_any_other_doubled_parameter_is_told(demo: Context, made: Made, name: str) -> None:
    """The app and its address are known, so the app is told that a parameter came twice (RFC 6749 §4.1.2.1)."""
    assert told(demo, doubled(made, name)) is DOUBLED_PARAMETER


def test_a_parameter_without_a_value_is_left_out(demo: Context, made: Made) -> None:
    """Whatever it is (RFC 6749 §3.1)."""
    optional = ("state", "nonce", "prompt", "login_hint", "max_age", "response_mode", "id_token_hint", "request",
                "request_uri", "admin_consent_scope", "code_challenge", "code_challenge_method")  # fmt: skip
    request = authorize.read_request(demo, asked(made) + [(name, "") for name in optional])

    assert request == authorize.read_request(demo, asked(made))


def told(ctx: Context, parameters: Parameters) -> Kind:
    """What the app is told of a request."""
    with pytest.raises(Redirectable) as caught:
        authorize.read_request(ctx, parameters)
    return caught.value.refusal.kind


def test_a_grant_must_be_registered(town: Town, demo: Context) -> None:
    """An app without the grant is told so."""
    service = town.create_app(frozenset({"jwt"}))

    assert told(demo, asked(service)) is GRANT_NOT_REGISTERED
    assert told(demo, asked(service, response_type="token")) is GRANT_NOT_REGISTERED


def test_a_public_app_must_bind_its_code(town: Town, demo: Context, made: Made) -> None:
    """Public apps, and those that require it, send a challenge."""
    public = town.create_app(frozenset({"public_code"}))
    keys.change(demo, town.actor(ADA), made.key, keys.Change(pkce_required=True))

    assert told(demo, asked(public)) is PKCE_REQUIRED
    assert told(demo, asked(made)) is PKCE_REQUIRED
    bound = authorize.read_request(demo, asked(public, code_challenge=CHALLENGE, code_challenge_method="S256"))
    assert bound.challenge == CHALLENGE


def test_implicit_in_production_needs_a_waiver(town: Town, production: Context, made: Made) -> None:
    """An admin's waiver lets the implicit grant pass until its end; demo needs none."""
    live = town.go_live(made)
    assert authorize.read_request(town.demo, asked(made, response_type="token")).is_implicit
    assert told(production, asked(live, response_type="token")) is IMPLICIT_NEEDS_WAIVER

    until = town.clock.now + timedelta(days=7)
    keys.waive_implicit(production, town.actor(ADA, production), live.key, "Until the rewrite.", until)
    assert authorize.read_request(production, asked(live, response_type="token")).is_implicit
    town.clock.advance(days=7)
    assert told(production, asked(live, response_type="token")) is IMPLICIT_NEEDS_WAIVER


# ── a good request ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_good_request_is_read_whole(demo: Context, made: Made) -> None:
    """Every parameter is understood, and unknown ones are passed over, even doubled."""
    extra = [("approval_prompt", "auto"), ("x", "1"), ("x", "2"), ("ui_locales", "en")]
    request = authorize.read_request(
        demo, asked(made, scope="signature extended", state="s", nonce="n", prompt="login", login_hint="ada") + extra
    )

    assert (request.app, request.scopes, request.redirect_uri) == (made.app, ("signature", "extended"), CALLBACK)
    assert (request.state, request.nonce, request.prompt, request.login_hint) == ("s", "n", "login", "ada")


# ── consent ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_consent_is_needed_once(town: Town, demo: Context, made: Made) -> None:
    """What somebody allowed they are not asked again; more is asked, and adds to it."""
    first, more = town.request(demo, made), town.request(demo, made, scope="signature extended")
    assert consents.needs_consent(demo, first, SAM.demo)

    consents.consent(demo, first, town.actor(SAM))
    assert not consents.needs_consent(demo, first, SAM.demo)
    assert consents.needs_consent(demo, more, SAM.demo)
    consents.consent(demo, more, town.actor(SAM))
    consents.consent(demo, town.request(demo, made, scope="openid"), town.actor(SAM))

    assert consents.consented(demo, made.key, SAM.demo) == {"signature", "extended", "openid"}


def test_consent_is_of_one_person_to_one_app(town: Town, demo: Context, made: Made) -> None:
    """Nobody consents for somebody else, and no app has another's consent."""
    other = town.create_app(name="Other")
    town.consent(demo, made, SAM)

    assert consents.consented(demo, made.key, VERA.demo) == frozenset()
    assert consents.consented(demo, other.key, SAM.demo) == frozenset()


def test_users_of_any_account_may_consent(town: Town, demo: Context, made: Made) -> None:
    """A key identifies an app, never an account: a stranger to its management account uses it like anybody."""
    for person in (ADA, CY, MALLORY):
        answer = town.sign_in_with(demo, made, person)
        assert callers.recognize(demo, answer.access_token).user is not None

    assert authorize.publisher(demo, made.app) == "Acme"
    assert STRANGE.demo != made.app.account


def test_whoever_left_meanwhile_gets_nothing(town: Town, demo: Context, made: Made) -> None:
    """Between signing in and the answer a user may have left the last open account they were in."""
    request, implicit = town.request(demo, made), town.request(demo, made, response_type="token")
    for person in (BO, SAM, MALLORY):
        town.consent(demo, made, person)
    with demo.database.writing() as tx:
        records.change_user(tx, BO.demo, state="closed")
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)
    accounts.change_account(demo, STRANGE.demo, "operator", state="closed")

    for person in (BO, SAM, MALLORY):
        with refused(NO_OPEN_ACCOUNT):
            authorize.issue_code(demo, request, town.actor(person))
        with refused(NO_OPEN_ACCOUNT):
            tokens.issue_implicit(demo, implicit, town.actor(person))


# ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────────
def test_an_organization_admin_authorizes_an_app(town: Town, demo: Context, made: Made) -> None:
    """The newest authorization replaces the one before."""
    for scopes in ({"user_read", "user_write"}, {"user_read"}):
        organization_consents.authorize_application(
            demo, town.actor(CY), ORGANIZATION["demo"], made.key, frozenset(scopes)
        )

    answer = tokens.grant_assertion(demo, town.assertion(demo, made, None, scope="user_read"))
    caller = callers.recognize(demo, answer.access_token)
    assert callers.authorized_organizations(demo, caller) == {ORGANIZATION["demo"]}


def test_nobody_else_authorizes_an_app(town: Town, demo: Context, made: Made) -> None:
    """An account's admin is no organization admin; foreign and unknown organizations are one refusal."""
    for person, organization in ((ADA, ORGANIZATION["demo"]), (CY, ORGANIZATION["production"]), (CY, UNKNOWN)):
        with refused(NO_SUCH_ORGANIZATION):
            organization_consents.authorize_application(
                demo, town.actor(person), organization, made.key, frozenset({"user_read"})
            )
    with refused(NO_SUCH_KEY):
        organization_consents.authorize_application(
            demo, town.actor(CY), ORGANIZATION["demo"], UNKNOWN, frozenset({"user_read"})
        )


def test_a_request_is_a_value(town: Town, demo: Context, made: Made) -> None:
    """The same parameters are the same request."""
    request = town.request(demo, made)

    assert request == replace(town.request(demo, made), state=None)
