"""Which webhooks does an account or an organization have, and how do its admins make, change and end them?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.notices import announce
from keysteward.crypto.sealing import Sealer
from keysteward.crypto.webhook_signatures import new_signing_secret
from keysteward.outgoing.safe_https import Unanswered, Unasked
from keysteward.rules import webhook_notices
from keysteward.rules.access import READ_WEBHOOKS, Actor, demand_admin, demand_permission
from keysteward.rules.refusals import (
    INVALID_FIELD,
    NO_SUCH_ACCOUNT,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
    TOO_MANY_WEBHOOKS,
    Refusal,
)
from keysteward.rules.signin import demand_fresh
from keysteward.rules.webhooks import Owner, Webhook, checked_kinds, checked_url, shown_url
from keysteward.rules.words import new_guid
from keysteward.store import accounts, audit, webhooks
from keysteward.store.database import Connection, lock


class Draft(NamedTuple):
    """What an admin types. No kinds are all kinds."""

    url: str
    kinds: tuple[str, ...] = ()


class Made(NamedTuple):
    """A webhook with a signing secret that is shown only now."""

    webhook: Webhook
    secret: str


class Listed(NamedTuple):
    """The webhooks of an account or organization, and its name."""

    owner: Owner
    name: str
    webhooks: list[Webhook]


def list_webhooks(ctx: Context, actor: Actor, owner: Owner) -> Listed:
    """The webhooks of an account or organization that the actor administers."""
    with ctx.database.reading() as tx:
        own, name = administered(tx, actor, owner, READ_WEBHOOKS)
        return Listed(own, name, webhooks.list_of(tx, own))


def make(ctx: Context, actor: Actor, owner: Owner, draft: Draft) -> Made:
    """Make a webhook, once its address proved to be one that we may ask."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.reading() as tx:
        administered(tx, actor, owner)
    url = checked_url(draft.url)
    try:
        ctx.receivers.judge(url)
    except (Unasked, Unanswered) as error:
        raise Refusal(INVALID_FIELD, field="url", reason=f"it cannot be asked: {error}.") from None
    return keep(ctx, actor, owner, draft)


def keep(ctx: Context, actor: Actor, owner: Owner, draft: Draft) -> Made:
    """Keep a webhook whose address was looked at; the other admins are told."""
    demand_fresh(actor, ctx.now, ctx.policy)
    url, kinds = checked_url(draft.url), checked_kinds(draft.kinds)
    secret, webhook = new_signing_secret(), new_guid()
    with ctx.database.writing() as tx:
        own = _locked_owner(tx, actor, owner)
        if len(webhooks.list_of(tx, own)) >= ctx.policy.webhooks_per_owner:
            raise Refusal(TOO_MANY_WEBHOOKS, limit=ctx.policy.webhooks_per_owner)
        made = Webhook(webhook, own, url, kinds, ctx.now, actor.email, ctx.sealer.seal(secret.encode(), label(webhook)))
        webhooks.save(tx, made)
        announce(ctx, tx, webhook_notices.made(made, actor.email, ctx.now), but=actor.user)
        said = {"organization": own.organization, "webhook": webhook, "uri": shown_url(url)}
        audit.record(tx, ctx.event("WebhookMade", actor.email, account=own.account, **said))
    return Made(made, secret)


def rotate(ctx: Context, actor: Actor, webhook: str) -> Made:
    """Give a webhook another signing secret; for a while the one before signs too, and one before that no more."""
    demand_fresh(actor, ctx.now, ctx.policy)
    secret = new_signing_secret()
    with ctx.database.writing() as tx:
        found = locked(tx, actor, webhook)
        webhooks.change(
            tx,
            found.id,
            secret_sealed=ctx.sealer.seal(secret.encode(), label(found.id)),
            old_secret_sealed=found.secret_sealed,
            old_secret_until=ctx.now + ctx.policy.webhook_secret_overlap,
        )
        changed = webhooks.find(tx, found.id) or found
        announce(ctx, tx, webhook_notices.rotated(changed, actor.email, ctx.now), but=actor.user)
        said = {"organization": found.owner.organization, "webhook": found.id}
        audit.record(tx, ctx.event("WebhookSecretRotated", actor.email, account=found.owner.account, **said))
        return Made(changed, secret)


