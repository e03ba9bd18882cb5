"""What is the console made of? Every token and every component in all its states, from the macros that the pages use.

No route leads here: only the twin has this door, at `/_dev/style`. It shows nothing of anybody and changes nothing, so
that a browser may open it without the token of the control.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp

from keysteward.web.pages.bar_chart import Counts, bar_chart
from keysteward.web.pages.lists import Column, Filter, Table, read
from keysteward.web.showing import STATIC, show

PATH = "/_dev/style"
_SHEET = f"{PATH}.css"
_TOKEN = re.compile(r"^ +--([\w-]+): (.+);$", re.MULTILINE)
_KINDS = (("text-", "size"), ("sans", "font"), ("mono", "font"), ("r-", "corner"), ("shadow-", "shadow"))
_SPACE = re.compile(r"s\d")
_MEASURES = frozenset({"page", "nav"})
_SHOWN = {
    "colour": "background: var(--{name});",
    "size": "font-size: var(--{name});",
    "font": "font-family: var(--{name});",
    "space": "width: var(--{name}); height: var(--{name});",
    "corner": "border-radius: var(--{name});",
    "shadow": "box-shadow: var(--{name});",
    "measure": "",
}
_LAYOUT = """
.style-tokens { display: grid; gap: var(--s2) var(--s4); }
.style-tokens { grid-template-columns: repeat(auto-fill, minmax(min(100%, 12rem), 1fr)); }
.style-tokens li { display: flex; align-items: center; gap: var(--s2); min-width: 0; overflow-wrap: anywhere; }
.style-tokens code { flex: none; }
.style-swatch { flex: none; width: 2rem; height: 2rem; border: 1px solid var(--edge); border-radius: var(--r-sm); }
.style-space { flex: none; background: var(--accent); }
.style-corner, .style-shadow { flex: none; width: 3rem; height: 3rem; border: 1px solid var(--line); }
.style-corner, .style-shadow { background: var(--surface); }
.style-theme { padding: var(--s4); border: 1px solid var(--line); border-radius: var(--r-md); }
.style-theme { background: var(--canvas); color: var(--ink); }
.style-theme.is-light { color-scheme: light; }
.style-theme.is-dark { color-scheme: dark; }
.style-theme h3 { margin-bottom: var(--s3); }
.style-nav { max-width: 18rem; }
"""
_NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
_PEOPLE = Table(
    "people",
    (Column("Name", "name"), Column("Since", "since", "moment"), Column("State", "state", sorts=False)),
    ("name",),
    "Name",
    (Filter("state", "State", {"active": "Active", "closed": "Closed"}, "Any state"),),
    actions=True,
    size=2,
)


class Token(NamedTuple):
    """One value that everything else is made of; `kind` says how it is shown."""

    name: str
    kind: str
    value: str


def claims(path: str) -> bool:
    """Whether a path is the style page's."""
    return path in {PATH, _SHEET}


def build() -> ASGIApp:
    """The style page with its own sheet, which gives each token's swatch its token."""
    return Router([Route(PATH, _shown), Route(_SHEET, _sheet)])


@cache
def tokens() -> tuple[Token, ...]:
    """Every token, in the order of the stylesheet; one that both environments say differently stands once."""
    head, _, _ = (STATIC / "keysteward.css").read_text().partition("/* ground */")
    found = {name: Token(name, _kind(name), value) for name, value in _TOKEN.findall(head)}
    return tuple(found.values())


async def _shown(request: Request) -> Response:
    kinds = dict.fromkeys(token.kind for token in tokens())
    listing = read(request, _PEOPLE)
    people = [{"name": name, "since": _NOON, "state": "active"} for name in ("Ada", "Bo", "Cy")]
    part = listing.arranged(people)
    values = {
        "listing": listing.shown(part),
        "people": part.rows,
        "tokens": [(kind, [token for token in tokens() if token.kind == kind]) for kind in kinds],
        "sheet": _SHEET,
        "bars": bar_chart([Counts("Friday", 12, 0), Counts("Saturday", 8, 2)], ("Friday", "Saturday"), "No call"),
        "now": _NOON,
        "ago": [_NOON - timedelta(hours=hours) for hours in (1, 26, 50)],
    }
    return show(request, "style.html", values)


async def _sheet(request: Request) -> Response:
    """What the content security policy lets no element say of itself."""
    rules = (f".token-{token.name} {{ {_SHOWN[token.kind].format(name=token.name)} }}" for token in tokens())
    return Response("\n".join(rules) + _LAYOUT, media_type="text/css")


def _kind(name: str) -> str:
    if _SPACE.fullmatch(name):
        return "space"
    if name in _MEASURES:
        return "measure"
    return next((kind for beginning, kind in _KINDS if name.startswith(beginning)), "colour")
