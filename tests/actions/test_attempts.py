"""Can guessing keep somebody out, and can it tell who is here?"""

from collections.abc import Iterator
from itertools import islice

import pytest

from keysteward.actions import signin
from keysteward.actions.context import Context
from keysteward.rules.refusals import TOO_MANY_ATTEMPTS, WRONG_CREDENTIALS, Kind
from keysteward.rules.signin import Source
from keysteward.store import signin as store
from tests.cast import ADA, BO, MALLORY, PASSWORD, START, Town, refused

OFFICE, HOME = Source("203.0.113.7", "Office"), Source("198.51.100.1", "Home")
NOBODY = "nobody@acme.example"


def elsewhere() -> Iterator[Source]:
    """As many addresses as a botnet has."""
    return (Source(f"192.0.2.{number}") for number in range(1, 255))


def guess(ctx: Context, email: str, source: Source, kind: Kind = WRONG_CREDENTIALS) -> None:
    """A wrong password."""
    with refused(kind, "password"):
        signin.sign_in(ctx, email, "wrong", source)


def attack(ctx: Context, email: str, *, before: int = 0) -> None:
    """Guess at one user from many networks, until strangers are refused."""
    for source in islice(elsewhere(), ctx.policy.sign_in_failures_per_user - before):
        guess(ctx, email, source)
    guess(ctx, email, Source("192.0.2.254"), TOO_MANY_ATTEMPTS)


def test_guesses_from_elsewhere_keep_nobody_out(demo: Context) -> None:
    """While strangers guess at Ada, she signs in from where she did before, and from nowhere else."""
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    attack(demo, ADA.email)

    assert signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    with refused(TOO_MANY_ATTEMPTS, "password"):
        signin.sign_in(demo, ADA.email, PASSWORD, HOME)


def test_a_known_device_is_known_anywhere(demo: Context) -> None:
    """Her browser's cookie lets her in from a network that is new, even where others guess at her in it."""
    device = signin.kept_device("")
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE._replace(unverified_device=device))
    for _ in range(10):
        guess(demo, ADA.email, HOME)
    attack(demo, ADA.email, before=10)
    guess(demo, ADA.email, HOME, TOO_MANY_ATTEMPTS)

    assert signin.sign_in(demo, ADA.email, PASSWORD, HOME._replace(unverified_device=device))


def test_a_known_device_has_ten_guesses_too(demo: Context) -> None:
    """Who stole it learns nothing more, and does not use up the guesses of its network."""
    device = signin.kept_device("")
    stolen = OFFICE._replace(unverified_device=device)
    signin.sign_in(demo, ADA.email, PASSWORD, stolen)
    for _ in range(10):
        guess(demo, ADA.email, stolen)

    with refused(TOO_MANY_ATTEMPTS, "password"):
        signin.sign_in(demo, ADA.email, PASSWORD, stolen)
    assert signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)


@pytest.mark.parametrize("device", ["", "garbage", "ksd_" + "A" * 49])
def test_a_device_that_nobody_made_is_no_device(demo: Context, device: str) -> None:
    """It is refused like any stranger's, and another one's device is a stranger's."""
    others = signin.kept_device("")
    signin.sign_in(demo, MALLORY.email, PASSWORD, HOME._replace(unverified_device=others))
    attack(demo, ADA.email)

    for unverified in (device, others):
        guess(demo, ADA.email, HOME._replace(unverified_device=unverified), TOO_MANY_ATTEMPTS)
    assert signin.kept_device(device) != device
    assert signin.kept_device(others) == others


def test_a_network_that_guesses_at_many_serves_those_it_knows(demo: Context) -> None:
    """After a hundred failures in it, only who signed in from it before is heard; elsewhere nothing changed."""
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    for number in range(100):
        guess(demo, f"user{number}@acme.example", OFFICE)

    assert signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    with refused(TOO_MANY_ATTEMPTS, "password"):
        signin.sign_in(demo, BO.email, PASSWORD, OFFICE)
    assert signin.sign_in(demo, BO.email, PASSWORD, HOME)


def test_nobody_learns_who_signs_in_from_here(demo: Context) -> None:
    """Where a stranger would be refused unheard, a wrong password of somebody known is told the same."""
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    for email in (ADA.email, NOBODY):
        attack(demo, email)
        guess(demo, email, OFFICE, TOO_MANY_ATTEMPTS)


def test_an_unknown_address_meets_what_a_known_one_meets(demo: Context) -> None:
    """Ten guesses from one place, fifty from all, and the same words."""
    for email in (ADA.email, NOBODY):
        for _ in range(10):
            guess(demo, email, HOME)
        guess(demo, email, HOME, TOO_MANY_ATTEMPTS)
        for source in islice(elsewhere(), 40):
            guess(demo, email, source)
        guess(demo, email, Source("192.0.2.200"), TOO_MANY_ATTEMPTS)


def test_who_was_known_is_forgotten_in_the_end(town: Town, demo: Context) -> None:
    """Half a year after the last sign-in a place is strange again, and its row goes."""
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    town.clock.advance(days=180, seconds=1)
    attack(demo, ADA.email)
    guess(demo, ADA.email, OFFICE, TOO_MANY_ATTEMPTS)
    with demo.database.writing() as tx:
        known = demo.digester.digest("network 203.0.113.7")
        assert store.is_known_source(tx, ADA.demo, known, START)
        store.forget_known_sources(tx, demo.now - demo.policy.known_source_life)
        assert not store.is_known_source(tx, ADA.demo, known, START)


def test_addresses_are_kept_as_keyed_hashes(demo: Context) -> None:
    """What is kept for months says of nobody where they were."""
    signin.sign_in(demo, ADA.email, PASSWORD, OFFICE)
    with demo.database.reading() as tx:
        found = tx.exec_driver_sql("SELECT source FROM known_sources").scalars().all()

    names = ("network 203.0.113.7", "browser Office 203.0.113.7")
    assert sorted(found) == sorted(demo.digester.digest(name) for name in names)
