"""Until when is a secret key or keypair good, and what does its app say of itself meanwhile?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from keysteward.actions import clients, credentials, keys, tokens
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.clients import Credentials
from keysteward.rules.keys import Wish
from keysteward.rules.refusals import INVALID_CLIENT, INVALID_FIELD, NO_VALID_KEYS_OR_SIGNATURES
from keysteward.store.tables import secrets
from tests.cast import ADA, SAM, Made, Town, refused
from tests.peers.databases import rows

MONTH = timedelta(days=30)


def proves(ctx: Context, key: str, secret: str) -> bool:
    """Whether a secret proves an app now."""
    return clients.authenticate(ctx, Credentials(key, secret, "post")).is_authenticated


def test_a_secret_is_good_until_it_expires(town: Town, demo: Context, made: Made) -> None:
    """It is judged at every use: at its last moment it is good, and at the next it is none."""
    new = credentials.add_secret(demo, town.actor(ADA), made.key, Wish(demo.now + MONTH, "The yearly rotation."))
    town.clock.advance(days=30, microseconds=-1)
    assert proves(demo, made.key, new.value)

    town.clock.advance(microseconds=1)
    with refused(INVALID_CLIENT):
        proves(demo, made.key, new.value)
    assert proves(demo, made.key, made.secret)


def test_a_keypair_is_good_until_it_expires(town: Town, demo: Context, made: Made) -> None:
    """What it signs is refused as if it were not there, and the other keypair goes on."""
    new = credentials.add_generated_keypair(demo, town.actor(ADA), made.key, Wish(demo.now + MONTH))
    other = replace(made, private_pem=new.private_pem)
    town.consent(demo, made, SAM)
    assert tokens.grant_assertion(demo, town.assertion(demo, other)).access_token

    town.clock.advance(days=30)
    with refused(NO_VALID_KEYS_OR_SIGNATURES):
        tokens.grant_assertion(demo, town.assertion(demo, other))
    assert tokens.grant_assertion(demo, town.assertion(demo, made)).access_token


def test_expiry_and_reason_are_kept_and_told(town: Town, demo: Context, made: Made) -> None:
    """Whoever looks at the app sees both, and so does its history."""
    until = demo.now + MONTH
    new = credentials.add_secret(demo, town.actor(ADA), made.key, Wish(until, "  The yearly  rotation. ")).secret
    view = keys.view(demo, town.actor(ADA), made.key)

    assert new in view.settings.secrets
    assert (new.expires_at, new.reason) == (until, "The yearly rotation.")
    newest = view.events[0]
    assert (newest.name, newest.data["until"], newest.data["reason"]) == (
        "SecretAdded", until.isoformat(), "The yearly rotation.",
    )  # fmt: skip


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-1), timedelta(days=3_660, microseconds=1)])
def test_an_expiry_lies_ahead(town: Town, demo: Context, made: Made, ahead: timedelta) -> None:
    """Not now, not before, and within ten years."""
    with refused(INVALID_FIELD, "expires_at"):
        credentials.add_secret(demo, town.actor(ADA), made.key, Wish(demo.now + ahead))


def test_a_reason_is_short(town: Town, demo: Context, made: Made) -> None:
    """200 characters are enough."""
    assert credentials.add_secret(demo, town.actor(ADA), made.key, Wish(reason="r" * 200)).secret.reason == "r" * 200
    with refused(INVALID_FIELD, "reason"):
        credentials.add_secret(demo, town.actor(ADA), made.key, Wish(reason="r" * 201))


def test_a_policy_may_set_the_longest_life(town: Town, demo: Context, made: Made) -> None:
    """Then nothing is good for longer, and what says nothing is good for just so long."""
    ctx = demo.under(replace(demo.policy, longest_credential_days=90))
    new = credentials.add_secret(ctx, town.actor(ADA), made.key)
    assert new.secret.expires_at == demo.now + timedelta(days=90)

    with refused(INVALID_FIELD, "expires_at"):
        credentials.add_secret(ctx, town.actor(ADA), made.key, Wish(demo.now + timedelta(days=91)))


def test_what_expired_does_not_count(town: Town, demo: Context, made: Made) -> None:
    """Of ten live secret keys and five live keypairs none is one that expired; they can still be deleted."""
    actor, one = town.actor(ADA), replace(demo.policy, secrets_per_key=2, keypairs_per_key=2)
    ctx = demo.under(one)
    old = credentials.add_secret(ctx, actor, made.key, Wish(ctx.now + MONTH)).secret
    old_pair = credentials.add_generated_keypair(ctx, actor, made.key, Wish(ctx.now + MONTH)).keypair
    town.clock.advance(days=30)

    credentials.add_secret(ctx, town.actor(ADA), made.key)
    credentials.add_generated_keypair(ctx, town.actor(ADA), made.key)
    credentials.delete_secret(ctx, town.actor(ADA), made.key, old.id)
    credentials.delete_keypair(ctx, town.actor(ADA), made.key, old_pair.id)
    settings = keys.view(ctx, town.actor(ADA), made.key).settings
    assert (len(settings.secrets), len(settings.keypairs)) == (2, 2)


GARBAGE = ("", "nonsense", "kst_" + "a" * 49, "kss_" + "a" * 49, "k" * 100_000)


@pytest.mark.parametrize("garbage", GARBAGE, ids=lambda text: text[:9] or "none")
def test_garbage_is_refused_by_its_shape(demo: Context, made: Made, garbage: str) -> None:
    """What cannot be a secret key is refused although it stands in the table: nobody looks."""
    with demo.database.writing() as tx:
        tx.execute(update(secrets).values(digest=demo.digester.digest(garbage)))

    with refused(INVALID_CLIENT):
        proves(demo, made.key, garbage)


def test_only_where_secrets_were_declared_another_shape_is_looked_up(town: Town, demo: Context, made: Made) -> None:
    """The flag stands in the row of that app alone."""
    credentials.declare_secret(demo, town.actor(ADA), made.key, "a-secret-of-their-own")
    other = town.create_app(name="Another")

    assert proves(demo, made.key, "a-secret-of-their-own")
    assert proves(demo, made.key, made.secret)
    flags = dict(rows(demo.database, "SELECT key, has_declared_secrets FROM apps"))
    assert (bool(flags[made.key]), bool(flags[other.key])) == (True, False)
    for secret in ("another-of-their-own", new_secret("kss_")):
        with refused(INVALID_CLIENT):
            proves(demo, made.key, secret)
