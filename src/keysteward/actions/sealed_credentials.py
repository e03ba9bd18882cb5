"""To whom does an account seal its credentials, what has it sealed, and what was asked of that?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.notices import tell
from keysteward.actions.people import reader
from keysteward.actions.release_cases import case_of, seen_case
from keysteward.actions.releases import administered, told
from keysteward.crypto.recovery_sealing import BadRecipient, checked_recipient
from keysteward.rules import sealed_notices as notices
from keysteward.rules.access import READ_CUSTODY, Actor, demand_open, demand_permission
from keysteward.rules.accounts import Account, User
from keysteward.rules.keys import App, checked_text
from keysteward.rules.refusals import (
    INVALID_FIELD,
    NO_SUCH_OBJECT,
    RECIPIENT_EXISTS,
    TOO_MANY_RECIPIENTS,
    Refusal,
)
from keysteward.rules.sealed_credentials import (
    Case,
    Recipient,
    Sealed,
    State,
    Status,
    Step,
    is_open_to,
    is_over,
    sees,
    state_of,
    status_of,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, keys, releases
from keysteward.store import sealed_credentials as store
from keysteward.store.database import Connection, lock

_MOST_LABEL, _MOST_SHOWN = 100, 200
_STEPS: tuple[Step, ...] = ("approve", "refuse", "cancel", "download")


class SealedSeen(NamedTuple):
    """Something sealed, with its app and how it stands; `pending` is the request for it that is under way."""

    sealed: Sealed
    app: App
    state: State
    pending: str


class ReleaseSeen(NamedTuple):
    """A request as somebody sees it: where it stands, who may approve, and what they may do."""

    case: Case
    status: Status
    approvers: tuple[User, ...]
    steps: frozenset[Step]


class Overview(NamedTuple):
    """All of an account that has to do with sealing. `unsealed` are secret keys and keypairs that work and are not."""

    account: Account
    recipients: list[Recipient]
    sealed: list[SealedSeen]
    unsealed: list[store.Unsealed]
    releases: list[ReleaseSeen]
    may_change: bool


# ── recipients ──────────────────────────────────────────────────────────────────────────────────────────────────────
def add_recipient(ctx: Context, actor: Actor, account: str, label: str, unverified_public_key: str) -> Recipient:
    """Seal what is made from now on to another public key of age or SSH, after a fresh sign-in; all admins are told."""
    demand_fresh(actor, ctx.now, ctx.policy)
    name = checked_text(label, "label", most=_MOST_LABEL)
    public_key = checked_public_key(unverified_public_key)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        own = administered(tx, actor, account)
        demand_open(own)
        recipient = Recipient(new_guid(), own.account.id, name, public_key, ctx.now, actor.email)
        limit = ctx.policy.recovery_recipients_per_account
        if store.count_recipients(tx, own.account.id) >= limit:
            raise Refusal(TOO_MANY_RECIPIENTS, limit=limit)
        if not store.add_recipient(tx, recipient):
            raise Refusal(RECIPIENT_EXISTS)
        tell(ctx, tx, notices.recipient_added(own.account, recipient), told(tx, own.account))
        said = {"recipient": recipient.id, "label": name, "public_key": public_key}
        audit.record(tx, ctx.event("RecoveryRecipientAdded", actor.email, account=own.account.id, **said))
    return recipient


def remove_recipient(ctx: Context, actor: Actor, account: str, recipient: str) -> None:
    """Seal nothing more to a public key; what was sealed to it stays so."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        own = administered(tx, actor, account)
        found = next((each for each in store.list_recipients(tx, own.account.id) if each.id == recipient), None)
        if found is None or not store.remove_recipient(tx, own.account.id, recipient):
            raise Refusal(NO_SUCH_OBJECT, thing="recovery recipient")
        tell(ctx, tx, notices.recipient_removed(own.account, found, actor.email, ctx.now), told(tx, own.account))
        said = {"recipient": recipient, "label": found.label, "public_key": found.public_key}
        audit.record(tx, ctx.event("RecoveryRecipientRemoved", actor.email, account=own.account.id, **said))


def checked_public_key(unverified_public_key: str) -> str:
    """A public key to which something can be sealed, as it is kept."""
    try:
        return checked_recipient(unverified_public_key)
    except BadRecipient as error:
        raise Refusal(INVALID_FIELD, field="public_key", reason=str(error)) from None


# ── to see ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def view(ctx: Context, actor: Actor, account: str) -> Overview:
    """The recipients of an account, what is sealed and what is not, and the requests."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_CUSTODY)
        guid = own.account.id
        found = [case_of(ctx, tx, each, actor.user) for each in releases.list_of(tx, [guid], [], _MOST_SHOWN)]
        return Overview(
            own.account,
            store.list_recipients(tx, guid),
            _sealed(ctx, tx, guid),
            store.list_unsealed(tx, guid, ctx.now, _MOST_SHOWN),
            [_seen(tx, each) for each in found],
            own.is_admin,
        )


def count_recipients(ctx: Context, account: str) -> int:
    """How many recipients an account has, for the form that makes a credential."""
    with ctx.database.reading() as tx:
        return store.count_recipients(tx, account)


def list_releases(ctx: Context, actor: Actor) -> list[ReleaseSeen]:
    """The requests of all accounts and organizations that somebody administers, the newest first."""
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.reading() as tx:
        own = [each.account.id for each in accounts.list_standings_of_user(tx, actor.user) if each.is_admin]
        led = [each.id for each in accounts.list_organizations_of_admin(tx, actor.user)]
        found = [case_of(ctx, tx, each, actor.user) for each in releases.list_of(tx, own, led, _MOST_SHOWN)]
        return [_seen(tx, each) for each in found if sees(each.person)]


def load_release(ctx: Context, actor: Actor, release: str) -> ReleaseSeen:
    """One request, for those who see it."""
    demand_permission(actor, READ_CUSTODY)
    with ctx.database.reading() as tx:
        return _seen(tx, seen_case(ctx, tx, actor, release))


def _sealed(ctx: Context, tx: Connection, account: str) -> list[SealedSeen]:
    apps = {app.key: app for app in keys.list_of_account(tx, account)}
    sealed = [each for each in store.list_of_account(tx, account) if each.key in apps]
    settings = {key: keys.load_settings(tx, key) for key in {each.key for each in sealed}}
    pending = {each.credential: each for each in releases.list_pending(tx, account)}
    found = list[SealedSeen]()
    for each in sealed:
        asked = pending.get(each.credential)
        is_under_way = asked is not None and not is_over(asked, ctx.now)
        state = state_of(each, settings[each.key], ctx.now)
        found.append(SealedSeen(each, apps[each.key], state, asked.id if asked and is_under_way else ""))
    return found


def _seen(tx: Connection, case: Case) -> ReleaseSeen:
    people = (accounts.find_user(tx, each) for each in case.release.approvers)
    known = tuple(each for each in people if each is not None)
    steps = frozenset(step for step in _STEPS if is_open_to(step, case))
    return ReleaseSeen(case, status_of(case.release, case.now), known, steps)
