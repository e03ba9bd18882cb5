"""Of what do we send notices, and which of them nobody may turn off?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

NoticeKind = Literal[
    "new-secret", "new-keypair", "new-redirect-uri", "new-admin", "admin-removed", "waiver", "service-admin-sign-in",
    "new-device", "credential-expiry", "review-expiry", "review", "key-live", "key-waits", "transfer", "domain-lapsed",
    "last-admin", "custody-finding", "retirement", "contact-changed", "sealed-credential", "drill", "webhook",
    "webhook-failing", "factor-reset", "identity-provider",
]  # fmt: skip
NOTICE_KINDS: tuple[NoticeKind, ...] = get_args(NoticeKind)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of notice: its name for people, what it tells, and whether its mails always go out."""

    name: str
    sentence: str
    is_security: bool = False


KINDS: Mapping[NoticeKind, Kind] = {
    "new-secret": Kind("New secret key", "Somebody made a secret key.", is_security=True),
    "new-keypair": Kind("New keypair", "Somebody added a keypair.", is_security=True),
    "new-redirect-uri": Kind("New redirect URI", "Somebody added a redirect URI.", is_security=True),
    "new-admin": Kind(
        "New admin", "Somebody became an admin of an account or an organization, as a person or a service admin.",
        is_security=True,
    ),
    "admin-removed": Kind(
        "Admin removed", "Somebody administers an organization no more, by another's word.", is_security=True
    ),
    "waiver": Kind("Waiver", "Somebody allowed an exception from the rules.", is_security=True),
    "service-admin-sign-in": Kind("Service admin signed in", "A service admin was used.", is_security=True),
    "new-device": Kind("New device", "Somebody signed in as you from a new device.", is_security=True),
    "credential-expiry": Kind("Secret key or keypair expires", "90, 60, 30, 15, 7 and 1 days before it expires."),
    "review-expiry": Kind("Review expires", "30, 7 and 1 days before a passed review expires."),
    "review": Kind("Review", "A review passed, failed, waits for a person, or somebody asked about it."),
    "key-live": Kind("Key is live", "An integration key arrived in production."),
    "key-waits": Kind("Key waits for you", "A key passed its review and is not live, or is live and not set up."),
    "transfer": Kind("Transfer", "A step of a transfer of an integration key."),
    "domain-lapsed": Kind("Domain lapsed", "DNS shows the proof of a claimed domain no more."),
    "last-admin": Kind("Last admin", "An account has one admin left, or none."),
    "custody-finding": Kind("Critical finding", "Custody found something critical."),
    "webhook": Kind(
        "Webhook", "Somebody made or removed a webhook, or gave it a new signing secret.", is_security=True
    ),
    "webhook-failing": Kind("Webhook fails", "A webhook does not take what it is sent, or was switched off."),
    "retirement": Kind(
        "Retirement", "An old key is to be retired, was retired, or was brought back.", is_security=True
    ),
    "contact-changed": Kind("Recovery contact", "Somebody named or removed a recovery contact.", is_security=True),
    "sealed-credential": Kind(
        "Sealed credential", "Somebody changed the recovery recipients, or asked for a sealed credential.",
        is_security=True,
    ),
    "drill": Kind("Drill", "A drill names you, is due or overdue, or both of its results are there."),
    "factor-reset": Kind("Second factor reset", "Somebody reset a second factor.", is_security=True),
    "identity-provider": Kind(
        "Identity provider", "Somebody changed the identity provider of an organization, or made a SCIM token for it.",
        is_security=True,
    ),
}  # fmt: skip
