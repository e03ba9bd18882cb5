"""How far has a new key taken the place of an old one, and who may look?

An admin of the old key looks at once; whoever holds a credential of it proves that once, and looks as long as that
credential lives. To all others there is no such replacement, whatever the new key says of the old one.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from keysteward.actions import attempts, domains
from keysteward.actions.clients import Client, authenticate
from keysteward.actions.context import Context
from keysteward.actions.keys import managed, seen
from keysteward.actions.replacement_cases import (
    Pair,
    case_of,
    demand_production,
    demand_step,
    find_pair,
    is_proven,
    quiet_of,
    seen_case,
)
from keysteward.rules.access import READ_KEYS, Actor, demand_permission
from keysteward.rules.accounts import Account
from keysteward.rules.call_usage import Asked, Group, Scope, between
from keysteward.rules.clients import Credentials
from keysteward.rules.cut_over import SHOWN_DAYS, Day, Quiet, days_of, percent_moved, why_not_safe
from keysteward.rules.keys import App, Settings
from keysteward.rules.refusals import INVALID_FIELD, PROOF_NOT_GOOD, TOO_MANY_ATTEMPTS, TOO_MANY_PROOFS, Refusal
from keysteward.rules.replacements import (
    Case,
    Hand,
    Replacement,
    Sight,
    Status,
    Step,
    final_at,
    is_open_to,
    may_retire,
    sight_of,
    status_of,
)
from keysteward.rules.signin import Source, in_minutes
from keysteward.rules.transfers import domain_of
from keysteward.store import accounts, audit, call_usage, keys, replacements, transfers
from keysteward.store.database import Connection
from keysteward.store.replacements import Still

_MOST = 200
_MOST_STILL = 50
_MOST_USERS = 25
_HANDS: tuple[Hand, ...] = ("admin", "stand-in", "operator")
_STEPS: tuple[Step, ...] = ("approve", "bring back")


class Shown(NamedTuple):
    """What somebody shows of an old key: its secret key, or a JWT that one of its private keys signed."""

    unverified_secret: str = ""
    unverified_assertion: str = ""


class User(NamedTuple):
    """Somebody for whom the old key is called still: their name for members of its account, otherwise their GUID."""

    name: str
    calls: int
    last_at: datetime


class CutOver(NamedTuple):
    """A replacement as somebody sees it, with what they may do.

    `days`, `still` and `users` are empty for whose `sight` does not reach so far. `hands` are those with which they
    could retire the old key now, were it safe. `held_up` says why a retirement for which no word and no time is missing
    does not happen.
    """

    pair: Pair
    case: Case
    sight: Sight
    status: Status | None
    days: tuple[Day, ...]
    still: list[Still]
    users: list[User]
    hands: frozenset[Hand]
    steps: frozenset[Step]
    held_up: Refusal | None

    @property
    def percent_moved(self) -> int | None:
        """How much of the calls of the last seven days came with the new key."""
        return percent_moved(self.days, self.case.now)

    @property
    def why_not_safe(self) -> tuple[str, ...]:
        """Why it is not safe yet to retire the old key."""
        return why_not_safe(self.case.quiet, self.case.now, self.case.policy)

    @property
    def final_at(self) -> datetime | None:
        """From when on the old key cannot be brought back, once it is retired."""
        retirement = self.case.retirement
        if retirement is None or retirement.retired_at is None:
            return None
        return final_at(retirement.retired_at, self.case.policy)


class Listed(NamedTuple):
    """A replacement of somebody's accounts, or one that they proved; what they do not see is None.

    `has_record` says that the old key retired, and that they may have the record of it.
    """

    replacement: Replacement
    new: App | None
    old: App | None
    status: Status | None
    has_record: bool = False


class Beside(NamedTuple):
    """Which key one says it replaces, and which say that they replace it, as far as somebody may know."""

    replaces: Listed | None
    replaced_by: list[Listed]


class Preview(NamedTuple):
    """What is to be known before a key is replaced: nothing of it moves. `successors` say already that they do."""

    app: App
    account: Account
    settings: Settings
    consents: int
    organization_consents: int
    refresh_families: int
    quiet: Quiet
    successors: list[App]


# ── looking ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def list_seen(ctx: Context, actor: Actor) -> list[Listed]:
    """The replacements by and of keys of the actor's accounts, and those they proved; in demo what new keys say."""
    demand_permission(actor, READ_KEYS)
    with ctx.database.reading() as tx:
        own = [each.account.id for each in accounts.list_standings_of_user(tx, actor.user) if each.is_admin]
        found = replacements.list_of(tx, own, actor.user, _MOST)
        return [_listed(ctx, tx, actor, each, own) for each in found]


