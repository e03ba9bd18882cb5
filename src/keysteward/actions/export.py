"""What is in an environment, all of it, at one moment? Nothing that is kept as a hash only."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from keysteward.actions import factors, identity_providers
from keysteward.actions.context import Context
from keysteward.rules.accounts import Account, Domain, Organization, Profile, Standing
from keysteward.rules.approvals import Note
from keysteward.rules.calls import Call
from keysteward.rules.custody.lives import Life, status
from keysteward.rules.decisions import Gateway
from keysteward.rules.events import Event
from keysteward.rules.golive import Review
from keysteward.rules.keys import App, Settings
from keysteward.rules.leaks import Leak
from keysteward.rules.legacy import Waiver
from keysteward.rules.limits import Override
from keysteward.rules.organizations import Request
from keysteward.rules.people import Departure, Invitation
from keysteward.rules.providers import Provider
from keysteward.rules.transfers import Transfer
from keysteward.store import (
    accounts,
    approvals,
    audit,
    consents,
    custody,
    domains,
    gateways,
    golive,
    keys,
    leaks,
    legacy,
    limits,
    organizations,
    people,
    policy,
    providers,
    signin,
    snapshot,
    transfers,
)
from keysteward.store import factors as kept_factors
from keysteward.store.consents import Block as Block  # noqa: PLC0414 — likewise
from keysteward.store.consents import Consent as Consent  # noqa: PLC0414 — what the twin writes down
from keysteward.store.custody import Unit
from keysteward.store.database import Connection
from keysteward.store.organizations import Link as Joined
from keysteward.store.policy import Version as Version  # noqa: PLC0414 — likewise
from keysteward.store.providers import Link as Link  # noqa: PLC0414 — likewise
from keysteward.store.signin import PersonalToken as PersonalToken  # noqa: PLC0414 — likewise
from keysteward.store.snapshot import Authorization as Authorization  # noqa: PLC0414 — likewise

_MOST_EVENTS, _MOST_TRANSFERS = 100_000, 100_000


class Authenticator(NamedTuple):
    """The authenticator app of a user: its secret in letters, and since when it is theirs."""

    secret: str
    since: datetime


class Person(NamedTuple):
    """A user: what they are in each of their accounts, the default account first, whom they let act for them."""

    standings: list[Standing]
    has_password: bool
    authenticator: Authenticator | None
    consents: list[Consent]
    tokens: list[PersonalToken]


class Speaking(NamedTuple):
    """The identity provider of an organization, the secret that it gave us, and whom it speaks for."""

    provider: Provider
    client_secret: str
    links: list[Link]


class Group(NamedTuple):
    """An organization: its admins by GUID, the founder first, with since when they are; and who agreed to which link.

    `requests` are what it asked accounts, or they it.
    """

    organization: Organization
    admins: dict[str, datetime]
    accounts: list[Account]
    joined: dict[str, Joined]
    requests: list[Request]
    domains: list[Domain]
    authorizations: list[Authorization]
    speaking: Speaking | None


class House(NamedTuple):
    """What hangs on an account: its own permission profiles, who is invited, and what was said of its findings."""

    profiles: list[Profile]
    invitations: list[Invitation]
    findings: list[Life]


class Leaked(NamedTuple):
    """A secret key or keypair that leaked, and the id of the one that was made in its place, if one was."""

    leak: Leak
    successor: str | None


class Registered(NamedTuple):
    """An app: everything that hangs on it, and everything that it did. `presenter` is a user's GUID.

    `notes` are, of each of its reviews, what was asked and answered; `first_account` managed it before any transfer.
    """

    app: App
    settings: Settings
    calls: list[Call]
    reviews: list[Review]
    notes: list[list[Note]]
    presenter: str | None
    waiver: Event | None
    leaks: list[Leaked]
    legacy_waiver: Waiver | None
    first_account: str


class Snapshot(NamedTuple):
    """All that is in one environment: the versions of its policy, oldest first, and by account which apps it blocks.

    `limits` has by account what operators said of its limits, oldest first, and `houses` what hangs on it; `operators`
    are users' GUIDs. Departures and transfers stand in the order in which they began.
    """

    versions: list[Version]
    gateways: list[Gateway]
    blocks: dict[str, list[Block]]
    limits: dict[str, list[Override]]
    operators: list[str]
    accounts: list[Account]
    people: list[Person]
    groups: list[Group]
    apps: list[Registered]
    houses: dict[str, House]
    departures: list[Departure]
    transfers: list[Transfer]


def read(ctx: Context) -> Snapshot:
    """Everything in an environment, as one snapshot; whoever writes meanwhile is not disturbed."""
    with ctx.database.reading() as tx:
        opened = snapshot.list_accounts(tx)
        waivers = legacy.newest_waivers(tx)
        begun = transfers.list_of(tx, [account.id for account in opened], [], _MOST_TRANSFERS)[::-1]
        moved = [each for each in begun if each.ending and each.ending.end == "moved"]
        return Snapshot(
            policy.list_versions(tx)[::-1],
            sorted(gateways.list_all(tx), key=lambda gateway: (gateway.created_at, gateway.name)),
            {account.id: _blocks(tx, account.id) for account in opened},
            {account.id: limits.list_overrides(tx, account.id)[::-1] for account in opened},
            [each.user for each in approvals.list_operators(tx)],
            opened,
            _people(ctx, tx, opened),
            [_group(ctx, tx, organization) for organization in snapshot.list_organizations(tx)],
            [
                _registered(tx, app, waivers.get(app.key), [each.source for each in moved if each.key == app.key])
                for app in snapshot.list_apps(tx)
            ],
            {account.id: _house(ctx, tx, account.id) for account in opened},
            snapshot.list_departures(tx),
            begun,
        )


def _blocks(tx: Connection, account: str) -> list[Block]:
    return sorted(consents.list_blocks(tx, account), key=lambda block: (block.blocked_at, block.key))


def _people(ctx: Context, tx: Connection, opened: list[Account]) -> list[Person]:
    """Everybody is in an account; who was there first comes first."""
    members = [each.user for account in opened for each in accounts.list_standings_in_account(tx, account.id)]
    users = sorted({user.id: user for user in members}.values(), key=lambda user: (user.created_at, user.email))
    with_password = snapshot.list_users_with_password(tx)
    return [
        Person(
            accounts.list_standings_of_user(tx, user.id),
            user.id in with_password,
            _authenticator(ctx, tx, user.id),
            consents.list_of_user(tx, user.id),
            signin.list_personal_tokens(tx, user.id),
        )
        for user in users
    ]


def _authenticator(ctx: Context, tx: Connection, user: str) -> Authenticator | None:
    kept = kept_factors.find_totp_secret(tx, user)
    return None if kept is None else Authenticator(factors.app_secret(ctx, kept), kept.created_at)


def _house(ctx: Context, tx: Connection, account: str) -> House:
    invited = people.list_invitations(tx, account, ctx.now)
    said = (_said_of(life, ctx.now) for life in custody.list_open(tx, Unit("account", account)))
    return House(
        [each for each in people.list_profiles(tx, account) if each.account],
        sorted(invited, key=lambda each: (each.invited_at, each.email)),
        sorted((life for life in said if life is not None), key=lambda life: (life.code, life.subject)),
    )


def _said_of(life: Life, now: datetime) -> Life | None:
    """A finding of which somebody said something that still holds."""
    if status(life, now) != "accepted":
        life = replace(life, accepted_until=None, accepted_why="", accepted_by="")
    return life if life.accepted_until or life.owner else None


def _group(ctx: Context, tx: Connection, organization: Organization) -> Group:
    admins = snapshot.list_organization_admins(tx, organization.id)
    linked = accounts.list_accounts(tx, organization.id)
    links = (organizations.find_link(tx, account.id) for account in linked)
    return Group(
        organization,
        dict(sorted(admins.items(), key=lambda admin: admin[0] != organization.created_by)),
        sorted(linked, key=lambda account: account.id != organization.default_account),
        {link.account: link for link in links if link is not None},
        organizations.list_requests(tx, organization=organization.id),
        domains.list_of_organization(tx, organization.id),
        snapshot.list_authorizations(tx, organization.id),
        _speaking(ctx, tx, organization.id),
    )


def _speaking(ctx: Context, tx: Connection, organization: str) -> Speaking | None:
    provider = providers.find_provider(tx, organization)
    if provider is None:
        return None
    secret = identity_providers.opened_secret(ctx, provider)
    return Speaking(provider, secret, providers.list_links(tx, organization)[::-1])


def _registered(tx: Connection, app: App, legacy_waiver: Waiver | None, holders: list[str]) -> Registered:
    leaked = leaks.list_of_key(tx, app.key)
    asked = {*holders, app.account} if app.implicit_until or leaked else set[str]()
    events = [each for account in asked for each in audit.list_events_of_key(tx, app.key, account, _MOST_EVENTS)]
    events.sort(key=lambda event: event.at, reverse=True)
    reviews = list(reversed(golive.list_reviews(tx, app.key)))
    successors = {_leaked_in(event): event.data["successor"] for event in events if "successor" in event.data}
    return Registered(
        app,
        keys.load_settings(tx, app.key),
        [call for call in snapshot.list_calls(tx, app.key) if call.status],  # a proxy may still owe the outcome of one
        reviews,
        [approvals.list_notes(tx, review.id) for review in reviews],
        snapshot.find_presenter(tx, app.key),
        next((event for event in events if event.name == "ImplicitWaived"), None),
        [Leaked(leak, successors.get(leak.id)) for leak in leaked],
        legacy_waiver,
        next(iter(holders), app.account),
    )


def _leaked_in(event: Event) -> str:
    """The id of the secret key or keypair that an event says leaked."""
    return event.data.get("secret") or event.data.get("keypair", "")
