"""Does the house do by itself in a twin what the clock says: domains, invitations, transfers?"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.polling import until
from tests.twin.running import ANY_PORTS, Twin, running

SEED = """
[[demo.accounts]]
name = "Acme"
invitations = [{ email = "zoe@acme.example" }]

[[demo.users]]
email = "ada@acme.example"

[[demo.organizations]]
name = "Acme Group"
domains = [{ name = "acme.test", state = "pending", created = "now" }]

[[demo.apps]]
name = "Lease signer"
review = "live"

[[production.accounts]]
name = "Acme"

[[production.accounts]]
name = "Holding"

[[production.users]]
email = "ada@acme.example"
memberships = [{ account = "Acme" }, { account = "Holding" }]

[[production.apps]]
key = "Lease signer"

[[production.transfers]]
app = "Lease signer"
to = "Holding"
"""


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Twin]:
    """A twin with a claimed domain, an invitation and a transfer, whose clock a test moves."""
    file = tmp_path / "twin.toml"
    file.write_text(SEED)
    with running(tmp_path / "twin", "--seed", str(file), *ANY_PORTS) as twin:
        yield twin


def domain_of(twin: Twin) -> Any:  # noqa: ANN401 — whatever JSON says
    """The claimed domain, as the organization's admins see it."""
    (organization,) = twin.demo.get("/organizations")["organizations"]
    (domain,) = twin.demo.get(f"/organizations/{organization['id']}")["domains"]
    return domain


def is_in(twin: Twin, state: str) -> bool:
    """Whether the domain is in a state."""
    return bool(domain_of(twin)["state"] == state)


def test_what_the_clock_asks_for_is_done(moved: Twin) -> None:
    """A new claim is proved within the hour, lapses a day after its record is gone, and recovers; invitations end."""
    record, account = domain_of(moved)["records"][0], moved.demo.get("/me")["accounts"][0]["id"]
    for txt, hours, state in (([record["value"]], 1, "active"), ([], 25, "lapsed"), ([record["value"]], 25, "active")):
        moved.control("PUT", "/dns", {"names": {record["name"]: {"txt": txt}}})
        moved.advance(hours=hours, minutes=1)
        until(partial(is_in, moved, state), 60)
    waiting = [each["email"] for each in moved.demo.get(f"/accounts/{account}/invitations")["invitations"]]
    moved.advance(days=60)

    assert waiting == ["zoe@acme.example"]
    assert moved.demo.get(f"/accounts/{account}/invitations")["invitations"] == []


@pytest.mark.long
def test_a_transfer_ends_when_its_time_is_up(moved: Twin) -> None:
    """Nobody has to look: its people are reminded before its end, and a week after it began it is over."""
    before = len(mails_of(moved))
    moved.advance(days=4)
    until(lambda: len(mails_of(moved)) > before, 60)
    assert transfer_of(moved)["ending"] is None

    moved.advance(days=3)
    until(lambda: transfer_of(moved)["ending"], 60)
    assert (transfer_of(moved)["status"], transfer_of(moved)["ending"]["by"]) == ("expired", "system")


def transfer_of(twin: Twin) -> Any:  # noqa: ANN401 — whatever JSON says
    """The transfer, as one who administers both accounts sees it."""
    (found,) = twin.production.get("/transfers")["transfers"]
    return found


def mails_of(twin: Twin) -> list[str]:
    """What production wrote, by subject."""
    headers = {"Authorization": f"Bearer {twin.variables()['KEYSTEWARD_DEV_TOKEN']}"}
    found = twin.production.request("GET", "/_dev/outbox", headers=headers).json()["mails"]
    return [each["subject"] for each in found]
