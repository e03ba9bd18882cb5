"""Which keys of the account in use are at risk, who can manage them, and what if somebody leaves?"""

from collections.abc import Callable
from datetime import date
from itertools import groupby
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import custody, custody_maps, foresight, works
from keysteward.actions.custody import View
from keysteward.actions.signin import Visitor
from keysteward.rules.custody.findings import SEVERITIES
from keysteward.rules.custody.lives import Life
from keysteward.rules.custody.mending import Reader
from keysteward.rules.custody.ways import Outlook, Way
from keysteward.rules.custody.what_if import EFFECTS, EVENTS, Answer, Change
from keysteward.rules.refusals import INVALID_FIELD, MALFORMED, NO_SUCH_OBJECT, Refusal
from keysteward.rules.works import LONG_LIST
from keysteward.web.pages import findings
from keysteward.web.pages.custody_map import Paths, custody_map
from keysteward.web.pages.forms import Slip, arrived, done, read_fields, refused
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.pages.visits import account_in_use, for_visitors, form_of
from keysteward.web.pages.works import begun
from keysteward.web.reading import context
from keysteward.web.showing import show
from keysteward.web.uploads import read_upload

_PAGE = "/custody"
_MOST_DAYS = 5
_PATHS = Paths("/members", "/apps/{key}", "/members/{user}")
_FINDINGS = Table(
    "findings",
    (
        Column("Finding", "sentence", sorts=False),
        Column("Severity", "severity", "severity", is_shown=False),
        Column("Status", "status", sorts=False, is_shown=False),
        Column("Since", "found_at", "moment", is_shown=False),
        Column("Who sees to it", "owner", is_shown=False),
        Column("Who can mend it", "who", sorts=False, is_shown=False),
        Column("What to do", "step", sorts=False),
        Column("Source", "source", sorts=False, is_shown=False),
    ),
    ("sentence", "owner"),
    "Words or owner",
    (
        Filter("status", "Status", {"open": "Open", "accepted": "Accepted", "fixed": "Mended"}, "Every status"),
        Filter("severity", "Severity", {each: each.capitalize() for each in SEVERITIES}, "Every severity"),
    ),
    actions=True,
)
_KEYS = Table(
    "custody-keys",
    (
        Column("Key", "name"),
        Column("Integration key", "key", sorts=False, is_shown=False),
        Column("Score", "score", "number"),
        Column("Who can manage it", "says", sorts=False),
        Column("Ways back", "open", sorts=False),
    ),
    ("name", "key"),
    "Name or key",
    prefix="keys-",
)
_EFFECT_TONES = {"unmanageable": "danger", "no way back": "danger", "one admin left": "warning", "touched": "info"}


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /custody`."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def what_if(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/what-if`: what would become of the keys if these people left; a list may be uploaded."""
    ctx, account = context(request), account_in_use(visitor).account.id
    try:
        typed = await read_upload(request)
        changes = findings.changes(typed)
        if len(changes) > LONG_LIST:
            return begun(await run_in_threadpool(works.ask_what_if, ctx, visitor.actor, account, changes))
        answer = await run_in_threadpool(foresight.what_if, ctx, visitor.actor, account, changes)
    except Refusal as refusal:
        if refusal.kind not in {INVALID_FIELD, MALFORMED}:
            raise
        return await _shown(request, visitor, refused(refusal, {}, "leavers"))
    return await _shown(request, visitor, Slip({"leavers": typed.get("leavers", "")}), answer)


@form_of(_PAGE)
async def accept(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/findings/{id}/accept`."""
    typed = await read_fields(request, "until", "reason")

    def deed(account: str, finding: str) -> Life:
        until = findings.end_of_day(typed["until"])
        return custody.accept(context(request), visitor.actor, account, finding, until, typed["reason"])

    return await _do(request, visitor, deed, "finding-accepted")


