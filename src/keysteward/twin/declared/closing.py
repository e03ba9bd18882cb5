"""How does what is declared end? Members go, who is invited is asked, accounts close, and findings are accepted."""

from keysteward.actions import accounts, custody, invitations
from keysteward.rules.custody.lives import Life
from keysteward.twin.declared.departures import depart, ends_with_departure
from keysteward.twin.declared.moments import read_until
from keysteward.twin.declared.organizations import ask, lapse
from keysteward.twin.declared.people import joinings
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.references import Known
from keysteward.twin.declared.shapes import Account
from keysteward.twin.declared.shapes_custody import Finding, Invitation
from keysteward.twin.declared.stage import Stage, at


def close(stage: Stage) -> None:
    """End what the file says has ended, once everything else was played, each thing while it still can."""
    ask(stage)
    _close_memberships(stage, with_departures=False)
    depart(stage)
    _close_memberships(stage, with_departures=True)
    _invite(stage)
    lapse(stage)
    _change_states(stage)
    _say_of_findings(stage)


def _close_memberships(stage: Stage, *, with_departures: bool) -> None:
    """Close those that the file says are closed; those that end with a departure come after it."""
    for each in joinings(stage):
        if each.membership.state != "closed" or ends_with_departure(stage.known, each) != with_departures:
            continue
        standing = accounts.find_member(stage.ctx, each.account, each.guid)
        if standing.membership.state == "active":
            with at(f"{each.path}.state", is_field=True):
                accounts.close_membership(stage.ctx, each.account, each.guid, "system")


def _invite(stage: Stage) -> None:
    for number, account in enumerate(stage.known.declared.accounts):
        for position, invitation in enumerate(account.invitations):
            path = f"{stage.environment}.accounts[{number}].invitations[{position}]"
            _send(stage, path, stage.known.account_guid(account), invitation)


def _send(stage: Stage, path: str, account: str, declared: Invitation) -> None:
    when = stage.when(declared.created, stage.now)
    actor = stage.actor(_admin(stage, path, account, declared.by), when)
    draft = invitations.Draft(declared.email, stage.profile(account, declared.profile).id, declared.service)
    with at(path):
        invitations.invite(stage.on(when), actor, account, draft)


def _change_states(stage: Stage) -> None:
    for account in stage.known.declared.accounts:
        if account.state != "open" or account.state_since is not None:
            ctx = stage.on(stage.when(account.state_since, stage.now))
            accounts.change_account(ctx, stage.known.account_guid(account), "system", state=account.state)


def _say_of_findings(stage: Stage) -> None:
    for number, account in enumerate(stage.known.declared.accounts):
        if account.findings:
            _judge(stage, f"{stage.environment}.accounts[{number}].findings", account)


def _judge(stage: Stage, path: str, account: Account) -> None:
    """Judge an account, and say what its admins say of what is found; of what is not found nothing is said."""
    guid, ctx = stage.known.account_guid(account), stage.on(stage.now)
    actor = stage.actor(_admin(stage, path, guid, None), stage.now)
    found = [each for each in custody.view(ctx, actor, guid).lives if each.account == guid and each.fixed_at is None]
    for number, declared in enumerate(account.findings):
        subjects = _subjects(stage.known, guid, declared.subject)
        for life in found:
            if life.code == declared.finding and life.subject in subjects:
                _say_of(stage, f"{path}[{number}]", life, declared)


def _say_of(stage: Stage, path: str, life: Life, declared: Finding) -> None:
    ctx = stage.on(stage.now)
    actor = stage.actor(_admin(stage, path, life.account, declared.by), stage.now)
    until = read_until(declared.accepted_until, stage.now) if declared.accepted_until else stage.now
    with at(path):
        if until > stage.now:
            custody.accept(ctx, actor, life.account, life.id, until, declared.reason)
        if declared.owner is not None:
            custody.assign(ctx, actor, life.account, life.id, stage.known.users.load(declared.owner))


def _subjects(known: Known, account: str, subject: str) -> set[str]:
    """What a file may mean by what a finding is about."""
    named = {names.find(subject) or "" for names in (known.users, known.accounts, known.apps)} if subject else {account}
    return {subject, subject.lower(), *named} - {""}


def _admin(stage: Stage, path: str, account: str, name: str | None) -> str:
    """Somebody who administers an account still: whom the file names, else the first."""
    if name is not None:
        return stage.known.users.load(name)
    for user in stage.known.admins[account]:
        if accounts.find_member(stage.ctx, account, user).is_admin:
            return user
    raise Mistakes([Problem(path, "nobody administers the account any more; leave this out.")])
