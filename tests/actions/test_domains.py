"""When does an organization hold a domain, by what DNS says?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions import callers, domains, linking, organization_consents, organizations, tokens
from keysteward.actions.context import Context
from keysteward.actions.mailing import list_newest
from keysteward.rules.access import Actor
from keysteward.rules.accounts import Domain, DomainState
from keysteward.rules.domains import records_of
from keysteward.rules.refusals import (
    BAD_TOKEN,
    CONSENT_REQUIRED,
    DOMAIN_CLAIMED,
    DOMAIN_NOT_ACTIVE,
    DOMAIN_TAKEN,
    FRESH_SIGN_IN_NEEDED,
    IDENTITY_NOT_LINKED,
    NO_SUCH_OBJECT,
    NO_SUCH_ORGANIZATION,
)
from tests.cast import CY, MALLORY, ORGANIZATION, SAM, STRANGE, Made, Town, refused
from tests.peers.names import Mood, Names, names
from tests.plays.recovery import SAM_THERE, kept_provider

ACME = ORGANIZATION["demo"]
HELD = "acme.example"


@pytest.fixture(scope="module")
def running() -> Iterator[Names]:
    """One DNS server for all."""
    with names() as server:
        yield server


@pytest.fixture
def server(running: Names) -> Iterator[Names]:
    """The DNS server, empty."""
    running.mood = "well"
    running.zone.clear()
    running.asked.clear()
    running.awake.clear()
    yield running
    running.awake.set()


@pytest.fixture
def ctx(town: Town, server: Names) -> Context:
    """Demo, where DNS is asked for real."""
    return replace(town.demo, resolver=server.resolver)


@pytest.fixture
def cy(town: Town) -> Actor:
    """Cy, who administers Acme's organization."""
    return town.actor(CY)


@pytest.fixture
def held(ctx: Context, cy: Actor, server: Names) -> Domain:
    """Acme's domain, proved in DNS."""
    (domain,) = domains.list_claimed(ctx, cy, ACME)
    server.publish(records_of(domain, ctx.proving)[0])
    return domain


@pytest.fixture
def strangers(ctx: Context, town: Town) -> str:
    """Mallory's organization."""
    return organizations.create(ctx, town.actor(MALLORY), STRANGE.demo, "Strange Group").id


def state_of(ctx: Context, actor: Actor, organization: str, host_name: str) -> DomainState:
    """The state that an organization's admins see."""
    return next(each.state for each in domains.list_claimed(ctx, actor, organization) if each.host_name == host_name)


@pytest.mark.parametrize("number", [0, 1], ids=["TXT", "CNAME"])
def test_a_claim_is_pending_until_dns_shows_its_proof(ctx: Context, cy: Actor, server: Names, number: int) -> None:
    """Either record will do; until one is there the domain covers nobody, and what DNS answered is kept."""
    domain = domains.claim(ctx, cy, ACME, "Docs.Acme.Example.")
    before = domains.check(ctx, cy, ACME, domain.id)
    server.publish(records_of(domain, ctx.proving)[number])
    after = domains.check(ctx, cy, ACME, domain.id)

    assert (domain.host_name, domain.state) == ("docs.acme.example", "pending")
    assert (before.state, before.outcome) == ("pending", "none")
    assert (after.state, after.outcome) == ("active", "right")
    assert organization_consents.list_active_domains(ctx, ACME) == [HELD, "docs.acme.example"]


def test_a_wrong_token_proves_nothing(ctx: Context, cy: Actor, server: Names) -> None:
    """Another token under our prefix is told from no record at all."""
    domain = domains.claim(ctx, cy, ACME, "docs.acme.example")
    server.zone[domain.host_name, "TXT"] = ["keysteward=another", "v=spf1 -all"]
    seen = domains.check(ctx, cy, ACME, domain.id)

    assert (seen.state, seen.outcome) == ("pending", "wrong")
    assert "keysteward=another" in seen.said


