"""Can a file say what operators say of traffic: limits of single accounts, gateways, routes, the time of a review?"""

import json
from datetime import timedelta
from pathlib import Path

from keysteward.actions import gateways, limits
from keysteward.rules.limits import Limits, Wish
from tests.cast import ACME, START, Town
from tests.twin.declaring import ACCOUNT, ADA, SMALL, app_in, apply, exported, mistaken, read_text, snapshots

DAY = timedelta(days=1)
LIMITED = """limits = [
    { hourly = 5000, burst = 90, by = "Olga", reason = "The quarter's end.", created = "9 days" },
    { hourly = 0, candidate_burst = 50 },
]
"""
GATEWAYS = '[[demo.gateways]]\nname = "edge"\nby = "Olga"\ncreated = "2 days"\n[[demo.gateways]]\nname = "inner"\n'
ROUTES = """
[[demo.policies]]
approved_by = "Omar"
numbers.routes = [
    { name = "orders", path = "/orders/v1/**", upstream = "http://127.0.0.1:9000" },
    { name = "reports", path = "/reports/**", upstream = "http://127.0.0.1:9000", countable = false, why_not = "No." },
]
"""


def test_limits_and_gateways_are_as_declared(empty: Town, tmp_path: Path) -> None:
    """What is left out of limits stays, 0 is the policy's; each gateway is known by the credential that was made."""
    made = apply(empty, tmp_path, ACCOUNT + LIMITED + ADA + GATEWAYS)
    account = snapshots(empty)[0].accounts[0].id
    shown = limits.show(empty.demo, account)
    newest, oldest = shown.overrides

    assert (shown.measure.limits, shown.measure.candidate) == (Limits(3000, 90), Limits(3000, 50))
    assert (oldest.hourly, oldest.made_by, oldest.reason, oldest.made_at) == (
        5000, "Olga", "The quarter's end.", START - 9 * DAY
    )  # fmt: skip
    assert (newest.made_by, newest.made_at) == ("operator", oldest.made_at + timedelta(microseconds=1))
    found = [gateways.recognize(empty.demo, each) for each in made["demo"].gateways]
    assert [(each.name, each.created_by, each.created_at) for each in found] == [
        ("edge", "Olga", START - 2 * DAY), ("inner", "operator", START)
    ]  # fmt: skip


def test_what_operators_did_comes_back(town: Town, second: Town, tmp_path: Path) -> None:
    """Each change of an account's limits with its hand and date, and every gateway that is there."""
    for wish in (Wish(100, candidate_hourly=50), Wish(0, 7), Wish(burst=0, candidate_hourly=0)):
        town.clock.advance(hours=1)
        limits.set_limits(town.demo, ACME.demo, wish, "Olga", "They hammer.")
    gateways.add(town.production, "gone", "Olga")
    gateways.add(town.production, "edge", "Olga")
    gateways.remove(town.production, "gone", "Omar")
    first = exported(town)
    apply(second, tmp_path, first, "twin.json")

    assert exported(second) == first
    assert [each["name"] for each in json.loads(first)["production"]["gateways"]] == ["edge"]
    assert snapshots(second)[0].limits[ACME.demo] == snapshots(town)[0].limits[ACME.demo]


def test_calls_of_own_routes_are_said_by_the_twins_own_policy(empty: Town, second: Town, tmp_path: Path) -> None:
    """Whether the gateway answered itself is told from the routes of the moment, and comes back."""
    calls = [
        '{ path = "/orders/v1/7", method = "GET" }',
        '{ path = "/orders/v1/7", method = "GET", status = 502 }',
        '{ path = "/orders/v1/7", method = "GET", status = 502, by_gateway = true }',
        '{ path = "/reports/7", method = "GET" }',
    ]
    apply(empty, tmp_path, ROUTES + SMALL + f"calls = [{', '.join(calls)}]\n")
    first = exported(empty)
    apply(second, tmp_path, first, "twin.json")

    said = json.loads(first)["demo"]["apps"][0]["calls"]
    assert [each.get("by_gateway", False) for each in said] == [False, False, True, False]
    assert [(each.route, each.countable) for each in app_in(snapshots(second)[0]).calls] == [
        ("orders", True), ("orders", False), ("orders", False), ("reports", False)
    ]  # fmt: skip
    assert exported(second) == first


SLOW = '[[demo.policies]]\nnumbers = { review_delay = "20h" }\n' + SMALL
TWO_DAYS_AGO = 'calls = [{ count = 20, last = "2 days" }]\n'


def test_a_review_has_its_verdict_after_the_policys_delay(empty: Town, tmp_path: Path) -> None:
    """However long that is."""
    apply(empty, tmp_path, SLOW + TWO_DAYS_AGO + 'review = "passed"\n')
    (review,) = app_in(snapshots(empty)[0]).reviews

    assert review.settled_at == review.started_at + timedelta(hours=20)


def test_a_review_that_is_settled_too_early_is_a_mistake(empty: Town, tmp_path: Path) -> None:
    """It says what to wait for."""
    sentence = "it has no verdict by then; settle it after the policy's review_delay."
    with mistaken(f"demo.apps[0].reviews[0].verdict: {sentence}"):
        apply(empty, tmp_path, SLOW + TWO_DAYS_AGO + 'reviews = [{ verdict = "passed", settled = "36 hours" }]\n')


def test_a_mistake_is_named_by_its_path(tmp_path: Path) -> None:
    """All that can be seen before anything is applied."""
    wrong = 'limits = [{ hourly = 5 }, { hourly = 5 }, { burst = -1, by = " ", created = "soon" }]\n'
    twice = GATEWAYS.replace("inner", " edge ")
    with mistaken(
        "demo.gateways[1].name: demo.gateways[0].name says the same; keep one, or give each its own.",
        "demo.accounts[0].limits[1]: These limits apply already. Say another number, or leave it at that.",
        "demo.accounts[0].limits[2].by: fill it in.",
        "demo.accounts[0].limits[2].created: say an age such as 3 days or 2 hours 30 minutes, or an instant such as "
        "2026-11-20T09:30:00Z.",
        "demo.accounts[0].limits[2].burst: choose 1 to 1000000000, or 0 for the policy's.",
    ):
        read_text(tmp_path, ACCOUNT + wrong + ADA + twice)
