"""How do declared accounts get their recovery contacts, and to whom they seal?"""

import re
from datetime import datetime, timedelta

from keysteward.actions import mailing, recovery_contacts, sealed_credentials
from keysteward.rules.access import Actor
from keysteward.twin.declared.people import opened_at
from keysteward.twin.declared.references import contact_of, recipient_of
from keysteward.twin.declared.shapes import Account
from keysteward.twin.declared.shapes_ways_back import RecoveryContact
from keysteward.twin.declared.stage import Stage, at

_UNTIL_CONFIRMED = timedelta(minutes=1)
_MOST_MAILS = 100_000
_LINK = re.compile(r"/recovery-contacts/confirm\?link=(\S+)")


def name_contacts(stage: Stage) -> None:
    """Let admins name recovery contacts, before anybody stands in for them, and let those agree who did."""
    for number, account in enumerate(stage.known.declared.accounts):
        opened = opened_at(stage, stage.known.account_guid(account))
        for position, contact in enumerate(map(contact_of, account.recovery_contacts)):
            when = stage.when(contact.created, opened)
            with at(f"{stage.environment}.accounts[{number}].recovery_contacts[{position}]"):
                _name(stage, account, contact, when)


def add_recipients(stage: Stage, guid: str, until: datetime | None = None) -> None:
    """Let admins add those recovery recipients of an account that were there until a moment, or all."""
    for number, account in enumerate(stage.known.declared.accounts):
        if stage.known.account_guid(account) == guid:
            _add_recipients(stage, f"{stage.environment}.accounts[{number}].recovery_recipients", account, until)


def admin_of(stage: Stage, guid: str, name: str | None, when: datetime) -> Actor:
    """An admin of an account: whom the file names, else the first."""
    user = stage.known.admins[guid][0] if name is None else stage.known.users.load(name)
    return stage.actor(user, when)


def _name(stage: Stage, account: Account, declared: RecoveryContact, when: datetime) -> None:
    guid, ctx = stage.known.account_guid(account), stage.on(when)
    named = recovery_contacts.name_contact(ctx, admin_of(stage, guid, declared.by, when), guid, declared.email)
    if declared.confirmed is not False:
        agreed = stage.on(stage.when(declared.confirmed, when + _UNTIL_CONFIRMED))
        recovery_contacts.confirm(agreed, _link_for(stage, named.email, when))


def _link_for(stage: Stage, email: str, when: datetime) -> str:
    """The link in the mail that a contact was just sent; nobody reads it elsewhere."""
    sent = mailing.list_newest(stage.ctx, _MOST_MAILS)
    letters = (each.letter for each in sent if each.recipient == email and each.created_at == when)
    found = (_LINK.search(letter.text) for letter in letters if letter is not None)
    return next(link[1] for link in found if link)


def _add_recipients(stage: Stage, path: str, account: Account, until: datetime | None) -> None:
    guid = stage.known.account_guid(account)
    for number, recipient in enumerate(map(recipient_of, account.recovery_recipients)):
        when = stage.when(recipient.created, opened_at(stage, guid))
        place = f"{path}[{number}]"
        if place in stage.added or (until is not None and when > until):
            continue
        stage.added.add(place)
        with at(place):
            actor = admin_of(stage, guid, recipient.by, when)
            sealed_credentials.add_recipient(stage.on(when), actor, guid, recipient.label, recipient.public_key)
