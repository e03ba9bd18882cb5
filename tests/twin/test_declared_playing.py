"""Does a twin hold what its file declares, and nothing that a rule forbids?"""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keysteward.actions import accounts, callers, signin, tokens
from keysteward.rules.accounts import ADMIN, SENDER, Account, Domain
from keysteward.rules.refusals import INVALID_CLIENT
from keysteward.twin.cast import PASSWORD
from keysteward.twin.clock import TwinClock
from keysteward.twin.declared.playing import set_clock
from tests.cast import CALLBACK, START, Made, Town, refused, rsa_keypair
from tests.twin.declaring import (
    ACCOUNT,
    ADA,
    APP,
    SMALL,
    Full,
    ada_of,
    app_in,
    apply,
    mistaken,
    read_text,
    snapshots,
)

DAY = timedelta(days=1)
TWO_ACCOUNTS = ACCOUNT + '[[demo.accounts]]\nname = "Labs"\n'


def test_a_small_file_makes_a_whole_twin(empty: Town, tmp_path: Path) -> None:
    """What is left out has its default: plan, names, password, admin, contact, grants and dates."""
    apply(empty, tmp_path, SMALL)
    demo, production = snapshots(empty)

    person, app = demo.people[0], app_in(demo).app
    user = person.standings[0].user
    assert demo.accounts == [
        Account(demo.accounts[0].id, 10_000_001, "Acme", "Developer", "open", START - 60 * DAY, None)
    ]
    assert (user.email, user.name, user.service, person.has_password) == ("ada@acme.example", "Ada", False, True)
    assert [(each.account.name, each.membership.profile) for each in person.standings] == [("Acme", ADMIN)]
    assert (app.name, app.contact, app.created_by) == ("Lease signer", "ada@acme.example", "ada@acme.example")
    assert (app.grants, app.created_at) == (frozenset({"confidential_code", "jwt"}), START - 60 * DAY)
    assert (production.accounts, production.people, production.apps) == ([], [], [])


def test_guids_are_the_same_every_time(empty: Town, second: Town, tmp_path: Path) -> None:
    """Two twins of one file have the same GUIDs; those that the file gives are taken, in lower case."""
    text = ACCOUNT + 'guid = "D0000000-0000-4000-8000-00000000ACE1"\n' + ADA + APP
    for town in (empty, second):
        apply(town, tmp_path, text)

    one, other = snapshots(empty)[0], snapshots(second)[0]
    assert one.accounts[0].id == other.accounts[0].id == "d0000000-0000-4000-8000-00000000ace1"
    assert one.people[0].standings[0].user.id == other.people[0].standings[0].user.id
    assert one.apps[0].app.key == other.apps[0].app.key


def test_people_sign_in_with_what_was_declared(empty: Town, tmp_path: Path) -> None:
    """The declared password, else the usual one; whoever has none does not sign in."""
    more = '[[demo.users]]\nemail = "bo@acme.example"\npassword = "of my own"\n'
    apply(empty, tmp_path, SMALL + more + '[[demo.users]]\nemail = "cy@acme.example"\npassword = ""\n')

    for email, password in (("ada@acme.example", PASSWORD), ("bo@acme.example", "of my own")):
        visitor = signin.visit(empty.demo, signin.sign_in(empty.demo, email, password))
        assert visitor.actor.email == email
    assert [person.has_password for person in snapshots(empty)[0].people] == [True, True, False]


def test_memberships_are_as_declared(empty: Town, tmp_path: Path) -> None:
    """Profiles, dates and order: the first account of a list is the default one, whatever opens first."""
    apply(
        empty,
        tmp_path,
        TWO_ACCOUNTS
        + ADA
        + '[[demo.users]]\nemail = "bo@acme.example"\n'
        + 'memberships = [{ account = "Labs" }, { account = "Acme", profile = "DS Sender", created = "2 days" }]\n',
    )
    bo = accounts.list_standings_by_email(empty.demo, "bo@acme.example")

    assert [(each.account.name, each.membership.profile, each.membership.created_at) for each in bo] == [
        ("Labs", ADMIN, START - 60 * DAY),
        ("Acme", SENDER, START - 2 * DAY),
    ]
    assert bo[0].user.default_account == bo[0].account.id


def test_an_account_needs_an_admin_who_can_open_it(empty: Town, tmp_path: Path) -> None:
    """Where the default account of its only admin opens later, the file is told to change the order."""
    text = TWO_ACCOUNTS + ADA.replace("\n[[", "[[") + 'memberships = [{ account = "Labs" }, { account = "Acme" }]\n'
    with mistaken(
        "demo.accounts[0]: the default account of each of its admins stands below it; put it behind one of those."
    ):
        apply(empty, tmp_path, text)


