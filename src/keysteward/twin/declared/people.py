"""How are the declared accounts opened, with permission profiles of their own, and how do people join them?"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions import accounts, profiles, signin
from keysteward.rules.access import PERMISSIONS
from keysteward.rules.accounts import NewUser
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.shapes import Account, Membership, User
from keysteward.twin.declared.stage import Stage, at

MOMENT = timedelta(microseconds=1)

_AGE = timedelta(days=60)
_PLANS = {"demo": "Developer", "production": "Business Pro"}


class Joining(NamedTuple):
    """A user on their way into an account. `is_default` where it is the first of theirs."""

    path: str
    user: User
    membership: Membership
    guid: str
    account: str
    is_default: bool


def settle(stage: Stage) -> None:
    """Open every account with its first admin and its permission profiles.

    Everybody joins their default account first, and then the others.
    """
    waiting = list(joinings(stage))
    for number, account in enumerate(stage.known.declared.accounts):
        opener = _opener(stage, f"{stage.environment}.accounts[{number}]", account, waiting)
        _open(stage, f"{stage.environment}.accounts[{number}]", account, opener)
        waiting.remove(opener)
        for each in [each for each in waiting if each.is_default and each.account == opener.account]:
            _join(stage, each)
            waiting.remove(each)
    for each in waiting:
        _join(stage, each)


def opened_at(stage: Stage, guid: str) -> datetime:
    """When an account is opened."""
    account = next(each for each in stage.known.declared.accounts if stage.known.account_guid(each) == guid)
    return stage.when(account.created, stage.now - _AGE)


def give_tokens(stage: Stage) -> None:
    """Make the personal access tokens."""
    for number, token in enumerate(stage.known.declared.personal_access_tokens):
        when = stage.when(token.created, stage.now)
        actor = stage.actor(stage.known.users.load(token.user), when)
        permissions = frozenset(PERMISSIONS if token.permissions is None else token.permissions)
        with at(f"{stage.environment}.personal_access_tokens[{number}]"):
            value = signin.issue_personal_token(stage.on(when), actor, token.name, permissions, token.days)
        stage.made.tokens.append(value)


def joinings(stage: Stage) -> Iterator[Joining]:
    """Everybody on their way into each of their accounts."""
    for number, user in enumerate(stage.known.declared.users):
        for position, each in enumerate(stage.known.memberships(user)):
            path = f"{stage.environment}.users[{number}].memberships[{position}]"
            account = stage.known.accounts.load(each.account)
            yield Joining(path, user, each, stage.known.user_guid(user), account, position == 0)


def _opener(stage: Stage, path: str, account: Account, waiting: list[Joining]) -> Joining:
    """The admin who opens an account: one whose default account it is, or who has joined theirs already."""
    guid, when = stage.known.account_guid(account), opened_at(stage, stage.known.account_guid(account))
    unsettled = {each.guid for each in waiting if each.is_default and each.account != guid}
    admins = stage.known.admins[guid]
    free = [each for each in waiting if each.account == guid and each.guid in admins and each.guid not in unsettled]
    if not free:
        sentence = "the default account of each of its admins stands below it; put it behind one of those."
        raise Mistakes([Problem(path, sentence)])
    return min(free, key=lambda each: (_joined_at(stage, each) != when, admins.index(each.guid)))


def _open(stage: Stage, path: str, account: Account, opener: Joining) -> None:
    guid = stage.known.account_guid(account)
    with at(path):
        ctx = stage.on(opened_at(stage, guid))
        plan = account.plan or _PLANS[stage.environment]
        accounts.open_account(ctx, account.name, plan, _new_user(stage, opener), account=guid)
    for number, profile in enumerate(account.profiles):
        with at(f"{path}.profiles[{number}]"):
            draft = profiles.Draft(profile.name, frozenset(profile.permissions))
            stage.profiles[guid, profile.name] = profiles.make(ctx, stage.actor(opener.guid, ctx.now), guid, draft)


def _join(stage: Stage, joining: Joining) -> None:
    with at(joining.path):
        ctx = stage.on(_joined_at(stage, joining))
        accounts.add_user(ctx, joining.account, _new_user(stage, joining), "system")


def _joined_at(stage: Stage, joining: Joining) -> datetime:
    return stage.when(joining.membership.created, opened_at(stage, joining.account))


def _new_user(stage: Stage, joining: Joining) -> NewUser:
    user = joining.user
    first_name = _name_in(user.email) if user.first_name is None else user.first_name
    profile = stage.profile(joining.account, joining.membership.profile)
    return NewUser(user.email, first_name, user.last_name, profile, user.password or None, user.service, joining.guid)


def _name_in(email: str) -> str:
    return re.split(r"[._+-]", email.partition("@")[0])[0].capitalize()
