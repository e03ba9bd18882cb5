"""Does everybody see in their inbox what is theirs, and nothing that is not?"""

from dataclasses import replace

from keysteward.actions import (
    addresses,
    audit,
    credentials,
    housekeeping,
    inbox,
    leavers,
    mailing,
    organizations,
    people,
    signin,
)
from keysteward.actions.context import Context
from keysteward.actions.inbox import Wanted
from keysteward.crypto.hashing import new_secret
from keysteward.rules.accounts import SENDER
from keysteward.rules.events import Erasure
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, TOKEN_LACKS_PERMISSION
from keysteward.rules.signin import Source
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, PASSWORD, ROBIN, SAM, Made, Person, Town, refused
from tests.forging import let_go
from tests.peers.databases import rows

LAPTOP = Source("203.0.113.7", "Firefox/140.0 (X11; Linux)", new_secret("ksd_"))
PHONE = LAPTOP._replace(unverified_device=new_secret("ksd_"))


def add_uris(town: Town, made: Made, many: int) -> None:
    """Ada adds some redirect URIs, of each of which Bo and Robin are told."""
    for number in range(many):
        town.clock.advance(minutes=1)
        addresses.add_redirect_uri(town.demo, town.actor(ADA), made.key, f"https://app.example.com/{number}")


def subjects(town: Town, person: Person, wanted: Wanted | None = None) -> list[str]:
    """What stands in somebody's inbox, unread first."""
    page = inbox.list_notices(town.demo, town.actor(person), wanted or Wanted())
    return [each.notice.facts["uri"].rpartition("/")[2] for each in page.received]


def unread(town: Town, person: Person) -> int:
    """What the header of somebody's pages says."""
    return inbox.list_notices(town.demo, town.actor(person), Wanted()).unread


def test_unread_notices_stand_first_then_the_newest(town: Town, demo: Context, made: Made) -> None:
    """Reading one changes its place and the count, once; reading all reads all."""
    add_uris(town, made, 3)
    bo = town.actor(BO)
    assert (subjects(town, BO), unread(town, BO)) == (["2", "1", "0"], 3)
    newest = inbox.list_notices(demo, bo, Wanted()).received[0].notice.id
    assert inbox.mark_read(demo, bo, newest).read_at == demo.now
    first_read = demo.now
    town.clock.advance(minutes=1)

    assert inbox.mark_read(demo, town.actor(BO), newest).read_at == first_read
    assert (subjects(town, BO), unread(town, BO), unread(town, ROBIN)) == (["1", "0", "2"], 2, 3)
    assert subjects(town, BO, Wanted(unread=True)) == ["1", "0"]
    assert [inbox.mark_all_read(demo, town.actor(BO)) for _ in range(2)] == [2, 0]
    assert unread(town, BO) == 0


def test_an_inbox_is_read_page_by_page(town: Town, demo: Context, made: Made) -> None:
    """Every notice once, and the last page says that it is the last."""
    add_uris(town, made, 5)
    pages = [inbox.list_notices(demo, town.actor(BO), Wanted(), number, 2) for number in (1, 2, 3)]

    assert [[each.notice.facts["uri"][-1] for each in page.received] for page in pages] == [
        ["4", "3"], ["2", "1"], ["0"],
    ]  # fmt: skip
    assert [page.has_more for page in pages] == [True, True, False]


def test_notices_are_found_by_kind_and_key(town: Town, demo: Context, made: Made) -> None:
    """One kind, one key, both; another key has none, and a kind that there is not is refused."""
    other = town.create_app(name="Other")
    add_uris(town, made, 1)
    credentials.add_secret(demo, town.actor(ADA), made.key)

    assert subjects(town, BO, Wanted(kind="new-redirect-uri", key=made.key)) == ["0"]
    assert len(inbox.list_notices(demo, town.actor(BO), Wanted(key=made.key)).received) == 2
    assert {key for key, _ in inbox.list_keys(demo, town.actor(BO))} == {made.key, other.key}
    with refused(INVALID_FIELD, "kind"):
        inbox.list_notices(demo, town.actor(BO), Wanted(kind="gossip"))


