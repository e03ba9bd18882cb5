"""How does a program make and remove an app's secret keys and keypairs, and see who uses them?"""

from functools import partial

from msgspec import UNSET
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import credentials as deeds
from keysteward.actions import keys, usage
from keysteward.actions.credentials import NewSecret
from keysteward.actions.idempotency import Answer
from keysteward.actions.keys import AppView
from keysteward.actions.usage import Usage
from keysteward.rules.access import WRITE_KEYS
from keysteward.rules.keys import Keypair, Wish
from keysteward.rules.leaks import status
from keysteward.web.api import credential_shapes as as_
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, nothing_more, once, said
from keysteward.web.reading import context, read_json


async def list_secrets(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/secrets`: the secret keys of an app, by their last characters."""
    view, use = await _looked_at(request)
    now = context(request).now
    listed = [
        as_.SecretKey(
            id=each.id,
            hint=each.hint,
            created_at=each.created_at,
            created_by=each.created_by,
            expires_at=each.expires_at,
            reason=each.reason,
            state=status(each, use.deaths, now),
            last_used_at=use.last_uses.get(each.id),
        )
        for each in view.settings.secrets
    ]
    return answered(said(as_.SecretKeys(listed)))


async def create_secret(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/secrets`: a secret key whose value is shown only now."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, as_.NewSecretKey)

    def perform() -> Answer:
        new = deeds.add_secret(ctx, actor, key, Wish(body.expires_at, body.reason, body.seal))
        return said(created_secret(new), 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, WRITE_KEYS))


async def delete_secret(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/secrets/{id}`: it stops working at once."""
    actor = await actor_of(request)
    key, secret = key_of(request), id_of(request, "secret key")
    await run_in_threadpool(deeds.delete_secret, context(request), actor, key, secret)
    return nothing_more()


async def list_keypairs(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/keypairs`: the public halves of an app's keypairs."""
    view, use = await _looked_at(request)
    now = context(request).now
    listed = [
        as_.Keypair(
            id=each.id,
            public_key=each.public_pem,
            thumbprint=each.thumbprint,
            created_at=each.created_at,
            created_by=each.created_by,
            expires_at=each.expires_at,
            reason=each.reason,
            state=status(each, use.deaths, now),
            last_used_at=use.last_uses.get(each.id),
        )
        for each in view.settings.keypairs
    ]
    return answered(said(as_.Keypairs(listed)))


async def create_keypair(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/keypairs`: take a public key, or generate a keypair and show its private half once."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, as_.NewKeypair)
    uploaded, wish = body.public_key, Wish(body.expires_at, body.reason, body.seal)

    def perform() -> Answer:
        if uploaded is UNSET:
            new = deeds.add_generated_keypair(ctx, actor, key, wish)
            return said(created_keypair(new.keypair, new.private_pem, new.sealed_to), 201)
        return said(created_keypair(deeds.add_public_key(ctx, actor, key, uploaded, wish), None), 201)

    return await once(request, actor, body, perform, partial(keys.demand_manager, ctx, actor, key, WRITE_KEYS))


async def delete_keypair(request: Request) -> Response:
    """`DELETE /api/v1/keys/{key}/keypairs/{id}`: what it signs is refused at once."""
    actor = await actor_of(request)
    key, keypair = key_of(request), id_of(request, "keypair")
    await run_in_threadpool(deeds.delete_keypair, context(request), actor, key, keypair)
    return nothing_more()


async def list_uses(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/credentials/{id}/uses`: who got tokens with a secret key or keypair."""
    actor = await actor_of(request)
    key, credential = key_of(request), id_of(request, "secret key or keypair")
    programs = await run_in_threadpool(usage.list_programs, context(request), actor, key, credential)
    listed = [
        as_.Use(
            address=each.asker.address,
            user_agent=each.asker.agent,
            sdk=each.asker.sdk,
            grant=each.grant,
            tokens=each.tokens,
            last_used_at=each.last_at,
        )
        for each in programs
    ]
    return answered(said(as_.Uses(listed)))


def created_secret(new: NewSecret) -> as_.CreatedSecretKey:
    """A secret key that was made just now, with its value."""
    secret = new.secret
    return as_.CreatedSecretKey(
        id=secret.id,
        hint=secret.hint,
        created_at=secret.created_at,
        created_by=secret.created_by,
        expires_at=secret.expires_at,
        reason=secret.reason,
        state="live",
        last_used_at=None,
        value=new.value,
        sealed_to=new.sealed_to,
    )


def created_keypair(pair: Keypair, private_pem: str | None, sealed_to: int = 0) -> as_.CreatedKeypair:
    """A keypair that was made just now, with its private half where it was generated."""
    return as_.CreatedKeypair(
        id=pair.id,
        public_key=pair.public_pem,
        thumbprint=pair.thumbprint,
        created_at=pair.created_at,
        created_by=pair.created_by,
        expires_at=pair.expires_at,
        reason=pair.reason,
        state="live",
        last_used_at=None,
        private_key=private_pem,
        sealed_to=sealed_to,
    )


async def _looked_at(request: Request) -> tuple[AppView, Usage]:
    ctx, actor, key = context(request), await actor_of(request), key_of(request)
    view = await run_in_threadpool(keys.view, ctx, actor, key)
    return view, await run_in_threadpool(usage.view, ctx, actor, key)
