"""What would a file have to declare for programs to be told, and to speak, as they do?"""

from collections.abc import Sequence

from keysteward.actions.export import Group
from keysteward.rules.accounts import Account
from keysteward.rules.webhooks import Webhook as Kept
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.people import MOMENT
from keysteward.twin.declared.place import Place, unless
from keysteward.twin.declared.shapes_programs import Directory, ScimToken, Webhook


def webhooks_of_account(place: Place, account: Account) -> list[str | Webhook]:
    """Which addresses are told of an account's notices, while somebody administers it."""
    return _webhooks(place.snapshot.houses[account.id].webhooks, [*place.active_admins(account.id).values()])


def webhooks_of_group(place: Place, group: Group) -> list[str | Webhook]:
    """Which addresses are told of an organization's notices, while somebody administers it."""
    users = {each.standings[0].user.id: each.standings[0].user for each in place.snapshot.people}
    return _webhooks(group.webhooks, [users[each].email for each in group.admins if users[each].state == "active"])


def directory(place: Place, group: Group) -> Directory | None:
    """Where an organization's new users belong, as long as that account is its own, and what tokens its provider has.

    They are kept as hashes only: the next twin makes others.
    """
    home, tokens = group.directory
    said = Directory(tokens=_tokens(place, group))
    if home is not None and home[0] in {each.id for each in group.accounts}:
        said.account, said.profile = place.name_of(place.account(home[0])), home[1].name
    return said if said.account or tokens else None


def _tokens(place: Place, group: Group) -> list[str | ScimToken]:
    council, since = [place.emails[user] for user in group.admins], group.organization.created_at
    said = list[str | ScimToken]()
    for token in group.directory.tokens:
        since += MOMENT
        by = token.made_by if token.made_by in council else council[0]
        said.append(ScimToken(name=token.name, by=by, created=unless(token.made_at, since)))
        since = token.made_at
    return said


def _webhooks(kept: Sequence[Kept], admins: Sequence[str]) -> list[str | Webhook]:
    return [
        Webhook(
            url=each.url,
            kinds=list(each.kinds),
            by=each.made_by if each.made_by in admins else admins[0],
            created=say_moment(each.made_at),
        )
        for each in kept
        if admins
    ]
