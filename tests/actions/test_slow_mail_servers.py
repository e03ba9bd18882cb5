"""What becomes of mails where the server delays, puts off or hangs up? None is lost, and none it took comes twice."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from keysteward.actions import mailing
from keysteward.actions.context import Context
from keysteward.outgoing.mail import Mail, MailServer
from keysteward.rules.letters import Letter
from tests.cast import ADA, BO, SAM, Town
from tests.peers.databases import rows
from tests.peers.mailbox import Mailbox, mailbox
from tests.polling import until

LETTER = Letter("new-secret", "A secret key was made", "Somebody made one.\n")


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mailbox() as box:
        yield box
        box.released.set()


@pytest.fixture
def ctx(demo: Context, box: Mailbox) -> Context:
    """Demo with that mail server, which has two seconds to hear what a mail says and thirty to take it."""
    return allowing(demo, box, 2.0)


def allowing(ctx: Context, box: Mailbox, seconds: float) -> Context:
    """An environment whose mail server has so long to hear what a mail says."""
    server = MailServer("127.0.0.1", box.port, "none", "k@acme.example", seconds=seconds, answer_seconds=30.0)
    return replace(ctx, mail_server=server)


def post(ctx: Context, *recipients: str) -> None:
    """Write to some people."""
    with ctx.database.writing() as tx:
        for each in recipients:
            mailing.post(ctx, tx, each, LETTER, timedelta(days=1))


@contextmanager
def beside(ctx: Context, way: str = "mail", *, tried: bool = False) -> Iterator[None]:
    """Send on a way of its own, while the test goes on."""
    thread = threading.Thread(target=mailing.send_due, args=(ctx, way), kwargs={"tried": tried})
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


def unsent(ctx: Context) -> int:
    """How many mails wait."""
    return len(rows(ctx.database, "SELECT id FROM mails WHERE sent_at IS NULL"))


def test_a_slow_answer_is_waited_for(ctx: Context, box: Mailbox, town: Town) -> None:
    """A mail whose taking takes long comes once, and meanwhile holds up no other; whoever looks for work leaves it."""
    box.held = {ADA.email}
    post(ctx, ADA.email)
    with beside(ctx):
        until(lambda: box.recipients == [ADA.email])
        post(ctx, SAM.email, BO.email)
        town.clock.advance(seconds=60)
        assert mailing.send_due(ctx, "mail-2", tried=False)
        assert mailing.send_due(ctx, "mail-tried", tried=True)
        assert sorted(box.recipients) == sorted([ADA.email, SAM.email, BO.email])
        time.sleep(2.1)  # longer than it may take to let us speak
        box.released.set()
    town.clock.advance(days=1)
    mailing.send_due(ctx)

    assert (len(box.messages), unsent(ctx)) == (3, 0)


def test_who_lets_us_wait_before_the_mail_is_left(ctx: Context, box: Mailbox, town: Town) -> None:
    """A server that does not come to the point is left; nothing came, so the mail is tried again, beside the new."""
    box.held_early = {ADA.email}
    post(ctx, ADA.email)
    assert not mailing.send_due(allowing(ctx, box, 0.3), tried=False)
    post(ctx, SAM.email)
    assert mailing.send_due(ctx, tried=False)
    assert (box.recipients, unsent(ctx)) == ([SAM.email], 1)
    assert rows(ctx.database, "SELECT failure FROM mails WHERE sent_at IS NULL")[0][0].endswith("it took too long")
    box.released.set()
    town.clock.advance(seconds=15)
    mailing.send_due(ctx, tried=False)
    assert box.recipients == [SAM.email]
    mailing.send_due(ctx, "mail-tried", tried=True)

    assert (box.recipients, unsent(ctx)) == ([SAM.email, ADA.email], 0)


def test_greylisting_is_waited_out(ctx: Context, box: Mailbox, town: Town) -> None:
    """Who says 451 is asked again after pauses that grow, and gets the mail once; others get theirs at once."""
    box.greylisted.update({ADA.email: 3})
    post(ctx, ADA.email, SAM.email)
    assert not mailing.send_due(ctx)
    assert box.recipients == [SAM.email]
    for seconds in (15, 60, 300):
        town.clock.advance(seconds=seconds)
        mailing.send_due(ctx)
    mailing.send_due(ctx)

    assert (box.recipients, unsent(ctx)) == ([SAM.email, ADA.email], 0)


def test_hanging_up_instead_of_an_answer_is_no_answer(ctx: Context, box: Mailbox, town: Town) -> None:
    """Nobody can know whether it was taken: it is sent again with the same Message-ID, until the server says so."""
    box.dropped.update({ADA.email: 2})
    post(ctx, ADA.email)
    for seconds in (0, 15, 60, 300, 900):
        town.clock.advance(seconds=seconds)
        mailing.send_due(ctx)

    assert (len(box.ids), len(set(box.ids)), unsent(ctx)) == (3, 1, 0)


@pytest.mark.parametrize("goodbye", ["421 Too many sessions", "250 What?", "nonsense"])
def test_a_bad_goodbye_unsends_nothing(ctx: Context, box: Mailbox, town: Town, goodbye: str) -> None:
    """What the server took it took, however it parts."""
    box.goodbye = goodbye
    post(ctx, ADA.email)
    assert mailing.send_due(ctx)
    town.clock.advance(hours=2)
    mailing.send_due(ctx)

    assert (len(box.messages), unsent(ctx)) == (1, 0)


def test_whoever_comes_after_the_dead_sends_what_they_had_begun(ctx: Context, box: Mailbox, town: Town) -> None:
    """Whoever wakes up late spoils nothing: the mail that came twice has one Message-ID, and none comes any more."""
    box.held = {ADA.email}
    post(ctx, ADA.email)
    with beside(ctx):
        until(lambda: len(box.messages) == 1)
        mailing.take_over(ctx, "mail")
        with beside(ctx, "mail-tried", tried=True):
            until(lambda: len(box.messages) == 2)
            box.released.set()
    town.clock.advance(days=1)
    mailing.send_due(ctx)

    assert (len(box.ids), len(set(box.ids)), unsent(ctx)) == (2, 1, 0)


def test_dots_and_long_texts_arrive_as_they_were_written(box: Mailbox) -> None:
    """A line that is or begins with a dot is part of the mail and not its end."""
    text = ".\n..\n.begins\n" + "x" * 5_000 + "\nends.\n.\n"
    server = MailServer("127.0.0.1", box.port, "none", "k@acme.example")
    server.send(Mail("id-1", ADA.email, "Dots", text, datetime(2026, 11, 20, tzinfo=UTC)))

    assert box.texts == [text]
