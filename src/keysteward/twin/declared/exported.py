"""What would a file have to declare for a twin to be as this one is?"""

from itertools import pairwise
from typing import Any, Literal

from keysteward.actions.export import Person, Snapshot
from keysteward.rules.accounts import Account, Standing
from keysteward.rules.limits import Override, Wish
from keysteward.rules.numbers import changed
from keysteward.rules.pack_text import write
from keysteward.rules.policy import Policy
from keysteward.rules.policy_text import written
from keysteward.rules.words import Environment
from keysteward.twin.cast import TOKEN_NAME
from keysteward.twin.declared import shapes
from keysteward.twin.declared.exported_apps import demo_app, production_app
from keysteward.twin.declared.exported_custody import departures, findings, invitations, profiles
from keysteward.twin.declared.exported_organizations import organization
from keysteward.twin.declared.exported_programs import webhooks_of_account
from keysteward.twin.declared.exported_transfers import transfers
from keysteward.twin.declared.exported_ways_back import contacts, drills, recipients, retirements
from keysteward.twin.declared.moments import say_moment
from keysteward.twin.declared.place import Kept, Place, unless

NOTE = (
    "Written by keysteward dev --export. Secret keys, passwords, personal access tokens, SCIM tokens and the "
    "credentials of gateways are kept as hashes only, so they are not in here: seeded with this file, a twin makes new "
    "secret keys, keypairs, tokens, credentials and signing secrets of webhooks, which declared.json names, and "
    "everybody who has a password signs in with the usual one. The secrets of authenticator apps and identity "
    "providers are in here, and the addresses of webhooks. Passkeys are not: only the browser that holds one could "
    "make it again."
)


def declaration_of(
    demo: Snapshot, production: Snapshot, kept: dict[Environment, Kept], offset_seconds: float
) -> shapes.Declaration:
    """The declaration of what is in both environments."""
    here, there = Place("demo", demo, kept["demo"]), Place("production", production, kept["production"])
    live = {each.app.key for each in production.apps}
    by_key = {each.app.key: each for each in demo.apps}
    return shapes.Declaration(
        note=NOTE,
        clock=shapes.Clock(offset_seconds=offset_seconds) if offset_seconds else None,
        demo=shapes.Demo(
            policies=_policies(here),
            gateways=_gateways(here),
            accounts=_accounts(here),
            users=_users(here),
            organizations=[organization(here, group) for group in demo.groups],
            departures=departures(here),
            apps=[demo_app(here, each, is_live=each.app.key in live) for each in demo.apps],
            consents=_consents(here),
            personal_access_tokens=_tokens(here),
            dev_env=_dev_env(here),
        ),
        production=shapes.Production(
            policies=_policies(there),
            gateways=_gateways(there),
            accounts=_accounts(there),
            users=_users(there),
            organizations=[organization(there, group) for group in production.groups],
            departures=departures(there),
            transfers=transfers(there),
            retirements=retirements(there),
            apps=[production_app(there, each, by_key[each.app.key]) for each in production.apps],
            consents=_consents(there),
            personal_access_tokens=_tokens(there),
            dev_env=_dev_env(there),
        ),
    )


def _policies(place: Place) -> list[shapes.PolicyVersion]:
    """What each version changed in the one before it; the first has the numbers that a new twin begins with."""
    return [
        shapes.PolicyVersion(
            **_changed(before.policy, version.policy),
            author=version.author,
            approved_by=version.second,
            reason=version.reason,
            created=say_moment(version.applied_at),
        )
        for before, version in pairwise(place.snapshot.versions)
    ]


def _changed(before: Policy, after: Policy) -> dict[str, Any]:
    """One deed makes a version: it sets numbers, or installs a pack, or removes one."""
    if new := [pack for pack in after.packs if pack not in before.packs]:
        return {"installs": write(new[0])}
    if gone := [pack for pack in before.packs if pack not in after.packs]:
        return {"removes": gone[0].name}
    return {"numbers": {name: written(getattr(after, name)) for name in changed(before, after)}}


