"""Do declared apps live as every app does: calls, reviews, promotion, each at its time and by its rule?"""

from datetime import timedelta
from pathlib import Path

import pytest

from keysteward.actions import after_go_live, golive, keys
from keysteward.rules.access import Actor
from keysteward.rules.keys import App
from keysteward.rules.policy import DEFAULT
from tests.cast import START, Town
from tests.twin.declaring import ACCOUNT, ADA, APP, LIVE, SMALL, ada, app_in, apply, example, mistaken, snapshots

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def status_of(town: Town, name: str = "Lease signer") -> tuple[str, int]:
    """Where an app of demo stands."""
    return golive.status_of(town.demo, app_in(snapshots(town)[0], name).app)


def test_calls_are_made_one_after_the_other(empty: Town, tmp_path: Path) -> None:
    """Count, method, path, answer and client are as declared; times are counted back from the last call."""
    apply(
        empty,
        tmp_path,
        SMALL + 'calls = [{ count = 2, method = "GET", path = "/restapi/v2.1/accounts/{account}/users?count=1" }, '
        '{ count = 3, status = 400, error_code = "WRONG", sdk = "Python 6.1.0", last = "30 minutes", '
        'spacing = "90 seconds" }]',
    )
    found = app_in(snapshots(empty)[0])
    last = START - 30 * MINUTE
    account = found.app.account

    assert [(call.method, call.status, call.error_code, call.sdk) for call in found.calls] == [
        *2 * [("GET", 200, "", "")],
        *3 * [("POST", 400, "WRONG", "Python 6.1.0")],
    ]
    assert [last - call.at for call in found.calls] == [
        6.5 * MINUTE,
        4.5 * MINUTE,
        3 * MINUTE,
        1.5 * MINUTE,
        0 * MINUTE,
    ]
    assert found.calls[0].url == f"/restapi/v2.1/accounts/{account}/users?count=…"
    assert {call.account for call in found.calls} == {account}
    assert all(call.countable for call in found.calls)


def test_calls_without_a_time_end_an_hour_ago(empty: Town, tmp_path: Path) -> None:
    """Thirteen calls are thirteen of twenty."""
    apply(empty, tmp_path, SMALL + "calls = [{ count = 13 }]")

    assert app_in(snapshots(empty)[0]).calls[-1].at == START - HOUR
    assert status_of(empty) == ("not ready", 13)


@pytest.mark.long
def test_a_long_list_of_calls_needs_no_token_that_lives_so_long(empty: Town, tmp_path: Path) -> None:
    """Calls over days are made with new tokens as the old ones expire, and more calls than wait at once are made."""
    apply(
        empty, tmp_path, SMALL + 'calls = [{ count = 12, spacing = "5 hours" }, { count = 1100, spacing = "1 second" }]'
    )

    assert len(app_in(snapshots(empty)[0]).calls) == 1_112


def test_an_application_calls_for_itself(empty: Town, tmp_path: Path) -> None:
    """A call without a user is that of an application token."""
    apply(empty, tmp_path, SMALL + 'calls = [{ user = "", method = "GET", path = "/management/v2/organizations" }]')

    assert [(call.user, call.account, call.countable) for call in app_in(snapshots(empty)[0]).calls] == [
        ("", "", False)
    ]


def test_what_the_gateway_answered_is_not_the_apps_fault(empty: Town, tmp_path: Path) -> None:
    """A 502 of the gateway does not count, a 400 of the API does."""
    apply(empty, tmp_path, SMALL + "calls = [{ status = 502, by_gateway = true }, { status = 400 }]")

    assert [(call.countable, call.why_not) for call in app_in(snapshots(empty)[0]).calls] == [
        (False, "the gateway could not reach the API"),
        (True, ""),
    ]


