"""Is a sealed credential given out by two people, once, and never by one alone?"""

from collections.abc import Callable
from datetime import timedelta

from keysteward.actions import accounts, credentials, keys, people, releases, sealed_credentials
from keysteward.actions.sealed_credentials import ReleaseSeen
from keysteward.rules.access import Actor
from keysteward.rules.accounts import ADMIN, SENDER, NewUser
from keysteward.rules.refusals import (
    ACCOUNT_NOT_OPEN,
    FRESH_SIGN_IN_NEEDED,
    KEY_DELETED,
    NO_SUCH_OBJECT,
    NOBODY_APPROVES,
    NOT_YOUR_RELEASE,
    RELEASE_APPROVED,
    RELEASE_NOT_APPROVED,
    RELEASE_OVER,
    RELEASE_PENDING,
    RELEASE_SIGNER_GONE,
    SERVICE_ADMIN_RELEASES,
)
from keysteward.store import accounts as stored
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, ROBIN, SAM, SMALL, VERA, Made, Person, Town, refused
from tests.mails import letters_to
from tests.recovering import REASON, SEAL, approved, ask, opened, pair, seal_secret

ABOUT = "sealed-credential"


def of(town: Town, person: Person) -> Actor:
    """Somebody in demo."""
    return town.actor(person)


def seen(town: Town, release: str, person: Person = ADA) -> ReleaseSeen:
    """A request as somebody sees it."""
    return sealed_credentials.load_release(town.demo, of(town, person), release)


def download(town: Town, release: str, person: Person = ADA) -> bytes:
    """The file."""
    return releases.download(town.demo, of(town, person), release)


def test_two_people_and_the_file_is_there_once(town: Town, made: Made) -> None:
    """Asked, approved, downloaded: it opens with the identity to what was shown once; a second time there is none."""
    new = seal_secret(town, made)
    release = releases.ask(town.demo, of(town, ADA), ACME.demo, new.secret.id, REASON)
    assert seen(town, release.id).status == "waiting"
    assert seen(town, release.id, BO).steps == {"approve", "refuse"}
    with refused(RELEASE_NOT_APPROVED):
        download(town, release.id)
    releases.approve(town.demo, of(town, BO), release.id)
    assert seen(town, release.id).status == "approved"
    assert seen(town, release.id).steps == {"cancel", "download"}
    with refused(RELEASE_APPROVED):
        releases.approve(town.demo, of(town, BO), release.id)

    assert opened(download(town, release.id), pair()) == new.value
    assert seen(town, release.id).status == "downloaded"
    with refused(RELEASE_OVER):
        download(town, release.id)
    for person in (ADA, BO, ROBIN, CY):
        assert letters_to(town.demo, person.email).count(ABOUT) == 4


def test_nobody_else_gets_it(town: Town, made: Made) -> None:
    """Not who approved, not another admin, not a member; strangers find no request."""
    release = approved(town, made)
    for person in (BO, ROBIN, CY):
        with refused(NOT_YOUR_RELEASE):
            download(town, release.id, person)
    for person in (SAM, VERA, MALLORY):
        with refused(NO_SUCH_OBJECT):
            download(town, release.id, person)


def test_who_asks_does_not_approve(town: Town, made: Made) -> None:
    """Nor does a service admin, a member, or an organization admin where the account has a second one."""
    release = ask(town, made)
    with refused(NOT_YOUR_RELEASE):
        releases.approve(town.demo, of(town, ADA), release.id)
    with refused(SERVICE_ADMIN_RELEASES):
        releases.approve(town.demo, of(town, ROBIN), release.id)
    with refused(NOT_YOUR_RELEASE):
        releases.approve(town.demo, of(town, CY), release.id)
    with refused(NO_SUCH_OBJECT):
        releases.approve(town.demo, of(town, SAM), release.id)
    with refused(SERVICE_ADMIN_RELEASES):
        releases.ask(town.demo, of(town, ROBIN), ACME.demo, seal_secret(town, made).secret.id, REASON)


def test_a_second_user_of_ones_own_does_not_count(town: Town, made: Made) -> None:
    """Mail to it comes to the same box; with nobody else there, nobody approves."""
    twin = NewUser("Ada+keys@acme.example", "Ada", "Again", ADMIN)
    user = accounts.add_user(town.demo, ACME.demo, twin, "the tests").user
    accounts.close_membership(town.demo, ACME.demo, BO.demo, "the tests")
    release = ask(town, made)

    assert release.approvers == (CY.demo,)
    with refused(NOT_YOUR_RELEASE):
        releases.approve(town.demo, Actor(user.id, user.email, town.clock.now), release.id)


def test_nobody_is_made_an_admin_for_it(town: Town, made: Made) -> None:
    """Who may approve is settled when it is asked."""
    release = ask(town, made)
    people.change_profile(town.demo, of(town, ADA), ACME.demo, SAM.demo, ADMIN.id)
    with refused(NOT_YOUR_RELEASE):
        releases.approve(town.demo, of(town, SAM), release.id)


