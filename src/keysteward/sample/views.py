"""Where does a recipient go to see an envelope, and a sender to prepare it?

Nobody signs in the sample: both pages are over before they begin and lead straight back to the client's own page.
"""

from urllib.parse import urlencode, urlsplit, urlunsplit

import msgspec
from starlette.responses import Response

from keysteward.sample.answers import json_answer
from keysteward.sample.call import Call
from keysteward.sample.people import Person, whose_turn
from keysteward.sample.reading import read_json
from keysteward.sample.refusals import BAD_PARAMETER, NOT_THEIR_TURN, UNKNOWN_RECIPIENT, WRONG_STATUS, Refusal
from keysteward.sample.stored import list_people, load_envelope


class ViewShape(msgspec.Struct, rename="camel"):
    """Whom a view is for, and where the browser goes afterwards."""

    return_url: str | None = None
    client_user_id: str | None = None
    recipient_id: str | None = None
    user_name: str | None = None
    email: str | None = None


def recipient_view(call: Call) -> Response:
    """Answer with the page of a recipient whose turn it is."""
    view = read_json(call.body, ViewShape)
    back = _way_back(view)
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
        people = list_people(connection, envelope.id).values()
    if envelope.status != "sent":
        raise Refusal(WRONG_STATUS, "Recipients can see an envelope that was sent and is still open.")
    viewer = next((person for person in people if _is_meant(view, person)), None)
    if viewer is None:
        raise Refusal(UNKNOWN_RECIPIENT)
    if viewer.routing_order != whose_turn(people):
        raise Refusal(NOT_THEIR_TURN)
    return _leading_to(back, event="cancel")


def sender_view(call: Call) -> Response:
    """Answer with the page that prepares a draft."""
    back = _way_back(read_json(call.body, ViewShape))
    with call.store.reading() as connection:
        envelope = load_envelope(connection, call)
    if envelope.status != "created":
        raise Refusal(WRONG_STATUS, "Senders can prepare an envelope while it is a draft.")
    return _leading_to(back, envelopeId=envelope.id, event="Cancel")


def _is_meant(view: ViewShape, person: Person) -> bool:
    named = {"recipientId": view.recipient_id, "name": view.user_name, "email": view.email}
    said = {name: value for name, value in named.items() if value}
    known = {**person.details, "recipientId": person.id}
    embedded = (person.details.get("clientUserId") or None) == (view.client_user_id or None)
    return bool(said) and embedded and all(known.get(name) == value for name, value in said.items())


def _way_back(view: ViewShape) -> str:
    url = view.return_url or ""
    if not _is_web_address(url):
        raise Refusal(BAD_PARAMETER, "'returnUrl' must be an absolute http or https URL.")
    return url


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _leading_to(back: str, **said: str) -> Response:
    parts = urlsplit(back)
    query = "&".join(text for text in (parts.query, urlencode(said)) if text)
    return json_answer({"url": urlunsplit(parts._replace(query=query))}, 201)
