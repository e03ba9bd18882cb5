"""Is no notice lost and none sent twice while the mail server refuses, delays and dies?"""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from keysteward.actions import addresses, inbox, mailing
from keysteward.actions.context import Context
from keysteward.actions.inbox import Wanted
from keysteward.outgoing.mail import MailServer
from tests.cast import ADA, BO, ROBIN, Made, Town
from tests.peers.mailbox import Mailbox, mailbox

TOLD = 2


def server(port: int) -> MailServer:
    """A mail server at a port, that is waited for briefly."""
    return MailServer("127.0.0.1", port, "none", "keys@acme.example")


@contextmanager
def dying() -> Iterator[int]:
    """A mail server that takes a connection, says nothing and hangs up, every time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_hang_up, args=(listener,))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def _hang_up(listener: socket.socket) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        connection.close()


def send(town: Town, ctx: Context) -> None:
    """Let the job send again and again, each time after the longest pause."""
    for _ in range(3):
        mailing.send_due(ctx)
        town.clock.advance(minutes=61)


def test_no_notice_is_lost_or_sent_twice(town: Town, demo: Context, made: Made) -> None:
    """The server is away, refuses for now, takes some recipients only for now, hangs up, and comes back after days."""
    for number in range(TOLD):
        addresses.add_redirect_uri(demo, town.actor(ADA), made.key, f"https://app.example.com/{number}")
    send(town, replace(demo, mail_server=server(1)))
    with dying() as port:
        send(town, replace(demo, mail_server=server(port)))
    with mailbox() as box:
        refusing(town, demo, box)
        town.clock.advance(days=6)
        box.answer = "250 Taken"
        send(town, replace(demo, mail_server=server(box.port)))

        assert Counter(box.recipients) == Counter({BO.email: TOLD, ROBIN.email: TOLD})
        assert len({message["Message-ID"] for message in box.messages}) == 2 * TOLD
    for person in (BO, ROBIN):
        assert inbox.list_notices(demo, town.actor(person), Wanted()).unread == TOLD


def refusing(town: Town, demo: Context, box: Mailbox) -> None:
    """Nothing is taken for now."""
    box.answer = "451 Later"
    send(town, replace(demo, mail_server=server(box.port)))
    assert box.messages == []
