"""Who hears that somebody signed in?

The other admins hear it of a service admin, and everybody hears it of themselves where the device is new. Nobody is
kept from signing in.
"""

from keysteward.actions import attempts
from keysteward.actions.context import Context
from keysteward.actions.notices import admins_of, announce
from keysteward.actions.notices import tell as tell_people
from keysteward.rules import notices
from keysteward.rules.accounts import User
from keysteward.rules.signin import Source
from keysteward.store import accounts
from keysteward.store.database import Connection


def tell(ctx: Context, tx: Connection, user: User, source: Source) -> None:
    """Tell of a sign-in within its transaction, before its source is known as the user's."""
    if user.service:
        _tell_admins(ctx, tx, user, source)
    if attempts.is_new_device(ctx, tx, user, source):
        announce(ctx, tx, notices.new_device(user, source.in_words, ctx.now))


def _tell_admins(ctx: Context, tx: Connection, user: User, source: Source) -> None:
    """A notice for each account that the service admin administers; who administers several of them hears of one."""
    told = {user.id}
    for standing in accounts.list_standings_of_user(tx, user.id):
        if standing.is_admin:
            others = [each for each in admins_of(tx, standing.account.id) if each.user.id not in told]
            tell_people(
                ctx, tx, notices.service_admin_signed_in(standing.account, user, source.in_words, ctx.now), others
            )
            told |= {each.user.id for each in others}
