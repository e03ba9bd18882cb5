"""How is a sealed credential given out, and who has a word in it?

One admin asks, another person approves, and the first downloads the file once. What stops a step stands in
`rules/sealed_credentials.py`.
"""

from dataclasses import replace

from keysteward.actions import sealing
from keysteward.actions.context import Context
from keysteward.actions.notices import Recipient, admins_of, council_of, tell
from keysteward.actions.release_cases import act_of, case_of, demand_step, hold, locked_case
from keysteward.rules import sealed_notices as notices
from keysteward.rules.access import Actor, demand_admin
from keysteward.rules.accounts import Account, Standing
from keysteward.rules.approvals import checked_lines
from keysteward.rules.events import Name
from keysteward.rules.notices import Notice
from keysteward.rules.refusals import CONFLICT, NO_SUCH_ACCOUNT, NO_SUCH_OBJECT, RELEASE_PENDING, Refusal
from keysteward.rules.sealed_credentials import Case, Ending, Release, Sealed, approvers
from keysteward.rules.signin import demand_fresh
from keysteward.rules.transfers import Act
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, organizations, releases, sealed_credentials
from keysteward.store.database import Connection

_SYSTEM = "system"


def ask(ctx: Context, actor: Actor, account: str, credential: str, unverified_reason: str) -> Release:
    """Ask to be given a sealed credential, after a fresh sign-in; all admins are told."""
    demand_fresh(actor, ctx.now, ctx.policy)
    reason = checked_lines(unverified_reason, "reason")
    with ctx.database.reading() as tx:
        own, sealed = _wanted(tx, actor, account, credential)
        draft = _draft(ctx, tx, actor, own, sealed, reason)
    _end_overdue(ctx, sealed.credential)
    with ctx.database.writing() as tx:
        hold(tx, draft, actor.user)
        own, sealed = _wanted(tx, actor, account, credential)
        release = _draft(ctx, tx, actor, own, sealed, reason)
        if (release.organization, release.key) != (draft.organization, draft.key):
            raise Refusal(CONFLICT)
        release = replace(release, id=draft.id)
        case = case_of(ctx, tx, release, actor.user)
        demand_step("ask", case)
        if not releases.save(tx, release):
            raise Refusal(RELEASE_PENDING)
        _announce(ctx, tx, case, notices.asked(case))
        _recorded(ctx, tx, "ReleaseAsked", actor.email, case, reason=reason)
    return release


def approve(ctx: Context, actor: Actor, release: str) -> Release:
    """Approve what somebody else asked, after a fresh sign-in; they may download it once, for a while."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, actor, release)
        demand_step("approve", case)
        act, until = act_of(ctx, actor), ctx.now + ctx.policy.release_download_life
        if not releases.approve(tx, case.release.id, act, until):
            raise Refusal(CONFLICT)
        _announce(ctx, tx, case, notices.approved(case, act, until))
        _recorded(ctx, tx, "ReleaseApproved", actor.email, case, until=until.isoformat())
        return replace(case.release, approved=act, expires_at=until)


def refuse(ctx: Context, actor: Actor, release: str, unverified_reason: str) -> None:
    """End a request of somebody else's, until the file is downloaded: any other admin may."""
    demand_fresh(actor, ctx.now, ctx.policy)
    reason = checked_lines(unverified_reason, "reason", least=0)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, actor, release)
        demand_step("refuse", case)
        _ended(ctx, tx, case, Ending("refused", act_of(ctx, actor), reason))
        _recorded(ctx, tx, "ReleaseRefused", actor.email, case, reason=reason)


