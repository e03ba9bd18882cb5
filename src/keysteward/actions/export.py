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
from keysteward.rules.drills import Drill
from keysteward.rules.events import Event
from keysteward.rules.golive import Review
from keysteward.rules.keys import App, Settings
from keysteward.rules.leaks import Leak
from keysteward.rules.legacy import Waiver
from keysteward.rules.limits import Override
from keysteward.rules.organizations import Request
from keysteward.rules.people import Departure, Invitation
from keysteward.rules.providers import Provider
from keysteward.rules.provisioning.tokens import Token
from keysteward.rules.recovery_contacts import RecoveryContact
from keysteward.rules.replacements import Replacement, Retirement
from keysteward.rules.sealed_credentials import Recipient
from keysteward.rules.transfers import Transfer
from keysteward.rules.webhooks import Owner, Webhook
from keysteward.store import (
    accounts,
    approvals,
    audit,
    consents,
    custody,
    domains,
    drills,
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
    recovery_contacts,
    replacements,
    scim,
    sealed_credentials,
    signin,
    snapshot,
    transfers,
    webhooks,
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

_MOST_EVENTS, _MOST_TRANSFERS, _MOST_DRILLS = 100_000, 100_000, 100_000


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


class Directory(NamedTuple):
    """What an identity provider may say by SCIM: where new users belong and as what, and the tokens it has."""

    home: tuple[str, Profile] | None
    tokens: list[Token]


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
    directory: Directory
    webhooks: list[Webhook]


class House(NamedTuple):
    """What hangs on an account: its own permission profiles, who is invited, and what was said of its findings.

    Drills stand in the order in which they were planned, everything else of one kind in that in which it came.
    """

    profiles: list[Profile]
    invitations: list[Invitation]
    findings: list[Life]
    contacts: list[RecoveryContact]
    recipients: list[Recipient]
    drills: list[Drill]
    webhooks: list[Webhook]


class Leaked(NamedTuple):
    """A secret key or keypair that leaked, and the id of the one that was made in its place, if one was."""

    leak: Leak
    successor: str | None


class Registered(NamedTuple):
    """An app: everything that hangs on it, and everything that it did. `presenter` is a user's GUID.

    `notes` are, of each of its reviews, what was asked and answered; `first_account` managed it before any transfer.
    `replaces` is what it says of an old key, `retirement` its own one that is under way, in force or final, and
    `sealed` the ids of what is sealed of an app that never moved.
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
    replaces: Replacement | None
    retirement: Retirement | None
    sealed: frozenset[str]


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
        recovery_contacts.list_of_account(tx, account),
        sealed_credentials.list_recipients(tx, account),
        sorted(drills.list_of_account(tx, account, _MOST_DRILLS), key=_by_plan),
        _webhooks(tx, Owner(account=account)),
    )


def _by_plan(drill: Drill) -> tuple[datetime, datetime, str, tuple[str, str]]:
    return drill.planned_at, drill.due_at, drill.kind, drill.people


def _webhooks(tx: Connection, owner: Owner) -> list[Webhook]:
    return sorted(webhooks.list_of(tx, owner), key=lambda each: (each.made_at, each.url, each.kinds))


def _directory(tx: Connection, organization: str) -> Directory:
    home = scim.find_home(tx, organization)
    profile = people.find_profile(tx, home.account, home.profile) if home else None
    tokens = sorted(scim.list_tokens(tx, organization), key=lambda each: (each.made_at, each.name))
    return Directory((home.account, profile) if home and profile else None, tokens)


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
        _directory(tx, organization.id),
        _webhooks(tx, Owner(organization=organization.id)),
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
        replacements.find(tx, app.key),
        _retirement(tx, app.key),
        frozenset() if holders else _sealed(tx, app),
    )


def _retirement(tx: Connection, key: str) -> Retirement | None:
    """The retirement of a key, unless somebody took it back or it came to nothing."""
    found = replacements.find_retirement(tx, key)
    return found if found and (found.ended is None or found.ended.end == "final") else None


def _sealed(tx: Connection, app: App) -> frozenset[str]:
    found = sealed_credentials.list_of_account(tx, app.account)
    return frozenset(each.credential for each in found if each.key == app.key)


def _leaked_in(event: Event) -> str:
    """The id of the secret key or keypair that an event says leaked."""
    return event.data.get("secret") or event.data.get("keypair", "")