def beside(ctx: Context, actor: Actor, key: str) -> Beside:
    """What stands beside a key that the actor sees; what others say of it only for those who manage it.

    A key says itself what it replaces, of a key that may be anybody's: that one's name is for those who see it.
    """
    with ctx.database.reading() as tx:
        app, standing = seen(ctx, tx, actor, key)
        own = [each.account.id for each in accounts.list_standings_of_user(tx, actor.user) if each.is_admin]
        named = replacements.find(tx, app.key)
        by = replacements.list_successors(tx, app.key)[:_MOST] if standing.is_admin else []
        return Beside(
            None if named is None else _listed(ctx, tx, actor, named, own),
            [_listed(ctx, tx, actor, each, own) for each in by],
        )


def view(ctx: Context, actor: Actor, successor: str) -> CutOver:
    """Both keys side by side, for an admin of the old one and whoever proved a credential of it."""
    demand_permission(actor, READ_KEYS)
    with ctx.database.reading() as tx:
        demand_production(ctx)
        return _cut_over(ctx, tx, *seen_case(ctx, tx, actor, successor))


def preview(ctx: Context, actor: Actor, key: str) -> Preview:
    """What replacing a key would ask of its people, for those who manage it."""
    with ctx.database.reading() as tx:
        app, standing = managed(tx, actor, key, READ_KEYS)
        demand_production(ctx)
        named = (keys.find(tx, each.key) for each in replacements.list_successors(tx, app.key))
        counted = transfers.count_moving(tx, app.key)
        settings, quiet = keys.load_settings(tx, app.key), quiet_of(ctx, tx, app)
        successors = [each for each in named if each is not None and each.deleted_at is None]
        return Preview(app, standing.account, settings, *counted, quiet, successors)


# ── proving ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def prove(ctx: Context, actor: Actor, successor: str, shown: Shown, source: Source) -> None:
    """Prove a live credential of the old key, once: its secret key, or a JWT that one of its private keys signed.

    Whatever is wrong, of the credential or of the replacement, is answered alike.
    """
    demand_permission(actor, READ_KEYS)
    demand_production(ctx)
    if bool(shown.unverified_secret) == bool(shown.unverified_assertion):
        raise Refusal(INVALID_FIELD, field="secret", reason="give a secret key of the old key, or a signed JWT.")
    name = f"proofs by {actor.email.casefold()}"
    try:
        with ctx.database.reading() as tx:
            attempts.demand_heard(ctx, tx, name, actor.user, source)
            named = replacements.find(tx, successor)
        client = _client(ctx, named.predecessor if named else "", shown)
        with ctx.database.writing() as tx:
            place = attempts.demand_patience(ctx, tx, name, actor.user, source)
            pair = find_pair(tx, successor)
            if pair is None or client is None or client.app.key != pair.old.key:
                attempts.fail(ctx, tx, place)
                pair = None
            else:
                _keep(ctx, tx, actor, pair, client)
    except Refusal as refusal:
        if refusal.kind is TOO_MANY_ATTEMPTS:
            raise Refusal(TOO_MANY_PROOFS, minutes=in_minutes(ctx.policy.sign_in_window)) from None
        raise
    if pair is None:
        raise Refusal(PROOF_NOT_GOOD)


def _client(ctx: Context, predecessor: str, shown: Shown) -> Client | None:
    """The client that is proven; None where nothing is."""
    secret, assertion = shown
    by_secret = Credentials(predecessor, secret, "post")
    try:
        client = authenticate(ctx, Credentials("", None, "assertion", assertion) if assertion else by_secret)
    except Refusal as refusal:
        if refusal.kind.status >= 500:
            raise
        return None
    return client if client.is_authenticated else None


