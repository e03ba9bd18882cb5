"""Can operators read, change, propose, approve and compare the policy in the console, without JavaScript?"""

import json
import tomllib

import pytest

from keysteward.actions import policy, policy_changes
from keysteward.actions.policy_changes import Change
from keysteward.rules.policy_groups import FOR_OPERATORS
from keysteward.rules.policy_text import names, read
from tests.approving import OLIVE, employ
from tests.cast import ADA, SAM, VERA, Person, Town
from tests.web.pages.browsing import Browser, Page, Street


@pytest.fixture
def olive(street: Street) -> Browser:
    """An operator; Sam is another."""
    employ(street.town)
    employ(street.town, SAM)
    return street.signed_in(OLIVE)


def rows(page: Page, caption: str) -> list[list[str]]:
    """The words of a table, row by row."""
    (table,) = (each for each in page.main.all("table") if each.all("caption")[0].text == caption)
    return [[cell.text for cell in row.all("td")] for row in table.all("tbody")[0].all("tr")]


def previewed(browser: Browser, **typed: str) -> Page:
    """What a change would do."""
    return browser.send(browser.open("/policy/edit"), "/policy/edit", **typed)


def proposed(town: Town, by: Person = OLIVE) -> str:
    """Propose what loosens; answer with its path."""
    change = Change({"calls_needed": 5}, "Less proof.", town.demo.policy.version)
    proposal = policy_changes.change(town.demo, town.actor(by), change).proposal
    assert proposal
    return f"/policy/proposals/{proposal.id}"


def test_operators_read_every_number(olive: Browser) -> None:
    """Each by its name, with its sentence and value; words narrow it."""
    page, narrowed = olive.open("/policy"), olive.open("/policy?words=calls+needed")

    assert [name for name in names() if page.main.text.count(name) == 0] == []
    assert rows(narrowed, "Go-Live") == [
        ["Calls needed Calls in a row that a review needs. calls_needed · 1 to 1,000", "20", "the same",
         "Yes looser: less"],
    ]  # fmt: skip
    assert "No number fits" in olive.open("/policy?words=nothing-like-it").main.text


def test_whoever_signed_in_reads_the_limits(street: Street) -> None:
    """Members without any power read the numbers, but for where APIs are and how often one may guess; and no name."""
    employ(street.town)
    policy.apply(street.town.demo, {"hourly_calls": 77}, author="Olga Secret", reason="A private reason.")
    vera = street.signed_in(VERA)
    page = vera.open("/policy")

    assert [row[1] for row in rows(page, "Limits") if row[0].startswith("Hourly calls")] == ["77"]
    codes = {each.text for each in page.main.all("code")}
    assert codes & FOR_OPERATORS == set()
    assert [word for word in ("Olga", "private reason", "Change", "History") if word in page.main.text] == []
    for path in ("/policy/edit", "/policy/history", "/policy/policy.toml"):
        assert vera.ask("GET", path).status == 403


def test_a_tighter_number_applies_at_once(olive: Browser, town: Town) -> None:
    """The page before says old and new, and asks for a reason; what was typed is there again where it is missing."""
    preview = previewed(olive, calls_needed=" 30 ", polling_gap="20m")
    without = olive.send(preview, "/policy/changes", reason=" ")
    done = olive.send(without, "/policy/changes", reason="More proof.")

    assert "This loosens nothing that guards keys" in preview.main.text
    assert rows(preview, "Changes to version 1") == [
        ["Calls needed calls_needed", "20", "30", "Not loosened"],
        ["Polling gap polling_gap", "15 minutes", "20 minutes", "Not loosened"],
    ]
    assert (without.status, bool(without.error_at("reason"))) == (422, True)
    assert (done.status, done.location) == (303, "/policy?done=policy-applied")
    assert olive.open(done.location).notice.startswith("The policy changed")
    version = policy.load(town.demo, 2)
    assert (version.author, version.reason, version.policy.calls_needed) == (OLIVE.email, "More proof.", 30)


