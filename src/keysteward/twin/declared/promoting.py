"""How do declared apps enter production? As every key does: presented in demo, promoted there, and told back."""

from datetime import datetime, timedelta

from keysteward.actions import promotion, receipts
from keysteward.twin.declared.references import key_of
from keysteward.twin.declared.shapes_apps import DemoApp, ProductionApp
from keysteward.twin.declared.stage import Stage, at
from keysteward.twin.seed import BothAt

_UNTIL_PROMOTION = timedelta(hours=1)


def promote(demo: Stage, production: Stage, number: int, app: ProductionApp, passed: datetime) -> None:
    """Bring a key that passed its review into its production account."""
    key, path = production.known.key_of(app) or "", f"production.apps[{number}]"
    when = production.when(app.created, passed + _UNTIL_PROMOTION)
    account = production.known.account_of(app) or ""
    promoter = _promoter(demo, production, key, app)
    production.came_to_be(key, account, promoter, when)
    presenter = _presenter(demo, key, production.known.emails[promoter])
    is_same = demo.known.emails[presenter].casefold() == production.known.emails[promoter].casefold()
    both = BothAt(demo.on(when), production.on(when), when)
    with at(path):
        handle = promotion.present(both.demo, demo.actor(presenter, when), key, None if is_same else account)
        promotion.promote(both.production, production.creator(key), handle, account)
        receipts.deliver_receipts(both.production)


def _promoter(demo: Stage, production: Stage, key: str, app: ProductionApp) -> str:
    """Who promotes it: somebody who can be the same person in both environments, where there is one."""
    if app.by is not None:
        return production.known.users.load(app.by)
    admins = production.known.admins_of(app)
    presenters = {demo.known.emails[each].casefold() for each in _presenters(demo, key)}
    both = (each for each in admins if production.known.emails[each].casefold() in presenters)
    return next(both, admins[0])


def _presenter(demo: Stage, key: str, email: str) -> str:
    """Who presses Go Live: whoever the file says, else the same person, else whoever created the app."""
    app = _app(demo, key)
    if app.presented_by is not None:
        return demo.known.users.load(app.presented_by)
    same = (each for each in _presenters(demo, key) if demo.known.emails[each].casefold() == email.casefold())
    return next(same, demo.creators[key])


def _presenters(demo: Stage, key: str) -> list[str]:
    return demo.known.admins_of(_app(demo, key))


def _app(demo: Stage, key: str) -> DemoApp:
    return next(app for app in demo.known.apps_declared if isinstance(app, DemoApp) and key_of(app) == key)
