"""Do the pages bring people into accounts, change what they may do, and let them go?"""

from keysteward.actions import mailing, operators
from keysteward.rules.accounts import DEVELOPER, SENDER
from keysteward.rules.refusals import ACCOUNT_HAS_LIVE_KEYS, LAST_ADMIN, LINK_NOT_GOOD, NOT_AN_ADMIN
from tests.actions.test_recovery import with_factor
from tests.cast import ACME, ADA, BO, CY, MALLORY, ORGANIZATION, PASSWORD, ROBIN, SAM, VERA, Made, Person, Town
from tests.mails import link_to
from tests.web.pages.browsing import Browser, Street

NELL = Person("Nell", "Newcomer", "nell@acme.example", "", "")


def test_somebody_is_invited_and_comes(street: Street, ada: Browser, town: Town) -> None:
    """From the invitation to the account: a new user chooses name and password once, and the list has them."""
    wrong = ada.send(ada.open("/members"), "/members/invitations", email="nonsense", profile=str(SENDER.id))
    assert wrong.error_at("email") == "Give an address such as ada@example.com."
    sent = ada.send(ada.open("/members"), "/members/invitations", email=NELL.email, profile=str(SENDER.id))
    assert ada.open(sent.location).notice.startswith("Invitation sent")
    path, stranger = f"/join?link={link_to(town.demo, NELL.email)}", street.browser()
    form = stranger.open(path)
    weak = stranger.send(form, "/join", first_name="Nell", last_name="Newcomer", password="short")
    told = stranger.send(weak, "/join", password=PASSWORD)

    assert (form.heading, weak.error_at("password")) == ("Join Acme", "Choose 12 to 200 characters.")
    assert (told.heading, stranger.open(path).status) == ("Welcome, Nell Newcomer", LINK_NOT_GOOD.status)
    assert stranger.sign_in(NELL).status == 303
    assert "Nell Newcomer" in ada.open("/members").main.text


def test_somebody_comes_with_the_user_they_have(street: Street, ada: Browser, town: Town) -> None:
    """Signed out they are sent to sign in and come back; signed in, one button joins."""
    ada.send(ada.open("/members"), "/members/invitations", email=MALLORY.email, profile=str(SENDER.id))
    path = f"/join?link={link_to(town.demo, MALLORY.email)}"
    links = [link.get("href") for link in street.browser().open(path).main.all("a")]
    assert any(link.startswith("/signin?next=/join%3Flink%3D") for link in links), links
    mallory = street.signed_in(MALLORY)
    joined = mallory.send(mallory.open(path), "/join/user")

    assert mallory.open(joined.location).notice.startswith("You joined the account")


def test_an_invitation_is_withdrawn(street: Street, ada: Browser, town: Town) -> None:
    """Its link is good for nothing any more."""
    ada.send(ada.open("/members"), "/members/invitations", email=NELL.email, profile=str(SENDER.id))
    page = ada.open("/members")
    action = next(form.get("action") for form in page.root.all("form") if "/withdraw" in form.get("action"))
    ada.send(page, action)

    assert street.browser().open(f"/join?link={link_to(town.demo, NELL.email)}").status == LINK_NOT_GOOD.status


def test_a_member_is_changed_closed_and_reactivated(ada: Browser) -> None:
    """Each on the member's page, which says what they can do and what was done."""
    at = f"/members/{SAM.demo}"
    given = ada.send(ada.open(at), f"{at}/profile", profile=str(DEVELOPER.id))
    page = ada.open(given.location)
    assert "See the account's integration keys" in page.main.text
    ada.send(page, f"{at}/close")
    closed = ada.open(at)
    assert (closed.fact("State"), closed.forms(f"{at}/close")) == ("Closed", [])
    back = ada.send(closed, f"{at}/reactivate")

    assert ada.open(back.location).notice.startswith("Member reactivated")
    assert "Permission profile changed" in ada.open(at).main.text


def test_the_last_admin_stays(street: Street, ada: Browser) -> None:
    """The page offers neither closing nor another profile, and a form that is sent all the same is refused."""
    page = ada.open(f"/members/{ADA.demo}")
    for person in (BO, ROBIN):
        at = f"/members/{person.demo}"
        ada.send(ada.open(at), f"{at}/close")
    last = ada.open(f"/members/{ADA.demo}")

    assert last.forms(f"/members/{ADA.demo}/close") == []
    assert ada.send(page, f"/members/{ADA.demo}/close").status == LAST_ADMIN.status
    assert ada.send(page, f"/members/{ADA.demo}/profile", profile=str(SENDER.id)).status == LAST_ADMIN.status
    assert "There is only one active admin" in ada.open("/members").main.text
    assert street.signed_in(SAM).open("/members").status == NOT_AN_ADMIN.status


