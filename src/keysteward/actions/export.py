"""What is in an environment, all of it, at one moment? Nothing that is kept as a hash only."""

from typing import NamedTuple

from keysteward.actions.context import Context
from keysteward.rules.accounts import Account, Domain, Organization, Standing
from keysteward.rules.calls import Call
from keysteward.rules.events import Event
from keysteward.rules.golive import Review
from keysteward.rules.keys import App, Settings
from keysteward.store import accounts, audit, consents, golive, keys, signin, snapshot
from keysteward.store.consents import Consent as Consent  # noqa: PLC0414 — what the twin writes down
from keysteward.store.database import Connection
from keysteward.store.signin import PersonalToken as PersonalToken  # noqa: PLC0414 — likewise
from keysteward.store.snapshot import Authorization as Authorization  # noqa: PLC0414 — likewise

_MOST_EVENTS = 100_000


class Person(NamedTuple):
    """A user: what they are in each of their accounts, the default account first, whom they let act for them."""

    standings: list[Standing]
    has_password: bool
    consents: list[Consent]
    tokens: list[PersonalToken]


class Group(NamedTuple):
    """An organization: its admins by GUID, the founder first."""

    organization: Organization
    admins: list[str]
    accounts: list[Account]
    domains: list[Domain]
    authorizations: list[Authorization]


class Registered(NamedTuple):
    """An app: everything that hangs on it, and everything that it did. `presenter` is a user's GUID."""

    app: App
    settings: Settings
    calls: list[Call]
    reviews: list[Review]
    presenter: str | None
    waiver: Event | None


class Snapshot(NamedTuple):
    """All that is in one environment."""

    accounts: list[Account]
    people: list[Person]
    groups: list[Group]
    apps: list[Registered]


def read(ctx: Context) -> Snapshot:
    """Everything in an environment, as one snapshot; whoever writes meanwhile is not disturbed."""
    with ctx.database.reading() as tx:
        opened = snapshot.list_accounts(tx)
        return Snapshot(
            opened,
            _people(tx, opened),
            [_group(tx, organization) for organization in snapshot.list_organizations(tx)],
            [_registered(tx, app) for app in snapshot.list_apps(tx)],
        )


def _people(tx: Connection, opened: list[Account]) -> list[Person]:
    """Everybody is in an account; who was there first comes first."""
    members = [each.user for account in opened for each in accounts.list_standings_in_account(tx, account.id)]
    users = sorted({user.id: user for user in members}.values(), key=lambda user: (user.created_at, user.email))
    with_password = snapshot.list_users_with_password(tx)
    return [
        Person(
            accounts.list_standings_of_user(tx, user.id),
            user.id in with_password,
            consents.list_of_user(tx, user.id),
            signin.list_personal_tokens(tx, user.id),
        )
        for user in users
    ]


def _group(tx: Connection, organization: Organization) -> Group:
    admins = snapshot.list_organization_admins(tx, organization.id)
    linked = accounts.list_accounts(tx, organization.id)
    return Group(
        organization,
        sorted(admins, key=lambda user: user != organization.created_by),
        sorted(linked, key=lambda account: account.id != organization.default_account),
        accounts.list_domains(tx, organization.id),
        snapshot.list_authorizations(tx, organization.id),
    )


def _registered(tx: Connection, app: App) -> Registered:
    events = audit.list_events_of_key(tx, app.key, _MOST_EVENTS) if app.implicit_until else []
    return Registered(
        app,
        keys.load_settings(tx, app.key),
        snapshot.list_calls(tx, app.key),
        list(reversed(golive.list_reviews(tx, app.key))),
        snapshot.find_presenter(tx, app.key),
        next((event for event in events if event.name == "ImplicitWaived"), None),
    )
