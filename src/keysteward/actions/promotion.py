"""How does a key enter production?

Demo: `present` makes a handle, `exchange` turns it into a signed ticket.
Production: `open_promotion` fetches the ticket, `promote` makes the key. How demo is told: `actions/receipts.py`.
"""

import threading
import time
from typing import NamedTuple

import msgspec

from keysteward.actions.context import Context
from keysteward.actions.keys import managed
from keysteward.actions.receipts import signed
from keysteward.crypto.hashing import has_shape, new_secret
from keysteward.crypto.papers import kept_ticket, read_ticket, write_ticket
from keysteward.crypto.signing import BadToken, jwk_of, load_public_key
from keysteward.outgoing.https import Refused, Silent
from keysteward.rules import promotion as rules
from keysteward.rules.access import PROMOTE_KEYS, Actor, demand_open, demand_permission
from keysteward.rules.accounts import Standing
from keysteward.rules.custody import summarize
from keysteward.rules.keys import App, Settings
from keysteward.rules.promotion import Choice, Person, Presentation, Promotion, Receipt, Sheet, Ticket
from keysteward.rules.refusals import (
    ALREADY_LIVE,
    HANDLE_NOT_GOOD,
    INVALID_FIELD,
    KEY_DELETED,
    NO_SUCH_ACCOUNT,
    NOT_AN_ADMIN,
    NOT_THE_PRESENTER,
    OTHER_ENVIRONMENT_SILENT,
    PENDING_APPROVAL,
    PROMOTIONS_ARE_IN_PRODUCTION,
    REVIEW_DECLINED,
    REVIEW_EXPIRED,
    REVIEW_NOT_PASSED,
    REVIEWS_ARE_IN_DEMO,
    TICKET_NOT_GOOD,
    Refusal,
    demand,
)
from keysteward.rules.replacements import Replacement
from keysteward.rules.signin import demand_fresh_person
from keysteward.rules.words import is_guid, new_guid
from keysteward.store import accounts, audit, golive, judged, keys, promotion, replacements
from keysteward.store.database import Connection, bump_epoch, lock
from keysteward.store.promotion import PromotionRow, TicketRow

_FETCHING = threading.Lock()
_PATIENCE_SECONDS = (0.05, 0.2, 0.5)
_SAID_BY_DEMO = {
    kind.code: kind
    for kind in (
        ALREADY_LIVE,
        HANDLE_NOT_GOOD,
        KEY_DELETED,
        PENDING_APPROVAL,
        REVIEW_DECLINED,
        REVIEW_EXPIRED,
        REVIEW_NOT_PASSED,
    )
}


class Promoted(NamedTuple):
    """A key that is in production now, and the signed receipt of it."""

    key: str
    account: str
    receipt: str


def present(ctx: Context, actor: Actor, key: str, account: str | None) -> str:
    """Press Go Live in demo: return a handle, good once and for ten minutes; it replaces any older one."""
    demand_fresh_person(actor, ctx.now, ctx.policy)
    if ctx.environment != "demo":
        raise Refusal(REVIEWS_ARE_IN_DEMO)
    if account is not None and not is_guid(account.lower()):
        raise Refusal(INVALID_FIELD, field="account", reason="give the GUID of the production account.")
    handle, now = new_secret("ksh_"), ctx.now
    with ctx.database.writing() as tx:
        lock(tx, "key", key.lower())
        app, standing = managed(tx, actor, key, PROMOTE_KEYS)
        demand_open(standing)
        review = golive.find_newest_review(tx, app.key)
        demand(rules.PRESENT, Presentation(app, review, now, ctx.policy), days=ctx.policy.review_life.days)
        row = TicketRow(
            new_guid(),
            ctx.digester.digest(handle),
            app.key,
            review.id if review else "",
            actor.user,
            actor.email,
            account.lower() if account else None,
            now,
            now + ctx.policy.handle_life,
        )
        promotion.save_ticket(tx, row)
        audit.record(tx, ctx.event("TicketMade", actor.email, key=app.key, account=app.account, ticket=row.id))
    return handle


