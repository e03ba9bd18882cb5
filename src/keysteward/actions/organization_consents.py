"""How does an organization let an app act for its users, or for itself, and end that?"""

from keysteward.actions.consents import give
from keysteward.actions.context import Context
from keysteward.rules.access import END_AUTHORIZATIONS, READ_AUTHORIZATIONS, Actor, demand_permission
from keysteward.rules.accounts import Organization
from keysteward.rules.authorize import Request
from keysteward.rules.consent import Allowed
from keysteward.rules.keys import App
from keysteward.rules.refusals import NO_SUCH_KEY, NO_SUCH_OBJECT, NO_SUCH_ORGANIZATION, Refusal
from keysteward.rules.signin import demand_fresh, demand_fresh_person
from keysteward.rules.tokens import read_scopes
from keysteward.store import accounts, audit, consents, keys
from keysteward.store.consents import AuthorizedApp as AuthorizedApp  # noqa: PLC0414 — doors show it
from keysteward.store.database import Connection, bump_epoch, lock


def list_administered(ctx: Context, actor: Actor) -> list[Organization]:
    """The organizations that the actor administers."""
    with ctx.database.reading() as tx:
        return accounts.list_organizations_of_admin(tx, actor.user)


def list_active_domains(ctx: Context, organization: str) -> list[str]:
    """The domains whose addresses an organization's consent covers."""
    with ctx.database.reading() as tx:
        return sorted(consents.list_active_domains(tx, organization))


def list_authorized(ctx: Context, actor: Actor, organization: str) -> list[AuthorizedApp]:
    """The apps that an organization of the actor allows something, newest first."""
    demand_permission(actor, READ_AUTHORIZATIONS)
    with ctx.database.reading() as tx:
        _demand_admin(tx, actor, organization)
        return consents.list_authorized(tx, organization)


def list_own_apps(ctx: Context, actor: Actor, organization: str) -> list[App]:
    """The apps that the organization's own accounts manage, by name: any of them may be authorized here."""
    with ctx.database.reading() as tx:
        _demand_admin(tx, actor, organization)
        linked = accounts.list_accounts(tx, organization)
        managed = [app for account in linked for app in keys.list_of_account(tx, account.id)]
    return sorted((app for app in managed if app.deleted_at is None), key=lambda app: (app.name.casefold(), app.key))


def authorize_application(ctx: Context, actor: Actor, organization: str, key: str, scopes: frozenset[str]) -> None:
    """Let an app of the organization's own accounts act for its users and for itself: an organization admin's deed."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        _demand_admin(tx, actor, organization)
        app = keys.find(tx, key)
        linked = {account.id for account in accounts.list_accounts(tx, organization)}
        if app is None or app.deleted_at is not None or app.account not in linked:
            raise Refusal(NO_SUCH_KEY)
        _authorize(ctx, tx, actor, organization, key, scopes)


def consent_for_organization(ctx: Context, request: Request, actor: Actor, organization: str) -> None:
    """Let anybody's app act for the organization's users, as it asked with `admin_consent_scope`, and know the admin.

    What was allowed before stays allowed.
    """
    demand_fresh(actor, ctx.now, ctx.policy)
    key, asked = request.app.key, frozenset(read_scopes(request.admin_consent_scope or "") or ())
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        lock(tx, "user", actor.user)
        _demand_admin(tx, actor, organization)
        is_own_new = give(ctx, tx, request, actor)
        before = consents.list_of_organizations(tx, key).get(organization, Allowed())
        if not asked <= before.scopes:
            _authorize(ctx, tx, actor, organization, key, asked | before.scopes)
        elif is_own_new:
            bump_epoch(tx)


def withdraw_authorization(ctx: Context, actor: Actor, organization: str, key: str) -> None:
    """End what an organization allowed an app: every token that rests on it alone dies at once."""
    demand_permission(actor, END_AUTHORIZATIONS)
    demand_fresh_person(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        lock(tx, "organization", organization)
        _demand_admin(tx, actor, organization)
        if not consents.list_of_organizations(tx, key).get(organization, Allowed()).scopes:
            raise Refusal(NO_SUCH_OBJECT, thing="authorized app")
        event = ctx.event("OrganizationRevokedApp", actor.email, key=key, organization=organization)
        audit.record(tx, event)
        consents.withdraw_of_organization(tx, organization, key, bump_epoch(tx))


def _authorize(ctx: Context, tx: Connection, actor: Actor, organization: str, key: str, scopes: frozenset[str]) -> None:
    """Allow these scopes in the place of those before. Who is allowed less begins anew: no token comes back to life."""
    before = consents.list_of_organizations(tx, key).get(organization, Allowed())
    said = {"organization": organization, "scopes": " ".join(sorted(scopes))}
    audit.record(tx, ctx.event("OrganizationAuthorizedApp", actor.email, key=key, **said))
    epoch = bump_epoch(tx)
    least_epoch = before.least_epoch if before.scopes <= scopes else epoch
    allowed = Allowed(scopes, least_epoch)
    consents.save_of_organization(tx, organization, key, allowed, (actor.user, ctx.now))


def _demand_admin(tx: Connection, actor: Actor, organization: str) -> None:
    if actor.user not in accounts.list_organization_admins(tx, organization):
        raise Refusal(NO_SUCH_ORGANIZATION)
