"""Does `keysteward limits` give an account limits of its own, and show them?"""

from pathlib import Path

import pytest

from keysteward.assembly import found
from keysteward.settings import Settings
from tests.cast import UNKNOWN
from tests.cli.test_policy import House

WHY = ("--reason", "They grow.", "--by", "Olga")


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A new environment with Acme in it, whose account has the first number."""
    nowhere = "https://localhost"
    found(Settings("demo", "serve", f"sqlite:///{tmp_path / 'demo.db'}", (tmp_path / "demo.key",), nowhere, nowhere))
    house = House(tmp_path)
    house.create_app()
    return house


def number(house: House) -> str:
    """The short number of Acme's account."""
    return next(
        str(number) for number in range(10_000_000, 10_000_010) if house.run("limits", "show", number).exit_code == 0
    )


def test_limits_are_set_shown_and_told(house: House) -> None:
    """What applies, what is tried, and who changed it when and why."""
    acme = number(house)
    said = house.run("limits", "set", acme, "--hourly", 9_000, "--candidate-burst", 50, *WHY)
    again = house.run("limits", "set", acme, "--hourly", 0, *WHY)
    lines = house.run("limits", "history", acme).stdout.splitlines()

    assert said.exit_code == 0, said.output
    assert said.stdout.splitlines()[0].endswith("): 9000 calls an hour and 200 in a burst.")
    assert said.stdout.splitlines()[1] == "Tried, and refusing nothing: 9000 calls an hour and 50 in a burst."
    assert again.stdout.splitlines()[0].endswith("): 3000 calls an hour and 200 in a burst.")
    assert [line.partition(",")[0] for line in lines[::2]] == ["2", "1"]
    assert lines[2].endswith("by Olga: They grow.")
    assert (lines[1].strip(), lines[3].strip()) == ("candidate_burst 50", "hourly 9000, candidate_burst 50")


def test_without_a_change_there_is_nothing_to_tell(house: House) -> None:
    """An account has the policy's limits; no trial saw a call."""
    assert house.run("limits", "history", number(house)).stdout == (
        "This account has the policy's limits, and always had.\n"
    )
    assert house.run("limits", "trials").stdout == "No call came while limits were tried.\n"


def test_what_cannot_be_set_says_what_to_do(house: House) -> None:
    """An unknown account, and limits that apply already."""
    unknown = house.run("limits", "set", UNKNOWN, "--hourly", 1, *WHY)
    same = house.run("limits", "set", number(house), "--hourly", 0, *WHY)

    assert (unknown.exit_code, "Nothing was changed." in unknown.stderr) == (1, True)
    assert (same.exit_code, "These limits apply already." in same.stderr) == (1, True)