def test_prefix_and_target_are_settings(ctx: Context, cy: Actor, server: Names) -> None:
    """An environment that was told another prefix wants to see that one."""
    proving = replace(ctx.proving, prefix="docusign", target="verifydomain.docusign.net")
    other = replace(ctx, proving=proving)
    domain = domains.claim(other, cy, ACME, "docs.acme.example")
    server.zone[domain.host_name, "TXT"] = [f"docusign={domain.token}"]

    assert domains.check(ctx, cy, ACME, domain.id).state == "pending"
    assert domains.check(other, cy, ACME, domain.id).state == "active"


def test_a_lapsed_domain_covers_nobody_at_once(
    town: Town, ctx: Context, cy: Actor, held: Domain, server: Names, made: Made
) -> None:
    """Once DNS shows the proof no more, tokens that rest on the domain are dead, and the admins are told."""
    organization_consents.authorize_application(ctx, cy, ACME, made.key, frozenset({"signature", "impersonation"}))
    domains.check_next(ctx)
    town.clock.advance(hours=25)
    token = tokens.grant_assertion(ctx, town.assertion(ctx, made, SAM)).access_token
    assert callers.recognize(ctx, token).app.key == made.key
    server.zone.clear()

    assert domains.check_next(ctx) is True
    with refused(BAD_TOKEN):
        callers.recognize(ctx, token)
    with refused(CONSENT_REQUIRED):
        tokens.grant_assertion(ctx, town.assertion(ctx, made, SAM))
    assert state_of(ctx, cy, ACME, HELD) == "lapsed"
    assert [(each.about, each.recipient) for each in list_newest(ctx)] == [("domain-lapsed", CY.email)]


@pytest.mark.parametrize("mood", ["servfail", "slow"])
def test_a_silent_resolver_ends_nothing_for_days(
    town: Town, ctx: Context, cy: Actor, held: Domain, server: Names, mood: Mood
) -> None:
    """A domain stays active while no answer comes, which is shown; after three days without a proof it lapses."""
    assert domains.check(ctx, cy, ACME, held.id).confirmed_at == town.clock.now
    server.mood = mood
    town.clock.advance(hours=71)
    first = domains.check(ctx, cy, ACME, held.id)
    town.clock.advance(hours=1)
    last = domains.check(ctx, cy, ACME, held.id)

    assert (first.state, first.outcome) == ("active", "unanswered")
    assert first.due_at == first.checked_at + timedelta(minutes=15) if first.checked_at else False
    assert "no answer" in first.said
    assert (last.state, last.outcome) == ("lapsed", "unanswered")


def test_a_domain_that_lapsed_comes_back_with_its_record(
    town: Town, ctx: Context, cy: Actor, held: Domain, server: Names
) -> None:
    """The next look finds the same token again."""
    zone = dict(server.zone)
    server.zone.clear()
    domains.check(ctx, cy, ACME, held.id)
    server.zone.update(zone)
    town.clock.advance(hours=25)
    domains.check_next(ctx)

    assert state_of(ctx, cy, ACME, HELD) == "active"


def test_the_job_looks_at_what_is_due_and_no_more(town: Town, ctx: Context, cy: Actor, held: Domain) -> None:
    """A domain is looked at once a day, a new claim once an hour, and nothing twice."""
    domains.check_next(ctx)
    domains.claim(ctx, cy, ACME, "docs.acme.example")
    looked = [domains.check_next(ctx), domains.check_next(ctx)]
    town.clock.advance(minutes=61)
    hourly = [domains.check_next(ctx), domains.check_next(ctx)]
    town.clock.advance(hours=24)
    daily = [domains.check_next(ctx), domains.check_next(ctx), domains.check_next(ctx)]

    assert (looked, hourly, daily) == ([True, False], [True, False], [True, True, False])


# ── at use ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def use(ctx: Context, host_name: str = HELD) -> Domain:
    """A deed that relies on a domain."""
    confirmed = domains.confirm(ctx, ACME, host_name)
    with ctx.database.writing() as tx:
        return domains.demand_active(ctx, tx, confirmed)


