"""In which ways does the sample API say no?

Every refusal of an envelope stands in this list, with Docusign's code where one is known.
"""

from dataclasses import dataclass

from keysteward.rules.refusals import NOT_A_MEMBER


@dataclass(frozen=True)
class Kind:
    """One way to say no: HTTP status, public code, and a sentence that says what to do next."""

    status: int
    code: str
    message: str


class Refusal(Exception):
    """A call that is answered with a no; the hint adds what this very call would need to change."""

    def __init__(self, kind: Kind, hint: str = "") -> None:
        self.kind = kind
        self.message = f"{kind.message} {hint}".strip()
        super().__init__(self.message)


NOT_FROM_GATEWAY = Kind(
    401,
    "AUTHORIZATION_INVALID_TOKEN",
    "This call does not come through the gateway, or came too late. Send it to the gateway's address.",
)
UNKNOWN_ACCOUNT = Kind(NOT_A_MEMBER.status, NOT_A_MEMBER.error_code, NOT_A_MEMBER.sentence)
UNKNOWN_ROUTE = Kind(404, "RESOURCE_NOT_FOUND", "There is nothing at this address. Check the path of the call.")
WRONG_METHOD = Kind(
    405, "INVALID_REQUEST_METHOD", "This address does not answer the method. The Allow header has its own."
)
UNKNOWN_OPERATION = Kind(
    400, "INVALID_REQUEST_METHOD", "The SOAP service knows one operation, RequestStatus. Use the REST API for the rest."
)
UNKNOWN_ENVELOPE = Kind(
    404,
    "ENVELOPE_DOES_NOT_EXIST",
    "This account has no envelope with this ID. List the account's envelopes to find it.",
)
UNKNOWN_DOCUMENT = Kind(
    404,
    "DOCUMENT_DOES_NOT_EXIST",
    "The envelope has no document with this ID. List the envelope's documents to find it.",
)
UNKNOWN_RECIPIENT = Kind(
    400,
    "UNKNOWN_ENVELOPE_RECIPIENT",
    "The envelope has no such recipient. List the envelope's recipients and compare every field.",
)
NOT_THEIR_TURN = Kind(
    400,
    "RECIPIENT_NOT_IN_SEQUENCE",
    "Recipients with a lower routing order come first. Ask again when this recipient's turn has come.",
)
BAD_PARAMETER = Kind(400, "INVALID_REQUEST_PARAMETER", "The request has a parameter that cannot be used.")
BAD_BODY = Kind(400, "INVALID_REQUEST_BODY", "The request body is missing or cannot be read.")
BODY_TOO_LARGE = Kind(
    413,
    "REQUEST_BODY_TOO_LARGE",
    "The request body is too large. Keep it within 35,651,584 bytes, or spread the documents over several envelopes.",
)
NO_TEMPLATES = Kind(
    400,
    "TEMPLATE_ID_INVALID",
    "This API keeps no templates. Send documents and recipients in the request.",
)
BAD_EMAIL = Kind(
    400,
    "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT",
    "A recipient's email address cannot be used. Write it as name@example.com.",
)
INCOMPLETE = Kind(400, "ENVELOPE_IS_INCOMPLETE", "The envelope is not ready to be sent.")
WRONG_STATUS = Kind(400, "ENVELOPE_INVALID_STATUS", "The envelope's status does not allow this.")
NOT_VOIDABLE = Kind(
    400,
    "ENVELOPE_CANNOT_VOID_INVALID_STATE",
    "Only an envelope that was sent and is still open can be voided.",
)
UNEXPECTED = Kind(500, "UNSPECIFIED_ERROR", "Something went wrong on our side. Try again later.")
