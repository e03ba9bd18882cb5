"""Who belongs to the account in use, who is invited, and how does its admin change that?"""

from collections.abc import Callable
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import invitations, lists, people, profiles, recovery
from keysteward.actions.context import Context
from keysteward.actions.invitations import Draft
from keysteward.actions.people import Member, MemberView
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import ADMIN, Profile, Standing
from keysteward.rules.listing import Part, Wanted
from keysteward.rules.people import GRANTABLE, Departure, Invitation
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.pages.conflicts import Field, came_back, is_late, tell
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.pages.words import history
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/members"
_MEMBER = "/members/{user}"
_ADMIN_MAY = (
    "Manage the account's integration keys: create, change, promote, stop and delete them.",
    "Invite, change and close members; make permission profiles.",
    "See and block the apps that act in the account.",
)
_ALL_MAY = "Be impersonated by apps that they, or their organization, allowed."

_MEMBERS = Table(
    "members",
    (
        Column("Member", "name"),
        Column("Email address", "email", is_shown=False),
        Column("User ID", "id", sorts=False, is_shown=False),
        Column("Permission profile", "profile", sorts=False),
        Column("Second factor", "has_factor", sorts=False),
        Column("Last sign-in", "signed_in_at", "moment", sorts=False),
        Column("Joined", "joined_at", "moment"),
        Column("Active", "is_active", sorts=False, is_shown=False),
        Column("Service", "is_service", sorts=False, is_shown=False),
    ),
    ("name",),
    "Name, address or user ID",
    (
        Filter("state", "State", {"closed": "Closed"}, "Active"),
        Filter("profile", "Permission profile", {}, "Every profile"),
    ),
    actions=True,
)

Deed = Callable[[Context, str, str], object]


# ── the list ────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /members`: the account in use with its members, invitations and permission profiles."""
    return await _listed(request, visitor, arrived(request))


@form_of(_PAGE)
async def invite(request: Request, visitor: Visitor) -> Response:
    """`POST /members/invitations`: send somebody a link to join."""
    typed = await read_fields(request, "email", "profile", "service")
    account = account_in_use(visitor).account.id
    try:
        draft = Draft(typed["email"], number_of(typed["profile"]), bool(typed["service"]))
        await run_in_threadpool(invitations.invite, context(request), visitor.actor, account, draft)
    except Refusal as refusal:
        return await _listed(request, visitor, refused(refusal, typed, "email", "profile"))
    return done(_PAGE, "invited")


@form_of(_PAGE)
async def withdraw(request: Request, visitor: Visitor) -> Response:
    """`POST /members/invitations/{id}/withdraw`: its link is good for nothing any more."""
    account, invitation = account_in_use(visitor).account.id, request.path_params["id"]
    await run_in_threadpool(invitations.withdraw, context(request), visitor.actor, account, invitation)
    return done(_PAGE, "invitation-withdrawn")


