"""What would a file have to declare for an organization to be as this one is?"""

from keysteward.actions.export import Group, Link, Speaking
from keysteward.rules.accounts import Account
from keysteward.rules.consent import lies_in
from keysteward.rules.organizations import Request
from keysteward.twin.declared import shapes
from keysteward.twin.declared.exported_programs import directory, webhooks_of_group
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.people import MOMENT
from keysteward.twin.declared.place import Place, unless
from keysteward.twin.declared.shapes_custody import AccountRequest, LinkedAccount, OrganizationAdmin


def organization(place: Place, group: Group) -> shapes.Organization:
    """What a file would have to say of it."""
    return shapes.Organization(
        name=group.organization.name,
        guid=group.organization.id,
        admins=_admins(place, group),
        accounts=[_linked(place, group, account) for account in group.accounts],
        requests=[_request(place, group, request) for request in group.requests],
        domains=_domains(group),
        authorized_apps=[
            shapes.AuthorizedApp(
                app=each.key,
                scopes=sorted(each.scopes),
                by=place.emails[each.given_by if each.given_by in group.admins else next(iter(group.admins))],
                created=say_moment(each.given_at),
            )
            for each in group.authorizations
        ],
        identity_provider=_identity_provider(place, group, group.speaking) if group.speaking else None,
        directory=directory(place, group),
        webhooks=webhooks_of_group(place, group),
        created=say_moment(group.organization.created_at),
    )


def _admins(place: Place, group: Group) -> list[str | OrganizationAdmin]:
    """The first of them is there from the beginning."""
    said, since = list[str | OrganizationAdmin](), group.organization.created_at
    for number, (user, became) in enumerate(group.admins.items()):
        created = unless(became, since + number * MOMENT) if number else None
        said.append(OrganizationAdmin(user=place.emails[user], created=created) if created else place.emails[user])
    return said


def _linked(place: Place, group: Group, account: Account) -> str | LinkedAccount:
    """The default account is there from the beginning, and whose link nobody kept."""
    name, link = place.name_of(account), group.joined.get(account.id)
    if account is group.accounts[0] or link is None or link.linked_at == group.organization.created_at:
        return name
    by = place.admin(account.id, place.emails.get(link.linked_by, ""))
    return LinkedAccount(account=name, linked=say_moment(link.linked_at), by=by)


def _request(place: Place, group: Group, request: Request) -> AccountRequest:
    email = place.emails.get(request.asked_by, "")
    council = [place.emails[user] for user in group.admins]
    usual = email if email in council else council[0]
    return AccountRequest(
        account=place.name_of(place.account(request.account)),
        wish=request.wish,
        side=request.side,
        by=usual if request.side == "organization" else place.admin(request.account, email),
        created=say_moment(request.asked_at),
    )


def _identity_provider(place: Place, group: Group, speaking: Speaking) -> shapes.IdentityProvider:
    provider, admins = speaking.provider, [place.emails[user] for user in group.admins]
    return shapes.IdentityProvider(
        name=provider.name,
        issuer=provider.issuer,
        client_id=provider.client_id,
        client_secret=speaking.client_secret,
        by=provider.changed_by if provider.changed_by in admins else admins[0],
        created=say_moment(provider.changed_at),
        links=[_link(place, link) for link in speaking.links if lies_in(place.emails[link.user], [link.domain])],
    )


def _link(place: Place, link: Link) -> shapes.Link:
    """A link as the provider would make it again; it would not for an address outside the domain that it spoke for."""
    return shapes.Link(user=place.emails[link.user], subject=link.subject, created=say_moment(link.linked_at))


def _domains(group: Group) -> list[str | shapes.Domain]:
    claimed, since = list[str | shapes.Domain](), group.organization.created_at
    for number, domain in enumerate(group.domains):
        created = unless(domain.created_at, since + number * MOMENT)
        said = shapes.Domain(name=domain.host_name, state=domain.state, created=created)
        claimed.append(said.name if said == shapes.Domain(name=said.name) else said)
    return claimed
