"""What obeys the twin's clock, and what the machine's?"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import docusign_esign as ds
import pytest
from docusign_esign.client.api_exception import ApiException
from docusign_esign.client.configuration import Configuration

from keysteward.twin import cast
from tests.twin.person import Person
from tests.twin.running import Place, Twin, running, state_of


@pytest.fixture(scope="module")
def started(stopped: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """A twin whose clock these tests move."""
    with running(shutil.copytree(stopped, tmp_path_factory.mktemp("moved") / "twin")) as twin:
        yield twin


@pytest.fixture
def moved(started: Twin) -> Twin:
    """That twin, at the machine's own time."""
    started.set_clock(offset_seconds=0)
    Configuration().ssl_ca_cert = started.facts["ca_file"]
    return started


def signed_in(place: Place) -> str:
    """The access token that the unmodified SDK gets with a new assertion."""
    variables = place.variables
    key = Path(variables["DS_PRIVATE_KEY_FILE"]).read_bytes()
    asked = (variables["DS_INTEGRATION_KEY"], variables["DS_USER_ID"], place.host, key, 3600, ["signature"])
    return str(ds.ApiClient(oauth_host_name=place.host).request_jwt_user_token(*asked).access_token)


def status_with(place: Place, token: str) -> int:
    """The status of userinfo with an access token."""
    try:
        ds.ApiClient(oauth_host_name=place.host).get_user_info(token)
    except ApiException as error:
        return int(error.status)
    return 200


def test_access_tokens_of_before_expire(moved: Twin) -> None:
    """A token issued before the clock went two hours ahead is refused in both environments; a new one is good."""
    places = (moved.demo, moved.production)
    old = [signed_in(place) for place in places]
    assert [status_with(*each) for each in zip(places, old, strict=True)] == [200, 200]

    moved.advance(hours=2)

    assert [status_with(*each) for each in zip(places, old, strict=True)] == [401, 401]
    assert [status_with(place, signed_in(place)) for place in places] == [200, 200]


@pytest.mark.parametrize("days", [400, -400])
def test_assertions_keep_working_in_moved_time(moved: Twin, days: int) -> None:
    """What a client dates by itself is judged by the machine's clock, more than a year away in either direction."""
    moved.advance(days=days)

    for place in (moved.demo, moved.production):
        assert status_with(place, signed_in(place)) == 200


def test_personal_tokens_of_before_expire_and_are_renewed(folder: Path) -> None:
    """After 91 days the token of `dev.env` is refused; the next start puts a good one there, at the moved time."""
    with running(folder) as twin:
        old = twin.demo.token
        twin.advance(days=91)
        assert twin.demo.refused("GET", "/me") == (401, "not-signed-in")

    with running(folder) as again:
        assert again.control("GET", "/clock").json()["offset_seconds"] == 91 * 86_400
        assert again.demo.token != old
        assert again.production.get("/me")["user"]["email"] == again.demo.get("/me")["user"]["email"]


def test_sessions_of_before_expire(moved: Twin) -> None:
    """A person who signed in 13 hours ago is asked to sign in again: the console's API knows them no more."""
    ada = Person(cast.ada("demo").email, moved.demo.ca_file)
    ada.sign_in(moved.demo)
    assert ada.status(moved.demo, "/api/v1/me") == 200

    moved.advance(hours=13)

    assert ada.status(moved.demo, "/api/v1/me") == 401


def test_a_pass_expires(moved: Twin) -> None:
    """The seeded pass is ten days old: it stands 79 days later and is over after two more."""
    person = Person(cast.ada("demo").email, moved.demo.ca_file)
    moved.advance(days=79)
    assert state_of(moved.demo, cast.READY_TO_GO)[0] == "Review Passed"

    moved.advance(days=2)

    anew = moved.demo.with_token(person.personal_token(moved.demo))
    assert state_of(anew, cast.READY_TO_GO)[0] == "Review Expired"
