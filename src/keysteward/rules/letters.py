"""What do our mails say?

Plain text, the same everywhere: what happened, what to do, and what to do where it was somebody else.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from keysteward.rules.notice_kinds import NoticeKind
from keysteward.rules.words import Environment

About = Literal[
    "new-password", "password-changed", "new-address", "address-asked", "address-changed", "identity-linked",
    "factors-removed", "provider-changed", "scim-token-made",  # of before they were notices; some may wait to be sent
    "review-passed", "review-pending", "review-failed", "review-approved",
    "review-declined", "review-question", "review-answer", "review-expires", "key-live",
    "unpromoted", "half-configured", "domain-lapsed", "account-asked", "account-opened",
    "invitation", "sign-up",
    "transfer-offered", "transfer-started", "transfer-accepted", "transfer-confirmed", "transfer-approved",
    "transfer-ended", "transfer-reminder", "key-moved", "stand-in-started",
    "recovery-contact", "recovery-needed", "recovery-asked", "test-mail",
    NoticeKind,
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail without its address."""

    about: About
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class House:
    """Who writes: an environment at its origin."""

    environment: Environment
    origin: str

    def letter(self, about: About, subject: str, *paragraphs: str) -> Letter:
        """A letter with our name below."""
        below = f"-- \nKeysteward, {self.environment}\n{self.origin}\n"
        return Letter(about, f"{subject} (Keysteward {self.environment})", "\n\n".join((*paragraphs, below)))


def mail_arrives(house: House) -> Letter:
    """What an operator sends to themselves to see whether mail arrives."""
    return house.letter(
        "test-mail",
        "Mail arrives",
        "This is the test mail that you asked for. Mail of this environment reaches you.",
        "If you did not ask for it, somebody who operates this environment did; you need do nothing.",
    )


def new_password(house: House, name: str, link: str, life: timedelta) -> Letter:
    """The way to a new password."""
    return house.letter(
        "new-password",
        "Choose a new password",
        _to(name),
        f"Somebody asked for a new password for this address. Open this link within {spoken(life)} to choose one:",
        link,
        "It works once. If you did not ask for it, do nothing: your password stays as it is.",
    )


def password_changed(house: House, name: str) -> Letter:
    """A password was chosen anew."""
    return house.letter(
        "password-changed",
        "Your password was changed",
        _to(name),
        "A new password was chosen with a link that we sent to this address. Everybody who was signed in as you has "
        "been signed out, and signs in anew.",
        f"If this was not you, choose another one now: {house.origin}/password/forgot\n"
        "Then tell the admins of your account, and look through your personal access tokens and connected apps.",
    )


def new_address(house: House, name: str, link: str, life: timedelta) -> Letter:
    """The proof that somebody reads the mail of a new address."""
    return house.letter(
        "new-address",
        "Confirm your new address",
        _to(name),
        f"You asked to sign in with this address from now on. Open this link within {spoken(life)}, where you are "
        "signed in, and confirm:",
        link,
        "If you did not ask for it, do nothing: nobody can use this address without the link.",
    )


def address_asked(house: House, name: str, address: str) -> Letter:
    """The old address hears before anything changes."""
    return house.letter(
        "address-asked",
        "Somebody wants to change your address",
        _to(name),
        f"You, or somebody who is signed in as you, asked to use the address {address} in place of this one. It "
        "changes once a link that we sent there is confirmed.",
        f"If this was not you, choose a new password now, which also makes that link useless: "
        f"{house.origin}/password/forgot",
    )


def address_changed(house: House, name: str, address: str) -> Letter:
    """The old address hears that it is no longer used."""
    return house.letter(
        "address-changed",
        "Your address was changed",
        _to(name),
        f"From now on you sign in with {address}, and our mail goes there. This address is no longer used.",
        "If this was not you, tell the admins of your account now; they can close the user.",
    )


def identity_linked(house: House, name: str, provider: str) -> Letter:
    """An organization's identity provider speaks for somebody from now on."""
    return house.letter(
        "identity-linked",
        f"You can sign in with {provider}",
        _to(name),
        f"Your user was linked to your identity at {provider}, which your organization runs. Signing in there signs "
        "you in here.",
        "If this was not you, tell the admins of your organization.",
    )


def account_opened(house: House, name: str, account: str) -> Letter:
    """An operator opened an account for somebody."""
    return house.letter(
        "account-opened",
        f"The account {account} was opened for you",
        _to(name),
        f"You are the admin of the new account {account}, and its only one: invite a second person soon.",
        f"Sign in here: {house.origin}/signin\nIf you have no password yet, choose one: {house.origin}/password/forgot",
    )


def invitation(house: House, account: str, by: str, link: str, life: timedelta) -> Letter:
    """Somebody is asked to join an account."""
    return house.letter(
        "invitation",
        f"Join {account}",
        "Hello,",
        f"{by} invites you to the account {account}. Open this link within {spoken(life)} to join:",
        link,
        "It works once. If you have a user with this address here, sign in with it; otherwise choose a name and a "
        "password. If you expected no invitation, do nothing.",
    )


def sign_up(house: House, link: str, life: timedelta) -> Letter:
    """Somebody asked for an account, with this address: it holds no word of theirs, for they may be a stranger."""
    return house.letter(
        "sign-up",
        "Open your demo account",
        "Hello,",
        f"You, or somebody who typed your address, asked for a demo account here. Open this link within {spoken(life)} "
        "to prove that the address is yours, and to open the account:",
        link,
        "It works once. You become the account's only admin. If you did not ask for it, do nothing: no account is "
        "opened.",
    )


def _to(name: str) -> str:
    return f"Hello {name},"


def spoken(life: timedelta) -> str:
    """How long a link is good, in words."""
    minutes = int(life.total_seconds()) // 60
    hours = minutes // 60
    if hours < 2:
        return f"{minutes} minutes"
    return f"{hours} hours" if hours < 72 else f"{hours // 24} days"
