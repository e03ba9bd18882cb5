"""Who may ask for decisions?"""

import pytest

from keysteward.actions import gateways
from keysteward.crypto.hashing import new_secret
from keysteward.rules.refusals import INVALID_FIELD, NO_SUCH_OBJECT, NOT_A_GATEWAY
from tests.cast import Town, refused
from tests.checked import OLGA, edge
from tests.peers.databases import on_both, rows


@on_both
def test_a_credential_names_one_gateway(town: Town) -> None:
    """It is recognized as long as the gateway is there, and kept as a keyed hash alone."""
    new, other = edge(town.demo), edge(town.demo, "another")

    assert gateways.recognize(town.demo, new.credential) == new.gateway
    assert gateways.recognize(town.demo, other.credential) == other.gateway
    assert [each.name for each in gateways.list_gateways(town.demo)] == ["another", "edge"]
    assert new.credential not in str(rows(town.demo.database, "SELECT * FROM gateways"))

    gateways.remove(town.demo, "edge", OLGA)
    with refused(NOT_A_GATEWAY):
        gateways.recognize(town.demo, new.credential)
    assert gateways.recognize(town.demo, other.credential) == other.gateway


@pytest.mark.parametrize(
    "credential",
    [
        "",
        "ksg_",
        "ksg_" + "x" * 49,
        pytest.param(new_secret("kst_"), id="kind"),
        pytest.param(new_secret("ksg_"), id="house"),
    ],
)
def test_nothing_else_is_one(town: Town, credential: str) -> None:
    """Neither garbage nor a secret of another kind or another house."""
    edge(town.demo)
    with refused(NOT_A_GATEWAY):
        gateways.recognize(town.demo, credential)


def test_a_credential_is_of_one_environment(town: Town) -> None:
    """A gateway of demo is none of production."""
    with refused(NOT_A_GATEWAY):
        gateways.recognize(town.production, edge(town.demo).credential)


def test_a_name_names_one_gateway(town: Town) -> None:
    """A second one of the name is refused until the first is gone; what is not there cannot be removed."""
    edge(town.demo)
    with refused(INVALID_FIELD, "name"):
        edge(town.demo)
    gateways.remove(town.demo, "edge", OLGA)
    with refused(NO_SUCH_OBJECT):
        gateways.remove(town.demo, "edge", OLGA)
    assert edge(town.demo).gateway.name == "edge"


@pytest.mark.parametrize(("name", "by", "field"), [("", OLGA, "name"), ("a" * 101, OLGA, "name"), ("edge", "", "by")])
def test_who_and_what_is_said(town: Town, name: str, by: str, field: str) -> None:
    """A gateway has a name of at most 100 characters, and somebody who added it."""
    with refused(INVALID_FIELD, field):
        gateways.add(town.demo, name, by)
