"""Does a declared policy come into force, and is everything judged by the version of its moment?"""

from datetime import timedelta
from pathlib import Path

from keysteward.actions import policy
from tests.cast import START, Town
from tests.twin.declaring import ACCOUNT, ADA, APP, SMALL, app_in, apply, exported, mistaken, snapshots

DAY = timedelta(days=1)
FEWER = '[[demo.policies]]\nnumbers = { calls_needed = 3 }\napproved_by = "Omar"\n'


def test_a_version_without_a_moment_is_there_from_the_beginning(empty: Town, tmp_path: Path) -> None:
    """Three calls are enough for a review, then and from now on; production keeps its own numbers."""
    apply(empty, tmp_path, FEWER + SMALL + 'review = "passed"')
    version = policy.load(empty.demo, 0)

    assert (version.policy.version, version.applied_at, version.author) == (2, START - 60 * DAY, "operator")
    assert (version.second, version.reason) == ("Omar", "Declared in a file.")
    assert (empty.demo.policy.calls_needed, empty.production.policy.calls_needed) == (3, 20)
    assert len(app_in(snapshots(empty)[0]).calls) == 3


def test_every_review_is_judged_by_the_version_of_its_moment(empty: Town, tmp_path: Path) -> None:
    """A review of three calls fails before the number is lowered, and passes between that and its rise."""
    versions = (
        '[[demo.policies]]\nnumbers = { calls_needed = 3, plans = ["Gold", "Developer", "Business Pro"] }\n'
        'author = "Olga"\napproved_by = "Omar"\nreason = "For the fair."\ncreated = "9 days"\n'
        "[[demo.policies]]\nnumbers = { calls_needed = 30 }\ncreated = 2026-11-15T09:30:00Z\n"
    )
    apps = (
        APP + 'calls = [{ count = 3, last = "10 days" }]\nreview = "failed"\n',
        APP.replace("Lease", "Fair") + 'calls = [{ count = 3, last = "7 days" }]\nreview = "passed"\n',
        APP.replace("Lease", "Late") + 'calls = [{ count = 25, last = "1 day" }]\nreview = "failed"\n',
        APP.replace("Lease", "Old") + 'reviews = [{ verdict = "passed", policy = 2 }]\ncalls = [{ count = 3 }]\n',
    )
    gold = '[[demo.accounts]]\nname = "Fair"\nplan = "Gold"\ncreated = "8 days"\n'
    ada = ADA + 'memberships = [{ account = "Acme" }, { account = "Fair" }]\n'
    apply(empty, tmp_path, versions + ACCOUNT + gold + ada + "".join(apps))
    demo, _ = snapshots(empty)

    assert [(each.app.name, each.reviews[0].policy_version) for each in demo.apps] == [
        ("Lease signer", 1),
        ("Fair signer", 2),
        ("Late signer", 3),
        ("Old signer", 2),
    ]
    assert [(each.policy.version, each.author, each.applied_at) for each in demo.versions[1:]] == [
        (2, "Olga", START - 9 * DAY),
        (3, "operator", START - 5 * DAY),
    ]


def test_what_a_version_forbids_is_refused(empty: Town, tmp_path: Path) -> None:
    """A number holds for the seed too, from its moment on."""
    tight = '[[demo.policies]]\nnumbers = { secrets_per_key = 1 }\ncreated = "2 days"\n'
    with mistaken("demo.apps[0].secrets[1]: The app has 1 secret keys already. Delete an old one first."):
        apply(empty, tmp_path, tight + SMALL + 'secrets = [{}, { created = "1 day" }]\n')


ORDERED = """
[[demo.policies]]
author = "Olga"
reason = "Orders go live too."
created = "9 days"

[demo.policies.installs]
name = "orders"
version = 1
author = "The orders team"
says = "What an app shows us before it takes real orders."
rules = [{ kind = "required", code = "ordered", asks = "Any", source = "Orders API", operations = ["POST /orders"] }]
examples = [{ says = "Nothing was done yet.", calls = [], finds = ["calls-in-a-row", "orders/ordered"] }]

[[demo.policies]]
removes = "orders"
created = "5 days"
"""


def test_a_rule_pack_applies_from_its_moment_on(empty: Town, second: Town, tmp_path: Path) -> None:
    """Calls that pass before and after it fail while it is in force; what is exported makes the same again."""
    apps = [
        APP.replace("Lease", name) + f'calls = [{{ count = 20, last = "{age} days" }}]\nreview = "{verdict}"\n'
        for name, age, verdict in (("Early", 10, "passed"), ("Lease", 7, "failed"), ("Late", 1, "passed"))
    ]
    apply(empty, tmp_path, ORDERED + ACCOUNT + ADA + "".join(apps))
    demo, _ = snapshots(empty)
    text = exported(empty)
    (tmp_path / "again").mkdir()
    apply(second, tmp_path / "again", text, "twin.json")

    found = [(each.reviews[0].packs, [finding.rule for finding in each.reviews[0].findings]) for each in demo.apps]
    assert found == [((), []), (("orders 1",), ["orders/ordered"]), ((), [])]
    assert [(each.author, each.applied_at, len(each.policy.packs)) for each in demo.versions[1:]] == [
        ("Olga", START - 9 * DAY, 1),
        ("operator", START - 5 * DAY, 0),
    ]
    assert (exported(second), snapshots(second)[0].versions) == (text, demo.versions)


def test_what_a_file_cannot_know_of_a_pack_is_refused(empty: Town, tmp_path: Path) -> None:
    """A version of a pack never changes, here too."""
    again = ORDERED[: ORDERED.index("\n[[demo.policies]]\nremoves")].replace("Nothing was done", "Nothing is done")
    with mistaken(
        "demo.policies[2]: Version 1 of orders is on record with other content. "
        "A version never changes: give the pack the next version."
    ):
        apply(empty, tmp_path, ORDERED + again.replace("9 days", "3 days") + SMALL)
