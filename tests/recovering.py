"""How are credentials of these tests sealed, asked for and opened again?"""

from datetime import timedelta
from functools import cache
from typing import NamedTuple

import pyrage

from keysteward.actions import credentials, drills, releases, sealed_credentials
from keysteward.actions.context import Context
from keysteward.actions.credentials import NewKeypair, NewSecret
from keysteward.actions.drills import Plan
from keysteward.rules.drills import Drill
from keysteward.rules.keys import Wish
from keysteward.rules.sealed_credentials import Recipient, Release
from tests.cast import ACME, ADA, BO, Made, Person, Town

SEAL = Wish(seal=True)
REASON = "The vault burned down."


class Pair(NamedTuple):
    """An age pair: what an account knows, and what it never does."""

    public_key: str
    identity: str


def pair(name: str = "safe") -> Pair:
    """One pair for each name."""
    return _made(name)


@cache
def _made(_name: str) -> Pair:
    made = pyrage.x25519.Identity.generate()
    return Pair(str(made.to_public()), str(made))


def opened(armored: bytes, whose: Pair) -> str:
    """What a recovery identity reads in a sealed file."""
    return pyrage.decrypt(armored, [pyrage.x25519.Identity.from_str(whose.identity)]).decode()


def add_recipient(town: Town, name: str = "safe", *, by: Person = ADA, ctx: Context | None = None) -> Recipient:
    """Let Acme seal to a pair."""
    ctx = ctx or town.demo
    account = ACME.id_in(ctx.environment)
    return sealed_credentials.add_recipient(ctx, town.actor(by, ctx), account, name, pair(name).public_key)


def seal_secret(town: Town, made: Made, *, ctx: Context | None = None) -> NewSecret:
    """Make a secret key that is sealed, to a recipient where there is none yet."""
    ctx = ctx or town.demo
    if not sealed_credentials.count_recipients(ctx, ACME.id_in(ctx.environment)):
        add_recipient(town, ctx=ctx)
    return credentials.add_secret(ctx, town.actor(ADA, ctx), made.key, SEAL)


def seal_keypair(town: Town, made: Made) -> NewKeypair:
    """Likewise a keypair."""
    if not sealed_credentials.count_recipients(town.demo, ACME.demo):
        add_recipient(town)
    return credentials.add_generated_keypair(town.demo, town.actor(ADA), made.key, SEAL)


def ask(town: Town, made: Made, *, by: Person = ADA) -> Release:
    """Ask for a secret key that was sealed for it."""
    new = seal_secret(town, made)
    return releases.ask(town.demo, town.actor(by), ACME.demo, new.secret.id, REASON)


def approved(town: Town, made: Made, *, by: Person = BO) -> Release:
    """Ask, and let a second admin approve."""
    release = ask(town, made)
    return releases.approve(town.demo, town.actor(by), release.id)


def planned(town: Town, *, days: int = 30, months: int = 0, by: Person = ADA) -> Drill:
    """Plan a drill of Ada and Bo."""
    plan = Plan("reach-second-admin", "", ADA.demo, BO.demo, town.demo.now + timedelta(days=days), months)
    return drills.plan(town.demo, town.actor(by), ACME.demo, plan)