def test_what_loosens_goes_to_a_second_operator(street: Street, olive: Browser, town: Town) -> None:
    """It is proposed, the author cannot approve it, another operator's Home says so, and they approve it."""
    preview = previewed(olive, calls_needed="5")
    done = olive.send(preview, "/policy/changes", reason="Less proof.")
    own = olive.open(done.location)
    sam = street.signed_in(SAM)
    home, listed = sam.open("/"), sam.open("/policy")
    path = done.location.partition("?")[0]
    approved = sam.send(sam.open(path), f"{path}/approve")

    assert "This loosens what guards keys" in preview.main.text
    assert "Propose it" in preview.main.text
    assert own.forms(f"{path}/approve") == []
    assert "You proposed this change" in own.main.text
    assert "1 change of the policy waits for a second operator" in home.main.text
    assert "Less proof. Proposed by olive@strange.example" in listed.main.text
    assert (approved.status, town.demo.policy.calls_needed) == (303, 5)
    after = sam.open(approved.location)
    assert (after.notice.startswith("Approved"), after.fact("State")) == (True, "Approved")
    assert (policy.load(town.demo, 2).author, policy.load(town.demo, 2).second) == (OLIVE.email, SAM.email)


def test_a_proposal_is_declined_with_a_reason_or_withdrawn(street: Street, olive: Browser, town: Town) -> None:
    """Then it can be approved no more, and its page says who ended it and why."""
    sam, first, second = street.signed_in(SAM), proposed(town), proposed(town)
    page = sam.open(first)
    silent = sam.send(page, f"{first}/end", reason="")
    declined = sam.send(silent, f"{first}/end", reason="Not before the fair.")
    withdrawn = olive.send(olive.open(second), f"{second}/end")
    late = sam.ask("POST", f"{first}/approve", [])

    assert (silent.status, bool(silent.error_at("reason"))) == (422, True)
    assert sam.open(declined.location).fact("Declined").endswith(f"by {SAM.email}: Not before the fair.")
    assert olive.open(withdrawn.location).fact("State") == "Withdrawn"
    assert (late.status, late.notice.startswith("This proposal does not wait any more: it is declined.")) == (409, True)
    assert town.demo.policy.version == 1


def test_two_operators_do_not_overwrite_one_another(olive: Browser, town: Town) -> None:
    """Whoever comes second sees the numbers as they are now, with what they typed, and goes on from there."""
    form = olive.open("/policy/edit")
    policy.apply(town.demo, {"keys_per_account": 7}, author="Otto", reason="Fewer.")
    told = olive.send(form, "/policy/edit", calls_needed="30")
    again = olive.send(told, "/policy/edit")

    assert (told.status, "changed the policy meanwhile" in told.notice) == (412, True)
    assert (told.value("calls_needed"), told.value("keys_per_account")) == ("30", "7")
    assert rows(again, "Changes to version 2") == [["Calls needed calls_needed", "20", "30", "Not loosened"]]


def test_what_cannot_be_read_stands_at_its_field(olive: Browser) -> None:
    """All that is wrong at once, with what was typed; a form without a change says so."""
    wrong = previewed(
        olive, calls_needed="many", polling_gap="soon", least_plan="Business Pro", plans="Free", routes="[{",
    )  # fmt: skip
    cross, same = previewed(olive, plans="Free", least_plan="Business Pro"), previewed(olive)

    assert wrong.status == 422
    assert wrong.error_at("calls_needed") == "Say a whole number, such as 20."
    assert wrong.error_at("polling_gap").startswith("Say a duration")
    assert wrong.error_at("routes").startswith("It cannot be read as TOML")
    assert (wrong.value("calls_needed"), wrong.value("routes")) == ("many", "[{")
    assert (cross.status, bool(cross.error_at("least_plan"))) == (422, True)
    assert (same.status, same.notice.startswith("Nothing would change")) == (409, True)


def test_every_field_says_what_applies(olive: Browser) -> None:
    """Sent as it is, the form of all numbers changes none of them; with a filter it has only some."""
    page = olive.open("/policy/edit")

    assert [name for name in names() if page.by_id(f"field-{name}") is None] == []
    assert previewed(olive).status == 409
    assert olive.open("/policy/edit?words=calls+needed").by_id("field-plans") is None


