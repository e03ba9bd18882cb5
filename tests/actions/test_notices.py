"""Does everybody hear at once what they should know, and nobody what they did themselves?"""

from collections import Counter
from contextlib import suppress
from pathlib import Path

from keysteward.actions import (
    accounts,
    addresses,
    credentials,
    custody,
    invitations,
    keys,
    leavers,
    legacy,
    mailing,
    organizations,
    people,
    signin,
    transfers,
)
from keysteward.actions.context import Context
from keysteward.crypto.hashing import new_secret
from keysteward.rules.accounts import ADMIN, SENDER
from keysteward.rules.notice_kinds import KINDS, NOTICE_KINDS
from keysteward.rules.notices import Notice, may_mute
from keysteward.rules.refusals import Refusal
from keysteward.rules.signin import Source
from keysteward.store import notices as stored
from keysteward.store.custody import Unit
from keysteward.store.tables import microseconds
from tests.cast import (
    ACME,
    ADA,
    BO,
    COUNCIL,
    CY,
    MALLORY,
    ORGANIZATION,
    PASSWORD,
    ROBIN,
    SAM,
    STRANGE,
    Made,
    Person,
    Town,
)
from tests.mails import empty_boxes, link_to
from tests.peers.databases import kept_in, rows
from tests.transferring import confirm, offer

