"""What needs somebody now, as the first page says it?"""

from datetime import timedelta

from keysteward.actions import accounts, custody, drills, keys, releases
from keysteward.actions.drills import Plan
from tests.cast import ACME, ADA, BO, MALLORY, ROBIN, SAM, SMALL, Made, Town
from tests.recovering import ask, planned
from tests.transferring import offer
from tests.web.pages.browsing import Browser, Page, Street


def needs(page: Page) -> dict[str, str]:
    """What the page says is needed, each with where its button leads."""
    (section,) = (node for node in page.main.all("section") if node.get("aria-labelledby") == "needs-title")
    shown = [node for node in section.all("div") if node.get("class") == "need"]
    return {
        need.all("h3")[0].text: next((link.get("href") for link in need.all("a")), "") for need in shown
    }  # fmt: skip


def test_a_calm_account_needs_nothing(ada: Browser) -> None:
    """Three admins and an app that has begun: nothing to do."""
    page = ada.open("/")

    assert (page.heading, needs(page)) == ("Good to see you, Ada", {"Nothing needs you now": ""})
    assert "Lease signer" in page.main.text


def test_what_is_urgent_comes_first(ada: Browser, town: Town, made: Made) -> None:
    """Failed before stopped, stopped before good news; each leads to where it is settled."""
    town.call(made, 20, every=timedelta(seconds=1))
    stopped, failed, passed = (town.create_app(name=name) for name in ("Stopped", "Failed", "Passed"))
    keys.stop(town.demo, town.actor(ADA), stopped.key)
    failure, success = town.review(failed), town.pass_review(passed)

    assert list(needs(ada.open("/")).items()) == [
        ("Failed did not pass its review", f"/apps/{failed.key}/reviews/{failure.id}"),
        ("Stopped is stopped", f"/apps/{stopped.key}"),
        ("Passed passed its review", f"/apps/{passed.key}/reviews/{success.id}#go-live"),
        ("Lease signer is ready for its review", f"/apps/{made.key}/go-live"),
    ]


def test_very_many_keys_take_few_lines(ada: Browser, town: Town, made: Made) -> None:
    """The gravest stay on the page; the last line leads to all of them."""
    stopped = [town.create_app(name=f"App {number}") for number in range(9)]
    for each in stopped:
        keys.stop(town.demo, town.actor(ADA), each.key)
    town.review(made)
    shown = list(needs(ada.open("/")).items())

    assert len(shown) == 8
    assert shown[0][0] == "Lease signer did not pass its review"
    assert shown[-1] == ("3 more things about keys wait", "/apps")


def test_a_review_shows_while_it_runs_and_when_it_expired(ada: Browser, town: Town, made: Made) -> None:
    """Both lead on."""
    town.pass_review(made)
    town.clock.advance(days=90)
    ada.sign_in(ADA)
    expired = needs(ada.open("/"))
    town.call(made, 20)
    ada.send(ada.open(f"/apps/{made.key}/go-live"), f"/apps/{made.key}/reviews")

    assert expired == {"The review of Lease signer has expired": f"/apps/{made.key}/go-live"}
    assert list(needs(ada.open("/"))) == ["Lease signer is under review"]


def test_a_key_that_went_live_is_news_for_a_week(ada: Browser, town: Town, made: Made) -> None:
    """In demo, once its receipt came; it leads to the page that leads on to production."""
    town.go_live(made)
    fresh = needs(ada.open("/"))
    town.clock.advance(days=7)
    ada.sign_in(ADA)

    assert fresh == {"Lease signer is live": f"/apps/{made.key}/go-live"}
    assert needs(ada.open("/")) == {"Nothing needs you now": ""}


def test_the_only_admin_is_told_so(ada: Browser, town: Town) -> None:
    """One person who leaves must not take the keys along."""
    for person in (BO, ROBIN):
        accounts.close_membership(town.demo, ACME.demo, person.demo, "system")

    assert needs(ada.open("/")) == {"You are the only admin of Acme": "/members"}


def test_a_live_key_without_settings_is_named_in_production(ada_in_production: Browser, town: Town, made: Made) -> None:
    """Until it has what it needs; then production is calm."""
    town.pass_review(made)
    town.promote(town.present(made))
    before = needs(ada_in_production.open("/"))
    town.configure(town.production, made.key)

    assert before == {"Lease signer is not set up yet": f"/apps/{made.key}/after-go-live"}
    assert needs(ada_in_production.open("/")) == {"Nothing needs you now": ""}


def test_who_is_no_admin_sees_no_key_and_learns_who_can_help(street: Street) -> None:
    """Keys are the admins' matter."""
    page = street.signed_in(SAM).open("/")

    assert list(needs(page)) == ["You are not an admin of Acme"]
    assert ADA.email in page.main.text
    assert "Lease signer" not in page.main.text


def test_a_deleted_key_needs_nobody(ada: Browser, town: Town, made: Made) -> None:
    """It waits under Apps and Keys, where it can be restored."""
    keys.delete(town.demo, town.actor(ADA), made.key)
    page = ada.open("/")

    assert "Lease signer" not in page.main.text
    assert "No app yet" in page.main.text


def test_an_account_without_keys_is_shown_the_first_step(ada: Browser) -> None:
    """The empty page offers what to do."""
    page = ada.open(ada.send(ada.open("/"), "/account", account=SMALL.demo).location)

    assert "No app yet" in page.main.text
    assert "/apps/new" in [link.get("href") for link in page.main.all("a")]


def test_a_transfer_waits_for_whoever_has_to_speak_next(street: Street, town: Town, made: Made) -> None:
    """The destination is asked first; several are one line, which leads to all of them."""
    live = town.go_live(made)
    first = offer(town, live)
    ada, mallory = street.signed_in(ADA, "production"), street.signed_in(MALLORY, "production")

    assert needs(mallory.open("/"))["The transfer of Lease signer waits for you"] == f"/transfers/{first.id}"
    assert "The transfer of Lease signer waits for you" in needs(ada.open("/"))
    second = town.go_live(town.create_app(name="Second"))
    offer(town, second)
    assert needs(mallory.open("/"))["2 transfers wait for you"] == "/transfers"


def test_sealed_credentials_and_drills_wait_too(street: Street, town: Town, made: Made) -> None:
    """Each for whoever can do something about it."""
    release, drill = ask(town, made), planned(town, days=10)
    before = needs(street.signed_in(BO).open("/"))
    releases.approve(town.demo, town.actor(BO), release.id)
    drills.record(town.demo, town.actor(ADA), drill.id, "done", "")
    at = f"/custody/releases/{release.id}"

    assert before == {
        "A sealed secret key of Lease signer is given out only with your word": at,
        "Your drill: Reach the second admin": f"/custody/drills/{drill.id}",
    }
    assert needs(street.signed_in(ADA).open("/")) == {"You can download the sealed secret key of Lease signer": at}


def test_a_grave_finding_leads_to_custody(ada_in_production: Browser, town: Town, made: Made) -> None:
    """As it was last judged."""
    town.go_live(made)
    ctx = town.production
    plan = Plan("reach-second-admin", "", ADA.production, BO.production, ctx.now + timedelta(days=30))
    drill = drills.plan(ctx, town.actor(ADA, ctx), ACME.production, plan)
    for person in (ADA, BO):
        drills.record(ctx, town.actor(person, ctx), drill.id, "failed", "")
    tuple(custody.judge_all(ctx))

    assert needs(ada_in_production.open("/")) == {"1 finding puts keys of Acme at risk": "/custody"}
