"""Who am I, and which programs may speak for me?"""

from typing import get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import accounts, consents, signin
from keysteward.rules.accounts import Standing
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, nothing_more, person_of, said
from keysteward.web.api.shapes import (
    AccountStanding,
    ConnectedApp,
    ConnectedApps,
    CreatedPersonalToken,
    Me,
    NewPersonalToken,
    Permission,
    PersonalToken,
    PersonalTokens,
    User,
)
from keysteward.web.reading import context, read_json

PERMISSIONS: tuple[Permission, ...] = get_args(Permission)


async def show_me(request: Request) -> Response:
    """`GET /api/v1/me`: who asks, and their standing in each of their accounts."""
    ctx, actor = context(request), await actor_of(request)
    user = await run_in_threadpool(accounts.load_user, ctx, actor.user)
    standings = await run_in_threadpool(accounts.list_standings, ctx, actor.user)
    return answered(
        said(
            Me(
                ctx.environment,
                ctx.now,
                User(user.id, user.email, user.first_name, user.last_name),
                [_standing(standing) for standing in standings],
                None if actor.permissions is None else _ordered(actor.permissions),
            )
        )
    )


async def list_tokens(request: Request) -> Response:
    """`GET /api/v1/personal-access-tokens`: the tokens of whoever is signed in, without their values."""
    actor = await person_of(request)
    tokens = await run_in_threadpool(signin.list_personal_tokens, context(request), actor)
    return answered(said(PersonalTokens([
        PersonalToken(token.id, token.name, _ordered(token.permissions), token.created_at, token.expires_at)
        for token in tokens
    ])))  # fmt: skip


async def create_token(request: Request) -> Response:
    """`POST /api/v1/personal-access-tokens`: a token whose value is shown only now."""
    ctx, actor = context(request), await person_of(request)
    body = await read_json(request, NewPersonalToken)
    permissions, days = frozenset[str](body.permissions), int(body.days)
    value = await run_in_threadpool(signin.issue_personal_token, ctx, actor, body.name, permissions, days)
    token = await run_in_threadpool(signin.load_personal_token, ctx, value)
    created = CreatedPersonalToken(
        token.id, token.name, _ordered(token.permissions), token.created_at, token.expires_at, value
    )
    return answered(said(created, 201))


async def revoke_token(request: Request) -> Response:
    """`DELETE /api/v1/personal-access-tokens/{id}`: it stops working at once."""
    actor, token = await person_of(request), id_of(request, "personal access token")
    await run_in_threadpool(signin.revoke_personal_token, context(request), actor, token)
    return nothing_more()


async def list_connected_apps(request: Request) -> Response:
    """`GET /api/v1/connected-apps`: the apps that may act for whoever is signed in."""
    connected = await run_in_threadpool(consents.list_connected, context(request), await person_of(request))
    return answered(said(ConnectedApps([
        ConnectedApp(each.key, each.app_name, sorted(each.scopes), each.given_at) for each in connected.own
    ])))  # fmt: skip


async def disconnect_app(request: Request) -> Response:
    """`DELETE /api/v1/connected-apps/{key}`: its tokens for whoever is signed in die at once."""
    actor, key = await person_of(request), key_of(request)
    await run_in_threadpool(consents.withdraw_consent, context(request), actor, key)
    return nothing_more()


def _standing(standing: Standing) -> AccountStanding:
    account, user = standing.account, standing.user
    return AccountStanding(
        account.id, account.number, account.name, account.plan, account.state, standing.membership.profile.name,
        standing.is_admin, user.default_account == account.id, account.organization,
    )  # fmt: skip


def _ordered(permissions: frozenset[str]) -> list[Permission]:
    return [permission for permission in PERMISSIONS if permission in permissions]
