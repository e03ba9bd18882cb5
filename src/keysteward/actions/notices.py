"""Who is told of what happened, and how does it reach them?

In the transaction of the deed: one notice, one row in each inbox and one mail for each person, so that none is there
without the others. Webhooks are made of the notice later (`store/notices.py`, `list_waiting`).
"""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import NamedTuple

from keysteward.actions.contacts_on_record import tell_contacts
from keysteward.actions.context import Context
from keysteward.actions.mailing import house, post
from keysteward.rules import notices as rules
from keysteward.rules.accounts import Standing, User
from keysteward.rules.letters import Letter
from keysteward.rules.notices import Notice, may_mute
from keysteward.store import accounts, approvals, notices, organizations
from keysteward.store.database import Connection
from keysteward.store.notices import Receipt

MAIL_LIFE = timedelta(days=30)
"""How long a mail server may be away before a notice is in the inbox only."""

Write = Callable[[str], Letter]


class Recipient(NamedTuple):
    """Somebody who is told, as an admin of an account or of an organization; of neither: for themselves."""

    user: User
    account: str = ""
    organization: str = ""

    @property
    def administers(self) -> str:
        """What they are an admin of, in a word; empty where it is neither."""
        return "account" if self.account else "organization" if self.organization else ""


def announce(ctx: Context, tx: Connection, notice: Notice, *, but: str | None = None) -> bool:
    """Tell everybody whom a notice concerns, but whoever did it (a user's GUID); False where it was told before.

    That is the person it is about, or all admins of its account, or else of its organization.
    """
    return tell(ctx, tx, notice, [each for each in concerned(tx, notice) if each.user.id != but])


def tell(ctx: Context, tx: Connection, notice: Notice, whom: Iterable[Recipient], write: Write | None = None) -> bool:
    """Tell these people, each once; `write` makes the mail for a name where it says more than the notice."""
    if not notices.save(tx, notice):
        return False
    told = {each.user.id: each for each in whom}
    notices.save_receipts(tx, notice, (Receipt(user, each.account, each.organization) for user, each in told.items()))
    _mail(ctx, tx, notice, list(told.values()), write)
    return True


def concerned(tx: Connection, notice: Notice) -> list[Recipient]:
    """Whom a notice concerns."""
    if notice.user:
        found = accounts.find_user(tx, notice.user)
        return [Recipient(found)] if found else []
    if notice.account:
        return admins_of(tx, notice.account)
    return council_of(tx, notice.organization)


def admins_of(tx: Connection, account: str) -> list[Recipient]:
    """The admins of an account."""
    return [Recipient(each.user, account=account) for each in accounts.list_admins_in_account(tx, account)]


def council_of(tx: Connection, organization: str) -> list[Recipient]:
    """The admins of an organization."""
    return [Recipient(user, organization=organization) for user in organizations.list_active_admins(tx, organization)]


def announce_admin(ctx: Context, tx: Connection, standing: Standing, by: str, *, but: str | None = None) -> None:
    """Call it where somebody came to administer an account: its other admins hear it, but whoever did it."""
    if standing.is_admin:
        notice = rules.new_admin(standing.account, standing.user, by, ctx.now)
        others = admins_of(tx, standing.account.id)
        tell(ctx, tx, notice, [each for each in others if each.user.id not in {standing.user.id, but}])


def watch_admins(ctx: Context, tx: Connection, account: str) -> None:
    """Call it where an account has lost an admin: where one is left or none, those hear it who can do something.

    With none that is the admins of its organization, and by mail the operators and its recovery contacts.
    """
    found, left = accounts.find_account(tx, account), admins_of(tx, account)
    if found is None or found.state == "closed" or len(left) > 1:
        return
    notice = rules.few_admins(found, left[0].user if left else None, ctx.now)
    above = council_of(tx, found.organization) if found.organization else []
    tell(ctx, tx, notice, left or above)
    if not left:
        tell_contacts(ctx, tx, found)
        known = {each.user.id for each in above}
        operators = [accounts.find_user(tx, each.user) for each in approvals.list_operators(tx)]
        others = [each for each in operators if each and each.state == "active" and each.id not in known]
        _mail(ctx, tx, notice, [Recipient(each) for each in others])


def _mail(ctx: Context, tx: Connection, notice: Notice, whom: list[Recipient], write: Write | None = None) -> None:
    users = [each.user.id for each in whom]
    muters = notices.list_muters(tx, notice.kind, users) if may_mute(notice.kind) else set[str]()
    for each in (each for each in whom if each.user.id not in muters):
        name = each.user.name
        letter = write(name) if write else rules.letter(house(ctx), name, notice, each.administers)
        post(ctx, tx, each.user.email, letter, MAIL_LIFE)
