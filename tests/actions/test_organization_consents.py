"""Whom does an organization's consent cover, for what, and until when?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keysteward.actions import accounts, authorize, callers, consents, organization_consents, tokens
from keysteward.actions.context import Context
from keysteward.rules.accounts import SENDER
from keysteward.rules.refusals import (
    BAD_TOKEN,
    CODE_NOT_GOOD,
    CONSENT_REQUIRED,
    FRESH_SIGN_IN_NEEDED,
    NO_SUCH_KEY,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    REFRESH_NOT_GOOD,
    Refusal,
)
from keysteward.rules.words import new_guid
from tests.cast import (
    ACME,
    ADA,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    SAM,
    STRANGE,
    UNKNOWN,
    VERA,
    Made,
    Person,
    Town,
    refused,
)
from tests.peers.changed import changed
from tests.peers.databases import rows

OURS = ORGANIZATION["demo"]
ALLOWED = frozenset({"signature", "extended", "impersonation", "openid", "user_read", "organization_read"})
PAT = Person("Pat", "Partner", "pat@partner.example", "c0de0009-de30-4000-8000-000000000000", UNKNOWN)


def allow(town: Town, made: Made, scopes: frozenset[str] = ALLOWED) -> None:
    """Let the organization's admin authorize the app."""
    organization_consents.authorize_application(town.demo, town.actor(CY), OURS, made.key, scopes)


def revoke(town: Town, made: Made) -> None:
    """Let the organization's admin end that."""
    organization_consents.withdraw_authorization(town.demo, town.actor(CY), OURS, made.key)


def is_alive(ctx: Context, token: str) -> bool:
    """Whether a token is recognized now."""
    try:
        callers.recognize(ctx, token)
    except Refusal as refusal:
        return refusal.kind is not BAD_TOKEN
    return True


# ── what it covers ──────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_covered_user_is_asked_nothing(town: Town, demo: Context, made: Made) -> None:
    """By the JWT grant and by a code, without a consent of their own; what is issued is recognized and refreshed."""
    allow(town, made)
    request = town.request(demo, made, scope="signature extended")

    by_assertion = tokens.grant_assertion(demo, town.assertion(demo, made))
    assert not consents.needs_consent(demo, request, SAM.demo)
    code = authorize.issue_code(demo, request, town.actor(SAM))
    by_code = tokens.exchange_code(demo, made.credentials, code, None, None)
    again = tokens.refresh(demo, made.credentials, by_code.refresh_token or "", None)

    assert consents.consented(demo, made.key, SAM.demo) == frozenset()
    assert all(is_alive(demo, each.access_token) for each in (by_assertion, by_code, again))


@pytest.mark.parametrize("scope", ["user_read", "signature user_read", "signature own.scope"])
def test_the_admin_api_and_what_was_not_allowed_are_not_covered(
    town: Town, demo: Context, made: Made, scope: str
) -> None:
    """An organization's consent never lets an app use the Admin API in a user's name."""
    allow(town, made)

    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made, scope=scope))
    assert consents.needs_consent(demo, town.request(demo, made, scope=scope), SAM.demo)
    with refused(CONSENT_REQUIRED):
        authorize.issue_code(demo, town.request(demo, made, scope=scope), town.actor(SAM))


def test_without_impersonation_nobody_is_acted_for_while_away(town: Town, demo: Context, made: Made) -> None:
    """A sign-in is covered, the JWT grant is not."""
    allow(town, made, frozenset({"signature"}))

    assert not consents.needs_consent(demo, town.request(demo, made), SAM.demo)
    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made))


def test_two_halves_of_consent_are_none(town: Town, demo: Context, made: Made) -> None:
    """What a user allowed for when they are there, and impersonation by their organization, add up to nothing."""
    allow(town, made, frozenset({"impersonation"}))
    town.consent(demo, made, SAM, "signature user_read")

    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made, scope="user_read"))


def test_who_is_not_covered(town: Town, demo: Context, made: Made) -> None:
    """A member with an address elsewhere, a stranger, and an address of the domain in a strange account."""
    allow(town, made)
    accounts.add_user(demo, ACME.demo, PAT.joining(SENDER, "demo"), ADA.email)
    accounts.add_user(demo, STRANGE.demo, _of_the_domain().joining(SENDER, "demo"), MALLORY.email)

    for person in (PAT, MALLORY, _of_the_domain()):
        with refused(CONSENT_REQUIRED):
            tokens.grant_assertion(demo, town.assertion(demo, made, person))


