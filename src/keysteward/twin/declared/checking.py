"""What of a file can be seen to be wrong before anything of it is applied? All of it at once."""

import math

from keysteward.rules.access import PERMISSIONS
from keysteward.rules.policy import Policy
from keysteward.rules.words import ENVIRONMENTS, is_email
from keysteward.twin.cast import TOKEN_NAME
from keysteward.twin.declared.checking_apps import check_apps, check_promotions
from keysteward.twin.declared.checking_custody import check_departures, check_house, check_profile, check_transfers
from keysteward.twin.declared.checking_organizations import check_organizations
from keysteward.twin.declared.checking_policies import check_policies
from keysteward.twin.declared.checking_programs import check_webhooks
from keysteward.twin.declared.checking_signing_in import check_authenticator_app
from keysteward.twin.declared.checking_traffic import check_gateways, check_limits
from keysteward.twin.declared.checking_ways_back import check_retirements, check_ways_back
from keysteward.twin.declared.moments import read_instant
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import Known, blocked_app_of, known
from keysteward.twin.declared.shapes import Account, Clock, Declaration, DevEnv, PersonalToken, User


def check(declaration: Declaration) -> None:
    """Raise Mistakes with everything that is wrong with names, references and values."""
    complaints = Complaints()
    if declaration.clock is not None:
        _check_clock(complaints, declaration.clock)
    both = known(declaration)
    for environment in ENVIRONMENTS:
        _check_environment(complaints, environment, both[environment])
    check_promotions(complaints, both["demo"], both["production"])
    complaints.demand_none()


def _check_clock(complaints: Complaints, clock: Clock) -> None:
    if (clock.now is None) == (clock.offset_seconds is None):
        complaints.say("clock", "give either now or offset_seconds.")
    if clock.offset_seconds is not None and not math.isfinite(clock.offset_seconds):
        complaints.say("clock.offset_seconds", "give a number of seconds.")
    if clock.now is not None:
        with complaints.judging("clock.now"):
            read_instant(clock.now)


def _check_environment(complaints: Complaints, path: str, here: Known) -> None:
    policies = check_policies(complaints, f"{path}.policies", here.declared.policies)
    check_gateways(complaints, f"{path}.gateways", here.declared.gateways)
    _check_accounts(complaints, f"{path}.accounts", here, policies)
    _check_users(complaints, f"{path}.users", here)
    check_organizations(complaints, f"{path}.organizations", here)
    check_departures(complaints, f"{path}.departures", here)
    check_apps(complaints, f"{path}.apps", here)
    check_transfers(complaints, f"{path}.transfers", here)
    check_retirements(complaints, f"{path}.retirements", here)
    _check_consents(complaints, f"{path}.consents", here)
    for number, token in enumerate(here.declared.personal_access_tokens):
        _check_token(complaints, f"{path}.personal_access_tokens[{number}]", here, token, policies)
    if here.declared.dev_env is not None:
        _check_dev_env(complaints, f"{path}.dev_env", here, here.declared.dev_env)


def _check_accounts(complaints: Complaints, path: str, here: Known, policies: list[Policy]) -> None:
    declared, plans = here.declared.accounts, list(dict.fromkeys(plan for each in policies for plan in each.plans))
    for number, account in enumerate(declared):
        at = f"{path}[{number}]"
        complaints.check_text(f"{at}.name", account.name)
        complaints.check_guid(f"{at}.guid", account.guid)
        complaints.check_moment(f"{at}.created", account.created)
        complaints.check_moment(f"{at}.state_since", account.state_since)
        if account.plan is not None and account.plan not in plans:
            complaints.say(f"{at}.plan", f"choose among {', '.join(plans)}.")
        _check_blocked_apps(complaints, f"{at}.blocked_apps", here, account)
        check_limits(complaints, f"{at}.limits", account.limits)
        check_house(complaints, at, here, account)
        check_ways_back(complaints, at, here, account)
        admins = here.admins.get(here.account_guid(account), [])
        check_webhooks(complaints, f"{at}.webhooks", here, account.webhooks, admins)
        if here.account_guid(account) not in here.admins:
            complaints.say(at, "nobody is an admin of it; give a user a membership with the profile DS Admin.")
    complaints.check_doubles((f"{path}[{n}].guid", here.account_guid(each)) for n, each in enumerate(declared))


