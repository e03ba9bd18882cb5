"""Does the gateway refuse an app that the path's account blocked?"""

from keysteward.actions import acting_apps
from tests.cast import ACME, ADA
from tests.gateway.peer import Gate


def test_a_blocked_app_reaches_nothing(opened: Gate) -> None:
    """The next call is refused before it is forwarded, and forwarded again once the app is unblocked."""
    town, key = opened.town, opened.made.key
    acting_apps.block_app(town.demo, town.actor(ADA), ACME.demo, key)
    refused = opened.call("GET", "/1234")
    asked = len(opened.api.asked)
    acting_apps.unblock_app(town.demo, town.actor(ADA), ACME.demo, key)

    assert (refused.status_code, refused.json()["errorCode"]) == (403, "USER_LACKS_PERMISSIONS")
    assert asked == 0
    assert opened.call("GET", "/1234").status_code == 200
