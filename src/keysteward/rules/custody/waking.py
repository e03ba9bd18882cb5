"""Which events may change what custody finds, and whom do they concern?

An event that stands in ASLEEP changes nothing that a rule of CUSTODY looks at; every other one wakes the judgement, new
ones too. What changes by the clock alone (an unused key, a credential that ends) is found once a day.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from keysteward.rules.events import Event, Name

ASLEEP: frozenset[Name] = frozenset({
    # what custody itself says
    "CustodyChanged",
    # somebody is asked, and nothing holds before they answer
    "SignUpLinkSent", "UserInvited", "InvitationWithdrawn", "AccountLinkAsked", "AccountLinkDeclined", "DomainClaimed",
    # how people prove who they are: a sign-in counts, its means do not
    "SignedOut", "SessionsEnded", "PasswordChanged", "PasswordLinkSent", "PasswordReset", "AddressLinkSent",
    "SecondFactorReset", "ProviderChanged", "ProviderRemoved", "IdentityLinked", "IdentityUnlinked",
    "ScimTokenMade", "ScimTokenRevoked", "ScimHomeChosen", "ScimUserRemoved",
    "SecondFactorAdded", "SecondFactorRemoved", "RecoveryCodesMade", "PersonalTokenIssued", "PersonalTokenRevoked",
    # tokens, consents and who is allowed what
    "TokensRevoked", "TokenRevoked", "ImplicitWaived", "ConsentGiven", "ConsentRevoked", "OrganizationAuthorizedApp",
    "OrganizationRevokedApp", "AppBlocked", "AppUnblocked", "FamilyKilled", "OriginAdded", "OriginRemoved",
    # steps whose end has an event of its own
    "ReviewQuestioned", "ReviewAnswered", "ReviewExpiryTold", "TicketMade", "TicketExchanged", "TicketReceived",
    "PromotionClaimed", "ReceiptDelivered", "ReceiptRefused", "ReceiptSentAgain", "SmokeTestKept", "AdviceKept",
    "TransferStarted", "TransferAccepted", "TransferConfirmed", "TransferApproved", "TransferVetoed",
    "TransferCancelled", "TransferExpired", "TransferReminded", "RetirementReminded", "Reminded",
    # what is sealed, and who is given it
    "RecoveryRecipientAdded", "RecoveryRecipientRemoved", "ReleaseAsked", "ReleaseApproved", "ReleaseRefused",
    "ReleaseCancelled", "ReleaseExpired", "CredentialReleased",
    # the house and its limits
    "OperatorAdded", "OperatorRemoved", "SigningKeyMade", "SigningKeyDistrusted", "MasterKeyChanged",
    "PolicyProposed", "PolicyProposalEnded", "SetupStepDone",
    "PackInstalled", "PackRemoved", "LegacyWaived", "LegacyWaiverRevoked", "LimitsChanged", "RequestLoggingChanged",
    "RequestLogCleared", "RequestLoggingForbidden", "RequestLoggingAllowed", "GatewayAdded", "GatewayRemoved",
})  # fmt: skip
OF_EVERY_ACCOUNT: frozenset[Name] = frozenset({
    "DomainProved", "DomainLapsed", "DomainGivenUp", "FindingAccepted", "FindingReopened",
})  # fmt: skip
"""Where an organization is named, what changes the ways back or the score of every account of it."""

OF_EVERYTHING: frozenset[Name] = frozenset({"PolicyApplied"})
"""What changes the numbers by which all of it is judged."""

_ACCOUNTS, _USERS = ("source", "destination", "accounts"), ("user", "successor")


@dataclass(slots=True)
class Concerned:
    """Whom events concern: ids, and by their addresses those who signed in. `is_everything` leaves nobody out."""

    accounts: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    users: set[str] = field(default_factory=set)
    came: set[str] = field(default_factory=set)
    organizations: set[str] = field(default_factory=set)
    whole_organizations: set[str] = field(default_factory=set)
    is_everything: bool = False


def concerned(events: Iterable[Event]) -> Concerned:
    """Whom the events concern that wake the judgement."""
    found = Concerned()
    for event in events:
        if event.name not in ASLEEP:
            _add(found, event)
    return found


def _add(found: Concerned, event: Event) -> None:
    if event.name in OF_EVERYTHING:
        found.is_everything = True
    elif event.name == "SignedIn":
        found.came.add(event.actor)
    else:
        found.accounts |= {event.account, *_named(event, _ACCOUNTS)} - {""}
        found.keys |= {event.key} - {""}
        found.users |= _named(event, _USERS)
        whole = event.name in OF_EVERY_ACCOUNT
        (found.whole_organizations if whole else found.organizations).update(_named(event, ("organization",)))


def _named(event: Event, fields: tuple[str, ...]) -> set[str]:
    return {each for name in fields for each in event.data.get(name, "").split()}
