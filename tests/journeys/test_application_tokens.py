"""Does an app that acts for an organization, not for a user, come from a new key to a live one?"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docusign_admin as da
import docusign_esign as ds
import pytest
from docusign_admin.client.api_exception import ApiException as AdminException

from keysteward.rules.words import Environment
from keysteward.twin.cast import TOWNS
from tests.journeys.people import ADA, CY, ROBIN, SAM, authorize_application
from tests.journeys.stage import Stage
from tests.journeys.story import Story, refused_by_api
from tests.twin.running import Twin

SCOPES = ("organization_read", "user_read", "permission_read", "domain_read")


class Administration:
    """A program that asks the Admin API with the unmodified SDK and an application token."""

    def __init__(self, story: Story, environment: Environment, scopes: tuple[str, ...] = SCOPES) -> None:
        place = story.demo if environment == "demo" else story.production
        self.town = TOWNS[environment]
        self.client = da.ApiClient(host=f"{place.origin}/management", oauth_host_name=place.host)
        pem = story.private_keys[environment]
        token = self.client.request_jwt_application_token(story.key, place.host, pem, 3600, list(scopes))
        self.token = str(token.access_token)

    def members(self) -> set[str]:
        """The addresses of the users of the account."""
        found = da.UsersApi(self.client).get_users(self.town.organization, account_id=self.town.account)
        return {user.email for user in found.users}

    def organizations(self) -> list[str]:
        """The organizations that authorized the app."""
        return [each.id for each in da.AccountsApi(self.client).get_organizations().organizations]

    def domains(self) -> list[tuple[str, str]]:
        """The claimed domains, each with its status."""
        found = da.ReservedDomainsApi(self.client).get_reserved_domains(self.town.organization).reserved_domains
        return [(each.host_name, each.status) for each in found]

    def profiles(self) -> set[str]:
        """The names of the permission profiles of the account."""
        found = da.AccountsApi(self.client).get_permissions(self.town.organization, self.town.account)
        return {each.name for each in found.permissions}


@contextmanager
def refused_by_admin_api(status: int, error: str) -> Iterator[None]:
    """Expect a refusal of the Admin API or the token endpoint, by its status and error."""
    with pytest.raises(AdminException) as raised:
        yield
    assert (raised.value.status, json.loads(raised.value.body)["error"]) == (status, error)


@pytest.fixture
def stage(settled: Stage, tmp_path: Path) -> Iterator[Stage]:
    """A stage of this story's own: its twin is stopped on the way, for there is no address to authorize an app at."""
    with settled.copied(tmp_path / "twin") as stage:
        yield stage


@pytest.fixture
def twin(stage: Stage) -> Iterator[Twin]:
    """The twin on it."""
    with stage.running() as twin:
        yield twin


@contextmanager
def authorized(stage: Stage, story: Story, environment: Environment) -> Iterator[None]:
    """Stop the twin, let the organization authorize the app, and start it again."""
    assert story.twin.stop() == 0
    authorize_application(stage, environment, story.key, SCOPES)
    with stage.running() as again:
        story.move_to(again)
        yield


def test_from_a_new_key_to_an_application_token_in_production(stage: Stage, twin: Twin) -> None:
    """Refused until the organization authorizes it in demo, then refused again in production until it does so there.

    In between the same way as for every key: 20 calls for a user, review, promotion, settings.
    """
    story = Story(twin, "Provisioning")
    caller = story.start_in_demo()
    caller.create(20)
    with refused_by_admin_api(400, "consent_required"):
        Administration(story, "demo")

    with authorized(stage, story, "demo"):
        everything_is_told(Administration(story, "demo"))
        assert (story.readiness()["status"], story.readiness()["run"]) == ("ready", 20)
        assert story.review()["status"] == "Review Passed"
        story.promote(story.present())
        story.wait_until_live()
        story.configure("production")
        with refused_by_admin_api(400, "consent_required"):
            Administration(story, "production")

        with authorized(stage, story, "production"):
            everything_is_told(Administration(story, "production"))


def everything_is_told(administration: Administration) -> None:
    """The organization, its people, its domain and the account's profiles, as the SDK reads them."""
    assert administration.organizations() == [administration.town.organization]
    assert administration.members() == {ADA.email, CY.email, ROBIN.email, SAM.email}
    assert administration.domains() == [("northwind.example", "active")]
    assert administration.profiles() == {"DS Admin", "DS Sender", "DS Viewer", "Developer"}


def test_an_application_token_is_for_the_admin_api_only(stage: Stage, twin: Twin) -> None:
    """It has no user: the eSignature API and userinfo refuse it, and so does the Admin API for a foreign organization.

    Scopes that the organization did not authorize are not had.
    """
    story = Story(twin)
    caller = story.start_in_demo()
    with authorized(stage, story, "demo"):
        administration = Administration(story, "demo")
        host = f"{story.demo.origin}/restapi"
        astray = ds.ApiClient(host=host, header_name="Authorization", header_value=f"Bearer {administration.token}")

        with refused_by_api(403, "USER_LACKS_PERMISSIONS"):
            ds.EnvelopesApi(astray).list_status_changes(caller.account, from_date="2026-01-01")
        with refused_by_admin_api(401, "invalid_token"):
            administration.client.get_user_info(administration.token)
        with refused_by_admin_api(404, "invalid_request"):
            foreign = TOWNS["production"].organization
            da.UsersApi(administration.client).get_users(foreign, account_id=administration.town.account)
        with refused_by_admin_api(400, "consent_required"):
            Administration(story, "demo", (*SCOPES, "user_write"))
        assert story.readiness()["run"] == 0