FORBIDDEN = [
    (
        'calls = [{ user = "bo@acme.example" }]',
        (
            "demo.apps[0].calls[0]: The user of the access token is not an active member of the specified account. "
            "Take the account from userinfo."
        ),
    ),
    (
        'calls = [{}, { user = "" }]',
        "demo.apps[0].calls[1]: An application token is valid for the Admin API only. Use a user's token.",
    ),
    (
        'calls = [{ path = "/restapi/v2.1/accounts/10000007/envelopes" }]',
        (
            "demo.apps[0].calls[0]: The user of the access token is not an active member of the specified account. "
            "Take the account from userinfo."
        ),
    ),
    (
        'review = "passed"\ncalls = [{ count = 13 }]',
        (
            "demo.apps[0].review: its calls make the review failed. 13 of 20 calls in a row succeeded within the "
            "rules. Make 7 more good calls in a row."
        ),
    ),
    (
        'calls = [{ count = 20 }]\nreviews = [{ verdict = "failed" }]',
        "demo.apps[0].reviews[0].verdict: its calls make the review passed.",
    ),
    (
        'calls = [{ count = 20, last = "3 days" }]\nreviews = [{ verdict = "passed", started = "1 day" }]',
        (
            "demo.apps[0].reviews[0].verdict: its calls make the review failed. The newest call was made more than 24 "
            "hours before the review was started. Make 20 calls and start the review within 24 hours of the last one."
        ),
    ),
    (
        'reviews = [{ verdict = "passed" }, { verdict = "passed" }]',
        "demo.apps[0].reviews[1].verdict: This key has passed its review. Press Go Live on the review results page.",
    ),
    (
        'reviews = [{ verdict = "passed", started = "1 minute", settled = "1 minute" }]',
        "demo.apps[0].reviews[0].verdict: it has no verdict by then; settle it after the policy's review_delay.",
    ),
]


@pytest.mark.parametrize(("text", "expected"), FORBIDDEN, ids=[text for text, _ in FORBIDDEN])
def test_nothing_is_inserted_behind_a_rule(empty: Town, tmp_path: Path, text: str, expected: str) -> None:
    """A call that could not have been made and a verdict that the calls do not give are mistakes of the file."""
    labs = '[[demo.accounts]]\nname = "Labs"\n[[demo.users]]\nemail = "bo@acme.example"\n'
    with mistaken(expected):
        apply(empty, tmp_path, f'{ACCOUNT}{labs}memberships = [{{ account = "Labs" }}]\n{ADA}{APP}{text}')


def test_a_passed_review_needs_no_calls_declared(empty: Town, tmp_path: Path) -> None:
    """`review = "passed"` alone makes the good calls that a review needs."""
    apply(empty, tmp_path, SMALL + 'review = "passed"')
    found = app_in(snapshots(empty)[0])

    assert status_of(empty) == ("Review Passed", 20)
    assert (len(found.calls), found.reviews[0].requester_email) == (DEFAULT.calls_needed, "ada@acme.example")
    assert found.reviews[0].started_at - found.calls[-1].at == 5 * MINUTE


def test_a_failed_review_is_one_too(empty: Town, tmp_path: Path) -> None:
    """`review = "failed"` alone is a review of no calls."""
    apply(empty, tmp_path, SMALL + 'review = "failed"')

    assert status_of(empty) == ("Review Failed", 0)


def test_a_review_of_long_ago_has_expired(empty: Town, tmp_path: Path) -> None:
    """Ages make any state that time makes."""
    apply(empty, tmp_path, SMALL + 'review = "passed"\ncalls = [{ count = 20, last = "100 days" }]')

    assert status_of(empty)[0] == "Review Expired"


def test_reviews_stand_between_the_calls_they_judged(empty: Town, tmp_path: Path) -> None:
    """Each review is started after its calls, by whom and when the file says."""
    apply(
        empty,
        tmp_path,
        ACCOUNT
        + ADA
        + '[[demo.users]]\nemail = "cy@acme.example"\n'
        + APP
        + "calls = [{ count = 10 }, { count = 15 }]\n"
        'reviews = [{ verdict = "failed", after_calls = 10, by = "cy@acme.example" }, '
        '{ verdict = "passed", after_calls = 22, started = "30 minutes", settled = "10 minutes" }]\n',
    )
    first, second = app_in(snapshots(empty)[0]).reviews

    assert (first.verdict, first.run, first.requester_email) == ("failed", 10, "cy@acme.example")
    assert (second.verdict, second.started_at, second.settled_at) == (
        "passed",
        START - 30 * MINUTE,
        START - 10 * MINUTE,
    )
    assert second.cut_sequence == app_in(snapshots(empty)[0]).calls[21].sequence


def test_a_live_key_came_by_its_review(empty: Town, tmp_path: Path) -> None:
    """Production has the same GUID, promoted on a ticket of a passed review, and demo its receipt."""
    apply(empty, tmp_path, SMALL + LIVE)
    in_demo, in_production = (app_in(snapshot).app for snapshot in snapshots(empty))

    assert status_of(empty)[0] == "Live"
    assert in_production.key == in_demo.key
    assert (in_production.requester, in_production.created_by) == ("ada@acme.example", "ada@acme.example")
    assert in_demo.live_at == in_production.promoted_at == in_production.created_at
    assert in_demo.live_account == "Acme (Business Pro)"
    assert (in_production.grants, in_production.contact) == (frozenset(), "ada@acme.example")


