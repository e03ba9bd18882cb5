"""Which addresses stand on record for the keys of an account, and how do they hear that it has no admin any more?"""

from keysteward.actions.context import Context
from keysteward.actions.mailing import house, post
from keysteward.crypto.hashing import new_secret
from keysteward.rules import replacement_letters as letters
from keysteward.rules.accounts import Account
from keysteward.rules.keys import App
from keysteward.rules.refusals import REQUESTER_OUTSIDE, Refusal
from keysteward.rules.transfers import domain_of
from keysteward.store import domains
from keysteward.store import recovery_contacts as contacts
from keysteward.store.database import Connection


def tell_contacts(ctx: Context, tx: Connection, account: Account) -> None:
    """Tell the confirmed contacts of an account that it has no admin any more, each with a link to ask for help."""
    life = ctx.policy.recovery_link_life
    for each in contacts.list_of_account(tx, account.id):
        if each.confirmed_at is None:
            continue
        value = new_secret("ksl_")
        contacts.give_link(tx, each, ctx.digester.digest(value), ctx.now + life)
        link = f"{ctx.origin}/recovery-contacts/ask?link={value}"
        post(ctx, tx, each.email, letters.recovery_needed(house(ctx), account, link, life), life)


def claimed_address(tx: Connection, app: App, organization: str) -> str:
    """The address of a key's requester, or of a recovery contact, in a domain that an organization claims.

    One in a domain that was proved comes before others.
    """
    claimed = {each.host_name: each.state for each in domains.list_of_organization(tx, organization)}
    known = (app.requester, *contacts.list_of_record(tx, app.account))
    found = [each for each in known if each and domain_of(each) in claimed]
    if not found:
        raise Refusal(REQUESTER_OUTSIDE)
    return next((each for each in found if claimed[domain_of(each)] == "active"), found[0])
