"""How does an app come to be, and how is it changed?

Every deed here is for an admin of the key's management account; `managed` is the one place that says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from keysteward.actions.context import Context
from keysteward.actions.notices import announce
from keysteward.actions.people import reader
from keysteward.rules import notices
from keysteward.rules.access import READ_KEYS, WRITE_KEYS, Actor, demand_admin, demand_open, demand_permission
from keysteward.rules.accounts import Standing
from keysteward.rules.events import Event, Name
from keysteward.rules.keys import (
    GRANTS,
    INTEGRATION_TYPES,
    App,
    Grant,
    IntegrationType,
    Settings,
    checked_link,
    checked_text,
    restore_until,
)
from keysteward.rules.people import demand_reader
from keysteward.rules.refusals import (
    CONFLICT,
    INVALID_FIELD,
    KEY_DELETED,
    KEY_NOT_DELETED,
    KEY_RETIRED,
    KEYS_START_IN_DEMO,
    NO_SUCH_ACCOUNT,
    NO_SUCH_KEY,
    RETIRED_FOR_GOOD,
    TOO_LATE_TO_RESTORE,
    TOO_MANY_KEYS,
    TYPE_FIXED,
    WAIVERS_ARE_IN_PRODUCTION,
    Refusal,
)
from keysteward.rules.replacements import Replacement, checked_predecessor, checked_remark
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.versions import changed_meanwhile, is_other
from keysteward.rules.words import is_email, new_guid
from keysteward.store import accounts, audit, golive, keys, replacements
from keysteward.store.database import Connection, bump_epoch, lock

_EVENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """What a new app is told at its creation. `key` is given only by the seed.

    `predecessor` is the key that it replaces, whoever's that is, and `remark` says why.
    """

    name: str
    contact: str
    integration_type: IntegrationType = "Private custom integration"
    grants: frozenset[Grant] = frozenset({"confidential_code"})
    key: str | None = None
    predecessor: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What an admin sets anew; None leaves a setting as it is.

    `version` is the key's that they looked at, `seen` that of these settings alone (`rules/versions.py`), if they say.
    """

    name: str | None = None
    contact: str | None = None
    grants: frozenset[Grant] | None = None
    pkce_required: bool | None = None
    privacy_url: str | None = None
    terms_url: str | None = None
    integration_type: IntegrationType | None = None
    version: int | None = None
    seen: str | None = None


@dataclass(frozen=True, slots=True)
class AppView:
    """An app with everything that hangs on it."""

    app: App
    settings: Settings
    events: tuple[Event, ...]
    is_type_fixed: bool = True
    replaces: Replacement | None = None
    is_retired: bool = False


def create(ctx: Context, actor: Actor, account: str, draft: Draft) -> App:
    """Create an app with a new integration key, in demo only."""
    demand_permission(actor, WRITE_KEYS)
    if ctx.environment != "demo":
        raise Refusal(KEYS_START_IN_DEMO)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        standing = _admin(tx, actor, account)
        demand_open(standing)
        if keys.count_of_account(tx, standing.account.id) >= ctx.policy.keys_per_account:
            raise Refusal(TOO_MANY_KEYS, limit=ctx.policy.keys_per_account)
        app = _new_app(ctx, actor, standing, draft)
        keys.save(tx, app)
        recorded(ctx, tx, "KeyCreated", actor, app, name=app.name, **_replacing(tx, app, draft))
        bump_epoch(tx)
    return app


def list_apps(ctx: Context, actor: Actor, account: str) -> list[App]:
    """The apps that an account manages, deleted ones included, for its admins and developers."""
    with ctx.database.reading() as tx:
        own = reader(ctx, tx, actor, account, READ_KEYS)
        return keys.list_of_account(tx, own.account.id)


def view(ctx: Context, actor: Actor, key: str) -> AppView:
    """An app with its settings and newest events."""
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        events = tuple(audit.list_events_of_key(tx, app.key, app.account, _EVENTS_SHOWN))
        return AppView(
            app, keys.load_settings(tx, app.key), events, is_type_fixed(ctx, tx, app),
            replacements.find(tx, app.key), replacements.is_retired(tx, app.key),
        )  # fmt: skip


def change(ctx: Context, actor: Actor, key: str, wanted: Change) -> App:
    """Set name, contact, grants, PKCE, links and, until the key's first review, the integration type anew."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if wanted.version is not None and wanted.version != app.version:
            raise Refusal(CONFLICT)
        _demand_type(ctx, tx, app, wanted)
        after = _changed(app, wanted)
        shown = (getattr(app, name) for name in _settings(app) if getattr(wanted, name) is not None)
        if after != app and is_other(wanted.seen, *shown):
            raise changed_meanwhile(audit.find_newest_event(tx, app.key, "KeySettingsChanged"))
        changed = _write(tx, after)
        recorded(ctx, tx, "KeySettingsChanged", actor, app, **_differences(app, changed))
        bump_epoch(tx)
        return changed


def stop(ctx: Context, actor: Actor, key: str) -> App:
    """Stop a key: no token is issued and no call passes until it is started; stopping twice changes nothing."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if app.stopped_at is not None:
            return app
        stopped = _write(tx, replace(app, stopped_at=ctx.now))
        recorded(ctx, tx, "KeyStopped", actor, app)
        bump_epoch(tx)
        return stopped


