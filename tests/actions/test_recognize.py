"""Whom does an access token speak for, as everything stands now?"""

import base64
import json
from collections.abc import Callable

import pytest

from keysteward.actions import accounts, callers, calls, keys, organization_consents, tokens
from keysteward.actions.context import Context
from keysteward.crypto.signing import new_signing_key
from keysteward.rules.access import Actor
from keysteward.rules.refusals import (
    APPLICATION_TOKEN,
    BAD_TOKEN,
    FOREIGN_TOKEN,
    NO_TOKEN,
    NOT_A_MEMBER,
    SCOPE_MISSING,
)
from keysteward.store import accounts as records
from tests.cast import (
    ACME,
    ADA,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    SAM,
    SMALL,
    STRANGE,
    UNKNOWN,
    Made,
    Town,
    refused,
)

Deed = Callable[[Context, Actor, str], object]


@pytest.fixture
def token(town: Town, demo: Context, made: Made) -> str:
    """An access token of Sam's for Ada's app."""
    return town.sign_in_with(demo, made, SAM).access_token


def close_user(ctx: Context, user: str) -> None:
    """Close a user in every account."""
    with ctx.database.writing() as tx:
        records.change_user(tx, user, state="closed")


# ── dying ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_token_dies_at_its_last_second(town: Town, demo: Context, token: str) -> None:
    """Eight hours after it was issued a token is expired."""
    town.clock.advance(hours=8, seconds=-1)
    callers.recognize(demo, token)
    town.clock.advance(seconds=1)

    with refused(BAD_TOKEN):
        callers.recognize(demo, token)


@pytest.mark.parametrize(
    ("deed", "back"), [(keys.stop, keys.start), (keys.delete, None), (keys.revoke_tokens, None)],
    ids=["stopped", "deleted", "revoked"],
)  # fmt: skip
def test_a_token_dies_with_its_key(
    town: Town, demo: Context, made: Made, token: str, deed: Deed, back: Deed | None
) -> None:
    """Stopping, deleting and revoking act at once; only stopping can be undone."""
    deed(demo, town.actor(ADA), made.key)
    with refused(BAD_TOKEN):
        callers.recognize(demo, token)

    if back is not None:
        back(demo, town.actor(ADA), made.key)
        assert callers.recognize(demo, token).app.key == made.key


def test_a_restored_key_s_old_tokens_stay_dead(town: Town, demo: Context, made: Made, token: str) -> None:
    """Deleting kills tokens for good, and the restored key issues new ones."""
    keys.delete(demo, town.actor(ADA), made.key)
    keys.restore(demo, town.actor(ADA), made.key)

    with refused(BAD_TOKEN):
        callers.recognize(demo, token)
    callers.recognize(demo, town.sign_in_with(demo, made, SAM).access_token)


def test_revoking_kills_the_past_and_not_the_future(town: Town, demo: Context, made: Made, token: str) -> None:
    """In the same instant of a clock that stands still, old tokens are dead and new ones live."""
    keys.revoke_tokens(demo, town.actor(ADA), made.key)
    new = town.sign_in_with(demo, made, SAM).access_token

    with refused(BAD_TOKEN):
        callers.recognize(demo, token)
    assert callers.recognize(demo, new).app.key == made.key


def test_revoking_one_key_s_tokens_spares_the_others(town: Town, demo: Context, made: Made, token: str) -> None:
    """Each key has its own."""
    other = town.create_app(name="Other")
    keys.revoke_tokens(demo, town.actor(ADA), other.key)

    assert callers.recognize(demo, token).app.key == made.key


def test_a_token_dies_with_its_user(demo: Context, token: str) -> None:
    """A leaver's tokens stop at once."""
    close_user(demo, SAM.demo)

    with refused(BAD_TOKEN):
        callers.recognize(demo, token)


def test_a_token_dies_with_its_user_s_last_account(town: Town, demo: Context, made: Made) -> None:
    """Whoever is in no open account any more speaks for nobody; who has another one lives on."""
    mallory, ada = (town.sign_in_with(demo, made, person).access_token for person in (MALLORY, ADA))
    accounts.change_account(demo, STRANGE.demo, "operator", state="closed")
    accounts.close_membership(demo, ACME.demo, ADA.demo, ADA.email)

    with refused(BAD_TOKEN):
        callers.recognize(demo, mallory)
    callers.recognize(demo, ada)


# ── other tokens ────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_demo_token_is_refused_in_production_and_the_reverse(town: Town, made: Made) -> None:
    """The same key, person and scopes: a token is good in its own environment only, and the refusal says why."""
    live = town.go_live(made)
    for ctx, other, app in ((town.demo, town.production, made), (town.production, town.demo, live)):
        token = town.sign_in_with(ctx, app, SAM).access_token
        callers.recognize(ctx, token)
        with refused(FOREIGN_TOKEN):
            callers.recognize(other, token)


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "e30.e30.", "e30.e30.x", "é", "x" * 20_000, "kst_abc"])
def test_garbage_is_refused(demo: Context, token: str) -> None:
    """What is no token of anybody's is refused."""
    with refused(BAD_TOKEN):
        callers.recognize(demo, token)


