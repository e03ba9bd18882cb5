"""Does Docusign's Python SDK work, unmodified, with what stands in `dev.env`?"""

import base64
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import docusign_esign as ds
import pytest
from docusign_esign.client.api_exception import ApiException
from docusign_esign.client.auth.oauth import OAuth
from pypdf import PdfReader, PdfWriter

from keysteward.twin.cast import TOWNS
from tests.twin.person import Person
from tests.twin.running import Place

UNKNOWN = "00000000-0000-0000-0000-000000000000"
SCOPES = [OAuth.SCOPE_SIGNATURE, OAuth.SCOPE_IMPERSONATION]


def client_of(place: Place) -> ds.ApiClient:
    """The SDK, pointed at an account server."""
    client = ds.ApiClient()
    client.set_oauth_host_name(place.host)
    return client


def impersonated(place: Place, client: ds.ApiClient, user: str = "", key: str = "") -> Any:  # noqa: ANN401 — a model of the SDK
    """The token that the JWT grant gives for the user of `dev.env`."""
    variables = place.variables
    private_key = Path(variables["DS_PRIVATE_KEY_FILE"]).read_bytes()
    key, user = key or variables["DS_INTEGRATION_KEY"], user or variables["DS_USER_ID"]
    return client.request_jwt_user_token(key, user, place.host, private_key, 3600, SCOPES)


@pytest.fixture
def client(place: Place) -> ds.ApiClient:
    """The SDK, signed in with the JWT grant, at the base URI that userinfo names."""
    client = client_of(place)
    account = client.get_user_info(impersonated(place, client).access_token).accounts[0]
    client.host = f"{account.base_uri}/restapi"
    return client


@pytest.fixture
def account(place: Place) -> str:
    """The default account of the user of `dev.env`."""
    return TOWNS[place.environment].account


@pytest.fixture
def envelopes(client: ds.ApiClient) -> ds.EnvelopesApi:
    """The envelopes of that account."""
    return ds.EnvelopesApi(client)


@contextmanager
def refused(status: int, **said: str) -> Iterator[None]:
    """Expect a refusal by its status and the words of its vocabulary, with a trace token where the API speaks."""
    with pytest.raises(ApiException) as raised:
        yield
    body = json.loads(raised.value.body)
    assert (raised.value.status, {name: body.get(name) for name in said}) == (status, said)
    assert "errorCode" not in said or raised.value.trace_token


def definition(status: str = "sent") -> ds.EnvelopeDefinition:
    """An envelope with one blank page and one signer."""
    document = ds.Document(
        document_base64=base64.b64encode(pdf()).decode(), name="Lease", file_extension="pdf", document_id="1"
    )
    tabs = ds.Tabs(sign_here_tabs=[ds.SignHere(anchor_string="/sn1/", anchor_units="pixels")])
    signer = ds.Signer(email="sig@example.com", name="Sig Ner", recipient_id="1", routing_order="1", tabs=tabs)
    recipients = ds.Recipients(signers=[signer])
    return ds.EnvelopeDefinition(email_subject="Lease", status=status, documents=[document], recipients=recipients)


def pdf() -> bytes:
    """A PDF of one blank page."""
    writer, written = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(written)
    return written.getvalue()


def test_jwt_grant_for_a_user(place: Place) -> None:
    """A bearer token for an hour, without a refresh token, and userinfo answers to it."""
    client = client_of(place)
    token = impersonated(place, client)
    info = client.get_user_info(token.access_token)

    assert (token.token_type, int(token.expires_in), token.refresh_token) == ("Bearer", 3600, None)
    assert (info.sub, info.email) == (place.variables["DS_USER_ID"], place.variables["DS_LOGIN_EMAIL"])
    assert [each.is_default for each in info.accounts].count("True") == 1
    assert info.accounts[0].base_uri == place.origin


def test_jwt_grant_for_an_application(place: Place) -> None:
    """The seed's organization has authorized the app of `dev.env`."""
    private_key = Path(place.variables["DS_PRIVATE_KEY_FILE"]).read_bytes()
    asked = (place.variables["DS_INTEGRATION_KEY"], place.host, private_key, 3600, SCOPES)

    assert client_of(place).request_jwt_application_token(*asked).access_token


