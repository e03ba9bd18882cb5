"""What does a promoted key still need in production, what does it take over from demo, and does it work?"""

from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import after_go_live as deeds
from keysteward.actions import receipts, smoke
from keysteward.actions.after_go_live import AfterGoLive, Chosen, Taken
from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.actions.smoke import Smoke
from keysteward.rules.keys import GRANT_NAMES, Grant
from keysteward.rules.promotion import needed_in_production
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.sheet import LINE_KINDS, Line, LineKind
from keysteward.rules.smoke import Step, passes
from keysteward.web.pages import code_changes
from keysteward.web.pages.forms import Slip, arrived, at_field, done, refused
from keysteward.web.pages.visits import for_visitors, form_of, looking_at, standing_in
from keysteward.web.pages.words import pill
from keysteward.web.reading import context, read_pairs
from keysteward.web.showing import Notice, show

_LABELS: dict[LineKind, str] = {
    "grant": "Grant",
    "redirect_uri": "Redirect URI",
    "privacy_url": "Privacy policy",
    "terms_url": "Terms of use",
    "origin": "CORS origin",
}
_NEEDS = {
    "grants": ("Grants", "How the app gets tokens in production.", "Choose grants", "authentication#grants"),
    "redirect_uris": (
        "Redirect URI", "Where people come back to after they signed in.", "Add a redirect URI", "redirect-uris",
    ),
    "secrets": (
        "Secret key", "A new one: the secret keys of demo are unknown here.", "Add a secret key",
        "authentication#secrets",
    ),
    "keypairs": (
        "RSA keypair", "A new one, with which the JWT Grant signs.", "Add a keypair", "authentication#keypairs",
    ),
}  # fmt: skip
_STEPS = {"token": "Token", "userinfo": "Userinfo", "call": "One call"}
_SIGN_IN = "Sign in through the app once: it exchanges the code for a token."
_PAGE = "/apps/{key}/after-go-live"


@for_visitors
async def shown(request: Request, visitor: Visitor) -> Response:
    """`GET /apps/{key}/after-go-live`, with `?language=` for the three changes in the code."""
    return await _shown(request, visitor, arrived(request))


