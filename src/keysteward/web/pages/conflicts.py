"""What does somebody see whose change came after somebody else's?"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from starlette.requests import Request

from keysteward.rules.refusals import CONFLICT, Refusal
from keysteward.web.pages.forms import Slip, refused
from keysteward.web.pages.words import hand
from keysteward.web.showing import Told

_TEXT = (
    "Nothing was saved. The form still says what you typed: press its button once more to put that in the place of "
    "what is there now."
)


class Field(NamedTuple):
    """A field of a form in words: its label, what is there now, and what somebody typed."""

    label: str
    now: str
    typed: str


def is_late(refusal: Refusal) -> bool:
    """Whether somebody looked at something else than what they changed."""
    return refusal.kind is CONFLICT and "by" in refusal.values


def came_back(refusal: Refusal, typed: Mapping[str, object], *fields: str) -> Slip:
    """The form as `refused` has it; where it came too late, `tell` says so."""
    return Slip(typed, status=refusal.kind.status) if is_late(refusal) else refused(refusal, typed, *fields)


def tell(request: Request, refusal: Refusal, back: str, fields: list[Field]) -> None:
    """Say above the page who changed what meanwhile, and let them choose."""
    at = refusal.values.get("at")
    request.state.told = Told(
        "warning",
        "Somebody changed this meanwhile",
        _TEXT,
        by=hand(str(refusal.values.get("by", ""))),
        at=at if isinstance(at, datetime) else None,
        heads=("Setting", "It is now", "You typed"),
        rows=tuple(field for field in fields if field.now != field.typed),
        links=(("Leave it as it is now", back),),
    )
