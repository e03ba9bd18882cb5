"""What of how declared people sign in can be seen to be wrong before anything is applied?"""

from keysteward.rules.accounts import checked_app_secret
from keysteward.rules.providers import checked_issuer
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import Known, authenticator_of
from keysteward.twin.declared.shapes import AuthenticatorApp, IdentityProvider, Link, Organization

_MOST_SUBJECT = 255


def check_authenticator_app(complaints: Complaints, path: str, given: str | AuthenticatorApp) -> None:
    """The authenticator app of a user."""
    app = authenticator_of(given)
    complaints.check_moment(f"{path}.created", app.created)
    if app.secret is not None:
        with complaints.judging(path if isinstance(given, str) else f"{path}.secret"):
            checked_app_secret(app.secret)


def check_provider(
    complaints: Complaints, path: str, here: Known, organization: Organization, provider: IdentityProvider
) -> None:
    """The identity provider of an organization."""
    for field, text, most in (
        ("name", provider.name, 60),
        ("client_id", provider.client_id, 200),
        ("client_secret", provider.client_secret, 500),
    ):
        complaints.check_text(f"{path}.{field}", text, most=most)
    with complaints.judging(f"{path}.issuer"):
        checked_issuer(provider.issuer)
    complaints.check_moment(f"{path}.created", provider.created)
    admins = [here.users.find(each) for each in here.admins_in(organization)]
    if provider.by is not None and here.users.find(provider.by) not in admins:
        complaints.say(f"{path}.by", "name an admin of the organization.")
    _check_links(complaints, f"{path}.links", here, provider.links)


def _check_links(complaints: Complaints, path: str, here: Known, links: list[Link]) -> None:
    for number, link in enumerate(links):
        complaints.check_reference(f"{path}[{number}].user", here.users, link.user)
        complaints.check_moment(f"{path}[{number}].created", link.created)
        if not 0 < len(link.subject) <= _MOST_SUBJECT:
            complaints.say(f"{path}[{number}].subject", f"give their `sub`, of at most {_MOST_SUBJECT} characters.")
    complaints.check_doubles((f"{path}[{n}].user", here.users.find(each.user)) for n, each in enumerate(links))
    complaints.check_doubles((f"{path}[{n}].subject", each.subject) for n, each in enumerate(links))
