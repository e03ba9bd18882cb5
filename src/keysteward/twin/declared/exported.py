"""What would a file have to declare for a twin to be as this one is?"""

from datetime import datetime
from typing import NamedTuple

from keysteward.actions.export import Group, Person, Registered, Snapshot
from keysteward.rules.accounts import ADMIN, Account, Domain, Standing
from keysteward.rules.keys import Keypair, Settings
from keysteward.rules.words import Environment
from keysteward.twin.cast import TOKEN_NAME
from keysteward.twin.declared import shapes
from keysteward.twin.declared.exported_calls import calls_of
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.people import MOMENT
from keysteward.twin.declared.references import Names

NOTE = (
    "Written by keysteward dev --export. Secret keys, passwords and personal access tokens are kept as hashes only, so "
    "they are not in here: seeded with this file, a twin makes new secret keys, keypairs and tokens, which "
    "declared.json names, and everybody who has a password signs in with the usual one."
)


class Kept(NamedTuple):
    """What the twin's folder knows of an environment: what `dev.env` names, and which private halves lie there."""

    app: str | None
    user: str | None
    thumbprints: frozenset[str]


class _Place:
    """One environment, whose people and accounts are called by the names that a file would use."""

    def __init__(self, environment: Environment, snapshot: Snapshot, kept: Kept) -> None:
        self.environment = environment
        self.snapshot = snapshot
        self.kept = kept
        self.emails = {person.standings[0].user.id: person.standings[0].user.email for person in snapshot.people}
        self.names = Names("account")
        for account in snapshot.accounts:
            self.names.add(account.id, account.name)

    def name_of(self, account: Account) -> str:
        """An account's name, or its GUID where others have the same name."""
        return account.name if self.names.find(account.name) else account.id

    def account(self, guid: str) -> Account:
        """An account by GUID."""
        return next(account for account in self.snapshot.accounts if account.id == guid)

    def admins(self, account: str) -> dict[str, str]:
        """The addresses of those who are or were admins of an account, by GUID."""
        standings = (each for person in self.snapshot.people for each in person.standings)
        return {
            each.user.id: each.user.email
            for each in standings
            if each.account.id == account and each.membership.profile.id == ADMIN.id
        }


def declaration_of(
    demo: Snapshot, production: Snapshot, kept: dict[Environment, Kept], offset_seconds: float
) -> shapes.Declaration:
    """The declaration of what is in both environments."""
    here, there = _Place("demo", demo, kept["demo"]), _Place("production", production, kept["production"])
    live = {each.app.key for each in production.apps}
    by_key = {each.app.key: each for each in demo.apps}
    return shapes.Declaration(
        note=NOTE,
        clock=shapes.Clock(offset_seconds=offset_seconds) if offset_seconds else None,
        demo=shapes.Demo(
            accounts=_accounts(here),
            users=_users(here),
            organizations=[_organization(here, group) for group in demo.groups],
            apps=[_demo_app(here, each, is_live=each.app.key in live) for each in demo.apps],
            consents=_consents(here),
            personal_access_tokens=_tokens(here),
            dev_env=_dev_env(here),
        ),
        production=shapes.Production(
            accounts=_accounts(there),
            users=_users(there),
            organizations=[_organization(there, group) for group in production.groups],
            apps=[_production_app(there, each, by_key[each.app.key]) for each in production.apps],
            consents=_consents(there),
            personal_access_tokens=_tokens(there),
            dev_env=_dev_env(there),
        ),
    )


def _accounts(place: _Place) -> list[shapes.Account]:
    return [
        shapes.Account(
            name=account.name,
            guid=account.id,
            plan=account.plan,
            state=account.state,
            created=say_moment(account.created_at),
        )
        for account in place.snapshot.accounts
    ]


def _users(place: _Place) -> list[shapes.User]:
    return [_user(place, person) for person in place.snapshot.people]


def _user(place: _Place, person: Person) -> shapes.User:
    user = person.standings[0].user
    said = shapes.User(
        email=user.email,
        guid=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        service=user.service,
        memberships=[_membership(place, standing) for standing in person.standings],
    )
    if not person.has_password:
        said.password = ""
    return said


def _membership(place: _Place, standing: Standing) -> shapes.Membership:
    return shapes.Membership(
        account=place.name_of(standing.account),
        profile=_profile(standing),
        state=standing.membership.state,
        created=_unless(standing.membership.created_at, standing.account.created_at),
    )


def _profile(standing: Standing) -> shapes.ProfileName:
    names: dict[str, shapes.ProfileName] = {each: each for each in ("DS Admin", "DS Sender", "DS Viewer")}
    return names[standing.membership.profile.name]


def _organization(place: _Place, group: Group) -> shapes.Organization:
    return shapes.Organization(
        name=group.organization.name,
        guid=group.organization.id,
        admins=[place.emails[user] for user in group.admins],
        accounts=[place.name_of(account) for account in group.accounts],
        domains=[_domain(domain) for domain in group.domains],
        authorized_apps=[
            shapes.AuthorizedApp(
                app=each.key,
                scopes=sorted(each.scopes),
                by=place.emails[each.given_by] if each.given_by in group.admins else None,
                created=say_moment(each.given_at),
            )
            for each in group.authorizations
        ],
        created=say_moment(group.organization.created_at),
    )


def _domain(domain: Domain) -> str | shapes.Domain:
    return domain.host_name if domain.state == "active" else shapes.Domain(name=domain.host_name, state=domain.state)


