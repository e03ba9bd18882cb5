"""What happened? Every deed that changes something records one of these, in its own transaction."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Name = Literal[
    "AccountOpened",
    "AccountChanged",
    "UserAdded",
    "UserClosed",
    "OrganizationCreated",
    "SignedIn",
    "SignedOut",
    "PersonalTokenIssued",
    "PersonalTokenRevoked",
    "KeyCreated",
    "KeySettingsChanged",
    "KeyStopped",
    "KeyStarted",
    "KeyDeleted",
    "KeyRestored",
    "SecretAdded",
    "SecretDeleted",
    "KeypairAdded",
    "KeypairDeleted",
    "RedirectUriAdded",
    "RedirectUriRemoved",
    "OriginAdded",
    "OriginRemoved",
    "TokensRevoked",
    "ImplicitWaived",
    "ConsentGiven",
    "ConsentRevoked",
    "OrganizationAuthorizedApp",
    "FamilyKilled",
    "ReviewStarted",
    "ReviewSettled",
    "TicketMade",
    "TicketExchanged",
    "KeyPromoted",
    "ReceiptAccepted",
    "ReceiptDelivered",
]


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to what, when. `key` and `account` are empty where the deed concerns none."""

    name: Name
    at: datetime
    actor: str
    key: str = ""
    account: str = ""
    data: dict[str, str] = field(default_factory=dict)
