"""Can nobody fill the mailboxes of another side by asking again and again?"""

from keysteward.actions import account_links
from keysteward.rules.refusals import ASKED_TOO_OFTEN
from tests.cast import CY, MALLORY, ORGANIZATION, STRANGE, Town, refused
from tests.mails import letters_to


def test_an_account_is_asked_a_few_times_within_an_hour(town: Town) -> None:
    """Asked and withdrawn three times its admins have three mails; the fourth has to wait, and nothing waits for it."""
    demo, organization = town.demo, ORGANIZATION["demo"]
    for _ in range(3):
        account_links.ask_to_link(demo, town.actor(CY), organization, STRANGE.demo)
        account_links.end_request(demo, town.actor(CY), organization, STRANGE.demo, "organization")
    with refused(ASKED_TOO_OFTEN):
        account_links.ask_to_link(demo, town.actor(CY), organization, STRANGE.demo)

    assert letters_to(demo, MALLORY.email) == ["account-asked"] * 3
    assert account_links.view(demo, town.actor(MALLORY), STRANGE.demo).asked == []
    town.clock.advance(hours=1, seconds=1)
    account_links.ask_to_link(demo, town.actor(CY), organization, STRANGE.demo)