def _demo_app(place: _Place, registered: Registered, *, is_live: bool) -> shapes.DemoApp:
    app, settings = registered.app, registered.settings
    account, admins = place.account(app.account), place.admins(app.account)
    by = app.created_by if app.created_by in admins.values() else None
    reviews = _reviews(registered, admins)
    return shapes.DemoApp(
        name=app.name,
        key=app.key,
        account=place.name_of(account),
        by=by,
        contact=app.contact,
        created=say_moment(app.created_at),
        integration_type=app.integration_type,
        grants=sorted(app.grants),
        pkce_required=app.pkce_required,
        privacy_url=app.privacy_url,
        terms_url=app.terms_url,
        redirect_uris=list(settings.redirect_uris),
        origins=list(settings.origins),
        secrets=_secrets(settings, app.created_at),
        keypairs=_keypairs(place, settings, app.created_at),
        calls=calls_of(registered, place.emails, place.names, by),
        review="live" if is_live else reviews[-1].verdict if reviews else None,
        reviews=reviews,
        presented_by=admins.get(registered.presenter or ""),
        stopped=say_moment(app.stopped_at) if app.stopped_at else False,
        deleted=say_moment(app.deleted_at) if app.deleted_at else False,
    )


def _production_app(place: _Place, registered: Registered, in_demo: Registered) -> shapes.ProductionApp:
    app, settings = registered.app, registered.settings
    account, admins = place.account(app.account), place.admins(app.account)
    by = app.created_by if app.created_by in admins.values() else None
    return shapes.ProductionApp(
        key=app.key,
        account=place.name_of(account),
        by=by,
        created=say_moment(app.created_at),
        name=None if app.name == in_demo.app.name else app.name,
        contact=None if app.contact == in_demo.app.contact else app.contact,
        grants=sorted(app.grants),
        pkce_required=app.pkce_required,
        privacy_url=app.privacy_url,
        terms_url=app.terms_url,
        redirect_uris=list(settings.redirect_uris),
        origins=list(settings.origins),
        secrets=_secrets(settings, app.created_at),
        keypairs=_keypairs(place, settings, app.created_at),
        calls=calls_of(registered, place.emails, place.names, by),
        implicit_waiver=_waiver(registered),
        stopped=say_moment(app.stopped_at) if app.stopped_at else False,
        deleted=say_moment(app.deleted_at) if app.deleted_at else False,
    )


def _secrets(settings: Settings, since: datetime) -> list[str | shapes.Secret]:
    return [
        shapes.Secret(
            created=_unless(secret.created_at, since + number * MOMENT),
            expires=say_moment(secret.expires_at) if secret.expires_at else None,
            reason=secret.reason,
        )
        for number, secret in enumerate(settings.secrets)
    ]


def _keypairs(place: _Place, settings: Settings, since: datetime) -> list[str | shapes.Keypair]:
    """A keypair whose private half lies in the folder was generated there, and would be again."""
    said = sorted(settings.keypairs, key=lambda each: (each.created_at, _public_half(place, each) or ""))
    return [
        shapes.Keypair(
            public_key=_public_half(place, each),
            created=_unless(each.created_at, since + number * MOMENT),
            expires=say_moment(each.expires_at) if each.expires_at else None,
            reason=each.reason,
        )
        for number, each in enumerate(said)
    ]


def _public_half(place: _Place, keypair: Keypair) -> str | None:
    return None if keypair.thumbprint in place.kept.thumbprints else keypair.public_pem


def _reviews(registered: Registered, admins: dict[str, str]) -> list[shapes.Review]:
    """Every review that has its verdict; one that waits for it has it in a second."""
    total = len(registered.calls)
    found = []
    for review in registered.reviews:
        if review.verdict is not None and review.settled_at is not None:
            after = sum(call.sequence <= review.cut_sequence for call in registered.calls)
            said = shapes.Review(
                verdict=review.verdict,
                after_calls=None if after == total else after,
                by=admins.get(review.requester),
                started=say_moment(review.started_at),
                settled=say_moment(review.settled_at),
            )
            found.append(said)
    return found


def _waiver(registered: Registered) -> shapes.Waiver | None:
    until, event = registered.app.implicit_until, registered.waiver
    if until is None or event is None:
        return None
    return shapes.Waiver(reason=event.data["reason"], until=say_moment(until), created=say_moment(event.at))


def _consents(place: _Place) -> list[shapes.Consent]:
    return [
        shapes.Consent(
            user=person.standings[0].user.email,
            app=consent.key,
            scopes=sorted(consent.scopes),
            created=say_moment(consent.given_at),
        )
        for person in place.snapshot.people
        for consent in reversed(person.consents)
    ]


def _tokens(place: _Place) -> list[shapes.PersonalToken]:
    return [
        shapes.PersonalToken(
            user=person.standings[0].user.email,
            name=token.name,
            permissions=sorted(token.permissions),
            days=(token.expires_at - token.created_at).days,
            created=say_moment(token.created_at),
        )
        for person in place.snapshot.people
        for token in sorted(person.tokens, key=lambda each: (each.created_at, each.name, each.expires_at))
        if token.name != TOKEN_NAME
    ]


def _dev_env(place: _Place) -> shapes.DevEnv | None:
    app = next((each.app.key for each in place.snapshot.apps if each.app.key == place.kept.app), None)
    user = place.emails.get(place.kept.user or "")
    return shapes.DevEnv(app=app, user=user) if app or user else None


def _unless(moment: datetime, usual: datetime) -> str | None:
    return None if moment == usual else say_moment(moment)
