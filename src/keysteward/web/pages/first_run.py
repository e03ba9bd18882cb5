"""How is an operator led from an empty environment to one that people work in?

Every step is a page of its own, which may be left, found again and done anew.
"""

import asyncio
from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from keysteward.actions import accounts, first_run, invitations, policy_changes
from keysteward.actions.context import Context
from keysteward.actions.first_run import Looked
from keysteward.actions.invitations import Draft
from keysteward.actions.policy_changes import Change
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import ADMIN
from keysteward.rules.first_run import STEPS, Mark, Progress
from keysteward.rules.first_run import Step as Part
from keysteward.rules.phases import PHASES
from keysteward.rules.policy_toml import lines_of
from keysteward.rules.refusals import NOTHING_CHANGES, Refusal
from keysteward.rules.signin import is_trusted
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.policy_form import fields_of, read_typed, said
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import client_address, context, read_form, run_beside
from keysteward.web.showing import Notice, show

Shown = dict[str, Any]

_AT: dict[Part | None, str] = {
    "account": "/setup/addresses", "addresses": "/setup/addresses", "policy": "/setup/policy", "mail": "/setup/mail",
    "people": "/setup/people", None: "/setup/done",
}  # fmt: skip
_LEGACY = "legacy_phases"
_FIRST_CHOICES = ("implicit_in_production", _LEGACY, "least_plan", "second_factor", "types_for_a_person")
_PROXIES = "KEYSTEWARD_TRUSTED_PROXIES"
_WHY_CHOSEN = "Chosen when this environment was set up."


# ── addresses ───────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def addresses(request: Request, visitor: Visitor) -> Response:
    """`GET /setup/addresses`: what is set, looked at live."""
    ctx = context(request)
    progress = await run_in_threadpool(first_run.progress, ctx, visitor.actor)
    origin, (certificate, ending), other = await asyncio.gather(
        run_beside(first_run.look_at_origin, ctx),
        run_beside(first_run.look_at_certificate, ctx),
        run_beside(first_run.look_at_other, ctx),
    )
    values = {
        "settings": [
            _setting("This environment's origin", "KEYSTEWARD_ORIGIN", ctx.origin, origin),
            _setting("Its certificate", "KEYSTEWARD_CERTIFICATE_FILE", "/etc/keysteward/certificate.pem", certificate)
            | {"ends_at": ending and ending.at, "caption": "How it is set, where no proxy in front holds it"},
            _setting("The other environment's origin", "KEYSTEWARD_OTHER_ORIGIN", ctx.counterpart.origin, other),
            _proxies(request),
        ],
        "hosts": ctx.hosts,
    }
    return _page(request, visitor, "addresses", progress, values, arrived(request))


