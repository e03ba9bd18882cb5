"""What of declared profiles, invitations, findings, leavers and transfers can be seen to be wrong before any of it?"""

from collections.abc import Sequence

from keysteward.rules.accounts import PROFILES
from keysteward.rules.custody.audit import CUSTODY
from keysteward.rules.people import GRANTABLE
from keysteward.rules.words import is_email
from keysteward.twin.declared.departures import council_without
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import Known, ended_of, step_of
from keysteward.twin.declared.shapes import Account
from keysteward.twin.declared.shapes_custody import Departure, Finding, Invitation, Profile, Transfer

_BUILT_IN = tuple(profile.name for profile in PROFILES)
_CODES = sorted(rule.code for rule in CUSTODY)
_STEPS = ("accepted", "source_confirmed", "destination_confirmed", "approved")


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def check_house(complaints: Complaints, path: str, here: Known, account: Account) -> None:
    """What hangs on an account: its permission profiles, whom it invited, and what its admins say of findings."""
    _check_profiles(complaints, f"{path}.profiles", account.profiles)
    for number, invitation in enumerate(account.invitations):
        _check_invitation(complaints, f"{path}.invitations[{number}]", here, account, invitation)
    emails = ((f"{path}.invitations[{n}].email", each.email.casefold()) for n, each in enumerate(account.invitations))
    complaints.check_doubles(emails)
    for number, finding in enumerate(account.findings):
        _check_finding(complaints, f"{path}.findings[{number}]", here, account, finding)
    said = [(f"{path}.findings[{n}]", f"{each.finding} {each.subject}") for n, each in enumerate(account.findings)]
    complaints.check_doubles(said)


def check_profile(complaints: Complaints, path: str, account: Account | None, name: str) -> None:
    """The permission profile of somebody in an account."""
    known = [*_BUILT_IN, *(each.name for each in account.profiles)] if account else [*_BUILT_IN]
    if name not in known:
        complaints.say(path, f"choose among {', '.join(known)}.")


def _check_profiles(complaints: Complaints, path: str, declared: Sequence[Profile]) -> None:
    taken = {name.casefold() for name in _BUILT_IN}
    for number, each in enumerate(declared):
        complaints.check_text(f"{path}[{number}].name", each.name)
        if each.name.casefold() in taken:
            complaints.say(
                f"{path}[{number}].name", "every account has a permission profile of this name; choose another."
            )
        for position, permission in enumerate(each.permissions):
            if permission not in GRANTABLE:
                complaints.say(f"{path}[{number}].permissions[{position}]", f"choose among {', '.join(GRANTABLE)}.")
    complaints.check_doubles((f"{path}[{n}].name", each.name.casefold()) for n, each in enumerate(declared))


def _check_invitation(complaints: Complaints, path: str, here: Known, account: Account, invitation: Invitation) -> None:
    if not is_email(invitation.email):
        complaints.say(f"{path}.email", "give an address such as ada@example.com.")
    check_profile(complaints, f"{path}.profile", account, invitation.profile)
    _check_admin(complaints, f"{path}.by", here, account, invitation.by)
    complaints.check_moment(f"{path}.created", invitation.created)


def _check_finding(complaints: Complaints, path: str, here: Known, account: Account, finding: Finding) -> None:
    if finding.finding not in _CODES:
        complaints.say(f"{path}.finding", f"choose among {', '.join(_CODES)}.")
    complaints.check_text(f"{path}.reason", finding.reason, most=500)
    complaints.check_until(f"{path}.accepted_until", finding.accepted_until)
    for field, name in (("by", finding.by), ("owner", finding.owner)):
        _check_admin(complaints, f"{path}.{field}", here, account, name)
    if finding.accepted_until is None and finding.owner is None:
        complaints.say(path, "say until when it is accepted (accepted_until), or who sees to it (owner).")