def test_what_is_closed_lived_before(empty: Town, tmp_path: Path) -> None:
    """A closed member created an app, and an account that is suspended now made calls and passed a review."""
    apply(
        empty,
        tmp_path,
        ACCOUNT
        + 'state = "suspended"\n'
        + ADA
        + '[[demo.users]]\nemail = "bo@acme.example"\nmemberships = [{ account = "Acme", state = "closed" }]\n'
        + APP
        + 'by = "bo@acme.example"\nreview = "passed"\n',
    )
    demo, _ = snapshots(empty)

    assert [each.state for each in demo.accounts] == ["suspended"]
    assert [each.standings[0].membership.state for each in demo.people] == ["active", "closed"]
    assert (app_in(demo).app.created_by, app_in(demo).reviews[-1].verdict) == ("bo@acme.example", "passed")


def test_the_last_admin_stays(empty: Town, tmp_path: Path) -> None:
    """A rule that refuses is told at the entry that asked for too much."""
    text = ACCOUNT + ADA + 'memberships = [{ account = "Acme", state = "closed" }]\n'
    with mistaken(
        "demo.users[0].memberships[0].state: This is the last active admin of the account. Make somebody else an "
        "admin first."
    ):
        apply(empty, tmp_path, text)


def test_organizations_are_as_declared(empty: Town, tmp_path: Path) -> None:
    """Founder, further admins, accounts, domains in their order with their state, and the apps they authorized."""
    apply(
        empty,
        tmp_path,
        TWO_ACCOUNTS
        + ADA
        + '[[demo.users]]\nemail = "cy@acme.example"\nmemberships = [{ account = "Labs" }]\n'
        + APP
        + '[[demo.organizations]]\nname = "Group"\nadmins = ["cy@acme.example", "ada@acme.example"]\n'
        + 'accounts = ["Labs", "Acme"]\ndomains = ["b.example", { name = "a.example", state = "pending" }]\n'
        + 'authorized_apps = [{ app = "Lease signer", scopes = ["user_read"], created = "1 day" }]\n',
    )
    group = snapshots(empty)[0].groups[0]
    emails = [accounts.load_user(empty.demo, user).email for user in group.admins]

    assert emails == ["cy@acme.example", "ada@acme.example"]
    assert [account.name for account in group.accounts] == ["Labs", "Acme"]
    assert [_without_ids(domain) for domain in group.domains] == [("b.example", "active"), ("a.example", "pending")]
    assert [(each.scopes, each.given_at) for each in group.authorizations] == [(frozenset({"user_read"}), START - DAY)]


def _without_ids(domain: Domain) -> tuple[str, str]:
    return domain.host_name, domain.state


def test_an_app_has_all_its_settings(full: Full) -> None:
    """Links, PKCE, addresses in their order, secret keys and keypairs stand as declared."""
    lease = app_in(snapshots(full.town)[0])

    assert (lease.app.contact, lease.app.privacy_url) == ("leases@acme.example", "https://acme.example/privacy")
    assert lease.settings.redirect_uris == ("https://leases.acme.example/callback", "http://localhost:3000/callback")
    assert lease.settings.origins == ("https://leases.acme.example",)
    assert (len(lease.settings.secrets), len(lease.settings.keypairs)) == (4, 2)
    assert [secret.created_at for secret in lease.settings.secrets[2:]] == [START - 10 * DAY, START - 9 * DAY]
    assert app_in(snapshots(full.town)[0], "Brochure").app.pkce_required


@pytest.mark.parametrize("secret", ["0f3c5e2a-7b1d-4c8e-9a6f-2d4b8c0e1f35", "a+b/c==d:e&f?g~h", "x" * 16])
def test_a_secret_of_any_shape_authenticates(empty: Town, tmp_path: Path, secret: str) -> None:
    """A client with the declared secret key is believed, another one is not; what is made is told."""
    made = apply(empty, tmp_path, SMALL + f'redirect_uris = ["{CALLBACK}"]\nsecrets = ["{secret}", {{}}]\n')
    app = app_in(snapshots(empty)[0]).app
    told = made["demo"].apps[app.key].secrets

    assert told[0] == secret
    for each in told:
        answer = empty.sign_in_with(empty.demo, Made(app, each, ""), ada_of(empty))
        assert callers.recognize(empty.demo, answer.access_token).app.key == app.key
    with refused(INVALID_CLIENT):
        empty.sign_in_with(empty.demo, Made(app, f"{secret}x", ""), ada_of(empty))


def test_a_keypair_signs_assertions(empty: Town, tmp_path: Path) -> None:
    """A declared public key and a generated one both let an app act for a user who consented."""
    private_pem, public_pem = rsa_keypair()
    consent = (
        '[[demo.consents]]\nuser = "ada@acme.example"\napp = "Lease signer"\nscopes = ["signature", "impersonation"]'
    )
    made = apply(empty, tmp_path, f"{SMALL}keypairs = [{json.dumps(public_pem)}, {{}}]\n{consent}")
    app = app_in(snapshots(empty)[0]).app
    told = made["demo"].apps[app.key].keypairs

    assert [each.private_pem is None for each in told] == [True, False]
    for pem in (private_pem, told[1].private_pem):
        assertion = empty.assertion(empty.demo, Made(app, "", pem or ""), ada_of(empty))
        caller = callers.recognize(empty.demo, tokens.grant_assertion(empty.demo, assertion).access_token)
        assert caller.user is not None
        assert caller.user.email == "ada@acme.example"


