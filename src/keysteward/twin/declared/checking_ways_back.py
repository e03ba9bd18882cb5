"""What of declared contacts, recipients, drills and replacements can be seen to be wrong before any of it?"""

from collections.abc import Sequence

from keysteward.actions.sealed_credentials import checked_public_key
from keysteward.rules.drills import ABOUT
from keysteward.rules.keys import checked_text
from keysteward.rules.words import is_email, is_guid
from keysteward.twin.declared.problems import Complaints
from keysteward.twin.declared.references import (
    Known,
    contact_of,
    key_of,
    recipient_of,
    replaced_of,
    result_of,
    step_of,
)
from keysteward.twin.declared.shapes import Account
from keysteward.twin.declared.shapes_apps import DemoApp
from keysteward.twin.declared.shapes_ways_back import Drill, RecoveryContact, RecoveryRecipient, Retirement

_TWO = 2


# ── what hangs on an account ────────────────────────────────────────────────────────────────────────────────────────
def check_ways_back(complaints: Complaints, path: str, here: Known, account: Account) -> None:
    """An account's recovery contacts and recipients, and its drills."""
    contacts = [contact_of(each) for each in account.recovery_contacts]
    for number, contact in enumerate(contacts):
        _check_contact(complaints, f"{path}.recovery_contacts[{number}]", here, account, contact)
    complaints.check_doubles(
        (f"{path}.recovery_contacts[{n}].email", each.email.casefold()) for n, each in enumerate(contacts)
    )
    recipients = [recipient_of(each) for each in account.recovery_recipients]
    for number, recipient in enumerate(recipients):
        _check_recipient(complaints, f"{path}.recovery_recipients[{number}]", here, account, recipient)
    complaints.check_doubles(
        (f"{path}.recovery_recipients[{n}].public_key", each.public_key.strip()) for n, each in enumerate(recipients)
    )
    for number, drill in enumerate(account.drills):
        _check_drill(complaints, f"{path}.drills[{number}]", here, account, drill)


def _check_contact(complaints: Complaints, path: str, here: Known, account: Account, contact: RecoveryContact) -> None:
    if not is_email(contact.email):
        complaints.say(f"{path}.email", "give an address such as ada@example.com.")
    if isinstance(contact.confirmed, str):
        complaints.check_moment(f"{path}.confirmed", contact.confirmed)
    _check_hand(complaints, path, here, account, contact)


def _check_recipient(
    complaints: Complaints, path: str, here: Known, account: Account, recipient: RecoveryRecipient
) -> None:
    with complaints.judging(f"{path}.public_key"):
        checked_public_key(recipient.public_key)
    complaints.check_text(f"{path}.label", recipient.label)
    _check_hand(complaints, path, here, account, recipient)


def _check_hand(
    complaints: Complaints, path: str, here: Known, account: Account, entry: RecoveryContact | RecoveryRecipient | Drill
) -> None:
    complaints.check_moment(f"{path}.created", entry.created)
    _check_admin(complaints, f"{path}.by", here, account, entry.by)


def _check_admin(complaints: Complaints, path: str, here: Known, account: Account, name: str | None) -> None:
    if name is not None and here.users.find(name) not in here.admins.get(here.account_guid(account), []):
        complaints.say(path, "name an admin of the account.")


# ── drills ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def _check_drill(complaints: Complaints, path: str, here: Known, account: Account, drill: Drill) -> None:
    complaints.check_reference(f"{path}.first", here.users, drill.first)
    complaints.check_reference(f"{path}.second", here.users, drill.second)
    about = ABOUT[drill.kind].subject
    if not about and drill.subject:
        complaints.say(f"{path}.subject", "leave this out: the drill is about the whole account.")
    elif about:
        names = here.apps if about == "key" else here.users
        complaints.check_reference(f"{path}.subject", names, drill.subject)
    complaints.check_until(f"{path}.due_at", drill.due_at)
    _check_hand(complaints, path, here, account, drill)
    _check_results(complaints, path, here, drill)
    if isinstance(drill.cancelled, str):
        complaints.check_moment(f"{path}.cancelled", drill.cancelled)
    _check_admin(complaints, f"{path}.cancelled_by", here, account, drill.cancelled_by)
    if drill.cancelled is False and drill.cancelled_by is not None:
        complaints.say(f"{path}.cancelled_by", "say cancelled too, or leave it out.")