@form_of(_PAGE)
async def take_over(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/settings-sheet`: take the confirmed lines over from demo."""
    ctx, key = context(request), request.path_params["key"]
    try:
        chosen = [_chosen(value) for name, value in await read_pairs(request) if name == "line"]
        taken = await run_in_threadpool(deeds.take_over, ctx, visitor.actor, key, chosen)
    except Refusal as refusal:
        return await _shown(request, visitor, refused(refusal, {}))
    if wrong := [each for each in taken if each.refusal]:
        return await _shown(request, visitor, Slip(notice=_left(wrong, len(taken)), status=INVALID_FIELD.status))
    return done(f"/apps/{key.lower()}/after-go-live", "taken-over" if taken else "nothing-chosen")


@form_of(_PAGE)
async def tell_again(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/receipt`: let demo be told once more that the key is live."""
    key = request.path_params["key"]
    await run_in_threadpool(receipts.send_again, context(request), visitor.actor, key)
    return done(f"/apps/{key.lower()}/after-go-live", "told-again")


@form_of(_PAGE)
async def keep_smoke_test(request: Request, visitor: Visitor) -> Response:
    """`POST /apps/{key}/smoke-tests`: keep what is seen of the key now."""
    key = request.path_params["key"]
    await run_in_threadpool(smoke.keep, context(request), visitor.actor, key)
    return done(f"/apps/{key.lower()}/after-go-live", "smoke-kept")


def _chosen(value: str) -> Chosen:
    kind, _, setting = value.partition(" ")
    if kind not in LINE_KINDS:
        raise Refusal(INVALID_FIELD, field="line", reason=f"choose among {', '.join(LINE_KINDS)}.")
    return Chosen(kind, setting)


def _left(wrong: list[Taken], all_of_them: int) -> Notice:
    said = " ".join(f"{each.line.value}: {at_field(each.refusal)}" for each in wrong if each.refusal)
    kept = all_of_them - len(wrong)
    return Notice("danger", f"{kept} of {all_of_them} settings were taken over", said)


async def _shown(request: Request, visitor: Visitor, slip: Slip) -> Response:
    ctx, key = context(request), request.path_params["key"]
    after = await run_in_threadpool(deeds.show, ctx, visitor.actor, key)
    seen = await run_in_threadpool(smoke.look, ctx, visitor.actor, key)
    visitor = await looking_at(request, visitor, after.view.app.account)
    values = _values(ctx, visitor, after, is_new=request.query_params.get("done") == "promoted")
    values |= _smoke(ctx, visitor, seen)
    values |= code_changes.values(ctx, visitor, after, request.query_params.get("language", ""))
    return show(request, "after_go_live.html", values, status=slip.status, visitor=visitor, notice=slip.notice)


def _values(ctx: Context, visitor: Visitor, after: AfterGoLive, *, is_new: bool) -> dict[str, Any]:
    app = after.view.app
    account = standing_in(visitor, app.account).account
    receipt = {"account_name": account.name, "plan": account.plan, "at": app.promoted_at} if is_new else None
    return {
        "app": {"name": app.name, "key": app.key, "account_name": account.name, "status": pill(ctx, app, "Live", 0)},
        "receipt": receipt,
        "checklist": [_check(after, name) for name in needed_in_production(app, after.sheet)],
        "sheet": [_line(number, line) for number, line in enumerate(after.lines)],
        "open": sum(line.is_open for line in after.lines),
        "thumbprints": after.sheet.thumbprints,
        "told": after.told,
        "may_edit": app.deleted_at is None,
    }


def _check(after: AfterGoLive, name: str) -> dict[str, Any]:
    title, text, label, place = _NEEDS[name]
    action = {"label": label, "href": f"/apps/{after.view.app.key}/{place}"}
    return {"title": title, "text": text, "is_done": name not in after.missing, "action": action}


def _line(number: int, line: Line) -> dict[str, Any]:
    return {
        "id": f"line-{number}",
        "label": _LABELS[line.kind],
        "value": f"{line.kind} {line.demo}",
        "demo": _text(line.kind, line.demo),
        "production": _text(line.kind, line.production),
        "is_code": line.kind != "grant",
        "is_taken": line.is_taken,
        "is_open": line.is_open,
        "is_advised": line.is_advised,
        "why": line.danger if line.is_open else _whole(line.impossible),
    }


def _text(kind: LineKind, value: str) -> str:
    return GRANT_NAMES[cast(Grant, value)] if kind == "grant" and value else value


def _whole(reason: str) -> str:
    return f"Production does not take it: {reason.rstrip('.')}." if reason else ""


def _smoke(ctx: Context, visitor: Visitor, seen: Smoke) -> dict[str, Any]:
    kept = [
        {"at": test.at, "by": test.kept_by, "passed": passes(test.steps), "met": sum(s.is_met for s in test.steps)}
        for test in seen.kept
    ]
    return {
        "smoke": [_step(ctx, visitor, seen, step) for step in seen.steps],
        "smoke_passed": passes(seen.steps),
        "kept": kept,
    }


def _step(ctx: Context, visitor: Visitor, seen: Smoke, step: Step) -> dict[str, Any]:
    command = "" if step.is_met else _command(ctx, visitor, seen, step)
    hint = _SIGN_IN if step.code == "token" and not step.is_met and not command else ""
    said = {"title": _STEPS[step.code], "said": step.said, "seen_at": step.seen_at}
    return said | {"hint": hint, "command": command}


def _command(ctx: Context, visitor: Visitor, seen: Smoke, step: Step) -> str:
    """What makes a step happen, where a line can say it."""
    bearer = '--header "Authorization: Bearer $ACCESS_TOKEN"'
    if step.code == "userinfo":
        return f"curl {ctx.origin}/oauth/userinfo {bearer}"
    if step.code == "call":
        return f"curl {ctx.origin}/restapi/v2.1/accounts/{seen.app.account} {bearer}"
    if "jwt" not in seen.app.grants:
        return ""
    user = visitor.user.id
    return f"keysteward smoke-test {seen.app.key} --to {ctx.origin} --user {user} --private-key-file private.pem"
