"""How does an app turn on, read and clear the request log of the user whom it acts for?

Source: Docusign, eSignature REST API, Diagnostics.
"""

import base64

from starlette.responses import Response

from keysteward.actions import request_logs
from keysteward.actions.request_logs import EntryRow, Logging
from keysteward.rules.accounts import Standing, User
from keysteward.rules.refusals import INVALID_PARAMETER, Refusal
from keysteward.rules.request_logs import as_text, phrase_of
from keysteward.web.log_files import MEDIA_TYPE, archive
from keysteward.web.reading import decode
from keysteward.web.restapi.calling import Ask, for_user
from keysteward.web.restapi.wording import stamp, switch

_NO_STORE = {"Cache-Control": "no-store"}


@for_user
def settings(ask: Ask, standings: list[Standing]) -> object:
    """`GET /restapi/{version}/diagnostics/settings`: whether requests are logged, and how many places are left."""
    return _shown(request_logs.show_logging(ask.ctx, _user(standings).id))


@for_user
def change_settings(ask: Ask, standings: list[Standing]) -> object:
    """`PUT /restapi/{version}/diagnostics/settings`: logging on or off; what else is sent is told, not chosen."""
    user, wanted = _user(standings), decode(ask.body, dict[str, object]).get("apiRequestLogging")
    if wanted is None:
        return _shown(request_logs.show_logging(ask.ctx, user.id))
    turn = {"true": request_logs.turn_on, "false": request_logs.turn_off}.get(str(wanted).strip().lower())
    if turn is None:
        raise Refusal(INVALID_PARAMETER, name="apiRequestLogging", reason="send true or false.")
    return _shown(turn(ask.ctx, user))


@for_user
def entries(ask: Ask, standings: list[Standing]) -> object:
    """`GET /restapi/{version}/diagnostics/request_logs`: the entries, or all of them as a ZIP of text files."""
    user = _user(standings).id
    if MEDIA_TYPE in ask.headers.get("accept", "").lower():
        return Response(archive(request_logs.open_files(ask.ctx, user)), headers=_NO_STORE, media_type=MEDIA_TYPE)
    return {"apiRequestLogs": [_entry(row) for row in request_logs.list_entries(ask.ctx, user)]}


@for_user
def entry(ask: Ask, standings: list[Standing]) -> object:
    """`GET /restapi/{version}/diagnostics/request_logs/{id}`: one entry as text, on request in base64."""
    text = as_text(request_logs.open_entry(ask.ctx, _user(standings).id, ask.path["id"].lower())).encode()
    if ask.headers.get("content-transfer-encoding", "").strip().lower() == "base64":
        headers = _NO_STORE | {"Content-Transfer-Encoding": "base64"}
        return Response(base64.b64encode(text), headers=headers, media_type="text/plain")
    return Response(text, headers=_NO_STORE, media_type="text/plain")


@for_user
def clear(ask: Ask, standings: list[Standing]) -> object:
    """`DELETE /restapi/{version}/diagnostics/request_logs`: forget every entry. The SDKs send a body, `{}`."""
    request_logs.clear(ask.ctx, _user(standings))
    return {}


def _user(standings: list[Standing]) -> User:
    return standings[0].user


def _shown(logging: Logging) -> dict[str, str]:
    return {
        "apiRequestLogging": switch(logging.is_on),
        "apiRequestLogMaxEntries": str(logging.most),
        "apiRequestLogRemainingEntries": str(logging.remaining),
    }


def _entry(row: EntryRow) -> dict[str, str]:
    return {
        "requestLogId": row.id,
        "createdDateTime": stamp(row.at),
        "status": phrase_of(row.status),
        "description": f"{row.operation} ({row.method} {row.path})",
    }