def test_lists_and_tables_are_changed_too(olive: Browser) -> None:
    """Plans one a line, phases and brown-outs as TOML."""
    preview = previewed(
        olive, plans="Free\nBusiness Pro\nHuge", types_for_a_person="",
        legacy_phases='[{ phase = "measure" }, { phase = "block all", from = 2027-01-31 }]',
        legacy_brown_outs='[{ days = ["tue"], at = [09:00:00], length = "30m" }]',
    )  # fmt: skip
    changes = {row[0].split()[-1]: row[2:] for row in rows(preview, "Changes to version 1")}

    assert changes["plans"] == ["Free, Business Pro and Huge", "Loosened"]
    assert changes["types_for_a_person"] == ["None", "Loosened"]
    assert changes["legacy_phases"] == ["measure block all from 31 January 2027, 00:00 UTC", "Loosened"]
    assert changes["legacy_brown_outs"] == ["tue at 09:00 UTC, for 30 minutes", "Not loosened"]
    back = olive.send(preview, "/policy/edit")
    assert back.value("plans") == "Free\nBusiness Pro\nHuge"
    assert 'from = "2027-01-31T00:00:00Z"' in back.value("legacy_phases")


def test_a_file_is_pasted(olive: Browser) -> None:
    """It goes through the same page; what is no TOML is refused at its field."""
    form = olive.open("/policy/edit")
    sent = [("base", "1"), ("document", "calls_needed = 30\n")]
    preview, wrong = olive.ask("POST", "/policy/file", sent), olive.ask("POST", "/policy/file", [("document", "= 3")])

    assert form.by_id("field-document")
    assert [row[0] for row in rows(preview, "Changes to version 1")] == ["Calls needed calls_needed"]
    assert (wrong.status, wrong.error_at("document").startswith("It cannot be read as TOML")) == (422, True)


def test_versions_are_compared_and_downloaded(olive: Browser, town: Town) -> None:
    """Any two, either way round; the file is the one that `keysteward policy apply` takes."""
    policy.apply(town.demo, {"calls_needed": 30}, author="Olga", reason="More proof.")
    policy.apply(town.demo, {"keys_per_account": 7, "calls_needed": 40}, author="Olga", reason="Fewer keys.")
    newest, whole = olive.open("/policy/history"), olive.open("/policy/history?from=3&to=1")
    file = olive.ask("GET", "/policy/policy.toml?version=2")

    assert [row[0].split()[0] for row in rows(newest, "Versions")] == ["3", "2", "1"]
    assert [row[1:3] for row in rows(newest, "What differs")] == [["100", "7"], ["30", "40"]]
    assert [row[1:] for row in rows(whole, "What differs")] == [
        ["7", "100", "Not loosened"], ["40", "20", "Loosened"],
    ]  # fmt: skip
    assert file.headers["Content-Disposition"] == 'attachment; filename="keysteward-demo-policy-2.toml"'
    assert olive.ask("GET", "/policy/history?from=9").status == 404


def test_the_file_is_what_the_host_takes(olive: Browser, street: Street) -> None:
    """Read again, it says what applies."""
    answer = street.ask("GET", "/policy/policy.toml", Cookie="; ".join(f"{n}={v}" for n, v in olive.cookies.items()))

    assert answer.text.startswith("# Version 1, ")
    assert read(tomllib.loads(answer.text), street.town.demo.policy) == street.town.demo.policy


def test_admins_are_no_operators(street: Street, olive: Browser, town: Town) -> None:
    """They open no proposal, and their forms do nothing."""
    del olive
    path, ada = proposed(town), street.signed_in(ADA)
    numbers = json.dumps({"calls_needed": 30})
    asked = [
        ada.ask("GET", path),
        ada.ask("POST", f"{path}/approve", []),
        ada.ask("POST", f"{path}/end", [("reason", "No.")]),
        ada.ask("POST", "/policy/edit", [("calls_needed", "30")]),
        ada.ask("POST", "/policy/changes", [("base", "1"), ("numbers", numbers), ("reason", "Mine.")]),
    ]

    assert [page.status for page in asked] == [403] * 5
    assert town.demo.policy.version == 1
