"""Who races over notices: those who are told, those who read, and those who choose their mails?"""

from collections.abc import Generator
from datetime import timedelta

from keysteward.actions import addresses, credentials, expiry_notices, inbox
from keysteward.actions.inbox import Wanted
from keysteward.rules.keys import Wish
from tests.cast import ADA, BO, ROBIN
from tests.mails import empty_boxes
from tests.peers.databases import rows
from tests.races.course import Came, Ground, Runner, race, taking_turns

Story = Generator[Runner, Came, None]


@race(expiry_notices.tell_of_expiry)
def an_expiry_is_told_once(on: Ground) -> Story:
    """A hundred workers that look for what expires: each admin hears of it once, by mail and in the inbox."""
    credentials.add_secret(on.demo, on.ada, on.key, Wish(expires_at=on.demo.now + timedelta(days=31)))
    empty_boxes(on.demo)
    on.town.clock.advance(days=2)
    came = yield lambda _: expiry_notices.tell_of_expiry(on.demo)

    assert sum(came.answers) == 1
    assert rows(on.demo.database, "SELECT count(*) FROM notices") == [(1,)]
    assert rows(on.demo.database, "SELECT count(*), count(DISTINCT recipient) FROM mails") == [(3, 3)]
    assert rows(on.demo.database, "SELECT count(*) FROM notice_receipts") == [(3,)]


@race(inbox.mark_read, inbox.mark_all_read, inbox.mute, addresses.add_redirect_uri, addresses.remove_redirect_uri)
def every_notice_is_in_every_inbox(on: Ground) -> Story:
    """While some are told, read and mute: each deed has one notice, each other admin one receipt and one mail of it."""
    bo, uri = on.town.actor(BO), "https://app.example.com/first"
    addresses.add_redirect_uri(on.demo, on.ada, on.key, uri)
    (first,) = inbox.list_notices(on.demo, bo, Wanted()).received
    came = yield taking_turns(
        lambda number: (
            addresses.add_redirect_uri(on.demo, on.ada, on.key, f"https://app.example.com/{number}") and None
        ),
        lambda number: addresses.remove_redirect_uri(on.demo, on.ada, on.key, f"https://app.example.com/{number - 1}"),
        lambda _: inbox.mark_read(on.demo, bo, first.notice.id) and None,
        lambda _: inbox.mark_all_read(on.demo, bo) and None,
        lambda number: inbox.mute(on.demo, bo, [("review", "transfer")[number // 5 % 2]]),
    )

    assert set(came.refusals) <= {"no-such-object"}
    assert rows(on.demo.database, "SELECT count(*) FROM notices") == [(21,)]
    assert rows(on.demo.database, "SELECT count(*), count(DISTINCT notice) FROM notice_receipts") == [(42, 21)]
    mailed = dict(rows(on.demo.database, "SELECT recipient, count(*) FROM mails GROUP BY recipient"))
    assert mailed == {BO.email: 21, ROBIN.email: 21}
    assert rows(on.demo.database, "SELECT count(*) FROM muted_notices") == [(1,)]
    assert ADA.email not in mailed