def test_a_live_key_is_configured_as_production_says(empty: Town, tmp_path: Path) -> None:
    """Its settings, calls and waiver are those of the production section, at their times."""
    apply(empty, tmp_path, example("full.toml"))
    demo, production = snapshots(empty)
    found = app_in(production)

    assert found.app.grants == {"confidential_code", "jwt", "implicit"}
    assert found.settings.redirect_uris == ("https://leases.acme.example/callback",)
    assert (len(found.settings.secrets), len(found.settings.keypairs), len(found.calls)) == (1, 1, 5)
    assert found.app.created_at == START - 7 * DAY
    assert found.app.implicit_until == START + 83 * DAY
    assert found.waiver is not None
    assert found.waiver.data["reason"] == "The old client is replaced in spring."
    assert app_in(demo).calls[-1].at == START - 7 * DAY - HOUR


def test_another_name_in_production(empty: Town, tmp_path: Path) -> None:
    """What the product lets be changed after promotion can be declared."""
    apply(empty, tmp_path, SMALL + LIVE + 'name = "Leases"\ncontact = "ops@acme.example"\npkce_required = true\n')
    app = app_in(snapshots(empty)[1], "Leases").app

    assert (app.contact, app.pkce_required) == ("ops@acme.example", True)


def test_somebody_else_may_promote_it(empty: Town, tmp_path: Path) -> None:
    """Where nobody is in both environments, the presenter names the account, as in the product."""
    apply(empty, tmp_path, SMALL + LIVE.replace("ada@", "otto@"))
    demo, production = snapshots(empty)
    after = after_go_live.show(
        empty.production, _creator(production.people[0].standings[0].user.id), demo.apps[0].app.key
    )

    assert production.apps[0].app.created_by == "otto@acme.example"
    assert after.presenter is not None
    assert after.presenter.email == "ada@acme.example"


def _creator(user: str) -> Actor:
    return Actor(user, "otto@acme.example", START)


REFUSED = [
    (
        LIVE.replace('name = "Acme"', 'name = "Acme"\nplan = "Standard"'),
        "production.apps[0]: The account is not the right type. Choose an account on Business Pro or higher.",
    ),
    (
        LIVE + 'implicit_waiver = { reason = "Old", until = "400 days" }\n',
        "production.apps[0].implicit_waiver.until: choose a date within the next 365 days.",
    ),
    (
        LIVE + 'implicit_waiver = { reason = "Old", until = "spring" }\n',
        (
            "production.apps[0].implicit_waiver.until: say an age such as 3 days or 2 hours 30 minutes, or an instant "
            "such as 2026-11-20T09:30:00Z."
        ),
    ),
]


@pytest.mark.parametrize(("text", "expected"), REFUSED, ids=["plan", "waiver too long", "waiver of no time"])
def test_what_production_refuses_is_told_at_its_entry(empty: Town, tmp_path: Path, text: str, expected: str) -> None:
    """The rules of promotion hold for the seed too."""
    with mistaken(expected):
        apply(empty, tmp_path, SMALL + text)


def test_an_account_may_have_had_more_keys_than_it_may_have(empty: Town, tmp_path: Path) -> None:
    """Deleted keys do not count, whatever their order in the file."""
    apps = "".join(
        f'[[demo.apps]]\nname = "App {number}"\ndeleted = true\n' for number in range(DEFAULT.keys_per_account)
    )
    apply(empty, tmp_path, ACCOUNT + ADA + apps + APP)

    account = snapshots(empty)[0].accounts[0].id
    assert len(keys.list_apps(empty.demo, ada(empty), account)) == DEFAULT.keys_per_account + 1


def test_deeds_are_dated_as_the_file_says(empty: Town, tmp_path: Path) -> None:
    """The events of an app tell the life that was declared, not the moment of the seed."""
    apply(
        empty,
        tmp_path,
        SMALL.replace('signer"', 'signer"\ncreated = "40 days"') + 'review = "passed"\nstopped = "1 day"',
    )
    app: App = app_in(snapshots(empty)[0]).app
    events = {event.name: event.at for event in keys.view(empty.demo, ada(empty), app.key).events}

    assert events["KeyCreated"] == START - 40 * DAY
    assert events["KeyStopped"] == START - DAY
    assert START - 2 * HOUR < events["ReviewStarted"] < events["ReviewSettled"] < START