def remove(ctx: Context, actor: Actor, webhook: str) -> Webhook:
    """Take a webhook away; what was on its way to it is dropped. The other admins are told."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        found = locked(tx, actor, webhook)
        webhooks.remove(tx, found.id)
        announce(ctx, tx, webhook_notices.removed(found, actor.email, ctx.now), but=actor.user)
        said = {"organization": found.owner.organization, "webhook": found.id, "uri": shown_url(found.url)}
        audit.record(tx, ctx.event("WebhookRemoved", actor.email, account=found.owner.account, **said))
    return found


def switch_on(ctx: Context, actor: Actor, webhook: str) -> None:
    """Let a webhook that was switched off be told of what happens from now on."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        found = locked(tx, actor, webhook)
        if found.off_at is None:
            return
        webhooks.change(tx, found.id, off_at=None, off_why="", failing_since=None, told_at=None)
        said = {"organization": found.owner.organization, "webhook": found.id}
        audit.record(tx, ctx.event("WebhookSwitchedOn", actor.email, account=found.owner.account, **said))


def signing_secrets(ctx: Context, webhook: Webhook) -> list[str]:
    """The secrets that sign now, the newest first."""
    sealed = [webhook.secret_sealed]
    if webhook.old_secret_sealed is not None and webhook.old_secret_until and ctx.now < webhook.old_secret_until:
        sealed.append(webhook.old_secret_sealed)
    return [ctx.sealer.open(each, label(webhook.id)).decode() for each in sealed]


def seal_webhooks_anew(tx: Connection, sealer: Sealer) -> None:
    """Another master key comes first: what signs webhooks is sealed with it from now on."""
    for webhook in webhooks.list_all(tx):
        sealed = sealer.seal(sealer.open(webhook.secret_sealed, label(webhook.id)), label(webhook.id))
        old = webhook.old_secret_sealed
        anew = old and sealer.seal(sealer.open(old, label(webhook.id)), label(webhook.id))
        webhooks.change(tx, webhook.id, secret_sealed=sealed, old_secret_sealed=anew)


def label(webhook: str) -> str:
    """To what a signing secret is bound where it is sealed."""
    return f"signing secret of the webhook {webhook}"


# ── who asks ────────────────────────────────────────────────────────────────────────────────────────────────────────
def administered(tx: Connection, actor: Actor, owner: Owner, permission: str = "") -> tuple[Owner, str]:
    """An account or organization that the actor administers, by its GUID, and its name."""
    if permission:
        demand_permission(actor, permission)
    if owner.organization:
        own = {each.id: each.name for each in accounts.list_organizations_of_admin(tx, actor.user)}
        if owner.organization not in own:
            raise Refusal(NO_SUCH_ORGANIZATION)
        return owner, own[owner.organization]
    standing = accounts.find_standing(tx, actor.user, owner.account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    return Owner(account=standing.account.id), standing.account.name


def own_webhook(tx: Connection, actor: Actor, webhook: str, permission: str = "") -> tuple[Webhook, str]:
    """A webhook of whatever the actor administers, and the name of that; a foreign and an unknown one are alike."""
    if permission:
        demand_permission(actor, permission)
    found = webhooks.find(tx, webhook)
    try:
        if found is not None:
            return found, administered(tx, actor, found.owner)[1]
    except Refusal as refusal:
        raise Refusal(NO_SUCH_OBJECT, thing="webhook", detail=refusal.kind.code) from None
    raise Refusal(NO_SUCH_OBJECT, thing="webhook")


def locked(tx: Connection, actor: Actor, webhook: str, permission: str = "") -> Webhook:
    """A webhook of the actor's, which nobody sends to, changes or ends until this deed does."""
    found = webhooks.find(tx, webhook)
    if found is not None:
        _lock(tx, found.owner)
        lock_webhooks(tx, found.id)
    return own_webhook(tx, actor, webhook, permission)[0]


def lock_webhooks(tx: Connection, *ids: str) -> None:
    """Let nobody else change these, or what is on its way to them, until this transaction ends."""
    lock(tx, "record", *(f"webhook {each}" for each in ids))


def _locked_owner(tx: Connection, actor: Actor, owner: Owner) -> Owner:
    if owner.account:
        owner = Owner(account=accounts.guid_of(tx, owner.account))
    _lock(tx, owner)
    return administered(tx, actor, owner)[0]


def _lock(tx: Connection, owner: Owner) -> None:
    if owner.organization:
        lock(tx, "organization", owner.organization)
    else:
        lock(tx, "account", owner.account)