def test_a_changed_token_is_refused(demo: Context, token: str) -> None:
    """Nobody gives themselves another user, scope or life."""
    header, claims, signature = token.split(".")
    for change in ({"sub": ADA.demo}, {"scope": "signature user_write"}, {"exp": 4_102_444_800}):
        changed = json.loads(base64.urlsafe_b64decode(claims + "==")) | change
        forged = base64.urlsafe_b64encode(json.dumps(changed).encode()).rstrip(b"=").decode()
        with refused(BAD_TOKEN):
            callers.recognize(demo, f"{header}.{forged}.{signature}")


def test_a_stranger_s_token_is_refused(demo: Context, made: Made) -> None:
    """The right claims under another key are worth nothing, and what only claims to be foreign is told no more."""
    stranger = new_signing_key("RS256")
    for issuer, kind in ((demo.issuer, BAD_TOKEN), ("https://production.test:9443/", FOREIGN_TOKEN)):
        token = stranger.sign("at+jwt", {"iss": issuer, "aud": issuer, "sub": ADA.demo, "client_id": made.key})
        with refused(kind):
            callers.recognize(demo, token)


def test_other_papers_of_ours_are_no_access_tokens(town: Town, demo: Context, made: Made) -> None:
    """Nothing else that this environment signs opens the API."""
    caller = town.caller(demo, made)
    standing = calls.demand_member(demo, caller, ACME.demo)

    with refused(BAD_TOKEN):
        callers.recognize(demo, calls.vouch(demo, caller, standing, "http://upstream"))
    with refused(BAD_TOKEN):
        callers.recognize(demo, demo.access_key.sign("JWT", {"iss": demo.issuer, "aud": demo.issuer}))


# ── what a token may ────────────────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_a_bearer_is_admitted(demo: Context, token: str, scheme: str) -> None:
    """The scheme may be written in any letter case."""
    caller = calls.admit(demo, f"{scheme} {token}")

    assert caller.user is not None
    assert caller.user.id == SAM.demo


def test_no_token_is_no_token(demo: Context, token: str) -> None:
    """Without a bearer token, and with another scheme or none, the answer is the one that clients know."""
    for authorization in (None, "", "Bearer", "Bearer ", f"Basic {token}", token):
        with refused(NO_TOKEN):
            calls.admit(demo, authorization)


def test_a_member_calls_below_their_account(town: Town, demo: Context, made: Made) -> None:
    """By GUID or number the caller's own accounts open; foreign and unknown ones are one refusal."""
    caller = town.caller(demo, made)
    assert calls.demand_member(demo, caller, "10000001").account.id == ACME.demo

    for account in (STRANGE.demo, COUNCIL.demo, ACME.production, UNKNOWN, "x"):
        with refused(NOT_A_MEMBER):
            calls.demand_member(demo, caller, account)


def test_a_former_member_does_not(town: Town, demo: Context, made: Made) -> None:
    """A token outlives a membership and opens the account no more."""
    caller = town.caller(demo, made)
    accounts.close_membership(demo, ACME.demo, SAM.demo, ADA.email)

    with refused(NOT_A_MEMBER):
        calls.demand_member(demo, caller, ACME.demo)
    with refused(NOT_A_MEMBER):
        calls.demand_user(demo, caller)


def test_a_call_needs_its_scope(town: Town, demo: Context, made: Made) -> None:
    """A token without `signature` calls nothing below an account."""
    caller = callers.recognize(demo, town.sign_in_with(demo, made, SAM, "openid").access_token)

    with refused(SCOPE_MISSING):
        calls.demand_member(demo, caller, ACME.demo)


def test_an_application_token_calls_no_account(town: Town, demo: Context, made: Made) -> None:
    """Without a user there is no account, no userinfo."""
    organization_consents.authorize_application(
        demo, town.actor(CY), ORGANIZATION["demo"], made.key, frozenset({"signature"})
    )
    token = tokens.grant_assertion(demo, town.assertion(demo, made, None)).access_token
    caller = callers.recognize(demo, token)

    with refused(APPLICATION_TOKEN):
        calls.demand_member(demo, caller, ACME.demo)
    with refused(APPLICATION_TOKEN):
        calls.demand_user(demo, caller)
    with refused(BAD_TOKEN):
        callers.profile(demo, token)


# ── userinfo ────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_userinfo_names_the_accounts_that_are_there(town: Town, demo: Context, made: Made) -> None:
    """The default account comes first; closed accounts and ended memberships are not named."""
    token = town.sign_in_with(demo, made, ADA).access_token
    profile = callers.profile(demo, token)
    assert [each.account.id for each in profile.standings] == [ACME.demo, SMALL.demo, COUNCIL.demo]
    assert profile.organizations == {ORGANIZATION["demo"]: "Acme Group"}

    accounts.change_account(demo, SMALL.demo, "operator", state="closed")
    accounts.close_membership(demo, COUNCIL.demo, ADA.demo, CY.email)
    assert [each.account.id for each in callers.profile(demo, token).standings] == [ACME.demo]
