"""How does a page become HTML?"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse

from keysteward.actions.context import Context
from keysteward.actions.signin import Visitor
from keysteward.rules.people import reads_keys

_PAGES = Path(__file__).parent / "pages"
STATIC = _PAGES / "static"
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
    html = _templates().get_template(template).render(page=page, **values)
    policy = " ".join((_CSP, *form_targets))
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Frame-Options": "DENY"}
    return HTMLResponse(html, status, headers)


def _page(request: Request, ctx: Context, visitor: Visitor | None, notice: Notice | None) -> dict[str, Any]:
    standing = visitor.standing if visitor else None
    moved = abs(ctx.now.timestamp() - ctx.machine_clock()) > 5
    return {
        "environment": ctx.environment,
        "path": request.url.path,
        "other_url": ctx.counterpart.origin,
        "asset_version": _asset_version(),
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
    return environment


@cache
def _asset_version() -> str:
    content = b"".join(file.read_bytes() for file in sorted(STATIC.iterdir()))
    return hashlib.sha256(content).hexdigest()[:12]


def _moment(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%d %H:%M:%S UTC")
