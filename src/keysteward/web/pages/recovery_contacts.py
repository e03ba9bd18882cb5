"""Whom does an account name for the day it loses its last admin, and what do they see of it?"""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import recovery_contacts as deeds
from keysteward.actions.recovery_contacts import Named
from keysteward.actions.signin import Visitor
from keysteward.rules.letters import spoken
from keysteward.rules.recovery_contacts import state_of
from keysteward.rules.refusals import FRESH_SIGN_IN_NEEDED, Refusal
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of, to_confirm
from keysteward.web.reading import context, read_form
from keysteward.web.showing import show

_PAGE = "/members/recovery-contacts"


# ── for admins ──────────────────────────────────────────────────────────────────────────────────────────────────────
@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /members/recovery-contacts`."""
    return await _listed(request, visitor, arrived(request))


@form_of(_PAGE)
async def name(request: Request, visitor: Visitor) -> Response:
    """`POST /members/recovery-contacts/add`: an address gets a link to agree."""
    typed = await read_fields(request, "email")
    account = account_in_use(visitor).account.id
    try:
        await run_in_threadpool(deeds.name_contact, context(request), visitor.actor, account, typed["email"])
    except Refusal as refusal:
        if refusal.kind is FRESH_SIGN_IN_NEEDED:
            return await to_confirm(request, _PAGE)
        return await _listed(request, visitor, refused(refusal, typed, *typed))
    return done(_PAGE, "contact-named")


@form_of(_PAGE)
async def remove(request: Request, visitor: Visitor) -> Response:
    """`POST /members/recovery-contacts/remove`."""
    typed = await read_fields(request, "email")
    account = account_in_use(visitor).account.id
    await run_in_threadpool(deeds.remove_contact, context(request), visitor.actor, account, typed["email"])
    return done(_PAGE, "contact-removed")


async def _listed(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, standing = context(request), account_in_use(visitor)
    found = await run_in_threadpool(deeds.list_contacts, ctx, visitor.actor, standing.account.id)
    values = {
        "account": standing.account.name,
        "contacts": [
            {"email": each.email, "by": each.named_by, "at": each.named_at, "state": state_of(each, ctx.now)}
            for each in found
        ],
        "may_change": standing.is_admin,
        "most": ctx.policy.recovery_contacts_per_account,
        "values": slip.values,
        "errors": slip.errors,
    }
    return show(request, "recovery_contacts.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


# ── for whoever reads the mail ──────────────────────────────────────────────────────────────────────────────────────
async def confirm_form(request: Request) -> Response:
    """`GET /recovery-contacts/confirm`: the link of the mail. Looking at it uses nothing up."""
    return await _linked(request, "confirm")


async def confirm(request: Request) -> Response:
    """`POST /recovery-contacts/confirm`: agree."""
    link = (await read_form(request)).get("link", "")
    named = await run_in_threadpool(deeds.confirm, context(request), link)
    text = f"Should {named.account.name} lose its last admin, we write to {named.contact.email}."
    return _told(request, "You are a recovery contact", text)


async def ask_form(request: Request) -> Response:
    """`GET /recovery-contacts/ask`: likewise."""
    return await _linked(request, "ask")


async def ask(request: Request) -> Response:
    """`POST /recovery-contacts/ask`: have those written to who can help."""
    link = (await read_form(request)).get("link", "")
    asked = await run_in_threadpool(deeds.ask_for_help, context(request), link)
    who = "Those who can help were written to" if asked else "There is nobody here to write to"
    return _told(request, who, "They decide what is done; ask whoever runs this environment if nobody answers.")


async def _linked(request: Request, what: str) -> Response:
    ctx, link = context(request), request.query_params.get("link", "")
    found: Named = await run_in_threadpool(deeds.look_at, ctx, link)
    values = {
        "what": what,
        "link": link,
        "account": found.account.name,
        "email": found.contact.email,
        "by": found.contact.named_by,
        "has_admin": found.has_admin,
        "life": spoken(ctx.policy.recovery_link_life),
    }
    return show(request, "recovery_contact.html", values)


def _told(request: Request, title: str, text: str) -> Response:
    values = {"kind": "success", "title": title, "text": text, "sign_in_url": "/signin"}
    return show(request, "told.html", values)
