"""What do our mails about transfers say?

Until the destination accepts, its admins read the key's name and GUID, and nothing of the account that gives it away.
"""

from dataclasses import dataclass
from datetime import datetime

from keysteward.rules.keys import App
from keysteward.rules.letters import House, Letter
from keysteward.rules.transfers import End, Side, Transfer

_ENDINGS: dict[End, str] = {
    "moved": "is done",
    "cancelled": "was cancelled",
    "vetoed": "was stopped by a veto",
    "expired": "has expired",
}


@dataclass(frozen=True, slots=True)
class About:
    """Who writes about which transfer, between which accounts; `source` is empty for who may not know it yet."""

    house: House
    transfer: Transfer
    app: App
    source: str
    destination: str

    @property
    def page(self) -> str:
        """Where the transfer stands."""
        return f"{self.house.origin}/transfers/{self.transfer.id}"

    @property
    def what(self) -> str:
        """The key by its name and GUID."""
        return f"{self.app.name} (integration key {self.app.key})"


def offered(about: About, name: str) -> Letter:
    """A key is offered to an account."""
    return about.house.letter(
        "transfer-offered",
        f"An integration key is offered to {about.destination}",
        _to(name),
        f"The account that manages {about.what} wants to give it to {about.destination}. You see more once an admin of "
        f"{about.destination} accepts; nothing moves before one of you confirms in writing.",
        f"Accept or decline by {_day(about.transfer.expires_at)}: {about.page}",
        "If you expect no key, decline it there.",
    )


def started(about: About, name: str) -> Letter:
    """The source's admins hear that a key of theirs is on its way."""
    return about.house.letter(
        "transfer-started",
        f"{about.app.name} is to be transferred",
        _to(name),
        f"{about.transfer.started.email} started a transfer of {about.what} from {about.source} to "
        f"{about.destination}. It needs a written confirmation of both sides by {_day(about.transfer.expires_at)}.",
        f"Look at it here: {about.page}",
        "If it must not move, any of you can cancel it there.",
    )


def stand_in_started(about: About, name: str, organization: str) -> Letter:
    """Everybody who could object hears that an organization acts for the lost admin of an account."""
    until = about.transfer.waits_until
    wait = f" It moves at the earliest on {_moment(until)}." if until else ""
    return about.house.letter(
        "stand-in-started",
        f"{organization} stands in for the admin of {about.source}",
        _to(name),
        f"{about.transfer.started.email}, an admin of {organization}, wants to transfer {about.what} from "
        f"{about.source} to {about.destination}, because nobody there is said to manage it any more.{wait}",
        f"Look at it here: {about.page}",
        f"If you are an admin of {about.source} and this is wrong, sign in and veto it there. Your veto ends it.",
    )


def accepted(about: About, name: str) -> Letter:
    """The destination accepted."""
    return about.house.letter(
        "transfer-accepted",
        f"{about.destination} looks at {about.app.name}",
        _to(name),
        f"{about.destination} accepted to look at {about.what}, and sees its settings now, but no secret. Both sides "
        f"confirm in writing by {_day(about.transfer.expires_at)}.",
        f"Confirm here: {about.page}",
    )


def confirmed(about: About, name: str, side: Side) -> Letter:
    """One side confirmed."""
    who = about.source if side == "source" else about.destination
    return about.house.letter(
        "transfer-confirmed",
        f"{who} confirmed the transfer of {about.app.name}",
        _to(name),
        f"{who} confirmed in writing that {about.what} moves from {about.source} to {about.destination}.",
        f"What is still missing stands here: {about.page}",
    )


def approved(about: About, name: str, by: str) -> Letter:
    """A second organization admin approved a stand-in."""
    return about.house.letter(
        "transfer-approved",
        f"The transfer of {about.app.name} was approved",
        _to(name),
        f"{by} approved, as a second admin of the organization, that {about.what} moves from {about.source} to "
        f"{about.destination}.",
        f"Look at it here: {about.page}",
    )


def ended(about: About, name: str) -> Letter:
    """A transfer ended and the key stays."""
    ending = about.transfer.ending
    how = _ENDINGS[ending.end] if ending else ""
    why = (f"They say:\n{ending.reason}",) if ending and ending.reason else ()
    return about.house.letter(
        "transfer-ended",
        f"The transfer of {about.app.name} {how}",
        _to(name),
        f"The transfer of {about.what} to {about.destination} {how}. The key stays where it was, and works on.",
        *why,
        f"It stands here: {about.page}",
    )


def moved(about: About, name: str, rotate_by: datetime) -> Letter:
    """The key has another holder."""
    return about.house.letter(
        "key-moved",
        f"{about.app.name} moved to {about.destination}",
        _to(name),
        f"{about.what} moved from {about.source} to {about.destination}, with its settings, secret keys, keypairs, "
        "consents and tokens. Apps that use it keep working.",
        f"Its secret keys and keypairs are known to people of {about.source}, so they expire on {_day(rotate_by)}. "
        f"Admins of {about.destination} make new ones before: {about.house.origin}/apps/{about.app.key}",
        f"The signed record of the transfer is here: {about.page}",
    )


def reminder(about: About, name: str, missing: str) -> Letter:
    """A transfer waits and is about to expire."""
    return about.house.letter(
        "transfer-reminder",
        f"The transfer of {about.app.name} expires on {_day(about.transfer.expires_at)}",
        _to(name),
        f"The transfer of {about.what} to {about.destination} is still {missing}. It expires on "
        f"{_moment(about.transfer.expires_at)}; then it has to be started again.",
        f"Go on here: {about.page}",
    )


def _to(name: str) -> str:
    return f"Hello {name},"


def _day(at: datetime) -> str:
    return f"{at:%-d %B %Y}"


def _moment(at: datetime) -> str:
    return f"{at:%-d %B %Y, %H:%M} UTC"
