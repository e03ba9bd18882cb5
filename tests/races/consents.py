"""Who races over consents: of users, of organizations, and of accounts that block an app?"""

from collections import Counter
from collections.abc import Generator

from keysteward.actions import acting_apps, callers, calls, consents, organization_consents, tokens
from keysteward.rules.refusals import Refusal
from tests.cast import ACME, CY, ORGANIZATION, SAM, VERA
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

OURS = ORGANIZATION["demo"]
ALLOWED = frozenset({"signature", "impersonation"})


def authorize(on: Ground, scopes: frozenset[str] = ALLOWED) -> None:
    """Let Cy's organization allow the app something."""
    organization_consents.authorize_application(on.demo, on.town.actor(CY), OURS, on.key, scopes)


def revoke(on: Ground) -> None:
    """Let it end that."""
    organization_consents.withdraw_authorization(on.demo, on.town.actor(CY), OURS, on.key)


def kept_by_the_organization(on: Ground) -> str:
    """The scopes that the organization allows now, as they are kept."""
    ((kept,),) = rows(on.demo.database, "SELECT scopes FROM organization_consents")
    return str(kept)


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(consents.consent)
def every_consent_counts(on: Ground) -> Story:
    """A hundred consents of one user to ten scopes: all ten are allowed, each was given once."""
    requests = [on.town.request(on.demo, on.made, scope=f"signature own.{number}") for number in range(10)]
    came = yield lambda number: consents.consent(on.demo, requests[number % 10], on.town.actor(VERA))

    assert len(came.answers) == 100
    assert consents.consented(on.demo, on.key, VERA.demo) == {"signature", *(f"own.{number}" for number in range(10))}
    assert events_of(on.demo, "ConsentGiven") == 10


@race(consents.withdraw_consent)
def a_consent_is_withdrawn_once(on: Ground) -> Story:
    """A hundred who disconnect one app disconnect it once."""
    on.town.consent(on.demo, on.made, VERA)
    came = yield lambda _: consents.withdraw_consent(on.demo, on.town.actor(VERA), on.key)

    came.once("no-such-object")


@race(consents.consent, consents.withdraw_consent)
def consents_come_and_go(on: Ground) -> Story:
    """However consent and withdrawal race, there is a consent where the last one was given, and none where it went."""
    request = on.town.request(on.demo, on.made)
    came = yield taking_turns(
        lambda _: consents.consent(on.demo, request, on.town.actor(VERA)),
        lambda _: consents.withdraw_consent(on.demo, on.town.actor(VERA), on.key),
    )

    given, withdrawn = events_of(on.demo, "ConsentGiven"), events_of(on.demo, "ConsentRevoked")
    assert given - withdrawn == len(consents.consented(on.demo, on.key, VERA.demo))
    assert came.refusals == Counter({"no-such-object": 50 - withdrawn})


# ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────────
@race(organization_consents.authorize_application)
def an_organization_authorizes_what_was_said_last(on: Ground) -> Story:
    """A hundred authorizations of one app leave one, with the scopes of the last."""
    came = yield lambda number: authorize(on, frozenset({f"own.{number}"}))

    events = rows(
        on.demo.database, "SELECT data FROM events WHERE name = 'OrganizationAuthorizedApp' ORDER BY sequence"
    )
    assert (len(came.answers), len(events)) == (100, 100)
    assert kept_by_the_organization(on).strip('[]"') in events[-1][0]


@race(organization_consents.consent_for_organization)
def every_scope_that_an_organization_allows_counts(on: Ground) -> Story:
    """A hundred consents for ten scopes: all ten are allowed, each was told once."""
    requests = [
        on.town.request(on.demo, on.made, scope="openid", admin_consent_scope=f"own.{number}") for number in range(10)
    ]
    cy, deed = on.town.actor(CY), organization_consents.consent_for_organization
    came = yield lambda number: deed(on.demo, requests[number % 10], cy, OURS)

    assert (len(came.answers), events_of(on.demo, "OrganizationAuthorizedApp")) == (100, 10)
    assert all(f'"own.{number}"' in kept_by_the_organization(on) for number in range(10))


@race(organization_consents.withdraw_authorization)
def an_authorization_is_revoked_once(on: Ground) -> Story:
    """A hundred who end it end it once."""
    authorize(on)
    came = yield lambda _: revoke(on)

    came.once("no-such-object")


@race(organization_consents.authorize_application, organization_consents.withdraw_authorization, tokens.grant_assertion)
def a_revoked_authorization_leaves_nothing(on: Ground) -> Story:
    """However assertions race with the word being taken back and given again, nothing of before lives."""
    authorize(on)
    assertion = on.town.assertion(on.demo, on.made)

    def deed(number: int) -> object:
        if number == 50:
            revoke(on)
            return None
        return tokens.grant_assertion(on.demo, assertion)

    came = yield deed

    assert set(came.refusals) <= {"consent-required"}
    answers = [answer for answer in came.answers if isinstance(answer, tokens.Answer)]
    assert not any(_is_alive(on, answer) for answer in answers)
    authorize(on)
    assert not any(_is_alive(on, answer) for answer in answers)


def _is_alive(on: Ground, answer: tokens.Answer) -> bool:
    try:
        callers.recognize(on.demo, answer.access_token)
    except Refusal:
        return False
    return True


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(acting_apps.block_app)
def an_app_is_blocked_once(on: Ground) -> Story:
    """A hundred admins who block one app block it once, and it is refused."""
    caller = on.town.caller(on.demo, on.made, SAM)
    came = yield lambda _: acting_apps.block_app(on.demo, on.ada, ACME.demo, on.key)

    came.once("already-blocked")
    assert _is_refused(on, caller)


@race(acting_apps.block_app, acting_apps.unblock_app)
def blocks_come_and_go(on: Ground) -> Story:
    """However they race, the app is blocked where the last word was a block."""
    caller = on.town.caller(on.demo, on.made, SAM)
    came = yield taking_turns(
        lambda _: acting_apps.block_app(on.demo, on.ada, ACME.demo, on.key),
        lambda _: acting_apps.unblock_app(on.demo, on.ada, ACME.demo, on.key),
    )

    blocked, unblocked = events_of(on.demo, "AppBlocked"), events_of(on.demo, "AppUnblocked")
    assert blocked - unblocked == _is_refused(on, caller)
    assert came.refusals == Counter({"already-blocked": 50 - blocked, "no-such-object": 50 - unblocked})


def _is_refused(on: Ground, caller: callers.Caller) -> bool:
    try:
        calls.demand_member(on.demo, caller, ACME.demo)
    except Refusal:
        return True
    return False
