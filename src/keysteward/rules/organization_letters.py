"""What do our mails about organizations say?"""

from keysteward.rules.accounts import Account, Domain, Organization
from keysteward.rules.letters import House, Letter
from keysteward.rules.organizations import Request


def domain_lapsed(house: House, name: str, domain: Domain) -> Letter:
    """DNS shows the proof of a claimed domain no more."""
    return house.letter(
        "domain-lapsed",
        f"{domain.host_name} has lapsed",
        f"Hello {name},",
        f"DNS shows the proof of {domain.host_name} no more, so the domain covers nobody now: not what your "
        "organization allows apps, not its identity provider, and nobody can stand in for a lost admin by it. "
        f"DNS answered: {domain.said}",
        f"Publish the record again; it is shown here: {house.origin}/organizations/{domain.organization}",
    )


def account_asked(
    house: House, name: str, organization: Organization, account: Account, by: str, request: Request
) -> Letter:
    """One side wants an account in an organization, or out of it."""
    wanted = "belong to" if request.wish == "link" else "leave"
    place = "/account/organization" if request.side == "organization" else f"/organizations/{organization.id}"
    return house.letter(
        "account-asked",
        f"{account.name} is to {wanted} {organization.name}",
        f"Hello {name},",
        f"{by} asks that the account {account.name} {wanted} the organization {organization.name}. The admins of an "
        "organization may let apps act for everybody in its accounts whose address lies in its claimed domains, and "
        "its identity provider signs them in. Nothing changes unless an admin of the other side agrees.",
        f"Agree or decline here: {house.origin}{place}",
    )