def _of_the_domain() -> Person:
    return Person("Lou", "Lost", "lou@acme.example", "c0de0008-de30-4000-8000-000000000000", UNKNOWN)


def test_a_pending_domain_covers_nobody(town: Town, demo: Context, made: Made) -> None:
    """Only a domain whose proof is seen counts."""
    allow(town, made)
    changed(demo, "UPDATE domains SET state = 'pending'")

    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made))


# ── how it ends ─────────────────────────────────────────────────────────────────────────────────────────────────────
def end_membership(town: Town, _: Made) -> None:
    """Sam leaves the organization's account; another account keeps him."""
    accounts.close_membership(town.demo, ACME.demo, SAM.demo, ADA.email)


def narrow(town: Town, made: Made) -> None:
    """The app may still be known to users, and nothing more."""
    allow(town, made, frozenset({"openid"}))


def lapse(town: Town, _: Made) -> None:
    """The domain's proof is gone."""
    changed(town.demo, "UPDATE domains SET state = 'lapsed'")


def unlink(town: Town, _: Made) -> None:
    """The account leaves the organization."""
    changed(town.demo, f"UPDATE accounts SET organization = NULL WHERE id = '{ACME.demo}'")  # noqa: S608 — our own


def close_account(town: Town, _: Made) -> None:
    """The account closes."""
    accounts.change_account(town.demo, ACME.demo, "operator", state="closed")


def move_address(town: Town, _: Made) -> None:
    """Sam's address lies elsewhere."""
    changed(
        town.demo,
        "UPDATE users SET email = 'sam@home.example', email_folded = 'sam@home.example' "  # noqa: S608 — our own
        f"WHERE id = '{SAM.demo}'",
    )


def doubt_address(town: Town, _: Made) -> None:
    """Sam's address is not verified any more."""
    changed(town.demo, f"UPDATE users SET email_verified_at = NULL WHERE id = '{SAM.demo}'")  # noqa: S608 — our own


ENDS = [revoke, narrow, end_membership, lapse, unlink, close_account, move_address, doubt_address]


@pytest.mark.parametrize("end", ENDS)
def test_when_cover_ends_everything_ends(
    town: Town, demo: Context, made: Made, end: Callable[[Town, Made], None]
) -> None:
    """Assertions, waiting codes, refresh tokens and access tokens are refused from the same moment on."""
    accounts.add_user(demo, STRANGE.demo, SAM.joining(SENDER, "demo"), MALLORY.email)
    allow(town, made)
    request = town.request(demo, made, scope="signature extended")
    by_assertion = tokens.grant_assertion(demo, town.assertion(demo, made))
    code = authorize.issue_code(demo, request, town.actor(SAM))
    by_code = tokens.exchange_code(demo, made.credentials, code, None, None)
    waiting = authorize.issue_code(demo, request, town.actor(SAM))
    assert is_alive(demo, by_assertion.access_token)
    assert is_alive(demo, by_code.access_token)
    end(town, made)

    assert not is_alive(demo, by_assertion.access_token)
    assert not is_alive(demo, by_code.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, by_code.refresh_token or "", None)
    with refused(CODE_NOT_GOOD):
        tokens.exchange_code(demo, made.credentials, waiting, None, None)
    with refused(CONSENT_REQUIRED):
        authorize.issue_code(demo, request, town.actor(SAM))
    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(demo, town.assertion(demo, made))


@pytest.mark.parametrize("end", [revoke, narrow])
def test_allowing_it_again_revives_nothing(
    town: Town, demo: Context, made: Made, end: Callable[[Town, Made], None]
) -> None:
    """What was issued before the organization took its word back stays dead; what comes after is good."""
    allow(town, made)
    before = tokens.grant_assertion(demo, town.assertion(demo, made))
    code = authorize.issue_code(demo, town.request(demo, made), town.actor(SAM))
    family = tokens.exchange_code(demo, made.credentials, code, None, None)
    end(town, made)
    allow(town, made)

    assert not is_alive(demo, before.access_token)
    with refused(REFRESH_NOT_GOOD):
        tokens.refresh(demo, made.credentials, family.refresh_token or "", None)
    assert is_alive(demo, tokens.grant_assertion(demo, town.assertion(demo, made)).access_token)


