"""What does the history of an app say of whoever did something?"""

import pytest

from keysteward.rules.events import ERASED, Event
from keysteward.web.pages.words import history
from tests.cast import START


@pytest.mark.parametrize(
    ("actor", "who"),
    [
        ("ada@acme.example", "ada@acme.example"),
        ("system", "Keysteward"),
        ("demo", "Demo"),
        ("production", "Production"),
        (ERASED, "Somebody who was erased"),
    ],
)
def test_who_did_it_is_told(actor: str, who: str) -> None:
    """People by their address, the house and the other environment by name, the erased as such."""
    assert history(Event("KeyStopped", START, actor))["who"] == who


def test_erased_details_are_told() -> None:
    """A field that was erased says so in its place."""
    assert history(Event("KeyStopped", START, ERASED, data={"uri": ERASED}))["detail"] == ERASED
