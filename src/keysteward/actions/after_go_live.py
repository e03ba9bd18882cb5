"""What does a promoted key still need in production, and how does it take over what it had in demo?"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from keysteward.actions import addresses, keys
from keysteward.actions.context import Context
from keysteward.actions.keys import AppView, Change
from keysteward.crypto.papers import kept_ticket
from keysteward.rules import promotion as rules
from keysteward.rules.access import Actor
from keysteward.rules.keys import App, Grant
from keysteward.rules.promotion import Person, Sheet
from keysteward.rules.refusals import (
    ALREADY_THERE,
    BAD_ORIGIN,
    BAD_REDIRECT_URI,
    CONFLICT,
    INVALID_FIELD,
    PROMOTIONS_ARE_IN_PRODUCTION,
    Refusal,
)
from keysteward.rules.sheet import Line, LineKind, lines_of
from keysteward.store import promotion

_TRIES = 5
_OF_ONE_LINE = (BAD_ORIGIN, BAD_REDIRECT_URI, INVALID_FIELD)


class Told(NamedTuple):
    """Whether demo knows that the key is live: when it acknowledged, or when and why it refused for good."""

    promoted_at: datetime
    acknowledged_at: datetime | None
    refused_at: datetime | None
    refusal: str


class AfterGoLive(NamedTuple):
    """A promoted key, with the settings sheet that demo sent along and who pressed Go Live there."""

    view: AppView
    sheet: Sheet
    presenter: Person | None
    missing: tuple[str, ...]
    lines: tuple[Line, ...]
    told: Told | None


class Chosen(NamedTuple):
    """A line of the settings sheet that somebody confirmed."""

    kind: LineKind
    value: str


class Taken(NamedTuple):
    """What became of a confirmed line: taken over now or before, or refused."""

    line: Chosen
    refusal: Refusal | None = None


def show(ctx: Context, actor: Actor, key: str) -> AfterGoLive:
    """What a promoted key still lacks in production, beside what demo had."""
    if ctx.environment != "production":
        raise Refusal(PROMOTIONS_ARE_IN_PRODUCTION)
    view = keys.view(ctx, actor, key)
    with ctx.database.reading() as tx:
        row = promotion.find_promotion_of_key(tx, view.app.key)
    ticket = kept_ticket(row.paper) if row else None
    sheet, presenter = (ticket.sheet, ticket.presenter) if ticket else (Sheet(), None)
    told = Told(row.done_at, row.delivered_at, row.refused_at, row.refusal or "") if row and row.done_at else None
    missing = rules.still_missing(view.app, view.settings, sheet)
    return AfterGoLive(view, sheet, presenter, missing, lines_of(view.app, view.settings, sheet), told)


def take_over(ctx: Context, actor: Actor, key: str, chosen: Sequence[Chosen]) -> list[Taken]:
    """Take over the confirmed lines, each for itself; what production has already stays, so it may be sent again."""
    on_sheet = {Chosen(line.kind, line.demo) for line in show(ctx, actor, key).lines if line.demo}
    if foreign := set(chosen) - on_sheet:
        reason = f"{min(foreign).value} is not on the settings sheet of this key."
        raise Refusal(INVALID_FIELD, field="lines", reason=reason)
    keys.demand_changeable(ctx, actor, key)
    deeds: dict[LineKind, Callable[[str], object]] = {
        "grant": lambda value: _change(ctx, actor, key, Chosen("grant", value)),
        "redirect_uri": lambda value: addresses.add_redirect_uri(ctx, actor, key, value),
        "origin": lambda value: addresses.add_origin(ctx, actor, key, value),
        "privacy_url": lambda value: _change(ctx, actor, key, Chosen("privacy_url", value)),
        "terms_url": lambda value: _change(ctx, actor, key, Chosen("terms_url", value)),
    }
    return [_take(each, deeds[each.kind]) for each in _once_each(chosen)]


def _take(line: Chosen, deed: Callable[[str], object]) -> Taken:
    try:
        deed(line.value)
    except Refusal as refusal:
        if refusal.kind is ALREADY_THERE:
            return Taken(line)
        if refusal.kind not in _OF_ONE_LINE:
            raise
        return Taken(line, refusal)
    return Taken(line)


def _change(ctx: Context, actor: Actor, key: str, line: Chosen) -> None:
    """Set one more setting, over the newest version of the app."""
    for left in reversed(range(_TRIES)):
        app = keys.view(ctx, actor, key).app
        wanted = _wanted(app, line)
        if wanted is None:
            return
        try:
            keys.change(ctx, actor, key, wanted)
        except Refusal as refusal:
            if refusal.kind is not CONFLICT or not left:
                raise
        else:
            return


def _wanted(app: App, line: Chosen) -> Change | None:
    """What a line changes of an app as it is; None where it has that already."""
    if line.kind == "grant":
        grant = cast(Grant, line.value)
        return None if grant in app.grants else Change(grants=app.grants | {grant}, version=app.version)
    if getattr(app, line.kind) == line.value:
        return None
    if line.kind == "privacy_url":
        return Change(privacy_url=line.value, version=app.version)
    return Change(terms_url=line.value, version=app.version)


def _once_each(chosen: Iterable[Chosen]) -> list[Chosen]:
    return list(dict.fromkeys(chosen))