def _keep(ctx: Context, tx: Connection, actor: Actor, pair: Pair, client: Client) -> None:
    assert client.credential is not None  # noqa: S101 — only an authenticated client gets here
    replacements.save_proof(tx, pair.new.key, actor.user, client.credential, ctx.now)
    said = {"replaced_by": pair.new.key, "credential": client.credential}
    audit.record(tx, ctx.event("PredecessorProved", actor.email, key=pair.old.key, account=pair.account.id, **said))


# ── what is seen ────────────────────────────────────────────────────────────────────────────────────────────────────
def _listed(ctx: Context, tx: Connection, actor: Actor, found: Replacement, own: list[str]) -> Listed:
    pair = find_pair(tx, found.key) if ctx.environment == "production" else None
    case = case_of(ctx, tx, pair, actor.user) if pair else None
    has_retired = case is not None and _has_retired(case, found)
    if pair is None or case is None or _sight(ctx, tx, actor, pair, case) == "nothing":
        new = keys.find(tx, found.key)
        is_own = new is not None and new.account in own
        return Listed(found, new if is_own else None, None, None, has_retired and is_own)
    return Listed(found, pair.new, pair.old, status_of(case), has_retired)


def _has_retired(case: Case, named: Replacement) -> bool:
    retirement = case.retirement
    return retirement is not None and retirement.retired_at is not None and retirement.successor == named.key


def _sight(ctx: Context, tx: Connection, actor: Actor, pair: Pair, case: Case) -> Sight:
    return sight_of(case, is_proven=is_proven(ctx, tx, pair, actor.user))


def _cut_over(ctx: Context, tx: Connection, pair: Pair, case: Case, sight: Sight) -> CutOver:
    sees_usage = sight in {"all", "usage"}
    since = ctx.now - timedelta(days=SHOWN_DAYS)
    person = case.person
    hands = {hand for hand in _HANDS if person is not None and may_retire(case.by(hand), person)}
    return CutOver(
        pair=pair,
        case=case,
        sight=sight,
        status=status_of(case),
        days=_days(ctx, tx, pair) if sees_usage else (),
        still=replacements.list_still(tx, pair.old.key, since, _MOST_STILL) if sees_usage else [],
        users=_users(ctx, tx, pair) if sight == "all" else [],
        hands=frozenset(hand for hand in hands if _could_retire(case.by(hand))),
        steps=frozenset(step for step in _STEPS if is_open_to(step, case)),
        held_up=_held_up(tx, case),
    )


def _held_up(tx: Connection, case: Case) -> Refusal | None:
    """What keeps a retirement that an organization asked for from happening, though its wait is over."""
    retirement = case.retirement
    if retirement is None or status_of(case) != "ready":
        return None
    try:
        demand_step("take effect", case.by("stand-in"))
        domains.demand_proved(tx, retirement.organization or "", domain_of(retirement.requester))
    except Refusal as refusal:
        return refusal
    return None


def _could_retire(case: Case) -> bool:
    """Whether a hand could retire the key now, by somebody who knows what still uses it."""
    return is_open_to("retire", case.knowing())


def _days(ctx: Context, tx: Connection, pair: Pair) -> tuple[Day, ...]:
    old, new = (_by_day(tx, _asked(ctx, each.key)) for each in (pair.old, pair.new))
    return days_of(old, new, ctx.now)


def _by_day(tx: Connection, asked: Asked) -> Mapping[date, int]:
    found = Counter[date]()
    for hour in call_usage.list_hours(tx, asked):
        found[hour.begins_at.astimezone(UTC).date()] += hour.tally.calls
    return found


def _users(ctx: Context, tx: Connection, pair: Pair) -> list[User]:
    found: list[Group] = call_usage.list_groups(tx, _asked(ctx, pair.old.key), "user", _MOST_USERS)
    return [User(_called(tx, pair, each.name), each.tally.calls, each.last_at) for each in found]


def _called(tx: Connection, pair: Pair, user: str) -> str:
    member = accounts.find_standing(tx, user, pair.account.id)
    return f"{member.user.name} ({member.user.email})" if member else user


def _asked(ctx: Context, key: str) -> Asked:
    """The calls of the days that are shown, today's included."""
    now = ctx.now.astimezone(UTC)
    first = datetime.combine(now.date() - timedelta(days=SHOWN_DAYS - 1), time(), UTC)
    return Asked(Scope(key=key), between(first, now + timedelta(seconds=1)))