def test_authorization_code_grant(place: Place, ada: Person) -> None:
    """The SDK's own link leads through sign-in back to the app; its code gives tokens once."""
    client, variables = client_of(place), place.variables
    key, redirect_uri = variables["DS_INTEGRATION_KEY"], variables["DS_REDIRECT_URI"]
    url = client.get_authorization_uri(key, ["signature", "extended"], redirect_uri, "code", state="st-123")

    told = ada.authorize(url, redirect_uri)
    token = client.generate_access_token(key, variables["DS_SECRET_KEY"], told["code"])

    assert told["state"] == "st-123"
    assert (token.token_type, int(token.expires_in), bool(token.refresh_token)) == ("Bearer", 28_800, True)
    assert client.get_user_info(token.access_token).email == ada.email
    with refused(400, error="invalid_grant", error_description="expired_client_token"):
        client.generate_access_token(key, variables["DS_SECRET_KEY"], told["code"])


def test_implicit_grant(place: Place, ada: Person) -> None:
    """The token comes back in the fragment."""
    client, variables = client_of(place), place.variables
    redirect_uri = variables["DS_REDIRECT_URI"]
    asked = (variables["DS_INTEGRATION_KEY"], ["signature"], redirect_uri, "token")

    told = ada.authorize(client.get_authorization_uri(*asked, state="s"), redirect_uri)

    assert (told["token_type"], told["expires_in"], told["state"]) == ("bearer", "28800", "s")
    assert client.get_user_info(told["access_token"]).email == ada.email


def test_the_life_of_an_envelope(envelopes: ds.EnvelopesApi, account: str) -> None:
    """Create, get, list by date, by ids and by body, void: the models of the SDK are filled with strings."""
    sent = envelopes.create_envelope(account, envelope_definition=definition())
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
    by_date = envelopes.list_status_changes(account, from_date=yesterday)
    by_ids = envelopes.list_status_changes(account, envelope_ids=sent.envelope_id)
    request = ds.EnvelopeIdsRequest(envelope_ids=[sent.envelope_id])
    by_body = envelopes.list_status(account, envelope_ids="request_body", envelope_ids_request=request)
    change = ds.Envelope(status="voided", voided_reason="A test")

    assert (sent.status, sent.uri) == ("sent", f"/envelopes/{sent.envelope_id}")
    assert sent.envelope_id in [each.envelope_id for each in by_date.envelopes]
    assert [each.envelope_id for each in by_ids.envelopes + by_body.envelopes] == [sent.envelope_id] * 2
    assert (by_ids.result_set_size, type(by_date.total_set_size)) == ("1", str)
    assert envelopes.get_envelope(account, sent.envelope_id).email_subject == "Lease"
    assert envelopes.update(account, sent.envelope_id, envelope=change).envelope_id == sent.envelope_id
    assert envelopes.get_envelope(account, sent.envelope_id).status == "voided"


def test_documents_come_back(envelopes: ds.EnvelopesApi, account: str) -> None:
    """The single document is the very bytes that were sent; `combined` is a PDF that a reader opens."""
    document = definition()
    envelope = envelopes.create_envelope(account, envelope_definition=document).envelope_id

    single = envelopes.get_document(account, "1", envelope)
    combined = envelopes.get_document(account, "combined", envelope)

    assert single == base64.b64decode(document.documents[0].document_base64)
    assert len(PdfReader(io.BytesIO(combined), strict=True).pages) >= 1


