"""What does the console say of a key that has gone live, and what can be done there without a script?"""

from keysteward.actions import addresses, keys, receipts
from keysteward.rules.code_changes import CHANGES, LANGUAGES, NAMES
from keysteward.rules.keys import GRANTS, Settings
from tests.cast import ACME, ADA, CALLBACK, MALLORY, UNKNOWN, Made, Town, rsa_keypair
from tests.tickets import mix_up_tickets
from tests.web.pages.browsing import Browser, Node, Page, Street

LOCAL = "http://127.0.0.1:3000/callback"
ORIGIN, LINK = "https://app.acme.example", "https://acme.example/privacy"


def promoted(town: Town, made: Made) -> str:
    """Bring Ada's app to production; where its pages are."""
    town.pass_review(made)
    town.promote(town.present(made))
    return f"/apps/{made.key}"


def lines(page: Page) -> dict[str, Node]:
    """The boxes of the settings sheet, by what they stand for."""
    return {box.get("value"): box for box in page.main.all("input") if box.get("name") == "line"}


def ticked(page: Page) -> set[str]:
    """What is chosen already."""
    return {value for value, box in lines(page).items() if "checked" in box.attributes}


def row_of(page: Page, text: str) -> str:
    """A line of the settings sheet, as it is read."""
    return next(row.text for row in page.main.all("tr") if text in row.text)


def step(page: Page, title: str) -> str:
    """What a step of the smoke test says."""
    (section,) = (each for each in page.main.all("section") if each.get("id") == "smoke")
    return next(item.text for item in section.all("li") if item.text.startswith(title))


def test_what_is_chosen_is_taken_over_and_nothing_else(ada_in_production: Browser, town: Town, made: Made) -> None:
    """Grants and addresses of demo are offered, the dangerous unticked; secrets and keypairs are made anew."""
    actor = town.actor(ADA)
    keys.change(town.demo, actor, made.key, keys.Change(privacy_url=LINK))
    addresses.add_origin(town.demo, actor, made.key, ORIGIN)
    addresses.add_redirect_uri(town.demo, actor, made.key, LOCAL)
    at, browser = promoted(town, made), ada_in_production
    page = browser.open(f"{at}/after-go-live")
    safe = {f"grant {grant}" for grant in GRANTS if grant != "implicit"}
    safe |= {f"redirect_uri {CALLBACK}", f"origin {ORIGIN}", f"privacy_url {LINK}"}

    assert (ticked(page), set(lines(page)) - safe) == (safe, {"grant implicit", f"redirect_uri {LOCAL}"})
    assert "It leads to whichever machine opens it." in row_of(page, LOCAL)
    after = browser.open(browser.send(page, f"{at}/settings-sheet").location)
    view = keys.view(town.production, town.actor(ADA, town.production), made.key)
    assert (after.notice.split(".")[0], ticked(after)) == (
        "Taken over These settings are in force in production now",
        set(),
    )
    assert view.app.grants == set(GRANTS) - {"implicit"}
    assert (view.settings.redirect_uris, view.settings.origins) == ((CALLBACK,), (ORIGIN,))
    assert (view.app.privacy_url, view.settings.secrets) == (LINK, ())
    assert "2 steps left" in after.main.text
    browser.send(browser.open(f"{at}/authentication"), f"{at}/secrets")
    browser.send(browser.open(f"{at}/authentication"), f"{at}/keypairs")
    assert "Everything is set" in browser.open(f"{at}/after-go-live").main.text


def test_a_form_that_is_sent_again_changes_nothing_more(ada_in_production: Browser, town: Town, made: Made) -> None:
    """An old page in another tab, or a second press: what is there stays there, and nobody is told of a mistake."""
    at, browser = promoted(town, made), ada_in_production
    page = browser.open(f"{at}/after-go-live")
    answers = [browser.send(page, f"{at}/settings-sheet") for _ in range(2)]
    events = keys.view(town.production, town.actor(ADA, town.production), made.key).events

    assert [answer.location for answer in answers] == [f"{at}/after-go-live?done=taken-over"] * 2
    assert [event.name for event in events].count("RedirectUriAdded") == 1


def test_who_chooses_nothing_is_told_so(ada_in_production: Browser, town: Town, made: Made) -> None:
    """Pressing with no box ticked changes nothing."""
    at, browser = promoted(town, made), ada_in_production
    sent = browser.send(browser.open(f"{at}/after-go-live"), f"{at}/settings-sheet", line=[])

    assert browser.open(sent.location).notice.startswith("Nothing was chosen")


def test_a_line_that_production_does_not_take_says_why(ada_in_production: Browser, town: Town, made: Made) -> None:
    """An address on localhost is for demo: it is shown without a box, and a form made by hand changes nothing."""
    uri = "http://localhost:3000/callback"
    addresses.add_redirect_uri(town.demo, town.actor(ADA), made.key, uri)
    at, browser = promoted(town, made), ada_in_production
    page = browser.open(f"{at}/after-go-live")
    sent = browser.ask("POST", f"{at}/settings-sheet", [("line", f"redirect_uri {uri}"), ("line", "grant jwt")])

    assert (f"redirect_uri {uri}" in lines(page), "in production use 127.0.0.1" in row_of(page, uri)) == (False, True)
    assert (sent.status, sent.notice.startswith("1 of 2 settings were taken over")) == (422, True)
    assert keys.view(town.production, town.actor(ADA, town.production), made.key).app.grants == {"jwt"}


