"""Which events does an address ask for? Console and API say it alike, so that a page's address is a program's too."""

import re
from datetime import UTC, datetime

from starlette.datastructures import QueryParams

from keysteward.rules.audit_log import KINDS, MOST_WORDS, Question, Scope
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.web.reading import is_uuid

FILTERS = ("since", "until", "actor", "kind", "key", "user", "trace", "words")
DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
MOMENT = f"{DAY}(T[0-9]{{2}}:[0-9]{{2}}(:[0-9]{{2}})?Z?)?"
ADDRESS = r"[^\s\x00@]{1,64}@[^\s\x00@]{1,255}"
_MOST_ACTOR = 320


def asked(query: QueryParams, scope: Scope) -> Question:
    """What a query asks for; an empty parameter is none."""
    actor = _text(query, "actor", _MOST_ACTOR)
    return Question(
        scope=scope,
        since=_moment(query, "since"),
        until=_moment(query, "until"),
        actors=(actor,) if actor else (),
        kind=_kind(query),
        key=_guid(query, "key", "the GUID of an integration key"),
        user=_user(query),
        trace=_guid(query, "trace", "a trace token, as answers and logs have it"),
        words=_text(query, "words", MOST_WORDS),
    )


def _text(query: QueryParams, name: str, most: int) -> str:
    text = query.get(name, "").strip()
    if len(text) > most or "\x00" in text:
        raise Refusal(INVALID_FIELD, field=name, reason=f"give at most {most} characters.")
    return text


def _guid(query: QueryParams, name: str, what: str) -> str:
    text = query.get(name, "").strip()
    if text and not is_uuid(text):
        raise Refusal(INVALID_FIELD, field=name, reason=f"give {what}.")
    return text.lower()


def _user(query: QueryParams) -> str:
    text = query.get("user", "").strip()
    if text and not (is_uuid(text) or re.fullmatch(ADDRESS, text)):
        raise Refusal(INVALID_FIELD, field="user", reason="give the GUID or the address of a user.")
    return text if "@" in text else text.lower()


def _kind(query: QueryParams) -> str:
    kind = query.get("kind", "")
    if kind and kind not in KINDS:
        raise Refusal(INVALID_FIELD, field="kind", reason="choose one of the kinds of events, such as KeyMoved.")
    return kind


def _moment(query: QueryParams, name: str) -> datetime | None:
    """A moment in UTC; a day is its beginning."""
    text = query.get(name, "").strip()
    if not text:
        return None
    try:
        if re.fullmatch(MOMENT, text):
            return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    except ValueError:
        pass
    raise Refusal(INVALID_FIELD, field=name, reason="give a day or a moment in UTC, such as 2026-11-20T09:00.")