def _check_results(complaints: Complaints, path: str, here: Known, drill: Drill) -> None:
    results, people = [result_of(each) for each in drill.results], [drill.first, drill.second]
    for number, each in enumerate(results):
        at = f"{path}.results[{number}]"
        complaints.check_lines(f"{at}.note", each.note, least=0)
        complaints.check_moment(f"{at}.at", each.at)
        if each.by is not None and here.users.find(each.by) not in map(here.users.find, people):
            complaints.say(f"{at}.by", "name one of the two.")
    complaints.check_doubles(
        (f"{path}.results[{n}].by", here.users.find(each.by or "")) for n, each in enumerate(results)
    )
    most = _TWO - (drill.cancelled is not False)
    if len(results) > most:
        sentence = "both recorded it, so it was over; leave out cancelled." if most < _TWO else "there are two people."
        complaints.say(f"{path}.results", sentence)


# ── replacements ────────────────────────────────────────────────────────────────────────────────────────────────────
def check_replaced(complaints: Complaints, path: str, here: Known, app: DemoApp) -> None:
    """Which key an app says it replaces: a declared app's, or any."""
    if app.replaces is None:
        return
    replaced = replaced_of(app.replaces)
    if here.keys.find(replaced.app) is None and not is_guid(replaced.app.strip().lower()):
        complaints.say(path, here.keys.why_not(replaced.app))
    if here.keys.find(replaced.app) == key_of(app):
        complaints.say(path, "name another app than this one.")
    with complaints.judging(path):
        checked_text(replaced.remark, "remark", least=0)


def check_retirements(complaints: Complaints, path: str, here: Known) -> None:
    """Keys on their way out, each once."""
    declared: Sequence[Retirement] = here.retirements_declared
    for number, retirement in enumerate(declared):
        _check_retirement(complaints, f"{path}[{number}]", here, retirement)
    complaints.check_doubles((f"{path}[{n}].app", here.apps.find(each.app)) for n, each in enumerate(declared))


def _check_retirement(complaints: Complaints, path: str, here: Known, retirement: Retirement) -> None:
    complaints.check_reference(f"{path}.app", here.apps, retirement.app)
    complaints.check_reference(f"{path}.by", here.users, retirement.by)
    complaints.check_moment(f"{path}.asked", retirement.asked)
    complaints.check_lines(f"{path}.reason", retirement.reason, least=0)
    for field, moment in (("retired", retirement.retired), ("final", retirement.final)):
        complaints.check_moment(f"{path}.{field}", moment if isinstance(moment, str) else None)
    _check_approval(complaints, f"{path}.approved", here, retirement)
    if retirement.hand != "stand-in" and retirement.retired:
        complaints.say(f"{path}.retired", "only a stand-in waits; what others retire is so at once. Leave it out.")
    if retirement.hand == "stand-in" and retirement.final and not retirement.retired:
        complaints.say(f"{path}.final", "say retired too: it was retired before.")
    _check_successor(complaints, path, here, retirement)


def _check_approval(complaints: Complaints, path: str, here: Known, retirement: Retirement) -> None:
    step = step_of(retirement.approved)
    if step is not None:
        complaints.check_reference(f"{path}.by", here.users, step.by)
        complaints.check_moment(f"{path}.at", step.at)
        if retirement.hand != "stand-in":
            complaints.say(path, "only a stand-in is approved; leave it out.")


def _check_successor(complaints: Complaints, path: str, here: Known, retirement: Retirement) -> None:
    complaints.check_reference(f"{path}.successor", here.apps, retirement.successor)
    old, new = here.apps.find(retirement.app), here.apps.find(retirement.successor or "")
    if old is None or (retirement.successor is not None and new is None):
        return
    named = [key for key in here.successors(old) if here.apps.find(key)]
    if not named:
        complaints.say(f"{path}.app", "no app that is live says that it replaces this one: say replaces in demo.apps.")
    elif new is not None and new not in named:
        complaints.say(
            f"{path}.successor", "this app does not say that it replaces the other: say replaces in demo.apps."
        )