LAPTOP = Source("203.0.113.7", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", new_secret("ksd_"))
PHONE = Source("198.51.100.9", "Mozilla/5.0 (iPhone) Safari/605", new_secret("ksd_"))


def told(ctx: Context) -> list[Notice]:
    """Every notice that webhooks may be made of, in the order of what happened."""
    with ctx.database.reading() as tx:
        return stored.list_waiting(tx, 1_000)


def heard(ctx: Context, kind: str) -> Counter[str]:
    """Who has notices of a kind in their inbox, by address, and how many."""
    told_to = "SELECT kind, email FROM notice_receipts JOIN notices ON notices.id = notice JOIN users ON users.id = "
    return Counter(email for each, email in rows(ctx.database, told_to + 'notice_receipts."user"') if each == kind)


def written(ctx: Context, kind: str) -> dict[str, str]:
    """What was written to whom about a kind."""
    return {mail.recipient: mail.letter.text for mail in mailing.list_newest(ctx) if mail.about == kind and mail.letter}


def demand_told(ctx: Context, kind: str, *whom: Person) -> dict[str, str]:
    """These people and nobody else have one notice of a kind, and one mail; return what the mails say."""
    mails = written(ctx, kind)
    assert heard(ctx, kind) == Counter({person.email: 1 for person in whom})
    assert mails.keys() == {person.email for person in whom}
    return mails


# ── keys ────────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_other_admins_hear_of_what_a_key_is_given(town: Town, demo: Context, made: Made) -> None:
    """Of a secret key, a keypair and a redirect URI, with the one step that undoes it, and without any secret."""
    ada = town.actor(ADA)
    secret = credentials.add_secret(demo, ada, made.key)
    credentials.add_generated_keypair(demo, ada, made.key)
    addresses.add_redirect_uri(demo, ada, made.key, "https://app.example.com/other")

    places = {
        "new-secret": "/authentication#secrets",
        "new-keypair": "/authentication#keypairs",
        "new-redirect-uri": "/redirect-uris",
    }
    for kind, place in places.items():
        mails = demand_told(demo, kind, BO, ROBIN)
        assert f"{ADA.email} " in mails[BO.email]
        assert f"{demo.origin}/apps/{made.key}{place}" in mails[BO.email]
    assert sorted((each.kind, each.account, each.key) for each in told(demo)) == [
        (kind, ACME.demo, made.key) for kind in ("new-keypair", "new-redirect-uri", "new-secret")
    ]
    kept = kept_in(demo)
    assert secret.value.encode() not in kept
    assert secret.secret.hint not in str([each.facts for each in told(demo)])


def test_a_deed_that_is_refused_tells_nothing(town: Town, demo: Context, made: Made) -> None:
    """The notice stands in the transaction of the deed."""
    ada = town.actor(ADA)
    for _ in range(demo.policy.redirect_uris_per_key):
        with suppress(Refusal):
            addresses.add_redirect_uri(demo, ada, made.key, "https://app.example.com/other")

    assert len(told(demo)) == 1
    demand_told(demo, "new-redirect-uri", BO, ROBIN)


def test_waivers_are_told(town: Town, production: Context, made: Made) -> None:
    """The one that an admin gives to all others, the one that an operator gives to all admins."""
    town.go_live(made)
    until = production.now.replace(year=2027, month=1)
    keys.waive_implicit(production, town.actor(ADA, production), made.key, "We move in March.", until)
    mails = demand_told(production, "waiver", BO, ROBIN)
    assert "untick Implicit Grant" in mails[BO.email]
    legacy.waive(production, made.key, "Olga", ADA.email, "The old client.", until)

    assert heard(production, "waiver") == Counter({BO.email: 2, ROBIN.email: 2, ADA.email: 1})


# ── admins ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_other_admins_hear_of_a_new_admin(town: Town, demo: Context) -> None:
    """However somebody comes to be one: promoted, reactivated, brought back, invited or added."""
    ada = town.actor(ADA)
    people.change_profile(demo, ada, ACME.demo, SAM.demo, ADMIN.id)
    mails = demand_told(demo, "new-admin", BO, ROBIN)
    assert f"{demo.origin}/members/{SAM.demo}" in mails[BO.email]
    people.close_member(demo, ada, ACME.demo, SAM.demo)
    people.reactivate(demo, ada, ACME.demo, SAM.demo)
    leavers.report(demo, leavers.Operating("Olga"), SAM.demo, "Left in June.")
    leavers.bring_back(demo, leavers.Operating("Olga"), SAM.demo)
    invitations.invite(demo, ada, ACME.demo, invitations.Draft(MALLORY.email, ADMIN.id))
    invitations.join(demo, town.actor(MALLORY), link_to(demo, MALLORY.email))

    admins = Counter(each.facts["admin"] for each in told(demo) if each.kind == "new-admin")
    assert admins == Counter({SAM.email: 3, MALLORY.email: 1})
    assert heard(demo, "new-admin") == Counter({BO.email: 4, ROBIN.email: 4, ADA.email: 2, SAM.email: 1})


def test_who_is_no_admin_is_no_news(town: Town, demo: Context) -> None:
    """A sender comes and goes, and nobody is told."""
    accounts.add_user(demo, COUNCIL.demo, SAM.joining(SENDER, "demo"), "x")
    people.close_member(demo, town.actor(ADA), ACME.demo, SAM.demo)

    assert told(demo) == []


def test_other_admins_hear_of_a_new_organization_admin(town: Town, demo: Context) -> None:
    """Those of the organization; the one that is added knows."""
    organizations.name_admin(demo, town.actor(CY), ORGANIZATION["demo"], ADA.email)
    assert heard(demo, "new-admin") == Counter()
    organizations.name_admin(demo, town.actor(CY), ORGANIZATION["demo"], BO.email)

    mails = demand_told(demo, "new-admin", ADA)
    assert f"{demo.origin}/organizations/{ORGANIZATION['demo']}" in mails[ADA.email]


def test_all_admins_hear_that_one_was_removed(town: Town, demo: Context) -> None:
    """Also whoever was, and whoever left by the organization's word: not who did it."""
    own = ORGANIZATION["demo"]
    for each in (ADA, BO, SAM):
        organizations.add_admin(demo, own, each.demo, "the tests")
    organizations.remove_admin(demo, town.actor(CY), own, ADA.demo)
    mails = demand_told(demo, "admin-removed", ADA, BO, SAM)
    assert f"Ada Admin ({ADA.email}) is an admin of the organization Acme Group no more" in mails[ADA.email]

    leavers.report(demo, leavers.Council(town.actor(CY), own), BO.demo, "Left in June.")
    leavers.report(demo, leavers.Operating("Olga"), SAM.demo, "Left in July.")
    assert heard(demo, "admin-removed") == Counter({SAM.email: 2, BO.email: 2, ADA.email: 1})


def test_an_account_with_few_admins_is_told(town: Town, demo: Context) -> None:
    """The last admin hears it; where none is left, the organization's admins."""
    host = leavers.Operating("Olga")
    leavers.report(demo, host, ROBIN.demo, "Its purpose is gone.")
    assert heard(demo, "last-admin") == Counter()
    leavers.report(demo, host, BO.demo, "Left in June.")
    mails = demand_told(demo, "last-admin", ADA)
    assert f"Ada Admin ({ADA.email}) is the only admin" in mails[ADA.email]
    leavers.report(demo, host, ADA.demo, "Left in July.")

    assert heard(demo, "last-admin") == Counter({ADA.email: 1, CY.email: 1})
    mail = written(demo, "last-admin")[CY.email]
    assert "Nobody is an admin of the account Acme now" in mail
    assert "You read this as an admin of the organization." in mail


# ── signing in ──────────────────────────────────────────────────────────────────────────────────────────────────────
def test_a_service_admin_that_signs_in_is_told_to_all_others(demo: Context) -> None:
    """At once, with what it came from; nobody is told of a person."""
    signin.sign_in(demo, ADA.email, PASSWORD, LAPTOP)
    assert told(demo) == []
    signin.sign_in(demo, ROBIN.email, PASSWORD, LAPTOP)

    mails = demand_told(demo, "service-admin-sign-in", ADA, BO)
    assert "with Firefox on Linux from 203.0.113.7" in mails[ADA.email]


def test_a_new_device_is_told_to_its_user(demo: Context) -> None:
    """The first device is none, one that was seen is none, and another one is told once."""
    for source in (LAPTOP, LAPTOP, PHONE, PHONE, LAPTOP._replace(address="192.0.2.44")):
        signin.sign_in(demo, SAM.email, PASSWORD, source)

    mails = demand_told(demo, "new-device", SAM)
    assert "with Safari on iPhone from 198.51.100.9" in mails[SAM.email]


def test_a_browser_without_a_cookie_is_known_by_its_name_and_network(demo: Context) -> None:
    """Whoever keeps no cookie is not told each time; from elsewhere they are."""
    fresh = LAPTOP._replace(is_fresh=True)
    for address in ("203.0.113.7", "203.0.113.7", "192.0.2.44", "192.0.2.44"):
        source = fresh._replace(address=address, unverified_device=new_secret("ksd_"))
        signin.sign_in(demo, SAM.email, PASSWORD, source)

    assert heard(demo, "new-device") == Counter({SAM.email: 1})


def test_a_user_of_long_ago_comes_from_a_new_device(town: Town, demo: Context) -> None:
    """Where every device was forgotten, nobody can say that this one is known."""
    town.clock.advance(days=400)
    signin.sign_in(demo, SAM.email, PASSWORD, LAPTOP)

    demand_told(demo, "new-device", SAM)


# ── others ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_what_custody_finds_critical_is_told_to_the_owners(town: Town, production: Context, made: Made) -> None:
    """Once, as long as it stands; in an account without an admin nobody is left to hear it, but webhooks do."""
    town.go_live(made)
    host = leavers.Operating("Olga")
    for person in (BO, ROBIN, ADA):
        leavers.report(production, host, person.production, "Left in June.")
        for _ in range(2):
            custody.judge(production, Unit("account", ACME.production))
        assert sum(heard(production, "custody-finding").values()) == (person is not BO)

    found = {each.facts["what"]: each.account for each in told(production) if each.kind == "custody-finding"}
    assert set(found.values()) == {ACME.production}
    assert any("Ada Admin (ada@acme.example) is the only admin" in what for what in found)
    assert any("has no active admin" in what for what in found)


def test_a_step_of_a_transfer_is_one_notice_and_one_mail(town: Town, production: Context, made: Made) -> None:
    """Each side has a notice of its own, and whoever is on both hears once what both sides are told."""
    town.go_live(made)
    empty_boxes(production)
    accounts.add_user(production, STRANGE.production, ADA.joining(ADMIN, "production"), "x")
    offered = offer(town, made)

    sides = [(each.account, each.key, each.facts["subject"]) for each in told(production) if each.kind == "transfer"]
    assert sorted(sides) == sorted([
        (ACME.production, made.key, "Lease signer is to be transferred"),
        (STRANGE.production, made.key, "An integration key is offered to Strange"),
    ])  # fmt: skip
    assert heard(production, "transfer") == Counter({ADA.email: 2, BO.email: 1, ROBIN.email: 1, MALLORY.email: 1})
    empty_boxes(production)
    transfers.accept(production, town.actor(MALLORY, production), offered.id)
    confirm(town, offered, "source", BO)
    assert heard(production, "transfer") == Counter({ADA.email: 2, BO.email: 2, ROBIN.email: 2, MALLORY.email: 1})
    about = Counter(mail.recipient for mail in mailing.list_newest(production) if mail.about.startswith("transfer-"))
    assert about == heard(production, "transfer")


def test_every_kind_says_what_it_is() -> None:
    """In the list and in the guide, and those that guard keys and people cannot be turned off."""
    guide = (Path(__file__).parents[2] / "docs" / "guides" / "notices.md").read_text()
    assert KINDS.keys() == set(NOTICE_KINDS)
    assert [kind for kind in NOTICE_KINDS if f"| `{kind}` |" not in guide] == []
    assert {kind for kind in NOTICE_KINDS if not may_mute(kind)} >= {
        "new-secret", "new-keypair", "new-redirect-uri", "new-admin", "admin-removed", "waiver",
        "service-admin-sign-in", "new-device",
    }  # fmt: skip


def test_each_notice_is_handed_over_once(town: Town, demo: Context, made: Made) -> None:
    """Whoever makes webhooks of notices takes each one once, and sees what is still to be taken."""
    addresses.add_redirect_uri(demo, town.actor(ADA), made.key, "https://app.example.com/other")
    (waiting,) = told(demo)
    with demo.database.writing() as tx:
        taken = [stored.hand_over(tx, waiting.id, demo.now) for _ in range(2)]

    assert (taken, told(demo)) == ([True, False], [])
    ((at,),) = rows(demo.database, "SELECT handed_over_at FROM notices")
    assert at == microseconds(demo.now)