def test_allowing_more_ends_nothing(town: Town, demo: Context, made: Made) -> None:
    """Tokens of before live on where nothing was taken back."""
    allow(town, made, frozenset({"signature", "impersonation"}))
    before = tokens.grant_assertion(demo, town.assertion(demo, made))
    allow(town, made)

    assert is_alive(demo, before.access_token)


def test_a_user_s_own_consent_stands_by_itself(town: Town, demo: Context, made: Made) -> None:
    """When the organization ends its own, whoever allowed the app themselves keeps it."""
    allow(town, made)
    town.consent(demo, made, SAM)
    of_sam, of_vera = (tokens.grant_assertion(demo, town.assertion(demo, made, who)) for who in (SAM, VERA))
    revoke(town, made)

    assert (is_alive(demo, of_sam.access_token), is_alive(demo, of_vera.access_token)) == (True, False)


def test_a_user_s_farewell_ends_what_the_organization_allowed_too(town: Town, demo: Context, made: Made) -> None:
    """Disconnecting ends every token of before; the organization's word lets new ones come."""
    allow(town, made)
    before = tokens.grant_assertion(demo, town.assertion(demo, made))
    town.consent(demo, made, SAM)
    consents.withdraw_consent(demo, town.actor(SAM), made.key)

    assert not is_alive(demo, before.access_token)
    assert is_alive(demo, tokens.grant_assertion(demo, town.assertion(demo, made)).access_token)


def test_recognizing_a_covered_user_waits_for_nothing(town: Town, demo: Context, made: Made) -> None:
    """Once looked up, everything that cover depends on stands in the directory: the event loop may ask."""
    allow(town, made)
    demo.directory.heard(demo.directory.epoch, float("inf"))
    token = tokens.grant_assertion(demo, town.assertion(demo, made)).access_token
    callers.recognize(demo, token)

    assert callers.recognize(demo.without_waiting, token).claims.impersonates
    assert tokens.grant_assertion(demo.without_waiting, town.assertion(demo, made)).access_token


# ── who decides ─────────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("person", [ADA, SAM, MALLORY])
def test_only_its_admins_speak_for_an_organization(town: Town, demo: Context, made: Made, person: Person) -> None:
    """Others learn nothing, not even that it is there."""
    allow(town, made)
    actor = town.actor(person)

    for organization in (OURS, UNKNOWN):
        with refused(NO_SUCH_ORGANIZATION):
            organization_consents.authorize_application(demo, actor, organization, made.key, ALLOWED)
        with refused(NO_SUCH_ORGANIZATION):
            organization_consents.withdraw_authorization(demo, actor, organization, made.key)
        with refused(NO_SUCH_ORGANIZATION):
            organization_consents.list_authorized(demo, actor, organization)
        with refused(NO_SUCH_ORGANIZATION):
            organization_consents.list_own_apps(demo, actor, organization)
    assert organization_consents.list_administered(demo, actor) == []


def test_a_stale_sign_in_decides_nothing(town: Town, demo: Context, made: Made) -> None:
    """Ten minutes count as fresh, no more; a program never does."""
    actor = town.actor(CY)
    town.clock.now += demo.policy.fresh_sign_in
    organization_consents.authorize_application(demo, actor, OURS, made.key, ALLOWED)
    town.clock.now += timedelta(microseconds=1)

    for stale in (actor, town.actor(CY, permissions=frozenset({"account:key:write"}))):
        with refused(FRESH_SIGN_IN_NEEDED):
            organization_consents.authorize_application(demo, stale, OURS, made.key, ALLOWED)
        request = town.request(demo, made, scope="openid", admin_consent_scope="signature")
        with refused(FRESH_SIGN_IN_NEEDED):
            organization_consents.consent_for_organization(demo, request, stale, OURS)


def test_only_own_apps_are_authorized_from_inside(town: Town, demo: Context, made: Made) -> None:
    """An app of an account that is not linked, an unknown one and a deleted one are none to choose."""
    foreign = town.create_app(by=MALLORY, firm=STRANGE)
    own = organization_consents.list_own_apps(demo, town.actor(CY), OURS)

    assert [app.key for app in own] == [made.key]
    for key in (foreign.key, UNKNOWN, ""):
        with refused(NO_SUCH_KEY):
            organization_consents.authorize_application(demo, town.actor(CY), OURS, key, ALLOWED)


