"""What happened? Every deed that changes something records one of these, in its own transaction.

Who did it, and what names or describes a person, may have to be forgotten one day: such fields are chained as salted
hashes (docs/decisions/0008). A field is personal unless PLAIN says otherwise.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Name = Literal[
    "AccountOpened",
    "AccountChanged",
    "UserAdded",
    "UserClosed",
    "SignUpLinkSent",
    "UserInvited",
    "InvitationWithdrawn",
    "UserJoined",
    "MemberProfileChanged",
    "UserReactivated",
    "LeaverReported",
    "LeaverBroughtBack",
    "ProfileMade",
    "ProfileChanged",
    "ProfileRemoved",
    "OrganizationCreated",
    "OrganizationAdminAdded",
    "OrganizationAdminRemoved",
    "AccountLinkAsked",
    "AccountLinkDeclined",
    "AccountLinked",
    "AccountUnlinked",
    "DomainClaimed",
    "DomainProved",
    "DomainLapsed",
    "DomainGivenUp",
    "SignedIn",
    "SignedOut",
    "SignedInAgain",
    "SessionsEnded",
    "PasswordChanged",
    "PasswordLinkSent",
    "PasswordReset",
    "AddressLinkSent",
    "AddressChanged",
    "SecondFactorReset",
    "ProviderChanged",
    "ProviderRemoved",
    "ScimTokenMade",
    "ScimTokenRevoked",
    "ScimHomeChosen",
    "ScimUserCreated",
    "ScimUserChanged",
    "ScimUserRemoved",
    "IdentityLinked",
    "IdentityUnlinked",
    "SecondFactorAdded",
    "SecondFactorRemoved",
    "RecoveryCodesMade",
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
    "SecretLeaked",
    "KeypairLeaked",
    "RedirectUriAdded",
    "RedirectUriRemoved",
    "OriginAdded",
    "OriginRemoved",
    "TokensRevoked",
    "TokenRevoked",
    "ImplicitWaived",
    "ConsentGiven",
    "ConsentRevoked",
    "OrganizationAuthorizedApp",
    "OrganizationRevokedApp",
    "AppBlocked",
    "AppUnblocked",
    "FamilyKilled",
    "ReviewStarted",
    "ReviewSettled",
    "ReviewQuestioned",
    "ReviewAnswered",
    "ReviewApproved",
    "ReviewDeclined",
    "ReviewExpiryTold",
    "OperatorAdded",
    "OperatorRemoved",
    "TicketMade",
    "TicketExchanged",
    "TicketReceived",
    "PromotionClaimed",
    "KeyPromoted",
    "ReceiptAccepted",
    "ReceiptDelivered",
    "ReceiptRefused",
    "ReceiptSentAgain",
    "SmokeTestKept",
    "AdviceKept",
    "TransferStarted",
    "TransferAccepted",
    "TransferConfirmed",
    "TransferApproved",
    "TransferVetoed",
    "TransferCancelled",
    "TransferExpired",
    "TransferReminded",
    "KeyMoved",
    "PredecessorProved",
    "RetirementAsked",
    "RetirementApproved",
    "RetirementReminded",
    "RetirementEnded",
    "KeyRetired",
    "KeyBroughtBack",
    "KeyRetiredForGood",
    "RecoveryContactNamed",
    "RecoveryContactConfirmed",
    "RecoveryContactRemoved",
    "RecoveryAsked",
    "CustodyChanged",
    "FindingAccepted",
    "FindingReopened",
    "FindingAssigned",
    "RecoveryRecipientAdded",
    "RecoveryRecipientRemoved",
    "ReleaseAsked",
    "ReleaseApproved",
    "ReleaseRefused",
    "ReleaseCancelled",
    "ReleaseExpired",
    "CredentialReleased",
    "DrillPlanned",
    "DrillRecorded",
    "DrillCancelled",
    "DrillReminded",
    "Reminded",
    "SigningKeyMade",
    "SigningKeyDistrusted",
    "MasterKeyChanged",
    "PersonErased",
    "NoticeMailsChosen",
    "PersonExported",
    "AuditRead",
    "AuditExported",
    "WorkAsked",
    "WorkCancelled",
    "WorkTaken",
    "PolicyApplied",
    "PolicyProposed",
    "PolicyProposalEnded",
    "SetupStepDone",
    "PackInstalled",
    "PackRemoved",
    "LegacyWaived",
    "LegacyWaiverRevoked",
    "LimitsChanged",
    "RequestLoggingChanged",
    "RequestLogCleared",
    "RequestLoggingForbidden",
    "RequestLoggingAllowed",
    "WebhookMade",
    "WebhookSecretRotated",
    "WebhookRemoved",
    "WebhookSwitchedOff",
    "WebhookSwitchedOn",
    "WebhookTested",
    "WebhookReplayed",
    "GatewayAdded",
    "GatewayRemoved",
]

PLAIN = frozenset(
    {
        # who and what, by ids that say nothing of a person once their user is gone
        "accounts", "family", "gateway", "keypair", "kid", "organization", "passkey", "review", "secret", "session",
        "successor", "ticket", "token", "trace", "user", "transfer", "source", "destination", "side", "hand",
        "credential", "predecessor", "replaced_by", "retirement",
        # what was decided
        "admins", "answers", "evidence", "factor", "fields", "loosened", "pack", "plan", "policy", "profile",
        "proposal", "service_admin", "state", "step", "until", "verdict", "why", "wish",
        # who comes and who left
        "code", "finding", "fixed", "found",
        "departure", "forced", "invitation", "keys", "permissions", "unmanaged",
        # what is sealed for recovery, and what is tried before it is needed
        "about", "drill", "drill_kind", "next_drill", "recipient", "release", "result", "sealed_to",
        # how an app and the house are set up
        "domain", "fingerprint", "grants", "integration_type", "origin", "pkce_required", "privacy_url", "scopes",
        "terms_url", "thumbprint", "uri", "use",
        # what webhooks are told
        "webhook", "delivery", "since",
        # what takes long
        "work", "work_kind",
        # how much an account may call
        "burst", "candidate_burst", "candidate_hourly", "hourly",
    }
)  # fmt: skip
"""The fields of `data` that are not personal: they are chained as they are, and can never be erased."""

ERASED = "erased"
_ACTOR = "actor"
_DATA = "data."


@dataclass(frozen=True, slots=True)
class Event:
    """Who did what to what, when. `key` and `account` are empty where the deed concerns none."""

    name: Name
    at: datetime
    actor: str
    key: str = ""
    account: str = ""
    data: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as it is kept: a salt for each personal field, and the salted hash of each that was erased.

    Personal fields go by the names `actor` and `data.NAME`.
    """

    sequence: int
    event: Event
    salts: Mapping[str, str]
    erased: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tenure:
    """When somebody else bore an address: from one event and moment to another, both included; None: they do now."""

    address: str
    first: int
    since: datetime
    last: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Erasure:
    """Who is to be forgotten: their address, and the names they go by, addresses of before among them.

    An address may have been another user's before or since. `others` says when; what it means then is not theirs.
    """

    address: str
    names: tuple[str, ...] = ()
    user: str = ""
    others: tuple[Tenure, ...] = ()

    def of_entry(self, entry: Entry) -> "Erasure":
        """What of it means them in an event."""
        number = entry.sequence
        return self._but({t.address for t in self.others if t.first <= number and (t.last is None or number <= t.last)})

    def of_moment(self, at: datetime | None) -> "Erasure":
        """What of it means them in what was written then.

        Where nobody noted when, an address means whoever bears it now.
        """
        if at is None:
            return self._but({t.address for t in self.others if t.until is None})
        return self._but({t.address for t in self.others if t.since <= at and (t.until is None or at <= t.until)})

    def _but(self, taken: set[str]) -> "Erasure":
        if not taken:
            return self
        names = tuple(each for each in self.names if each.casefold() not in taken)
        return replace(self, address="" if self.address.casefold() in taken else self.address, names=names)


