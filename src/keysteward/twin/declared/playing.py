"""How is a file applied? Played through the deeds, each at its own moment: no row is inserted behind a rule."""

from collections.abc import Callable
from datetime import datetime, timedelta

from keysteward.actions.context import Context
from keysteward.rules.words import Environment
from keysteward.twin.clock import TwinClock
from keysteward.twin.declared import (
    approving,
    apps,
    closing,
    drilling,
    organizations,
    people,
    policies,
    programs,
    recovering,
    retiring,
    signing_in,
    traffic,
)
from keysteward.twin.declared.history import live_through, make_calls, plan
from keysteward.twin.declared.moments import read_instant
from keysteward.twin.declared.moving import move
from keysteward.twin.declared.problems import Mistakes, Problem
from keysteward.twin.declared.promoting import promote
from keysteward.twin.declared.references import key_of, known
from keysteward.twin.declared.shapes import Declaration
from keysteward.twin.declared.shapes_apps import AnyApp, DemoApp, ProductionApp
from keysteward.twin.declared.stage import Made, Stage

_LAST_CALL = timedelta(hours=1)
_BEFORE_PROMOTION = timedelta(hours=1)
_SINCE_PROMOTION = timedelta(days=7)


def play(
    contexts: dict[Environment, Context], declaration: Declaration, tell: Callable[[str], None]
) -> dict[Environment, Made]:
    """Fill two new environments with what a checked file declares; raises Mistakes with what a rule refuses.

    What is closed, stopped or deleted lived like the others before.
    """
    now, names = contexts["demo"].now, known(declaration)
    demo, production = (Stage(contexts[each], names[each], now) for each in ("demo", "production"))
    tell("people and accounts")
    for stage in (demo, production):
        policies.apply(stage)
        people.settle(stage)
        organizations.organize(stage)
        recovering.name_contacts(stage)
        programs.open_directories(stage)
        approving.name_operators(stage)
        traffic.limit(stage)
        traffic.add_gateways(stage)
        signing_in.add_authenticator_apps(stage)
        signing_in.set_up_providers(stage)
    tell("apps, their calls and reviews")
    for number, app in enumerate(declaration.demo.apps):
        _live(demo, production, number, app)
    retiring.retire(production)
    for number, promoted in enumerate(declaration.production.apps):
        apps.end(production, f"production.apps[{number}]", names["production"].apps.load(promoted.key), promoted)
    tell("consents and tokens")
    for stage in (demo, production):
        apps.consent(stage)
        apps.block(stage)
        people.give_tokens(stage)
        _prepare_ways_back(stage)
        approving.release_operators(stage)
        closing.close(stage)
        programs.add_webhooks(stage)
    return {"demo": demo.made, "production": production.made}


def set_clock(clock: TwinClock, declaration: Declaration) -> None:
    """Set the twin's clock as a file says, before anything is counted from it."""
    said = declaration.clock
    if said is None:
        return
    offset = said.offset_seconds or 0.0
    if said.now is not None:
        offset = (read_instant(said.now) - clock()).total_seconds() + clock.offset_seconds
    try:
        clock.move(offset)
    except OverflowError:
        raise Mistakes([Problem("clock", "stay between the years 1971 and 9000.")]) from None


def _live(demo: Stage, production: Stage, position: int, app: DemoApp) -> None:
    """The life of an app: it ends before the next begins, so that an account never has more than it may."""
    key, path = key_of(app), f"demo.apps[{position}]"
    apps.create(demo, position, app)
    number, promoted = _promoted(production, key) if app.review == "live" else (0, None)
    passed = live_through(demo, path, key, app, _ends(production, promoted))
    if promoted is not None:
        promote(demo, production, number, promoted, passed)
        _live_on(production, f"production.apps[{number}]", key, promoted)
    _settle_down(demo, path, key, app)
    apps.end(demo, path, key, app)


def _live_on(production: Stage, path: str, key: str, app: ProductionApp) -> None:
    """What a promoted app has and does in production, and where it moves. Others may replace it before it ends."""
    apps.change_promoted(production, path, key, app)
    apps.configure(production, path, key, app)
    if app.implicit_waiver is not None:
        apps.waive(production, path, key, app.implicit_waiver)
    make_calls(production, key, plan(production, path, app.calls, production.now - _LAST_CALL))
    drilling.hold_about(production, key)
    move(production, key)
    _settle_down(production, path, key, app)


def _settle_down(stage: Stage, path: str, key: str, app: AnyApp) -> None:
    drilling.hold_about(stage, key)
    if app.legacy_waiver is not None:
        apps.waive_legacy(stage, path, key, app.legacy_waiver)
    apps.stop(stage, path, key, app)


def _prepare_ways_back(stage: Stage) -> None:
    """Let everybody be there to whom things are sealed, and hold the drills that are about no app."""
    for account in stage.known.declared.accounts:
        recovering.add_recipients(stage, stage.known.account_guid(account))
    drilling.hold_others(stage)


def _promoted(production: Stage, key: str) -> tuple[int, ProductionApp]:
    """The entry of production that says what becomes of a key there."""
    return next(
        (number, app)
        for number, app in enumerate(production.known.apps_declared)
        if isinstance(app, ProductionApp) and production.known.key_of(app) == key
    )


def _ends(production: Stage, promoted: ProductionApp | None) -> datetime:
    """When an app's calls in demo end, where the file does not say."""
    if promoted is None:
        return production.now - _LAST_CALL
    otherwise = production.now - _SINCE_PROMOTION
    return production.when(promoted.created, otherwise + _BEFORE_PROMOTION) - _BEFORE_PROMOTION
