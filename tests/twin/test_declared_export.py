"""Is a twin that is written into a file and made from it again the same twin?"""

import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keysteward.actions import (
    accounts,
    acting_apps,
    consents,
    credentials,
    golive,
    identity_providers,
    keys,
    leaks,
    legacy,
    linking,
    organizations,
    packs,
    policy,
    receipts,
    signin,
)
from keysteward.rules.access import PERMISSIONS, Actor
from keysteward.rules.accounts import ADMIN, SENDER, VIEWER, NewUser
from keysteward.rules.keys import Wish
from keysteward.rules.leaks import Found
from keysteward.rules.policy import DEFAULT
from keysteward.rules.providers import Identity
from keysteward.rules.words import Environment
from keysteward.twin.cast import TOKEN_NAME
from keysteward.twin.declared import shapes, shapes_apps
from keysteward.twin.declared.place import Kept
from keysteward.twin.declared.written import written
from tests.cast import ACME, ADA, BO, COUNCIL, CY, MALLORY, ORGANIZATION, SAM, SMALL, STRANGE, Made, Person, Town
from tests.factors import add_app
from tests.packs import a_document
from tests.twin.declaring import (
    NOTHING_KEPT,
    Full,
    again,
    app_in,
    apply,
    copy_of,
    essence,
    example,
    exported,
    snapshots,
)

WHY = "In a public repository."
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
NUMBERS = count()


@pytest.mark.parametrize("name", ["twin.json", "twin.toml"])
def test_a_declared_twin_comes_back(full: Full, second: Town, tmp_path: Path, name: str) -> None:
    """Whatever the full example declares is exported, and makes the same twin again, in either form."""
    first, then = again(full.town, second, tmp_path, name)

    assert then == first


def test_both_forms_say_the_same(full: Full) -> None:
    """TOML and JSON differ in nothing but form."""
    assert tomllib.loads(exported(full.town, "twin.toml")) == json.loads(exported(full.town))


def test_what_was_declared_is_exported(full: Full) -> None:
    """The file of a declared twin says what the declaring file said, with what went without saying."""
    said, declared = json.loads(exported(full.town)), tomllib.loads(example("full.toml"))

    for environment in ("demo", "production"):
        for section, entries in declared[environment].items():
            if isinstance(entries, list):
                with_authorizing = section == "consents"  # who lets an app act for the organization is known to it
                assert len(said[environment][section]) == len(entries) + with_authorizing, section
    lease = (
        said["demo"]["apps"][0] if said["demo"]["apps"][0]["name"] == "Lease signer" else _named(said, "Lease signer")
    )
    assert (lease["key"], lease["review"]) == ("1ea5e000-0000-4000-8000-000000000001", "live")
    assert [(each.get("count"), each.get("spacing")) for each in lease["calls"]] == [
        (3, None),
        (22, "1 minute 30 seconds"),
    ]
    assert _named(said, "Retired")["deleted"] == "2026-11-18T09:30:00Z"


