"""How does a program create an app, change it, stop it and let it go?"""

from functools import partial

from msgspec import UNSET
from msgspec.structs import asdict
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import keys as deeds
from keysteward.actions import replacements
from keysteward.actions.context import Context
from keysteward.actions.idempotency import Answer
from keysteward.rules.keys import App, restore_until
from keysteward.web.api.asking import account_of, actor_of, answered, key_of, nothing_more, once, said, version_of
from keysteward.web.api.replacement_shapes import ShownKey
from keysteward.web.api.replacements import listed
from keysteward.web.api.shapes import Key, KeyChange, Keys, NewKey, Nothing, Waiver
from keysteward.web.reading import context, read_json


async def list_keys(request: Request) -> Response:
    """`GET /api/v1/accounts/{account}/keys`: the keys that an account manages."""
    ctx, actor = context(request), await actor_of(request)
    apps = await run_in_threadpool(deeds.list_apps, ctx, actor, account_of(request))
    return answered(said(Keys([_key(ctx, app) for app in apps])))


async def create_key(request: Request) -> Response:
    """`POST /api/v1/accounts/{account}/keys`: a new app with its integration key, in demo."""
    ctx, actor = context(request), await actor_of(request)
    account, body = account_of(request), await read_json(request, NewKey)
    draft = deeds.Draft(
        body.name, body.contact, body.integration_type, frozenset(body.grants),
        predecessor=body.predecessor or "", remark=body.remark,
    )  # fmt: skip

    def perform() -> Answer:
        app = deeds.create(ctx, actor, account, draft)
        return _said(ctx, app, 201, {"Location": f"/api/v1/keys/{app.key}"})

    return await once(request, actor, body, perform, partial(deeds.demand_creator, ctx, actor, account))


async def show_key(request: Request) -> Response:
    """`GET /api/v1/keys/{key}`: a key with the settings of its app and its replacements; the ETag is its version."""
    ctx, actor = context(request), await actor_of(request)
    view = await run_in_threadpool(deeds.view, ctx, actor, key_of(request))
    beside = await run_in_threadpool(replacements.beside, ctx, actor, view.app.key)
    shown = ShownKey(
        **asdict(_key(ctx, view.app)), replaces=listed(beside.replaces) if beside.replaces else None,
        replaced_by=[listed(each) for each in beside.replaced_by],
    )  # fmt: skip
    return answered(said(shown, 200, _version(view.app)))


async def change_key(request: Request) -> Response:
    """`PATCH /api/v1/keys/{key}`: set some settings anew, over the version that `If-Match` names."""
    ctx, actor = context(request), await actor_of(request)
    key, version = key_of(request), version_of(request)
    wanted = _change(await read_json(request, KeyChange), version)
    return answered(_said(ctx, await run_in_threadpool(deeds.change, ctx, actor, key, wanted)))


async def delete_key(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}`: its tokens die at once; it can be restored for a while."""
    ctx, actor = context(request), await actor_of(request)
    return answered(_said(ctx, await run_in_threadpool(deeds.delete, ctx, actor, key_of(request))))


async def restore_key(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/restorations`: bring a deleted key back."""
    ctx, actor = context(request), await actor_of(request)
    key = key_of(request)
    await read_json(request, Nothing)
    return answered(_said(ctx, await run_in_threadpool(deeds.restore, ctx, actor, key)))


async def stop_key(request: Request) -> Response:
    """`PUT /api/v1/keys/{key}/stop`: nothing passes with this key until it is started."""
    ctx, actor = context(request), await actor_of(request)
    key = key_of(request)
    await read_json(request, Nothing)
    return answered(_said(ctx, await run_in_threadpool(deeds.stop, ctx, actor, key)))


async def start_key(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/stop`: let a stopped key work again."""
    ctx, actor = context(request), await actor_of(request)
    return answered(_said(ctx, await run_in_threadpool(deeds.start, ctx, actor, key_of(request))))


async def waive_implicit(request: Request) -> Response:
    """`PUT /api/v1/keys/{key}/implicit-waiver` in production: take the implicit grant until a date, for a reason."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, Waiver)
    app = await run_in_threadpool(deeds.waive_implicit, ctx, actor, key, body.reason, body.until)
    return answered(_said(ctx, app))


async def revoke_tokens(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/token-revocations`: kill every token of the key."""
    ctx, actor = context(request), await actor_of(request)
    key = key_of(request)
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.revoke_tokens, ctx, actor, key)
    return nothing_more()


def _said(ctx: Context, app: App, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return said(_key(ctx, app), status, {**_version(app), **(headers or {})})


def _version(app: App) -> dict[str, str]:
    return {"ETag": f'"{app.version}"'}


def _key(ctx: Context, app: App) -> Key:
    return Key(
        key=app.key, account=app.account, name=app.name, contact=app.contact, integration_type=app.integration_type,
        grants=sorted(app.grants), pkce_required=app.pkce_required, privacy_url=app.privacy_url,
        terms_url=app.terms_url, requester=app.requester,
        state="deleted" if app.deleted_at else "stopped" if app.stopped_at else "active", version=app.version,
        created_at=app.created_at, created_by=app.created_by, stopped_at=app.stopped_at, deleted_at=app.deleted_at,
        restorable_until=restore_until(app, ctx.policy), promoted_at=app.promoted_at, live_at=app.live_at,
        live_account=app.live_account,
        implicit_until=app.implicit_until,
    )  # fmt: skip


def _change(body: KeyChange, version: int | None) -> deeds.Change:
    return deeds.Change(
        name=body.name or None, contact=body.contact or None,
        grants=None if body.grants is UNSET else frozenset(body.grants),
        pkce_required=None if body.pkce_required is UNSET else body.pkce_required,
        privacy_url=None if body.privacy_url is UNSET else body.privacy_url,
        terms_url=None if body.terms_url is UNSET else body.terms_url,
        integration_type=None if body.integration_type is UNSET else body.integration_type, version=version,
    )  # fmt: skip
