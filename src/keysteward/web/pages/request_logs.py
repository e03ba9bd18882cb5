"""How does somebody turn their request logging on, and read what happened?"""

from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import profiles, request_logs
from keysteward.actions.context import Context
from keysteward.actions.request_logs import EntryRow
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import User
from keysteward.rules.curl import BODY, VALUE, curl_of
from keysteward.rules.log_bodies import is_summed_up
from keysteward.rules.redaction import OMITTED
from keysteward.rules.refusals import Refusal
from keysteward.rules.request_logs import Entry, Side, phrase_of
from keysteward.web.log_files import MEDIA_TYPE, archive
from keysteward.web.pages.forms import Slip, arrived, done, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/request-logs"
_ENTRIES = Table(
    "request-logs",
    (
        Column("Request", "operation"),
        Column("Method", "method", sorts=False, is_shown=False),
        Column("Path", "path", sorts=False, is_shown=False),
        Column("Answer", "status", "number"),
        Column("When", "at", "moment"),
        Column("Number", "number", "number", sorts=False, is_shown=False),
    ),
    ("operation", "method", "path", "status"),
    "Operation, path or status",
    (Filter("outcome", "Answer", {"good": "Succeeded", "bad": "Failed"}, "Every answer"),),
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /request-logs`."""
    return await _shown(request, visitor, arrived(request))


@for_visitors
async def opened(request: Request, visitor: Visitor) -> Response:
    """`GET /request-logs/{id}`: one request beside its answer."""
    id_ = request.path_params["id"].lower()
    entry = await run_in_threadpool(request_logs.open_entry, context(request), visitor.user.id, id_)
    return show(request, "request_log.html", _opened(entry), visitor=visitor)


@for_visitors
async def download(request: Request, visitor: Visitor) -> Response:
    """`GET /request-logs/download`: all of them as text files in a ZIP."""
    ctx = context(request)
    content = await run_in_threadpool(lambda: archive(request_logs.open_files(ctx, visitor.user.id)))
    name = f"request-logs-{ctx.environment}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, headers=headers, media_type=MEDIA_TYPE)


@form_of(_PAGE)
async def turn_on(request: Request, visitor: Visitor) -> Response:
    """`POST /request-logs/on`."""
    return await _do(request, visitor, request_logs.turn_on, "logging-on")


@form_of(_PAGE)
async def turn_off(request: Request, visitor: Visitor) -> Response:
    """`POST /request-logs/off`."""
    return await _do(request, visitor, request_logs.turn_off, "logging-off")


@form_of(_PAGE)
async def clear(request: Request, visitor: Visitor) -> Response:
    """`POST /request-logs/clear`."""
    return await _do(request, visitor, request_logs.clear, "log-cleared")


@form_of(_PAGE)
async def forbid(request: Request, visitor: Visitor) -> Response:
    """`POST /account/request-logging/{profile}/forbid`."""
    return await _decide(request, visitor, request_logs.forbid, "logging-forbidden")


@form_of(_PAGE)
async def allow(request: Request, visitor: Visitor) -> Response:
    """`POST /account/request-logging/{profile}/allow`."""
    return await _decide(request, visitor, request_logs.allow, "logging-allowed")


async def _do(request: Request, visitor: Visitor, deed: Callable[[Context, User], object], what: str) -> Response:
    try:
        await run_in_threadpool(deed, context(request), visitor.user)
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, {}))
    return done(_PAGE, what)


async def _decide(
    request: Request, visitor: Visitor, deed: Callable[[Context, User, str, int], None], what: str
) -> Response:
    account, profile = account_in_use(visitor).account.id, request.path_params["profile"]
    await run_in_threadpool(deed, context(request), visitor.user, account, profile)
    return done(_PAGE, what)


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    listing, values = read(request, _ENTRIES, _PAGE), await run_in_threadpool(_values, context(request), visitor)
    part = listing.arranged(values["entries"])
    if listing.is_download:
        return listing.download(part.rows)
    values |= {"entries": part.rows, "listing": listing.shown(part)}
    return show(request, "request_logs.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


# ── what the pages say ──────────────────────────────────────────────────────────────────────────────────────────────
def _values(ctx: Context, visitor: Visitor) -> dict[str, Any]:
    entries = request_logs.list_entries(ctx, visitor.user.id)
    standing = visitor.standing
    forbidden = request_logs.list_forbidden(ctx, standing.account.id) if standing else frozenset()
    named = profiles.list_of_account(ctx, standing.account.id) if standing and standing.is_admin else []
    return {
        "logging": request_logs.show_logging(ctx, visitor.user.id),
        "entries": [_row(entry) for entry in reversed(entries)],
        "kept_days": ctx.policy.request_log_life.days,
        "profiles": [{"id": each.id, "name": each.name, "is_allowed": each.id not in forbidden} for each in named],
    }


def _row(entry: EntryRow) -> dict[str, Any]:
    ok = 0 < entry.status < 400
    said = {"phrase": phrase_of(entry.status), "ok": ok, "outcome": "good" if ok else "bad"}
    return entry._asdict() | said


def _opened(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry,
        "phrase": phrase_of(entry.status),
        "ok": 0 < entry.status < 400,
        "sides": [_side("Request", entry.request), _side("Answer", entry.answer)],
        "curl": _curl(entry),
    }


def _side(name: str, side: Side) -> dict[str, str]:
    headers = "\n".join(f"{header}: {value}" for header, value in side.headers)
    return {"name": name, "first_line": side.first_line, "headers": headers, "body": side.body}


def _curl(entry: Entry) -> str:
    """The request for a shell, with a placeholder wherever the log leaves something out."""
    asked = entry.request
    method, _, rest = asked.first_line.partition(" ")
    body = BODY if is_summed_up(asked.body) else asked.body or None
    return curl_of(method, rest.rpartition(" ")[0], asked.headers, body).replace(OMITTED, VALUE)
