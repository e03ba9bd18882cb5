"""Do webhooks speak as receivers expect, and when are they tried again?"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.rules.notice_kinds import KINDS
from keysteward.rules.notices import notice
from keysteward.rules.policy import DEFAULT, Policy
from keysteward.rules.refusals import INVALID_FIELD, TOO_MANY_REPEATS, Refusal
from keysteward.rules.webhooks import (
    GAPS,
    JITTER,
    KINDS_TOLD,
    Attempt,
    Delivery,
    Owner,
    Webhook,
    checked_kinds,
    checked_url,
    demand_repeats,
    failure_of,
    gap_after,
    is_worn_out,
    message_of,
    payload,
    repeated,
    shown_url,
    wants,
)
from keysteward.rules.words import new_guid
from tests.cast import ACME, START, refused

HOOK = Webhook("w", Owner(ACME.demo), "https://hooks.example.com/", (), START, "ada@acme.example", b"")
DELIVERY = Delivery(new_guid(), 1, "w", "m", "new-secret", "{}", START, START)
REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "webhooks.md"


def test_what_is_sent() -> None:
    """Every field stands there, null where it says nothing; facts are texts."""
    told = notice("new-admin", START, account=ACME.demo, by="ada@acme.example", what="Bo is an admin.")
    said = json.loads(payload(message_of(told), "production"))

    assert list(said) == [
        "type", "id", "occurred_at", "environment", "account_id", "organization_id", "integration_key", "facts",
    ]  # fmt: skip
    assert said == {
        "type": "new-admin",
        "id": told.id,
        "occurred_at": "2026-11-20T09:30:00Z",
        "environment": "production",
        "account_id": ACME.demo,
        "organization_id": None,
        "integration_key": None,
        "facts": {"by": "ada@acme.example", "what": "Bo is an admin."},
    }


def test_the_reference_names_every_kind() -> None:
    """And no other, with the words that the console says."""
    table = [f"| `{kind}` | {KINDS[kind].sentence} |" for kind in KINDS_TOLD]

    assert REFERENCE.read_text().split("| type | what it tells |\n|---|---|\n")[1].splitlines() == table


@pytest.mark.parametrize("step", range(1, 9))
def test_gaps_grow(step: int) -> None:
    """Each is the one of the list or up to a fifth longer, and the same for the same delivery."""
    gaps = {gap_after(replace(DELIVERY, id=new_guid(), step=step), 9) for _ in range(50)}

    assert all(gap is not None and GAPS[step - 1] <= gap <= GAPS[step - 1] * (1 + JITTER) for gap in gaps)
    assert len(gaps) > 1
    assert gap_after(replace(DELIVERY, step=step), 9) == gap_after(replace(DELIVERY, step=step), 9)


def test_the_last_try_is_the_last() -> None:
    """After as many as the policy says a delivery is given up; more than there are gaps wait as long as the last."""
    assert gap_after(replace(DELIVERY, step=9), 9) is None
    assert gap_after(replace(DELIVERY, step=1), 1) is None
    assert GAPS[-1] <= (gap_after(replace(DELIVERY, step=15), 20) or START - START) <= GAPS[-1] * (1 + JITTER)


def test_so_much_within_an_hour() -> None:
    """The hour opens with the first; up to the limit some are left, then none until the hour is over, to the moment."""
    policy, hour = Policy(webhook_repeats_per_hour=10), timedelta(hours=1)
    assert demand_repeats(HOOK, START, policy) == 10
    count, since = repeated(HOOK, START, 7)
    some = replace(HOOK, repeats=count, repeats_since=since)
    assert demand_repeats(some, START + hour - timedelta(seconds=1), policy) == 3
    count, since = repeated(some, START + timedelta(minutes=30), 3)
    full = replace(HOOK, repeats=count, repeats_since=since)
    assert (count, since) == (10, START)
    with refused(TOO_MANY_REPEATS):
        demand_repeats(full, START + hour - timedelta(microseconds=1), policy)
    with pytest.raises(Refusal, match="too-many-webhook-repeats") as caught:
        demand_repeats(full, START + timedelta(minutes=29, seconds=30), policy)
    assert caught.value.next_step.startswith("Wait 31 minutes and go on.")
    assert demand_repeats(full, START + hour, policy) == 10
    assert repeated(full, START + hour, 2) == (2, START + hour)
    assert demand_repeats(full, START - hour, policy) == 10


@pytest.mark.parametrize(
    ("status", "failure"),
    [(200, ""), (204, ""), (299, ""), (302, "it answered 302, which leads elsewhere, and we follow nowhere"),
     (404, "it answered 404"), (500, "it answered 500")],
)  # fmt: skip
def test_which_answers_take_a_delivery(status: int, failure: str) -> None:
    """Every 2xx and nothing else."""
    assert failure_of(status) == failure
    assert Attempt(START, status, "", failure).is_success is (not failure)


def test_silence_takes_nothing() -> None:
    """No answer is no success."""
    assert not Attempt(START, 0, "", "it did not answer").is_success


def test_who_is_told() -> None:
    """All kinds or those that were chosen; never what concerns one person, or that webhooks fail; nothing while off."""
    finding, admin = notice("custody-finding", START), notice("new-admin", START)
    some = replace(HOOK, kinds=("new-admin",))

    assert [wants(HOOK, each) for each in (finding, admin)] == [True, True]
    assert [wants(some, each) for each in (finding, admin)] == [False, True]
    assert not wants(HOOK, notice("new-device", START, user="u"))
    assert not wants(HOOK, notice("webhook-failing", START))
    assert not wants(replace(HOOK, off_at=START), admin)


def test_when_it_is_worn_out() -> None:
    """After five days without one success, to the moment."""
    failing = replace(HOOK, failing_since=START)

    after = DEFAULT.webhook_off_after
    assert not is_worn_out(HOOK, START + timedelta(days=99), after)
    assert not is_worn_out(failing, START + after - timedelta(microseconds=1), after)
    assert is_worn_out(failing, START + after, after)


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example.com", "http://hooks.example.com/", "https://", "https://u:p@a.example/", "https://@a.example/",
     "https://a.example/#x", "https://a.example/#", "https://a b.example/", "https://ä.example/",
     "https://a.example:99999/", "https://a.example\\@b.example/", "https://a.example/" + "x" * 500],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    """It is refused at its field."""
    with refused(INVALID_FIELD, "url"):
        checked_url(url)


def test_what_is_an_address() -> None:
    """Host, port, path and query; blanks around it do not count."""
    assert checked_url(" https://hooks.example.com:8443/a?b=c ") == "https://hooks.example.com:8443/a?b=c"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://hooks.example.com", "https://hooks.example.com/"),
        ("https://hooks.example.com:8443/T1/B2/secret", "https://hooks.example.com:8443/…"),
        ("https://hooks.example.com/?code=secret", "https://hooks.example.com/…"),
    ],
)
def test_others_are_told_the_host_alone(url: str, shown: str) -> None:
    """The path of many receivers is a secret, so it stands in no notice and no event."""
    assert shown_url(url) == shown


def test_kinds_are_those_that_are_told() -> None:
    """Each once and in our order; one that no webhook is told of is refused."""
    assert checked_kinds(["new-admin", "new-secret", "new-admin"]) == ("new-secret", "new-admin")
    for unknown in ("nonsense", "new-device", "webhook-failing"):
        with refused(INVALID_FIELD, "kinds"):
            checked_kinds([unknown])
