"""Does the console show what was done, narrowed by its address, to whoever may see it, and take it along safely?"""

import json

import requests

from keysteward.actions import keys, leavers
from tests.approving import OLIVE, employ
from tests.cast import ADA, BO, CY, ORGANIZATION, SAM, STRANGE, VERA, Made, Town
from tests.peers.databases import rows
from tests.web.pages.browsing import Browser, Street


def taken(street: Street, browser: Browser, path: str) -> requests.Response:
    """A download, as it arrives."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return street.ask("GET", path, Cookie=cookies)


def test_an_admin_searches_the_log_of_the_account(ada: Browser, town: Town, made: Made) -> None:
    """Newest first, in words; the filters stand in the address and stay filled in; every page leads to the next."""
    keys.stop(town.demo, town.actor(BO), made.key)
    page = ada.open("/audit")
    assert page.heading == "Audit log"
    assert "Key stopped" in page.main.text
    narrowed = ada.open(f"/audit?kind=KeyStopped&actor={BO.email}&key={made.key}&since=2026-11-20&until=")
    titles = [node.text for node in narrowed.main.all("span") if node.get("class") == "title"]

    assert titles == ["Key stopped"]
    assert (narrowed.value("actor"), narrowed.value("key"), narrowed.value("since")) == (
        BO.email, made.key, "2026-11-20",
    )  # fmt: skip
    assert narrowed.fact("Kind") == "KeyStopped"
    for number in range(60):
        keys.change(town.demo, town.actor(ADA), made.key, keys.Change(name=f"Name {number}"))
    first = ada.open("/audit?kind=KeySettingsChanged")
    (older,) = [link.get("href") for link in first.main.all("a") if link.text == "Older events"]
    assert older.startswith("/audit?kind=KeySettingsChanged&before=")
    assert len(ada.open(older).main.all("tr")) == 1 + 10


def test_what_cannot_be_asked_stands_at_its_field(ada: Browser) -> None:
    """With what would be right; nothing is narrowed by it."""
    for query, field in (("since=yesterday", "since"), ("key=abc", "key"), ("user=bo", "user"), ("trace=1", "trace")):
        page = ada.open(f"/audit?{query}")
        assert (page.status, bool(page.error_at(field))) == (400, True)
    assert ada.open("/audit?kind=Nonsense").status == 400


def test_a_table_for_spreadsheets_holds_no_formula(street: Street, ada: Browser, town: Town, made: Made) -> None:
    """Every event that fits, its texts quoted so that no cell is calculated."""
    keys.change(town.demo, town.actor(ADA), made.key, keys.Change(name="=Evil()"))
    answer = taken(street, ada, f"/audit/events.csv?key={made.key}")
    lines = answer.text.splitlines()

    assert lines[0] == "number,at,kind,actor,account,key,user,trace,details"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert {line.split(",")[2] for line in lines[1:]} >= {"KeyCreated", "SecretAdded", "KeySettingsChanged"}
    assert not [line for line in lines if line.startswith(("=", "+", "-", "@")) or ",=" in line]
    told = rows(town.demo.database, "SELECT name, actor FROM events WHERE name LIKE 'Audit%'")
    assert told == [("AuditExported", ADA.email)]


def test_events_carry_the_trace_token_of_their_request(ada: Browser, town: Town, made: Made) -> None:
    """What an answer's header says finds what that request did."""
    trace = ada.ask("POST", f"/apps/{made.key}/stop").headers["X-DocuSign-TraceToken"]
    page = ada.open(f"/audit?trace={trace}")

    assert [node.text for node in page.main.all("span") if node.get("class") == "title"] == ["Key stopped"]


def test_everybody_looks_where_they_may(street: Street, town: Town, made: Made) -> None:
    """Members not at all, organization admins at theirs, operators everywhere; reading is in the log that is read."""
    employ(town)
    assert street.signed_in(SAM).open("/audit").status == 403
    cy = street.signed_in(CY)
    ours = cy.open(f"/audit?organization={ORGANIZATION['demo']}")
    assert "Organization created" in ours.main.text
    assert cy.open("/audit?everywhere=yes").status == 403
    assert street.signed_in(ADA).open(f"/audit?organization={ORGANIZATION['demo']}").status == 404
    olive = street.signed_in(OLIVE)
    everything = olive.open("/audit?everywhere=yes")
    assert "Signed in" in everything.main.text
    assert ("Whole environment", "/audit?everywhere=yes") in [
        (link.text, link.get("href")) for link in everything.main.all("a")
    ]
    read = rows(town.demo.database, "SELECT actor, account FROM events WHERE name = 'AuditRead' ORDER BY sequence")
    assert read[-1] == (OLIVE.email, "")
    assert STRANGE.demo in everything.main.text


# ── people ──────────────────────────────────────────────────────────────────────────────────────────────────────────
def test_somebody_takes_along_what_is_held_on_them(street: Street) -> None:
    """From the security page, as one JSON file."""
    sam = street.signed_in(SAM)
    (link,) = [each.get("href") for each in sam.open("/security").main.all("a") if "your data" in each.text]
    answer = taken(street, sam, link)

    assert answer.headers["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    told = json.loads(answer.text)
    assert (told["address"], told["request_log"]) == (SAM.email, [])


def test_an_operator_exports_and_erases(street: Street, town: Town) -> None:
    """Somebody is found by address or GUID; who left is erased once the address was typed again."""
    employ(town)
    olive = street.signed_in(OLIVE)
    assert "They may still sign in." in olive.open(f"/people?email={VERA.demo}").main.text
    leavers.report(town.demo, leavers.Operating("Olive"), VERA.demo, "Left in June.")
    told = json.loads(taken(street, olive, f"/people/{VERA.demo}/data").text)
    assert (told["user"], "request_log" in told) == (VERA.demo, False)
    page, action = olive.open(f"/people?email={VERA.email}"), f"/people/{VERA.demo}/erase"
    wrong = olive.send(page, action, address=SAM.email)
    assert (wrong.status, wrong.error_at("address")) == (422, "Type the address of whom you erase.")
    done = olive.send(page, action, address=VERA.email.upper())

    assert done.location == "/people?done=person-erased"
    assert olive.open(f"/people?email={VERA.email}").status == 404
    assert street.signed_in(ADA).open("/people").status == 403
    assert VERA.email not in str(rows(town.demo.database, "SELECT email FROM users"))