def test_a_key_that_is_none_is_refused_where_it_stands(empty: Town, tmp_path: Path) -> None:
    """A public key that cannot be used is named by its place in the list."""
    with mistaken(
        "demo.apps[0].keypairs[1]: That is not a public key that we can use: it is not PEM. Upload a PEM that "
        "begins with -----BEGIN PUBLIC KEY-----: RSA of 2,048 to 8,192 bits, or the curve P-256."
    ):
        apply(empty, tmp_path, SMALL + 'keypairs = [{}, "nonsense"]\n')


def test_an_app_ends_as_declared(empty: Town, tmp_path: Path) -> None:
    """Stopped and deleted, now or when the file says, with its life before."""
    apply(
        empty,
        tmp_path,
        SMALL + "stopped = true\n" + APP.replace("Lease", "Old") + 'stopped = "3 days"\ndeleted = "1 day"\n',
    )
    demo, _ = snapshots(empty)
    dates = [(each.app.stopped_at, each.app.deleted_at) for each in demo.apps]

    assert dates == [(START, None), (START - 3 * DAY, START - DAY)]


def test_consents_are_given(full: Full) -> None:
    """Each user's own, with their scopes and date."""
    demo, _ = snapshots(full.town)
    given = {person.standings[0].user.email: person.consents for person in demo.people if person.consents}

    assert {email: len(consents) for email, consents in given.items()} == {
        "ada@acme.example": 1,  # who lets an app act for the organization is known to it
        "sam@acme.example": 1,
    }
    consent = given["sam@acme.example"][0]
    assert (consent.app_name, consent.scopes) == ("Lease signer", frozenset({"signature", "impersonation"}))
    assert consent.given_at == START - 90 * DAY


def test_apps_are_blocked(empty: Town, tmp_path: Path) -> None:
    """Where an app acts, and where nobody lets it any more: the block stands, and nobody has consented since."""
    blocked = 'blocked_apps = ["Lease signer"]\n'
    labs = '[[demo.accounts]]\nname = "Labs"\nblocked_apps = [{ app = "Lease signer", created = "1 day" }]\n'
    users = ADA + '[[demo.users]]\nemail = "bo@acme.example"\nmemberships = [{ account = "Labs" }]\n'
    consent = '[[demo.consents]]\nuser = "bo@acme.example"\napp = "Lease signer"\nscopes = ["signature"]\n'
    apply(empty, tmp_path, ACCOUNT + blocked + labs + users + APP + consent)
    demo, _ = snapshots(empty)
    blocks = [[(each.blocked_by, each.blocked_at) for each in demo.blocks[account.id]] for account in demo.accounts]

    assert blocks == [[("ada@acme.example", START)], [("bo@acme.example", START - DAY)]]
    assert [len(person.consents) for person in demo.people] == [0, 1]


def test_legacy_waivers_are_given(empty: Town, tmp_path: Path) -> None:
    """Owner, reason, end and operator are as declared; the rule of a longest waiver holds."""
    waiver = 'legacy_waiver = { owner = "ada@acme.example", reason = "Old", until = "90 days", created = "9 days" }\n'
    apply(empty, tmp_path, SMALL + waiver)
    found = app_in(snapshots(empty)[0]).legacy_waiver

    assert found is not None
    assert (found.owner, found.reason, found.made_by) == ("ada@acme.example", "Old", "operator")
    assert (found.made_at, found.until) == (START - 9 * DAY, START + 81 * DAY)


def test_personal_tokens_are_made_and_told(full: Full) -> None:
    """Each with its permissions and its days; its value opens our own API."""
    demo = full.town.demo
    actor = signin.recognize(demo, full.made["demo"].tokens[0])
    token = signin.list_personal_tokens(demo, actor)[0]

    assert (actor.email, actor.permissions) == (
        "ada@acme.example",
        frozenset({"account:key:read", "account:review:start"}),
    )
    assert (token.name, token.expires_at) == ("Build server", START + 30 * DAY)


def test_the_clock_stands_where_the_file_says(tmp_path: Path) -> None:
    """By its offset, or by the moment that it names; an export says how far it is ahead."""
    clock = TwinClock(tmp_path / "clock.json")
    set_clock(clock, read_text(tmp_path, "[clock]\noffset_seconds = 8640000\n").declaration)
    assert clock.offset_seconds == 8_640_000

    set_clock(clock, read_text(tmp_path, '[clock]\nnow = "2030-01-01T00:00:00Z"\n').declaration)
    assert timedelta() <= clock() - datetime(2030, 1, 1, tzinfo=UTC) < timedelta(minutes=1)


def test_only_the_seed_declares_secrets() -> None:
    """Nothing outside the twin asks for the deed that takes a secret key somebody else chose."""
    root = Path(__file__).parents[2] / "src" / "keysteward"
    asking = {file.relative_to(root).parts[0] for file in root.rglob("*.py") if ".declare_secret(" in file.read_text()}

    assert asking == {"twin"}
