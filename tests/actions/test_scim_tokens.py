"""Who lets an identity provider speak for an organization, and for how long?"""

from dataclasses import replace

import pytest

from keysteward.actions import account_states, scim_tokens, scim_users
from keysteward.rules.access import PERMISSIONS
from keysteward.rules.accounts import ADMIN, SENDER, VIEWER
from keysteward.rules.provisioning.tokens import KEPT_REQUESTS, Heard
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    NOT_A_SCIM_TOKEN,
    TOO_MANY_SCIM_REQUESTS,
    TOO_MANY_SCIM_TOKENS,
)
from tests.cast import ACME, ADA, COUNCIL, CY, MALLORY, SMALL, UNKNOWN, Town, refused
from tests.directory import described, group, introduce, token_of
from tests.mails import letters_to
from tests.peers.databases import rows


def test_a_token_speaks_until_it_is_revoked(town: Town) -> None:
    """Its value is known by its keyed hash alone; revoked, nobody is known by it any more, at once."""
    made = introduce(town)

    assert scim_tokens.recognize(town.demo, made.value) == made.token
    assert made.value.startswith("ksi_")
    assert rows(town.demo.database, "SELECT digest FROM scim_tokens") == [(town.demo.digester.digest(made.value),)]
    scim_tokens.revoke(town.demo, town.actor(CY), group(town.demo), made.token.id)
    for value in (made.value, made.value[:-1], "ksi_x", ""):
        with refused(NOT_A_SCIM_TOKEN):
            scim_tokens.recognize(town.demo, value)
    with refused(NOT_A_SCIM_TOKEN):
        scim_users.create(town.demo, made.token, described())


def test_two_tokens_change_over(town: Town) -> None:
    """A third is refused, and so is a second of one name; every admin is told of each."""
    introduce(town)
    second = scim_tokens.make(town.demo, town.actor(CY), group(town.demo), "Okta").token

    with refused(TOO_MANY_SCIM_TOKENS):
        scim_tokens.make(town.demo, town.actor(CY), group(town.demo), "Third")
    scim_tokens.revoke(town.demo, town.actor(CY), group(town.demo), second.id)
    with refused(INVALID_FIELD, "name"):
        scim_tokens.make(town.demo, town.actor(CY), group(town.demo), "entra id")
    assert letters_to(town.demo, CY.email) == ["identity-provider"] * 2


def test_only_organization_admins_do(town: Town) -> None:
    """Admins of accounts, strangers, programs and whoever signed in long ago do nothing here."""
    own, long_ago = group(town.demo), town.clock.now - 10 * town.demo.policy.fresh_sign_in
    stale = replace(town.actor(CY), signed_in_at=long_ago)
    program = town.actor(CY, permissions=frozenset(PERMISSIONS))
    for actor in (town.actor(ADA), town.actor(MALLORY)):
        with refused(NO_SUCH_ORGANIZATION):
            scim_tokens.make(town.demo, actor, own, "Mine")
        with refused(NO_SUCH_ORGANIZATION):
            scim_tokens.view(town.demo, actor, own)
    for actor in (stale, program):
        with refused(FRESH_SIGN_IN_NEEDED):
            scim_tokens.make(town.demo, actor, own, "Mine")
        with refused(FRESH_SIGN_IN_NEEDED):
            scim_tokens.revoke(town.demo, actor, own, UNKNOWN)
        with refused(FRESH_SIGN_IN_NEEDED):
            scim_tokens.choose_home(town.demo, actor, own, ACME.demo, SENDER.id)
    with refused(NO_SUCH_OBJECT):
        scim_tokens.revoke(town.demo, town.actor(CY), own, UNKNOWN)


@pytest.mark.parametrize(
    ("account", "profile", "field"),
    [
        (ACME.demo, ADMIN.id, "profile"),
        (ACME.demo, 99_999, "profile"),
        (SMALL.demo, SENDER.id, "account"),
        (UNKNOWN, SENDER.id, "account"),
    ],
    ids=["admin", "unknown profile", "not linked", "unknown account"],
)
def test_new_users_belong_to_an_own_account_and_never_as_admins(
    town: Town, account: str, profile: int, field: str
) -> None:
    """What would give a provider more than it may have is refused where it is chosen."""
    with refused(INVALID_FIELD, field):
        scim_tokens.choose_home(town.demo, town.actor(CY), group(town.demo), account, profile)


def test_the_page_shows_how_it_stands(town: Town) -> None:
    """Tokens with their last use, the choice and what may be chosen, without DS Admin and closed accounts."""
    token, own = token_of(town), group(town.demo)
    scim_tokens.choose_home(town.demo, town.actor(CY), own, COUNCIL.demo, VIEWER.id)
    account_states.change_state(town.demo, "Olga", ACME.demo, "suspend", "Unpaid.")
    for number in range(KEPT_REQUESTS + 5):
        town.clock.advance(seconds=1)
        heard = Heard(own, token.id, town.clock.now, f"GET /Users {number}", "", 200, "")
        scim_tokens.note(town.demo, heard)
    seen = scim_tokens.view(town.demo, town.actor(CY), own)

    assert [each.used_at for each in seen.tokens] == [town.clock.now]
    assert [(choice.account.id, ADMIN in choice.profiles) for choice in seen.choices] == [(COUNCIL.demo, False)]
    assert seen.home is not None
    assert (seen.home.account, seen.home.profile) == (COUNCIL.demo, VIEWER.id)
    assert (len(seen.heard), seen.heard[0]) == (KEPT_REQUESTS, (heard, "Entra ID"))


def test_a_token_has_its_pace(town: Town) -> None:
    """Whoever asks too often waits; another token does not."""
    ctx = town.demo.under(replace(town.demo.policy, scim_requests_per_hour=60))
    token = token_of(town)
    for _ in range(60):
        scim_tokens.demand_patience(ctx, token)

    with refused(TOO_MANY_SCIM_REQUESTS):
        scim_tokens.demand_patience(ctx, token)
    scim_tokens.demand_patience(ctx, replace(token, id=UNKNOWN))
    town.clock.advance(hours=1)
    scim_tokens.demand_patience(ctx, token)