def test_the_organization_approves_for_the_only_admin(town: Town, made: Made) -> None:
    """It does so while the account belongs to it."""
    accounts.close_membership(town.demo, ACME.demo, BO.demo, "the tests")
    release = ask(town, made)
    assert (release.organization, release.approvers) == (ORGANIZATION["demo"], (CY.demo,))
    releases.approve(town.demo, of(town, CY), release.id)

    assert download(town, release.id)
    assert [each.case.release.id for each in sealed_credentials.list_releases(town.demo, of(town, CY))] == [release.id]


def test_with_nobody_else_nothing_is_asked(town: Town) -> None:
    """A lone admin of an account without an organization cannot release anything."""
    own = town.create_app(firm=SMALL, name="Own")
    sealed_credentials.add_recipient(town.demo, of(town, ADA), SMALL.demo, "Safe", pair().public_key)
    new = credentials.add_secret(town.demo, of(town, ADA), own.key, SEAL)
    with refused(NOBODY_APPROVES):
        releases.ask(town.demo, of(town, ADA), SMALL.demo, new.secret.id, REASON)


def test_both_sign_in_freshly(town: Town, made: Made) -> None:
    """For each step."""
    release = approved(town, made)
    stale = {person: of(town, person) for person in (ADA, BO)}
    town.clock.advance(minutes=11)
    steps: tuple[Callable[[], object], ...] = (
        lambda: releases.ask(town.demo, stale[ADA], ACME.demo, release.credential, REASON),
        lambda: releases.approve(town.demo, stale[BO], release.id),
        lambda: releases.refuse(town.demo, stale[BO], release.id, ""),
        lambda: releases.cancel(town.demo, stale[ADA], release.id),
        lambda: releases.download(town.demo, stale[ADA], release.id),
    )
    for step in steps:
        with refused(FRESH_SIGN_IN_NEEDED):
            step()


def test_its_time_is_short(town: Town, made: Made) -> None:
    """A day to approve, then an hour to download; at the last moment it is over, and another may be asked."""
    first = ask(town, made)
    town.clock.now = first.expires_at
    with refused(RELEASE_OVER):
        releases.approve(town.demo, of(town, BO), first.id)
    second = releases.ask(town.demo, of(town, ADA), ACME.demo, first.credential, REASON)
    with refused(RELEASE_PENDING):
        releases.ask(town.demo, of(town, BO), ACME.demo, first.credential, REASON)
    town.clock.now = releases.approve(town.demo, of(town, BO), second.id).expires_at
    with refused(RELEASE_OVER):
        download(town, second.id)

    assert [releases.settle_due(town.demo) for _ in range(2)] == [1, 0]
    assert [seen(town, each.id).status for each in (first, second)] == ["expired", "expired"]
    assert second.expires_at - second.asked.at == timedelta(hours=24)


def test_it_is_cancelled_or_refused(town: Town, made: Made) -> None:
    """Whoever asked takes it back; any other admin refuses, until it is downloaded."""
    first = ask(town, made)
    with refused(NOT_YOUR_RELEASE):
        releases.cancel(town.demo, of(town, BO), first.id)
    with refused(NOT_YOUR_RELEASE):
        releases.refuse(town.demo, of(town, ADA), first.id, "")
    releases.cancel(town.demo, of(town, ADA), first.id)
    second = approved(town, made)
    releases.refuse(town.demo, of(town, ROBIN), second.id, "Nobody told me.")

    assert [seen(town, each.id).status for each in (first, second)] == ["cancelled", "refused"]
    with refused(RELEASE_OVER):
        download(town, second.id)


def test_who_approved_must_still_be_there(town: Town, made: Made) -> None:
    """At the download it is asked again; and who asked must be an admin still."""
    release = approved(town, made)
    accounts.close_membership(town.demo, ACME.demo, BO.demo, "the tests")
    with refused(RELEASE_SIGNER_GONE):
        download(town, release.id)
    people.change_profile(town.demo, of(town, ROBIN), ACME.demo, ADA.demo, SENDER.id)
    with refused(NO_SUCH_OBJECT):
        download(town, release.id)


def test_an_account_that_leaves_its_organization_takes_its_word_along(town: Town, made: Made) -> None:
    """Who approved for the organization may not any more."""
    accounts.close_membership(town.demo, ACME.demo, BO.demo, "the tests")
    release = ask(town, made)
    releases.approve(town.demo, of(town, CY), release.id)
    with town.demo.database.writing() as tx:
        stored.change_account(tx, ACME.demo, organization=None)
    with refused(RELEASE_SIGNER_GONE):
        download(town, release.id)


def test_what_an_account_or_key_does_to_it(town: Town, made: Made) -> None:
    """A suspended account and a deleted key give nothing out; a closed account does."""
    release = approved(town, made)
    accounts.change_account(town.demo, ACME.demo, "the tests", state="suspended")
    with refused(ACCOUNT_NOT_OPEN):
        download(town, release.id)
    accounts.change_account(town.demo, ACME.demo, "the tests", state="open")
    keys.delete(town.demo, of(town, ADA), made.key)
    with refused(KEY_DELETED):
        download(town, release.id)
    keys.restore(town.demo, of(town, ADA), made.key)
    accounts.change_account(town.demo, ACME.demo, "the tests", state="closed")

    assert download(town, release.id)
