"""Which notices does an address ask for? Console and API say it alike."""

from starlette.datastructures import QueryParams

from keysteward.actions.inbox import Wanted
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.reading import is_uuid


def asked(query: QueryParams) -> Wanted:
    """What a query asks for; an empty parameter is none."""
    key, unread = query.get("key", ""), query.get("unread", "")
    if key and not is_uuid(key):
        raise Refusal(INVALID_FIELD, field="key", reason="give an integration key.")
    if unread not in {"", "yes"}:
        raise Refusal(INVALID_FIELD, field="unread", reason="say yes, or leave it out.")
    return Wanted(query.get("kind", ""), key.lower(), unread == "yes")
