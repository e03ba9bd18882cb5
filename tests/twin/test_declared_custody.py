"""Can a file say who comes and leaves, what was found, and which keys are on their way? Is it exported again?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import (
    account_links,
    accounts,
    credentials,
    custody,
    domains,
    invitations,
    leavers,
    mailing,
    moving,
    organizations,
    people,
    profiles,
    stand_ins,
    transfer_views,
    transfers,
)
from keysteward.actions.export import Snapshot
from keysteward.actions.leavers import Council, Directory, Operating
from keysteward.rules.accounts import ADMIN, SEND, VIEWER
from keysteward.rules.domains import Seen
from keysteward.rules.keys import Wish
from tests.cast import ACME, ADA, BO, COUNCIL, CY, MALLORY, ORGANIZATION, SAM, SMALL, START, STRANGE, VERA, Made, Town
from tests.transferring import accepted, add_second, confirm, offer, stand_in
from tests.twin.declaring import Full, again, app_in, apply, copy_of, essence, mistaken, snapshots

OURS, DAY = ORGANIZATION["demo"], timedelta(days=1)
PEOPLE, KEYS = (Path(__file__).with_name(name).read_text() for name in ("people.toml", "moving_keys.toml"))


@pytest.fixture(scope="module")
def peopled(nobody: tuple[Town, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """A town of people who came and left."""
    folder = tmp_path_factory.mktemp("peopled")
    town = copy_of(*nobody, folder / "town")
    yield Full(town, apply(town, folder, PEOPLE))
    town.close()


@pytest.fixture(scope="module")
def moving_keys(nobody: tuple[Town, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """A town in which keys moved."""
    folder = tmp_path_factory.mktemp("moving")
    town = copy_of(*nobody, folder / "town")
    yield Full(town, apply(town, folder, KEYS))
    town.close()


@pytest.fixture
def demo(peopled: Full) -> Snapshot:
    """What is in its demo environment."""
    return snapshots(peopled.town)[0]


def profiles_in(demo: Snapshot, account: str) -> dict[str, str]:
    """Who is an active member of an account, and as what."""
    standings = (each for person in demo.people for each in person.standings if each.account.name == account)
    return {each.user.email.partition("@")[0]: each.membership.profile.name for each in standings if each.is_active}


def test_members_are_as_declared(demo: Snapshot) -> None:
    """With profiles of the account's own; who left has gone, who came back is there."""
    assert profiles_in(demo, "Acme") == {"ada": "DS Admin", "sam": "Leases only"}
    assert profiles_in(demo, "Partners") == {"pat": "DS Admin"}
    left = [(each.source, each.by, each.is_whole, each.ended_by) for each in demo.departures]
    assert left == [
        ("operator", "operator Olga", True, "operator Olga"),
        ("organization admin", "cy@acme.example", True, ""),
        ("identity provider", "identity provider", False, ""),
    ]


def test_who_was_invited_finds_a_link(peopled: Full, demo: Snapshot) -> None:
    """The invitation is open, by the account's admin, and its link lies in the outbox."""
    (house,) = (each for each in demo.houses.values() if each.invitations)
    (invitation,) = house.invitations
    letters = [each.letter for each in mailing.list_newest(peopled.town.demo) if each.recipient == "zoe@acme.example"]

    assert (invitation.email, invitation.profile.name) == ("zoe@acme.example", "Leases only")
    assert [letter is not None and "/join?link=ksl_" in letter.text for letter in letters] == [True]


def test_an_organization_is_as_declared(demo: Snapshot) -> None:
    """Accounts and admins joined when the file says, domains are in their states, and requests wait."""
    (group,) = demo.groups
    names = {account.id: account.name for account in demo.accounts}

    assert [(each.host_name, each.state) for each in group.domains] == [
        ("acme.example", "active"),
        ("old.example", "lapsed"),
        ("new.example", "pending"),
    ]
    assert {names[account]: (START - link.linked_at).days for account, link in group.joined.items()} == {
        "Acme": 60,
        "Labs": 20,
    }
    assert [(START - since).days for since in group.admins.values()] == [60, 9]
    assert sorted((names[each.account], each.wish, each.side) for each in group.requests) == [
        ("Labs", "unlink", "account"),
        ("Partners", "link", "organization"),
    ]


