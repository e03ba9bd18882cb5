"""How does the sample API answer: JSON with strings where Docusign has strings, and refusals in its vocabulary?"""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec
from starlette.responses import Response

from keysteward.sample.refusals import Refusal


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(value), status, headers, "application/json; charset=utf-8")


def refusal_answer(refusal: Refusal, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a refusal, as `/restapi` words it."""
    return json_answer({"errorCode": refusal.kind.code, "message": refusal.message}, refusal.kind.status, headers)


def stamp(moment: datetime) -> str:
    """Write a moment as Docusign does: UTC, seven fraction digits, Z. Such texts sort as the moments do."""
    utc = moment.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "0Z"