def test_a_deed_relies_on_a_proof_of_this_moment(ctx: Context, held: Domain) -> None:
    """What DNS shows now is active."""
    assert use(ctx).host_name == HELD


@pytest.mark.parametrize("mood", ["servfail", "slow"])
def test_at_use_silence_confirms_nothing(ctx: Context, cy: Actor, held: Domain, server: Names, mood: Mood) -> None:
    """A deed is refused while no answer comes, though the domain has not lapsed."""
    domains.check(ctx, cy, ACME, held.id)
    server.mood = mood

    with refused(DOMAIN_NOT_ACTIVE):
        use(ctx)
    assert state_of(ctx, cy, ACME, HELD) == "active"


def test_at_use_a_lost_proof_is_known_at_once(ctx: Context, cy: Actor, held: Domain, server: Names) -> None:
    """The deed is refused, and the domain lapses for everybody."""
    server.zone.clear()

    with refused(DOMAIN_NOT_ACTIVE):
        use(ctx)
    assert state_of(ctx, cy, ACME, HELD) == "lapsed"


def test_a_confirmation_is_good_for_a_minute(town: Town, ctx: Context, held: Domain) -> None:
    """What was confirmed long ago is looked up anew."""
    confirmed = domains.confirm(ctx, ACME, HELD)
    town.clock.advance(seconds=61)

    with ctx.database.writing() as tx, refused(DOMAIN_NOT_ACTIVE):
        domains.demand_active(ctx, tx, confirmed)


def test_what_was_given_up_meanwhile_is_relied_on_by_nobody(ctx: Context, cy: Actor, held: Domain) -> None:
    """The transaction looks at the domain itself, not only at what was confirmed before it."""
    confirmed = domains.confirm(ctx, ACME, HELD)
    domains.give_up(ctx, cy, ACME, held.id)

    with ctx.database.writing() as tx, refused(DOMAIN_NOT_ACTIVE):
        domains.demand_active(ctx, tx, confirmed)
    with refused(DOMAIN_NOT_ACTIVE):
        use(ctx, "unknown.example")


def test_a_provider_speaks_first_for_a_domain_of_this_moment(
    ctx: Context, cy: Actor, held: Domain, server: Names
) -> None:
    """Nobody new is linked while DNS does not confirm the domain; who is linked comes in until it lapsed."""
    provider = kept_provider(ctx)
    server.mood = "servfail"
    with refused(DOMAIN_NOT_ACTIVE):
        linking.link(ctx, provider, SAM_THERE)
    server.mood = "well"
    linking.link(ctx, provider, SAM_THERE)
    server.mood = "servfail"
    assert linking.enter(ctx, provider, SAM_THERE)
    server.mood = "well"
    server.zone.clear()
    domains.check(ctx, cy, ACME, held.id)
    with refused(IDENTITY_NOT_LINKED):
        linking.enter(ctx, provider, SAM_THERE)


def test_the_twin_asks_nobody(town: Town) -> None:
    """It goes by what was declared: active is confirmed, pending is not, and no question leaves."""
    organizations.claim_domain(town.demo, ACME, "docs.acme.example", "pending", CY.email)

    assert town.demo.resolver is None
    assert use(town.demo).host_name == HELD
    with refused(DOMAIN_NOT_ACTIVE):
        use(town.demo, "docs.acme.example")


# ── one organization holds a name ───────────────────────────────────────────────────────────────────────────────────
def test_two_claim_and_one_proves(ctx: Context, town: Town, cy: Actor, server: Names, strangers: str) -> None:
    """A claim alone keeps nobody away; the first proof does, and the other stays pending though it is right."""
    mallory = town.actor(MALLORY)
    ours, theirs = (domains.claim(ctx, *who, "docs.example") for who in ((cy, ACME), (mallory, strangers)))
    server.zone["docs.example", "TXT"] = [f"keysteward={each.token}" for each in (ours, theirs)]
    first = domains.check(ctx, cy, ACME, ours.id)
    second = domains.check(ctx, mallory, strangers, theirs.id)

    assert (first.state, second.state, second.outcome) == ("active", "pending", "right")
    assert "another organization holds docs.example" in second.said


