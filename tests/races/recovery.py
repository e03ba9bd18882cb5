"""Who races over mail, links in mails, and who somebody is at their organization's identity provider?"""

from collections import Counter
from collections.abc import Generator
from dataclasses import replace

from keysteward.actions import accounts, identity_providers, linking, mailing, recovery, signin
from keysteward.actions.identity_providers import Draft
from keysteward.outgoing.mail import MailServer
from keysteward.outgoing.safe_https import Outside
from keysteward.rules.accounts import NewUser
from keysteward.rules.letters import Letter
from keysteward.rules.providers import Identity
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, PASSWORD, SAM, VERA
from tests.mails import link_to
from tests.peers.databases import rows
from tests.peers.mailbox import mailbox
from tests.peers.provider import provider
from tests.plays.recovery import ISSUER, SAM_THERE, kept_provider
from tests.races.course import Came, Ground, Runner, events_of, race, taking_turns

Story = Generator[Runner, Came, None]
GROUP = ORGANIZATION["demo"]


@race(mailing.send_due)
def each_mail_is_sent_once(on: Ground) -> Story:
    """A hundred workers with one outbox: every mail leaves once."""
    with mailbox() as box:
        ctx = replace(on.demo, mail_server=MailServer("127.0.0.1", box.port, "none", "keys@acme.example"))
        for number in range(20):
            with ctx.database.writing() as tx:
                mailing.post(ctx, tx, f"nell{number}@acme.example", Letter("new-password", "Subject", "Text"))
        came = yield lambda _: mailing.send_due(ctx)

        assert (len(came.answers), came.refusals) == (100, Counter())
        assert sorted(box.recipients) == sorted(f"nell{number}@acme.example" for number in range(20))


@race(mailing.take_over)
def taking_over_loses_no_mail(on: Ground) -> Story:
    """Whoever takes a way over from the living, again and again: every mail leaves, and a repeat has the same id."""
    with mailbox() as box:
        ctx = replace(on.demo, mail_server=MailServer("127.0.0.1", box.port, "none", "keys@acme.example"))
        for number in range(10):
            with ctx.database.writing() as tx:
                mailing.post(ctx, tx, f"nell{number}@acme.example", Letter("new-password", "Subject", "Text"))
        came = yield taking_turns(lambda _: mailing.send_due(ctx), lambda _: mailing.take_over(ctx, "mail"))

        assert (len(came.answers), came.refusals) == (100, Counter())
        assert set(box.recipients) == {f"nell{number}@acme.example" for number in range(10)}
        assert len(set(box.ids)) == 10
        assert rows(ctx.database, "SELECT count(*) FROM mails WHERE letter_sealed IS NOT NULL") == [(0,)]


@race(recovery.ask_for_password)
def one_address_is_sent_three_links(on: Ground) -> Story:
    """A hundred who ask for one address at once: three mails, and the link of one of them is good."""
    came = yield lambda _: recovery.ask_for_password(on.demo, SAM.email)

    assert (len(came.answers), events_of(on.demo, "PasswordLinkSent")) == (100, 3)
    assert rows(on.demo.database, "SELECT count(*) FROM password_links") == [(1,)]


@race(recovery.reset_password, signin.sign_in, times=60)
def one_link_changes_one_password(on: Ground) -> Story:
    """Of many who use one link one wins, and whoever got in with the old password meanwhile is out again."""
    recovery.ask_for_password(on.demo, SAM.email)
    link = link_to(on.demo, SAM.email)
    came = yield taking_turns(
        lambda number: recovery.reset_password(on.demo, link, f"a new password of {number}"),
        lambda _: signin.sign_in(on.demo, SAM.email, PASSWORD),
    )

    assert events_of(on.demo, "PasswordReset") == 1
    assert set(came.refusals) <= {"link-not-good", "wrong-credentials", "too-many-attempts"}
    assert rows(on.demo.database, "SELECT count(*) FROM sessions") == [(0,)]


@race(recovery.ask_for_address, recovery.confirm_address, accounts.add_user)
def one_address_is_one_users(on: Ground) -> Story:
    """Two who confirm one address while it is invited, too: it is one user's, by the database's word."""
    wanted = "wanted@acme.example"
    for person in (SAM, VERA):
        recovery.ask_for_address(on.demo, on.town.actor(person), wanted)
        on.town.clock.advance(seconds=1)
    links = dict(rows(on.demo.database, 'SELECT "user", digest FROM address_links'))
    values = {SAM.demo: _link_of(on, SAM.demo, links), VERA.demo: _link_of(on, VERA.demo, links)}
    newcomer = NewUser(wanted, "Wanda", "Wanted")
    came = yield taking_turns(
        lambda _: recovery.confirm_address(on.demo, on.town.actor(SAM), values[SAM.demo]),
        lambda _: recovery.confirm_address(on.demo, on.town.actor(VERA), values[VERA.demo]),
        lambda _: accounts.add_user(on.demo, ACME.demo, newcomer, ADA.email).user.id,
        lambda _: recovery.ask_for_address(on.demo, on.town.actor(BO), "bo@elsewhere.example"),
    )

    owners = rows(on.demo.database, f"SELECT count(*) FROM users WHERE email_folded = '{wanted}'")  # noqa: S608 — our own
    assert owners == [(1,)]
    assert set(came.refusals) <= {"link-not-good", "address-taken", "email-taken", "too-many-links"}


