"""How many guesses has somebody had, and who is known from before?

Failures are kept by the address that was tried, known or not, and by a keyed hash of where they came from.
"""

from dataclasses import replace
from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.crypto.hashing import has_shape
from keysteward.rules.accounts import User
from keysteward.rules.refusals import Kind, Refusal, demand
from keysteward.rules.signin import ATTEMPT, NOWHERE, Attempt, Source, browser_in_words, in_minutes, network_of
from keysteward.store import signin
from keysteward.store.database import Connection, lock


class Place(NamedTuple):
    """Where an attempt on an address comes from, as the database sees it, and what came from there before."""

    email: str
    source: str
    attempt: Attempt


def demand_patience(ctx: Context, tx: Connection, email: str, user: str | None, source: Source) -> Place:
    """Refuse whoever had too many guesses, within a transaction in which no other guess is counted."""
    lock(tx, "record", f"guesses from {_network(ctx, source)}")
    return demand_heard(ctx, tx, email, user, source)


def demand_heard(ctx: Context, tx: Connection, email: str, user: str | None, source: Source) -> Place:
    """Refuse whoever had too many guesses, before any work is done for them; others may be guessing meanwhile."""
    place = _found(ctx, tx, email, user, source)
    demand(ATTEMPT, place.attempt, minutes=in_minutes(ctx.policy.sign_in_window))
    return place


def fail(ctx: Context, tx: Connection, place: Place) -> None:
    """Count a failure."""
    signin.save_failure(tx, place.email, place.source, ctx.now, ctx.now - ctx.policy.sign_in_window)


def refusal_of(place: Place, kind: Kind) -> Refusal:
    """How a failure is told: where a stranger would have been refused unheard, everybody is told the same.

    Otherwise a network could be asked who signs in from it.
    """
    stranger = replace(place.attempt, is_known=False)
    told = next((found for check in ATTEMPT if (found := check(stranger))), kind)
    return Refusal(told, minutes=in_minutes(place.attempt.policy.sign_in_window))


def remember(ctx: Context, tx: Connection, user: str, source: Source) -> None:
    """A user signed in from here: guesses from elsewhere do not keep them out from here."""
    for known in filter(None, (_network(ctx, source), _device(ctx, source), _browser(ctx, source))):
        signin.save_known_source(tx, user, known, ctx.now)


def is_new_device(ctx: Context, tx: Connection, user: User, source: Source) -> bool:
    """Whether a user signs in from a device that they did not use before; their first one is none.

    A device is known by its cookie, and where a browser kept none, by what it calls itself and its network.
    """
    if source == NOWHERE:
        return False
    name = _browser_name(source) if source.is_fresh or not _device(ctx, source) else source.unverified_device
    since = ctx.now - ctx.policy.known_source_life
    if any(signin.is_known_source(tx, user.id, digest, since) for digest in ctx.digester.digests(name)):
        return False
    return user.created_at < since or signin.last_signed_in(tx, user.id) is not None


def _found(ctx: Context, tx: Connection, email: str, user: str | None, source: Source) -> Place:
    """Where an attempt comes from: a known device of the user, or else the network."""
    policy, now = ctx.policy, ctx.now
    since, known_since = now - policy.sign_in_window, now - policy.known_source_life
    here, device = _network(ctx, source), _device(ctx, source)
    is_device = bool(user and device and signin.is_known_source(tx, user, device, known_since))
    is_known = is_device or bool(user and signin.is_known_source(tx, user, here, known_since))
    here = device if is_device else here
    return Place(
        email,
        here,
        Attempt(
            failures_from_here=signin.count_failures(tx, since, email=email, source=here),
            failures_in_network=signin.count_failures(tx, since, source=here),
            failures_of_user=signin.count_failures(tx, since, email=email),
            is_known=is_known,
            policy=policy,
        ),
    )


def _network(ctx: Context, source: Source) -> str:
    return ctx.digester.digest(f"network {network_of(source.address)}")


def _browser_name(source: Source) -> str:
    return f"browser {browser_in_words(source.agent)} {network_of(source.address)}"


def _browser(ctx: Context, source: Source) -> str:
    return ctx.digester.digest(_browser_name(source)) if source.agent else ""


def _device(ctx: Context, source: Source) -> str:
    return ctx.digester.digest(source.unverified_device) if has_shape("ksd_", source.unverified_device) else ""
