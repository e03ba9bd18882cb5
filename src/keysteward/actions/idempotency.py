"""How does a request that is sent twice happen once?

The key is claimed before the deed and holds the answer after it. A refused deed changed nothing, so it gives the key
back; a deed that was cut off keeps it, for nobody knows whether it took effect.
"""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from keysteward.actions.context import Context
from keysteward.rules.access import Actor
from keysteward.rules.refusals import IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED, Refusal
from keysteward.rules.shapes import known
from keysteward.store import idempotency
from keysteward.store.database import lock


class Answer(NamedTuple):
    """What a request was answered, to be said again word for word."""

    status: int
    headers: dict[str, str]
    body: bytes


def once(
    ctx: Context, actor: Actor, key: str, request: str, perform: Callable[[], Answer], allowed: Callable[[], object]
) -> Answer:
    """Perform a deed, or say again what it answered when the same actor sent the same request with this key.

    `request` is all that makes it the same: method, path and body. A token with other permissions is another actor.
    `allowed` refuses whoever may not perform it any more; an answer that was kept is said again only after it.
    """
    permissions = "console" if actor.permissions is None else " ".join(sorted(actor.permissions))
    digest = ctx.digester.digest(f"{actor.user} {permissions} {key}")
    earlier = _claim(ctx, digest, ctx.digester.digest(request))
    if earlier is not None:
        allowed()
        return earlier
    try:
        answer = perform()
    except Refusal:
        with ctx.database.writing() as tx:
            idempotency.release_claim(tx, digest)
        raise
    sealed = ctx.sealer.seal(msgspec.json.encode(answer), digest)
    with ctx.database.writing() as tx:
        idempotency.save_answer(tx, digest, sealed)
    return answer


def _claim(ctx: Context, digest: str, request: str) -> Answer | None:
    now = ctx.now
    with ctx.database.writing() as tx:
        lock(tx, "record", digest)
        claim = idempotency.find_claim(tx, digest, now - ctx.policy.idempotency_life)
        if claim is None:
            idempotency.save_claim(tx, digest, request, now)
            return None
    if claim.request != request:
        raise Refusal(IDEMPOTENCY_KEY_REUSED)
    if claim.answer_sealed is None:
        raise Refusal(IDEMPOTENCY_KEY_IN_USE)
    return msgspec.json.decode(ctx.sealer.open(claim.answer_sealed, digest), type=known(Answer))
