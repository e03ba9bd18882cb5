"""How does a form that is sent twice, by a double click or a reload, make one thing?"""

import json
from collections.abc import Callable, Mapping

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from keysteward.actions import idempotency
from keysteward.actions.idempotency import Answer
from keysteward.actions.signin import Visitor
from keysteward.rules.refusals import ALREADY_SHOWN, IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED, Refusal
from keysteward.web.reading import context

_LEAST_NONCE, _MOST_NONCE = 16, 64
_LOOKS = 40
_BETWEEN_LOOKS_SECONDS = 0.1


async def made_once(
    request: Request, visitor: Visitor, nonce: str, typed: Mapping[str, str], make: Callable[[], str]
) -> str:
    """The name of what a form made: of one that was sent before with the same words, what it made then.

    Refuses a form that was sent before with other words: its page is older than what it made. What comes without a
    nonce is no page of ours, and makes what it says.
    """
    if not _LEAST_NONCE <= len(nonce) <= _MOST_NONCE:
        return await run_in_threadpool(make)
    sent = f"POST {request.url.path} {json.dumps(typed, sort_keys=True)}"

    def once() -> str:
        ctx, actor = context(request), visitor.actor
        return idempotency.once(
            ctx, actor, f"form {nonce}", sent, lambda: Answer(303, {}, make().encode()), _anybody
        ).body.decode()

    for _ in range(_LOOKS):
        try:
            return await run_in_threadpool(once)
        except Refusal as refusal:
            if refusal.kind is IDEMPOTENCY_KEY_REUSED:
                raise Refusal(ALREADY_SHOWN) from None
            if refusal.kind is not IDEMPOTENCY_KEY_IN_USE:
                raise
        await anyio.sleep(_BETWEEN_LOOKS_SECONDS)
    raise Refusal(ALREADY_SHOWN)


def _anybody() -> None:
    """What was made is only named again; its page asks who may see it."""