def cancel(ctx: Context, actor: Actor, release: str) -> None:
    """Take one's own request back."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, actor, release)
        demand_step("cancel", case)
        _ended(ctx, tx, case, Ending("cancelled", act_of(ctx, actor), ""))
        _recorded(ctx, tx, "ReleaseCancelled", actor.email, case)


def download(ctx: Context, actor: Actor, release: str) -> bytes:
    """The armored file, once, for whoever asked; an answer that is lost on its way is asked for again."""
    demand_fresh(actor, ctx.now, ctx.policy)
    with ctx.database.writing() as tx:
        case = locked_case(ctx, tx, actor, release, rests_on_approval=True)
        demand_step("download", case)
        act = act_of(ctx, actor)
        armored = sealing.opened(ctx, tx, case.release.credential)
        if armored is None or not releases.take(tx, case.release.id, act):
            raise Refusal(CONFLICT)
        _announce(ctx, tx, case, notices.ended(case, Ending("downloaded", act, "")))
        by = case.release.approved.email if case.release.approved else ""
        _recorded(ctx, tx, "CredentialReleased", actor.email, case, approved_by=by)
    return armored


def settle_due(ctx: Context) -> int:
    """End the requests whose time is up; return how many there were."""
    with ctx.database.reading() as tx:
        overdue = releases.list_overdue(tx, ctx.now)
    return sum(expire(ctx, each) for each in overdue)


def expire(ctx: Context, release: Release) -> bool:
    """End a request whose time is up, once; whether it was."""
    act = Act(_SYSTEM, _SYSTEM, ctx.now)
    with ctx.database.writing() as tx:
        hold(tx, release, release.asked.by)
        if not releases.expire(tx, release.id, act):
            return False
        case = case_of(ctx, tx, release, release.asked.by)
        _announce(ctx, tx, case, notices.ended(case, Ending("expired", act, "")))
        _recorded(ctx, tx, "ReleaseExpired", _SYSTEM, case)
    return True


def told(tx: Connection, account: Account) -> list[Recipient]:
    """Whom every step is told: all admins of the account, and of its organization."""
    above = council_of(tx, account.organization) if account.organization else []
    return [*above, *admins_of(tx, account.id)]


def administered(tx: Connection, actor: Actor, account: str) -> Standing:
    """The actor's standing in an account that they administer."""
    own = accounts.find_standing(tx, actor.user, account)
    if own is None or not own.is_active:
        raise Refusal(NO_SUCH_ACCOUNT)
    demand_admin(own)
    return own


def _wanted(tx: Connection, actor: Actor, account: str, credential: str) -> tuple[Standing, Sealed]:
    own = administered(tx, actor, account)
    sealed = sealed_credentials.find(tx, credential) if is_guid(credential) else None
    if sealed is None or sealed.account != own.account.id:
        raise Refusal(NO_SUCH_OBJECT, thing="sealed credential")
    return own, sealed


def _draft(ctx: Context, tx: Connection, actor: Actor, own: Standing, sealed: Sealed, reason: str) -> Release:
    account = own.account
    admins = [each.user for each in accounts.list_standings_in_account(tx, account.id) if each.is_admin]
    above = organizations.list_active_admins(tx, account.organization) if account.organization else []
    may, is_for_organization = approvers(own.user, admins, above)
    return Release(
        id=new_guid(),
        credential=sealed.credential,
        account=account.id,
        key=sealed.key,
        kind=sealed.kind,
        hint=sealed.hint,
        reason=reason,
        approvers=tuple(each.id for each in may),
        organization=(account.organization or "") if is_for_organization else "",
        asked=act_of(ctx, actor),
        expires_at=ctx.now + ctx.policy.release_approval_life,
    )


def _end_overdue(ctx: Context, credential: str) -> None:
    """Let a request whose time is up make room for another."""
    with ctx.database.reading() as tx:
        pending = releases.find_pending(tx, credential)
    if pending is not None and ctx.now >= pending.expires_at:
        expire(ctx, pending)


def _ended(ctx: Context, tx: Connection, case: Case, ending: Ending) -> None:
    if not releases.end(tx, case.release.id, ending):
        raise Refusal(CONFLICT)
    _announce(ctx, tx, case, notices.ended(case, ending))


def _announce(ctx: Context, tx: Connection, case: Case, notice: Notice) -> None:
    tell(ctx, tx, replace(notice, account=case.account.id), told(tx, case.account))


def _recorded(ctx: Context, tx: Connection, name: Name, by: str, case: Case, /, **data: str) -> None:
    release = case.release
    said = {"release": release.id, "credential": release.credential, **data}
    audit.record(tx, ctx.event(name, by, key=release.key, account=release.account, **said))
