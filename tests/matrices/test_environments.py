"""Is anything of one environment accepted anywhere in the other?"""

import pytest

from keysteward.rules.words import ENVIRONMENTS, OTHER, Environment
from tests.attacks.scene import sign_in
from tests.matrices.estate import Estate, is_refused, same
from tests.matrices.guards import Ask, asks, guard_of

ASKS = asks()


def credentials(estate: Estate, environment: Environment) -> dict[str, dict[str, str]]:
    """What Ada holds in one environment: an access token, a personal access token and a session."""
    place = estate.place(environment)
    cookie = sign_in(estate.wire(environment), place.variables["DS_LOGIN_EMAIL"])
    return {
        "an access token": {"Authorization": f"Bearer {estate.access_token(environment)}"},
        "a personal access token": {"Authorization": f"Bearer {place.token}"},
        "a session": {"Cookie": cookie},
        "a session under our cookie's name": {
            "Cookie": cookie.replace(f"ks-{environment}=", f"ks-{OTHER[environment]}=")
        },
    }


@pytest.fixture(scope="session")
def held(estate: Estate) -> dict[Environment, dict[str, dict[str, str]]]:
    """The same of both."""
    return {environment: credentials(estate, environment) for environment in ENVIRONMENTS}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("ask", ASKS, ids=str)
def test_nothing_of_the_other_environment_is_accepted(
    estate: Estate, held: dict[Environment, dict[str, dict[str, str]]], environment: Environment, ask: Ask
) -> None:
    """Whoever brings it gets what nobody gets, or a refusal that says why."""
    target = estate.target(environment, ask)
    nobody = same(estate.ask(environment, ask, target))

    for name, headers in held[OTHER[environment]].items():
        reply = estate.ask(environment, ask, target, **headers)
        assert is_refused(reply) or same(reply) == nobody, name


OPEN = [
    ask
    for ask in ASKS
    if ask.method == "GET" and not ask.leads_home and guard_of(ask.path) not in {"nobody", "way in", None}
]


@pytest.mark.parametrize("environment", ENVIRONMENTS)
@pytest.mark.parametrize("ask", OPEN, ids=str)
def test_the_own_environment_accepts(
    estate: Estate, held: dict[Environment, dict[str, dict[str, str]]], environment: Environment, ask: Ask
) -> None:
    """The matrix would notice a house that refuses everybody: one of the same three opens each guarded page."""
    target = estate.target(environment, ask)
    replies = [estate.ask(environment, ask, target, **headers) for headers in held[environment].values()]

    assert [reply.status for reply in replies if not is_refused(reply)] != []