def start(ctx: Context, actor: Actor, key: str) -> App:
    """Start a stopped key; starting twice changes nothing."""
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        if app.stopped_at is None:
            return app
        if replacements.is_retired(tx, app.key):
            raise Refusal(KEY_RETIRED)
        started = _write(tx, replace(app, stopped_at=None))
        recorded(ctx, tx, "KeyStarted", actor, app)
        bump_epoch(tx)
        return started


def waive_implicit(ctx: Context, actor: Actor, key: str, reason: str, until: datetime) -> App:
    """Let production take the implicit grant for this key until a date, for a reason that stays on record."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    if ctx.environment != "production":
        raise Refusal(WAIVERS_ARE_IN_PRODUCTION)
    now = ctx.now
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        said = checked_text(reason, "reason", most=500)
        if not now < until <= now + ctx.policy.longest_waiver:
            days = ctx.policy.longest_waiver.days
            raise Refusal(INVALID_FIELD, field="until", reason=f"choose a date within the next {days} days.")
        waived = _write(tx, replace(app, implicit_until=until))
        announce(ctx, tx, notices.implicit_waived(app, actor.email, said, until, now), but=actor.user)
        recorded(ctx, tx, "ImplicitWaived", actor, app, reason=said, until=until.isoformat())
        bump_epoch(tx)
        return waived


def revoke_tokens(ctx: Context, actor: Actor, key: str) -> None:
    """Kill every access and refresh token of a key that was issued before now."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        recorded(ctx, tx, "TokensRevoked", actor, app)
        _write(tx, replace(app, least_epoch=bump_epoch(tx)))