async def _listed(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, standing = context(request), account_in_use(visitor)
    known = await run_in_threadpool(profiles.list_profiles, ctx, visitor.actor, standing.account.id)
    listing = read(request, _MEMBERS.with_values("profile", {str(each.id): each.name for each in known}), _PAGE)
    found = await run_in_threadpool(lists.list_members, ctx, visitor.actor, standing.account.id, listing.wanted)
    if listing.is_download:
        return listing.download(_row(each, visitor) for each in found.rows)
    values = await run_in_threadpool(_list_values, ctx, visitor, standing, found)
    typed = {"email": "", "profile": "", "service": ""} | dict(slip.values)
    said = values | {"profiles": [{"id": each.id, "name": each.name} for each in known]}
    said |= {"listing": listing.shown(found), "values": typed, "errors": slip.errors}
    return show(request, "members.html", said, status=slip.status, visitor=visitor, notice=slip.notice)


def _list_values(ctx: Context, visitor: Visitor, standing: Standing, found: Part[Member]) -> dict[str, Any]:
    actor, account = visitor.actor, standing.account
    admins = Wanted(chosen=(("profile", str(ADMIN.id)),), size=1)
    return {
        "account": account,
        "members": [_row(each, visitor) for each in found.rows],
        "admins": lists.list_members(ctx, actor, account.id, admins).total,
        "invitations": [_invited(each) for each in invitations.list_waiting(ctx, actor, account.id)],
        "may_change": standing.is_admin and account.state == "open",
        "invitation_days": ctx.policy.invitation_life.days,
    }


# ── one member ──────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def member(request: Request, visitor: Visitor) -> Response:
    """`GET /members/{user}`: what they can do, and what was done about them."""
    return await _member(request, visitor, arrived(request))


@form_of(_MEMBER)
async def change_profile(request: Request, visitor: Visitor) -> Response:
    """`POST /members/{user}/profile`: another permission profile, at once."""
    typed = await read_fields(request, "profile", "version")
    deed = partial(_change_profile, visitor, typed["profile"], typed.pop("version"))
    return await _do(request, visitor, deed, "profile-given", typed)


@form_of(_MEMBER)
async def close(request: Request, visitor: Visitor) -> Response:
    """`POST /members/{user}/close`: the membership ends, and whatever tokens could do in the account."""
    return await _do(request, visitor, partial(_close, visitor), "member-closed", {})


@form_of(_MEMBER)
async def reactivate(request: Request, visitor: Visitor) -> Response:
    """`POST /members/{user}/reactivate`: it begins again."""
    return await _do(request, visitor, partial(_reactivate, visitor), "member-reactivated", {})


@form_of(_MEMBER)
async def reset_factor(request: Request, visitor: Visitor) -> Response:
    """`POST /members/{user}/reset-factor`: they, and all other admins, are told."""
    return await _do(request, visitor, partial(_reset_factor, visitor), "factor-reset", {})


def _change_profile(visitor: Visitor, profile: str, seen: str, ctx: Context, account: str, user: str) -> object:
    return people.change_profile(ctx, visitor.actor, account, user, number_of(profile), seen)


def _close(visitor: Visitor, ctx: Context, account: str, user: str) -> None:
    people.close_member(ctx, visitor.actor, account, user)


def _reactivate(visitor: Visitor, ctx: Context, account: str, user: str) -> object:
    return people.reactivate(ctx, visitor.actor, account, user)


def _reset_factor(visitor: Visitor, ctx: Context, account: str, user: str) -> None:
    recovery.reset_factors(ctx, visitor.actor, account, user)


async def _do(request: Request, visitor: Visitor, deed: Deed, what: str, typed: dict[str, str]) -> Response:
    user, account = request.path_params["user"], account_in_use(visitor).account
    try:
        await run_in_threadpool(deed, context(request), account.id, user)
    except Refusal as refusal:
        if is_late(refusal):
            await _tell_late(request, visitor, refusal, typed["profile"])
        return await _member(request, visitor, came_back(refusal, typed, *typed))
    left = user == visitor.user.id and what == "member-closed"
    return done("/" if left else _MEMBER.format(user=user), what)


async def _tell_late(request: Request, visitor: Visitor, refusal: Refusal, typed: str) -> None:
    user = request.path_params["user"]
    values = await run_in_threadpool(_member_values, context(request), visitor, user)
    names = {str(each["id"]): each["name"] for each in values["profiles"]}
    field = Field("Permission profile", values["member"]["profile"], names.get(typed, typed))
    tell(request, refusal, _MEMBER.format(user=user), [field])


async def _member(request: Request, visitor: Visitor, slip: Slip) -> Response:
    values = await run_in_threadpool(_member_values, context(request), visitor, request.path_params["user"])
    said = values | {"chosen": str(slip.values.get("profile", values["member"]["profile_id"])), "errors": slip.errors}
    return show(request, "member.html", said, status=slip.status, visitor=visitor, notice=slip.notice)


def _member_values(ctx: Context, visitor: Visitor, user: str) -> dict[str, Any]:
    own = account_in_use(visitor)
    view = people.view(ctx, visitor.actor, own.account.id, user)
    known = profiles.list_profiles(ctx, visitor.actor, own.account.id)
    return {
        "member": _row(view.member, visitor),
        "allowed": _allowed(view),
        "is_last_admin": view.is_last_admin,
        "departure": _departure(view.departure),
        "profiles": [{"id": each.id, "name": each.name, "says": says(each)} for each in known],
        "may_change": own.is_admin and own.account.state == "open",
        "events": [history(each) for each in view.events],
    }


def says(profile: Profile) -> str:
    """What a permission profile lets its members do, in a line."""
    if profile.is_admin:
        return "Manages the account: its keys and its members."
    allowed = [words for name, words in GRANTABLE.items() if name in profile.permissions]
    return " ".join(allowed) or "Looks, and changes nothing."


def number_of(unverified_text: str) -> int:
    """The number of a permission profile, as a form sends it."""
    if not (unverified_text.isascii() and unverified_text.isdigit() and len(unverified_text) < 10):
        raise Refusal(INVALID_FIELD, field="profile", reason="choose a permission profile.")
    return int(unverified_text)


# ── what the pages say ──────────────────────────────────────────────────────────────────────────────────────────────
def _row(member: Member, visitor: Visitor) -> dict[str, Any]:
    standing = member.standing
    user, membership = standing.user, standing.membership
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "profile_id": membership.profile.id,
        "profile": membership.profile.name,
        "is_admin": standing.is_admin,
        "is_service": user.service,
        "is_active": standing.is_active,
        "is_member": membership.state == "active",
        "is_user_closed": user.state != "active",
        "has_factor": member.has_factor,
        "signed_in_at": member.signed_in_at,
        "joined_at": membership.created_at,
        "is_self": user.id == visitor.user.id,
    }


def _allowed(view: MemberView) -> list[str]:
    standing = view.member.standing
    if not standing.is_active:
        return []
    if standing.is_admin:
        return [*_ADMIN_MAY, *GRANTABLE.values(), _ALL_MAY]
    return [*(words for name, words in GRANTABLE.items() if name in standing.membership.profile.permissions), _ALL_MAY]


def _departure(departure: Departure | None) -> dict[str, Any] | None:
    return {"at": departure.at, "by": departure.by, "source": departure.source} if departure else None


def _invited(invitation: Invitation) -> dict[str, Any]:
    return {
        "id": invitation.id,
        "email": invitation.email,
        "profile": invitation.profile.name,
        "is_service": invitation.service,
        "invited_at": invitation.invited_at,
        "expires_at": invitation.expires_at,
    }