def exchange(ctx: Context, unverified_handle: str) -> str:
    """Burn a handle for the signed ticket: production asks, server to server."""
    if ctx.environment != "demo" or not has_shape("ksh_", unverified_handle):
        raise Refusal(HANDLE_NOT_GOOD)
    now, digest = ctx.now, ctx.digester.digest(unverified_handle)
    with ctx.database.reading() as tx:
        known = promotion.find_ticket(tx, handle_digest=digest)
    if known is None:
        raise Refusal(HANDLE_NOT_GOOD)
    with ctx.database.writing() as tx:
        lock(tx, "key", known.key)
        row = promotion.find_ticket(tx, handle_digest=digest)
        app = keys.find(tx, row.key) if row else None
        if row is None or app is None or now >= row.expires_at or not promotion.burn_handle(tx, row.id, now):
            raise Refusal(HANDLE_NOT_GOOD)
        review = golive.find_newest_review(tx, app.key)
        demand(rules.PRESENT, Presentation(app, review, now, ctx.policy), days=ctx.policy.review_life.days)
        ticket = _ticket(ctx, tx, app, row)
        paper = write_ticket(ticket, ctx.paper_key, ctx.issuer, ctx.counterpart.origin + "/")
        judged.save_ticket(tx, row.id, row.review, paper)
        audit.record(tx, ctx.event("TicketExchanged", "production", key=app.key, account=app.account, ticket=row.id))
    return paper


def open_promotion(ctx: Context, unverified_handle: str) -> Ticket:
    """The ticket behind a handle: fetched from demo once, then kept for its hour."""
    _demand_production(ctx)
    if not has_shape("ksh_", unverified_handle):
        raise Refusal(HANDLE_NOT_GOOD)
    digest = ctx.digester.digest(unverified_handle)
    row = _kept(ctx, digest)
    if row is None:
        with _FETCHING:
            row = _find_or_fetch(ctx, unverified_handle, digest)
    _demand_in_time(ctx, row)
    return kept_ticket(row.paper)


def list_choices(ctx: Context, actor: Actor, ticket: Ticket) -> list[Choice]:
    """Every account of the actor, each with the reason why it cannot take the key, where there is one."""
    with ctx.database.reading() as tx:
        exists = keys.find(tx, ticket.key) is not None
        standings = [each for each in accounts.list_standings_of_user(tx, actor.user) if each.is_active]
    return [
        Choice(standing.account, rules.why_not(_subject(ctx, ticket, standing, actor, exists=exists)))
        for standing in standings
    ]


def promote(ctx: Context, actor: Actor, unverified_handle: str, account: str) -> Promoted:
    """Make the key in production: GUID, name and contact, no other settings. Done once, it answers the same again."""
    demand_permission(actor, PROMOTE_KEYS)
    ticket = open_promotion(ctx, unverified_handle)
    demand_fresh_person(actor, ctx.now, ctx.policy)
    digest = ctx.digester.digest(unverified_handle)
    with ctx.database.writing() as tx:
        lock(tx, "account", accounts.guid_of(tx, account))
        lock(tx, "key", ticket.key)
        row = promotion.find_promotion(tx, digest)
        standing = accounts.find_standing(tx, actor.user, account)
        if row is None or standing is None or not standing.is_active:
            raise Refusal(NO_SUCH_ACCOUNT)
        _demand_in_time(ctx, row)
        if row.person not in {None, actor.user}:
            raise Refusal(NOT_THE_PRESENTER)
        if row.done_at is not None and row.account == standing.account.id and standing.is_admin:
            return Promoted(row.key, row.account, signed(ctx, row.receipt or ""))
        exists = keys.find(tx, ticket.key) is not None
        kind = rules.why_not(_subject(ctx, ticket, standing, actor, exists=exists))
        if kind is None:
            return _make_key(ctx, tx, actor, standing, ticket, digest)
        if kind not in {NOT_AN_ADMIN, NOT_THE_PRESENTER}:
            _claim(ctx, tx, actor, row)
    raise Refusal(kind, plan=ctx.policy.least_plan, state=standing.account.state)


def paper_keys(ctx: Context) -> list[dict[str, object]]:
    """The public halves of all keys that ever signed papers, as JSON Web Keys: they stay published for ever."""
    with ctx.database.reading() as tx:
        return [jwk_of(row.kid, load_public_key(row.public_pem)) for row in audit.list_paper_keys(tx)]


def _demand_production(ctx: Context) -> None:
    if ctx.environment != "production":
        raise Refusal(PROMOTIONS_ARE_IN_PRODUCTION)


def _ticket(ctx: Context, tx: Connection, app: App, row: TicketRow) -> Ticket:
    review = golive.find_review(tx, app.key, row.review)
    if review is None:
        raise Refusal(HANDLE_NOT_GOOD)
    now, replaces = ctx.now, replacements.find(tx, app.key)
    expires = review.expires_at(ctx.policy) or now
    return Ticket(
        id=row.id,
        key=app.key,
        name=app.name,
        contact=app.contact,
        integration_type=app.integration_type,
        review=review.id,
        evidence_digest=review.evidence_digest,
        requester=Person(review.requester, review.requester_email),
        presenter=Person(row.presenter, row.presenter_email),
        sheet=_sheet(app, keys.load_settings(tx, app.key)),
        issued_at=now,
        expires_at=min(now + ctx.policy.ticket_life, expires),
        account=row.account,
        predecessor=replaces.predecessor if replaces else "",
        remark=replaces.remark if replaces else "",
    )


