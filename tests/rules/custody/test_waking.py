"""Which events wake the judgement of custody, and whom do they concern?"""

from datetime import UTC, datetime
from typing import get_args

from keysteward.rules.custody.waking import ASLEEP, OF_EVERY_ACCOUNT, OF_EVERYTHING, Concerned, concerned
from keysteward.rules.events import Event, Name

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
MUST_WAKE: set[Name] = {
    "AccountOpened", "AccountChanged", "UserAdded", "UserClosed", "UserJoined", "MemberProfileChanged",
    "UserReactivated", "LeaverReported", "LeaverBroughtBack", "ProfileChanged", "ProfileRemoved",
    "OrganizationCreated", "OrganizationAdminAdded", "OrganizationAdminRemoved", "AccountLinked", "AccountUnlinked",
    "DomainProved", "DomainLapsed", "DomainGivenUp", "SignedIn", "AddressChanged", "KeyCreated", "KeySettingsChanged",
    "KeyDeleted", "KeyRestored", "SecretAdded", "SecretDeleted", "KeypairAdded", "KeypairDeleted", "SecretLeaked",
    "KeypairLeaked", "RedirectUriAdded", "RedirectUriRemoved", "ReviewStarted", "ReviewSettled", "ReviewApproved",
    "ReviewDeclined", "KeyPromoted", "ReceiptAccepted", "KeyMoved", "FindingAccepted", "FindingReopened",
    "PersonErased", "PolicyApplied",
}  # fmt: skip


def event(name: Name, **said: str) -> Event:
    """Something that happened."""
    return Event(
        name, NOW, said.pop("actor", "ada@acme.example"), said.pop("key", ""), said.pop("account", ""), dict(said)
    )


def test_every_relevant_event_wakes() -> None:
    """Whatever a rule looks at wakes the judgement when it changes; an event that nobody classed wakes it too."""
    names = set(get_args(Name))

    assert sorted(ASLEEP & MUST_WAKE) == []
    assert sorted((ASLEEP | MUST_WAKE) - names) == []
    assert sorted((OF_EVERY_ACCOUNT | OF_EVERYTHING) - MUST_WAKE) == []


def test_whom_events_concern() -> None:
    """Accounts, keys, people and organizations, wherever an event names them; a sign-in by its address."""
    found = concerned([
        event("KeyMoved", key="k", account="b", source="a", destination="b"),
        event("MemberProfileChanged", account="c", user="u"),
        event("OrganizationAdminAdded", organization="o", user="v"),
        event("DomainLapsed", organization="p", domain="acme.example"),
        event("OrganizationCreated", organization="q", accounts="d e"),
        event("SignedIn", actor="eve@acme.example", user="w"),
        event("PasswordChanged", user="x"),
        event("CustodyChanged", account="y"),
    ])  # fmt: skip

    assert found == Concerned(
        accounts={"a", "b", "c", "d", "e"},
        keys={"k"},
        users={"u", "v"},
        came={"eve@acme.example"},
        organizations={"o", "q"},
        whole_organizations={"p"},
    )


def test_a_policy_concerns_everybody() -> None:
    """By other numbers, everything may be judged otherwise."""
    assert concerned([event("PolicyApplied")]).is_everything