def _named(said: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(app for app in said["demo"]["apps"] if app["name"] == name)
    return found


def test_a_lived_in_twin_comes_back(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """What people and programs did in a town, not from any file, makes the same town again, its history too."""
    live(town, made)

    first, then = again(town, second, tmp_path)

    assert then == first
    for one, other in zip(snapshots(town), snapshots(second), strict=True):
        assert essence(other.versions) == essence(one.versions)
        assert essence(other.blocks) == essence(one.blocks)
        assert essence(other.accounts) == essence(one.accounts)
        assert essence([each.standings for each in other.people]) == essence([each.standings for each in one.people])
        assert [each.authenticator for each in other.people] == [each.authenticator for each in one.people]
        assert essence([each.consents for each in other.people]) == essence([each.consents for each in one.people])
        assert essence(other.groups) == essence(one.groups)
        assert essence(other.apps) == essence(one.apps)


def live(town: Town, made: Made) -> None:
    """Do what consoles and programs can do: register, call, fail, pass, go live, configure, stop, delete, leave."""
    demo = town.demo
    refused = town.create_app(frozenset({"confidential_code", "jwt"}), name="Refused")
    town.clock.advance(hours=1)
    for value in ("1", "2", "1"):
        town.call(refused, 3, method="GET", below=f"/envelopes/e1/documents?page={value}", status=200, every=MINUTE)
    town.call(refused, status=502, by_upstream=False)
    town.call(refused, 2, status=400, by=ADA)
    assert town.review(refused).verdict == "failed"
    live_in_both = town.go_live(made)
    town.call(live_in_both, 4, ctx=town.production, every=MINUTE)
    keys.waive_implicit(town.production, town.actor(ADA, town.production), made.key, "Old", town.clock.now + 30 * DAY)
    town.consent(town.production, live_in_both, SAM, "signature impersonation extended")
    waiting = town.create_app(name="Waiting", by=BO)
    town.pass_review(waiting, by=BO)
    town.present(waiting, by=BO)
    town.clock.advance(days=100)
    deleted, ada = town.create_app(name="Deleted"), town.actor(ADA)
    keys.stop(demo, ada, deleted.key)
    keys.delete(demo, ada, deleted.key)
    again_deleted = keys.create(demo, ada, ACME.demo, keys.Draft("Deleted", "team@acme.example"))
    credentials.add_generated_keypair(demo, ada, again_deleted.key, Wish(demo.now + 90 * DAY, "A new service."))
    credentials.add_secret(demo, ada, again_deleted.key, Wish(demo.now + 30 * DAY, "The yearly rotation."))
    _change_the_policy(town)
    _leak(town)
    _prove(town)
    _block(town, made)
    _change_people(town)
    ada = town.actor(ADA)
    signin.issue_personal_token(demo, ada, "CI", frozenset(PERMISSIONS), 90)
    signin.issue_personal_token(demo, ada, TOKEN_NAME, frozenset(PERMISSIONS), 90)
    assert golive.status_of(demo, keys.view(demo, ada, waiting.key).app)[0] == "Review Expired"


def _change_the_policy(town: Town) -> None:
    """Fewer calls for a while, so that a review passed that would not have before, nor would now."""
    said = {"author": "Olga", "second": "Omar", "reason": "For a while."}
    policy.apply(town.demo, {"calls_needed": 3, "plans": [*DEFAULT.plans, "Gold"]}, **said)
    quick = town.create_app(name="Quick")
    town.call(quick, 3, every=MINUTE)
    assert town.review(quick).verdict == "passed"
    policy.apply(town.demo, {"calls_needed": 30, "legacy_brown_outs": []}, **said)
    town.call(quick, status=500)
    out = [{"days": ["tue"], "at": ["09:00"], "length": "1h"}]
    phases = [{"phase": "measure"}, {"phase": "block all", "from": "2027-01-31"}]
    policy.apply(town.production, {"legacy_phases": phases, "legacy_brown_outs": out}, **said)
    policy.apply(town.production, {"legacy_brown_outs": []}, **said)
    hand = {"author": "Olga", "reason": "Envelopes are asked for."}
    for document in (a_document(), a_document(version=2), a_document(), a_document(name="others", routes=["rest"])):
        packs.install(town.demo, document, **hand)
    packs.remove(town.demo, "envelopes", **hand)


def _leak(town: Town) -> None:
    """Secrets and keypairs that leaked: with and without time to live, twice, found by somebody, deleted since."""
    demo, leaky = town.demo, town.create_app(name="Leaky")

    def later(person: Person = ADA) -> tuple[Actor, str]:
        town.clock.advance(minutes=1)
        return town.actor(person), leaky.key

    settings = keys.view(demo, *later()).settings
    found = credentials.add_secret(demo, *later())
    gone = credentials.add_secret(demo, *later(), Wish(demo.now + 60 * MINUTE, "Short."))
    first = leaks.report_secret(demo, *later(), settings.secrets[0].id, demo.now + DAY / 2, WHY)
    leaks.report_keypair(demo, *later(), settings.keypairs[0].id, reason=WHY)
    town.clock.advance(minutes=1)
    assert leaks.take_report(demo, [Found(found.value, "https://gist.example/1")]) == [True]
    leaks.report_secret(demo, *later(BO), first.secret.id, reason=WHY)
    last = leaks.report_secret(demo, *later(BO), gone.secret.id, demo.now + DAY, WHY)
    credentials.delete_secret(demo, *later(BO), last.secret.id)
    legacy.waive(demo, leaky.key, "olga", ADA.email, "The old client goes in spring.", demo.now + 90 * DAY)


def _prove(town: Town) -> None:
    """Second factors, an organization's provider and whom it speaks for."""
    demo, cy = town.demo, town.actor(CY)
    add_app(demo, town.actor(ADA))
    draft = identity_providers.Draft("Acme ID", "https://id.acme.example", "ours", "of the provider")
    identity_providers.keep(demo, cy, ORGANIZATION["demo"], draft)
    provider = identity_providers.view(demo, cy, ORGANIZATION["demo"]).provider
    assert provider is not None
    for person in (SAM, ADA):
        town.clock.advance(hours=1)
        linking.link(demo, provider, Identity(provider.issuer, f"sub of {person.email}", person.email, True))


def _block(town: Town, made: Made) -> None:
    """Two accounts block an app; in one of them nobody lets it act any more."""
    town.consent(town.demo, made, MALLORY)
    acting_apps.block_app(town.demo, town.actor(MALLORY), STRANGE.demo, made.key)
    consents.withdraw_consent(town.demo, town.actor(MALLORY), made.key)
    acting_apps.block_app(town.demo, town.actor(BO), ACME.demo, made.key)


def _change_people(town: Town) -> None:
    demo = town.demo
    accounts.add_user(demo, COUNCIL.demo, NewUser(MALLORY.email, "", "", VIEWER), CY.email)
    accounts.add_user(demo, ACME.demo, NewUser("cy@acme.example", "", ""), ADA.email)
    accounts.close_membership(demo, ACME.demo, BO.demo, ADA.email)
    accounts.change_account(demo, STRANGE.demo, "operator", state="closed")
    accounts.change_account(town.production, SMALL.production, "operator", plan="Enhanced", state="suspended")
    organizations.add_admin(demo, ORGANIZATION["demo"], ADA.demo, CY.email)
    organizations.claim_domain(demo, ORGANIZATION["demo"], "acme.test", "lapsed", CY.email)


def test_a_clock_that_was_set_back_does_not_matter(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """Calls and reviews are dated before the accounts that they belong to, and come back as they were."""
    town.clock.advance(days=-300)
    town.pass_review(made)
    town.clock.advance(days=-1)
    town.call(made, 2, every=-MINUTE)

    first, then = again(town, second, tmp_path)

    assert then == first


def test_a_clock_that_was_set_back_before_the_policy_does_not_matter(
    town: Town, made: Made, second: Town, tmp_path: Path
) -> None:
    """A review of before a policy, that was judged by it, says by which version it was."""
    policy.apply(town.demo, {"calls_needed": 2}, author="Olga", second="Omar", reason="Fewer.")
    town.clock.advance(days=-30)
    town.call(made, 2, every=MINUTE)
    assert town.review(made).verdict == "passed"

    first, then = again(town, second, tmp_path)

    assert json.loads(first)["demo"]["apps"][0]["reviews"][0]["policy"] == 2
    assert then == first


def test_nothing_that_is_kept_as_a_hash_is_written(town: Town, made: Made) -> None:
    """Secret keys stand there without a value, and users without a password."""
    said = json.loads(exported(town))

    assert [app["secrets"] for app in said["demo"]["apps"]] == [[{}]]
    assert all("password" not in user for user in said["demo"]["users"] + said["production"]["users"])
    assert made.secret not in exported(town)
    assert "kept as hashes only" in said["note"]


def test_a_keypair_whose_private_half_is_there_is_generated_again(town: Town, made: Made) -> None:
    """Another one stays what it is: its public half is written."""
    thumbprint = app_in(snapshots(town)[0]).settings.keypairs[0].thumbprint
    kept: dict[Environment, Kept] = {**NOTHING_KEPT, "demo": Kept(made.key, ADA.demo, frozenset({thumbprint}))}
    pairs = [json.loads(each)["demo"]["apps"][0]["keypairs"] for each in (exported(town), exported(town, kept=kept))]

    assert [list(each[0]) for each in pairs] == [["public_key"], []]
    assert json.loads(exported(town, kept=kept))["demo"]["dev_env"] == {"app": made.key, "user": ADA.email}


def test_accounts_of_one_name_are_told_apart(town: Town, second: Town, tmp_path: Path) -> None:
    """A name that two accounts have is no reference: their GUIDs are."""
    admin = NewUser("otto@acme.example", "Otto", "Other", ADMIN)
    opened = accounts.open_account(town.demo, ACME.name, "Free", admin).account
    accounts.add_user(town.demo, opened.id, NewUser(SAM.email, "", "", SENDER), admin.email)

    first, then = again(town, second, tmp_path)

    assert then == first


def test_somebody_else_promoted_it(town: Town, made: Made, second: Town, tmp_path: Path) -> None:
    """Who pressed Go Live in demo and who chose the account in production both come back."""
    town.pass_review(made)
    town.promote(town.present(made, by=BO, account=ACME.production), by=ADA)
    receipts.deliver_receipts(town.production)

    first, then = again(town, second, tmp_path)

    assert json.loads(first)["demo"]["apps"][0]["presented_by"] == BO.email
    assert then == first


def test_a_withdrawn_consent_is_none(town: Town, made: Made) -> None:
    """It is not written."""
    town.consent(town.demo, made, SAM)
    consents.withdraw_consent(town.demo, town.actor(SAM), made.key)

    assert "consents" not in json.loads(exported(town))["demo"]


PATHS = (
    "/restapi/v2.1/accounts/{account}/envelopes",
    "/restapi/v2/accounts/{account}/envelopes/e?a=1&b=x",
    "/restapi/v2.1/accounts/{account}/Envelopes/e?a=2&b=x",
    "/restapi/v2.1/accounts/{account}",
    "/management/v2/x",
)
CALLS = st.builds(
    shapes_apps.Calls,
    count=st.integers(1, 4),
    method=st.sampled_from(["GET", "POST", "HEAD"]),
    path=st.sampled_from(PATHS),
    status=st.sampled_from([200, 201, 400, 404, 499, 500, 502, 504]),
    by_gateway=st.booleans(),
    error_code=st.sampled_from(["", "WRONG"]),
    user=st.sampled_from([None, "bo@acme.example"]),
    sdk=st.sampled_from(["", "Python 6"]),
    last=st.none() | st.sampled_from(["1 day", "2 hours", "now"]),
    spacing=st.sampled_from(["0 seconds", "1.000001 seconds", "2 minutes", "20 minutes"]),
)
USER = st.builds(
    shapes.Membership,
    account=st.just("Acme"),
    profile=st.sampled_from(["DS Admin", "DS Sender", "DS Viewer", "Developer"]),
    state=st.sampled_from(["active", "closed"]),
    created=st.none() | st.sampled_from(["3 days", "now"]),
)
APP = st.builds(
    shapes_apps.DemoApp,
    name=st.sampled_from(["A", "Ä “b” \\ c", "C"]),
    grants=st.lists(st.sampled_from(["jwt", "implicit", "public_code"]), unique=True),
    created=st.none() | st.just("2 days"),
    redirect_uris=st.lists(st.sampled_from(["https://b.example/", "https://a.example/", "com.c.app:/x"]), unique=True),
    secrets=st.lists(st.builds(shapes_apps.Secret, created=st.none() | st.just("1 day")), max_size=3),
    calls=st.lists(CALLS, max_size=5),
    stopped=st.sampled_from([False, True, "3 hours"]),
    deleted=st.sampled_from([False, False, True]),
)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    """Where each example has folders of its own."""
    return iter(tmp_path / str(number) for number in NUMBERS)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(apps=st.lists(APP, max_size=2, unique_by=lambda app: app.name), membership=USER)
def test_any_app_comes_back(
    nobody: tuple[Town, Path], folders: Iterator[Path], apps: list[shapes_apps.DemoApp], membership: shapes.Membership
) -> None:
    """Whatever calls and settings an app has, and whoever is in its account: the export makes them again."""
    users = [shapes.User(email="ada@acme.example"), shapes.User(email="bo@acme.example", memberships=[membership])]
    demo = shapes.Demo(accounts=[shapes.Account(name="Acme")], users=users, apps=apps)
    text = written(shapes.Declaration(demo=demo), Path("twin.json"))
    model, second = (copy_of(*nobody, next(folders)) for _ in range(2))
    folder = next(folders)
    folder.mkdir()
    try:
        apply(model, folder, text, "twin.json")
        first, then = again(model, second, folder)
        assert then == first
    finally:
        model.close()
        second.close()
