"""Does a SOAP client understand the sample API?"""

from typing import Any

import pytest
import requests
from zeep import Client as Soap
from zeep import Settings
from zeep.exceptions import Fault
from zeep.transports import Transport

from keysteward.sample.soap import PATH
from tests.sample.peer import UNKNOWN, Client

SPACE = "{http://www.docusign.net/API/3.0}"
NEW, OLD = "DSAPIServiceSoap12", "DSAPIServiceSoap"


def service(of: Client, binding: str = OLD) -> Any:  # noqa: ANN401 — zeep makes its methods from the description
    """The service as its own description makes it."""
    address = of.upstream.address + PATH
    transport = Transport(session=of.session)  # type: ignore[no-untyped-call]
    soap = Soap(f"{address}?wsdl", transport=transport, settings=Settings(strict=True))  # type: ignore[no-untyped-call]
    return soap.create_service(SPACE + binding, address)  # type: ignore[no-untyped-call]


def posted(by: Client, message: bytes, content_type: str = "text/xml") -> requests.Response:
    """The answer to a message that no client library would send."""
    headers = {"Content-Type": content_type}
    return by.session.post(by.upstream.address + PATH, data=message, headers=headers, timeout=30)


@pytest.mark.parametrize("binding", [OLD, NEW])
def test_the_status_of_an_envelope(ada: Client, binding: str) -> None:
    """SOAP 1.1 and 1.2 say the same of an envelope as the REST API does."""
    envelope = ada.create(emailSubject="Terms < & >")
    status = service(ada, binding).RequestStatus(EnvelopeID=envelope)

    assert (status.EnvelopeID, status.Status, status.Subject) == (envelope, "Sent", "Terms < & >")
    assert (status.Sent, status.Email) == (ada.upstream.now, ada.caller.email)
    (person,) = status.RecipientStatuses.RecipientStatus
    assert (person.Type, person.UserName, person.RoutingOrder, person.Status) == ("Signer", "Sam Signer", 1, "Sent")


@pytest.mark.parametrize("binding", [OLD, NEW])
def test_an_envelope_of_others_is_a_fault(ada: Client, mallory: Client, binding: str) -> None:
    """An envelope of another account is as unknown as one that never was."""
    theirs = ada.create()
    faults = []
    for envelope in (theirs, UNKNOWN):
        with pytest.raises(Fault) as fault:
            service(mallory, binding).RequestStatus(EnvelopeID=envelope)
        faults.append((fault.value.message, fault.value.detail.findtext("ErrorCode")))

    assert {code for _, code in faults} == {"ENVELOPE_DOES_NOT_EXIST"}
    assert len(set(faults)) == 1


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"nonsense", "INVALID_REQUEST_BODY"),
        (b"<Envelope><Body><Send/></Body></Envelope>", "INVALID_REQUEST_METHOD"),
        (b"<Envelope><Body><RequestStatus/></Body></Envelope>", "INVALID_REQUEST_PARAMETER"),
        (b" " * (4 * 1_048_576 + 1), "INVALID_REQUEST_BODY"),
    ],
    ids=["no XML", "unknown operation", "no envelope", "too large"],
)
def test_what_cannot_be_done_is_a_fault(ada: Client, message: bytes, code: str) -> None:
    """Whatever a client posts as SOAP, it hears SOAP."""
    answer = posted(ada, message)

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/xml; charset=utf-8")
    assert f"<ErrorCode>{code}</ErrorCode>" in answer.text


def test_an_unexpected_failure_is_a_fault_that_tells_nothing(ada: Client) -> None:
    """A SOAP client gets a reference for support, and no stack trace."""
    ada.session.headers["X-Keysteward-Call"] = "breaks the reader"
    answer = posted(ada, b"<Envelope/>", "application/soap+xml")

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/soap+xml; charset=utf-8")
    assert "soap:Receiver" in answer.text
    assert "ada@example.com" not in answer.text
