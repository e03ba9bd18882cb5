"""What needs you now, and how do things stand in the account in use?"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import accounts, after_go_live, approvals, first_call, first_run, golive, policy_changes
from keysteward.actions.after_go_live import AfterGoLive
from keysteward.actions.context import Context
from keysteward.actions.golive import Overview
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Standing
from keysteward.rules.approvals import due_reminder
from keysteward.rules.custody import Summary, summarize
from keysteward.rules.first_run import STEPS
from keysteward.rules.people import reads_keys
from keysteward.rules.words import listed, many
from keysteward.web.pages import awaited
from keysteward.web.pages.awaited import Need, need
from keysteward.web.pages.forms import arrived
from keysteward.web.pages.visits import account_in_use, for_visitors
from keysteward.web.pages.words import pill
from keysteward.web.reading import context
from keysteward.web.showing import show

_APPS_SHOWN = 5
_LINES_OF_KEYS = 8
_NEWS = timedelta(days=7)
_URGENCY = ("danger", "warning", "info", "success")
_MISSING = {
    "grants": "grants",
    "redirect_uris": "a redirect URI",
    "secrets": "a secret key",
    "keypairs": "an RSA keypair",
}


@for_visitors
async def home(request: Request, visitor: Visitor) -> Response:
    """`GET /`."""
    standing = account_in_use(visitor)
    developer = _for_developers if reads_keys(context(request).policy, standing) else _for_others
    gather = _for_admins if standing.is_admin else developer
    values = await run_in_threadpool(gather, context(request), visitor, standing)
    values["needs"] += await run_in_threadpool(awaited.for_visitor, context(request), visitor)
    values["needs"].sort(key=_urgency)
    if visitor.is_operator:
        values["needs"][:0] = await run_in_threadpool(_for_operators, context(request), visitor)
    return show(request, "home.html", values, visitor=visitor, notice=arrived(request).notice)


def _for_admins(ctx: Context, visitor: Visitor, standing: Standing) -> dict[str, Any]:
    seen = golive.overview(ctx, visitor.actor, standing.account.id)
    present = [each for each in seen if each.app.deleted_at is None]
    custody = summarize(accounts.list_members(ctx, standing.account.id))
    needs = _gravest([need for each in present for need in _needs_of(ctx, visitor, each)])
    needs.extend(_custody_needs(custody, standing))
    needs.extend(awaited.for_admins(ctx, visitor, standing.account))
    return {
        "needs": needs,
        "stats": _stats(ctx, present, custody),
        "apps": [_app(ctx, visitor, each) for each in present[:_APPS_SHOWN]],
        "may_create": ctx.environment == "demo" and standing.account.state == "open",
    }


def _urgency(each: Need) -> int:
    return _URGENCY.index(each["kind"])


def _gravest(of_keys: list[Need]) -> list[Need]:
    """The gravest first; where keys need very much, the last line leads to all of them."""
    ordered = sorted(of_keys, key=_urgency)
    if len(ordered) <= _LINES_OF_KEYS:
        return ordered
    shown, rest = ordered[: _LINES_OF_KEYS - 1], ordered[_LINES_OF_KEYS - 1 :]
    title = f"{len(rest)} more things about keys wait"
    return [*shown, need(rest[0]["kind"], title, "Apps and Keys says of each how it stands.", "Apps and Keys", "/apps")]


def _for_developers(ctx: Context, visitor: Visitor, standing: Standing) -> dict[str, Any]:
    """What somebody sees who changes nothing: the apps, and who manages them."""
    seen = golive.overview(ctx, visitor.actor, standing.account.id)
    present = [each for each in seen if each.app.deleted_at is None]
    text = f"You see the keys of {standing.account.name} with their calls and reviews. {_admins(ctx, standing)}"
    return {
        "needs": [need("info", "You are a developer here", text)],
        "stats": [],
        "apps": [_app(ctx, visitor, each) for each in present[:_APPS_SHOWN]],
        "may_create": False,
    }


def _admins(ctx: Context, standing: Standing) -> str:
    members = accounts.list_members(ctx, standing.account.id)
    who = ", ".join(f"{each.user.name} ({each.user.email})" for each in members if each.is_admin)
    return f"Integration keys are managed by admins. Here that is: {who or 'nobody at the moment'}."


def _for_others(ctx: Context, visitor: Visitor, standing: Standing) -> dict[str, Any]:
    del visitor
    said = need("info", f"You are not an admin of {standing.account.name}", _admins(ctx, standing))
    return {"needs": [said], "stats": [], "apps": [], "may_create": False}


def _for_operators(ctx: Context, visitor: Visitor) -> list[Need]:
    found: list[Need] = []
    progress = first_run.progress(ctx, visitor.actor)
    if progress.has_begun and not progress.is_over:
        text = f"{len(progress.done)} of {len(STEPS)} steps are done. You can stop at any of them and come back."
        found.append(need("info", "Set up this environment", text, "Go on", "/setup"))
    if count := policy_changes.count_waiting(ctx, visitor.actor):
        title = f"{many(count, 'change of the policy waits', 'changes of the policy wait')} for a second operator"
        text = "It loosens what guards keys. Look at it, then approve or decline."
        found.append(need("warning", title, text, "Policy", "/policy#waiting"))
    if count := approvals.count_waiting(ctx):
        title = f"{many(count, 'review waits', 'reviews wait')} for an operator"
        text = "You are an operator of this environment: ask, approve or decline."
        found.append(need("info", title, text, "Reviews", "/reviews"))
    return found


def _needs_of(ctx: Context, visitor: Visitor, seen: Overview) -> Iterator[Need]:
    at, name = f"/apps/{seen.app.key}", seen.app.name
    if seen.app.stopped_at is not None:
        yield need("warning", f"{name} is stopped", "Every request with its key is refused.", "Open", at)
    if ctx.environment == "demo":
        yield from _review_needs(ctx, seen)
    else:
        yield from _production_needs(after_go_live.show(ctx, visitor.actor, seen.app.key))


def _production_needs(after: AfterGoLive) -> Iterator[Need]:
    app, told = after.view.app, after.told
    at = f"/apps/{app.key}/after-go-live"
    if after.missing:
        text = f"It is live, and still lacks {listed([_MISSING[each] for each in after.missing])}."
        yield need("warning", f"{app.name} is not set up yet", text, "After Go-Live", at)
    if told and told.refused_at:
        text = "The key works here, and demo still shows it as passed. See what demo said, and tell it again."
        yield need("warning", f"Demo refused to hear that {app.name} is live", text, "After Go-Live", at)


def _review_needs(ctx: Context, seen: Overview) -> Iterator[Need]:
    at, name, review = f"/apps/{seen.app.key}", seen.app.name, seen.review
    results = f"{at}/reviews/{review.id}" if review else at
    if seen.status == "Review Passed" and review:
        expires = review.expires_at(ctx.policy)
        text = f"Go live by {expires:%-d %B %Y}; after that a new review is needed." if expires else ""
        kind = "success" if due_reminder(review, ctx.now, ctx.policy) is None else "warning"
        yield need(kind, f"{name} passed its review", text, "Go Live", f"{results}#go-live")
    elif seen.status == "Review Failed" and review:
        text = "Every finding says what to do. Then start again, as often as you like."
        yield need("danger", f"{name} did not pass its review", text, "Review Results", results)
    elif seen.status == "Declined":
        text = "The reason stands with the review. Mend what it says, then start again."
        yield need("danger", f"{name} was declined", text, "Review Results", results)
    elif seen.status == "Pending approval" and seen.is_asked:
        text = "Nothing goes on until an admin of the account answers."
        yield need("warning", f"An operator asks about {name}", text, "Answer", f"{results}#thread")
    elif seen.status == "Pending approval":
        text = "The automated checks passed. An operator looks at it before it may go live."
        yield need("info", f"{name} waits for approval", text, "Look", results)
    elif seen.status == "Review Expired":
        text = "The key did not go live in time. It needs a new review."
        yield need("warning", f"The review of {name} has expired", text, "Go-Live", f"{at}/go-live")
    elif seen.status == "Under Review":
        yield need("info", f"{name} is under review", "The result comes in a moment.", "Look", results)
    elif seen.status == "ready":
        text = f"{ctx.policy.calls_needed} calls in a row succeeded within the rules."
        yield need("success", f"{name} is ready for its review", text, "Go-Live", f"{at}/go-live")
    elif seen.app.live_at and ctx.now - seen.app.live_at < _NEWS:
        text = "Production has the key. Its settings there are its own: After Go-Live says what is missing."
        yield need("success", f"{name} is live", text, "Go-Live", f"{at}/go-live")


def _custody_needs(custody: Summary, standing: Standing) -> Iterator[Need]:
    if custody.admins == 1:
        text = "If you leave, nobody can manage its keys. Make a second person an admin."
        yield need(
            "warning", f"You are the only admin of {standing.account.name}", text, "Accounts and users", "/members"
        )


def _stats(ctx: Context, present: list[Overview], custody: Summary) -> list[dict[str, object]]:
    stopped = sum(each.app.stopped_at is not None for each in present)
    keys = {"label": "Integration keys", "value": len(present), "hint": f"of {ctx.policy.keys_per_account}"}
    admins = {
        "label": "Admins",
        "value": custody.admins,
        "hint": "one is a service admin" if custody.service_admin else "",
    }
    if ctx.environment == "production":
        return [keys | {"label": "Live keys", "hint": ""}, _stat("Stopped", stopped), admins]
    passed = sum(each.status == "Review Passed" for each in present)
    live = sum(each.status == "Live" for each in present)
    return [keys, _stat("Ready to go live", passed), _stat("Live in production", live), admins]


def _stat(label: str, value: int) -> dict[str, object]:
    return {"label": label, "value": value, "hint": ""}


def _app(ctx: Context, visitor: Visitor, seen: Overview) -> dict[str, object]:
    """An app in the list; one in demo that never called leads to its first call."""
    app = seen.app
    is_new = ctx.environment == "demo" and first_call.is_awaited(ctx, visitor.actor, app.key)
    status = pill(ctx, app, seen.status, seen.run)
    return {"name": app.name, "key": app.key, "status": status, "is_new": is_new}
