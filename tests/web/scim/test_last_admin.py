"""What happens when the only admin leaves the company, and nobody but the identity provider says so?"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from keysteward.actions import audit, custody, leases, people, signin, stand_ins, transfers
from keysteward.rules.refusals import NOT_SIGNED_IN, WRONG_CREDENTIALS, Refusal
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, PASSWORD, ROBIN, SAM, STRANGE, Town, refused
from tests.conftest import Founded
from tests.directory import Speaker, introduce
from tests.peers.databases import on_both
from tests.transferring import accepted, confirm, gone_live
from tests.web.api.program import answering


@pytest.fixture(scope="module")
def live_town(founded: Founded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    """The town with Ada's app in production."""
    with gone_live(founded, tmp_path_factory.mktemp("live") / "town") as found:
        yield found


@pytest.fixture
def town(live_town: Founded, tmp_path: Path) -> Iterator[Town]:
    """A copy of it."""
    town = live_town.copy(tmp_path / "town")
    yield town
    town.close()


def findings(town: Town) -> set[str]:
    """What is found about Acme in production, once everything that happened is sealed and judged."""
    ctx = town.production
    audit.seal_events(ctx, leases.keep(ctx, "test", ["seal"])["seal"], everything=True)
    while custody.judge_changed(ctx):
        pass
    lives = custody.list_everywhere(ctx, ("critical",), 100)
    return {life.code for life in lives if life.account == ACME.production}


@on_both
def test_the_last_admin_is_deactivated_at_the_provider(town: Town, live_town: Founded) -> None:
    """She is out at once, in the middle of a transfer; her key goes on, a critical finding opens, stand-in is open."""
    ctx, live = town.production, live_town.made
    for person in (BO, ROBIN):
        people.close_member(ctx, town.actor(ADA, ctx), ACME.production, person.production)
    transfer = accepted(town, live)
    session = signin.sign_in(ctx, ADA.email, PASSWORD)
    before = findings(town)
    with answering(ctx) as address:
        entra = Speaker(address, introduce(town, ctx).value)
        (found,) = entra.ask("GET", "/Users", params={"filter": f'userName eq "{ADA.email}"'}).said["Resources"]
        left = entra.patch(found["id"], {"op": "Replace", "path": "active", "value": "False"})

    assert (found["id"], left.said["active"]) == (ADA.production, False)
    with refused(NOT_SIGNED_IN):
        signin.visit(ctx, session)
    with refused(WRONG_CREDENTIALS):
        signin.sign_in(ctx, ADA.email, PASSWORD)
    with pytest.raises(Refusal):
        confirm(town, transfer, "source", ADA)
    assert town.caller(ctx, live, SAM).app.key == live.key
    assert findings(town) - before == {"no-admin"}
    transfers.cancel(ctx, town.actor(MALLORY, ctx), transfer.id, "Their admin left.")
    rescued = stand_ins.stand_in(ctx, town.actor(CY, ctx), ORGANIZATION["production"], live.key, STRANGE.production)
    assert rescued.source == ACME.production
