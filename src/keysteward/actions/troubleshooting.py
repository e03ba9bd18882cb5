"""What does the environment know that helps somebody find out why their app is refused?"""

from keysteward.actions.context import Context
from keysteward.actions.keys import seen
from keysteward.crypto.signing import BadToken, take_apart
from keysteward.rules.access import Actor
from keysteward.rules.refusals import NO_SUCH_OBJECT, Refusal
from keysteward.rules.troubleshooting.attempted import Attempt
from keysteward.rules.troubleshooting.facts import Facts, Place
from keysteward.store import attempted, keys
from keysteward.store.database import Connection


def note(ctx: Context, attempt: Attempt) -> None:
    """Remember a request that was refused just now; it is no event, and may be written a second after its answer."""
    ctx.attempts.note(attempt)


def named_issuer(unverified_assertion: str) -> str:
    """Which key an assertion names as its issuer; nobody has proved anything."""
    try:
        return str(take_apart(unverified_assertion).unverified_claims.get("iss", ""))
    except BadToken:
        return ""


def facts_of(ctx: Context, actor: Actor, key: str) -> Facts:
    """What is known of a key, for those who may read it."""
    with ctx.database.reading() as tx:
        return _facts(ctx, tx, actor, key)


def list_attempts(ctx: Context, actor: Actor, key: str) -> tuple[Facts, list[Attempt]]:
    """What is known of a key, and the newest requests in its name that were refused, the newest first."""
    with ctx.database.reading() as tx:
        facts = _facts(ctx, tx, actor, key)
        return facts, attempted.list_of_key(tx, facts.app.key if facts.app else "")


def load_attempt(ctx: Context, actor: Actor, key: str, number: int) -> tuple[Facts, Attempt]:
    """One of them."""
    facts, found = list_attempts(ctx, actor, key)
    chosen = next((each for each in found if each.number == number), None)
    if chosen is None:
        raise Refusal(NO_SUCH_OBJECT, thing="refused request")
    return facts, chosen


def place_of(ctx: Context, user: str = "") -> Place:
    """Where this is, for the texts of the help."""
    return Place(ctx.origin, ctx.counterpart.origin, ctx.policy, user)


def _facts(ctx: Context, tx: Connection, actor: Actor, key: str) -> Facts:
    app, _ = seen(ctx, tx, actor, key)
    return Facts(ctx.environment, app, keys.load_settings(tx, app.key), ctx.now)
