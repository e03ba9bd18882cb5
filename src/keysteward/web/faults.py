"""How is a refusal said to a SOAP client? As a fault, with the number that its clients know."""

from xml.sax.saxutils import escape

from starlette.responses import Response

from keysteward.rules.refusals import Refusal

_UNKNOWN_KEY = "PARTNER_AUTHENTICATION_FAILED"
_NUMBERS = {_UNKNOWN_KEY: "3"}
_SENTENCES = {_UNKNOWN_KEY: "The specified integration key was not found or is disabled"}
_NO_STORE = {"Cache-Control": "no-store"}

_SOAP_1_1 = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>\
<faultcode>soap:{side}</faultcode><faultstring>{sentence}</faultstring><detail>{detail}</detail>\
</soap:Fault></soap:Body></soap:Envelope>"""
_SOAP_1_2 = """<?xml version="1.0" encoding="utf-8"?>
<soap:Envelope xmlns:soap="http://www.w3.org/2003/05/soap-envelope"><soap:Body><soap:Fault>\
<soap:Code><soap:Value>soap:{side}</soap:Value></soap:Code>\
<soap:Reason><soap:Text xml:lang="en">{sentence}</soap:Text></soap:Reason><soap:Detail>{detail}</soap:Detail>\
</soap:Fault></soap:Body></soap:Envelope>"""


def soap_fault(refusal: Refusal, content_type: str) -> Response:
    """A refusal as a fault of SOAP 1.1 or 1.2, whichever the caller speaks; number 3 says that the key is no good."""
    is_new = content_type.partition(";")[0].strip().lower() == "application/soap+xml"
    is_ours, code = refusal.kind.status >= 500, refusal.kind.error_code
    sides = ("Receiver", "Sender") if is_new else ("Server", "Client")
    number = f"<ErrorNumber>{_NUMBERS[code]}</ErrorNumber>" if code in _NUMBERS else ""
    text = (_SOAP_1_2 if is_new else _SOAP_1_1).format(
        side=sides[0] if is_ours else sides[1],
        sentence=escape(_SENTENCES.get(code, refusal.sentence)),
        detail=f"{number}<ErrorCode>{escape(code)}</ErrorCode>",
    )
    media_type = "application/soap+xml" if is_new else "text/xml"
    status = 400 if is_new and not is_ours else 500  # SOAP 1.1 §6.2, SOAP 1.2 part 2 §7.5.2.2
    return Response(text, status, _NO_STORE, media_type=f"{media_type}; charset=utf-8")
