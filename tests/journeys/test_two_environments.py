"""Does anything of one environment work in the other?"""

import time

import docusign_esign as ds
import jwt
import pytest

from keysteward.rules.words import OTHER, Environment
from keysteward.twin.cast import REDIRECT_URIS
from tests.journeys.people import ADA
from tests.journeys.story import Caller, Story, refused_by_api, refused_by_oauth
from tests.twin.person import Person, Stranded
from tests.twin.running import Twin


@pytest.fixture(scope="module")
def live(twin: Twin) -> Story:
    """An app that is live and configured in production, where Ada has consented too."""
    story = Story(twin)
    story.go_live()
    story.consent("production")
    return story


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_a_token_of_the_other_environment_is_refused(live: Story, environment: Environment) -> None:
    """A good token brought to the other environment's API is refused there, in both directions, as what it is."""
    caller = live.impersonate(environment)
    other = live.impersonate(OTHER[environment])
    astray = ds.ApiClient(host=other.client.host, header_name="Authorization", header_value=f"Bearer {caller.token}")

    with refused_by_api(401, "USER_AUTHENTICATION_FAILED"):
        Caller(astray, caller.token, other.account).create()
    with refused_by_api(401, "USER_AUTHENTICATION_FAILED"):
        ds.AccountsApi(astray).get_account_information(other.account)


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_a_private_key_of_the_other_environment_is_refused(live: Story, environment: Environment) -> None:
    """Each environment knows its own keypairs only, though the integration key is the same."""
    with refused_by_oauth("invalid_grant", "no_valid_keys_or_signatures"):
        live.impersonate(environment, signed_with=live.private_keys[OTHER[environment]])


def test_a_secret_key_of_demo_is_refused_in_production(live: Story) -> None:
    """A code of production is not exchanged for the secret key of demo, and is good for its own afterwards."""
    code, client = live.consent("production"), ds.ApiClient(oauth_host_name=live.production.host)
    with pytest.raises(ds.client.api_exception.ApiException) as raised:
        client.generate_access_token(live.key, live.secrets["demo"], code)

    assert (raised.value.status, b'"error":"invalid_client"' in raised.value.body) == (401, True)
    assert live.redeem("production", code).account == ADA.accounts["production"]


def test_a_user_of_the_other_environment_is_unknown(live: Story) -> None:
    """The GUID of Ada's demo user is nobody's in production."""
    client, pem = ds.ApiClient(oauth_host_name=live.production.host), live.private_keys["production"]

    with refused_by_oauth("invalid_grant", "user_not_found"):
        asked = (live.key, ADA.users["demo"], live.production.host, pem, 3600, ["signature"])
        client.request_jwt_user_token(*asked)


def test_an_assertion_for_the_other_environment_is_refused(live: Story) -> None:
    """`aud` names demo: production does not take it, though the key, the user and the signature are its own."""
    now = int(time.time())
    claims = {"iss": live.key, "sub": ADA.users["production"], "iat": now, "exp": now + 600, "scope": "signature"}
    answers = []
    for place in (live.demo, live.production):
        assertion = jwt.encode(claims | {"aud": place.host}, live.private_keys["production"].decode(), "RS256")
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        answers.append(live.production.request("POST", "/oauth/token", data=form))

    assert [answer.status_code for answer in answers] == [400, 200]
    assert answers[0].json() == {"error": "invalid_grant", "error_description": "issuer_not_found"}


def test_a_demo_key_is_unknown_in_production(twin: Twin) -> None:
    """A key that passed but was not promoted gets neither a token nor a consent page there."""
    story = Story(twin)
    story.pass_review()
    story.private_keys["production"] = story.private_keys["demo"]

    with refused_by_oauth("invalid_grant", "issuer_not_found"):
        story.impersonate("production")
    with pytest.raises(Stranded) as stranded:
        story.consent("production")
    assert (stranded.value.page.status, "unknown-client" in stranded.value.page.text) == (400, True)


def test_a_promoted_key_without_settings_gets_no_token(twin: Twin) -> None:
    """Freshly promoted, the JWT grant finds no keypair, and consent no redirect URI, until an admin adds them."""
    story = Story(twin)
    story.pass_review()
    story.promote(story.present())
    story.private_keys["production"] = story.private_keys["demo"]

    with refused_by_oauth("invalid_grant", "no_valid_keys_or_signatures"):
        story.impersonate("production")
    with pytest.raises(Stranded) as stranded:
        story.consent("production")
    assert "redirect-uri-not-registered" in stranded.value.page.text

    story.configure("production")
    with refused_by_oauth("consent_required"):
        story.impersonate("production")
    story.consent("production")
    assert story.impersonate("production").create()


@pytest.mark.parametrize("environment", ["demo", "production"])
def test_a_personal_token_of_the_other_environment_is_refused(live: Story, environment: Environment) -> None:
    """A program's token for one environment's `/api/v1` is nobody's in the other."""
    place, other = (live.demo, live.production) if environment == "demo" else (live.production, live.demo)

    assert place.with_token(other.token).refused("GET", "/me") == (401, "not-signed-in")


def test_an_access_token_is_no_personal_token(live: Story) -> None:
    """A token issued to an integration key manages no keys, not even its own."""
    place = live.demo.with_token(live.impersonate("demo").token)

    assert place.refused("GET", f"/keys/{live.key}") == (401, "not-signed-in")


def test_one_browser_is_signed_in_to_each_by_itself(live: Story) -> None:
    """Signed in to demo, production still asks; signed in to both, both know the person."""
    ada = Person(ADA.email, live.demo.ca_file)
    ada.sign_in(live.demo)
    assert (ada.status(live.demo, "/api/v1/me"), ada.status(live.production, "/api/v1/me")) == (200, 401)

    ada.sign_in(live.production)

    assert (ada.status(live.demo, "/api/v1/me"), ada.status(live.production, "/api/v1/me")) == (200, 200)


def test_a_person_who_denies_is_sent_back(live: Story) -> None:
    """Deny sends the browser back with access_denied and the state, and no code."""
    sam = Person("sam@northwind.example", live.demo.ca_file)
    redirect_uri = REDIRECT_URIS["demo"]
    client = ds.ApiClient(oauth_host_name=live.demo.host)
    url = client.get_authorization_uri(live.key, ["signature"], redirect_uri, "code", state="s-1")

    told = sam.authorize(url, redirect_uri, "deny")

    assert (told["error"], told["state"], "code" in told) == ("access_denied", "s-1", False)
