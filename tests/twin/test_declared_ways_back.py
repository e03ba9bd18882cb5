"""Can a file say the ways back to keys, and which programs are told? Is all of it exported again?"""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import (
    credentials,
    drills,
    recovery_contacts,
    scim_tokens,
    sealed_credentials,
    webhook_deliveries,
    webhooks,
)
from keysteward.actions.drills import Plan
from keysteward.rules.access import Actor
from keysteward.rules.accounts import SENDER, VIEWER
from keysteward.rules.drills import Drill, status_of
from keysteward.rules.keys import Wish
from keysteward.rules.webhooks import Owner
from keysteward.store import drills as kept_drills
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, START, Made, Town
from tests.recovering import SEAL, add_recipient
from tests.twin.declaring import Full, again, app_in, apply, copy_of, essence, snapshots

FILE = Path(__file__).with_name("ways_back.toml").read_text()
OURS, DAY = ORGANIZATION["demo"], timedelta(days=1)


@pytest.fixture(scope="module")
def prepared(nobody: tuple[Town, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """A town that prepared for the day on which somebody is gone."""
    folder = tmp_path_factory.mktemp("prepared")
    town = copy_of(*nobody, folder / "town")
    yield Full(town, apply(town, folder, FILE))
    town.close()


def test_contacts_and_recipients_are_there(prepared: Full) -> None:
    """Who agreed is on record, who did not is asked; what was sealed is to those who were there then."""
    demo = snapshots(prepared.town)[0]
    house = demo.houses[demo.accounts[0].id]
    ada = ada_in(prepared.town)
    sealed = sealed_credentials.view(prepared.town.demo, ada, demo.accounts[0].id).sealed

    assert [(each.email, each.confirmed_at is not None) for each in house.contacts] == [
        ("help@acme.example", True),
        ("late@acme.example", False),
    ]
    assert [each.label for each in house.recipients] == ["Recovery", "The safe"]
    assert sorted((each.sealed.kind, each.sealed.recipients) for each in sealed) == [
        ("keypair", ("Recovery",)),
        ("secret key", ("Recovery",)),
        ("secret key", ("Recovery", "The safe")),
    ]


def ada_in(town: Town) -> Actor:
    """Ada in demo."""
    user = snapshots(town)[0].people[0].standings[0].user
    return Actor(user.id, user.email, START)


def test_drills_went_as_declared(prepared: Full) -> None:
    """Each as the file says; the repeated one that both recorded is planned anew."""
    demo = snapshots(prepared.town)[0]
    found = demo.houses[demo.accounts[0].id].drills

    assert [(each.kind, status_of(each, START), len(each.outcomes)) for each in found] == [
        ("open-sealed", "failed", 2),
        ("service-admin", "cancelled", 0),
        ("open-sealed", "planned", 0),
        ("reach-second-admin", "planned", 1),
    ]


def test_programs_are_told_and_may_speak(prepared: Full) -> None:
    """Webhooks and tokens are there with values that are made, and nobody is told of more than of these webhooks."""
    demo, made = snapshots(prepared.town)[0], prepared.made["demo"]
    (group,) = demo.groups
    acme, kept = demo.accounts[0].id, [*demo.houses[demo.accounts[0].id].webhooks, *group.webhooks]
    webhook_deliveries.hand_over(prepared.town.demo)
    views = [webhook_deliveries.view(prepared.town.demo, ada_in(prepared.town), each.id) for each in kept]

    assert group.directory.home == (acme, VIEWER)
    assert [each.name for each in group.directory.tokens] == ["Entra ID", "Okta"]
    assert [value[:4] for value in made.scim_tokens[group.organization.id]] == ["ksi_"] * 2
    assert [(each.url.rpartition("/")[2], each.kinds) for each in demo.houses[acme].webhooks] == [
        ("all", ()),
        ("some", ("transfer", "drill")),
    ]
    assert [len(made.webhooks[each]) for each in (acme, group.organization.id)] == [2, 1]
    assert {told.delivery.kind for view in views for told in view.deliveries} == {"webhook"}


def test_keys_are_replaced_as_declared(prepared: Full) -> None:
    """One is gone for good, one is retired, one waits for its time; whatever was stopped before is so still."""
    demo, production = snapshots(prepared.town)
    found = {each.app.name: each for each in production.apps}
    old, new = found["Old signer"], found["New signer"]
    retiring = {name: each.retirement for name, each in found.items()}
    ends = {
        name: each and (each.hand, each.retired_at is not None, each.ended and each.ended.end)
        for name, each in retiring.items()
    }

    assert ends == {
        "Old signer": ("stand-in", True, "final"),
        "New signer": ("admin", True, None),
        "Next signer": ("stand-in", False, None),
        "Last signer": None,
    }
    assert (old.app.deleted_at is not None, new.app.stopped_at) == (True, START - DAY)
    for each in (app_in(demo, "New signer"), new):
        assert each.replaces is not None
        assert (each.replaces.predecessor, each.replaces.remark) == (old.app.key, "Nobody is left at Acme.")


def test_it_comes_back(prepared: Full, second: Town, tmp_path: Path) -> None:
    """What such a file made is exported, and makes the same again."""
    first, then = again(prepared.town, second, tmp_path)

    assert then == first
    for one, other in zip(snapshots(prepared.town), snapshots(second), strict=True):
        assert essence(other.apps) == essence(one.apps)
        assert essence(other.houses) == essence(one.houses)


@pytest.mark.long
def test_a_lived_in_twin_comes_back(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """Whatever people prepared in consoles, not in any file, is the same again."""
    _prepare(town)
    _drill(town, made)
    credentials.add_secret(town.demo, town.actor(ADA), made.key, SEAL)
    credentials.add_generated_keypair(town.demo, town.actor(ADA), made.key, Wish(seal=True))

    first, then = again(town, second, tmp_path)

    assert then == first
    one, other = snapshots(town)[0], snapshots(second)[0]
    assert essence(other.houses) == essence(one.houses)
    assert essence(other.groups) == essence(one.groups)


def _prepare(town: Town) -> None:
    demo, ada, cy = town.demo, town.actor(ADA), town.actor(CY)
    recovery_contacts.name_contact(demo, ada, ACME.demo, "help@acme.example")
    add_recipient(town, by=BO)
    for owner, actor in ((Owner(account=ACME.demo), ada), (Owner(organization=OURS), cy)):
        webhooks.keep(demo, actor, owner, webhooks.Draft("https://hooks.acme.example/k", ("drill",)))
    scim_tokens.choose_home(demo, cy, OURS, ACME.demo, SENDER.id)
    scim_tokens.make(demo, cy, OURS, "Okta")


def _drill(town: Town, made: Made) -> None:
    """One that is repeated every month, and was held twice."""
    demo = town.demo
    people = (ADA.demo, BO.demo)
    plan = Plan("rehearse-transfer", made.key, *people, town.clock.now + DAY, every_months=1)
    drill: Drill | None = drills.plan(demo, town.actor(ADA), ACME.demo, plan)
    for _ in range(2):
        assert drill is not None
        town.clock.advance(days=1)
        drills.record(demo, town.actor(BO), drill.id, "done", "")
        town.clock.advance(minutes=1)
        drills.record(demo, town.actor(ADA), drill.id, "failed", "Nobody knew the sentence.")
        drill = open_drill(town)


def open_drill(town: Town) -> Drill | None:
    """Acme's drill that is not over."""
    with town.demo.database.reading() as tx:
        found = kept_drills.list_of_account(tx, ACME.demo, 10)
    return next((each for each in found if each.ended_at is None), None)