def test_an_admin_resets_a_members_second_factor(ada: Browser, town: Town) -> None:
    """The member's page offers it, and says that it was done."""
    with_factor(town.demo, town, SAM)
    at = f"/members/{SAM.demo}"
    done = ada.send(ada.open(at), f"{at}/reset-factor")

    assert ada.open(done.location).notice.startswith("Second factor reset")
    assert {mail.about for mail in mailing.list_newest(town.demo)} == {"factor-reset"}


def test_a_profile_of_the_accounts_own(ada: Browser) -> None:
    """Made, changed and removed on one page; a name that is taken is said at its field."""
    page = ada.open("/members/profiles")
    taken = ada.send(page, "/members/profiles", name="DS Admin", permissions=[])
    assert taken.error_at("name") == "Another permission profile of the account has it."
    ada.send(page, "/members/profiles", name="Key watcher", permissions=["account:key:read"])
    own = "/members/profiles/20001"
    changed = ada.send(ada.open("/members/profiles"), own, name="Watcher", permissions=[])
    assert "Watcher" in ada.open(changed.location).main.text
    removed = ada.send(ada.open("/members/profiles"), f"{own}/remove")

    assert ada.open(removed.location).forms(own) == []


def test_a_developer_sees_and_finds_nothing_to_press(street: Street, ada: Browser, made: Made) -> None:
    """Home, apps, settings, Go-Live and usage are there to see, without a form that changes anything."""
    at = f"/members/{VERA.demo}"
    ada.send(ada.open(at), f"{at}/profile", profile=str(DEVELOPER.id))
    vera = street.signed_in(VERA)
    assert made.app.name in vera.open("/").main.text
    for path in (
        "/apps",
        f"/apps/{made.key}",
        f"/apps/{made.key}/go-live",
        f"/apps/{made.key}/usage",
        "/account/limits",
    ):
        page = vera.open(path)
        assert (path, page.status) == (path, 200)
        posting = [form for form in page.main.all("form") if form.get("method") == "post"]
        assert [form.get("action") for form in posting if form.all("button")] == []
    assert vera.open("/members").status == NOT_AN_ADMIN.status


def test_an_organization_reports_a_leaver(street: Street, town: Town) -> None:
    """Cy reports Bo, whose browser is out at once, and brings him back."""
    bo, cy = street.signed_in(BO), street.signed_in(CY)
    at = f"/organizations/{ORGANIZATION['demo']}/leavers"
    unknown = cy.send(cy.open(at), at, email="nobody@acme.example", reason="Left.")
    assert unknown.error_at("email").startswith("Nobody with this address is a member here.")
    cy.send(cy.open(at), at, email=BO.email, reason="Left in June.")
    page = cy.open(at)

    assert "Left in June." in page.main.text
    assert bo.ask("GET", "/").location.startswith("/signin")
    cy.send(page, f"{at}/{BO.demo}/bring-back")
    assert street.browser().sign_in(BO).status == 303
    assert street.signed_in(ADA).open(at).status == 404


def test_an_operator_handles_accounts(street: Street, town: Town, made: Made) -> None:
    """Opened, found, suspended and reopened; closed only by force where live keys are; no key is theirs to see."""
    town.go_live(made)
    operators.add(town.production, MALLORY.email, "Olga")
    olga, at = street.signed_in(MALLORY, "production"), f"/accounts/{ACME.production}"
    opening = {"name": "Newco", "plan": "Standard", "email": "first@newco.example", "first_name": "First"}
    opened = olga.ask("POST", "/accounts", list(opening.items()))
    assert "Newco" in olga.open(opened.location).main.text
    assert "Acme Small" not in olga.open("/accounts?q=newco").main.text
    refused = olga.send(olga.open(at), f"{at}/state", deed="close", reason="Merged.")
    assert (refused.status, made.key in refused.main.text) == (ACCOUNT_HAS_LIVE_KEYS.status, True)
    olga.send(olga.open(at), f"{at}/state", deed="close", reason="Merged.", forced="on")
    assert olga.open(at).fact("State").startswith("Closed since")
    olga.send(olga.open(at), f"{at}/state", deed="reopen", reason="Undone.")
    olga.send(olga.open(at), f"{at}/plan", plan="Standard", plan_reason="Bought.")

    assert olga.open(at).fact("Plan") == "Standard"
    assert street.signed_in(SAM, "production").open("/accounts").status == 403
    assert olga.open(f"/apps/{made.key}").status == 404
