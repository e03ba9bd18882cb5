"""Which accounts, admins and domains does an organization have, and how do its admins change that?"""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import account_links, domains, organizations
from keysteward.actions.organizations import View
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Domain
from keysteward.rules.domains import shown_name
from keysteward.rules.organizations import Side
from keysteward.rules.refusals import Refusal
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context, run_outside
from keysteward.web.showing import show

_PAGE = "/organizations/{organization}"
_FIELDS = ("account", "email", "host_name")
_OURS: Side = "organization"
_ACCOUNTS = Table(
    "accounts",
    (
        Column("Account", "name"),
        Column("Account ID", "id", sorts=False, is_shown=False),
        Column("State", "state", sorts=False, is_shown=False),
        Column("Since", "since", "moment"),
    ),
    ("name", "id"),
    "Name or account ID",
    (Filter("state", "State", {"open": "Open", "suspended": "Suspended", "closed": "Closed"}, "Every state"),),
    actions=True,
    prefix="accounts-",
)
_ADMINS = Table(
    "admins",
    (
        Column("Admin", "name"),
        Column("Email address", "email", is_shown=False),
        Column("Since", "since", "moment"),
        Column("Closed", "is_closed", sorts=False, is_shown=False),
    ),
    ("name", "email"),
    "Name or address",
    actions=True,
    prefix="admins-",
)
_DOMAINS = Table(
    "domains",
    (
        Column("Domain", "host_name", is_shown=False),
        Column("State", "state", sorts=False, is_shown=False),
        Column("DNS was asked", "checked_at", "moment", is_shown=False),
        Column("Asked again", "due_at", "moment", is_shown=False),
        Column("What it said", "said", sorts=False, is_shown=False),
    ),
    ("host_name", "shown"),
    "Name of a domain",
    (Filter("state", "State", {"pending": "Pending", "active": "Active", "lapsed": "Lapsed"}, "Every state"),),
    prefix="domains-",
)


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /organizations/{organization}`."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def ask_link(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/links`: ask an account to belong to it."""
    return await _typed(request, visitor, "account", account_links.ask_to_link, "link-asked")


@form_of(_PAGE)
async def ask_unlink(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/links/{account}/leave`: ask an account to leave it."""
    organization, account = _named(request, "account")
    await _do(request, account_links.ask_to_unlink, visitor, organization, account, _OURS)
    return _back(request, "unlink-asked")


@form_of(_PAGE)
async def agree(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/links/{account}/agree`: let an account go that asked for it."""
    asked = (*_named(request, "account"), (await read_fields(request, "wish"))["wish"])
    await _do(request, account_links.agree, visitor, asked, _OURS)
    return _back(request, "link-agreed")


@form_of(_PAGE)
async def end_request(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/links/{account}/end`: withdraw what was asked, or decline it."""
    organization, account = _named(request, "account")
    await _do(request, account_links.end_request, visitor, organization, account, _OURS)
    return _back(request, "link-ended")


@form_of(_PAGE)
async def name_admin(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/admins`."""
    return await _typed(request, visitor, "email", organizations.name_admin, "admin-named")


@form_of(_PAGE)
async def remove_admin(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/admins/{user}/remove`."""
    organization, user = _named(request, "user")
    await _do(request, organizations.remove_admin, visitor, organization, user)
    if user == visitor.user.id:
        return done("/", "admin-removed")
    return _back(request, "admin-removed")


@form_of(_PAGE)
async def claim_domain(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/domains`."""
    return await _typed(request, visitor, "host_name", domains.claim, "domain-claimed")


@form_of(_PAGE)
async def check_domain(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/domains/{id}/check`: ask DNS now."""
    organization, domain = _named(request, "id")
    found = await run_outside(domains.check, context(request), visitor.actor, organization, domain)
    return _back(request, f"domain-{found.state}")


@form_of(_PAGE)
async def give_up_domain(request: Request, visitor: Visitor) -> Response:
    """`POST /organizations/{organization}/domains/{id}/give-up`."""
    organization, domain = _named(request, "id")
    await _do(request, domains.give_up, visitor, organization, domain)
    return _back(request, "domain-given-up")


def _named(request: Request, thing: str) -> tuple[str, str]:
    return str(request.path_params["organization"]), str(request.path_params[thing]).lower()


def _back(request: Request, what: str) -> Response:
    return done(_PAGE.format(**request.path_params), what)


async def _do(request: Request, deed: Callable[..., object], visitor: Visitor, *about: object) -> None:
    await run_in_threadpool(deed, context(request), visitor.actor, *about)


async def _typed(request: Request, visitor: Visitor, field: str, deed: Callable[..., object], what: str) -> Response:
    """A form of one field; what is wrong with it stands there."""
    sent = await read_fields(request, field)
    try:
        await _do(request, deed, visitor, request.path_params["organization"], sent[field])
    except Refusal as refusal:
        if refusal.field != field:
            raise
        return await _shown(request, visitor, refused(refusal, sent, field))
    return _back(request, what)


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    organization = request.path_params["organization"]
    view = await run_in_threadpool(organizations.view, context(request), visitor.actor, organization)
    values = _values(view)
    for table, rows in ((_DOMAINS, _domain_rows(view)), (_ACCOUNTS, _account_rows(view)), (_ADMINS, values["admins"])):
        listing = read(request, table, _PAGE.format(organization=organization))
        part = listing.arranged(rows)
        if listing.is_download:
            return listing.download(part.rows)
        values |= {table.name: part.rows, f"{table.name}_listing": listing.shown(part)}
    values |= {"values": {name: slip.values.get(name, "") for name in _FIELDS}, "errors": slip.errors}
    return show(request, "organization.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(view: View) -> dict[str, Any]:
    active = [user.id for user, _ in view.admins if user.state == "active"]
    return {
        "organization": view.organization,
        "admins": [
            {"id": user.id, "name": user.name, "email": user.email, "since": since, "is_closed": user.state != "active",
             "is_last": active == [user.id]}
            for user, since in view.admins
        ],
        "asked": [
            {**each._asdict(), "is_ours": each.request.side == _OURS} for each in view.asked
        ],
    }  # fmt: skip


def _account_rows(view: View) -> list[dict[str, Any]]:
    return [
        each._asdict() | {"name": each.account.name, "id": each.account.id, "state": each.account.state}
        for each in view.accounts
    ]


def _domain_rows(view: View) -> list[dict[str, Any]]:
    return [
        {name: getattr(each, name) for name in ("host_name", "state", "checked_at", "due_at", "said")}
        | {"domain": each, "shown": _in_its_alphabet(each), "records": view.records[each.id]}
        for each in view.domains
    ]


def _in_its_alphabet(domain: Domain) -> str:
    shown = shown_name(domain.host_name)
    return shown if shown != domain.host_name else ""
