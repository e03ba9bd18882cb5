"""Is the first operator led through an empty environment, step by step, without JavaScript?"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import NoReturn

import pytest

from keysteward.actions import first_run, mailing, setup
from keysteward.actions.context import Counterpart
from keysteward.outgoing.https import Silent
from keysteward.outgoing.mail import MailServer
from keysteward.outgoing.probing import Server
from tests.cast import Person, Town
from tests.peers.mailbox import Mailbox, mailbox
from tests.web.pages.browsing import Browser, Page, Street
from tests.web.pages.test_home import needs
from tests.web.pages.test_setup import FIRST

FAY = Person("Fay", "First", FIRST["email"], "", "")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server on loopback."""
    with mailbox() as found:
        yield found


@pytest.fixture
def browser(town_of_nobody: Town, box: Mailbox) -> Iterator[Browser]:
    """The first operator, who has just opened the first account of demo."""
    server = MailServer("127.0.0.1", box.port, "none", "keys@acme.example")
    town_of_nobody.__dict__["demo"] = replace(town_of_nobody.demo, mail_server=server)
    with ExitStack() as doors:
        found = Street(town_of_nobody, doors).browser()
        code = str(setup.make_code(town_of_nobody.demo))
        assert found.send(found.open("/setup"), "/setup", **FIRST, code=code).location == "/setup/addresses"
        yield found


@pytest.fixture
def town_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town in which nobody is yet."""
    town = Town(tmp_path_factory.mktemp("nobody"))
    yield town
    town.close()


def done(page: Page) -> list[str]:
    """The steps that are done, as the page's list of them says."""
    (walk,) = (each for each in page.main.all("ol") if each.get("aria-label") == "Setting up")
    return [each.text.partition(",")[0].split()[-1] for each in walk.all("li") if "done" in each.text]


def test_every_step_leads_to_the_next(browser: Browser, box: Mailbox) -> None:
    """Addresses, policy, mail, people: each is kept, Home leads back until all are done, and no further."""
    home = needs(browser.open("/"))
    seen = browser.open("/setup")
    policy = browser.send(seen, "/setup/addresses")
    mail = browser.send(browser.open(policy.location), "/setup/policy")
    middle = needs(browser.open("/"))
    tested = browser.send(browser.open("/setup"), "/setup/mail/test")
    people = browser.send(tested, "/setup/mail")
    invited = browser.send(browser.open(people.location), "/setup/people/invitations", email="sam@acme.example")
    end = browser.send(browser.open(invited.location), "/setup/people")

    assert (home["Set up this environment"], middle["Set up this environment"]) == ("/setup", "/setup")
    assert (seen.heading, done(seen)) == ("Set up demo", ["Account"])
    assert [each.location for each in (policy, mail, people)] == ["/setup/policy", "/setup/mail", "/setup/people"]
    assert tested.notice.startswith("The mail server took it")
    assert box.recipients == [FAY.email]
    assert "Mail of this environment reaches you." in box.texts[0]
    assert "sam@acme.example" in browser.open(invited.location).main.text
    assert (end.location, "This environment is ready" in browser.open(end.location).main.text) == ("/setup/done", True)
    assert "Set up this environment" not in needs(browser.open("/"))
    assert len(mailing.list_newest(browser.ctx)) == 1


def test_what_is_wrong_with_the_addresses_is_said(browser: Browser, town_of_nobody: Town) -> None:
    """Nobody answers at the origin of these tests, nor does the other environment; the lines to set stand beside it."""
    silent = Counterpart("https://other.test", _silent, _silent, _silent)
    nowhere = replace(town_of_nobody.demo, itself=Server("https://127.0.0.1:1"), counterpart=silent)

    assert first_run.look_at_origin(nowhere).sentence.startswith(f"Nobody answers at {nowhere.origin}")
    assert first_run.look_at_certificate(nowhere)[0].sentence.startswith("It is not trusted")
    assert first_run.look_at_other(nowhere) == first_run.Looked("Nobody answers: https://other.test: no route.")
    page = browser.ask("GET", "/setup/addresses", **{"X-Forwarded-For": "203.0.113.9"})
    assert "A proxy at 127.0.0.1 says whom it asks for, and is not trusted" in page.main.text
    assert f"export KEYSTEWARD_ORIGIN={nowhere.origin}" in page.main.text


def test_an_environment_knows_itself(town_of_nobody: Town) -> None:
    """Where the other origin leads to this environment, that is wrong."""
    demo = town_of_nobody.demo
    same = replace(demo.counterpart, paper_keys=lambda: {demo.paper_key.kid: demo.paper_key.public})

    assert "leads to this environment" in first_run.look_at_other(replace(demo, counterpart=same)).sentence


def test_choices_become_versions_and_proposals(browser: Browser) -> None:
    """What tightens applies; what loosens is proposed, and waits for a second operator."""
    form = browser.open("/setup/policy")
    tighter = browser.send(form, "/setup/policy", implicit_in_production="refused")
    looser = browser.send(browser.open("/setup/policy"), "/setup/policy", legacy_phases="measure")

    assert tighter.location == "/setup/mail?done=policy-applied"
    assert looser.location == "/setup/mail?done=policy-proposed"
    assert (browser.ctx.policy.version, browser.ctx.policy.implicit_in_production) == (2, "refused")
    assert "Legacy phases" in str([each.text for each in browser.open("/policy").main.all("h3")])


def test_a_mail_server_that_refuses_is_told(browser: Browser, box: Mailbox) -> None:
    """With what it said; the step is not done, and the password stands nowhere."""
    box.refused.add(FAY.email)
    page = browser.send(browser.open("/setup/mail"), "/setup/mail/test")

    assert page.status == 502
    assert "The mail server did not take it: the address was refused: 550 No such mailbox" in page.main.text
    assert done(page) == ["Account"]


def test_the_walk_is_dismissed(browser: Browser) -> None:
    """Home leads there no more; the pages stay."""
    browser.send(browser.open("/setup/done"), "/setup/dismiss")

    assert "Set up this environment" not in needs(browser.open("/"))
    assert browser.open("/setup/addresses").heading == "Set up demo"


def _silent(*_: str) -> NoReturn:
    raise Silent("https://other.test: no route")
