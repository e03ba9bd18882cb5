"""Which apps act in an account, and how does a program of its admin block one?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import acting_apps
from keysteward.web.api.asking import account_of, actor_of, answered, key_of, nothing_more, said
from keysteward.web.api.shapes import ActingApp, ActingApps, Block, Nothing
from keysteward.web.reading import context, read_json


async def list_acting_apps(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/acting-apps`: for most members first."""
    ctx, actor, account = context(request), await actor_of(request), account_of(request)
    found = await run_in_threadpool(acting_apps.list_acting, ctx, actor, account)
    return answered(said(ActingApps([
        ActingApp(
            app.key, app.name, app.publisher, app.users, app.organization, app.since,
            Block(app.block.blocked_at, app.block.blocked_by) if app.block else None,
        )
        for app in found
    ])))  # fmt: skip


async def block_app(request: Request) -> Response:
    """`PUT /api/v1/accounts/{account}/acting-apps/{key}/block`: its tokens are refused in this account."""
    ctx, actor = context(request), await actor_of(request)
    await read_json(request, Nothing)
    await run_in_threadpool(acting_apps.block_app, ctx, actor, account_of(request), key_of(request))
    return nothing_more()


async def unblock_app(request: Request) -> Response:
    """`DELETE /api/v1/accounts/{account}/acting-apps/{key}/block`: it acts again for those who allow it."""
    ctx, actor = context(request), await actor_of(request)
    await run_in_threadpool(acting_apps.unblock_app, ctx, actor, account_of(request), key_of(request))
    return nothing_more()