def _check_blocked_apps(complaints: Complaints, path: str, here: Known, account: Account) -> None:
    blocked = [blocked_app_of(each) for each in account.blocked_apps]
    admins = here.admins.get(here.account_guid(account), [])
    for number, each in enumerate(blocked):
        complaints.check_reference(f"{path}[{number}].app", here.apps, each.app)
        complaints.check_moment(f"{path}[{number}].created", each.created)
        if each.by is not None and here.users.find(each.by) not in admins:
            complaints.say(f"{path}[{number}].by", "name an admin of the account.")
    complaints.check_doubles((f"{path}[{n}].app", here.apps.find(each.app)) for n, each in enumerate(blocked))


def _check_users(complaints: Complaints, path: str, here: Known) -> None:
    declared = here.declared.users
    for number, user in enumerate(declared):
        at = f"{path}[{number}]"
        if not is_email(user.email):
            complaints.say(f"{at}.email", "give an address such as ada@example.com.")
        complaints.check_guid(f"{at}.guid", user.guid)
        _check_memberships(complaints, f"{at}.memberships", here, user)
        if user.authenticator_app is not None:
            check_authenticator_app(complaints, f"{at}.authenticator_app", user.authenticator_app)
    complaints.check_doubles((f"{path}[{n}].email", each.email.casefold()) for n, each in enumerate(declared))
    given = ((f"{path}[{n}].guid", each.guid and each.guid.lower()) for n, each in enumerate(declared))
    complaints.check_doubles(given)


def _check_memberships(complaints: Complaints, path: str, here: Known, user: User) -> None:
    memberships = here.memberships(user)
    if not memberships:
        complaints.say(path, "declare an account for them; nobody is without one.")
    for number, each in enumerate(memberships):
        complaints.check_reference(f"{path}[{number}].account", here.accounts, each.account)
        complaints.check_moment(f"{path}[{number}].created", each.created)
        if (account := here.account(each.account)) is not None:
            check_profile(complaints, f"{path}[{number}].profile", account, each.profile)
    accounts = ((f"{path}[{n}].account", here.accounts.find(each.account)) for n, each in enumerate(memberships))
    complaints.check_doubles(accounts)


def _check_consents(complaints: Complaints, path: str, here: Known) -> None:
    pairs: list[tuple[str, str | None]] = []
    for number, consent in enumerate(here.declared.consents):
        at = f"{path}[{number}]"
        complaints.check_reference(f"{at}.user", here.users, consent.user)
        complaints.check_reference(f"{at}.app", here.apps, consent.app)
        complaints.check_scopes(f"{at}.scopes", consent.scopes)
        complaints.check_moment(f"{at}.created", consent.created)
        user, app = here.users.find(consent.user), here.apps.find(consent.app)
        pairs.append((at, f"{user} {app}" if user and app else None))
    complaints.check_doubles(pairs)


def _check_token(complaints: Complaints, path: str, here: Known, token: PersonalToken, policies: list[Policy]) -> None:
    most = max(policy.personal_token_life.days for policy in policies)
    complaints.check_reference(f"{path}.user", here.users, token.user)
    complaints.check_text(f"{path}.name", token.name)
    complaints.check_moment(f"{path}.created", token.created)
    if token.name == TOKEN_NAME:
        complaints.say(f"{path}.name", "the twin makes a token of this name itself; choose another.")
    if not 1 <= token.days <= most:
        complaints.say(f"{path}.days", f"choose 1 to {most}.")
    for number, permission in enumerate(token.permissions or ()):
        if permission not in PERMISSIONS:
            complaints.say(f"{path}.permissions[{number}]", f"choose among {', '.join(PERMISSIONS)}.")
    if token.permissions == []:
        complaints.say(f"{path}.permissions", "name at least one, or leave the field out.")


def _check_dev_env(complaints: Complaints, path: str, here: Known, wanted: DevEnv) -> None:
    complaints.check_reference(f"{path}.app", here.apps, wanted.app)
    complaints.check_reference(f"{path}.user", here.users, wanted.user)
