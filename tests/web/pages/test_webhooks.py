"""Do the pages let admins make webhooks, look at what became of deliveries, and end them?"""

from dataclasses import replace

from keysteward.actions import webhook_deliveries
from tests.cast import ADA, CY, ORGANIZATION, SAM, Town
from tests.web.pages.browsing import Browser, Page, Street

HERE, ABOVE = "/account/webhooks", f"/organizations/{ORGANIZATION['demo']}/webhooks"
NOBODY = "https://localhost:9/hook"


def made(browser: Browser, here: str = HERE) -> str:
    """Make a webhook of one kind of notice; the path of its page."""
    page = browser.send(browser.open(here), here, url=NOBODY, which="some", kinds=["new-admin"])
    assert page.status == 201, page.main.text
    return next(each.get("href") for each in page.main.all("a") if "/webhooks/" in each.get("href"))


def one(browser: Browser, path: str) -> Page:
    """Its page."""
    return browser.open(path)


def test_the_secret_is_shown_once(ada: Browser) -> None:
    """In the answer to the form, which no cache keeps; the form cannot be sent twice, and no page shows it again."""
    page = ada.open(HERE)
    assert "No webhook yet" in page.main.text
    shown = ada.send(page, HERE, url=NOBODY, which="all")
    again = ada.send(page, HERE, url=NOBODY, which="all")
    listed = ada.open(HERE)

    assert (shown.status, shown.headers["Cache-Control"]) == (201, "no-store")
    secret = next(word for word in shown.main.text.split() if word.startswith("whsec_"))
    assert (again.status, "was sent before" in again.main.text) == (409, True)
    assert NOBODY in listed.main.text
    assert "Every notice" in listed.main.text
    for each in (listed, again):
        assert secret not in each.main.text


def test_what_is_wrong_stands_at_its_field(ada: Browser) -> None:
    """What was typed stays."""
    page = ada.open(HERE)
    private = ada.send(page, HERE, url="https://10.0.0.1/", which="some", kinds=["new-admin", "transfer"])
    nothing = ada.send(page, HERE, url=NOBODY, which="some")

    assert (private.status, "not public" in private.error_at("url")) == (422, True)
    assert (private.value("url"), private.checked("kinds")) == ("https://10.0.0.1/", {"new-admin", "transfer"})
    assert "Choose at least one, or every notice." in nothing.main.text


def test_a_delivery_is_followed_and_sent_again(ada: Browser, town: Town) -> None:
    """A test fails for a reason that stands there, is sent again, alone and with all others."""
    path = made(ada)
    assert "Nothing was sent yet" in one(ada, path).main.text
    sent = ada.send(one(ada, path), f"{path}/tests")
    assert sent.location == f"{path}?done=webhook-tested"
    webhook_deliveries.deliver_due(town.demo, failing=False)
    page = ada.open(path)
    assert "Trying again" in page.main.text
    assert "Failing" in page.main.text
    assert "localhost: " in page.main.text
    all_again = ada.ask("POST", f"{path}/replays", "since=2026-11-20T09:00")
    assert all_again.location == f"{path}?done=webhook-replayed"
    delivery = next(each.get("value") for each in page.main.all("input") if each.get("name") == "delivery")
    assert ada.send(page, f"{path}/replays", delivery=delivery).location == f"{path}?done=webhook-replayed"
    wrong = ada.ask("POST", f"{path}/replays", "since=yesterday")

    assert (wrong.status, wrong.error_at("since")) == (422, "Choose a day and a time.")


def test_a_long_replay_stops_for_an_hour(ada: Browser, town: Town) -> None:
    """The page says so, with the moment to go on from in its form; more within the hour is refused on the page."""
    path = made(ada)
    town.demo.in_force.policy = replace(town.demo.policy, webhook_repeats_per_hour=2)
    for _ in range(2):
        ada.send(one(ada, path), f"{path}/tests")
        town.clock.advance(seconds=60)
    full = ada.send(one(ada, path), f"{path}/tests")
    town.clock.advance(hours=1)
    town.demo.in_force.policy = replace(town.demo.policy, webhook_repeats_per_hour=1)
    partly = ada.ask("POST", f"{path}/replays", "since=2026-11-20T09:00")
    page = ada.open(partly.location)

    assert (full.status, "as many as there may be" in full.main.text) == (429, True)
    assert partly.location == f"{path}?done=webhook-replayed-partly&since=2026-11-20T09:31"
    assert ("The oldest are on their way again" in page.main.text, page.value("since")) == (True, "2026-11-20T09:31")
    assert ada.open(f"{path}?since=nonsense").value("since") == ""


def test_a_secret_is_rotated_and_the_webhook_removed(ada: Browser) -> None:
    """The new secret is shown once; afterwards two sign. Removed, the webhook is gone."""
    path = made(ada)
    page = one(ada, path)
    shown = ada.send(page, f"{path}/secrets")
    again = ada.send(page, f"{path}/secrets")
    after = one(ada, path)
    removed = ada.send(after, f"{path}/remove")

    assert (shown.status, "whsec_" in shown.main.text, again.status) == (201, True, 409)
    assert "Two secrets sign now." in after.main.text
    assert removed.location == f"{HERE}?done=webhook-removed"
    assert "No webhook yet" in ada.open(removed.location).main.text
    assert ada.open(path).status == 404


def test_one_that_is_off_is_switched_on(ada: Browser, town: Town) -> None:
    """The page says why it is off, and offers nothing that would be refused."""
    path = made(ada)
    with town.demo.database.writing() as tx:
        tx.exec_driver_sql("UPDATE webhooks SET off_at = 1, off_why = 'it answered 410 Gone.'")
    page = one(ada, path)
    assert "it answered 410 Gone." in page.main.text
    assert page.forms(f"{path}/tests") == []
    ada.send(page, f"{path}/switch-on")

    assert "Webhook switched on" in ada.open(f"{path}?done=webhook-on").main.text
    assert one(ada, path).forms(f"{path}/tests") != []


def test_an_organization_has_its_own_page(street: Street) -> None:
    """For its admins."""
    cy = street.signed_in(CY)
    path = made(cy, ABOVE)

    assert "Acme Group" in one(cy, path).main.text
    assert cy.send(one(cy, path), f"{path}/remove").location == f"{ABOVE}?done=webhook-removed"
    assert street.signed_in(ADA).open(ABOVE).status == 404


def test_who_sees_none(street: Street, ada: Browser) -> None:
    """A member learns who the admins are; a webhook of others is not there."""
    path, sam = made(ada), street.signed_in(SAM)

    assert (sam.open(HERE).status, ADA.email in sam.open(HERE).main.text) == (403, True)
    assert sam.open(path).status == 404
    assert ada.open("/webhooks/nonsense").status == 404
