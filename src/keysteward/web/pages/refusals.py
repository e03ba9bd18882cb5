"""In which ways does Keysteward say no? One list of all, each leading to its page."""

from string import Formatter

from starlette.requests import Request
from starlette.responses import Response

from keysteward.rules.refusals import ALL, Kind
from keysteward.web.sessions import visitor_or_none
from keysteward.web.showing import show


async def listed(request: Request) -> Response:
    """`GET /help/refusals`: every refusal, whoever asks."""
    values = {"refusals": [_refusal(kind) for kind in sorted(ALL, key=lambda kind: kind.code)]}
    return show(request, "refusals.html", values, visitor=await visitor_or_none(request))


def _refusal(kind: Kind) -> dict[str, object]:
    return {
        "code": kind.code,
        "status": kind.status,
        "sentence": _parts(kind.sentence),
        "next": _parts(kind.next_step),
    }


def _parts(text: str) -> list[tuple[str, str]]:
    """A sentence as pairs of words and the name of what is filled in behind them, or nothing."""
    return [(words, name or "") for words, name, _, _ in Formatter().parse(text)]
