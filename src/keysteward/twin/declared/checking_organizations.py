"""What of declared organizations can be seen to be wrong before anything is applied?"""

from keysteward.rules.domains import ascii_name
from keysteward.rules.words import is_email
from keysteward.twin.declared.checking_programs import check_directory, check_webhooks
from keysteward.twin.declared.checking_signing_in import check_provider
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import Known, domain_of
from keysteward.twin.declared.shapes import Organization
from keysteward.twin.declared.shapes_custody import AccountRequest, LinkedAccount, OrganizationAdmin


def check_organizations(complaints: Complaints, path: str, here: Known) -> None:
    """The organizations of one environment."""
    declared = here.declared.organizations
    for number, organization in enumerate(declared):
        at = f"{path}[{number}]"
        complaints.check_text(f"{at}.name", organization.name)
        complaints.check_guid(f"{at}.guid", organization.guid)
        complaints.check_moment(f"{at}.created", organization.created)
        _check_members(complaints, at, here, organization)
        _check_joining(complaints, at, here, organization)
        _check_domains(complaints, f"{at}.domains", organization)
        _check_authorized_apps(complaints, f"{at}.authorized_apps", here, organization)
        for position, request in enumerate(organization.requests):
            _check_request(complaints, f"{at}.requests[{position}]", here, organization, request)
        if organization.identity_provider is not None:
            check_provider(complaints, f"{at}.identity_provider", here, organization, organization.identity_provider)
        if organization.directory is not None:
            check_directory(complaints, f"{at}.directory", here, organization, organization.directory)
        council = [here.users.find(each) for each in here.admins_in(organization)]
        check_webhooks(complaints, f"{at}.webhooks", here, organization.webhooks, council)
    complaints.check_doubles((f"{path}[{n}].guid", here.organization_guid(each)) for n, each in enumerate(declared))
    complaints.check_doubles(
        (f"{path}[{n}].accounts", here.accounts.find(name))
        for n, each in enumerate(declared)
        for name in here.accounts_in(each)
    )
    _check_holders(complaints, path, here)


def _check_domains(complaints: Complaints, path: str, organization: Organization) -> None:
    """Each name once; another organization may claim it too, as long as one of them holds it."""
    domains = [domain_of(each) for each in organization.domains]
    for number, domain in enumerate(domains):
        if not is_email(f"a@{domain.name}"):
            complaints.say(f"{path}[{number}]", "give a host name such as acme.example.")
        complaints.check_moment(f"{path}[{number}].created", domain.created)
    complaints.check_doubles((f"{path}[{number}]", ascii_name(each.name)) for number, each in enumerate(domains))


def _check_holders(complaints: Complaints, path: str, here: Known) -> None:
    held: dict[tuple[int, str], str] = {}
    for number, organization in enumerate(here.declared.organizations):
        for position, domain in enumerate(map(domain_of, organization.domains)):
            if domain.state == "active":
                held.setdefault((number, ascii_name(domain.name)), f"{path}[{number}].domains[{position}]")
    complaints.check_doubles((where, name) for (_, name), where in held.items())


def _check_members(complaints: Complaints, path: str, here: Known, organization: Organization) -> None:
    """An organization has admins; accounts it may have lost."""
    for field, names, given, is_fine in (
        ("accounts", here.accounts, here.accounts_in(organization), organization.accounts is not None),
        ("admins", here.users, here.admins_in(organization), False),
    ):
        if not given and not is_fine:
            complaints.say(f"{path}.{field}", "name at least one.")
        places = [f"{path}.{field}[{number}]{_part(organization, field, number)}" for number in range(len(given))]
        for where, name in zip(places, given, strict=True):
            complaints.check_reference(where, names, name)
        complaints.check_doubles((where, names.find(name)) for where, name in zip(places, given, strict=True))


def _part(organization: Organization, field: str, number: int) -> str:
    """What names somebody or something in an entry: the entry itself, or a field of it."""
    entry = next(iter((getattr(organization, field) or [])[number:]), None)
    return ".user" if isinstance(entry, OrganizationAdmin) else ".account" if isinstance(entry, LinkedAccount) else ""


def _check_joining(complaints: Complaints, path: str, here: Known, organization: Organization) -> None:
    """Whoever became an admin later, and what joined later: the first of each is there from the beginning."""
    for number, admin in enumerate(here.council_of(organization)):
        complaints.check_moment(f"{path}.admins[{number}].created", admin.created)
        if number == 0 and admin.created is not None:
            complaints.say(
                f"{path}.admins[0].created", "the first admin founded the organization; leave this field out."
            )
    for number, linked in enumerate(here.linked_to(organization)):
        at, account = f"{path}.accounts[{number}]", here.accounts.find(linked.account)
        complaints.check_moment(f"{at}.linked", linked.linked)
        if number == 0 and (linked.linked is not None or linked.by is not None):
            field = "by" if linked.linked is None else "linked"
            complaints.say(f"{at}.{field}", "the first account is there from the beginning; leave this field out.")
        if linked.by is not None and here.users.find(linked.by) not in here.admins.get(account or "", []):
            complaints.say(f"{at}.by", "name an admin of the account.")


def _check_authorized_apps(complaints: Complaints, path: str, here: Known, organization: Organization) -> None:
    admins = [here.users.find(each) for each in here.admins_in(organization)]
    declared = organization.authorized_apps
    for number, each in enumerate(declared):
        at = f"{path}[{number}]"
        complaints.check_reference(f"{at}.app", here.apps, each.app)
        complaints.check_scopes(f"{at}.scopes", each.scopes)
        complaints.check_moment(f"{at}.created", each.created)
        if each.by is not None and here.users.find(each.by) not in admins:
            complaints.say(f"{at}.by", "name an admin of the organization.")
    complaints.check_doubles((f"{path}[{n}].app", here.apps.find(each.app)) for n, each in enumerate(declared))


def _check_request(
    complaints: Complaints, path: str, here: Known, organization: Organization, request: AccountRequest
) -> None:
    account = here.accounts.find(request.account)
    complaints.check_reference(f"{path}.account", here.accounts, request.account)
    complaints.check_moment(f"{path}.created", request.created)
    if request.wish == "link" and request.side == "account":
        complaints.say(f"{path}.side", "only an organization asks to link; leave this field out.")
    admins = [here.users.find(each) for each in here.admins_in(organization)]
    side, may = (
        ("organization", admins) if request.side == "organization" else ("account", here.admins.get(account or ""))
    )
    if request.by is not None and here.users.find(request.by) not in (may or []):
        complaints.say(f"{path}.by", f"name an admin of the {side}.")
