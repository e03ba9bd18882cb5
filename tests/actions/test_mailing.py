"""Does every mail leave once, sooner or later, and does nothing secret stay behind?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from keysteward.actions import housekeeping, mailing
from keysteward.actions.context import Context
from keysteward.outgoing.mail import MailServer
from keysteward.rules.letters import Letter
from keysteward.store import mails
from tests.cast import ADA, SAM, Town
from tests.peers.databases import kept_in, rows
from tests.peers.mailbox import Mailbox, mailbox

LETTER = Letter(
    "new-password", "A subject with ü", "Open this:\n\nhttps://demo.test:8443/password/new?link=ksl_secret\n"
)
HOUR = timedelta(hours=1)


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A mail server."""
    with mailbox() as box:
        yield box


@pytest.fixture
def ctx(demo: Context, box: Mailbox) -> Context:
    """Demo, with that mail server."""
    return with_box(demo, box)


def with_box(ctx: Context, box: Mailbox) -> Context:
    """An environment whose mail goes into a mailbox."""
    return replace(ctx, mail_server=MailServer("127.0.0.1", box.port, "none", "Keys <keys@acme.example>"))


def post(ctx: Context, recipient: str = ADA.email, letter: Letter = LETTER, life: timedelta = HOUR) -> None:
    """Write a mail as a deed does."""
    with ctx.database.writing() as tx:
        mailing.post(ctx, tx, recipient, letter, life)


def test_a_mail_leaves_once(ctx: Context, box: Mailbox) -> None:
    """It comes as it was written, with an id of its own, and is not sent again."""
    post(ctx)
    assert mailing.send_due(ctx)
    assert mailing.send_due(ctx)

    (message,) = box.messages
    (row,) = mailing.list_newest(ctx)
    assert (message["To"], message["From"], message["Subject"]) == (
        ADA.email,
        "Keys <keys@acme.example>",
        LETTER.subject,
    )
    assert message["Message-ID"] == f"<{row.id}@acme.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert box.texts == [LETTER.text]
    assert (row.sent_at, row.letter, row.failure) == (ctx.now, None, "")


def test_a_link_is_sealed_and_gone_once_it_was_sent(ctx: Context) -> None:
    """No byte of what a mail says is in the database, and afterwards not even sealed."""
    post(ctx)
    assert b"ksl_secret" not in kept_in(ctx)
    mailing.send_due(ctx)

    assert rows(ctx.database, "SELECT letter_sealed, tries FROM mails") == [(None, 1)]


def test_nothing_is_lost_while_the_server_is_down(ctx: Context, box: Mailbox, town: Town) -> None:
    """What could not be sent is tried again after pauses that grow, with the same id, and not before."""
    down = replace(ctx, mail_server=MailServer("127.0.0.1", 1, "none", "keys@acme.example"))
    post(down)
    assert not mailing.send_due(down)
    mailing.send_due(ctx)
    assert box.messages == []
    town.clock.advance(seconds=15)
    assert not mailing.send_due(down)
    town.clock.advance(seconds=15)
    mailing.send_due(ctx)
    assert box.messages == []
    town.clock.advance(seconds=45)
    mailing.send_due(ctx)

    (row,) = mailing.list_newest(ctx)
    assert [each["Message-ID"] for each in box.messages] == [f"<{row.id}@acme.example>"]


def test_who_dies_while_sending_leaves_the_mail_to_the_next(ctx: Context, box: Mailbox, town: Town) -> None:
    """While they may still be at it nobody else sends that mail; whoever has their way next sends it at once."""
    post(ctx)
    with ctx.database.reading() as tx:
        (row,) = mails.list_due(tx, ctx.now, 10)
    assert mailing._claimed(ctx, row, "mail")
    assert not mailing._claimed(ctx, row, "mail-2")
    town.clock.advance(seconds=700)
    mailing.take_over(ctx, "mail-2")
    mailing.send_due(ctx)
    assert box.messages == []
    mailing.take_over(ctx, "mail")
    mailing.send_due(ctx, "mail-2", tried=False)
    assert box.messages == []
    mailing.send_due(ctx, "mail-tried", tried=True)

    assert len(box.messages) == 1


@pytest.mark.parametrize(("answer", "is_final"), [("451 Later", False), ("554 Never", True)])
def test_what_the_server_says_decides(ctx: Context, box: Mailbox, answer: str, is_final: bool) -> None:
    """After a refusal for now the mail waits; after one for good it is given up, and what it says is forgotten."""
    box.answer = answer
    post(ctx)
    assert mailing.send_due(ctx) is is_final

    (row,) = mailing.list_newest(ctx)
    assert (row.letter is None, row.sent_at, row.failure) == (is_final, None, answer)


def test_one_bad_address_keeps_no_other_mail(ctx: Context, box: Mailbox) -> None:
    """A mailbox that does not exist is given up; the next mail goes out."""
    box.refused = {ADA.email}
    post(ctx)
    post(ctx, SAM.email)
    assert mailing.send_due(ctx)

    assert box.recipients == [SAM.email]
    assert {row.recipient: row.failure for row in mailing.list_newest(ctx)} == {
        ADA.email: "the address was refused: 550 No such mailbox", SAM.email: "",
    }  # fmt: skip


def test_a_mail_that_is_of_no_use_any_more_is_not_sent(ctx: Context, box: Mailbox, town: Town) -> None:
    """A link that has expired stays here."""
    post(ctx)
    town.clock.advance(hours=1)
    assert mailing.send_due(ctx)

    (row,) = mailing.list_newest(ctx)
    assert (box.messages, row.letter, row.failure) == ([], None, "it was of no use any more")


def test_without_a_mail_server_mails_stay(demo: Context, town: Town) -> None:
    """They lie in the outbox, to be opened by the twin's control, and are forgotten a week after they were of use."""
    post(demo)
    assert mailing.send_due(demo)
    (row,) = mailing.list_newest(demo)
    assert (row.letter, row.sent_at) == (LETTER, None)
    town.clock.advance(days=7, hours=2)
    housekeeping.forget_what_expired(demo)

    assert mailing.list_newest(demo) == []


def test_a_deed_that_fails_sends_no_mail(ctx: Context, box: Mailbox) -> None:
    """A mail that was written in a transaction that is rolled back was never written."""
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(ctx)
    mailing.send_due(ctx)

    assert (box.messages, mailing.list_newest(ctx)) == ([], [])


def _write_and_fail(ctx: Context) -> None:
    with ctx.database.writing() as tx:
        mailing.post(ctx, tx, ADA.email, LETTER)
        _ = 1 / 0