def test_anybody_s_app_may_ask(town: Town, demo: Context) -> None:
    """An app from outside is allowed what it asked for, beside what it was allowed before, and told once."""
    foreign = town.create_app(by=MALLORY, firm=STRANGE)
    for scopes in ("signature impersonation", "openid", "openid signature"):
        request = town.request(demo, foreign, scope="openid", admin_consent_scope=scopes)
        organization_consents.consent_for_organization(demo, request, town.actor(CY), OURS)
    (authorized,) = organization_consents.list_authorized(demo, town.actor(CY), OURS)
    told = rows(demo.database, "SELECT name FROM events WHERE name = 'OrganizationAuthorizedApp'")

    assert authorized.scopes == {"signature", "impersonation", "openid"}
    assert (authorized.publisher, authorized.given_by, len(told)) == ("Strange", CY.demo, 2)
    assert is_alive(demo, tokens.grant_assertion(demo, town.assertion(demo, foreign)).access_token)


def test_what_is_not_authorized_cannot_be_revoked(town: Town, demo: Context, made: Made) -> None:
    """An app that was never authorized, one that was revoked, and an unknown key."""
    for key in (made.key, UNKNOWN):
        with refused(NO_SUCH_OBJECT):
            organization_consents.withdraw_authorization(demo, town.actor(CY), OURS, key)
    allow(town, made)
    revoke(town, made)
    with refused(NO_SUCH_OBJECT):
        revoke(town, made)
    assert organization_consents.list_authorized(demo, town.actor(CY), OURS) == []


def test_a_user_sees_what_their_organization_allowed(town: Town, demo: Context, made: Made) -> None:
    """Beside what they allowed themselves, and without what no user is covered for."""
    allow(town, made)
    (seen,) = consents.list_connected(demo, town.actor(SAM)).of_organizations

    assert (seen.organization_name, seen.app_name, seen.publisher) == ("Acme Group", "Lease signer", "Acme")
    assert seen.scopes == ALLOWED - {"user_read", "organization_read"}
    assert consents.list_connected(demo, town.actor(MALLORY)).of_organizations == []


# ── application tokens ──────────────────────────────────────────────────────────────────────────────────────────────
def _second_organization(ctx: Context) -> str:
    """A group of Mallory's, beside ours."""
    guid, founder = new_guid(), accounts.load_user(ctx, MALLORY.demo)
    accounts.create_organization(ctx, "Strange Group", founder, [STRANGE.demo], "strange.example", guid)
    return guid


def _by(town: Town, made: Made, person: Person, organization: str) -> None:
    request = town.request(town.demo, made, scope="openid", admin_consent_scope="organization_read")
    organization_consents.consent_for_organization(town.demo, request, town.actor(person), organization)


def test_an_application_token_sees_the_organizations_it_names(town: Town, demo: Context, made: Made) -> None:
    """One that authorizes the app later is seen by a later token only."""
    theirs = _second_organization(demo)
    allow(town, made)
    assertion = town.assertion(demo, made, None, scope="organization_read")
    first = callers.recognize(demo, tokens.grant_assertion(demo, assertion).access_token)
    _by(town, made, MALLORY, theirs)
    second = callers.recognize(demo, tokens.grant_assertion(demo, assertion).access_token)

    assert callers.authorized_organizations(demo, first) == {OURS}
    assert callers.authorized_organizations(demo, second) == {OURS, theirs}


def test_an_application_token_loses_who_took_their_word_back(town: Town, demo: Context, made: Made) -> None:
    """The other organization stays; when the last is gone the token is dead, and stays so."""
    theirs = _second_organization(demo)
    allow(town, made)
    _by(town, made, MALLORY, theirs)
    token = tokens.grant_assertion(demo, town.assertion(demo, made, None, scope="organization_read")).access_token
    revoke(town, made)

    assert callers.authorized_organizations(demo, callers.recognize(demo, token)) == {theirs}
    organization_consents.withdraw_authorization(demo, town.actor(MALLORY), theirs, made.key)
    assert not is_alive(demo, token)
    allow(town, made)
    assert not is_alive(demo, token)


def test_members_of_two_of_its_accounts_are_covered_by_either(town: Town, demo: Context, made: Made) -> None:
    """Who leaves one account of the organization and stays in another stays covered."""
    accounts.add_user(demo, COUNCIL.demo, SAM.joining(SENDER, "demo"), CY.email)
    allow(town, made)
    token = tokens.grant_assertion(demo, town.assertion(demo, made)).access_token
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)

    assert is_alive(demo, token)
