"""What is lost or comes twice when whoever sends is killed between sending and recording? Nothing, but as a repeat."""

import random
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from keysteward.actions import notices, policy, webhooks
from keysteward.actions.webhooks import Draft
from keysteward.rules.notices import notice
from keysteward.rules.webhooks import Owner
from tests.cast import ACME, ADA, BO, CY, ORGANIZATION, ROBIN, Person
from tests.mails import empty_boxes
from tests.peers.databases import rows
from tests.peers.mailbox import Mailbox, mailbox
from tests.peers.receiver import Receiver, receiver
from tests.polling import until
from tests.serving.conftest import Furnished
from tests.serving.estate import Estate
from tests.serving.running import Home, Server, serving

KILLS = 6
OWNERS = ((ADA, Owner(account=ACME.demo)), (CY, Owner(organization=ORGANIZATION["demo"])))
PATHS = [f"/{number}" for number in range(8)]
SENDERS = 4  # webhooks at a time, and mails
OPEN = """SELECT (SELECT count(*) FROM notices WHERE handed_over_at IS NULL)
              + (SELECT count(*) FROM webhook_deliveries WHERE ended_at IS NULL)
              + (SELECT count(*) FROM mails WHERE sent_at IS NULL)"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]


@dataclass
class Sending:
    """An environment to serve, and where its notices go: webhooks and a mail server on loopback."""

    home: Home
    estate: Estate
    receiver: Receiver
    box: Mailbox
    told: list[str] = field(default_factory=list)

    def tell(self, but: Person | None = None) -> None:
        """Something happens that the admins of an account, but one perhaps, and their webhooks are told of."""
        ctx = self.estate.ctx
        told = notice("waiver", ctx.now, account=ACME.demo, subject=f"{len(self.told)}", what="It happened.")
        with ctx.database.writing() as tx:
            assert notices.announce(ctx, tx, told, but=but.demo if but else None)
        self.told.append(told.id)

    @property
    def waiting(self) -> int:
        """How much is not known to have arrived."""
        return int(rows(self.estate.ctx.database, OPEN)[0][0])

    @property
    def mails(self) -> set[str]:
        """The Message-IDs of all that was written."""
        return {f"<{mail}@keys.example>" for (mail,) in rows(self.estate.ctx.database, "SELECT id FROM mails")}

    def serve_until_killed(self, at: Receiver | Mailbox, after: int) -> None:
        """Serve until so many things came somewhere; in the moment of the last one, kill the server."""
        server, came = Server(self.home), iter(range(1, after))

        def count() -> None:
            if next(came, None) is None:
                server.process.send_signal(signal.SIGKILL)

        at.then = count
        try:
            assert until(server.process.poll, 240) == -signal.SIGKILL, server.said
        finally:
            at.then = lambda: None
            server.end()


@pytest.fixture
def sending(furnished: Furnished, tmp_path: Path) -> Iterator[Sending]:
    """A furnished environment that is served with all of it."""
    home, name = furnished.copy(tmp_path)
    with receiver(tmp_path / "tls") as made, mailbox() as box:
        variables = {
            "KEYSTEWARD_SMTP": f"smtp+plain://127.0.0.1:{box.port}", "KEYSTEWARD_MAIL_FROM": "keys@keys.example",
            "KEYSTEWARD_WEBHOOK_HOSTS": "localhost", "KEYSTEWARD_CA_FILE": str(made.ca_file),
        }  # fmt: skip
        estate = Estate(replace(home, variables=variables))
        policy.apply(estate.ctx, {"webhook_patience": "20s"}, author="Olga", reason="A busy machine.")
        for number, path in enumerate(PATHS):
            person, owner = OWNERS[number % len(OWNERS)]
            draft = Draft(made.origin + path, ("waiver",))
            webhooks.keep(estate.ctx, estate.actor(person), owner, draft)
        empty_boxes(estate.ctx)
        yield Sending(estate.home, estate, made, box)
        box.released.set()
        estate.close()
    furnished.stock.give_back(name)


def test_killed_between_sending_and_recording(sending: Sending) -> None:
    """Again and again the server is killed when a receiver has answered, or the mail server has a mail and has not said
    so. Every notice comes to every webhook and every mail to its address; what comes twice has the same id and says the
    same, and is no more than was under way.
    """
    dice = random.Random(12)  # noqa: S311 — seeded, so that a run can be had again
    for number in range(KILLS):
        for _ in range(3):
            sending.tell()
        sending.serve_until_killed((sending.receiver, sending.box)[number % 2], dice.randint(1, 4))
    with serving(sending.home):
        until(lambda: sending.waiting == 0, 400)

    pairs = Counter((each.path, each.message) for each in sending.receiver.came)
    assert set(pairs) == {(path, told) for path in PATHS for told in sending.told}
    assert len({(each.message, each.body) for each in sending.receiver.came}) == len(sending.told)
    assert KILLS // 4 <= pairs.total() - len(pairs) <= KILLS * SENDERS
    mails = Counter(sending.box.ids)
    assert set(mails) == sending.mails
    assert len(set(zip(sending.box.ids, sending.box.texts, strict=True))) == len(mails)
    assert KILLS // 2 <= mails.total() - len(mails) <= KILLS * SENDERS
    database = sending.estate.ctx.database
    assert rows(database, "SELECT DISTINCT outcome FROM webhook_deliveries") == [("delivered",)]


def test_a_slow_mail_holds_up_neither_others_nor_the_end(sending: Sending) -> None:
    """While the mail server has two mails and does not say so, all others leave; asked to stop, the server stops, and
    whoever is started next sends the two once more, with the same ids.
    """
    sending.box.held = {ADA.email}
    with serving(sending.home):
        sending.tell()
        until(lambda: ADA.email in sending.box.recipients, 60)
        sending.tell()
        until(lambda: sending.box.recipients.count(ADA.email) == 2, 60)
        for _ in range(3):
            sending.tell(but=ADA)
        until(lambda: min(sending.box.recipients.count(each.email) for each in (BO, ROBIN)) >= 5, 60)
    sending.box.released.set()
    with serving(sending.home):
        until(lambda: sending.waiting == 0, 120)

    assert set(sending.box.ids) == sending.mails
    came = Counter(zip(sending.box.ids, sending.box.recipients, strict=True))
    assert Counter(address for (_, address), times in came.items() if times == 2) == {ADA.email: 2}
    assert set(came.values()) == {1, 2}
