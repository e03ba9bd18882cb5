"""How does a deed of the hot path run: here and now, or where it may wait?

The only asynchronous functions inside, for every door that stands on the hot path asks them (docs/decisions/0002).
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from functools import lru_cache
from typing import Any, Concatenate, ParamSpec, TypeVar

import anyio
import anyio.to_thread

from keysteward.actions import limits
from keysteward.actions.callers import Caller
from keysteward.actions.context import Context, NotHere
from keysteward.actions.limits import Measured, Waiting
from keysteward.rules.refusals import NOT_RECORDED, OUT_OF_REACH, SIGN_INS_WAIT, Refusal

_LONGEST_WAIT_SECONDS = 6.0
_WAITING = anyio.CapacityLimiter(16)
_PROVING = anyio.CapacityLimiter(4)  # two hash, two wait for the database
_MOST_IN_LINE = 100

Asked = ParamSpec("Asked")
Found = TypeVar("Found")
Recorded = TypeVar("Recorded")


async def quickly(
    ctx: Context, deed: Callable[Concatenate[Context, Asked], Found], *asked: Asked.args, **said: Asked.kwargs
) -> Found:
    """Run a deed on the event loop where the directory holds all it asks, else in a thread of its own."""
    try:
        return deed(ctx.without_waiting, *asked, **said)
    except NotHere:
        pass
    return await patiently(ctx, deed, *asked, **said)


async def patiently(
    ctx: Context, deed: Callable[Concatenate[Context, Asked], Found], *asked: Asked.args, **said: Asked.kwargs
) -> Found:
    """Run a deed in a thread of its own.

    A thread that waits for a silent database longer than six seconds is left behind, and its caller is refused.
    """
    ctx.directory.demand_patience()
    try:
        with anyio.fail_after(_LONGEST_WAIT_SECONDS):
            return await anyio.to_thread.run_sync(
                lambda: deed(ctx, *asked, **said), abandon_on_cancel=True, limiter=_WAITING
            )
    except TimeoutError:
        raise Refusal(OUT_OF_REACH, detail="the database did not answer in time") from None


async def in_line(
    ctx: Context, deed: Callable[Concatenate[Context, Asked], Found], *asked: Asked.args, **said: Asked.kwargs
) -> Found:
    """Run a deed that hashes a password, in one of few threads, so that guesses take no thread from tokens and calls.

    Whoever would stand too far back in the line is refused.
    """
    ctx.directory.demand_patience()
    if _PROVING.statistics().tasks_waiting >= _MOST_IN_LINE:
        raise Refusal(SIGN_INS_WAIT)
    return await anyio.to_thread.run_sync(lambda: deed(ctx, *asked, **said), limiter=_PROVING)


async def measure(ctx: Context, account: str, *, counts: bool = True) -> Measured:
    """Hold one more call of an account against its limits, without holding up the event loop."""
    question = await quickly(ctx, limits.question_of, account, counts=counts)
    asked = ctx.meter.ask(question)
    if isinstance(asked, Waiting):
        await _bell(asyncio.get_running_loop(), asked.done).wait()
        if not asked.done.done():
            raise Refusal(OUT_OF_REACH, detail="the counters did not answer in time")
        asked = asked.result()
    return limits.judge(ctx, question, asked)


async def measure_uncounted(ctx: Context, caller: Caller) -> Measured:
    """What is left to the caller's default account, for a call that does not count."""
    account = await quickly(ctx, limits.default_account, caller)
    return await measure(ctx, account, counts=False) if account else Measured({})


async def durable(recorded: "Future[Recorded]") -> Recorded:
    """Wait until a call is on record; who waits for that longer than six seconds is refused."""
    await _bell(asyncio.get_running_loop(), recorded).wait()
    if not recorded.done():
        raise Refusal(NOT_RECORDED, detail="the database did not answer in time")
    return recorded.result()


@lru_cache(maxsize=8)
def _bell(loop: asyncio.AbstractEventLoop, recorded: "Future[Any]") -> asyncio.Event:
    """What wakes, once, everybody who waits for the same calls to be recorded, or counted."""
    bell = asyncio.Event()
    recorded.add_done_callback(lambda _: loop.call_soon_threadsafe(bell.set))
    loop.call_later(_LONGEST_WAIT_SECONDS, bell.set)
    return bell
