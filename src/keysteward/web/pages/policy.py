"""By which numbers does this environment run, and how do operators change them?"""

from collections.abc import Mapping
from functools import partial
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import policy as policies
from keysteward.actions import policy_changes
from keysteward.actions.context import Context
from keysteward.actions.policy import Version
from keysteward.actions.policy_changes import Case, Change
from keysteward.actions.signin import Visitor
from keysteward.rules.policy_text import write, written
from keysteward.rules.policy_toml import as_toml
from keysteward.rules.proposals import Changed, differences
from keysteward.rules.refusals import CONFLICT, MALFORMED, NO_SUCH_OBJECT, NOTHING_CHANGES, Refusal
from keysteward.web.pages.forms import Slip, arrived, at_field, done, refused
from keysteward.web.pages.policy_form import fields_of, groups_of, read_file, read_typed, shown_change, texts_of
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, is_uuid, read_form
from keysteward.web.showing import Notice, show

_PROPOSAL = "/policy/proposals/{id}"
_MOST_WORDS = 100
_CHANGED_MEANWHILE = Notice(
    "warning",
    "Somebody else changed the policy meanwhile",
    "The fields show how it stands now, with what you typed. Look at both, then go on.",
)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /policy`: whoever signed in reads the numbers; operators change them."""
    ctx, words = context(request), _words(request)
    version = await run_in_threadpool(policies.load, ctx, 0)
    cases = await run_in_threadpool(policy_changes.list_proposals, ctx, visitor.actor) if visitor.is_operator else []
    values = {
        "version": _headline(version),
        "groups": groups_of(version.policy, words, is_operator=visitor.is_operator),
        "words": words,
        "waiting": [_proposal(ctx, case) for case in cases if case.state == "waiting"],
    }
    return show(request, "policy.html", values, visitor=visitor, notice=arrived(request).notice)


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /policy/policy.toml`: one version, as `keysteward policy apply` takes it."""
    found = _version_named(await _history(request, visitor), request.query_params.get("version", ""))
    head = _headline(found)
    first = f"# Version {head['number']}, {found.applied_at:%Y-%m-%d %H:%M:%S} UTC, by {head['by']}: {found.reason}\n"
    name = f"keysteward-{context(request).environment}-policy-{found.policy.version}.toml"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(first + as_toml(write(found.policy)) + "\n", media_type="application/toml", headers=headers)


@for_visitors
async def history(request: Request, visitor: Visitor) -> Response:
    """`GET /policy/history`: every version, every proposal, and what differs between any two versions."""
    ctx, versions = context(request), await _history(request, visitor)
    cases = await run_in_threadpool(policy_changes.list_proposals, ctx, visitor.actor)
    asked = request.query_params
    newest, before = versions[0], versions[min(1, len(versions) - 1)]
    since = _version_named(versions, asked["from"]) if asked.get("from") else before
    until = _version_named(versions, asked["to"]) if asked.get("to") else newest
    pairs = zip(versions, [*versions[1:], None], strict=True)
    values = {
        "versions": [_headline(each) | {"changed": _names(older, each)} for each, older in pairs],
        "since": since.policy.version,
        "until": until.policy.version,
        "differences": list(map(shown_change, differences(since.policy, until.policy))),
        "proposals": [_proposal(ctx, case) for case in cases],
    }
    return show(request, "policy_history.html", values, visitor=visitor)


# ── changing ────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def edit(request: Request, visitor: Visitor) -> Response:
    """`GET /policy/edit`: the numbers as a form."""
    await run_in_threadpool(policy_changes.demand_editor, context(request), visitor.actor)
    return await _form(request, visitor, {}, Slip())


@for_visitors
async def preview(request: Request, visitor: Visitor) -> Response:
    """`POST /policy/edit`: what a form would change, before anything is changed; or the form again."""
    return await _preview(request, visitor)


@form_of("/policy/edit")
async def paste(request: Request, visitor: Visitor) -> Response:
    """`POST /policy/file`: what a file would change."""
    return await _preview(request, visitor)


async def _preview(request: Request, visitor: Visitor) -> Response:
    ctx, sent = context(request), await read_form(request)
    await run_in_threadpool(policy_changes.demand_editor, ctx, visitor.actor)
    seen = await _seen(request, visitor, sent.get("base", ""))
    if "numbers" in sent:
        numbers = _carried(sent["numbers"])
        return await _form(request, visitor, texts_of(seen.policy, numbers), _stale(ctx, seen))
    try:
        typed = read_typed(seen.policy, sent)
        if typed.errors:
            return await _form(request, visitor, sent, Slip({}, typed.errors, None, 422))
        numbers = read_file(sent["document"]) if "document" in sent else typed.numbers
        found = await run_in_threadpool(policy_changes.foresee, ctx, visitor.actor, numbers, seen.policy.version)
    except Refusal as refusal:
        return await _form_again(request, visitor, sent, seen, refusal)
    return _previewed(request, visitor, found, seen, Slip())


@form_of("/policy/edit")
async def change(request: Request, visitor: Visitor) -> Response:
    """`POST /policy/changes`: a new version, or a proposal where it loosens what guards keys."""
    ctx, sent = context(request), await read_form(request)
    await run_in_threadpool(policy_changes.demand_editor, ctx, visitor.actor)
    numbers, reason = _carried(sent.get("numbers", "")), sent.get("reason", "")
    seen = await _seen(request, visitor, sent.get("base", ""))
    deed = partial(policy_changes.change, ctx, visitor.actor, Change(numbers, reason, seen.policy.version))
    try:
        outcome = await run_in_threadpool(deed)
    except Refusal as refusal:
        if refusal.field != "reason":
            return await _form_again(request, visitor, texts_of(seen.policy, numbers), seen, refusal)
        found = await run_in_threadpool(policy_changes.foresee, ctx, visitor.actor, numbers, seen.policy.version)
        return _previewed(request, visitor, found, seen, refused(refusal, {"reason": reason}, "reason"))
    if outcome.proposal:
        return done(_PROPOSAL.format(id=outcome.proposal.id), "policy-proposed")
    return done("/policy", "policy-applied")


# ── the second operator ─────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def proposal(request: Request, visitor: Visitor) -> Response:
    """`GET /policy/proposals/{id}`: what is proposed, and what became of it."""
    return await _case(request, visitor, arrived(request))


@form_of(_PROPOSAL)
async def approve(request: Request, visitor: Visitor) -> Response:
    """`POST /policy/proposals/{id}/approve`: it applies at once."""
    try:
        await run_in_threadpool(policy_changes.approve, context(request), visitor.actor, _id(request))
    except Refusal as refusal:
        return await _case(request, visitor, refused(refusal, {}))
    return done(_PROPOSAL.format(id=_id(request)), "policy-approved")


@form_of(_PROPOSAL)
async def end(request: Request, visitor: Visitor) -> Response:
    """`POST /policy/proposals/{id}/end`: withdraw one's own, decline another's."""
    reason = (await read_form(request)).get("reason", "")
    try:
        await run_in_threadpool(policy_changes.end, context(request), visitor.actor, _id(request), reason)
    except Refusal as refusal:
        return await _case(request, visitor, refused(refusal, {"reason": reason}, "reason"))
    return done(_PROPOSAL.format(id=_id(request)), "policy-ended")


async def _case(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    found = await run_in_threadpool(policy_changes.load_proposal, ctx, visitor.actor, _id(request))
    values = {"proposal": _proposal(ctx, found), "values": {"reason": "", **slip.values}, "errors": slip.errors}
    return show(request, "policy_proposal.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


# ── what pages share ────────────────────────────────────────────────────────────────────────────────────────────────
async def _form(request: Request, visitor: Visitor, typed: Mapping[str, str], slip: Slip) -> Response:
    ctx, words = context(request), _words(request)
    newest = await run_in_threadpool(policies.load, ctx, 0)
    values = {
        "version": _headline(newest),
        "groups": fields_of(newest.policy, words, typed),
        "words": words,
        "errors": slip.errors,
        "document": typed.get("document", ""),
    }
    return show(request, "policy_edit.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


async def _form_again(
    request: Request, visitor: Visitor, sent: Mapping[str, str], seen: Version, refusal: Refusal
) -> Response:
    """The form with what was typed. Where the policy changed meanwhile, only what this operator changed stays typed."""
    if refusal.kind is CONFLICT:
        changed = read_typed(seen.policy, sent)
        typed = {name: text for name, text in sent.items() if name in changed.numbers or name in changed.errors}
        return await _form(request, visitor, typed, Slip({}, {}, _CHANGED_MEANWHILE, refusal.kind.status))
    if refusal.kind is NOTHING_CHANGES:
        notice = Notice(
            "info", "Nothing would change", "Every field says what applies already. Change one, then go on."
        )
        return await _form(request, visitor, sent, Slip({}, {}, notice, refusal.kind.status))
    if refusal.field in sent:
        return await _form(request, visitor, sent, Slip({}, {refusal.field: at_field(refusal)}, None, 422))
    return await _form(request, visitor, sent, refused(refusal, {}))


def _previewed(request: Request, visitor: Visitor, found: list[Changed], seen: Version, slip: Slip) -> Response:
    values = {
        "differences": list(map(shown_change, found)),
        "numbers": msgspec.json.encode({each.name: written(each.after) for each in found}).decode(),
        "base": seen.policy.version,
        "is_looser": any(each.is_looser for each in found),
        "words": _words(request),
        "values": {"reason": "", **slip.values},
        "errors": slip.errors,
    }
    return show(request, "policy_preview.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


async def _history(request: Request, visitor: Visitor) -> list[Version]:
    return await run_in_threadpool(policy_changes.list_versions, context(request), visitor.actor)


async def _seen(request: Request, visitor: Visitor, base: str) -> Version:
    return _version_named(await _history(request, visitor), base)


def _version_named(versions: list[Version], unverified_number: str) -> Version:
    """One version, or the newest where none is named."""
    if not unverified_number:
        return versions[0]
    found = next((each for each in versions if str(each.policy.version) == unverified_number), None)
    if found is None:
        raise Refusal(NO_SUCH_OBJECT, thing="version of the policy")
    return found


def _stale(ctx: Context, seen: Version) -> Slip:
    return Slip() if seen.policy.version == ctx.policy.version else Slip(notice=_CHANGED_MEANWHILE)


def _carried(text: str) -> dict[str, Any]:
    """The numbers that a form carries along from one page to the next."""
    try:
        found = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        found = None
    if not isinstance(found, dict):
        raise Refusal(MALFORMED, reason="the numbers are no JSON object.")
    return found


def _headline(version: Version) -> dict[str, Any]:
    return {
        "number": version.policy.version,
        "at": version.applied_at,
        "by": version.author,
        "second": version.second,
        "reason": version.reason,
    }


def _names(before: Version | None, after: Version) -> list[str]:
    return [each.name for each in differences(before.policy, after.policy)] if before else []


def _proposal(ctx: Context, case: Case) -> dict[str, Any]:
    found, why_not = case.proposal, case.why_not
    return {
        "id": found.id,
        "base": found.base,
        "state": case.state,
        "by": found.by_email,
        "at": found.at,
        "reason": found.reason,
        "expires_at": found.expires_at(ctx.policy),
        "ended": found.ended,
        "differences": list(map(shown_change, case.differences)),
        "is_own": case.is_own,
        "why_not": {"sentence": why_not.sentence, "next": why_not.next_step} if why_not else None,
    }


def _words(request: Request) -> str:
    return request.query_params.get("words", "")[:_MOST_WORDS].strip()


def _id(request: Request) -> str:
    found = str(request.path_params["id"])
    if not is_uuid(found):
        raise Refusal(NO_SUCH_OBJECT, thing="proposal")
    return found.lower()