def delete(ctx: Context, actor: Actor, key: str) -> App:
    """Delete a key: its tokens die at once, its GUID is never used again, and it can come back for 15 days."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        app = changeable(ctx, tx, actor, key)
        recorded(ctx, tx, "KeyDeleted", actor, app)
        return _write(tx, replace(app, deleted_at=ctx.now, least_epoch=bump_epoch(tx)))


def restore(ctx: Context, actor: Actor, key: str) -> App:
    """Bring a deleted key back within 15 days; tokens of before stay dead. Its account does not close meanwhile."""
    with ctx.database.writing() as tx:
        if unlocked := keys.find(tx, key.lower()):
            lock(tx, "account", unlocked.account)
        lock(tx, "key", key.lower())
        app, standing = managed(tx, actor, key, WRITE_KEYS)
        demand_open(standing)
        until = restore_until(app, ctx.policy)
        if until is None:
            raise Refusal(KEY_NOT_DELETED)
        if ctx.now > until:
            raise Refusal(TOO_LATE_TO_RESTORE, days=ctx.policy.restore_days)
        if replacements.is_retired_for_good(tx, app.key):
            raise Refusal(RETIRED_FOR_GOOD, days=ctx.policy.retired_key_life.days)
        restored = _write(tx, replace(app, deleted_at=None))
        recorded(ctx, tx, "KeyRestored", actor, app)
        bump_epoch(tx)
        return restored


def demand_changeable(ctx: Context, actor: Actor, key: str) -> None:
    """Refuse whoever may not change the key now, before work is done for them."""
    with ctx.database.reading() as tx:
        _judged(ctx, tx, actor, key)


def demand_creator(ctx: Context, actor: Actor, account: str) -> None:
    """Refuse whoever may not create keys in an account now."""
    demand_permission(actor, WRITE_KEYS)
    with ctx.database.reading() as tx:
        _admin(tx, actor, account)


def demand_manager(ctx: Context, actor: Actor, key: str, permission: str) -> None:
    """Refuse whoever does not manage the key now."""
    with ctx.database.reading() as tx:
        managed(tx, actor, key, permission)


def seen(ctx: Context, tx: Connection, actor: Actor, key: str) -> tuple[App, Standing]:
    """A key of an account whose keys the actor may see: its admins, and developers, who change nothing."""
    demand_permission(actor, READ_KEYS)
    app, standing = _found(tx, actor, key)
    demand_reader(standing, READ_KEYS, ctx.policy)
    return app, standing


def managed(tx: Connection, actor: Actor, key: str, permission: str) -> tuple[App, Standing]:
    """A key of an account that the actor administers; foreign and unknown keys get one and the same refusal."""
    demand_permission(actor, permission)
    app, standing = _found(tx, actor, key)
    demand_admin(standing)
    return app, standing


def _found(tx: Connection, actor: Actor, key: str) -> tuple[App, Standing]:
    app = keys.find(tx, key.lower())
    standing = accounts.find_standing(tx, actor.user, app.account) if app else None
    if app is None or standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_KEY)
    return app, standing


def changeable(ctx: Context, tx: Connection, actor: Actor, key: str) -> App:
    """A key that the actor may change: of an open account, and not deleted. It is locked until the deed is done."""
    lock(tx, "key", key.lower())
    return _judged(ctx, tx, actor, key)


def _judged(ctx: Context, tx: Connection, actor: Actor, key: str) -> App:
    app, standing = managed(tx, actor, key, WRITE_KEYS)
    demand_open(standing)
    if app.deleted_at is not None:
        raise Refusal(KEY_DELETED, days=ctx.policy.restore_days)
    return app


def _admin(tx: Connection, actor: Actor, account: str) -> Standing:
    standing = accounts.find_standing(tx, actor.user, account)
    if standing is None or not standing.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(standing)
    return standing


def _new_app(ctx: Context, actor: Actor, standing: Standing, draft: Draft) -> App:
    return App(
        key=draft.key or new_guid(),
        account=standing.account.id,
        name=checked_text(draft.name, "name", most=100),
        contact=_checked_contact(draft.contact),
        integration_type=_checked_type(draft.integration_type),
        grants=_checked_grants(draft.grants),
        pkce_required=False,
        privacy_url="",
        terms_url="",
        requester="",
        created_at=ctx.now,
        created_by=actor.email,
    )


def _replacing(tx: Connection, app: App, draft: Draft) -> dict[str, str]:
    """Note which key a new one replaces, if any."""
    predecessor, remark = checked_predecessor(draft.predecessor), checked_remark(draft.remark)
    if not predecessor:
        return {}
    replacements.save(tx, Replacement(app.key, predecessor, remark, app.created_by, app.created_at))
    return {"predecessor": predecessor, "remark": remark}


def _changed(app: App, wanted: Change) -> App:
    return replace(
        app,
        name=app.name if wanted.name is None else checked_text(wanted.name, "name", most=100),
        contact=app.contact if wanted.contact is None else _checked_contact(wanted.contact),
        grants=app.grants if wanted.grants is None else _checked_grants(wanted.grants),
        pkce_required=app.pkce_required if wanted.pkce_required is None else wanted.pkce_required,
        privacy_url=app.privacy_url if wanted.privacy_url is None else checked_link(wanted.privacy_url, "privacy_url"),
        terms_url=app.terms_url if wanted.terms_url is None else checked_link(wanted.terms_url, "terms_url"),
        integration_type=app.integration_type
        if wanted.integration_type is None
        else _checked_type(wanted.integration_type),
    )


def _demand_type(ctx: Context, tx: Connection, app: App, wanted: Change) -> None:
    is_other = wanted.integration_type not in {None, app.integration_type}
    if is_other and is_type_fixed(ctx, tx, app):
        raise Refusal(TYPE_FIXED)


def is_type_fixed(ctx: Context, tx: Connection, app: App) -> bool:
    """Whether the integration type stays as it is: from the first review on, and in production."""
    return ctx.environment != "demo" or golive.count_reviews(tx, app.key) > 0


def _differences(app: App, changed: App) -> dict[str, str]:
    """What was set anew, as an event says it."""
    before, after = _settings(app), _settings(changed)
    return {name: value for name, value in after.items() if value != before[name]}


def _settings(app: App) -> dict[str, str]:
    return {
        "name": app.name,
        "contact": app.contact,
        "integration_type": app.integration_type,
        "grants": " ".join(sorted(app.grants)),
        "pkce_required": str(app.pkce_required).lower(),
        "privacy_url": app.privacy_url,
        "terms_url": app.terms_url,
    }


def _checked_contact(contact: str) -> str:
    if not is_email(contact.strip()):
        raise Refusal(INVALID_FIELD, field="contact", reason="give an address such as team@example.com.")
    return contact.strip()


def _checked_type(integration_type: str) -> IntegrationType:
    for known in INTEGRATION_TYPES:
        if known == integration_type:
            return known
    raise Refusal(INVALID_FIELD, field="integration_type", reason=f"choose among {', '.join(INTEGRATION_TYPES)}.")


def _checked_grants(grants: frozenset[Grant]) -> frozenset[Grant]:
    if not grants <= set(GRANTS):
        raise Refusal(INVALID_FIELD, field="grants", reason=f"choose among {', '.join(GRANTS)}.")
    return grants


def _write(tx: Connection, app: App) -> App:
    if not keys.change(tx, app):
        raise Refusal(CONFLICT)
    return replace(app, version=app.version + 1)


def recorded(ctx: Context, tx: Connection, name: Name, actor: Actor, app: App, /, **data: str) -> None:
    """Write the event of a deed on a key, in its transaction."""
    audit.record(tx, ctx.event(name, actor.email, key=app.key, account=app.account, **data))
