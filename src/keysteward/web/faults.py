"""How is a refusal said to a SOAP client? As a fault, with the number that its clients know."""

from starlette.responses import Response

from keysteward.rules import soap
from keysteward.rules.refusals import Refusal

_NO_STORE = {"Cache-Control": "no-store"}


def soap_fault(refusal: Refusal, content_type: str) -> Response:
    """A refusal as a fault of SOAP 1.1 or 1.2, whichever the caller speaks."""
    code = soap.UNKNOWN_KEY if refusal.values.get("key") == "unknown" else refusal.kind.error_code
    said = soap.fault(content_type, refusal.kind.status, code, refusal.sentence)
    return Response(said.text, said.status, _NO_STORE, media_type=said.content_type)
