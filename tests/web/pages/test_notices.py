"""Does the console show what somebody was told, count what is unread, and let them choose their mails?"""

from keysteward.actions import addresses, inbox
from tests.cast import ADA, BO, Made, Town
from tests.web.pages.browsing import Browser, Page, Street


def count_of(page: Page) -> str:
    """What the header says of unread notices."""
    links = (each for each in page.root.all("a") if each.get("href") == "/notices")
    return next(link.text for link in links if link.text.startswith("Notices"))


def test_an_inbox_is_read_narrowed_and_emptied(street: Street, town: Town, made: Made) -> None:
    """The count goes down with each one; the filters stay, and a page of its own follows the first."""
    for number in range(27):
        uri = f"https://app.example.com/{number}"
        addresses.add_redirect_uri(town.demo, town.actor(ADA), made.key, uri)
    bo = street.signed_in(BO)
    assert count_of(bo.open("/security")) == "Notices, 27 unread"
    page = bo.open(f"/notices?kind=new-redirect-uri&key={made.key}")
    to_read = [form.get("action") for form in page.root.all("form") if form.get("action").endswith("/read")]
    one = next(action for action in to_read if action != "/notices/read")
    assert len(to_read) == 26
    back = bo.send(page, one)
    assert back.location == f"/notices?kind=new-redirect-uri&key={made.key}"
    assert count_of(bo.open(back.location)) == "Notices, 26 unread"
    older = next(a.get("href") for a in page.main.all("a") if a.text == "Next page")
    assert len([each for each in bo.open(older).main.all("h3") if "redirect URI" in each.text]) == 2
    done = bo.send(bo.open("/notices"), "/notices/read")

    assert bo.open(done.location).notice == "All marked as read"
    assert count_of(bo.open("/")) == "Notices"


def test_mails_are_chosen(ada: Browser, town: Town) -> None:
    """Every kind that may be turned off is ticked at first; the page shows what was chosen."""
    page = ada.open("/notices")
    wanted = sorted(page.checked("mails") - {"transfer"})
    assert {"transfer", "credential-expiry"} <= page.checked("mails")
    done = ada.send(page, "/notices/mails", mails=wanted)

    assert ada.open(done.location).notice.startswith("Saved")
    assert sorted(ada.open("/notices").checked("mails")) == wanted
    assert inbox.list_muted(town.demo, town.actor(ADA)) == {"transfer"}
