"""How does a program make and remove an app's secret keys and keypairs?"""

from functools import partial

from msgspec import UNSET
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import credentials as deeds
from keysteward.actions import keys
from keysteward.actions.idempotency import Answer
from keysteward.rules.access import WRITE_KEYS
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, nothing_more, once, said
from keysteward.web.api.shapes import (
    CreatedKeypair,
    CreatedSecretKey,
    Keypair,
    Keypairs,
    NewKeypair,
    Nothing,
    SecretKey,
    SecretKeys,
)
from keysteward.web.reading import context, read_json


async def list_secrets(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/secrets`: the secret keys of an app, by their last characters."""
    actor = await actor_of(request)
    view = await run_in_threadpool(keys.view, context(request), actor, key_of(request))
    return answered(said(SecretKeys([
        SecretKey(secret.id, secret.hint, secret.created_at, secret.created_by) for secret in view.settings.secrets
    ])))  # fmt: skip


async def create_secret(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/secrets`: a secret key whose value is shown only now."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, Nothing)

    def perform() -> Answer:
        new = deeds.add_secret(ctx, actor, key)
        secret = new.secret
        return said(CreatedSecretKey(secret.id, secret.hint, secret.created_at, secret.created_by, new.value), 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, WRITE_KEYS))


async def delete_secret(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/secrets/{id}`: it stops working at once."""
    actor = await actor_of(request)
    key, secret = key_of(request), id_of(request, "secret key")
    await run_in_threadpool(deeds.delete_secret, context(request), actor, key, secret)
    return nothing_more()


async def list_keypairs(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/keypairs`: the public halves of an app's keypairs."""
    actor = await actor_of(request)
    view = await run_in_threadpool(keys.view, context(request), actor, key_of(request))
    return answered(said(Keypairs([
        Keypair(pair.id, pair.public_pem, pair.thumbprint, pair.created_at, pair.created_by)
        for pair in view.settings.keypairs
    ])))  # fmt: skip


async def create_keypair(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/keypairs`: take a public key, or generate a keypair and show its private half once."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, NewKeypair)
    uploaded = body.public_key

    def perform() -> Answer:
        if uploaded is UNSET:
            new = deeds.add_generated_keypair(ctx, actor, key)
            pair, private = new.keypair, new.private_pem
        else:
            pair, private = deeds.add_public_key(ctx, actor, key, uploaded), None
        created = CreatedKeypair(pair.id, pair.public_pem, pair.thumbprint, pair.created_at, pair.created_by, private)
        return said(created, 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, WRITE_KEYS))


async def delete_keypair(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/keypairs/{id}`: what it signs is refused at once."""
    actor = await actor_of(request)
    key, keypair = key_of(request), id_of(request, "keypair")
    await run_in_threadpool(deeds.delete_keypair, context(request), actor, key, keypair)
    return nothing_more()