@form_of(_PAGE)
async def reopen(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/findings/{id}/reopen`."""

    def deed(account: str, finding: str) -> Life:
        return custody.reopen(context(request), visitor.actor, account, finding)

    return await _do(request, visitor, deed, "finding-reopened")


@form_of(_PAGE)
async def assign(request: Request, visitor: Visitor) -> Response:
    """`POST /custody/findings/{id}/assign`."""
    typed = await read_fields(request, "owner")

    def deed(account: str, finding: str) -> Life:
        return custody.assign(context(request), visitor.actor, account, finding, typed["owner"])

    return await _do(request, visitor, deed, "finding-assigned")


async def _do(request: Request, visitor: Visitor, deed: Callable[[str, str], Life], what: str) -> Response:
    account, finding = account_in_use(visitor).account.id, request.path_params["id"].lower()
    try:
        await run_in_threadpool(deed, account, finding)
    except Refusal as refusal:
        if refusal.kind is NO_SUCH_OBJECT:
            return done(_PAGE, "changed-meanwhile")
        if refusal.kind is not INVALID_FIELD:
            raise
        return await _shown(request, visitor, refused(refusal, {}))
    return done(_PAGE, what)


# ── what is shown ───────────────────────────────────────────────────────────────────────────────────────────────────
async def _shown(request: Request, visitor: Visitor, slip: Slip, answer: Answer | None = None) -> Response:
    account, ctx = account_in_use(visitor).account, context(request)
    listing, keyring = read(request, _FINDINGS, _PAGE), read(request, _KEYS, _PAGE)
    found = await run_in_threadpool(custody.view, ctx, visitor.actor, account.id)
    on_map = await run_in_threadpool(custody_maps.of_account, ctx, visitor.actor, account.id)
    names = {each.user.id: each.user.name for each in found.admins}
    reader = Reader(ctx.environment, {each.key.key: each.key.name for each in found.outlooks})
    lives = [findings.shown(life, names, reader, ctx.now) for life in found.lives]
    part = listing.arranged(lives if listing.wanted.choice("status") else _unmended_first(lives))
    keys = keyring.arranged(_keys(found))
    for each, rows in ((listing, part.rows), (keyring, keys.rows)):
        if each.is_download:
            return each.download(rows)
    values = {
        "score": found.scores.accounts.get(account.id, 100),
        "chart": findings.chart(found.history, ctx.now),
        "open": sum(each["status"] == "open" for each in lives),
        "findings": part.rows,
        "listing": listing.shown(part),
        "map": custody_map(on_map, _PATHS) if on_map.places else None,
        "keys": keys.rows,
        "keys_managed": len(found.outlooks),
        "keyring": keyring.shown(keys),
        "admins": [{"id": each, "name": name} for each, name in names.items()],
        "latest": f"{ctx.now:%Y-%m-%d}",
        "answer": _answer(answer) if answer is not None else None,
        "typed": slip.values.get("leavers", ""),
        "errors": slip.errors,
    }
    return show(request, "custody.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _unmended_first(lives: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lives, key=lambda each: ("open", "accepted", "fixed").index(each["status"]))


def _keys(found: View) -> list[dict[str, Any]]:
    return [
        {
            "key": each.key.key,
            "name": each.key.name,
            "says": each.sentence,
            "open": [way.name for way in each.ways if way.is_open],
            "score": found.scores.keys[each.key.key],
            "history": [{"day": date.fromisoformat(day), "score": score} for day, score in _history(found, each)],
            "ways": [way_of(way) for way in each.ways],
        }
        for each in found.outlooks
    ]


def _history(found: View, outlook: Outlook) -> list[tuple[str, int]]:
    """The newest days on which the score of a key changed, the newest first."""
    return found.key_histories.get(outlook.key.key, [])[: -_MOST_DAYS - 1 : -1]


def way_of(way: Way) -> dict[str, Any]:
    """A way back as the templates take it."""
    said = {"name": way.name.capitalize(), "says": _sentence(way.says.partition(": ")[2])}
    return said | {"is_open": way.is_open, "why_not": way.why_not, "next_step": way.next_step, "page": way.page}


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "groups": [
            {
                "says": EFFECTS[effect],
                "tone": _EFFECT_TONES[effect],
                "keys": [
                    {"name": each.key.name, "key": each.key.key, "because": _because(each.because)} for each in same
                ],
            }
            for effect, same in groupby(answer.consequences, key=lambda each: each.effect)
        ],
        "unknown": [change.subject for change in answer.unknown],
    }


def _because(changes: tuple[Change, ...]) -> str:
    return ", ".join(f"{EVENTS[change.event]}: {change.subject}" for change in changes)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
