"""What is in a new twin? Played through the deeds, with the clock set back: no row is inserted behind a rule."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from keysteward.actions import (
    accounts,
    addresses,
    authorize,
    calls,
    consents,
    credentials,
    golive,
    keys,
    operators,
    organization_consents,
    promotion,
    receipts,
    signin,
    tokens,
)
from keysteward.actions.calls import Answered, Asked
from keysteward.actions.context import Context, Counterpart
from keysteward.actions.keys import Change, Draft
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.authorize import Request
from keysteward.rules.clients import Credentials
from keysteward.rules.keys import GRANTS, Grant
from keysteward.rules.words import new_guid
from keysteward.twin import cast
from keysteward.twin.cast import Town

_CONTACT = "developers@northwind.example"
_SDK = "Python 6.1.0"


class Credential(NamedTuple):
    """What an app proves itself with, known only while the seed is played."""

    secret: str
    private_pem: str
    thumbprint: str = ""


class Played(NamedTuple):
    """The secrets of the Toolbox app, which `dev.env` hands to programs."""

    demo: Credential
    production: Credential


class BothAt:
    """Both environments at one moment, joined in process."""

    def __init__(self, demo: Context, production: Context, now: datetime) -> None:
        self.now = now
        self.demo = demo.at(now)
        self.production = production.at(now)
        self.demo = demo.at(now, _joined(self.demo, self.production))
        self.production = production.at(now, _joined(self.production, self.demo))

    def context(self, environment: str) -> Context:
        """One of the two."""
        return self.demo if environment == "demo" else self.production


def play(demo: Context, production: Context, tell: Callable[[str], None]) -> Played:
    """Fill two new environments and return what is shown once."""
    today = demo.now

    def days_ago(days: float) -> BothAt:
        return BothAt(demo, production, today - timedelta(days=days))

    tell("people and accounts")
    stage = days_ago(60)
    for ctx in (stage.demo, stage.production):
        _settle_town(ctx, cast.TOWNS[ctx.environment])
    tell("the Toolbox app, live in production")
    played = _play_toolbox(days_ago)
    tell("an app that passed its review")
    _play_passed(days_ago)
    tell("an app with 13 good calls, and a new one")
    _play_thirteen(days_ago)
    _app(days_ago(1 / 24).demo, cast.FRESH_START, "Fresh Start")
    return played


def personal_token(ctx: Context) -> str:
    """A personal access token of Ada, as `dev.env` holds it."""
    return token_of(ctx, cast.ada(ctx.environment).id or "")


def token_of(ctx: Context, user: str) -> str:
    """The personal access token that `dev.env` holds: one with every permission, for 90 days."""
    actor = Actor(user, accounts.load_user(ctx, user).email, ctx.now)
    days = ctx.policy.personal_token_life.days
    return signin.issue_personal_token(ctx, actor, cast.TOKEN_NAME, frozenset(PERMISSIONS), days)


def _settle_town(ctx: Context, town: Town) -> None:
    ada = accounts.open_account(ctx, town.account_name, town.plan, cast.ada(ctx.environment), account=town.account).user
    for person in cast.others(ctx.environment):
        accounts.add_user(ctx, town.account, person, ada.email)
    linked = [town.account]
    accounts.open_account(
        ctx, town.second_name, town.second_plan, cast.dana(ctx.environment), account=town.second_account
    )
    if ctx.environment == "demo":
        accounts.add_user(ctx, town.second_account, cast.OPERATOR, cast.dana(ctx.environment).email)
        operators.add(ctx, cast.OPERATOR.email, "the twin's seed")
    else:
        accounts.add_user(ctx, town.second_account, cast.ada(ctx.environment), cast.dana(ctx.environment).email)
        linked.append(town.second_account)
    accounts.create_organization(ctx, town.organization_name, ada, linked, town.domain, town.organization)


def _play_toolbox(days_ago: Callable[[float], BothAt]) -> Played:
    stage = days_ago(41)
    _app(stage.demo, cast.TOOLBOX, "Toolbox", frozenset(GRANTS))
    in_demo = _equip(stage.demo, cast.TOOLBOX)
    _consent(stage.demo, cast.TOOLBOX)
    _make_calls(stage.demo, cast.TOOLBOX, in_demo.secret, 24)
    _pass_review(days_ago, 40.9, cast.TOOLBOX)
    stage = days_ago(40)
    handle = promotion.present(stage.demo, _ada(stage.demo), cast.TOOLBOX, None)
    promotion.promote(stage.production, _ada(stage.production), handle, cast.TOWNS["production"].account)
    receipts.deliver_receipts(stage.production)
    later = days_ago(39).production
    grants = Change(grants=frozenset(GRANTS))
    keys.change(later, _ada(later), cast.TOOLBOX, grants)
    in_production = _equip(later, cast.TOOLBOX)
    until = later.now + later.policy.longest_waiver
    keys.waive_implicit(later, _ada(later), cast.TOOLBOX, "Every client program can be tried in the twin.", until)
    _consent(later, cast.TOOLBOX)
    return Played(in_demo, in_production)


def _play_passed(days_ago: Callable[[float], BothAt]) -> None:
    stage = days_ago(10)
    _app(stage.demo, cast.READY_TO_GO, "Ready to Go")
    secret = _simple_consent(stage.demo, cast.READY_TO_GO)
    _make_calls(stage.demo, cast.READY_TO_GO, secret, 22)
    _pass_review(days_ago, 9.9, cast.READY_TO_GO)


def _play_thirteen(days_ago: Callable[[float], BothAt]) -> None:
    _app(days_ago(3).demo, cast.THIRTEEN_CALLS, "Thirteen Good Calls")
    stage = days_ago(2 / 24)
    secret = _simple_consent(stage.demo, cast.THIRTEEN_CALLS)
    _make_calls(stage.demo, cast.THIRTEEN_CALLS, secret, 13)


def _app(ctx: Context, key: str, name: str, grants: frozenset[Grant] = frozenset({"confidential_code"})) -> None:
    draft = Draft(name, _CONTACT, "Private custom integration", grants, key)
    keys.create(ctx, _ada(ctx), cast.TOWNS["demo"].account, draft)


def _equip(ctx: Context, key: str) -> Credential:
    actor = _ada(ctx)
    addresses.add_redirect_uri(ctx, actor, key, cast.REDIRECT_URIS[ctx.environment])
    secret = credentials.add_secret(ctx, actor, key).value
    made = credentials.add_generated_keypair(ctx, actor, key)
    return Credential(secret, made.private_pem, made.keypair.thumbprint)


def _consent(ctx: Context, key: str) -> None:
    actor = _ada(ctx)
    consents.consent(ctx, _request(ctx, key, " ".join(cast.SCOPES)), actor)
    organization = cast.TOWNS[ctx.environment].organization
    organization_consents.authorize_application(ctx, actor, organization, key, frozenset(cast.SCOPES))


def _simple_consent(ctx: Context, key: str) -> str:
    actor = _ada(ctx)
    addresses.add_redirect_uri(ctx, actor, key, cast.REDIRECT_URIS[ctx.environment])
    consents.consent(ctx, _request(ctx, key, "signature"), actor)
    return credentials.add_secret(ctx, actor, key).value


def _make_calls(ctx: Context, key: str, secret: str, count: int) -> None:
    actor = _ada(ctx)
    code = authorize.issue_code(ctx, _request(ctx, key, "signature"), actor)
    answer = tokens.exchange_code(ctx, Credentials(key, secret, "basic"), code, None, None)
    account = cast.TOWNS[ctx.environment].account
    path = f"/restapi/v2.1/accounts/{account}/envelopes"
    for number in range(count):
        at = ctx.at(ctx.now + timedelta(minutes=2 * number))
        caller = calls.admit(at, f"Bearer {answer.access_token}")
        asked = Asked("POST", path, "", _SDK, new_guid(), at.now)
        calls.record(at, caller, asked, Answered(201, "", account, by_upstream=True)).result()


def _pass_review(days_ago: Callable[[float], BothAt], days: float, key: str) -> None:
    ctx = days_ago(days).demo
    golive.start_review(ctx, _ada(ctx), key)
    golive.settle_due(ctx.at(ctx.now + timedelta(minutes=5)))


def _request(ctx: Context, key: str, scope: str) -> Request:
    return authorize.read_request(
        ctx,
        [
            ("client_id", key),
            ("response_type", "code"),
            ("scope", scope),
            ("redirect_uri", cast.REDIRECT_URIS[ctx.environment]),
        ],
    )


def _ada(ctx: Context) -> Actor:
    ada = cast.ada(ctx.environment)
    return Actor(ada.id or "", ada.email, ctx.now)


def _joined(own: Context, other: Context) -> Counterpart:
    return Counterpart(
        origin=own.counterpart.origin,
        exchange=lambda handle: promotion.exchange(other, handle),
        deliver=lambda receipt: receipts.accept_receipt(other, receipt),
        paper_keys=lambda: {other.paper_key.kid: other.paper_key.public},
    )
