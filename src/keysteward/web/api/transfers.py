"""How does a program follow a key from one account to another? A person confirms, approves and vetoes."""

from typing import Literal, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import stand_ins as standing
from keysteward.actions import transfer_views as views
from keysteward.actions import transfers as deeds
from keysteward.actions.context import Context
from keysteward.actions.transfer_views import Moving, Seen
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Account
from keysteward.rules.transfers import Act, Ending
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, organization_of, person_of, said
from keysteward.web.api.shapes import Nothing
from keysteward.web.api.transfer_shapes import (
    NewConfirmation,
    NewStandIn,
    NewTransfer,
    Transfer,
    TransferAccount,
    TransferAct,
    TransferConfirmation,
    TransferContents,
    TransferEnding,
    TransferMoved,
    TransferPaper,
    TransferPreview,
    Transfers,
    TransferSentence,
    WhyStopped,
)
from keysteward.web.reading import context, read_json

_May = Literal["accept", "approve", "cancel", "veto"]
_MAY: tuple[_May, ...] = get_args(_May)


async def list_transfers(request: Request) -> Response:
    """`GET /api/v1/transfers`: those of your accounts and organizations."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(views.list_seen, ctx, actor)
    return answered(said(Transfers([_transfer(each) for each in found])))


async def show_transfer(request: Request) -> Response:
    """`GET /api/v1/transfers/{id}`: where it stands, and what you may do."""
    ctx, actor = context(request), await actor_of(request)
    return answered(said(await _seen(ctx, actor, id_of(request, "transfer"))))


async def preview_transfer(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/transfer-preview`: what would move."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(views.preview, ctx, actor, key_of(request))
    return answered(said(TransferPreview(
        found.app.key, found.app.name, _contents(found.moving), ctx.policy.moved_credentials_life.days,
        ctx.policy.transfer_life.days, found.pending.id if found.pending else None,
    )))  # fmt: skip


async def start_transfer(request: Request) -> Response:
    """`POST /api/v1/keys/{key}/transfers`: offer a key to another account."""
    ctx, actor = context(request), await actor_of(request)
    key, body = key_of(request), await read_json(request, NewTransfer)
    begun = await run_in_threadpool(deeds.start, ctx, actor, key, body.destination)
    return answered(said(await _seen(ctx, actor, begun.id), 201))


async def stand_in(request: Request) -> Response:
    """`POST /api/v1/organizations/{organization}/stand-ins`: start one in the place of a lost admin."""
    ctx, actor = context(request), await actor_of(request)
    organization, body = organization_of(request), await read_json(request, NewStandIn)
    begun = await run_in_threadpool(standing.stand_in, ctx, actor, organization, body.key, body.destination)
    return answered(said(await _seen(ctx, actor, begun.id), 201))


async def accept_transfer(request: Request) -> Response:
    """`POST /api/v1/transfers/{id}/acceptances`: agree to look at what is offered."""
    ctx, actor, transfer = context(request), await actor_of(request), id_of(request, "transfer")
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.accept, ctx, actor, transfer)
    return answered(said(await _seen(ctx, actor, transfer), 201))


async def confirm_transfer(request: Request) -> Response:
    """`POST /api/v1/transfers/{id}/confirmations`: a person's written word, freshly signed in."""
    ctx, actor, transfer = context(request), await person_of(request), id_of(request, "transfer")
    body = await read_json(request, NewConfirmation)
    moved = await run_in_threadpool(deeds.confirm, ctx, actor, transfer, body.side, body.statement)
    return answered(said(TransferMoved(moved), 201))


async def approve_transfer(request: Request) -> Response:
    """`POST /api/v1/transfers/{id}/approvals`: the word of a second organization admin."""
    ctx, actor, transfer = context(request), await person_of(request), id_of(request, "transfer")
    await read_json(request, Nothing)
    moved = await run_in_threadpool(standing.approve, ctx, actor, transfer)
    return answered(said(TransferMoved(moved), 201))


async def veto_transfer(request: Request) -> Response:
    """`POST /api/v1/transfers/{id}/vetoes`: an admin of the source ends a stand-in."""
    ctx, actor, transfer = context(request), await person_of(request), id_of(request, "transfer")
    body = await read_json(request, WhyStopped)
    await run_in_threadpool(standing.veto, ctx, actor, transfer, body.reason)
    return answered(said(await _seen(ctx, actor, transfer), 201))


async def cancel_transfer(request: Request) -> Response:
    """`POST /api/v1/transfers/{id}/cancellations`: either side ends it."""
    ctx, actor, transfer = context(request), await actor_of(request), id_of(request, "transfer")
    body = await read_json(request, WhyStopped)
    await run_in_threadpool(deeds.cancel, ctx, actor, transfer, body.reason)
    return answered(said(await _seen(ctx, actor, transfer), 201))


async def show_transfer_record(request: Request) -> Response:
    """`GET /api/v1/transfers/{id}/record`: the signed record, the same for both sides."""
    ctx, actor = context(request), await actor_of(request)
    paper = await run_in_threadpool(views.load_record, ctx, actor, id_of(request, "transfer"))
    return answered(said(TransferPaper(paper)))


async def _seen(ctx: Context, actor: Actor, transfer: str) -> Transfer:
    return _transfer(await run_in_threadpool(views.load_seen, ctx, actor, transfer))


def _transfer(seen: Seen) -> Transfer:
    transfer, case = seen.transfer, seen.case
    return Transfer(
        id=transfer.id,
        key=transfer.key,
        name=case.app.name,
        status=seen.status,
        hand=transfer.hand if seen.is_all else None,
        started_at=transfer.started.at,
        expires_at=transfer.expires_at,
        waits_until=transfer.waits_until if seen.is_all else None,
        source=_account(case.source) if seen.is_all else None,
        destination=_account(case.destination),
        started_by=transfer.started.email if seen.is_all else None,
        accepted=_act(transfer.accepted),
        confirmations=[
            TransferConfirmation(each.side, each.act.email, each.act.at, each.statement)
            for each in (transfer.confirmations if seen.is_all else ())
        ],
        needs_approval=seen.is_all and seen.approval,
        approved=_act(transfer.approved) if seen.is_all else None,
        ending=_ending(seen),
        contents=_contents(seen.moving) if seen.moving else None,
        you_are=sorted(seen.sides, reverse=True),
        you_may=[each for each in _MAY if each in seen.steps],
        to_type=[TransferSentence(side, statement) for side, statement in seen.signing.items()],
        held_up=seen.held_up.sentence if seen.held_up else None,
    )


def _account(account: Account) -> TransferAccount:
    return TransferAccount(account.id, account.name)


def _act(act: Act | None) -> TransferAct | None:
    return TransferAct(act.email, act.at) if act else None


def _ending(seen: Seen) -> TransferEnding | None:
    ending: Ending | None = seen.transfer.ending
    if ending is None:
        return None
    return TransferEnding(ending.end, seen.ended_by, ending.act.at, seen.reason)


def _contents(moving: Moving) -> TransferContents:
    settings = moving.settings
    return TransferContents(
        len(settings.redirect_uris), len(settings.origins), len(settings.secrets), len(settings.keypairs),
        moving.consents, moving.organization_consents, moving.refresh_families,
    )  # fmt: skip
