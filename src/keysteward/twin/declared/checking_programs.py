"""What of declared webhooks and directories can be seen to be wrong before anything is applied?"""

from collections.abc import Sequence

from keysteward.rules.accounts import ADMIN
from keysteward.rules.provisioning.tokens import MOST_TOKENS
from keysteward.rules.webhooks import KINDS_TOLD, checked_url
from keysteward.twin.declared.checking_custody import check_profile
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import Known, scim_token_of, webhook_of
from keysteward.twin.declared.shapes import Organization
from keysteward.twin.declared.shapes_programs import Directory, Webhook

_MOST_NAME = 60


def check_webhooks(
    complaints: Complaints, path: str, here: Known, declared: Sequence[str | Webhook], admins: Sequence[str | None]
) -> None:
    """The webhooks of an account, or of an organization."""
    for number, each in enumerate(map(webhook_of, declared)):
        at = f"{path}[{number}]"
        with complaints.judging(f"{at}.url"):
            checked_url(each.url)
        for position, kind in enumerate(each.kinds):
            if kind not in KINDS_TOLD:
                complaints.say(f"{at}.kinds[{position}]", f"choose among {', '.join(KINDS_TOLD)}.")
        complaints.check_moment(f"{at}.created", each.created)
        if each.by is not None and here.users.find(each.by) not in admins:
            complaints.say(f"{at}.by", "name an admin of it.")


def check_directory(
    complaints: Complaints, path: str, here: Known, organization: Organization, directory: Directory
) -> None:
    """Where new users belong, and the tokens."""
    _check_home(complaints, path, here, organization, directory)
    tokens, admins = [scim_token_of(each) for each in directory.tokens], here.admins_in(organization)
    for number, token in enumerate(tokens):
        at = f"{path}.tokens[{number}]"
        complaints.check_text(f"{at}.name", token.name, most=_MOST_NAME)
        complaints.check_moment(f"{at}.created", token.created)
        if token.by is not None and here.users.find(token.by) not in map(here.users.find, admins):
            complaints.say(f"{at}.by", "name an admin of the organization.")
    complaints.check_doubles((f"{path}.tokens[{n}].name", each.name.casefold()) for n, each in enumerate(tokens))
    if len(tokens) > MOST_TOKENS:
        complaints.say(f"{path}.tokens", f"an organization has {MOST_TOKENS} at most.")


def _check_home(
    complaints: Complaints, path: str, here: Known, organization: Organization, directory: Directory
) -> None:
    if directory.account is None:
        return
    complaints.check_reference(f"{path}.account", here.accounts, directory.account)
    found = here.account(directory.account)
    if found is None:
        return
    if here.account_guid(found) not in map(here.accounts.find, here.accounts_in(organization)):
        complaints.say(f"{path}.account", "choose an account of the organization.")
    check_profile(complaints, f"{path}.profile", found, directory.profile)
    if directory.profile == ADMIN.name:
        complaints.say(f"{path}.profile", "new users never begin as admins; choose another.")
