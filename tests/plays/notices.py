"""How is each deed on notices played?"""

from datetime import timedelta

from keysteward.actions import addresses, credentials, expiry_notices, inbox
from keysteward.actions.inbox import Wanted
from keysteward.rules.keys import Wish
from tests.cast import BO
from tests.plays.stage import Play, Scene, Stage, Told


def expiry(on: Stage) -> Scene:
    """A secret key is about to expire."""
    wish = Wish(expires_at=on.demo.now + timedelta(days=31))
    credentials.add_secret(on.demo, on.ada, on.made.key, wish)
    on.town.clock.advance(days=2)
    return Scene(on.demo, lambda: expiry_notices.tell_of_expiry(on.demo), on.of_key("Reminded", "system"))


def choose(on: Stage) -> Scene:
    """Bo wants no mails about reviews."""
    told = Told("NoticeMailsChosen", BO.email, "", "")
    return Scene(on.demo, lambda: inbox.mute(on.demo, on.town.actor(BO), ["review"]), told)


def read(on: Stage) -> Scene:
    """Bo reads of a redirect URI."""
    addresses.add_redirect_uri(on.demo, on.ada, on.made.key, "https://app.example.com/other")
    bo = on.town.actor(BO)
    (received,) = inbox.list_notices(on.demo, bo, Wanted()).received
    return Scene(on.demo, lambda: inbox.mark_read(on.demo, bo, received.notice.id), None)


def read_all(on: Stage) -> Scene:
    """Bo has read everything."""
    read(on)
    return Scene(on.demo, lambda: inbox.mark_all_read(on.demo, on.town.actor(BO)), None)


DEEDS: tuple[tuple[str, Play], ...] = (("expiry_notices._tell", expiry), ("inbox.mute", choose))
SILENT: tuple[tuple[str, str, Play], ...] = (
    ("inbox.mark_read", "who has read what is nobody else's business", read),
    ("inbox.mark_all_read", "who has read what is nobody else's business", read_all),
)
