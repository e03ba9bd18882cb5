"""Who may do what?

An actor's standing in an account decides; a personal access token narrows it to its permissions, never widens it.
"""

from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.accounts import Standing
from keysteward.rules.refusals import ACCOUNT_NOT_OPEN, NOT_AN_ADMIN, TOKEN_LACKS_PERMISSION, Refusal

READ_KEYS = "account:key:read"
WRITE_KEYS = "account:key:write"
START_REVIEWS = "account:review:start"
PROMOTE_KEYS = "account:key:promote"
TRANSFER_KEYS = "account:key:transfer"
HANDLE_REVIEWS = "operator:review:handle"
READ_APPS = "account:app:read"
BLOCK_APPS = "account:app:block"
READ_AUTHORIZATIONS = "organization:app:read"
END_AUTHORIZATIONS = "organization:app:revoke"
READ_ORGANIZATIONS = "organization:settings:read"
CHECK_DOMAINS = "organization:domain:check"
READ_MEMBERS = "account:member:read"
WRITE_MEMBERS = "account:member:write"
READ_CUSTODY = "account:custody:read"
WRITE_CUSTODY = "account:custody:write"
REPORT_LEAVERS = "organization:leaver:report"
HANDLE_ACCOUNTS = "operator:account:handle"
READ_NOTICES = "user:notice:read"
READ_WEBHOOKS = "account:webhook:read"
REPLAY_WEBHOOKS = "account:webhook:replay"
READ_AUDIT = "account:audit:read"
READ_ORGANIZATION_AUDIT = "organization:audit:read"
READ_ALL_AUDIT = "operator:audit:read"
HANDLE_PEOPLE = "operator:person:handle"
HANDLE_POLICY = "operator:policy:handle"

PERMISSIONS: dict[str, str] = {
    READ_KEYS: "See the account's integration keys, their calls and reviews.",
    WRITE_KEYS: "Create, change, stop, delete and restore integration keys.",
    START_REVIEWS: "Start Go-Live reviews.",
    PROMOTE_KEYS: "Promote integration keys to production.",
    TRANSFER_KEYS: "See, start, accept and cancel transfers of integration keys; a person confirms them.",
    HANDLE_REVIEWS: "As an operator, see the reviews that wait for a person, and ask their developers.",
    READ_APPS: "See which apps act in the account.",
    BLOCK_APPS: "Block and unblock apps in the account.",
    READ_AUTHORIZATIONS: "See which apps the organization authorizes.",
    END_AUTHORIZATIONS: "End what the organization authorizes.",
    READ_ORGANIZATIONS: "See the organization's accounts, admins and claimed domains.",
    CHECK_DOMAINS: "Have DNS asked for the proofs of the organization's claimed domains.",
    READ_MEMBERS: "See the account's members, invitations and permission profiles.",
    WRITE_MEMBERS: "Invite, change, close and reactivate members; make permission profiles.",
    READ_CUSTODY: "See what puts the account's integration keys at risk, and the ways back.",
    WRITE_CUSTODY: "Accept findings about custody until a day, and say who sees to them.",
    REPORT_LEAVERS: "Report who left the organization, and bring them back.",
    READ_AUDIT: "Search the audit log of the account, and download it.",
    READ_ORGANIZATION_AUDIT: "Search the audit log of the organization and its accounts, and download it.",
    READ_ALL_AUDIT: "As an operator, search the audit log of the whole environment, and download it.",
    HANDLE_PEOPLE: "As an operator, download all that is held on somebody, and erase who left.",
    HANDLE_ACCOUNTS: "As an operator, open, suspend, close and reopen accounts, and close users who left.",
    HANDLE_POLICY: "As an operator, read the policy with its history, change it, and propose what loosens it.",
    READ_NOTICES: "See your notices, and mark them as read.",
    READ_WEBHOOKS: "See the webhooks of the account or organization, and what became of each delivery.",
    REPLAY_WEBHOOKS: "Send tests to these webhooks, and let deliveries be sent again.",
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `permissions` is None for somebody in the console, whose standing alone decides."""

    user: str
    email: str
    signed_in_at: datetime
    permissions: frozenset[str] | None = None


def may(actor: Actor, permission: str) -> bool:
    """A console session may use all of its standing; a token only what it was made for."""
    return actor.permissions is None or permission in actor.permissions


def demand_permission(actor: Actor, permission: str) -> None:
    """Refuse a personal access token that lacks the permission."""
    if not may(actor, permission):
        raise Refusal(TOKEN_LACKS_PERMISSION, permission=permission)


def demand_admin(standing: Standing) -> None:
    """Refuse whoever is not an admin of the account; members learn that it exists, others never get here."""
    if not standing.is_admin:
        raise Refusal(NOT_AN_ADMIN, account=standing.account.id)


def demand_open(standing: Standing) -> None:
    """Refuse what only an open account may do."""
    if standing.account.state != "open":
        raise Refusal(ACCOUNT_NOT_OPEN, state=standing.account.state)
