"""How is each deed played that brings somebody back in, or lets their organization's provider speak for them?"""

from dataclasses import replace
from datetime import timedelta

from keysteward.actions import identity_providers, linking, mailing, recovery
from keysteward.actions.context import Context
from keysteward.outgoing.mail import MailServer
from keysteward.rules.letters import Letter
from keysteward.rules.providers import Identity, Provider
from keysteward.store import mails
from keysteward.store import providers as stored
from tests.cast import ACME, ADA, CY, ORGANIZATION, SAM
from tests.mails import link_to
from tests.plays.stage import Play, Scene, Stage, Told

ISSUER = "https://login.acme.example"
SAM_THERE = Identity(ISSUER, "sam-1", SAM.email, email_verified=True)


def kept_provider(ctx: Context) -> Provider:
    """Acme's provider, as if Cy had set it up: nobody is asked."""
    organization = ORGANIZATION["demo"]
    sealed = ctx.sealer.seal(b"secret", f"client secret of the provider of {organization}")
    provider = Provider(organization, "Acme Login", ISSUER, "client", sealed, ctx.now, CY.email)
    with ctx.database.writing() as tx:
        stored.save_provider(tx, provider)
    return provider


# ── mail ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def send_mail(on: Stage) -> Scene:
    """A mail is tried, and the server is not there."""
    ctx = replace(on.demo, mail_server=MailServer("127.0.0.1", 1, "none", "keys@acme.example"))
    with ctx.database.writing() as tx:
        mailing.post(ctx, tx, ADA.email, Letter("new-password", "Subject", "Text"))
    return Scene(ctx, lambda: mailing.send_due(ctx), None)


def take_over(on: Stage) -> Scene:
    """Whoever sent a mail died."""
    ctx = replace(on.demo, mail_server=MailServer("127.0.0.1", 1, "none", "keys@acme.example"))
    with ctx.database.writing() as tx:
        mailing.post(ctx, tx, ADA.email, Letter("new-password", "Subject", "Text"))
        for mail in mails.list_due(tx, ctx.now, 1):
            mails.claim_mail(tx, mail, ctx.now + timedelta(minutes=10), "mail")
    return Scene(ctx, lambda: mailing.take_over(ctx, "mail"), None)


# ── a forgotten password, another address, a lost factor ────────────────────────────────────────────────────────────
def ask_for_password(on: Stage) -> Scene:
    """Sam forgot the password."""
    return Scene(
        on.demo, lambda: recovery.ask_for_password(on.demo, SAM.email), Told("PasswordLinkSent", "system", "", "")
    )


def ask_for_nobody(on: Stage) -> Scene:
    """Somebody asks for an address that is nobody's."""
    return Scene(on.demo, lambda: recovery.ask_for_password(on.demo, "nobody@acme.example"), None)


def reset_password(on: Stage) -> Scene:
    """Sam chooses another."""
    recovery.ask_for_password(on.demo, SAM.email)
    link = link_to(on.demo, SAM.email)
    told = Told("PasswordReset", SAM.email, "", "")
    return Scene(on.demo, lambda: recovery.reset_password(on.demo, link, "another correct horse"), told)


def ask_for_address(on: Stage) -> Scene:
    """Ada has another address."""
    told = Told("AddressLinkSent", ADA.email, "", "")
    return Scene(on.demo, lambda: recovery.ask_for_address(on.demo, on.ada, "ada@elsewhere.example"), told)


def confirm_address(on: Stage) -> Scene:
    """Ada opens the link."""
    recovery.ask_for_address(on.demo, on.ada, "ada@elsewhere.example")
    link = link_to(on.demo, "ada@elsewhere.example")
    told = Told("AddressChanged", ADA.email, "", "")
    return Scene(on.demo, lambda: recovery.confirm_address(on.demo, on.ada, link), told)


def reset_factors(on: Stage) -> Scene:
    """Sam lost a telephone."""
    told = Told("SecondFactorReset", ADA.email, "", ACME.demo)
    return Scene(on.demo, lambda: recovery.reset_factors(on.demo, on.ada, ACME.demo, SAM.demo), told)


def reset_factors_as_operator(on: Stage) -> Scene:
    """Ada lost hers, and nobody else is an admin."""
    told = Told("SecondFactorReset", "operator Olga", "", "")
    return Scene(on.demo, lambda: recovery.reset_factors_as_operator(on.demo, ADA.email, "operator Olga"), told)


# ── an organization's identity provider ─────────────────────────────────────────────────────────────────────────────
def remove_provider(on: Stage) -> Scene:
    """Cy takes it away."""
    kept_provider(on.demo)
    cy, told = on.town.actor(CY), Told("ProviderRemoved", CY.email, "", "")
    return Scene(on.demo, lambda: identity_providers.remove(on.demo, cy, ORGANIZATION["demo"]), told)


def link(on: Stage) -> Scene:
    """Sam comes from there for the first time."""
    provider = kept_provider(on.demo)
    return Scene(on.demo, lambda: linking.link(on.demo, provider, SAM_THERE), Told("IdentityLinked", SAM.email, "", ""))


def unlink(on: Stage) -> Scene:
    """Cy ends a link."""
    linking.link(on.demo, kept_provider(on.demo), SAM_THERE)
    cy, told = on.town.actor(CY), Told("IdentityUnlinked", CY.email, "", "")
    return Scene(on.demo, lambda: identity_providers.unlink(on.demo, cy, ORGANIZATION["demo"], SAM.demo), told)


def enter(on: Stage) -> Scene:
    """Sam comes back from there."""
    provider = kept_provider(on.demo)
    linking.link(on.demo, provider, SAM_THERE)
    return Scene(on.demo, lambda: linking.enter(on.demo, provider, SAM_THERE), Told("SignedIn", SAM.email, "", ""))


def burn_state(on: Stage) -> Scene:
    """A browser comes back."""
    return Scene(on.demo, lambda: linking.burn_state(on.demo, "the state"), None)


def keep_provider(on: Stage) -> Scene:
    """Cy changes what we call it."""
    provider, cy = kept_provider(on.demo), on.town.actor(CY)
    draft = identity_providers.Draft("Acme", provider.issuer, provider.client_id, "")
    told = Told("ProviderChanged", CY.email, "", "")
    return Scene(on.demo, lambda: identity_providers.keep(on.demo, cy, ORGANIZATION["demo"], draft), told)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("recovery.ask_for_password", ask_for_password),
    ("recovery.reset_password", reset_password),
    ("recovery.ask_for_address", ask_for_address),
    ("recovery.confirm_address", confirm_address),
    ("recovery.reset_factors", reset_factors),
    ("recovery.reset_factors_as_operator", reset_factors_as_operator),
    ("identity_providers.keep", keep_provider),
    ("identity_providers.remove", remove_provider),
    ("identity_providers.unlink", unlink),
    ("linking.link", link),
    ("linking.enter", enter),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("mailing._claimed", "the deed that wrote the mail is the event", send_mail),
    ("mailing._send", "the deed that wrote the mail is the event", send_mail),
    ("mailing._failed", "the deed that wrote the mail is the event", send_mail),
    ("mailing.take_over", "the deed that wrote the mail is the event", take_over),
    ("recovery.ask_for_password", "strangers could fill the history; requests are counted per address", ask_for_nobody),
    ("linking.burn_state", "the session that follows is the event", burn_state),
)
