"""Who belongs to an account, who is invited, and which permission profiles are there?"""

from functools import partial
from typing import get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import invitations, people, profiles
from keysteward.actions.idempotency import Answer
from keysteward.actions.people import Member as Found
from keysteward.rules.accounts import Profile
from keysteward.rules.people import Invitation
from keysteward.rules.refusals import NO_SUCH_OBJECT, NO_SUCH_USER, Refusal
from keysteward.web.api.asking import account_of, actor_of, answered, id_of, nothing_more, once, said
from keysteward.web.api.member_shapes import (
    AccountInvitation,
    AccountInvitations,
    AccountMembers,
    GrantablePermission,
    Member,
    MemberChange,
    NewInvitation,
    NewProfile,
    PermissionProfile,
    PermissionProfiles,
)
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, is_uuid, read_json

_MOST_DIGITS = 9
_PERMISSIONS: tuple[GrantablePermission, ...] = get_args(GrantablePermission)


# ── members ─────────────────────────────────────────────────────────────────────────────────────────────────────────
async def list_members(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/members`: closed ones too."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(people.list_members, ctx, actor, account_of(request))
    return answered(said(AccountMembers([_member(each) for each in found])))


async def show_member(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/members/{user}`."""
    ctx, actor, user = context(request), await actor_of(request), user_of(request)
    view = await run_in_threadpool(people.view, ctx, actor, account_of(request), user)
    return answered(said(_member(view.member)))


async def change_member(request: Request) -> Response:
    """`PATCH /api/v1/accounts/{account}/members/{user}`: another permission profile."""
    ctx, actor, user = context(request), await actor_of(request), user_of(request)
    account, body = account_of(request), await read_json(request, MemberChange)
    await run_in_threadpool(people.change_profile, ctx, actor, account, user, int(body.profile))
    return await show_member(request)


async def close_member(request: Request) -> Response:
    """`DELETE /api/v1/accounts/{account}/members/{user}`: the membership ends."""
    ctx, actor, user = context(request), await actor_of(request), user_of(request)
    await run_in_threadpool(people.close_member, ctx, actor, account_of(request), user)
    return nothing_more()


async def reactivate_member(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/members/{user}/reactivations`: it begins again."""
    ctx, actor, user = context(request), await actor_of(request), user_of(request)
    await read_json(request, Nothing)
    await run_in_threadpool(people.reactivate, ctx, actor, account_of(request), user)
    return await show_member(request)


def user_of(request: Request) -> str:
    """The user that the path names; what is no GUID is none."""
    user = str(request.path_params["user"])
    if not is_uuid(user):
        raise Refusal(NO_SUCH_USER)
    return user.lower()


# ── invitations ─────────────────────────────────────────────────────────────────────────────────────────────────────
async def list_invitations(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/invitations`: that nobody has accepted."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(invitations.list_waiting, ctx, actor, account_of(request))
    return answered(said(AccountInvitations([_invitation(each) for each in found])))


async def invite_member(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/invitations`: the link goes out by mail and nowhere else."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    body = await read_json(request, NewInvitation)
    draft = invitations.Draft(body.email, int(body.profile), body.is_service)

    def perform() -> Answer:
        return said(_invitation(invitations.invite(ctx, actor, account, draft)), 201)

    return await once(request, actor, body, perform, partial(people.demand_manager, ctx, actor, account))


async def withdraw_invitation(request: Request) -> Response:
    """`DELETE /api/v1/accounts/{account}/invitations/{id}`: its link is good for nothing any more."""
    ctx, actor, invitation = context(request), await actor_of(request), id_of(request, "invitation")
    await run_in_threadpool(invitations.withdraw, ctx, actor, account_of(request), invitation)
    return nothing_more()


# ── permission profiles ─────────────────────────────────────────────────────────────────────────────────────────────
async def list_profiles(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/profiles`: those of every account first."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(profiles.list_profiles, ctx, actor, account_of(request))
    return answered(said(PermissionProfiles([_profile(each) for each in found])))


async def make_profile(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/profiles`: one of the account's own."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    draft = _draft(await read_json(request, NewProfile))
    return answered(said(_profile(await run_in_threadpool(profiles.make, ctx, actor, account, draft)), 201))


async def change_profile(request: Request) -> Response:
    """`PUT /api/v1/accounts/{account}/profiles/{profile}`: another name and other permissions."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    draft = _draft(await read_json(request, NewProfile))
    number = _profile_of(request)
    return answered(said(_profile(await run_in_threadpool(profiles.change, ctx, actor, account, number, draft))))


async def remove_profile(request: Request) -> Response:
    """`DELETE /api/v1/accounts/{account}/profiles/{profile}`: one that nobody has."""
    ctx, actor, number = context(request), await actor_of(request), _profile_of(request)
    await run_in_threadpool(profiles.remove, ctx, actor, account_of(request), number)
    return nothing_more()


def _profile_of(request: Request) -> int:
    """The number of a permission profile that the path names; what is no number is none."""
    number = str(request.path_params["profile"])
    if not (number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS):
        raise Refusal(NO_SUCH_OBJECT, thing="permission profile")
    return int(number)


def _draft(body: NewProfile) -> profiles.Draft:
    return profiles.Draft(body.name, frozenset[str](body.permissions))


def _member(found: Found) -> Member:
    standing, user = found.standing, found.standing.user
    profile = standing.membership.profile
    return Member(
        user=user.id, email=user.email, name=user.name, state="active" if standing.is_active else "closed",
        profile=profile.id, profile_name=profile.name, is_admin=standing.is_admin, is_service=user.service,
        has_second_factor=found.has_factor, joined_at=standing.membership.created_at, signed_in_at=found.signed_in_at,
    )  # fmt: skip


def _invitation(found: Invitation) -> AccountInvitation:
    return AccountInvitation(
        found.id, found.email, found.profile.id, found.profile.name, found.service, found.invited_at, found.expires_at
    )


def _profile(found: Profile) -> PermissionProfile:
    allowed = [each for each in _PERMISSIONS if found.is_admin or each in found.permissions]
    return PermissionProfile(found.id, found.name, found.is_admin, bool(found.account), allowed)