@for_visitors
async def keep_addresses(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/addresses`: seen; on to the next step."""
    return await _finish(request, visitor, "addresses")


# ── policy ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def policy(request: Request, visitor: Visitor) -> Response:
    """`GET /setup/policy`: the few choices that matter first."""
    return await _policy(request, visitor, {}, arrived(request))


@for_visitors
async def choose_policy(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/policy`: a new version of what was chosen, or a proposal where that loosens what guards keys."""
    ctx, sent = context(request), await read_form(request)
    await run_in_threadpool(first_run.progress, ctx, visitor.actor)
    if sent.get(_LEGACY) in PHASES:
        sent[_LEGACY] = lines_of(({"phase": sent[_LEGACY]},))
    typed = read_typed(ctx.policy, {name: sent[name] for name in _choices(ctx) if name in sent})
    if typed.errors:
        return await _policy(request, visitor, sent, Slip({}, typed.errors, None, 422))
    change = Change(typed.numbers, _WHY_CHOSEN, int(sent["base"]) if sent.get("base", "").isdigit() else 0)
    try:
        outcome = await run_in_threadpool(policy_changes.change, ctx, visitor.actor, change)
    except Refusal as refusal:
        if refusal.kind is not NOTHING_CHANGES:
            return await _policy(request, visitor, sent, refused(refusal, {}, *_choices(ctx)))
        return await _finish(request, visitor, "policy")
    return await _finish(request, visitor, "policy", "policy-proposed" if outcome.proposal else "policy-applied")


async def _policy(request: Request, visitor: Visitor, typed: dict[str, str], slip: Slip) -> Response:
    ctx = context(request)
    progress = await run_in_threadpool(first_run.progress, ctx, visitor.actor)
    rows = [row for group in fields_of(ctx.policy, "", typed) for row in group["numbers"]]
    chosen = {row["name"]: row for row in rows if row["name"] in _choices(ctx)}
    steps = ctx.policy.legacy_phases
    if len(steps) == 1:
        chosen[_LEGACY] |= {
            "control": "choice",
            "options": [(each, each) for each in PHASES],
            "hint": "",
            "typed": steps[0].phase,
        }
    values = {
        "fields": [chosen[name] for name in _choices(ctx) if len(steps) == 1 or name != _LEGACY],
        "legacy_plan": ", ".join(said(steps)) if len(steps) > 1 else "",
        "version": ctx.policy.version,
    }
    return _page(request, visitor, "policy", progress, values, slip)


def _choices(ctx: Context) -> tuple[str, ...]:
    """What is worth a look first; only in demo may people open accounts by themselves."""
    return (*_FIRST_CHOICES, "sign_up") if ctx.environment == "demo" else _FIRST_CHOICES


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def mail(request: Request, visitor: Visitor) -> Response:
    """`GET /setup/mail`: the mail server as it is set, and what became of the last test."""
    return await _mail(request, visitor, arrived(request))


@for_visitors
async def keep_mail(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/mail`: go on, with mail or without it."""
    return await _finish(request, visitor, "mail")


@form_of("/setup/mail")
async def test_mail(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/mail/test`: hand a mail to the server and say what it answered."""
    try:
        looked = await run_beside(first_run.send_test_mail, context(request), visitor.actor)
    except Refusal as refusal:
        return await _mail(request, visitor, refused(refusal, {}))
    if looked.is_good:
        notice = Notice("success", "The mail server took it", f"{looked.sentence} Look into your mailbox.")
        return await _mail(request, visitor, Slip(notice=notice))
    notice = Notice("danger", "No mail left", looked.sentence)
    return await _mail(request, visitor, Slip(notice=notice, status=502))


async def _mail(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    progress = await run_in_threadpool(first_run.progress, ctx, visitor.actor)
    server, last = ctx.mail_server, progress.done.get("mail")
    values = {
        "server": server and {
            "host": f"{server.host}:{server.port}", "security": server.security, "sender": server.sender,
            "user": server.user,
        },
        "last": last if last and last.result else None,
    }  # fmt: skip
    return _page(request, visitor, "mail", progress, values, slip)


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def people(request: Request, visitor: Visitor) -> Response:
    """`GET /setup/people`: the first account, and who else should be in it."""
    return await _people(request, visitor, arrived(request))


@for_visitors
async def keep_people(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/people`: go on."""
    return await _finish(request, visitor, "people")


@form_of("/setup/people")
async def invite(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/people/invitations`: send a second admin a link."""
    ctx, typed = context(request), await read_fields(request, "email")
    await run_in_threadpool(first_run.progress, ctx, visitor.actor)
    deed = partial(invitations.invite, ctx, visitor.actor, account_in_use(visitor).account.id)
    try:
        await run_in_threadpool(deed, Draft(typed["email"], ADMIN.id))
    except Refusal as refusal:
        return await _people(request, visitor, refused(refusal, typed, "email"))
    return done("/setup/people", "invited")


async def _people(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx = context(request)
    progress = await run_in_threadpool(first_run.progress, ctx, visitor.actor)
    standing = account_in_use(visitor)
    values = await run_in_threadpool(_of_account, ctx, visitor, standing.account.id)
    values |= {"account": standing.account, "is_admin": standing.is_admin, "values": {"email": "", **slip.values}}
    return _page(request, visitor, "people", progress, values, slip)


def _of_account(ctx: Context, visitor: Visitor, account: str) -> Shown:
    members = accounts.list_members(ctx, account)
    is_admin = any(each.user.id == visitor.user.id and each.is_admin for each in members)
    waiting = invitations.list_waiting(ctx, visitor.actor, account) if is_admin else []
    return {
        "members": [{"name": each.user.name, "email": each.user.email, "is_admin": each.is_admin} for each in members],
        "invited": [{"email": each.email, "expires_at": each.expires_at} for each in waiting],
        "least_admins": ctx.policy.least_admins,
    }


# ── the end ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def finished(request: Request, visitor: Visitor) -> Response:
    """`GET /setup/done`: what was done, and what comes next."""
    progress = await run_in_threadpool(first_run.progress, context(request), visitor.actor)
    return _page(request, visitor, None, progress, {"done": progress.done}, arrived(request))


@form_of("/setup/done")
async def dismiss(request: Request, visitor: Visitor) -> Response:
    """`POST /setup/dismiss`: Home shows the walk no more."""
    await run_in_threadpool(first_run.finish, context(request), visitor.actor, "dismissed")
    return RedirectResponse("/", 303)


def next_page(progress: Progress) -> str:
    """Where the walk goes on."""
    return _AT[progress.next_step]


# ── what the steps share ────────────────────────────────────────────────────────────────────────────────────────────
async def _finish(request: Request, visitor: Visitor, step: Mark, said: str = "") -> Response:
    """On to the next step in their order, done before or not."""
    await run_in_threadpool(first_run.finish, context(request), visitor.actor, step)
    place = STEPS.index(step) + 1 if step in STEPS else len(STEPS)
    onward = _AT[STEPS[place] if place < len(STEPS) else None]
    return done(onward, said) if said else RedirectResponse(onward, 303)


def _page(
    request: Request, visitor: Visitor, step: Part | None, progress: Progress, values: Shown, slip: Slip
) -> Response:  # fmt: skip
    """One page of the walk."""
    shared = {"walk": [_step(each, step, progress) for each in STEPS], "errors": slip.errors}
    template = f"setup_{step or 'done'}.html"
    return show(request, template, values | shared, status=slip.status, visitor=visitor, notice=slip.notice)


def _step(each: Part, current: Part | None, progress: Progress) -> Shown:
    words = {"account": "Account", "addresses": "Addresses", "policy": "Policy", "mail": "Mail", "people": "People"}
    href = "" if each == "account" else _AT[each]
    return {"words": words[each], "href": href, "is_done": each in progress.done, "is_now": each == current}


def _setting(label: str, name: str, value: str, looked: Looked) -> Shown:
    return {
        "label": label, "name": name, "looked": looked, "ends_at": None, "line": f"export {name}={value}",
        "caption": "As it is set",
    }  # fmt: skip


def _proxies(request: Request) -> Shown:
    proxies = ",".join(context(request).proxies)
    setting = _setting("Trusted proxies", _PROXIES, proxies or "10.0.0.0/8", _look_at_proxy(request))
    return setting if proxies else setting | {"caption": "Not set: no proxy is trusted. How it would be set"}


def _look_at_proxy(request: Request) -> Looked:
    """What this very request says of a proxy in front."""
    ctx, peer = context(request), request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "")
    if not forwarded:
        return Looked(f"Nothing stood between {peer or 'you'} and here for this request.", is_good=True)
    if not is_trusted(peer, ctx.proxies):
        return Looked(f"A proxy at {peer} says whom it asks for, and is not trusted: everybody seems to come from it.")
    return Looked(f"The proxy at {peer} is trusted; you seem to come from {client_address(request)}.", is_good=True)