def _check_admin(complaints: Complaints, path: str, here: Known, account: Account, name: str | None) -> None:
    if name is not None and here.users.find(name) not in here.admins.get(here.account_guid(account), []):
        complaints.say(path, "name an admin of the account.")


# ── leavers ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def check_departures(complaints: Complaints, path: str, here: Known) -> None:
    """Who left."""
    for number, departure in enumerate(here.declared.departures):
        _check_departure(complaints, f"{path}[{number}]", here, departure)


def _check_departure(complaints: Complaints, path: str, here: Known, departure: Departure) -> None:
    complaints.check_reference(f"{path}.user", here.users, departure.user)
    complaints.check_reference(f"{path}.organization", here.organizations, departure.organization)
    complaints.check_text(f"{path}.reason", departure.reason, most=500)
    complaints.check_moment(f"{path}.created", departure.created)
    if isinstance(departure.brought_back, str):
        complaints.check_moment(f"{path}.brought_back", departure.brought_back)
    if departure.brought_back is False and departure.brought_back_by is not None:
        complaints.say(f"{path}.brought_back_by", "say brought_back too, or leave it out.")
    if departure.organization is None:
        if departure.by_provider:
            complaints.say(f"{path}.by_provider", "say whose provider it is: organization.")
    elif not departure.by_provider:
        _check_council(complaints, path, here, departure)


def _check_council(complaints: Complaints, path: str, here: Known, departure: Departure) -> None:
    """An organization speaks by an admin of it who is somebody else."""
    guid, user = here.organizations.find(departure.organization or ""), here.users.find(departure.user)
    organization = next((each for each in here.declared.organizations if here.organization_guid(each) == guid), None)
    council = council_without(here, organization, user) if organization else []
    if organization is None or (departure.by is None and council):
        return
    if departure.by is None:
        complaints.say(path, "nobody else is an admin of the organization to say so; let an operator say it.")
    elif here.users.find(departure.by) not in council:
        complaints.say(f"{path}.by", "name an admin of the organization, and not who left.")


# ── transfers ───────────────────────────────────────────────────────────────────────────────────────────────────────
def check_transfers(complaints: Complaints, path: str, here: Known) -> None:
    """Keys on their way."""
    for number, transfer in enumerate(here.transfers_declared):
        _check_transfer(complaints, f"{path}[{number}]", here, transfer)


def _check_transfer(complaints: Complaints, path: str, here: Known, transfer: Transfer) -> None:
    complaints.check_reference(f"{path}.app", here.apps, transfer.app)
    complaints.check_reference(f"{path}.to", here.accounts, transfer.to)
    complaints.check_reference(f"{path}.by", here.users, transfer.by)
    complaints.check_moment(f"{path}.started", transfer.started)
    for name in _STEPS:
        step = step_of(getattr(transfer, name))
        if step is not None:
            complaints.check_reference(f"{path}.{name}.by", here.users, step.by)
            complaints.check_moment(f"{path}.{name}.at", step.at)
    _check_end(complaints, path, here, transfer)
    if transfer.hand != "stand-in" and transfer.approved:
        complaints.say(f"{path}.approved", "only a stand-in is approved; leave it out.")


def _check_end(complaints: Complaints, path: str, here: Known, transfer: Transfer) -> None:
    ended = ended_of(transfer.ended)
    if ended is None:
        return
    complaints.check_reference(f"{path}.ended.by", here.users, ended.by)
    complaints.check_moment(f"{path}.ended.at", ended.at)
    complaints.check_lines(f"{path}.ended.reason", ended.reason, least=0)
    if ended.how == "vetoed" and transfer.hand != "stand-in":
        complaints.say(f"{path}.ended", "only a stand-in is vetoed; say cancelled.")
    if ended.how in {"moved", "expired"} and (ended.by is not None or ended.reason):
        complaints.say(f"{path}.ended", f"nobody decides that it {ended.how}; leave out by and reason.")
