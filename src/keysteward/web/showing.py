"""How does a page become HTML?"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.kept_forms import KeptForm
from keysteward.rules.people import reads_keys
from keysteward.rules.versions import version_of
from keysteward.web.equivalents import calls_of
from keysteward.web.navigation import Group, navigation
from keysteward.web.refilling import PLACE, refilled
from keysteward.web.typed_by import signed

_PAGES = Path(__file__).parent / "pages"
STATIC = _PAGES / "static"
_THEME_COOKIE = "__Host-ks-theme"
_THEMES = ("light", "dark")
_THEME_SECONDS = 31_536_000
_CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence above a page's content. `kind` is info, success, warning or danger."""

    kind: str
    title: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What stands above a page whose form came back: with who did what meanwhile, a table, and where to go.

    `request.state.told` holds it, so that every page can show it; `kept` beside it a form to fill in again.
    """

    kind: str
    title: str
    text: str
    by: str = ""
    at: datetime | None = None
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def show(
    request: Request,
    template: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    visitor: Visitor | None = None,
    notice: Notice | None = None,
    form_targets: tuple[str, ...] = (),
) -> HTMLResponse:
    """A page of the console. `form_targets` are further origins that its forms may end up at (CSP form-action)."""
    ctx: Context = request.app.state.context
    page = _page(request, ctx, visitor, notice)
    is_well = visitor is not None and status < 400
    page["api_calls"] = calls_of(request, ctx.origin, {**values, "page": page}) if is_well else []
    page["history"] = getattr(request.state, "history", None) if is_well else None
    page["object_id"] = str(request.path_params.get("id") or request.path_params.get("organization") or "").lower()

    def render(told: Told | None) -> str:
        html = _templates().get_template(template).render(page=page | {"told": told}, **values)
        return signed(ctx, html, visitor.user.id) if visitor else html

    html = _came_back(request, render)
    policy = " ".join((_CSP, *form_targets))
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Frame-Options": "DENY"}
    return HTMLResponse(html, status, headers)


def _came_back(request: Request, render: Callable[[Told | None], str]) -> str:
    """The page with the form filled in that somebody had sent too late, or with their words above it."""
    kept: KeptForm | None = getattr(request.state, "kept", None)
    if kept is None:
        return render(getattr(request.state, "told", None))
    filled = refilled(render(_as_it_was(kept)), kept)
    return render(_beside_the_page(kept)) if filled is None else filled


def _as_it_was(kept: KeptForm) -> Told:
    left_out = " Type passwords and secrets anew: they were not kept." if kept.lacks_secrets else ""
    text = f"Nothing was sent yet. Look at what you had filled in, then press its button once more.{left_out}"
    return Told("info", "Your form is as you left it", text, links=(("Go to the form", f"#{PLACE}"),))


def _beside_the_page(kept: KeptForm) -> Told:
    text = "The page has no place for it any more, so here it is to copy. Nothing was sent."
    return Told("info", "What you had filled in", text, heads=("Field", "What you typed"), rows=kept.fields)


def keep_theme(answer: Response, theme: str) -> Response:
    """Let the browser keep its theme; any other word than a theme's name leaves it to the system again."""
    if theme in _THEMES:
        answer.set_cookie(_THEME_COOKIE, theme, _THEME_SECONDS, secure=True, httponly=True, samesite="lax")
    else:
        answer.delete_cookie(_THEME_COOKIE, secure=True, httponly=True, samesite="lax")
    return answer


def _page(request: Request, ctx: Context, visitor: Visitor | None, notice: Notice | None) -> dict[str, Any]:
    standing = visitor.standing if visitor else None
    moved = abs(ctx.now.timestamp() - ctx.machine_clock()) > 5
    chosen = request.cookies.get(_THEME_COOKIE, "")
    page = {
        "environment": ctx.environment,
        "path": request.url.path,
        "here": _here(request),
        "theme": chosen if chosen in _THEMES else "",
        "other_url": ctx.counterpart.origin,
        "asset_version": asset_version(),
        "trace_id": request.scope["keysteward.trace"],
        "clock": ctx.now if moved else None,
        "user": visitor.user if visitor else None,
        "account": standing.account if standing else None,
        "accounts": [each.account for each in visitor.standings] if visitor else [],
        "is_admin": standing is not None and standing.is_admin,
        "reads_keys": standing is not None and reads_keys(ctx.policy, standing),
        "administers": visitor.administers if visitor else (),
        "operates": visitor is not None and visitor.is_operator,
        "is_operator": visitor is not None and visitor.is_operator and ctx.environment == "demo",
        "unread": visitor.unread if visitor else 0,
        "notice": notice,
    }
    return page | {"navigation": navigation(page, request.query_params.get("organization", ""))}


def navigation_of(request: Request, visitor: Visitor) -> tuple[Group, ...]:
    """Where a visitor finds what, as every page of theirs shows it."""
    found: tuple[Group, ...] = _page(request, request.app.state.context, visitor, None)["navigation"]
    return found


def _here(request: Request) -> str:
    """The address to come back to; that of a form leads to its page."""
    is_asked = request.method == "GET" and request.url.query
    return request.url.path + (f"?{request.url.query}" if is_asked else "")


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_PAGES / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["version"] = lambda shown: version_of(*shown)
    return environment


@cache
def asset_version() -> str:
    """What changes with any of the static files, for the addresses that they are kept at."""
    content = b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))
    return hashlib.sha256(content).hexdigest()[:12]


def _moment(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S UTC")
