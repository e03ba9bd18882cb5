"""What does the export of an environment look things up in?"""

from datetime import datetime
from typing import NamedTuple

from keysteward.actions.export import Snapshot
from keysteward.rules.accounts import ADMIN, Account
from keysteward.rules.policy import Policy
from keysteward.rules.words import Environment
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.references import Names
from keysteward.twin.declared.stage import in_force_at


class Kept(NamedTuple):
    """What the twin's folder knows of an environment: what `dev.env` names, and which private halves lie there."""

    app: str | None
    user: str | None
    thumbprints: frozenset[str]


class Place:
    """One environment, whose people and accounts are called by the names that a file would use."""

    def __init__(self, environment: Environment, snapshot: Snapshot, kept: Kept) -> None:
        self.environment = environment
        self.snapshot = snapshot
        self.kept = kept
        self.emails = {person.standings[0].user.id: person.standings[0].user.email for person in snapshot.people}
        self.names = Names("account")
        for account in snapshot.accounts:
            self.names.add(account.id, account.name)

    def name_of(self, account: Account) -> str:
        """An account's name, or its GUID where others have the same name."""
        return account.name if self.names.find(account.name) else account.id

    def account(self, guid: str) -> Account:
        """An account by GUID."""
        return next(account for account in self.snapshot.accounts if account.id == guid)

    def admins(self, account: str) -> dict[str, str]:
        """The addresses of those who are or were admins of an account, by GUID; who were come last."""
        standings = [each for person in self.snapshot.people for each in person.standings]
        standings.sort(key=lambda each: each.membership.state != "active")
        return {
            each.user.id: each.user.email
            for each in standings
            if each.account.id == account and each.membership.profile.id == ADMIN.id
        }

    def active_admins(self, account: str) -> dict[str, str]:
        """The addresses of those who administer an account now, by GUID."""
        standings = [each for person in self.snapshot.people for each in person.standings]
        return {each.user.id: each.user.email for each in standings if each.account.id == account and each.is_admin}

    def admin(self, account: str, email: str) -> str | None:
        """An admin of an account by address; where nobody has it any more, whom the file would mean without a name."""
        here = self.admins(account)
        return email if email in here.values() else next(iter(here.values()), None)

    def policy_at(self, when: datetime) -> Policy:
        """The policy that was in force at a moment."""
        return in_force_at(self.snapshot.versions, when)


def unless(moment: datetime, usual: datetime) -> str | None:
    """A moment, where it is another one than goes without saying."""
    return None if moment == usual else say_moment(moment)
