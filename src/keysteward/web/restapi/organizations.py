"""What does the Admin API say of organizations, their accounts and their domains?"""

from keysteward.actions import accounts, profiles
from keysteward.actions.accounts import OrganizationView
from keysteward.rules.accounts import Account, Domain
from keysteward.web.restapi.calling import Ask, in_organization, linked_account, standing_of, with_scope
from keysteward.web.restapi.groups import admin_group, groups_of
from keysteward.web.restapi.paging import admin_page
from keysteward.web.restapi.query import choices
from keysteward.web.restapi.wording import stamp

ADMIN = "/management/v2/organizations"
ADMIN_2_1 = "/management/v2.1/organizations"
SITE = 1  # an environment is one site


@with_scope("organization_read")
def organizations(ask: Ask) -> object:
    """`GET /management/v2/organizations`: those that the caller administers, or that authorized the app."""
    choices(ask.query, "mode", {"org_admin"})
    user, authorized = standing_of(ask)
    found = accounts.list_organizations(ask.ctx, user, authorized)
    return {"organizations": [_organization(ask, view) for view in found]}


@in_organization("permission_read")
def permissions(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/accounts/{account}/permissions`: the permission profiles of an account."""
    account = linked_account(ask, view, ask.path["account"])
    found = profiles.list_of_account(ask.ctx, account.id)
    return {"permissions": [{"id": profile.id, "name": profile.name} for profile in found]}


@in_organization("group_read")
def groups(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/accounts/{account}/groups`."""
    account = linked_account(ask, view, ask.path["account"])
    address = f"{ask.ctx.origin}{ADMIN}/{view.organization.id}/accounts/{account.id}/groups"
    return admin_page(ask.query, "groups", address, groups_of(account), admin_group)


@in_organization("domain_read")
def reserved_domains(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/reserved_domains`: the claimed domains, with the token that proves each by DNS."""
    return {
        "reserved_domains": [
            {**_domain(domain), "txt_token": domain.token, **_speaker(view, domain), "settings": [], "links": []}
            for domain in view.domains
        ]
    }


@in_organization("identity_provider_read")
def identity_providers(ask: Ask, view: OrganizationView) -> object:
    """`GET …/{organization}/identity_providers`: the OpenID Connect provider that its admins set up, if they did."""
    del ask
    return {"identity_providers": _providers(view)}


def _organization(ask: Ask, view: OrganizationView) -> dict[str, object]:
    """An organization; its id stands first, where clients without a JSON parser look for it."""
    found = view.organization
    address = f"{ask.ctx.origin}{ADMIN}/{found.id}"
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        "default_account_id": found.default_account,
        "created_on": stamp(found.created_at),
        "created_by": found.created_by,
        "last_modified_on": stamp(found.created_at),
        "last_modified_by": found.created_by,
        "accounts": [_account(account) for account in view.accounts],
        "users": [{"id": admin} for admin in view.admins],
        "reserved_domains": [_domain(domain) for domain in view.domains],
        "identity_providers": _providers(view),
        "links": [{"rel": "self", "href": address}],
    }


def _account(account: Account) -> dict[str, object]:
    return {"id": account.id, "name": account.name, "external_account_id": account.number, "site_id": SITE}


def _providers(view: OrganizationView) -> list[dict[str, object]]:
    """The organization's provider, without `saml_20`, for it speaks OpenID Connect. It makes nobody a user."""
    found = view.provider
    if found is None:
        return []
    named = {"id": found.id, "friendly_name": found.name}
    return [{**named, "auto_provision_users": False, "type": "openid_connect", "links": []}]


def _speaker(view: OrganizationView, domain: Domain) -> dict[str, str]:
    """Which provider speaks for a domain: an active one's only."""
    return {"identity_provider_id": view.provider.id} if view.provider and domain.state == "active" else {}


def _domain(domain: Domain) -> dict[str, object]:
    return {"id": domain.id, "status": domain.state, "host_name": domain.host_name}
