"""Does the Diagnostics API of Docusign's Python SDK work, unmodified, and its switch for permission profiles?"""

import io
import zipfile
from collections.abc import Iterator

import docusign_esign as ds
import pytest

from keysteward.rules.accounts import ADMIN
from keysteward.twin.cast import TOWNS
from tests.clients.test_esign_sdk import client_of, definition, impersonated
from tests.twin.running import Place


@pytest.fixture
def client(place: Place) -> ds.ApiClient:
    """The SDK, signed in with the JWT grant."""
    client = client_of(place)
    account = client.get_user_info(impersonated(place, client).access_token).accounts[0]
    client.host = f"{account.base_uri}/restapi"
    return client


@pytest.fixture
def diagnostics(client: ds.ApiClient) -> Iterator[ds.DiagnosticsApi]:
    """Its diagnostics; the log is empty and off before and after each test."""
    api = ds.DiagnosticsApi(client)
    clean(api)
    yield api
    clean(api)


def clean(api: ds.DiagnosticsApi) -> None:
    """Empty the log and turn it off."""
    api.delete_request_logs()
    assert switched(api, "false") == ("false", "50", "0")


def switched(api: ds.DiagnosticsApi, state: str) -> tuple[str, str, str]:
    """Turn logging on or off, and read back all that the SDK is told."""
    wanted = ds.DiagnosticsSettingsInformation(api_request_logging=state)
    told = api.update_request_log_settings(diagnostics_settings_information=wanted)
    return told.api_request_logging, told.api_request_log_max_entries, told.api_request_log_remaining_entries


def test_a_request_is_logged(place: Place, client: ds.ApiClient, diagnostics: ds.DiagnosticsApi) -> None:
    """On, a call, the list, the entry as bytes, all as a ZIP; no token in any of them."""
    assert switched(diagnostics, "true") == ("true", "50", "50")
    account = TOWNS[place.environment].account
    ds.EnvelopesApi(client).create_envelope(account, envelope_definition=definition("created"))

    assert diagnostics.get_request_log_settings().api_request_log_remaining_entries == "49"
    (entry,) = diagnostics.list_request_logs().api_request_logs
    assert (entry.status, entry.description.split()[0]) == ("Created", "CreateEnvelope")
    text = diagnostics.get_request_log(entry.request_log_id)
    assert text.startswith(f"POST {place.origin}/restapi/v2.1/accounts/{account}/envelopes HTTP/1.1\n".encode())
    client.set_default_header("Accept", "application/zip")
    archive = zipfile.ZipFile(io.BytesIO(diagnostics.list_request_logs(_preload_content=False).data))
    assert archive.namelist() == ["00_Created_CreateEnvelope.txt"]
    assert archive.read("00_Created_CreateEnvelope.txt") == text
    assert b"Bearer" not in text
    assert place.variables["DS_INTEGRATION_KEY"].encode() not in text


def test_a_permission_profile_forbids_it(place: Place, client: ds.ApiClient, diagnostics: ds.DiagnosticsApi) -> None:
    """The switch has Docusign's name; while it is off nothing of the account is logged."""
    account, profiles = TOWNS[place.environment].account, ds.AccountsApi(client)

    def set_to(state: str) -> str:
        settings = ds.AccountRoleSettings(enable_api_request_logging=state)
        profile = ds.PermissionProfile(settings=settings)
        told = profiles.update_permission_profile(account, str(ADMIN.id), permission_profile=profile)
        return str(told.settings.enable_api_request_logging)

    switched(diagnostics, "true")
    try:
        assert set_to("false") == "false"
        ds.EnvelopesApi(client).create_envelope(account, envelope_definition=definition("created"))
        assert not diagnostics.list_request_logs().api_request_logs
    finally:
        assert set_to("true") == "true"
    ds.EnvelopesApi(client).create_envelope(account, envelope_definition=definition("created"))
    told = [entry.description.split()[0] for entry in diagnostics.list_request_logs().api_request_logs]
    assert told == ["UpdatePermissionProfile", "CreateEnvelope"]  # allowed again, and the first call after that
