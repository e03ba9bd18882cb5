"""How does a program follow a cut-over from an old key to a new one, and retire the old one?"""

from typing import Literal, get_args

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import replacement_records as records
from keysteward.actions import replacements as views
from keysteward.actions import retirements as deeds
from keysteward.actions.context import Context
from keysteward.actions.replacements import Listed, Shown
from keysteward.actions.retirements import Wish
from keysteward.rules.access import Actor
from keysteward.rules.keys import App
from keysteward.web.api.asking import actor_of, answered, id_of, key_of, person_of, said
from keysteward.web.api.replacement_shapes import (
    CutOver,
    CutOverDay,
    ListedReplacement,
    NewProof,
    NewRetirement,
    Proven,
    ReplacedKey,
    ReplacementPaper,
    ReplacementPreview,
    Replacements,
    RetirementState,
    StillActing,
    StillCalling,
    WhyBack,
)
from keysteward.web.api.shapes import Nothing
from keysteward.web.reading import context, read_json
from keysteward.web.sessions import source_of

_May = Literal["approve", "bring back"]
_MAY: tuple[_May, ...] = get_args(_May)


async def list_replacements(request: Request) -> Response:
    """`GET /api/v1/replacements`: those by and of keys of your accounts, and those that you proved."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(views.list_seen, ctx, actor)
    return answered(said(Replacements([listed(each) for each in found])))


async def show_replacement(request: Request) -> Response:
    """`GET /api/v1/replacements/{id}`: both keys side by side; the id is the new key."""
    ctx, actor = context(request), await actor_of(request)
    return answered(said(await _seen(ctx, actor, id_of(request, "replacement"))))


async def preview_replacement(request: Request) -> Response:
    """`GET /api/v1/keys/{key}/replacement-preview`: what is made anew, for nothing moves."""
    ctx, actor = context(request), await actor_of(request)
    found = await run_in_threadpool(views.preview, ctx, actor, key_of(request))
    settings = found.settings
    return answered(said(ReplacementPreview(
        found.app.key, found.app.name, len(settings.redirect_uris), len(settings.origins), len(settings.secrets),
        len(settings.keypairs), found.consents, found.organization_consents, found.refresh_families,
        found.quiet.last_at, [_key(each) for each in found.successors],
    )))  # fmt: skip


async def prove_predecessor(request: Request) -> Response:
    """`POST /api/v1/replacements/{id}/proofs`: prove a live credential of the old key, once."""
    ctx, actor, successor = context(request), await actor_of(request), id_of(request, "replacement")
    body = await read_json(request, NewProof)
    shown = Shown(body.secret, body.assertion)
    await run_in_threadpool(views.prove, ctx, actor, successor, shown, source_of(request))
    return answered(said(Proven(proven=True), 201))


async def retire_key(request: Request) -> Response:
    """`POST /api/v1/replacements/{id}/retirements`: retire the old key, or ask to for a lost admin."""
    ctx, actor, successor = context(request), await actor_of(request), id_of(request, "replacement")
    body = await read_json(request, NewRetirement)
    wish = Wish(body.hand, body.reason, body.despite_use)
    await run_in_threadpool(deeds.retire, ctx, actor, successor, wish)
    return answered(said(await _seen(ctx, actor, successor), 201))


async def approve_retirement(request: Request) -> Response:
    """`POST /api/v1/replacements/{id}/approvals`: the word of a second organization admin."""
    ctx, actor, successor = context(request), await person_of(request), id_of(request, "replacement")
    await read_json(request, Nothing)
    await run_in_threadpool(deeds.approve, ctx, actor, successor)
    return answered(said(await _seen(ctx, actor, successor), 201))


async def bring_key_back(request: Request) -> Response:
    """`POST /api/v1/replacements/{id}/reversals`: bring the old key back, or call retiring it off."""
    ctx, actor, successor = context(request), await actor_of(request), id_of(request, "replacement")
    body = await read_json(request, WhyBack)
    await run_in_threadpool(deeds.bring_back, ctx, actor, successor, body.reason)
    return answered(said(await _seen(ctx, actor, successor), 201))


async def show_replacement_record(request: Request) -> Response:
    """`GET /api/v1/replacements/{id}/record`: the signed record, the same for both sides."""
    ctx, actor = context(request), await actor_of(request)
    paper = await run_in_threadpool(records.load_record, ctx, actor, id_of(request, "replacement"))
    return answered(said(ReplacementPaper(paper)))


async def _seen(ctx: Context, actor: Actor, successor: str) -> CutOver:
    return _cut_over(await run_in_threadpool(views.view, ctx, actor, successor))


def _cut_over(found: views.CutOver) -> CutOver:
    pair, quiet = found.pair, found.case.quiet
    return CutOver(
        old=_key(pair.old),
        new=_key(pair.new),
        remark=pair.replacement.remark,
        sees=found.sight,
        percent_moved=found.percent_moved,
        days=[CutOverDay(each.day.isoformat(), each.old, each.new) for each in found.days],
        still=[StillCalling(*each.asker, each.tokens, each.last_at) for each in found.still],
        users=[StillActing(*each) for each in found.users],
        last_call_at=quiet.last_at,
        refresh_tokens=quiet.refresh_tokens,
        is_safe=not found.why_not_safe,
        why_not=list(found.why_not_safe),
        retirement=_retirement(found),
        retire_as=sorted(found.hands),
        you_may=[each for each in _MAY if each in found.steps],
    )


def _retirement(found: views.CutOver) -> RetirementState | None:
    asked = found.case.retirement
    if asked is None or found.status is None:
        return None
    ended = asked.ended
    return RetirementState(
        found.status, asked.hand, asked.asked.email, asked.asked.at, asked.reason, asked.waits_until,
        asked.approved.email if asked.approved else None, asked.retired_at, found.final_at,
        ended.act.email if ended else None, ended.act.at if ended else None, ended.reason if ended else "",
        found.held_up.sentence if found.held_up else None,
    )  # fmt: skip


def listed(found: Listed) -> ListedReplacement:
    """A replacement as somebody sees it."""
    said_by = found.replacement
    new, old = found.new, found.old
    return ListedReplacement(
        said_by.key, new.name if new else None, said_by.predecessor, old.name if old else None, said_by.remark,
        said_by.named_at, found.status,
    )  # fmt: skip


def _key(app: App) -> ReplacedKey:
    return ReplacedKey(app.key, app.name)