def test_findings_are_accepted_where_they_are_found(peopled: Full, demo: Snapshot) -> None:
    """What is found is accepted and has its owner; what is not found is not, and nothing else is said."""
    acme = demo.accounts[0].id
    (life,) = demo.houses[acme].findings
    ada = demo.people[0].standings[0].user

    assert (life.code, life.accepted_why, life.accepted_by) == ("only-admin-is-a-person", "Bo left.", ada.email)
    assert life.owner == ada.id


def test_keys_moved_as_declared(moving_keys: Full) -> None:
    """Each transfer ended as the file says, and whoever holds a key in the end is told."""
    _, production = snapshots(moving_keys.town)
    names = {account.id: account.name for account in production.accounts}
    keys = {each.app.key: each.app.name for each in production.apps}
    ended = [(keys[each.key], each.hand, each.ending.end if each.ending else "") for each in production.transfers]

    assert ended == [
        ("Leases", "admin", "expired"),
        ("Leases", "admin", "cancelled"),
        ("Archive", "former admin", "moved"),
        ("Leases", "stand-in", "vetoed"),
        ("Leases", "admin", "moved"),
        ("Signer", "stand-in", "moved"),
        ("Leases", "admin", ""),
    ]
    assert {each.app.name: names[each.app.account] for each in production.apps} == {
        "Leases": "Holding",
        "Signer": "Holding",
        "Archive": "Acme",
    }
    made = moving_keys.made["production"].apps
    assert {each.name: names[each.account] for each in made.values()} == {
        each.app.name: names[each.app.account] for each in production.apps
    }


def test_what_is_newer_than_a_move_lives_on(moving_keys: Full) -> None:
    """Thirty days after the move the old secret key ends; one that was made since has no end."""
    leases = app_in(snapshots(moving_keys.town)[1], "Leases")
    ends = [secret.expires_at and (secret.expires_at - START).days for secret in leases.settings.secrets]

    assert sorted(ends, key=str) == [21, None]


@pytest.mark.parametrize("fixture", ["peopled", pytest.param("moving_keys", marks=pytest.mark.long)])
def test_it_comes_back(fixture: str, request: pytest.FixtureRequest, second: Town, tmp_path: Path) -> None:
    """What such a file made is exported, and makes the same again."""
    model: Full = request.getfixturevalue(fixture)

    first, then = again(model.town, second, tmp_path)

    assert then == first


