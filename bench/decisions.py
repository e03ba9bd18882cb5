"""How much work is a gateway's decision about a call, before anything is forwarded or recorded?"""

import time
from collections.abc import Callable, Iterator

from bench.lines import Goal, Line, below, middle
from bench.machine import SERVER_CORE, on_cores
from bench.openssl import signatures_per_second
from bench.place import Place, acting, make_place
from bench.run import Run
from keysteward.actions import calls, limits
from keysteward.actions.context import Context
from keysteward.rules.access import demand_open
from keysteward.rules.calls import is_plain
from keysteward.rules.routes import canonical, is_unmistakable, route_of

_ROUNDS = 20


def measure(run: Run) -> Iterator[Line]:
    """A token that this process has not seen before, and one that it has."""
    place = make_place(run.folder / "decisions", f"sqlite:///{run.folder / 'decisions.db'}")
    with on_cores(SERVER_CORE), acting(place.settings) as ctx:
        tokens = [f"Bearer {place.access_token(ctx)}" for _ in range(run.sizes.decisions)]
        signing = [signatures_per_second(run.sizes.openssl_seconds)]
        unseen = _microseconds(ctx, place, tokens, before_each_round=ctx.seen_tokens.clear)
        seen = _microseconds(ctx, place, tokens[:1] * len(tokens))
        signing.append(signatures_per_second(run.sizes.openssl_seconds))
    signature = 1_000_000 / middle(signing)
    yield _line("token not seen before", unseen, signature, below(unseen, 150, "µs"))
    yield _line("token seen", seen, signature, below(seen, 30, "µs"))


def _line(which: str, microseconds: float, signature: float, goal: Goal) -> Line:
    ratio = f"{microseconds / signature:.2f} of an RSA signature"
    return Line(f"gateway's decision, {which}", f"{microseconds:.0f} µs CPU", ratio, goal)


def _microseconds(
    ctx: Context, place: Place, headers: list[str], before_each_round: Callable[[], None] = lambda: None
) -> float:
    """The median of some rounds, in work of this thread for one decision."""
    decide = _decision(ctx, place)
    decide(headers[0])
    return middle([_round(decide, headers, before_each_round) for _ in range(_ROUNDS)])


def _round(decide: Callable[[str], None], headers: list[str], before: Callable[[], None]) -> float:
    before()
    began = time.thread_time()
    for header in headers:
        decide(header)
    return (time.thread_time() - began) / len(headers) * 1_000_000


def _decision(ctx: Context, place: Place) -> Callable[[str], None]:
    """What `gateway/app.py` asks of a call, in its order. The first one fills the directory."""
    account, hurried = place.account, ctx.without_waiting
    path = f"/restapi/v2.1/accounts/{account}/envelopes/{account}"
    caller = calls.admit(ctx, f"Bearer {place.access_token(ctx)}")
    calls.demand_member(ctx, caller, account)
    limits.measure(ctx, account)

    def decide(header: str) -> None:
        policy = ctx.policy
        route = route_of(policy, path)
        caller = calls.admit(hurried, header)
        standing = calls.demand_standing(hurried, caller, route, path)
        demand_open(standing)
        is_plain(path)
        is_unmistakable(policy, path, route)
        limits.measure(hurried, account)
        calls.vouch(ctx, caller, standing, "the-api")
        canonical(route, path, account)

    return decide
