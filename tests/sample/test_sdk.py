"""Does the unmodified Python SDK of Docusign understand the sample API?"""

import base64
import io
import json

import docusign_esign as ds
import pytest
from docusign_esign.client.api_exception import ApiException
from pypdf import PdfReader

from keysteward.sample.app import CALL_HEADER
from tests.sample.peer import PDF, UNKNOWN, Client


@pytest.fixture
def api(ada: Client) -> ds.EnvelopesApi:
    """The SDK, pointed at the sample API as if the gateway had let it through."""
    client = ds.ApiClient(
        host=f"{ada.upstream.address}/restapi", header_name=CALL_HEADER, header_value=ada.session.headers[CALL_HEADER]
    )
    return ds.EnvelopesApi(client)


def definition(status: str) -> ds.EnvelopeDefinition:
    """Define an envelope in the SDK's own words."""
    document = ds.Document(document_base64=base64.b64encode(PDF).decode(), name="Lease", document_id="1")
    signer = ds.Signer(email="sam@example.com", name="Sam Signer", recipient_id="1", client_user_id="7")
    return ds.EnvelopeDefinition(
        email_subject="Please sign", status=status, documents=[document], recipients=ds.Recipients(signers=[signer])
    )


def test_the_life_of_an_envelope(ada: Client, api: ds.EnvelopesApi) -> None:
    """Create, get, list by date, by IDs and by body, resend and void, as the SDK's own examples do."""
    created = api.create_envelope(ada.account, envelope_definition=definition("sent"))
    envelope = created.envelope_id

    listed = api.list_status_changes(ada.account, from_date="2026-11-19")
    by_body = api.list_status(
        ada.account,
        envelope_ids="request_body",
        envelope_ids_request=ds.EnvelopeIdsRequest(envelope_ids=[envelope]),
    )
    api.update(ada.account, envelope, resend_envelope="true")
    voided = api.update(ada.account, envelope, envelope=ds.Envelope(status="voided", voided_reason="test"))

    assert (created.status, created.uri) == ("sent", f"/envelopes/{envelope}")
    assert listed.result_set_size == by_body.result_set_size == "1"
    assert api.list_status_changes(ada.account, envelope_ids=envelope).envelopes[0].envelope_id == envelope
    assert voided.envelope_id == envelope
    assert api.get_envelope(ada.account, envelope).status == "voided"


def test_what_belongs_to_an_envelope(ada: Client, api: ds.EnvelopesApi) -> None:
    """Recipients, documents, events, custom fields and views fill the SDK's models."""
    envelope = api.create_envelope(ada.account, envelope_definition=definition("sent")).envelope_id
    request = ds.RecipientViewRequest(
        return_url="https://example.com", client_user_id="7", user_name="Sam Signer", email="sam@example.com"
    )

    assert api.list_recipients(ada.account, envelope).signers[0].name == "Sam Signer"
    assert api.list_documents(ada.account, envelope).envelope_documents[0].document_id == "1"
    assert len(api.list_audit_events(ada.account, envelope).audit_events) == 2
    assert api.list_custom_fields(ada.account, envelope).text_custom_fields == []
    assert api.create_recipient_view(ada.account, envelope, recipient_view_request=request).url


def test_a_draft_is_prepared(ada: Client, api: ds.EnvelopesApi) -> None:
    """A draft answers the SDK's sender view and takes changed recipients."""
    envelope = api.create_envelope(ada.account, envelope_definition=definition("created")).envelope_id
    view = ds.EnvelopeViewRequest(return_url="https://example.com")
    change = ds.Recipients(signers=[ds.Signer(recipient_id="1", email="sam@new.example.com")])

    assert api.create_sender_view(ada.account, envelope, envelope_view_request=view).url
    assert api.update_recipients(ada.account, envelope, recipients=change).recipient_update_results[0].recipient_id


def test_downloads_open(ada: Client, api: ds.EnvelopesApi) -> None:
    """The SDK answers with the bytes of `combined`, and a PDF reader opens them."""
    envelope = api.create_envelope(ada.account, envelope_definition=definition("sent")).envelope_id

    combined = api.get_document(ada.account, "combined", envelope)

    assert len(PdfReader(io.BytesIO(combined), strict=True).pages) == 1


def test_refusals_reach_the_caller(ada: Client, api: ds.EnvelopesApi) -> None:
    """A refusal raises the SDK's exception with status, errorCode and message."""
    with pytest.raises(ApiException) as raised:
        api.get_envelope(ada.account, UNKNOWN)

    assert raised.value.status == 404
    assert json.loads(raised.value.body)["errorCode"] == "ENVELOPE_DOES_NOT_EXIST"
