"""How is each deed around organizations, their accounts, admins and domains played?"""

from keysteward.actions import account_links, domains, organizations
from keysteward.rules.accounts import Domain
from keysteward.rules.domains import Seen
from tests.cast import ADA, CY, ORGANIZATION, SMALL
from tests.plays.stage import Play, Scene, Stage, Told

OURS = ORGANIZATION["demo"]


def told(name: str, actor: str = CY.email, account: str = "") -> Told:
    """What an event of these says."""
    return Told(name, actor, "", account)


# ── organizations and their admins ──────────────────────────────────────────────────────────────────────────────────
def create(on: Stage) -> Scene:
    """Ada makes an organization of her small account."""
    deed = organizations.create
    return Scene(on.demo, lambda: deed(on.demo, on.ada, SMALL.demo, "Small"), told("OrganizationCreated", ADA.email))


def add_admin(on: Stage) -> Scene:
    """The house gives an organization another admin."""
    deed = organizations.add_admin
    return Scene(on.demo, lambda: deed(on.demo, OURS, ADA.demo, CY.email), told("OrganizationAdminAdded"))


def add_admin_as_operator(on: Stage) -> Scene:
    """An operator does so."""
    deed, who = organizations.add_admin_as_operator, "operator Olive"
    return Scene(on.demo, lambda: deed(on.demo, OURS, ADA.email, who), told("OrganizationAdminAdded", who))


def name_admin(on: Stage) -> Scene:
    """Cy names Ada."""
    deed, cy = organizations.name_admin, on.town.actor(CY)
    return Scene(on.demo, lambda: deed(on.demo, cy, OURS, ADA.email), told("OrganizationAdminAdded"))


def remove_admin(on: Stage) -> Scene:
    """Cy removes Ada."""
    organizations.add_admin(on.demo, OURS, ADA.demo, CY.email)
    deed, cy = organizations.remove_admin, on.town.actor(CY)
    return Scene(on.demo, lambda: deed(on.demo, cy, OURS, ADA.demo), told("OrganizationAdminRemoved"))


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
def ask_to_link(on: Stage) -> Scene:
    """Cy asks for Ada's small account."""
    deed, cy = account_links.ask_to_link, on.town.actor(CY)
    return Scene(on.demo, lambda: deed(on.demo, cy, OURS, SMALL.demo), told("AccountLinkAsked", account=SMALL.demo))


def agree(on: Stage) -> Scene:
    """Ada agrees."""
    ask_to_link(on).deed()
    deed = account_links.agree
    return Scene(
        on.demo,
        lambda: deed(on.demo, on.ada, (OURS, SMALL.demo, "link"), "account"),
        told("AccountLinked", ADA.email, SMALL.demo),
    )


def decline(on: Stage) -> Scene:
    """Ada declines."""
    ask_to_link(on).deed()
    deed, event = account_links.end_request, told("AccountLinkDeclined", ADA.email, SMALL.demo)
    return Scene(on.demo, lambda: deed(on.demo, on.ada, OURS, SMALL.demo, "account"), event)


def ask_to_leave(on: Stage) -> Scene:
    """Ada asks to be let go."""
    agree(on).deed()
    deed, event = account_links.ask_to_leave, told("AccountLinkAsked", ADA.email, SMALL.demo)
    return Scene(on.demo, lambda: deed(on.demo, on.ada, SMALL.demo), event)


def ask_to_unlink(on: Stage) -> Scene:
    """Cy asks it to go."""
    agree(on).deed()
    deed, cy = account_links.ask_to_unlink, on.town.actor(CY)
    event = told("AccountLinkAsked", account=SMALL.demo)
    return Scene(on.demo, lambda: deed(on.demo, cy, OURS, SMALL.demo, "organization"), event)


# ── domains ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def held(on: Stage) -> Domain:
    """The domain that the organization holds."""
    return domains.list_claimed(on.demo, on.town.actor(CY), OURS)[0]


def claim_as_declared(on: Stage) -> Scene:
    """The twin claims a domain whose proof was seen, as a file declares."""
    deed = organizations.claim_domain
    return Scene(on.demo, lambda: deed(on.demo, OURS, "new.example", "active", CY.email), told("DomainClaimed"))


def claim(on: Stage) -> Scene:
    """Cy claims a domain."""
    deed, cy = domains.claim, on.town.actor(CY)
    return Scene(on.demo, lambda: deed(on.demo, cy, OURS, "new.example"), told("DomainClaimed"))


def prove(on: Stage) -> Scene:
    """DNS shows its proof."""
    cy = on.town.actor(CY)
    domain = domains.claim(on.demo, cy, OURS, "new.example")
    seen = Seen("right", "TXT", on.demo.now)
    return Scene(on.demo, lambda: domains.keep(on.demo, domain, seen, CY.email), told("DomainProved"))


def lapse(on: Stage) -> Scene:
    """DNS shows it no more."""
    domain, seen = held(on), Seen("none", "nothing", on.demo.now)
    return Scene(on.demo, lambda: domains.keep(on.demo, domain, seen), told("DomainLapsed", "system"))


def give_up(on: Stage) -> Scene:
    """Cy gives it up."""
    domain, deed, cy = held(on), domains.give_up, on.town.actor(CY)
    return Scene(on.demo, lambda: deed(on.demo, cy, OURS, domain.id), told("DomainGivenUp"))


def check(on: Stage) -> Scene:
    """Cy has DNS asked, and nothing changed."""
    domain, cy = held(on), on.town.actor(CY)
    return Scene(on.demo, lambda: domains.check(on.demo, cy, OURS, domain.id), None)


def check_next(on: Stage) -> Scene:
    """The job asks, a day later."""
    on.town.clock.advance(days=2)
    return Scene(on.demo, lambda: domains.check_next(on.demo), None)


def confirm(on: Stage) -> Scene:
    """Another deed relies on it."""
    return Scene(on.demo, lambda: domains.confirm(on.demo, OURS, "acme.example"), None)


DEEDS: tuple[tuple[str, Play], ...] = (
    ("organizations.create", create),
    ("organizations.add_admin", add_admin),
    ("organizations.add_admin as an operator", add_admin_as_operator),
    ("organizations.name_admin", name_admin),
    ("organizations.remove_admin", remove_admin),
    ("organizations.claim_domain", claim_as_declared),
    ("account_links._ask to link", ask_to_link),
    ("account_links._ask to unlink", ask_to_unlink),
    ("account_links._ask to leave", ask_to_leave),
    ("account_links.agree", agree),
    ("account_links.end_request", decline),
    ("domains.claim", claim),
    ("domains.keep a proof", prove),
    ("domains.keep that it is gone", lapse),
    ("domains.give_up", give_up),
)

SILENT: tuple[tuple[str, str, Play], ...] = (
    ("domains.keep what an admin asked for", "DNS says what it said before, which changes nothing for anybody", check),
    ("domains.keep what the job asked", "likewise", check_next),
    ("domains.keep what a deed relies on", "likewise; the deed that relies on it is the event", confirm),
)
