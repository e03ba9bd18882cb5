"""How do declared apps get what they prove themselves with, and how does it leak?"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

from keysteward.actions import credentials, leaks
from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.keys import Wish
from keysteward.rules.leaks import Found, checked_death
from keysteward.twin.declared.moments import read_until
from keysteward.twin.declared.people import MOMENT
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.recovering import add_recipients
from keysteward.twin.declared.references import keypair_of, secret_of
from keysteward.twin.declared.shapes_apps import AnyApp, Keypair, Leak, Secret, Successor
from keysteward.twin.declared.stage import MadeKeypair, Stage, at

Shown = TypeVar("Shown")


class _Added(NamedTuple, Generic[Shown]):
    """A secret key or keypair: its id, and what is shown of it once."""

    id: str
    shown: Shown


class _Made(NamedTuple):
    """What was made, by its place in the file."""

    secrets: dict[int, _Added[str]]
    keypairs: dict[int, _Added[MadeKeypair]]


class _Deeds(NamedTuple, Generic[Shown]):
    """What can be done with one that is there. What nobody can find in the wild is not recognized."""

    report: Callable[[Context, Actor, str, str, datetime | None, str], _Added[Shown]]
    delete: Callable[[Context, Actor, str, str], None]
    is_recognized: Callable[[Context, Shown, str], bool]


def equip(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    """Give an app its secret keys and keypairs, each at its moment; what leaked leaves one in its place."""
    made, added = stage.made.apps[key], _Made({}, {})
    secrets, keypairs = [secret_of(each) for each in app.secrets], [keypair_of(each) for each in app.keypairs]
    wanted = [*_dated(stage, key, secrets), *_dated(stage, key, keypairs)]
    for created, number, each in sorted(wanted, key=lambda dated: dated[0]):
        if each.sealed:
            add_recipients(stage, stage.accounts[key], created)
        ctx, actor = stage.on(created), stage.creator(key, created)
        with at(f"{path}.{'secrets' if isinstance(each, Secret) else 'keypairs'}[{number}]", is_field=True):
            if isinstance(each, Secret):
                added.secrets[number] = _add_secret(ctx, actor, key, each)
            else:
                added.keypairs[number] = _add_keypair(ctx, actor, key, each)
    held = [added.secrets[number] for number in range(len(secrets))]
    pairs = [added.keypairs[number] for number in range(len(keypairs))]
    made.secrets = _after_leaks(stage, f"{path}.secrets", key, list(zip(secrets, held, strict=True)), _SECRETS)
    made.keypairs = _after_leaks(stage, f"{path}.keypairs", key, list(zip(keypairs, pairs, strict=True)), _KEYPAIRS)


def _dated(
    stage: Stage, key: str, declared: Sequence[Secret | Keypair]
) -> list[tuple[datetime, int, Secret | Keypair]]:
    """When each is made, and its place in the file."""
    since = stage.created[key]
    return [(stage.when(each.created, since + number * MOMENT), number, each) for number, each in enumerate(declared)]


def _after_leaks(
    stage: Stage, path: str, key: str, each: Sequence[tuple[Secret | Keypair, _Added[Shown]]], deeds: _Deeds[Shown]
) -> list[Shown]:
    """What stands for each entry once all reports were made, in their order of time: never more than there may be."""
    last = [added for _, added in each]
    leaks_ = [(number, declared.leaked) for number, (declared, _) in enumerate(each) if declared.leaked is not None]
    for number, leak in sorted(leaks_, key=lambda leaked: stage.when(leaked[1].reported, stage.now)):
        last[number] = _leak(stage, f"{path}[{number}].leaked", key, last[number], leak, deeds)
    return [added.shown for added in last]


def _add_secret(ctx: Context, actor: Actor, key: str, declared: Secret) -> _Added[str]:
    wish = _wish(ctx, declared)
    if declared.value is None:
        made = credentials.add_secret(ctx, actor, key, wish)
    else:
        made = credentials.declare_secret(ctx, actor, key, declared.value, wish)
    return _Added(made.secret.id, made.value)


def _add_keypair(ctx: Context, actor: Actor, key: str, declared: Keypair) -> _Added[MadeKeypair]:
    wish = _wish(ctx, declared)
    if declared.public_key is not None:
        taken = credentials.add_public_key(ctx, actor, key, declared.public_key, wish)
        return _Added(taken.id, MadeKeypair(taken.thumbprint, None))
    return _shown(credentials.add_generated_keypair(ctx, actor, key, wish))


def _wish(ctx: Context, declared: Secret | Keypair) -> Wish:
    until = read_until(declared.expires, ctx.now) if declared.expires else None
    return Wish(until, declared.reason, declared.sealed)


def _leak(stage: Stage, path: str, key: str, added: _Added[Shown], leak: Leak, deeds: _Deeds[Shown]) -> _Added[Shown]:
    """Report one that leaked; answer with the one that stands for it in the end."""
    when, successor = stage.when(leak.reported, stage.now), leak.successor or Successor()
    if leak.found_at is not None:
        _find(stage.on(when), path, added.shown, leak.found_at, deeds)
        return added
    actor = stage.creator(key, when) if leak.by is None else stage.actor(stage.known.users.load(leak.by), when)
    with at(f"{path}.dies", is_field=True):
        dies_at = checked_death(None if leak.dies is None else read_until(leak.dies, when), when)
    with at(path):
        other = deeds.report(stage.on(when), actor, key, added.id, dies_at, leak.reason)
    last = other
    if successor.leaked is not None:
        last = _leak(stage, f"{path}.successor.leaked", key, other, successor.leaked, deeds)
    if successor.deleted:
        with at(f"{path}.successor.deleted", is_field=True):
            deeds.delete(stage.on(stage.now), stage.creator(key, stage.now), key, other.id)
    return last


def _find(ctx: Context, path: str, shown: Shown, place: str, deeds: _Deeds[Shown]) -> None:
    """Let somebody who found it report it."""
    with at(path):
        is_recognized = deeds.is_recognized(ctx, shown, place)
    if not is_recognized:
        raise Mistakes([Problem(path, "nobody can report it so: it has not the shape of those that are made here.")])


def _report_secret(
    ctx: Context, actor: Actor, key: str, secret: str, dies_at: datetime | None, reason: str
) -> _Added[str]:
    made = leaks.report_secret(ctx, actor, key, secret, dies_at, reason)
    return _Added(made.secret.id, made.value)


def _report_keypair(
    ctx: Context, actor: Actor, key: str, keypair: str, dies_at: datetime | None, reason: str
) -> _Added[MadeKeypair]:
    return _shown(leaks.report_keypair(ctx, actor, key, keypair, dies_at, reason))


def _is_recognized(ctx: Context, value: str, place: str) -> bool:
    return leaks.take_report(ctx, [Found(value, url=place)]) == [True]


def _shown(made: credentials.NewKeypair) -> _Added[MadeKeypair]:
    return _Added(made.keypair.id, MadeKeypair(made.keypair.thumbprint, made.private_pem))


_SECRETS = _Deeds(_report_secret, credentials.delete_secret, _is_recognized)
_KEYPAIRS = _Deeds(_report_keypair, credentials.delete_keypair, lambda *_: False)
