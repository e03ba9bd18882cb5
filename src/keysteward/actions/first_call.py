"""How far is an app on its way from a new key to its first call that succeeds?"""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.actions.keys import seen
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Account
from keysteward.rules.first_call import SCOPES, Facts, Step, Way, consent_url, steps, way_of
from keysteward.rules.first_programs import Values
from keysteward.rules.smoke import Traffic
from keysteward.store import call_usage, consents, keys, smoke
from keysteward.store.database import current_epoch


class FirstCall(NamedTuple):
    """An app with the steps of one way, and what its first program is filled with.

    `consent_url` is empty as long as the app has no redirect URI.
    """

    facts: Facts
    account: Account
    steps: tuple[Step, ...]
    values: Values
    consent_url: str

    @property
    def traffic(self) -> Traffic:
        """What came from the app so far."""
        return self.facts.traffic

    @property
    def is_over(self) -> bool:
        """A call succeeded."""
        return self.traffic.call is not None


def look(ctx: Context, actor: Actor, key: str, way: Way | None = None) -> FirstCall:
    """What is done and what is to do; without a way that on which the app is. Nothing is changed."""
    with ctx.database.reading() as tx:
        app, standing = seen(ctx, tx, actor, key)
        settings = keys.load_settings(tx, app.key)
        chosen = way or way_of(app, settings, ctx.now)
        allowed = consents.find(tx, actor.user, app.key).cover(frozenset(SCOPES[chosen]), current_epoch(tx))
        facts = Facts(app, settings, chosen, allowed, smoke.load_traffic(tx, app.key), ctx.now)
    values = Values(ctx.authority, ctx.origin, app.key, actor.user, standing.account.id, str(ctx.own_authority or ""))
    uri = next(iter(settings.redirect_uris), "")
    url = consent_url(ctx.origin, app, uri, chosen) if uri else ""
    return FirstCall(facts, standing.account, steps(facts), values, url)


def is_awaited(ctx: Context, actor: Actor, key: str) -> bool:
    """Whether an app that works never called."""
    with ctx.database.reading() as tx:
        app, _ = seen(ctx, tx, actor, key)
        return app.works and call_usage.find_last(tx, app.key) is None