def test_a_lived_in_twin_comes_back(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """Who came and left, who asked whom, what was found and which keys moved: not from any file, and the same again."""
    live = town.go_live(made)
    _change_people(town)
    _change_organizations(town)
    _let_people_leave(town)
    _move_keys(town, live)
    _say_of_findings(town)

    first, then = again(town, second, tmp_path)

    assert then == first
    for one, other in zip(snapshots(town), snapshots(second), strict=True):
        assert essence(other.groups) == essence(one.groups)
        assert essence(other.houses) == essence(one.houses)
        assert essence(other.departures) == essence(one.departures)
        assert essence(other.transfers) == essence(one.transfers)
        assert essence([each.standings for each in other.people]) == essence([each.standings for each in one.people])
        assert essence(other.apps) == essence(one.apps)


def _change_people(town: Town) -> None:
    demo, ada = town.demo, town.actor(ADA)
    leases = profiles.make(demo, ada, ACME.demo, profiles.Draft("Leases only", frozenset({SEND})))
    people.change_profile(demo, ada, ACME.demo, SAM.demo, leases.id)
    invitations.invite(demo, ada, ACME.demo, invitations.Draft("zoe@acme.example", leases.id))
    invitations.invite(demo, ada, ACME.demo, invitations.Draft("keys@acme.example", ADMIN.id, is_service=True))
    invitations.invite(demo, town.actor(BO), ACME.demo, invitations.Draft("old@acme.example", VIEWER.id))
    accounts.add_user(demo, SMALL.demo, MALLORY.joining(VIEWER, "demo"), ADA.email)


def _change_organizations(town: Town) -> None:
    demo, cy, ada, mallory = town.demo, town.actor(CY), town.actor(ADA), town.actor(MALLORY)
    account_links.ask_to_link(demo, cy, OURS, SMALL.demo)
    account_links.agree(demo, ada, (OURS, SMALL.demo, "link"), "account")
    account_links.ask_to_unlink(demo, ada, OURS, ACME.demo, "account")
    in_production = town.actor(CY, town.production)
    account_links.ask_to_link(town.production, in_production, ORGANIZATION["production"], STRANGE.production)
    organizations.name_admin(demo, cy, OURS, VERA.email)
    strange = organizations.create(demo, mallory, STRANGE.demo, "Strange Group").id
    ours, theirs = domains.claim(demo, cy, OURS, "docs.example"), domains.claim(demo, mallory, strange, "docs.example")
    old = domains.claim(demo, cy, OURS, "old.example")
    for domain in (ours, old):
        domains.keep(demo, domain, Seen("right", "TXT", demo.now))
    town.clock.advance(days=1)
    domains.keep(demo, old, Seen("none", "nothing", demo.now))
    taken = domains.claim(demo, town.actor(MALLORY), strange, "old.example")
    domains.keep(demo, taken, Seen("right", "TXT", demo.now))
    assert domains.list_claimed(demo, town.actor(MALLORY), strange)[0].id == theirs.id


def _let_people_leave(town: Town) -> None:
    demo, council = town.demo, Council(town.actor(CY), OURS)
    leavers.report(demo, council, BO.demo, "Left the company.")
    leavers.report(demo, council, MALLORY.demo, "Is a partner no more.")
    leavers.report(demo, Directory("Acme ID", OURS), SAM.demo, "Not in the directory.")
    town.clock.advance(hours=1)
    leavers.report(demo, Operating("Olga"), SAM.demo, "As said.")
    town.clock.advance(hours=1)
    leavers.bring_back(demo, Operating("Otto"), SAM.demo)
    leavers.report(town.production, Operating("Olga"), BO.production, "Left the company.")


def _say_of_findings(town: Town) -> None:
    production, mallory = town.production, town.actor(MALLORY, town.production)
    lives = {each.code: each.id for each in custody.view(production, mallory, STRANGE.production).lives}
    until = town.clock.now + 90 * DAY
    custody.accept(production, mallory, STRANGE.production, lives["credential-ends"], until, "It is rotated in May.")
    custody.assign(production, mallory, STRANGE.production, lives["no-service-admin"], MALLORY.production)


def _move_keys(town: Town, live: Made) -> None:
    production = town.production
    transfers.cancel(production, town.actor(MALLORY, production), offer(town, live).id, "Not now.")
    town.clock.advance(hours=1)
    accepted(town, live)
    town.clock.advance(days=8)
    assert moving.settle_due(production) == 1
    add_second(town)
    standing_in = stand_in(town, live)
    transfers.accept(production, town.actor(MALLORY, production), standing_in.id)
    confirm(town, standing_in, "destination", MALLORY)
    confirm(town, standing_in, "source", CY)
    stand_ins.approve(production, town.actor(SAM, production), standing_in.id)
    town.clock.advance(days=4)
    assert moving.settle_due(production) == 1
    town.clock.advance(days=1)
    mallory = town.actor(MALLORY, production)
    credentials.add_secret(production, mallory, live.key, Wish(town.clock.now + 10 * DAY, "A new one."))
    back = transfers.start(production, mallory, live.key, COUNCIL.production)
    transfers.accept(production, town.actor(CY, production), back.id)
    assert transfer_views.load_seen(production, mallory, back.id).status == "to be confirmed"


def test_what_a_rule_refuses_of_a_transfer_is_named(empty: Town, tmp_path: Path) -> None:
    """The step that cannot be taken is the mistake, with what the rule says."""
    town = KEYS.replace('ended = "expired"', 'ended = { how = "expired", at = "39 days" }')
    with mistaken("production.transfers[0].ended.at: it was under way until 2026-10-18 09:30 UTC; say a later moment."):
        apply(empty, tmp_path, town)
