"""Does the page of refusals have every refusal?"""

from keysteward.rules.refusals import ALL
from tests.web.pages.browsing import Browser, Street


def test_every_refusal_stands_at_its_code(street: Street) -> None:
    """Whoever follows the `type` of a problem finds what it means, signed in or not."""
    page = street.browser().open("/help/refusals")

    assert page.heading == "Refusals"
    for kind in ALL:
        row = page.by_id(kind.code)
        assert row is not None, kind.code
        assert (row.all("a")[0].text, row.all("span")[0].text) == (kind.code, str(kind.status))


def test_what_is_filled_in_stands_by_its_name(street: Street) -> None:
    """A sentence with a value in it says which value that is."""
    row = street.browser().open("/help/refusals").by_id("too-late-to-restore")

    assert row is not None
    assert "was deleted more than days days ago." in row.text
    assert [name.text for name in row.all("var")] == ["days"]


def test_an_error_leads_to_its_refusal(ada: Browser) -> None:
    """The code on a page of ours is a link to what it means."""
    links = [link.get("href") for link in ada.ask("POST", "/account", [("account", "x")]).main.all("a")]

    assert "/help/refusals/no-such-account" in links