def test_who_is_no_admin_any_more_sees_no_more(town: Town, demo: Context, made: Made) -> None:
    """Of an account and of an organization; what concerns themselves stays, and a stranger's notice is none."""
    add_uris(town, made, 1)
    for source in (LAPTOP, PHONE):
        signin.sign_in(demo, BO.email, PASSWORD, source)
    (uri,) = [each.notice.id for each in inbox.list_notices(demo, town.actor(BO), Wanted("new-redirect-uri")).received]
    assert unread(town, BO) == 2
    people.change_profile(demo, town.actor(ADA), ACME.demo, BO.demo, SENDER.id)

    (own,) = inbox.list_notices(demo, town.actor(BO), Wanted()).received
    assert own.notice.kind == "new-device"
    assert unread(town, BO) == 1
    for person in (BO, SAM):
        with refused(NO_SUCH_OBJECT):
            inbox.mark_read(demo, town.actor(person), uri)
    organizations.name_admin(demo, town.actor(CY), ORGANIZATION["demo"], ADA.email)
    organizations.name_admin(demo, town.actor(ADA), ORGANIZATION["demo"], SAM.email)
    before = unread(town, CY)
    organizations.remove_admin(demo, town.actor(ADA), ORGANIZATION["demo"], CY.demo)
    assert (before, unread(town, CY)) == (1, 0)


def test_a_program_reads_what_its_token_allows(town: Town, demo: Context) -> None:
    """It needs the permission for it."""
    allowed = frozenset({"user:notice:read"})
    assert inbox.list_notices(demo, town.actor(ADA, permissions=allowed), Wanted()).unread == 0
    with refused(TOKEN_LACKS_PERMISSION):
        inbox.list_notices(demo, town.actor(ADA, permissions=frozenset({"account:key:read"})), Wanted())


def test_mails_of_a_kind_are_turned_off(town: Town, demo: Context, made: Made) -> None:
    """The inbox keeps its notices, others get their mails, and what guards keys and people always goes out."""
    inbox.mute(demo, town.actor(BO), ["last-admin", "review"])
    assert inbox.list_muted(demo, town.actor(BO)) == {"last-admin", "review"}
    with refused(INVALID_FIELD, "kinds"):
        inbox.mute(demo, town.actor(BO), ["new-secret"])
    for person in (ROBIN, ADA):
        leavers.report(demo, leavers.Operating("Olga"), person.demo, "Left in June.")

    assert "last-admin" not in {mail.about for mail in mailing.list_newest(demo) if mail.recipient == BO.email}
    assert [each.notice.kind for each in inbox.list_notices(demo, town.actor(BO), Wanted()).received] == ["last-admin"]
    inbox.mute(demo, town.actor(BO), [])
    assert inbox.list_muted(demo, town.actor(BO)) == set()


def test_notices_are_forgotten_in_time(town: Town, demo: Context, made: Made) -> None:
    """After as long as the policy says, and not before."""
    add_uris(town, made, 1)
    town.clock.advance(days=demo.policy.notices_kept.days - 1)
    housekeeping.forget_what_expired(demo)
    assert unread(town, BO) == 1
    town.clock.advance(days=1, seconds=1)
    housekeeping.forget_what_expired(demo)

    assert rows(demo.database, "SELECT count(*) FROM notices") == [(0,)]
    assert rows(demo.database, "SELECT count(*) FROM notice_receipts") == [(0,)]


def test_who_is_erased_stands_in_no_notice(town: Town, demo: Context, made: Made) -> None:
    """Their inbox is empty, what concerned them alone is gone, and what others read says that somebody was erased."""
    bo = replace(town.actor(BO), email=BO.email)
    addresses.add_redirect_uri(demo, bo, made.key, "https://app.example.com/bo")
    add_uris(town, made, 1)
    for source in (LAPTOP, PHONE):
        signin.sign_in(demo, BO.email, PASSWORD, source)
    inbox.mute(demo, bo, ["review"])
    let_go(demo, BO.demo)
    audit.erase_person(demo, Erasure(BO.email, ("Bo Leaver",)), "operator")

    assert rows(demo.database, f"SELECT count(*) FROM notice_receipts WHERE \"user\" = '{BO.demo}'") == [(0,)]  # noqa: S608
    assert rows(demo.database, "SELECT count(*) FROM muted_notices") == [(0,)]
    assert BO.email not in str(rows(demo.database, "SELECT facts FROM notices"))
    (told,) = inbox.list_notices(demo, town.actor(ADA), Wanted()).received
    assert told.notice.facts["what"].startswith("erased added the redirect URI")
