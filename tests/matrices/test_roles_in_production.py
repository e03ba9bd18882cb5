"""Does production, too, show nobody what is not theirs? Nobody here may do what they ask, so nothing is changed."""

from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import urlencode

import pytest

from keysteward.twin import cast
from tests.attacks.scene import UNKNOWN, basic, decides, sign_in
from tests.attacks.wire import Reply
from tests.matrices.estate import DANA, SAM, SCOPES, Estate, is_refused, same
from tests.matrices.guards import Ask, Guard, asks, guard_of
from tests.twin.person import Page

ASKS = [ask for ask in asks() if not ask.leads_home and guard_of(ask.path)]


class Abroad:
    """The same estate in production, as somebody there asks it."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._wire, self._place = estate.wire("production"), estate.place("production")
        self.session = cache(self._session)
        self.token = cache(self._token)

    def target(self, ask: Ask, **named: str) -> str:
        """The address of a route."""
        return self._estate.target("production", ask, **named)

    def nobody(self, ask: Ask, target: str) -> Reply:
        """What nobody is answered."""
        return self._estate.ask("production", ask, target)

    def by_session(self, ask: Ask, email: str, target: str) -> Reply:
        """What somebody is answered in the console."""
        return self._estate.ask("production", ask, target, Cookie=self.session(email))

    def by_token(self, ask: Ask, email: str, target: str) -> Reply:
        """What somebody's app is answered."""
        return self._estate.ask("production", ask, target, Authorization=f"Bearer {self.token(email)}")

    def _session(self, email: str) -> str:
        return sign_in(self._wire, email)

    def _token(self, email: str) -> str:
        """An access token with every scope, of the app that is live: they press Allow."""
        variables, session = self._place.variables, sign_in(self._wire, email)
        key = variables["DS_INTEGRATION_KEY"]
        asked = {"client_id": key, "redirect_uri": variables["DS_REDIRECT_URI"], "response_type": "code"}
        shown = self._wire.ask("GET", "/oauth/auth?" + urlencode(asked | {"scope": SCOPES}), Cookie=session)
        form = next(each for each in Page(shown.status, self._wire.origin, shown.text).forms if decides(each.buttons))
        decided = form.values | {"decision": "allow"}
        target = form.action.removeprefix(self._wire.origin)
        code = self._wire.ask("POST", target, decided, Cookie=session, Origin=self._wire.origin).told["code"]
        redeemed = {"grant_type": "authorization_code", "code": code}
        header = basic(key, variables["DS_SECRET_KEY"])
        return str(self._wire.ask("POST", "/oauth/token", redeemed, Authorization=header).said["access_token"])


@pytest.fixture(scope="session")
def abroad(estate: Estate) -> Abroad:
    """Production."""
    return Abroad(estate)


def for_everybody(abroad: Abroad, ask: Ask) -> None:
    """Holding a token changes nothing."""
    target = abroad.target(ask)
    nobody, sam = abroad.nobody(ask, target), abroad.by_token(ask, SAM, target)

    assert (sam.status, sam.location) == (nobody.status, nobody.location)


def for_apps(abroad: Abroad, ask: Ask) -> None:
    """No token, no answer; a session is none."""
    target = abroad.target(ask)

    assert abroad.nobody(ask, target).status == 401
    assert abroad.by_session(ask, SAM, target).status == 401


def for_members(abroad: Abroad, ask: Ask) -> None:
    """To others an account is as absent as one that does not exist."""
    target, unknown = abroad.target(ask), abroad.target(ask, account=UNKNOWN)
    stranger = abroad.by_token(ask, DANA, target)

    assert abroad.nobody(ask, target).status == 401
    assert stranger.status in {400, 401, 403, 404}
    assert same(stranger) == same(abroad.by_token(ask, DANA, unknown))


def for_admins_of_an_organization(abroad: Abroad, ask: Ask) -> None:
    """To members and strangers it is as absent as one that does not exist."""
    target, unknown = abroad.target(ask), abroad.target(ask, organization=UNKNOWN)
    asked = abroad.by_session if guard_of(ask.path) == "council" else abroad.by_token

    assert is_refused(abroad.nobody(ask, target))
    for email in (DANA, SAM):
        absent = asked(ask, email, unknown)
        assert (absent.status, same(asked(ask, email, target))) == (404, same(absent))


def for_somebody(abroad: Abroad, ask: Ask) -> None:
    """Nobody is nobody; what is somebody else's is as absent as what does not exist."""
    target = abroad.target(ask, id=UNKNOWN)

    assert is_refused(abroad.nobody(ask, target))


def for_admins_of_the_account_in_use(abroad: Abroad, ask: Ask) -> None:
    """A member is told who can do it, or that it is done in demo only."""
    target = abroad.target(ask)

    assert is_refused(abroad.nobody(ask, target))
    assert abroad.by_session(ask, SAM, target).status in {403, 409}


def for_admins(abroad: Abroad, ask: Ask) -> None:
    """A member is told who can; strangers cannot tell it from what does not exist. Some is done in demo only."""
    target, unknown = abroad.target(ask, key=cast.TOOLBOX), abroad.target(ask, key=UNKNOWN, account=UNKNOWN)
    stranger, member = (abroad.by_session(ask, email, target) for email in (DANA, SAM))

    assert is_refused(abroad.nobody(ask, target))
    assert same(stranger) == same(abroad.by_session(ask, DANA, unknown))
    assert (stranger.status, member.status) in {(404, 403), (409, 409)}


def for_operators(abroad: Abroad, ask: Ask) -> None:
    """Reviews are in demo only, whoever asks here; accounts and leavers are for operators in both."""
    target = abroad.target(ask)
    is_review = "/reviews" in ask.path

    assert is_refused(abroad.nobody(ask, target))
    assert abroad.by_session(ask, SAM, target).status == (409 if is_review else 403)


JUDGES: Mapping[Guard, Callable[[Abroad, Ask], None]] = {
    "nobody": for_everybody, "token": for_apps, "member": for_members, "session": for_somebody,
    "organization": for_admins_of_an_organization, "council": for_admins_of_an_organization,
    "in use": for_admins_of_the_account_in_use, "account": for_admins, "key": for_admins,
    "operator": for_operators,
}  # fmt: skip


@pytest.mark.parametrize("ask", [ask for ask in ASKS if guard_of(ask.path) != "way in"], ids=str)
def test_production_shows_nothing_of_others(abroad: Abroad, ask: Ask) -> None:
    """Each route is judged as its class says; who is on their way in is nobody yet."""
    guard = guard_of(ask.path)
    assert guard is not None
    JUDGES[guard](abroad, ask)
