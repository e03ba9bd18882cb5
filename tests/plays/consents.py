"""How is each deed around consents played: of users, of organizations, and of accounts that block an app?"""

from keysteward.actions import acting_apps, consents, organization_consents
from tests.cast import ACME, ADA, CY, ORGANIZATION, VERA
from tests.plays.stage import Play, Scene, Stage, Told

OURS = ORGANIZATION["demo"]
ALLOWED = frozenset({"signature", "impersonation"})


# ── users ───────────────────────────────────────────────────────────────────────────────────────────────────────────
def consent(on: Stage) -> Scene:
    """Vera allows what is asked."""
    request, vera = on.town.request(on.demo, on.made), on.town.actor(VERA)
    told = Told("ConsentGiven", VERA.email, on.made.key, "")
    return Scene(on.demo, lambda: consents.consent(on.demo, request, vera), told)


def withdraw_consent(on: Stage) -> Scene:
    """Vera disconnects the app."""
    on.town.consent(on.demo, on.made, VERA)
    told = Told("ConsentRevoked", VERA.email, on.made.key, "")
    return Scene(on.demo, lambda: consents.withdraw_consent(on.demo, on.town.actor(VERA), on.made.key), told)


# ── organizations ───────────────────────────────────────────────────────────────────────────────────────────────────
def authorize(on: Stage) -> None:
    """Cy lets the app act for the organization."""
    organization_consents.authorize_application(on.demo, on.town.actor(CY), OURS, on.made.key, ALLOWED)


def authorize_application(on: Stage) -> Scene:
    """An organization lets an app of its own act for it."""
    return Scene(on.demo, lambda: authorize(on), Told("OrganizationAuthorizedApp", CY.email, on.made.key, ""))


def consent_for_organization(on: Stage) -> Scene:
    """An organization lets anybody's app act for it; its admin is known to the app already."""
    on.town.consent(on.demo, on.made, CY, "openid")
    request = on.town.request(on.demo, on.made, scope="openid", admin_consent_scope="signature")
    told = Told("OrganizationAuthorizedApp", CY.email, on.made.key, "")
    deed = organization_consents.consent_for_organization
    return Scene(on.demo, lambda: deed(on.demo, request, on.town.actor(CY), OURS), told)


def withdraw_authorization(on: Stage) -> Scene:
    """An organization ends what it allowed."""
    authorize(on)
    told = Told("OrganizationRevokedApp", CY.email, on.made.key, "")
    deed = organization_consents.withdraw_authorization
    return Scene(on.demo, lambda: deed(on.demo, on.town.actor(CY), OURS, on.made.key), told)


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def block_app(on: Stage) -> Scene:
    """Ada blocks an app that acts in her account."""
    on.town.consent(on.demo, on.made, VERA)
    told = Told("AppBlocked", ADA.email, on.made.key, ACME.demo)
    return Scene(on.demo, lambda: acting_apps.block_app(on.demo, on.ada, ACME.demo, on.made.key), told)


def unblock_app(on: Stage) -> Scene:
    """Ada unblocks it."""
    block_app(on).deed()
    told = Told("AppUnblocked", ADA.email, on.made.key, ACME.demo)
    return Scene(on.demo, lambda: acting_apps.unblock_app(on.demo, on.ada, ACME.demo, on.made.key), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("consents.consent", consent),
    ("consents.withdraw_consent", withdraw_consent),
    ("organization_consents.authorize_application", authorize_application),
    ("organization_consents.consent_for_organization", consent_for_organization),
    ("organization_consents.withdraw_authorization", withdraw_authorization),
    ("acting_apps.block_app", block_app),
    ("acting_apps.unblock_app", unblock_app),
)