def personal_fields(event: Event) -> dict[str, str]:
    """The fields of an event that say who somebody is, with their values."""
    return {_ACTOR: event.actor} | {_DATA + name: value for name, value in event.data.items() if name not in PLAIN}


def fields_about(event: Event, erasure: Erasure) -> frozenset[str]:
    """The fields of an event to erase when somebody is to be forgotten.

    That is their address and names wherever they stand, and what they wrote where it concerns nobody else: no key and
    no account.
    """
    fields = personal_fields(event)
    is_own = bool(erasure.address) and event.actor.casefold() == erasure.address.casefold()
    if is_own and not event.key and not event.account:
        return frozenset(fields)
    return frozenset(name for name, value in fields.items() if mentions(value, erasure))


def without(entry: Entry, digests: Mapping[str, str]) -> Entry:
    """An entry after some of its personal fields gave way to their salted hashes."""
    event = entry.event
    kept = {name: value for name, value in event.data.items() if _DATA + name not in digests}
    actor = "" if _ACTOR in digests else event.actor
    salts = {name: salt for name, salt in entry.salts.items() if name not in digests}
    return replace(entry, event=replace(event, actor=actor, data=kept), salts=salts, erased={**entry.erased, **digests})


def shown(entry: Entry) -> Event:
    """The event as people see it: what was erased says so."""
    event, erased = entry.event, entry.erased
    gone = {name.removeprefix(_DATA): ERASED for name in erased if name.startswith(_DATA)}
    return replace(event, actor=ERASED if _ACTOR in erased else event.actor, data={**event.data, **gone})


def forgotten(text: str, erasure: Erasure, instead: str = ERASED) -> str:
    """A text with another word wherever the address or a name stood, and not merely as part of a longer one."""
    for each in (erasure.address, *erasure.names):
        if each:
            text = re.sub(_named(each), lambda _: instead, text, flags=re.IGNORECASE)
    return text


def mentions(value: str, erasure: Erasure) -> bool:
    """Whether a text holds the address or a name, and not merely as part of a longer one."""
    said = value.casefold()
    known = [each.casefold() for each in (erasure.address, *erasure.names) if each]
    return any(re.search(_named(each), said) for each in known)


def _named(name: str) -> str:
    return rf"(?<![\w.+%-]){re.escape(name)}(?![\w-]|\.\w)"