def test_a_line_that_is_not_on_the_sheet_is_refused(ada_in_production: Browser, town: Town, made: Made) -> None:
    """A form that was made by hand takes over nothing that demo did not have."""
    at = promoted(town, made)
    for line in ("", "secret kss_x", "grant password", "redirect_uri https://elsewhere.example/cb"):
        page = ada_in_production.ask("POST", f"{at}/settings-sheet", [("line", line)])
        view = keys.view(town.production, town.actor(ADA, town.production), made.key)
        assert (page.status, view.settings, view.app.grants) == (422, Settings(), frozenset()), line


def test_what_only_production_has_stands_beside(ada_in_production: Browser, town: Town, made: Made) -> None:
    """Both sides are seen, whichever has more."""
    at = promoted(town, made)
    addresses.add_redirect_uri(town.production, town.actor(ADA, town.production), made.key, "https://live.example/cb")

    assert "Only here" in row_of(ada_in_production.open(f"{at}/after-go-live"), "https://live.example/cb")


def test_the_three_changes_are_said_in_every_language(ada_in_production: Browser, town: Town, made: Made) -> None:
    """With this key's values, without a script: account server, impersonated user and base URI."""
    at, live = promoted(town, made), town.production
    for language in LANGUAGES:
        page = ada_in_production.open(f"{at}/after-go-live?language={language}")
        blocks = {block.get("data-copy"): block.text for block in page.main.all("div") if block.get("class") == "code "}
        said = "".join(text for name, text in blocks.items() if name.endswith(f", {NAMES[language]}"))
        codes = {code.text for code in page.main.all("code")}

        assert all(each in said for each in (live.authority, made.key, ADA.production)), language
        assert {town.demo.authority, live.authority, live.origin, ADA.demo, ADA.production} <= codes


def test_a_language_that_nobody_knows_shows_the_first(ada_in_production: Browser, town: Town, made: Made) -> None:
    """And each language is a link."""
    at = promoted(town, made)
    page = ada_in_production.open(f"{at}/after-go-live?language=cobol")
    links = [link for link in page.main.all("a") if link.get("href").startswith("?language=")]

    assert len(links) == len(LANGUAGES)
    assert [link.text for link in links if link.get("aria-current")] == ["Python"]
    assert all(change.title in page.main.text for change in CHANGES)


def test_the_smoke_test_judges_what_came_from_the_app(ada_in_production: Browser, town: Town, made: Made) -> None:
    """Nothing yet: each step says how to take it. After a token and a call it says what was seen; kept, it stays."""
    at, browser, ctx = promoted(town, made), ada_in_production, town.production
    page = browser.open(f"{at}/after-go-live")
    assert "No token was issued to this key in production yet." in step(page, "Token")
    assert f"curl {ctx.origin}/oauth/userinfo" in step(page, "Userinfo")
    assert f"curl {ctx.origin}/restapi/v2.1/accounts/{ACME.production}" in step(page, "One call")
    live = town.configure(ctx, made.key)
    assert f"keysteward smoke-test {made.key}" in step(browser.open(f"{at}/after-go-live"), "Token")
    town.call(live, ctx=ctx, method="GET", status=200)
    town.production.usage.close()
    page = browser.open(f"{at}/after-go-live")

    assert "Issued by the JWT Grant." in step(page, "Token")
    assert "200." in step(page, "One call")
    kept = browser.open(browser.send(page, f"{at}/smoke-tests").location)
    assert f"2 of 3 seen 20 Nov 2026, 09:30 UTC {ADA.email}" in " ".join(kept.main.text.split())


def test_a_receipt_that_demo_refused_is_seen_and_sent_again(ada_in_production: Browser, town: Town, made: Made) -> None:
    """The page and the first page say it; one press tells demo again, and then all is calm."""
    at, browser = promoted(town, made), ada_in_production
    other = town.create_app(name="Other").key
    mix_up_tickets(town.demo, made.key, other)
    receipts.deliver_receipts(town.production)
    page = browser.open(f"{at}/after-go-live")
    assert "Demo refused to hear that this key is live" in page.main.text
    assert "The ticket of this promotion is not valid here" in page.main.text or "ticket-not-good" in page.main.text
    assert "Demo refused to hear that Lease signer is live" in browser.open("/").main.text
    mix_up_tickets(town.demo, other, made.key)
    after = browser.open(browser.send(page, f"{at}/receipt").location)

    assert "Demo does not show this key as live yet" in after.main.text
    assert receipts.deliver_receipts(town.production)
    assert "Demo" not in browser.open(f"{at}/after-go-live").main.text.split("What is still missing")[0]


def test_a_public_key_that_demo_knew_is_refused_at_its_field(
    ada_in_production: Browser, town: Town, made: Made
) -> None:
    """Its private half has been in demo too; the page says to make a new one."""
    at, browser = promoted(town, made), ada_in_production
    form = browser.open(f"{at}/authentication")
    page = browser.send(form, f"{at}/keypairs/upload", public_key=rsa_keypair()[1])

    assert (page.status, "Make a new keypair for production" in page.error_at("public_key")) == (409, True)
    other = browser.send(form, f"{at}/keypairs/upload", public_key=rsa_keypair("production")[1])
    assert other.location == f"{at}/authentication?done=public-key-added#keypairs"


def test_a_stranger_sees_nothing_of_a_key_in_production(street: Street, town: Town, made: Made) -> None:
    """Foreign and unknown look the same there too."""
    town.go_live(made)
    mallory = street.signed_in(MALLORY, "production")
    foreign, unknown = (mallory.open(f"/apps/{key}/after-go-live") for key in (made.key, UNKNOWN))

    assert (foreign.status, foreign.main.text) == (404, unknown.main.text)
