"""Does a key identify an app, and never an account or a user?"""

import docusign_esign as ds
import pytest

from keysteward.rules.words import ENVIRONMENTS, Environment
from tests.journeys.people import ADA, DANA, SAM, TESS, UNKNOWN, Member
from tests.journeys.story import Story, asked_by, refused_by_api, refused_by_oauth
from tests.twin.running import Place, Twin

USERS = (ADA, DANA, TESS)


@pytest.fixture(scope="module")
def live(twin: Twin) -> Story:
    """Ada's app, live and configured in both environments."""
    story = Story(twin, "One key for many")
    story.go_live()
    return story


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_users_of_three_accounts_call_with_one_key(live: Story, environment: Environment) -> None:
    """Each consents in a browser, is impersonated by the same key and calls in an account of their own."""
    called = []
    for member in USERS:
        live.consent(environment, member)
        caller = live.impersonate(environment, member)
        called.append(caller.account)
        assert caller.get(caller.create()) == "created"

    assert called == [member.accounts[environment] for member in USERS]
    assert len(set(called)) == 3


def test_consent_is_each_users_own(twin: Twin) -> None:
    """That Ada allowed the app says nothing for Dana or for Sam of Ada's own account."""
    story = Story(twin)
    story.configure("demo")
    story.consent("demo", ADA)

    for member in (DANA, SAM):
        with refused_by_oauth("consent_required"):
            story.impersonate("demo", member)


def test_consent_without_impersonation_is_no_consent_to_it(twin: Twin) -> None:
    """A user who allowed the app to sign cannot be impersonated until they allow that too."""
    story = Story(twin)
    story.configure("demo")
    story.consent("demo", DANA, ("signature",))
    with refused_by_oauth("consent_required"):
        story.impersonate("demo", DANA)

    story.consent("demo", DANA)

    assert story.impersonate("demo", DANA).account == DANA.accounts["demo"]


def test_each_user_stays_in_their_accounts(live: Story) -> None:
    """One key opens no account to whoever is no member of it."""
    live.consent("demo", DANA)
    caller = live.impersonate("demo", DANA)

    with refused_by_api(400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"):
        caller.envelopes.list_status_changes(ADA.accounts["demo"], from_date="2026-01-01")
    with refused_by_api(400, "USER_DOES_NOT_BELONG_TO_SPECIFIED_ACCOUNT"):
        ds.AccountsApi(caller.client).get_account_information(TESS.accounts["demo"])


def test_calls_of_all_users_count_for_the_key(twin: Twin) -> None:
    """The review judges the app: calls of three users in three accounts make 20 together."""
    story = Story(twin)
    story.configure("demo")
    for member, times in zip(USERS, (8, 7, 5), strict=True):
        story.consent("demo", member)
        story.impersonate("demo", member).create(times)

    review = story.review()

    assert (review["status"], review["run"]) == ("Review Passed", 20)


def without_trace(place: Place, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
    """All that an answer tells, but for what differs with every request."""
    answer = place.ask(method, path, body)
    told = answer.json()
    del told["trace"]
    return answer.status_code, told


@pytest.mark.parametrize("member", [DANA, TESS], ids=["Dana", "Tess"])
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"name": "Mine now"}),
        ("DELETE", "", None),
        ("PUT", "/stop", {}),
        ("POST", "/token-revocations", {}),
        ("GET", "/secrets", None),
        ("POST", "/secrets", {}),
        ("POST", "/keypairs", {}),
        ("GET", "/redirect-uris", None),
        ("POST", "/redirect-uris", {"uri": "https://evil.example/callback"}),
        ("GET", "/readiness", None),
        ("GET", "/reviews", None),
        ("POST", "/reviews", {}),
        ("POST", "/tickets", {}),
    ],
)
def test_an_admin_of_another_account_sees_nothing_of_it(
    live: Story, tokens: dict[str, Place], member: Member, method: str, path: str, body: object
) -> None:
    """Though its users consented, the answer is word for word the one for a key that does not exist."""
    place = tokens[member.email]

    foreign = without_trace(place, method, f"/keys/{live.key}{path}", body)
    unknown = without_trace(place, method, f"/keys/{UNKNOWN}{path}", body)

    assert (foreign[0], foreign[1]["code"]) == (404, "no-such-key")
    assert foreign == unknown


@pytest.fixture(scope="module")
def tokens(live: Story) -> dict[str, Place]:
    """Demo, asked by the admins of the other accounts."""
    return {member.email: asked_by(live.demo, member) for member in (DANA, TESS)}


def test_another_accounts_list_does_not_hold_it(live: Story, tokens: dict[str, Place]) -> None:
    """Other accounts list their own keys only, and Ada's list stays closed to their admins."""
    for member in (DANA, TESS):
        place = tokens[member.email]

        assert place.get(f"/accounts/{member.accounts['demo']}/keys") == {"keys": []}
        foreign = without_trace(place, "GET", f"/accounts/{ADA.accounts['demo']}/keys")
        unknown = without_trace(place, "GET", f"/accounts/{UNKNOWN}/keys")
        assert (foreign[0], foreign[1]["code"]) == (404, "no-such-account")
        assert foreign == unknown


def test_a_member_who_is_no_admin_sees_nothing_of_it(live: Story) -> None:
    """A sender of the management account is told that an admin is needed, and nothing else."""
    sam = asked_by(live.demo, SAM)

    assert sam.refused("GET", f"/keys/{live.key}") == (403, "not-an-admin")
    assert sam.refused("GET", f"/accounts/{ADA.accounts['demo']}/keys") == (403, "not-an-admin")
