"""What has a key lived through? Everything that its account may know of it, gathered for those who see its settings."""

from keysteward.actions.context import Context
from keysteward.actions.keys import seen
from keysteward.rules.access import Actor
from keysteward.rules.life_lines import TOLD, Facts, LifeLine
from keysteward.rules.life_lines import life_line as line_of
from keysteward.store import audit, call_usage, golive, keys, replacements

_MOST_EVENTS = 60


def life_line(ctx: Context, actor: Actor, key: str) -> LifeLine:
    """The life line of a key, for admins and developers of the account that manages it."""
    now = ctx.now
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        facts = Facts(
            app,
            keys.load_settings(tx, app.key),
            call_usage.find_first(tx, app.key),
            tuple(golive.list_reviews(tx, app.key)),
            tuple(audit.list_events_named(tx, app.key, app.account, tuple(TOLD), _MOST_EVENTS)),
            replacements.find_retirement(tx, app.key),
        )
    return line_of(facts, now, ctx.policy)