def _accounts(place: Place) -> list[shapes.Account]:
    return [
        shapes.Account(
            name=account.name,
            guid=account.id,
            plan=account.plan,
            state=account.state,
            state_since=say_moment(account.state_since) if account.state_since else None,
            created=say_moment(account.created_at),
            blocked_apps=_blocked_apps(place, account),
            limits=_limits(place, account),
            profiles=profiles(place, account),
            invitations=invitations(place, account),
            findings=findings(place, account),
            recovery_contacts=contacts(place, account),
            recovery_recipients=recipients(place, account),
            drills=drills(place, account),
            webhooks=webhooks_of_account(place, account),
        )
        for account in place.snapshot.accounts
    ]


def _limits(place: Place, account: Account) -> list[shapes.Limits]:
    """What each override changed in the one before it; 0 is what became the policy's again."""
    overrides = place.snapshot.limits[account.id]
    before: list[Wish | Override] = [Wish(), *overrides]
    return [
        shapes.Limits(**_said(old, each), by=each.made_by, reason=each.reason, created=say_moment(each.made_at))
        for old, each in zip(before, overrides, strict=False)
    ]


def _said(before: Wish | Override, after: Override) -> dict[str, Any]:
    changed_numbers = (name for name in Wish._fields if getattr(after, name) != getattr(before, name))
    return {name: getattr(after, name) or 0 for name in changed_numbers}


def _gateways(place: Place) -> list[shapes.Gateway]:
    """Its credential is kept as a hash only: the next twin makes another one."""
    return [
        shapes.Gateway(name=each.name, by=each.created_by, created=say_moment(each.created_at))
        for each in place.snapshot.gateways
    ]


def _blocked_apps(place: Place, account: Account) -> list[str | shapes.BlockedApp]:
    return [
        shapes.BlockedApp(
            app=block.key, by=place.admin(account.id, block.blocked_by), created=say_moment(block.blocked_at)
        )
        for block in place.snapshot.blocks[account.id]
    ]


def _users(place: Place) -> list[shapes.User]:
    return [_user(place, person) for person in place.snapshot.people]


def _user(place: Place, person: Person) -> shapes.User:
    user = person.standings[0].user
    said = shapes.User(
        email=user.email,
        guid=user.id,
        first_name=user.first_name,
        last_name=user.last_name,
        service=user.service,
        memberships=[_membership(place, standing) for standing in person.standings],
        authenticator_app=_authenticator_app(person),
        operator=user.id in place.snapshot.operators or _was_operator(place, user.id),
    )
    if not person.has_password:
        said.password = ""
    return said


def _was_operator(place: Place, user: str) -> Literal["formerly", False]:
    """Whether somebody laid a hand on a review, or retired a key."""
    hands = (
        hand
        for app in place.snapshot.apps
        for review, notes in zip(app.reviews, app.notes, strict=True)
        for hand in (review.ruling and review.ruling.by, *(note.by for note in notes if note.kind == "question"))
    )
    retired = (each.retirement for each in place.snapshot.apps if each.retirement is not None)
    return "formerly" if user in {*hands, *(each.asked.by for each in retired if each.hand == "operator")} else False


def _authenticator_app(person: Person) -> shapes.AuthenticatorApp | None:
    kept = person.authenticator
    if kept is None:
        return None
    return shapes.AuthenticatorApp(secret=kept.secret, created=unless(kept.since, person.standings[0].user.created_at))


def _membership(place: Place, standing: Standing) -> shapes.Membership:
    return shapes.Membership(
        account=place.name_of(standing.account),
        profile=standing.membership.profile.name,
        state=standing.membership.state,
        created=unless(standing.membership.created_at, standing.account.created_at),
    )


def _consents(place: Place) -> list[shapes.Consent]:
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


def _tokens(place: Place) -> list[shapes.PersonalToken]:
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


def _dev_env(place: Place) -> shapes.DevEnv | None:
    app = next((each.app.key for each in place.snapshot.apps if each.app.key == place.kept.app), None)
    user = place.emails.get(place.kept.user or "")
    return shapes.DevEnv(app=app, user=user) if app or user else None