def test_whoever_proves_a_lapsed_domain_holds_it(
    ctx: Context, town: Town, cy: Actor, held: Domain, server: Names, strangers: str
) -> None:
    """A domain changes hands in DNS: the new holder is active, and the old one stays lapsed though it asks again."""
    mallory = town.actor(MALLORY)
    server.zone.clear()
    domains.check(ctx, cy, ACME, held.id)
    theirs = domains.claim(ctx, mallory, strangers, HELD)
    server.zone[HELD, "TXT"] = [f"keysteward={each.token}" for each in (theirs, held)]

    assert domains.check(ctx, mallory, strangers, theirs.id).state == "active"
    assert domains.check(ctx, cy, ACME, held.id).state == "lapsed"
    assert organization_consents.list_active_domains(ctx, ACME) == []


@pytest.mark.parametrize("name", [HELD, "ACME.example.", "docs.acme.example", "a.b.acme.example"])
def test_what_another_holds_or_lies_below_it(ctx: Context, town: Town, held: Domain, strangers: str, name: str) -> None:
    """Nobody claims an active domain of another organization, however it is written, nor a name below it."""
    with refused(DOMAIN_TAKEN):
        domains.claim(ctx, town.actor(MALLORY), strangers, name)


def test_a_name_above_is_free(ctx: Context, town: Town, cy: Actor, server: Names, strangers: str) -> None:
    """Who holds a name below keeps it, whoever holds the one above, and covers exactly that name."""
    below = domains.claim(ctx, cy, ACME, "acme.host.example")
    server.publish(records_of(below, ctx.proving)[0])
    domains.check(ctx, cy, ACME, below.id)
    above = domains.claim(ctx, town.actor(MALLORY), strangers, "host.example")
    server.publish(records_of(above, ctx.proving)[0])

    assert domains.check(ctx, town.actor(MALLORY), strangers, above.id).state == "active"
    assert domains.check(ctx, cy, ACME, below.id).state == "active"


# ── who may ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_only_admins_of_the_organization(ctx: Context, town: Town, held: Domain) -> None:
    """To everybody else there is no such organization; a foreign domain is none of one's own."""
    mallory = town.actor(MALLORY)
    for deed in (
        lambda: domains.claim(ctx, mallory, ACME, "docs.example"),
        lambda: domains.check(ctx, mallory, ACME, held.id),
        lambda: domains.give_up(ctx, mallory, ACME, held.id),
        lambda: domains.list_claimed(ctx, mallory, ACME),
    ):
        with refused(NO_SUCH_ORGANIZATION):
            deed()


def test_foreign_domains_and_doubles(ctx: Context, town: Town, cy: Actor, held: Domain, strangers: str) -> None:
    """A domain is claimed once, and another organization's is not found under one's own."""
    with refused(DOMAIN_CLAIMED, "host_name"):
        domains.claim(ctx, cy, ACME, HELD)
    with refused(NO_SUCH_OBJECT):
        domains.check(ctx, town.actor(MALLORY), strangers, held.id)


def test_claiming_and_giving_up_take_a_fresh_sign_in(ctx: Context, cy: Actor, town: Town, held: Domain) -> None:
    """Whoever finds an open browser moves no domain."""
    town.clock.advance(hours=1)
    with refused(FRESH_SIGN_IN_NEEDED):
        domains.claim(ctx, cy, ACME, "docs.example")
    with refused(FRESH_SIGN_IN_NEEDED):
        domains.give_up(ctx, cy, ACME, held.id)


def test_a_given_up_domain_covers_nobody(ctx: Context, cy: Actor, held: Domain) -> None:
    """It is gone from the list, and free for others."""
    domains.give_up(ctx, cy, ACME, held.id)

    assert domains.list_claimed(ctx, cy, ACME) == []
    assert organization_consents.list_active_domains(ctx, ACME) == []