def _sheet(app: App, settings: Settings) -> Sheet:
    return Sheet(
        redirect_uris=settings.redirect_uris,
        origins=settings.origins,
        privacy_url=app.privacy_url,
        terms_url=app.terms_url,
        thumbprints=tuple(keypair.thumbprint for keypair in settings.keypairs),
        grants=tuple(sorted(app.grants)),
    )


def _find_or_fetch(ctx: Context, handle: str, digest: str) -> PromotionRow:
    """One of several at once fetches the ticket; the others find it kept, those in other processes a moment later."""
    if row := _kept(ctx, digest):
        return row
    try:
        return _fetch(ctx, handle, digest)
    except Refusal as refusal:
        for seconds in _PATIENCE_SECONDS if refusal.kind is HANDLE_NOT_GOOD else ():
            time.sleep(seconds)
            if row := _kept(ctx, digest):
                return row
        raise


def _kept(ctx: Context, digest: str) -> PromotionRow | None:
    with ctx.database.reading() as tx:
        return promotion.find_promotion(tx, digest)


def _fetch(ctx: Context, handle: str, digest: str) -> PromotionRow:
    try:
        published = ctx.counterpart.paper_keys()  # before the handle is burnt: a silence then costs nothing
        paper = ctx.counterpart.exchange(handle)
        ticket = read_ticket(paper, published, ctx.counterpart.origin + "/", ctx.issuer, ctx.now)
    except Refused as error:
        kind = _SAID_BY_DEMO.get(error.code, OTHER_ENVIRONMENT_SILENT)  # else it was not demo that answered
        raise Refusal(kind, detail=str(error), days=ctx.policy.review_life.days) from None
    except Silent as error:
        raise Refusal(OTHER_ENVIRONMENT_SILENT, detail=str(error)) from None
    except BadToken as error:
        raise Refusal(TICKET_NOT_GOOD, reason="its signature or audience is wrong", detail=str(error)) from None
    row = PromotionRow(digest, ticket.id, ticket.key, paper, ctx.now, ticket.expires_at)
    with ctx.database.writing() as tx:
        if promotion.save_promotion(tx, row):
            audit.record(tx, ctx.event("TicketReceived", "demo", key=row.key, ticket=row.ticket))
    return row


def _demand_in_time(ctx: Context, row: PromotionRow) -> None:
    """A ticket ends with its hour; what was done with it goes on being answered."""
    if row.done_at is None and ctx.now >= row.expires_at:
        raise Refusal(HANDLE_NOT_GOOD)


def _subject(ctx: Context, ticket: Ticket, standing: Standing, actor: Actor, *, exists: bool) -> Promotion:
    return Promotion(ticket, standing, actor.email, exists, ctx.policy)


def _claim(ctx: Context, tx: Connection, actor: Actor, row: PromotionRow) -> None:
    """Keep a ticket for the first person who brings it to an account that cannot take the key yet."""
    if promotion.claim_promotion(tx, row.handle_digest, actor.user) and row.person is None:
        audit.record(tx, ctx.event("PromotionClaimed", actor.email, key=row.key, ticket=row.ticket))


def _make_key(ctx: Context, tx: Connection, actor: Actor, standing: Standing, ticket: Ticket, digest: str) -> Promoted:
    now = ctx.now
    app = _promoted_app(ctx, actor, standing, ticket)
    custody = summarize(accounts.list_standings_in_account(tx, standing.account.id))
    receipt = Receipt(
        ticket.id,
        ticket.key,
        standing.account.name,
        standing.account.plan,
        custody.admins,
        custody.service_admin,
        now,
    )
    kept = msgspec.json.encode(receipt).decode()
    keys.save(tx, app)
    if ticket.predecessor:
        replacements.save(tx, Replacement(app.key, ticket.predecessor, ticket.remark, ticket.requester.email, now))
    promotion.claim_promotion(tx, digest, actor.user)
    promotion.finish_promotion(tx, digest, standing.account.id, kept, now)
    audit.record(tx, ctx.event("KeyPromoted", actor.email, key=app.key, account=app.account, ticket=ticket.id))
    bump_epoch(tx)
    return Promoted(app.key, app.account, signed(ctx, kept))


def _promoted_app(ctx: Context, actor: Actor, standing: Standing, ticket: Ticket) -> App:
    now = ctx.now
    return App(
        key=ticket.key,
        account=standing.account.id,
        name=ticket.name,
        contact=ticket.contact,
        integration_type=ticket.integration_type,
        grants=frozenset(),
        pkce_required=False,
        privacy_url="",
        terms_url="",
        requester=ticket.requester.email,
        created_at=now,
        created_by=actor.email,
        promoted_at=now,
    )
