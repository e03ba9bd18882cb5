"""How is an answer said in SCIM (RFC 7644 §3.1 and §3.12)?"""

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from keysteward.rules.provisioning.published import ERROR
from keysteward.rules.refusals import (
    INVALID_FIELD,
    INVALID_PARAMETER,
    MALFORMED,
    NOT_A_SCIM_TOKEN,
    OUTSIDE_CLAIMED_DOMAINS,
    SCIM_ATTRIBUTE_STAYS,
    SCIM_FILTER_NOT_GOOD,
    SCIM_NO_TARGET,
    SCIM_PATH_NOT_GOOD,
    SCIM_TOO_MANY,
    SCIM_USER_TAKEN,
    TOO_MANY_SCIM_REQUESTS,
    Kind,
    Refusal,
)

MEDIA = "application/scim+json"
_SECONDS_TO_WAIT = "60"

_TYPES: Mapping[Kind, str] = {
    INVALID_FIELD: "invalidValue",
    INVALID_PARAMETER: "invalidValue",
    MALFORMED: "invalidSyntax",
    OUTSIDE_CLAIMED_DOMAINS: "invalidValue",
    SCIM_ATTRIBUTE_STAYS: "mutability",
    SCIM_FILTER_NOT_GOOD: "invalidFilter",
    SCIM_NO_TARGET: "noTarget",
    SCIM_PATH_NOT_GOOD: "invalidPath",
    SCIM_TOO_MANY: "tooMany",
    SCIM_USER_TAKEN: "uniqueness",
}
"""What RFC 7644 §3.12 calls a refusal, where it has a name for it."""


def scim_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A resource, a list or an error; none is kept by caches."""
    kept = {"Cache-Control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(value), status, kept, media_type=MEDIA)


def scim_refusal(refusal: Refusal) -> Response:
    """A refusal in the words of SCIM. What is wrong with a value is 400 there."""
    kind = refusal.kind
    status = 400 if kind.status == 422 else kind.status
    body = {"schemas": [ERROR], "status": str(status), "detail": f"{refusal.sentence} {refusal.next_step}".strip()}
    if kind in _TYPES:
        body["scimType"] = _TYPES[kind]
    headers = {
        NOT_A_SCIM_TOKEN: {"WWW-Authenticate": 'Bearer realm="keysteward", error="invalid_token"'},
        TOO_MANY_SCIM_REQUESTS: {"Retry-After": _SECONDS_TO_WAIT},
    }
    return scim_answer(body, status, headers.get(kind))