def test_what_an_account_is(client: ds.ApiClient, account: str, place: Place) -> None:
    """Account, permission profiles, users, the caller and the plan, as the SDK's own examples read them."""
    accounts, users = ds.AccountsApi(client), ds.UsersApi(client)
    listed, me = users.list(account), users.get_information(account, place.variables["DS_USER_ID"])

    assert accounts.get_account_information(account).account_name == TOWNS[place.environment].account_name
    profiles = accounts.list_permissions(account).permission_profiles
    assert [each.permission_profile_name for each in profiles] == ["DS Admin", "DS Sender", "DS Viewer", "Developer"]
    assert (len(listed.users), listed.total_set_size) == (4, "4")
    assert (me.user_id, me.email) == (place.variables["DS_USER_ID"], place.variables["DS_LOGIN_EMAIL"])
    assert ds.BillingApi(client).get_plan(account).billing_plan.plan_name == TOWNS[place.environment].plan


def test_login_information_in_the_old_way(client: ds.ApiClient, account: str) -> None:
    """The base URL can be split at `/v2` once, and the short number in it works as an account id."""
    login = ds.AuthenticationApi(client).login(api_password="true", include_account_id_guid="true").login_accounts[0]

    assert login.account_id_guid == account
    assert len(login.base_url.split("/v2")) == 2
    assert ds.AccountsApi(client).get_account_information(login.account_id).account_id_guid == account


def test_service_information_without_a_token(place: Place) -> None:
    """The versions of the service are told to anybody."""
    versions = ds.DiagnosticsApi(ds.ApiClient(host=f"{place.origin}/restapi")).get_service().service_versions

    assert "v2.1" in [each.version for each in versions]


def test_rate_limits_are_told(envelopes: ds.EnvelopesApi, account: str) -> None:
    """Each answer has the five headers; the reset lies within the hour, and one call takes one."""
    told = [
        envelopes.list_status_changes_with_http_info(account, from_date="2026-01-01")[2]  # status, headers behind it
        for _ in range(2)
    ]
    limits = [int(headers["X-RateLimit-Remaining"]) for headers in told]
    reset = int(told[0]["X-RateLimit-Reset"]) - datetime.now(UTC).timestamp()

    assert told[0]["X-RateLimit-Limit"] == "3000"
    assert limits[0] - limits[1] in {1, limits[0] - 2_999}
    assert 0 <= reset <= 3_600
    assert told[0]["X-BurstLimit-Limit"] in {"200", "500"}
    assert int(told[0]["X-BurstLimit-Remaining"]) < int(told[0]["X-BurstLimit-Limit"])
    assert "Retry-After" not in told[0]


def test_refusals_of_the_api(place: Place, envelopes: ds.EnvelopesApi, account: str) -> None:
    """Each is an errorCode with a message and a trace token."""
    nobody = ds.ApiClient(host=f"{place.origin}/restapi")
    garbage = ds.ApiClient(host=nobody.host, header_name="Authorization", header_value="Bearer nonsense")

    with refused(404, errorCode="ENVELOPE_DOES_NOT_EXIST"):
        envelopes.get_envelope(account, UNKNOWN)
    with refused(400, errorCode="INVALID_REQUEST_PARAMETER"):
        envelopes.list_status_changes(account)
    with refused(401, errorCode="AUTHORIZATION_INVALID_TOKEN"):
        ds.EnvelopesApi(garbage).list_status_changes(account, from_date="2026-01-01")
    with refused(401, errorCode="PARTNER_AUTHENTICATION_FAILED"):
        ds.EnvelopesApi(nobody).list_status_changes(account, from_date="2026-01-01")
    with refused(400, errorCode="USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"):
        envelopes.get_envelope(UNKNOWN, UNKNOWN)


def test_refusals_of_the_token_endpoint(place: Place) -> None:
    """Each is an error with Docusign's description."""
    client, key = client_of(place), place.variables["DS_INTEGRATION_KEY"]

    with refused(400, error="invalid_grant", error_description="user_not_found"):
        impersonated(place, client, user=UNKNOWN)
    with refused(400, error="invalid_grant", error_description="issuer_not_found"):
        impersonated(place, client, key=UNKNOWN)
    with refused(400, error="invalid_grant", error_description="expired_client_token"):
        client.generate_access_token(key, place.variables["DS_SECRET_KEY"], "bogus")
    with refused(401, error="invalid_client"):
        client.generate_access_token(key, "bogus", "bogus")
