"""Does an unmodified SDK come from a new key to a live one?"""

import docusign_esign as ds

from tests.journeys.people import ADA
from tests.journeys.story import Story
from tests.peers.databases import on_both
from tests.twin.running import Twin

pytestmark = on_both


def test_from_a_new_key_to_a_production_call(twin: Twin) -> None:
    """Register, consent, 20 calls, review, promotion, settings, consent and a call in production: every station shows.

    The key is one GUID all the way; nothing else of it is taken along.
    """
    story = Story(twin)
    assert (story.readiness()["status"], story.readiness()["run"]) == ("not ready", 0)

    story.configure("demo")
    code = story.consent("demo")
    assert story.redeem("demo", code).account == ADA.accounts["demo"]
    caller = story.impersonate("demo")
    assert (caller.account, caller.client.host) == (ADA.accounts["demo"], f"{story.demo.origin}/restapi")
    caller.create(20)
    ready = story.readiness()
    assert (ready["status"], ready["run"], ready["needed"], ready["findings"]) == ("ready", 20, 20, [])

    review = story.review()
    assert (review["status"], review["run"], review["findings"]) == ("Review Passed", 20, [])
    assert story.production.refused("GET", f"/keys/{story.key}") == (404, "no-such-key")

    promoted = story.promote(story.present())
    assert (promoted["key"], promoted["account"]) == (story.key, ADA.accounts["production"])
    shown = story.wait_until_live()
    assert shown["live_account"] == "Northwind (Business Pro)"

    after = story.production.get(f"/keys/{story.key}/after-go-live")
    assert after["missing"] == ["grants", "redirect_uris", "secrets", "keypairs"]
    assert after["sheet"]["redirect_uris"] == story.demo.get(f"/keys/{story.key}/redirect-uris")["redirect_uris"]
    story.configure("production")
    assert story.production.get(f"/keys/{story.key}/after-go-live")["missing"] == []

    story.consent("production")
    live = story.impersonate("production")
    assert (live.account, live.client.host) == (ADA.accounts["production"], f"{story.production.origin}/restapi")
    assert live.get(live.create()) == "created"


def test_the_twentieth_call_makes_it_ready(twin: Twin) -> None:
    """N grows call by call, whatever the calls are, and login, userinfo and Admin calls add nothing."""
    story = Story(twin)
    caller = story.start_in_demo()
    assert story.readiness()["run"] == 0

    caller.client.get_user_info(caller.token)
    ds.AuthenticationApi(caller.client).login(api_password="false")
    assert story.readiness()["run"] == 0

    envelope = caller.create()
    caller.get(envelope)
    ds.AccountsApi(caller.client).get_account_information(caller.account)
    caller.envelopes.list_status_changes(caller.account, from_date="2026-01-01")
    assert (story.readiness()["status"], story.readiness()["run"]) == ("not ready", 4)

    caller.create(15)
    assert (story.readiness()["status"], story.readiness()["run"]) == ("not ready", 19)
    caller.create()
    assert (story.readiness()["status"], story.readiness()["run"]) == ("ready", 20)


def test_nothing_of_the_demo_settings_enters_production(twin: Twin) -> None:
    """A promoted key has its GUID, name and contact, and no grant, secret key, keypair or redirect URI."""
    story = Story(twin, "Bare arrival")
    story.pass_review()
    story.promote(story.present())

    shown = story.production.get(f"/keys/{story.key}")
    assert (shown["name"], shown["contact"], shown["grants"]) == ("Bare arrival", "team@northwind.example", [])
    for settings, name in (("secrets", "secrets"), ("keypairs", "keypairs"), ("redirect-uris", "redirect_uris")):
        assert story.production.get(f"/keys/{story.key}/{settings}")[name] == []


def test_a_live_key_goes_live_once(twin: Twin) -> None:
    """Afterwards neither another review nor another ticket can be had."""
    story = Story(twin)
    story.go_live()

    assert story.demo.refused("POST", f"/keys/{story.key}/reviews") == (409, "already-live")
    assert story.demo.refused("POST", f"/keys/{story.key}/tickets", {}) == (409, "already-live")
