"""Which apps may act for whoever is signed in, and how is one disconnected?"""

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import consents
from keysteward.actions.consents import ConnectedApps
from keysteward.actions.signin import Visitor
from keysteward.rules.tokens import SENTENCES, sentence_of
from keysteward.web.pages.forms import arrived, done
from keysteward.web.pages.lists import Column, Table, read
from keysteward.web.pages.visits import for_visitors, form_of
from keysteward.web.reading import context
from keysteward.web.showing import show

_PAGE = "/connected-apps"
_APPS = Table(
    "connected-apps",
    (
        Column("App", "name"),
        Column("Publisher", "publisher"),
        Column("Integration key", "key", sorts=False),
        Column("Since", "since", "moment"),
        Column("Scopes", "scope_names", sorts=False),
    ),
    ("name", "publisher", "key", "scope_names"),
    "Name, publisher, key or scope",
)


@for_visitors
async def listed(request: Request, visitor: Visitor) -> Response:
    """`GET /connected-apps`."""
    listing = read(request, _APPS)
    connected = await run_in_threadpool(consents.list_connected, context(request), visitor.actor)
    values = _values(connected)
    part = listing.arranged(values["apps"])
    if listing.is_download:
        return listing.download(part.rows)
    said = values | {"apps": part.rows, "listing": listing.shown(part)}
    return show(request, "connected_apps.html", said, visitor=visitor, notice=arrived(request).notice)


@form_of(_PAGE)
async def disconnect(request: Request, visitor: Visitor) -> Response:
    """`POST /connected-apps/{key}/disconnect`."""
    key = request.path_params["key"].lower()
    await run_in_threadpool(consents.withdraw_consent, context(request), visitor.actor, key)
    return done(_PAGE, "disconnected")


def _values(connected: ConnectedApps) -> dict[str, Any]:
    return {
        "apps": [
            {
                "key": each.key,
                "name": each.app_name,
                "publisher": each.publisher,
                "since": each.given_at,
                "scopes": _shown(each.scopes),
                "scope_names": sorted(each.scopes),
            }
            for each in connected.own
        ],
        "by_organizations": [
            {
                "key": each.key,
                "name": each.app_name,
                "publisher": each.publisher,
                "organization": each.organization_name,
                "since": each.given_at,
                "scopes": _shown(each.scopes),
            }
            for each in connected.of_organizations
        ],
    }


def _shown(scopes: frozenset[str]) -> list[dict[str, str]]:
    """Each scope with its sentence, in the order of the list of all."""
    known = [scope for scope in SENTENCES if scope in scopes]
    return [{"name": scope, "sentence": sentence_of(scope)} for scope in (*known, *sorted(scopes - SENTENCES.keys()))]