def _link_of(on: Ground, user: str, digests: dict[str, str]) -> str:
    texts = [mail.letter.text for mail in mailing.list_newest(on.demo) if mail.letter and mail.about == "new-address"]
    values = [text.partition("link=")[2].split()[0] for text in texts]
    return next(value for value in values if on.demo.digester.digest(value) == digests[user])


@race(recovery.reset_factors, recovery.reset_factors_as_operator, signin.sign_in, times=60)
def factors_are_reset_by_anybody_who_may(on: Ground) -> Story:
    """Admins and an operator at once: each is told of, and nobody meets anything but an answer."""
    came = yield taking_turns(
        lambda _: recovery.reset_factors(on.demo, on.ada, ACME.demo, SAM.demo),
        lambda _: recovery.reset_factors_as_operator(on.demo, SAM.email, "operator Olga"),
        lambda _: signin.sign_in(on.demo, SAM.email, PASSWORD),
    )

    assert (len(came.answers), came.refusals) == (60, Counter())
    assert events_of(on.demo, "SecondFactorReset") == 40


@race(linking.link, linking.enter, identity_providers.unlink)
def one_user_is_one_subject(on: Ground) -> Story:
    """Fifty subjects that claim one user, while links end: never are two of them linked at once."""
    acmes, cy = kept_provider(on.demo), on.town.actor(CY)
    came = yield taking_turns(
        lambda number: linking.link(on.demo, acmes, replace(SAM_THERE, subject=f"sam-{number}")) and None,
        lambda number: linking.enter(on.demo, acmes, replace(SAM_THERE, subject=f"sam-{number - 1}")) and None,
        lambda _: identity_providers.unlink(on.demo, cy, GROUP, SAM.demo),
    )

    assert rows(on.demo.database, "SELECT count(*) FROM identities")[0][0] <= 1
    assert events_of(on.demo, "IdentityLinked") - events_of(on.demo, "IdentityUnlinked") in {0, 1}
    assert set(came.refusals) <= {"identity-not-linked", "no-such-object"}


@race(linking.come_in)
def a_first_sign_in_links_once(on: Ground) -> Story:
    """A hundred browsers in which Sam comes for the first time: one link, and a session for whoever was let in."""
    acmes = kept_provider(on.demo)
    came = yield lambda _: linking.come_in(on.demo, acmes, SAM_THERE)

    assert set(came.refusals) <= {"identity-not-linked"}
    assert (len(set(came.answers)), events_of(on.demo, "IdentityLinked")) == (events_of(on.demo, "SignedIn"), 1)


@race(identity_providers.configure, times=20)
def one_provider_is_kept(on: Ground) -> Story:
    """Twenty who set the provider up at once are all answered, and one of them is kept."""
    with provider(on.town._folder / "tls") as made:
        ctx = replace(on.demo, outside=Outside((), made.ca_file, allows_loopback=True, seconds=30))
        cy = on.town.actor(CY)
        came = yield lambda number: identity_providers.configure(
            ctx, cy, GROUP, Draft(f"Login {number}", made.origin, "client", "secret")
        )

    assert (len(came.answers), came.refusals) == (20, Counter())
    assert rows(on.demo.database, "SELECT count(*) FROM providers") == [(1,)]


@race(identity_providers.keep, identity_providers.remove, linking.link, linking.enter)
def a_removed_provider_speaks_for_nobody(on: Ground) -> Story:
    """While a provider comes and goes, nobody is linked by one that is gone."""
    acmes, cy = kept_provider(on.demo), on.town.actor(CY)
    draft = Draft("Acme Login", ISSUER, "client", "secret")

    def come(number: int) -> None:
        linking.link(on.demo, acmes, Identity(ISSUER, f"{number}", SAM.email, email_verified=True))

    came = yield taking_turns(
        lambda _: identity_providers.keep(on.demo, cy, GROUP, draft),
        lambda _: identity_providers.remove(on.demo, cy, GROUP),
        come,
        lambda number: linking.enter(on.demo, acmes, replace(SAM_THERE, subject=f"{number}")) and None,
    )

    kept = rows(on.demo.database, "SELECT count(*) FROM providers")[0][0]
    linked = rows(on.demo.database, "SELECT count(*) FROM identities")[0][0]
    assert linked <= kept <= 1
    assert set(came.refusals) <= {"no-provider", "identity-not-linked", "no-such-object"}


@race(linking.burn_state)
def a_state_is_used_once(on: Ground) -> Story:
    """A hundred browsers that bring one state back: one goes on."""
    came = yield lambda _: linking.burn_state(on.demo, "the state")

    came.once("sign-in-not-begun-here")
