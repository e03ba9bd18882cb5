"""Who may move the twin's clock, and what is said to who may not?"""

from datetime import UTC, datetime, timedelta

import pytest

from keysteward.rules.words import ENVIRONMENTS, Environment
from tests.twin.running import Twin

YEAR_2030 = "2030-01-01T00:00:00Z"


@pytest.fixture(autouse=True)
def on_time(twin: Twin) -> None:
    """Each test begins at the machine's own time."""
    twin.set_clock(offset_seconds=0)


def now_in(twin: Twin, environment: Environment) -> datetime:
    """What time an environment says it is."""
    return datetime.fromisoformat(twin.place(environment).get("/me")["now"])


def test_time_passes_in_both_environments(twin: Twin) -> None:
    """An advance of days, hours, minutes and seconds adds up and is seen everywhere at once."""
    before = datetime.now(UTC)
    twin.advance(days=2, hours=3, minutes=4, seconds=5)
    passed = timedelta(days=2, hours=3, minutes=4, seconds=5)

    for environment in ENVIRONMENTS:
        assert before <= now_in(twin, environment) - passed <= datetime.now(UTC)


def test_advances_add_up_and_go_back(twin: Twin) -> None:
    """Each advance begins where the clock is, and a negative one goes back."""
    twin.advance(days=3)
    answer = twin.control("POST", "/clock/advances", {"hours": -24})

    assert answer.json()["offset_seconds"] == 2 * 86_400


def test_the_clock_is_set_to_an_instant(twin: Twin) -> None:
    """`now` sets the time for both environments, whichever was asked."""
    headers = {"Authorization": f"Bearer {twin.variables()['KEYSTEWARD_DEV_TOKEN']}"}
    answer = twin.production.request("PUT", "/_dev/clock", json={"now": YEAR_2030}, headers=headers)

    assert answer.status_code == 200
    shown = [datetime.fromisoformat(twin.place(each).request("GET", "/_dev/clock", headers=headers).json()["now"])
             for each in ENVIRONMENTS]  # fmt: skip
    assert {each.replace(second=0, microsecond=0) for each in shown} == {datetime(2030, 1, 1, tzinfo=UTC)}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic {token}"}, {"Authorization": "{token}"}]
)
def test_the_token_is_needed(twin: Twin, environment: Environment, headers: dict[str, str]) -> None:
    """Without `Authorization: Bearer` and exactly the token in `dev.token` the answer is 401."""
    token = (twin.folder / "dev.token").read_text().strip()
    given = {name: value.format(token=token) for name, value in headers.items()}
    answer = twin.place(environment).request("GET", "/_dev/clock", headers=given)

    assert (answer.status_code, answer.json()["code"]) == (401, "no-dev-token")


def test_a_personal_access_token_is_no_control_token(twin: Twin) -> None:
    """Who may manage keys may not move time with the same token."""
    answer = twin.control("GET", "/clock", Authorization=f"Bearer {twin.demo.token}")

    assert (answer.status_code, answer.json()["code"]) == (401, "no-dev-token")


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize(("name", "value"), [("Origin", "{origin}"), ("Sec-Fetch-Site", "same-origin")])
def test_web_pages_are_refused(twin: Twin, method: str, name: str, value: str) -> None:
    """A request that a browser's page made is refused though it has the token, even from the twin's own origin."""
    given = {name: value.format(origin=twin.demo.origin)}
    answer = twin.control(method, "/clock", {"now": YEAR_2030} if method == "PUT" else None, **given)

    assert (answer.status_code, answer.json()["code"]) == (403, "cross-site")
    assert twin.control("GET", "/clock").json()["offset_seconds"] == 0


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid-field"),
        ({"now": YEAR_2030, "offset_seconds": 1}, 422, "invalid-field"),
        ({"now": "2030-01-01T00:00:00"}, 422, "invalid-field"),
        ({"now": "9999-01-01T00:00:00Z"}, 422, "invalid-field"),
        ({"offset_seconds": 1e300}, 422, "invalid-field"),
        ({"now": "tomorrow"}, 400, "malformed"),
        ({"offset_seconds": "60"}, 400, "malformed"),
        ({"when": YEAR_2030}, 400, "malformed"),
        ([], 400, "malformed"),
    ],
)
def test_what_is_no_time_is_refused(twin: Twin, body: object, status: int, code: str) -> None:
    """One instant with its zone, or one offset, that a calendar has; a refusal changes nothing."""
    answer = twin.control("PUT", "/clock", body)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert twin.control("GET", "/clock").json()["offset_seconds"] == 0


def test_the_outbox_shows_the_mails_that_do_not_leave(twin: Twin) -> None:
    """Whoever has the token reads what was written, link and all, of the environment that was asked."""
    email = twin.demo.variables["DS_LOGIN_EMAIL"]
    form = {"email": email}
    assert twin.demo.request("POST", "/password/forgot", data=form).status_code == 200
    headers = {"Authorization": f"Bearer {twin.variables()['KEYSTEWARD_DEV_TOKEN']}"}
    shown = [twin.place(each).request("GET", "/_dev/outbox", headers=headers) for each in ENVIRONMENTS]
    (mail,) = [each for each in shown[0].json()["mails"] if each["about"] == "new-password"]

    assert [answer.status_code for answer in shown] == [200, 200]
    assert "new-password" not in {each["about"] for each in shown[1].json()["mails"]}
    assert (mail["to"], mail["about"], mail["sent_at"], mail["failure"]) == (email, "new-password", None, "")
    assert f"{twin.demo.origin}/password/new?link=ksl_" in mail["text"]
    assert twin.demo.request("GET", "/_dev/outbox").status_code == 401


@pytest.mark.parametrize(("method", "path"), [("GET", "/"), ("POST", "/seed"), ("DELETE", "/clock/advances/1")])
def test_there_is_nothing_else(twin: Twin, method: str, path: str) -> None:
    """Another path under `/_dev` is a plain 404 for who has the token."""
    answer = twin.control(method, path)

    assert (answer.status_code, answer.json()["code"]) == (404, "no-such-address")
