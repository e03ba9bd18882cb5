"""Where does an app stand: what is set, what is missing, what comes next, and what happened of late?"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from keysteward.actions import call_usage, life_lines, usage
from keysteward.actions.context import Context
from keysteward.actions.keys import AppView
from keysteward.actions.signin import Visitor
from keysteward.rules.accounts import Account
from keysteward.rules.advice import TYPE_ADVICE
from keysteward.rules.call_usage import Asked, Scope, window_of
from keysteward.rules.keys import GRANT_NAMES, GRANTS
from keysteward.rules.promotion import Sheet, still_missing
from keysteward.rules.words import many, spoken
from keysteward.web.pages import counted_calls
from keysteward.web.pages.apps import manages
from keysteward.web.pages.life_line import life_line
from keysteward.web.pages.proofs import proofs
from keysteward.web.pages.words import history

_CALLS, _CHANGES, _LOOKED_BACK = 5, 5, "90d"
_STEPS: dict[str, tuple[str, str, str]] = {
    "ready": ("success", "It is ready for its review", "Start the Go-Live review whenever you like."),
    "under_review": ("info", "It is under review", "The result comes in a moment."),
    "pending_approval": ("info", "It waits for approval", "An operator looks at it before it may go live."),
    "review_passed": ("success", "Its review passed", "Press Go Live before the pass expires."),
    "review_failed": ("danger", "It did not pass its review", "Every finding says what to do. Then start again."),
    "declined": ("danger", "An operator declined it", "The reason stands with the review. Mend it, then start again."),
    "review_expired": ("warning", "Its review has expired", "It did not go live in time, and needs a new review."),
}
_MISSING: dict[str, tuple[str, str, str]] = {
    "grants": ("Choose how it gets tokens", "It registers no grant yet.", "authentication"),
    "redirect_uris": ("Add a redirect URI", "People have nowhere to come back to yet.", "redirect-uris"),
    "secrets": ("Add a secret key", "The Authorization Code Grant needs one.", "authentication#secrets"),
    "keypairs": ("Add an RSA keypair", "The JWT Grant signs with it.", "authentication#keypairs"),
}


def app(view: AppView, account: Account) -> dict[str, Any]:
    """What the overview tells of the app itself."""
    app = view.app
    return {
        "account": {"id": account.id, "name": account.name},
        "contact": app.contact,
        "integration_type": app.integration_type,
        "is_type_fixed": view.is_type_fixed,
        "created_at": app.created_at,
        "created_by": app.created_by,
    }


def values(ctx: Context, visitor: Visitor, view: AppView, status: str) -> dict[str, Any]:
    """What stands beside it; `status` is the code of its Go-Live status."""
    key, used = view.app.key, usage.view(ctx, visitor.actor, view.app.key)
    proved = proofs(view.settings, used, ctx.now)
    asked = Asked(Scope(key=key), window_of(_LOOKED_BACK, ctx.now))
    calls = call_usage.list_calls(ctx, visitor.actor, asked, None, _CALLS).calls
    events = view.events[:_CHANGES] if manages(visitor, view.app) else view.events
    return {
        "step": _step(ctx, view, status, has_called=bool(calls)),
        "parts": list(_parts(view, proved)),
        "alerts": proved["alerts"],
        "ages": _ages(proved, f"/apps/{key}/authentication", ctx.now),
        "life": life_line(life_lines.life_line(ctx, visitor.actor, key)),
        "calls": [counted_calls.call(each) | {"href": f"/apps/{key}/usage/calls/{each.sequence}"} for each in calls],
        "are_kept": ctx.environment == "demo",
        "changes": [history(event) for event in events],
        "type_choices": [{"label": label, "advice": advice} for label, advice in TYPE_ADVICE.items()],
        "types_for_a_person": ctx.policy.types_for_a_person,
    }


def _step(ctx: Context, view: AppView, status: str, *, has_called: bool) -> dict[str, str] | None:
    """What comes next; nothing for a key that is deleted or stopped, of which the frame says what to do."""
    if view.app.deleted_at is not None or view.app.stopped_at is not None:
        return None
    missing = _missing(view)
    if ctx.environment == "demo":
        return _step_in_demo(ctx, f"/apps/{view.app.key}", status, missing, has_called=has_called)
    if not missing:
        return None
    title, text, _ = _MISSING[missing[0]]
    return _said("warning", title, text, "After Go-Live", f"/apps/{view.app.key}/after-go-live")


def _step_in_demo(
    ctx: Context, at: str, status: str, missing: tuple[str, ...], *, has_called: bool
) -> dict[str, str] | None:
    if status in _STEPS:
        return _said(*_STEPS[status], "Go-Live", f"{at}/go-live")
    if status != "not_ready":
        return None
    if not has_called:
        text = "Step by step, with a program in Python, Node.js or curl that has your values."
        return _said("info", "Make its first call", text, "First call", f"{at}/first-call")
    if missing:
        title, text, place = _MISSING[missing[0]]
        return _said("info", title, text, title, f"{at}/{place}")
    text = f"{many(ctx.policy.calls_needed, 'call', 'calls')} in a row within the rules, and a review can pass."
    return _said("info", "Make its calls", text, "See how far it is", f"{at}/go-live")


def _said(kind: str, title: str, text: str, label: str, href: str) -> dict[str, str]:
    return {"kind": kind, "title": title, "text": text, "label": label, "href": href}


def _missing(view: AppView) -> tuple[str, ...]:
    return still_missing(view.app, view.settings, Sheet())


def _parts(view: AppView, proved: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Every part of the settings; the ids are those under which old addresses name the sections."""
    app, settings, at, missing = view.app, view.settings, f"/apps/{view.app.key}", set(_missing(view))
    grants = ", ".join(GRANT_NAMES[each] for each in GRANTS if each in app.grants)
    tokens, addresses = f"{at}/authentication", f"{at}/redirect-uris"
    links = sum(bool(each) for each in (app.privacy_url, app.terms_url))
    pkce = ". Codes need PKCE" if app.pkce_required else ""
    found = (
        ("grants", "authentication", "Grants", f"{grants}{pkce}." if grants else "", f"{tokens}#grants"),
        ("secrets", "secrets", "Secret keys", _live(proved["live_secrets"]), f"{tokens}#secrets"),
        ("keypairs", "keypairs", "RSA keypairs", _live(proved["live_keypairs"]), f"{tokens}#keypairs"),
        ("redirect_uris", "additional", "Redirect URIs", _count(len(settings.redirect_uris)), addresses),
        ("origins", "cors", "CORS origins", _count(len(settings.origins)), f"{addresses}#cors"),
        ("links", "links", "Links", f"{links} of 2." if links else "", f"{addresses}#links"),
    )
    for name, place, title, text, href in found:
        state = "missing" if name in missing else "set" if text else "free"
        said = text or ("Its grants need this." if state == "missing" else "None.")
        yield {"id": place, "title": title, "text": said, "state": state, "href": href}


def _live(count: int) -> str:
    return f"{count} in use." if count else ""


def _count(count: int) -> str:
    return f"{count} registered." if count else ""


def _age(span: timedelta) -> str:
    """How old, in whole days from the first on."""
    return many(span.days, "day", "days") if span.days else spoken(span)


def _ages(proved: dict[str, Any], home: str, now: datetime) -> list[dict[str, Any]]:
    """The credentials, the oldest first."""
    kinds = (("secrets", "Secret key"), ("keypairs", "Keypair"))
    found = [
        each | {"kind": kind, "age": _age(now - each["created_at"]), "href": f"{home}#{name}"}
        for name, kind in kinds
        for each in proved[name]
    ]
    return sorted(found, key=lambda each: each["created_at"])
