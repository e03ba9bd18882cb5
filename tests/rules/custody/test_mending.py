"""Does each finding lead to the page that mends it, for whoever reads it?"""

from collections.abc import Mapping

import pytest

from keysteward.rules.custody.findings import Kind
from keysteward.rules.custody.lives import Life
from keysteward.rules.custody.mending import MENDED_BY_MOVING, Door, Reader, doors, mends_by_moving
from tests.rules.custody.town import NOW

NAMES: Mapping[str, str] = {"k1": "Tracker", "k2": "Signer"}
ADMIN = Reader("production", NAMES)
COUNCIL = Reader("production", NAMES, "group")


def life(code: str, *keys: str, account: str = "fjord", kind: Kind = "account") -> Life:
    """A finding of a code about some keys."""
    return Life("f", "n", account, "group", code, "high", kind, account or "group", "It is so.", keys, NOW)


@pytest.mark.parametrize("code", sorted(MENDED_BY_MOVING))
def test_an_admin_of_the_account_moves_the_key(code: str) -> None:
    """To the transfer of each key, by its name, and of at most three."""
    found = doors(life(code, "k1", "k2", "k3", "k4"), ADMIN)

    assert mends_by_moving(life(code))
    assert found[:3] == (
        Door("Transfer Tracker", "/apps/k1/transfer"),
        Door("Transfer Signer", "/apps/k2/transfer"),
        Door("Transfer k3", "/apps/k3/transfer"),
    )


@pytest.mark.parametrize("code", ["account-closed", "no-admin", "nobody-signs-in"])
def test_an_admin_of_the_organization_stands_in(code: str) -> None:
    """For whom nobody can act, with the key filled in."""
    assert doors(life(code, "k1"), COUNCIL) == (Door("Stand in for Tracker", "/organizations/group/stand-in?key=k1"),)


def test_what_cannot_be_moved_is_replaced() -> None:
    """Where the admins may be gone, the guide to a replacement stands beside the transfer."""
    assert doors(life("nobody-signs-in", "k1"), ADMIN) == (
        Door("Transfer Tracker", "/apps/k1/transfer"),
        Door("Replace Tracker", "/apps/k1/replacement"),
    )


def test_what_each_reader_is_not_shown() -> None:
    """No transfer in demo, and to an organization's admins no page of an account that they may not open."""
    assert doors(life("no-admin", "k1"), Reader("demo", NAMES)) == ()
    assert doors(life("unused-key", "k1", kind="key"), COUNCIL) == ()
    assert doors(life("several-accounts", "k1", account=""), COUNCIL) == ()
    assert doors(life("gone-with-a-release", "k1"), ADMIN) == ()


def test_what_is_mended_elsewhere() -> None:
    """The button of the rule leads there: to the members, or to the organization's own domains."""
    assert doors(life("only-admin-is-a-person", "k1"), ADMIN) == (Door("Members", "/members"),)
    assert doors(life("domain-lapsed", account=""), COUNCIL) == (Door("Organizations", "/organizations"),)
