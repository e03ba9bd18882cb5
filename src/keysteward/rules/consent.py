"""Who allowed an app to act for a user, and what does that cover?

A user is covered by their own consent, or by that of one organization: never by pieces of several, which nobody gave
as a whole.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from keysteward.rules.domains import ascii_name
from keysteward.rules.refusals import INVALID_FIELD, Refusal
from keysteward.rules.tokens import covers, read_scopes, sentence_of

IMPERSONATION = "impersonation"
ADMIN_API_SCOPES = frozenset(
    {
        "organization_read", "group_read", "permission_read", "user_read", "user_write", "account_read",
        "account_write", "domain_read", "identity_provider_read", "user_data_redact", "asset_group_account_read",
        "asset_group_account_clone_read", "asset_group_account_clone_write", "organization_sub_account_read",
        "organization_sub_account_write", "connect_org_config_read_api", "connect_org_config_write_api",
        "connect_org_oauth_read_api", "connect_org_oauth_write_api", "connect_org_hmac_read_api",
        "connect_org_hmac_write_api",
    }
)  # fmt: skip
"""An organization may allow these to the app itself; for a user, only that user may. Source: Docusign, Admin API."""


_OF_USERS: dict[str, str] = {
    "signature": "Create, send and read envelopes for them",
    "extended": "Stay connected until you end it",
    "impersonation": "Act for them while they are away",
    "openid": "Know who they are",
    "email": "See their e-mail addresses",
    "profile": "See their names",
}


@dataclass(frozen=True, slots=True)
class Allowed:
    """Scopes that a user or an organization allowed an app; what was issued below `least_epoch` is not of it."""

    scopes: frozenset[str] = frozenset()
    least_epoch: int = 0


@dataclass(frozen=True, slots=True)
class Consents:
    """Everything that lets an app act for a user: their own consent, and those of organizations that cover them."""

    own: Allowed = Allowed()
    of_organizations: tuple[Allowed, ...] = ()

    def scopes_for(self, needed: frozenset[str], epoch: int) -> frozenset[str]:
        """The scopes of the one consent that covers all that is needed by what was issued at an epoch; else none.

        Whoever disconnects an app ends all that came before, whoever had allowed it.
        """
        if epoch < self.own.least_epoch:
            return frozenset()
        if needed <= self.own.scopes:
            return self.own.scopes
        return next((each.scopes for each in self.of_organizations if _allows(each, needed, epoch)), frozenset())

    def cover(self, needed: frozenset[str], epoch: int) -> bool:
        """Whether one consent covers all that is needed by what was issued at an epoch."""
        return bool(needed) and covers(self.scopes_for(needed, epoch), needed)


def for_users(scopes: Iterable[str]) -> frozenset[str]:
    """What an organization can allow for its users: everything but the Admin API."""
    return frozenset(scopes) - ADMIN_API_SCOPES


def sentence_for_users(scope: str) -> str:
    """What a scope lets an app do, to whoever allows it for others."""
    return _OF_USERS.get(scope, sentence_of(scope))


def needed_by(scopes: Iterable[str], *, impersonates: bool) -> frozenset[str]:
    """What must be allowed for a token: its scopes, and impersonation where the user is away."""
    return frozenset(scopes) | {IMPERSONATION} if impersonates else frozenset(scopes)


def lies_in(address: str, host_names: Iterable[str]) -> bool:
    """Whether an address lies in one of these domains: exactly there, never below it."""
    local, at, domain = address.rpartition("@")
    return bool(local and at and domain) and ascii_name(domain) in {ascii_name(name) for name in host_names}


def authorizing(
    consents: Mapping[str, Allowed], scopes: frozenset[str], epoch: int, named: frozenset[str] | None = None
) -> frozenset[str]:
    """The organizations that let an app have an application token of this epoch with these scopes.

    A token sees no organization but those it names.
    """
    among = consents.keys() if named is None else consents.keys() & named
    return frozenset(organization for organization in among if _allows(consents[organization], scopes, epoch))


def checked_scopes(text: str, field: str) -> frozenset[str]:
    """Scopes as an organization's admin typed them, separated by spaces."""
    scopes = read_scopes(" ".join(text.split()))
    if scopes is None:
        raise Refusal(INVALID_FIELD, field=field, reason="name at least one scope; separate them by spaces.")
    return frozenset(scopes)


def _allows(allowed: Allowed, needed: frozenset[str], epoch: int) -> bool:
    return bool(allowed.scopes) and needed <= allowed.scopes and epoch >= allowed.least_epoch
