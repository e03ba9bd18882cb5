"""Who races over organizations: their accounts, admins and domains?"""

from collections.abc import Generator

from keysteward.actions import account_links, domains, organizations
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Domain
from keysteward.rules.domains import Seen
from tests.cast import ADA, BO, COUNCIL, CY, MALLORY, ORGANIZATION, SMALL, STRANGE
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]

OURS = ORGANIZATION["demo"]


def of_mallory(on: Ground) -> str:
    """Mallory's organization."""
    return organizations.create(on.demo, on.town.actor(MALLORY), STRANGE.demo, "Strange Group").id


def prove(on: Ground, domain: Domain) -> Domain:
    """Keep that DNS showed the proof of a claim, as the job and every use do."""
    return domains.keep(on.demo, domain, Seen("right", "TXT", on.demo.now))


# ── domains ─────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(domains.keep, domains.claim)
def two_organizations_prove_one_domain(on: Ground) -> Story:
    """However often both show a good proof, one organization holds the domain, and nobody claims what lies below."""
    cy, mallory, theirs = on.town.actor(CY), on.town.actor(MALLORY), of_mallory(on)
    first = domains.claim(on.demo, cy, OURS, "docs.example")
    second = domains.claim(on.demo, mallory, theirs, "docs.example")
    came = yield taking_turns(
        lambda _: prove(on, first),
        lambda _: prove(on, second),
        lambda number: domains.claim(on.demo, mallory, theirs, f"n{number}.docs.example"),
    )

    held = rows(on.demo.database, "SELECT organization, state FROM domains WHERE host_name = 'docs.example'")
    waiting = rows(on.demo.database, "SELECT organization, state FROM domain_claims WHERE host_name = 'docs.example'")
    assert [state for _, state in held] == ["active"]
    assert [state for _, state in waiting] == ["pending"]
    assert {held[0][0], waiting[0][0]} == {OURS, theirs}
    assert events_of(on.demo, "DomainProved") == 1
    assert set(came.refusals) <= {"domain-taken"}


@race(domains.claim)
def a_domain_is_claimed_once(on: Ground) -> Story:
    """A hundred claims of one organization to one name are one."""
    came = yield lambda _: domains.claim(on.demo, on.town.actor(CY), OURS, "docs.example")

    came.once("domain-claimed")


@race(domains.give_up, domains.check, domains.confirm, domains.check_next, domains.check_all)
def a_domain_is_given_up_once(on: Ground) -> Story:
    """Whoever looks at it meanwhile, a domain is given up once, and is gone."""
    (domain,) = domains.list_claimed(on.demo, on.town.actor(CY), OURS)
    cy = on.town.actor(CY)
    came = yield taking_turns(
        lambda _: domains.give_up(on.demo, cy, OURS, domain.id),
        lambda _: domains.check(on.demo, cy, OURS, domain.id),
        lambda _: domains.confirm(on.demo, OURS, domain.host_name),
        lambda _: domains.check_next(on.demo),
        lambda _: domains.check_all(on.demo, OURS, "operator Olive"),
    )

    assert domains.list_claimed(on.demo, cy, OURS) == []
    assert events_of(on.demo, "DomainGivenUp") == 1
    assert set(came.refusals) <= {"no-such-object", "domain-not-active"}


# ── admins ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def with_two(on: Ground) -> tuple[Actor, Actor]:
    """Cy and Ada, who both administer the organization."""
    organizations.add_admin(on.demo, OURS, ADA.demo, CY.email)
    return on.town.actor(CY), on.town.actor(ADA)


@race(organizations.remove_admin)
def two_admins_remove_each_other(on: Ground) -> Story:
    """One of them stays, and only one was removed."""
    cy, ada = with_two(on)
    came = yield taking_turns(
        lambda _: organizations.remove_admin(on.demo, cy, OURS, ADA.demo),
        lambda _: organizations.remove_admin(on.demo, ada, OURS, CY.demo),
    )

    assert len(rows(on.demo.database, "SELECT * FROM organization_admins")) == 1
    came.once("no-such-organization", "no-such-user", "last-organization-admin")


