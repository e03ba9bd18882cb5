"""How does a gateway say how its calls ended?"""

from operator import attrgetter

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from keysteward.actions import decisions, gateways
from keysteward.rules.calls import ABANDONED
from keysteward.rules.decisions import MOST_LINES, Line
from keysteward.rules.refusals import BAD_LINE, MALFORMED, NOT_A_GATEWAY, WRONG_TYPE, Refusal
from keysteward.web.api.asking import answered, said
from keysteward.web.api.call_shapes import CallEnded, CallsTaken, RefusedLine
from keysteward.web.reading import context, media_type, read_bytes

NDJSON = "application/x-ndjson"
_MOST_BYTES = 1_048_576
_MOST_LINE_BYTES = 4_096
_CALLER_LEFT = "C"  # HAProxy logs a status of its own, though nobody heard it

_decode = msgspec.json.Decoder(CallEnded).decode


async def take_calls(request: Request) -> Response:
    """`POST /api/v1/calls`: every good line is kept, and each other one is named."""
    ctx = context(request)
    gateway = await run_in_threadpool(gateways.recognize, ctx, _credential(request))
    if media_type(request) not in {NDJSON, ""}:
        raise Refusal(WRONG_TYPE, expected=NDJSON)
    good, refused = _read(await read_bytes(request, _MOST_BYTES))
    taken = await run_in_threadpool(decisions.take_outcomes, ctx, gateway, list(good.values()))
    numbers = list(good)
    refused += [_named(numbers[each.place], Refusal(each.kind)) for each in taken.unwanted]
    refused.sort(key=attrgetter("line"))
    return answered(said(CallsTaken(taken.taken, taken.repeated, refused)))


def _credential(request: Request) -> str:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal(NOT_A_GATEWAY)
    return credential.strip()


def _read(body: bytes) -> tuple[dict[int, Line], list[RefusedLine]]:
    """The lines that can be read, by number, and those that cannot; empty ones are none."""
    lines = {number: line for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()}
    if len(lines) > MOST_LINES:
        raise Refusal(MALFORMED, reason=f"send at most {MOST_LINES} lines at a time.")
    good, bad = {}, []
    for number, line in lines.items():
        try:
            good[number] = _line(line)
        except Refusal as refusal:
            bad.append(_named(number, refusal))
    return good, bad


def _line(line: bytes) -> Line:
    if len(line) > _MOST_LINE_BYTES:
        raise Refusal(BAD_LINE, reason=f"it is longer than {_MOST_LINE_BYTES} bytes.")
    try:
        ended = _decode(line)
    except msgspec.ValidationError as error:
        raise Refusal(BAD_LINE, reason=f"{error}.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(BAD_LINE, reason="it is not JSON.") from None
    return _line_of(ended)


def _line_of(ended: CallEnded) -> Line:
    by_upstream = ended.answered_by == "upstream"
    left = ended.status < 100 or (not by_upstream and ended.termination.startswith(_CALLER_LEFT))
    microseconds = max(0, int(ended.seconds * 1_000_000 + ended.milliseconds * 1_000))
    return Line(
        decision=ended.decision.lower(),
        status=ABANDONED if left else ended.status,
        error_code=ended.error_code,
        duration_microseconds=microseconds,
        request_bytes=ended.request_bytes,
        answer_bytes=ended.answer_bytes,
        completed=ended.completed and ended.termination in {"", "--"},
        by_upstream=by_upstream and not left,
    )


def _named(number: int, refusal: Refusal) -> RefusedLine:
    return RefusedLine(number, refusal.kind.code, refusal.sentence)
