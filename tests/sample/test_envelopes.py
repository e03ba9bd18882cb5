"""What becomes of an envelope, and what never does?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tests.sample.peer import UNKNOWN, Client, an_envelope, refusal_of, running

NO_RECIPIENTS = an_envelope() | {"recipients": {}}
UNREACHABLE = an_envelope() | {"recipients": {"signers": [{"recipientId": "1", "name": "Sam Signer"}]}}
BAD_ADDRESS = an_envelope() | {"recipients": {"signers": [{"recipientId": "1", "email": "sam at example.com"}]}}


def test_creating_answers_with_id_uri_status_and_date(ada: Client) -> None:
    """A created envelope answers 201 with the four fields that SDKs read, all strings."""
    answer = ada.call("POST", "/envelopes", json=an_envelope())

    envelope = answer.json()["envelopeId"]
    assert answer.status_code == 201
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert envelope == str(UUID(envelope))
    assert answer.json() == {
        "envelopeId": envelope,
        "uri": f"/envelopes/{envelope}",
        "statusDateTime": "2026-11-20T09:30:00.0000000Z",
        "status": "sent",
    }


def test_an_envelope_shows_what_was_said_and_when(ada: Client) -> None:
    """GET shows subject, sender and the moments that have come, and leaves out those that have not."""
    envelope = ada.create(emailBlurb="By Friday, please")

    shown = ada.get(f"/envelopes/{envelope}")

    assert shown["envelopeId"] == envelope
    assert shown["status"] == "sent"
    assert shown["emailSubject"] == "Please sign the lease"
    assert shown["emailBlurb"] == "By Friday, please"
    assert shown["sender"]["userId"] == ada.caller.user
    assert shown["sender"]["accountId"] == ada.account
    assert shown["sentDateTime"] == shown["createdDateTime"] == "2026-11-20T09:30:00.0000000Z"
    assert "voidedDateTime" not in shown


def test_every_uri_of_an_envelope_leads_somewhere(ada: Client) -> None:
    """The URIs that an envelope names answer below its account."""
    shown = ada.get(f"/envelopes/{ada.create()}")

    statuses = {name: ada.call("GET", uri).status_code for name, uri in shown.items() if name.endswith("Uri")}

    assert set(statuses.values()) == {200}
    assert len(statuses) == 5


def test_an_empty_definition_is_a_draft(ada: Client) -> None:
    """SDKs send `{}` where the caller defines nothing: a draft without subject, documents or recipients."""
    answer = ada.call("POST", "/envelopes", json={})

    assert answer.status_code == 201
    assert answer.json()["status"] == "created"
    assert "sentDateTime" not in ada.get(answer.json()["uri"])


@pytest.mark.parametrize("prefix", ["/restapi/v2", "/RestApi/V2.1"])
def test_older_version_and_other_case_of_the_prefix(ada: Client, prefix: str) -> None:
    """The prefix works as /v2 and in any case."""
    envelope = ada.create()

    url = f"{ada.upstream.address}{prefix}/accounts/{ada.account.upper()}/envelopes/{envelope.upper()}"

    assert ada.session.get(url, timeout=30).json()["envelopeId"] == envelope


@pytest.mark.parametrize(
    ("definition", "code"),
    [
        pytest.param(an_envelope() | {"emailSubject": " "}, "ENVELOPE_IS_INCOMPLETE", id="no subject"),
        pytest.param(an_envelope() | {"documents": []}, "ENVELOPE_IS_INCOMPLETE", id="no document"),
        pytest.param(NO_RECIPIENTS, "ENVELOPE_IS_INCOMPLETE", id="no recipient"),
        pytest.param(UNREACHABLE, "ENVELOPE_IS_INCOMPLETE", id="no address"),
        pytest.param(BAD_ADDRESS, "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT", id="no e-mail address"),
        pytest.param(an_envelope() | {"templateId": UNKNOWN}, "TEMPLATE_ID_INVALID", id="a template"),
        pytest.param(an_envelope() | {"status": "completed"}, "INVALID_REQUEST_PARAMETER", id="completed at once"),
    ],
)
def test_what_cannot_be_sent_is_not_created(ada: Client, definition: dict[str, object], code: str) -> None:
    """An envelope that asks to be sent and is not ready leaves nothing behind, not even a draft."""
    answer = ada.call("POST", "/envelopes", json=definition)

    assert refusal_of(answer) == (400, code)
    assert ada.get("/envelopes", from_date="2000-01-01")["totalSetSize"] == "0"


def test_a_draft_is_reworded_and_sent(ada: Client) -> None:
    """A draft takes another subject and message, and is sent by its status; the sent date is that moment."""
    envelope = ada.create(status="created")
    ada.wait(minutes=5)

    wish = {"emailSubject": "The lease", "emailBlurb": "At last", "status": "sent"}
    answer = ada.call("PUT", f"/envelopes/{envelope}", json=wish)

    shown = ada.get(f"/envelopes/{envelope}")
    assert (answer.status_code, answer.json()) == (200, {"envelopeId": envelope})
    assert (shown["emailSubject"], shown["emailBlurb"], shown["status"]) == ("The lease", "At last", "sent")
    assert shown["createdDateTime"] == "2026-11-20T09:30:00.0000000Z"
    assert shown["sentDateTime"] == shown["statusChangedDateTime"] == "2026-11-20T09:35:00.0000000Z"


def test_a_refused_change_changes_nothing(ada: Client) -> None:
    """A new subject together with an impossible status is refused as a whole."""
    envelope = ada.call("POST", "/envelopes", json={"emailSubject": "Draft"}).json()["envelopeId"]

    answer = ada.call("PUT", f"/envelopes/{envelope}", json={"emailSubject": "Changed", "status": "sent"})

    assert refusal_of(answer) == (400, "ENVELOPE_IS_INCOMPLETE")
    assert ada.get(f"/envelopes/{envelope}")["emailSubject"] == "Draft"


def test_an_open_envelope_is_voided_with_its_reason(ada: Client) -> None:
    """Voiding keeps the reason and the moment."""
    envelope = ada.create()
    ada.wait(hours=1)

    answer = ada.call("PUT", f"/envelopes/{envelope}", json={"status": "voided", "voidedReason": "Wrong flat"})

    shown = ada.get(f"/envelopes/{envelope}")
    assert answer.json() == {"envelopeId": envelope}
    assert (shown["status"], shown["voidedReason"]) == ("voided", "Wrong flat")
    assert shown["voidedDateTime"] == shown["statusChangedDateTime"] == "2026-11-20T10:30:00.0000000Z"


@pytest.mark.parametrize(
    ("status", "wish", "code"),
    [
        pytest.param("created", {"status": "voided", "voidedReason": "x"}, "ENVELOPE_CANNOT_VOID_INVALID_STATE"),
        pytest.param("sent", {"status": "voided"}, "INVALID_REQUEST_PARAMETER", id="void without a reason"),
        pytest.param("sent", {"status": "created"}, "ENVELOPE_INVALID_STATUS", id="back to draft"),
        pytest.param("sent", {"status": "completed"}, "INVALID_REQUEST_PARAMETER", id="complete by hand"),
        pytest.param("sent", {"emailSubject": "Other"}, "ENVELOPE_INVALID_STATUS", id="reword what was sent"),
    ],
)
def test_changes_that_an_envelope_does_not_take(ada: Client, status: str, wish: dict[str, str], code: str) -> None:
    """Each impossible change has its code and leaves the status as it was."""
    envelope = ada.create(status=status)

    answer = ada.call("PUT", f"/envelopes/{envelope}", json=wish)

    assert refusal_of(answer) == (400, code)
    assert ada.get(f"/envelopes/{envelope}")["status"] == status


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"status": "voided", "voidedReason": "again"}, "ENVELOPE_CANNOT_VOID_INVALID_STATE"),
        ({"status": "sent"}, "ENVELOPE_INVALID_STATUS"),
    ],
)
def test_voided_is_the_end(ada: Client, wish: dict[str, str], code: str) -> None:
    """A voided envelope is neither voided again nor sent."""
    envelope = ada.create()
    ada.call("PUT", f"/envelopes/{envelope}", json={"status": "voided", "voidedReason": "Wrong flat"})

    assert refusal_of(ada.call("PUT", f"/envelopes/{envelope}", json=wish)) == (400, code)


def test_saying_what_is_so_already_changes_nothing(ada: Client) -> None:
    """A client may send back the status and subject that it read."""
    envelope = ada.create()
    shown = ada.get(f"/envelopes/{envelope}")

    answer = ada.call("PUT", f"/envelopes/{envelope}", json=shown)

    assert answer.json() == {"envelopeId": envelope}
    assert ada.get(f"/envelopes/{envelope}") == shown


def test_invitations_are_sent_again(ada: Client) -> None:
    """`resend_envelope=true` with `{}` works on an open envelope, is remembered, and is refused for a draft."""
    envelope, draft = ada.create(), ada.create(status="created")

    answer = ada.call("PUT", f"/envelopes/{envelope}?resend_envelope=true", json={})
    refused = ada.call("PUT", f"/envelopes/{draft}?resend_envelope=true", json={})

    assert answer.json() == {"envelopeId": envelope}
    assert actions_of(ada, envelope)[-1] == "Resent Invitations"
    assert refusal_of(refused) == (400, "ENVELOPE_INVALID_STATUS")


def test_events_tell_who_did_what_in_order(ada: Client) -> None:
    """Audit events stand oldest first and name the user, the action, the moment and the status after it."""
    envelope = ada.create()
    ada.wait(minutes=1)
    ada.call("PUT", f"/envelopes/{envelope}", json={"status": "voided", "voidedReason": "Wrong flat"})

    events = ada.get(f"/envelopes/{envelope}/audit_events")["auditEvents"]

    last = {field["name"]: field["value"] for field in events[-1]["eventFields"]}
    assert actions_of(ada, envelope) == ["Registered", "Sent Invitations", "Voided"]
    assert last["UserId"] == ada.caller.user
    assert last["logTime"] == "2026-11-20T09:31:00.0000000Z"
    assert last["EnvelopeStatus"] == "voided"


def test_custom_fields_come_back_with_an_id(ada: Client) -> None:
    """Custom fields are given back as texts; one that has no ID is given one."""
    fields = {
        "textCustomFields": [{"name": "flat", "value": 12, "show": True}],
        "listCustomFields": [{"name": "floor", "listItems": ["1", "2"], "fieldId": "77"}],
    }
    envelope = ada.create(customFields=fields)

    assert ada.get(f"/envelopes/{envelope}/custom_fields") == {
        "textCustomFields": [{"name": "flat", "value": "12", "show": "true", "fieldId": "1"}],
        "listCustomFields": [{"name": "floor", "listItems": ["1", "2"], "fieldId": "77"}],
    }


def test_one_of_many_voids_wins(ada: Client) -> None:
    """Of parallel attempts to void exactly one succeeds, the others hear that it is no longer open."""
    envelope = ada.create()
    clients = [ada.upstream.welcome(ada.account) for _ in range(20)]
    wish = {"status": "voided", "voidedReason": "Wrong flat"}

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda client: client.call("PUT", f"/envelopes/{envelope}", json=wish), clients))

    assert sorted(answer.status_code for answer in answers) == [200] + [400] * 19
    assert actions_of(ada, envelope).count("Voided") == 1


def test_envelopes_survive_a_restart(tmp_path: Path) -> None:
    """What was answered is in the file: a new process over it shows the same envelope."""
    account = str(uuid4())
    with running(tmp_path / "sample.db") as first:
        client = first.welcome(account)
        envelope = client.create()
        shown = client.get(f"/envelopes/{envelope}")

    with running(tmp_path / "sample.db") as second:
        assert second.welcome(account).get(f"/envelopes/{envelope}") == shown


def actions_of(client: Client, envelope: str) -> list[str]:
    """List what happened to an envelope, by the names of the actions."""
    events = client.get(f"/envelopes/{envelope}/audit_events")["auditEvents"]
    return [field["value"] for event in events for field in event["eventFields"] if field["name"] == "Action"]
