"""Which deeds on keys need a sign-in of this moment, and whom do they not ask?"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from keysteward.actions import acting_apps, credentials, keys, leaks, organization_consents, promotion
from keysteward.actions.context import Context
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.refusals import (
    FRESH_SIGN_IN_NEEDED,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    NO_SUCH_ORGANIZATION,
    WAIVERS_ARE_IN_PRODUCTION,
    Kind,
)
from tests.cast import ADA, UNKNOWN, Made, Town, refused, rsa_keypair

Deed = Callable[[Context, Actor], object]

DEEDS: list[tuple[str, Deed, Kind]] = [
    ("delete a key", lambda ctx, actor: keys.delete(ctx, actor, UNKNOWN), NO_SUCH_KEY),
    ("stop a key", lambda ctx, actor: keys.stop(ctx, actor, UNKNOWN), NO_SUCH_KEY),
    ("revoke all tokens", lambda ctx, actor: keys.revoke_tokens(ctx, actor, UNKNOWN), NO_SUCH_KEY),
    (
        "waive implicit",
        lambda ctx, actor: keys.waive_implicit(ctx, actor, UNKNOWN, "why", ctx.now + timedelta(days=1)),
        WAIVERS_ARE_IN_PRODUCTION,
    ),
    ("press Go Live", lambda ctx, actor: promotion.present(ctx, actor, UNKNOWN, None), NO_SUCH_KEY),
    ("add a secret key", lambda ctx, actor: credentials.add_secret(ctx, actor, UNKNOWN), NO_SUCH_KEY),
    ("delete a secret key", lambda ctx, actor: credentials.delete_secret(ctx, actor, UNKNOWN, UNKNOWN), NO_SUCH_KEY),
    ("generate a keypair", lambda ctx, actor: credentials.add_generated_keypair(ctx, actor, UNKNOWN), NO_SUCH_KEY),
    (
        "add a public key",
        lambda ctx, actor: credentials.add_public_key(ctx, actor, UNKNOWN, rsa_keypair()[1]),
        NO_SUCH_KEY,
    ),
    ("delete a keypair", lambda ctx, actor: credentials.delete_keypair(ctx, actor, UNKNOWN, UNKNOWN), NO_SUCH_KEY),
    ("a leaked secret key", lambda ctx, actor: leaks.report_secret(ctx, actor, UNKNOWN, UNKNOWN), NO_SUCH_KEY),
    ("a leaked keypair", lambda ctx, actor: leaks.report_keypair(ctx, actor, UNKNOWN, UNKNOWN), NO_SUCH_KEY),
    ("block an app", lambda ctx, actor: acting_apps.block_app(ctx, actor, UNKNOWN, UNKNOWN), NO_SUCH_ACCOUNT),
    (
        "end an authorization",
        lambda ctx, actor: organization_consents.withdraw_authorization(ctx, actor, UNKNOWN, UNKNOWN),
        NO_SUCH_ORGANIZATION,
    ),
]


@pytest.mark.parametrize(("what", "deed", "kind"), DEEDS, ids=[row[0] for row in DEEDS])
def test_people_sign_in_again_and_programs_go_on(town: Town, demo: Context, what: str, deed: Deed, kind: Kind) -> None:
    """A person is asked once their sign-in is too old, and before anything is looked up; a program never is."""
    ada, program = town.actor(ADA), town.actor(ADA, permissions=frozenset(PERMISSIONS))
    town.clock.now += demo.policy.fresh_sign_in
    with refused(kind):
        deed(demo, ada)

    town.clock.advance(seconds=1)
    with refused(FRESH_SIGN_IN_NEEDED):
        deed(demo, ada)
    with refused(kind):
        deed(demo, program)


def test_a_key_enters_production_by_a_fresh_sign_in(town: Town, made: Made) -> None:
    """Whoever chooses the account there signs in again too; the handle waits for them."""
    town.pass_review(made)
    handle, ada = town.present(made), town.actor(ADA, town.production)
    promotion.open_promotion(town.production, handle)
    town.clock.advance(minutes=11)
    with refused(FRESH_SIGN_IN_NEEDED):
        promotion.promote(town.production, ada, handle, UNKNOWN)

    assert town.promote(handle).key == made.key
