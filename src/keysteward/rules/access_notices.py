"""What are people told of who may sign in as whom?"""

from datetime import datetime

from keysteward.rules.accounts import Organization, User
from keysteward.rules.notices import Notice, notice


def factors_removed(user: User, by: str, account: str, at: datetime) -> Notice:
    """Somebody's second factor was reset, by an admin of an account or by an operator."""
    return notice(
        "factor-reset", at, account=account, by=by, member=user.email, member_id=user.id,
        subject=f"The second factor of {user.name} was reset",
        what=f"{by} removed the second factor of {user.name} ({user.email}): authenticator, passkeys and recovery "
        f"codes. Everybody who was signed in as {user.name} has been signed out; the password stays as it is.",
        next="If nobody lost a second factor, somebody may be trying to get in. Ask the person who did it, and tell "
        "the other admins.",
    )  # fmt: skip


def provider_changed(organization: Organization, by: str, at: datetime) -> Notice:
    """An organization named, changed or removed its identity provider."""
    return notice(
        "identity-provider", at, organization=organization.id, by=by,
        subject=f"The identity provider of {organization.name} was changed",
        what=f"{by} changed the identity provider of {organization.name}. Whoever runs that provider can sign in as "
        "anybody whose address lies in your claimed domains.",
        next="If you know nothing of it, remove the provider at once: nobody signs in with it from that moment.",
        page=f"/organizations/{organization.id}/identity-provider",
    )  # fmt: skip


def scim_token_made(organization: Organization, token: str, by: str, at: datetime) -> Notice:
    """An organization made a token for its directory."""
    return notice(
        "identity-provider", at, organization=organization.id, by=by, token=token,
        subject=f"{organization.name} has a new SCIM token",
        what=f"{by} made the SCIM token {token} for {organization.name}. Whoever has it can create users in the "
        "account that the organization chose, and end the access of everybody whose address lies in its claimed "
        "domains. It makes nobody an admin.",
        next="If you know nothing of it, revoke it at once: choose Revoke beside it.",
        page=f"/organizations/{organization.id}/scim",
    )  # fmt: skip