@race(organizations.name_admin, organizations.add_admin_as_operator)
def an_admin_is_named_once(on: Ground) -> Story:
    """A hundred who name one admin name them once, whether admins or operators do."""
    came = yield taking_turns(
        lambda _: organizations.name_admin(on.demo, on.town.actor(CY), OURS, BO.email),
        lambda _: organizations.add_admin_as_operator(on.demo, OURS, BO.email, "operator Olive"),
    )

    came.once("already-an-admin", "invalid-field")


# ── accounts ────────────────────────────────────────────────────────────────────────────────────────────────────────
@race(organizations.create)
def an_account_founds_one_organization(on: Ground) -> Story:
    """A hundred organizations of one account are one: it belongs to no two."""
    came = yield lambda number: organizations.create(on.demo, on.ada, SMALL.demo, f"Small {number}")

    came.once("account-linked")
    assert len(rows(on.demo.database, f"SELECT * FROM account_links WHERE account = '{SMALL.demo}'")) == 1  # noqa: S608


@race(account_links.agree)
def a_link_is_agreed_to_once(on: Ground) -> Story:
    """A hundred who agree to one request link the account once."""
    account_links.ask_to_link(on.demo, on.town.actor(CY), OURS, SMALL.demo)
    asked = (OURS, SMALL.demo, "link")
    came = yield lambda _: account_links.agree(on.demo, on.ada, asked, "account")

    came.once("no-such-object")
    assert events_of(on.demo, "AccountLinked") == 1


@race(account_links.agree)
def two_organizations_get_one_account(on: Ground) -> Story:
    """Whoever is agreed to first has it; the other's request is gone."""
    theirs = of_mallory(on)
    account_links.ask_to_link(on.demo, on.town.actor(CY), OURS, SMALL.demo)
    account_links.ask_to_link(on.demo, on.town.actor(MALLORY), theirs, SMALL.demo)
    came = yield lambda number: account_links.agree(
        on.demo, on.ada, ((OURS, theirs)[number % 2], SMALL.demo, "link"), "account"
    )

    came.once("no-such-object", "account-linked")
    assert rows(on.demo.database, "SELECT * FROM account_requests") == []


@race(account_links.ask_to_link, account_links.end_request)
def requests_come_and_go(on: Ground) -> Story:
    """However often it is asked and ended, one request waits or none."""
    cy = on.town.actor(CY)
    came = yield taking_turns(
        lambda _: account_links.ask_to_link(on.demo, cy, OURS, SMALL.demo),
        lambda _: account_links.end_request(on.demo, cy, OURS, SMALL.demo, "organization"),
    )

    asked, ended = events_of(on.demo, "AccountLinkAsked"), events_of(on.demo, "AccountLinkDeclined")
    assert asked - ended == len(rows(on.demo.database, "SELECT * FROM account_requests"))
    assert came.refusals["no-such-object"] == 50 - ended
    assert came.refusals["already-asked"] + came.refusals["asked-too-often"] == 50 - asked
    assert came.refusals.total() == 100 - asked - ended
    assert asked <= 3


@race(account_links.ask_to_unlink, account_links.ask_to_leave, account_links.agree)
def an_account_leaves_once(on: Ground) -> Story:
    """Whichever side asks and agrees, the account leaves its organization once."""
    cy = on.town.actor(CY)
    asked = (OURS, COUNCIL.demo, "unlink")
    came = yield taking_turns(
        lambda _: account_links.ask_to_unlink(on.demo, cy, OURS, COUNCIL.demo, "organization"),
        lambda _: account_links.ask_to_leave(on.demo, cy, COUNCIL.demo),
        lambda _: account_links.agree(on.demo, cy, asked, "account"),
        lambda _: account_links.agree(on.demo, cy, asked, "organization"),
    )

    linked = rows(on.demo.database, f"SELECT organization FROM accounts WHERE id = '{COUNCIL.demo}'")  # noqa: S608
    assert events_of(on.demo, "AccountUnlinked") == (1 if linked == [(None,)] else 0)
    assert set(came.refusals) <= {"already-asked", "no-such-object"}
