"""Who takes part, who is next, and where are they sent?"""

from typing import Any

import pytest

from tests.sample.peer import Client, refusal_of

TWO: dict[str, list[dict[str, Any]]] = {
    "signers": [{"recipientId": 1, "routingOrder": 1, "name": "Sam Signer", "email": "sam@example.com"}],
    "carbonCopies": [{"recipientId": "2", "routingOrder": "2", "name": "Cy Copy", "email": "cy@example.com"}],
}
BACK = "https://app.example.com/done?case=7"
SAM: dict[str, Any] = {"email": "sam@example.com", "userName": "Sam Signer", "returnUrl": BACK}


def test_recipients_by_kind_as_strings(ada: Client) -> None:
    """Recipients come back by kind, with what the client said as texts, and with who is being served."""
    recipients = ada.get(f"/envelopes/{ada.create(recipients=TWO)}/recipients")

    signer, copy = recipients["signers"][0], recipients["carbonCopies"][0]
    assert (recipients["recipientCount"], recipients["currentRoutingOrder"]) == ("2", "1")
    assert (signer["recipientId"], signer["routingOrder"], signer["email"]) == ("1", "1", "sam@example.com")
    assert (signer["recipientType"], signer["status"]) == ("signer", "sent")
    assert (copy["recipientType"], copy["status"]) == ("carboncopy", "created")
    assert recipients["agents"] == []


def test_nobody_is_served_in_a_draft(ada: Client) -> None:
    """Recipients of a draft wait, and a draft may have none."""
    draft = ada.create(status="created", recipients=TWO)
    empty = ada.create(status="created", recipients={})

    assert ada.get(f"/envelopes/{draft}/recipients")["signers"][0]["status"] == "created"
    assert ada.get(f"/envelopes/{empty}/recipients")["recipientCount"] == "0"


def test_tabs_where_they_are_asked_for(ada: Client) -> None:
    """Tabs are kept, and shown with `include_tabs=true` only."""
    signer = TWO["signers"][0] | {"tabs": {"signHereTabs": [{"anchorString": "/sn1/", "anchorXOffset": 20}]}}
    path = f"/envelopes/{ada.create(recipients={'signers': [signer]})}/recipients"

    shown = ada.get(path, include_tabs="true")["signers"][0]

    assert shown["tabs"] == {"signHereTabs": [{"anchorString": "/sn1/", "anchorXOffset": "20"}]}
    assert "tabs" not in ada.get(path)["signers"][0]


def test_a_recipient_without_an_id_is_given_one(ada: Client) -> None:
    """Recipients that a client does not number can be told apart."""
    signers = [{"email": "sam@example.com"}, {"email": "sue@example.com"}]
    shown = ada.get(f"/envelopes/{ada.create(recipients={'signers': signers})}/recipients")["signers"]

    assert len({signer["recipientId"] for signer in shown}) == 2


def test_a_draft_takes_changed_and_new_recipients(ada: Client) -> None:
    """In a draft a recipient is changed by ID, keeps what was not said, and new ones are added."""
    draft = ada.create(status="created", recipients=TWO)
    wish = {"signers": [{"recipientId": "1", "email": "sam@new.example.com"}, {"recipientId": "3", "name": "Sue"}]}

    answer = ada.call("PUT", f"/envelopes/{draft}/recipients", json=wish)

    shown = ada.get(f"/envelopes/{draft}/recipients")
    done = [
        (each["recipientId"], each["errorDetails"]["errorCode"]) for each in answer.json()["recipientUpdateResults"]
    ]
    assert done == [("1", "SUCCESS"), ("3", "SUCCESS")]
    assert [(each["name"], each.get("email")) for each in shown["signers"]] == [
        ("Sam Signer", "sam@new.example.com"),
        ("Sue", None),
    ]
    assert shown["recipientCount"] == "3"


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        pytest.param([{"recipientId": "9", "email": "x@example.com"}], "UNKNOWN_ENVELOPE_RECIPIENT", id="a new one"),
        pytest.param([{"recipientId": "1", "email": ""}], "ENVELOPE_IS_INCOMPLETE", id="no address"),
        pytest.param([{"recipientId": "1", "email": "x"}], "INVALID_EMAIL_ADDRESS_FOR_RECIPIENT", id="a bad address"),
        pytest.param([{"recipientId": "1", "routingOrder": "0"}], "INVALID_REQUEST_PARAMETER", id="before the first"),
        pytest.param([{"recipientId": "x" * 101}], "INVALID_REQUEST_PARAMETER", id="too long an ID"),
        pytest.param([{"recipientId": "1"}, {"recipientId": 1}], "INVALID_REQUEST_PARAMETER", id="one twice"),
        pytest.param(["sam"], "INVALID_REQUEST_BODY", id="a name instead of an object"),
        pytest.param({"recipientId": "1"}, "INVALID_REQUEST_BODY", id="no list"),
        pytest.param([{"recipientId": {}}], "INVALID_REQUEST_BODY", id="no text"),
    ],
)
def test_changes_that_a_sent_envelope_does_not_take(ada: Client, wish: object, code: str) -> None:
    """One recipient that cannot be changed refuses the whole request, also what stood before it."""
    envelope = ada.create(recipients=TWO)
    before = ada.get(f"/envelopes/{envelope}/recipients")
    change = {"signers": wish, "carbonCopies": [{"recipientId": "2", "email": "other@example.com"}]}

    answer = ada.call("PUT", f"/envelopes/{envelope}/recipients", json=change)

    assert refusal_of(answer) == (400, code)
    assert ada.get(f"/envelopes/{envelope}/recipients") == before


def test_kinds_of_recipients_that_are_not_known(ada: Client) -> None:
    """Recipients of a kind that the sample does not have are refused, not lost."""
    answer = ada.call("POST", "/envelopes", json={"recipients": {"notaries": [{"recipientId": "1"}]}})

    assert refusal_of(answer) == (400, "INVALID_REQUEST_PARAMETER")


def test_recipients_of_a_voided_envelope_stay(ada: Client) -> None:
    """A voided envelope's recipients cannot be changed."""
    envelope = ada.create()
    ada.call("PUT", f"/envelopes/{envelope}", json={"status": "voided", "voidedReason": "Wrong flat"})

    answer = ada.call("PUT", f"/envelopes/{envelope}/recipients", json=TWO)

    assert refusal_of(answer) == (400, "ENVELOPE_INVALID_STATUS")


def test_the_view_of_an_embedded_recipient_leads_back(ada: Client) -> None:
    """The recipient who is named exactly gets a URL that returns to the client with an event."""
    embedded = TWO["signers"][0] | {"clientUserId": "1000"}
    envelope = ada.create(recipients={"signers": [embedded]})

    answer = ada.call("POST", f"/envelopes/{envelope}/views/recipient", json=SAM | {"clientUserId": "1000"})

    assert answer.status_code == 201
    assert answer.json() == {"url": f"{BACK}&event=cancel"}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        pytest.param({"email": "sue@example.com"}, "UNKNOWN_ENVELOPE_RECIPIENT", id="another address"),
        pytest.param({"userName": "Sue"}, "UNKNOWN_ENVELOPE_RECIPIENT", id="another name"),
        pytest.param({"clientUserId": "1000"}, "UNKNOWN_ENVELOPE_RECIPIENT", id="not embedded"),
        pytest.param({"email": "", "userName": ""}, "UNKNOWN_ENVELOPE_RECIPIENT", id="nobody"),
        pytest.param(
            {"email": "cy@example.com", "userName": "Cy Copy"}, "RECIPIENT_NOT_IN_SEQUENCE", id="whose turn comes later"
        ),
        pytest.param({"returnUrl": None}, "INVALID_REQUEST_PARAMETER", id="no way back"),
        pytest.param({"returnUrl": "javascript://x/%0aalert(1)"}, "INVALID_REQUEST_PARAMETER", id="a script"),
        pytest.param({"returnUrl": "https://[x/"}, "INVALID_REQUEST_PARAMETER", id="a broken address"),
        pytest.param({"returnUrl": ["https://x"]}, "INVALID_REQUEST_BODY", id="a list"),
    ],
)
def test_views_that_nobody_gets(ada: Client, said: dict[str, object], code: str) -> None:
    """A view is for a recipient who matches in every field and whose turn it is, and leads back to a web page."""
    envelope = ada.create(recipients=TWO)

    answer = ada.call("POST", f"/envelopes/{envelope}/views/recipient", json=SAM | said)

    assert refusal_of(answer) == (400, code)


def test_views_follow_the_status(ada: Client) -> None:
    """Recipients see what was sent, senders prepare what was not."""
    sent, draft = ada.create(), ada.create(status="created")

    prepared = ada.call("POST", f"/envelopes/{draft}/views/sender", json={"returnUrl": "http://localhost:3000/back"})
    too_early = ada.call("POST", f"/envelopes/{draft}/views/recipient", json=SAM)
    too_late = ada.call("POST", f"/envelopes/{sent}/views/sender", json={"returnUrl": BACK})

    assert prepared.json() == {"url": f"http://localhost:3000/back?envelopeId={draft}&event=Cancel"}
    assert refusal_of(too_early) == refusal_of(too_late) == (400, "ENVELOPE_INVALID_STATUS")
